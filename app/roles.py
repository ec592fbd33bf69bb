"""Whether the numbers and names of a sentence stand where they stand in its source.

All the words can be there and yet belong to something else: the figure of another year, the
buyer in place of the bought. So each number and name of the sentence is compared with the others
of its kind in the source: if another one would fit its place in the sentence clearly better, or
two of the sentence would fit better the other way round, the source says something else.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from citewell.app.tokens import Token
from citewell.retrieval.words import stems, words

REACH = 3
"""Content words to each side that tell where a number or name stands."""

MARGIN = 1.3
"""How many times as well another one must fit."""

LEAD = 0.05
"""How much better it must fit beside: little is little evidence."""

REPEATED = 0.25
"""What a word counts for that the source holds more than once, beside one that it holds once."""

_BOUNDARY = 2
"""Words that the end of a clause counts for."""

_PASSIVE = re.compile(
    r"\b(?:is|are|was|were|been|being|be)\s+(?:\w+ly\s+)?(\w+(?:ed|en|wn|t|d))\s+by\b"
)
_POSSESSIVE = re.compile(r"[’']s?\b")

Places = Mapping[str, Sequence[tuple[int, int]]]


def roles_conflict(said: Sequence[Token], held: Sequence[Token], sentence: str, source: str) -> str:
    """Return which number or name of a sentence belongs to something else in its source."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for place, token in enumerate(held):
        places[token.stem].append((place, token.clause))
    order = _order(sentence, source)
    named = {token.stem for token in (*said, *held) if token.kind != "word"}
    return _other_number(said, held, places, order) or _exchanged(said, named, places, order)


def _other_number(
    said: Sequence[Token], held: Sequence[Token], places: Places, order: tuple[float, float]
) -> str:
    """Return which number of the source fits the place of one in the sentence better."""
    own = {token.stem for token in said}
    for place, token in enumerate(said):
        if token.kind not in ("number", "year") or token.stem not in places:
            continue
        fit = _fit(said, place, token.stem, places, order)
        for other in held:
            if other.stem in own or not _alike(token, other):
                continue
            if _fit(said, place, other.stem, places, order) > MARGIN * fit + LEAD:
                return f"the source says {other.shown}, not {token.shown}"
    return ""


def _alike(one: Token, other: Token) -> bool:
    return one.kind == other.kind and (one.unit == other.unit or not one.unit or not other.unit)


def _exchanged(
    said: Sequence[Token], named: Set[str], places: Places, order: tuple[float, float]
) -> str:
    """Return which two of the sentence stand the other way round in the source."""
    known = [place for place, token in enumerate(said) if token.stem in named & set(places)]
    for i, one in enumerate(known):
        for other in known[i + 1 :]:
            if said[one].stem == said[other].stem or not _same_kind(said[one], said[other]):
                continue
            if other - one <= 1 or other - one > 2 * REACH + 4:
                continue
            now = _both(said, (one, other), False, places, order)
            turned = _both(said, (one, other), True, places, order)
            if turned > MARGIN * now + LEAD:
                return f"{said[one].shown} and {said[other].shown} stand the other way round"
    return ""


def _same_kind(one: Token, other: Token) -> bool:
    """Compare kinds; a word here is a name: at the beginning of a sentence it looks like none."""
    kinds = {"name" if token.kind == "word" else token.kind for token in (one, other)}
    return len(kinds) == 1


def _both(
    said: Sequence[Token],
    pair: tuple[int, int],
    turned: bool,
    places: Places,
    order: tuple[float, float],
) -> float:
    one, other = pair
    stems = said[one].stem, said[other].stem
    if turned:
        stems = stems[::-1]
    total = _fit(said, one, stems[0], places, order, leave=other)
    total += _fit(said, other, stems[1], places, order, leave=one)
    return total


def _fit(
    said: Sequence[Token],
    place: int,
    stem: str,
    places: Places,
    order: tuple[float, float],
    leave: int | None = None,
) -> float:
    """Return how well a stem fits a place of the sentence, by what stands around both."""
    total = 0.0
    for near in range(max(0, place - REACH), min(len(said), place + REACH + 1)):
        other = said[near]
        if near in (place, leave) or other.stem not in places or other.stem == stem:
            continue
        weight = (1.0 if len(places[other.stem]) == 1 else REPEATED) / abs(near - place)
        total += weight * max(
            (
                order[(here < there) != (place < near)] / _distance(here, there, clause, beyond)
                for here, clause in places.get(stem, ())
                for there, beyond in places[other.stem]
            ),
            default=0.0,
        )
    return total


def _distance(here: int, there: int, clause: int, beyond: int) -> int:
    return max(abs(here - there), 1) + _BOUNDARY * abs(clause - beyond)


def _order(sentence: str, source: str) -> tuple[float, float]:
    """Return what two words count for that stand in the same order, and in the other one.

    What is active in one and passive in the other stands the other way round there.
    """
    if (_passives(sentence) ^ _passives(source)) & _common(sentence, source):
        return 0.5, 1.0
    if bool(_POSSESSIVE.search(sentence)) != bool(_POSSESSIVE.search(source)):
        return 1.0, 1.0
    return 1.0, 0.5


def _passives(text: str) -> set[str]:
    """Return the stems of the verbs that stand in the passive with their doer."""
    return set(stems([match[1].lower() for match in _PASSIVE.finditer(text)]))


def _common(one: str, other: str) -> set[str]:
    return set(stems(words(one))) & set(stems(words(other)))
