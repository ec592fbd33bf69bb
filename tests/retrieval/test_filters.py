"""Filters: reading them, showing them, and saying what is wrong with them."""

import re
from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.retrieval.errors import ConfigError, FilterError
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
    as_filter,
    doubtful_fields,
    parse_filter,
    show_filter,
)

HR = Compare("tag", "=", "hr")
NEW = Compare("year", ">=", 2024)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tag = hr", HR),
        ('TAG = "hr"', HR),
        ("tag='hr'", HR),
        ("year >= 2024", NEW),
        ("price < 10.50", Compare("price", "<", 10.5)),
        ("price > -3", Compare("price", ">", -3)),
        ("code = 007", Compare("code", "=", "007")),
        ("id = 1234567890123456", Compare("id", "=", "1234567890123456")),
        ('version = "1.50"', Compare("version", "=", "1.50")),
        ("tag = 1.50", Compare("tag", "=", "1.50")),
        ("title ~ 007", Compare("title", "~", "007")),
        ('page != "3"', Compare("page", "!=", 3)),
        ("date >= 2024-03", Compare("date", ">=", "2024-03")),
        ("date = '2024'", Compare("date", "=", 2024)),
        ("author = O'Brien", Compare("author", "=", "O'Brien")),
        ("folder = hr/old-rules", Compare("folder", "=", "hr/old-rules")),
        (r'title = "say \"hi\" to C:\\"', Compare("title", "=", r'say "hi" to C:\ '.strip())),
        ('"created by" = x', Compare("created by", "=", "x")),
        ("dc.type-2 = x", Compare("dc.type-2", "=", "x")),
        ("type IN (pdf, 'docx')", OneOf("type", ("pdf", "docx"))),
        ("year in (2023,2024)", OneOf("year", (2023, 2024))),
        ("tag exists", Exists("tag")),
        ("NOT tag EXISTS", Not(Exists("tag"))),
        ("not not tag = hr", Not(Not(HR))),
        ("tag = hr and year >= 2024", AllOf((HR, NEW))),
        ("tag = hr or year >= 2024 and not tag = hr", AnyOf((HR, AllOf((NEW, Not(HR)))))),
        ("(tag = hr OR year>=2024) And tag=hr", AllOf((AnyOf((HR, NEW)), HR))),
        ("((tag = hr))", HR),
        ('"and" = "or"', Compare("and", "=", "or")),
        ("tag = hr\n  and\tyear >= 2024", AllOf((HR, NEW))),
        ("metadata.team = IT", Compare("team", "=", "IT")),
        ("metadata.title = IT", Compare("metadata.title", "=", "IT")),
        ("tags = hr", HR),
        ("Keywords in (hr)", OneOf("tag", ("hr",))),
        ("keyword exists", Exists("tag")),
        ("tag = “hr”", HR),
        ("tag=„hr“ and year>=2024", AllOf((HR, NEW))),
        ("title = ‘annual leave’", Compare("title", "=", "annual leave")),
        ("title = «a “b” c»", Compare("title", "=", "a “b” c")),
        ("author = O’Brien", Compare("author", "=", "O’Brien")),
        ("type = .md", Compare("type", "=", "md")),
        ("type in (.md, pdf)", OneOf("type", ("md", "pdf"))),
        ('price < "nine"', Compare("price", "<", "nine")),
        ("due < 2024-03", Compare("due", "<", "2024-03")),
        ("title < m", Compare("title", "<", "m")),
        ("page > 0", Compare("page", ">", 0)),
        ("code = 1e4", Compare("code", "=", "1e4")),
    ],
)
def test_a_filter_is_read_as_it_is_meant(text: str, expected: Filter) -> None:
    assert parse_filter(text) == expected


def test_a_bare_number_is_a_number_and_a_quoted_one_is_text() -> None:
    bare, quoted = parse_filter("price = 5"), parse_filter('price = "5"')
    assert isinstance(bare, Compare)
    assert isinstance(quoted, Compare)
    assert (bare.value, quoted.value) == (5, "5")


