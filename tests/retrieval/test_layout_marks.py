"""Boxes are packed small and come back where they were, and marks cover cited text."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from citewell.retrieval.layout import Box, Boxes, Mark, box_array, boxes_of, marks, pack_layout
from citewell.retrieval.values import Layout


def line(x: float, top: float, count: int) -> list[Box | None]:
    """Return boxes of characters side by side, 5 wide and 10 high."""
    return [Box(x + 5 * at, top, x + 5 * at + 5, top + 10) for at in range(count)]


def rounded(found: list[Mark]) -> list[tuple[int, tuple[int, ...]]]:
    return [(mark.page, tuple(round(edge) for edge in mark.box)) for mark in found]


def packed(start: int, boxes: list[Box | None], page: int = 1) -> Layout:
    return pack_layout(page, start, 600, 800, box_array(boxes))


def test_a_character_that_stands_nowhere_has_no_box() -> None:
    assert boxes_of(packed(0, [None, None])) == [None, None]


def test_a_page_without_characters_has_no_boxes() -> None:
    assert boxes_of(packed(0, [])) == []


edges = st.tuples(st.floats(0, 590), st.floats(0, 790), st.floats(0.1, 10), st.floats(0.1, 10))


@given(st.lists(st.none() | edges, max_size=30))
def test_boxes_come_back_within_a_thirtieth_of_a_point(
    given: list[tuple[float, float, float, float] | None],
) -> None:
    boxes = [each and Box(each[0], each[1], each[0] + each[2], each[1] + each[3]) for each in given]
    found = boxes_of(packed(0, boxes))
    assert [box is None for box in found] == [box is None for box in boxes]
    for one, other in zip(found, boxes, strict=True):
        if one and other:
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) < 1 / 30


def test_what_stands_beyond_the_page_is_moved_to_its_edge() -> None:
    (box,) = boxes_of(packed(0, [Box(-50, -1, 700, 900)]))
    assert box is not None
    assert (round(box.x0), round(box.top), round(box.x1), round(box.bottom)) == (0, 0, 700, 800)


def test_a_character_takes_a_few_bytes() -> None:
    boxes = [box for row in range(40) for box in line(50, 50 + 15 * row, 80)]
    assert len(packed(0, boxes).packed) < 3 * len(boxes)


def test_there_is_one_mark_for_each_line() -> None:
    layout = packed(100, [*line(50, 50, 4), None, *line(50, 65, 4)])
    assert rounded(marks([layout], 102, 107)) == [(1, (60, 50, 70, 60)), (1, (50, 65, 60, 75))]


def test_marks_go_on_from_page_to_page() -> None:
    layouts = [packed(0, line(50, 700, 3)), packed(5, line(70, 40, 3), page=2)]
    assert rounded(marks(layouts, 1, 7)) == [(1, (55, 700, 65, 710)), (2, (70, 40, 80, 50))]


def test_what_stands_nowhere_has_no_marks() -> None:
    layout = packed(10, [None, *line(50, 50, 2)])
    assert marks([layout], 10, 11) == []
    assert marks([layout], 0, 10) == []
    assert marks([layout], 13, 20) == []
    assert marks([], 0, 10) == []


def test_words_with_a_blank_between_are_marked_as_one() -> None:
    layout = packed(0, [*line(50, 50, 3), None, *line(70, 50, 3)])
    assert rounded(marks([layout], 0, 7)) == [(1, (50, 50, 85, 60))]


def test_lines_that_run_downwards_are_marked_one_by_one() -> None:
    columns: list[Box | None] = [
        Box(x, 50 + 10 * at, x + 10, 60 + 10 * at) for x in (300, 280) for at in range(6)
    ]
    found = rounded(marks([packed(0, columns)], 0, 12))
    assert found == [(1, (300, 50, 310, 110)), (1, (280, 50, 290, 110))]


def test_narrow_letters_do_not_part_a_line() -> None:
    word: list[Box | None] = [
        Box(50, 50, 52, 61),
        Box(52, 50, 54, 61),
        Box(54, 50, 60, 61),
        Box(50, 61, 52, 72),
    ]
    assert rounded(marks([packed(0, word)], 0, 4)) == [
        (1, (50, 50, 60, 61)),
        (1, (50, 61, 52, 72)),
    ]


def test_an_array_of_boxes_has_nan_for_none() -> None:
    found: Boxes = box_array([Box(1, 2, 3, 4), None])
    assert found.shape == (2, 4)
    assert found[0].tolist() == [1, 2, 3, 4]
    assert np.isnan(found[1]).all()


def test_marks_of_a_line_do_not_overlap_those_of_the_next() -> None:
    boxes = [box for row in range(5) for box in line(50, 50 + 12 * row, 20)]
    found = marks([packed(0, boxes)], 0, len(boxes))
    assert all(one.box.bottom <= other.box.top for one, other in pairwise(found))
