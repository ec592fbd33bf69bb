"""Mail comes in with who wrote it to whom, what is attached, and what it says."""

import re
import struct
from pathlib import Path

import pytest

from citewell.ingest.readers import reader_for
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "messy-files"

HEADERS = "From: Jo <jo@example.org>\nTo: Al <al@example.org>\nDate: Fri, 3 Jan 2025 10:00 +0100\n"


def read(path: Path, content: str | bytes | None = None) -> Document:
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    reader = reader_for(path)
    assert reader is not None
    (document,) = reader.read(path, path.name)
    return document


def messy(name: str) -> Path:
    if not FOLDER.is_dir():
        pytest.skip(f"the test material is not there: {FOLDER}")
    return FOLDER / name


def multipart(kind: str, *parts: str) -> str:
    """Return the header and body of parts joined by a boundary."""
    body = "".join(f"--b-{kind}\n{part}\n" for part in parts)
    return f"Content-Type: multipart/{kind}; boundary=b-{kind}\n\n{body}--b-{kind}--\n"


def test_a_message_begins_with_its_headers(tmp_path: Path) -> None:
    document = read(tmp_path / "a.eml", f"{HEADERS}Cc: Bo\nSubject: Leave\n\nSixteen weeks.\n")
    assert document.title == "Leave"
    assert document.text == (
        "From: Jo <jo@example.org>\nTo: Al <al@example.org>\nCc: Bo\n"
        "Date: Fri, 3 Jan 2025 10:00 +0100\nSubject: Leave\n\nSixteen weeks."
    )


def test_plain_text_is_preferred_to_html(tmp_path: Path) -> None:
    parts = multipart(
        "alternative",
        "Content-Type: text/html\n\n<p>Rich</p>",
        "Content-Type: text/plain\n\nPlain",
    )
    assert read(tmp_path / "a.eml", f"Subject: x\n{parts}").text == "Subject: x\n\nPlain"


def test_html_is_read_where_plain_text_is_blank(tmp_path: Path) -> None:
    parts = multipart(
        "alternative",
        "Content-Type: text/plain\n\n  \n",
        "Content-Type: text/html\n\n<h2>Plan</h2><p>Rich<span style='display:none'>no</span></p>",
    )
    document = read(tmp_path / "a.eml", f"Subject: x\n{parts}")
    assert document.text == "Subject: x\n\nPlan\n\nRich"
    assert document.headings == (Heading(2, "Plan", 12),)


def test_attachments_are_named_and_not_opened(tmp_path: Path) -> None:
    parts = multipart(
        "mixed",
        "Content-Type: text/plain\n\nSee the plan.",
        "Content-Type: application/pdf\nContent-Disposition: attachment; filename=plan.pdf\n\nx",
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=notes.txt\n\nsecret",
        "Content-Type: image/png; name*=utf-8''B%C3%BCro.png\n\nxx",
        "Content-Type: application/zip\n\nxx",
    )
    document = read(tmp_path / "a.eml", f"Subject: x\n{parts}")
    named = "plan.pdf, notes.txt, Büro.png, application/zip"
    assert document.text == f"Subject: x\nAttachments: {named}\n\nSee the plan."
    assert document.metadata == {"subject": "x", "attachments": named}


def test_an_attached_message_is_a_section(tmp_path: Path) -> None:
    parts = multipart(
        "mixed",
        "Content-Type: text/plain\n\nSee below.",
        "Content-Type: message/rfc822\n\nFrom: Bo\nSubject: Offer\n\nTen euros.",
    )
    document = read(tmp_path / "a.eml", f"Subject: x\n{parts}")
    assert document.text == (
        "Subject: x\n\nSee below.\n\nOffer\n\nFrom: Bo\nSubject: Offer\n\nTen euros."
    )
    assert document.headings == (Heading(1, "Offer", 24),)


@pytest.mark.parametrize(
    ("encoding", "charset", "body"),
    [
        ("quoted-printable", "utf-8", b"Gr=C3=B6=\n=C3=9Fe"),
        ("base64", "iso-8859-1", b"R3L232U="),
        ("8bit", "no-such-charset", "Größe".encode()),
        ("8bit", "us-ascii", "Größe".encode("cp1252")),
        ("no-such-encoding", "utf-8", "Größe".encode()),
    ],
)
def test_a_body_is_decoded_as_far_as_it_can_be(
    tmp_path: Path, encoding: str, charset: str, body: bytes
) -> None:
    head = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: {encoding}\n\n"
    assert read(tmp_path / "a.eml", b"Subject: x\n" + head.encode() + body).text == (
        "Subject: x\n\nGröße"
    )


