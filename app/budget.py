"""The evidence that a language model is given: what it has room for; what is cut is kept."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from citewell.app.answer_values import Evidence
from citewell.app.evidence import Scored, numbered
from citewell.app.extracts import Extract, extract, with_neighbour
from citewell.app.features import Question
from citewell.app.fencing import fence
from citewell.app.units import Candidate


@dataclass(frozen=True, slots=True)
class Budget:
    """How much evidence there is room for.

    Attributes:
        units: Most sentences and rows; one with the sentence that it leans on counts once.
        tokens: Most tokens of them together, with their titles, headings and headers.
        count: Returns how many tokens a text has for the model.
    """

    units: int
    tokens: int
    count: Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown to the model and what is not.

    Attributes:
        shown: Numbered from 1, the likeliest to hold the answer first.
        cut: The rest of what was found, numbered on.
        scored: Of each of `shown` the unit, with the sentence it leans on where that is shown.
        tokens: Of `shown` together.
        budget: Most tokens there was room for.
    """

    shown: tuple[Evidence, ...]
    cut: tuple[Evidence, ...]
    scored: tuple[Scored, ...]
    tokens: int
    budget: int


def choose(scored: Sequence[Scored], question: Question, budget: Budget) -> Chosen:
    """Return the evidence for a model: the best that fits, the same for the same units.

    A unit that is too long is passed over, so that a shorter one may take its room; the first
    is cut to the words that likely answer when it is too long by itself.
    """
    shown: list[Scored] = []
    cut: list[Scored] = []
    for item in scored:
        if any(_within(item.candidate, each.candidate) for each in shown):
            continue
        more = next(
            (each for each in _with(item, shown, question, budget) if _fits(each, budget)), None
        )
        if more is None:
            cut.append(item)
        else:
            shown = more
    evidence = numbered([*shown, *cut])
    return Chosen(
        shown=tuple(evidence[: len(shown)]),
        cut=tuple(evidence[len(shown) :]),
        scored=tuple(shown),
        tokens=_tokens(shown, budget),
        budget=budget.tokens,
    )


def _with(
    item: Scored, shown: Sequence[Scored], question: Question, budget: Budget
) -> Iterator[list[Scored]]:
    """Yield the ways to show one more unit, the one that says most first."""
    for place, each in enumerate(shown):
        if _leans_on(item.candidate, each.candidate):
            yield [*shown[:place], _joined(each, item), *shown[place + 1 :]]
    if len(shown) == budget.units:
        return
    yield [*shown, with_neighbour(item)]
    yield [*shown, item]
    if not shown:
        yield from ([_only(part)] for part in extract(question, [item], budget.tokens // 3))


def _fits(shown: Sequence[Scored], budget: Budget) -> bool:
    return _tokens(shown, budget) <= budget.tokens


def _tokens(shown: Sequence[Scored], budget: Budget) -> int:
    return budget.count(fence(numbered(shown))) if shown else 0


def _leans_on(one: Candidate, other: Candidate) -> bool:
    same = one.passage.document == other.passage.document
    return same and one.before is not None and one.before == (other.start, other.end)


def _joined(first: Scored, second: Scored) -> Scored:
    """Return two units that follow each other as one, as good as the better of them."""
    candidate, passage = first.candidate, second.candidate.passage
    offset = passage.chunk.start
    text = passage.text[candidate.start - offset : second.candidate.end - offset]
    whole = replace(candidate, passage=passage, end=second.candidate.end, text=text)
    return replace(first, candidate=whole)


def _only(part: Extract) -> Scored:
    """Return the unit of an extract as if it were no longer than that."""
    candidate = replace(part.scored.candidate, start=part.start, end=part.end, text=part.text)
    return replace(part.scored, candidate=candidate)


def _within(one: Candidate, other: Candidate) -> bool:
    same = one.passage.document == other.passage.document
    return same and other.start <= one.start and one.end <= other.end
