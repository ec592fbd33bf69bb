"""The command ``citewell ask``, once its arguments are read."""

from citewell.app.answer_output import ask_json
from citewell.app.answer_printing import (
    print_searched,
    print_sentence,
    print_sources,
    print_workings,
)
from citewell.app.answer_values import Answer, Answered, Event, Said, Searched
from citewell.app.answering import Answerer, open_answerer
from citewell.app.batch import PARTIAL, Row, questions
from citewell.app.calibration import why_out_of_date
from citewell.app.output import line
from citewell.app.terminal import print_question, say, write
from citewell.retrieval.errors import ModelUnreachable
from citewell.retrieval.settings import Settings


def run_ask(
    question: str, input_file: str | None, settings: Settings, *, as_json: bool, explain: bool
) -> int:
    """Answer one question, or each of a file."""
    statuses = [0]
    with open_answerer(settings) as answerer:
        if answerer.place != "this machine":
            say(f"Questions and evidence go to {answerer.place}.")
        if stale := why_out_of_date(answerer.retriever, settings):
            say(stale)
        for row in questions(question, input_file):
            if row.error:
                say(f"citewell: {row.error}")
                statuses.append(PARTIAL)
                continue
            answer = _json(row, answerer) if as_json else _print(row, answerer, explain=explain)
            statuses.append(ModelUnreachable.exit_code if answer.fault == "unreachable" else 0)
    return max(statuses)


def _json(row: Row, answerer: Answerer) -> Answer:
    answer = answerer.answer(row.question, row.history)
    write(line(ask_json(row.id, answer)))
    return answer


def _print(row: Row, answerer: Answerer, *, explain: bool) -> Answer:
    """Print an answer sentence by sentence, for a person who reads along."""
    if row.id is not None:
        print_question(row.id, row.question)
    for event in answerer.stream(row.question, row.history):
        _print_event(event)
        if isinstance(event, Answered):
            answer = event.answer
    print_sources(answer)
    if explain:
        print_workings(answer)
    if row.id is not None:
        write()
    for notice in answer.notices:
        say(notice)
    return answer


def _print_event(event: Event) -> None:
    match event:
        case Searched():
            print_searched(event)
        case Said(sentence):
            print_sentence(sentence)
