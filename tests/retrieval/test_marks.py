"""A quote is marked by one rectangle for each of its lines, which may run across or down."""

import pytest

from citewell.retrieval.layout import Box, box_array, marks, pack_layout

I_AND_N = Box(40, 40, 43, 52), Box(43, 40, 50, 52)
NEXT_LINE = Box(40, 54, 47, 66)
DOWN = tuple(Box(200, 40 + 10 * place, 218, 50 + 10 * place) for place in range(5))
NEXT_DOWN = Box(178, 40, 196, 50)


@pytest.mark.parametrize(
    ("boxes", "count"),
    [
        (I_AND_N, 1),
        ((*I_AND_N, NEXT_LINE), 2),
        (DOWN, 1),
        (DOWN[::-1], 1),
        ((*DOWN, NEXT_DOWN), 2),
        ((DOWN[0], NEXT_LINE), 2),
    ],
)
def test_each_line_has_one_mark(boxes: tuple[Box, ...], count: int) -> None:
    layout = pack_layout(1, 0, 300, 400, box_array(boxes))
    found = marks([layout], 0, len(boxes))
    assert len(found) == count
    assert found[0].box.x0 == pytest.approx(boxes[0].x0, abs=0.1)
