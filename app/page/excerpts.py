"""Cut a quote out of a text with the words around it, and name the sections it stands in."""

from collections.abc import Sequence
from dataclasses import dataclass

from citewell.retrieval.values import Heading

SURROUNDINGS = 300
"""Most characters shown on each side of a quote."""

ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A quote between the words around it; these end in an ellipsis where they were cut."""

    before: str
    quote: str
    after: str


def excerpt(text: str, start: int, end: int) -> Excerpt:
    """Cut a span of a text out with up to 300 characters on each side, at word boundaries."""
    return Excerpt(_before(text, start), text[start:end], _after(text, end))


def _before(text: str, start: int) -> str:
    left = max(0, start - SURROUNDINGS)
    if not text[:left].strip():
        return text[left:start].lstrip()
    if not text[left - 1].isspace():
        left += len(_up_to_space(text[left:start]))
    return f"{ELLIPSIS} {text[left:start].lstrip()}"


def _after(text: str, end: int) -> str:
    right = min(len(text), end + SURROUNDINGS)
    if not text[right:].strip():
        return text[end:right].rstrip()
    if not text[right].isspace():
        right -= len(_up_to_space(text[end:right][::-1]))
    return f"{text[end:right].rstrip()} {ELLIPSIS}"


def _up_to_space(text: str) -> str:
    """Return what stands before the first space; nothing if there is none."""
    word = text.split(maxsplit=1)[0] if text and not text[0].isspace() else ""
    return "" if len(word) == len(text) else word


def heading_path(headings: Sequence[Heading], offset: int) -> tuple[str, ...]:
    """Return the titles of the sections that an offset stands in, outermost first."""
    path: list[Heading] = []
    for heading in headings:
        if heading.start > offset:
            break
        while path and path[-1].level >= heading.level:
            path.pop()
        path.append(heading)
    return tuple(heading.title for heading in path)
