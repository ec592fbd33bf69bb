"""The program of a reader process.

``python -m citewell.ingest.reader_worker MEMORY_MB SECONDS [--no-ocr]``

It reads one job a line from standard input and answers each with one line on standard output,
both JSON: what a damaged file does to this process, its answer is data to the parent and never
code. It ends when standard input closes, so it does not outlive the parent. A file of many pages
takes longer than others may, so it says now and then, in a line, that it gets on.
"""

import json
import re
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from citewell.ingest.folder import sha256_of
from citewell.ingest.readers import NotDocuments, reader_for, why_unread
from citewell.ingest.readers.ocr_engine import allowed
from citewell.ingest.readers.page_progress import on_page
from citewell.ingest.wire import Json, to_json
from citewell.ingest.worker_limits import collect_jobs, limit_cpu, limit_memory, take_stdout
from citewell.retrieval.errors import ReadError

NO_OCR = "--no-ocr"
READY = "ready\n"
GETTING_ON = "getting on\n"

MOST_SECONDS = 3600.0
"""Seconds into a file after which no more of its pages are read: about 1,000 pages of a scan."""


def main() -> None:
    """Answer jobs until standard input closes."""
    memory_mb, seconds = int(sys.argv[1]), float(sys.argv[2])
    allowed.set(NO_OCR not in sys.argv)
    answers = take_stdout()
    jobs = collect_jobs()
    limit_memory(memory_mb)
    answers.write(READY)
    answers.flush()
    while True:
        job = json.loads(jobs.get())
        limit_cpu(seconds)
        _forget_peak()
        on_page.set(_page_watch(answers, seconds))
        started = time.monotonic()
        answer = _answer(Path(job["path"]), job["name"], memory_mb)
        if not _is_same(Path(job["path"]), job["sha256"]) and answer.get("final", True):
            answer = {"error": "changed while it was read; run the same command again"}
        answer |= {"seconds": time.monotonic() - started, "memory_mb": _peak_mb()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _is_same(path: Path, sha256: str) -> bool:
    """Tell whether a file holds the bytes that are meant; those of a blank hash always."""
    with suppress(OSError):
        return not sha256 or sha256_of(path) == sha256
    return False


def _page_watch(answers: TextIO, seconds: float) -> Callable[[], bool]:
    """Return what asks for so many seconds more for a page, until time for the file is up."""
    end = time.monotonic() + MOST_SECONDS

    def ask() -> bool:
        if time.monotonic() > end:
            return False
        limit_cpu(seconds)
        answers.write(GETTING_ON)
        answers.flush()
        return True

    return ask


def _forget_peak() -> None:
    """Have the kernel count this process's largest memory from now on."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # man 5 proc_pid_clear_refs


def _peak_mb() -> float:
    """Return the largest memory of this process in MiB; 0 where the system does not tell."""
    with suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _answer(path: Path, name: str, memory_mb: int) -> Json:
    try:
        reader = reader_for(path)
        if reader is None:
            raise ReadError(why_unread(path))
        return {"documents": [to_json(found) for found in reader.read(path, name)]}
    except NotDocuments as error:
        return {"error": str(error), "skipped": True, "final": True}
    except ReadError as error:
        return {"error": str(error), "final": True}
    except MemoryError:
        return {"error": f"needed more than {memory_mb} MiB", "worn": True, "final": False}
    except RecursionError:
        return {"error": "is nested too deeply", "final": True}
    except OSError as error:
        return {
            "error": f"cannot be opened: {error.strerror or type(error).__name__}",
            "final": False,
        }
    except Exception as error:  # a library may raise anything over a damaged file
        reason = f"{type(error).__name__}: {error}".replace(str(path), "the file")
        return {"error": f"damaged, or not what its name says ({reason[:200]})", "final": True}


if __name__ == "__main__":
    main()
