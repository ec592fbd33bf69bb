"""Question files to teach from, and the command that makes a set of them."""

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
from citewell.app.tuning.data_command import run_data
from citewell.app.tuning.data_options import DataOptions
from citewell.app.tuning.examples import Example, messages, read_examples
from citewell.app.tuning.questions import read_question_file
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.settings import Settings

CITEWELL = Path(sys.executable).parent / "citewell"

ROW = {
    "id": "q1",
    "question": "When was the glass factory founded?",
    "answers": ["1871"],
    "answerable": True,
    "document": "venn",
    "title": "Ravenholt",
    "passage": "The glass factory was founded by Clara Venn in 1871. It burned in 1903.",
    "source": "papers",
}

SUBJECTS = {
    "otters": ("Sea otters", "Sea otters sleep for {} hours. They hold hands at night."),
    "tunnel": ("Mount Hale", "The tunnel below Mount Hale is {} kilometres long. It is closed."),
    "library": ("Almere", "The library of Almere lends out {} telescopes. It opens at noon."),
    "storms": ("Lighthouse", "The keeper counted {} storms in a winter. He kept a diary."),
    "cranes": ("Cranes", "Cranes rest for {} days by the lakes. They eat frogs."),
}
ASKED = {
    "otters": "How many hours do sea otters sleep?",
    "tunnel": "How many kilometres long is the tunnel below Mount Hale?",
    "library": "How many telescopes does the library of Almere lend out?",
    "storms": "How many storms did the keeper count?",
    "cranes": "How many days do cranes rest by the lakes?",
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes rows as a question file."""

    def write(*rows: dict[str, Any], name: str = "questions.jsonl") -> Path:
        path = tmp_path / "set" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    """Questions with their passages, two thirds of them answerable."""
    found = []
    for number, (name, (title, text)) in enumerate(SUBJECTS.items(), 11):
        passage = {"document": name, "title": title, "passage": text.format(number)}
        right = {"id": name, "question": ASKED[name], "answers": [str(number)], "answerable": True}
        found.append({**right, **passage})
        if number % 2:
            open_ = {"id": f"{name}-open", "question": f"Who wrote of {title} in Rome?"}
            found.append({**open_, "answers": [], "answerable": False, **passage})
    return found


def test_a_row_with_its_passage_carries_its_document(write: Write) -> None:
    found = read_question_file(write(ROW))

    assert found.carried == ({"id": "venn", "title": "Ravenholt", "text": ROW["passage"]},)
    assert found.corpus == ()


def test_a_row_says_what_answers_it(write: Write) -> None:
    question = read_question_file(write(ROW)).questions[0]

    assert (question.answers, question.documents, question.source) == (
        ("1871",),
        ("venn",),
        "papers",
    )


def test_a_file_without_passages_is_asked_of_the_folder_it_stands_in(write: Write) -> None:
    row = {"question": "When?", "answers": ["1871"], "gold_doc_ids": ["venn.md"]}
    path = write(row)

    assert read_question_file(path).corpus == (path.parent,)


def test_a_file_beside_a_corpus_is_asked_of_that(write: Write) -> None:
    path = write({"question": "When?", "answers": ["1871"], "gold_doc_ids": ["venn"]})
    corpus = write({"id": "venn", "title": "Venn", "text": "Founded in 1871."}, name="corpus.jsonl")

    assert read_question_file(path).corpus == (corpus,)


def test_a_question_without_a_source_has_that_of_its_folder(write: Write) -> None:
    assert read_question_file(write({"question": "When?"})).questions[0].source == "set"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"answers": ["1871"]}, 'line 1: no "question"'),
        ({"question": "When?", "answers": "1871"}, "\"answers\" is '1871'. Give a list"),
        ({"question": "When?", "answerable": "yes"}, "Say true or false"),
    ],
)
def test_a_row_that_cannot_be_used_says_why(
    write: Write, row: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        read_question_file(write(row))


def test_a_line_that_is_no_json_says_where(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"question": "When?"}\n{when}\n', encoding="utf-8")

    with pytest.raises(ConfigError, match="line 2: no JSON"):
        read_question_file(path)


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text("\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="holds no questions"):
        read_question_file(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl cannot be read"):
        read_question_file(tmp_path / "nowhere.jsonl")


def test_nothing_to_make_a_set_of_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Give question files"):
        run_data(Settings(home=tmp_path), DataOptions(tmp_path / "made"), as_json=True)


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path, write: Write) -> None:
    out = tmp_path / "mine"
    out.mkdir()
    (out / "letter.txt").write_text("Dear Anna", encoding="utf-8")

    with pytest.raises(ConfigError, match="holds something that is no made set"):
        run_data(Settings(home=tmp_path), DataOptions(out, (write(ROW),)), as_json=True)

    assert [path.name for path in out.iterdir()] == ["letter.txt"]


def test_a_collection_without_feedback_says_so(tmp_path: Path) -> None:
    options = DataOptions(tmp_path / "made", collection="letters")

    with pytest.raises(NotConfigured, match="no feedback on answers from the collection letters"):
        run_data(Settings(home=tmp_path), options, as_json=True)


def run(tmp_path: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command with a home folder of the test."""
    kept = {name: value for name, value in os.environ.items() if "CITEWELL" not in name.upper()}
    return subprocess.run(
        [CITEWELL, "tune", "data", *arguments],
        capture_output=True,
        encoding="utf-8",
        env={**kept, "CITEWELL_HOME": str(tmp_path / "home")},
        timeout=300,
    )


@pytest.mark.models
def test_the_command_makes_a_set_with_its_card(
    tmp_path: Path, write: Write, rows: list[dict[str, Any]]
) -> None:
    out = tmp_path / "made"
    done = run(tmp_path, str(write(*rows)), "--out", str(out), "--licence", "CC0", "--json")
    told = json.loads(done.stdout)
    card = json.loads((out / "card.json").read_text(encoding="utf-8"))
    examples = [
        each
        for split in ("train", "validation", "test")
        for each in read_examples(out / f"{split}.jsonl")
    ]

    jsonschema.Draft202012Validator(schema("citewell.tune-data/1")).validate(told)
    assert told == {**card, "folder": str(out)}
    assert card["examples"] == len(examples)
    assert card["licences"] == ["CC0"]
    assert _answer("otters", examples).target.startswith("11. [")
    assert "Sea otters sleep for 11 hours." in messages(_answer("otters", examples))[1].content
    assert not (tmp_path / "home").exists()


def _answer(id_: str, examples: list[Example]) -> Example:
    return next(each for each in examples if each.id == id_)


@pytest.mark.models
def test_the_same_questions_make_the_same_bytes(
    tmp_path: Path, write: Write, rows: list[dict[str, Any]]
) -> None:
    path = write(*rows)
    made = []
    for name in ("one", "other"):
        options = DataOptions(tmp_path / name, (path,))
        run_data(Settings(home=tmp_path / "home"), options, as_json=True)
        made.append({each.name: each.read_bytes() for each in (tmp_path / name).iterdir()})

    assert made[0] == made[1]


@pytest.mark.models
def test_questions_with_nothing_to_teach_say_why(tmp_path: Path, write: Write) -> None:
    path = write({**ROW, "answers": ["1999"]})
    options = DataOptions(tmp_path / "made", (path,))

    with pytest.raises(ConfigError, match="no unit holds the answer: 1"):
        run_data(Settings(home=tmp_path / "home"), options, as_json=True)