@pytest.mark.parametrize(
    ("text", "problem", "column"),
    [
        ("tag == hr", "not ==. Did you mean `=`?", 4),
        ("tag <> hr", "not <>. Did you mean `!=`?", 4),
        ("tag = hr && year = 3", "not &&. Did you mean `and`?", 9),
        ("tag = hr || year = 3", "not ||. Did you mean `or`?", 9),
        ("tag = hr adn year = 3", "not adn. Did you mean `and`?", 9),
        ("tag contains hr", "not contains. Did you mean `~`?", 4),
        ("tag exist", "not exist. Did you mean `exists`?", 4),
        ("tag : hr", "Expected one of = != < <= > >= ~ `in` or `exists` after tag, not :", 4),
        ("tag not in (hr)", "not not. Write: not tag in ...", 4),
        ("not tag not = hr", "not not. Write: not tag = ...", 8),
        ("folder hr", "not hr. An operator such as = is missing.", 7),
        ("tag = hr, it", "Several values are a list: tag in (hr, it).", 8),
        ("price < 9,50", "A number has no comma: write 9.50 or 10000.", 9),
        ("type in [pdf, md]", "not [pdf. Write the list in parentheses: type in (pdf, ...).", 8),
        ("tag = “hr", "This quote is never closed. Add a ”.", 6),
        ("budget > 1e4", "1e4 is neither a number such as 10000 nor a date", 9),
        ("price < nine", 'Put it into quotes to compare it as text: price < "nine".', 8),
        ("page = -1", "-1 is no page. Write a whole number, such as page = 3", 7),
        ("page > 1.5", "1.5 is no page. Write a whole number, such as page = 3", 7),
        ("tag = new hires", "not hires. Put text of several words into quotes.", 10),
        ("tag", "after tag, not the end", 3),
        ("tag = ", "Expected a value, not the end", 6),
        ("tag = and", 'Expected a value, not and. Write "and" for text that is a keyword', 6),
        ("= hr", "Expected a field, such as tag or year, not =", 0),
        ("tag = hr)", "Expected `and`, `or` or the end, not )", 8),
        ("(tag = hr", "This parenthesis is never closed. Add a `)`", 0),
        ('tag = "hr', 'This quote is never closed. Add a "', 6),
        ("tag in hr", 'Expected a list, such as ("a", "b"), not hr', 7),
        ("tag in ()", "Expected a value, not )", 8),
        ("tag in (a b)", "Expected `,` or `)`, not b", 10),
        ("tag in (a", "Expected `,` or `)`, not the end", 9),
        ("year = new", "'new' is no year. Write a number, such as year = 2024", 7),
        ("page ~ 3", "A page is a number and contains nothing", 7),
        ("date > 2024-13", "'2024-13' is no date. Write it as 2024, 2024-03 or 2024-03-15", 7),
        ("date = 20240315", "20240315 is no date", 7),
        ("date in (2024, 15.3.24)", "'15.3.24' is no date", 0),
        ('" " = 3', "A field is blank", 6),
    ],
)
def test_a_mistake_is_shown_with_its_place_and_what_would_be_right(
    text: str, problem: str, column: int
) -> None:
    with pytest.raises(FilterError, match=re.escape(problem)) as raised:
        parse_filter(text)
    said, shown, caret = str(raised.value).split("\n")
    assert (shown, caret) == (f"  {text}", " " * (column + 2) + "^")
    assert said.endswith((".", "?"))


def test_of_a_long_filter_only_the_part_around_the_mistake_is_shown() -> None:
    text = " or ".join(["tag = hr"] * 50) + " tag = it " + "or tag = hr " * 50
    with pytest.raises(FilterError, match="not tag") as raised:
        parse_filter(text)
    _, shown, caret = str(raised.value).split("\n")
    assert shown[caret.index("^") :].startswith("tag = it or tag = hr")
    assert (shown[:5], shown[-3:], len(shown)) == ("  ...", "...", 128)


