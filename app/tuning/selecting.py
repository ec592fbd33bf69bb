"""The evidence of an example: the units it needs, among others that search finds with them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from citewell.app.answer_values import Evidence
from citewell.app.budget import Budget, choose
from citewell.app.evidence import Scored, numbered
from citewell.app.extracts import with_neighbour
from citewell.app.fencing import shown_text
from citewell.app.tuning.feedback import FEEDBACK
from citewell.app.tuning.finding import Found, in_gold
from citewell.app.tuning.matching import holds
from citewell.app.tuning.mixture import (
    CHARACTERS_A_TOKEN,
    MOST_TOKENS,
    PASSED_OVER,
    SHUFFLED,
    UNITS,
)
from citewell.app.tuning.targets import MOST_SENTENCE, in_its_words

MOST_OTHERS = 12
"""Units from the top of the ranking of which the others are taken."""

CLEAR = 0.8
"""Of the scores of two units of a gold passage that hold the answer: below, the better may be the
one that merely has the same words."""


@dataclass(frozen=True, slots=True)
class Gold:
    """A unit of a gold passage and the words of it that answer."""

    scored: Scored
    said: str


def count_tokens(text: str) -> int:
    """Estimate the tokens of a text; exact counts would take a model."""
    return round(len(text) / CHARACTERS_A_TOKEN)


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
    if not ways and question.source == FEEDBACK:
        whole = Gold(golden[0], words_shown(golden[0]))
        ways = [whole] if len(whole.said.split()) <= MOST_SENTENCE else []
    if not ways:
        return "no unit holds the answer"
    best, *others = sorted(ways, key=lambda way: -way.scored.score)
    if others and best.scored.score - others[0].scored.score < CLEAR:
        return "several places hold the answer"
    return best


def words_shown(item: Scored) -> str:
    """Return the words of a unit as a model is shown them."""
    return _shown(item.candidate.text, item.candidate.header)


def without(scored: Sequence[Scored], answers: Sequence[str]) -> list[Scored]:
    """Return the best units that hold none of the answers, not in what they lean on either."""
    best = scored[: 2 * MOST_OTHERS]
    return [item for item in best if not holds(words_shown(with_neighbour(item)), answers)]


def select(
    found: Found, needed: Sequence[Scored], others: Sequence[Scored], pick: random.Random
) -> tuple[Evidence, ...]:
    """Return the evidence of an example, numbered in the order in which it is shown."""
    count = max(len(needed), *pick.choices(list(UNITS), list(UNITS.values())))
    taken = [
        each for each in others[:MOST_OTHERS] if each not in needed and pick.random() >= PASSED_OVER
    ]
    budget = Budget(count, MOST_TOKENS, count_tokens)
    shown = list(choose([*needed, *taken], found.asked, budget).scored)
    if pick.random() < SHUFFLED:
        pick.shuffle(shown)
    else:
        ranks = {_place(item): rank for rank, item in reversed(list(enumerate(found.scored)))}
        shown.sort(key=lambda item: ranks.get(_place(item), 0))
    return tuple(numbered(shown))


@lru_cache(maxsize=20_000)
def _shown(text: str, header: str) -> str:
    return shown_text(Evidence(1, "", "", 0, 0, text, (), 1, 0.0, header))


def _place(item: Scored) -> tuple[str, int]:
    """Return where a unit ends, which is the same when more is shown before it."""
    return item.candidate.document, item.candidate.end
