"""What ``citewell ask`` prints for people; for programs see `citewell.app.answer_output`."""

from collections.abc import Sequence

from citewell.app.answer_values import (
    REASONS,
    Answer,
    AnswerSentence,
    Citation,
    Evidence,
    Searched,
    Sent,
)
from citewell.app.search_printing import place_of
from citewell.app.terminal import excerpt, fold, write
from citewell.retrieval.visible import visible

_NEAREST = 3
_UNSURE = ("weak_match", "off_topic")
_NEXT = (
    'See what was found: citewell search "..."; ask in other words, or fit when it declines: '
    "citewell calibrate"
)


def print_searched(searched: Searched) -> None:
    """Print the question that was searched, where it was not the one asked."""
    if searched.standalone is not None:
        write(fold(f"Searched for: {visible(searched.standalone)}"))


def print_sentence(sentence: AnswerSentence) -> None:
    """Print a sentence of an answer with its markers, as soon as it has passed its check."""
    markers = "".join(f" [{citation.marker}]" for citation in sentence.citations)
    flag = "" if sentence.supported else f" [unverified: {visible(sentence.reason)}]"
    write(fold(visible(sentence.text) + markers + flag))


def print_sources(answer: Answer) -> None:
    """Print the quotes an answer cites; for an abstention its reason and what was nearest."""
    if answer.reason is None:
        write()
        for marker, citation in _cited(answer).items():
            _print_citation(f"[{marker}] ", citation)
        return
    write(f"No answer: {REASONS[answer.reason]}")
    if answer.readings:
        write("Which of these do you mean?")
        for number, reading in enumerate(answer.readings, 1):
            write(fold(f"{number}. {visible(reading.question)}", "  "))
            _print_citation("", reading.citation, "     ")
        write("There may be others.")
    elif answer.sources:
        write("The nearest passages:")
        for passage in answer.sources[:_NEAREST]:
            write(f"  - {place_of(passage.chunk, passage.title)}")
            write(fold(excerpt(passage.text, 160), "    "))
    if answer.reason in _UNSURE:
        write(fold(_NEXT))


def print_workings(answer: Answer) -> None:
    """Print how an answer came about: its probability, what was sent, cut and left out."""
    write()
    if answer.confidence is not None:
        write(f"Probability that the documents answer this: {answer.confidence:.2f}")
    if answer.sent is not None:
        _print_sent(answer.sent)
    if answer.left_out:
        write("Left out of the draft:")
        for sentence in answer.left_out:
            write(fold(f"- {visible(sentence.text)} ({visible(sentence.reason)})", "  "))


def _print_sent(sent: Sent) -> None:
    write(f"Sent to the model: {sent.tokens} of at most {sent.budget} tokens of evidence")
    _print_evidence(sent.shown)
    if sent.cut:
        write("Found, but not sent:")
        _print_evidence(sent.cut[:_NEAREST])
        if len(sent.cut) > _NEAREST:
            write(f"  ... and {len(sent.cut) - _NEAREST} more; --json lists them all")


def _print_evidence(listed: Sequence[Evidence]) -> None:
    for each in listed:
        place = f"({visible(each.document)}, characters {each.start}-{each.end})"
        write(fold(f"[{each.number}] {excerpt(each.text, 160)} {place}", "  "))


def _print_citation(lead: str, citation: Citation, indent: str = "") -> None:
    page = f", page {citation.page}" if citation.page else ""
    cells = f", {visible(citation.place)}" if citation.place else ""
    span = f"characters {citation.start}-{citation.end}"
    place = f"{visible(citation.document)}{page}{cells}, {span}"
    write(fold(f"{lead}{visible(citation.title)} ({place}): {citation.state}", indent))
    if citation.header:
        write(fold(excerpt(citation.header, 200), f"{indent}    "))
    write(fold(f'"{excerpt(citation.quote, 600)}"', f"{indent}    "))


def _cited(answer: Answer) -> dict[int, Citation]:
    cited = (citation for sentence in answer.sentences for citation in sentence.citations)
    return {citation.marker: citation for citation in cited}
