"""The units that evidence is made of: the sentences and table rows of passages.

A row is known with the header that names its columns, a sentence that leans on the one before
it (``It rose by 3 %.``) with that one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from citewell.app.instructions import without_instructions
from citewell.retrieval.analysis import index_terms
from citewell.retrieval.sentences import MOST_CHARS, is_row, split_sentences
from citewell.retrieval.values import Passage
from citewell.retrieval.words import words

Span = tuple[int, int]
Kind = Literal["sentence", "row"]

RUN_ON = 400
"""Characters above which a sentence is cut at its clauses."""

MOST_HEADER = 4
"""Rows of a header, at the most."""

MOST_PART = 120
"""Characters of a line in a table that names the rows below it, at the most."""

_CUTS = (
    r"[;；]\s*",
    r"(?:[:：]|\s[-–—])\s+",
    r",\s+(?=(?:and|but|while|which|who|or)\s)",
    r"[，,]\s+",
)
"""Where a long sentence is cut: the first kind that it has is taken."""

_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}(?=,)|\b[QH][1-4]\b|\bFY\d+\b")

_LEANING = {
    "en": "he she it they this these those that his her its their such however therefore thus "
    "hence moreover furthermore also instead then there both neither otherwise consequently "
    "nevertheless similarly likewise additionally meanwhile but and",
    "de": "er sie es dies diese dieser dieses dieser deren dessen ihr ihre sein seine dort dabei "
    "daher jedoch außerdem dadurch damit dafür darum deshalb aber und auch",
    "fr": "il elle ils elles ce cette ces celui celle ceux son sa ses leur leurs cependant ainsi "
    "donc toutefois mais et",
    "es": "él ella ellos ellas este esta estos estas ese esa esto su sus sin embargo además así "
    "pero también",
    "it": "egli ella esso essa essi questo questa questi queste tuttavia inoltre quindi ma",
    "pt": "ele ela eles elas este esta estes estas isso isto seu sua porém além mas também",
    "nl": "hij zij het dit deze dat die zijn haar hun echter daarom ook maar",
    "ru": "он она оно они это этот эта эти его её ее их однако поэтому также но и такой такие",
    "ar": "هو هي هم هذا هذه هؤلاء ذلك تلك لكن كما وهو وهي",
}
_LEANS = frozenset(word for found in _LEANING.values() for word in found.split())
_LEANS_UNSPACED = (
    "他",
    "她",
    "它",
    "这",
    "该",
    "其",
    "此",
    "那",
    "但",
    "然而",
    "因此",
    "これ",
    "それ",
    "その",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence or a table row of a passage.

    Attributes:
        start: Where it stands in the document.
        around: The text of its headings, its table's header and its neighbours.
        header: Of the table whose row it is; else blank.
        place: Its number among the units of its passage, from 0.
        before: Where the sentence before it stands, if it leans on that; else None.
    """

    passage: Passage
    start: int
    end: int
    text: str
    around: str
    header: str = ""
    kind: Kind = "sentence"
    place: int = 0
    before: Span | None = None

    @property
    def document(self) -> str:
        """The name of the document it stands in."""
        return self.passage.document


def candidates(passages: Sequence[Passage], question: str = "") -> list[Candidate]:
    """Return the distinct units of the passages, in their order.

    What tells its reader what to answer is none, unless the question asks for just that.
    """
    found: list[Candidate] = []
    seen: set[str] = set()
    for passage in passages:
        for candidate in units_of(passage, question):
            key = " ".join(words(f"{candidate.header} {candidate.text}"))
            if key not in seen:
                seen.add(key)
                found.append(candidate)
    return found


def units_of(passage: Passage, question: str = "") -> Iterator[Candidate]:
    """Yield the sentences and rows of a passage, without headings, headers and scraps."""
    path = " ".join((passage.title, *passage.chunk.headings))
    spans = without_instructions(passage.text, spans_of(passage.text), question)
    texts = [passage.text[start:end] for start, end in spans]
    tables = _headers(passage, spans)
    offset = passage.chunk.start
    for i, (start, end) in enumerate(spans):
        table, row = tables[i], _is_row(passage.text, spans[i])
        if table is None or _says_nothing(texts[i], passage):
            continue
        before = filter(None, table) if table[0] else texts[max(0, i - 1) : i]
        around = " ".join((path, *before, *texts[i + 1 : i + 2]))
        yield Candidate(
            passage=passage,
            start=offset + start,
            end=offset + end,
            text=texts[i],
            around=around,
            header=table[0],
            kind="row" if row else "sentence",
            place=i,
            before=None if row or not i else _support(passage, spans[i - 1], spans[i]),
        )


def leans(text: str) -> bool:
    """Tell whether a sentence begins with a word that points to the one before it."""
    first = words(text[:40])[:1]
    return first != [] and (first[0] in _LEANS or text.startswith(_LEANS_UNSPACED))


def spans_of(text: str) -> list[Span]:
    """Return the spans of the units of a text: a row is one, however many sentences it holds."""
    found: list[Span] = []
    for start, end in split_sentences(text):
        if found and _in_one_row(text, found[-1], (start, end)):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return [part for span in found for part in _clauses(text, *span)]


def _in_one_row(text: str, before: Span, span: Span) -> bool:
    if span[1] - before[0] > MOST_CHARS or "\n" in text[before[1] : span[0]]:
        return False
    begin, stop = text.rfind("\n", 0, before[0]) + 1, text.find("\n", span[1])
    return is_row(text[begin : stop if stop >= 0 else len(text)].strip())


