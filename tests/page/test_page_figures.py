"""Quoted words are boxed in parts of their page, and pages are called what the document does."""

from dataclasses import replace
from typing import Any

import pytest

from citewell.app.page.page_figures import PageBox, labels_of, page_figure, page_label
from citewell.retrieval.layout import Box, Mark
from citewell.retrieval.values import Document, Layout, Page

PAGES = tuple(Page(number, 0, 0) for number in (1, 2, 3))


def pdf(**metadata: str) -> Document:
    return Document("a.pdf", "A", "", pages=PAGES, metadata=metadata)


def test_boxes_are_in_parts_of_the_page_they_stand_on(make: Any) -> None:
    marks = (Mark(2, Box(100, 40, 150, 50)), Mark(3, Box(10, 0, 20, 30)))
    layouts = [Layout(2, 0, 200, 400, b""), Layout(3, 0, 100, 300, b"")]

    figure = page_figure(replace(make.citation(), boxes=marks), pdf(), layouts)

    assert figure is not None
    assert figure.boxes == (PageBox(2, 50, 10, 25, 2.5), PageBox(3, 10, 0, 10, 10))
    assert (figure.page, figure.pages, figure.width, figure.height) == (2, 3, 200, 400)


def test_a_pdf_whose_words_have_no_place_is_shown_without_boxes(make: Any) -> None:
    figure = page_figure(make.citation(), pdf(), [])

    assert figure is not None
    assert figure.boxes == ()


def test_a_document_that_is_no_pdf_has_no_page_to_show(make: Any) -> None:
    assert page_figure(make.citation(), make.document, []) is None


@pytest.mark.parametrize(
    ("labels", "page", "label"),
    [
        (("i", "ii", "1"), 2, "ii (2)"),
        (("i", "ii", "3"), 3, "3"),
        (("i", "", "1"), 2, "2"),
        ((), 2, "2"),
    ],
)
def test_a_page_is_called_what_the_document_calls_it(
    labels: tuple[str, ...], page: int, label: str
) -> None:
    assert page_label(labels, page) == label


def test_labels_are_read_one_a_line() -> None:
    assert labels_of(pdf(page_labels="i\nii\n1")) == ("i", "ii", "1")


@pytest.mark.parametrize("stated", ["", "i\nii", "i\nii\niii\niv"])
def test_labels_of_other_pages_than_there_are_say_nothing(stated: str) -> None:
    assert labels_of(pdf(page_labels=stated)) == ()
