"""What was worked out not long ago, so that it need not be again."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Keeps the values asked for last, for any number of threads.

    Args:
        most: Size of all values that are kept together.
        size: Of a value; 1 for each unless given.
    """

    def __init__(self, most: int, size: Callable[[Value], int] = lambda value: 1) -> None:
        self._most = most
        self._size = size
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._total = 0
        self._lock = Lock()

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return the value of a key, which is made if it is not kept.

        Two threads that ask at once may both make it: neither waits for the other.
        """
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        value = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = value
                self._total += self._size(value)
            while self._total > self._most:
                _, dropped = self._kept.popitem(last=False)
                self._total -= self._size(dropped)
        return value
