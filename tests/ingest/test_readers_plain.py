"""Text, Markdown and JSONL come in whole, in any encoding, and with their headings."""

import codecs
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citewell.ingest.readers import NotDocuments, reader_for
from citewell.ingest.readers.cleaning import clean_text
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.markdown_reader import find_headings
from citewell.ingest.readers.titles import choose_title, readable_name
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading


def read(path: Path) -> list[Document]:
    reader = reader_for(path)
    assert reader is not None
    return reader.read(path, path.name)


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("a\r\nb\rc\x0cd\u2028e", "a\nb\nc\nd\ne"),
        ("a\0b\x07c\x1bd", "abcd"),
        ("ign\U000e0069\U000e0067ore", "ignore"),
        ("zero\u200bwidth\u2060\ufeff", "zerowidth"),
        ("\u202e$1\u202c \u2066x\u2069", "$1 x"),
        ("a\ufe0fb\U000e0101", "ab"),
        ("soft\u00adhyphen", "softhyphen"),
        ("latin\u200djoiner\u200c", "latinjoiner"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("one\u00a0two\u3000three", "one two three"),
        ("e\u0301", "é"),
        ("lone \ud800 pair \ud83d\ude00", "lone \ufffd pair 😀"),
        ("a\n\n\n\n \n\nb\n\nc", "a\n\n\nb\n\nc"),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_clean_text_keeps_what_can_be_seen_in_one_form(dirty: str, clean: str) -> None:
    assert clean_text(dirty) == clean


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("naïve – “quoted”", "utf-8-sig"),
        ("naïve – “quoted”", "utf-16"),
        ("naïve words in UTF-16", "utf-16-le"),
        ("naïve words in UTF-16", "utf-16-be"),
        ("naïve – “quoted”", "utf-32"),
        ("Die schöne Frau hätte “gern” einen Kaffee – für 5 €.", "cp1252"),
        ("Le café de l'été est fermé; le salarié a droit à un congé payé.", "latin-1"),
        ("Pracownik ma prawo do urlopu. Zażółć gęślą jaźń. Łódź jest miastem.", "cp1250"),
        ("Это простой текст на русском языке для проверки кодировки.", "cp1251"),
        ("これは文字コードを検出するための簡単な日本語の文章です。", "shift_jis"),
        ("这是一个用于检测编码的简单中文文本。", "gb18030"),
        ("這是一個用於檢測編碼的簡單中文文本。員工有權享受十六週的育嬰假。", "big5"),
        ("이것은 인코딩을 감지하기 위한 간단한 한국어 텍스트입니다.", "euc-kr"),
        ("これは文字コードを検出するための簡単な日本語の文章です。", "euc-jp"),
        ("これは文字コードを検出するための簡単な日本語の文章です。", "iso2022-jp"),
        ("これは文字コードを検出するための簡単な日本語の文章です。", "utf-16-le"),
        ("Это простой текст на русском языке для проверки кодировки.", "koi8-r"),
        ("Это простой текст на русском языке для проверки кодировки.", "iso8859-5"),
        ("Это простой текст на русском языке для проверки кодировки.", "utf-16-be"),
        ("Это простой текст на русском языке для проверки кодировки.", "utf-32-le"),
        ("Это простой текст на русском языке для проверки кодировки.", "cp866"),
        ("Это простой текст на русском языке для проверки кодировки.", "mac-cyrillic"),
        ("СОТРУДНИК ИМЕЕТ ПРАВО НА ОТПУСК", "cp1251"),
        ("Αυτό είναι ένα απλό κείμενο στα ελληνικά για έλεγχο.", "iso8859-7"),
        ("זהו טקסט פשוט בעברית לבדיקת קידוד. העובד זכאי לחופשה של שישה עשר שבועות.", "cp1255"),
        ("هذا نص بسيط باللغة العربية للتحقق من الترميز.", "cp1256"),
        ("นี่คือข้อความภาษาไทยอย่างง่ายสำหรับตรวจสอบการเข้ารหัส", "cp874"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy na šedé střeše.", "iso8859-2"),
        ("naïve words in UTF-32", "utf-32-be"),
        ("The employee is entitled to sixteen weeks! See [4].", "cp500"),
        ("The employee is entitled to sixteen weeks! See (4).", "cp037"),
        ("Größe zählt nicht, schöne Grüße aus Köln für die Straße.", "cp500"),
    ],
)
def test_text_is_decoded_whatever_its_encoding(text: str, encoding: str) -> None:
    lines = f"{text}\n" * 4
    assert decode(lines.encode(encoding)) == lines


