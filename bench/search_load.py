"""Clients that search side by side, and what they wait for."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from threading import Lock, Thread

from bench.processes import resident

Search = Callable[[str], object]

FIRST_SHARE = 0.25
"""Of a soak, until caches are full: memory is compared from then on."""

_PERIOD = 0.2


@dataclass(frozen=True, slots=True)
class Load:
    """Some searches of one kind.

    Attributes:
        name: What was searched, and how.
        seconds: From the first to the end of the last.
        cpu_seconds: Processor time of the whole process meanwhile.
        p50: Milliseconds that half of the searches were done in; ``p95`` likewise.
        most: Milliseconds of the slowest.
        errors: What failed, each kind once.
        failed: How many.
        mib: Resident memory after a quarter of the time, at its most since, and at the end.
    """

    name: str
    clients: int
    searches: int
    seconds: float
    cpu_seconds: float
    p50: float
    p95: float
    most: float
    errors: tuple[str, ...] = ()
    failed: int = 0
    mib: tuple[float, ...] = ()

    @property
    def rate(self) -> float:
        """Searches a second."""
        return self.searches / self.seconds

    @property
    def cpu(self) -> float:
        """Milliseconds of processor time a search, which other programs change less."""
        return 1000 * self.cpu_seconds / self.searches


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the least value that so many percent of all do not exceed (nearest rank)."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


class Clients:
    """Searches at the same time, no question twice."""

    def __init__(self, questions: Iterator[str]) -> None:
        self._questions = questions
        self._lock = Lock()
        self._taken: list[float] = []
        self._errors: list[str] = []

    def run(self, name: str, search: Search, clients: int, seconds: float) -> Load:
        """Let so many clients search one after the other until the seconds are over."""
        begun, cpu = time.perf_counter(), time.process_time()
        threads = [
            Thread(target=self._client, args=(search, begun + seconds)) for _ in range(clients)
        ]
        for thread in threads:
            thread.start()
        memory = _watch(threads, begun, seconds)
        for thread in threads:
            thread.join()
        spent, cpu_spent = time.perf_counter() - begun, time.process_time() - cpu
        return _load(name, clients, (self._taken, spent, cpu_spent), self._errors, memory)

    def _client(self, search: Search, end: float) -> None:
        while time.perf_counter() < end:
            with self._lock:
                question = next(self._questions, None)
            if question is None:
                self._errors.append("The questions ran out before the time.")
                return
            begun = time.perf_counter()
            try:
                search(question)
            except Exception as error:
                self._errors.append(f"{type(error).__name__}: {error}"[:200])
            self._taken.append(1000 * (time.perf_counter() - begun))


def take_turns(
    searches: Mapping[str, Search], questions: Iterator[str], each: int
) -> dict[str, Load]:
    """Let one client search in several ways in turn, so that all meet the same disturbances.

    Each way gets questions of its own, so often.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in searches}
    for _ in range(each):
        for name, search in searches.items():
            question = next(questions)
            begun, cpu = time.perf_counter(), time.process_time()
            search(question)
            taken[name].append((time.perf_counter() - begun, time.process_time() - cpu))
    return {name: _alone(name, found) for name, found in taken.items()}


def _alone(name: str, found: Sequence[tuple[float, float]]) -> Load:
    seconds, cpu = map(sum, zip(*found, strict=True))
    return _load(name, 1, ([1000 * one for one, _ in found], seconds, cpu))


def _load(
    name: str,
    clients: int,
    taken: tuple[list[float], float, float],
    errors: Sequence[str] = (),
    memory: Sequence[float] = (),
) -> Load:
    waited, seconds, cpu = taken
    return Load(
        name=name,
        clients=clients,
        searches=len(waited),
        seconds=round(seconds, 3),
        cpu_seconds=round(cpu, 3),
        p50=round(percentile(waited, 50), 2),
        p95=round(percentile(waited, 95), 2),
        most=round(max(waited), 2),
        errors=tuple(sorted(set(errors)))[:3],
        failed=len(errors),
        mib=tuple(memory),
    )


def _watch(threads: Sequence[Thread], begun: float, seconds: float) -> list[float]:
    """Return the memory after the first share, at its most since and at the end."""
    seen = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(_PERIOD)
        if time.perf_counter() - begun > FIRST_SHARE * seconds:
            seen.append(memory_mib())
    return [seen[0], max(seen), seen[-1]] if seen else []


def memory_mib() -> float:
    """Return the resident memory of this process."""
    return round(resident(os.getpid()) / 2**20, 1)
