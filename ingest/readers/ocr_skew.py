"""Straighten the picture of a page that lay askew in the scanner.

Tesseract loses two thirds of a page, without a word, when it lies askew by 2.5 degrees. The slope
is the one that gathers the ink in the fewest rows (projection profile; Postl, Detection of linear
oblique structures and skew scan in digitized documents, ICPR 1986). Columns are then shifted, not
turned: at these angles letters look the same.
"""

import numpy as np
from numpy.typing import NDArray

from citewell.ingest.readers.ocr_engine import Picture
from citewell.retrieval.layout import Boxes

STEEPEST = 5.0
"""Degrees either way that are looked for; more is no accident of a scanner."""

STEP = 0.25
"""Degrees between two slopes that are tried."""

COARSE = 3
"""One pixel in so many, each way, is looked at."""

CLEARLY = 1.2
"""A slope is taken when it gathers the ink so many times better than none does."""


def slope_of(picture: Picture) -> float:
    """Return by how much lines fall for each step to the right; 0 if they are level enough."""
    small = picture[::COARSE, ::COARSE]
    ink = small < (int(small.min()) + int(small.max())) / 2
    rows, columns = np.nonzero(ink if ink.mean() < 0.5 else ~ink)
    count = round(STEEPEST / STEP)
    slopes = [float(np.tan(np.radians(STEP * step))) for step in range(-count, count + 1)]
    gathered = [_gathered(rows, columns, slope) for slope in slopes]
    best = int(np.argmax(gathered))
    return slopes[best] if gathered[best] > CLEARLY * gathered[count] else 0.0


def straighten(picture: Picture, slope: float) -> Picture:
    """Return a picture with its columns shifted so that lines of a slope are level."""
    height, width = picture.shape
    shifts = np.rint(slope * (np.arange(width) - width / 2)).astype(int)
    straight = np.full_like(picture, 255)
    for shift in np.unique(shifts).tolist():
        here = shifts == shift
        if shift >= 0:
            straight[: height - shift, here] = picture[shift:, here]
        else:
            straight[-shift:, here] = picture[: height + shift, here]
    return straight


def sloped(boxes: Boxes, slope: float, width: float) -> Boxes:
    """Return where boxes of a straightened page stand on the page itself, which is so wide."""
    moved = boxes.copy()
    moved[:, [1, 3]] += slope * ((boxes[:, [0]] + boxes[:, [2]]) / 2 - width / 2)
    return moved


def _gathered(rows: NDArray[np.intp], columns: NDArray[np.intp], slope: float) -> float:
    """Return how sharply the ink is parted into rows of this slope."""
    level = np.rint(rows - slope * columns).astype(np.int64)
    if not len(level):
        return 0.0
    profile = np.bincount(level - level.min()).astype(float)
    return float((np.diff(profile) ** 2).sum())
