"""A file that breaks its reader is one named failure; the other files are read."""

import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.ingest.workers import FILES_PER_WORKER, ReaderPool, ReadJob, ReadOutcome
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.values import Document, Heading

UNSORTED_MARKS = "a" + "\u0301\u0316" * 200_000
"""Takes minutes to normalise: the marks are sorted in time that grows with their square."""

needs_proc = pytest.mark.skipif(
    not Path("/proc/self/stat").is_file(), reason="finds processes through /proc"
)


def job(path: Path, content: str) -> ReadJob:
    path.write_text(content)
    return ReadJob(path, path.name)


def bomb(path: Path, size_mb: int) -> ReadJob:
    """Write a PDF of a few kB whose one page unpacks to many MiB."""
    packer = zlib.compressobj(1)
    block = b"0 0 m 9 9 l S\n" * 75_000
    stream = b"".join(packer.compress(block) for _ in range(size_mb)) + packer.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    objects = [b"%d 0 obj%s endobj\n" % (number, part) for number, part in enumerate(parts, 1)]
    path.write_bytes(b"%PDF-1.4\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n%%EOF")
    return ReadJob(path, path.name)


def children(parent: int) -> set[int]:
    """Return the processes that a process has started and that still run."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, ppid = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(ppid) == parent and state != "Z":
            found.add(int(folder.name))
    return found


def until_gone(process: int) -> bool:
    """Wait up to ten seconds for a process to end; tell whether it has."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def pool() -> Iterator[ReaderPool]:
    with ReaderPool(2, timeout=60, memory_mb=512) as pool:
        yield pool


def test_outcomes_come_in_the_order_of_the_jobs(tmp_path: Path, pool: ReaderPool) -> None:
    jobs = [job(tmp_path / f"{number}.txt", f"text {number}") for number in range(20)]
    found = list(pool.read(iter(jobs)))
    assert [outcome.job for outcome in found] == jobs
    assert [outcome.documents[0].text for outcome in found] == [f"text {n}" for n in range(20)]


def test_documents_come_through_whole(tmp_path: Path, pool: ReaderPool) -> None:
    text = "# Überschrift\n\n😀 “quoted”\n"
    (found,) = pool.read([job(tmp_path / "a b.md", text)])
    assert found.documents == (
        Document(
            name="a b.md",
            title="Überschrift",
            text=text,
            headings=(Heading(1, "Überschrift", 0),),
        ),
    )


def test_no_jobs_give_no_outcomes(pool: ReaderPool) -> None:
    assert list(pool.read([])) == []


def test_a_file_name_that_is_not_utf_8_is_read(tmp_path: Path, pool: ReaderPool) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    (found,) = pool.read([job(path, "coffee")])
    assert found.documents[0].text == "coffee"


