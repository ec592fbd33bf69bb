"""Conversations as Markdown, as a page that stands alone, and answers as text."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from citewell.app.answer_values import Answer, AnswerSentence, Citation, Reading, Timings
from citewell.app.chats.exports import as_html, as_markdown, turn_text
from citewell.app.chats.values import Conversation, KeptTurn
from citewell.retrieval.values import Chunk, Passage, Scores

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CONVERSATION = Conversation("c1", "The lease", "papers", "", NOON, NOON, {}, 1)

NOTICE = Citation(
    marker=1,
    document="lease.pdf",
    title="Lease of 2024",
    page=3,
    start=0,
    end=44,
    quote="Either party may give three months'\nnotice.",
    state="verified",
)
DEPOSIT = Citation(
    marker=2,
    document="costs.xlsx",
    title="Costs",
    page=None,
    start=9,
    end=25,
    quote="Deposit\t1,800",
    state="corrected",
    place="Costs!A2:B2",
    header="Item\tEuros",
)
SENTENCES = (
    AnswerSentence("The notice is three months.", 0, 27, True, (NOTICE,)),
    AnswerSentence("The deposit is 1,800 euros.", 32, 59, True, (NOTICE, DEPOSIT)),
)
FLAGGED = AnswerSentence("Cats may be kept.", 70, 87, False, (), "no passage says so")
PASSAGE = Passage(
    1, Chunk("lease.pdf", 0, 9, "Dogs may not be kept.", 2, 3), "Lease of 2024", 0.5, Scores()
)
ANSWER = Answer(
    "q", "", "generated", None, SENTENCES, (PASSAGE,), "qwen3:4b", Timings(1.0, 2.0, 3.0)
)
TURN = KeptTurn("t1", "How can I leave?", NOON, ANSWER, None, SENTENCES, "How can I end the lease?")
DECLINED = KeptTurn(
    "t2",
    "May I keep a cat?",
    NOON,
    replace(ANSWER, mode="abstained", reason="weak_match", sentences=(), notices=("No index.",)),
)
AMBIGUOUS = KeptTurn(
    "t3",
    "How much?",
    NOON,
    replace(
        DECLINED.answer or ANSWER,
        reason="ambiguous",
        sources=(),
        readings=(Reading("How much is the deposit?", DEPOSIT),),
    ),
)
FAILED = KeptTurn("t4", "And now?", NOON, error="The model's server does not answer.")
STOPPED = KeptTurn("t5", "And then?", NOON, sentences=SENTENCES[:1])

PLANTED = (
    "<img src=https://evil.example/1.png> <script>fetch('https://evil.example/2')</script>"
    ' "><svg onload=alert(1)> <style>@import "https://evil.example/3"</style>\n'
    "![x](https://evil.example/4.png) [click](https://evil.example/5) <https://evil.example/6>\n"
    "[ref]: https://evil.example/7\n[ref] ![ref] https://evil.example/8 www.evil.example\n"
    "# Heading\n- item\n1. one\n> quote\n    code\n```\nfence\n```\n---\n===\n"
    "| a | b |\n| - | - |\n"
    "**bold** __bold__ _em_ ~~gone~~ `code` &lt; &#33; \\ $x$ evil@evil.example\u202e\U000e0041"
)


def planted(text: str) -> tuple[Conversation, list[KeptTurn]]:
    """Return a conversation that has a text wherever one can be."""
    bad = replace(NOTICE, document=text, title=text, quote=text, place=text, header=text)
    sentence = AnswerSentence(text, 0, len(text), True, (replace(bad, state="unverified"),))
    flagged = AnswerSentence(text, 0, len(text), False, (), text)
    chunk = Chunk(text, 0, 9, text, place=text, header=text)
    answer = replace(
        ANSWER,
        sentences=(sentence, flagged),
        sources=(Passage(1, chunk, text, 0.5, Scores()),),
        model=text,
        notices=(text,),
        readings=(Reading(text, bad),),
    )
    declined = replace(answer, mode="abstained", reason="no_match", sentences=())
    turns = [
        KeptTurn("t1", text, NOON, answer, None, answer.sentences, text),
        KeptTurn("t2", text, NOON, replace(answer, mode="extractive"), None, answer.sentences),
        KeptTurn("t3", text, NOON, declined),
        KeptTurn("t4", text, NOON, error=text),
    ]
    return replace(CONVERSATION, title=text, collection=text), turns


class Markup(HTMLParser):
    """Notes the tags and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def kinds_of(tokens: Sequence[Token]) -> set[str]:
    """Return the kinds of Markdown that stand in a text."""
    inside = (kinds_of(token.children) for token in tokens if token.children)
    return {token.type.removesuffix("_open") for token in tokens}.union(*inside)


