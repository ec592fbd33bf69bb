"""A question becomes a checked answer, a quoted one or an abstention, whatever the model does."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol, cast

import pytest

from citewell.app.answer_values import Answer, Answered, Event, Said, Searched
from citewell.app.answering import Answerer, open_answerer
from citewell.app.followups import Turn
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.retrieval.errors import ModelError, ModelUnreachable, NotConfigured
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Document

QUOTED = "The answer is quoted from the documents."
LEFT_OUT = "A sentence of the draft was left out: no evidence supports what it says."
QUESTION = "How long do cats sleep?"
GOOD = "Cats sleep fourteen hours a day [1]."

Reply = str | Exception | Sequence[str | Exception]


class Library(Protocol):
    home: Path

    def put(self, name: str, *texts: str, title: str = ...) -> Document: ...
    def remove(self, name: str) -> None: ...
    def retriever(self) -> Retriever: ...


class Model(Protocol):
    shown: list[tuple[Message, ...]]
    settings: list[GenerationSettings]
    open: int
    closed: int

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def context_tokens(self) -> int | None: ...
    def count_tokens(self, text: str) -> int: ...
    def stream(
        self, messages: Sequence[Message], settings: GenerationSettings
    ) -> Generator[str]: ...
    def close(self) -> None: ...


Scripted = Callable[[Sequence[Reply]], Model]


class Ask(Protocol):
    def __call__(self, reply: Reply, question: str = ..., **chosen: object) -> Answer: ...


@pytest.fixture
def ask(retriever: Retriever, scripted: Scripted) -> Ask:
    """Asks a question of the library with a model that gives one reply."""

    def answer(reply: Reply, question: str = QUESTION, **chosen: object) -> Answer:
        settings = Settings.model_validate(chosen)
        return Answerer(retriever, scripted([reply]), settings).answer(question)

    return answer


def check(answer: Answer, retriever: Retriever) -> None:
    """Spans, markers and quotes of an answer agree with each other and with the documents."""
    text = ""
    for sentence in answer.sentences:
        text += " " if text else ""
        assert (sentence.start, sentence.supported) == (len(text), True)
        (citation,) = sentence.citations
        text += f"{sentence.text} [{citation.marker}]"
        assert answer.text[sentence.start : sentence.end] == sentence.text
        document = retriever.document(citation.document)
        assert document.text[citation.start : citation.end] == citation.quote
    assert answer.text == text


def test_a_supported_sentence_is_shown_with_its_citation(ask: Ask, retriever: Retriever) -> None:
    answer = ask(GOOD)

    assert (answer.text, answer.mode) == ("Cats sleep fourteen hours a day. [1]", "generated")
    assert (answer.reason, answer.notices, answer.fault) == (None, (), None)
    (citation,) = answer.sentences[0].citations
    assert (citation.document, citation.quote) == ("cats.md", "Cats sleep fourteen hours a day.")
    assert citation.state == "verified"
    assert answer.model == "scripted"
    check(answer, retriever)


def test_the_passages_come_first_then_each_sentence_then_the_answer(
    retriever: Retriever, scripted: Scripted
) -> None:
    model = scripted([f"{GOOD} Cats eat mice [2]."])
    events = list(Answerer(retriever, model, Settings()).stream(QUESTION))

    assert [type(event) for event in events] == [Searched, Said, Said, Answered]
    first, one, two, last = events
    assert isinstance(first, Searched)
    assert isinstance(last, Answered)
    assert first.sources == last.answer.sources
    assert [cast("Said", one).sentence, cast("Said", two).sentence] == list(last.answer.sentences)


def test_a_wrong_marker_is_corrected(ask: Ask, retriever: Retriever) -> None:
    answer = ask("Cats sleep fourteen hours a day [2].")

    (citation,) = answer.sentences[0].citations
    assert (citation.state, citation.quote) == ("corrected", "Cats sleep fourteen hours a day.")
    assert citation.marker == 1
    check(answer, retriever)


def test_a_sentence_without_support_is_left_out_and_that_is_said(
    ask: Ask, retriever: Retriever
) -> None:
    answer = ask(f"{GOOD} Cats were gods in Egypt [1].")

    assert answer.text == "Cats sleep fourteen hours a day. [1]"
    assert answer.mode == "generated"
    assert answer.notices == (LEFT_OUT,)
    check(answer, retriever)


def test_what_was_left_out_is_kept_with_the_reason(ask: Ask) -> None:
    (left_out,) = ask(f"{GOOD} Cats sleep forty hours a day [1].").left_out

    assert left_out.text == "Cats sleep forty hours a day."
    assert left_out.reason == "the source says fourteen hours, not forty hours"


def test_what_has_no_support_is_flagged_where_settings_say_so(ask: Ask) -> None:
    answer = ask(f"{GOOD} Cats were gods in Egypt [1].", unsupported="flag")

    good, flagged = answer.sentences
    assert (good.supported, flagged.supported, flagged.citations) == (True, False, ())
    assert flagged.reason
    assert answer.text == (
        "Cats sleep fourteen hours a day. [1] Cats were gods in Egypt. [unverified]"
    )
    assert (answer.left_out, answer.notices) == ((), ())


def test_an_answer_of_flagged_sentences_alone_quotes_as_well(ask: Ask) -> None:
    answer = ask("Cats were gods in Egypt [1].", unsupported="flag")

    assert [sentence.supported for sentence in answer.sentences] == [False, True]
    assert answer.mode == "extractive"


def test_what_was_sent_and_cut_is_part_of_the_answer(ask: Ask) -> None:
    sent = ask(GOOD, evidence=1).sent

    assert sent is not None
    assert [each.text for each in sent.shown] == ["Cats sleep fourteen hours a day."]
    assert sent.cut[0].number == 2
    assert 0 < sent.tokens <= sent.budget


def test_a_follow_up_is_searched_as_a_question_of_its_own(
    retriever: Retriever, scripted: Scripted
) -> None:
    answerer = Answerer(retriever, scripted(["Horses sleep standing up [1]."]), Settings())

    answer = answerer.answer("How do they sleep?", [Turn("What do Horses eat?", "Hay.")])

    assert answer.question == "How do they sleep?"
    assert answer.standalone == "How do Horses sleep? (eat)"
    assert answer.text == "Horses sleep standing up. [1]"


def test_a_question_that_several_documents_answer_is_declined_with_the_readings(
    library: Library, retriever: Retriever, scripted: Scripted
) -> None:
    for kind, weeks in (("Tenants", "four"), ("Employees", "eight")):
        library.put(f"{kind}.md", f"The notice period is {weeks} weeks.", title=kind)

    answer = Answerer(retriever, scripted([GOOD]), Settings()).answer("What is the notice period?")

    assert (answer.mode, answer.reason, answer.text) == ("abstained", "ambiguous", "")
    assert sorted((each.question, each.citation.quote) for each in answer.readings) == [
        ("What is the notice period (Employees)?", "The notice period is eight weeks."),
        ("What is the notice period (Tenants)?", "The notice period is four weeks."),
    ]


def test_what_the_draft_leaves_out_of_the_best_evidence_is_added(
    ask: Ask, retriever: Retriever
) -> None:
    answer = ask("Dogs sleep ten hours a day.")

    assert answer.text == "Dogs sleep ten hours a day. [1] Cats sleep fourteen hours a day. [2]"
    assert answer.mode == "generated"
    check(answer, retriever)


def test_the_best_evidence_is_not_added_where_settings_say_so(ask: Ask) -> None:
    answer = ask("Dogs sleep ten hours a day.", quote_evidence=False)

    assert answer.text == "Dogs sleep ten hours a day. [1]"


@pytest.mark.parametrize(
    "draft", ["Cats sleep forty hours a day [1].", "How long?", "", "  ", "Cats sleep fourteen"]
)
def test_a_draft_without_support_gives_way_to_the_evidence_itself(
    ask: Ask, retriever: Retriever, draft: str
) -> None:
    answer = ask(draft)

    assert (answer.text, answer.mode) == ("Cats sleep fourteen hours a day. [1]", "extractive")
    assert answer.notices[-1] == QUOTED
    assert answer.fault is None
    check(answer, retriever)


def test_several_sentences_left_out_are_counted(ask: Ask) -> None:
    answer = ask("Cats are gods. Cats are kings. Cats are old.")

    assert answer.notices == (
        "3 sentences of the draft were left out: no evidence supports what it says.",
        QUOTED,
    )


def test_without_a_model_the_evidence_itself_is_the_answer(retriever: Retriever) -> None:
    answerer = Answerer(retriever, None, Settings())

    answer = answerer.answer(QUESTION)

    assert (answer.text, answer.mode) == ("Cats sleep fourteen hours a day. [1]", "extractive")
    assert (answer.model, answer.notices) == (None, (QUOTED,))
    assert answer.timings.first_token is None
    assert answerer.place == "this machine"


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (ModelUnreachable("No server at :1."), "unreachable"),
        (ModelError("It ran out of time."), "failed"),
        (NotConfigured("The model is not installed."), "failed"),
    ],
)
def test_a_model_that_fails_leaves_the_evidence_and_says_why(
    ask: Ask, error: Exception, fault: str
) -> None:
    replies: list[Reply] = [error, ["Cats ", "sleep four", error]]
    for reply in replies:
        answer = ask(reply)

        assert (answer.text, answer.mode) == ("Cats sleep fourteen hours a day. [1]", "extractive")
        assert answer.notices == (str(error), QUOTED)
        assert answer.fault == fault


def test_what_a_model_said_before_it_failed_is_kept(ask: Ask, retriever: Retriever) -> None:
    answer = ask([f"{GOOD} Dogs ", ModelError("It ran out of time.")])

    assert (answer.text, answer.mode) == ("Cats sleep fourteen hours a day. [1]", "generated")
    assert (answer.notices, answer.fault) == (("It ran out of time.",), "failed")
    check(answer, retriever)


def test_an_error_of_the_program_is_not_hidden(ask: Ask) -> None:
    with pytest.raises(ZeroDivisionError, match="a mistake"):
        ask(ZeroDivisionError("a mistake"))


def test_a_model_that_refuses_doubtful_evidence_gives_an_abstention(ask: Ask) -> None:
    answer = ask("Not found.", threshold=0.95)

    assert (answer.mode, answer.reason, answer.text) == ("abstained", "not_supported", "")
    assert answer.abstained
    assert answer.sentences == ()
    assert answer.sources[0].document == "cats.md"


def test_a_model_that_refuses_evidence_beyond_doubt_is_not_believed(ask: Ask) -> None:
    answer = ask("Not found.", threshold=0.1)

    assert (answer.text, answer.mode) == ("Cats sleep fourteen hours a day. [1]", "extractive")


def test_a_refusal_after_an_answer_does_not_take_it_back(ask: Ask) -> None:
    answer = ask(f"{GOOD} Not found.")

    assert (answer.text, answer.mode) == ("Cats sleep fourteen hours a day. [1]", "generated")


@pytest.mark.parametrize("mode", ["hybrid", "lexical", "dense"])
def test_off_topic_questions_are_declined_without_asking_the_model(
    retriever: Retriever, scripted: Scripted, mode: str
) -> None:
    model = scripted([GOOD])
    # The toy embedding finds any two texts at least 0.7 alike.
    settings = Settings.model_validate({"mode": mode, "threshold": 0.8})

    events = list(Answerer(retriever, model, settings).stream("Who won the world cup in 1990?"))

    assert [type(event) for event in events] == [Searched, Answered]
    answer = cast("Answered", events[-1]).answer
    assert (answer.mode, answer.reason, answer.text) == ("abstained", "no_match", "")
    assert model.shown == []


def test_a_search_by_words_alone_answers_too(ask: Ask) -> None:
    assert ask(GOOD, mode="lexical").text == "Cats sleep fourteen hours a day. [1]"


def test_a_blank_question_is_refused(ask: Ask) -> None:
    with pytest.raises(ValueError, match="question is blank"):
        ask(GOOD, question=" \n")


def test_a_model_that_repeats_itself_is_stopped(ask: Ask) -> None:
    late = AssertionError("It was let go on.")

    answer = ask([f"{GOOD} ", f"{GOOD} ", f"{GOOD} ", late])

    assert answer.text == "Cats sleep fourteen hours a day. [1]"
    assert answer.notices == ()


def test_closing_the_stream_early_stops_the_model(retriever: Retriever, scripted: Scripted) -> None:
    model = scripted([f"{GOOD} Dogs sleep ten hours a day [2]. Horses sleep standing up [3]."])
    stream = cast("Generator[Event]", Answerer(retriever, model, Settings()).stream(QUESTION))

    with closing(stream):
        said = [event for _, event in zip(range(2), stream, strict=False)]
        assert isinstance(said[-1], Said)
        assert model.open == 1

    assert model.open == 0


@pytest.mark.parametrize("reply", [GOOD, "Not found.", f"{GOOD} {GOOD} {GOOD}", ModelError("x")])
def test_the_model_is_never_left_open(
    retriever: Retriever, scripted: Scripted, reply: Reply
) -> None:
    model = scripted([reply])

    Answerer(retriever, model, Settings()).answer(QUESTION)

    assert (len(model.shown), model.open) == (1, 0)


def test_the_model_sees_only_the_best_evidence(retriever: Retriever, scripted: Scripted) -> None:
    model = scripted([GOOD])

    Answerer(retriever, model, Settings(evidence=2, max_tokens=7)).answer(QUESTION)

    assert model.shown[0][-1].content == (
        "<evidence>\n[1] (Cats) Cats sleep fourteen hours a day.\n"
        "[2] (Cats) Cats eat mice, birds and fish.\n</evidence>\n\n"
        "Question: How long do cats sleep?"
    )
    assert model.settings[0].max_tokens == 7


class Changing:
    """A model that answers after the documents have changed."""

    name = "changing"
    place = "this machine"
    context_tokens = None

    def __init__(self, change: Callable[[], object]) -> None:
        self.change = change

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        self.change()
        yield f"{GOOD} Dogs sleep ten hours a day."

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    def close(self) -> None:
        pass


def test_a_document_removed_since_the_search_is_not_quoted(
    library: Library, retriever: Retriever
) -> None:
    model = Changing(lambda: library.remove("cats.md"))

    answer = Answerer(retriever, model, Settings()).answer(QUESTION)

    assert answer.text == "Dogs sleep ten hours a day. [1]"
    assert answer.notices == (LEFT_OUT,)
    check(answer, retriever)


def test_a_document_changed_since_the_search_is_not_quoted_wrongly(
    library: Library, retriever: Retriever
) -> None:
    now = "It is a myth that cats sleep fourteen hours a day. Cats eat mice, birds and fish."
    model = Changing(lambda: library.put("cats.md", now, title="Cats"))

    answer = Answerer(retriever, model, Settings()).answer(QUESTION)

    assert "fourteen" not in answer.text
    check(answer, retriever)


def test_when_all_documents_are_gone_it_abstains(library: Library, retriever: Retriever) -> None:
    def clear() -> None:
        for name in ("cats.md", "dogs.md", "horses.md"):
            library.remove(name)

    answer = Answerer(retriever, Changing(clear), Settings()).answer(QUESTION)

    assert (answer.mode, answer.reason, answer.text) == ("abstained", "not_supported", "")
    assert answer.notices == (
        "2 sentences of the draft were left out: no evidence supports what it says.",
    )


def test_times_follow_each_other(ask: Ask) -> None:
    timings = ask(GOOD).timings

    assert timings.first_token is not None
    assert 0 < timings.search <= timings.first_token <= timings.total


def test_closing_an_answerer_closes_its_model(library: Library, scripted: Scripted) -> None:
    model = scripted([GOOD])
    opened = library.retriever()

    with Answerer(opened, model, Settings()) as answerer:
        assert answerer.retriever is opened

    assert model.closed == 1


def test_an_unknown_collection_cannot_be_opened(library: Library) -> None:
    settings = Settings(home=library.home, collection="papers", llm="none")

    with pytest.raises(NotConfigured, match="no collection 'papers'"):
        open_answerer(settings)
