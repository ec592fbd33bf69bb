"""Let whoever waits for a file know that pages of it are being recognised, and set an end to it.

A scan of hundreds of pages takes longer than a file with a text layer may, and only its reader
knows that it gets on.
"""

from collections.abc import Callable
from contextvars import ContextVar


def _always() -> bool:
    return True


on_page: ContextVar[Callable[[], bool]] = ContextVar("on_page", default=_always)
"""Called when a page, or the same page the other way up, is begun; False when time is up."""


def may_go_on() -> bool:
    """Say that the reader gets on; return whether there is time for another page."""
    return on_page.get()()
