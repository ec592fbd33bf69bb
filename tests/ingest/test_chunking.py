"""Chunks follow the structure of a document and are exact spans of its text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.ingest.chunking import chunk
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Heading, Page

SETTINGS = ChunkingSettings(chars=200)
SENTENCE = "The cat sat on the mat and looked at the dog. "  # 46 characters


def chunks_of(text: str, chars: int = 200, headings: tuple[Heading, ...] = ()) -> list[Chunk]:
    document = Document("a.md", "A", text, headings=headings)
    return chunk(document, ChunkingSettings(chars=chars))


def texts_of(text: str, chars: int = 200, headings: tuple[Heading, ...] = ()) -> list[str]:
    return [piece.text for piece in chunks_of(text, chars, headings)]


def headings_in(text: str) -> tuple[Heading, ...]:
    """Return the Markdown headings of a text."""
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        if line.startswith("#"):
            level = len(line) - len(line.lstrip("#"))
            found.append(Heading(level, line.strip("# \n"), start))
        start += len(line)
    return tuple(found)


def test_short_paragraphs_are_packed_together() -> None:
    assert texts_of("One cat.\n\nTwo dogs.\n\nA horse.") == ["One cat.\n\nTwo dogs.\n\nA horse."]


def test_a_paragraph_that_does_not_fit_starts_a_chunk() -> None:
    first, second = "a" * 180 + ".", "b" * 60 + "."

    assert texts_of(f"{first}\n\n{second}") == [first, second]


def test_a_long_paragraph_is_cut_at_ends_of_sentences() -> None:
    parts = texts_of(SENTENCE * 6)

    assert parts == [(SENTENCE * 3).strip()] * 2


def test_a_long_sentence_is_cut_at_white_space() -> None:
    parts = texts_of("word " * 60)

    assert [len(part) for part in parts] == [199, 99]
    assert set(" ".join(parts).split()) == {"word"}


def test_text_without_white_space_is_cut_at_the_limit() -> None:
    assert [len(part) for part in texts_of("x" * 450)] == [200, 200, 50]


def test_a_section_that_fills_much_of_a_chunk_has_its_own() -> None:
    text = f"# Cats\n{SENTENCE}{SENTENCE}\n# Dogs\nThey bark.\n"

    assert texts_of(text, headings=headings_in(text)) == [
        f"# Cats\n{SENTENCE}{SENTENCE}".strip(),
        "# Dogs\nThey bark.",
    ]


def test_short_sections_of_one_parent_share_a_chunk_that_stands_under_it() -> None:
    text = "# Animals\nA list.\n## Cats\nThey purr.\n## Dogs\nThey bark.\n"
    chunks = chunks_of(text, headings=headings_in(text))

    assert [(part.text, part.headings) for part in chunks] == [(text.strip(), ("Animals",))]


def test_short_sections_are_joined_only_while_they_fit() -> None:
    text = "".join(
        f"# Cat {number}\nIt purrs, it sleeps and it eats a fish.\n" for number in "12345"
    )
    chunks = chunks_of(text, headings=headings_in(text))

    assert [len(part.text) for part in chunks] == [191, 47]
    assert [part.headings for part in chunks] == [(), ("Cat 5",)]


def test_short_sections_of_different_parents_are_not_joined() -> None:
    text = "# Cats\n## Voice\nThey purr.\n# Dogs\n## Voice\nThey bark.\n"
    paths = [part.headings for part in chunks_of(text, headings=headings_in(text))]

    assert paths == [("Cats", "Voice"), ("Dogs", "Voice")]


def test_a_definition_that_fits_is_never_cut() -> None:
    first = "def purr(cat):\n    rest(cat)\n\n    return cat.voice(12345) + cat.voice(67890)\n"
    long = "def bark(dog):\n" + "    dog.voice('woof')\n\n" * 7 + "    return dog\n"
    text = first + "\n\n" + long
    starts = (Heading(1, "purr", 0), Heading(1, "bark", len(first) + 2))

    assert texts_of(text, headings=starts) == [first.strip(), long.strip()]


def test_a_heading_stays_with_the_long_paragraph_below_it() -> None:
    text = "# Cats\n\n" + SENTENCE * 6
    first = chunks_of(text, headings=headings_in(text))[0]

    assert first.text.startswith("# Cats\n\nThe cat sat")


def test_a_heading_without_text_goes_with_the_section_below_it() -> None:
    cats, dogs = (f"{SENTENCE}{SENTENCE}{word}" for word in ("They purr.", "They bark."))
    text = f"# Animals\n\n## Cats\n\n{cats}\n\n## Dogs\n\n{dogs}\n"
    chunks = chunks_of(text, headings=headings_in(text))

    assert [(part.text, part.headings) for part in chunks] == [
        (f"# Animals\n\n## Cats\n\n{cats}", ("Animals", "Cats")),
        (f"## Dogs\n\n{dogs}", ("Animals", "Dogs")),
    ]


def test_a_heading_without_text_at_the_end_is_still_searchable() -> None:
    text = f"# Cats\n\n{SENTENCE}{SENTENCE}\n\n# Dogs\n"

    assert texts_of(text, headings=headings_in(text))[1:] == ["# Dogs"]


def test_the_heading_path_follows_the_levels() -> None:
    body = f"\n{SENTENCE}{SENTENCE}\n"
    text = f"{body}# A{body}## B{body}### C{body}## D{body}# E{body}"
    paths = [part.headings for part in chunks_of(text, headings=headings_in(text))]

    assert paths == [(), ("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"), ("E",)]


def test_a_chunk_knows_its_pages() -> None:
    text = "a" * 190 + "\n\n" + "b" * 20 + "\n" + "c" * 20
    pages = (Page(1, 0, 192), Page(2, 192, 192), Page(3, 192, 213), Page(4, 213, 233))

    parts = chunk(Document("a.pdf", "A", text, pages), SETTINGS)

    assert [(part.page_start, part.page_end) for part in parts] == [(1, 1), (3, 4)]


@pytest.mark.parametrize(
    "row",
    [
        "| Mr. Cat | sleeps. All day. | 12345 |",
        "Mr. Cat | sleeps. All day. | 12345",
        "Mr. Cat\tsleeps. All day.\t12345",
        "2024-01-01,cat,12345,sleeps,all,day",
        "cat: 12345",
    ],
)
def test_rows_are_never_cut(row: str) -> None:
    rows = "\n".join([row, row + "6", row + "78"] * 12)

    lines = [line for part in texts_of(rows) for line in part.splitlines()]

    assert lines == rows.splitlines()


def test_a_row_longer_than_the_limit_is_cut_at_white_space() -> None:
    parts = texts_of("| " + "cat " * 60 + "|")

    assert max(map(len, parts)) <= 200
    assert " ".join(parts).split() == ["|", *["cat"] * 60, "|"]


def test_wrapped_prose_is_cut_at_sentences_and_not_at_lines() -> None:
    line_one = "When a cat is hungry it goes to the kitchen and"
    line_two = "It waits there. The dog Bello does not do this,"
    text = "\n".join([line_one, "Bello looks on and says nothing at all to her."] * 3)
    parts = texts_of(f"{text}\n{line_two}\n{line_one}\nBello looks on.")

    assert all(part.endswith(".") for part in parts)
    assert len(parts) > 1


def test_a_small_tail_is_joined_with_the_chunk_before() -> None:
    first, second, third = ("A" * 189 + ". ", "B" * 149 + ". ", "C" * 29 + ". ")

    assert [len(part) for part in texts_of(first + second + third)] == [190, 181]


def test_a_line_that_introduces_the_next_paragraph_goes_with_it() -> None:
    text = SENTENCE * 3 + "\n\nOn horses\n\n" + SENTENCE * 4

    assert texts_of(text) == [
        (SENTENCE * 3).strip(),
        "On horses\n\n" + (SENTENCE * 4).strip(),
    ]


def test_a_line_that_introduces_a_table_goes_with_its_first_rows() -> None:
    row = "| cat | 12 |\n"

    assert texts_of(SENTENCE * 3 + "\nNumber of cats:\n" + row * 22) == [
        (SENTENCE * 3).strip(),
        "Number of cats:\n" + (row * 10).strip(),
        (row * 12).strip(),
    ]


def test_a_blank_document_has_no_chunks() -> None:
    assert chunks_of(" \n\t\n\u3000") == []


def test_a_heading_at_the_end_of_the_text_makes_no_blank_chunk() -> None:
    assert texts_of("cat\n", headings=(Heading(1, "Dogs", 4),)) == ["cat"]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 1_000_000,
        "word " * 200_000,
        "word\n" * 200_000,
        "a | b\n" * 160_000,
        " " * 1_000_000 + "x",
        "\n" * 1_000_000 + "x",
        "x\n \n" * 250_000,
        SENTENCE * 20_000,
        "\t" * 1_000_000 + "x",
        "|" * 1_000_000,
        "." * 1_000_000,
    ],
    ids=lambda text: repr(text[:6]),
)
def test_a_million_characters_of_anything_are_cut_whole(text: str) -> None:
    """A step that takes more than linear time would make this hang."""
    parts = texts_of(text, chars=900)

    assert sum(len("".join(part.split())) for part in parts) == len("".join(text.split()))


WORDS = ("a", "B", ".", "|", "#", "é", "🐈", "。", "cat", "Dog.", "Mr.", "-", "1.", "x" * 90)
GAPS = (*" \n\t\f\u3000\u2028", "\n\n", " | ", "\r\n", "\0", "\ud800")
PIECES = st.sampled_from([*WORDS, *GAPS])


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A text with headings and pages at any offsets."""
    text = "".join(draw(st.lists(PIECES, max_size=120)))
    offsets = st.lists(st.integers(0, len(text)), max_size=5).map(sorted)
    headings = tuple(
        Heading(draw(st.integers(1, 6)), draw(PIECES), start) for start in draw(offsets)
    )
    borders = [0, *draw(offsets), len(text)]
    pages = tuple(
        Page(number, start, end) for number, (start, end) in enumerate(pairwise(borders), 1)
    )
    return Document("a.txt", "A", text, draw(st.sampled_from([(), pages])), headings)


@given(documents(), st.integers(200, 260))
def test_every_character_is_in_exactly_one_chunk(document: Document, chars: int) -> None:
    parts = chunk(document, ChunkingSettings(chars=chars))

    assert "".join("".join(part.text.split()) for part in parts) == "".join(document.text.split())
    assert all(one.end <= two.start for one, two in pairwise(parts))


@given(documents(), st.integers(200, 260))
def test_chunks_are_exact_spans_within_the_limit(document: Document, chars: int) -> None:
    for part in chunk(document, ChunkingSettings(chars=chars)):
        assert document.text[part.start : part.end] == part.text == part.text.strip() != ""
        assert len(part.text) <= chars


@given(documents())
def test_the_pages_of_a_chunk_hold_its_ends(document: Document) -> None:
    pages = {page.number: page for page in document.pages}
    for part in chunk(document, SETTINGS):
        if part.page_start is None or part.page_end is None:
            assert not document.pages
        else:
            assert pages[part.page_start].start <= part.start < pages[part.page_start].end
            assert pages[part.page_end].start < part.end <= pages[part.page_end].end
