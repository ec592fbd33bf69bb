"""A collection is asked questions that it answers and questions that it does not."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from citewell.app.calibrate_command import known_questions
from citewell.app.calibrating import Asking, KnownQuestion, calibrate, made_questions
from citewell.app.calibration_output import calibrate_json, chosen_point, lines, write_plot
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

PEOPLE = ("Ada Lovelace", "Niels Bohr", "Lise Meitner", "Emmy Noether", "Max Planck")
PLACES = ("Vienna", "Oslo", "Turin", "Ghent", "Bern", "Porto")


def nobody(done: int, count: int) -> None:
    """Is told and does nothing."""


@pytest.fixture
def home(tmp_path: Path, embedder: Embedder) -> Path:
    """A store of thirty small documents, each of its own subject."""
    pick = random.Random(0)
    with open_store(tmp_path / "home") as store:
        store.create_collection("default", embedder.fingerprint, ChunkingSettings())
        for number in range(30):
            letters = "".join(pick.choice("bdfgklmnprst") + pick.choice("aeiou") for _ in range(4))
            text = (
                f"The {letters} engine was built by {PEOPLE[number % 5]} near "
                f"{PLACES[number % 6]} in {1800 + number} for the {letters} company."
            )
            chunk = Chunk(f"{number}.txt", 0, len(text), text)
            vectors = embedder.embed_passages([text])
            document = EmbeddedDocument(Document(chunk.document, letters, text), [chunk], vectors)
            file = SourceFile(Path("/docs") / chunk.document, "0" * 64, "text-1")
            store.replace_file("default", file, [document])
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[SqliteStore]:
    with open_store(home) as opened:
        yield opened


@pytest.fixture
def asking(home: Path, embedder: Embedder) -> Iterator[Asking]:
    settings = Settings(home=home, collection="default")
    with open_retriever(embedder=embedder, settings=settings) as retriever:
        yield Asking(retriever, None, settings)


def test_half_of_the_questions_that_are_made_have_no_answer(
    store: SqliteStore, asking: Asking
) -> None:
    found = made_questions(store, asking, 20, seed=0)

    assert [each.answerable for each in found] == [True, False] * 10


def test_some_questions_without_an_answer_have_a_word_swapped(
    store: SqliteStore, asking: Asking
) -> None:
    found = made_questions(store, asking, 40, seed=0)

    changed = [each for each in found if each.made and not each.made.answered]
    assert 0 < len(changed) < 20


def test_the_same_seed_makes_the_same_questions(store: SqliteStore, asking: Asking) -> None:
    once = made_questions(store, asking, 20, seed=1)

    assert made_questions(store, asking, 20, seed=1) == once
    assert made_questions(store, asking, 20, seed=2) != once


def test_a_calibration_declines_what_has_no_answer(store: SqliteStore, asking: Asking) -> None:
    questions = made_questions(store, asking, 60, seed=0)

    found = calibrate(questions, asking, "made", 0.05, nobody)

    assert found.kept.answerable == 30
    assert 10 <= found.kept.unanswerable <= 30
    assert found.after.area > 0.6
    assert found.curve[-1].coverage == 1.0


def test_each_question_is_told_of(asking: Asking) -> None:
    told: list[tuple[int, int]] = []
    known = [KnownQuestion("the engine of Vienna", number % 2 == 0) for number in range(20)]

    calibrate(known, asking, "given", 0.05, lambda done, count: told.append((done, count)))

    assert told == [(number, 20) for number in range(1, 21)]


def test_the_same_questions_asked_of_the_collection_as_it_is_need_no_document_left_out(
    asking: Asking,
) -> None:
    known = [KnownQuestion("the engine of Vienna", number % 2 == 0) for number in range(20)]

    found = calibrate(known, asking, "given", 0.0, nobody)

    assert found.before.area == 0.5
    assert found.after.falsely == 0.0


@pytest.mark.parametrize("source", ["given", "made"])
def test_too_few_questions_are_refused_with_what_to_do(asking: Asking, source: str) -> None:
    known = [KnownQuestion("the engine of Vienna", number < 15) for number in range(20)]

    expected = "--questions FILE" if source == "made" else "to the file"
    with pytest.raises(ConfigError, match=f"15 questions .* and 5 that .*{expected}"):
        calibrate(known, asking, "made" if source == "made" else "given", 0.05, nobody)


def test_the_point_that_is_chosen_counts_what_is_answered(
    store: SqliteStore, asking: Asking
) -> None:
    found = calibrate(made_questions(store, asking, 60, seed=0), asking, "made", 0.05, nobody)

    point = chosen_point(found)
    kept = found.kept
    answered = kept.answerable * (1 - found.after.falsely)
    wrongly = kept.unanswerable * (1 - found.after.declined)
    assert point.coverage == pytest.approx(
        (answered + wrongly) / (kept.answerable + kept.unanswerable)
    )


def test_a_plot_is_written_as_its_name_says(
    store: SqliteStore, asking: Asking, tmp_path: Path
) -> None:
    found = calibrate(made_questions(store, asking, 60, seed=0), asking, "made", 0.05, nobody)

    write_plot(tmp_path / "a.svg", "papers", found)
    write_plot(tmp_path / "a.html", "papers", found)

    assert (tmp_path / "a.svg").read_text().startswith("<svg ")
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    assert calibrate_json("papers", found, None)["plot"] is None


def test_a_plot_that_cannot_be_written_is_told(
    store: SqliteStore, asking: Asking, tmp_path: Path
) -> None:
    found = calibrate(made_questions(store, asking, 60, seed=0), asking, "made", 0.05, nobody)

    with pytest.raises(ConfigError, match="Name another file with --plot"):
        write_plot(tmp_path / "none" / "a.svg", "papers", found)


def test_off_a_terminal_each_fiftieth_question_is_told() -> None:
    told: list[str] = []

    tell = lines("Asking", told.append)
    for number in range(1, 101):
        tell(number, 100)

    assert told == ["Asking: 50 of 100"]


# files of questions


@pytest.mark.parametrize(
    ("row", "answerable"),
    [
        ('{"question": "Why?", "answerable": true}', True),
        ('{"question": "Why?", "answerable": false, "answers": ["x"]}', False),
        ('{"question": "Why?", "answers": ["so"]}', True),
        ('{"question": "Why?", "answers": []}', False),
        ('{"question": "Why?", "documents": ["a.txt"]}', True),
        ('{"question": "Why?", "answer": ""}', False),
    ],
)
def test_a_row_says_whether_it_is_answered(tmp_path: Path, row: str, answerable: bool) -> None:
    (tmp_path / "q.jsonl").write_text(row + "\n\n")

    assert known_questions(tmp_path / "q.jsonl") == [KnownQuestion("Why?", answerable)]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{", r"q.jsonl, line 1: no JSON"),
        ("[]", r'line 1: no "question"'),
        ('{"question": " "}', r'line 1: no "question"'),
        ('{"question": "Why?"}', r'line 1: nothing says .* Add "answerable"'),
    ],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, row: str, told: str) -> None:
    (tmp_path / "q.jsonl").write_text(row)

    with pytest.raises(ConfigError, match=told):
        known_questions(tmp_path / "q.jsonl")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="leave --questions out to make"):
        known_questions(tmp_path / "none.jsonl")
