"""Threads that ask at the same time share a pass of a model; no thread is started for it."""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 8
"""Items of a pass; of questions, 16 together take twice as long."""


class _Asked(Generic[Item, Result]):
    """An item, and what came of it once it is done."""

    __slots__ = ("done", "error", "item", "result")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.done = False
        self.error: Exception | None = None
        self.result: Result | None = None


class Turns(Generic[Item, Result]):
    """Runs what several threads ask, as many items at a time as are waiting.

    The thread whose turn it is runs a pass for all, first come first served; the others find
    their results when it has ended.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Result]],
        fit: Callable[[Sequence[Item]], bool],
    ) -> None:
        """Take what runs a pass, and what says whether so many items go into one."""
        self._run = run
        self._fit = fit
        self._turn = Lock()
        self._waiting: deque[_Asked[Item, Result]] = deque()

    def results(self, items: Sequence[Item]) -> list[Result]:
        """Return the result of each item. Raises what its pass raised."""
        asked: list[_Asked[Item, Result]] = [_Asked(item) for item in items]
        self._waiting.extend(asked)
        try:
            return [self._wait(each) for each in asked]
        except BaseException:
            self._forget(asked)
            raise

    def __len__(self) -> int:
        """How many items wait for a pass."""
        return len(self._waiting)

    def _wait(self, asked: _Asked[Item, Result]) -> Result:
        while not asked.done:
            with self._turn:
                if not asked.done:
                    self._pass()
        if asked.error is not None:
            raise asked.error
        assert asked.result is not None
        return asked.result

    def _forget(self, asked: Sequence[_Asked[Item, Result]]) -> None:
        with self._turn:
            for each in asked:
                if each in self._waiting:
                    self._waiting.remove(each)

    def _pass(self) -> None:
        batch = [self._waiting.popleft() for _ in range(self._size())]
        try:
            results = self._run([each.item for each in batch])
            for each, result in zip(batch, results, strict=True):
                each.result = result
        except Exception as error:
            for each in batch:
                each.error = error
        except BaseException:  # such as Ctrl-C: only this thread ends
            self._waiting.extendleft(reversed(batch))
            raise
        for each in batch:
            each.done = True

    def _size(self) -> int:
        """Return how many pass next: a power of two, so that passes have few shapes."""
        size = 1
        while 2 * size <= min(MOST, len(self._waiting)):
            if not self._fit([self._waiting[place].item for place in range(2 * size)]):
                break
            size *= 2
        return size
