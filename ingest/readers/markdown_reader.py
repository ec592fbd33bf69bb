"""Read Markdown. The text is kept as it stands, so that a quote shows what is in the file.

It begins after the front matter, which is metadata.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from citewell.ingest.readers.blocks import LONGEST_HEADING
from citewell.ingest.readers.front_matter import front_matter, is_front_matter
from citewell.ingest.readers.properties import stated
from citewell.ingest.readers.text_reader import NO_TEXT, load_text
from citewell.ingest.readers.titles import choose_title
from citewell.retrieval.errors import ReadError
from citewell.retrieval.values import Document, Heading

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*))?$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_NO_PARAGRAPH = re.compile(r" {4}|\t| {0,3}(?:>|[-+*](?:[ \t]|$)|\d{1,9}[.)](?:[ \t]|$)|\||<)")
"""What an underline does not make a heading: code, quotes, lists, tables, HTML."""


def read_markdown(path: Path, name: str) -> list[Document]:
    """Return the file as one document with its headings, links and all."""
    front, text = _apart(load_text(path))
    headings = find_headings(text)
    first = next((heading.title for heading in headings if heading.level == 1), None)
    facts = stated((key.lower(), value) for key, value in front_matter(front))
    title = choose_title(name, facts.pop("title", None), first)
    return [Document(name, title, text, headings=headings, metadata=facts)]


def _apart(text: str) -> tuple[str, str]:
    """Return the front matter and the text after it. Raises ReadError if there is no text."""
    found = _FRONT_MATTER.match(text)
    front = (found[1] or "") if found else ""
    if not found or not is_front_matter(front):
        return "", text
    text = text[found.end() :]
    if not text.strip():
        raise ReadError(NO_TEXT)
    return front, text


def find_headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of Markdown, outside fenced code and comments.

    Source: https://spec.commonmark.org/0.31.2/ sections 4.2, 4.3 and 4.5.
    """
    scan = _Scan()
    start = 0
    for line in text.splitlines(keepends=True):
        scan.take(line.rstrip("\n"), start)
        start += len(line)
    return tuple(scan.headings)


@dataclass
class _Scan:
    """Where a scan line by line stands."""

    headings: list[Heading] = field(default_factory=list)
    fence: str = ""
    comment: bool = False
    paragraph: list[str] = field(default_factory=list)
    paragraph_start: int = 0

    def take(self, line: str, start: int) -> None:
        """Look at the next line, which stands at an offset."""
        if self._in_code_or_comment(line):
            self.paragraph.clear()
        elif atx := _ATX.match(line):
            self.paragraph.clear()
            self._add(len(atx[1]), _unclosed(atx[2] or ""), start)
        elif self.paragraph and (underline := _UNDERLINE.match(line)):
            level = 1 if underline[1].startswith("=") else 2
            self._add(level, " ".join(self.paragraph), self.paragraph_start)
            self.paragraph.clear()
        elif not line.strip() or (not self.paragraph and _NO_PARAGRAPH.match(line)):
            self.paragraph.clear()
        else:
            if not self.paragraph:
                self.paragraph_start = start
            self.paragraph.append(line.strip())

    def _in_code_or_comment(self, line: str) -> bool:
        if self.comment:
            self.comment = "-->" not in line
            return True
        fence = _FENCE.match(line)
        if self.fence:
            if fence and fence[1].startswith(self.fence) and not fence[2].strip():
                self.fence = ""
            return True
        if fence:
            self.fence = fence[1]
            return True
        if line.lstrip().startswith("<!--"):
            self.comment = "-->" not in line
            return True
        return False

    def _add(self, level: int, content: str, start: int) -> None:
        if len(content) <= LONGEST_HEADING and (title := plain_inline(content)):
            self.headings.append(Heading(level, title, start))


def _unclosed(content: str) -> str:
    """Return the content of a heading without the ``#`` that may close its line."""
    before = content.rstrip(" \t").rstrip("#")
    return content if before and before[-1] not in " \t" else before


def plain_inline(content: str) -> str:
    """Return the content of a heading without its markup."""
    content = re.sub(r"[ \t]*\{[#.][^{}]*\}[ \t]*$", "", content)
    content = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", content)
    content = re.sub(r"\[([^\[\]]*)\]\[[^\[\]]*\]", r"\1", content)
    content = re.sub(r"</?[A-Za-z][^<>]*>", "", content)
    for mark in (r"`+", r"\*+", r"__"):
        content = re.sub(rf"({mark})(?=\S)(.+?)(?<=\S)\1", r"\2", content)
    return " ".join(re.sub(r"\\([\\`*_{}\[\]()#+.!|-])", r"\1", content).split())
