"""What a user sees when the server of the language model fails: ``python -m bench.model_faults``.

Asks one question through the whole of answering, once for each way in which a server can fail.
The sources must be there within 3 s, the answer must be quoted from the documents with a notice,
and the model may not be waited for longer than the timeout and a second.
"""

import argparse
import socket
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.model_server import ModelServer
from citewell.app.answer_values import Answer, Answered, Searched
from citewell.app.answering import Answerer
from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import GenerationSettings, LanguageModel, Message
from citewell.ingest.run import ingest_from
from citewell.ingest.sources import FolderSource
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings

SOURCES_WITHIN = 3.0
LATE = 1.0
QUESTION = "How tall is the lighthouse of Ostervik?"
TEXT = (
    "The lighthouse of Ostervik was built in 1873 from red granite. It is 41 metres tall and can "
    "be seen from 19 nautical miles away. The keeper's house beside it has been a museum since "
    "1998."
)
FAULTS = (
    *("down", "silent_port", "error", "busy", "unknown", "redirect", "hang", "dribble", "slow"),
    *("malformed", "wrong_json", "not_sse", "cut", "cut_quietly", "endless", "one_line"),
    "wrong_utf8",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a question.

    Attributes:
        sources_s: Seconds until the passages were there.
        model_s: Seconds that the language model was waited for.
        end_s: Seconds until the answer was complete.
    """

    fault: str
    sources_s: float
    model_s: float
    end_s: float
    answer: Answer

    def problems(self, timeout: float) -> list[str]:
        """Return what was not as it must be."""
        found = []
        if self.sources_s > SOURCES_WITHIN:
            found.append("sources late")
        if self.model_s > timeout + LATE:
            found.append("timeout not kept")
        if not self.answer.sentences:
            found.append("no answer")
        if not self.answer.notices:
            found.append("no notice")
        return found


class Watched:
    """A language model, with the seconds that its answers were waited for."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self.name, self.place, self.context_tokens = model.name, model.place, model.context_tokens
        self.seconds = 0.0

    def count_tokens(self, text: str) -> int:
        return self._model.count_tokens(text)

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        begun = time.perf_counter()
        try:
            yield from self._model.stream(messages, settings)
        finally:
            self.seconds += time.perf_counter() - begun

    def close(self) -> None:
        self._model.close()


def ask(fault: str, home: Path, timeout: float) -> Seen:
    """Ask the question while the server fails in one way."""
    with _server(fault) as address:
        settings = Settings(home=home, llm="openai:test", llm_base_url=address, llm_timeout=timeout)
        opened = open_model(settings.llm, settings)
        assert opened is not None
        model = Watched(opened)
        with Answerer(open_retriever(settings=settings), model, settings) as answerer:
            # Models are loaded before: what is measured is the fault.
            answerer.retriever.search(QUESTION)
            begun = time.perf_counter()
            for event in answerer.stream(QUESTION):
                if isinstance(event, Searched):
                    sources = time.perf_counter() - begun
                if isinstance(event, Answered):
                    answer = event.answer
            return Seen(fault, sources, model.seconds, time.perf_counter() - begun, answer)


@contextmanager
def _server(fault: str) -> Iterator[str]:
    """Yield the address of a server that fails in one way."""
    if fault in ("down", "silent_port"):
        with socket.socket() as port:
            port.bind(("127.0.0.1", 0))
            if fault == "silent_port":  # accepts connections, and nobody ever reads from them
                port.listen()
            yield f"http://127.0.0.1:{port.getsockname()[1]}/v1"
        return
    with closing(ModelServer(fault)) as server:
        server.elsewhere = "http://127.0.0.1:1/v1/chat/completions"
        yield server.address


def main() -> int:
    """Print a line for each fault. Returns 1 if something was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=float, default=5.0, help="seconds an answer may take")
    timeout = parser.parse_args().timeout
    bad = 0
    with tempfile.TemporaryDirectory(prefix="citewell-bench-") as folder:
        home, documents = Path(folder) / "home", Path(folder) / "documents"
        documents.mkdir()
        (documents / "ostervik.txt").write_text(TEXT, "utf-8")
        settings = Settings(home=home)
        ingest_from(FolderSource([documents], settings), settings)
        ask("ok", home, timeout)  # loads what is loaded once
        print("| fault | sources s | model s | end s | answer | notice | kept |")
        print("| --- | --- | --- | --- | --- | --- | --- |")
        for fault in FAULTS:
            seen = ask(fault, home, timeout)
            problems = seen.problems(timeout)
            bad += bool(problems)
            notice = seen.answer.notices[0] if seen.answer.notices else ""
            print(
                f"| {fault} | {seen.sources_s:.2f} | {seen.model_s:.2f} | {seen.end_s:.2f} | "
                f"{seen.answer.mode} ({seen.answer.fault or 'no fault'}) | {notice[:90]} | "
                f"{', '.join(problems) or 'yes'} |",
                flush=True,
            )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
