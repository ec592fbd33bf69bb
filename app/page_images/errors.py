"""Why a page cannot be shown, or a file not be opened.

ImageError
├── FileGone       it no longer stands where it was read
├── FileChanged    it holds other bytes than were read
├── NoPages        it is not a PDF
├── NoSuchPage     it has fewer pages
├── NeedsPassword  it is encrypted
├── Damaged        it cannot be drawn, or breaks the program that draws it
└── TooDemanding   it takes too long or too much memory
"""

from citewell.retrieval.errors import CitewellError


class ImageError(CitewellError):
    """A page cannot be shown as an image."""


class FileGone(ImageError):
    """The file no longer stands where it was read."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The file {name!r} is no longer where it was read. Put it back, or add its folder "
            "again so that Citewell takes note."
        )


class FileChanged(ImageError):
    """The file holds other bytes than were read."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The file {name!r} has changed since Citewell read it, so its pages may differ from "
            "what is quoted. Add it again to read it anew."
        )


class NoPages(ImageError):
    """The file is not a PDF."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The file {name!r} is not a PDF; only pages of PDFs are shown.")


class NoSuchPage(ImageError):
    """The file has fewer pages, or the number is none."""

    def __init__(self, name: str, page: int, pages: int) -> None:
        super().__init__(f"There is no page {page} in {name!r}; it has {pages}.")


class NeedsPassword(ImageError):
    """The file is encrypted."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The file {name!r} needs a password, so its pages cannot be shown here.")


class Damaged(ImageError):
    """The page cannot be drawn, or breaks the program that draws it."""

    def __init__(self, name: str, page: int) -> None:
        super().__init__(
            f"Page {page} of {name!r} is damaged and cannot be shown. "
            "Open the file in another program to see it."
        )


class TooDemanding(ImageError):
    """The page takes too long or too much memory."""

    def __init__(self, name: str, page: int) -> None:
        super().__init__(
            f"Page {page} of {name!r} takes too long or too much memory to be shown here. "
            "Open the file in another program to see it."
        )
