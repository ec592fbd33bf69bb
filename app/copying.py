"""Where a sentence copies its source but for a word: that word is then meant to be the same.

Both are aligned word by word (Ratcliff and Obershelp's matching blocks). Between two stretches
that agree, another name or number, a word from elsewhere in the source, or the opposite of the
source's own word says something else. Where all but one word is copied, so does any other word:
without a thesaurus nobody can tell `took` for `captured` from `tenant` for `landlord`.
"""

import re
from collections.abc import Iterator, Sequence, Set
from difflib import Match, SequenceMatcher

from citewell.app.amounts import in_one_form
from citewell.app.polarity import is_negation, opposites
from citewell.retrieval.words import STOP_WORDS, WORD, stems, words

LEAST_BESIDE = 2
"""Words that must agree on each side of a change; at an end of the sentence, one more."""

LEAST_COPIED = 0.6
"""Share of the sentence's words that stand in the source in runs of two and more."""

NEARLY_ALL = 0.75
"""Share of the words that are copied from which on one word may not stand for another."""

MOST_CHANGED = 6
"""Words of a change, at the most; more are another sentence."""

_FIGURE = re.compile(r"\d")
_POINTERS = frozenset({"it", "he", "she", "they", "this", "that", "these", "those", "who", "which"})

Words = Sequence[str]


def copying_conflict(
    sentence: str, source: str, free: Set[str] = frozenset(), asked: Set[str] = frozenset()
) -> str:
    """Return what a sentence changes in words that it copies, in plain words, or nothing.

    Args:
        free: Stems that may stand in place of others, such as those of the headings: a sentence
            may name what its source only points to.
        asked: Stems of the question: they may be added, not put in place of others.
    """
    said, held = _words(in_one_form(sentence)), _words(in_one_form(source))
    here, there = [_key(word) for word in said], [_key(word) for word in held]
    known = set(there)
    close = _copied(here, there, least=1) >= NEARLY_ALL * len(here)
    for one, other in _changes(here, there):
        if _denials(said[slice(*one)]) != _denials(held[slice(*other)]):
            return "one denies what the other says"
        new = [i for i in range(*one) if here[i] not in there[slice(*other)]]
        old = [i for i in range(*other) if there[i] not in here[slice(*one)]]
        names = [word for word in held[slice(*other)] if _is_told(word)]
        added = not any(_is_content(held[i]) for i in old)
        if not names and all(here[i] in free or (added and here[i] in asked) for i in new):
            continue
        if _moved([said[i] for i in new], one, len(here)) and all(here[i] in known for i in new):
            return f"the source does not say {' '.join(said[i] for i in new)} at this place"
        pairs = [(said[i], here[i]) for i in new]
        gone = [held[i] for i in old]
        if _differs(pairs, gone, known) or _replaces([said[i] for i in new], gone, close):
            was = " ".join(held[i] for i in range(*other))
            return f"the source says {was}, not {' '.join(said[i] for i in range(*one))}"
    return ""


def _differs(new: Sequence[tuple[str, str]], old: Words, known: set[str]) -> bool:
    """Tell whether new words, each with its stem, in place of old ones say something else."""
    if any(word.lower() not in STOP_WORDS for word in old):
        for word, stem in new:
            if _is_content(word) and (_is_told(word) or stem in known):
                return True
    return any(opposites(one, other) for one, _ in new for other in old)


def _replaces(new: Words, old: Words, close: bool) -> bool:
    """Tell whether a word stands for a name or figure, or for the one other word in a copy."""
    put, gone = [list(filter(_is_content, each)) for each in (new, old)]
    if put and any(map(_is_told, gone)):
        return True
    return close and len(put) == 1 and len(gone) == 1


def _is_content(word: str) -> bool:
    return word.lower() not in STOP_WORDS and word.lower() not in _POINTERS


def _is_told(word: str) -> bool:
    """Tell whether a word looks like a name or holds a figure."""
    return word[0].isupper() or _FIGURE.search(word) is not None


def _moved(new: Words, span: tuple[int, int], length: int) -> bool:
    """Tell whether names or numbers were put between words that are copied."""
    return span[0] > 0 and span[1] < length and any(map(_is_told, new))


def _changes(here: Words, there: Words) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the spans of words, here and there, that stand between words that agree."""
    if _copied(here, there, least=2) < LEAST_COPIED * len(here):
        return
    last = (0, 0, 0)
    for block in _blocks(here, there):
        one, other = (last[0] + last[2], block[0]), (last[1] + last[2], block[1])
        if _is_between(last, block, one, other, here):
            yield one, other
        last = block


def _copied(here: Words, there: Words, least: int) -> int:
    """Return how many words stand in the source in runs of so many and more."""
    return sum(block.size for block in _blocks(here, there) if block.size >= least)


def _blocks(here: Words, there: Words) -> list[Match]:
    return SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()


def _is_between(
    last: tuple[int, int, int],
    block: tuple[int, int, int],
    one: tuple[int, int],
    other: tuple[int, int],
    here: Words,
) -> bool:
    changed = max(one[1] - one[0], other[1] - other[0])
    if changed == 0 or changed > MOST_CHANGED:
        return False
    before, after = last[2], block[2]
    if one[0] == 0:
        return after > LEAST_BESIDE and one[1] > 0
    if one[1] == len(here):
        return before > LEAST_BESIDE and one[1] > one[0]
    return before + after >= 2 * LEAST_BESIDE


def _denials(found: Words) -> bool:
    return any(is_negation(word.lower()) for word in found)


def _words(text: str) -> list[str]:
    return WORD.findall(text)


def _key(word: str) -> str:
    return stems(words(word) or [word.lower()])[0]
