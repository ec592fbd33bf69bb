"""What the page shows of an answer, and that nothing in it becomes markup."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from citewell.app.answer_values import Answered, AnswerSentence, LeftOut, Reading, Searched
from citewell.app.page.model_note import ModelNote
from citewell.app.page.render import (
    answer_html,
    empty_chat_html,
    error_html,
    model_html,
    note_html,
    question_html,
    sources_html,
)
from citewell.app.page.turns import Turn, follow
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Document

PLANTED = (
    "![x](http://127.0.0.1:9/a.png) <img src=http://127.0.0.1:9/b.png> ![y][ref] "
    "<http://127.0.0.1:9/> [l](javascript:1) :red[r] $x$ </mark><script>1</script> \"'"
)


class Seen(HTMLParser):
    """Collects the tags, the links and the visible text of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.marked = ""
        self.text = ""
        self._in_mark = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "style"}]
        self._in_mark |= tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._in_mark &= tag != "mark"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._in_mark:
            self.marked += data


def turn_html(turn: Turn, number: int, *, live: bool = False) -> str:
    return answer_html(turn, number, live=live) + sources_html(turn, number)


def asked(engine: Any, question: str) -> Turn:
    *_, last = follow(engine, "animals", Turn(question), (), Settings())
    return last


def turn_of(make: Any, *sentences: AnswerSentence, **answer: Any) -> Turn:
    events = [Searched(()), Answered(make.answer(*sentences, **answer))]
    return asked(make.engine(events), "How long?")


def test_a_marker_leads_to_the_card_of_its_number(make: Any) -> None:
    html = turn_html(turn_of(make, make.sentence("They sleep [1].", make.citation())), 3)

    assert 'href="#answer-3-source-1"' in html
    assert 'id="answer-3-source-1"' in html
    assert Seen(html).text.startswith("They sleep [1].")


def test_a_number_that_cites_nothing_stays_text(make: Any) -> None:
    html = answer_html(turn_of(make, make.sentence("Of the year [7] [1].", make.citation())), 1)

    assert Seen(html).links == ["#answer-1-source-1"]
    assert "Of the year [7] " in html


def test_a_citation_without_a_marker_in_the_text_gets_one(make: Any) -> None:
    html = turn_html(turn_of(make, make.sentence("They sleep.", make.citation())), 1)

    assert Seen(html).text.startswith("They sleep. [1]")


def test_an_unsupported_sentence_says_so(make: Any) -> None:
    seen = Seen(turn_html(turn_of(make, make.sentence("They fly.", supported=False)), 1))

    assert "They fly. not supported by the documents" in seen.text


def test_a_flagged_sentence_says_why_it_is_not_supported(make: Any) -> None:
    said = replace(make.sentence("They fly."), supported=False, reason="the number 7 differs")
    seen = Seen(turn_html(turn_of(make, said), 1))

    assert "They fly. the number 7 differs" in seen.text


def test_the_question_that_was_searched_is_shown_where_it_is_another(make: Any) -> None:
    events = [Searched((), "How long do elephants sleep?"), Answered(make.answer(make.sentence()))]
    turn = asked(make.engine(events), "And how long?")

    assert "Searched for: How long do elephants sleep?" in Seen(turn_html(turn, 1)).text


def test_the_question_that_was_searched_as_asked_is_not_repeated(make: Any) -> None:
    assert "Searched for" not in turn_html(turn_of(make, make.sentence()), 1)


def test_an_ambiguous_question_is_shown_with_its_readings(make: Any) -> None:
    answer = replace(
        make.answer(mode="abstained", reason="ambiguous"),
        readings=(Reading("How long (Elephants)?", make.citation()),),
    )
    turn = asked(make.engine([Answered(answer)]), "How long?")

    seen = Seen(turn_html(turn, 1))
    assert f"How long (Elephants)?animals/elephants.md · page 2{make.quote}" in seen.text


def test_what_was_left_out_of_the_draft_is_listed_with_its_reason(make: Any) -> None:
    answer = replace(
        make.answer(make.sentence()), left_out=(LeftOut("They fly.", "nothing says it."),)
    )
    turn = asked(make.engine([Answered(answer)]), "How long?")

    assert "Left out of the draft: 1They fly. nothing says it." in Seen(turn_html(turn, 1)).text


def test_nothing_that_is_planted_in_readings_or_a_draft_becomes_markup(make: Any) -> None:
    planted = Document(PLANTED, PLANTED, PLANTED)
    cited = make.citation(quote=PLANTED, document=planted, page=None)
    answer = replace(
        make.answer(mode="abstained", reason="ambiguous"),
        readings=(Reading(PLANTED, cited),),
        left_out=(LeftOut(PLANTED, PLANTED),),
    )
    events = [Searched((), PLANTED), Answered(answer)]
    turn = asked(make.engine(events, documents_held=[planted]), PLANTED)

    seen = Seen(turn_html(turn, 1))
    assert not {"img", "script", "a"} & set(seen.tags)
    assert seen.text.count(PLANTED) == 6


