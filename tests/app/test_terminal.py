"""What may be written to a terminal, and how it is laid out."""

import os
import pty
import subprocess
import sys
import termios

import pytest

from citewell.app.answer_printing import print_sources
from citewell.app.answer_values import Answer, AnswerSentence, Citation, Timings
from citewell.app.printing import print_plan, print_report
from citewell.app.search_printing import print_passages
from citewell.app.terminal import excerpt, fold, say, write
from citewell.ingest.folder import Remark
from citewell.ingest.pipeline import IngestReport
from citewell.ingest.plan import Plan
from citewell.retrieval.values import Chunk, Passage, Scores, SearchResult

Capture = pytest.CaptureFixture[str]

PASSAGE = Passage(
    rank=1,
    chunk=Chunk("cats.pdf", 4, 20, "Cats\x1b[2J purr\nat night.", 2, 3, ("Cats", "Sounds")),
    title="Cats\x9b31m",
    score=0.03,
    scores=Scores(lexical=1.5, fused=0.032786, lexical_rank=12, fused_rank=3),
)
REPORT = IngestReport(2, 0, 1, 0, (), (), chunks=90, seconds=2.0, embedded=90)


def answer(reason: str | None, *sentences: AnswerSentence) -> Answer:
    mode = "extractive" if sentences else "abstained"
    timings = Timings(1.0, None, 2.0)
    return Answer("?", "", mode, reason, sentences, (PASSAGE,), None, timings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("A cat\n\tpurrs.", 20, "A cat purrs."),
        ("A cat purrs.", 12, "A cat purrs."),
        ("A cat purrs loudly.", 12, "A cat purrs …"),
        ("A" * 30, 12, "A" * 6 + " …"),
        ("\x1b[31mA\u202e cat", 20, "[31mA cat"),
    ],
)
def test_an_excerpt_is_one_line_cut_at_a_space(text: str, most: int, shown: str) -> None:
    assert excerpt(text, most) == shown


def test_off_a_terminal_a_paragraph_is_one_line() -> None:
    assert fold("cats\n purr " * 50, "  ") == "  " + " ".join(["cats purr"] * 50)


def test_on_a_terminal_a_paragraph_is_broken_at_spaces() -> None:
    code = "from citewell.app.terminal import fold; print(fold('cats-and-dogs sleep ' * 4, '  '))"

    assert on_terminal(code, columns=24) == "  cats-and-dogs sleep\r\n" * 4


def test_on_a_wide_terminal_lines_stay_readable() -> None:
    code = "from citewell.app.terminal import fold; print(fold('purr ' * 40))"

    assert max(map(len, on_terminal(code, columns=300).split("\r\n"))) == 99


