"""A page's boxes and tables stay with their characters when its text is changed."""

import re

from hypothesis import given
from hypothesis import strategies as st

from citewell.ingest.readers.cleaning import clean_text
from citewell.ingest.readers.page_edits import clean_page, keep, substitute
from citewell.ingest.readers.page_text import Line, PageText
from citewell.retrieval.layout import Box, box_array
from citewell.retrieval.values import Table


def page(text: str, tables: tuple[Table, ...] = (), lines: tuple[Line, ...] = ()) -> PageText:
    """Return a page on which the character at offset n stands at x0 = n."""
    boxes = box_array([Box(at, 0, at + 1, 10) for at in range(len(text))])
    return PageText(text, boxes, 600, 800, tables, lines)


def places(found: PageText) -> list[int | None]:
    return [None if x != x else int(x) for x in found.boxes[:, 0].tolist()]


def test_invisible_characters_go_with_their_boxes() -> None:
    found = clean_page(page(" a\u200bb\u2060 c"))
    assert found.text == "ab c"
    assert places(found) == [1, 3, 5, 6]


def test_a_letter_and_its_accent_become_one_at_the_place_of_the_letter() -> None:
    found = clean_page(page("caffe\u0300\u00a0x"))
    assert found.text == "caffè x"
    assert places(found) == [0, 1, 2, 3, 4, 6, 7]


letters = st.sampled_from(
    "aé \n\t\u0301\u0300\u200b\u00ad\u2003\u200d\u0628\u0915\r\u0b3c\uac00\u11a8"
)


@given(st.lists(letters, max_size=40).map("".join))
def test_a_page_is_cleaned_as_any_text_is(text: str) -> None:
    found = clean_page(page(text))
    assert len(found.boxes) == len(found.text)
    assert clean_text(found.text) == found.text
    visible = "".join(clean_text(text).split())
    assert "".join(found.text.split()) == visible


def test_what_a_replacement_shares_with_the_old_text_keeps_its_place() -> None:
    found = substitute(page("an exam-\nple"), re.compile(r"exam-\nple"), lambda _: "example")
    assert found.text == "an example"
    assert places(found) == [0, 1, 2, 3, 4, 5, 6, 9, 10, 11]


def test_what_a_replacement_brings_in_stands_nowhere() -> None:
    found = substitute(page("a,b"), re.compile(","), lambda _: " and ")
    assert found.text == "a and b"
    assert places(found) == [0, None, None, None, None, None, 2]


def test_tables_and_lines_move_with_their_text() -> None:
    whole = page("head\nx\ty\nfoot", (Table(5, 8, "h"),), (Line(0, 4, 9.0), Line(9, 13, 8.0)))
    found = keep(whole, [(5, 13)])
    assert found.text == "x\ty\nfoot"
    assert found.tables == (Table(0, 3, "h"),)
    assert found.lines == (Line(4, 8, 8.0),)


def test_a_table_that_is_left_out_is_gone() -> None:
    assert keep(page("head\nx\ty", (Table(5, 8),)), [(0, 4)]).tables == ()
