"""Measure the page under load: ``python -m bench.page_load``.

Many windows of one Chromium ask at once, each about a place of its own, and each reads all that
its page shows: the codes of its own place have to be there, and those of no other.
"""

import argparse
import asyncio
import json
import os
import random
import string
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, TimeoutError, async_playwright

from bench.collection import fill, home_folder
from bench.model_server import ModelServer
from bench.page_server import ANSWERED, BROWSER, INPUT, Server, chromium, served
from bench.processes import PeakMemory
from bench.search_load import percentile
from citewell.retrieval.settings import Settings

FACTS = (
    ("The gate code of {} harbour is {}.", "What is the gate code of {} harbour?"),
    ("The wharf crane of {} harbour has the number {}.", "Which number has the crane of {}?"),
    ("The radio call sign of {} harbour is {}.", "What is the radio call sign of {} harbour?"),
)
"""What a place is said to have, and the question that asks for it."""

_MILLISECONDS = 120_000.0
_OPENED_AT_ONCE = 2
"""Windows; what is measured begins when all are open."""

_NAMES = [
    first + last
    for last in ("mere", "ford", "wick", "haven", "stow")
    for first in ("Ald", "Ber", "Cor", "Dun", "Elm", "Fal", "Gar", "Hol")
]


@dataclass(frozen=True, slots=True)
class Place:
    """What one session asks about: a place, and its codes in the order of `FACTS`."""

    name: str
    codes: tuple[str, ...]

    @property
    def text(self) -> str:
        """The document about it."""
        facts = [
            said.format(self.name, code) for (said, _), code in zip(FACTS, self.codes, strict=True)
        ]
        return f"# {self.name} harbour\n\n{' '.join(facts)}\n"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one session saw.

    Attributes:
        seconds: From each question to its whole answer.
        wrong: Questions without an answer that shows the code asked for.
        foreign: Codes of other places that its page showed.
    """

    seconds: tuple[float, ...]
    wrong: int
    foreign: int


@dataclass(frozen=True, slots=True)
class Wave:
    """What came of sessions that ran side by side.

    Attributes:
        asked: Questions; ``answered`` of them showed the code asked for.
        foreign: Codes of other sessions that a page showed.
        p50_s: Seconds that half of the answers took; ``p95_s`` and ``most_s`` likewise.
        peak_mib: Most resident memory of the server and its children.
        connected: Sessions that the server counted when all were open.
        left: Sessions that it counted after they had gone and their time was over.
        after_mib: Its resident memory then.
    """

    asked: int
    answered: int
    foreign: int
    p50_s: float
    p95_s: float
    most_s: float
    peak_mib: float
    connected: int
    left: int
    after_mib: float


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its table. Exit status 1: something was wrong."""
    parser = argparse.ArgumentParser(prog="bench.page_load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=20, help="browser windows at once")
    parser.add_argument("--waves", type=int, default=2, help="one after the other has gone")
    parser.add_argument("--keep", type=int, default=10, help="seconds a session is kept once gone")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)
    if not 1 <= args.sessions <= len(_NAMES):
        parser.error(f"--sessions is {args.sessions}; give 1 to {len(_NAMES)}")
    with home_folder() as home, closing(ModelServer("quote")) as model:
        places = made_places(args.sessions)
        fill(Settings(home=home / "home"), [_written(places, home / "harbours")])
        variables = {
            "CITEWELL_LLM": "openai:double",
            "CITEWELL_LLM_BASE_URL": model.address,
            "STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": str(args.keep),
        }
        with served(home / "home", variables) as server:
            waves = [run_wave(server, places, args.keep) for _ in range(args.waves)]
    if args.json:
        rows = [asdict(wave) for wave in waves]
        print(json.dumps({"schema": 1, "load": os.getloadavg()[0], "waves": rows}))
    else:
        _print_table(waves)
    return 0 if all(wave.answered == wave.asked and not wave.foreign for wave in waves) else 1


