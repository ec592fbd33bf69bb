"""Read HTML: the text a visitor sees, without menus. Nothing the page refers to is fetched."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.html_blocks import html_blocks
from citewell.ingest.readers.html_hidden import is_hidden
from citewell.ingest.readers.properties import properties
from citewell.ingest.readers.text_reader import NO_TEXT
from citewell.ingest.readers.titles import choose_title, main_heading
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document

MOST_LINK_SHARE = 0.5
"""Share of the text in links above which a page is mostly menus, and trafilatura picks the rest."""

MAIN_SHARE = 0.5
"""Share of the text that an element must hold to be taken for the main part of the page."""

_CHARSET = re.compile(rb"""<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*["']?([\w.:-]+)""", re.I)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_UNSEEN = (
    "//script | //style | //noscript | //template | //svg | //iframe | //object | //select"
    " | //button | //textarea | //comment() | //processing-instruction()"
    " | //*[@hidden] | //*[name() = 'ix:header']"
    " | //nav | //*[@role='navigation' or @role='search' or @role='contentinfo']"
    " | //footer[not(ancestor::article or ancestor::main)]"
)

_STATED = {
    "author": ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author"),
    "date": (
        *("date", "article:published_time", "datepublished", "dcterms.created", "dc.date"),
        *("dcterms.date", "citation_publication_date", "citation_date", "pubdate"),
    ),
    "modified": ("article:modified_time", "datemodified", "dcterms.modified", "last-modified"),
    "keywords": ("keywords", "article:tag", "news_keywords", "dc.subject", "dcterms.subject"),
    "description": ("description", "og:description", "dc.description", "dcterms.description"),
}
"""Names of meta elements that say something of the page, best first.

Sources: https://html.spec.whatwg.org/multipage/semantics.html#standard-metadata-names, Open Graph,
Dublin Core and Highwire tags.
"""


class HtmlPage(NamedTuple):
    """A page: the title it gives, if any, what else it states, and what a visitor sees."""

    title: str | None
    facts: dict[str, str]
    blocks: Iterator[Block]


def read_html(path: Path, name: str) -> list[Document]:
    """Return the page as one document with its headings and tables.

    Raises:
        ReadError: If it is not text, or a visitor would see none.
    """
    page = page_blocks(path.read_bytes())
    text, headings, tables, _ = join_blocks(page.blocks)
    title = choose_title(name, page.title, main_heading(headings))
    return [Document(name, title, text, (), headings, page.facts, tables)]


def page_blocks(data: bytes, charset: str | None = None) -> HtmlPage:
    """Return what a page states about itself, and the blocks that a visitor sees.

    Args:
        data: The page's bytes.
        charset: Its encoding, where what came with it says so; else what the page declares.

    Raises:
        ReadError: If it is not text, or blank.
    """
    page = _parse(data, charset)
    given, facts = page.findtext(".//title"), properties(_stated(page))
    _remove_unseen(page)
    part = _main_part(page)
    if _link_share(part) > MOST_LINK_SHARE:
        part = _without_menus(part)
    return HtmlPage(given, facts, html_blocks(part))


def _stated(page: Any) -> Iterator[tuple[str, str | None]]:
    """Yield what a page says in its head; of several elements for one key, of the first name."""
    said: dict[str, list[str]] = {}
    for element in page.iterfind(".//meta[@content]"):
        name = element.get("name") or element.get("property") or element.get("itemprop") or ""
        said.setdefault(name.strip().lower(), []).append(element.get("content"))
    for key, names in _STATED.items():
        given = next((said[name] for name in names if name in said), [])
        yield from ((key, value) for value in given)
    yield "lang", page.get("lang") or page.get("xml:lang")


def _parse(data: bytes, charset: str | None) -> Any:
    from lxml import etree, html  # type: ignore[import-untyped]

    declared = _CHARSET.search(data[:4096])
    text = decode(data, charset or (declared[1].decode("ascii") if declared else None))
    text = _DECLARATION.sub("", text, count=1).replace("\0", "")
    # Without huge_tree the rest of a page is lost where 256 elements are not closed.
    parser = html.HTMLParser(no_network=True, huge_tree=True)
    try:
        page = html.document_fromstring(text, parser=parser)
    except etree.ParserError as error:
        raise ReadError(NO_TEXT) from error
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise ReadError("is nested too deeply: save the page again, or as text")
    return page


def _remove_unseen(page: Any) -> None:
    styled = page.iterfind(".//*[@style]")
    hidden = [element for element in styled if is_hidden(element)]
    for element in [*page.xpath(_UNSEEN), *hidden, *page.iterfind("head")]:
        if element.getparent() is not None:
            element.drop_tree()


def _main_part(page: Any) -> Any:
    """Return the one element marked as the main part, if it holds most of the text."""
    marked = page.xpath("//main | //*[@role='main']") or page.xpath("//article")
    if len(marked) == 1 and _length(marked[0]) >= MAIN_SHARE * _length(page):
        return marked[0]
    return page


def _length(element: Any) -> int:
    return sum(len(text.strip()) for text in element.itertext())


def _link_share(part: Any) -> float:
    return sum(_length(link) for link in part.iterfind(".//a[@href]")) / max(1, _length(part))


def _without_menus(part: Any) -> Any:
    """Return what trafilatura takes for the content, or all of it if it finds none.

    It is not asked about other pages: it leaves out paragraphs of legal texts and first headings,
    and what is left out here can never be answered from.
    """
    import trafilatura

    found = trafilatura.bare_extraction(part, favor_recall=True, include_comments=False)
    body = getattr(found, "body", None)
    return part if body is None or not _length(body) else body
