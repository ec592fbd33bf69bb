"""Documents to measure ingestion with: a long PDF, and text made up from a seed."""

import random
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path

FILINGS = Path("../shared/data/financebench/docs")
DEMO = Path("corpora/llm-primer")

LONG_PAGES = 619

_SYLLABLES = ("ba", "con", "der", "fi", "gra", "hon", "il", "ka", "lum", "mer", "nos", "ta")
_WORDS = 5000
_SECTION_WORDS = 90
"""Words below one heading: about 700 characters, a chunk."""


def default_documents() -> Path:
    """Return the folder to measure with where none is named."""
    return FILINGS if FILINGS.is_dir() else DEMO


def write_long_pdf(folder: Path, to: Path, pages: int = LONG_PAGES) -> None:
    """Write one PDF file of so many pages: those of a folder's, over and over if need be.

    Where the folder has none, the pages are text that is made up.
    """
    sources = sorted(folder.rglob("*.pdf"))
    if sources:
        _join(sources, to, pages)
    else:
        _typeset(to, pages)


def _join(sources: Sequence[Path], to: Path, pages: int) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    readers = [PdfReader(source) for source in sources]
    every = [(reader, place) for reader in readers for place in range(len(reader.pages))]
    for reader, place in islice(cycle(every), pages):
        writer.add_page(reader.pages[place])
    writer.write(to)


def _typeset(to: Path, pages: int) -> None:
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(to))
    words = made_up_words(619)
    for _ in range(pages):
        text = canvas.beginText(50, 780)
        for _ in range(48):
            text.textLine(" ".join(islice(words, 13)))
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()


def write_small_files(folder: Path, count: int) -> None:
    """Write so many text files of two sentences each, a hundred to a folder."""
    words = made_up_words(count)
    for number in range(count):
        below = folder / f"{number // 100:03}"
        below.mkdir(parents=True, exist_ok=True)
        text = f"{sentence(words)} {sentence(words)}\n"
        (below / f"note-{number:05}.txt").write_text(text, "utf-8")


def write_markdown(folder: Path, sections: int, in_a_file: int) -> None:
    """Write files of Markdown with so many sections, each about one chunk."""
    folder.mkdir(parents=True, exist_ok=True)
    words = made_up_words(sections)
    for number, first in enumerate(range(0, sections, in_a_file)):
        count = min(in_a_file, sections - first)
        parts = [f"# Report {number}", *(section(words, place) for place in range(count))]
        (folder / f"report-{number:05}.md").write_text("\n\n".join(parts) + "\n", "utf-8")


def section(words: Iterator[str], number: int) -> str:
    """Return a heading and a paragraph below it."""
    sentences = [sentence(words) for _ in range(_SECTION_WORDS // 15)]
    return f"## Part {number}: {next(words)}\n\n{' '.join(sentences)}"


def sentence(words: Iterator[str]) -> str:
    """Return fifteen words with a capital and a full stop."""
    return " ".join(islice(words, 15)).capitalize() + "."


def made_up_words(seed: int) -> Iterator[str]:
    """Yield words of one vocabulary without end, common and rare ones as in real text (Zipf)."""
    chance = random.Random(0)
    known = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(_WORDS)]
    chance.seed(seed)
    weights = [1 / rank for rank in range(1, _WORDS + 1)]
    while True:
        yield from chance.choices(known, weights, k=1000)
