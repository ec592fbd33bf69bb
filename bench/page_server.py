"""The page in a process of its own, as ``citewell ui`` serves it, and a browser to look at it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.processes import resident

BROWSER = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
"""What Chromium is started with."""

INPUT = '[data-testid="stChatInputTextArea"]'
ANSWERED = ".cw-made"
"""Stands below each answer that is complete."""

_SECONDS = 60.0
_PERIOD = 0.01
_SESSIONS = re.compile(r"^active_sessions (\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Server:
    """A page that is served.

    Attributes:
        begun: When its process was started, by `time.perf_counter`.
        healthy_s: Seconds from then until it answered.
    """

    url: str
    pid: int
    begun: float
    healthy_s: float

    @property
    def mib(self) -> float:
        """Its resident memory now."""
        return resident(self.pid) / 2**20

    @property
    def sessions(self) -> int:
        """How many browser windows it counts as connected."""
        with urllib.request.urlopen(f"{self.url}/_stcore/metrics") as answer:
            found = _SESSIONS.search(answer.read().decode())
        return int(found[1]) if found else 0


def chromium() -> str:
    """Return the path of the browser. Raises SystemExit if there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise SystemExit("There is no chromium on the path. Install it with: apt install chromium")
    return found


@contextmanager
def served(home: Path, variables: Mapping[str, str]) -> Iterator[Server]:
    """Serve the page of a home folder, with some environment variables more."""
    port = _free_port()
    program = str(Path(sys.executable).with_name("citewell"))
    command = [program, "ui", "--no-browser", "--port", str(port), "--home", str(home)]
    with running(command, port, "/_stcore/health", variables) as server:
        yield server


@contextmanager
def hello() -> Iterator[Server]:
    """Serve the app that comes with Streamlit, to compare with."""
    port = _free_port()
    options = ["--server.headless=true", "--browser.gatherUsageStats=false"]
    command = [sys.executable, "-m", "streamlit", "hello", f"--server.port={port}", *options]
    with running(command, port, "/_stcore/health", {}) as server:
        yield server


@contextmanager
def running(
    command: list[str], port: int, path: str, variables: Mapping[str, str]
) -> Iterator[Server]:
    """Run a server until the block ends; the block begins when it answers.

    Raises:
        SystemExit: If it ends, or does not answer within a minute.
    """
    url = f"http://127.0.0.1:{port}"
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(url + path):
            if process.poll() is not None or time.perf_counter() - begun > _SECONDS:
                raise SystemExit(f"{' '.join(command)} does not serve {url}.")
            time.sleep(_PERIOD)
        yield Server(url, process.pid, begun, time.perf_counter() - begun)
    finally:
        process.terminate()
        process.wait(_SECONDS)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
