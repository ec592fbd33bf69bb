"""The ways to read a question that does not say which one it means.

"What is the notice period?" over three contracts has three answers. Such a question names
nothing and is short, and the documents answer it in the same words about different things, each
with another answer. All of this must hold: on questions that can be answered, a list of readings
is worse than the answer.
See Min et al. (2020), "AmbigQA: answering ambiguous open-domain questions".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from citewell.app.evidence import Scored
from citewell.app.features import Question
from citewell.app.support import names, numbers
from citewell.retrieval.values import Passage
from citewell.retrieval.words import STOP_WORDS, stems, words

MOST_READINGS = 4
MOST_ASKED = 4
"""Content words; a longer question says which one it means."""

LEAST_COVERED = 0.99
"""Share of the question, by weight, that a unit with its headings must hold."""

MOST_BEHIND = 2.0
"""Of score, behind the best unit."""

LEAST_ALIKE = 0.34
"""Words that two answers share, of all their words but names and numbers (Jaccard, 1912)."""

_SAYS_WHICH = re.compile(
    r"\d|[\"“”«»„'‘]\w|\b(?:first|last|latest|oldest|newest|best|most)\b", re.I
)
_ASKS_FACT = re.compile(
    r"^\W*(?:what|when|who|whose|whom|where|which|(?:in|at|on|for|by) (?:what|which|whom)|"
    r"how (?:many|much|long|old|far|big|large|high|tall|often|fast|deep|wide|heavy))\b",
    re.IGNORECASE,
)
"""Of other questions, such as how to do something, no two answers differ in a fact."""

_SEPARATORS = re.compile(r"[\W_]+")
_END = re.compile(r"[\s?.!]*$")


@dataclass(frozen=True, slots=True)
class ReadingOffer:
    """One way to read a question.

    Attributes:
        question: The question, made specific.
        about: What tells it from the others, as the documents write it: a title or a heading.
        evidence: What answers it.
    """

    question: str
    about: str
    evidence: Scored


def readings(
    question: Question, scored: Sequence[Scored], passages: Sequence[Passage]
) -> tuple[ReadingOffer, ...]:
    """Return two to four readings of a question, best first; none if it is clear.

    Args:
        scored: The units of the passages, the best first.
        passages: What was found.
    """
    asked = set(question.weights)
    if not _is_open(question):
        return ()
    answers = [item for item in scored if _answers(question, item, scored[0].score)]
    within = len({passage.document for passage in passages}) == 1
    found: dict[str, Scored] = {}
    for item in answers:
        about = _heading(item) if within else _title(item)
        if about and not set(stems(words(about))) & asked:
            found.setdefault(about, item)
    alike = _parallel(found)[:MOST_READINGS]
    if len(alike) < 2 or scored[0] not in [found[about] for about in alike]:
        return ()
    asks = _END.sub("", question.text)
    return tuple(ReadingOffer(f"{asks} ({about})?", about, found[about]) for about in alike)


def _is_open(question: Question) -> bool:
    """Tell whether a question asks for a fact and does not say of what."""
    return (
        0 < len(question.weights) <= MOST_ASKED
        and not question.names
        and not _SAYS_WHICH.search(question.text)
        and _ASKS_FACT.match(question.text) is not None
    )


def _answers(question: Question, item: Scored, best: float) -> bool:
    """Tell whether a unit answers the question about as well as the best one."""
    if item.features.kind < 0 or item.score < best - MOST_BEHIND:
        return False
    candidate = item.candidate
    held = set(_stems(f"{candidate.text} {candidate.header} {_heading(item)}"))
    covered = sum(weight for stem, weight in question.weights.items() if stem in held)
    return covered >= LEAST_COVERED * question.total


def _parallel(found: dict[str, Scored]) -> list[str]:
    """Return what is said of in the same words as of another, with another answer."""
    pairs = [
        (one, other) for one, other in combinations(found, 2) if _differ(found[one], found[other])
    ]
    kept = {about for pair in pairs for about in pair}
    return [about for about in found if about in kept]


def _differ(one: Scored, other: Scored) -> bool:
    this, that = one.candidate.text, other.candidate.text
    facts = [numbers(text) | names(f"- {text}") for text in (this, that)]
    if facts[0] == facts[1]:
        return False
    frame = [_frame(this), _frame(that)]
    return len(frame[0] & frame[1]) >= LEAST_ALIKE * len(frame[0] | frame[1])


def _frame(text: str) -> set[str]:
    """Return the stems of a statement without what it says them of."""
    kept = {stem for stem in _stems(text) if not any(sign.isdigit() for sign in stem)}
    return kept - names(f"- {text}") - set(stems(sorted(STOP_WORDS)))


def _stems(text: str) -> Iterable[str]:
    return stems(words(text))


def _title(item: Scored) -> str:
    passage = item.candidate.passage
    return passage.title or _SEPARATORS.sub(" ", passage.document)


def _heading(item: Scored) -> str:
    headings = item.candidate.passage.chunk.headings
    return headings[-1] if headings else ""
