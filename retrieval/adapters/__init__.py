"""The retriever in the shape that other frameworks expect; each is imported only when asked for.

``for_langchain`` holds a retriever of LangChain, ``for_llama_index`` one of LlamaIndex.
"""
