"""Measure how quick the page is, and what it keeps: ``python -m bench.page_speed``.

In real Chromium, against the real server: seconds from the start of the process until a question
can be typed, beside the app that comes with Streamlit; seconds from a question to its first
source and to the whole answer; memory of the server over many turns of one conversation.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from bench.collection import fill, home_folder
from bench.page_server import BROWSER, INPUT, Server, chromium, hello, served
from bench.questions import read_questions
from citewell.retrieval.settings import Settings

CORPUS = Path("corpora/llm-primer")
LOOKED_AT = (20, 100, 200)
"""Turns after which memory is looked at, as far as there are so many."""

_HEADING = '[data-testid="stMainBlockContainer"] h1'
_MILLISECONDS = 60_000.0
_PERIOD_MS = 10.0
_HAS = """([question, what]) => {
    const asked = [...document.querySelectorAll('.cw-question')].at(-1);
    const found = [...document.querySelectorAll(what)].at(-1);
    return asked?.innerText.trim() === question && found !== undefined
        && Boolean(asked.compareDocumentPosition(found) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""

Rows = dict[str, list[float]]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its tables."""
    parser = argparse.ArgumentParser(prog="bench.page_speed", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each measure; best an odd number")
    parser.add_argument("--turns", type=int, default=200, help="of the conversation; 0: none")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    args = parser.parse_args(argv)
    asked = read_questions(CORPUS / "questions.jsonl")
    questions = [question.text for question in asked if question.answerable]
    with home_folder() as home, chromium_open() as browser:
        fill(Settings(home=home), [CORPUS])
        rows = measure(home, browser, questions, args.runs)
        memory = memory_of(home, browser, questions, args.turns) if args.turns else {}
    if args.json:
        facts = {"schema": 1, "load": os.getloadavg()[0], "seconds": rows, "mib": memory}
        print(json.dumps(facts))
        return 0
    _print_tables(rows, memory, args.runs)
    return 0


@contextmanager
def chromium_open() -> Iterator[Browser]:
    """Start the browser, so that its own start is not measured."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(BROWSER))
        yield browser
        browser.close()


def measure(home: Path, browser: Browser, questions: Sequence[str], runs: int) -> Rows:
    """Return the seconds of each run of each measure."""
    rows: Rows = {}
    quoting = {"CITEWELL_LLM": "none"}
    for _ in range(runs):
        _starts(rows, "Citewell", served(home, quoting), browser, INPUT)
        _starts(rows, "streamlit hello", hello(), browser, _HEADING)
    for name, llm in (("no model", "none"), ("bundled model", "bundled")):
        with served(home, {"CITEWELL_LLM": llm}) as server, opened(browser, server) as page:
            _ask(page, questions[0])  # loads what is loaded once
            for question in questions[1 : runs + 1]:
                first, whole = _ask(page, question)
                rows.setdefault(f"question to first source, {name}", []).append(first)
                rows.setdefault(f"question to whole answer, {name}", []).append(whole)
    return rows


def memory_of(
    home: Path, browser: Browser, questions: Sequence[str], turns: int
) -> dict[int, float]:
    """Return the resident MiB of a server by how many turns one conversation has had."""
    found: dict[int, float] = {}
    with served(home, {"CITEWELL_LLM": "none"}) as server, opened(browser, server) as page:
        for turn, question in enumerate(islice(cycle(questions), turns), 1):
            _ask(page, question)
            if turn in LOOKED_AT or turn == turns:
                found[turn] = server.mib
    return found


@contextmanager
def opened(browser: Browser, server: Server, wanted: str = INPUT) -> Iterator[Page]:
    """Open the page of a server in a window without a past, and wait until it can be used."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(_MILLISECONDS)
    page.goto(server.url)
    page.locator(wanted).first.wait_for()
    yield page
    context.close()


def _starts(
    rows: Rows,
    name: str,
    starting: AbstractContextManager[Server],
    browser: Browser,
    wanted: str,
) -> None:
    """Add the seconds of a cold start, and of a second window after it."""
    with starting as server:
        with opened(browser, server, wanted):
            cold = time.perf_counter() - server.begun
        begun = time.perf_counter()
        with opened(browser, server, wanted):
            warm = time.perf_counter() - begun
    rows.setdefault(f"start to server there, {name}", []).append(server.healthy_s)
    rows.setdefault(f"start to page usable, {name}", []).append(cold)
    rows.setdefault(f"second window to page usable, {name}", []).append(warm)


def _ask(page: Page, question: str) -> tuple[float, float]:
    """Ask, and return the seconds to the first source and to the whole answer."""
    page.locator(INPUT).fill(question)
    begun = time.perf_counter()
    page.locator(INPUT).press("Enter")
    seconds = [_seconds_to(page, question, what, begun) for what in (".cw-source", ".cw-made")]
    return seconds[0], seconds[1]


def _seconds_to(page: Page, question: str, what: str, begun: float) -> float:
    """Wait until something stands below a question that is the last one."""
    while not page.evaluate(_HAS, [question, what]):
        if time.perf_counter() - begun > _MILLISECONDS / 1000:
            raise SystemExit(f"{question!r} has no {what} after a minute.")
        page.wait_for_timeout(_PERIOD_MS)
    return time.perf_counter() - begun


def _print_tables(rows: Rows, memory: dict[int, float], runs: int) -> None:
    print(f"load of the machine {os.getloadavg()[0]:.1f}, runs of each {runs}\n")
    print("| measure | median | least | most |\n|---|---|---|---|")
    for name, values in rows.items():
        print(f"| {name} | {median(values):.2f} s | {min(values):.2f} s | {max(values):.2f} s |")
    if memory:
        print("\n| turns | memory of the server |\n|---|---|")
        for turn, mib in memory.items():
            print(f"| {turn} | {mib:.0f} MiB |")


if __name__ == "__main__":
    sys.exit(main())
