"""Tell whether a file is still the one that was read, without reading it each time."""

from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path
from threading import Lock
from typing import Generic, NamedTuple, TypeVar

from citewell.app.page_images.errors import FileChanged, FileGone
from citewell.ingest.folder import sha256_of

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

MOST_HASHES = 1000


class Identity(NamedTuple):
    """What changes when a file is written or replaced."""

    path: Path
    size: int
    modified: int
    inode: int


class Recent(Generic[Key, Value]):
    """The values used last, at most so many. Safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key) -> Value | None:
        """Return a value, which then counts as used; None if it is not held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: Key, value: Value) -> None:
        """Hold a value; the one that was not used for longest goes."""
        with self._lock:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)


class Files:
    """Files as they are now, each hashed once for as long as it stays the same."""

    def __init__(self) -> None:
        self._hashes: Recent[Identity, str] = Recent(MOST_HASHES)

    def identify(self, path: Path, sha256: str = "") -> Identity:
        """Return what a file is at this moment.

        Args:
            path: The file.
            sha256: Of the bytes that are meant, in hex. Blank: of whatever is there.

        Raises:
            FileGone: If there is no such file, or it cannot be read.
            FileChanged: If it holds other bytes.
        """
        try:
            if not path.is_file():
                raise FileGone(path.name)
            found = path.stat()
            identity = Identity(path, found.st_size, found.st_mtime_ns, found.st_ino)
            if sha256 and self._hash(identity) != sha256:
                raise FileChanged(path.name)
        except OSError as error:
            raise FileGone(path.name) from error
        return identity

    def _hash(self, identity: Identity) -> str:
        known = self._hashes.get(identity)
        if known is None:
            known = sha256_of(identity.path)
            self._hashes.put(identity, known)
        return known
