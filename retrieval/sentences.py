"""Where the sentences of a text stand.

A rule-based splitter in the manner of Grefenstette and Tapanainen (1994), "What is a word, what
is a sentence?": full stops end a sentence unless an abbreviation, an initial or a lower-case
word says otherwise. Rows of tables, items of lists and headings are units of their own.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

Span = tuple[int, int]

MOST_CHARS = 600
"""A longer sentence is cut at white space: no reader of evidence wants more at once."""

_ABBREVIATIONS = re.compile(
    r"(?:mr|mrs|ms|dr|prof|sr|jr|st|vs|ca|approx|dept|est|eds?|al|gov|hon|rev|gen|sen|cf|etc|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|e\.g|i\.e|u\.s|u\.k|u\.n|ph\.d|"
    r"bzw|z\.b|d\.h|u\.a|vgl)"
)
_BEFORE_NUMBERS = re.compile(r"(?:nos?|figs?|eqs?|vols?|pp?|art|sec|ch|refs?)")
_BLOCK = re.compile(r"\n[ \t]*\n\s*")
_UNIT_START = re.compile(
    r"[ \t]*(?:[-*+•▪‣]\s|#{1,6}\s|\||>\s|\(?\d{1,3}[.)]\s|\(?[a-z][.)]\s|```)"
)
_END = re.compile(r"(?<![.!?…])[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”]*|[؟۔।]+(?=\s|$)")
_NUMBERED = re.compile(r"\(?\w{1,4}[.)]\t+")
_LAST_WORD = re.compile(r"([^\s(\[\"'“‘«]+)\.$")


def split_sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return the spans of the sentences in ``text[start:end]``, in order.

    Spans are offsets in ``text``, are never blank, carry no white space at either end and
    together hold every character that is not white space.
    """
    stop = len(text) if end is None else end
    spans: list[Span] = []
    for block in _blocks(text, start, stop):
        for unit in _units(text, *block):
            for sentence in _sentences(text, *unit):
                spans.extend(_bounded(text, *sentence))
    return spans


def is_row(line: str) -> bool:
    """Tell whether a line is a row of a table: cells between bars, or tabs but after a number."""
    if line.startswith("|") or " | " in line:
        return True
    numbered = _NUMBERED.match(line)
    return "\t" in line[numbered.end() if numbered else 0 :]


def _blocks(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the stretches between blank lines."""
    for gap in _BLOCK.finditer(text, start, end):
        yield start, gap.start()
        start = gap.end()
    yield start, end


def _units(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a block's list items, table rows, headings and runs of prose."""
    lines = list(_lines(text, start, end))
    longest = max((stop - begin for begin, stop in lines), default=0)
    first = start
    for line, following in pairwise(lines):
        if _breaks(text, line, following, longest):
            yield first, line[1]
            first = following[0]
    yield first, end


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    while (newline := text.find("\n", start, end)) >= 0:
        yield start, newline
        start = newline + 1
    yield start, end


def _breaks(text: str, line: Span, following: Span, longest: int) -> bool:
    """Tell whether a new unit begins with the line ``following``."""
    this, that = text[slice(*line)].strip(), text[slice(*following)].lstrip()
    if this.startswith(("#", "|", "```")) or _UNIT_START.match(text, *following):
        return True
    if is_row(this) or is_row(that):
        return True
    # A short line that neither ends like a clause nor runs on is a heading or a cell.
    short = len(this) < 0.6 * longest and this[-1:] not in ".,;:-–—("
    return short and not that[:1].islower()


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    for mark in _END.finditer(text, start, end):
        if _ends(text, start, mark, end):
            yield start, mark.end()
            start = mark.end()
    yield start, end


def _ends(text: str, start: int, mark: re.Match[str], end: int) -> bool:
    """Tell whether the punctuation ``mark`` ends the sentence that begins at ``start``."""
    if not mark[0].startswith("."):
        return True
    following = text[mark.end() : min(mark.end() + 20, end)].lstrip()
    if following[:1].islower():
        return False
    word = _LAST_WORD.search(text, max(start, mark.start() - 20), mark.start() + 1)
    if word is None:
        return True
    last = word[1].lower()
    initial = len(last) == 1 and last.isalpha() and word[1].isupper()
    enumerator = last.isdigit() and len(last) <= 2 and not text[start : word.start()].strip()
    if following[:1].isdigit() and _BEFORE_NUMBERS.fullmatch(last):
        return False
    return not (initial or enumerator or _ABBREVIATIONS.fullmatch(last))


def _bounded(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a span without outer white space, in pieces of at most `MOST_CHARS`."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > MOST_CHARS:
        cut = max(
            text.rfind(" ", start, start + MOST_CHARS), text.rfind("\n", start, start + MOST_CHARS)
        )
        cut = cut if cut > start else start + MOST_CHARS
        yield start, cut
        start = cut
        while text[start].isspace():
            start += 1
    if end > start:
        yield start, end
