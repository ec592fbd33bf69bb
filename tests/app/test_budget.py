"""A model is given the best evidence that it has room for; what is left out is kept."""

from citewell.app.budget import Budget, Chosen, choose
from citewell.app.evidence import Scored
from citewell.app.features import Features, Question
from citewell.app.units import candidates
from citewell.retrieval.values import Chunk, Passage, Scores

QUESTION = Question("How old is the cat?", {"old": 1.0, "cat": 1.0})


def scored(text: str) -> list[Scored]:
    passage = Passage(1, Chunk("a.md", 0, len(text), text), "Pets", 1.0, Scores())
    return [Scored(each, Features(0, 0, 0, 0, 0, 0, 0, 0)) for each in candidates([passage])]


def count(text: str) -> int:
    return len(text.split())


def chosen(items: list[Scored], units: int = 4, tokens: int = 600) -> Chosen:
    return choose(items, QUESTION, Budget(units, tokens, count))


def test_the_best_are_shown_and_the_rest_is_kept() -> None:
    found = chosen(scored("Cats are old. Dogs are young. Birds are small."), units=2)

    assert [(each.number, each.text) for each in found.shown] == [
        (1, "Cats are old."),
        (2, "Dogs are young."),
    ]
    assert [(each.number, each.text) for each in found.cut] == [(3, "Birds are small.")]


def test_no_more_is_shown_than_the_tokens_allow() -> None:
    found = chosen(
        scored("Cats are old. Dogs are very young and small. Birds sing well."), tokens=13
    )

    assert [each.text for each in found.shown] == ["Cats are old.", "Birds sing well."]
    assert found.tokens == 12
    assert found.budget == 13


def test_a_sentence_is_shown_with_the_one_it_leans_on() -> None:
    cat, age, dog = scored("The cat is black. It is nine years old. Dogs run fast.")

    found = chosen([age, dog, cat])

    assert [each.text for each in found.shown] == [
        "The cat is black. It is nine years old.",
        "Dogs run fast.",
    ]
    assert [each.candidate.text for each in found.scored] == [each.text for each in found.shown]
    assert found.cut == ()


def test_a_sentence_joins_the_one_it_leans_on() -> None:
    cat, age, dog = scored("The cat is black. It is nine years old. Dogs run fast.")

    found = chosen([cat, dog, age], units=2)

    assert [each.text for each in found.shown] == [
        "The cat is black. It is nine years old.",
        "Dogs run fast.",
    ]


def test_a_sentence_stands_alone_where_there_is_no_room_for_the_one_it_leans_on() -> None:
    cat, age, dog = scored("The cat is black. It is nine years old. Dogs run fast.")

    found = chosen([age, cat, dog], units=1, tokens=9)

    assert [each.text for each in found.shown] == ["It is nine years old."]


def test_the_first_is_cut_when_it_is_too_long_by_itself() -> None:
    (item,) = scored("The dog runs and barks all day, the cat is nine years old, and birds sing.")

    found = chosen([item], tokens=18)

    assert [each.text for each in found.shown] == ["the cat is nine years old"]


def test_a_row_is_shown_with_its_header() -> None:
    found = chosen(scored("pet\tage\ncat\tnine"))

    assert [(each.header, each.text) for each in found.shown] == [("pet\tage", "cat\tnine")]


def test_no_evidence_takes_no_tokens() -> None:
    assert chosen([]) == Chosen((), (), (), 0, 600)
