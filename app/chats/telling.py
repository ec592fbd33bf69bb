"""What the exports of a conversation tell, before it is Markdown, HTML or plain text."""

from collections.abc import Sequence
from datetime import UTC, datetime

from citewell.app.answer_values import REASONS, AnswerSentence, Citation
from citewell.app.chats.values import Conversation, KeptTurn
from citewell.app.tables import counted
from citewell.retrieval.values import Passage

STOPPED = "Stopped before the answer was complete."
UNSUPPORTED = "not supported by the documents"
INSTEAD = "What was found instead"


def cited(turn: KeptTurn) -> list[Citation]:
    """Return the citations of a turn, one for each marker, in order."""
    readings = turn.answer.readings if turn.answer else ()
    found = [citation for sentence in turn.sentences for citation in sentence.citations]
    found += [reading.citation for reading in readings]
    by_marker = {citation.marker: citation for citation in reversed(found)}
    return [by_marker[marker] for marker in sorted(by_marker)]


def found_instead(turn: KeptTurn) -> Sequence[Passage]:
    """Return the passages of a turn that was declined."""
    return turn.answer.sources if turn.answer and turn.answer.abstained else ()


def markers(sentence: AnswerSentence) -> list[int]:
    """Return the markers that stand behind a sentence, each once."""
    return list(dict.fromkeys(citation.marker for citation in sentence.citations))


def apart(turn: KeptTurn) -> bool:
    """Tell whether each sentence is a quote by itself."""
    return turn.answer is not None and turn.answer.mode == "extractive"


def no_answer(turn: KeptTurn) -> str:
    """Return what there is to say in place of an answer, or behind a broken one; else blank."""
    if turn.error is not None:
        return turn.error
    if turn.answer is None:
        return STOPPED
    if turn.answer.abstained:
        return REASONS[turn.answer.reason] if turn.answer.reason else ""
    return ""


def made(turn: KeptTurn) -> str:
    """Say how an answer came about; blank where there is none."""
    answer = turn.answer
    if answer is None or answer.abstained:
        return ""
    if answer.mode == "extractive":
        return "Quoted from the documents, word for word."
    writer = "the bundled model" if answer.model in (None, "bundled") else answer.model
    return f"Written by {writer}, each sentence checked against the sources."


def facts(conversation: Conversation) -> str:
    """Say in a line what was asked, how much, and when it began."""
    questions = counted(conversation.turns, "question")
    return f"Collection {conversation.collection} · {questions} · {moment(conversation.created)}"


def moment(when: datetime) -> str:
    """Return a time as people of any country read it, in UTC."""
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def place_of(citation: Citation) -> str:
    """Return where a quote stands: document, and page or cells."""
    return _place(citation.document, citation.place, (citation.page, citation.page))


def place_of_passage(passage: Passage) -> str:
    """Return where a passage stands: document, and pages or cells."""
    chunk = passage.chunk
    return _place(chunk.document, chunk.place, (chunk.page_start, chunk.page_end))


def _place(document: str, cells: str, pages: tuple[int | None, int | None]) -> str:
    first, last = pages
    where = cells
    if not cells and first is not None:
        where = f"page {first}" if last in (None, first) else f"pages {first}–{last}"
    return ", ".join(part for part in (document, where) if part)
