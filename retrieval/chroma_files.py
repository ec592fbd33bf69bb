"""The folder of the Chroma index: its client, what state its files are in, and setting it aside.

Chroma is a cache of the vectors in the store. A damaged file of its HNSW index can end the process
(SIGSEGV) or give wrong neighbours without an error, so it is not opened unless its files are as
they were after the last clean use. A record beside the folder says how that was and which
generation of each collection the index holds; it is written last, after the data.
"""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citewell.retrieval.errors import CitewellError

if TYPE_CHECKING:
    from chromadb.api.client import Client

FOLDER_NAME = "chroma"
RECORD_NAME = "chroma.json"

SQLITE_NAME = "chroma.sqlite3"
TENANT, DATABASE = "default_tenant", "default_database"
_OPEN_COLLECTIONS = 10
_openings = count()


class IndexDamaged(Exception):
    """Chroma failed on its own files. This never reaches the user."""


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """What the index held, and how its files were, after the last clean use.

    Attributes:
        files: ``[size, modification time in ns]`` by path below the folder.
        generations: The generation of the store that each collection's vectors are of.
    """

    files: dict[str, list[int]] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)


def collection_name(name: str) -> str:
    """Return a collection's name in Chroma, which allows few characters."""
    return f"c-{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def read_record(home: Path) -> IndexRecord:
    """Return the record; an empty one when there is none that can be read."""
    try:
        found = json.loads((home / RECORD_NAME).read_text("utf-8"))
        files = {name: [int(size), int(time)] for name, (size, time) in found["files"].items()}
        generations = {name: int(number) for name, number in found["generations"].items()}
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return IndexRecord()
    return IndexRecord(files, generations)


def record_stamp(home: Path) -> tuple[int, int, int] | None:
    """Return what tells a record's file from the one before it; None if there is none."""
    try:
        found = (home / RECORD_NAME).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def write_record(home: Path, record: IndexRecord) -> None:
    """Replace the record in one step."""
    ready = home / f"{RECORD_NAME}.new"
    ready.write_text(json.dumps(asdict(record)), "utf-8")
    ready.replace(home / RECORD_NAME)


def forget_record(home: Path) -> None:
    """Delete the record: a folder without one is not trusted by any reader or writer."""
    (home / RECORD_NAME).unlink(missing_ok=True)


def folder_state(home: Path) -> dict[str, list[int]]:
    """Return the sizes and times of the index files as `IndexRecord.files` holds them."""
    folder = home / FOLDER_NAME
    state = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith(f"{SQLITE_NAME}-"):  # its journals come and go
            found = path.stat()
            state[name] = [found.st_size, found.st_mtime_ns]
    return state


def safe_to_open(home: Path, record: IndexRecord) -> bool:
    """Return whether the files are as they were after the last clean use.

    Opening Chroma writes to its SQLite file and so changes the time of that one. What is wrong
    in there Chroma raises as an error; only the other files can end the process.
    """
    return _without_sqlite_time(folder_state(home)) == _without_sqlite_time(record.files)


def has_shrunk(home: Path, record: IndexRecord) -> bool:
    """Return whether an index file is gone or shorter; Chroma itself only makes them longer."""
    now = folder_state(home)
    return any(now.get(name, [-1])[0] < seen[0] for name, seen in record.files.items())


def set_aside(home: Path) -> None:
    """Move the folder to ``chroma.damaged-<n>``. Only the newest such folder is kept."""
    forget_record(home)
    older = {int(match[1]): path for path in home.iterdir() if (match := _damaged(path))}
    if (home / FOLDER_NAME).exists():
        (home / FOLDER_NAME).rename(home / f"{FOLDER_NAME}.damaged-{max(older, default=0) + 1}")
        for path in older.values():
            shutil.rmtree(path, ignore_errors=True)


def remove_index(home: Path) -> None:
    """Delete the record and then the folder."""
    forget_record(home)
    shutil.rmtree(home / FOLDER_NAME, ignore_errors=True)


@contextmanager
def chroma_client(home: Path) -> Iterator["Client"]:
    """Open Chroma for the length of a block, in which any failure of it is IndexDamaged."""
    with chroma_failures():
        client = open_client(home / FOLDER_NAME)
        try:
            yield client
        finally:
            client.close()


def open_client(folder: Path) -> "Client":
    """Open Chroma on a folder, as its files are now and without a word to anyone.

    Clients of one path share what they have read, in the state of the first of them; a path that
    ends in another number of slashes is another path to Chroma, so this one reads anew.
    """
    from chromadb.api.client import Client
    from chromadb.config import Settings

    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic's; a .env there is not for us
        anonymized_telemetry=False,
        chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
        is_persistent=True,
        persist_directory=f"{folder}{'/' * (next(_openings) % 1000)}",
    )
    return Client(settings=settings)


def open_bindings(folder: Path) -> Any:
    """Open what Chroma's client is a layer over, to search alone, on a folder as it is now.

    The client's package takes 0.6 s to import and 50 MB of memory; a search needs neither. It is
    called here as ``chromadb.api.rust`` calls it.
    """
    import chromadb_rust_bindings as rust  # type: ignore[import-untyped]

    database = rust.SqliteDBConfig(
        hash_type=rust.MigrationHash.MD5,
        migration_mode=rust.MigrationMode.Apply,
        url=str(folder / SQLITE_NAME),
    )
    return rust.Bindings(
        allow_reset=False,
        sqlite_db_config=database,
        persist_path=str(folder),
        hnsw_cache_size=_OPEN_COLLECTIONS,
    )


@contextmanager
def chroma_failures() -> Iterator[None]:
    """Turn any failure of Chroma into IndexDamaged."""
    try:
        yield
    except CitewellError:
        raise
    except Exception as error:
        raise IndexDamaged(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of its Rust part; no Exception to Python
            raise
        raise IndexDamaged(str(error)) from error


def _without_sqlite_time(state: Mapping[str, list[int]]) -> dict[str, list[int]]:
    return {name: seen[:1] if name == SQLITE_NAME else seen for name, seen in state.items()}


def _damaged(path: Path) -> re.Match[str] | None:
    return re.fullmatch(rf"{FOLDER_NAME}\.damaged-(\d+)", path.name)
