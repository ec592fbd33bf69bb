"""Run what writes text, and stop it when its time or its length is up."""

import queue
import threading
import time
from collections.abc import Callable, Generator

from citewell.app.llms.cancelling import is_stopped
from citewell.retrieval.errors import ModelError

GLANCE = 0.2
"""Seconds after which one who waits for the next piece looks whether it is still wanted."""

Push = Callable[[str], bool]
"""Hands over a piece of text. Returns False when no more is wanted: the writer stops then."""


def bounded(
    produce: Callable[[Push], None],
    *,
    name: str,
    timeout: float,
    max_chars: int,
    cancel: Callable[[], None] | None = None,
) -> Generator[str]:
    """Run ``produce`` in a thread of its own and yield the pieces it pushes.

    Nothing starts before the first piece is asked for. Ends quietly after ``max_chars``
    characters, and when it is stopped (see `stoppable`). Everything that was pushed in time is
    yielded before an error is raised.

    Args:
        produce: Writes the text; may block for ever if ``cancel`` can interrupt it.
        name: Of the model, for the message.
        timeout: Seconds from the first piece asked for to the last one pushed.
        max_chars: Most characters to yield; the last piece is cut to fit.
        cancel: Called once when the iterator ends or is closed, to interrupt ``produce``.

    Raises:
        ModelError: If the time is up before ``produce`` has returned. What ``produce``
            raises is raised here too.
    """
    outlet = _Outlet(name, timeout, max_chars)
    threading.Thread(target=outlet.run, args=(produce,), name="citewell-model").start()
    try:
        yield from outlet.pieces()
    finally:
        outlet.stopped.set()
        if cancel is not None:
            cancel()


class _Outlet:
    """Passes pieces from the thread that writes to the thread that reads."""

    def __init__(self, name: str, timeout: float, max_chars: int) -> None:
        self.stopped = threading.Event()
        self._queue: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
        self._deadline = time.monotonic() + timeout
        self._room = max_chars
        self._late = ModelError(
            f"{name} took longer than {timeout:g} s and was stopped. "
            "Raise CITEWELL_LLM_TIMEOUT, or lower CITEWELL_MAX_TOKENS."
        )

    def run(self, produce: Callable[[Push], None]) -> None:
        try:
            produce(self._push)
        except Exception as error:
            self._queue.put(error)
        else:
            self._queue.put(None)

    def pieces(self) -> Generator[str]:
        while not is_stopped():
            left = max(0.0, self._deadline - time.monotonic())
            try:
                item = self._queue.get(timeout=min(left, GLANCE))
            except queue.Empty:
                if left <= GLANCE:
                    raise self._late from None
                continue
            if item is None:
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def _push(self, piece: str) -> bool:
        # A program that ends with an answer still open would wait for it.
        if self.stopped.is_set() or not threading.main_thread().is_alive():
            return False
        if time.monotonic() > self._deadline:
            self._queue.put(self._late)
            return False
        if piece := piece[: self._room]:
            self._queue.put(piece)
            self._room -= len(piece)
        if self._room <= 0:
            self._queue.put(None)
            return False
        return True