@pytest.mark.parametrize(
    ("name", "content", "error", "skipped"),
    [
        ("a.pdf", "%PDF-1.7", "damaged: neither pdfium nor pypdf can read it", False),
        ("a.txt", " ", "holds no text", False),
        ("a.xyz", "\0\1\2", "binary data in no format that is read", False),
        ("a.jsonl", '{"question": "Who?"}', "a question set, not documents", True),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    tmp_path: Path, pool: ReaderPool, name: str, content: str, error: str, skipped: bool
) -> None:
    (found,) = pool.read([job(tmp_path / name, content)])
    assert found.documents == ()
    assert found.error is not None
    assert found.error.startswith(error)
    assert found.skipped is skipped


def test_a_file_that_is_gone_says_so(tmp_path: Path, pool: ReaderPool) -> None:
    gone = ReadJob(tmp_path / "gone.txt", "gone.txt")
    assert list(pool.read([gone])) == [
        ReadOutcome(gone, error="cannot be opened: No such file or directory")
    ]


def test_a_file_that_takes_too_long_is_given_up_and_the_rest_are_read(tmp_path: Path) -> None:
    slow = job(tmp_path / "slow.txt", UNSORTED_MARKS)
    quick = [job(tmp_path / f"{number}.txt", "text") for number in range(3)]
    with ReaderPool(1, timeout=2, memory_mb=512) as pool:
        found = list(pool.read([quick[0], slow, *quick[1:]]))
    assert [outcome.error for outcome in found] == [
        None,
        "took longer than 2 s to read",
        None,
        None,
    ]


def test_a_file_that_needs_too_much_memory_is_given_up_and_the_rest_are_read(
    tmp_path: Path,
) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(2**30)
    quick = job(tmp_path / "quick.txt", "text")
    with ReaderPool(1, timeout=60, memory_mb=256) as pool:
        found = list(pool.read([ReadJob(large, "large.txt"), quick]))
    assert [outcome.error for outcome in found] == ["needed more than 256 MiB", None]


def test_a_file_that_kills_its_reader_is_named_and_the_rest_are_read(tmp_path: Path) -> None:
    jobs = [bomb(tmp_path / "bomb.pdf", 700), job(tmp_path / "quick.txt", "text")]
    with ReaderPool(1, timeout=60, memory_mb=256) as pool:
        found = list(pool.read(jobs))
    assert found[0].error is not None
    assert found[0].error.startswith("crashed the program that reads it: damaged, made to do harm")
    assert found[1].documents[0].text == "text"


@needs_proc
def test_a_reader_killed_between_files_is_replaced(tmp_path: Path) -> None:
    with ReaderPool(1, timeout=60, memory_mb=256) as pool:
        before = children(os.getpid())
        list(pool.read([job(tmp_path / "a.txt", "one")]))
        (worker,) = children(os.getpid()) - before
        os.kill(worker, signal.SIGKILL)
        (found,) = pool.read([job(tmp_path / "b.txt", "two")])
    assert found.documents[0].text == "two"


def test_only_a_bounded_number_of_files_is_read_ahead(tmp_path: Path, pool: ReaderPool) -> None:
    taken: list[int] = []

    def jobs() -> Iterator[ReadJob]:
        for number in range(50):
            taken.append(number)
            yield job(tmp_path / f"{number}.txt", "text")

    found = pool.read(jobs())
    next(found)
    assert len(taken) == 5


@needs_proc
def test_closing_leaves_no_process_even_in_the_middle_of_a_file(tmp_path: Path) -> None:
    before = children(os.getpid())
    with ReaderPool(2, timeout=60, memory_mb=2048) as pool:
        slow = [job(tmp_path / f"{n}.txt", UNSORTED_MARKS) for n in range(4)]
        found = pool.read([job(tmp_path / "a.txt", "one"), *slow])
        next(found)
        started = children(os.getpid()) - before
    assert started
    assert children(os.getpid()) == before


@needs_proc
@needs_proc
def test_waiting_for_a_file_can_be_given_up_in_the_middle_of_it(tmp_path: Path) -> None:
    def give_up() -> None:
        raise InterruptedError("enough")

    with ReaderPool(workers=1, timeout=600, memory_mb=768) as pool:
        outcomes = pool.read([job(tmp_path / "slow.txt", UNSORTED_MARKS)], give_up)
        with pytest.raises(InterruptedError, match="enough"):
            next(outcomes)
        readers = children(os.getpid())

    assert readers
    assert not readers & children(os.getpid())


def test_a_reader_is_replaced_after_many_files(tmp_path: Path) -> None:
    jobs = [job(tmp_path / "a.txt", "text")] * FILES_PER_WORKER
    before = children(os.getpid())
    with ReaderPool(1, timeout=60, memory_mb=256) as pool:
        list(pool.read(jobs[1:]))
        (first,) = children(os.getpid()) - before
        list(pool.read(jobs[:2]))
        (second,) = children(os.getpid()) - before
    assert first != second


def test_a_reader_that_cannot_start_says_how_to_see_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))
    with (
        ReaderPool(1, timeout=60, memory_mb=256) as pool,
        pytest.raises(NotConfigured, match=r"did not start .* -m citewell.ingest.reader_worker"),
    ):
        list(pool.read([job(tmp_path / "a.txt", "one")]))


def test_closing_twice_is_harmless_and_a_closed_pool_reads_nothing(tmp_path: Path) -> None:
    pool = ReaderPool(1, timeout=60, memory_mb=256)
    pool.close()
    pool.close()
    with pytest.raises(RuntimeError, match="after shutdown"):
        list(pool.read([job(tmp_path / "a.txt", "one")]))


def test_a_pool_without_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="workers is 0; it must be at least 1"):
        ReaderPool(0, timeout=60, memory_mb=256)


PARENT = """
import sys
from pathlib import Path
from citewell.ingest.workers import ReaderPool, ReadJob

jobs = [ReadJob(Path(sys.argv[1]), "a"), *[ReadJob(Path(sys.argv[2]), "b")] * 99]
with ReaderPool(1, timeout=600, memory_mb=2048) as pool:
    for outcome in pool.read(jobs):
        sys.stdout.write("read\\n")
        sys.stdout.flush()
        if sys.argv[3] == "wait":
            sys.stdin.read()
"""


@needs_proc
@pytest.mark.parametrize("then", ["wait", "go on"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_readers_end_with_their_parent(tmp_path: Path, number: signal.Signals, then: str) -> None:
    quick = job(tmp_path / "a.txt", "one").path
    slow = job(tmp_path / "b.txt", "é" * 20_000_000).path
    command = [sys.executable, "-c", PARENT, str(quick), str(slow), then]

    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"read\n"
        (worker,) = children(parent.pid)
        parent.send_signal(number)
    assert until_gone(worker)


def test_a_reader_loads_neither_models_nor_vector_index() -> None:
    code = "import citewell.ingest.reader_worker, sys; print(*sys.modules)"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    heavy = {"torch", "chromadb", "transformers", "streamlit", "pypdfium2", "trafilatura", "docx"}
    assert loaded & heavy == set()
