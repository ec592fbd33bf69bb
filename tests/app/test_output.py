"""The JSON contract: every output follows its schema, and every schema is one."""

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any, get_args

import jsonschema
import pytest

from citewell.app.answer_output import ask_json
from citewell.app.answer_values import (
    AbstentionReason,
    Answer,
    AnswerMode,
    AnswerSentence,
    Citation,
    CitationState,
    Evidence,
    LeftOut,
    Reading,
    Sent,
    Timings,
)
from citewell.app.output import (
    ingest_json,
    line,
    plan_json,
    schema,
    search_json,
)
from citewell.ingest.folder import Remark
from citewell.ingest.pipeline import IngestReport
from citewell.ingest.plan import Plan
from citewell.retrieval.layout import Box, Mark
from citewell.retrieval.values import Chunk, Passage, Scores, SearchResult

NAMES = (
    "citewell.ask/1",
    "citewell.calibrate/1",
    "citewell.collections/1",
    "citewell.config/1",
    "citewell.doctor/1",
    "citewell.feedback/1",
    "citewell.ingest/1",
    "citewell.ls/1",
    "citewell.marks/1",
    "citewell.model-prompts/1",
    "citewell.model-pull/1",
    "citewell.model-test/1",
    "citewell.model-use/1",
    "citewell.models/1",
    "citewell.rebuild/1",
    "citewell.report/1",
    "citewell.rm/1",
    "citewell.search/1",
    "citewell.show/1",
    "citewell.tune-data/1",
    "citewell.tune-evaluate/1",
    "citewell.why/1",
)

PASSAGE = Passage(
    rank=1,
    chunk=Chunk(
        document="cats.pdf",
        start=4,
        end=14,
        text="Cats purr.",
        page_start=2,
        page_end=3,
        headings=("Cats", "Sounds"),
        header="name\tsound",
        place="Cats!A2:B9",
    ),
    title="Cats",
    score=0.033,
    scores=Scores(lexical=1.5, dense=None, fused=0.033, lexical_rank=2, fused_rank=1),
)
CITATION = Citation(
    marker=1,
    document="cats.pdf",
    title="Cats",
    page=2,
    start=4,
    end=14,
    quote="Cats purr.",
    state="verified",
    boxes=(Mark(2, Box(72.0, 90.5, 130.256, 104.0)),),
    place="Cats!A2:B2",
    header="name\tsound",
)
EVIDENCE = Evidence(
    number=1,
    document="cats.pdf",
    title="Cats",
    start=4,
    end=14,
    text="Cats purr.",
    headings=("Cats",),
    rank=1,
    score=2.5,
    header="name\tsound",
)
ANSWER = Answer(
    question="Do cats purr?",
    text="Cats purr. [1]",
    mode="extractive",
    reason=None,
    sentences=(AnswerSentence("Cats purr.", 0, 10, True, (CITATION,)),),
    sources=(PASSAGE,),
    model=None,
    timings=Timings(12.345, None, 67.891),
    notices=("The answer is quoted.",),
    standalone="Do cats purr at night?",
    confidence=0.87659,
    readings=(Reading("Do big cats purr?", CITATION),),
    left_out=(LeftOut("Cats bark.", "nothing says so"),),
    sent=Sent((EVIDENCE,), (replace(EVIDENCE, number=2),), 9, 600),
)
CITATION_JSON = {
    "marker": 1,
    "document": "cats.pdf",
    "title": "Cats",
    "page": 2,
    "place": "Cats!A2:B2",
    "start": 4,
    "end": 14,
    "quote": "Cats purr.",
    "header": "name\tsound",
    "boxes": [{"page": 2, "x0": 72.0, "top": 90.5, "x1": 130.26, "bottom": 104.0}],
    "state": "verified",
}
EVIDENCE_JSON = {
    "document": "cats.pdf",
    "start": 4,
    "end": 14,
    "text": "Cats purr.",
    "header": "name\tsound",
}
PASSAGE_JSON = {
    "rank": 1,
    "document": "cats.pdf",
    "title": "Cats",
    "page_start": 2,
    "page_end": 3,
    "start": 4,
    "end": 14,
    "headings": ["Cats", "Sounds"],
    "place": "Cats!A2:B9",
    "header": "name\tsound",
    "text": "Cats purr.",
    "score": 0.033,
    "scores": {
        "lexical": 1.5,
        "dense": None,
        "fused": 0.033,
        "reranked": None,
        "lexical_rank": 2,
        "dense_rank": None,
        "fused_rank": 1,
    },
}


def follow(value: dict[str, Any]) -> dict[str, Any]:
    """Return an output once it has passed its schema, as it comes out of a line."""
    printed: dict[str, Any] = json.loads(line(value))
    jsonschema.Draft202012Validator(schema(printed["schema"])).validate(printed)
    return printed


