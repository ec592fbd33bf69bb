"""Thinking that a model writes down before its answer, taken out of the answer."""

import re
from collections.abc import Iterable, Iterator

_NAMES = "think|thinking|thought|thoughts|reasoning|reflection|scratchpad"
_TAG = re.compile(rf"[<\[]\s?(/?)(?:{_NAMES})\s?[>\]]", re.IGNORECASE)
_PART_OF_TAG = re.compile(r"[<\[]\s?/?[a-z]{0,10}\s?\Z", re.IGNORECASE)

OPENING = "<think>"
"""Some chat templates end with it, so that the model itself writes only the closing tag."""


def without_thinking(pieces: Iterable[str], *, begun: bool = False) -> Iterator[str]:
    """Yield what stands outside of tags such as ``<think>`` and ``</think>``.

    What follows a tag that is never closed is thinking. How the text is cut into pieces makes
    no difference.

    Args:
        pieces: The text as it is written.
        begun: Whether all up to the first closing tag is thinking, even without an opening one.
    """
    thinking = begun
    held = ""
    for piece in pieces:
        held += piece
        while tag := _TAG.search(held):
            if not thinking and tag.start():
                yield held[: tag.start()]
            held = held[tag.end() :]
            thinking = not tag[1]
        part = _PART_OF_TAG.search(held)
        end = part.start() if part else len(held)
        if not thinking and end:
            yield held[:end]
        held = held[end:]
    if not thinking and held:
        yield held


def opened_thinking(prompt: str) -> str:
    """Return the tag with which a rendered prompt begins the model's thinking, or nothing."""
    return OPENING if prompt.rstrip().endswith(OPENING) else ""
