"""What a model thinks in tags is no part of its answer."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewell.app.drafting import DraftSentence, draft_sentences
from citewell.app.llms.thinking import opened_thinking, without_thinking


def answer(*pieces: str, begun: bool = False) -> str:
    return "".join(without_thinking(pieces, begun=begun))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cats sleep. [1]", "Cats sleep. [1]"),
        ("<think>Hm.</think>Cats sleep. [1]", "Cats sleep. [1]"),
        ("<think>\nHm.\n</think>\n\nCats sleep.", "\n\nCats sleep."),
        ("<Thinking>Hm.</Thinking>Cats.", "Cats."),
        ("[THINK]Hm.[/THINK]Cats.", "Cats."),
        ("Cats. <think>And dogs?</think>Dogs.", "Cats. Dogs."),
        ("Cats. <think>And dogs? They", "Cats. "),
        ("<think>Hm.", ""),
        ("a < b and [2] c", "a < b and [2] c"),
        ("a <thin", "a <thin"),
        ("", ""),
    ],
)
def test_only_what_stands_outside_of_tags_is_left(text: str, expected: str) -> None:
    assert answer(text) == answer(*text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hm.</think>Cats.", "Cats."),
        ("<think>Hm.</think>Cats.", "Cats."),
        ("Cats sleep all day.", ""),
    ],
)
def test_thinking_that_has_begun_ends_at_the_closing_tag(text: str, expected: str) -> None:
    assert answer(text, begun=True) == answer(*text, begun=True) == expected


@settings(deadline=None)
@given(st.text(alphabet="<>/[]think a", max_size=40), st.data())
def test_where_the_stream_is_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=4))
    places = [0, *sorted(cuts), len(text)]

    assert answer(*(text[start:end] for start, end in pairwise(places))) == answer(text)


def test_text_is_handed_on_as_soon_as_it_can_be_no_tag() -> None:
    assert list(without_thinking(["Cats", " sleep <", "3 hours"])) == [
        "Cats",
        " sleep ",
        "<3 hours",
    ]


def test_a_draft_holds_no_thinking() -> None:
    assert list(draft_sentences(["<think>Dogs bark.</think> Cats sleep. [1]"])) == [
        DraftSentence("Cats sleep.", (1,))
    ]


def test_a_draft_that_was_to_think_first_begins_at_the_closing_tag() -> None:
    pieces = ["Dogs bark. ", "</think>", "Cats sleep. [1]"]

    assert list(draft_sentences(pieces, thinks=True)) == [DraftSentence("Cats sleep.", (1,))]


@pytest.mark.parametrize(
    ("prompt", "tag"), [("<|assistant|>\n<think>\n", "<think>"), ("<|assistant|>\n", "")]
)
def test_a_prompt_that_ends_with_the_opening_tag_has_begun_to_think(prompt: str, tag: str) -> None:
    assert opened_thinking(prompt) == tag
