"""Pages are drawn by processes that no file can take the page with."""

import io
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from citewell.app.page_images.errors import (
    Damaged,
    FileChanged,
    FileGone,
    ImageError,
    NeedsPassword,
    NoPages,
    NoSuchPage,
    TooDemanding,
)
from citewell.app.page_images.images import PageImages
from citewell.ingest.folder import sha256_of

MESSY = Path(__file__).parents[2] / "../shared/data/messy-files"
needs_messy = pytest.mark.skipif(not MESSY.is_dir(), reason="../shared/data is not there")


def write_pdf(path: Path, *pages: bytes, content: bytes = b"") -> Path:
    """Write a PDF whose pages have these entries and all the same content."""
    kids = b" ".join(b"%d 0 R" % number for number in range(4, 4 + len(pages)))
    stream = content or b"1 0 0 rg 10 10 20 20 re f"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(pages)),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    parts += [
        b"<</Type/Page/Parent 2 0 R/Contents 3 0 R/Resources<<>>%s>>" % page for page in pages
    ]
    objects = [b"%d 0 obj%s endobj\n" % (number, part) for number, part in enumerate(parts, 1)]
    path.write_bytes(b"%PDF-1.4\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n%%EOF")
    return path


PLAIN = b"/MediaBox[0 0 100 200]"


@pytest.fixture(scope="module")
def images() -> Iterator[PageImages]:
    images = PageImages()
    yield images
    images.close()


def drawn(image: bytes) -> Image.Image:
    return Image.open(io.BytesIO(image)).convert("RGB")


def test_a_page_is_drawn_as_wide_as_asked(tmp_path: Path, images: PageImages) -> None:
    page = drawn(images.image(write_pdf(tmp_path / "a.pdf", PLAIN), 1, 400))

    assert page.size == (400, 800)
    # the square of 20 points stands 10 above the bottom
    assert page.getpixel((80, 720)) == (255, 0, 0)
    assert page.getpixel((80, 80)) == (255, 255, 255)


def test_a_page_without_colours_is_written_in_grey(tmp_path: Path, images: PageImages) -> None:
    path = write_pdf(tmp_path / "a.pdf", PLAIN, content=b"0.5 g 10 10 20 20 re f")

    assert Image.open(io.BytesIO(images.image(path, 1, 400))).mode == "L"


def test_a_page_is_drawn_turned_and_cropped_as_it_is_shown(
    tmp_path: Path, images: PageImages
) -> None:
    path = write_pdf(tmp_path / "a.pdf", PLAIN + b"/CropBox[10 10 60 110]/Rotate 90")

    page = drawn(images.image(path, 1, 400))

    assert page.size == (400, 200)
    # what was the bottom left corner is the top left one, when turned clockwise
    assert page.getpixel((40, 40)) == (255, 0, 0)
    assert page.getpixel((360, 160)) == (255, 255, 255)


@pytest.mark.parametrize(("asked", "given"), [(1, 200), (10**9, 4000)])
def test_a_width_out_of_bounds_is_brought_within(
    tmp_path: Path, images: PageImages, asked: int, given: int
) -> None:
    path = write_pdf(tmp_path / "a.pdf", b"/MediaBox[0 0 100 10]")

    assert drawn(images.image(path, 1, asked)).width == given


def test_a_very_long_page_is_drawn_smaller(tmp_path: Path, images: PageImages) -> None:
    path = write_pdf(tmp_path / "a.pdf", b"/MediaBox[0 0 100 14000]")

    page = drawn(images.image(path, 1, 4000))

    assert page.width * page.height < 17_000_000


@pytest.mark.parametrize("page", [0, 3, -1])
def test_a_page_that_is_not_there_is_said_to_be_missing(
    tmp_path: Path, images: PageImages, page: int
) -> None:
    path = write_pdf(tmp_path / "two.pdf", PLAIN, PLAIN)

    with pytest.raises(NoSuchPage, match=f"There is no page {page} in 'two.pdf'; it has 2"):
        images.image(path, page, 400)


def test_a_file_that_is_gone_is_said_to_be(tmp_path: Path, images: PageImages) -> None:
    with pytest.raises(FileGone, match=r"The file 'gone\.pdf' is no longer where it was read"):
        images.image(tmp_path / "gone.pdf", 1, 400)


