"""A conversation as one HTML page that stands alone: it fetches nothing and runs nothing."""

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Sequence
from importlib.resources import files

from citewell.app.answer_values import AnswerSentence, Citation
from citewell.app.chats import telling
from citewell.app.chats.values import Conversation, KeptTurn
from citewell.app.page.escaping import escaped, flowing
from citewell.app.page.source_html import STATES
from citewell.retrieval.values import Passage


def as_html(conversation: Conversation, turns: Sequence[KeptTurn]) -> str:
    """Return a conversation with the sources of each answer below it, fit to be printed."""
    style = files("citewell.app.chats").joinpath("export.css").read_text("utf-8")
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    title = escaped(conversation.title)
    articles = "\n".join(_turn(turn, number) for number, turn in enumerate(turns, 1))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<header>
<h1 dir="auto">{title}</h1>
<p class="facts" dir="auto">{escaped(telling.facts(conversation))}</p>
</header>
{articles}
<footer>Exported from Citewell. Behind each sentence stand the numbers of its sources.</footer>
</main>
</body>
</html>
"""


def _turn(turn: KeptTurn, number: int) -> str:
    return f'<article class="turn">{"".join(_parts(turn, number))}</article>'


def _parts(turn: KeptTurn, number: int) -> Iterator[str]:
    yield f'<h2 dir="auto">{escaped(turn.question)}</h2>'
    yield f'<p class="facts">{telling.moment(turn.asked)}</p>'
    if turn.standalone:
        yield _paragraph("facts", f"Searched for: {turn.standalone}")
    between = '</p><p class="said" dir="auto">' if telling.apart(turn) else " "
    said = between.join(_sentence(sentence, number) for sentence in turn.sentences)
    yield f'<p class="said" dir="auto">{said}</p>' if said else ""
    yield _paragraph("note", telling.no_answer(turn))
    if turn.answer:
        yield _readings(turn, number)
        yield from (_paragraph("note", notice) for notice in turn.answer.notices)
    yield _paragraph("facts", telling.made(turn))
    sources = [_source(citation, number) for citation in telling.cited(turn)]
    yield _section("Sources", sources)
    yield _section(telling.INSTEAD, [_passage(each) for each in telling.found_instead(turn)])


def _paragraph(kind: str, text: str) -> str:
    return f'<p class="{kind}" dir="auto">{escaped(text)}</p>' if text else ""


def _section(heading: str, items: Sequence[str]) -> str:
    if not items:
        return ""
    return f'<section class="sources"><h3>{heading}</h3>{"".join(items)}</section>'


def _sentence(sentence: AnswerSentence, number: int) -> str:
    links = "".join(_marker(marker, number) for marker in telling.markers(sentence))
    text = f"{flowing(sentence.text)} {links}".rstrip()
    if sentence.supported:
        return text
    reason = escaped(sentence.reason or telling.UNSUPPORTED)
    return f'<span class="unsupported">{text} <em>({reason})</em></span>'


def _readings(turn: KeptTurn, number: int) -> str:
    readings = turn.answer.readings if turn.answer else ()
    items = "".join(
        f'<li dir="auto">{escaped(each.question)} {_marker(each.citation.marker, number)}</li>'
        for each in readings
    )
    return f"<ul>{items}</ul>" if items else ""


def _marker(marker: int, number: int) -> str:
    return f'<a href="#answer-{number}-source-{marker}">[{marker}]</a>'


def _source(citation: Citation, number: int) -> str:
    word, explained = STATES[citation.state]
    doubt = "" if citation.state == "verified" else f" {explained}"
    return (
        f'<div class="source" id="answer-{number}-source-{citation.marker}">'
        f'<p dir="auto"><b>[{citation.marker}] {escaped(citation.title)}</b> '
        f"{escaped(telling.place_of(citation))}</p>"
        f'<p class="state {citation.state}">{word}.{doubt}</p>'
        f"{_header(citation.header)}{_quote(citation.quote)}</div>"
    )


def _passage(passage: Passage) -> str:
    return (
        f'<div class="source"><p dir="auto"><b>{escaped(passage.title)}</b> '
        f"{escaped(telling.place_of_passage(passage))}</p>"
        f"{_header(passage.chunk.header)}{_quote(passage.text)}</div>"
    )


def _header(header: str) -> str:
    return f'<p class="facts" dir="auto">{escaped(header)}</p>' if header.strip() else ""


def _quote(text: str) -> str:
    return f'<blockquote dir="auto">{flowing(text)}</blockquote>'
