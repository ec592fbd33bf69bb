"""Lay out a message: who wrote it, what is attached, what it says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from citewell.ingest.readers.blocks import Block, join_blocks
from citewell.ingest.readers.cleaning import clean_line
from citewell.ingest.readers.properties import properties
from citewell.ingest.readers.titles import choose_title
from citewell.retrieval.values import Document

MOST_DEPTH = 10
"""Messages within messages that are read; what is deeper is named as an attachment."""

NO_SUBJECT = "Message without a subject"


@dataclass(slots=True)
class Message:
    """What one message holds, whatever format it came in.

    Attributes:
        headers: Pairs such as ``("From", "Jo <jo@example.org>")``, in the order to show.
        body: The blocks of what it says.
        attachments: Names of the files attached.
        enclosed: Messages attached to it.
    """

    headers: list[tuple[str, str]]
    body: list[Block] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    enclosed: list["Message"] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """The subject; blank where it has none."""
        return next((clean_line(value) for name, value in self.headers if name == "Subject"), "")


def message_document(message: Message, name: str) -> Document:
    """Return a message as one document, titled by its subject.

    Raises:
        ReadError: If it holds no text, not even in its headers.
    """
    text, headings, tables, _ = join_blocks(_blocks(message, 0))
    names = [clean_line(attached) for attached in message.attachments]
    facts = properties((name.lower(), value) for name, value in message.headers)
    if names:
        facts["attachments"] = ", ".join(names)
    return Document(
        name=name,
        title=choose_title(name, message.subject),
        text=text,
        headings=headings,
        metadata=facts,
        tables=tables,
    )


def _blocks(message: Message, depth: int) -> Iterator[Block]:
    """Yield the blocks of a message, those of enclosed ones as sections one level below."""
    yield Block("\n".join(_lines(message.headers, message.attachments)))
    for block in message.body:
        yield Block(block.text, block.level + depth if block.level else 0, block.table)
    for enclosed in message.enclosed:
        yield Block(enclosed.subject or NO_SUBJECT, depth + 1)
        yield from _blocks(enclosed, depth + 1)


def _lines(headers: Sequence[tuple[str, str]], attachments: Iterable[str]) -> Iterator[str]:
    attached = ", ".join(map(clean_line, attachments))
    for name, value in chain(headers, [("Attachments", attached)]):
        if value := clean_line(value):
            yield f"{name}: {value}"
