"""What is told of how well a file was read: counts that are right, and doubts that are few."""

import pytest

from citewell.ingest.quality import assess, count_words, doubt
from citewell.retrieval.reading import PageReading
from citewell.retrieval.values import Document, Page, Table

PROSE = "The cat sat on the mat and looked at the birds that were in the garden with their young."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("The cat's 3.5 well-known lives", 5),
        ("L’été, 15,50 €", 2),
        ("猫坐在垫子上。", 6),
        ("बिल्ली चटाई पर", 3),
        ("-- | -- | ...", 0),
    ],
)
def test_words_are_counted_as_people_count_them(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    "text",
    [
        PROSE,
        "1200.01\t1300.02\t-1400.03\n17%\t(18)\t$19.20\n2024-01-31\t2024-02-29\t12:30",
        "Introduction ............ 1\nMethods . . . . . . . . . . 12\nResults _________________ 25",
        "def check(self, *, name: str) -> None:\n    if not (name and self.known[name]): pass",
        "| Name | Age |\n| --- | --- |\n| Rex | 3 |\n| Tom | 12 |\n| Kit | 7 |\n| Max | 1 |\n",
        "A\tB\tC\nD\tE\tF\nG\tH\tI\nJ\tK\tL\nM\tN\tO\nP\tQ\tR\nS\tT\tU\nV\tW\tX\nY\tZ\tA\nB\tC\tD\tE\n",
        "Rindfleischetikettierungsgesetz: ein Wort, das es gab, und das heute niemand mehr sagt.",
        "แมวนั่งอยู่บนเสื่อและมองดูนกในสวนกับลูกของมันทุกวันในฤดูร้อนที่อากาศดี",
        "बिल्ली चटाई पर बैठी थी और बगीचे में अपने बच्चों के साथ पक्षियों को देख रही थी।",
        "猫坐在垫子上，看着花园里的鸟和它们的幼鸟，后来它睡着了，整个下午都没有醒来，直到晚饭的时候才醒。",
        "جَلَسَتِ القِطَّةُ عَلَى السَّجَّادَةِ وَنَظَرَتْ إِلَى الطُّيُورِ الَّتِي كَانَتْ",
        "\ufffd ?!",
    ],
)
def test_good_text_of_any_kind_is_not_doubted(text: str) -> None:
    assert doubt(text) == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROSE.replace("e", "\ufffd"), "unmapped glyphs"),
        ("(cid:12)(cid:7) (cid:99)(cid:3) (cid:45) words " * 4, "unmapped glyphs"),
        ("!\"#$ %&'( )*+, -./: ;<=> ?@[\\ ]^`{ |}~! " * 2, "many characters that are not letters"),
        (PROSE.replace(" ", ""), "letters without spaces"),
        (" ".join(PROSE.replace(" ", "")), "letters set apart"),
        ("Die schÃ¶ne Frau aÃŸ KÃ¤se. Câ€™Ã©tait trÃ¨s bon, sagte sie spÃ¤ter.", "read in another"),
    ],
)
def test_broken_text_is_doubted_with_the_reason(text: str, reason: str) -> None:
    assert doubt(text).startswith(reason)


def document(*pages: str, tables: tuple[Table, ...] = (), source: str = "text") -> Document:
    """Make a document of some pages, each ending in a line end unless it is blank."""
    made: list[Page] = []
    text = ""
    for number, page in enumerate(pages, start=1):
        start, text = len(text), text + (page and page + "\n")
        made.append(Page(number, start, len(text)))
    return Document("a.pdf", "A", text, tuple(made), tables=tables)


def test_each_page_has_its_words_its_tables_and_its_doubt() -> None:
    cells = Table(13, 21), Table(22, 24)
    broken = PROSE.replace(" ", "")

    found = assess([document("", "Cats and all", "dog\t12\ncat\t7", broken, tables=cells)])

    assert found.pages == (
        PageReading(1, "none", 0),
        PageReading(2, "text", 3),
        PageReading(3, "text", 4, tables=2),
        PageReading(4, "text", 1, doubt="letters without spaces"),
    )
    assert (found.words, found.tables, found.note) == (8, 2, "")


@pytest.mark.parametrize(("confidence", "reason"), [(0.59, "low OCR confidence"), (0.6, "")])
def test_recognised_text_is_doubted_where_recognition_was_unsure(
    confidence: float, reason: str
) -> None:
    page = Page(1, 0, len(PROSE), "ocr", confidence)

    found = assess([Document("scan.pdf", "Scan", PROSE, (page,))])

    assert found.pages == (PageReading(1, "ocr", 19, 0, reason, confidence),)


def test_a_page_on_which_nothing_was_recognised_stays_one_that_was_looked_at() -> None:
    found = assess([Document("scan.pdf", "Scan", "", (Page(1, 0, 0, "ocr", 0.9),))])

    assert [page.source for page in found.pages] == ["ocr"]


@pytest.mark.parametrize(
    ("size", "reasons"),
    [
        (150_000, ["few words for its size", "few words for its size"]),
        (149_999, ["", ""]),
        (0, ["", ""]),
    ],
)
def test_a_large_file_of_few_words_is_doubted(size: int, reasons: list[str]) -> None:
    found = assess([document("page 1", "page 2")], size)

    assert [page.doubt for page in found.pages] == reasons


def test_a_picture_book_is_no_reason_to_doubt_its_full_pages() -> None:
    found = assess([document(PROSE * 2, "page 2", "page 3", "page 4")], 10_000_000)

    assert [page.number for page in found.pages if page.doubt] == [2, 3, 4]


def test_a_text_without_pages_is_doubted_as_a_whole() -> None:
    found = assess([Document("a.txt", "A", PROSE.replace(" ", ""))])

    assert (found.pages, found.note) == ((), "letters without spaces")


def test_of_many_documents_it_is_told_how_many_are_doubted() -> None:
    good = [Document(f"{number}", "Row", PROSE) for number in range(3)]
    bad = Document("x", "Row", PROSE.replace("e", "\ufffd"))

    found = assess([*good, bad])

    assert found.note == "unmapped glyphs in 1 of 4 documents"
    assert found.language == "en"


def test_nothing_is_told_of_no_documents() -> None:
    found = assess([])

    assert (found.words, found.tables, found.language, found.pages, found.note) == (
        0,
        0,
        "",
        (),
        "",
    )


def test_what_a_reader_remarks_is_told() -> None:
    corpus = Document("a", "A", PROSE, metadata={"rows_left_out": "1 of 2 rows: line 1 is a list"})
    config = Document("b", "B", PROSE, metadata={"reader_note": "read as plain text"})

    assert assess([corpus]).note == "left out 1 of 2 rows: line 1 is a list"
    assert assess([config]).note == "read as plain text"


def test_of_a_long_text_three_places_are_looked_at() -> None:
    good = "The cat sleeps on the warm roof of the house. " * 4_000
    broken = "\ufffd\ufffd" * 10_000

    assert doubt(good) == ""
    assert doubt(good + broken) == "unmapped glyphs"
