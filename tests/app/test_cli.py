"""The installed command, as a user and as a program run it: real processes, a real store."""

import json
import os
import re
import subprocess
import sys
import termios
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from reportlab.pdfgen.canvas import Canvas

from citewell.app.output import schema
from citewell.retrieval.sqlite_store import open_store

HINT = 'Now ask: citewell ask "..." --collection default'
CITEWELL = Path(sys.executable).parent / "citewell"

CATS = "# Cats\n\nA cat sleeps sixteen hours a day. Cats were first kept in Egypt.\n"
OWLS = "Owls\n\nAn owl turns its head by 270 degrees. Owls hunt mice at night.\n"
TIDES = (
    "The highest tides of the world rise in the Bay of Fundy.",
    "Spring tides come at new moon and at full moon.",
)
ROWS = (
    '{"id": "sleep", "question": "How long does a cat sleep?"}',
    '{"id": 7, "question": "When do spring tides come?"}',
    "no JSON",
    '{"question": "Who was the first emperor of Rome?"}',
    '{"id": "blank", "question": "  "}',
)


@dataclass(frozen=True)
class Citewell:
    """Runs the command in a folder, with a home folder of its own.

    Attributes:
        home: Folder of the store.
        docs: Folder of documents.
    """

    home: Path
    docs: Path

    def environment(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "CITEWELL" not in name.upper()}
        return {**kept, "CITEWELL_HOME": str(self.home), **(extra or {})}

    def __call__(
        self, *arguments: str, stdin: str = "", extra: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [CITEWELL, *arguments],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            cwd=self.docs.parent,
            env=self.environment(extra),
            timeout=300,
        )


def make(folder: Path) -> Citewell:
    docs = folder / "docs"
    docs.mkdir()
    return Citewell(folder / "home", docs)


def objects(output: str) -> list[dict[str, Any]]:
    """Return the JSON objects of an output that holds nothing else, one a line."""
    return [json.loads(line) for line in output.split("\n")[:-1]]


def checked(output: str, name: str) -> list[dict[str, Any]]:
    """Return the JSON objects of an output, each of which follows its schema."""
    found = objects(output)
    for each in found:
        jsonschema.Draft202012Validator(schema(name)).validate(each)
    return found


@pytest.fixture
def citewell(tmp_path: Path) -> Citewell:
    """The command with an empty home and an empty folder of documents."""
    return make(tmp_path)


