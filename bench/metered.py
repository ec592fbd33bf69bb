"""A language model that counts what goes into it and what comes out."""

from collections.abc import Generator, Sequence

from citewell.app.llms.protocol import (
    GenerationSettings,
    LanguageModel,
    Message,
    is_small,
    was_taught,
)


class Metered:
    """Passes everything on to another model, and counts."""

    def __init__(self, model: LanguageModel) -> None:
        self._model = model
        self._asked: list[str] = []
        self._said: list[str] = []

    @property
    def name(self) -> str:
        """That of the model."""
        return self._model.name

    @property
    def place(self) -> str:
        """That of the model."""
        return self._model.place

    @property
    def context_tokens(self) -> int | None:
        """That of the model."""
        return self._model.context_tokens

    @property
    def taught(self) -> bool:
        """That of the model."""
        return was_taught(self._model)

    @property
    def small(self) -> bool:
        """That of the model."""
        return is_small(self._model)

    def count_tokens(self, text: str) -> int:
        """Count as the model does."""
        return self._model.count_tokens(text)

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the reply of the model."""
        self._asked.extend(message.content for message in messages)
        for piece in self._model.stream(messages, settings):
            self._said.append(piece)
            yield piece

    def close(self) -> None:
        """Close the model."""
        self._model.close()

    def taken(self) -> tuple[int, int]:
        """Return tokens in and out since the last call; the marks of a chat are not counted."""
        asked, said = self._asked, "".join(self._said)
        self._asked, self._said = [], []
        return sum(map(self.count_tokens, asked)), self.count_tokens(said) if said else 0
