"""Read Rich Text Format (.rtf): paragraphs, headings, tables and notes as they are shown."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.rtf_tokens import CODE_PAGES, Token, known_encoding, tokens
from citewell.ingest.readers.tables import Row, table_block
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

MOST_GROUPS = 1000
"""Groups inside each other. Real files have below a hundred."""

_SHOWN = {
    **{"tab": "\t", "line": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“"},
    **{"rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—", "nestcell": " "},
    **{"enspace": " ", "emspace": " ", "qmspace": " ", "softline": "\n", "nestrow": " "},
}
_SIGNS = {"~": "\u00a0", "_": "-", "{": "{", "}": "}", "\\": "\\", "\t": "\t"}
_ENDS = {"par", "sect", "page", "column"}
_ASIDES = {"footnote": "", "annotation": "Comment: ", "shptxt": ""}
_LISTED = {"listtext", "pntext"}
_PLACES = {"fonttbl": "fonts", "stylesheet": "styles", "info": "info"}
_SKIPPED = {
    *(*_PLACES, "colortbl", "pict", "object", "fldinst", "header", "headerl", "headerr", "headerf"),
    *("footer", "footerl", "footerr", "footerf", "filetbl", "listtable", "listoverridetable"),
    *("revtbl", "xe", "tc", "rxe", "txe", "nonshppict", "nonesttables", "sp", "shprslt"),
    *("ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn"),
}
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds within a group, and no longer after it.

    Attributes:
        place: Where text goes: ``body``, ``title``, ``styles``, or nowhere.
        font: Number of the font.
        bytes_after: How many bytes stand in for each character given as Unicode.
        hidden: Text is hidden, or deleted with its deletion recorded.
        listed: Text is the number or bullet of an item.
        aside: What the group opened: a note, comment or box; None if none.
    """

    place: str = "body"
    font: int | None = None
    bytes_after: int = 1
    hidden: bool = False
    listed: bool = False
    aside: str | None = None


