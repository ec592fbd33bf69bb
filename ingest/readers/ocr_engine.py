"""The engine that recognises characters in pictures of pages: Tesseract, where it is installed.

Measured on six pages of annual reports and earnings releases, drawn at 200 dpi, against their
text layers, with one thread: Tesseract 5.3 has 0.98 of the words in 2 s a page and 70 MiB.
RapidOCR 3.10 (PP-OCRv6, packaged models) has 0.94, better on slides and worse on prose, in 16 s
and 1.2 GiB. Tesseract is a program of the system, not a Python package, so nothing is added to
the environment of those who do without it.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from citewell.retrieval.errors import ReadError

Picture = NDArray[np.uint8]
"""A grey picture of shape ``(height, width)``: 0 is black, 255 white."""

INSTALL = "install Tesseract (Debian: apt install tesseract-ocr)"
"""What those without an engine have to do."""

MOST_SECONDS = 50.0
"""A picture may take so long. A dense page takes 4 s, and 20 s on a machine that is overworked."""

MOST_LANGUAGES = 4
"""Each language takes its time on every page; if more are installed, English alone is used."""

NO_LANGUAGES = {"osd", "equ", "snum"}
"""Models that hold no language."""

_WORD_LEVEL = "5"
_LINE_LEVEL = "4"


class PixelBox(NamedTuple):
    """A rectangle of a picture, in pixels from its top left corner, y downwards."""

    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A word, never blank, and how sure the engine is of it, 0 to 1."""

    text: str
    box: PixelBox
    confidence: float


@dataclass(frozen=True, slots=True)
class OcrLine:
    """A line: the rectangle around it, and its words in reading order, at least one."""

    box: PixelBox
    words: tuple[OcrWord, ...]


class OcrEngine(Protocol):
    """Recognises characters."""

    @property
    def id(self) -> str:
        """Name, version and languages: pages are read again when it changes."""
        ...

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        """Return the lines of a picture in reading order; none if it shows no text.

        Lines that run downwards are read too; those that run upwards or stand upside down come
        out as words of low confidence.

        Raises:
            ReadError: If the engine breaks over the picture or takes too long.
        """
        ...


@dataclass(frozen=True)
class Tesseract:
    """The program ``tesseract``, version 4.1 or later (https://tesseract-ocr.github.io)."""

    program: str
    version: str
    languages: tuple[str, ...]

    @property
    def id(self) -> str:
        """Such as ``tesseract-5.3.0-eng``."""
        return f"tesseract-{self.version}-{'+'.join(self.languages)}"

    def read(self, picture: Picture, dpi: int) -> list[OcrLine]:
        """Return the lines of a picture. Segmentation mode 3 finds columns and vertical lines."""
        height, width = picture.shape
        pgm = f"P5 {width} {height} 255\n".encode() + picture.tobytes()
        options = ["-l", "+".join(self.languages), "--dpi", str(dpi), "--psm", "3", "tsv"]
        return list(parse_tsv(_run([self.program, "stdin", "stdout", *options], pgm)))


allowed: ContextVar[bool] = ContextVar("allowed", default=True)
"""Whether pages may be recognised at all."""


def find_engine() -> OcrEngine | None:
    """Return the engine of this machine; None without one, or where none is allowed."""
    return _installed_engine() if allowed.get() else None


@cache
def _installed_engine() -> OcrEngine | None:
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        version = re.match(r"tesseract v?(\S+)", _run([program, "--version"]))
        languages = choose_languages(_run([program, "--list-langs"]).splitlines()[1:])
    except ReadError:
        return None
    return (
        Tesseract(program, version[1] if version else "unknown", languages) if languages else None
    )


def choose_languages(installed: list[str]) -> tuple[str, ...]:
    """Return the languages to read in, English first; English alone if there are too many."""
    known = sorted(name for name in installed if name not in NO_LANGUAGES and "/" not in name)
    found = sorted(known, key=lambda name: name != "eng")
    return tuple(found if len(found) <= MOST_LANGUAGES else found[:1])


def parse_tsv(table: str) -> Iterator[OcrLine]:
    """Yield the lines of Tesseract's table that hold words.

    Its columns are level, page, block, paragraph, line, word, left, top, width, height,
    confidence (0 to 100) and text.
    """
    around = PixelBox(0, 0, 0, 0)
    words: list[OcrWord] = []
    for row in table.splitlines():
        cells = row.split("\t", 11)
        if cells[0] == _WORD_LEVEL and len(cells) == 12 and cells[11].strip():
            words.append(OcrWord(cells[11].strip(), _box(cells), max(float(cells[10]), 0) / 100))
        elif cells[0] == _LINE_LEVEL:
            if words:
                yield OcrLine(around, tuple(words))
            around, words = _box(cells), []
    if words:
        yield OcrLine(around, tuple(words))


def _box(cells: list[str]) -> PixelBox:
    left, top, width, height = map(int, cells[6:10])
    return PixelBox(left, top, left + width, top + height)


def _run(command: list[str], given: bytes = b"") -> str:
    """Return what a program writes. It gets one thread: files are read side by side."""
    try:
        done = subprocess.run(
            command,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            timeout=MOST_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ReadError(f"character recognition failed: {error}") from error
    return done.stdout.decode("utf-8", "replace")
