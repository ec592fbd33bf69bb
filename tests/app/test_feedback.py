"""Feedback as an evaluation set, as a user and as a program read it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citewell.app.answer_values import AbstentionReason, Answer, AnswerSentence, Citation, Timings
from citewell.app.calibrate_command import known_questions
from citewell.app.chats.protocol import Chats
from citewell.app.chats.sqlite_chats import open_chats
from citewell.app.chats.values import Conversation, Feedback, Judged, KeptTurn, RightPassage
from citewell.app.feedback import answerable, feedback_json
from citewell.app.feedback_command import run_export, run_list
from citewell.app.output import schema
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.settings import Settings

# Where the tests run on the installed package, what measures it is found all the same.
sys.path.append(str(Path(__file__).resolve().parents[2]))

from bench.questions import GoldQuestion, read_questions

CITEWELL = Path(sys.executable).parent / "citewell"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONVERSATION = Conversation("c1", "Title", "papers", "", NOON, NOON, {}, 1)


def cite(marker: int, document: str, quote: str) -> Citation:
    """Return a citation of a quote at the beginning of a document."""
    return Citation(marker, document, "Title", None, 0, len(quote), quote, "verified")


LEASE, COSTS = cite(1, "lease.pdf", "Three months."), cite(2, "costs.pdf", "1,800 euros.")
SENTENCES = (
    AnswerSentence("It is three months.", 0, 19, True, (LEASE,)),
    AnswerSentence("It costs 1,800 euros.", 24, 45, True, (COSTS, LEASE)),
)
ANSWER = Answer("q", "", "generated", None, SENTENCES, (), "qwen3:4b", Timings(1.0, 2.0, 3.0))
ANSWERED = KeptTurn(
    "t1", "And the notice?", NOON, ANSWER, None, SENTENCES, "How long is the notice?"
)
RIGHT = RightPassage("terms.pdf", 7, 18, "Two months.")


def declined(reason: AbstentionReason) -> KeptTurn:
    """Return a question that was declined."""
    answer = replace(ANSWER, mode="abstained", reason=reason, sentences=(), model=None)
    return KeptTurn("t2", "Are cats allowed?", NOON, answer)


FAILED = KeptTurn("t3", "Why?", NOON, error="The model's server does not answer.")
UP, DOWN = Feedback("up"), Feedback("down")


def row(turn: KeptTurn, feedback: Feedback) -> dict[str, Any]:
    """Return a row of the export once it has passed its schema."""
    found = feedback_json(Judged(CONVERSATION, turn, feedback, NOON))
    jsonschema.Draft202012Validator(schema("citewell.feedback/1")).validate(found)
    return found


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    """Conversations in a home folder."""
    opened = open_chats(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of the home folder that name the collection ``papers``."""
    return Settings(home=tmp_path / "home", collection="papers")


@pytest.fixture
def judged(chats: Chats) -> Chats:
    """Four judged answers of ``papers``, of which one is open, and one of ``letters``."""
    papers, letters = chats.create("papers"), chats.create("letters")
    for turn, feedback in (
        (ANSWERED, Feedback("up", wrong=(2,))),
        (declined("no_match"), UP),
        (replace(ANSWERED, id="t3", question="How much?", standalone=None), Feedback(right=RIGHT)),
        (replace(ANSWERED, id="t4"), Feedback("down", "No.\nNot at all.", (1,))),
    ):
        chats.put_turn(papers.id, turn)
        chats.set_feedback(turn.id, feedback)
    chats.put_turn(letters.id, replace(ANSWERED, id="t5"))
    chats.set_feedback("t5", UP)
    return chats


def test_a_confirmed_answer_names_every_field() -> None:
    lease = {"document": "lease.pdf", "start": 0, "end": 13, "quote": "Three months."}
    costs = {"document": "costs.pdf", "start": 0, "end": 12, "quote": "1,800 euros."}

    assert row(ANSWERED, Feedback("up", "Good.", (2,))) == {
        "schema": "citewell.feedback/1",
        "id": "t1",
        "question": "How long is the notice?",
        "answerable": True,
        "answers": ["It is three months. It costs 1,800 euros."],
        "gold_doc_ids": ["lease.pdf"],
        "gold_passages": ["Three months."],
        "kind": "confirmed",
        "asked": "And the notice?",
        "collection": "papers",
        "conversation": "c1",
        "asked_at": "2026-11-22T12:00:00+00:00",
        "judged_at": "2026-11-22T12:00:00+00:00",
        "rating": "up",
        "comment": "Good.",
        "answer": "It is three months. It costs 1,800 euros.",
        "reason": None,
        "model": "qwen3:4b",
        "supporting": [lease],
        "wrong": [costs],
        "right": None,
    }


def test_the_right_passage_is_what_answers_in_place_of_a_wrong_answer() -> None:
    found = row(ANSWERED, Feedback("down", "", (1, 2), RIGHT))

    place = {"document": "terms.pdf", "start": 7, "end": 18, "quote": "Two months."}
    assert (found["kind"], found["answerable"], found["right"]) == ("corrected", True, place)
    assert (found["gold_doc_ids"], found["gold_passages"]) == (["terms.pdf"], ["Two months."])
    assert (found["answers"], found["supporting"]) == (["Two months."], [])
    assert [place["document"] for place in found["wrong"]] == ["lease.pdf", "costs.pdf"]


