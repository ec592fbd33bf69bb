"""Dates agree as a whole: the day, the month and the year that belong together."""

import pytest

from citewell.app.dates import dates, dates_conflict


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("on 3 May 2019", (None, 3, 5, 2019)),
        ("the 3rd of May, 2019", (None, 3, 5, 2019)),
        ("May 3, 2019", (None, 3, 5, 2019)),
        ("Friday, 3 May", ("friday", 3, 5, None)),
        ("in Sept. 2019", (None, None, 9, 2019)),
        ("2019-05-03", (None, 3, 5, 2019)),
    ],
)
def test_a_date_has_one_form_however_it_is_written(
    text: str, parts: tuple[str | None, int | None, int | None, int | None]
) -> None:
    assert [date.parts for date in dates(text)] == [parts]


@pytest.mark.parametrize("text", ["in 2019", "They may 3 times", "Mayor 3", "May"])
def test_a_part_alone_is_no_date(text: str) -> None:
    assert dates(text) == []


@pytest.mark.parametrize(
    ("sentence", "source", "conflict"),
    [
        ("On 3 May 2019.", "On 5 May 2019.", "the source says 5 May 2019, not 3 May 2019"),
        (
            "On 3 May 2019.",
            "From 3 April 2019 to 5 May 2019.",
            "the source says 3 April 2019, not 3 May 2019",
        ),
        (
            "On Friday, 3 May.",
            "On Monday, 3 May.",
            "the source says Monday, 3 May, not Friday, 3 May",
        ),
    ],
)
def test_a_date_put_together_from_two_is_a_conflict(
    sentence: str, source: str, conflict: str
) -> None:
    assert dates_conflict(sentence, source) == conflict


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("On 3 May 2019.", "It was May 3, 2019."),
        ("On 3 May.", "It was May 3, 2019."),
        ("In May 2019.", "It was 2019-05-03."),
        ("On 3 May 2019.", "It was in spring."),
    ],
)
def test_dates_that_agree_in_what_both_say_are_no_conflict(sentence: str, source: str) -> None:
    assert dates_conflict(sentence, source) == ""
