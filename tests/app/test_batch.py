"""Files of questions: each line is a question with its id, or says what is wrong with it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from citewell.app.batch import Row, read_questions, well_formed
from citewell.app.followups import Turn
from citewell.retrieval.errors import ConfigError

Read = Callable[[bytes], list[Row]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads the rows of a file ``q`` with the given content."""
    monkeypatch.chdir(tmp_path)

    def rows(content: bytes) -> list[Row]:
        tmp_path.joinpath("q").write_bytes(content)
        return list(read_questions("q"))

    return rows


def test_rows_keep_their_order_and_their_ids(read: Read) -> None:
    content = b'{"question": "b?", "id": "x"}\n{"id": -7, "question": "a?"}\n'

    assert read(content) == [Row("x", "b?"), Row(-7, "a?")]


@pytest.mark.parametrize("id_", ["null", "true", "1.5", "[1]"])
def test_a_row_without_a_usable_id_gets_the_number_of_its_line(read: Read, id_: str) -> None:
    content = f'\n{{"question": "a?", "id": {id_}}}\n{{"question": "b?"}}'

    assert read(content.encode()) == [Row(2, "a?"), Row(3, "b?")]


def test_a_blank_id_is_an_id(read: Read) -> None:
    assert read(b'{"question": "a?", "id": ""}') == [Row("", "a?")]


def test_blank_lines_are_no_rows(read: Read) -> None:
    assert read(b"\n  \n\t\n") == []


def test_fields_beside_the_question_are_passed_over(read: Read) -> None:
    assert read(b'{"question": "a?", "answer": "b", "k": 3}') == [Row(1, "a?")]


@pytest.mark.parametrize("mark", [b"\xef\xbb\xbf", b""])
def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(read: Read, mark: bytes) -> None:
    assert read(mark + b'{"question": "a?"}\r\n{"question": "b?"}\r\n') == [
        Row(1, "a?"),
        Row(2, "b?"),
    ]


def test_bytes_that_are_no_text_spoil_only_themselves(read: Read) -> None:
    assert read(b'{"question": "a\xff?"}') == [Row(1, "a\N{REPLACEMENT CHARACTER}?")]


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b"why?", Row(1, error="q, line 1: no JSON (Expecting value: line 1 column 1 (char 0))")),
        (b"[" * 100_000, Row(1, error="q, line 1: no JSON (maximum recursion depth exceeded")),
        (b'["a?"]', Row(1, error='q, line 1: no object such as {"question": "..."}')),
        (b'"a?"', Row(1, error='q, line 1: no object such as {"question": "..."}')),
        (b'{"id": 5}', Row(5, error='q, line 1: no "question" with words in it')),
        (b'{"question": " "}', Row(1, error='q, line 1: no "question" with words in it')),
        (b'{"question": ["a?"]}', Row(1, error='q, line 1: no "question" with words in it')),
    ],
)
def test_a_line_that_is_no_question_says_why_and_stops_no_other(
    read: Read, line: bytes, row: Row
) -> None:
    wrong, right = read(line + b'\n{"question": "b?"}')

    assert (wrong.id, wrong.question) == (row.id, "")
    assert wrong.error.startswith(row.error)
    assert right == Row(2, "b?")


def test_a_follow_up_carries_the_turns_before_it(read: Read) -> None:
    (row,) = read(b'{"question": "Why?", "history": [{"question": "Is it?", "answer": "Yes."}]}')

    assert row == Row(1, "Why?", history=(Turn("Is it?", "Yes."),))


@pytest.mark.parametrize(
    ("history", "error"),
    [
        (b'"a?"', '"history" is no list of {"question": ..., "answer": ...}'),
        (b'["a?"]', 'a turn of "history" is no {"question": ..., "answer": ...} with words in it'),
        (b'[{"question": " "}]', 'a turn of "history" is no {"question"'),
        (b'[{"question": "a?", "answer": 1}]', 'a turn of "history" is no {"question"'),
    ],
)
def test_history_that_is_none_is_an_error_of_its_line(
    read: Read, history: bytes, error: str
) -> None:
    (row,) = read(b'{"question": "Why?", "history": ' + history + b"}")

    assert (row.question, row.history) == ("", ())
    assert row.error.startswith(f"q, line 1: {error}")


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(
        ConfigError, match=r"^--input /gone\.jsonl cannot be read: No such file or directory$"
    ):
        list(read_questions("/gone.jsonl"))


def test_a_folder_is_no_file_of_questions(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r" cannot be read: Is a directory$"):
        list(read_questions(str(tmp_path)))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("cat", "cat"),
        ("cät \N{CAT FACE}", "cät \N{CAT FACE}"),
        ("\ud83d\udc31", "\N{CAT FACE}"),
        ("a\ud83d", "a\N{REPLACEMENT CHARACTER}"),
        ("\udcff", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_halves_of_surrogate_pairs_are_joined_or_replaced(text: str, whole: str) -> None:
    assert well_formed(text) == whole
