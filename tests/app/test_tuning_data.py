"""Examples of each kind, made of what search finds in a small library."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from citewell.app.evidence import Scored
from citewell.app.fencing import shown_text
from citewell.app.tuning.conflicts import conflicting
from citewell.app.tuning.examples import Example
from citewell.app.tuning.feedback import FEEDBACK, feedback_questions
from citewell.app.tuning.finding import Found, find
from citewell.app.tuning.injected import injected
from citewell.app.tuning.making import make
from citewell.app.tuning.others import Names
from citewell.app.tuning.plain_kinds import absent, answered, unanswerable
from citewell.app.tuning.questions import TaughtQuestion
from citewell.app.tuning.selecting import Gold, gold_of, without
from citewell.app.tuning.several import Asked, pairs, several
from citewell.app.tuning.splits import split_of
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings

Ask = Callable[..., Found]


class Library(Protocol):
    """The fixture ``library``."""

    put: Callable[..., Any]
    retriever: Callable[[], Retriever]


@pytest.fixture
def ask(library: Library) -> Ask:
    """Return what is found for a question about cats, unless another document is named."""
    library.put(
        "towers.md",
        "The tower of Vik was built in 1889. Its keeper was Anna Falk. It is 41 metres high.",
        title="Towers",
    )

    def found(text: str, *answers: str, document: str = "cats.md", **fields: Any) -> Found:
        question = TaughtQuestion(
            id=text,
            text=text,
            answers=answers,
            answerable=bool(answers),
            documents=(document,),
            passages=(),
            source="test",
        )
        with library.retriever() as retriever:
            return find(replace(question, **fields), retriever, Settings())

    return found


def gold(found: Found) -> Gold:
    """Return the gold unit of what was found; it must be there."""
    unit = gold_of(found)
    assert isinstance(unit, Gold), unit
    return unit


def made(example: Example | str) -> Example:
    """Return an example that must have been made."""
    assert isinstance(example, Example), example
    return example


def test_the_answer_is_in_the_words_and_with_the_number_of_its_evidence(ask: Ask) -> None:
    found = ask("How many hours do cats sleep?", "fourteen")
    for seed in range(10):
        example = made(answered(found, gold(found), "train", random.Random(seed)))
        holding = [each for each in example.evidence if "fourteen" in each.text]

        assert example.target == f"fourteen. [{holding[0].number}]"


def test_evidence_is_numbered_as_it_is_shown(ask: Ask) -> None:
    found = ask("How many hours do cats sleep?", "fourteen")
    example = made(answered(found, gold(found), "train", random.Random(3)))

    assert [each.number for each in example.evidence] == list(range(1, len(example.evidence) + 1))


def test_the_gold_unit_comes_in_every_place(ask: Ask) -> None:
    found = ask("How many hours do cats sleep?", "fourteen")
    targets = {
        made(answered(found, gold(found), "train", random.Random(seed))).target
        for seed in range(60)
    }

    assert targets == {f"fourteen. [{number}]" for number in (1, 2, 3, 4)}


def test_another_document_that_holds_the_answer_is_not_shown(library: Library, ask: Ask) -> None:
    library.put("lions.md", "Lions sleep fourteen hours a day, too.", title="Lions")
    found = ask("How many hours do cats sleep?", "fourteen")
    for seed in range(20):
        example = made(answered(found, gold(found), "train", random.Random(seed)))

        assert [each.document for each in example.evidence].count("lions.md") == 0


def test_a_question_for_an_explanation_is_answered_by_a_sentence(
    library: Library, ask: Ask
) -> None:
    library.put(
        "moths.md", "Moths sleep in daylight because many birds would see them fly.", title="Moths"
    )
    found = ask(
        "Why do moths sleep in daylight?", "many birds would see them fly", document="moths.md"
    )
    example = made(answered(found, gold(found), "train", random.Random(0)))

    assert example.kind == "sentence"
    assert example.target.startswith(
        "Moths sleep in daylight because many birds would see them fly. ["
    )


def test_a_document_that_search_does_not_find_says_so(ask: Ask) -> None:
    assert gold_of(ask("How do cats sleep?", "well", document="whales.md")) == "search missed it"


def test_an_answer_in_other_words_than_the_document_says_so(ask: Ask) -> None:
    assert gold_of(ask("How many hours do cats sleep?", "14")) == "no unit holds the answer"


def test_two_units_alike_that_hold_the_answer_say_so(library: Library, ask: Ask) -> None:
    library.put("owls.md", "Owls sleep ten hours.\nOwls sleep ten hours a day.", title="Owls")
    found = ask("How many hours do owls sleep?", "ten", document="owls.md")
    alike = tuple(replace(each, score=1.0) for each in found.scored)

    assert gold_of(replace(found, scored=alike)) == "several places hold the answer"


def test_confirmed_passages_are_answers_themselves(ask: Ask) -> None:
    found = ask("How long do cats sleep?", "Half a day and more.", source=FEEDBACK)

    assert gold(found).said == "Cats sleep fourteen hours a day."


def test_without_the_answer_the_target_declines(ask: Ask) -> None:
    found = ask("How many hours do cats sleep?", "fourteen")
    example = made(absent(found, "train", random.Random(0)))

    assert example.target == "not found"
    assert all("fourteen" not in each.text for each in example.evidence)


def test_what_leans_on_the_answer_is_taken_out_with_it(library: Library, ask: Ask) -> None:
    library.put("bats.md", "Bats sleep nineteen hours. They hang in caves.", title="Bats")
    found = ask("How many hours do bats sleep?", "nineteen", document="bats.md")

    left = without(found.scored, ["nineteen"])

    assert all(item.candidate.document != "bats.md" for item in left)


def test_what_looks_like_the_answer_stays_where_there_is_none(ask: Ask) -> None:
    found = ask("How many hours did cats sleep in Rome?", tempting=("fourteen",))
    for seed in range(10):
        example = made(unanswerable(found, "train", random.Random(seed)))
        held = next(each.number for each in example.evidence if "fourteen" in each.text)

        assert example.target == "not found"
        assert example.rejected[0] == f"fourteen. [{held}]"


def test_two_sources_that_disagree_are_both_told(ask: Ask) -> None:
    found = ask("When was the tower of Vik built?", "1889", document="towers.md")
    example = made(answered(found, gold(found), "train", random.Random(1)))

    both = made(conflicting(example, Names({}), random.Random(1)))

    said = {
        each.number: next(word for word in ("1889", both.answers[1]) if word in each.text)
        for each in both.evidence
        if "tower of Vik" in each.text
    }
    assert both.target == " ".join(f"{word}. [{number}]" for number, word in said.items())
    assert len(said) == 2


def test_the_second_source_has_another_title(ask: Ask) -> None:
    found = ask("When was the tower of Vik built?", "1889", document="towers.md")
    example = made(answered(found, gold(found), "train", random.Random(1)))
    both = made(conflicting(example, Names({}), random.Random(1)))

    titles = [each.title for each in both.evidence if "tower of Vik" in each.text]

    assert len(set(titles)) == 2
    assert all("Towers" in title for title in titles)


def test_an_instruction_in_the_evidence_changes_no_target(ask: Ask) -> None:
    found = ask("How many hours do cats sleep?", "fourteen")
    example = made(answered(found, gold(found), "train", random.Random(2)))
    for seed in range(40):
        planted = injected(example, random.Random(seed))
        pairs_of = zip(planted.evidence, example.evidence, strict=True)
        changed = [one.text for one, other in pairs_of if one.text != other.text]

        assert planted.target == example.target
        assert len(changed) == 1
        assert planted.target not in planted.rejected


def test_our_instructions_are_not_those_that_are_measured_with(ask: Ask) -> None:
    folder = Path(__file__).parents[3] / "shared" / "data" / "injection"
    if not folder.is_dir():
        pytest.skip("../shared/data/injection is not here")
    measured = "\n".join(
        path.read_text(encoding="utf-8").lower() for path in sorted(folder.rglob("*.jsonl"))
    )
    found = ask("How many hours do cats sleep?", "fourteen")
    example = made(answered(found, gold(found), "train", random.Random(2)))
    for seed in range(200):
        planted = injected(example, random.Random(seed))
        for one, other in zip(planted.evidence, example.evidence, strict=True):
            if one.text != other.text:
                added = one.text
                for part in other.text.split(". "):
                    added = added.replace(part, "")
                assert added.strip(" .").lower() not in measured


def test_two_questions_in_one_are_answered_by_a_sentence_each(ask: Ask) -> None:
    built = ask("When was the tower of Vik built?", "1889", document="towers.md")
    high = ask("How high is the tower of Vik?", "41 metres", document="towers.md")
    asked = [Asked(each, gold(each)) for each in (built, high)]
    found = list(pairs(asked, random.Random(0)))

    example = made(several(*found[0], "train", random.Random(0)))

    numbers = {
        said: next(each.number for each in example.evidence if said in shown_text(each))
        for said in ("1889", "41 metres")
    }
    wanted = {f"{said}. [{number}]" for said, number in numbers.items()}
    assert set(example.target.replace("] ", "]\n").splitlines()) == wanted


def test_questions_that_one_unit_answers_are_not_joined(ask: Ask) -> None:
    one = ask("How many hours do cats sleep?", "fourteen")
    other = ask("Who sleeps fourteen hours a day?", "Cats")

    assert list(pairs([Asked(each, gold(each)) for each in (one, other)], random.Random(0))) == []


@pytest.fixture
def many(ask: Ask) -> list[Found]:
    """Return enough questions for every kind."""
    built = ask("When was the tower of Vik built?", "1889", document="towers.md")
    asked = [
        built,
        ask("How high is the tower of Vik?", "41 metres", document="towers.md"),
        ask("How many hours do cats sleep?", "fourteen"),
        ask("How many hours do dogs sleep?", "ten", document="dogs.md"),
        ask("What does a horse eat?", "hay", document="horses.md"),
        ask("Who built the tower of Vik?", document="towers.md"),
        ask("How many hours do whales sleep?"),
    ]
    return [
        replace(each, question=replace(each.question, id=f"{each.question.id} {number}"))
        for number in range(8)
        for each in asked
    ]


def test_a_set_has_every_kind_but_explanations(many: list[Found]) -> None:
    kinds = {example.kind for example in make(many, 0).examples}

    assert kinds == {
        "absent",
        "answer",
        "conflict",
        "injected",
        "several",
        "table",
        "unanswerable",
    }


def test_a_quarter_of_a_set_or_somewhat_more_is_declined(many: list[Found]) -> None:
    examples = make(many, 0).examples
    declined = sum(example.target == "not found" for example in examples)

    assert 0.2 < declined / len(examples) < 0.4


def test_the_same_questions_and_seed_make_the_same_set(many: list[Found]) -> None:
    assert make(many, 3) == make(many, 3)


def test_another_seed_makes_another_set(many: list[Found]) -> None:
    assert make(many, 3).examples != make(many, 4).examples


def test_no_document_is_in_two_splits_whatever_the_seed(many: list[Found]) -> None:
    splits: dict[str, set[str]] = {}
    for example in [*make(many, 0).examples, *make(many, 1).examples]:
        splits.setdefault(example.document, set()).add(example.split)

    assert all(len(found) == 1 for found in splits.values())


def test_what_could_not_be_used_is_counted(many: list[Found], ask: Ask) -> None:
    missed = ask("How do cats sleep?", "well", document="whales.md")

    assert make([*many, missed], 0).left_out["search missed it"] == 1


def test_a_few_documents_in_a_hundred_are_kept_apart() -> None:
    splits = [split_of(f"document {number}") for number in range(5_000)]

    assert 150 < splits.count("test") < 250
    assert 150 < splits.count("validation") < 250


def test_without_feedback_it_says_where_to_give_some(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="citewell ui"):
        feedback_questions(Settings(home=tmp_path))


def test_found_units_are_in_the_order_of_their_rank(ask: Ask) -> None:
    scored: tuple[Scored, ...] = ask("How many hours do cats sleep?", "fourteen").scored

    assert scored[0].candidate.text == "Cats sleep fourteen hours a day."
