"""Read PDF: pdfium for the text in reading order, pypdf where pdfium cannot open the file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from citewell.ingest.readers.cleaning import clean_line
from citewell.ingest.readers.hyphens import join_broken_words
from citewell.ingest.readers.ocr import why_no_text
from citewell.ingest.readers.page_edits import clean_page
from citewell.ingest.readers.page_text import PageText
from citewell.ingest.readers.pdf_furniture import without_furniture
from citewell.ingest.readers.pdf_headings import set_headings
from citewell.ingest.readers.pdf_libraries import OutlineEntry, load_pdf
from citewell.ingest.readers.titles import choose_title
from citewell.retrieval.errors import ReadError
from citewell.retrieval.layout import pack_layout
from citewell.retrieval.values import Document, Heading, Layout, Page, Table

PAGE_BREAK = "\n\n"
FEWEST_TITLE_WORDS = 3
"""Words of a heading that was found by its size, for it to be the title: not "FORM 10-Q"."""

MOST_WORDS = 30
"""Words of a heading that are looked for on its page."""


def read_pdf(path: Path, name: str) -> list[Document]:
    """Return the file as one document, with a page for each of its pages.

    Raises:
        ReadError: If it is damaged, needs a password, or has no text layer.
    """
    pdf = load_pdf(path)
    whole = join_broken_words(pdf.pages)
    read = without_furniture([clean_page(page) for page in whole])
    blank = sum(not page.text for page in read)
    if blank == len(read):
        raise ReadError(why_no_text(blank))
    text, pages = join_pages(read)
    outline = place_headings(pdf.outline, text, pages)
    headings = outline or set_headings(read, pages)
    parts = [heading for heading in headings if heading.level == 1]
    main = parts[0] if len(parts) == 1 and (outline or _is_on_top(parts[0], pages)) else None
    hidden = sum(page.hidden for page in read)
    counts = {"pages_without_text": blank, "hidden_characters": hidden}
    return [
        Document(
            name=name,
            title=choose_title(name, pdf.title, main.title if main else None),
            text=text,
            pages=pages,
            headings=headings,
            metadata=pdf.facts | {fact: str(count) for fact, count in counts.items() if count},
            tables=tuple(_tables(read, pages)),
            layouts=tuple(_layouts(read, pages)),
        )
    ]


def _is_on_top(heading: Heading, pages: Sequence[Page]) -> bool:
    """Tell whether a heading can be the title: some words on the first page."""
    return heading.start < pages[0].end and len(heading.title.split()) >= FEWEST_TITLE_WORDS


def join_pages(read: Sequence[PageText]) -> tuple[str, tuple[Page, ...]]:
    """Return the text of all pages and the span of each; a break belongs to the page before it."""
    texts = [page.text for page in read]
    spans: list[tuple[int, int]] = []
    end = 0
    for text in texts:
        start, end = end, end + (len(text + PAGE_BREAK) if text else 0)
        spans.append((start, end))
    whole = "".join(text + PAGE_BREAK for text in texts if text).removesuffix(PAGE_BREAK)
    most = len(whole)
    return whole, tuple(
        Page(
            number,
            min(start, most),
            min(end, most),
            page.source if page.text else "none",
            page.confidence if page.text else None,
        )
        for number, ((start, end), page) in enumerate(zip(spans, read, strict=True), start=1)
    )


def _tables(read: Sequence[PageText], pages: Sequence[Page]) -> Iterator[Table]:
    for found, page in zip(read, pages, strict=True):
        for table in found.tables:
            start, end = page.start + table.start, page.start + table.end
            yield replace(table, start=start, end=end)


def _layouts(read: Sequence[PageText], pages: Sequence[Page]) -> Iterator[Layout]:
    for found, page in zip(read, pages, strict=True):
        if found.width > 0 < found.height and not np.isnan(found.boxes).all():
            yield pack_layout(page.number, page.start, found.width, found.height, found.boxes)


def place_headings(
    outline: Sequence[OutlineEntry], text: str, pages: Sequence[Page]
) -> tuple[Heading, ...]:
    """Return the outline as headings: each where its title stands on its page, or at the page."""
    headings: list[Heading] = []
    for entry in outline:
        title = clean_line(entry.title)
        if title and 0 <= entry.page < len(pages):
            page = pages[entry.page]
            after = headings[-1].start + 1 if headings else 0
            start = _find_title(title, text, page, after)
            headings.append(Heading(entry.level, title, start))
    return tuple(sorted(headings, key=lambda heading: heading.start))


def _find_title(title: str, text: str, page: Page, after: int) -> int:
    words = re.findall(r"\w+", title)[:MOST_WORDS]
    if not words:
        return page.start
    pattern = re.compile(r"\W+".join(map(re.escape, words)), re.IGNORECASE)
    found = [match.start() for match in pattern.finditer(text, page.start, page.end)]
    at_line_start = [start for start in found if not text[:start].rpartition("\n")[2].strip()]
    later = [start for start in at_line_start or found if start >= after]
    return (later or at_line_start or found or [page.start])[0]
