"""Filters in SQL: what they keep, and that their indexes are used."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewell.retrieval.facts import facts_of, plain
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
from citewell.retrieval.values import Document

TABLES = """
CREATE TABLE documents (
    id INTEGER PRIMARY KEY, collection INTEGER NOT NULL, name TEXT NOT NULL,
    language TEXT NOT NULL, UNIQUE (collection, name)
);
CREATE TABLE chunks (
    key INTEGER PRIMARY KEY, document INTEGER NOT NULL, page_start INTEGER, page_end INTEGER,
    headings TEXT NOT NULL
);
CREATE TABLE facts (
    document INTEGER NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, number REAL,
    PRIMARY KEY (document, key, text)
) WITHOUT ROWID;
CREATE INDEX facts_by_text ON facts (key, text, document);
CREATE INDEX facts_by_number ON facts (key, number, document);
CREATE TABLE marks (
    collection INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL
);
"""
GONE = Path("/gone")
SELECT = "SELECT chunks.key FROM chunks JOIN documents ON documents.id = chunks.document WHERE "


@dataclass(frozen=True)
class Held:
    """A document with what a filter can ask of it: one chunk, and the tags users gave it."""

    document: Document
    language: str = ""
    pages: tuple[int, int] | None = None
    headings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """A database with the tables that conditions name, all of them empty."""
    opened = sqlite3.connect(":memory:")
    prepare(opened)
    opened.executescript(TABLES)
    yield opened
    opened.close()


def put(connection: sqlite3.Connection, held: Held) -> None:
    document = held.document
    row = connection.execute(
        "INSERT INTO documents (collection, name, language) VALUES (1, ?, ?)",
        (document.name, held.language),
    )
    connection.execute(
        "INSERT INTO chunks (document, page_start, page_end, headings) VALUES (?, ?, ?, ?)",
        (row.lastrowid, *(held.pages or (None, None)), json.dumps(held.headings)),
    )
    facts = [
        (row.lastrowid, fact.key, fact.text, fact.number)
        for fact in facts_of(document, GONE / document.name)
    ]
    connection.executemany("INSERT INTO facts VALUES (?, ?, ?, ?)", facts)
    for tag in held.tags:
        mark(connection, document.name, tag)


def mark(connection: sqlite3.Connection, name: str, tag: str, kind: str = "tag") -> None:
    connection.execute("INSERT INTO marks VALUES (1, ?, ?, ?)", (name, kind, tag))


def kept(connection: sqlite3.Connection, filter: Filter) -> list[int]:
    sql, values = condition(filter)
    return sorted(key for (key,) in connection.execute(SELECT + sql, values))


LEAVE = Held(
    Document(
        "HR/rules/leave.pdf",
        "Über Leave",
        "Text.",
        metadata={"date": "2024-03-15", "author": "Kim; Lee", "tags": "HR, law", "price": "10.5"},
    ),
    language="de",
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
def test_a_filter_keeps_what_it_describes(connection: sqlite3.Connection, text: str) -> None:
    put(connection, LEAVE)
    assert kept(connection, parse_filter(text)) == [1]


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
def test_a_filter_leaves_out_what_it_does_not_describe(
    connection: sqlite3.Connection, text: str
) -> None:
    put(connection, LEAVE)
    assert kept(connection, parse_filter(text)) == []


def test_text_that_only_begins_like_a_date_is_none(connection: sqlite3.Connection) -> None:
    put(connection, Held(Document("a", "A", "Text.", metadata={"state": "2024-03 draft"})))
    assert kept(connection, parse_filter("state = 2024-03 or state > 2024-01")) == []
    assert kept(connection, parse_filter('state = "2024-03 draft"')) == [1]


def test_a_document_whose_language_is_unknown_has_none(connection: sqlite3.Connection) -> None:
    put(connection, Held(Document("a", "A", "Text.")))
    assert kept(connection, parse_filter('language exists or language = ""')) == []
    assert kept(connection, parse_filter("language != en and not page exists")) == [1]


def test_a_tag_of_a_folder_holds_for_all_below_it_and_for_nothing_else(
    connection: sqlite3.Connection,
) -> None:
    for name in ("hr", "hr-old.txt", "hr/a.txt", "hr/b/c.txt", "hr0", "x/hr/a.txt"):
        put(connection, Held(Document(name, "A", "Text.")))
    mark(connection, "hr/", "staff")
    assert kept(connection, parse_filter("tag = staff")) == [3, 4]


def test_a_tag_of_the_collection_holds_for_all_documents(connection: sqlite3.Connection) -> None:
    put(connection, Held(Document("a.txt", "A", "Text.")))
    mark(connection, "", "staff")
    assert kept(connection, parse_filter("tag = staff")) == [1]


def test_a_label_is_no_tag(connection: sqlite3.Connection) -> None:
    put(connection, Held(Document("a.txt", "A", "Text.")))
    mark(connection, "a.txt", "legal", kind="label")
    assert kept(connection, parse_filter("tag exists")) == []


def test_what_the_user_wrote_stands_in_the_parameters_alone() -> None:
    text = """ "x'); DROP" = "y'--" and tag ~ "%z" and heading = "'9'" """
    sql, values = condition(parse_filter(text))
    assert values == ["x'); drop", "y'--", "%z", "%z", "'9'"]
    assert not [value for value in values if str(value) in sql]


def test_the_largest_filter_can_be_run(connection: sqlite3.Connection) -> None:
    put(connection, LEAVE)
    parts: list[Filter] = [OneOf("page", tuple(range(9, 1009))), OneOf("x", ("2024-03",) * 1000)]
    parts += [Compare("tag", "~", f"tag {number}") for number in range(198)]
    deep: Filter = AnyOf(tuple(parts))
    for _ in range(28):
        deep = Not(deep)
    assert kept(connection, deep) == []
    assert kept(connection, Not(deep)) == [1]


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("author = Kim", "SEARCH facts USING COVERING INDEX facts_by_text (key=? AND text=?)"),
        ("date >= 2024-03", "SEARCH facts USING INDEX facts_by_text (key=? AND text>?)"),
        ("price > 9", "SEARCH facts USING COVERING INDEX facts_by_number (key=? AND number>?)"),
        ("tag = hr", "SEARCH facts USING COVERING INDEX facts_by_text (key=? AND text=?)"),
        ("tag = hr", "SEARCH tagged USING COVERING INDEX sqlite_autoindex_documents_1"),
    ],
)
def test_the_indexes_find_the_documents_of_a_value(
    connection: sqlite3.Connection, text: str, step: str
) -> None:
    sql, values = condition(parse_filter(text))
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {SELECT}{sql}", values)]
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
            return held.pages is not None and _on_page(operator, float(value), *held.pages)
        case Compare(field, operator, value):
            return any(_compares(*each, operator, value) for each in _values(field, held))


def _values(field: str, held: Held) -> list[tuple[str, float | None]]:
    own = {"heading": held.headings, "language": [held.language] if held.language else []}
    if field == "page":
        return [("", None)] if held.pages else []
    if field in own:
        return [(plain(value), None) for value in own[field]]
    facts = facts_of(held.document, GONE / held.document.name)
    found = [(fact.text, fact.number) for fact in facts if fact.key == field]
    return found + [(plain(tag), None) for tag in held.tags if field == "tag"]


def _on_page(operator: Operator, number: float, first: int, last: int) -> bool:
    if operator == "=":
        return first <= number <= last
    return ORDERS[operator](first if operator[0] == "<" else last, number)


def _compares(text: str, number: float | None, operator: Operator, value: Value) -> bool:
    if operator == "~":
        return plain(str(value)) in text
    order = ORDERS[operator]
    if not isinstance(value, str):
        return number is not None and order(number, value)
    if value in DAYS:
        is_date = number is not None and (len(text) == 4 or text[4:5] == "-")
        return is_date and order(value if text.startswith(value) else text, value)
    return order(text, plain(value))


DAYS = ["2024-03", "2024-03-15", "2023-12-31"]
WORDS = ["hr", "HR", "Über", "über", "a b", "%", "x'y", "hr/a", ""]
dates = st.sampled_from(["2024", "2024-03", "2024-03-15", "2023-12-31", "2025-01-01", "soon"])
numbers = st.sampled_from(["1", "2", "2.5", "-1", "007", "2024"])
metadata = st.fixed_dictionaries(
    {},
    optional={
        "date": dates,
        "published": dates,
        "price": numbers,
        "author": st.sampled_from(["hr", "Über; HR", "%"]),
        "tags": st.sampled_from(["hr", "über, x'y"]),
    },
)
names = st.sampled_from(["hr/a/x.txt", "HR/b.pdf", "c", "hr/a.PDF", "Über/d.x"])
shelves = st.builds(
    Held,
    st.builds(lambda name, facts: Document(name, name, "Text.", metadata=facts), names, metadata),
    st.sampled_from(["", "de", "en"]),
    st.none() | st.tuples(st.integers(1, 3), st.integers(3, 4)),
    st.lists(st.sampled_from(["HR", "Über", "a b", 'say "x"']), max_size=2).map(tuple),
    st.lists(st.sampled_from(["HR", "Über"]), max_size=2, unique=True).map(tuple),
)
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
    st.builds(Compare, st.just("page"), ordered, st.sampled_from([1, 2, 3, 4, 2.5])),
)


def _combined(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, parts)


@settings(max_examples=150)
@given(
    st.lists(shelves, max_size=4, unique_by=lambda held: held.document.name),
    st.recursive(leaves, _combined, max_leaves=6),
)
def test_sql_keeps_what_the_same_filter_keeps_without_sql(
    shelf: list[Held], filter: Filter
) -> None:
    opened = sqlite3.connect(":memory:")
    try:
        prepare(opened)
        opened.executescript(TABLES)
        for held in shelf:
            put(opened, held)
        expected = [number for number, held in enumerate(shelf, 1) if holds(filter, held)]
        assert kept(opened, filter) == expected
    finally:
        opened.close()
