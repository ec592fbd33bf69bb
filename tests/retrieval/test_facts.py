"""What filters can ask of a document."""

import os
from pathlib import Path

import pytest

from citewell.retrieval.facts import Fact, facts_of, iso_date, plain
from citewell.retrieval.values import Document

GONE = Path("/gone/leave.pdf")


def document(name: str = "leave.pdf", **metadata: str) -> Document:
    return Document(name, "Leave", "Text.", metadata=metadata)


def texts(document: Document, key: str, path: Path = GONE) -> list[str]:
    return [fact.text for fact in facts_of(document, path) if fact.key == key]


def test_a_document_without_metadata_has_its_name_title_type_and_folders() -> None:
    assert facts_of(document("HR/Rules/Leave.PDF"), Path("/docs/HR/Rules/Leave.PDF")) == [
        Fact("document", "hr/rules/leave.pdf"),
        Fact("title", "leave"),
        Fact("type", "pdf"),
        Fact("folder", "hr/rules"),
        Fact("folder", "hr"),
    ]


def test_a_file_without_an_extension_has_no_type_and_one_at_the_top_no_folder() -> None:
    found = {fact.key for fact in facts_of(document("README"), Path("/docs/README"))}
    assert found == {"document", "title"}


def test_a_row_of_a_corpus_is_in_the_folders_of_its_file() -> None:
    found = facts_of(document("row 7"), Path("/docs/hr/rows.jsonl"), "hr/rows.jsonl")
    assert found[2:] == [Fact("type", "jsonl"), Fact("folder", "hr")]


def test_the_day_on_which_the_file_was_written_to_is_when_it_was_modified(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Cats sleep.")
    os.utime(path, (0, 1710500000))
    assert Fact("modified", "2024-03-15", 2024) in facts_of(document("a.txt"), path)


def test_a_date_of_modification_in_the_metadata_goes_before_that_of_the_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Cats sleep.")
    assert texts(document("a.txt", modified="2001-02-03"), "modified", path) == ["2001-02-03"]


def test_a_key_that_begins_with_metadata_is_the_key_after_it() -> None:
    found = document(**{"metadata.team": "IT", "metadata.title": "Pay"})
    assert (texts(found, "team"), texts(found, "metadata.title")) == (["it"], ["pay"])


def test_every_key_of_the_metadata_is_a_fact_and_numbers_have_their_number() -> None:
    found = facts_of(document(**{"Created By": "Kim  LEE", "price": "10.50", "code": "007"}), GONE)
    assert found[3:] == [
        Fact("created by", "kim lee"),
        Fact("price", "10.50", 10.5),
        Fact("code", "007"),
    ]


def test_a_key_named_like_a_field_is_told_apart_from_it() -> None:
    found = document(type="letter", language="de")
    assert texts(found, "type") == ["pdf"]
    assert texts(found, "metadata.type") == ["letter"]
    assert texts(found, "metadata.language") == ["de"]


def test_a_value_with_semicolons_is_also_each_of_its_parts() -> None:
    found = document(authors="Kim; Lee; ")
    assert texts(found, "authors") == ["kim; lee;", "kim", "lee"]
    assert texts(found, "author") == ["kim; lee;", "kim", "lee"]


@pytest.mark.parametrize("key", ["tags", "tag", "keywords", "Keywords"])
def test_tags_are_keywords_split_at_commas_and_semicolons(key: str) -> None:
    assert texts(document(**{key: "HR, annual leave;law,,"}), "tag") == [
        "hr",
        "annual leave",
        "law",
    ]


def test_the_author_of_a_mail_is_its_sender_without_the_address() -> None:
    found = document(**{"from": "Kim Lee <kim@example.org>"})
    assert texts(found, "author") == ["kim lee"]
    assert texts(found, "from") == ["kim lee <kim@example.org>"]
    assert texts(document(**{"from": "<kim@example.org>"}), "author") == ["<kim@example.org>"]


def test_the_date_is_the_first_that_the_metadata_can_tell_and_gives_the_year() -> None:
    found = document(created="2024-03-15T10:00:00Z", date="soon", modified="2025")
    assert texts(found, "date") == ["2024-03-15"]
    assert [fact for fact in facts_of(found, GONE) if fact.key == "year"] == [
        Fact("year", "2024", 2024)
    ]


def test_a_year_in_the_metadata_goes_before_that_of_the_date() -> None:
    assert texts(document(year="1999", date="2024-03-15"), "year") == ["1999"]


def test_a_document_that_does_not_say_when_it_was_written_has_no_date(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Cats sleep.")
    assert {fact.key for fact in facts_of(document("a.txt"), path)} & {"date", "year"} == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        ("2024-03-15", "2024-03-15"),
        ("2024/3/5", "2024-03-05"),
        ("2024-03-15T10:00:00+01:00", "2024-03-15"),
        ("2024-03-15 10:00", "2024-03-15"),
        ("D:20240315101530+01'00'", "2024-03-15"),
        ("D:202403", "2024-03"),
        ("D:2024", "2024"),
        ("Fri, 15 Mar 2024 10:00:00 +0100", "2024-03-15"),
        ("15 March 2024", "2024-03-15"),
        ("March 5, 2024", "2024-03-05"),
        ("Sept 5, 2024", "2024-09-05"),
        ("2024-13-01", ""),
        ("2024-02-30", ""),
        ("15 Foo 2024", ""),
        ("2024-03 draft", ""),
        ("1.2.3", ""),
        ("0999", ""),
        ("", ""),
        ("12 monkeys", ""),
    ],
)
def test_dates_are_read_however_files_write_them(text: str, expected: str) -> None:
    assert iso_date(text) == expected


def test_text_is_compared_without_regard_to_case_spacing_or_how_accents_are_coded() -> None:
    assert plain(" U\u0308ber\n STRASSE ") == plain("\u00fcber straße") == "über strasse"


def test_long_values_are_cut_and_facts_of_many_keys_left_out() -> None:
    found = document(note="x" * 100_000, **{f"key {number}": "1" for number in range(1000)})
    assert texts(found, "note") == ["x" * 256]
    assert len(facts_of(found, GONE)) == 103


def test_a_value_that_comes_twice_is_one_fact() -> None:
    found = facts_of(document(tags="HR, hr", keywords="hr"), GONE)
    assert found.count(Fact("tag", "hr")) == 1
    assert len({(fact.key, fact.text) for fact in found}) == len(found)
