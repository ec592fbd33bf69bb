"""The setting of a splitter that gives chunks of a wanted mean length."""

from collections.abc import Callable, Sequence
from statistics import fmean

SMALLEST, LARGEST = 40, 4000
TRIES = 12


def find_size(mean: float, lengths: Callable[[int], Sequence[int]]) -> int:
    """Return the size whose chunks come closest to a mean length, by halving.

    Args:
        mean: Wanted, in characters.
        lengths: Returns the length of each chunk for a size; their mean grows with the size.
    """
    low, high = SMALLEST, LARGEST
    tried: dict[int, float] = {}
    while high - low > 1 and len(tried) < TRIES:
        middle = (low + high) // 2
        tried[middle] = fmean(lengths(middle))
        low, high = (middle, high) if tried[middle] < mean else (low, middle)
    return min(tried, key=lambda size: abs(tried[size] - mean))