def test_a_file_that_comes_back_is_drawn(tmp_path: Path, images: PageImages) -> None:
    path = tmp_path / "back.pdf"
    with pytest.raises(FileGone, match=r"back\.pdf"):
        images.image(path, 1, 400)

    assert images.image(write_pdf(path, PLAIN), 1, 400)


def test_a_file_that_changed_since_it_was_read_is_said_to_have(
    tmp_path: Path, images: PageImages
) -> None:
    path = write_pdf(tmp_path / "a.pdf", PLAIN)
    before = sha256_of(path)
    assert images.image(path, 1, 400, before)
    write_pdf(path, PLAIN, PLAIN)

    with pytest.raises(FileChanged, match=r"'a\.pdf' has changed since Citewell read it"):
        images.image(path, 1, 400, before)


def test_a_file_that_changed_is_drawn_anew(tmp_path: Path, images: PageImages) -> None:
    path = write_pdf(tmp_path / "a.pdf", PLAIN)
    before = images.image(path, 1, 400)
    write_pdf(path, PLAIN, content=b"0 0 1 rg 10 10 20 20 re f")
    os.utime(path, ns=(1, 1))

    assert images.image(path, 1, 400) != before


def test_a_file_that_is_no_pdf_has_no_pages(tmp_path: Path, images: PageImages) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Words.")

    with pytest.raises(NoPages, match=r"'a\.txt' is not a PDF"):
        images.image(path, 1, 400)


def test_a_file_that_only_begins_like_a_pdf_is_damaged(tmp_path: Path, images: PageImages) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 and no more")

    with pytest.raises(Damaged, match=r"Page 1 of 'a\.pdf' is damaged"):
        images.image(path, 1, 400)


def test_a_page_that_takes_too_long_is_given_up_and_others_are_drawn(tmp_path: Path) -> None:
    slow = bomb(tmp_path / "slow.pdf", 200)
    quick = write_pdf(tmp_path / "quick.pdf", PLAIN)
    images = PageImages(seconds=1.5, memory_mb=4096)
    try:
        with pytest.raises(TooDemanding, match=r"Page 1 of 'slow\.pdf' takes too long"):
            images.image(slow, 1, 400)
        assert images.image(quick, 1, 400)
    finally:
        images.close()


def test_a_page_that_fills_memory_is_given_up_and_others_are_drawn(tmp_path: Path) -> None:
    large = bomb(tmp_path / "large.pdf", 700)
    quick = write_pdf(tmp_path / "quick.pdf", PLAIN)
    images = PageImages(memory_mb=128)
    try:
        assert images.image(quick, 1, 400)
        with pytest.raises((Damaged, TooDemanding), match=r"Page 1 of 'large\.pdf'"):
            images.image(large, 1, 400)
        assert images.image(quick, 1, 500)
    finally:
        images.close()


def bomb(path: Path, size_mb: int) -> Path:
    """Write a PDF of a few kB whose one page unpacks to many MiB."""
    packer = zlib.compressobj(1)
    block = b"0 0 m 9 9 l S\n" * 75_000
    stream = b"".join(packer.compress(block) for _ in range(size_mb)) + packer.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<<>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    objects = [b"%d 0 obj%s endobj\n" % (number, part) for number, part in enumerate(parts, 1)]
    path.write_bytes(b"%PDF-1.4\n" + b"".join(objects) + b"trailer<</Root 1 0 R>>\n%%EOF")
    return path


def test_closed_images_draw_nothing_and_closing_twice_is_harmless(tmp_path: Path) -> None:
    images = PageImages()
    images.close()
    images.close()

    with pytest.raises(RuntimeError, match="The page images are closed"):
        images.image(write_pdf(tmp_path / "a.pdf", PLAIN), 1, 400)


@needs_messy
@pytest.mark.parametrize("name", ["pdf-password-unstructured.pdf", "pdf-unicode-password.pdf"])
def test_a_file_that_needs_a_password_says_so(images: PageImages, name: str) -> None:
    with pytest.raises(NeedsPassword, match=f"'{name}' needs a password"):
        images.image(MESSY / "hostile" / name, 1, 400)


@needs_messy
def test_every_messy_file_is_drawn_or_refused_in_words(images: PageImages) -> None:
    came = [outcome(images, path) for path in sorted(MESSY.rglob("*.pdf"))]

    assert len(came) > 20
    assert sum(isinstance(each, bytes) for each in came) > len(came) / 2


def outcome(images: PageImages, path: Path) -> bytes | ImageError:
    try:
        return images.image(path, 1, 400)
    except ImageError as error:
        return error
