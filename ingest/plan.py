"""What a run would do: the files on disk beside those that the store holds."""

import stat
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path, PurePosixPath
from typing import cast

from citewell.ingest.folder import FoundFile, Remark, Scan, shown
from citewell.ingest.readers.titles import readable_name
from citewell.retrieval.reading import Reading, ReadingStatus
from citewell.retrieval.store import DocumentSummary, SourceFile, Store

STILL_SEARCHED = "; the version read before is still searched"


MANY_FILES = 10
"""Files that are not believed to be deleted when all of a folder's are gone at once."""


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a plan.

    Attributes:
        name: What its document is called, or is to be called.
        reason: Why it is in this part of the plan.
        source: The file as it is now; a deleted one as the store holds it.
        size: In bytes; 0 for a deleted one.
        old_path: Where the store holds it, if it was renamed.
        renamed: The new name and title of each of its documents that gets others, by its name.
    """

    name: str
    reason: str
    source: SourceFile
    size: int = 0
    old_path: Path | None = None
    renamed: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with each file, each part in the order found. Nothing is done yet.

    Attributes:
        readings: What is to be recorded of the files that were skipped or failed, where the
            store does not say so yet.
        forgotten: Files of which a reading is recorded and that are no longer there.
    """

    added: tuple[Step, ...]
    changed: tuple[Step, ...]
    unchanged: tuple[Step, ...]
    deleted: tuple[Step, ...]
    skipped: tuple[Remark, ...]
    failed: tuple[Remark, ...]
    renamed: tuple[Step, ...] = ()
    readings: tuple[Reading, ...] = ()
    forgotten: tuple[Path, ...] = ()


def plan(found: Scan, store: Store, collection: str) -> Plan:
    """Compare what was found with what the store holds; the collection need not exist yet.

    A file is known by its absolute path: it keeps the name under which it was stored, whichever
    folder is given. A new one with the content of one that is gone was renamed. One that could
    not be read is not read again until its content or its reader changes. Files of other folders
    are left as they are.
    """
    return _Planner(found, store, collection).plan()


class _Planner:
    """What the store holds, and what is planned so far."""

    def __init__(self, found: Scan, store: Store, collection: str) -> None:
        exists = collection in {each.name for each in store.collections()}
        self._found = found
        self._held = store.files(collection) if exists else {}
        self._readings = {each.path: each for each in store.readings(collection)} if exists else {}
        self._documents: dict[Path, list[DocumentSummary]] = defaultdict(list)
        for document in store.documents(collection) if exists else ():
            self._documents[document.path].append(document)
        self._steps: dict[str, list[Step]] = defaultdict(list)
        self._skipped = dict(found.skipped)
        self._failed = dict(found.failed)
        self._renamed_readings: list[Reading] = []
        self._gone = self._gone_files()
        self._renames = _renames(found.files, self._held, self._gone)
        dropped = set(self._gone) - set(self._renames.values())
        self._taken = {
            document.name: path
            for path, documents in self._documents.items()
            if path not in dropped
            for document in documents
        }

    def plan(self) -> Plan:
        for file in self._found.files:
            self._place(file)
        moved = set(self._renames.values())
        for path in self._gone:
            if path not in moved:
                name = self._stored_name(path) or shown(path.name)
                self._add("deleted", Step(name, "no longer in the folder", self._held[path]))
        kept = self._held.keys() - set(self._gone)
        part = {name: tuple(steps) for name, steps in self._steps.items()}
        return Plan(
            added=part.get("added", ()),
            changed=part.get("changed", ()),
            renamed=part.get("renamed", ()),
            unchanged=part.get("unchanged", ()),
            deleted=part.get("deleted", ()),
            skipped=_remarks(self._skipped, kept),
            failed=_remarks(self._failed, kept),
            readings=(*self._news(), *self._renamed_readings),
            forgotten=tuple(self._forgotten()),
        )

    def _place(self, file: FoundFile) -> None:
        source = SourceFile(file.path, file.sha256, file.reader)
        before = self._held.get(file.path)
        known = self._readings.get(file.path)
        if before == source and (known is None or known.status == "read"):
            name = self._stored_name(file.path) or file.name
            self._add("unchanged", Step(name, "unchanged", source, file.size))
        elif known and known.status != "read" and _same_content(known, source):
            remarks = self._skipped if known.status == "skipped" else self._failed
            remarks[file.path] = Remark(file.name, known.reason)
            if known.name != file.name:
                self._renamed_readings.append(replace(known, name=file.name))
        elif file.path in self._renames:
            self._add("renamed", self._renamed(file, source, self._renames[file.path]))
        elif before is None:
            self._add("added", Step(self._new_name(file), "new", source, file.size))
        else:
            name = self._stored_name(file.path) or self._new_name(file)
            self._add("changed", Step(name, _reason(file, before), source, file.size))

    def _add(self, part: str, step: Step) -> None:
        self._steps[part].append(step)

    def _new_name(self, file: FoundFile) -> str:
        name = free_name(file.name, shown(file.folder.name), self._taken, file.path)
        self._taken[name] = file.path
        return name

    def _renamed(self, file: FoundFile, source: SourceFile, old: Path) -> Step:
        before = self._stored_name(old)
        named: dict[str, tuple[str, str]] = {}
        name = file.name
        if before is not None:
            del self._taken[before]
            name = self._new_name(file)
            title = self._documents[old][0].title
            named[before] = name, _title_after(title, before, name)
        reason = f"renamed from {before or shown(old.name)}"
        return Step(name, reason, source, file.size, old, named)

    def _stored_name(self, path: Path) -> str | None:
        """Return the stored name of a file that is one document, and not rows with ids."""
        documents = self._documents.get(path, [])
        if len(documents) == 1 and shown(path.name) in documents[0].name:
            return documents[0].name
        return None

    def _gone_files(self) -> list[Path]:
        """Return the held files that were below one of the roots and are not there now."""
        there = {file.path for file in self._found.files}
        gone: list[Path] = []
        for root in self._found.roots:
            below = [path for path in self._held if path.is_relative_to(root)]
            missing = [path for path in below if path not in there and not is_there(path)]
            if len(missing) == len(below) >= MANY_FILES and self._is_empty(root):
                self._failed[root] = Remark(
                    shown(root.name),
                    f"is empty, but {len(below)} files read from it are stored: is a drive "
                    "missing? They are kept. To drop them: citewell rm FOLDER",
                )
            else:
                gone += missing
        return sorted(set(gone))

    def _is_empty(self, root: Path) -> bool:
        seen = (*(file.path for file in self._found.files), *self._skipped, *self._failed)
        return root.is_dir() and not any(path.is_relative_to(root) for path in seen)

    def _news(self) -> Iterator[Reading]:
        """Yield what is to be recorded of files that a look at the folder ruled out."""
        for status, remarks in (("skipped", self._found.skipped), ("failed", self._found.failed)):
            for path, (name, reason) in remarks.items():
                reading = Reading(path, name, cast(ReadingStatus, status), reason)
                if self._readings.get(path) != reading:
                    yield reading

    def _forgotten(self) -> Iterator[Path]:
        seen = {file.path for file in self._found.files} | self._skipped.keys()
        seen |= self._failed.keys() | self._held.keys()
        for path in sorted(self._readings.keys() - seen):
            if any(path.is_relative_to(root) for root in self._found.roots):
                yield path


