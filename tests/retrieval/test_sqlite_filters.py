"""Filters in SQL: what they keep, and that their indexes are used."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle
from operator import eq, ge, gt, le, lt
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewell.retrieval.facts import facts_of, plain
from citewell.retrieval.filter_values import TEXT_FIELDS
from citewell.retrieval.filters import (
    AllOf,
    AnyOf,
    Compare,
    Exists,
    Filter,
    Not,
    OneOf,
    Operator,
    Value,
    parse_filter,
)
from citewell.retrieval.sqlite_filters import condition, prepare
from citewell.retrieval.sqlite_store import FILE_NAME, SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, Scope, SourceFile, Vectors
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint, Heading


@dataclass(frozen=True)
class Held:
    """A document with what a filter can ask of it: one chunk, and the tags users gave it."""

    document: Document
    pages: tuple[int, int] = (0, 0)
    headings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


Put = Callable[[Held], None]
Kept = Callable[[str], list[str]]


@pytest.fixture
def put(store: SqliteStore) -> Put:
    """Makes ``put(held)``: stores a document as the only one of its file."""
    return lambda held: store_it(store, held)


@pytest.fixture
def kept(store: SqliteStore) -> Kept:
    """Makes ``kept(filter)``: the names of the documents that a filter keeps, by name."""
    return lambda text: names(store, parse_filter(text))


def store_it(store: SqliteStore, held: Held) -> None:
    document = held.document
    first, last = held.pages if held.pages[0] else (None, None)
    chunk = Chunk(document.name, 0, 5, document.text[:5], first, last, held.headings)
    embedded = EmbeddedDocument(document, [chunk], vectors(store))
    file = SourceFile(path_of(document), "0" * 64, "text-1", document.name)
    store.replace_file("papers", file, [embedded])
    store.mark("papers", "tag", [document.name], held.tags)


def vectors(store: SqliteStore) -> Vectors:
    return np.eye(1, store.collection("papers").fingerprint.dimension, dtype=np.float32)


def path_of(document: Document) -> Path:
    return Path("/gone") / document.name


def names(store: SqliteStore, filter: Filter) -> list[str]:
    keys = store.allowed("papers", Scope(where=filter))
    assert keys is not None
    return sorted(each.chunk.document for each in store.chunks("papers", keys.tolist()))


LEAVE = Held(
    Document(
        "HR/rules/leave.pdf",
        "Über Leave",
        "Text.",
        metadata={"date": "2024-03-15", "author": "Kim; Lee", "tags": "HR, law", "price": "10.5"},
        language="de",
    ),
    pages=(3, 5),
    headings=("Überblick", 'Say "yes"'),
    tags=("Übersicht",),
)


@pytest.mark.parametrize(
    "text",
    [
        "document = hr/rules/LEAVE.pdf",
        "document ~ leave",
        'title = "über leave"',
        "title ~ ÜBER",
        "folder = hr",
        "folder = HR/rules/",
        "folder < hs",
        "type = PDF",
        "type in (docx, pdf)",
        "language = DE",
        "language != en",
        "language exists",
        "date = 2024",
        "date = 2024-03",
        "date = 2024-03-15",
        "date >= 2024-03",
        "date <= 2024-03",
        "date > 2024-02",
        "date < 2024-04",
        "date > 2024-03-14",
        "date in (1999, 2024-03)",
        "date ~ -03-",
        "year = 2024",
        "year > 2023.5",
        "page = 3",
        "page = 5",
        "page in (1, 4)",
        "page > 4",
        "page >= 5",
        "page < 4",
        "page <= 3",
        "page != 6",
        "page exists",
        "heading = überblick",
        "heading in (x, ÜBERBLICK)",
        "heading ~ 'say \"Y'",
        "heading exists",
        "tag = hr",
        "tag = ÜBERSICHT",
        "tag in (x, Law)",
        "tag ~ bers",
        "tag exists",
        "tags = law",
        "metadata.author = kim",
        "metadata.date = 2024-03-15",
        "type = .pdf",
        "author = kim",
        "author = 'Kim;  LEE'",
        "not author = Li",
        "author != Li",
        "editor != Kim",
        "price = 10.50",
        "price < 11 and price > 10",
        "price ~ 0.5",
        "price in (1, 10.5)",
        "year = 1 or (tag = hr and not page = 9)",
    ],
)
def test_a_filter_keeps_what_it_describes(put: Put, kept: Kept, text: str) -> None:
    put(LEAVE)
    assert kept(text) == ["HR/rules/leave.pdf"]


@pytest.mark.parametrize(
    "text",
    [
        "document = leave.pdf",
        "folder = rules",
        "folder = HR/rule",
        "type = pd",
        "language = d",
        "date = 2023",
        "date = 2024-04",
        "date > 2024",
        "date > 2024-03",
        "date < 2024-03",
        "date < 2024-03-15",
        "date != 2024-03",
        "page = 6",
        "page < 3",
        "page > 5",
        "heading = Über",
        "heading = ','",
        "tag = H",
        "tag ~ '%'",
        "tag != hr",
        "editor = Kim",
        "editor exists",
        "price > 10.5",
        'price > "11.0"',
        "author = 10",
    ],
)
def test_a_filter_leaves_out_what_it_does_not_describe(put: Put, kept: Kept, text: str) -> None:
    put(LEAVE)
    assert kept(text) == []


def test_text_that_only_begins_like_a_date_is_none(put: Put, kept: Kept) -> None:
    put(Held(Document("a", "A", "Text.", metadata={"state": "2024-03 draft"})))
    assert kept("state = 2024-03 or state > 2024-01") == []
    assert kept('state = "2024-03 draft"') == ["a"]


def test_a_document_whose_language_is_unknown_has_none(put: Put, kept: Kept) -> None:
    put(Held(Document("a", "A", "Text.")))
    assert kept('language exists or language = ""') == []
    assert kept("language != en and not page exists") == ["a"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("heading = LEAVE", ["a"]),
        ("heading in (pay, leave)", ["a"]),
        ("heading ~ leav", ["a"]),
        ("heading > k", ["a"]),
        ("heading exists", ["a"]),
        ("heading = later", []),
        ("heading ~ 'leave later'", []),
        ("heading != leave", []),
    ],
)
def test_a_heading_within_a_passage_is_one_of_its_headings(
    put: Put, kept: Kept, text: str, found: list[str]
) -> None:
    headings = (Heading(2, "Leave", 3), Heading(2, "Later", 5))
    put(Held(Document("a", "A", "Text. More.", headings=headings)))
    assert kept(text) == found


def test_a_tag_of_a_folder_holds_for_all_below_it_and_for_nothing_else(
    store: SqliteStore, put: Put, kept: Kept
) -> None:
    for name in ("hr", "hr-old.txt", "hr/a.txt", "hr/b/c.txt", "hr0", "x/hr/a.txt"):
        put(Held(Document(name, "A", "Text.")))
    store.mark("papers", "tag", ["hr/"], ["Staff"])
    assert kept("tag = staff") == ["hr/a.txt", "hr/b/c.txt"]


def test_a_tag_of_the_collection_holds_for_all_documents(
    store: SqliteStore, put: Put, kept: Kept
) -> None:
    put(LEAVE)
    store.mark("papers", "tag", [""], ["staff"])
    assert kept("tag = staff") == ["HR/rules/leave.pdf"]


def test_a_label_is_no_tag(store: SqliteStore, put: Put, kept: Kept) -> None:
    put(Held(Document("a.txt", "A", "Text.")))
    store.mark("papers", "label", ["b.txt"], ["legal"])
    assert kept("tag exists or tag = legal") == []


def test_the_keys_of_facts_are_of_the_documents_that_a_caller_sees(
    store: SqliteStore, put: Put
) -> None:
    put(Held(Document("a.txt", "A", "Text.", metadata={"team": "IT"})))
    put(Held(Document("pay/b.txt", "B", "Text.", metadata={"salary": "1"})))
    store.mark("papers", "label", ["pay/"], ["hr"])
    assert store.fact_keys("papers", frozenset()) == ["document", "team", "title", "type"]
    every = ["document", "folder", "salary", "team", "title", "type"]
    assert store.fact_keys("papers", frozenset({"hr"})) == every
    assert store.fact_keys("papers") == every


@pytest.fixture
def corpus(store: SqliteStore) -> SqliteStore:
    """A store with one document, a row of the file ``hr/rows.jsonl``."""
    row = Document("row 7", "A", "Text.")
    embedded = EmbeddedDocument(row, [Chunk("row 7", 0, 5, "Text.")], vectors(store))
    file = SourceFile(Path("/docs/hr/rows.jsonl"), "0" * 64, "jsonl-1", "hr/rows.jsonl")
    store.replace_file("papers", file, [embedded])
    return store


@pytest.mark.parametrize("name", ["hr/", "hr/rows.jsonl", "row 7"])
def test_a_row_of_a_corpus_has_the_tags_of_its_file(
    corpus: SqliteStore, kept: Kept, name: str
) -> None:
    corpus.mark("papers", "tag", [name], ["staff"])
    assert kept("tag = staff and folder = hr") == ["row 7"]


def test_the_folder_of_a_row_changes_with_its_file(corpus: SqliteStore, kept: Kept) -> None:
    moved = SourceFile(Path("/docs/it/rows.jsonl"), "0" * 64, "jsonl-1", "it/rows.jsonl")
    corpus.rename_file("papers", Path("/docs/hr/rows.jsonl"), moved, {})
    assert (kept("folder = hr"), kept("folder = it")) == ([], ["row 7"])


def test_the_folder_of_a_row_changes_when_another_folder_was_ingested(
    corpus: SqliteStore, kept: Kept
) -> None:
    file = SourceFile(Path("/docs/hr/rows.jsonl"), "0" * 64, "jsonl-1", "docs/hr/rows.jsonl")
    corpus.replace_file("papers", file, [], kept={"row 7"})
    assert kept("folder = docs") == ["row 7"]


def test_what_the_user_wrote_stands_in_the_parameters_alone() -> None:
    text = """ "x'); DROP" = "y'--" and tag ~ "%z" and heading = "'9'" """
    sql, values = condition(parse_filter(text))
    assert values == ["x'); drop", "y'--", "%z", "%z", "%z", "'9'", "'9'"]
    assert not [value for value in values if str(value) in sql]


def test_the_largest_filter_can_be_run(store: SqliteStore, put: Put) -> None:
    put(LEAVE)
    days = tuple(f"2{number:03}-03" for number in range(1000))
    parts: list[Filter] = [OneOf("page", tuple(range(9, 1009))), OneOf("x", days)]
    parts += [Compare("tag", "~", f"tag {number}") for number in range(198)]
    deep: Filter = AnyOf(tuple(parts))
    for _ in range(28):
        deep = Not(deep)
    assert names(store, deep) == []
    assert names(store, Not(deep)) == ["HR/rules/leave.pdf"]


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("author = Kim", "SEARCH facts USING COVERING INDEX facts_by_text (key=? AND text=?)"),
        ("date >= 2024-03", "SEARCH facts USING INDEX facts_by_text (key=? AND text>?)"),
        ("price > 9", "SEARCH facts USING COVERING INDEX facts_by_number (key=? AND number>?)"),
        ("tag = hr", "SEARCH facts USING COVERING INDEX facts_by_text (key=? AND text=?)"),
        ("tag = hr", "SEARCH tagged USING COVERING INDEX sqlite_autoindex_documents_1"),
        ("tag = hr", "SEARCH files USING COVERING INDEX files_of_name"),
    ],
)
def test_the_indexes_find_the_documents_of_a_value(
    store: SqliteStore, home: Path, text: str, step: str
) -> None:
    sql, values = condition(parse_filter(text))
    select = (
        "SELECT key FROM documents JOIN chunks ON chunks.document = documents.id"
        f" WHERE documents.collection = 1 AND partition IN (1, 2) AND {sql}"
    )
    with closing(sqlite3.connect(home / FILE_NAME)) as connection:
        prepare(connection)
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {select}", values)]
    assert any(each.startswith(step) for each in plan), plan
    assert "SCAN facts" not in plan


# The same, said once more without SQL.

ORDERS: dict[str, Callable[[Value, Value], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


def holds(filter: Filter, held: Held) -> bool:
    match filter:
        case AllOf(parts):
            return all(holds(part, held) for part in parts)
        case AnyOf(parts):
            return any(holds(part, held) for part in parts)
        case Not(part):
            return not holds(part, held)
        case Exists(field):
            return bool(_values(field, held))
        case OneOf(field, choices):
            return any(holds(Compare(field, "=", choice), held) for choice in choices)
        case Compare(field, "!=", value):
            return not holds(Compare(field, "=", value), held)
        case Compare("page", operator, value):
            return held.pages[0] > 0 and _on_page(operator, float(value), *held.pages)
        case Compare(field, operator, value):
            compares = _compares_text if field in TEXT_FIELDS else _compares
            return any(compares(*each, operator, value) for each in _values(field, held))


def _values(field: str, held: Held) -> list[tuple[str, float | None]]:
    document = held.document
    own = {"heading": held.headings, "language": [document.language] if document.language else []}
    if field == "page":
        return [("", None)] if held.pages[0] else []
    if field in own:
        return [(plain(value), None) for value in own[field]]
    found = [(fact.text, fact.number) for fact in FACTS[document.name] if fact.key == field]
    return found + [(plain(tag), None) for tag in held.tags if field == "tag"]


def _on_page(operator: Operator, number: float, first: int, last: int) -> bool:
    if operator == "=":
        return first <= number <= last
    return ORDERS[operator](first if operator[0] == "<" else last, number)


def _compares_text(text: str, number: float | None, operator: Operator, value: Value) -> bool:
    wanted = plain(str(value))
    return wanted in text if operator == "~" else ORDERS[operator](text, wanted)


def _compares(text: str, number: float | None, operator: Operator, value: Value) -> bool:
    if operator != "~" and not isinstance(value, str):
        return number is not None and ORDERS[operator](number, value)
    if operator != "~" and value in DAYS:
        is_date = number is not None and (len(text) == 4 or text[4:5] == "-")
        day = str(value) if text.startswith(str(value)) else text
        return is_date and ORDERS[operator](day, value)
    return _compares_text(text, number, operator, value)


DAYS = ["2024-03", "2024-03-15", "2023-12-31"]
WORDS = ["hr", "HR", "Über", "über", "a b", "%", "x'y", "hr/a", ""]


def shelf() -> Iterable[Held]:
    """Make documents that share some of what is known of them, in all combinations but few."""
    names = ["hr/a/x.txt", "HR/b.pdf", "c", "hr/a.PDF", "Über/d.x", "über/hr"]
    metadata: list[dict[str, str]] = [
        {},
        {"date": "2024-03-15", "author": "hr", "tags": "hr"},
        {"date": "2024-03", "published": "2023-12-31", "price": "2.5"},
        {"published": "2024", "price": "-1", "author": "Über; HR", "tags": "über, x'y"},
        {"date": "soon", "price": "007", "author": "%"},
        {"published": "2025-01-01", "price": "2024", "tags": "a  B"},
        {"date": "2023", "year": "1999", "price": "2024-03"},
    ]
    pages = cycle([(0, 0), (1, 3), (3, 4), (4, 4)])
    headings = cycle([(), ("HR",), ("Über", "a b"), ('say "x"',), (",",)])
    tags = cycle([(), ("HR",), ("Über", "x"), ()])
    languages = cycle(["", "de", "en"])
    for number, (name, told) in enumerate((name, told) for told in metadata for name in names):
        place = f"{number}/{name}" if told else name
        document = Document(place, name, "Text.", metadata=told, language=next(languages))
        yield Held(document, next(pages), next(headings), next(tags))


SHELF = tuple(shelf())
FACTS = {held.document.name: facts_of(held.document, path_of(held.document)) for held in SHELF}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqliteStore]:
    """A store with the documents of the shelf."""
    with open_store(tmp_path_factory.mktemp("library")) as opened:
        fingerprint = Fingerprint("none", "0" * 64, "fp32", "none", 1)
        opened.create_collection("papers", fingerprint, ChunkingSettings())
        for held in SHELF:
            store_it(opened, held)
        yield opened


operators: st.SearchStrategy[Operator] = st.sampled_from(get_args(Operator))
words = st.sampled_from(["document", "title", "folder", "type", "language", "heading", "tag"])
keys = st.sampled_from(["author", "price", "published", "missing"])
values: st.SearchStrategy[Value] = st.sampled_from(
    [*WORDS, *DAYS, "pdf", "de", "1", "007", "2024", 1, 2.5, 2024, 2023]
)
year_values: st.SearchStrategy[Value] = st.sampled_from([2023, 2024, 2023.5])
date_values: st.SearchStrategy[Value] = st.sampled_from([*DAYS, 2024, 2023])
ordered: st.SearchStrategy[Operator] = operators.filter(lambda operator: operator != "~")
leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Compare, words | keys, operators, values),
    st.builds(OneOf, words | keys, st.lists(values, min_size=1, max_size=3).map(tuple)),
    st.builds(Exists, words | keys | st.sampled_from(["page", "date", "year"])),
    st.builds(Compare, st.just("date"), operators, date_values),
    st.builds(Compare, st.just("year"), ordered, year_values),
    st.builds(Compare, st.just("page"), ordered, st.sampled_from([0, 1, 2, 3, 4])),
)


def _combined(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, parts)


@settings(deadline=None)
@given(filter=st.recursive(leaves, _combined, max_leaves=6))
def test_sql_keeps_what_the_same_filter_keeps_without_sql(
    library: SqliteStore, filter: Filter
) -> None:
    expected = [held.document.name for held in SHELF if holds(filter, held)]
    assert names(library, filter) == sorted(expected)
