"""What a run would do: the files on disk beside those that the store holds."""

import stat
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from citewell.ingest.folder import FoundFile, Remark, Scan, shown
from citewell.retrieval.store import SourceFile, Store

STILL_SEARCHED = "; the version read before is still searched"


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a plan.

    Attributes:
        name: What its document is called, or is to be called.
        reason: Why it is in this part of the plan.
        source: The file as it is now; a deleted one as the store holds it.
    """

    name: str
    reason: str
    source: SourceFile


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with each file, each part in the order found. Nothing is done yet."""

    added: tuple[Step, ...]
    changed: tuple[Step, ...]
    unchanged: tuple[Step, ...]
    deleted: tuple[Step, ...]
    skipped: tuple[Remark, ...]
    failed: tuple[Remark, ...]


def plan(found: Scan, store: Store, collection: str) -> Plan:
    """Compare what was found with what the store holds; the collection need not exist yet.

    A file is known by its absolute path: it keeps the name under which it was stored, whichever
    folder is given. Files of other folders are left as they are.
    """
    exists = collection in {each.name for each in store.collections()}
    held = store.files(collection) if exists else {}
    holders = store.names(collection) if exists else {}
    gone = _gone(found, held)
    stored_names = _file_names(holders)
    deleted = [
        Step(stored_names.get(path, shown(path.name)), "no longer in the folder", held[path])
        for path in gone
    ]
    taken = {name: path for name, path in holders.items() if path not in gone}
    added: list[Step] = []
    changed: list[Step] = []
    unchanged: list[Step] = []
    for file in found.files:
        name = stored_names.get(file.path)
        if name is None:
            name = free_name(file.name, shown(file.folder.name), taken, file.path)
            taken[name] = file.path
        before = held.get(file.path)
        step = Step(name, _reason(file, before), SourceFile(file.path, file.sha256, file.reader))
        (added if before is None else unchanged if before == step.source else changed).append(step)
    kept = held.keys() - set(gone)
    return Plan(
        added=tuple(added),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        deleted=tuple(deleted),
        skipped=_remarks(found.skipped, kept),
        failed=_remarks(found.failed, kept),
    )


def free_name(name: str, prefix: str, taken: Mapping[str, Path], path: Path) -> str:
    """Return a name that no other file has: the name, else ``prefix/name``, else a number."""
    candidate = name
    for number in count(1):
        if taken.get(candidate, path) == path:
            break
        candidate = f"{prefix}/{name}" if number == 1 else f"{prefix}/{name} ({number})"
    return candidate


def _reason(file: FoundFile, before: SourceFile | None) -> str:
    if before is None:
        return "new"
    if not before.sha256:
        return "not finished last time"
    if before.sha256 != file.sha256:
        return "content changed"
    return "unchanged" if before.reader == file.reader else "read by an older reader"


def _file_names(holders: Mapping[str, Path]) -> dict[Path, str]:
    """Return the stored name of each file that is one document, and not rows with ids."""
    documents = defaultdict(list)
    for name, path in holders.items():
        documents[path].append(name)
    return {
        path: names[0]
        for path, names in documents.items()
        if len(names) == 1 and shown(path.name) in names[0]
    }


def _gone(found: Scan, held: Mapping[Path, SourceFile]) -> list[Path]:
    """Return the held files that were below one of the roots and are not there now."""
    there = {file.path for file in found.files}
    return [
        path
        for path in sorted(held.keys() - there)
        if any(path.is_relative_to(root) for root in found.roots) and not _is_there(path)
    ]


def _is_there(path: Path) -> bool:
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
