"""The commands about stored documents: what they print, promise, and remove."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citewell.app.documents import run_collections, run_ls, run_rm, run_show
from citewell.app.documents_values import Excerpt
from citewell.app.output import schema
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.reading import PageReading, Reading
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Heading, Page, Table

Capture = pytest.CaptureFixture[str]
CITEWELL = Path(sys.executable).parent / "citewell"

CATS = "Cats\x1b[2J purr.\nCats meow."
PAGES = (Page(1, 0, 15), Page(2, 15, 25, "ocr", 0.5), Page(3, 25, 25))
READINGS = (
    PageReading(1, "text", 2),
    PageReading(2, "ocr", 2, doubt="low OCR confidence", confidence=0.5),
    PageReading(3, "none", 0),
)


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    """Settings of a store with cats.pdf and with rows.jsonl, which is on disk."""
    docs = tmp_path / "docs"
    docs.mkdir()
    docs.joinpath("rows.jsonl").write_text("{}")
    made = Settings(home=tmp_path / "home", collection="pets", lock_timeout=0)
    cats = Document(
        "cats.pdf",
        "All about cats",
        CATS,
        PAGES,
        (Heading(1, "Sounds", 0), Heading(2, "Loud ones", 15)),
        {"author": "Ann"},
        (Table(15, 25, "Name\tSound"),),
    )
    chunks = (
        Chunk("cats.pdf", 0, 14, CATS[:14], 1, 1, ("Sounds",)),
        Chunk("cats.pdf", 15, 25, CATS[15:], 2, 3, ("Sounds", "Loud ones"), "Name\tSound", "A1:B2"),
    )
    reading = Reading(
        docs / "cats.pdf", "cats.pdf", "read", "", "0" * 64, "pdf-2", 2048, 0.25, 80.0, 1, 4, 1,
        "en", READINGS,
    )  # fmt: skip
    rows = [Document(name, f"Row {name}", "A dog.") for name in ("r1", "r2")]
    with open_store(made.home) as store:
        store.create_collection("pets", embedder.fingerprint, ChunkingSettings())
        stored = EmbeddedDocument(cats, chunks, embedder.embed_passages(["a cat", "a cat"]))
        store.replace_file(
            "pets", SourceFile(reading.path, "0" * 64, "pdf-2"), [stored], reading=reading
        )
        store.replace_file(
            "pets",
            SourceFile(docs / "rows.jsonl", "1" * 64, "jsonl-1"),
            [
                EmbeddedDocument(
                    row, [Chunk(row.name, 0, 6, row.text)], embedder.embed_passages([row.text])
                )
                for row in rows
            ],
        )
    return made


@pytest.fixture
def empty(tmp_path: Path) -> Settings:
    """Settings of a home folder that is not there."""
    return Settings(home=tmp_path / "nowhere", collection="pets")


def printed(capsys: Capture, name: str) -> dict[str, Any]:
    """Return the one JSON object that was printed, once it has passed its schema."""
    output = capsys.readouterr().out
    value: dict[str, Any] = json.loads(output)
    jsonschema.Draft202012Validator(schema(name)).validate(value)
    assert output.count("\n") == 1
    return value


# collections


def test_collections_are_listed_with_what_they_hold(settings: Settings, capsys: Capture) -> None:
    run_collections(settings, as_json=False)

    assert capsys.readouterr().out == (
        "Collection  Documents  Chunks  Model           Generation\n"
        "pets                3       4  animals (fp32)           2\n"
    )


def test_collections_are_printed_as_json(settings: Settings, capsys: Capture) -> None:
    run_collections(settings, as_json=True)

    assert printed(capsys, "citewell.collections/1")["collections"] == [
        {
            "name": "pets",
            "documents": 3,
            "chunks": 4,
            "model": "animals",
            "precision": "fp32",
            "generation": 2,
        }
    ]


def test_where_there_is_no_store_the_next_command_is_named_and_none_is_made(
    empty: Settings, capsys: Capture
) -> None:
    assert run_collections(empty, as_json=False) == 0

    assert capsys.readouterr().out == (
        "There are no collections yet. Make one with: citewell ingest PATH\n"
    )
    assert not empty.home.exists()


def test_no_collections_are_an_empty_list_in_json(empty: Settings, capsys: Capture) -> None:
    run_collections(empty, as_json=True)

    assert printed(capsys, "citewell.collections/1")["collections"] == []


# ls


def test_documents_are_listed_with_what_they_hold(settings: Settings, capsys: Capture) -> None:
    run_ls(None, settings, as_json=False)

    assert capsys.readouterr().out == (
        "Document  Title           Pages  Chunks  Characters\n"
        "cats.pdf  All about cats      3       2          25\n"
        "r1        Row r1              -       1           6\n"
        "r2        Row r2              -       1           6\n"
    )


def test_documents_of_a_pattern_are_printed_as_json(settings: Settings, capsys: Capture) -> None:
    run_ls("*.pdf", settings, as_json=True)

    assert printed(capsys, "citewell.ls/1")["documents"] == [
        {
            "document": "cats.pdf",
            "title": "All about cats",
            "path": str(settings.home.parent / "docs/cats.pdf"),
            "pages": 3,
            "characters": 25,
            "chunks": 2,
            "tags": [],
            "labels": [],
        }
    ]


def test_a_pattern_that_matches_nothing_is_no_failure(settings: Settings, capsys: Capture) -> None:
    assert run_ls("*.doc", settings, as_json=False) == 0

    assert capsys.readouterr().out == (
        "No document matches *.doc. See all: citewell ls --collection pets\n"
    )


def test_an_empty_collection_names_the_next_command(
    settings: Settings, capsys: Capture, embedder: Embedder
) -> None:
    with open_store(settings.home) as store:
        store.create_collection("new", embedder.fingerprint, ChunkingSettings())

    run_ls(None, settings.model_copy(update={"collection": "new"}), as_json=False)

    assert capsys.readouterr().out == (
        "Collection new is empty. Fill it with: citewell ingest PATH --collection new\n"
    )


RUNS: list[Callable[[Settings], int]] = [
    lambda settings: run_ls(None, settings, as_json=False),
    lambda settings: run_show("cats.pdf", Excerpt(), settings, as_json=False),
    lambda settings: run_rm(["x"], settings, everything=False, yes=True, as_json=False),
]


@pytest.mark.parametrize("run", RUNS)
def test_without_a_store_the_command_that_makes_one_is_named(
    empty: Settings, run: Callable[[Settings], int]
) -> None:
    with pytest.raises(NotConfigured, match="Make it with: citewell ingest PATH --collection pets"):
        run(empty)

    assert not empty.home.exists()


# show


def test_a_document_is_shown_with_its_facts_outline_and_pages(
    settings: Settings, capsys: Capture
) -> None:
    run_show("cats.pdf", Excerpt(), settings, as_json=False)

    output, notices = capsys.readouterr()
    assert output == (
        "All about cats (cats.pdf)\n"
        f"  file        {settings.home.parent / 'docs/cats.pdf'}\n"
        "  text        25 characters, 2 chunks, 1 table\n"
        "  read by     pdf-2 in 0.2 s\n"
        "  language    en\n"
        "  author      Ann\n"
        "Outline\n"
        "  Sounds\n"
        "    Loud ones\n"
        "Pages\n"
        "  1: text, 2 words\n"
        "  2: character recognition, 2 words; doubtful: low OCR confidence\n"
        "  3: no text, 0 words\n"
    )
    assert notices == "Its text: citewell show cats.pdf --text (or --page N, or --chunks)\n"


@pytest.mark.parametrize("wanted", ["cats.pdf", "docs/cats.pdf", "*.pdf"])
def test_a_document_is_found_by_name_path_and_pattern(
    settings: Settings, capsys: Capture, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    monkeypatch.chdir(settings.home.parent)

    run_show(wanted, Excerpt(), settings, as_json=True)

    assert printed(capsys, "citewell.show/1")["document"] == "cats.pdf"


def test_the_text_is_printed_without_what_a_terminal_obeys(
    settings: Settings, capsys: Capture
) -> None:
    run_show("cats.pdf", Excerpt(text=True), settings, as_json=False)

    assert tuple(capsys.readouterr()) == ("Cats[2J purr.\nCats meow.\n", "")


def test_the_text_of_a_page_is_printed(settings: Settings, capsys: Capture) -> None:
    run_show("cats.pdf", Excerpt(page=2), settings, as_json=False)

    assert capsys.readouterr().out == "Cats meow.\n"


def test_a_page_that_is_not_there_is_refused_with_those_that_are(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"cats\.pdf has no page 4; its pages are: 1 to 3\."):
        run_show("cats.pdf", Excerpt(page=4), settings, as_json=False)


def test_a_file_that_could_not_be_read_is_shown_with_the_reason(settings: Settings) -> None:
    torn = Reading(Path("/docs/torn.pdf"), "torn.pdf", "failed", "needs a password")
    with open_store(settings.home) as store:
        store.put_readings("pets", [torn])

    with pytest.raises(
        NotConfigured, match=r"torn\.pdf could not be read: needs a password\. .*report"
    ):
        run_show("torn.pdf", Excerpt(), settings, as_json=False)


def test_a_document_without_pages_has_no_page(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"r1 has no page 1; its pages are: none\. Leave out"):
        run_show("r1", Excerpt(page=1), settings, as_json=False)


def test_chunks_are_shown_with_header_and_place(settings: Settings, capsys: Capture) -> None:
    run_show("cats.pdf", Excerpt(chunks=True), settings, as_json=False)

    assert capsys.readouterr().out == (
        "--- 1. characters 0-14, page 1, Sounds\n"
        "Cats[2J purr.\n\n"
        "--- 2. characters 15-25, A1:B2, page 2-3, Sounds > Loud ones\n"
        "[Name Sound]\n"
        "Cats meow.\n\n"
    )


def test_the_chunks_of_one_page_are_shown_alone(settings: Settings, capsys: Capture) -> None:
    run_show("cats.pdf", Excerpt(page=3, chunks=True), settings, as_json=False)

    assert capsys.readouterr().out.startswith("--- 1. characters 15-25")


def test_a_document_is_printed_as_json_with_all_that_is_asked(
    settings: Settings, capsys: Capture
) -> None:
    run_show("cats.pdf", Excerpt(text=True, chunks=True), settings, as_json=True)

    shown = printed(capsys, "citewell.show/1")
    assert shown["text"] == CATS
    assert [chunk["text"] for chunk in shown["chunks"]] == [CATS[:14], CATS[15:]]
    assert shown["pages"][1] == {
        "number": 2,
        "start": 15,
        "end": 25,
        "source": "ocr",
        "confidence": 0.5,
        "words": 2,
        "tables": 0,
        "doubt": "low OCR confidence",
    }
    assert shown["reading"]["language"] == "en"
    assert shown["metadata"] == {"author": "Ann"}


def test_a_document_without_a_reading_is_printed_as_json(
    settings: Settings, capsys: Capture
) -> None:
    run_show("r1", Excerpt(), settings, as_json=True)

    shown = printed(capsys, "citewell.show/1")
    assert (shown["reading"], shown["text"], shown["chunks"], shown["pages"]) == (
        None,
        None,
        None,
        [],
    )


# rm


def held(settings: Settings) -> list[str]:
    with open_store(settings.home) as store:
        return [document.name for document in store.documents("pets")]


def test_removing_tells_what_went_and_what_comes_back(settings: Settings, capsys: Capture) -> None:
    status = run_rm(["r1", "*.pdf"], settings, everything=False, yes=True, as_json=False)

    docs = settings.home.parent / "docs"
    output, notices = capsys.readouterr()
    assert (status, held(settings)) == (0, [])
    assert output == (
        "Removed 2 files (3 documents, 4 chunks)\n"
        f"  {docs / 'cats.pdf'}: 1 document\n"
        f"  {docs / 'rows.jsonl'}: 2 documents\n"
    )
    assert notices == (
        "1 of these files is still on disk: the next ingest of the folder reads what is there "
        "again. To keep files out, move them elsewhere.\n"
    )


def test_removing_is_printed_as_json(settings: Settings, capsys: Capture) -> None:
    run_rm(["r2"], settings, everything=False, yes=True, as_json=True)

    assert printed(capsys, "citewell.rm/1")["files"] == [
        {
            "path": str(settings.home.parent / "docs/rows.jsonl"),
            "documents": ["r1", "r2"],
            "chunks": 2,
            "on_disk": True,
        }
    ]


def test_the_whole_collection_can_be_removed(settings: Settings, capsys: Capture) -> None:
    run_rm([], settings, everything=True, yes=True, as_json=True)

    assert printed(capsys, "citewell.rm/1")["collection_removed"] is True
    with open_store(settings.home) as store:
        assert store.collections() == []


@pytest.mark.parametrize(("names", "everything"), [([], False), (["cats.pdf"], True)])
def test_names_and_all_exclude_each_other(
    settings: Settings, names: Sequence[str], everything: bool
) -> None:
    with pytest.raises(ConfigError, match="Name documents, files or folders to remove, or give"):
        run_rm(names, settings, everything=everything, yes=True, as_json=False)


def test_where_nobody_can_be_asked_nothing_goes_without_yes(settings: Settings) -> None:
    refused = subprocess.run(
        [CITEWELL, "rm", "cats.pdf", "--collection", "pets", "--home", settings.home],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
    )

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == (
        "citewell: Remove 1 file (1 document, 2 chunks)? Nobody can be asked here; to agree, "
        "add --yes.\n"
    )
    assert len(held(settings)) == 3


@pytest.mark.parametrize(
    ("answer", "status", "left"),
    [
        ("y\n", 0, ["r1", "r2"]),
        ("n\n", 1, ["cats.pdf", "r1", "r2"]),
        ("\n", 1, ["cats.pdf", "r1", "r2"]),
        ("\x03", 130, ["cats.pdf", "r1", "r2"]),
    ],
)
def test_on_a_terminal_the_user_is_asked(
    settings: Settings, answer: str, status: int, left: list[str]
) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [CITEWELL, "rm", "cats.pdf", "-c", "pets", "--home", settings.home],
        stdin=theirs,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: os.login_tty(os.dup(0)) if answer == "\x03" else None,
    )
    os.close(theirs)
    asked = b""
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        while b"[y/N] " not in asked:
            asked += terminal.read(4096)
        terminal.write(answer.encode())
        with suppress(OSError):
            while terminal.read(4096):
                pass

    assert process.wait(60) == status
    assert b"cats.pdf\r\nRemove 1 file (1 document, 2 chunks)? [y/N] " in asked
    assert held(settings) == left