def test_sentences_set_apart_are_paragraphs(make: Any) -> None:
    one = make.sentence("One.")
    two = make.sentence("Two.", start=5)
    three = make.sentence("Three.", start=11)

    html = turn_html(turn_of(make, one, two, three), 1)

    assert re.findall(r'<p class="cw-said">(.*?)</p>', html) == ["One. Two.", "Three."]


def test_extracted_sentences_stand_apart(make: Any) -> None:
    one = make.sentence("One [1].", make.citation())
    two = make.sentence("Two [1].", make.citation(), start=9)

    html = turn_html(turn_of(make, one, two, mode="extractive"), 1)

    assert html.count('<p class="cw-said cw-quoted">') == 2
    assert "Answered in 1.9 s" in Seen(html).text


def test_a_written_answer_names_its_writer(make: Any) -> None:
    seen = Seen(turn_html(turn_of(make, make.sentence("One.")), 1))

    assert "Written by the bundled model, checked against the sources · 1.9 s" in seen.text


@pytest.mark.parametrize(
    ("fault", "how"), [(None, "cw-notices"), ("unreachable", "cw-note"), ("failed", "cw-note")]
)
def test_notices_are_shown_and_a_failure_of_the_model_stands_out(
    make: Any, fault: Any, how: str
) -> None:
    notices = ["Searched by words alone.", "A sentence was left out."]
    turn = turn_of(make, make.sentence("One."), notices=notices)
    assert turn.answer is not None

    html = turn_html(replace(turn, answer=replace(turn.answer, fault=fault)), 1)

    assert (
        f'<div class="{how}" role="note"><p>Searched by words alone.</p>'
        "<p>A sentence was left out.</p></div>" in html
    )


def test_an_abstention_gives_its_reason_and_what_was_found(make: Any) -> None:
    turn = turn_of(make, mode="abstained", reason="weak_match", sources=[make.passage()])

    seen = Seen(turn_html(turn, 1))

    assert "The documents touch on this, but no passage answers it." in seen.text
    assert "What was found instead" in seen.text
    assert "animals/elephants.md · pages 1–2 · Sleep" in seen.text
    assert "They are the largest living land animals." in seen.text


def test_an_abstention_that_found_nothing_shows_no_list(make: Any) -> None:
    seen = Seen(turn_html(turn_of(make, mode="abstained", reason="no_match"), 1))

    assert "Most words of the question stand nowhere in the documents." in seen.text
    assert "What was found instead" not in seen.text


def test_an_answer_on_its_way_says_what_goes_on() -> None:
    html = turn_html(Turn("How long?", progress="Searching …"), 1, live=True)

    assert '<p class="cw-progress" role="status">Searching …</p>' in html


def test_an_answer_that_was_stopped_says_so() -> None:
    seen = Seen(turn_html(Turn("How long?", progress="Searching …"), 1))

    assert seen.text == "Stopped before the answer was complete."


def test_nothing_that_is_planted_becomes_markup(make: Any) -> None:
    planted = Document(PLANTED, PLANTED, f"{PLANTED} The quote. {PLANTED}")
    cited = make.citation(quote=f"{PLANTED} The quote.", document=planted, page=None)
    said = make.sentence(f"{PLANTED} [1]", cited, supported=False)
    answer = make.answer(said, notices=[PLANTED])
    engine = make.engine([Answered(answer)], documents_held=[planted])
    turn = asked(engine, PLANTED)

    seen = Seen(turn_html(turn, 1) + question_html(PLANTED))

    assert set(seen.tags) == {
        "a", "blockquote", "button", "details", "div", "h2", "mark", "p", "section", "span",
        "summary",
    }  # fmt: skip
    assert Seen(answer_html(turn, 1)).links == ["#answer-1-source-1"]
    assert seen.marked == f"{PLANTED} The quote."


def test_nothing_that_is_planted_in_a_passage_becomes_markup(make: Any) -> None:
    planted = Document(PLANTED, PLANTED, PLANTED)
    turn = turn_of(make, mode="abstained", reason="off_topic", sources=[make.passage(planted)])

    seen = Seen(turn_html(turn, 1))

    assert not {"img", "script"} & set(seen.tags)
    assert PLANTED in seen.text


@pytest.mark.parametrize("show", [note_html, error_html, question_html])
def test_nothing_that_is_planted_in_a_message_becomes_markup(show: Any) -> None:
    seen = Seen(show(PLANTED))

    assert {"p"} <= set(seen.tags) <= {"p", "div"}
    assert seen.text == PLANTED


def test_the_empty_chat_names_the_collection(make: Any) -> None:
    [collection] = make.engine().collections()

    assert Seen(empty_chat_html(collection)).text.startswith("Ask animals")


def test_a_local_model_keeps_everything_here() -> None:
    seen = Seen(model_html(ModelNote("llama3.2", "127.0.0.1:11434", local=True)))

    assert "Nothing leaves this machine." in seen.text


def test_a_server_elsewhere_is_named() -> None:
    seen = Seen(model_html(ModelNote("gpt", "llm.example:8443", local=False)))

    assert "are sent to llm.example:8443." in seen.text
    assert "Nothing leaves" not in seen.text