@pytest.mark.parametrize(
    ("subject", "title"),
    [
        (b"=?utf-8?B?R3LDtsOfZQ==?= =?iso-8859-1?Q?n_z=E4hlen?=", "Größen zählen"),
        ("Größe".encode(), "Größe"),
        ("Größe zählt".encode("cp1252"), "Größe zählt"),
        (b"one\n\ttwo", "one two"),
        (b"=?utf-8?B?not base64?=", "=?utf-8?B?not base64?="),
        (b"=?no-such?Q?plain?=", "plain"),
    ],
)
def test_a_subject_is_decoded_however_it_was_written(
    tmp_path: Path, subject: bytes, title: str
) -> None:
    assert read(tmp_path / "a.eml", b"Subject: " + subject + b"\n\nx").title == title


def test_flowed_lines_are_joined(tmp_path: Path) -> None:
    document = read(
        tmp_path / "a.eml",
        "Subject: x\nContent-Type: text/plain; format=flowed\n\nOne line \nthat goes on.\nNext.\n",
    )
    assert document.text == "Subject: x\n\nOne line that goes on.\nNext."


def test_text_without_headers_is_kept(tmp_path: Path) -> None:
    document = read(tmp_path / "old_note.eml", "Just words.\n")
    assert (document.title, document.text) == ("Old note", "Just words.")


def test_parts_without_end_are_refused(tmp_path: Path) -> None:
    parts = multipart("mixed", *["Content-Type: text/plain\n\nx"] * 1001)
    with pytest.raises(ReadError, match="has more than 1000 parts"):
        read(tmp_path / "a.eml", f"Subject: x\n{parts}")


def test_a_message_nested_too_deeply_names_the_rest_as_attached(tmp_path: Path) -> None:
    content = "Content-Type: message/rfc822\n\n" * 15 + "Subject: deep\n\nwords"
    assert "Attachments: message/rfc822" in read(tmp_path / "a.eml", content).text


def test_real_mail_with_malformed_parts_is_read() -> None:
    malformed = read(messy("hostile/eml-malformed-encoding.eml"))
    assert malformed.title == "Test Email"
    assert "Roses are red" in malformed.text
    assert "password for your Google Account" in read(messy("docs/eml-not-utf8.eml")).text


def test_real_mail_of_outlook_gives_its_chinese() -> None:
    document = read(messy("docs/msg-chinese.msg"))
    assert document.title == "Alfresco MSG format testing ( MSG 格式測試 )"
    assert "From: Tests Chang@FT (張毓倫)\n" in document.text
    assert "Date: 2011-03-29 08:52 UTC\n" in document.text
    assert "中文測試" in document.text