def test_the_right_passage_stands_beside_what_a_confirmed_answer_cites() -> None:
    found = row(ANSWERED, Feedback("up", right=RIGHT))

    assert found["gold_doc_ids"] == ["terms.pdf", "lease.pdf", "costs.pdf"]
    assert found["answers"] == ["It is three months. It costs 1,800 euros."]


def test_a_question_that_was_rightly_declined_has_no_answer() -> None:
    found = row(declined("weak_match"), UP)

    assert (found["kind"], found["answerable"], found["answers"]) == ("declined", False, [])
    assert (found["gold_doc_ids"], found["reason"]) == ([], "weak_match")


@pytest.mark.parametrize(
    ("turn", "feedback", "known"),
    [
        (ANSWERED, UP, True),
        (ANSWERED, DOWN, None),
        (ANSWERED, Feedback(wrong=(1,)), None),
        (ANSWERED, Feedback(comment="Hm."), None),
        (ANSWERED, Feedback(right=RIGHT), True),
        (replace(ANSWERED, answer=None), UP, True),
        (declined("off_topic"), UP, False),
        (declined("off_topic"), DOWN, None),
        (declined("off_topic"), Feedback("down", right=RIGHT), True),
        (declined("ambiguous"), UP, None),
        (FAILED, UP, None),
        (FAILED, Feedback(right=RIGHT), True),
    ],
)
def test_whether_a_question_can_be_answered_is_never_guessed(
    turn: KeptTurn, feedback: Feedback, known: bool | None
) -> None:
    assert answerable(Judged(CONVERSATION, turn, feedback, NOON)) is known
    assert row(turn, feedback)["answerable"] is known


def test_the_export_is_what_calibrate_and_the_benchmarks_read(
    judged: Chats, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_export(settings)
    path = tmp_path / "questions.jsonl"
    path.write_text(capsys.readouterr().out, "utf-8")

    known = [(each.text, each.answerable) for each in known_questions(path)]

    assert known == [
        ("How long is the notice?", True),
        ("Are cats allowed?", False),
        ("How much?", True),
    ]
    assert read_questions(path)[2] == GoldQuestion(
        id="t3",
        text="How much?",
        answers=("Two months.",),
        documents=frozenset({"terms.pdf"}),
        passages=("Two months.",),
        answerable=True,
        kind="corrected",
    )
    assert len(judged.judged("papers")) == 4


@pytest.mark.usefixtures("judged")
def test_the_export_says_what_it_leaves_out(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run_export(settings)

    assert capsys.readouterr().err == (
        "3 questions exported. 1 left out, for what was said leaves open whether the documents "
        "answer it. See: citewell feedback list --collection papers\n"
    )


@pytest.mark.usefixtures("judged")
def test_an_export_of_all_there_is_says_how_much(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run_export(settings.model_copy(update={"collection": "letters"}))

    assert capsys.readouterr().err == "1 question exported.\n"


@pytest.mark.usefixtures("judged")
def test_the_list_as_json_holds_what_is_open_too(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    run_list(settings, as_json=True)

    rows = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [each["kind"] for each in rows] == ["confirmed", "declined", "corrected", "open"]


@pytest.mark.usefixtures("judged")
def test_the_list_is_a_table(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    run_list(settings, as_json=False)

    lines = capsys.readouterr().out.splitlines()
    assert [" ".join(text.split()[2:]) for text in lines[1:]] == [
        "up [2] - And the notice? -",
        "up - - Are cats allowed? -",
        "- - terms.pdf How much? -",
        "down [1] - And the notice? No. Not at all.",
    ]


@pytest.mark.usefixtures("judged")
def test_a_collection_without_feedback_names_those_that_have_some(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    status = run_export(settings.model_copy(update={"collection": "notes"}))

    assert (status, *capsys.readouterr()) == (
        0,
        "",
        "Nobody has judged an answer from the collection notes yet.\n"
        "1 answer from letters: name it with --collection letters\n"
        "4 answers from papers: name it with --collection papers\n",
    )


def test_a_home_without_conversations_is_left_as_it_is(settings: Settings) -> None:
    with pytest.raises(NotConfigured, match=r"There are no conversations in .* citewell ui"):
        run_export(settings)

    assert not settings.home.exists()


@pytest.mark.usefixtures("judged")
@pytest.mark.parametrize(("command", "rows"), [(["export"], 3), (["list", "--json"], 4)])
def test_the_commands_print_json_lines(tmp_path: Path, command: list[str], rows: int) -> None:
    kept = {name: value for name, value in os.environ.items() if "CITEWELL" not in name.upper()}

    done = subprocess.run(
        [CITEWELL, "feedback", *command, "-c", "papers", "--home", tmp_path / "home"],
        capture_output=True,
        encoding="utf-8",
        env=kept,
        timeout=100,
        check=False,
    )

    found = [json.loads(text) for text in done.stdout.splitlines()]
    assert (done.returncode, len(found)) == (0, rows)
    assert {each["schema"] for each in found} == {"citewell.feedback/1"}