def markdown_kinds(text: str) -> set[str]:
    """Return what a text holds as Markdown, with HTML, tables and strikethrough."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return {kind for kind in kinds_of(parser.parse(text)) if not kind.endswith("_close")}


def test_an_answer_is_copied_with_its_sources() -> None:
    assert turn_text(TURN) == (
        "The notice is three months. [1] The deposit is 1,800 euros. [1][2]\n"
        "\n"
        "Sources\n"
        "[1] Lease of 2024 (lease.pdf, page 3): “Either party may give three months' notice.”\n"
        "[2] Costs (costs.xlsx, Costs!A2:B2): “Deposit 1,800” (corrected)\n"
    )


def test_a_quoted_answer_is_copied_a_quote_a_paragraph() -> None:
    quoted = replace(TURN, answer=replace(ANSWER, mode="extractive"))

    assert turn_text(quoted).startswith(
        "The notice is three months. [1]\n\nThe deposit is 1,800 euros. [1][2]\n\nSources\n"
    )


def test_an_unsupported_sentence_is_copied_with_the_reason() -> None:
    flagged = replace(TURN, sentences=(FLAGGED,))

    assert turn_text(flagged) == "Cats may be kept. [no passage says so]\n"


@pytest.mark.parametrize(
    ("turn", "text"),
    [
        (DECLINED, "The documents touch on this, but no passage answers it.\n"),
        (FAILED, "The model's server does not answer.\n"),
        (
            STOPPED,
            "The notice is three months. [1]\n\n"
            "Stopped before the answer was complete.\n\n"
            "Sources\n"
            "[1] Lease of 2024 (lease.pdf, page 3): "
            "“Either party may give three months' notice.”\n",
        ),
        (
            AMBIGUOUS,
            "The question can be read in several ways, and the documents answer each.\n\n"
            "- How much is the deposit? [2]\n\n"
            "Sources\n[2] Costs (costs.xlsx, Costs!A2:B2): “Deposit 1,800” (corrected)\n",
        ),
    ],
)
def test_what_is_no_answer_is_copied_as_what_it_is(turn: KeptTurn, text: str) -> None:
    assert turn_text(turn) == text


def test_a_conversation_becomes_markdown() -> None:
    assert as_markdown(CONVERSATION, [TURN]) == (
        "# The lease\n\n"
        "Collection papers · 1 question · 2026-11-22 12:00 UTC\n\n"
        "## How can I leave?\n\n"
        "*Searched for: How can I end the lease?*\n\n"
        "The notice is three months. \\[1\\] The deposit is 1,800 euros. \\[1\\]\\[2\\]\n\n"
        "Written by qwen3:4b, each sentence checked against the sources.\n\n"
        "### Sources\n\n"
        "\\[1\\] **Lease of 2024**, lease.pdf, page 3. Verified\n\n"
        "> Either party may give three months'\n"
        "> notice.\n\n"
        "\\[2\\] **Costs**, costs.xlsx, Costs!A2:B2. Corrected: The model had pointed elsewhere; "
        "the supporting words were found here.\n\n"
        "> Deposit 1,800\n"
    )


def test_a_declined_question_becomes_markdown_with_what_was_found_instead() -> None:
    assert as_markdown(CONVERSATION, [DECLINED]).endswith(
        "## May I keep a cat?\n\n"
        "The documents touch on this, but no passage answers it.\n\n"
        "*No index.*\n\n"
        "### What was found instead\n\n"
        "**Lease of 2024**, lease.pdf, pages 2–3\n\n"
        "> Dogs may not be kept.\n"
    )


@pytest.mark.parametrize("line", [*PLANTED.splitlines(), PLANTED])
def test_no_text_is_markup_in_markdown(line: str) -> None:
    shown = markdown_kinds(as_markdown(*planted(line)))

    plain = markdown_kinds(as_markdown(*planted("plain")))
    assert plain == {
        *("heading", "paragraph", "inline", "text", "em", "strong", "blockquote"),
        *("bullet_list", "list_item"),
    }
    assert shown - {"softbreak"} == plain


def test_no_bare_address_is_left_for_readers_of_markdown_to_link() -> None:
    text = as_markdown(*planted(PLANTED))

    assert re.findall(r"https?://|www\.|\w@", text) == []


@pytest.mark.parametrize(
    "text", ["1. one", "12) twelve", "- item", "+ item", "=== ", "3.5 million", ". dot", "5 - 3"]
)
def test_a_line_keeps_its_characters_in_markdown(text: str) -> None:
    shown = as_markdown(replace(CONVERSATION, title="t"), [replace(STOPPED, question=text)])

    assert f"<h2>{text.strip()}</h2>" in MarkdownIt().render(shown)


def test_a_conversation_becomes_a_page_with_its_sources() -> None:
    page = Markup(as_html(CONVERSATION, [TURN, DECLINED, FAILED, STOPPED]))

    assert page.ids == ["answer-1-source-1", "answer-1-source-2", "answer-4-source-1"]
    for words in (
        "The lease",
        "Collection papers · 1 question · 2026-11-22 12:00 UTC",
        "How can I leave?",
        "Searched for: How can I end the lease?",
        "The deposit is 1,800 euros. [1][2]",
        "Written by qwen3:4b, each sentence checked against the sources.",
        "[1] Lease of 2024 lease.pdf, page 3",
        "Either party may give three months' notice.",
        "Corrected. The model had pointed elsewhere; the supporting words were found here.",
        "Item\tEuros",
        "The documents touch on this, but no passage answers it.",
        "What was found instead",
        "Dogs may not be kept.",
        "The model's server does not answer.",
        "Stopped before the answer was complete.",
    ):
        assert words in page.text


def test_an_unsupported_sentence_is_marked_in_the_page() -> None:
    page = as_html(CONVERSATION, [replace(TURN, sentences=(FLAGGED,))])

    assert (
        '<span class="unsupported">Cats may be kept. <em>(no passage says so)</em></span>' in page
    )


def test_no_text_is_markup_in_the_page() -> None:
    page = Markup(as_html(*planted(PLANTED)))
    plain = Markup(as_html(*planted("plain")))

    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert not page.tags & {"script", "img", "svg", "link", "iframe", "form", "object", "base"}
    assert page.text.count("<script>") == plain.text.count("plain")


def test_the_page_links_to_itself_alone() -> None:
    page = Markup(as_html(*planted(PLANTED)))

    assert set(page.links) == {"#answer-1-source-1", "#answer-2-source-1", "#answer-3-source-1"}
    assert set(page.links) == {f"#{id_}" for id_ in page.ids}


def test_the_page_forbids_every_request_and_script() -> None:
    page = as_html(CONVERSATION, [])

    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'",
        policy[1],
    )


def test_text_that_runs_from_right_to_left_is_laid_out_so() -> None:
    page = as_html(replace(CONVERSATION, title="عقد الإيجار"), [replace(TURN, question="متى؟")])

    assert '<h1 dir="auto">عقد الإيجار</h1>' in page
    assert '<h2 dir="auto">متى؟</h2>' in page


def test_characters_that_nobody_sees_are_in_no_export() -> None:
    conversation, turns = planted("a\u202eb\U000e0041c\u200bd\x1b[2Je")

    exports = [as_html(conversation, turns), as_markdown(conversation, turns)]
    exports += [turn_text(turn) for turn in turns]

    assert not re.search("[\u202e\U000e0041\u200b\x1b]", "".join(exports))
