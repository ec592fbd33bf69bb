"""The evidence of an example: the units it needs, among others that search finds with them."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from citewell.app.answer_values import Evidence
from citewell.app.budget import Budget, choose
from citewell.app.evidence import Scored, numbered
from citewell.app.extracts import with_neighbour
from citewell.app.fencing import shown_text
from citewell.app.tuning.finding import Found
from citewell.app.tuning.matching import holds
from citewell.app.tuning.mixture import (
    CHARACTERS_A_TOKEN,
    MOST_TOKENS,
    PASSED_OVER,
    SHUFFLED,
    UNITS,
)
from citewell.app.tuning.questions import TaughtQuestion
from citewell.app.tuning.targets import in_its_words


@dataclass(frozen=True, slots=True)
class Gold:
    """A unit of a gold passage and the words of it that answer."""

    scored: Scored
    said: str


def count_tokens(text: str) -> int:
    """Estimate the tokens of a text; exact counts would take a model."""
    return round(len(text) / CHARACTERS_A_TOKEN)


def in_gold(item: Scored, question: TaughtQuestion) -> bool:
    """Tell whether a unit stands in what answers a question."""
    if item.candidate.document not in question.documents:
        return False
    said = _plain(item.candidate.text)
    passages = [_plain(each) for each in question.passages]
    return not passages or any(said in each or each in said for each in passages)


def gold_of(found: Found) -> Gold | str:
    """Return the unit that answers a question, or in words why there is none to teach from."""
    question = found.question
    golden = [item for item in found.scored if in_gold(item, question)]
    if not golden:
        return "search missed it"
    ways = [
        Gold(item, said)
        for item in golden
        if (said := in_its_words(words_shown(item), question.answers)) is not None
    ]
    if not ways:
        return "no unit holds the answer"
    best = max(ways, key=lambda way: _bearing(way.scored))
    if any(_bearing(way.scored) >= _bearing(best.scored) for way in ways if way is not best):
        return "several places hold the answer"
    return best


def words_shown(item: Scored) -> str:
    """Return the words of a unit as a model is shown them."""
    return shown_text(numbered([item])[0])


def without(scored: Sequence[Scored], answers: Sequence[str]) -> list[Scored]:
    """Return the units that hold none of the answers, not in what they lean on either."""
    return [item for item in scored if not holds(words_shown(with_neighbour(item)), answers)]


def select(
    found: Found, needed: Sequence[Scored], others: Iterable[Scored], pick: random.Random
) -> tuple[Evidence, ...]:
    """Return the evidence of an example, numbered in the order in which it is shown."""
    count = max(len(needed), *pick.choices(list(UNITS), list(UNITS.values())))
    taken = [each for each in others if each not in needed and pick.random() >= PASSED_OVER]
    budget = Budget(count, MOST_TOKENS, count_tokens)
    shown = list(choose([*needed, *taken], found.asked, budget).scored)
    if pick.random() < SHUFFLED:
        pick.shuffle(shown)
    else:
        ranks = {_place(item): rank for rank, item in reversed(list(enumerate(found.scored)))}
        shown.sort(key=lambda item: ranks.get(_place(item), 0))
    return tuple(numbered(shown))


def _place(item: Scored) -> tuple[str, int]:
    """Return where a unit ends, which is the same when more is shown before it."""
    return item.candidate.document, item.candidate.end


def _bearing(item: Scored) -> float:
    return item.features.coverage + item.features.similarity


def _plain(text: str) -> str:
    return " ".join(text.split())
