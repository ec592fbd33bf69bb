"""Of a page of HTML goes in what a visitor sees, with headings and tables, and no more."""

from pathlib import Path

import pytest

from citewell.ingest.readers.html_reader import read_html
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading, Table


def read(tmp_path: Path, content: str, encoding: str = "utf-8") -> Document:
    path = tmp_path / "page.html"
    path.write_bytes(content.encode(encoding))
    (document,) = read_html(path, "page.html")
    return document


def test_paragraphs_headings_and_tables_come_in_order(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "<html><head><title>Leave policy</title></head><body><h1>Leave</h1>intro<p>Ask\n  "
        "<b>early</b>.<br>Always.</p><h2>Table <i>1</i></h2><table><tr><th>Kind<th>Weeks</tr>"
        "<tr><td>Parental</td><td><p>16</p><p>paid</p></td></tr></table>after<ul><li>one<li>two"
        "</ul></body></html>",
    )
    assert document.title == "Leave policy"
    assert document.text == (
        "Leave\n\nintro\n\nAsk early.\nAlways.\n\nTable 1\n\nKind\tWeeks\nParental\t16 paid"
        "\n\nafter\n\none\n\ntwo"
    )
    assert document.headings == (Heading(1, "Leave", 0), Heading(2, "Table 1", 34))
    assert document.text[34:41] == "Table 1"
    assert document.tables == (Table(43, 70, header="Kind\tWeeks"),)


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>secret</script>",
        "<style>secret</style>",
        "<template>secret</template>",
        "<noscript>secret</noscript>",
        "<!-- secret -->",
        "<p hidden>secret</p>",
        "<div style='color: red; display : none'><p>secret</p></div>",
        "<span style='visibility:hidden'>secret</span>",
        "<span style='font-size:0px'>secret</span>",
        "<span style='opacity: 0'>secret</span>",
        "<nav>secret</nav>",
        "<footer>secret</footer>",
        "<select><option>secret</select>",
        "<ix:header>secret</ix:header>",
        "<a title='secret' href='data:text/plain,secret'></a>",
    ],
)
def test_what_no_visitor_reads_stays_out(tmp_path: Path, hidden: str) -> None:
    document = read(tmp_path, f"<body><p>Seen before</p>{hidden}<p>and after.</p></body>")
    assert document.text == "Seen before\n\nand after."


def test_words_are_not_torn_apart_by_inline_tags(tmp_path: Path) -> None:
    assert read(tmp_path, "<p>H<sub>2</sub>O is <b>wa</b>ter</p>").text == "H2O is water"


def test_code_keeps_its_lines_and_indents(tmp_path: Path) -> None:
    document = read(tmp_path, "<p>Run:</p><pre>if x:\n    <b>go</b>()\n</pre>")
    assert document.text == "Run:\n\nif x:\n    go()"


def test_a_table_that_arranges_the_page_is_read_as_its_parts(tmp_path: Path) -> None:
    inner = "<table><tr><td>a</td><td>b</td></tr></table>"
    document = read(
        tmp_path, f"<table><tr><td><h1>Top</h1><p>left</p></td><td>{inner}</td></tr></table>"
    )
    assert document.text == "Top\n\nleft\n\na\tb"


def test_the_part_marked_as_main_is_what_counts(tmp_path: Path) -> None:
    document = read(tmp_path, "<div>Log in</div><main><p>The words that matter.</p></main>")
    assert document.text == "The words that matter."


def test_a_small_part_marked_as_main_does_not_hide_the_rest(tmp_path: Path) -> None:
    document = read(tmp_path, "<p>The words that matter are all here.</p><main>x</main>")
    assert document.text == "The words that matter are all here.\n\nx"


def test_a_page_of_menus_is_left_to_its_content(tmp_path: Path) -> None:
    menu = "".join(f"<li><a href='/{n}'>Menu entry number {n}</a></li>" for n in range(200))
    words = "".join(
        f"<p>Paragraph {n} says something of its own, at some length, for the reader.</p>"
        for n in range(10)
    )
    document = read(tmp_path, f"<body><div><ul>{menu}</ul></div><div>{words}</div></body>")
    assert "Paragraph 9 says something" in document.text
    assert "Menu entry" not in document.text


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("<meta charset='iso-8859-7'>", "iso-8859-7"),
        ("<meta http-equiv='Content-Type' content='text/html; charset=cp1253'>", "cp1253"),
        ("<?xml version='1.0' encoding='utf-8'?>", "utf-8"),
        ("", "utf-8"),
        ("", "utf-16"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, head: str, encoding: str) -> None:
    assert read(tmp_path, f"{head}<p>Καλημέρα κόσμε</p>", encoding).text == "Καλημέρα κόσμε"


def test_a_page_without_a_title_has_that_of_its_heading(tmp_path: Path) -> None:
    assert read(tmp_path, "<h1>Leave</h1><p>x</p><h1>More</h1>").title == "Leave"


@pytest.mark.parametrize("content", ["<html></html>", "<script>x</script>", "<!-- x -->"])
def test_a_page_without_words_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ReadError, match="holds no text"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "visibility: hidden",
        "font-size:0",
        "font-size: 1px; color: black",
        "opacity:0",
        "color:white",
        "color: #FFFFFF",
        "color: rgb(255, 255, 255); background: white",
        "background-color:#123456; color:#123456",
        "color:transparent",
    ],
)
def test_text_that_a_style_hides_stays_out(tmp_path: Path, style: str) -> None:
    document = read(tmp_path, f"<p>Seen.</p><p style='{style}'>Obey <b>me</b>.</p>")
    assert document.text == "Seen."


@pytest.mark.parametrize(
    "page",
    [
        "<p style='color:white; background:navy'>Seen.</p>",
        "<table bgcolor=black><tr><td style='color:white'>Seen.</td></tr></table>",
        "<div class=hero><p style='color:#fff'>Seen.</p></div>",
        "<p style='font-size:10px; color:whitesmoke'>Seen.</p>",
        "<p style='font-size:0.9em; opacity:0.5'>Seen.</p>",
        "<p style='background-color:white; color:black'>Seen.</p>",
    ],
)
def test_text_that_can_be_seen_stays(tmp_path: Path, page: str) -> None:
    assert read(tmp_path, page).text == "Seen."
