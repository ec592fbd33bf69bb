"""LangChain and LlamaIndex as their documentation cites, with passages and a model that are given.

LangChain: "How to get a RAG application to add citations", direct prompting, which it names for
models that call no tools: the prompt asks for XML with the answer and, for each citation, the
source's number and a verbatim quote, which XMLOutputParser reads. A reply that is no such XML is
taken as it is, without citations. LlamaIndex: CitationQueryEngine, with its prompts and its
defaults. Both get the passages of Citewell's search, and Citewell's language model.
"""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from bench.baseline import declined, refuses, whole
from bench.metered import Metered
from bench.questions import GoldQuestion
from bench.replies import Cited, Reply, Sentence, documents_of
from citewell.app.drafting import draft_sentences
from citewell.app.llms.factory import generation_settings
from citewell.app.llms.protocol import Message, Role
from citewell.app.quotes import locate
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Passage

System = Callable[[GoldQuestion], Reply]

CONTEXT = 8192
"""Tokens taken as a model's context where it names none."""

XML_PROMPT = """You are a helpful assistant. Answer the user's question from the articles below \
and give citations. If none of the articles answers the question, just say you don't know.

Return an answer and citations. A citation is a verbatim quote that justifies the answer, with the \
ID of the article it is from. Use this format:

<cited_answer>
    <answer></answer>
    <citations>
        <citation><source_id></source_id><quote></quote></citation>
        ...
    </citations>
</cited_answer>

Here are the articles:
{context}"""

_ROLES: dict[str, Role] = {"system": "system", "human": "user", "ai": "assistant"}
_TAG = re.compile(r"</?\w+>")


def langchain_citations(retriever: Retriever, model: Metered, settings: Settings) -> System:
    """Return LangChain's chain of prompt, chat model and XMLOutputParser.

    Raises:
        ImportError: If a package of it is not installed.
    """
    from langchain_core.exceptions import OutputParserException
    from langchain_core.language_models.chat_models import SimpleChatModel
    from langchain_core.messages import BaseMessage
    from langchain_core.output_parsers import XMLOutputParser
    from langchain_core.prompts import ChatPromptTemplate

    class Given(SimpleChatModel):
        @property
        def _llm_type(self) -> str:
            return "citewell"

        def _call(self, messages: list[BaseMessage], *args: Any, **options: Any) -> str:
            asked = [Message(_ROLES[each.type], str(each.content)) for each in messages]
            return "".join(model.stream(asked, generation_settings(settings)))

    prompt = ChatPromptTemplate.from_messages([("system", XML_PROMPT), ("human", "{question}")])
    write = prompt | Given()
    parser = XMLOutputParser(parser="xml")

    def reply(question: GoldQuestion) -> Reply:
        begun = time.perf_counter()
        found = retriever.search(question.text, settings.k).passages
        written = write.invoke({"context": _articles(found), "question": question.text})
        try:
            text, cited = _cited_answer(parser.invoke(written), found)
        except (OutputParserException, ValueError):
            text, cited = _TAG.sub(" ", str(written.content)), ()
        return _whole_reply(text, lambda said: cited, found, begun, model)

    return reply


def _articles(found: Sequence[Passage]) -> str:
    return "\n\n".join(
        f"<source>\n  <source_id>{each.rank}</source_id>\n  <title>{each.title}</title>\n"
        f"  <article_snippet>{each.text}</article_snippet>\n</source>"
        for each in found
    )


def _cited_answer(parsed: Any, found: Sequence[Passage]) -> tuple[str, tuple[Cited, ...]]:
    """Read what XMLOutputParser gives: lists of one mapping each, in the order of the tags.

    Raises:
        ValueError: If it is not the form that was asked for.
    """
    try:
        parts = {name: value for each in parsed["cited_answer"] for name, value in each.items()}
        text = str(parts["answer"] or "").strip()
        rows = [
            {name: value for part in each["citation"] for name, value in part.items()}
            for each in parts.get("citations") or []
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"The reply is no cited_answer: {error!r}. Take it as text.") from error
    named = {str(each.rank): each for each in found}
    return text, tuple(
        _place(str(row.get("quote") or ""), named[str(row.get("source_id")).strip()])
        for row in rows
        if str(row.get("source_id")).strip() in named
    )


def _place(quote: str, passage: Passage) -> Cited:
    """Return where a quote stands in its passage; the whole passage when it stands nowhere."""
    span = locate(quote, passage.text) if quote.strip() else None
    if span is None:
        return whole(passage)
    start = passage.chunk.start
    return Cited(passage.document, start + span[0], start + span[1], quote)


def llamaindex_citations(retriever: Retriever, model: Metered, settings: Settings) -> System:
    """Return LlamaIndex's CitationQueryEngine.

    Raises:
        ImportError: If a package of it is not installed.
    """
    from llama_index.core.base.llms.types import CompletionResponse, LLMMetadata
    from llama_index.core.llms import CustomLLM
    from llama_index.core.query_engine import CitationQueryEngine
    from llama_index.core.retrievers import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

    class Given(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(
                context_window=model.context_tokens or CONTEXT, num_output=settings.max_tokens
            )

        def complete(self, prompt: str, *args: Any, **options: Any) -> CompletionResponse:
            asked = [Message("user", prompt)]
            return CompletionResponse(
                text="".join(model.stream(asked, generation_settings(settings)))
            )

        def stream_complete(self, prompt: str, *args: Any, **options: Any) -> Any:
            raise NotImplementedError("The engine is asked for whole answers.")

    class Passages(BaseRetriever):
        """Remembers what it found last."""

        found: Sequence[Passage] = ()

        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            self.found = retriever.search(query_bundle.query_str, settings.k).passages
            return [
                NodeWithScore(
                    node=TextNode(text=each.text, metadata={"rank": each.rank}), score=each.score
                )
                for each in self.found
            ]

    passages = Passages()
    engine = CitationQueryEngine(retriever=passages, llm=Given())

    def reply(question: GoldQuestion) -> Reply:
        begun = time.perf_counter()
        response = engine.query(question.text)
        found = passages.found
        named = [found[each.node.metadata["rank"] - 1] for each in response.source_nodes]

        def cited(markers: Sequence[int]) -> tuple[Cited, ...]:
            return tuple(whole(named[n - 1]) for n in markers if 0 < n <= len(named))

        return _whole_reply(str(response), cited, found, begun, model)

    return reply


def _whole_reply(
    text: str,
    cited: Callable[[Sequence[int]], tuple[Cited, ...]],
    found: Sequence[Passage],
    begun: float,
    model: Metered,
) -> Reply:
    """Return a reply that came at once; ``cited`` says what the markers of a sentence cite."""
    seconds = time.perf_counter() - begun
    tokens = model.taken()
    if refuses(text):
        return declined(found, seconds, tokens)
    sentences = tuple(Sentence(each.text, cited(each.markers)) for each in draft_sentences([text]))
    return Reply("generated", sentences, documents_of(found), seconds, seconds, tokens=tokens)
