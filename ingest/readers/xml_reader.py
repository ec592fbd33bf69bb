"""Read XML: its text, with the names of the elements that hold single values.

Entities and document types are not followed and nothing is fetched, so what a file refers to
stays out. See https://owasp.org/www-community/vulnerabilities/XML_External_Entity_(XXE)_Processing.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.html_reader import page_blocks
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.ingest.readers.titles import choose_title
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

DEEPEST_HEADING = 6

TITLE_WITHIN = 10
"""Elements at the start of another within which its title stands."""

_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_TITLES = {"title", "head", "heading", "bridgehead", "subtitle"}
_PROSE = {
    *("p", "para", "simpara", "paragraph", "text", "body", "content", "li", "listitem", "item"),
    *("entry", "quote", "note", "line", "l", "s", "seg", "term", "definition", "summary"),
    *("description", "abstract", "programlisting", "screen", "codeblock", "pre", "verse"),
}
"""Elements whose text speaks for itself."""

_MARKUP = re.compile(
    r"</?(?:p|br|a|div|span|ul|ol|li|b|i|em|strong|img|h[1-6]|table)\b[^<>]*>", re.I
)


def read_xml(path: Path, name: str) -> list[Document]:
    """Return the file as one document; titles in it are headings.

    Raises:
        ReadError: If it is no XML, or holds no text.
    """
    root = _parse(path.read_bytes())
    text, headings, tables, _ = join_blocks(_blocks(root))
    title = choose_title(name, headings[0].title if headings else None)
    return [Document(name=name, title=title, text=text, headings=headings, tables=tables)]


def _parse(data: bytes) -> Any:
    """Return the root. What is malformed is read as far as it can be.

    Raises:
        ReadError: If it is no XML, or so large in some way that the rest of it would be lost.
    """
    from lxml import etree  # type: ignore[import-untyped]

    for recover, content in ((False, data), (True, data), (True, None)):
        if content is None:
            content = _DECLARATION.sub("", decode(data), count=1).replace("\0", "").encode()
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            recover=recover,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError):
            continue
        if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
            raise ReadError(
                "unsafe: too deep, a value of more than 10 MB, or entities that grow without end"
            )
        if root is not None:
            return root
    raise ReadError("no XML that can be read" if data.strip() else NO_TEXT)


def _blocks(root: Any) -> Iterator[Block]:
    """Yield the blocks in order. Values that stand in a row are lines of one block."""
    from lxml import etree

    values: list[str] = []
    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if not isinstance(element.tag, str):
            continue
        if len(element) and not _is_mixed(element):
            if values:
                yield Block("\n".join(values))
                values = []
            continue
        walk.skip_subtree()
        name, words = _local(element), " ".join("".join(element.itertext()).split())
        if not (name in _PROSE or name in _TITLES or len(element)) or not words:
            values += _value(element, name, words)
            continue
        if values:
            yield Block("\n".join(values))
            values = []
        if name in _TITLES:
            yield Block(words, _level(element))
        else:
            yield from _prose(element, words)
    yield Block("\n".join(values))


def _is_mixed(element: Any) -> bool:
    """Tell whether words stand between the elements within, as in prose."""
    return bool((element.text or "").strip()) or any((each.tail or "").strip() for each in element)


def _value(element: Any, name: str, words: str) -> list[str]:
    """Return the line of a single value; blank ones have what their attributes say."""
    facts = ", ".join(f"{_local_name(key)}={value}" for key, value in element.attrib.items())
    if not words:
        return [f"{name}: {facts}"] if facts else []
    return [f"{name} ({facts}): {words}" if facts else f"{name}: {words}"]


def _prose(element: Any, words: str) -> Iterator[Block]:
    """Yield the words of an element, or what the HTML in them shows, as in feeds."""
    if not len(element) and _MARKUP.search(words):
        yield from page_blocks(f"<html><body>{element.text}".encode(), "utf-8").blocks
    else:
        yield Block(words)


def _level(element: Any) -> int:
    """Return the level of a title: how many titled elements are around the one it is of."""
    above = list(element.iterancestors())[1:]
    titled = sum(
        any(_local(child) in _TITLES for child in islice(each, TITLE_WITHIN)) for each in above
    )
    return min(titled + 1, DEEPEST_HEADING)


def _local(element: Any) -> str:
    return _local_name(element.tag) if isinstance(element.tag, str) else ""


def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2]
