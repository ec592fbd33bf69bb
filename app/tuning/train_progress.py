"""How far a training run has come: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from citewell.app.terminal import say
from citewell.app.tuning.train_run import Tell
from citewell.app.tuning.training import Step
from citewell.app.tuning.validating import Checked

BETWEEN_LINES = 30.0
"""Seconds between two lines off a terminal."""

WARMING_UP = 2
"""Steps that say nothing about the speed."""

_SMOOTHED = 0.9


class Pace:
    """Speed, time left and a smooth loss, from the steps that were taken."""

    def __init__(self) -> None:
        """Begin without a step."""
        self._stage = ""
        self._count = 0
        self.tokens = 0
        self.seconds = 0.0
        self.loss = 0.0

    def add(self, step: Step) -> None:
        """Count a step in."""
        if step.stage != self._stage:
            self._stage, self._count = step.stage, 0
            self.tokens, self.seconds, self.loss = 0, 0.0, step.loss
        self._count += 1
        self.loss = _SMOOTHED * self.loss + (1 - _SMOOTHED) * step.loss
        if self._count > WARMING_UP:
            self.tokens += step.tokens
            self.seconds += step.seconds

    def text(self, step: Step) -> str:
        """Return it in words."""
        parts = [f"loss {self.loss:.3f}"]
        measured = self._count - WARMING_UP
        if measured > 0 and self.seconds > 0:
            left = round(self.seconds / measured * (step.steps - step.step))
            parts.append(f"{self.tokens / self.seconds:,.0f} tokens/s")
            parts.append(f"{left // 60}:{left % 60:02} left")
        return ", ".join(parts)


@contextmanager
def training_progress(*, plain: bool) -> Iterator[Tell]:
    """Show on standard error how far a run has come while the block runs."""
    if sys.stderr.isatty() and not plain:
        with _bar() as tell:
            yield tell
    else:
        yield lines(say)


def lines(write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> Tell:
    """Return what writes a line for each check, and when `BETWEEN_LINES` have passed."""
    pace = Pace()
    last = clock()

    def tell(step: Step, checked: Checked | None) -> None:
        nonlocal last
        pace.add(step)
        if checked is not None:
            write(checked_text(step, checked))
        if checked is not None or clock() - last >= BETWEEN_LINES or step.step == step.steps:
            last = clock()
            write(f"{step.stage} {step.step}/{step.steps}, {pace.text(step)}")

    return tell


def checked_text(step: Step, checked: Checked) -> str:
    """Return what was checked, in words."""
    return (
        f"On other examples after {step.stage} {step.step}/{step.steps}: loss {checked.loss:.3f}, "
        f"word for word {checked.exact:.0%}, declined {checked.declined:.0%}, "
        f"falsely {checked.falsely:.0%}"
    )


@contextmanager
def _bar() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.completed}/{task.total}"),
        TextColumn("{task.fields[text]}", markup=False),
    )
    pace = Pace()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Learning", total=None, text="")

        def tell(step: Step, checked: Checked | None) -> None:
            pace.add(step)
            if checked is not None:
                bar.console.print(checked_text(step, checked), markup=False, highlight=False)
            bar.update(
                task,
                description=step.stage.capitalize(),
                completed=step.step,
                total=step.steps,
                text=pace.text(step),
            )

        yield tell
