"""A process of our own that is asked in lines and may break: start it, ask it, end it."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress


def spawn(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a module as a program, out of reach of Ctrl-C: the parent ends it."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def exchange(
    process: subprocess.Popen[bytes], message: bytes, timeout: float
) -> tuple[bytes, bool]:
    """Send a message and return the line that comes back, and whether it came too late.

    A process that takes longer than ``timeout`` seconds is killed. One that broke gives less than
    a line.
    """
    late = threading.Event()

    def give_up() -> None:
        late.set()
        kill(process)

    assert process.stdin is not None
    assert process.stdout is not None
    timer = threading.Timer(timeout, give_up)
    timer.start()
    try:
        with suppress(BrokenPipeError):
            process.stdin.write(message)
            process.stdin.flush()
        line = process.stdout.readline()
    finally:
        timer.cancel()
        timer.join()
    return line, late.is_set()


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with the programs it has started; it leads a group of its own."""
    if sys.platform == "win32" or process.poll() is not None:
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and wait until it is gone."""
    kill(process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
