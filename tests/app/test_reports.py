"""The report says which files need attention, and why, in each of its three forms."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from citewell.app.output import schema
from citewell.app.reports.charts import columns, histogram, strip
from citewell.app.reports.command import print_summary, report_json, run_report
from citewell.app.reports.page import report_page
from citewell.app.reports.summary import summarise
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.reading import PageReading, Reading
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.values import ChunkingSettings

Capture = pytest.CaptureFixture[str]

EVIL = 'a<script>alert(1)</script>\x1b[2J\u202e&".md'
MIXED = (
    PageReading(1, "text", 300, 2),
    PageReading(2, "none", 0),
    PageReading(3, "text", 100, doubt="unmapped glyphs"),
    PageReading(4, "none", 0),
    PageReading(5, "none", 0),
    PageReading(6, "ocr", 50, doubt="low OCR confidence", confidence=0.5),
)
SCAN = (PageReading(1, "ocr", 80, confidence=0.9), PageReading(2, "ocr", 60, confidence=0.7))


def reading(name: str, **facts: Any) -> Reading:
    return replace(Reading(Path("/docs") / name, name, "read"), **facts)


READINGS = (
    reading("good.md", words=1200, language="en", seconds=0.02, size=2048, documents=1),
    reading("mixed.pdf", words=450, tables=2, language="de", pages=MIXED, documents=1),
    reading("scan.pdf", words=140, language="en", pages=SCAN, seconds=4.0, documents=1),
    reading("odd.txt", words=9, reason="letters without spaces", documents=1),
    reading("photo.png", status="skipped", reason="an image is not read"),
    reading("bad.pdf", status="failed", reason="damaged"),
)
SUMMARY = summarise("pets", READINGS)


def test_what_needs_attention_most_comes_first() -> None:
    assert [(file.reading.name, file.state) for file in SUMMARY.files] == [
        ("bad.pdf", "failed"),
        ("photo.png", "skipped"),
        ("mixed.pdf", "no text"),
        ("scan.pdf", "OCR"),
        ("odd.txt", "doubtful"),
        ("good.md", "good"),
    ]


def test_alike_files_come_by_name() -> None:
    files = summarise("pets", [reading("b.md"), reading("a.md")]).files

    assert [file.reading.name for file in files] == ["a.md", "b.md"]


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("bad.pdf", ("damaged",)),
        ("odd.txt", ("letters without spaces",)),
        ("scan.pdf", ("all 2 pages by OCR: confidence 0.80",)),
        (
            "mixed.pdf",
            (
                "3 of 6 pages (2, 4-5) without text",
                "1 of 6 pages (6) by OCR: confidence 0.50",
                "1 of 6 pages (3) doubtful: unmapped glyphs",
                "1 of 6 pages (6) doubtful: low OCR confidence",
            ),
        ),
        ("good.md", ()),
    ],
)
def test_the_notes_on_a_file_name_its_pages(name: str, notes: tuple[str, ...]) -> None:
    (file,) = (file for file in SUMMARY.files if file.reading.name == name)

    assert file.notes == notes


def test_the_only_page_of_a_file_needs_no_number() -> None:
    (file,) = summarise("pets", [reading("a.pdf", pages=(PageReading(1, "none", 0),))]).files

    assert file.notes == ("the only page without text",)


def test_many_pages_are_named_by_the_first_of_them() -> None:
    pages = tuple(PageReading(number, "text", number % 2) for number in range(1, 200))

    (file,) = summarise("pets", [reading("a.pdf", pages=pages)]).files

    assert file.notes == (
        "99 of 199 pages (2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, ...) "
        "without text",
    )


def test_the_report_for_people_ends_with_totals(capsys: Capture) -> None:
    print_summary(SUMMARY, every=False)

    assert capsys.readouterr().out == (
        "1 file could not be read\n"
        "  bad.pdf: damaged\n\n"
        "1 file not meant to be read\n"
        "  photo.png: an image is not read\n\n"
        "1 file with pages that have no text\n"
        "  mixed.pdf: 3 of 6 pages (2, 4-5) without text; 1 of 6 pages (6) by OCR: confidence "
        "0.50; 1 of 6 pages (3) doubtful: unmapped glyphs; 1 of 6 pages (6) doubtful: low OCR "
        "confidence\n\n"
        "1 file with text recognised in images\n"
        "  scan.pdf: all 2 pages by OCR: confidence 0.80\n\n"
        "1 file with text that may not be what is printed\n"
        "  odd.txt: letters without spaces\n\n"
        "4 of 6 files read in 4.0 s\n"
        "  4 documents, 1,799 words, 2 tables\n"
        "  8 pages: 2 as text, 3 by OCR, 3 without text, 2 doubtful\n"
        "  languages: en 2, de 1, not clear 1\n"
    )


def test_all_files_are_listed_when_asked_for(capsys: Capture) -> None:
    files = [reading(f"{number:02}.md", words=7) for number in range(12)]

    print_summary(summarise("pets", files), every=True)

    assert capsys.readouterr().out.count(".md: 7 words\n") == 12


def test_long_lists_are_cut_and_say_so(capsys: Capture) -> None:
    files = [reading(f"{number:02}.pdf", status="failed", reason="x") for number in range(12)]

    print_summary(summarise("pets", files), every=False)

    assert "  09.pdf: x\n  ... and 2 more; --all lists every file\n" in capsys.readouterr().out


def test_where_nothing_was_read_the_next_command_is_named(capsys: Capture) -> None:
    print_summary(summarise("pets", []), every=False)

    assert capsys.readouterr().out == (
        "Nothing has been read into pets yet. Start with: citewell ingest PATH --collection pets\n"
    )


def test_the_report_for_programs_follows_its_schema() -> None:
    printed = json.loads(json.dumps(report_json(SUMMARY)))

    jsonschema.Draft202012Validator(schema("citewell.report/1")).validate(printed)
    assert printed["totals"] == {
        "files": 6,
        "states": {"failed": 1, "skipped": 1, "no_text": 1, "ocr": 1, "doubtful": 1, "good": 1},
        "languages": {"en": 2, "de": 1, "unknown": 1},
        "pages": 8,
        "pages_by_source": {"none": 3, "ocr": 3, "text": 2},
        "pages_doubtful": 2,
        "documents": 4,
        "words": 1799,
        "tables": 2,
        "seconds": 4.02,
        "bytes": 2048,
    }
    assert printed["files"][3]["pages"][1] == {
        "number": 2,
        "source": "ocr",
        "words": 60,
        "tables": 0,
        "doubt": "",
        "confidence": 0.7,
    }


# the page


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Tags()
    parser.feed(page)
    return parser.found


def test_the_page_refers_to_nothing_outside_of_it() -> None:
    found = tags(report_page(SUMMARY))

    addresses = {"src", "href", "action", "data", "srcset", "style"}
    assert [tag for tag, attributes in found if addresses & attributes.keys()] == []
    assert "url(" not in report_page(SUMMARY)
    assert "@import" not in report_page(SUMMARY)


def test_the_page_lets_in_its_own_style_and_script_only() -> None:
    page = report_page(SUMMARY)

    policy = next(found["content"] for tag, found in tags(page) if "http-equiv" in found)
    assert policy is not None
    assert re.sub(r"sha256-[\w+/]{43}=", "HASH", policy) == (
        "default-src 'none'; style-src 'HASH'; script-src 'HASH'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_names_in_the_page_are_text() -> None:
    page = report_page(summarise("<b>pets", [reading(EVIL, reason="<img src=x>")]))

    assert "a&lt;script&gt;alert(1)&lt;/script&gt;[2J&amp;&quot;.md" in page
    assert {"img", "b"}.isdisjoint({tag for tag, _ in tags(page)})
    assert [tag for tag, _ in tags(page)].count("script") == 1
    assert {"\x1b", "\u202e"}.isdisjoint(page)


def test_the_page_of_a_collection_without_files_is_whole() -> None:
    found = [tag for tag, _ in tags(report_page(summarise("pets", [])))]

    assert found.count("figure") == 5
    assert found.count("tr") == 1


def test_each_plot_can_be_read_aloud() -> None:
    labels = [found["aria-label"] for tag, found in tags(report_page(SUMMARY)) if tag == "svg"]

    assert "Files by language. en: 2, de: 1, not clear: 1" in labels
    assert "Words on a page. 0: 3, 50+: 3, 100+: 1, 300+: 1" in labels
    assert "Pages: 5 pages to look at" in labels


# plots


def test_a_value_on_an_edge_belongs_to_the_class_that_begins_there() -> None:
    assert histogram([0, 49, 50, 50.5, 100, 9000], (50, 100), ("0", "50+", "100+")) == [
        ("0", 2),
        ("50+", 2),
        ("100+", 2),
    ]


def test_the_tallest_column_fills_the_plot_and_others_are_in_proportion() -> None:
    heights = re.findall(r'<rect[^>]* height="([\d.]+)"', columns("x", [("a", 4), ("b", 1)]))

    assert heights == ["124.0", "31.0"]


def test_many_pages_share_a_box_that_shows_the_worst_of_them() -> None:
    kinds = ["good"] * 95 + ["ocr", "doubt", "good", "none", "good"]

    drawn = re.findall(r'class="page (\w+)"', strip(kinds, "pages", most=10))

    assert drawn == ["good"] * 9 + ["none"]


# the command


@pytest.fixture
def settings(tmp_path: Path, embedder: Embedder) -> Settings:
    made = Settings(home=tmp_path / "home", collection="pets")
    with open_store(made.home) as store:
        store.create_collection("pets", embedder.fingerprint, ChunkingSettings())
        store.put_readings("pets", READINGS)
    return made


def test_the_page_is_written_to_the_file_named(settings: Settings, capsys: Capture) -> None:
    file = settings.home.parent / "report.html"

    assert run_report(settings, every=False, html=file, as_json=False) == 0

    assert file.read_text("utf-8") == report_page(SUMMARY)
    assert tuple(capsys.readouterr()) == ("", f"Written: {file}\n")


def test_a_page_that_cannot_be_written_is_named(settings: Settings) -> None:
    file = settings.home.parent / "nowhere" / "report.html"

    with pytest.raises(ConfigError, match=r"report\.html cannot be written \(No such file"):
        run_report(settings, every=False, html=file, as_json=False)


def test_json_and_a_page_can_be_had_at_once(settings: Settings, capsys: Capture) -> None:
    file = settings.home.parent / "report.html"

    run_report(settings, every=False, html=file, as_json=True)

    assert json.loads(capsys.readouterr().out)["totals"]["files"] == 6
    assert file.exists()


def test_an_unknown_collection_is_refused(settings: Settings) -> None:
    other = settings.model_copy(update={"collection": "papers"})

    with pytest.raises(NotConfigured, match="There is no collection 'papers'"):
        run_report(other, every=False, html=None, as_json=False)
