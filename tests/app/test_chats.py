"""Conversations: made, named, listed, sought, changed and deleted."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from citewell.app.answer_values import (
    Answer,
    AnswerSentence,
    Citation,
    Evidence,
    LeftOut,
    Reading,
    Sent,
    Timings,
)
from citewell.app.chats.protocol import Chats
from citewell.app.chats.sqlite_chats import open_chats
from citewell.app.chats.values import Feedback, KeptTurn, RightPassage
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.layout import Box, Mark
from citewell.retrieval.values import Chunk, Passage, Scores

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)

CITATION = Citation(
    marker=1,
    document="lease.pdf",
    title="Lease",
    page=3,
    start=4,
    end=28,
    quote="Notice is three months.",
    state="corrected",
    boxes=(Mark(3, Box(72.0, 90.5, 130.256, 104.0)),),
    place="Terms!A2:B2",
    header="term\tlength",
)
SENTENCE = AnswerSentence("The notice is three months.", 0, 27, True, (CITATION,))
EVIDENCE = Evidence(1, "lease.pdf", "Lease", 4, 28, CITATION.quote, ("Terms",), 1, 2.5, "a\tb")
PASSAGE = Passage(
    1, Chunk("lease.pdf", 0, 40, "Notice.", 2, 3, ("Terms",)), "Lease", 0.5, Scores(lexical=1.5)
)
ANSWER = Answer(
    question="How long is the notice?",
    text="The notice is three months. [1]",
    mode="generated",
    reason=None,
    sentences=(SENTENCE,),
    sources=(PASSAGE,),
    model="qwen3:4b",
    timings=Timings(12.5, None, 80.25),
    notices=("The index is old.",),
    fault="failed",
    standalone="How long is the notice of the lease?",
    confidence=0.75,
    readings=(Reading("Of the tenant?", CITATION),),
    left_out=(LeftOut("It rains.", "nothing says so"),),
    sent=Sent((EVIDENCE,), (EVIDENCE,), 9, 600),
)
TURN = KeptTurn("t1", "How long is the notice?", NOON, ANSWER, None, (SENTENCE,), ANSWER.standalone)


def asked(id_: str, question: str, said: str = "") -> KeptTurn:
    """Return a turn that says something and cites nothing."""
    sentences = (AnswerSentence(said, 0, len(said), True, ()),) if said else ()
    return KeptTurn(id_, question, NOON, sentences=sentences)


@pytest.fixture
def chats(tmp_path: Path) -> Iterator[Chats]:
    """Conversations in an empty home folder."""
    opened = open_chats(tmp_path / "home")
    yield opened
    opened.close()


def test_a_new_conversation_has_no_turns_and_says_so_in_its_title(chats: Chats) -> None:
    made = chats.create("papers", {"k": 8})

    assert (made.title, made.collection, made.person) == ("New conversation", "papers", "")
    assert (made.choices, made.turns, made.created) == ({"k": 8}, 0, made.changed)
    assert chats.get(made.id) == made


def test_a_new_conversation_takes_the_preferences_of_its_person(chats: Chats) -> None:
    chats.set_preferences({"k": 3})
    chats.set_preferences({"k": 9, "labels": ["hr"]}, "ann")

    assert chats.create("papers", person="ann").choices == {"k": 9, "labels": ["hr"]}
    assert chats.create("papers").choices == {"k": 3}
    assert chats.create("papers", {}).choices == {}
    assert chats.preferences("bob") == {}


def test_a_turn_comes_back_as_it_was_put_in(chats: Chats) -> None:
    made = chats.create("papers")

    chats.put_turn(made.id, TURN)

    assert chats.turns(made.id) == [TURN]


def test_a_time_of_another_zone_is_the_same_moment(chats: Chats) -> None:
    made = chats.create("papers")
    east = timezone(timedelta(hours=5, minutes=30))

    chats.put_turn(made.id, replace(TURN, asked=datetime(2026, 1, 1, 3, 0, tzinfo=east)))

    assert chats.turns(made.id)[0].asked == datetime(2025, 12, 31, 21, 30, tzinfo=UTC)


def test_a_turn_that_was_stopped_keeps_the_sentences_it_had(chats: Chats) -> None:
    made = chats.create("papers")
    stopped = replace(TURN, answer=None)
    failed = KeptTurn("t2", "And now?", NOON, error="The model's server does not answer.")

    chats.put_turn(made.id, stopped)
    chats.put_turn(made.id, failed)

    assert chats.turns(made.id) == [stopped, failed]


def test_a_turn_put_again_takes_its_old_place(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, asked("t1", "First?"))
    chats.put_turn(made.id, asked("t2", "Second?"))

    chats.put_turn(made.id, asked("t1", "First, again?", "Yes."))

    found = [(turn.id, turn.question) for turn in chats.turns(made.id)]
    assert found == [("t1", "First, again?"), ("t2", "Second?")]
    assert chats.get(made.id).turns == 2


def test_the_first_question_names_the_conversation_also_when_it_is_edited(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, asked("t1", "Who  is\nthe landlord?"))
    named = chats.get(made.id).title
    chats.put_turn(made.id, asked("t2", "And the tenant?"))

    chats.cut(made.id, "t1")
    chats.put_turn(made.id, asked("t3", "Who pays?"))

    assert (named, chats.get(made.id).title) == ("Who is the landlord?", "Who pays?")


def test_a_title_that_was_given_stays(chats: Chats) -> None:
    made = chats.create("papers")
    chats.rename(made.id, "  The flat\n in Main Street ")

    chats.put_turn(made.id, asked("t1", "Who is the landlord?"))

    assert chats.get(made.id).title == "The flat in Main Street"


@pytest.mark.parametrize("title", ["", "  \n", "\u200b\u202e"])
def test_a_title_without_anything_to_see_is_refused(chats: Chats, title: str) -> None:
    made = chats.create("papers")

    with pytest.raises(ConfigError, match="holds no words"):
        chats.rename(made.id, title)


@pytest.mark.parametrize("question", ["ما هي مدة الإيجار؟", "🏠 Miete? 🏳️‍🌈", "‏שלום"])
def test_a_question_of_any_script_names_and_is_kept(chats: Chats, question: str) -> None:
    made = chats.create("papers")

    chats.put_turn(made.id, asked("t1", question))

    assert chats.turns(made.id)[0].question == question
    assert chats.get(made.id).title
    assert [found.id for found in chats.conversations(question)] == [made.id]


def test_a_very_long_question_is_kept_whole_and_its_title_is_short(chats: Chats) -> None:
    made = chats.create("papers")
    question = "Why is the rent so high? " * 8_000

    chats.put_turn(made.id, asked("t1", question))

    assert chats.turns(made.id)[0].question == question
    assert chats.get(made.id).title == (
        "Why is the rent so high? Why is the rent so high? Why is the rent so …"
    )


def test_a_long_word_without_spaces_makes_a_short_title(chats: Chats) -> None:
    made = chats.create("papers")

    chats.put_turn(made.id, asked("t1", "家" * 5_000))

    assert chats.get(made.id).title == "家" * 35 + " …"


def test_half_a_surrogate_pair_is_kept_as_a_replacement(chats: Chats) -> None:
    made = chats.create("papers")

    chats.put_turn(made.id, asked("t1", "Rent\ud83c?", "It is \udfe0 900."))
    chats.set_feedback("t1", Feedback(comment="odd \ud83c"))

    found = chats.turns(made.id)[0]
    assert (found.question, found.sentences[0].text) == ("Rent\ufffd?", "It is \ufffd 900.")
    assert chats.feedback("t1") == Feedback(comment="odd \ufffd")


def test_the_conversation_asked_last_comes_first(chats: Chats) -> None:
    first, second = chats.create("papers"), chats.create("papers")
    before = [found.id for found in chats.conversations()]

    chats.put_turn(first.id, TURN)

    assert before == [second.id, first.id]
    assert [found.id for found in chats.conversations()] == [first.id, second.id]
    assert [found.id for found in chats.conversations(most=1)] == [first.id]


def test_conversations_are_those_of_one_person(chats: Chats) -> None:
    hers = chats.create("papers", person="ann")
    chats.create("papers")

    assert chats.conversations(person="ann") == [hers]


@pytest.mark.parametrize(
    "words",
    ["landlord", "LANDLORD notice", "müller", "muller", "Mülle", "ﬁve", "five", "months  notice"],
)
def test_words_are_found_in_title_question_and_answer(chats: Chats, words: str) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, asked("t0", "Who is the landlord?", "Herr Müller is, since ﬁve years."))
    chats.put_turn(made.id, TURN)
    chats.put_turn(chats.create("papers").id, asked("other", "Do cats purr?"))

    assert [found.id for found in chats.conversations(words)] == [made.id]


@pytest.mark.parametrize("words", ["%", "_", "land_ord", "*", '"', "'", "\\", "notice%", "NEAR("])
def test_signs_have_no_meaning_in_a_search(chats: Chats, words: str) -> None:
    chats.put_turn(chats.create("papers").id, asked("t1", "Who is the landlord?", "A notice."))

    assert chats.conversations(words) == []


def test_signs_are_found_as_they_stand(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, asked("t1", "Is 100% of a_b 'due'?"))

    assert [found.id for found in chats.conversations("100% a_b 'due'")] == [made.id]


def test_each_word_has_to_stand_somewhere(chats: Chats) -> None:
    chats.put_turn(chats.create("papers").id, asked("t1", "Who is the landlord?"))

    assert chats.conversations("landlord tenant") == []


def test_a_given_title_is_searched_in_place_of_the_old_one(chats: Chats) -> None:
    made = chats.create("papers")
    chats.rename(made.id, "Old name")

    chats.rename(made.id, "Straße")

    assert [found.id for found in chats.conversations("STRASSE")] == [made.id]
    assert chats.conversations("old") == []


def test_words_that_were_replaced_or_cut_are_not_found(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, asked("t1", "First?", "Some apples."))
    chats.put_turn(made.id, asked("t2", "Second?", "Some pears."))
    chats.put_turn(made.id, asked("t3", "Third?", "Some plums."))

    chats.put_turn(made.id, asked("t1", "First?", "Some grapes."))
    chats.cut(made.id, "t2")

    assert [turn.id for turn in chats.turns(made.id)] == ["t1"]
    found = {word: len(chats.conversations(word)) for word in ("apple", "grape", "pear", "plum")}
    assert found == {"apple": 0, "grape": 1, "pear": 0, "plum": 0}


def test_a_turn_that_is_not_there_cuts_nothing(chats: Chats) -> None:
    made, other = chats.create("papers"), chats.create("papers")
    chats.put_turn(made.id, TURN)
    chats.put_turn(other.id, asked("t2", "Second?"))

    chats.cut(made.id, "t2")

    assert (chats.turns(made.id), len(chats.turns(other.id))) == ([TURN], 1)


def test_choices_are_kept_with_the_conversation(chats: Chats) -> None:
    made, other = chats.create("papers"), chats.create("papers")

    chats.choose(made.id, {"llm": "none", "k": 7, "where": None})

    assert chats.get(made.id).choices == {"llm": "none", "k": 7, "where": None}
    assert chats.get(other.id).choices == {}


def test_conversations_follow_a_collection_to_its_new_name(chats: Chats) -> None:
    made, other = chats.create("papers"), chats.create("letters")

    chats.move("papers", "articles")

    names = {found.id: found.collection for found in chats.conversations()}
    assert names == {made.id: "articles", other.id: "letters"}


def test_a_deleted_conversation_is_gone_with_its_turns_and_feedback(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, TURN)
    chats.set_feedback("t1", Feedback("up"))

    chats.delete(made.id)

    assert (chats.conversations(), chats.turns(made.id), chats.feedback("t1")) == ([], [], None)
    assert (chats.feedback_of(made.id), chats.judged()) == ({}, [])


def test_deleting_twice_is_no_error(chats: Chats) -> None:
    made, other = chats.create("papers"), chats.create("papers")
    chats.delete(made.id)

    chats.delete(made.id)

    assert chats.conversations() == [other]


def test_a_conversation_deleted_in_another_tab_refuses_what_is_written_to_it(
    chats: Chats, tmp_path: Path
) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, TURN)
    other_tab = open_chats(tmp_path / "home")
    other_tab.delete(made.id)
    other_tab.close()

    with pytest.raises(NotConfigured, match=r"The conversation '[0-9a-f]{32}' is gone"):
        chats.put_turn(made.id, TURN)
    with pytest.raises(NotConfigured, match="is gone"):
        chats.get(made.id)
    with pytest.raises(NotConfigured, match="is gone"):
        chats.rename(made.id, "Name")
    with pytest.raises(NotConfigured, match="The answer 't1' is gone"):
        chats.set_feedback("t1", Feedback("up"))
    assert chats.turns(made.id) == []


def test_a_turn_is_not_moved_to_another_conversation(chats: Chats) -> None:
    made, other = chats.create("papers"), chats.create("papers")
    chats.put_turn(made.id, TURN)

    with pytest.raises(ValueError, match="'t1' stands in another conversation"):
        chats.put_turn(other.id, TURN)


def test_feedback_comes_back_and_can_be_changed_and_taken_back(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, TURN)
    said = Feedback("down", "No!", (1, 3), RightPassage("lease.pdf", 4, 28, "Notice is"))

    chats.set_feedback("t1", Feedback("up"))
    chats.set_feedback("t1", said)
    kept = chats.feedback("t1"), chats.feedback_of(made.id)
    chats.set_feedback("t1", None)

    assert kept == (said, {"t1": said})
    assert chats.feedback("t1") is None


def test_taking_back_what_was_said_of_a_turn_that_is_gone_is_no_error(chats: Chats) -> None:
    chats.set_feedback("t1", None)

    assert chats.feedback("t1") is None


def test_feedback_goes_when_the_question_is_answered_anew(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, TURN)
    chats.set_feedback("t1", Feedback("down"))

    chats.put_turn(made.id, TURN)
    same = chats.feedback("t1")
    chats.put_turn(made.id, replace(TURN, answer=None, sentences=()))

    assert (same, chats.feedback("t1")) == (Feedback("down"), None)


def test_feedback_that_was_given_while_the_answer_grew_stays(chats: Chats) -> None:
    made = chats.create("papers")
    chats.put_turn(made.id, replace(TURN, answer=None))
    chats.set_feedback("t1", Feedback("up"))

    chats.put_turn(made.id, TURN)

    assert chats.feedback("t1") == Feedback("up")


def test_what_was_judged_comes_in_the_order_it_was_said(chats: Chats) -> None:
    papers, letters = chats.create("papers", person="ann"), chats.create("letters")
    chats.put_turn(papers.id, TURN)
    chats.put_turn(letters.id, asked("t2", "Second?"))
    chats.set_feedback("t2", Feedback("down"))
    chats.set_feedback("t1", Feedback("up"))

    found = [(each.turn.id, each.feedback.rating) for each in chats.judged()]

    assert found == [("t2", "down"), ("t1", "up")]
    assert [each.conversation for each in chats.judged("papers")] == [chats.get(papers.id)]
    assert chats.judged("none") == []
