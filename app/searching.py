"""The command ``citewell search``, once its arguments are read."""

from citewell.app.batch import PARTIAL, Row, questions
from citewell.app.output import diagnosis_json, line, search_json
from citewell.app.search_printing import print_diagnosis, print_passages, print_trace
from citewell.app.terminal import print_question, say, write
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import SearchResult


def run_search(
    question: str, input_file: str | None, settings: Settings, *, as_json: bool, explain: bool
) -> int:
    """Search for one question, or for each of a file."""
    with open_retriever(settings=settings) as retriever:
        failed = 0
        for row in questions(question, input_file):
            failed += not _search(row, retriever, settings, as_json=as_json, explain=explain)
    return PARTIAL if failed else 0


def run_why(question: str, document: str, settings: Settings, *, as_json: bool) -> int:
    """Tell why a search did not return a document, and what would have found it."""
    with open_retriever(settings=settings) as retriever:
        found = retriever.why(question, document, settings.k, settings.mode, where=settings.where)
    if as_json:
        write(line(diagnosis_json(question, found)))
    else:
        print_diagnosis(found)
    return 0


def _search(
    row: Row, retriever: Retriever, settings: Settings, *, as_json: bool, explain: bool
) -> bool:
    if row.error:
        say(f"citewell: {row.error}")
        return False
    trace = retriever.trace(row.question, settings.k, settings.mode, where=settings.where)
    result = SearchResult(trace.selection.passages, trace.notices)
    if as_json:
        write(line(search_json(row.id, row.question, result)))
        return True
    for notice in result.notices:
        say(notice)
    if row.id is not None:
        print_question(row.id, row.question)
    print_passages(row.question, result, explain=explain)
    if explain:
        print_trace(trace)
    return True
