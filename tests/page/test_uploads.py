"""Uploads are saved as a whole, under names that are safe, and never outside their folder."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from citewell.app.page.upload_names import MOST_NAME_BYTES, RefusedName, safe_name
from citewell.app.page.uploads import (
    Saved,
    count_uploads,
    drop_upload,
    drop_uploads,
    is_upload,
    save_uploads,
    uploads_folder,
)
from citewell.ingest.folder import scan
from citewell.retrieval.errors import StoreError

Save = Callable[..., Saved]


class Sent(io.BytesIO):
    """A file as a browser sends it."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__(content)
        self.name = name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return uploads_folder(tmp_path, "papers")


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save_them(*files: tuple[str, bytes], max_mb: int = 1) -> Saved:
        return save_uploads(tmp_path, "papers", [Sent(*file) for file in files], max_mb)

    return save_them


def zipped(members: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def tarred(members: Mapping[str, bytes], link: str = "") -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
        if link:
            about = tarfile.TarInfo("link")
            about.type, about.linkname = tarfile.SYMTYPE, link
            archive.addfile(about)
    return content.getvalue()


def held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_file_is_saved_under_its_name(save: Save, folder: Path) -> None:
    saved = save(("letter.txt", b"Dear Ann"))

    assert saved == Saved((folder / "letter.txt",), ())
    assert held(folder) == {"letter.txt": b"Dear Ann"}


def test_files_of_a_folder_keep_their_folders(save: Save, folder: Path) -> None:
    save(("case/2024/a.txt", b"a"), ("case/b.txt", b"b"))

    assert held(folder) == {"case/2024/a.txt": b"a", "case/b.txt": b"b"}


def test_a_file_that_comes_again_takes_the_place_of_the_one_before(
    save: Save, folder: Path
) -> None:
    save(("a.txt", b"old"))
    save(("a.txt", b"new"))

    assert held(folder) == {"a.txt": b"new"}


def test_two_files_of_one_name_that_come_together_are_both_kept(save: Save, folder: Path) -> None:
    save(("a.txt", b"one"), ("a.txt", b"two"))

    assert held(folder) == {"a (2).txt": b"two", "a.txt": b"one"}


def test_one_file_that_comes_twice_is_kept_once(save: Save, folder: Path) -> None:
    saved = save(("a.txt", b"one"), ("a.txt", b"one"))

    assert held(folder) == {"a.txt": b"one"}
    assert saved.files == (folder / "a.txt",)


def test_what_is_refused_stops_nothing_else(save: Save, folder: Path) -> None:
    saved = save(("../out.txt", b"x"), ("empty.txt", b""), ("a.txt", b"a"))

    assert [(each.name, each.reason) for each in saved.refused] == [
        ("../out.txt", "its name leads out of the folder that it came in"),
        ("empty.txt", "it is empty"),
    ]
    assert held(folder) == {"a.txt": b"a"}


def test_a_file_above_the_limit_is_refused_and_leaves_nothing(save: Save, folder: Path) -> None:
    saved = save(("a.txt", b"x" * (2**20 + 1)), max_mb=1)

    assert [each.reason for each in saved.refused] == [
        "it is larger than 1 MiB (the setting max_upload_mb)"
    ]
    assert list(folder.iterdir()) == []


def test_a_file_of_just_the_limit_is_saved(save: Save, folder: Path) -> None:
    save(("a.txt", b"x" * 2**20), max_mb=1)

    assert (folder / "a.txt").stat().st_size == 2**20


def test_a_file_does_not_take_the_place_of_a_folder(save: Save, folder: Path) -> None:
    save(("case/a.txt", b"a"))

    saved = save(("case", b"text"))

    assert [each.reason for each in saved.refused] == [
        "a folder of its name was uploaded before; give the file another name"
    ]
    assert held(folder) == {"case/a.txt": b"a"}


def test_a_folder_does_not_take_the_place_of_a_file(save: Save, folder: Path) -> None:
    save(("case", b"text"))

    saved = save(("case/a.txt", b"a"))

    assert [each.reason for each in saved.refused] == [
        "a file 'case' was uploaded before, where its folder belongs"
    ]
    assert held(folder) == {"case": b"text"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../a.txt", "leads out"),
        ("a/../../b.txt", "leads out"),
        ("a\\..\\b.txt", "leads out"),
        ("/etc/passwd", "place on a disk"),
        ("\\\\server\\share\\a.txt", "place on a disk"),
        ("C:\\a.txt", "place on a disk"),
        ("", "no name"),
        (" ", "no name"),
        ("./", "no name"),
        (".DS_Store", "hidden"),
        ("a/.git/config", "hidden"),
        ("~$letter.docx", "hidden"),
        ("a/" * 20 + "b.txt", "more than 19 folders"),
    ],
)
def test_a_name_is_refused(name: str, reason: str) -> None:
    with pytest.raises(RefusedName, match=reason):
        safe_name(name)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.txt", "a.txt"),
        ("in\\a.txt", "in/a.txt"),
        ("./a//b.txt", "a/b.txt"),
        ("con.txt", "_con.txt"),
        ("LPT1", "_LPT1"),
        ("console.txt", "console.txt"),
        ("what?.txt", "what_.txt"),
        ("a\x00b\n.txt", "a_x00b_n.txt"),
        ("end. ", "end"),
        ("-rf", "-rf"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("\u202egnp.txt", "_u202egnp.txt"),
        ("مستند.pdf", "مستند.pdf"),
    ],
)
def test_a_name_is_made_safe(name: str, safe: str) -> None:
    assert safe_name(name).as_posix() == safe