@dataclass(frozen=True)
class Library:
    """Three good documents and a broken one, ingested once.

    Attributes:
        ingested: How that ended and what it wrote to standard output, no terminal.
        terminal: What it wrote to standard error, a terminal of 80 columns.
    """

    run: Citewell
    ingested: "subprocess.CompletedProcess[str]"
    terminal: str


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    run = make(tmp_path_factory.mktemp("library"))
    run.docs.joinpath("cats.md").write_text(CATS, "utf-8")
    run.docs.joinpath("owls.txt").write_text(OWLS, "utf-8")
    pdf = Canvas(str(run.docs / "tides.pdf"))
    for text in TIDES:
        pdf.drawString(72, 720, text)
        pdf.showPage()
    pdf.save()
    run.docs.joinpath("broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    return Library(run, *on_terminal(run, "ingest", "docs"))


def on_terminal(
    run: Citewell, *arguments: str, **variables: str
) -> tuple["subprocess.CompletedProcess[str]", str]:
    """Run the command with its standard error on a terminal. Returns also what came there."""
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = subprocess.Popen(
        [CITEWELL, *arguments],
        stdout=subprocess.PIPE,
        stderr=theirs,
        encoding="utf-8",
        cwd=run.docs.parent,
        env={**run.environment(), "TERM": "xterm-256color", **variables},
    )
    os.close(theirs)
    written = b""
    with suppress(OSError), os.fdopen(ours, "rb", buffering=0) as terminal:
        while piece := terminal.read(4096):
            written += piece
    output, _ = process.communicate(timeout=300)
    ended = subprocess.CompletedProcess(process.args, process.returncode, output, "")
    return ended, written.decode()


def left_on_screen(written: str) -> list[str]:
    """Return the lines that a terminal shows after all of ``written``."""
    lines, row, column = [""], 0, 0
    for number, command, text in re.findall(
        r"\x1b\[([?\d;]*)([A-Za-z])|([\r\n]|[^\x1b\r\n]+)", written
    ):
        if command == "A":
            row -= int(number or 1)
        elif command == "K":
            lines[row] = ""
        elif text == "\r":
            column = 0
        elif text == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif text:
            before = lines[row].ljust(column)
            lines[row] = before[:column] + text + before[column + len(text) :]
            column += len(text)
    return lines


@pytest.fixture(scope="module")
def answers(library: Library) -> "subprocess.CompletedProcess[str]":
    """What ``ask --llm none --json`` says to a file of questions, two of them broken."""
    stdin = "\n".join(ROWS) + "\n"
    return library.run("ask", "--llm", "none", "--json", "--input", "-", stdin=stdin)


@pytest.mark.models
def test_a_broken_file_is_named_and_the_others_go_in(library: Library) -> None:
    assert library.ingested.returncode == 5
    assert library.ingested.stdout.startswith(
        "Collection default\n"
        "  added           3\n"
        "  changed         0\n"
        "  renamed         0\n"
        "  unchanged       0\n"
        "  deleted         0\n"
        "  skipped         0\n"
        "  failed          1\n"
        "  3 chunks stored in "
    )
    assert "\nFailed: 1\n  broken.pdf: " in library.ingested.stdout


@pytest.mark.models
def test_a_bar_on_the_terminal_shows_how_far_it_has_come(library: Library) -> None:
    assert "4/4 files, 2 pages, 3 chunks, " in re.sub(r"\x1b\[[\d;]*m", "", library.terminal)


@pytest.mark.models
def test_the_bar_leaves_the_screen_to_what_comes_next(library: Library) -> None:
    assert [line for line in left_on_screen(library.terminal) if line] == [HINT]
    assert library.terminal.count("\x1b[?25l") == library.terminal.count("\x1b[?25h")


@pytest.mark.models
def test_the_bar_has_no_colours_when_none_are_wanted(library: Library) -> None:
    _, written = on_terminal(library.run, "ingest", "docs", NO_COLOR="1")

    assert "files, 0 chunks" in written
    assert re.findall(r"\x1b\[[\d;]*m", written) == []


@pytest.mark.models
def test_ingesting_again_changes_nothing(library: Library) -> None:
    again = library.run("ingest", "docs", "--json")

    report = checked(again.stdout, "citewell.ingest/1")[0]
    numbers = {name: report[name] for name in ("added", "changed", "deleted", "chunks")}
    assert numbers == {"added": 0, "changed": 0, "deleted": 0, "chunks": 0}
    assert report["unchanged"] == 3
    assert [each["document"] for each in report["failed"]] == ["broken.pdf"]
    assert (again.returncode, again.stderr) == (5, "")


@pytest.mark.models
def test_a_page_of_a_pdf_is_found_by_its_words(library: Library) -> None:
    found = library.run("search", "full moon", "--mode", "lexical", "-k", "1", "--json")

    (result,) = checked(found.stdout, "citewell.search/1")
    passage = result["passages"][0]
    assert (passage["document"], passage["page_start"], passage["page_end"]) == ("tides.pdf", 1, 2)
    assert passage["text"].endswith(TIDES[1])
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.models
def test_hybrid_search_scores_by_words_and_by_meaning(library: Library) -> None:
    found = library.run("search", "How much does a cat rest?", "--json")

    passage = checked(found.stdout, "citewell.search/1")[0]["passages"][0]
    assert passage["document"] == "cats.md"
    assert {name for name, score in passage["scores"].items() if score is not None} == {
        "lexical",
        "dense",
        "fused",
        "lexical_rank",
        "dense_rank",
        "fused_rank",
    }


@pytest.mark.models
def test_passages_are_printed_without_colours_off_a_terminal(library: Library) -> None:
    found = library.run(
        "search", "owl head", "--mode", "lexical", extra={"FORCE_COLOR": "1", "TERM": "xterm"}
    )

    rank, text, *rest = found.stdout.split("\n")
    assert rank.startswith("1. Owls (owls.txt) [words ")
    assert text == "   Owls An owl turns its head by 270 degrees. Owls hunt mice at night."
    assert rest == ["", ""]
    assert "\x1b" not in found.stdout + found.stderr


@pytest.mark.models
def test_nothing_found_is_no_failure(library: Library) -> None:
    found = library.run("search", "zebra", "--mode", "lexical")

    assert found.returncode == 0
    assert found.stdout.startswith("No passage matches.")


@pytest.mark.models
def test_a_dry_run_names_each_step_and_takes_none(library: Library, tmp_path: Path) -> None:
    new = tmp_path / "new.txt"
    new.write_text("A zebra has stripes.", "utf-8")

    planned = library.run("ingest", "--dry-run", str(new), str(library.run.docs))

    assert planned.stdout.startswith(
        "Collection default: nothing is changed by a dry run\n"
        "Add: 1\n"
        "  new.txt (new)\n"
        "Read again: 0\n"
        "Rename: 0\n"
        "Delete: 0\n"
        "Unchanged: 3\n"
        "Cannot read: 1\n"
        "  broken.pdf: damaged: "
    )
    found = library.run("search", "zebra", "--mode", "lexical", "--json")
    assert objects(found.stdout)[0]["passages"] == []


@pytest.mark.models
def test_a_collection_follows_its_folder(citewell: Citewell) -> None:
    citewell.docs.joinpath("cats.md").write_text(CATS, "utf-8")
    citewell.docs.joinpath("owls.txt").write_text(OWLS, "utf-8")
    citewell("ingest", "docs")
    citewell.docs.joinpath("cats.md").write_text("A cat purrs at 25 hertz.", "utf-8")
    citewell.docs.joinpath("owls.txt").unlink()

    report = objects(citewell("ingest", "docs", "--json").stdout)[0]

    asked = '{"question": "purrs"}\n{"question": "sixteen"}\n{"question": "owl"}\n'
    found = citewell("search", "--mode", "lexical", "--json", "--input", "-", stdin=asked)
    texts = [[each["text"] for each in result["passages"]] for result in objects(found.stdout)]
    assert (report["added"], report["changed"], report["deleted"]) == (0, 1, 1)
    assert texts == [["A cat purrs at 25 hertz."], [], []]


@pytest.mark.models
def test_a_batch_keeps_its_order_and_ids(answers: "subprocess.CompletedProcess[str]") -> None:
    found = checked(answers.stdout, "citewell.ask/1")

    assert [each["id"] for each in found] == ["sleep", 7, 4]
    assert [each["abstained"] for each in found] == [False, False, True]


@pytest.mark.models
def test_broken_lines_of_a_batch_are_named_and_stop_no_other(
    answers: "subprocess.CompletedProcess[str]",
) -> None:
    assert answers.returncode == 5
    assert answers.stderr == (
        "citewell: standard input, line 3: no JSON (Expecting value: line 1 column 1 (char 0))\n"
        'citewell: standard input, line 5: no "question" with words in it\n'
    )


@pytest.mark.models
def test_an_answer_says_the_sentence_that_holds_it(
    answers: "subprocess.CompletedProcess[str]",
) -> None:
    sleep, tides, _ = objects(answers.stdout)

    assert sleep["sentences"][0]["text"] == "A cat sleeps sixteen hours a day."
    assert (sleep["mode"], sleep["model"]) == ("extractive", None)
    assert tides["sentences"][0]["text"] == TIDES[1]
    assert tides["sentences"][0]["citations"][0]["page"] == 2


@pytest.mark.models
def test_spans_point_at_the_sentence_and_at_the_quote(
    library: Library, answers: "subprocess.CompletedProcess[str]"
) -> None:
    with open_store(library.run.home) as store:
        for answer in objects(answers.stdout)[:2]:
            for sentence in answer["sentences"]:
                span = slice(sentence["start"], sentence["end"])
                assert answer["answer"][span] == sentence["text"]
                for citation in sentence["citations"]:
                    document = store.document("default", citation["document"])
                    span = slice(citation["start"], citation["end"])
                    assert document.text[span] == citation["quote"]


@pytest.mark.models
def test_a_server_that_is_down_leaves_the_quoted_answer(
    library: Library, closed_address: str
) -> None:
    asked = library.run(
        "ask", "How long does a cat sleep?", "--llm", "openai:test", "--base-url", closed_address
    )

    assert asked.returncode == 6
    assert asked.stdout == (
        "A cat sleeps sixteen hours a day. [1]\n"
        "\n"
        "[1] Cats (cats.md, characters 8-41): verified\n"
        '    "A cat sleeps sixteen hours a day."\n'
    )
    assert closed_address.removeprefix("http://").removesuffix("/v1") in asked.stderr
    assert "The answer is quoted from the documents.\n" in asked.stderr


@pytest.mark.models
def test_the_bundled_model_answers_from_the_documents(library: Library) -> None:
    asked = library.run("ask", "How many degrees does an owl turn its head?", "--json")

    (answer,) = checked(asked.stdout, "citewell.ask/1")
    cited = [
        citation["document"]
        for sentence in answer["sentences"]
        for citation in sentence["citations"]
    ]
    assert asked.returncode == 0
    assert (answer["mode"], answer["answer"][:3]) == ("generated", "270")
    assert set(cited) == {"owls.txt"}
    assert answer["model"] is not None


@pytest.mark.models
def test_a_reader_that_closes_the_pipe_ends_the_batch_quietly(
    library: Library, tmp_path: Path
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"question": "owl"}\n' * 2000, "utf-8")
    process = subprocess.Popen(
        [CITEWELL, "search", "--mode", "lexical", "--json", "--input", str(rows)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=library.run.environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None

    first = process.stdout.readline()
    process.stdout.close()

    assert json.loads(first)["id"] == 1
    assert process.stderr.read() == ""
    assert process.wait(300) == 1
    process.stderr.close()


@pytest.mark.models
def test_the_question_of_each_answer_is_printed_in_a_batch(library: Library) -> None:
    found = library.run("search", "--mode", "lexical", "--input", "-", stdin='{"question":"x1"}\n')

    assert found.stdout.startswith("1: x1\nNo passage matches.")


@pytest.mark.models
def test_what_a_document_holds_cannot_command_the_terminal(citewell: Citewell) -> None:
    text = "Cats \x1b]0;owned\x07 purr \x9b2J."
    row = {"id": "evil\x1b[2J", "title": "A \x1b[31mtitle", "text": text}
    citewell.docs.joinpath("evil.jsonl").write_text(json.dumps(row), "utf-8")
    citewell("ingest", "docs")

    plain = citewell("search", "purr", "--mode", "lexical")
    as_json = citewell("search", "purr \x9b2J", "--mode", "lexical", "--json")

    assert "purr" in plain.stdout
    assert "purr" in objects(as_json.stdout)[0]["passages"][0]["text"]
    assert {"\x1b", "\x07", "\x9b"}.isdisjoint(plain.stdout + as_json.stdout)
