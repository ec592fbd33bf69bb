"""Let whoever waits for a file know that its reader gets on, page by page, and set an end to it.

A scan of hundreds of pages, or a book of thousands, takes longer than a file of another kind may,
and only its reader knows that it gets on.
"""

from collections.abc import Callable
from contextvars import ContextVar


def _always() -> bool:
    return True


on_page: ContextVar[Callable[[], bool]] = ContextVar("on_page", default=_always)
"""Called when pages, or one page the other way up, are begun; False when time is up."""


def may_go_on() -> bool:
    """Say that the reader gets on; return whether there is time for another page."""
    return on_page.get()()
