"""Ranked chunks become passages, without repeats and not all from one document."""

from collections.abc import Sequence

import pytest

from citewell.retrieval.fusion import Ranked
from citewell.retrieval.selection import Held, Selection, select
from citewell.retrieval.store import StoredChunk
from citewell.retrieval.values import Chunk, Scores


def ranked(*keys: int) -> list[Ranked]:
    """Keys best first, with scores 1, 1/2, 1/3 ..."""
    return [Ranked(key, 1 / place, Scores()) for place, key in enumerate(keys, 1)]


def stored(key: int, document: str = "", text: str = "") -> StoredChunk:
    text = text or f"word{key} thing{key}"
    return StoredChunk(key, Chunk(document or f"{key}.md", 0, len(text), text), f"Title {key}")


class Chunks:
    """Gives chunks by their keys, and remembers how many were asked for."""

    def __init__(self, chunks: Sequence[StoredChunk]) -> None:
        self._chunks = {chunk.key: chunk for chunk in chunks}
        self.asked = 0

    def __call__(self, keys: Sequence[int]) -> list[StoredChunk]:
        self.asked += len(keys)
        return [self._chunks[key] for key in keys if key in self._chunks]


def selected(chosen: list[Ranked], chunks: Sequence[StoredChunk], k: int) -> Selection:
    return select(chosen, Chunks(chunks), k)


def keys_of(chosen: list[Ranked], chunks: list[StoredChunk], k: int) -> list[str]:
    found = selected(chosen, chunks, k).passages
    return [passage.title.removeprefix("Title ") for passage in found]


def scored(**scores: float) -> list[Ranked]:
    """Chunks ``_1``, ``_2`` ... with these scores."""
    return [Ranked(int(key[1:]), score, Scores()) for key, score in scores.items()]


def test_the_best_come_first_with_ranks_from_one() -> None:
    found = selected(ranked(2, 1, 3), [stored(1), stored(2), stored(3)], 2).passages

    assert [(passage.rank, passage.title, passage.score) for passage in found] == [
        (1, "Title 2", 1.0),
        (2, "Title 1", 0.5),
    ]


def test_asking_for_more_than_there_is_gives_all() -> None:
    assert keys_of(ranked(2, 1), [stored(1), stored(2)], 100) == ["2", "1"]
    assert selected([], [], 5) == Selection(())


def test_a_chunk_that_is_gone_meanwhile_is_left_out() -> None:
    assert keys_of(ranked(1, 2, 3), [stored(1), stored(3)], 5) == ["1", "3"]


def test_near_duplicates_of_a_better_chunk_are_held_back() -> None:
    text = "a b c d e f g h i j k l m n o p q r s"  # 19 words
    chunks = [
        stored(1, text=text),
        stored(2, text=f"{text.upper()}!"),
        stored(3, text=f"{text} other words"),  # 19 of 21: 0.905
        stored(4, text=f"{text} three other words"),  # 19 of 22: 0.864
    ]

    assert keys_of(ranked(1, 2, 3, 4), chunks, 5) == ["1", "4"]


def test_short_texts_are_repeats_only_when_they_are_the_same() -> None:
    texts = ("Hello World", "Hello, world!", "Hello  World")
    chunks = [stored(key, text=text) for key, text in enumerate(texts, 1)]

    assert keys_of(ranked(1, 2, 3), chunks, 5) == ["1", "2"]


def test_one_document_gives_way_to_others_that_are_nearly_as_good() -> None:
    chunks = [stored(key, "a.md") for key in range(1, 5)] + [stored(5), stored(6), stored(7)]
    found = scored(_1=10, _2=9, _3=8, _4=7, _5=6, _6=5.2, _7=1)

    assert keys_of(found, chunks, 5) == ["1", "2", "3", "5", "6"]


def test_one_document_gives_no_way_to_others_that_are_worse() -> None:
    chunks = [stored(key, "a.md") for key in range(1, 5)] + [stored(5), stored(6), stored(7)]
    found = scored(_1=10, _2=9, _3=8, _4=7, _5=6, _6=5.1, _7=1)

    assert keys_of(found, chunks, 5) == ["1", "2", "3", "4", "5"]


def test_how_good_is_measured_from_the_last_candidate() -> None:
    chunks = [stored(key, "a.md") for key in range(1, 5)] + [stored(5), stored(6), stored(7)]
    found = scored(_1=5, _2=4, _3=3, _4=2, _5=-0.5, _6=-2, _7=-4)

    assert keys_of(found, chunks, 5) == ["1", "2", "3", "4", "5"]


def test_one_document_fills_what_the_others_do_not() -> None:
    chunks = [stored(key, "a.md") for key in range(1, 6)] + [stored(6)]

    assert keys_of(ranked(1, 2, 3, 4, 6, 5), chunks, 5) == ["1", "2", "3", "4", "6"]


@pytest.mark.parametrize(("k", "expected"), [(1, ["1"]), (2, ["1", "2"]), (3, ["1", "2", "4"])])
def test_a_short_list_may_hold_two_of_one_document(k: int, expected: list[str]) -> None:
    chunks = [stored(key, "a.md") for key in (1, 2, 3)] + [stored(4), stored(5)]

    assert keys_of(scored(_1=10, _2=9, _3=8, _4=7, _5=1), chunks, k) == expected


def test_what_is_held_back_says_why() -> None:
    chunks = [stored(1, "a.md", "so it is said"), stored(2, "b.md", "so it is  said")]
    chunks += [stored(key, "c.md") for key in (3, 4, 5)] + [stored(6)]
    found = scored(_1=10, _2=9.5, _3=9, _4=8.5, _5=8, _6=7.5)

    chosen = selected(found, chunks, 3)

    assert [passage.chunk.document for passage in chosen.passages] == ["a.md", "c.md", "c.md"]
    assert chosen.held == {2: Held("repeat", 1)}
    assert selected(found, chunks, 4).held == {2: Held("repeat", 1)}


def test_a_chunk_that_gave_way_names_what_came_in_its_stead() -> None:
    chunks = [stored(key, "a.md") for key in (1, 2, 3)] + [stored(4)]

    chosen = selected(scored(_1=10, _2=9, _3=8, _4=7), chunks, 3)

    assert [passage.title for passage in chosen.passages] == ["Title 1", "Title 2", "Title 3"]
    assert selected(scored(_1=10, _2=9, _3=8, _4=7, _5=1), chunks, 3).held == {
        3: Held("document", 4)
    }


def test_no_more_chunks_are_read_than_are_looked_at() -> None:
    chunks = Chunks([stored(key) for key in range(200)])

    select(ranked(*range(200)), chunks, 5)

    assert chunks.asked == 16