def test_line_breaks_and_control_characters_do_not_move_the_caret() -> None:
    with pytest.raises(FilterError, match="not ==") as raised:
        parse_filter("tag\n== \x1b[2J")
    assert str(raised.value).split("\n")[1:] == ["  tag ==  [2J", "      ^"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_blank_filter_is_refused(text: str) -> None:
    with pytest.raises(FilterError, match="The filter is blank"):
        parse_filter(text)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("tag = " + "x" * 1_000_000, "has 1,000,006 characters. Give at most 20,000"),
        ("(" * 10_000, "The filter nests over 30 deep"),
        ("(" * 31 + "tag = hr" + ")" * 31, "The filter nests over 30 deep"),
        ("not " * 4_000 + "tag = hr", "The filter nests more than 30 deep"),
        ("tag = hr or " * 200 + "tag = hr", "The filter has more than 200 comparisons"),
        (f"tag in ({'a, ' * 1_000} a)", "'tag' is compared with 1001 values. Give from 1 to 1000"),
    ],
)
def test_a_filter_too_large_is_refused(text: str, problem: str) -> None:
    with pytest.raises(FilterError, match=problem):
        parse_filter(text)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (
            lambda: Compare("tag", "==", "hr"),  # type: ignore[arg-type]
            "'==' is no operator. Write one of = !=",
        ),
        (lambda: Compare("", "=", "hr"), "A field is blank"),
        (lambda: Compare("price", "=", float("nan")), "nan has more than 15 digits"),
        (lambda: Compare("price", "=", 10**15), "1000000000000000 has more than 15 digits"),
        (lambda: Compare("price", "=", 10**400), "000 has more than 15 digits"),
        (
            lambda: AnyOf(tuple(OneOf("tag", (str(n), *"abcd" * 200)) for n in range(7))),
            "The filter has more than 5,000 values in lists",
        ),
        (lambda: Compare("paid", "=", True), "True is neither text nor a number"),
        (lambda: Compare("tag", "=", "\ud800"), r"'\\ud800' is not Unicode text"),
        (lambda: Compare("date", "<", 1.5), "1.5 is no date"),
        (lambda: OneOf("tag", ()), "'tag' is compared with 0 values"),
        (lambda: AllOf((HR,)), "AllOf has 1 parts and needs two"),
        (lambda: AnyOf(()), "AnyOf has 0 parts and needs two"),
        (lambda: Not("tag = hr"), "'tag = hr' is no filter"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_a_filter_cannot_be_made(make: Callable[[], object], problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        make()


def test_a_filter_can_be_given_as_text_as_itself_or_not_at_all() -> None:
    assert [as_filter("tag = hr"), as_filter(HR), as_filter(None)] == [HR, HR, None]


def test_a_field_that_is_none_is_named_with_the_one_likely_meant() -> None:
    found = parse_filter("yaer = 3 or lang = de or not (titel = x and author = y) or tag = z")
    assert doubtful_fields(found) == {"yaer": "year", "lang": "language", "titel": "title"}


def test_a_key_of_the_metadata_may_have_been_meant_and_is_itself_none_in_doubt() -> None:
    found = parse_filter("athor = kim or lang = de or tagg = z or metadata.titel = x")
    assert doubtful_fields(found, ["author", "lang", "metadata.title"]) == {
        "athor": "author",
        "tagg": "tag",
        "titel": "title",
    }


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
fields = st.sampled_from(["tag", "title", "and", "created by", "price", "Ω-1"]) | texts.filter(
    lambda text: bool(text.strip())
)
values: st.SearchStrategy[Value] = (
    texts
    | st.integers(-(10**15) + 1, 10**15 - 1)
    | st.floats(-1e14, 1e14)
    | st.sampled_from(["007", "2024", "2024-03", "in", "1.50", "-", "o'clock"])
)
operators: st.SearchStrategy[Operator] = st.sampled_from(get_args(Operator))
plain_fields = fields.filter(lambda field: field.lower().strip() not in {"date", "year", "page"})
leaves: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Compare, plain_fields, operators, values),
    st.builds(OneOf, plain_fields, st.lists(values, min_size=1, max_size=3).map(tuple)),
    st.builds(Exists, fields),
    st.builds(Compare, st.just("date"), operators, st.sampled_from(["2024", 1999, "2024-02-29"])),
    st.builds(Compare, st.just("page"), st.sampled_from(["=", "<"]), st.integers(0, 99)),
)


def _joined(parts: st.SearchStrategy[Filter]) -> st.SearchStrategy[Filter]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.builds(AllOf, several) | st.builds(AnyOf, several) | st.builds(Not, parts)


@given(st.recursive(leaves, _joined, max_leaves=8))
def test_what_is_shown_of_a_filter_is_read_as_the_same_filter(filter: Filter) -> None:
    assert parse_filter(show_filter(filter)) == filter


@given(st.text(st.sampled_from("tag=\"'() ,&|!<>~\\and 12-"), max_size=40))
def test_any_text_is_a_filter_or_a_mistake_that_is_shown(text: str) -> None:
    try:
        again = show_filter(parse_filter(text))
    except FilterError as error:
        again = str(error)
    shown = again.endswith("^") or again.startswith("The filter is blank")
    assert shown or show_filter(parse_filter(again)) == again


def test_parts_in_a_list_are_the_same_as_in_a_tuple() -> None:
    parts = [Compare("tag", "=", "hr"), Exists("year")]

    assert hash(AllOf(parts)) == hash(AllOf(tuple(parts)))  # type: ignore[arg-type]


def test_a_number_of_numpy_is_shown_as_a_number() -> None:
    assert show_filter(Compare("price", "=", np.float64(1.5))) == "price = 1.5"


@pytest.mark.parametrize("where", [5, ["tag = hr"], {"tag": "hr"}])
def test_what_is_neither_text_nor_a_filter_is_refused(where: object) -> None:
    with pytest.raises(FilterError, match="is no filter"):
        as_filter(where)  # type: ignore[arg-type]
