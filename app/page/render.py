"""Turns into HTML. Whatever comes from a document or a model passes through `visible` first.

The page shows only these strings, through ``st.html``: nothing is read as Markdown, so no text can
become a link, an image or a directive.
"""

import re
from collections.abc import Iterable, Sequence

from citewell.app.answer_values import (
    REASONS,
    Answer,
    AnswerSentence,
    Citation,
    LeftOut,
    Reading,
)
from citewell.app.chats.values import Conversation
from citewell.app.page.escaping import escaped, flowing
from citewell.app.page.model_note import ModelNote
from citewell.app.page.source_html import card_html, card_id, cited_place_html, passage_html
from citewell.app.page.turns import Turn
from citewell.retrieval.values import Collection

_MARKER = re.compile(r"\[(\d{1,4})\]")


def question_html(question: str, turn_id: str = "") -> str:
    """Show a question as it was typed; the page's script brings a new one into sight."""
    return (
        f'<p class="cw-question" dir="auto" data-cw="question" data-turn="{escaped(turn_id)}">'
        f"{escaped(question)}</p>"
    )


def answer_html(turn: Turn, number: int, *, live: bool = False) -> str:
    """Show the answer of a turn, or why there is none.

    Args:
        turn: As far as it has come.
        number: Of the turn on the page; ids begin with it.
        live: Whether the answer is still being written.
    """
    parts = [_standalone_html(turn.standalone), _answer_html(turn, number)]
    if turn.error is not None:
        parts.append(error_html(turn.error))
    elif live and turn.progress:
        parts.append(f'<p class="cw-progress" role="status">{escaped(turn.progress)}</p>')
    elif turn.stopped and not live:
        parts.append(_STOPPED)
    return f'<section class="cw-answer" aria-label="Answer {number}">{"".join(parts)}</section>'


def sources_html(turn: Turn, number: int) -> str:
    """Show the sources of an answer, or what was found instead of one; blank if there is none."""
    if turn.answer is not None and turn.answer.abstained:
        found = zip(turn.answer.sources, turn.cards, strict=True)
        shown = [passage_html(passage, card, number) for passage, card in found]
        heading = "What was found instead"
    else:
        shown = [card_html(card, number) for card in turn.cards]
        heading = "Sources"
    if not shown:
        return ""
    return (
        f'<section class="cw-sources" aria-label="{heading}, answer {number}">'
        f'<h2 class="cw-heading">{heading}</h2>{"".join(shown)}</section>'
    )


def note_html(*sentences: str) -> str:
    """Show what the user should know, each sentence on a line."""
    lines = "".join(f"<p>{escaped(sentence)}</p>" for sentence in sentences)
    return f'<div class="cw-note" role="note">{lines}</div>'


_STOPPED = note_html("Stopped before the answer was complete.")


def error_html(text: str) -> str:
    """Show why something could not be done."""
    return f'<div class="cw-note cw-error" role="alert"><p>{escaped(text)}</p></div>'


def no_collection_html() -> str:
    """Say what to do when there is nothing to ask yet."""
    return (
        '<div class="cw-hint"><h2>No documents yet</h2>'
        "<p>Add files or a folder under Collections. Or run in a terminal</p>"
        "<pre><code>citewell ingest PATH</code></pre>"
        "<p>This page goes on by itself when the first document is in.</p></div>"
    )


def empty_chat_html(collection: Collection) -> str:
    """Say what can be asked."""
    return (
        f'<div class="cw-hint"><h2>Ask {escaped(collection.name)}</h2>'
        "<p>Ask in plain words. Each sentence of an answer carries a number, and beside it stand "
        "the words of the document that it rests on. What the documents do not hold is not "
        "answered.</p></div>"
    )


def title_html(conversation: Conversation) -> str:
    """Show what a conversation is called and which collection it asks."""
    return (
        f'<h1 class="cw-chat-title" dir="auto">{escaped(conversation.title) or "New chat"}</h1>'
        f'<p class="cw-facts">{escaped(conversation.collection)}</p>'
    )


def no_conversations_html(words: str) -> str:
    """Say why no conversation is listed."""
    text = f"None holds {escaped(words)}." if words else "What you ask is kept here."
    return f'<p class="cw-facts" role="status">{text}</p>'


def waiting_html(question: str) -> str:
    """Show the question that is asked when the answer under way is there."""
    return f'<p class="cw-waiting" role="status" dir="auto">Next: {escaped(question)}</p>'


def lost_html(turns: int) -> str:
    """Say what goes when an earlier question is asked anew."""
    if turns == 1:
        return note_html("The question after this one is removed with its answer.")
    return note_html(f"The {turns} questions after this one are removed with their answers.")


def what_now_html() -> str:
    """Say what may lead to an answer after all."""
    return (
        '<div class="cw-now"><h2 class="cw-heading">What you can do</h2><ul>'
        "<li>Edit the question: use the words that the documents use, or name what it is about."
        "</li><li>If you know which document holds it, ask why it was not found.</li>"
        "<li>If declining is too careful for you, lower “Least probability of an answer” under "
        "Settings.</li></ul></div>"
    )


def copy_html(text: str) -> str:
    """Offer a text to be copied; the page's script does it.

    The text stands beside the button, not in an attribute: Streamlit drops one that holds ``-->``.
    """
    return (
        '<button type="button" class="cw-copy" data-cw="copy">Copy with sources</button>'
        f"<span hidden>{escaped(text)}</span>"
    )


