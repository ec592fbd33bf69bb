"""Lets another thread end what a model is writing, though it may wait for the next word."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event

_stop: ContextVar[Event | None] = ContextVar("stop", default=None)


@contextmanager
def stoppable(stop: Event) -> Iterator[None]:
    """End what models write in here once ``stop`` is set, as if they had nothing more to say."""
    token = _stop.set(stop)
    try:
        yield
    finally:
        _stop.reset(token)


def is_stopped() -> bool:
    """Whether what a model writes for the caller is not wanted any more."""
    stop = _stop.get()
    return stop is not None and stop.is_set()