def _clauses(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a span, in halves at a clause where it is too long."""
    cut = None if end - start <= RUN_ON or is_row(text[start:end]) else _cut(text, start, end)
    if cut is None:
        yield start, end
    else:
        yield from _clauses(text, start, cut[0])
        yield from _clauses(text, cut[1], end)


def _cut(text: str, start: int, end: int) -> Span | None:
    """Return the gap between two clauses that is closest to the middle of a long sentence."""
    least, middle = (end - start) // 5, (start + end) / 2
    for pattern in _CUTS:
        marks = list(re.finditer(pattern, text[start + least : end - least]))
        if marks:
            best = min(marks, key=lambda mark: abs(start + least + mark.end() - middle))
            at = start + least + best.end()
            return start + least + best.start() + len(best[0].rstrip()), at
    return None


def _tables(text: str, spans: Sequence[Span]) -> Iterator[list[int]]:
    """Yield the numbers of the units of each table, with the titles of its parts."""
    table: list[int] = []
    rows = 0
    for i, span in enumerate(spans):
        apart = bool(table) and "\n\n" in text[spans[i - 1][1] : span[0]]
        row = _is_row(text, span)
        if table and (apart or not (row or _names_part(text, span))):
            yield table[:rows]
            table, rows = [], 0
        if row or table:
            table.append(i)
        if row:
            rows = len(table)
    if rows:
        yield table[:rows]


def _is_row(text: str, span: Span) -> bool:
    return is_row(text[slice(*span)]) or _is_indented(text, span)


def _names_part(text: str, span: Span) -> bool:
    """Tell whether a line in a table names the rows below it, such as ``Current assets:``."""
    return span[1] - span[0] <= MOST_PART and text[span[1] - 1] not in ".!?。"


def _headers(passage: Passage, spans: Sequence[Span]) -> list[tuple[str, str] | None]:
    """Return header and part of the table that each unit is a row of, both blank for a sentence.

    What is no evidence but says what other rows are gives None.
    """
    text = passage.text
    found: list[tuple[str, str] | None] = [("", "")] * len(spans)
    for table in _tables(text, spans):
        rows = [spans[i] for i in table]
        carried = passage.chunk.header if table[0] == 0 else ""
        top = 0 if carried else _header_rows(text, rows)
        header = carried or _joined([_line(text, row) for row in rows[: max(top, 1)]])
        if not carried and not top and len(rows) > 1 and not _is_row(text, rows[0]):
            header = ""
        part = ""
        for number, (i, row) in enumerate(zip(table, rows, strict=True)):
            part = part if _is_row(text, row) else text[slice(*row)]
            first_of_data = number == 0 and not carried
            held = ("" if first_of_data else header, part)
            found[i] = held if number >= top and _is_row(text, row) else None
    return found


def _header_rows(text: str, rows: Sequence[Span]) -> int:
    """Return how many rows at the top of a table name its columns; 0 if the first is data."""
    if len(rows) == 1:
        return 0
    ruled = next((i for i, row in enumerate(rows[1:3], 1) if not _says(text, row)), 0)
    if ruled:
        return ruled + 1
    count = 0
    while count < min(MOST_HEADER, len(rows) - 1) and _is_indented(text, rows[count]):
        count += 1
    has_figures = any(c.isdigit() for c in _YEAR.sub("", text[slice(*rows[0])]))
    return count or int(not has_figures)


def _joined(rows: Sequence[str]) -> str:
    """Return the rows of a header as one, what stands above each other in one cell."""
    said = [row for row in rows if any(character.isalnum() for character in row)]
    if len(said) < 2 or "|" in said[0]:
        return "\n".join(said)
    columns = zip_longest(*(row.split("\t") for row in said), fillvalue="")
    return "\t".join(" ".join(filter(None, map(str.strip, cells))) for cells in columns)


def _says(text: str, row: Span) -> bool:
    """Tell whether a row holds any words: the line under a Markdown header does not."""
    return any(character.isalnum() for character in text[slice(*row)])


def _is_indented(text: str, row: Span) -> bool:
    """Tell whether the first cell of a row is blank, as above the names of the rows."""
    line = _line(text, row)
    return line.lstrip(" ").startswith("\t") or re.match(r"\|\s*\|", line) is not None


def _line(text: str, row: Span) -> str:
    """Return a row with the blank cells at its beginning."""
    return text[text.rfind("\n", 0, row[0]) + 1 : row[1]]


def _support(passage: Passage, before: Span, span: Span) -> Span | None:
    """Return where the sentence before stands in the document, if this one leans on it.

    Where something was left out between the two, it leans on nothing.
    """
    said, between = passage.text[slice(*before)], passage.text[before[1] : span[0]]
    if (
        between.strip()
        or not leans(passage.text[slice(*span)])
        or is_row(said)
        or _is_title(said, passage)
    ):
        return None
    return passage.chunk.start + before[0], passage.chunk.start + before[1]


def _says_nothing(text: str, passage: Passage) -> bool:
    """Tell whether a unit is a heading or a scrap of a few words."""
    found = words(text)
    if not found or _is_title(text, passage):
        return True
    if any(character.isdigit() for character in text) or is_row(text):
        return False
    few = len(found) < 3 and len(index_terms(text, "")) < 3
    return few or (len(found) < 7 and text[-1].isalnum() and _all_capitals(text))


def _is_title(text: str, passage: Passage) -> bool:
    found = words(text)
    return any(found == words(title) for title in (passage.title, *passage.chunk.headings))


def _all_capitals(text: str) -> bool:
    """Tell whether all but the short words begin with a capital, as in a title."""
    return all(word[0].isupper() or len(word) <= 3 for word in text.split())
