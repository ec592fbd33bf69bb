"""A row of a table as people read it aloud: each cell after the name of its column."""

import re


def named_cells(header: str, row: str) -> str | None:
    """Write a row as ``name: cell; name: cell``; None if it does not fit its header.

    Args:
        header: The names of the columns, with bars or tabs between them as in the row; the line
            that Markdown rules below them may stand there too.
    """
    lines = [line for line in header.splitlines() if any(map(str.isalnum, line))]
    names, cells = _cells("\n".join(lines)), _cells(row)
    if len(names) != len(cells):
        return None
    pairs = zip(names, cells, strict=True)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)


def _cells(row: str) -> list[str]:
    inner = row.strip()
    inner = inner.removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in re.split(r"\t|\|" if "|" in row else r"\t", inner)]
