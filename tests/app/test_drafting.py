"""A draft comes apart into sentences however it is streamed."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewell.app.drafting import (
    NOT_FOUND,
    DraftSentence,
    draft_sentences,
    is_refusal,
)

DRAFT = (
    "Dr. Lee saw 3.5 cats [1]. They sleep [2, 3]. [4]\n\n- Dogs bark! [5][6]\n- No. 5 sits "
    '"here." [7] Elephants, e.g. Dumbo, do not [8] Heading\nThe last one is'
)
WHOLE = [
    DraftSentence("Dr. Lee saw 3.5 cats.", (1,)),
    DraftSentence("They sleep.", (2, 3, 4)),
    DraftSentence("- Dogs bark!", (5, 6)),
    DraftSentence('- No. 5 sits "here."', (7,)),
    DraftSentence("Elephants, e.g. Dumbo, do not Heading\nThe last one is", (8,)),
]


def parts(*pieces: str) -> list[DraftSentence]:
    return list(draft_sentences(pieces))


def test_a_draft_comes_apart_into_sentences_with_their_markers() -> None:
    assert parts(DRAFT) == WHOLE


@settings(deadline=None)
@given(st.lists(st.integers(0, len(DRAFT))))
def test_where_the_stream_is_cut_makes_no_difference(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(DRAFT)]
    pieces = [DRAFT[start:end] for start, end in pairwise(places)]

    assert parts(*pieces) == WHOLE


@settings(deadline=None)
@given(st.text(alphabet='aB1 .!?\n[],-"|#。', max_size=60), st.data())
def test_no_text_comes_apart_otherwise_in_pieces(text: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(text)))

    assert parts(text[:cut], text[cut:]) == parts(text) == parts(*text)


def test_a_sentence_comes_as_soon_as_the_next_has_begun() -> None:
    taken: list[str] = []

    def pieces() -> Iterator[str]:
        for piece in ("Cats sleep.", " [1]", " Dogs", " bark."):
            taken.append(piece)
            yield piece

    first = next(draft_sentences(pieces()))

    assert first == DraftSentence("Cats sleep.", (1,))
    assert taken == ["Cats sleep.", " [1]", " Dogs"]


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("A cat [1, 2].", [DraftSentence("A cat.", (1, 2))]),
        ("A cat. [1] A dog. [2]", [DraftSentence("A cat.", (1,)), DraftSentence("A dog.", (2,))]),
        ("A cat. [1]. A dog.", [DraftSentence("A cat.", (1,)), DraftSentence("A dog.", ())]),
        ("[1] A cat.", [DraftSentence("A cat.", (1,))]),
        ("A cat [999].", [DraftSentence("A cat.", (999,))]),
        ("A cat [1889].", [DraftSentence("A cat [1889].", ())]),
        ("A cat [x].", [DraftSentence("A cat [x].", ())]),
        ("[1] [2]", []),
        ("  \n", []),
        ("", []),
    ],
)
def test_markers_belong_to_the_sentence_before_them(
    draft: str, expected: list[DraftSentence]
) -> None:
    assert parts(draft) == expected


@pytest.mark.parametrize(
    ("draft", "finished"),
    [
        ("The tower is", False),
        ("The tower is [", False),
        ("The tower is [1", False),
        ("The tower is tall [1]", True),
        ("The tower is tall.", True),
        ("The tower is 3 m (or so)", True),
        ("塔很高。", True),
    ],
)
def test_a_last_sentence_without_an_end_is_unfinished(draft: str, finished: bool) -> None:
    (sentence,) = parts(draft)

    assert sentence.finished == finished


@pytest.mark.parametrize("text", ["Not found.", NOT_FOUND, '"not found"', "**Not found**!"])
def test_a_refusal_is_known_by_the_words_that_were_asked_for(text: str) -> None:
    assert is_refusal(DraftSentence(text, ()))


def test_a_sentence_about_something_not_found_is_no_refusal() -> None:
    assert not is_refusal(DraftSentence("The ship was not found.", ()))
