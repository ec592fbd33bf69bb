"""What answering needs of a language model."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSettings:
    """How text is generated.

    Attributes:
        max_tokens: Most tokens to write.
        temperature: 0 always takes the likeliest token.
        top_p: Sample from the likeliest tokens that make up this share, above 0 to 1.
        top_k: Sample from so many of the likeliest tokens; 0 sets no limit.
        repetition_penalty: From 1; above it makes tokens that were used less likely.
        stop: Texts at which generation ends; they are not part of the result.
        seed: Of sampling. Not every model honours it.
        timeout: Seconds the whole answer may take.
        max_chars: Characters after which a model that does not stop is stopped.
        think: Whether a model that can think before it answers, or not, is let to.
    """

    max_tokens: int = 96
    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    seed: int = 0
    timeout: float = 60.0
    max_chars: int = 20_000
    think: bool = False


_BYTES_A_TOKEN = 3
"""English has 4 to 5, other languages in Latin script 3, Chinese 3 bytes of UTF-8 a token."""


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text is to a model whose tokenizer is not at hand."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)


class LanguageModel(Protocol):
    """Writes text. One call at a time; `stream` from several threads waits its turn."""

    @property
    def name(self) -> str:
        """How settings name it, such as ``bundled`` or ``openai:llama3.2``."""
        ...

    @property
    def place(self) -> str:
        """Where prompts go, in words: ``this machine``, or the address of a server."""
        ...

    @property
    def context_tokens(self) -> int | None:
        """Most tokens of prompt and answer together; None where it is not known."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text is to it, or an estimate that is rather too high.

        Never fails: of a model that cannot be loaded it is the estimate.
        """
        ...

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the reply piece by piece. Closing the iterator stops the generation.

        Raises:
            ModelUnreachable: If the server of the model cannot be reached.
            ModelError: If the model fails, or takes longer than ``settings.timeout``; what it
                had written until then has been yielded.
        """
        ...

    def close(self) -> None:
        """Free what it holds. Calling it twice is harmless."""
        ...


@runtime_checkable
class TaughtModel(Protocol):
    """What a model has besides that was tuned to answer from numbered evidence."""

    @property
    def taught(self) -> bool:
        """Whether it is asked by the short prompt that it was tuned with."""
        ...


def was_taught(model: LanguageModel | None) -> bool:
    """Tell whether a model was tuned to answer from numbered evidence."""
    return isinstance(model, TaughtModel) and model.taught


@runtime_checkable
class SmallModel(Protocol):
    """What a model has besides that is known to write worse than its evidence reads."""

    @property
    def small(self) -> bool:
        """Whether the documents' own words come before its own."""
        ...


def is_small(model: LanguageModel | None) -> bool:
    """Tell whether a model is known to write worse than its evidence reads."""
    return isinstance(model, SmallModel) and model.small