def on_terminal(code: str, columns: int) -> str:
    """Return what Python code writes to a terminal of that width."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    subprocess.run([sys.executable, "-c", code], stdout=theirs, check=True, env=environment)
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        return terminal.read(65536).decode()


def test_data_goes_to_standard_output_and_notices_to_standard_error(capsys: Capture) -> None:
    write("data")
    say("a \x1b[31mnotice\x1b[0m")

    assert tuple(capsys.readouterr()) == ("data\n", "a [31mnotice[0m\n")


def test_a_report_counts_files_and_says_how_fast_it_went(capsys: Capture) -> None:
    print_report("papers", REPORT)

    assert capsys.readouterr().out == (
        "Collection papers\n"
        "  added           2\n"
        "  changed         0\n"
        "  renamed         0\n"
        "  unchanged       1\n"
        "  deleted         0\n"
        "  skipped         0\n"
        "  failed          0\n"
        "  90 chunks stored in 2.0 s (45/s)\n"
    )


@pytest.mark.parametrize(
    ("chunks", "seconds", "pace"),
    [
        (0, 0.25, "  nothing to embed; done in 0.2 s\n"),
        (1, 0.5, "  1 chunk stored in 0.5 s (2.0/s)\n"),
        (3, 13.8, "  3 chunks stored in 13.8 s (0.2/s)\n"),
    ],
)
def test_a_slow_or_idle_run_is_told_as_it_was(
    capsys: Capture, chunks: int, seconds: float, pace: str
) -> None:
    print_report("papers", IngestReport(1, 0, 0, 0, (), (), chunks, seconds, 0, chunks))

    assert capsys.readouterr().out.endswith(pace)


def test_chunks_that_were_known_already_are_told_of(capsys: Capture) -> None:
    print_report("papers", IngestReport(0, 1, 0, 0, (), (), 9, 1.0, embedded=2))

    assert capsys.readouterr().out.endswith(
        "  9 chunks stored in 1.0 s (9.0/s), 7 of them known already\n"
    )


def test_a_report_without_files_says_what_to_do(capsys: Capture) -> None:
    print_report("papers", IngestReport(0, 0, 0, 0, (), (), 0, 0.1))

    assert capsys.readouterr().out.endswith(
        "There were no files. Name a folder that holds documents: citewell ingest FOLDER\n"
    )


def test_long_lists_of_failures_are_cut(capsys: Capture) -> None:
    failed = tuple(Remark(f"{number}\x1b.pdf", "damaged") for number in range(25))

    print_report("papers", IngestReport(0, 0, 0, 0, (), failed, 0, 0.1))

    *_, last_named, rest = capsys.readouterr().out.splitlines()
    assert last_named == "  19.pdf: damaged"
    assert rest == "  ... and 5 more; --json lists them all"


def test_a_plan_leaves_out_what_is_empty_but_its_counts(capsys: Capture) -> None:
    print_plan("papers", Plan((), (), (), (), (Remark("a.xyz", "format not read: .xyz"),), ()))

    assert capsys.readouterr().out == (
        "Collection papers: nothing is changed by a dry run\n"
        "Add: 0\n"
        "Read again: 0\n"
        "Rename: 0\n"
        "Delete: 0\n"
        "Unchanged: 0\n"
        "Leave out: 1\n"
        "  a.xyz: format not read: .xyz\n"
    )


def test_a_passage_of_a_workbook_is_shown_with_its_cells(capsys: Capture) -> None:
    chunk = Chunk("costs.xlsx", 0, 9, "Rent\t1200", place="Costs!A2:B2")

    scores = Scores(lexical=1.5, lexical_rank=1)
    print_passages("rent", SearchResult((Passage(1, chunk, "Costs", 1.5, scores),)))

    assert capsys.readouterr().out.startswith("1. Costs (costs.xlsx, Costs!A2:B2) [words 1st]\n")


def test_a_passage_is_shown_with_how_it_was_found(capsys: Capture) -> None:
    print_passages("purr", SearchResult((PASSAGE,)))

    assert capsys.readouterr().out == (
        "1. Cats31m (cats.pdf, pages 2-3) > Cats > Sounds [words 12th]\n"
        "   Cats[2J purr at night.\n"
        "\n"
    )


def test_explained_passages_show_place_and_score_at_each_stage(capsys: Capture) -> None:
    print_passages("purr", SearchResult((PASSAGE,)), explain=True)

    assert capsys.readouterr().out == (
        "1. Cats31m (cats.pdf, pages 2-3) > Cats > Sounds\n"
        "   by words: 12th, BM25 1.500; joined: 3rd, score 0.033\n"
        "   Cats[2J purr at night.\n"
        "\n"
    )


def test_a_long_passage_is_shown_around_the_words_that_match(capsys: Capture) -> None:
    text = f"{'They sleep in the day. ' * 40}Owls hunt mice at night. {'They nest in barns. ' * 40}"
    passage = Passage(1, Chunk("owls.txt", 0, len(text), text), "Owls", 1.0, Scores())

    print_passages("When do owls hunt?", SearchResult((passage,)))

    shown = capsys.readouterr().out.split("\n", 1)[1]
    assert shown.startswith(
        "   … sleep in the day. They sleep in the day. They sleep in the day. Owls"
    )
    assert "Owls hunt mice at night." in " ".join(shown.split())
    assert len(shown) < 340


def test_a_cited_quote_is_shown_with_its_place_and_state(capsys: Capture) -> None:
    quote = Citation(1, "cats.pdf", "Cats", 2, 4, 20, "Cats purr\nat night.", "verified")

    print_sources(answer(None, AnswerSentence("Cats purr.", 0, 10, True, (quote, quote))))

    assert capsys.readouterr().out == (
        '\n[1] Cats (cats.pdf, page 2, characters 4-20): verified\n    "Cats purr at night."\n'
    )


def test_an_abstention_gives_its_reason_and_the_nearest_passage(capsys: Capture) -> None:
    print_sources(answer("weak_match"))

    assert capsys.readouterr().out == (
        "No answer: The documents touch on this, but no passage answers it.\n"
        "The nearest passages:\n"
        "  - Cats31m (cats.pdf, pages 2-3) > Cats > Sounds\n"
        "    Cats[2J purr at night.\n"
        'See what was found: citewell search "..."; ask in other words, '
        "or fit when it declines: citewell calibrate\n"
    )
