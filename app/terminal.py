"""The terminal: what may be written to it, and how it is laid out."""

import shutil
import sys
import textwrap

from citewell.retrieval.visible import visible

_WIDEST = 100


def excerpt(text: str, most: int) -> str:
    """Return the beginning of a text on one line, cut at a space."""
    line = " ".join(visible(text).split())
    if len(line) <= most:
        return line
    return line[: max(line.rfind(" ", 0, most), most // 2)] + " …"


def fold(text: str, indent: str = "") -> str:
    """Return text broken at spaces where a terminal is too narrow for it; elsewhere on one line."""
    line = " ".join(text.split())
    if not sys.stdout.isatty():
        return indent + line
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.fill(
        line,
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def write(text: str = "", end: str = "\n") -> None:
    """Write data to standard output, at once."""
    sys.stdout.write(text + end)
    sys.stdout.flush()


def say(text: str) -> None:
    """Write a notice to standard error."""
    sys.stderr.write(f"{visible(text)}\n")


def print_question(id_: int | str, question: str) -> None:
    """Print the question of a batch that the lines below it answer."""
    write(fold(visible(f"{id_}: {question}")))