def test_lines_of_two_encodings_in_one_file_are_each_decoded() -> None:
    assert (
        decode("café\n".encode() + "Die Größe zählt.\n".encode("cp1252"))
        == "café\nDie Größe zählt.\n"
    )


def test_a_declared_encoding_is_believed_unless_the_bytes_are_utf_8() -> None:
    assert decode("Ελλάδα".encode("iso-8859-7"), "iso-8859-7") == "Ελλάδα"
    assert decode("Ελλάδα".encode(), "iso-8859-7") == "Ελλάδα"
    assert decode("“x”".encode("cp1252"), "ISO-8859-1") == "“x”"


@pytest.mark.parametrize("declared", ["no-such-encoding", "base64", "zip", "\0"])
def test_a_declared_encoding_that_makes_no_sense_is_passed_over(declared: str) -> None:
    assert decode("café".encode("cp1252"), declared) == "café"


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    refused = None
    try:
        text = decode(data)
    except ReadError as error:
        text, refused = "", str(error)
    assert (refused, text) == ("not text: the file holds binary data", "") or refused is None


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_decoding_loses_no_character(text: str) -> None:
    assert decode(text.encode("utf-8-sig")) == text
    assert decode(codecs.BOM_UTF16_BE + text.encode("utf-16-be")) == text
    assert decode(b"In plain words: " + text.encode()).removeprefix("In plain words: ") == text


def test_binary_bytes_named_txt_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.txt"
    path.write_bytes(bytes(range(256)) * 8)
    with pytest.raises(ReadError, match="not text"):
        read(path)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.jsonl", "a.html"])
@pytest.mark.parametrize("content", [b"", b" \n\t\n", b"\xef\xbb\xbf"])
def test_a_file_without_text_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReadError, match="holds no text"):
        read(path)


def test_a_text_file_is_one_document_named_after_the_file(tmp_path: Path) -> None:
    path = tmp_path / "parental_leave.txt"
    path.write_text("Sixteen weeks.\n")
    assert read(path) == [
        Document(name="parental_leave.txt", title="Parental leave", text="Sixteen weeks.\n")
    ]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("hr/parental_leave.md", "Parental leave"),
        ("AMAZON_2017_10K.pdf", "AMAZON 2017 10K"),
        ("how-models-are-built.html", "How models are built"),
        ("minutes 2023-08-30.txt", "Minutes 2023-08-30"),
        ("___.txt", "___.txt"),
    ],
)
def test_a_file_name_is_made_readable(name: str, title: str) -> None:
    assert readable_name(name) == title


@pytest.mark.parametrize(
    "candidate",
    [
        None,
        " ",
        "untitled",
        "Untitled spreadsheet",
        "(anonymous)",
        "Document1",
        "Microsoft Word - draft 3",
        r"C:\Users\jo\draft",
        "/home/jo/draft",
        "draft.docx",
        "0001018724-18-000005",
        "x" * 201,
    ],
)
def test_what_is_no_title_is_passed_over(candidate: str | None) -> None:
    assert choose_title("a.pdf", candidate, "Annual report") == "Annual report"


def test_markdown_headings_stand_where_their_lines_begin() -> None:
    text = "# One #\n\ntext\n\nTwo\nlines\n=====\n\nThree\n---\n\n###### Six\n"
    assert find_headings(text) == (
        Heading(1, "One", 0),
        Heading(1, "Two lines", 15),
        Heading(2, "Three", 32),
        Heading(6, "Six", 43),
    )


@pytest.mark.parametrize(
    "text",
    [
        "```sh\n# comment\n```\n",
        "~~~\n# comment\n```\n# comment\n~~~\n",
        "````\n```\n# comment\n````\n",
        "<!--\n# comment\n-->\n",
        "    # code\n",
        "- item\n---\n",
        "| a |\n---\n",
        "#hashtag\n",
        "####### seven\n",
        "\n---\n",
        "#\n",
    ],
)
def test_what_is_no_heading_is_not_taken_for_one(text: str) -> None:
    assert find_headings(text) == ()


