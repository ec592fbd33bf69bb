"""How the learning rate rises and falls."""

import math

WARM_UP = 0.05
"""Share of the steps in which the rate rises to its highest."""

FLOOR = 0.05
"""Share of the highest rate that is left at the end."""


def rate_at(step: int, steps: int, highest: float) -> float:
    """Return the learning rate of a step, counted from 0.

    It rises in a line, then falls along half a cosine (Loshchilov and Hutter 2017).
    """
    rising = max(1, round(WARM_UP * steps))
    if step < rising:
        return highest * (step + 1) / rising
    done = (step - rising) / max(1, steps - rising)
    return highest * (FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
