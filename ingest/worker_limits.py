"""What a process of our own does to itself before it opens files that may be made to do harm."""

import math
import os
import queue
import sys
import threading
from pathlib import Path
from typing import TextIO

ALLOWANCE_MB = 256
"""Address space for the libraries that read and for thread stacks, beyond what a file needs."""


def take_stdout() -> TextIO:
    """Return standard output for answers alone; what libraries print goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    return answers


def collect_jobs() -> queue.SimpleQueue[str]:
    """Return the lines of standard input as they come; the process ends when it closes."""
    jobs: queue.SimpleQueue[str] = queue.SimpleQueue()

    def collect() -> None:
        for line in sys.stdin:
            jobs.put(line)
        os._exit(0)

    threading.Thread(target=collect, daemon=True).start()
    return jobs


def limit_memory(memory_mb: int) -> None:
    """Have this process get so many MiB more, and leave no core file when it dies of that."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + (memory_mb + ALLOWANCE_MB) * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def limit_cpu(seconds: float) -> None:
    """Have the kernel end this process after so many seconds more, should the parent be gone."""
    if sys.platform == "win32":
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    most = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))
