"""What tells whether evidence answers a question at all, as numbers.

Each lies between 0 and 1, but for that of the reader, which is log-odds; each speaks for an
answer the more, the greater it is. None is read off a data set's own kind of text: the words and
the cosines of a question are compared with the best of what was found, and with the rest of it.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from citewell.app.evidence import Scored
from citewell.app.features import Question
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
        names: 1 less the share of the content that is names the best unit's passage lacks.
        numbers: 0 when the question holds a number that the best unit's passage lacks, else 1.
        agreed: 1 when a passage is the first by words and by meaning alike, else 0.
        known: Share of the question's content words that stand anywhere in the collection.
        answers: Log-odds of the reader that a passage answers the question; 0 when none read it.
    """

    similarity: float
    passage: float
    lead: float
    ahead: float
    coverage: float
    names: float
    numbers: float
    agreed: float
    known: float
    answers: float = 0.0

    def values(self) -> tuple[float, ...]:
        """Return the values in the order of the attributes."""
        return tuple(astuple(self))


def was_read(evidence: Sequence[Scored]) -> bool:
    """Tell whether a reader read any of the evidence."""
    return any(item.features.answers for item in evidence)


def read_signals(question: Question, evidence: Sequence[Scored]) -> Signals:
    """Read the signals off the scored units, best first; there must be at least one."""
    best = evidence[0]
    passages = {item.candidate.passage.rank: item.candidate.passage for item in evidence}
    near = _held(best.candidate.passage, question.language)
    features = [item.features for item in evidence]
    cosines = [each.similarity for each in features]
    dense = [each.passage for each in features]
    return Signals(
        similarity=_share(max(cosines)),
        passage=_share(max(dense)),
        lead=_share(max(cosines) - sum(cosines) / len(cosines)),
        ahead=_share(max(dense) - min(dense)),
        coverage=max(each.around for each in features[:_NEAR_THE_TOP]),
        names=_names_held(question, near),
        numbers=_numbers_held(question, best.candidate.passage),
        agreed=float(any(_first_by_both(each) for each in passages.values())),
        known=_known(question),
        answers=max((each.answers for each in features if not each.unread), default=0.0),
    )


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))


def _shown(passage: Passage) -> str:
    return " ".join((passage.title, *passage.chunk.headings, passage.text))


def _held(passage: Passage, language: str) -> set[str]:
    return set(index_terms(_shown(passage), language))


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