def test_a_long_name_is_cut_and_keeps_its_ending() -> None:
    one, other = safe_name("ü" * 200 + ".pdf").name, safe_name("ü" * 201 + ".pdf").name

    assert len(one.encode()) <= MOST_NAME_BYTES
    assert one.endswith(".pdf")
    assert one != other
    assert safe_name("ü" * 200 + ".pdf").name == one


def test_a_zip_becomes_a_folder_of_its_name(save: Save, folder: Path) -> None:
    save(("docs.zip", zipped({"in/a.txt": b"a", ".hidden": b"h", "b.txt": b"b"})))

    assert held(folder) == {"docs.zip/b.txt": b"b", "docs.zip/in/a.txt": b"a"}


def test_a_packed_tar_becomes_a_folder_and_its_links_are_left_out(save: Save, folder: Path) -> None:
    save(("docs.tar.gz", tarred({"a.txt": b"a"}, link="/etc/passwd")))

    assert held(folder) == {"docs.tar.gz/a.txt": b"a"}


def test_a_newer_archive_replaces_all_of_the_one_before(save: Save, folder: Path) -> None:
    save(("docs.zip", zipped({"a.txt": b"a", "b.txt": b"b"})))
    save(("docs.zip", zipped({"b.txt": b"new"})))

    assert held(folder) == {"docs.zip/b.txt": b"new"}


def test_an_office_document_is_no_archive_to_unpack(save: Save, folder: Path) -> None:
    save(("letter.docx", zipped({"word/document.xml": b"<x/>"})))

    assert list(held(folder)) == ["letter.docx"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.zip", zipped({"../out.txt": b"x"}), "points outside itself"),
        ("a.zip", zipped({"a": b"x", "a/b": b"y"}), "stands in its archive twice"),
        ("a.zip", zipped({"big.txt": b"0" * (2 * 2**20)})[:-8] + b"\0" * 8, "cannot be"),
        ("a.zip", zipped({".hidden": b"x"}), "holds no file"),
        ("a.tgz", tarred({"../out.txt": b"x"}), "leads out of the folder"),
        ("a.tgz", tarred({"/abs.txt": b"x"}), "place on a disk"),
        ("a.tgz", tarred({"a.txt": b"x" * 9999})[:-20], "damaged"),
    ],
    ids=["above", "twice", "broken", "hidden", "tar-above", "absolute", "tar-damaged"],
)
def test_an_archive_that_does_harm_is_refused_and_leaves_nothing(
    save: Save, folder: Path, name: str, content: bytes, reason: str
) -> None:
    saved = save((name, content), max_mb=8)

    (refused,) = saved.refused
    assert reason in refused.reason
    assert list(folder.iterdir()) == []


def test_a_damaged_archive_leaves_the_one_before(save: Save, folder: Path) -> None:
    save(("docs.tgz", tarred({"a.txt": b"a"})))

    save(("docs.tgz", tarred({"a.txt": b"x" * 9999})[:-20]))

    assert held(folder) == {"docs.tgz/a.txt": b"a"}


def test_a_tar_that_unpacks_to_too_much_is_refused(save: Save, folder: Path) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        about = tarfile.TarInfo("big.txt")
        about.size = 201 * 2**20
        archive.addfile(about)

    saved = save(("big.tgz", content.getvalue()))

    assert [each.reason for each in saved.refused] == [
        "unsafe: its archive unpacks to more than 10,000 files or 200 MiB"
    ]
    assert list(folder.iterdir()) == []


def test_what_is_saved_is_found_by_an_ingest_of_the_folder(save: Save, folder: Path) -> None:
    save(("in/a.txt", b"Cats sleep."))

    found = scan([folder], 1, folder.parent.parent)

    assert [file.name for file in found.files] == ["in/a.txt"]


def test_an_upload_is_deleted_with_the_folders_it_leaves_empty(
    save: Save, folder: Path, tmp_path: Path
) -> None:
    save(("in/deep/a.txt", b"a"), ("b.txt", b"b"))

    assert drop_upload(tmp_path, "papers", folder / "in/deep/a.txt")

    assert [path.name for path in folder.iterdir()] == ["b.txt"]


def test_a_file_that_was_not_uploaded_is_not_deleted(save: Save, tmp_path: Path) -> None:
    save(("a.txt", b"a"))
    other = tmp_path / "own.txt"
    other.write_text("mine")

    assert not drop_upload(tmp_path, "papers", other)
    assert not drop_upload(tmp_path, "papers", tmp_path / "uploads/papers/../../own.txt")

    assert other.read_text() == "mine"


def test_a_link_out_of_the_uploads_is_none_of_them(
    save: Save, folder: Path, tmp_path: Path
) -> None:
    save(("a.txt", b"a"))
    (tmp_path / "own.txt").write_text("mine")
    (folder / "link.txt").symlink_to(tmp_path / "own.txt")

    assert not is_upload(tmp_path, "papers", folder / "link.txt")


def test_all_uploads_of_a_collection_are_counted_and_deleted(
    save: Save, folder: Path, tmp_path: Path
) -> None:
    save(("a.txt", b"a"), ("in/b.txt", b"b"))
    assert count_uploads(tmp_path, "papers") == 2

    drop_uploads(tmp_path, "papers")

    assert not folder.exists()
    assert count_uploads(tmp_path, "papers") == 0


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_text("in the way")

    with pytest.raises(StoreError, match=r"uploads.* cannot be written to"):
        save_uploads(tmp_path, "papers", [Sent("a.txt", b"a")], 1)
