"""Read electronic books (.epub): the chapters in the order in which they are meant to be read.

Source: W3C, EPUB 3.3 (OCF container, package document, navigation); IDPF, OPF 2.0.1 (NCX).
"""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from citewell.ingest.readers.archives import check_archive
from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.cleaning import clean_line
from citewell.ingest.readers.html_reader import page_blocks
from citewell.ingest.readers.properties import properties
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.ingest.readers.xml_parts import parse_part
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

MOST_BEFORE_HEADING = 3
"""Paragraphs from a chapter's start among which its heading is looked for."""

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_FONT_MANGLING = {"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"}
"""Ways to hide fonts alone, which are in free books too."""

_STATED = {
    **{"creator": "author", "date": "date", "subject": "subject"},
    **{"description": "description", "publisher": "publisher", "language": "lang"},
}
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml"}
_VOID = "area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"
_SHORT_TAG = re.compile(rf"<(?!(?:{_VOID})\b)(\w[\w:-]*)((?:\s[^<>]*)?)/>".encode())
"""An empty element as XML writes it, which HTML takes for one that has only begun."""


class _Item(NamedTuple):
    """A file of the book: its name in the archive, its type, and what else is said of it."""

    name: str
    kind: str
    properties: str


def read_epub(path: Path, name: str) -> list[Document]:
    """Return the book as one document. A chapter without a heading has that of the contents.

    Chapters that are missing or damaged are left out and named in the metadata.

    Raises:
        ReadError: If it is damaged, unsafe to unpack, locked, or holds no text.
    """
    check_archive(path)
    with zipfile.ZipFile(path) as archive:
        package_name = _package_name(archive)
        package = parse_part(archive, package_name)
        items = _items(package, posixpath.dirname(package_name))
        order = dict.fromkeys(each.get("idref") for each in _all(package, "itemref"))
        spine = [items[each] for each in order if each in items and items[each].kind in _PAGES]
        _refuse_locked(archive, {item.name for item in spine})
        book = _Book(archive, _labels(archive, items.values()))
        text, headings, tables, _ = join_blocks(chain.from_iterable(map(book.chapter, spine)))
    declared = next((each.text for each in _all(package, "title")), None)
    title = choose_title(name, declared, main_heading(headings))
    facts = properties(
        (key, each.text) for tag, key in _STATED.items() for each in _all(package, tag)
    )
    if book.left_out:
        facts["chapters_left_out"] = "; ".join(book.left_out)
    return [Document(name, title, text, (), headings, facts, tables)]


def _all(root: Any, tag: str) -> Iterator[Any]:
    """Yield the elements of this name, whatever their namespace: books differ in it."""
    return root.iter(f"{{*}}{tag}")  # type: ignore[no-any-return]


def _package_name(archive: zipfile.ZipFile) -> str:
    for root in _all(parse_part(archive, _CONTAINER), "rootfile"):
        if name := root.get("full-path"):
            return unquote(name)
    raise ReadError(f"damaged: its part {_CONTAINER} names no book")


def _items(package: Any, folder: str) -> dict[str | None, _Item]:
    return {
        item.get("id"): _Item(
            _resolve(folder, item.get("href") or ""),
            item.get("media-type") or "",
            item.get("properties") or "",
        )
        for item in _all(package, "item")
    }


def _resolve(folder: str, link: str) -> str:
    """Return the name in the archive of what a link means, without its fragment."""
    return posixpath.normpath(posixpath.join(folder, unquote(link.partition("#")[0])))


def _refuse_locked(archive: zipfile.ZipFile, chapters: set[str]) -> None:
    if _ENCRYPTION not in archive.namelist():
        return
    for data in _all(parse_part(archive, _ENCRYPTION), "EncryptedData"):
        methods = {each.get("Algorithm") for each in _all(data, "EncryptionMethod")}
        files = {_resolve("", each.get("URI") or "") for each in _all(data, "CipherReference")}
        if not methods <= _FONT_MANGLING and files & chapters:
            raise ReadError("locked by copy protection (DRM): only its shop's programs can open it")


def _labels(archive: zipfile.ZipFile, items: Iterable[_Item]) -> dict[str, str]:
    """Return what the table of contents calls each file: its first entry for it."""
    labels: dict[str, str] = {}
    for item in items:
        if "nav" in item.properties.split() or item.kind == "application/x-dtbncx+xml":
            with suppress(ReadError):
                for link, label in _entries(parse_part(archive, item.name)):
                    name = _resolve(posixpath.dirname(item.name), link)
                    labels.setdefault(name, clean_line(label))
    return labels


def _entries(contents: Any) -> Iterator[tuple[str, str]]:
    """Yield the link and label of each entry of a table of contents, of EPUB 3 or 2."""
    for link in _all(contents, "a"):
        yield link.get("href") or "", "".join(link.itertext())
    for point in _all(contents, "navPoint"):
        target = point.find("{*}content")
        label = point.find("{*}navLabel")
        if target is not None and label is not None:
            yield target.get("src") or "", "".join(label.itertext())


class _Book:
    """Reads chapters, and keeps what could not be read."""

    def __init__(self, archive: zipfile.ZipFile, labels: dict[str, str]) -> None:
        self._archive = archive
        self._labels = labels
        self.left_out: list[str] = []

    def chapter(self, item: _Item) -> list[Block]:
        """Return the blocks of a chapter, the first a heading if the contents name it."""
        try:
            data = _SHORT_TAG.sub(rb"<\1\2></\1>", self._archive.read(item.name))
            blocks = list(page_blocks(data).blocks) if data.strip() else []
        except KeyError:
            self.left_out.append(f"{item.name} is missing")
            return []
        except (ReadError, zipfile.BadZipFile, zlib.error, EOFError) as error:
            self.left_out.append(f"{item.name}: {error}")
            return []
        label = self._labels.get(item.name)
        return _with_heading(blocks, label) if label and blocks else blocks


def _with_heading(blocks: list[Block], label: str) -> list[Block]:
    """Return a chapter's blocks with its label as heading, unless they have one.

    The label may stand in the text already, as a paragraph with a heading's look.
    """
    if any(block.level for block in blocks):
        return blocks
    for index, block in enumerate(blocks[:MOST_BEFORE_HEADING]):
        if clean_line(block.text).casefold() == label.casefold():
            return [*blocks[:index], replace(block, level=1), *blocks[index + 1 :]]
    return [Block(label, level=1), *blocks]
