"""Question and passage become one sequence; every token knows its place and its unit."""

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from citewell.app.reading.pairs import MAX_TOKENS, NO_UNIT, unit_of_each, windows
from citewell.app.reading.reader import ReadablePassage

WORDS = ("who", "?", "cats", "the", "cat", "sleeps", ".", "it", "dreams")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Words are numbered from 0; all others are 99."""
    numbers = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordLevel({**numbers, "?unknown": 99}, unk_token="?unknown"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer


def test_a_short_passage_is_one_window(tokenizer: Tokenizer) -> None:
    passage = ReadablePassage("cats", "the cat sleeps . it dreams .", [(0, 16), (17, 28)])

    (window,) = windows(tokenizer, "who ?", passage)

    assert window.ids.tolist() == [101, 0, 1, 102, 2, 102, 3, 4, 5, 6, 7, 8, 6, 102]
    assert (window.second, window.first) == (4, 6)
    assert window.units.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert window.offsets[2] == (8, 14)


def test_places_are_counted_in_characters(tokenizer: Tokenizer) -> None:
    passage = ReadablePassage("", "Röntgen 😺 cat", [(0, 13)])

    (window,) = windows(tokenizer, "who", passage)

    assert window.offsets == ((0, 7), (8, 9), (10, 13))


def test_a_blank_passage_is_one_window_without_text(tokenizer: Tokenizer) -> None:
    (window,) = windows(tokenizer, "who", ReadablePassage("", "", []))

    assert window.ids.tolist() == [101, 0, 102, 102, 102]
    assert window.offsets == ()


def test_windows_of_a_long_passage_overlap_and_leave_nothing_out(tokenizer: Tokenizer) -> None:
    text = "cat " * 600

    found = windows(tokenizer, "who", ReadablePassage("", text, [(0, len(text))]))

    starts = [each.offsets[0][0] // 4 for each in found]
    assert [len(each.ids) for each in found] == [256, 256, 231]
    assert starts == [0, 187, 374]
    assert {place for each in found for place in each.offsets} == {
        (4 * i, 4 * i + 3) for i in range(600)
    }


def test_long_questions_and_titles_leave_room_for_the_passage(tokenizer: Tokenizer) -> None:
    passage = ReadablePassage("cats " * 500, "the cat", [(0, 7)])

    (window,) = windows(tokenizer, "who " * 500, passage)

    assert len(window.ids) < MAX_TOKENS
    assert (window.second, window.first) == (50, 75)
    assert window.offsets == ((0, 3), (4, 7))


def test_a_token_between_units_belongs_to_none() -> None:
    found = unit_of_each([(0, 3), (4, 5), (6, 9)], [(0, 3), (6, 9)])

    assert found.tolist() == [0, NO_UNIT, 1]
    assert found.dtype == np.int32
