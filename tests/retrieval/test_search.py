"""What of a question is searched for."""

from collections.abc import Callable

from citewell.retrieval.fusion import Hits
from citewell.retrieval.search import CANDIDATES, Request, lexical
from citewell.retrieval.sqlite_search import MOST_WORDS
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import EVERYBODY

Put = Callable[..., None]


def by_words(store: SqliteStore, question: str) -> Hits:
    return lexical(store, Request("papers", question, EVERYBODY))


def test_only_the_first_words_of_a_long_question_are_searched(store: SqliteStore, put: Put) -> None:
    put("a.md", "needle")
    before = " ".join(f"w{number}" for number in range(MOST_WORDS - 1))

    assert len(by_words(store, f"{before} needle")) == 1
    assert by_words(store, f"{before} extra needle") == []


def test_words_without_content_do_not_find_chunks(store: SqliteStore, put: Put) -> None:
    put("a.md", "the cat and the dog")

    assert len(by_words(store, "what is the cat?")) == 1
    assert by_words(store, "what is the horse?") == []
    assert len(by_words(store, "the and")) == 1


def test_each_part_gives_at_most_so_many_candidates(store: SqliteStore, put: Put) -> None:
    put("a.md", *(f"cat number{number}" for number in range(CANDIDATES + 5)))

    assert len(by_words(store, "cat")) == CANDIDATES
