"""Where a sentence copies its source but for a word: that word is then meant to be the same.

Both are aligned word by word (Ratcliff and Obershelp's matching blocks). Between two stretches
that agree, another name or number, a word from elsewhere in the source, or the opposite of the
source's own word says something else.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from citewell.app.amounts import in_one_form
from citewell.app.polarity import opposites
from citewell.retrieval.words import STOP_WORDS, WORD, stems, words

LEAST_BESIDE = 2
"""Words that must agree on each side of a change; at an end of the sentence, one more."""

LEAST_COPIED = 0.6
"""Share of the sentence's words that stand in the source in runs of two and more."""

MOST_CHANGED = 6
"""Words of a change, at the most; more are another sentence."""

_FIGURE = re.compile(r"\d")
_POINTERS = frozenset({"it", "he", "she", "they", "this", "that", "these", "those", "who", "which"})

Words = Sequence[str]


def copying_conflict(sentence: str, source: str) -> str:
    """Return what a sentence changes in words that it copies, in plain words, or nothing."""
    said, held = _words(in_one_form(sentence)), _words(in_one_form(source))
    here, there = [_key(word) for word in said], [_key(word) for word in held]
    known = set(there)
    for one, other in _changes(here, there):
        new = [i for i in range(*one) if here[i] not in there[slice(*other)]]
        old = [i for i in range(*other) if there[i] not in here[slice(*one)]]
        if not new or not old:
            continue
        if _differs([said[i] for i in new], [here[i] for i in new], [held[i] for i in old], known):
            was = " ".join(held[i] for i in range(*other))
            return f"the source says {was}, not {' '.join(said[i] for i in range(*one))}"
    return ""


def _differs(new: Words, keys: Words, old: Words, known: set[str]) -> bool:
    """Tell whether new words in place of old ones say something else."""
    told = [word for word in old if word.lower() not in STOP_WORDS]
    if told:
        for word, key in zip(new, keys, strict=True):
            if word.lower() in STOP_WORDS or word.lower() in _POINTERS:
                continue
            if word[0].isupper() or _FIGURE.search(word) or key in known:
                return True
    return any(opposites(one, other) for one in new for other in old)


def _changes(here: Words, there: Words) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the spans of words, here and there, that stand between words that agree."""
    blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
    copied = sum(block.size for block in blocks if block.size > 1)
    if copied < LEAST_COPIED * len(here):
        return
    last = (0, 0, 0)
    for block in blocks:
        one, other = (last[0] + last[2], block[0]), (last[1] + last[2], block[1])
        if one[0] < one[1] and other[0] < other[1] and _is_between(last, block, one, other, here):
            yield one, other
        last = block


def _is_between(
    last: tuple[int, int, int],
    block: tuple[int, int, int],
    one: tuple[int, int],
    other: tuple[int, int],
    here: Words,
) -> bool:
    if max(one[1] - one[0], other[1] - other[0]) > MOST_CHANGED:
        return False
    before, after = last[2], block[2]
    if one[0] == 0:
        return after > LEAST_BESIDE and other[1] - other[0] <= MOST_CHANGED
    if one[1] == len(here):
        return before > LEAST_BESIDE
    return before + after >= 2 * LEAST_BESIDE


def _words(text: str) -> list[str]:
    return WORD.findall(text)


def _key(word: str) -> str:
    return stems(words(word) or [word.lower()])[0]
