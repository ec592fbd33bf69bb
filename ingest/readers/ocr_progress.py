"""Tell whoever waits for a file that pages of it are still being recognised.

A scan of hundreds of pages takes longer than a file with a text layer may, and only its reader
knows that it gets on.
"""

from collections.abc import Callable
from contextvars import ContextVar


def _nobody_waits() -> None:
    pass


on_alive: ContextVar[Callable[[], None]] = ContextVar("on_alive", default=_nobody_waits)
"""What is called when the next page, or the same page the other way up, is begun."""


def tell_alive() -> None:
    """Say that the reader gets on."""
    on_alive.get()()
