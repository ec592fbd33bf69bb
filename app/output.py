"""The JSON contract of the commands. Its schemas stand beside it in ``schemas/``.

A schema's number rises when a field is removed or means something else, not when one is added.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from citewell.retrieval.diagnosis import Diagnosis
from citewell.retrieval.values import Chunk, Passage, SearchResult

if TYPE_CHECKING:
    from citewell.ingest.pipeline import IngestReport
    from citewell.ingest.plan import Plan

SEARCH = "citewell.search/1"
WHY = "citewell.why/1"
INGEST = "citewell.ingest/1"
CONFIG = "citewell.config/1"

_UNSAFE = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")
"""What a terminal would obey, a splitter of lines cut at, or UTF-8 not hold."""

Json = dict[str, Any]
Id = str | int | None


@cache
def schema(name: str) -> Json:
    """Return the JSON schema (2020-12) of an output, such as ``citewell.search/1``."""
    file = name.removeprefix("citewell.").replace("/", "-") + ".json"
    found: Json = json.loads(files("citewell.app").joinpath("schemas", file).read_text("utf-8"))
    return found


def line(value: Json) -> str:
    """Return a value as one line of JSON, safe to print and to split at line ends."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def search_json(id_: Id, question: str, result: SearchResult) -> Json:
    """Return what ``citewell search --json`` prints for a question."""
    return {
        "schema": SEARCH,
        "id": id_,
        "question": question,
        "passages": [passage_json(passage) for passage in result],
        "notices": list(result.notices),
    }


def diagnosis_json(question: str, found: Diagnosis) -> Json:
    """Return what ``citewell search --why --json`` prints."""
    chunk = found.chunk
    return {
        "schema": WHY,
        "question": question,
        "document": found.document,
        "stage": found.stage,
        "reason": found.reason,
        "chunk": None if chunk is None else _place(chunk),
        "searched": found.searched,
        "lexical_rank": found.lexical_rank,
        "dense_rank": found.dense_rank,
        "rank": found.rank,
        "missing": list(found.missing),
        "remedies": list(found.remedies),
    }


def ingest_json(collection: str, report: "IngestReport") -> Json:
    """Return what ``citewell ingest --json`` prints."""
    return {
        "schema": INGEST,
        "collection": collection,
        "dry_run": False,
        "added": report.added,
        "changed": report.changed,
        "renamed": report.renamed,
        "unchanged": report.unchanged,
        "deleted": report.deleted,
        "skipped": _remarks(report.skipped),
        "failed": _remarks(report.failed),
        "chunks": report.chunks,
        "embedded": report.embedded,
        "seconds": round(report.seconds, 3),
    }


def plan_json(collection: str, plan: "Plan") -> Json:
    """Return what ``citewell ingest --dry-run --json`` prints: the same, with the files named."""
    steps = {
        "added": plan.added,
        "changed": plan.changed,
        "renamed": plan.renamed,
        "unchanged": plan.unchanged,
        "deleted": plan.deleted,
    }
    return {
        "schema": INGEST,
        "collection": collection,
        "dry_run": True,
        **{name: len(part) for name, part in steps.items()},
        "skipped": _remarks(plan.skipped),
        "failed": _remarks(plan.failed),
        "files": [
            {"document": step.name, "action": name, "reason": step.reason}
            for name, part in steps.items()
            for step in part
        ],
    }


def _remarks(remarks: Sequence[tuple[str, str]]) -> list[Json]:
    return [{"document": name, "reason": reason} for name, reason in remarks]


def passage_json(passage: Passage) -> Json:
    """Return a passage with its scores."""
    chunk, scores = passage.chunk, passage.scores
    return {
        "rank": passage.rank,
        "document": passage.document,
        "title": passage.title,
        **_place(chunk),
        "score": passage.score,
        "scores": {field.name: getattr(scores, field.name) for field in fields(scores)},
    }


def _place(chunk: Chunk) -> Json:
    """Return where a chunk stands, and its text."""
    return {
        "page_start": chunk.page_start,
        "page_end": chunk.page_end,
        "start": chunk.start,
        "end": chunk.end,
        "headings": list(chunk.headings),
        "place": chunk.place,
        "header": chunk.header,
        "text": chunk.text,
    }
