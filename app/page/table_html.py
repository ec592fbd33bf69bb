"""A part of a table into HTML, with the quoted row and cells marked."""

from citewell.app.page.escaping import escaped
from citewell.app.page.excerpts import Excerpt
from citewell.app.page.table_excerpts import Row, TableExcerpt


def table_html(table: TableExcerpt) -> str:
    """Show a part of a table; a wide one scrolls inside its frame."""
    numbered = any(row.number is not None for row in table.rows)
    width = max(len(row.cells) for row in (*table.header, *table.rows))
    columns = width + numbered
    head = "".join(_row_html(row, "th", width, numbered=numbered) for row in table.header)
    rows = "".join(_row_html(row, "td", width, numbered=numbered) for row in table.rows)
    return (
        '<div class="cw-table" tabindex="0" role="group" aria-label="Table">'
        f"<table><thead>{head}</thead><tbody>{_gap_html(table.above, columns)}{rows}"
        f"{_gap_html(table.below, columns)}</tbody></table></div>"
    )


def _row_html(row: Row, tag: str, width: int, *, numbered: bool) -> str:
    number = "" if row.number is None else row.number
    first = f'<th class="cw-row-number" scope="row">{number}</th>' if numbered else ""
    blank = (Excerpt("", "", ""),) * (width - len(row.cells))  # the last cells of a row may lack
    cells = "".join(_cell_html(cell, tag) for cell in (*row.cells, *blank))
    whole = " cw-whole-row" if row.whole else ""
    kind = f' class="cw-quoted-row{whole}"' if row.quoted else ""
    return f"<tr{kind}>{first}{cells}</tr>"


def _cell_html(cell: Excerpt, tag: str) -> str:
    marked = f"<mark>{escaped(cell.quote)}</mark>" if cell.quote else ""
    said = f"{escaped(cell.before)}{marked}{escaped(cell.after)}"
    kind = ' class="cw-quoted-cell"' if cell.quote else ""
    return f'<{tag} dir="auto"{kind}>{said}</{tag}>'


def _gap_html(rows: int, columns: int) -> str:
    if not rows:
        return ""
    said = f"{rows:,} more row{'' if rows == 1 else 's'}"
    return f'<tr class="cw-gap"><td colspan="{columns}">{said}</td></tr>'
