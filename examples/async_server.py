"""A server that answers several searches at once: a question a line, JSON a line.

First, once: citewell ingest corpora/llm-primer
It then asks itself three questions at once, and ends.
"""

import asyncio
import json
from functools import partial

from citewell.retrieval import Retriever, open_retriever

QUESTIONS = (
    "What is low-rank adaptation?",
    "How many values does LoRA train?",
    "What is QLoRA?",
)


async def serve(
    retriever: Retriever, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the questions of one client. While one is searched, others are too."""
    async for line in reader:
        if question := line.decode(errors="replace").strip():
            result = await retriever.asearch(question, k=1)
            found = [{"document": passage.document, "text": passage.text} for passage in result]
            writer.write(json.dumps(found).encode() + b"\n")
            await writer.drain()
    writer.close()


async def ask(port: int, question: str) -> str:
    """Ask a server, as a client would, and return the line that it answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{question}\n".encode())
    writer.write_eof()
    answer = await reader.readline()
    writer.close()
    return answer.decode()


async def main() -> None:
    """Serve on a free port of this machine, and ask all questions at once."""
    with open_retriever() as retriever:
        server = await asyncio.start_server(partial(serve, retriever), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            answers = await asyncio.gather(*(ask(port, question) for question in QUESTIONS))
    for question, answer in zip(QUESTIONS, answers, strict=True):
        print(question, json.loads(answer), sep="\n", end="\n\n")


if __name__ == "__main__":
    asyncio.run(main())
