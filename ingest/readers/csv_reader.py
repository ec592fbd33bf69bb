"""Read tables kept as text: comma-, tab-, semicolon- and bar-separated values (RFC 4180)."""

import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from citewell.ingest.readers.blocks import join_blocks
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.tables import Row, TableRows
from citewell.ingest.readers.titles import readable_name
from citewell.retrieval.values import Document

DELIMITERS = "\t;|,"
"""Where two cut as evenly, the first of them: the last may stand in any cell of text."""

SAMPLE_CHARS = 65_536
"""Characters from the start in which the delimiter is looked for."""

SAMPLE_RECORDS = 200

_DECLARED = re.compile(r"sep=(.)\r?\n")
"""A first line that Excel writes and reads."""

_END = "end of the records"


def read_csv(path: Path, name: str) -> list[Document]:
    """Return the file as one document that is one table, a line for each record.

    Rows are numbered as a spreadsheet program would number them.

    Raises:
        ReadError: If it is not text, or blank.
    """
    text = decode(path.read_bytes())
    table = TableRows()
    for number, cells in enumerate(_records(text), start=1):
        table.add(Row(cells, number))
    joined = join_blocks([table.sheet_block("", 0, table.header())])
    title = readable_name(name)
    return [Document(name=name, title=title, text=joined.text, tables=joined.tables)]


def _records(text: str) -> Iterator[list[str]]:
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    delimiter = declared[1] if declared else _delimiter(text)
    return _parse(text, delimiter, quoted=_quotes_are_closed(text, delimiter))


def _parse(text: str, delimiter: str, quoted: bool = True) -> Iterator[list[str]]:
    lines = io.StringIO(text, newline=None)
    if quoted:
        return csv.reader(lines, delimiter=delimiter)
    return (line.rstrip("\n").split(delimiter) for line in lines)


def _delimiter(text: str) -> str:
    """Return the delimiter that cuts most records into the same number of cells, at least two."""
    sample = text[:SAMPLE_CHARS]
    if len(text) > SAMPLE_CHARS:
        sample = sample[: sample.rfind("\n") + 1] or sample
    return max(DELIMITERS, key=lambda delimiter: _evenness(sample, delimiter))


def _evenness(sample: str, delimiter: str) -> tuple[float, int]:
    """Return the share of records that have the most usual width, and that width."""
    try:
        records = islice(_parse(sample, delimiter), SAMPLE_RECORDS)
        widths = Counter(len(cells) for cells in records if cells)
    except csv.Error:
        return 0.0, 0
    several = Counter({width: count for width, count in widths.items() if width > 1})
    if not several:
        return 0.0, 0
    ((width, count),) = several.most_common(1)
    return count / widths.total(), width


def _quotes_are_closed(text: str, delimiter: str) -> bool:
    """Tell whether quotes enclose cells: one that stands alone would swallow all that follows."""
    try:
        (last,) = deque(_parse(f"{text}\n{_END}", delimiter), maxlen=1)
    except csv.Error:
        return False
    return last == [_END]