def collection_html(collection: Collection) -> str:
    """Say how much a collection holds."""
    documents = _count(collection.documents, "document")
    return f'<p class="cw-facts">{documents} · {_count(collection.chunks, "passage")}</p>'


def model_html(note: ModelNote) -> str:
    """Say which model answers and where questions go."""
    if note.local:
        place = '<p class="cw-local">Nothing leaves this machine.</p>'
    else:
        place = (
            '<p class="cw-remote">Questions and the passages found for them are sent to '
            f"<strong>{escaped(note.place)}</strong>.</p>"
        )
    return f'<div class="cw-model"><h2>Language model</h2><p>{escaped(note.name)}</p>{place}</div>'


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _answer_html(turn: Turn, number: int) -> str:
    answer = turn.answer
    if answer is not None and answer.abstained:
        said = f'<p class="cw-abstained">{escaped(_reason(answer))}</p>'
    else:
        quoted = answer is not None and answer.mode == "extractive"
        said = "".join(
            f'<p class="cw-said{" cw-quoted" if quoted else ""}">{paragraph}</p>'
            for paragraph in _paragraphs(turn.sentences, number, apart=quoted)
        )
    if answer is None:
        return said
    notices = _notices_html(answer)
    more = f"{_readings_html(answer.readings)}{notices}{_left_out_html(answer.left_out)}"
    return f'{said}{more}<p class="cw-made">{escaped(_made(answer))}</p>'


def _notices_html(answer: Answer) -> str:
    """Show the notices of an answer: quietly, unless its model failed."""
    if not answer.notices or answer.fault is not None:
        return note_html(*answer.notices) if answer.notices else ""
    lines = "".join(f"<p>{escaped(sentence)}</p>" for sentence in answer.notices)
    return f'<div class="cw-notices" role="note">{lines}</div>'


def _standalone_html(question: str | None) -> str:
    """Say what was searched for, where it was not what was typed."""
    if question is None:
        return ""
    return f'<p class="cw-standalone">Searched for: {escaped(question)}</p>'


def _readings_html(readings: Sequence[Reading]) -> str:
    """List the ways to read a question, each with the words that answer it."""
    items = "".join(
        f'<li><span class="cw-title">{escaped(reading.question)}</span>'
        f"{cited_place_html(reading.citation)}"
        f'<blockquote class="cw-excerpt">{flowing(reading.citation.quote)}</blockquote></li>'
        for reading in readings
    )
    return f'<ol class="cw-readings">{items}</ol>' if items else ""


def _left_out_html(left_out: Sequence[LeftOut]) -> str:
    """List the sentences of the draft that failed their check, closed until they are asked for."""
    items = "".join(
        f"<li>{escaped(each.text)} <em>{escaped(each.reason)}</em></li>" for each in left_out
    )
    if not items:
        return ""
    return (
        f'<details class="cw-left-out"><summary>Left out of the draft: {len(left_out)}</summary>'
        f"<ul>{items}</ul></details>"
    )


def _reason(answer: Answer) -> str:
    return REASONS[answer.reason] if answer.reason else "The documents do not answer this."


def _made(answer: Answer) -> str:
    """Say how an answer came about and how long it took."""
    total = answer.timings.total
    took = f"{total / 1000:.1f} s" if total >= 1000 else f"{total:.0f} ms"
    match answer.mode:
        case "generated":
            writer = "the bundled model" if answer.model == "bundled" else answer.model
            return f"Written by {writer}, checked against the sources · {took}"
        case "extractive":
            return f"Answered in {took}"
        case "abstained":
            return f"Searched in {took}"


def _paragraphs(sentences: Sequence[AnswerSentence], number: int, *, apart: bool) -> Iterable[str]:
    """Yield the HTML of each paragraph; ``apart`` gives each sentence its own."""
    paragraph: list[str] = []
    end = 0
    for sentence in sentences:
        # one character between two sentences is a space, more are a break
        if paragraph and (apart or sentence.start - end > 1):
            yield " ".join(paragraph)
            paragraph = []
        paragraph.append(_sentence_html(sentence, number))
        end = sentence.end
    if paragraph:
        yield " ".join(paragraph)


def _sentence_html(sentence: AnswerSentence, number: int) -> str:
    cited = {citation.marker: citation for citation in sentence.citations}
    shown: list[str] = []
    parts = _MARKER.split(sentence.text)  # text, digits, text, digits, text ...
    for position, part in enumerate(parts):
        if position % 2 == 0:
            shown.append(flowing(part))
        elif int(part) in cited:
            shown.append(_marker_html(cited.pop(int(part)), number))
        else:
            shown.append(f"[{escaped(part)}]")
    shown += [f" {_marker_html(citation, number)}" for citation in cited.values()]
    if sentence.supported:
        return "".join(shown)
    return (
        f'<span class="cw-unsupported">{"".join(shown)} '
        f'<span class="cw-flag">{escaped(sentence.reason or _UNSUPPORTED)}</span></span>'
    )


_UNSUPPORTED = "not supported by the documents"


def _marker_html(citation: Citation, number: int) -> str:
    return (
        f'<a class="cw-marker cw-{citation.state}" href="#{card_id(number, citation.marker)}"'
        f' aria-label="Source {citation.marker}: {escaped(citation.title)}"'
        f' title="{escaped(citation.title)}">[{citation.marker}]</a>'
    )
