"""Scans in reader processes: time is given by the page, and the program is found or missed."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from citewell.ingest.sources import FolderSource
from citewell.ingest.workers import ReaderPool, ReadJob
from citewell.retrieval.settings import Settings

needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="the fake engine is a script")

WORD = r"4\t1\t1\t1\t1\t0\t9\t9\t90\t12\t-1\t\n5\t1\t1\t1\t1\t1\t9\t9\t90\t12\t95\t%s\n"

FAKE_ENGINE = f"""#!/bin/sh
case "$1" in
--version) echo tesseract 9.9.1 ;;
--list-langs) printf 'List of languages:\\neng\\nosd\\n' ;;
*) echo $$ > "${{0%/*}}/pid"; /bin/cat > /dev/null; /bin/sleep SECONDS
   printf '{WORD}' "$(echo $$ | /usr/bin/tr 0-9 a-j)" ;;
esac
"""

READER_ID = """
import sys
from pathlib import Path
from citewell.ingest.readers import reader_for
print(*(reader_for(Path(name)).id for name in sys.argv[1:]))
"""


def install(folder: Path, seconds: float) -> str:
    """Make a program called ``tesseract`` that takes its time; return the search path for it."""
    program = folder / "tesseract"
    program.write_text(FAKE_ENGINE.replace("SECONDS", str(seconds)))
    program.chmod(0o755)
    return str(folder)


def drawing(path: Path, pages: int) -> ReadJob:
    """Write a PDF with ink on each page and no text layer."""
    canvas = Canvas(str(path), pagesize=(200, 200))
    for _ in range(pages):
        canvas.rect(50, 50, 100, 100, fill=1)
        canvas.showPage()
    canvas.save()
    return ReadJob(path, path.name)


def until_gone(process: int) -> bool:
    """Wait up to ten seconds for a process to end; tell whether it has."""
    for _ in range(200):
        found = subprocess.run(
            ["/bin/ps", "-o", "stat=", "-p", str(process)], stdout=subprocess.PIPE
        )
        if found.stdout.strip()[:1] in (b"", b"Z"):
            return True
        time.sleep(0.05)
    return False


def reader_ids(path: str, *names: str) -> list[str]:
    command = [sys.executable, "-c", READER_ID, *names]
    return subprocess.check_output(command, text=True, env={"PATH": path}).split()


@needs_shell
def test_each_page_of_a_scan_has_the_time_that_a_file_may_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", install(tmp_path, 1.2))
    with ReaderPool(1, timeout=3, memory_mb=512) as pool:
        (found,) = pool.read([drawing(tmp_path / "a.pdf", 3)])
    assert found.error is None
    assert [page.source for page in found.documents[0].pages] == ["ocr"] * 3
    assert found.seconds > 3


@needs_shell
def test_a_page_that_takes_longer_than_a_file_may_is_given_up_with_its_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", install(tmp_path, 20))
    with ReaderPool(1, timeout=2, memory_mb=512) as pool:
        (found,) = pool.read([drawing(tmp_path / "a.pdf", 3)])
    assert found.error == "took longer than 2 s to read"
    assert until_gone(int((tmp_path / "pid").read_text()))


@needs_shell
def test_a_scan_is_left_alone_where_ocr_is_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", install(tmp_path, 0))
    with ReaderPool(1, timeout=60, memory_mb=512, ocr=False) as pool:
        (found,) = pool.read([drawing(tmp_path / "a.pdf", 2)])
    assert found.error == ("no text layer, and ocr is off (2 pages); allow it with --set ocr=auto")


def test_a_file_has_another_reader_where_ocr_is_off(tmp_path: Path) -> None:
    drawing(tmp_path / "a.pdf", 1)
    settings = Settings(home=tmp_path / "home", ocr="off")

    (file,) = FolderSource([tmp_path / "a.pdf"], settings).scan(lambda: None).files

    assert "+ocr" not in file.reader


def test_a_scan_without_an_engine_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with ReaderPool(1, timeout=60, memory_mb=512) as pool:
        (found,) = pool.read([drawing(tmp_path / "a.pdf", 2)])
    assert found.error == (
        "no text layer: scanned pages need OCR (2 pages); "
        "install Tesseract (Debian: apt install tesseract-ocr)"
    )


@needs_shell
def test_the_engine_is_part_of_the_id_of_readers_that_use_it(tmp_path: Path) -> None:
    without = reader_ids(str(tmp_path), "a.pdf", "a.md")
    found = reader_ids(install(tmp_path, 0), "a.pdf", "a.md")
    assert found == [f"{without[0]}+ocr-tesseract-9.9.1-eng", without[1]]
