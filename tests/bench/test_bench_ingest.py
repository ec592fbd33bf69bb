"""The measurements of ingestion measure what they say."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from bench.drawing import Chart, draw
from bench.growth import Point, plot, table
from bench.ingest import memory_table, systems_table
from bench.ingest_inputs import write_long_pdf, write_markdown, write_small_files
from bench.ingest_peers import files
from bench.ingest_share import RecordingEmbedder, Share
from bench.ingest_sizes import find_size
from bench.ingest_systems import Row
from bench.processes import run_measured
from bench.stand_in import WordEmbedder

OURS = Row("ours", 100, 600.0, 60_000, 10.0, 9.0, 15.0, 200.0)
THEIRS = Row("theirs", 50, 900.0, 45_000, 30.0, 25.0, 45.0, 800.0)


def test_a_command_is_charged_for_the_memory_of_its_children() -> None:
    child = "import time; held = bytearray(200 * 2**20); time.sleep(0.4)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    ran = run_measured([sys.executable, "-c", parent], {})

    assert 200 * 2**20 < ran.peak_bytes < 400 * 2**20


def test_a_command_is_charged_for_the_processor_time_of_its_children() -> None:
    child = "import time\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"

    assert run_measured([sys.executable, "-c", parent], {}).cpu_seconds >= 0.3


def test_what_a_command_prints_comes_back() -> None:
    program = "import os; print(os.environ['GREETING'])"

    assert run_measured([sys.executable, "-c", program], {"GREETING": "hello"}).output == "hello\n"


def test_a_command_that_fails_ends_the_measurement_with_its_reason() -> None:
    with pytest.raises(SystemExit, match=r"ended with 1: no such thing"):
        run_measured([sys.executable, "-c", "raise SystemExit('no such thing')"], {})


def test_rates_are_of_chunks_of_one_length() -> None:
    assert OURS.rate(600) == 10.0
    assert THEIRS.rate(600) == 2.5
    assert OURS.times_as_fast(THEIRS) == 4.0
    assert OURS.times_the_cpu(THEIRS) == 4.0


def test_the_table_of_systems_compares_all_rows_with_the_first() -> None:
    rows = systems_table([OURS, THEIRS]).splitlines()

    assert rows[0].startswith("| system | chunks | mean length | seconds |")
    assert rows[2] == "| ours | 100 | 600 | 10.0 | 9.0 | 15.0 | 10.0 | 1.00 | 1.00 | 200 |"
    assert rows[3] == "| theirs | 50 | 900 | 30.0 | 25.0 | 45.0 | 2.5 | 4.00 | 4.00 | 800 |"


def test_memory_is_a_share_of_that_of_the_others() -> None:
    assert memory_table([OURS, THEIRS], 619).splitlines()[-1] == "| theirs | 800 | 0.25 | 30.0 |"


def test_the_share_is_the_rate_of_a_run_over_that_of_the_embedder_alone() -> None:
    share = Share(90, 10.0, 9.0, 9.0, 12.0, 13.0, 2.0)

    assert share.share == 0.9
    assert share.cpu_share == 0.8


def test_the_size_with_the_wanted_mean_is_found() -> None:
    assert find_size(600, lambda size: [size // 2, size]) == 800


def test_texts_that_are_embedded_are_kept_in_order() -> None:
    recording = RecordingEmbedder(WordEmbedder())

    recording.embed_passages(["one", "two"])
    recording.embed_passages(["three"])

    assert recording.texts == ["one", "two", "three"]


def test_the_stand_in_gives_equal_words_equal_vectors_of_length_one() -> None:
    first, second, third = WordEmbedder().embed_passages(["A cat", "cat a", "a dog"])

    assert first.shape == (384,)
    assert np.linalg.norm(first) == pytest.approx(1.0)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, third)


def test_made_up_files_are_as_many_as_asked_for_and_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        write_small_files(tmp_path / folder, 150)
    first = sorted((tmp_path / "first").rglob("*.txt"))
    second = sorted((tmp_path / "second").rglob("*.txt"))

    assert len(first) == 150
    assert len({file.read_text("utf-8") for file in first}) == 150
    assert [at.read_text("utf-8") for at in first] == [at.read_text("utf-8") for at in second]


def test_made_up_markdown_has_as_many_sections_as_asked_for(tmp_path: Path) -> None:
    write_markdown(tmp_path, 25, in_a_file=10)
    texts = [file.read_text("utf-8") for file in sorted(tmp_path.iterdir())]

    assert [text.count("\n## ") for text in texts] == [10, 10, 5]


def test_a_long_pdf_is_made_from_made_up_text_and_from_the_pages_of_others(tmp_path: Path) -> None:
    from pypdf import PdfReader

    folder = tmp_path / "given"
    folder.mkdir()
    write_long_pdf(folder, folder / "made-up.pdf", 2)
    write_long_pdf(folder, tmp_path / "joined.pdf", 5)
    joined = [page.extract_text() for page in PdfReader(tmp_path / "joined.pdf").pages]

    assert len(joined) == 5
    assert joined[0] == joined[2] == joined[4] != joined[1]


def test_peers_read_the_files_that_hold_text(tmp_path: Path) -> None:
    for name in ("b.pdf", "a.md", "questions.jsonl"):
        (tmp_path / name).touch()

    assert [file.name for file in files(tmp_path)] == ["a.md", "b.pdf"]


def test_a_chart_places_values_by_their_logarithms() -> None:
    drawn = ElementTree.fromstring(
        draw([Chart("t", "x", {"line": [(1, 1), (10, 10), (100, 100)]})])
    )
    circles = drawn.findall(".//{http://www.w3.org/2000/svg}circle")
    places = [(float(each.attrib["cx"]), float(each.attrib["cy"])) for each in circles]

    assert places == [(56.0, 276.0), (244.0, 156.0), (432.0, 36.0)]


def test_growth_has_a_row_and_a_mark_in_both_charts_for_each_point() -> None:
    points = [Point("words", 1000, 2.0, 0.1, 5.0, 150.0), Point("words", 10_000, 20.0, 1, 50, 200)]

    assert table(points).splitlines()[2] == (
        "| stand-in for the model | 1,000 | 2.0 | 500 | 150 | 5 | 0.10 |"
    )
    assert plot(points).count("<circle") == 4
