"""``citewell search`` within filters and labels, explained, and asked why not."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citewell.app.output import schema
from citewell.retrieval.sqlite_store import open_store

pytestmark = pytest.mark.models

CITEWELL = Path(sys.executable).parent / "citewell"

DOCUMENTS = {
    "hr/leave.md": "---\ntags: [hr, policy]\ndate: 2024-05-01\n---\n# Leave\n\nParental leave "
    "lasts twenty weeks and is paid in full.\n",
    "hr/pay.md": "---\ntags: [hr]\ndate: 2021-02-01\n---\n# Pay\n\nSalaries are paid on the "
    "last day of the month.\n",
    "it/laptops.md": "# Laptops\n\nLaptops are replaced every four years.\n",
    "board/minutes.md": "# Minutes\n\nThe board decided that parental leave shall last thirty "
    "weeks.\n",
}

Search = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    """Runs ``citewell search`` by words over four documents, of which the minutes are labelled."""
    folder = tmp_path_factory.mktemp("search")
    for name, text in DOCUMENTS.items():
        path = folder / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    kept = {name: value for name, value in os.environ.items() if "CITEWELL" not in name.upper()}
    environment = {**kept, "CITEWELL_HOME": str(folder / "home"), "CITEWELL_MODE": "lexical"}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [CITEWELL, *arguments],
            capture_output=True,
            encoding="utf-8",
            cwd=folder,
            env=environment,
            timeout=300,
        )

    assert run("ingest", "docs").returncode == 0
    with open_store(folder / "home") as store:
        store.mark("default", "label", ["board/"], ["board"], [])
    return lambda *arguments: run("search", *arguments)


def found(ended: "subprocess.CompletedProcess[str]") -> list[str]:
    """Return the documents of a search's JSON, once it has passed its schema."""
    assert ended.returncode == 0, ended.stderr
    result: dict[str, Any] = json.loads(ended.stdout)
    jsonschema.Draft202012Validator(schema(result["schema"])).validate(result)
    return [passage["document"] for passage in result["passages"]]


def test_what_is_labelled_is_found_by_those_alone_who_hold_the_label(search: Search) -> None:
    question = "How long is parental leave?"

    assert found(search(question, "--json")) == ["hr/leave.md"]
    assert found(search(question, "--json", "--label", "staff")) == ["hr/leave.md"]
    assert sorted(found(search(question, "--json", "--label", "board"))) == [
        "board/minutes.md",
        "hr/leave.md",
    ]


@pytest.mark.parametrize(
    ("where", "documents"),
    [
        ("tag = hr", ["hr/leave.md", "hr/pay.md"]),
        ("tag = hr and year >= 2024", ["hr/leave.md"]),
        ("not folder = hr", ["it/laptops.md"]),
        ('heading ~ "lap"', ["it/laptops.md"]),
    ],
)
def test_only_what_the_filter_keeps_is_found(
    search: Search, where: str, documents: list[str]
) -> None:
    assert sorted(found(search("paid leave laptops", "--json", "--where", where))) == documents


def test_a_filter_that_cannot_be_read_is_a_usage_error(search: Search) -> None:
    ended = search("leave", "--where", "year >> 2024")

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "year >> 2024" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_explained_search_shows_each_stage(search: Search) -> None:
    ended = search("parental leave", "--explain")

    assert ended.stdout.startswith("1. Leave (hr/leave.md)\n   by words: 1st, BM25 ")
    assert ended.stdout.endswith("Candidates: 1 (1 by words, 0 by meaning)\n")


def test_why_tells_what_would_have_found_a_document(search: Search) -> None:
    ended = search("When are salaries paid?", "--why", "hr/leave.md", "-k", "1")

    assert ended.stdout.startswith("hr/leave.md: 1 other ranked higher, and 1 was asked for."), (
        ended.stderr
    )
    assert "Words of the question that stand nowhere in it: salaries" in ended.stdout
    assert "  -k 2\n" in ended.stdout


def test_why_follows_its_schema(search: Search) -> None:
    ended = search("When are salaries paid?", "--why", "it/laptops.md", "--json")

    result = json.loads(ended.stdout)
    jsonschema.Draft202012Validator(schema("citewell.why/1")).validate(result)
    assert (result["stage"], result["lexical_rank"]) == ("candidates", None)


def test_why_does_not_tell_that_a_forbidden_document_is_there(search: Search) -> None:
    hidden = search("parental leave", "--why", "board/minutes.md")
    missing = search("parental leave", "--why", "board/minutez.md")

    assert hidden.returncode == missing.returncode == 3
    assert hidden.stderr.replace("minutes", "minutez") == missing.stderr


def test_why_takes_one_question(search: Search) -> None:
    ended = search("--input", "rows.jsonl", "--why", "hr/leave.md")

    assert ended.returncode == 2
    assert "--why takes one question, not --input." in ended.stderr
