"""Answers under way: in threads of the process, so that no click and no reload ends one.

Streamlit ends a script when the user clicks elsewhere or the browser goes away. A script only
looks at an answer; the next one finds it again by its key.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Condition, Event, Thread

from citewell.app.llms.cancelling import stoppable
from citewell.app.page.turns import Turn
from citewell.retrieval.errors import CitewellError

HEARTBEAT = 0.2
"""Seconds after which a look at an answer comes round though nothing has changed, so that a click
is not kept waiting."""

FAULT = "Citewell made a mistake and could not answer. What it was stands in its log. Ask again."

Steps = Callable[[], Iterator[Turn]]
Keep = Callable[[Turn], None]

logger = logging.getLogger(__name__)


class Runs:
    """Answers under way, by key: at most so many at once, the others wait in order.

    Safe to use from several threads.
    """

    def __init__(self, limit: int) -> None:
        self._places = _Places(limit)
        self._runs: dict[str, Run] = {}

    def start(self, key: str, turn: Turn, steps: Steps, keep: Keep) -> "Run":
        """Begin an answer, or put it at the end of the queue. One of the same key is stopped.

        Args:
            key: What finds it again.
            turn: What is shown until the first step is there.
            steps: Yields the turn as it grows. Closed where it is when the run is stopped.
            keep: Takes the last turn, once: complete, failed, or as far as it came when stopped.
        """
        run = Run(self._places, turn, steps, keep)
        with self._places.changed:
            earlier = self.of(key)
            under_way = {name: each for name, each in self._runs.items() if not each.over}
            self._runs = {**under_way, key: run}
        if earlier is not None:
            earlier.stop()
        self._places.enter(run)
        return run

    def of(self, key: str) -> "Run | None":
        """Return the answer under way of a key; None when there is none."""
        run = self._runs.get(key)
        return None if run is None or run.over else run

    def close(self) -> None:
        """Stop all."""
        for run in list(self._runs.values()):
            run.stop()


class Run:
    """An answer under way."""

    def __init__(self, places: "_Places", turn: Turn, steps: Steps, keep: Keep) -> None:
        self._places = places
        self._turn = turn
        self._steps = steps
        self._keep = keep
        self._stopped = Event()
        self._ending = False
        self._over = False

    @property
    def latest(self) -> Turn:
        """The turn as far as it has come."""
        return self._turn

    @property
    def over(self) -> bool:
        """Whether it has ended and was kept."""
        return self._over

    @property
    def ahead(self) -> int:
        """How many questions have to end before it begins; 0 when it has begun."""
        return self._places.ahead(self)

    def updates(self) -> Iterator[Turn]:
        """Yield the turn now, at each change, and at each heartbeat; the last one is final."""
        while not self._over:
            shown = self._turn
            yield shown
            with self._places.changed:
                if self._turn is shown and not self._over:
                    self._places.changed.wait(HEARTBEAT)
        yield self._turn

    def stop(self) -> None:
        """End it where it is and keep what there is."""
        self._stopped.set()
        self._end(self._turn)
        self._places.leave(self)

    def follow(self) -> None:
        """Take step after step until the last one, or until it is stopped."""
        try:
            with stoppable(self._stopped):
                for turn in self._steps():
                    if self._ending:
                        return
                    self._show(turn)
        except Exception:  # a mistake of ours: the user is not left waiting for ever
            if not self._ending:
                logger.exception("An answer failed")
            self._end(replace(self._turn, error=FAULT))
        self._end(self._turn)

    def _show(self, turn: Turn) -> None:
        with self._places.changed:
            if not self._ending:
                self._turn = turn
            self._places.changed.notify_all()

    def _end(self, turn: Turn) -> None:
        with self._places.changed:
            if self._ending:
                return
            self._ending = True
        last = replace(turn, progress="")
        try:
            self._keep(last)
        except CitewellError as error:
            last = replace(last, error=f"This answer could not be kept. {error}")
        with self._places.changed:
            self._turn = last
            self._over = True
            self._places.changed.notify_all()


class _Places:
    """Room for so many runs at once, and the queue of those that wait for it."""

    def __init__(self, limit: int) -> None:
        self.changed = Condition()
        self._free = limit
        self._limit = limit
        self._waiting: list[Run] = []

    def enter(self, run: Run) -> None:
        """Begin a run when its turn has come."""
        with self.changed:
            self._waiting.append(run)
        self._fill()

    def leave(self, run: Run) -> None:
        """Take a run out of the queue, if it still waits."""
        with self.changed:
            if run in self._waiting:
                self._waiting.remove(run)
                self.changed.notify_all()

    def ahead(self, run: Run) -> int:
        """Return how many runs have to end before this one begins."""
        with self.changed:
            if run not in self._waiting:
                return 0
            return self._waiting.index(run) + 1

    def _fill(self) -> None:
        with self.changed:
            while self._waiting and self._free:
                self._free -= 1
                Thread(target=self._work, args=(self._waiting.pop(0),), daemon=True).start()
            self.changed.notify_all()

    def _work(self, run: Run) -> None:
        run.follow()
        with self.changed:
            self._free += 1
        self._fill()
