"""What tells whether evidence answers a question at all, as numbers.

Each lies between 0 and 1, but for those of the reader, which are log-odds; each speaks for an
answer the more, the greater it is. None is read off a data set's own kind of text: the words and
the cosines of a question are compared with the best of what was found, and with the rest of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from citewell.app.evidence import Scored
from citewell.app.features import Question, covered
from citewell.app.support import numbers
from citewell.retrieval.analysis import index_terms
from citewell.retrieval.values import Passage

UNSEEN = 0.999
"""Rarity of a word that stands in no chunk."""

_NEAR_THE_TOP = 8
"""Units among which the one with most of the question's words is looked for."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What the judgement rests on.

    Attributes:
        similarity: Greatest cosine of question and unit.
        passage: Greatest cosine of question and passage.
        lead: How far the best unit's cosine is above the mean of all.
        ahead: How far the best passage's cosine is above that of the last one found.
        coverage: Greatest share of the question's content, by weight, that a unit near the top
            and what stands around it hold.
        everywhere: Share that all passages together hold.
        rarest: 1 less the weight of the rarest word that the best unit's passage lacks.
        names: 1 less the share of the content that is names the best unit's passage lacks.
        numbers: 0 when the question holds a number that the best unit's passage lacks, else 1.
        kind: 1 when the best unit holds the kind of thing asked for, 0 when not, else 0.5.
        agreed: 1 when a passage is the first by words and by meaning alike, else 0.
        known: Share of the question's content words that stand anywhere in the collection.
        answers: Log-odds of the reader that a passage answers the question; 0 when none read it.
        reads: Log-odds of the reader that a unit holds the answer.
        spans: Log-odds of the reader that certain words are the answer.
    """

    similarity: float
    passage: float
    lead: float
    ahead: float
    coverage: float
    everywhere: float
    rarest: float
    names: float
    numbers: float
    kind: float
    agreed: float
    known: float
    answers: float = 0.0
    reads: float = 0.0
    spans: float = 0.0

    def values(self) -> tuple[float, ...]:
        """Return the values in the order of the attributes."""
        return tuple(astuple(self))


def was_read(evidence: Sequence[Scored]) -> bool:
    """Tell whether a reader read any of the evidence."""
    return any(_reader(item) != (0.0, 0.0, 0.0) for item in evidence)


def read_signals(question: Question, evidence: Sequence[Scored]) -> Signals:
    """Read the signals off the scored units, best first; there must be at least one."""
    best = evidence[0]
    passages = {item.candidate.passage.rank: item.candidate.passage for item in evidence}
    held = {rank: _held(each, question.language) for rank, each in passages.items()}
    near = held[best.candidate.passage.rank]
    cosines = [item.features.similarity for item in evidence]
    dense = [item.features.passage for item in evidence]
    answers, reads, spans = zip(*map(_reader, evidence), strict=True)
    return Signals(
        similarity=_share(max(cosines)),
        passage=_share(max(dense)),
        lead=_share(max(cosines) - sum(cosines) / len(cosines)),
        ahead=_share(max(dense) - min(dense)),
        coverage=max(item.features.around for item in evidence[:_NEAR_THE_TOP]),
        everywhere=covered(question, list(set().union(*held.values()))),
        rarest=1 - max(_missing(question.weights, near), default=0.0),
        names=_names_held(question, near),
        numbers=_numbers_held(question, best.candidate.passage),
        kind=(best.features.kind + 1) / 2,
        agreed=float(any(_first_by_both(each) for each in passages.values())),
        known=_known(question),
        answers=max(answers),
        reads=max(reads),
        spans=max(spans),
    )


def _reader(item: Scored) -> tuple[float, float, float]:
    return item.features.answers, item.features.reads, item.features.spans


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _shown(passage: Passage) -> str:
    return " ".join((passage.title, *passage.chunk.headings, passage.text))


def _held(passage: Passage, language: str) -> set[str]:
    return set(index_terms(_shown(passage), language))


def _missing(weights: Mapping[str, float], held: set[str]) -> Iterable[float]:
    return (weight for stem, weight in weights.items() if stem not in held)


def _names_held(question: Question, held: set[str]) -> float:
    lacked = (question.weights.get(each, 0.0) for each in question.names if each not in held)
    return _share(1 - sum(lacked) / question.total)


def _numbers_held(question: Question, passage: Passage) -> float:
    return float(numbers(question.text) <= numbers(_shown(passage)))


def _first_by_both(passage: Passage) -> bool:
    return passage.scores.lexical_rank == passage.scores.dense_rank == 1


def _known(question: Question) -> float:
    known = [weight < UNSEEN for weight in question.weights.values()]
    return sum(known) / max(1, len(known))
