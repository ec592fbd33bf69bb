"""A conversation as Markdown in which no text of a document or a model is markup."""

import re
from collections.abc import Iterator, Sequence

from citewell.app.answer_values import AnswerSentence, Citation
from citewell.app.chats import telling
from citewell.app.chats.values import Conversation, KeptTurn
from citewell.app.page.source_html import STATES
from citewell.retrieval.visible import visible

_MARKUP = re.compile(r"[\\`*_\[\]<>#|~$@]|&(?=[#\w])|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What is emphasis, code, a link, a tag, a table or a formula, and bare addresses: these become
links in GitHub's Markdown (https://github.github.com/gfm/#autolinks-extension-)."""

_LINE_START = re.compile(r"(\d{1,9})?([-+=.)])")


def as_markdown(conversation: Conversation, turns: Sequence[KeptTurn]) -> str:
    """Return a conversation with the sources of each answer below it."""
    parts = [f"# {_line(conversation.title)}", _line(telling.facts(conversation))]
    for turn in turns:
        parts += [part for part in _turn(turn) if part]
    return "\n\n".join(parts) + "\n"


def _turn(turn: KeptTurn) -> Iterator[str]:
    yield f"## {_line(turn.question)}"
    if turn.standalone:
        yield f"*Searched for: {_line(turn.standalone)}*"
    between = "\n\n" if telling.apart(turn) else " "
    yield between.join(_sentence(sentence) for sentence in turn.sentences)
    yield _line(telling.no_answer(turn))
    if turn.answer:
        yield "\n".join(
            f"- {_line(reading.question)} \\[{reading.citation.marker}\\]"
            for reading in turn.answer.readings
        )
        yield from (f"*{_line(notice)}*" for notice in turn.answer.notices)
    yield _line(telling.made(turn))
    sources = [_source(citation) for citation in telling.cited(turn)]
    yield "\n\n".join(["### Sources", *sources]) if sources else ""
    passages = [
        _quoted(f"**{_line(each.title)}**, {_line(telling.place_of_passage(each))}", each.text)
        for each in telling.found_instead(turn)
    ]
    yield "\n\n".join([f"### {telling.INSTEAD}", *passages]) if passages else ""


def _sentence(sentence: AnswerSentence) -> str:
    numbers = "".join(f"\\[{marker}\\]" for marker in telling.markers(sentence))
    flag = "" if sentence.supported else f"*({_line(sentence.reason or telling.UNSUPPORTED)})*"
    return " ".join(part for part in (_line(sentence.text), numbers, flag) if part)


def _source(citation: Citation) -> str:
    word, explained = STATES[citation.state]
    head = f"\\[{citation.marker}\\] **{_line(citation.title)}**"
    state = word if citation.state == "verified" else f"{word}: {explained}"
    return _quoted(f"{head}, {_line(telling.place_of(citation))}. {state}", citation.quote)


def _quoted(head: str, quote: str) -> str:
    lines = (_line(line) for line in visible(quote).splitlines())
    return "\n".join([head, "", *(f"> {line}".rstrip() for line in lines)])


def _line(text: str) -> str:
    """Return a text on one line, so that Markdown shows exactly its characters."""
    plain = _MARKUP.sub(r"\\\g<0>", " ".join(visible(text).split()))
    start = _LINE_START.match(plain)
    if start is None or (start[1] is None and start[2] in ".)"):
        return plain
    return f"{start[1] or ''}\\{plain[start.start(2) :]}"
