"""Tables are cut between rows, and every row is found with the names of its columns."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.ingest.chunking import chunk
from citewell.ingest.run import ingest
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Heading, Table

HEADER = "Year\tCats\tDogs"
WHERE = ("Chile", "Norway", "Ghana", "Nepal", "Spain")


def rows_of(count: int) -> str:
    """Return rows of 17 characters each, with their line breaks."""
    return "".join(f"{2000 + i}\t{100000 + i}\t{7000 + i}\n" for i in range(count))


def chunks_of(
    before: str, table: str, after: str = "", *, about: Table | None = None, chars: int = 200
) -> list[Chunk]:
    known = about or Table(0, 0, HEADER)
    start, end = len(before), len(before) + len(table.rstrip("\n"))
    placed = Table(start, end, known.header, known.sheet, known.columns, known.rows)
    document = Document("a.xlsx", "A", before + table + after, tables=(placed,))
    return chunk(document, ChunkingSettings(chars=chars))


def test_a_table_that_fits_is_one_chunk_with_the_line_that_introduces_it() -> None:
    prose = "The cat sat on the mat and looked at the dog. " * 3
    table = f"{HEADER}\n{rows_of(8)}"

    assert [part.text for part in chunks_of(f"{prose}\n\nTable 1. Pets.\n\n", table)] == [
        prose.strip(),
        f"Table 1. Pets.\n\n{table}".strip(),
    ]


def test_a_line_that_leaves_no_room_for_the_table_stays_outside_of_it() -> None:
    prose = "The cat sat on the mat and looked at the dog. " * 3
    table = f"{HEADER}\n{rows_of(10)}"

    assert [
        part.text for part in chunks_of(f"{prose}\n\nTable 1. Pets of the town.\n\n", table)
    ] == [
        f"{prose}\n\nTable 1. Pets of the town.",
        table.strip(),
    ]


def test_a_long_table_is_cut_between_rows_that_know_their_header() -> None:
    parts = chunks_of("", f"{HEADER}\n{rows_of(30)}")

    assert [part.header for part in parts] == ["", HEADER, HEADER, HEADER]
    assert "\n".join(part.text for part in parts) == f"{HEADER}\n{rows_of(30)}".strip()


def test_the_header_counts_toward_the_limit() -> None:
    parts = chunks_of("", f"{HEADER}\n{rows_of(300)}")

    assert max(len(part.header) + 1 + len(part.text) for part in parts) <= 200


def test_a_table_goes_on_with_the_header_of_an_earlier_one() -> None:
    parts = chunks_of("", rows_of(3))

    assert [part.header for part in parts] == [HEADER]


def test_rows_above_the_header_do_not_repeat_it() -> None:
    parts = chunks_of("", f"Pets\tof the town\n{HEADER}\n{rows_of(3)}")

    assert [part.header for part in parts] == [""]


def test_a_long_header_is_bounded_between_cells() -> None:
    header = "\t".join(f"Column {number}" for number in range(10, 40))
    parts = chunks_of("", f"{header}\n{rows_of(30)}", about=Table(0, 0, header))

    assert {part.header for part in parts[2:]} == {header[:99]}
    assert header[99] == "\t"


def test_a_row_that_fits_stays_whole_with_as_much_of_the_header_as_there_is_room_for() -> None:
    row = "2030\t" + "cat " * 47 + "x"
    parts = chunks_of("", f"{HEADER}\n{rows_of(12)}{row}\n{rows_of(12)}")

    assert [(part.header, part.text) for part in parts if "2030" in part.text] == [("Year", row)]


def test_a_row_longer_than_the_limit_is_cut_between_cells() -> None:
    cells = "\t".join(["a cat that purrs"] * 20)
    parts = chunks_of("", f"{HEADER}\n{rows_of(12)}{cells}\n")

    assert [part.text for part in parts[-2:]] == [
        "\t".join(["a cat that purrs"] * 10),
        "\t".join(["a cat that purrs"] * 10),
    ]


def test_a_blank_cell_at_the_beginning_of_a_chunk_stays() -> None:
    parts = chunks_of("", f"{HEADER}\n" + "\t100000\t7000\n" * 30)

    assert [part.text[:4] for part in parts] == ["Year", "\t100", "\t100"]


def test_prose_after_the_last_rows_follows_them_in_their_chunk() -> None:
    parts = chunks_of("", f"{HEADER}\n{rows_of(2)}", "\nCats lead.")

    assert [part.text for part in parts] == [f"{HEADER}\n{rows_of(2)}\nCats lead."]


@pytest.mark.parametrize(
    ("sheet", "place"),
    [
        ("Costs", "Costs!A1:C5"),
        ("Q1 costs", "'Q1 costs'!A1:C5"),
        ("Q1", "'Q1'!A1:C5"),
        ("Cat's", "'Cat''s'!A1:C5"),
        ("Größe_2", "Größe_2!A1:C5"),
        ("", "A1:C5"),
    ],
)
def test_a_chunk_of_a_sheet_names_its_cells(sheet: str, place: str) -> None:
    about = Table(0, 0, HEADER, sheet, "A:C", (1, 2, 5))

    assert [part.place for part in chunks_of("", f"{HEADER}\n{rows_of(2)}", about=about)] == [place]


def test_each_chunk_of_a_long_sheet_names_its_own_rows() -> None:
    numbers = (1, *range(11, 41))
    about = Table(0, 0, HEADER, "Costs", "B:D", numbers)
    parts = chunks_of("", f"{HEADER}\n{rows_of(30)}", about=about)

    assert [part.place for part in parts] == [
        "Costs!B1:D19",
        "Costs!B20:D29",
        "Costs!B30:D35",
        "Costs!B36:D40",
    ]


def test_a_chunk_of_two_tables_of_a_sheet_names_the_range_that_holds_both() -> None:
    text = "Cat\t1\n\nDog\t2"
    tables = (Table(0, 5, "", "Costs", "B:D", (4,)), Table(7, 12, "", "Costs", "A:AB", (9,)))
    parts = chunk(Document("a.xlsx", "A", text, tables=tables), ChunkingSettings(chars=200))

    assert [part.place for part in parts] == ["Costs!A4:AB9"]


def test_a_chunk_of_two_sheets_names_the_cells_of_both() -> None:
    text = "Cat\t1\n\nDog\t2"
    tables = (Table(0, 5, "", "Costs", "A:B", (1,)), Table(7, 12, "", "Gains", "D:D", (9,)))
    parts = chunk(Document("a.xlsx", "A", text, tables=tables), ChunkingSettings(chars=200))

    assert [part.place for part in parts] == ["Costs!A1:B1, Gains!D9"]


def test_a_chunk_outside_of_workbooks_names_no_cells() -> None:
    assert [part.place for part in chunks_of("", f"{HEADER}\n{rows_of(2)}")] == [""]


def test_a_table_of_half_a_million_characters_is_cut_whole() -> None:
    """A step that takes more than linear time would make this hang."""
    count = 500_000 // 17
    about = Table(0, 0, HEADER, "Costs", "A:C", tuple(range(1, count + 2)))
    parts = chunks_of("", f"{HEADER}\n{rows_of(count)}", about=about, chars=900)

    assert sum(part.text.count("\n") + 1 for part in parts) == count + 1
    assert parts[-1].place.endswith(f":C{count + 1}")


@pytest.mark.models
def test_a_question_about_one_cell_finds_its_row_with_its_columns_first(tmp_path: Path) -> None:
    fields = ("Cloud", "Retail", "Health", "Energy", "Rail", "Dairy", "Music", "Timber")
    kinds = ("services", "repairs", "rentals", "training", "licences")
    names = [f"{field} {kind}, {where}" for where in WHERE for field in fields for kind in kinds]
    for measure in ("Revenue", "Employees"):
        rows = [f"{name};{len(name)}1;{at}2;{at}3" for at, name in enumerate(names, 1)]
        header = f"Segment;{measure} 2021;{measure} 2022;{measure} 2023"
        text = "\n".join([header, *rows])
        (tmp_path / f"{measure[0]}.csv").write_text(text, "utf-8")
    settings = Settings(home=tmp_path / "home")
    ingest([tmp_path / "E.csv", tmp_path / "R.csv"], settings)

    with open_retriever(settings=settings) as retriever:
        first = retriever.search("What was the revenue of Energy rentals in Norway in 2022?")[0]

    assert (first.document, first.chunk.header[-12:]) == ("R.csv", "Revenue 2023")
    assert "\nEnergy rentals, Norway\t" in first.text
    assert len(names) == 200


CELLS = st.sampled_from(["", "a", "12", "cat.", "x" * 70, "the cat sat. It", " | "])
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=5).map("\t".join), max_size=25).map("\n".join)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A text with up to three tables, each a stretch of whole lines, and headings anywhere."""
    text, tables = "", []
    for _ in range(draw(st.integers(1, 3))):
        text += draw(LINES) + draw(st.sampled_from(["\n", "\n\n", " The cat. \n"]))
        rows = draw(LINES)
        header = draw(st.sampled_from(["", rows.split("\n")[0].strip(), "Year\tCats", "y" * 300]))
        numbers = tuple(range(1, rows.count("\n") + 2))
        tables.append(Table(len(text), len(text) + len(rows), header, "Costs", "A:E", numbers))
        text += rows + draw(st.sampled_from(["\n", "\n\n"]))
    starts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=3)))
    headings = tuple(Heading(1, "Cats", start) for start in starts)
    return Document("a.xlsx", "A", text, headings=headings, tables=tuple(tables))


@given(documents(), st.integers(200, 260))
def test_every_character_of_tables_and_prose_is_in_exactly_one_chunk(
    document: Document, chars: int
) -> None:
    parts = chunk(document, ChunkingSettings(chars=chars))

    assert all(document.text[part.start : part.end] == part.text for part in parts)
    assert "".join("".join(part.text.split()) for part in parts) == "".join(document.text.split())
    assert sorted(part.start for part in parts) == [part.start for part in parts]


@given(documents(), st.integers(200, 260))
def test_a_chunk_and_its_header_keep_within_the_limit(document: Document, chars: int) -> None:
    for part in chunk(document, ChunkingSettings(chars=chars)):
        assert len(part.text) + bool(part.header) + len(part.header) <= chars


@given(documents(), st.integers(200, 260))
def test_a_row_that_fits_is_never_cut(document: Document, chars: int) -> None:
    plain = Document(document.name, document.title, document.text, tables=document.tables)
    parts = chunk(plain, ChunkingSettings(chars=chars))
    for table in document.tables:
        for row in document.text[table.start : table.end].split("\n"):
            if row.strip() and len(row) <= chars:
                assert any(row.strip() in part.text for part in parts)
