"""From a question to a checked answer: passages, evidence, draft, citations."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

from citewell.app.answer_values import Answer, Event
from citewell.app.llms.protocol import LanguageModel
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings


class Answerer:
    """Answers questions from one collection. Keeps the models loaded between questions."""

    def __init__(
        self, retriever: Retriever, model: LanguageModel | None, settings: Settings
    ) -> None:
        self._retriever = retriever
        self._model = model
        self._settings = settings

    def stream(self, question: str) -> Iterator[Event]:
        """Yield the passages, then each sentence as it passes its check, then the answer.

        Raises:
            ValueError: If the question is blank.
            CitewellError: If the store cannot be searched. A model that fails raises nothing:
                the answer is then extractive and says so.
        """
        ...

    def answer(self, question: str) -> Answer:
        """Return the whole answer at once."""
        ...

    def close(self) -> None:
        """Close the retriever and the model."""
        ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_answerer(settings: Settings) -> Answerer:
    """Open the collection and the language model that settings name.

    A bundled model that is not installed is no error: answers are then extractive and say so.
    """
    ...
