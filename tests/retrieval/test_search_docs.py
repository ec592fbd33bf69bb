"""What docs/search.md says of filters is so."""

import re
from pathlib import Path

import pytest

from citewell.retrieval.errors import FilterError
from citewell.retrieval.facts import LONGEST_FACT
from citewell.retrieval.filter_parser import KEYWORDS, MOST_CHARACTERS
from citewell.retrieval.filter_values import FIELDS, MOST_DEPTH, MOST_TERMS, OPERATORS
from citewell.retrieval.filters import AllOf, Compare, parse_filter, show_filter

TEXT = (Path(__file__).parents[2] / "docs" / "search.md").read_text("utf-8")
FILTERS = TEXT.partition("## Filters\n")[2].partition("\n## ")[0]
EXAMPLES = FILTERS.partition("```text\n")[2].partition("\n```")[0].split("\n")
ROWS = re.findall(r"^\| (.*?) \| ", FILTERS, re.MULTILINE)


def test_there_are_five_examples() -> None:
    assert len(EXAMPLES) == 5


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_a_filter(example: str) -> None:
    assert parse_filter(show_filter(parse_filter(example))) == parse_filter(example)


@pytest.mark.parametrize("shown", re.findall(r"`([a-z]+ (?:[=~<>]+|in) [^`]+)`", FILTERS))
def test_each_filter_within_a_sentence_is_one(shown: str) -> None:
    assert parse_filter(show_filter(parse_filter(shown))) == parse_filter(shown)


def test_the_filter_made_in_python_is_the_one_in_words() -> None:
    made = AllOf((Compare("tag", "=", "hr"), Compare("year", ">=", 2024)))
    assert made == parse_filter("tag = hr and year >= 2024")
    assert 'AllOf((Compare("tag", "=", "hr"), Compare("year", ">=", 2024)))' in FILTERS


def test_all_fields_are_in_the_table_and_no_others() -> None:
    at = ROWS.index("field")
    fields = [row.strip("`") for row in ROWS[at + 2 : ROWS.index("any other")]]
    assert sorted(fields) == sorted(FIELDS)


def test_all_operators_are_in_the_table_and_no_others() -> None:
    rows = ROWS[ROWS.index("operator") + 2 :]
    assert sorted(" ".join(rows).replace("`", "").split()) == sorted((*OPERATORS, *KEYWORDS))


def test_the_mistake_is_shown_as_it_is_printed() -> None:
    with pytest.raises(FilterError, match="Did you mean `and`") as raised:
        parse_filter("tag = hr && year = 2024")
    assert f"citewell: {raised.value}\n" in FILTERS


@pytest.mark.parametrize(
    "said",
    [
        f"{MOST_CHARACTERS:,} characters, {MOST_TERMS} comparisons and {MOST_DEPTH} levels",
        f"by their first {LONGEST_FACT} characters",
    ],
)
def test_limits_are_as_the_code_has_them(said: str) -> None:
    assert said in FILTERS