def made_places(count: int) -> list[Place]:
    """Return places with codes that stand nowhere else."""
    chance = random.Random(26)
    signs = string.ascii_uppercase + string.digits
    return [
        Place(name, tuple("Q" + "".join(chance.choices(signs, k=7)) for _ in FACTS))
        for name in _NAMES[:count]
    ]


def run_wave(server: Server, places: Sequence[Place], keep: int) -> Wave:
    """Let a session for each place ask at once, and wait until they are gone."""
    with PeakMemory(server.pid) as memory:
        seen, connected = asyncio.run(_sessions(server, places))
    time.sleep(keep + 2)
    left = server.sessions
    seconds = [each for session in seen for each in session.seconds] or [float("inf")]
    asked = len(FACTS) * len(places)
    return Wave(
        asked,
        asked - sum(session.wrong for session in seen),
        sum(session.foreign for session in seen),
        percentile(seconds, 50),
        percentile(seconds, 95),
        max(seconds),
        memory.bytes / 2**20,
        connected,
        left,
        server.mib,
    )


async def _sessions(server: Server, places: Sequence[Place]) -> tuple[list[Seen], int]:
    """Return what all saw, and how many were connected when the first question was asked."""
    codes = {place: frozenset(place.codes) for place in places}
    every: frozenset[str] = frozenset().union(*codes.values())
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=list(BROWSER))
        turn = asyncio.Semaphore(_OPENED_AT_ONCE)
        pages = await asyncio.gather(*(_opened(browser, server.url, turn) for _ in places))
        connected = await asyncio.to_thread(lambda: server.sessions)
        asking = [
            _session(page, place, every - codes[place])
            for page, place in zip(pages, places, strict=True)
        ]
        seen = await asyncio.gather(*asking)
        await browser.close()
    return list(seen), connected


async def _opened(browser: Browser, url: str, turn: asyncio.Semaphore) -> Page:
    """Open the page in a window without a past, and wait until it can be used."""
    async with turn:
        page = await (await browser.new_context()).new_page()
        page.set_default_timeout(_MILLISECONDS)
        await page.goto(url)
        await page.locator(INPUT).wait_for()
    return page


async def _session(page: Page, place: Place, others: frozenset[str]) -> Seen:
    """Ask all questions about a place."""
    seconds, wrong, foreign = [], 0, 0
    for number, (_, question) in enumerate(FACTS):
        begun = time.perf_counter()
        try:
            await page.locator(INPUT).fill(question.format(place.name))
            await page.locator(INPUT).press("Enter")
            await page.locator(ANSWERED).nth(number).wait_for()
        except TimeoutError:
            wrong += len(FACTS) - number
            break
        seconds.append(time.perf_counter() - begun)
        shown = await page.locator("body").inner_text()
        wrong += place.codes[number] not in shown
        foreign += sum(code in shown for code in others)
    return Seen(tuple(seconds), wrong, foreign)


def _written(places: Sequence[Place], folder: Path) -> Path:
    """Write a document for each place. Returns their folder."""
    folder.mkdir()
    for place in places:
        (folder / f"{place.name.lower()}.md").write_text(place.text, "utf-8")
    return folder


def _print_table(waves: Sequence[Wave]) -> None:
    print(f"load of the machine {os.getloadavg()[0]:.1f}\n")
    print("| wave | answered | texts of others | p50 | p95 | most | peak memory |", end="")
    print(" sessions | left | memory after |\n|---|---|---|---|---|---|---|---|---|---|")
    for number, wave in enumerate(waves, 1):
        print(
            f"| {number} | {wave.answered} of {wave.asked} | {wave.foreign} | {wave.p50_s:.2f} s "
            f"| {wave.p95_s:.2f} s | {wave.most_s:.2f} s | {wave.peak_mib:.0f} MiB "
            f"| {wave.connected} | {wave.left} | {wave.after_mib:.0f} MiB |"
        )


if __name__ == "__main__":
    sys.exit(main())
