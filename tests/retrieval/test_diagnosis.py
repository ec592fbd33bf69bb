"""A search tells why it did not return a document, and what would have found it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from citewell.retrieval.diagnosis import Diagnosis
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.sqlite_store import SqliteStore
from citewell.retrieval.store import Vectors

Put = Callable[..., None]


@pytest.fixture
def pets(home: Path, store: SqliteStore, put: Put, embedder: Embedder) -> Iterator[Retriever]:
    """Thirty documents about cats, of which the last says least of them, and others."""
    for number in range(30):
        put(
            f"cat{number:02}.md",
            f"The cat number{number} sleeps in a basket. Cat fur{number} is soft.",
        )
    put("lodger.md", "Somebody else lives here with one cat, among much furniture and many books.")
    put("birds.md", "The heron waits in shallow water.")
    put("again.md", "The cat number0 sleeps in a basket! Cat fur0 is soft.")
    put("empty.md")
    with open_retriever(home, collection="papers", embedder=embedder) as opened:
        yield opened


def lexical(retriever: Retriever, question: str, document: str, k: int = 2) -> Diagnosis:
    return retriever.why(question, document, k, "lexical")


def test_what_is_found_says_its_rank(pets: Retriever) -> None:
    found = lexical(pets, "Where does the heron wait?", "birds.md")

    assert (found.stage, found.rank, found.lexical_rank) == ("found", 1, 1)
    assert found.reason == "It was found: passage 1."
    assert found.remedies == ()


def test_what_ranks_too_low_says_how_many_to_ask_for(pets: Retriever) -> None:
    found = lexical(pets, "cat", "lodger.md")

    assert found.stage == "rank"
    assert found.chunk is not None
    assert found.chunk.document == "lodger.md"
    assert found.rank == found.lexical_rank == 32
    (more, *_) = found.remedies
    assert more == "-k 31"  # one of those above it is a repeat
    k = int(more.removeprefix("-k "))
    assert "lodger.md" in [each.document for each in pets.search("cat", k, "lexical")]
    assert "lodger.md" not in [each.document for each in pets.search("cat", k - 1, "lexical")]


def test_words_that_would_have_found_it_are_proposed(pets: Retriever) -> None:
    found = lexical(pets, "cat", "lodger.md")

    (words,) = (each for each in found.remedies if each.startswith("with "))
    added = words.removeprefix("with ").removesuffix(" in the question")
    assert "lodger.md" in [each.document for each in pets.search(f"cat {added}", 2, "lexical")]


def test_what_shares_no_word_says_which_are_missing(pets: Retriever) -> None:
    found = lexical(pets, "Which dogs bark?", "birds.md")

    assert (found.stage, found.lexical_rank) == ("candidates", None)
    assert found.missing == ("dogs", "bark")
    assert found.reason == "It holds none of the words of the question."


def test_a_repeat_names_what_it_repeats(pets: Retriever) -> None:
    found = lexical(pets, "number0 fur0", "again.md")

    assert found.stage == "repeat"
    assert found.reason == "It says the same as a better passage, of cat00.md."


def test_what_a_filter_leaves_out_says_so(pets: Retriever) -> None:
    found = pets.why("heron", "birds.md", where='document = "lodger.md"')

    assert (found.stage, found.searched, found.chunk) == ("filter", 1, None)
    assert found.reason == "The filter leaves it out: nowhere in it holds document = lodger.md."


def test_the_parts_of_a_filter_that_fail_are_named(pets: Retriever) -> None:
    where = "type = md and year > 2020 and heading = Birds"

    found = pets.why("heron", "birds.md", where=where)

    assert found.reason == (
        "The filter leaves it out: nowhere in it holds year > 2020 or heading = Birds."
    )


def test_a_document_without_text_says_so(pets: Retriever) -> None:
    assert pets.why("heron", "empty.md").stage == "empty"


def test_a_document_that_is_not_there_is_told_as_one_that_may_not_be_seen(
    pets: Retriever, store: SqliteStore
) -> None:
    with pytest.raises(NotConfigured, match=r"holds no document 'owls\.md'"):
        pets.why("owls", "owls.md")

    store.mark("papers", "label", ["birds.md"], ["zoo"], [])

    with pytest.raises(NotConfigured, match=r"holds no document 'birds\.md'"):
        pets.why("heron", "birds.md")
    assert pets.seen_by({"zoo"}).why("heron", "birds.md").stage == "found"


def test_another_mode_is_proposed_where_it_finds(pets: Retriever) -> None:
    found = pets.why("number7 fur7", "cat07.md", 1, "dense")

    if found.stage != "found":
        assert "--mode lexical" in found.remedies
    assert found.lexical_rank == 1


class SecondEmbedding:
    """Does something else, once, before it embeds the second question."""

    def __init__(self, embedder: Embedder, interruption: Callable[[], None]) -> None:
        self.fingerprint = embedder.fingerprint
        self.embed_passages = embedder.embed_passages
        self._embedder = embedder
        self._interruption = interruption
        self._asked = 0

    def embed_question(self, text: str) -> Vectors:
        self._asked += 1
        if self._asked == 2:
            self._interruption()
        return self._embedder.embed_question(text)


def test_a_document_removed_meanwhile_is_told_of_as_it_was(
    home: Path, store: SqliteStore, put: Put, embedder: Embedder
) -> None:
    put("cat.md", "The cat sleeps.")
    removing = SecondEmbedding(embedder, lambda: store.delete_file("papers", Path("/docs/cat.md")))
    with open_retriever(home, collection="papers", embedder=removing) as retriever:
        found = retriever.why("Where is the cat?", "cat.md")

    assert (found.stage, found.rank) == ("found", 1)


def test_of_a_document_found_twice_the_better_passage_is_told(pets: Retriever, put: Put) -> None:
    put("owl.md", "An owl is a bird.", "The owl hunts mice; no other owl hunts as this owl hunts.")

    found = lexical(pets, "What does an owl hunt?", "owl.md")

    assert (found.rank, found.lexical_rank) == (1, 1)
