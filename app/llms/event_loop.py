"""An asyncio event loop in a thread of its own, for callers that are not asynchronous."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future

_CLOSING_SECONDS = 2.0


class BackgroundLoop:
    """Runs coroutines, all on one loop: a pool of connections belongs to the loop it began on.

    Started by the first coroutine. Cancelling the future of a coroutine cancels it.
    """

    def __init__(self, at_close: Callable[[], Awaitable[object]] | None = None) -> None:
        """Args:
        at_close: Awaited on the loop when it closes, to free what is bound to it.
        """
        self._at_close = at_close
        self._lock = threading.Lock()
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    def submit(self, coroutine: Coroutine[object, object, None]) -> Future[None]:
        """Start a coroutine on the loop and return at once."""
        with self._lock:
            if self._thread is None:
                self._ready.clear()
                self._thread = threading.Thread(
                    target=lambda: asyncio.run(self._live()), name="citewell-loop", daemon=True
                )
                self._thread.start()
            self._ready.wait()
            return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def close(self) -> None:
        """Cancel what runs and end the thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is None:
                return
            self._loop.call_soon_threadsafe(self._closing.set)
        # What blocks in a synchronous model cannot be cancelled; it dies with the process.
        thread.join(_CLOSING_SECONDS)

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._closing = asyncio.Event()
        self._ready.set()
        await self._closing.wait()
        if self._at_close is not None:
            await self._at_close()
