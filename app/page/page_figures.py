"""Where quoted words stand on the pages of a PDF, in parts of a page."""

from collections.abc import Sequence
from dataclasses import dataclass

from citewell.app.answer_values import Citation
from citewell.retrieval.values import Document, Layout

MOST_LABELS = 3000
"""Pages of a document whose own page numbers are shown."""


@dataclass(frozen=True, slots=True)
class PageBox:
    """A rectangle around quoted words, in percent of the width and the height of its page."""

    page: int
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageFigure:
    """The page that a quote begins on, and where its words stand.

    Attributes:
        page: Its number, from 1.
        pages: How many the document has.
        labels: What the document itself calls each page; empty where these are plain numbers.
        width: Of the page as it is shown, in points; 0 where that is not known.
        height: Likewise.
        boxes: Around the words, on this page and the ones that follow.
    """

    page: int
    pages: int
    labels: tuple[str, ...]
    width: float
    height: float
    boxes: tuple[PageBox, ...]

    @property
    def label(self) -> str:
        """The page as people call it: its own number, and its place where that is another."""
        return page_label(self.labels, self.page)


def page_label(labels: Sequence[str], page: int) -> str:
    """Return ``6``, or ``iv (6)`` where the document calls its sixth page so."""
    own = labels[page - 1] if page <= len(labels) else ""
    return f"{own} ({page})" if own and own != str(page) else str(page)


def labels_of(document: Document) -> tuple[str, ...]:
    """Return what a document calls each of its pages; nothing where these are plain numbers."""
    labels = tuple(document.metadata.get("page_labels", "").split("\n"))
    return labels if 1 < len(labels) == len(document.pages) <= MOST_LABELS else ()


def page_figure(
    citation: Citation, document: Document, layouts: Sequence[Layout]
) -> PageFigure | None:
    """Return the page of a citation; None where it is of no PDF.

    Args:
        citation: Its boxes are in points.
        document: What it cites.
        layouts: Of the pages of the boxes.
    """
    is_pdf = bool(citation.boxes) or document.name.lower().endswith(".pdf")
    if not is_pdf or citation.page is None:
        return None
    shapes = {layout.page: (layout.width, layout.height) for layout in layouts}
    boxes = tuple(
        PageBox(
            page,
            100 * box.x0 / shapes[page][0],
            100 * box.top / shapes[page][1],
            100 * (box.x1 - box.x0) / shapes[page][0],
            100 * (box.bottom - box.top) / shapes[page][1],
        )
        for page, box in citation.boxes
        if page in shapes
    )
    width, height = shapes.get(citation.page, (0.0, 0.0))
    return PageFigure(citation.page, len(document.pages), labels_of(document), width, height, boxes)