def read_rtf(path: Path, name: str) -> list[Document]:
    """Return the file as one document.

    Deleted and hidden text, headers and footers are left out; a note follows the paragraph that
    refers to it.

    Raises:
        ReadError: If it is no RTF, nested without end, or blank.
    """
    data = path.read_bytes()
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{\\rtf"):
        raise ReadError("damaged, or not what its name says: it does not begin as RTF does")
    page = _Page()
    for token in tokens(data):
        page.take(token)
    text, headings, tables, _ = join_blocks(page.end())
    title = choose_title(name, "".join(page.title), main_heading(headings))
    return [Document(name=name, title=title, text=text, headings=headings, tables=tables)]


class _Page:
    """Takes the tokens in order, and makes blocks of them."""

    def __init__(self) -> None:
        self.title: list[str] = []
        self._blocks: list[Block] = []
        self._asides: list[Block] = []
        self._flows: list[list[str]] = [[]]  # of the body, and of each aside that is open
        self._cells: list[str] = []
        self._rows: list[Row] = []
        self._in_table = self._is_header = self._starred = self._closed = False
        self._level = 0
        self._state = _State()
        self._outer: list[_State] = []
        self._encoding = "cp1252"
        self._default_font: int | None = None
        self._fonts: dict[int | None, str] = {}
        self._defined_font = 0
        self._levels: dict[int, int] = {}
        self._style: int | None = None
        self._style_name: list[str] = []
        self._pending = bytearray()
        self._stand_ins = 0

    def take(self, token: Token) -> None:
        """Take the next token; none counts after the end of the outermost group."""
        if self._closed:
            return
        if token.kind == "bytes":
            replaced = min(self._stand_ins, len(token.data))
            self._stand_ins -= replaced
            self._pending += token.data[replaced:]
            return
        self._decode()
        if token.kind == "word":
            starred, self._starred = self._starred, False
            self._word(token.name, token.number, starred)
        elif token.kind == "open":
            self._open()
        elif token.kind == "close":
            self._close()
        else:
            self._sign(token.name)

    def end(self) -> list[Block]:
        """Return the blocks of all that was taken, with what the file does not end."""
        self._decode()
        while self._outer:
            self._close()
        self._in_table = False
        self._end_paragraph()
        self._end_table()
        self._flush_asides()
        return self._blocks

    def _open(self) -> None:
        if len(self._outer) == MOST_GROUPS:
            raise ReadError(f"unsafe: more than {MOST_GROUPS} groups inside each other")
        self._outer.append(self._state)
        if self._state.aside is not None:
            self._state = replace(self._state, aside=None)
        self._stand_ins = 0
        if self._state.place == "styles":
            self._style, self._style_name = None, []

    def _close(self) -> None:
        if self._state.aside is not None:
            words = "".join(self._flows.pop()).strip()
            self._asides.append(Block(f"{_ASIDES[self._state.aside]}{words}" if words else ""))
        if self._state.place == "styles" and self._style is not None:
            if found := _HEADING.match("".join(self._style_name)):
                self._levels[self._style] = int(found[1])
            self._style = None
        self._stand_ins = 0
        self._state = self._outer.pop() if self._outer else self._state
        self._closed = not self._outer

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._starred = True
        elif sign in "\r\n":
            self._end_paragraph()
        elif sign in _SIGNS:
            self._write(_SIGNS[sign])

    def _word(self, name: str, number: int | None, starred: bool) -> None:
        if name == "u":
            self._write(chr((number or 0) % 0x10000))
            self._stand_ins = self._state.bytes_after
        elif name in _ASIDES and self._state.place in ("body", "nowhere"):
            self._flows.append([])
            self._state = replace(self._state, aside=name, place="body")
        elif name in _SKIPPED or (starred and name != "shpinst"):
            self._state = replace(self._state, place=_PLACES.get(name, "nowhere"))
        elif self._state.place == "fonts":
            self._define_font(name, number)
        elif self._state.place == "styles":
            self._define_style(name, number)
        elif name == "title" and self._state.place == "info":
            self._state = replace(self._state, place="title")
        else:
            self._format(name, number)

    def _format(self, name: str, number: int | None) -> None:
        """Take a word that is about text, if it bears on what is read."""
        if name in _SHOWN:
            self._write(_SHOWN[name])
        elif name in _LISTED:
            self._state = replace(self._state, listed=True)
        elif name in ("v", "deleted"):
            self._state = replace(self._state, hidden=number != 0)
        elif name == "plain":
            self._state = replace(self._state, hidden=False, font=self._default_font)
        elif name == "uc":
            self._state = replace(self._state, bytes_after=max(0, number or 0))
        elif name in ("f", "deff", "ansicpg", "mac"):
            self._choose_encoding(name, number)
        elif self._state.place == "body":
            self._arrange(name, number or 0)

    def _choose_encoding(self, name: str, number: int | None) -> None:
        if name == "ansicpg":
            self._encoding = known_encoding(number)
        elif name == "mac":
            self._encoding = "mac_roman"
        else:
            self._state = replace(self._state, font=number)
            if name == "deff":
                self._default_font = number

    def _arrange(self, name: str, number: int) -> None:
        """Take a word that is about paragraphs."""
        if name in _ENDS:
            self._end_paragraph()
        elif name == "pard":
            self._in_table, self._level = False, 0
        elif name == "s":
            self._level = self._levels.get(number, 0)
        elif name == "outlinelevel":
            self._level = (number + 1) % 10
        else:
            self._tabulate(name)

    def _tabulate(self, name: str) -> None:
        if name == "intbl":
            self._in_table = True
        elif name == "cell":
            self._cells.append(self._take_flow())
        elif name == "trowd":
            self._is_header = False
            if not self._in_table and not self._cells:
                self._end_paragraph()
        elif name == "trhdr":
            self._is_header = True
        elif name == "row":
            self._end_row()

    def _define_font(self, name: str, number: int | None) -> None:
        if name == "f":
            self._defined_font = number or 0
        elif name == "fcharset" and number in CODE_PAGES:
            self._fonts[self._defined_font] = CODE_PAGES[number]
        elif name == "cpg":
            self._fonts[self._defined_font] = known_encoding(number)

    def _define_style(self, name: str, number: int | None) -> None:
        if name == "s":
            self._style = number
        elif name == "outlinelevel" and self._style is not None:
            self._levels[self._style] = ((number or 0) + 1) % 10

    def _decode(self) -> None:
        if self._pending:
            encoding = self._fonts.get(self._state.font, self._encoding)
            if encoding == "cp1252":
                encoding = self._encoding
            self._write(self._pending.decode(encoding, "replace"))
            self._pending.clear()

    def _write(self, text: str) -> None:
        if self._state.hidden:
            return
        if self._state.place == "body":
            self._flows[-1].append(text.replace("\t", " ") if self._state.listed else text)
        elif self._state.place == "title":
            self.title.append(text)
        elif self._state.place == "styles":
            self._style_name.append(text)

    def _take_flow(self) -> str:
        text = "".join(self._flows[-1])
        self._flows[-1].clear()
        return text

    def _end_paragraph(self) -> None:
        if self._in_table or len(self._flows) > 1:
            self._flows[-1].append("\n")
            return
        text = self._take_flow()
        if text.strip():
            self._end_table()
            self._blocks.append(Block(text, self._level))
        if not self._rows:
            self._flush_asides()

    def _end_row(self) -> None:
        if self._cells:
            self._rows.append(Row(self._cells, is_header=self._is_header))
        self._cells = []
        self._in_table = False

    def _end_table(self) -> None:
        self._end_row()
        if self._rows:
            self._blocks.append(table_block(self._rows))
            self._rows = []
            self._flush_asides()

    def _flush_asides(self) -> None:
        self._blocks += self._asides
        self._asides = []
