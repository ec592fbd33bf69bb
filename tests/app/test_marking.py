"""``citewell tag`` and ``citewell label``, and what ``ls`` and ``show`` say of both."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citewell.app.documents import run_ls, run_show
from citewell.app.documents_values import Excerpt
from citewell.app.marks import WHOLE, Change, run_marks
from citewell.app.output import schema
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, FilterError, NotConfigured
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, MarkKind, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

Capture = pytest.CaptureFixture[str]
CITEWELL = Path(sys.executable).parent / "citewell"

HELD = {"hr/leave.md": ["hr/leave.md"], "hr/pay.md": ["hr/pay.md"], "it/rows.jsonl": ["r1", "r2"]}
ADD_HR = Change(add=("hr",))


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    """Settings of a store with two files in ``hr/`` and two rows of one in ``it/``."""
    made = Settings(home=tmp_path / "home", collection="office")
    with open_store(made.home) as store:
        store.create_collection("office", embedder.fingerprint, ChunkingSettings())
        for file, names in HELD.items():
            documents = [Document(name, name, "A cat.", language="en") for name in names]
            embedded = [
                EmbeddedDocument(
                    each, [Chunk(each.name, 0, 6, "A cat.")], embedder.embed_passages(["A cat."])
                )
                for each in documents
            ]
            source = SourceFile(Path("/gone") / file, "0" * 64, "text-1", file)
            store.replace_file("office", source, embedded)
    return made


def printed(capsys: Capture, name: str) -> dict[str, Any]:
    """Return the one JSON object that was printed, once it has passed its schema."""
    value: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(schema(name)).validate(value)
    return value


def test_what_was_given_is_printed_with_how_many_documents_it_holds_for(
    settings: Settings, capsys: Capture
) -> None:
    status = run_marks("tag", ["hr/", "r1"], ADD_HR, settings, as_json=False)

    assert status == 0
    assert capsys.readouterr().out == (
        "Name  Tags  Documents\nhr/   hr            2\nr1    hr            1\n"
    )


def test_all_that_was_given_can_be_listed_as_json(settings: Settings, capsys: Capture) -> None:
    run_marks("label", ["hr/"], Change(add=("legal", " staff ")), settings, as_json=False)
    run_marks("label", [WHOLE], ADD_HR, settings, as_json=False)
    run_marks("tag", ["r1"], ADD_HR, settings, as_json=False)
    capsys.readouterr()

    run_marks("label", [], Change(), settings, as_json=True)

    assert printed(capsys, "citewell.marks/1") == {
        "schema": "citewell.marks/1",
        "collection": "office",
        "kind": "label",
        "marks": [
            {"name": "", "values": ["hr"], "documents": 4},
            {"name": "hr/", "values": ["legal", "staff"], "documents": 2},
        ],
    }


def test_what_is_taken_away_is_gone(settings: Settings, capsys: Capture) -> None:
    run_marks("label", ["hr/"], Change(add=("legal", "staff")), settings, as_json=False)
    run_marks("label", ["hr/"], Change(("board",), ("legal",)), settings, as_json=False)

    assert capsys.readouterr().out.endswith("hr/   board, staff          2\n")


def test_a_tag_is_taken_away_in_any_case(settings: Settings, capsys: Capture) -> None:
    run_marks("tag", ["r1"], Change(add=("HR",)), settings, as_json=False)
    run_marks("tag", ["r1"], Change(remove=("hr",)), settings, as_json=False)

    assert capsys.readouterr().out.endswith("r1    none          1\n")


@pytest.mark.parametrize(
    ("kind", "name", "value", "said"),
    [
        ("tag", "hr/pay.md", "HR", "hr/pay.md has no tag HR of its own. It has it from hr/.\n"),
        ("tag", "r1", "hr", "r1 has no tag hr of its own. It has it from it/rows.jsonl.\n"),
        ("tag", "hr/", "x", "hr/ has no tag x of its own.\n"),
        ("tag", WHOLE, "hr", "The collection has no tag hr of its own.\n"),
        ("tag", "hr/", "Hr", ""),
        ("label", "it/", "hr", "it/ has no label hr of its own. It has it from the collection.\n"),
        ("label", "it/", "HR", "it/ has no label HR of its own.\n"),
    ],
)
def test_what_cannot_be_taken_away_as_it_was_not_given_is_said_with_who_gives_it(
    settings: Settings, capsys: Capture, kind: MarkKind, name: str, value: str, said: str
) -> None:
    run_marks("tag", ["hr/", "it/rows.jsonl"], ADD_HR, settings, as_json=False)
    run_marks("label", [WHOLE], ADD_HR, settings, as_json=False)
    capsys.readouterr()

    run_marks(kind, [name], Change(remove=(value,)), settings, as_json=False)

    assert capsys.readouterr().err == said


def test_a_label_is_taken_away_only_as_it_was_written(settings: Settings, capsys: Capture) -> None:
    run_marks("label", ["r1"], Change(add=("HR",)), settings, as_json=False)
    run_marks("label", ["r1"], Change(remove=("hr",)), settings, as_json=False)

    assert capsys.readouterr().out.endswith("r1    HR              1\n")


def test_where_nothing_was_given_the_command_that_gives_is_named(
    settings: Settings, capsys: Capture
) -> None:
    run_marks("label", [], Change(), settings, as_json=False)

    assert capsys.readouterr().out == (
        "No labels were given in collection office. "
        "Give one with: citewell label NAME --add LABEL\n"
    )


def test_a_folder_can_be_labelled_before_anything_is_in_it(
    settings: Settings, capsys: Capture
) -> None:
    run_marks("label", ["board/"], ADD_HR, settings, as_json=False)

    output, notices = capsys.readouterr()
    assert output.endswith("board/  hr              0\n")
    assert notices == "Nothing is below board/ yet; what comes there later is marked.\n"


def test_a_file_of_several_documents_is_known_by_its_name(
    settings: Settings, capsys: Capture
) -> None:
    run_marks("tag", ["it/rows.jsonl"], ADD_HR, settings, as_json=False)

    assert capsys.readouterr().out.endswith("it/rows.jsonl  hr            2\n")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/gone/hr/", "hr/"),
        ("/gone/hr", "hr/"),
        ("/gone/../gone/hr/pay.md", "hr/pay.md"),
        ("/gone/it/rows.jsonl", "it/rows.jsonl"),
    ],
)
def test_a_path_is_marked_by_its_name(
    settings: Settings, capsys: Capture, path: str, name: str
) -> None:
    run_marks("label", [path], ADD_HR, settings, as_json=True)

    assert [each["name"] for each in printed(capsys, "citewell.marks/1")["marks"]] == [name]


def test_the_path_of_all_that_was_ingested_is_not_taken_for_a_folder(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"'/gone/' is all that was ingested\. Give --all"):
        run_marks("label", ["/gone/"], ADD_HR, settings, as_json=False)


def test_a_document_that_is_not_there_is_refused_with_the_closest(settings: Settings) -> None:
    with pytest.raises(NotConfigured, match=r"'hr/leaf\.md'\. Did you mean hr/leave\.md or"):
        run_marks("tag", ["hr/leaf.md"], ADD_HR, settings, as_json=False)


def test_a_folder_without_its_slash_is_refused(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"'hr' is a folder\. Write 'hr/' for all that is"):
        run_marks("label", ["hr"], ADD_HR, settings, as_json=False)


@pytest.mark.parametrize("name", ["hr//", "./hr/", "/hr/", "hr/./", "it/../hr/"])
def test_a_folder_is_named_as_in_the_names_of_documents(settings: Settings, name: str) -> None:
    with pytest.raises(ConfigError, match="is no name of a folder"):
        run_marks("label", [name], ADD_HR, settings, as_json=False)


def test_the_root_is_no_name_of_everything(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="give --all for everything"):
        run_marks("label", ["/"], ADD_HR, settings, as_json=False)


def test_a_folder_that_differs_in_case_is_asked_about(settings: Settings, capsys: Capture) -> None:
    run_marks("label", ["HR/"], ADD_HR, settings, as_json=False)

    assert "Or did you mean 'hr/'?" in capsys.readouterr().err


def test_nothing_is_marked_if_one_name_is_wrong(settings: Settings, capsys: Capture) -> None:
    with pytest.raises(NotConfigured, match="holds no document 'x'"):
        run_marks("tag", ["r1", "x"], ADD_HR, settings, as_json=False)

    run_marks("tag", [], Change(), settings, as_json=True)
    assert printed(capsys, "citewell.marks/1")["marks"] == []


def test_a_blank_label_is_refused(settings: Settings) -> None:
    with pytest.raises(ConfigError, match=r"A label is blank\. Name it: --add NAME"):
        run_marks("label", ["r1"], Change(add=(" ",)), settings, as_json=False)


def test_nothing_named_is_not_taken_for_everything(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="or give --all"):
        run_marks("label", [], ADD_HR, settings, as_json=False)


# ls and show


def test_documents_are_listed_with_their_tags_and_labels(
    settings: Settings, capsys: Capture
) -> None:
    run_marks("tag", ["hr/"], ADD_HR, settings, as_json=False)
    run_marks("label", ["it/rows.jsonl", "r2"], Change(add=("root",)), settings, as_json=False)
    capsys.readouterr()

    run_ls(None, settings, as_json=False)

    assert capsys.readouterr().out == (
        "Document     Title        Pages  Chunks  Characters  Tags  Labels\n"
        "hr/leave.md  hr/leave.md      -       1           6  hr\n"
        "hr/pay.md    hr/pay.md        -       1           6  hr\n"
        "r1           r1               -       1           6        root\n"
        "r2           r2               -       1           6        root\n"
    )


def test_tags_of_listed_documents_are_in_the_json(settings: Settings, capsys: Capture) -> None:
    run_marks("tag", ["hr/", "hr/pay.md"], Change(add=("hr", "a")), settings, as_json=False)
    capsys.readouterr()

    run_ls("hr/pay.md", settings, as_json=True)

    (document,) = printed(capsys, "citewell.ls/1")["documents"]
    assert (document["tags"], document["labels"]) == (["a", "hr"], [])


def test_a_document_is_shown_with_its_tags_and_labels(settings: Settings, capsys: Capture) -> None:
    run_marks("tag", ["r1"], Change(add=("hr", "new")), settings, as_json=False)
    run_marks("label", ["it/"], Change(add=("root",)), settings, as_json=False)
    capsys.readouterr()

    run_show("r1", Excerpt(), settings, as_json=False)

    assert "  tagged      hr, new\n  labelled    root\n" in capsys.readouterr().out


def test_marks_of_a_shown_document_are_in_the_json(settings: Settings, capsys: Capture) -> None:
    run_marks("label", [WHOLE], ADD_HR, settings, as_json=False)
    capsys.readouterr()

    run_show("r1", Excerpt(), settings, as_json=True)

    assert printed(capsys, "citewell.show/1")["labels"] == ["hr"]


def listed(
    settings: Settings, capsys: Capture, where: str, pattern: str | None = None
) -> list[str]:
    run_ls(pattern, settings, where=where, as_json=True)
    return [each["document"] for each in printed(capsys, "citewell.ls/1")["documents"]]


def test_documents_that_a_filter_keeps_are_listed(settings: Settings, capsys: Capture) -> None:
    assert listed(settings, capsys, "folder = it or document ~ pay") == ["hr/pay.md", "r1", "r2"]
    assert listed(settings, capsys, "folder = it or document ~ pay", "hr/") == ["hr/pay.md"]


def test_a_filter_that_keeps_nothing_is_shown_with_the_field_likely_meant(
    settings: Settings, capsys: Capture
) -> None:
    run_ls("hr/", settings, where="langage = en", as_json=False)

    assert capsys.readouterr().out == (
        "The filter langage = en keeps no document of those that match hr/. There is no field "
        "langage; did you mean language? See all: citewell ls --collection office\n"
    )


def test_the_field_likely_meant_may_be_a_key_of_the_metadata(
    settings: Settings, embedder: Embedder, capsys: Capture
) -> None:
    document = Document("a.md", "A", "A cat.", metadata={"author": "Kim", "lang": "de"})
    embedded = EmbeddedDocument(
        document, [Chunk("a.md", 0, 6, "A cat.")], embedder.embed_passages(["A cat."])
    )
    with open_store(settings.home) as store:
        source = SourceFile(Path("/gone/a.md"), "0" * 64, "text-1", "a.md")
        store.replace_file("office", source, [embedded])

    run_ls(None, settings, where="athor = kim and lang = de", as_json=False)

    assert capsys.readouterr().out == (
        "The filter athor = kim and lang = de keeps no document. There is no field athor; did you "
        "mean author? See all: citewell ls --collection office\n"
    )


def test_a_filter_that_cannot_be_read_is_refused(settings: Settings) -> None:
    with pytest.raises(FilterError, match=r"Did you mean `=`\?"):
        run_ls(None, settings, where="tag == hr", as_json=False)


# the command


def citewell(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CITEWELL, *arguments, "--home", settings.home, "--collection", "office"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_mark_and_list(settings: Settings) -> None:
    done = citewell(settings, "label", "hr/", "r1", "--add", "a", "--add", "b", "--remove", "c")
    said = "hr/ has no label c of its own.\nr1 has no label c of its own.\n"
    assert (done.returncode, done.stderr) == (0, said)

    done = citewell(settings, "label", "--all", "--list")
    assert done.stdout == "Name   Labels  Documents\n(all)  none            4\n"

    done = citewell(settings, "ls", "--where", "tag = x or folder = hr")
    assert done.stdout.splitlines()[1:] == [
        "hr/leave.md  hr/leave.md      -       1           6  a, b",
        "hr/pay.md    hr/pay.md        -       1           6  a, b",
    ]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["tag", "r1"], "Give --add VALUE or --remove VALUE, or --list"),
        (["tag", "--list", "--add", "x"], "Give --add VALUE or --remove VALUE, or --list"),
        (["label", "r1", "--all", "--add", "x"], "Give either names or --all, not 'r1' and --all"),
        (["label", "", "--remove", "x"], "A name is blank. Name a document or a folder"),
        (["ls", "--where", "tag == x"], "tag == x\n      ^"),
    ],
)
def test_wrong_usage_is_explained(settings: Settings, arguments: list[str], problem: str) -> None:
    done = citewell(settings, *arguments)

    assert done.returncode == 2
    assert problem in done.stderr