def test_a_heading_is_read_without_its_markup() -> None:
    text = "## The **`run`** [command](http://x.example/a) \\# <a id='x'></a> {#run}\n"
    assert find_headings(text) == (Heading(2, "The run command #", 0),)


def test_front_matter_gives_the_title_and_no_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text('---\ntitle: "Leave policy"\ntags: [hr]\n---\n# Scope\n')
    (document,) = read(path)
    assert document.title == "Leave policy"
    assert document.headings == (Heading(1, "Scope", 0),)
    assert document.text == "# Scope\n"


def test_a_file_of_front_matter_alone_holds_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\ntitle: Leave policy\n---\n\n")
    with pytest.raises(ReadError, match="holds no text"):
        read(path)


@pytest.mark.parametrize(
    "text",
    ["---\nCats, and dogs: both.\n---\nBirds.\n", "---\n- Cats.\n---\n"],
)
def test_text_between_two_rules_is_no_front_matter(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(text)
    assert read(path)[0].text == text


def test_markdown_text_is_kept_as_it_stands(tmp_path: Path) -> None:
    text = "# T\n\nSee [the *guide*](guide.md).\n\n| a | b |\n|---|---|\n"
    path = tmp_path / "a.md"
    path.write_text(text)
    assert read(path)[0].text == text


def rows(path: Path, *found: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n\n" for row in found))
    return path


def test_each_row_of_a_corpus_is_a_document_named_by_its_id(tmp_path: Path) -> None:
    path = rows(
        tmp_path / "corpus.jsonl",
        {"id": "a-1", "title": "Cats", "text": "Cats sleep.", "year": 1999, "tags": ["x", "y"]},
        {"id": 7, "text": "Dogs bark."},
    )
    assert read(path) == [
        Document(
            name="a-1", title="Cats", text="Cats sleep.", metadata={"year": "1999", "tags": "x; y"}
        ),
        Document(name="7", title="7", text="Dogs bark."),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[1]", 'line 3 is no object like {"id": ..., "text": ...}'),
        ('{"id": "b"}', "line 3 has no \"text\" (id 'b')"),
        ('{"text": " "}', 'line 3 has no "text"'),
        ('{"id": "b", "text": 5}', "line 3 has no \"text\" (id 'b')"),
        ('{"id": "a", "text": "x"}', "line 3 repeats the row of id 'a'"),
        ('{"question": "Who?"}', "line 3 is a question"),
        ("[" * 100_000, "line 3 is nested too deeply"),
    ],
)
def test_a_row_without_text_is_left_out_and_counted(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text(f'{{"id": "a", "text": "x"}}\n\n{line}\n{{"id": "c", "text": "y"}}\n')
    first, second = read(path)
    assert (first.name, second.name) == ("a", "c")
    assert first.metadata == {"rows_left_out": f"1 of 3 rows: {reason}"}
    assert second.metadata == {}


def test_rows_left_out_are_named_up_to_five(tmp_path: Path) -> None:
    path = rows(tmp_path / "corpus.jsonl", {"id": "a", "text": "x"}, *[[]] * 7)
    assert read(path)[0].metadata["rows_left_out"].startswith("7 of 8 rows: line 3 is no object")
    assert read(path)[0].metadata["rows_left_out"].endswith("; and 2 more")


def test_a_corpus_without_a_good_row_fails_with_the_lines(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"id": "a"}\n{"id": ')
    with pytest.raises(ReadError, match=r"line 1 has no \"text\" .*; line 2 is not JSON: "):
        read(path)


def test_rows_of_one_id_and_different_texts_are_told_apart(tmp_path: Path) -> None:
    path = rows(tmp_path / "corpus.jsonl", {"id": "a", "text": "x"}, {"id": "a", "text": "y"})
    assert [(each.name, each.text) for each in read(path)] == [("a", "x"), ("a (line 3)", "y")]


def test_a_row_without_an_id_is_named_by_its_line(tmp_path: Path) -> None:
    path = rows(tmp_path / "corpus.jsonl", {"_id": "a", "text": "x"}, {"text": "y", "title": 5})
    assert [each.name for each in read(path)] == ["a", "corpus.jsonl line 3"]


def test_a_set_of_questions_is_told_from_documents(tmp_path: Path) -> None:
    path = rows(tmp_path / "questions.jsonl", {"id": "q1", "question": "Who?", "answers": []})
    with pytest.raises(NotDocuments, match="a question set, not documents"):
        read(path)
