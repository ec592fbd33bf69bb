"""A model's own answers to examples, before any check of them."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from citewell.app.drafting import NOT_FOUND, DraftSentence, draft_sentences, is_refusal
from citewell.app.llms.factory import generation_settings
from citewell.app.llms.protocol import LanguageModel, Message
from citewell.app.prompting import build, technique_for
from citewell.app.tuning.examples import Example
from citewell.app.tuning.matching import holds, token_f1
from citewell.retrieval.settings import Settings

PATIENCE = 600.0
"""Seconds a model may take: a machine that does other things too is to change no figure."""

Tell = Callable[[int, int], None]
"""Is told how many drafts there are, of how many."""


@runtime_checkable
class ScoringModel(Protocol):
    """What a model has besides that can say how likely a reply is."""

    def log_probability(self, messages: Sequence[Message], reply: str) -> float:
        """Return the logarithm of the probability of this whole reply and its end."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What a model wrote.

    Attributes:
        text: As it was written, markers and all.
        tokens: Of the text.
        first: Seconds to the first piece; None where nothing was written.
        seconds: To the end.
        pieces: That it came in.
    """

    text: str
    tokens: int
    first: float | None
    seconds: float
    pieces: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft held against its example.

    Attributes:
        seen: Whether a piece of the evidence holds an accepted answer.
        declined: Whether its first sentence is the refusal, and nothing else.
        contains: Whether an accepted answer stands in it; False of one that declined.
        f1: Of its words and those of the accepted answer that is nearest.
        marked: Whether it names a piece of evidence that holds an accepted answer, or that the
            target names.
        refusal: Logarithm of the probability of declining, of models that can say it.
    """

    example: Example
    draft: Draft
    seen: bool
    declined: bool
    contains: bool
    f1: float
    marked: bool
    refusal: float | None = None

    @property
    def answerable(self) -> bool:
        """Whether there is an accepted answer."""
        return bool(self.example.answers)


def evaluate(
    model: LanguageModel,
    examples: Sequence[Example],
    settings: Settings,
    tell: Tell = lambda done, total: None,
    *,
    scored: bool = False,
) -> Iterator[Judged]:
    """Yield what a model writes to each example, judged, in the order given.

    It is asked by the technique that settings name, else the one that suits it.

    Args:
        tell: Is told how far it has come.
        scored: Whether a model that can is also asked how likely it is to decline.

    Raises:
        ModelError: If it fails.
        NotConfigured: If it cannot be loaded.
    """
    technique = technique_for(model, settings)
    model.count_tokens(NOT_FOUND)  # loads it, so that no draft has to wait for that
    for number, example in enumerate(examples, 1):
        asked = build(technique, example.question, example.evidence, settings.prompts)
        found = judge(example, draft(model, asked, settings), thinks=technique == _THINKING)
        if scored and isinstance(model, ScoringModel):
            found = replace(found, refusal=model.log_probability(asked, NOT_FOUND))
        yield found
        tell(number, len(examples))


_THINKING = "chain-of-thought"


def draft(model: LanguageModel, messages: Sequence[Message], settings: Settings) -> Draft:
    """Return what a model writes to a prompt, with the time that it takes."""
    generation = replace(generation_settings(settings), timeout=PATIENCE)
    begun = time.perf_counter()
    first = None
    parts: list[str] = []
    with closing(model.stream(messages, generation)) as pieces:
        for piece in pieces:
            if piece:
                first = first or time.perf_counter() - begun
                parts.append(piece)
    seconds = time.perf_counter() - begun
    text = "".join(parts)
    tokens = model.count_tokens(text) if text else 0
    return Draft(text, tokens, first, seconds, len(parts))


def judge(example: Example, written: Draft, *, thinks: bool = False) -> Judged:
    """Hold a draft against its example."""
    sentences = list(draft_sentences([written.text], thinks=thinks))
    said = " ".join(sentence.text for sentence in sentences)
    declined = bool(sentences) and is_refusal(sentences[0])
    seen = {each.number for each in example.evidence if holds(each.text, example.answers)}
    named = _named(sentences)
    right = seen | _named(list(draft_sentences([example.target])))
    return Judged(
        example=example,
        draft=written,
        seen=bool(seen),
        declined=declined,
        contains=not declined and holds(said, example.answers),
        f1=0.0 if declined else token_f1(said, example.answers),
        marked=bool(named & right),
    )


def _named(sentences: Sequence[DraftSentence]) -> set[int]:
    return {number for sentence in sentences for number in sentence.markers}