def ole(streams: dict[str, bytes]) -> bytes:
    """Return an OLE file whose streams are padded to 4096 bytes; ``/`` parts storages.

    Source: MS-CFB. Siblings hang in a chain, each the right one of the last.
    """
    paths = sorted({"/".join(path.split("/")[:n]) for path in streams for n in (1, 2, 3)})
    entries: list[bytes] = []
    sectors = b""
    firsts: list[int] = []
    for path in paths:
        parent = path.rpartition("/")[0]
        siblings = [other for other in paths if other.rpartition("/")[0] == parent]
        below = [other for other in paths if other.rpartition("/")[0] == path]
        later = [other for other in siblings if other > path]
        name = path.rpartition("/")[2].encode("utf-16-le") + b"\0\0"
        data = streams.get(path, b"")
        padded = data + b"\0" * (4096 - len(data)) if path in streams else b""
        first = len(sectors) // 512 if padded else 0
        firsts += [first] if padded else []
        sectors += padded
        right = paths.index(later[0]) + 1 if later else 0xFFFFFFFF
        child = paths.index(below[0]) + 1 if below else 0xFFFFFFFF
        kind = 2 if path in streams else 1
        entries.append(_entry(name, kind, (right, child), first, len(padded)))
    root = _entry("Root Entry\0".encode("utf-16-le"), 5, (0xFFFFFFFF, 1), 0xFFFFFFFE, 0)
    directory = b"".join([root, *entries])
    directory += b"\0" * (-len(directory) % 512)
    start = len(sectors) // 512
    count = start + len(directory) // 512
    table = list(range(1, count + 1))
    for first in firsts:
        table[first + 7] = 0xFFFFFFFE
    table[count - 1] = 0xFFFFFFFE
    fats = -(-(count + 2) // 128)
    table += [0xFFFFFFFD] * fats
    table += [0xFFFFFFFF] * (fats * 128 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fats, start, 0, 4096,
                        0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    difat = [count + n for n in range(fats)]
    head += struct.pack("<109I", *difat, *[0xFFFFFFFF] * (109 - fats))
    return head + sectors + directory + struct.pack(f"<{len(table)}I", *table)


def _entry(name: bytes, kind: int, links: tuple[int, int], first: int, size: int) -> bytes:
    return struct.pack("<64sHBBIII36xIQ", name, len(name), kind, 1, 0xFFFFFFFF, *links, first, size)


def properties(header: int, **numbers: int) -> bytes:
    """Return a stream of fixed properties, named such as ``x3FFD``."""
    entries = [struct.pack("<HHIQ", 3, int(key[1:], 16), 0, n) for key, n in numbers.items()]
    return b"\0" * header + b"".join(entries)


def text(value: str) -> bytes:
    return value.encode("utf-16-le")


def test_mail_of_outlook_is_read_like_other_mail(tmp_path: Path) -> None:
    recipient, attachment = "__recip_version1.0_#00000000", "__attach_version1.0_#00000000"
    inner = "__attach_version1.0_#00000001/__substg1.0_3701000D"
    document = read(
        tmp_path / "a.msg",
        ole(
            {
                "__properties_version1.0": properties(32, x0039=133803360000000000),
                "__substg1.0_0037001F": text("Plan für Mai"),
                "__substg1.0_0C1A001F": text("Jo"),
                "__substg1.0_5D01001F": text("jo@example.org"),
                "__substg1.0_1000001F": text("Ten desks.\r\nNo chairs."),
                f"{recipient}/__properties_version1.0": properties(8, x0C15=1),
                f"{recipient}/__substg1.0_3001001F": text("Al"),
                f"{attachment}/__properties_version1.0": properties(8),
                f"{attachment}/__substg1.0_3707001F": text("desks.xlsx"),
                f"{inner}/__properties_version1.0": properties(24),
                f"{inner}/__substg1.0_0037001F": text("Offer"),
            }
        ),
    )
    assert document.title == "Plan für Mai"
    assert document.text == (
        "From: Jo <jo@example.org>\nTo: Al\nDate: 2025-01-03 00:00 UTC\nSubject: Plan für Mai\n"
        "Attachments: desks.xlsx\n\nTen desks.\nNo chairs.\n\nOffer\n\nSubject: Offer"
    )
    assert document.metadata == {
        "from": "Jo <jo@example.org>",
        "to": "Al",
        "date": "2025-01-03",
        "subject": "Plan für Mai",
        "attachments": "desks.xlsx",
    }


def test_mail_of_outlook_in_a_code_page_is_decoded(tmp_path: Path) -> None:
    content = ole(
        {
            "__properties_version1.0": properties(32, x3FFD=1251, x3FDE=65001),
            "__substg1.0_0037001E": "Отпуск".encode("cp1251"),
            "__substg1.0_10130102": "<p>Шестнадцать недель</p>".encode(),
        }
    )
    document = read(tmp_path / "saved.dat", content)
    assert document.text == "Subject: Отпуск\n\nШестнадцать недель"


@pytest.mark.parametrize("content", [b"words", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 cut short"])
def test_what_is_no_mail_of_outlook_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ReadError, match="damaged: it cannot be opened as a message"):
        read(tmp_path / "a.msg", content)


@pytest.mark.parametrize(
    ("name", "stream", "reason"),
    [
        ("a.doc", "WordDocument", "old Word format (.doc): save it as .docx"),
        ("a.docx", "WordDocument", "old Word format (.doc): save it as .docx"),
        ("a.bin", "PowerPoint Document", "old PowerPoint format (.ppt): save it as .pptx"),
        ("a.xlsx", "EncryptedPackage", "needs a password"),
    ],
)
def test_an_ole_file_that_is_not_read_says_what_it_is(
    tmp_path: Path, name: str, stream: str, reason: str
) -> None:
    with pytest.raises(ReadError, match=re.escape(reason)):
        read(tmp_path / name, ole({stream: b"x"}))


def test_another_ole_file_named_msg_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no message of Outlook: save it from Outlook again"):
        read(tmp_path / "a.msg", ole({"Other": b"x"}))
