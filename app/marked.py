"""Which tags and labels documents have: of their own, of their file, of folders above it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from citewell.retrieval.store import Mark, MarkKind, SourceFile, Store, levels


@dataclass(frozen=True, slots=True)
class Marks:
    """The tags and labels of one document, each once and in order."""

    tags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class Marked:
    """Tells of each document of a collection which tags and labels it has."""

    def __init__(self, marks: Iterable[Mark], files: Mapping[Path, SourceFile]) -> None:
        self._files = files
        self._given: dict[str, list[Mark]] = {}
        for mark in marks:
            self._given.setdefault(mark.name, []).append(mark)

    def of(self, document: str, path: Path) -> Marks:
        """Return the marks of a document that came from a file."""
        found = list(self._above(document, path))
        return Marks(_values(found, "tag"), _values(found, "label"))

    def below(self, name: str, documents: Mapping[str, Path]) -> int:
        """Return how many documents have the marks that are given to a name."""
        return sum(name in self.levels(document, path) for document, path in documents.items())

    def _above(self, document: str, path: Path) -> Iterator[Mark]:
        for level in self.levels(document, path) if self._given else ():
            yield from self._given.get(level, ())

    def levels(self, document: str, path: Path) -> set[str]:
        """Return the names whose marks hold for a document that came from a file."""
        file = self._files[path].name if path in self._files else document
        return {*levels(document), *levels(file)}


def marked(store: Store, collection: str) -> Marked:
    """Return what a store knows of the tags and labels of a collection."""
    return Marked(store.marks(collection), store.files(collection))


def _values(marks: Iterable[Mark], kind: MarkKind) -> tuple[str, ...]:
    return tuple(sorted({mark.value for mark in marks if mark.kind == kind}))
