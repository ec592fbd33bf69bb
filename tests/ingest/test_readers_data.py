"""JSON, notebooks, reStructuredText and XML come in as text that can be read and quoted."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewell.ingest.readers import reader_for
from citewell.ingest.readers.decoding import decode
from citewell.ingest.readers.rst_reader import find_rst_headings
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading

FOLDER = Path(__file__).parents[3] / "shared" / "data"


def read_all(path: Path, content: object) -> list[Document]:
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    reader = reader_for(path)
    assert reader is not None
    return reader.read(path, path.name)


def read(path: Path, content: object) -> Document:
    (document,) = read_all(path, content)
    return document


def material(name: str) -> Path:
    if not FOLDER.is_dir():
        pytest.skip(f"the test material is not there: {FOLDER}")
    return FOLDER / name


def test_an_object_becomes_lines_in_a_section_for_each_key(tmp_path: Path) -> None:
    document = read(
        tmp_path / "a.json",
        {
            "title": "My servers",
            "servers": [{"name": "a", "deep": {"k": [True, None]}}, {"name": "b", "at": [{}]}],
            "options": {"note": "one\ntwo"},
            "last": [],
        },
    )
    assert document.title == "My servers"
    assert document.text == (
        "title: My servers\nlast: []\n\nservers\n\n"
        "servers.name: a\nservers.deep.k: true, null\n\nservers.name: b\nservers.at.1: {}\n\n"
        "options\n\noptions.note: one\ntwo"
    )
    assert document.headings == (Heading(1, "servers", 28), Heading(1, "options", 115))


def test_a_list_becomes_a_block_for_each_element(tmp_path: Path) -> None:
    assert read(tmp_path / "a.json", [{"a": 1}, ["x", "y"], "z"]).text == "a: 1\n\nx, y\n\nz"


def test_numbers_stand_as_they_are_written(tmp_path: Path) -> None:
    content = '{"price": 1.10, "id": 123456789012345678901234567890, "e": 1E5}'
    assert read(tmp_path / "a.json", content).text == (
        "price: 1.10\nid: 123456789012345678901234567890\ne: 1E5"
    )


def test_a_list_of_rows_with_text_is_a_corpus(tmp_path: Path) -> None:
    found = read_all(tmp_path / "a.json", [{"id": "a", "text": "x"}, {"id": "b"}])
    assert [(each.name, each.text) for each in found] == [("a", "x")]
    assert found[0].metadata == {"rows_left_out": "1 of 2 rows: row 2 has no \"text\" (id 'b')"}


def test_lines_of_json_named_json_are_a_corpus(tmp_path: Path) -> None:
    content = '{"id": "a", "text": "x"}\n{"id": "b", "text": "y"}\n'
    assert [each.name for each in read_all(tmp_path / "a.json", content)] == ["a", "b"]


def test_json_with_comments_is_kept_as_text_with_a_note(tmp_path: Path) -> None:
    document = read(tmp_path / "tsconfig.json", '{\n  // strict\n  "strict": true,\n}')
    assert document.text == '{\n  // strict\n  "strict": true,\n}'
    assert document.metadata["reader_note"].startswith("read as plain text: not JSON (Expecting")


def test_json_nested_a_hundred_deep_has_short_paths(tmp_path: Path) -> None:
    content = '{"longer":' * 100 + "1" + "}" * 100
    assert len(read(tmp_path / "a.json", content).text) < 200


def test_json_nested_too_deeply_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="nested too deeply"):
        read(tmp_path / "a.json", "[" * 100_000)


@settings(deadline=None)  # the first example loads what reads
@given(
    st.recursive(
        st.text(st.characters(categories=["L", "N"]), min_size=1),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abc", min_size=1), inner),
    ).filter(bool)
)
def test_no_word_of_json_is_lost(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.getbasetemp() / "words.json"
    text = read(path, json.dumps([value])).text
    assert all(decode(word.encode()) in text for word in words(value) if word.isascii())


def words(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value
    return [word for each in inner for word in words(each)]  # type: ignore[attr-defined]


def cell(kind: str, source: object, *outputs: object) -> dict[str, object]:
    return {"cell_type": kind, "source": source, "outputs": list(outputs)}


def test_a_notebook_is_its_cells_in_order_with_what_they_print(tmp_path: Path) -> None:
    document = read(
        tmp_path / "a.ipynb",
        {
            "cells": [
                cell("markdown", ["# Ducks\n", "All of them."]),
                cell(
                    "code",
                    "# load\nx = 1\n",
                    {"output_type": "stream", "text": ["one\n", "two\n"]},
                    {"output_type": "display_data", "data": {"image/png": "aGk="}},
                    {"output_type": "execute_result", "data": {"text/plain": "42"}},
                    {"output_type": "error", "ename": "KeyError", "evalue": "'x'"},
                ),
                cell("markdown", "## Wings ![w](data:image/png;base64," + "A" * 400 + ")"),
                cell("code", ""),
            ]
        },
    )
    assert document.title == "Ducks"
    assert document.text == (
        "# Ducks\nAll of them.\n\n# load\nx = 1\n\none\ntwo\n\n42\n\n"
        "KeyError: 'x'\n\n## Wings ![w]()"
    )
    assert document.headings == (Heading(1, "Ducks", 0), Heading(2, "Wings w", 64))


def test_a_long_output_is_cut(tmp_path: Path) -> None:
    output = {"output_type": "stream", "text": "x" * 5000}
    text = read(tmp_path / "a.ipynb", {"cells": [cell("code", "run()", output)]}).text
    assert text == "run()\n\n" + "x" * 2000 + " […]"


def test_a_notebook_of_version_3_is_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Old"]},
        {"cell_type": "code", "input": "x = 1", "outputs": []},
    ]
    document = read(tmp_path / "a.ipynb", {"worksheets": [{"cells": cells}]})
    assert document.text == "## Old\n\nx = 1"


@pytest.mark.parametrize("content", ["{", "{}", "[]", '{"cells": [1]}', '{"cells": 5}'])
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(ReadError, match="no notebook that can be read"):
        read(tmp_path / "a.ipynb", content)


def test_headings_of_rst_have_the_level_of_their_line() -> None:
    text = (
        "=====\n Top\n=====\n\nOne\n---\n\ntext\n\nTwo\n---\n\nBelow\n~~~~~\n\n"
        "``Three``\n---------\n"
    )
    assert find_rst_headings(text) == (
        Heading(1, "Top", 0),
        Heading(2, "One", 18),
        Heading(2, "Two", 33),
        Heading(3, "Below", 42),
        Heading(2, "Three", 55),
    )


@pytest.mark.parametrize(
    "text",
    [
        "text\n\n----\n\ntext\n",
        "a b\n==== ====\n",
        "  indented\n  --------\n",
        "two lines\nof text\n-------\n",
        "====\n====\n",
        "long title\n--\n",
        "",
    ],
)
def test_what_is_no_heading_of_rst_is_not_taken_for_one(text: str) -> None:
    assert find_rst_headings(text) == ()


def test_options_of_directives_are_left_out_and_nothing_is_included(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    content = (
        "Guide\n=====\n\n.. figure:: duck.png\n   :width: 20\n   :alt: A duck\n\n   A caption.\n\n"
        ".. include:: secret.txt\n\n:Author: Jo\n"
    )
    document = read(tmp_path / "a.rst", content)
    assert document.title == "Guide"
    assert document.text == (
        "Guide\n=====\n\n.. figure:: duck.png\n\n   A caption.\n\n"
        ".. include:: secret.txt\n\n:Author: Jo\n"
    )


def test_a_feed_gives_a_section_for_each_entry(tmp_path: Path) -> None:
    document = read(
        tmp_path / "a.rss",
        "<rss><channel><title>News</title><item><title>One</title><pubDate>Mon</pubDate>"
        "<description>&lt;p&gt;Hello &lt;b&gt;you&lt;/b&gt;.&lt;/p&gt;</description></item>"
        "</channel></rss>",
    )
    assert document.text == "News\n\nOne\n\npubDate: Mon\n\nHello you."
    assert document.headings == (Heading(1, "News", 0), Heading(2, "One", 6))


def test_prose_in_xml_keeps_its_words_together(tmp_path: Path) -> None:
    document = read(
        tmp_path / "a.xml",
        "<book xmlns='urn:b'><title>B</title><para>Some <em>wo</em>rds\n here.</para></book>",
    )
    assert (document.title, document.text) == ("B", "B\n\nSome words here.")


def test_single_values_in_xml_have_their_names(tmp_path: Path) -> None:
    content = "<people><person id='1'><name>Jo</name><at room='5'/><k v='2'>x</k></person></people>"
    assert read(tmp_path / "a.xml", content).text == "name: Jo\nat: room=5\nk (v=2): x"


def test_entities_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    document = read(
        tmp_path / "a.xml",
        f"<!DOCTYPE a [<!ENTITY x SYSTEM 'file://{tmp_path}/secret.txt'><!ENTITY y 'lol'>]>"
        "<a><p>one &x; &y; &amp; two</p></a>",
    )
    assert document.text == "one &x; &y; & two"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"<a><p>cut short", "cut short"),
        (b"<a><p>R & D</p></a>", "R D"),
        ("<?xml version='1.0' encoding='utf-16'?><a><p>Größe</p></a>".encode(), "Größe"),
        ("<?xml version='1.0' encoding='cp1251'?><a><p>Отпуск</p></a>".encode("cp1251"), "Отпуск"),
        ("<?xml version='1.0' encoding='utf-16'?><a><p>Größe</p></a>".encode("utf-16"), "Größe"),
    ],
)
def test_malformed_xml_is_read_as_far_as_it_can_be(
    tmp_path: Path, content: bytes, text: str
) -> None:
    assert read(tmp_path / "a.xml", content).text == text


@pytest.mark.parametrize(
    ("content", "reason"), [("words", "no XML"), ("", "holds no text"), ("<a/>", "holds no text")]
)
def test_xml_without_text_is_refused(tmp_path: Path, content: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read(tmp_path / "a.xml", content)