def test_there_is_a_schema_for_each_output_and_no_other() -> None:
    found = [path.name for path in files("citewell.app").joinpath("schemas").iterdir()]

    names = [name.removeprefix("citewell.").replace("/", "-") + ".json" for name in NAMES]
    assert sorted(found) == names


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_one_of_2020_12_and_names_its_output(name: str) -> None:
    found = schema(name)

    jsonschema.Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["properties"]["schema"] == {"const": name}


@pytest.mark.parametrize("name", [name for name in NAMES if name != "citewell.ingest/1"])
def test_every_field_of_an_output_is_promised(name: str) -> None:
    assert set(schema(name)["required"]) == set(schema(name)["properties"])


def test_a_search_names_every_field() -> None:
    assert follow(search_json("a", "Do cats purr?", SearchResult((PASSAGE,), ("Slow.",)))) == {
        "schema": "citewell.search/1",
        "id": "a",
        "question": "Do cats purr?",
        "passages": [PASSAGE_JSON],
        "notices": ["Slow."],
    }


def test_an_answer_names_every_field() -> None:
    assert follow(ask_json(7, ANSWER)) == {
        "schema": "citewell.ask/1",
        "id": 7,
        "question": "Do cats purr?",
        "standalone": "Do cats purr at night?",
        "answer": "Cats purr. [1]",
        "abstained": False,
        "reason": None,
        "confidence": 0.8766,
        "mode": "extractive",
        "sentences": [
            {
                "text": "Cats purr.",
                "start": 0,
                "end": 10,
                "supported": True,
                "citations": [CITATION_JSON],
                "reason": "",
            }
        ],
        "readings": [{"question": "Do big cats purr?", "citation": CITATION_JSON}],
        "left_out": [{"text": "Cats bark.", "reason": "nothing says so"}],
        "sources": [PASSAGE_JSON],
        "sent": {
            "tokens": 9,
            "budget": 600,
            "shown": [{**EVIDENCE_JSON, "number": 1}],
            "cut": [{**EVIDENCE_JSON, "number": 2}],
        },
        "model": None,
        "timings_ms": {"search": 12.3, "first_token": None, "total": 67.9},
        "notices": ["The answer is quoted."],
    }


def test_an_abstention_is_typed_and_holds_no_answer() -> None:
    printed = follow(
        ask_json(
            None, replace(ANSWER, mode="abstained", text="", reason="weak_match", sentences=())
        )
    )

    assert (printed["id"], printed["answer"], printed["sentences"]) == (None, "", [])
    assert (printed["abstained"], printed["reason"]) == (True, "weak_match")


def test_the_schema_knows_every_mode_reason_and_state() -> None:
    properties = schema("citewell.ask/1")["properties"]
    citation = schema("citewell.ask/1")["$defs"]["citation"]

    assert properties["mode"]["enum"] == list(get_args(AnswerMode))
    assert set(properties["reason"]["enum"]) == {*get_args(AbstentionReason), None}
    assert citation["properties"]["state"]["enum"] == list(get_args(CitationState))


def test_a_report_names_every_field() -> None:
    report = IngestReport(
        3,
        1,
        4,
        2,
        (Remark("a.xyz", "format not read"),),
        (Remark("b.pdf", "damaged"),),
        90,
        2.0004,
        5,
        80,
    )

    assert follow(ingest_json("papers", report)) == {
        "schema": "citewell.ingest/1",
        "collection": "papers",
        "dry_run": False,
        "added": 3,
        "changed": 1,
        "renamed": 5,
        "unchanged": 4,
        "deleted": 2,
        "skipped": [{"document": "a.xyz", "reason": "format not read"}],
        "failed": [{"document": "b.pdf", "reason": "damaged"}],
        "chunks": 90,
        "embedded": 80,
        "seconds": 2.0,
    }


def test_a_plan_without_files_follows_the_schema_of_a_report() -> None:
    printed = follow(plan_json("papers", Plan((), (), (), (), (), ())))

    assert (printed["dry_run"], printed["files"]) == (True, [])


@pytest.mark.parametrize("field", ["id", "passages", "notices"])
def test_an_output_without_a_promised_field_does_not_follow_its_schema(field: str) -> None:
    value = search_json(None, "?", SearchResult())
    del value[field]

    with pytest.raises(jsonschema.ValidationError, match=f"'{field}' is a required property"):
        follow(value)


def test_a_line_holds_no_line_end_nor_control_and_loses_nothing() -> None:
    text = "cät\n\x1b[2J\x85\x9b\u2028\u202e\ufeff\ud800 \N{CAT FACE}"

    printed = line({"text": text})

    assert printed == (
        '{"text": "cät\\n\\u001b[2J\\u0085\\u009b\\u2028\\u202e\\ufeff\\ud800 \N{CAT FACE}"}'
    )
    assert json.loads(printed) == {"text": text}


def test_a_number_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="Out of range float values"):
        line({"score": float("nan")})