def _renames(
    files: Sequence[FoundFile], held: Mapping[Path, SourceFile], gone: Sequence[Path]
) -> dict[Path, Path]:
    """Return the old path of each new file that has the content of one that is gone.

    Where several have it, one of the same file name is preferred, else the first by path.
    """
    candidates: dict[tuple[str, str], list[Path]] = defaultdict(list)
    for path in gone:
        if held[path].sha256:
            candidates[held[path].sha256, held[path].reader].append(path)
    found = {}
    for file in files:
        old = candidates.get((file.sha256, file.reader), [])
        if file.path not in held and old:
            same_name = [path for path in old if path.name == file.path.name]
            found[file.path] = (same_name or old)[0]
            old.remove(found[file.path])
    return found


def _title_after(title: str, old_name: str, new_name: str) -> str:
    """Return the title after a rename; one that was made of the name is made of the new one."""
    for title_of in (readable_name, lambda name: PurePosixPath(name).name):
        if title == title_of(old_name):
            return title_of(new_name)
    return title


def _same_content(known: Reading, source: SourceFile) -> bool:
    return known.sha256 == source.sha256 and known.reader == source.reader


def free_name(name: str, prefix: str, taken: Mapping[str, Path], path: Path) -> str:
    """Return a name that no other file has: the name, else ``prefix/name``, else a number."""
    candidate = name
    for number in count(1):
        if taken.get(candidate, path) == path:
            break
        candidate = f"{prefix}/{name}" if number == 1 else f"{prefix}/{name} ({number})"
    return candidate


def _reason(file: FoundFile, before: SourceFile) -> str:
    if not before.sha256:
        return "not finished last time"
    if before.sha256 != file.sha256:
        return "content changed"
    same_reader = before.reader == file.reader
    return "could not be read last time" if same_reader else "read by another reader before"


def is_there(path: Path) -> bool:
    """Tell whether a file is where it was. One that cannot be looked at is taken to be there."""
    try:
        return path.resolve(strict=True) == path and stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, RuntimeError):
        return True


def _remarks(remarks: Mapping[Path, Remark], kept: set[Path]) -> tuple[Remark, ...]:
    return tuple(
        Remark(name, reason + STILL_SEARCHED if path in kept else reason)
        for path, (name, reason) in sorted(remarks.items())
    )
