"""What ``citewell tag`` and ``citewell label`` do. Each returns its exit status."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath

from citewell.app.documents import held_store
from citewell.app.marked import Marked, marked
from citewell.app.output import Json, line
from citewell.app.tables import print_table
from citewell.app.terminal import say, write
from citewell.ingest.selecting import full_path, no_match
from citewell.retrieval.chroma_index import sync_index
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import Mark, MarkKind, SourceFile, Store, levels

MARKS = "citewell.marks/1"

WHOLE = ""
"""The name by which a store knows the marks of a whole collection."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to become of some marks; none of both only lists them."""

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The tags or labels given to one name, and how many documents they hold for."""

    name: str
    values: tuple[str, ...]
    documents: int


def run_marks(
    kind: MarkKind, names: Sequence[str], change: Change, settings: Settings, *, as_json: bool
) -> int:
    """Give tags or labels, take them away, or list those given.

    Args:
        kind: Which of both.
        names: Documents, files, and folders with a slash at their end, or their paths; `WHOLE`
            is all.
        change: What to give and to take.
        settings: They name the store and the collection.
        as_json: Whether to print JSON.
    """
    collection = settings.collection
    with held_store(settings) as store:
        names = _checked(store, collection, names)
        if change.add or change.remove:
            with writer_lock(settings.home, settings.lock_timeout):
                _apply(store, collection, (kind, names), change)
                sync_index(settings.home, store, collection)
        found = _given(store, collection, kind, names)
    if as_json:
        write(line(_as_json(collection, kind, found)))
    else:
        _print(collection, kind, found)
    return 0


def _checked(store: Store, collection: str, names: Sequence[str]) -> list[str]:
    """Return names as the store knows them, also for paths on this machine.

    Folders may be named before anything is in them, so that what comes is never without labels.
    A document that is not there is refused: it is most likely misspelt.
    """
    files = store.files(collection).values()
    known = {*store.names(collection), *(file.name for file in files)}
    known |= {mark.name for mark in store.marks(collection)}
    folders = {level for name in known for level in levels(name) if level.endswith("/")}
    found = [each if each in known | folders else _name_of(each, files) for each in names]
    for name in found:
        if name in known | folders or name == WHOLE:
            continue
        if f"{name}/" in folders:
            raise ConfigError(f"{name!r} is a folder. Write '{name}/' for all that is below it.")
        if not name.endswith("/"):
            raise no_match(store.documents(collection), name, collection)
        _check_folder(name, folders)
    return found


def _check_folder(name: str, folders: Iterable[str]) -> None:
    """Refuse what can never be the folder of a document; ask about what is like one that is."""
    plain = normpath(f"/{name}").strip("/")
    if not plain or name != f"{plain}/":
        such = f", such as {plain}/" if plain else ""
        raise ConfigError(
            f"{name!r} is no name of a folder. Write it as `citewell ls` shows it{such}, "
            "or give --all for everything."
        )
    close = [each for each in folders if _folded(each) == _folded(name)]
    meant = f" Or did you mean {close[0]!r}?" if close else ""
    say(f"Nothing is below {name} yet; what comes there later is marked.{meant}")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _name_of(wanted: str, files: Iterable[SourceFile]) -> str:
    """Return what a path is called in the collection; a name that is no such path as it is."""
    path = full_path(wanted) if wanted else None
    if path is None:
        return wanted
    for file in files:
        if file.path == path:
            return file.name
        inside = file.path.relative_to(path).as_posix() if file.path.is_relative_to(path) else None
        if inside and file.name.endswith(inside):
            folder = file.name.removesuffix(inside)
            if not folder:
                raise ConfigError(f"{wanted!r} is all that was ingested. Give --all instead.")
            return folder
    return wanted


def _apply(
    store: Store, collection: str, marked: tuple[MarkKind, Sequence[str]], change: Change
) -> None:
    kind, names = marked
    if any(not value.strip() for value in change.add):
        raise ConfigError(f"A {kind} is blank. Name it: --add NAME")
    if not names:
        raise ConfigError("Name documents, or folders with a slash at their end, or give --all.")
    given = [each for each in store.marks(collection) if each.kind == kind]
    meant = {value: _meant(kind, value, given) for value in change.remove}
    remove = {each.value for found in meant.values() for each in found}
    store.mark(collection, kind, names, [value.strip() for value in change.add], remove)
    holders = {value: {each.name for each in found} for value, found in meant.items()}
    missing = [(name, value) for name in names for value in holders if name not in holders[value]]
    if missing:
        _say_missing(kind, missing, holders, _levels(store, collection))


def _meant(kind: MarkKind, value: str, given: Iterable[Mark]) -> list[Mark]:
    """Return the marks of a value; tags are compared without regard to case, as filters do."""
    if kind == "label":
        return [each for each in given if each.value == value]
    return [each for each in given if each.value.casefold() == value.casefold()]


def _levels(store: Store, collection: str) -> Callable[[str], set[str]]:
    """Return what tells the names whose marks hold for a document, a file or a folder."""
    documents, known = store.names(collection), marked(store, collection)
    return lambda name: (
        known.levels(name, documents[name]) if name in documents else set(levels(name))
    )


def _say_missing(
    kind: MarkKind,
    missing: Iterable[tuple[str, str]],
    holders: Mapping[str, set[str]],
    levels_of: Callable[[str], set[str]],
) -> None:
    """Say what could not be taken from a name, as that was not given it, and what gives it."""
    for name, value in missing:
        above = sorted(holders[value] & levels_of(name))
        gives = ", ".join(each or "the collection" for each in above)
        from_ = f" It has it from {gives}." if above else ""
        say(f"{name or 'The collection'} has no {kind} {value} of its own.{from_}")


def _given(
    store: Store, collection: str, kind: MarkKind, names: Sequence[str]
) -> tuple[Given, ...]:
    """Return the marks of a kind by name: of these names, or all that were given."""
    known, documents = marked(store, collection), store.names(collection)
    values: dict[str, set[str]] = {name: set() for name in names}
    for mark in store.marks(collection):
        if mark.kind == kind and (not names or mark.name in values):
            values.setdefault(mark.name, set()).add(_shown(mark))
    return tuple(_of(name, values[name], known, documents) for name in sorted(values))


def _of(name: str, values: set[str], known: Marked, documents: Mapping[str, Path]) -> Given:
    return Given(name, tuple(sorted(values)), known.below(name, documents))


def _shown(mark: Mark) -> str:
    return f"{mark.value} (from {mark.folder})" if mark.folder else mark.value


def _as_json(collection: str, kind: MarkKind, given: Sequence[Given]) -> Json:
    return {
        "schema": MARKS,
        "collection": collection,
        "kind": kind,
        "marks": [
            {"name": each.name, "values": list(each.values), "documents": each.documents}
            for each in given
        ],
    }


def _print(collection: str, kind: MarkKind, given: Sequence[Given]) -> None:
    if not given:
        write(
            f"No {kind}s were given in collection {collection}. "
            f"Give one with: citewell {kind} NAME --add {kind.upper()}"
        )
        return
    rows = [
        (each.name or "(all)", ", ".join(each.values) or "none", str(each.documents))
        for each in given
    ]
    print_table(("Name", f"{kind.capitalize()}s", "Documents"), rows)
