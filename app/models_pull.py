"""Fetch a model into the home folder. Nothing else in Citewell downloads."""

import os
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from citewell.app.llms.base_model import base_model, continues_only, has_chat_template
from citewell.app.llms.gguf_header import read_header
from citewell.app.models_download import Digest, Download, OnBytes, fetch, is_there, open_client
from citewell.app.models_hub import choose, list_files, repository_of
from citewell.retrieval.errors import ConfigError, NotConfigured, StoreBusy

if TYPE_CHECKING:
    import httpx

Bar = Callable[[int | None], AbstractContextManager[OnBytes]]
"""Given all bytes that will come, shows how far it is while the block runs."""

_FILE_NAME = re.compile(r"[\w+-][\w.+-]*\.gguf", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WEIGHTS = (".safetensors", ".gguf")


@dataclass(frozen=True, slots=True)
class Wish:
    """What to fetch.

    Attributes:
        what: A repository on the hub, or the address of a GGUF file.
        file: Which GGUF file of the repository.
        sha256: What the file must hash to, where the hub does not say.
    """

    what: str
    file: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that was fetched.

    Attributes:
        name: How the setting ``llm`` names it; None if it writes no text.
        folder: Where its files are.
        files: Their paths below the folder.
        size: Bytes of them all.
    """

    name: str | None
    folder: Path
    files: tuple[str, ...]
    size: int


def pull(wish: Wish, home: Path, bar: Bar) -> Pulled:
    """Fetch a model. Interrupted, it goes on from there the next time.

    Raises:
        ConfigError: If what is named cannot be fetched safely.
        NotConfigured: If it is a base model, or there is too little room.
        ModelUnreachable: If the server does not answer.
        ModelError: If the server fails, or a file has another hash than announced.
        StoreBusy: If another process fetches the same.
    """
    if os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE"):
        raise ConfigError("HF_HUB_OFFLINE is set, so nothing is downloaded. Unset it to pull.")
    found = repository_of(wish.what)
    with open_client(os.environ.get("HF_TOKEN") if found else None) as client:
        files, place = _wanted(client, wish, found)
        folder = home / "models" / place
        folder.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder.with_name(f"{folder.name}.lock"), timeout=0):
                _fetch_all(client, files, folder, bar)
        except Timeout as error:
            raise StoreBusy(f"Another process is fetching {wish.what}. Wait for it.") from error
        except OSError as error:
            raise NotConfigured(
                f"{wish.what} cannot be written to {folder}: {error.strerror}. Free room there, "
                "then give the same command: it goes on from where it stopped."
            ) from error
    paths = tuple(file.path for file in files)
    size = sum((folder / path).stat().st_size for path in paths)
    return Pulled(_setting(folder, place, paths), folder, paths, size)


def _wanted(
    client: "httpx.Client", wish: Wish, found: tuple[str, str | None] | None
) -> tuple[Sequence[Download], str]:
    """Return the files to fetch, and the folder below ``models`` they belong into."""
    if found is not None:
        repository, named = found
        files = choose(list_files(client, repository), wish.file or named)
        return _pinned(files, wish.sha256), repository
    address = urlsplit(wish.what)
    name = unquote(address.path.rpartition("/")[2])
    if address.scheme not in ("http", "https") or not _FILE_NAME.fullmatch(name):
        raise ConfigError(
            f"{wish.what!r} is neither a repository on the hub, such as Qwen/Qwen3-0.6B, nor the "
            "http address of a .gguf file."
        )
    if wish.sha256 is None:
        raise ConfigError(
            f"{wish.what} does not say what its file must hash to. Add --sha256 with the 64 "
            "hexadecimal digits that its publisher gives."
        )
    digest = Digest("sha256", _checked_sha256(wish.sha256))
    return [Download(name, wish.what, digest, None)], "files"


def _pinned(files: Sequence[Download], sha256: str | None) -> Sequence[Download]:
    """Return files of which the weights must have the hash that the user gives."""
    if sha256 is None:
        return files
    weights = [file for file in files if file.path.endswith(_WEIGHTS)]
    if len(weights) != 1:
        raise ConfigError(f"--sha256 is of one file, and there are {len(weights)} of weights.")
    digest = Digest("sha256", _checked_sha256(sha256))
    return [replace(file, digest=digest) if file in weights else file for file in files]


def _checked_sha256(digits: str) -> str:
    if not _SHA256.fullmatch(digits.lower()):
        raise ConfigError(f"--sha256 is {digits!r}; give 64 hexadecimal digits.")
    return digits.lower()


def _fetch_all(client: "httpx.Client", files: Sequence[Download], folder: Path, bar: Bar) -> None:
    """Fetch files beside their folder, then move them in, ``config.json`` last."""
    stage = folder.with_name(f"{folder.name}.part")
    missing = [file for file in files if not is_there(file, folder)]
    sizes = [file.size for file in missing]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    stage.mkdir(parents=True, exist_ok=True)
    _check_room(stage, (total or 0) - _size(stage))
    with bar(total) as on_bytes:
        for file in missing:
            if file.path.endswith(_WEIGHTS) and continues_only(stage):
                shutil.rmtree(stage)
                raise base_model(folder.name)
            fetch(client, file, stage, on_bytes)
            if file.path.endswith(".gguf") and read_header(stage / file.path).chat_template is None:
                shutil.rmtree(stage)
                raise base_model(file.path)
    for file in sorted(missing, key=lambda each: each.path == "config.json"):
        target = folder / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        (stage / file.path).replace(target)
    shutil.rmtree(stage)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise NotConfigured(
            f"The model needs {needed:,} bytes more in {folder}, where {free:,} are free. "
            "Free room, or set CITEWELL_HOME to a larger disk."
        )


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _setting(folder: Path, place: str, paths: Sequence[str]) -> str | None:
    ggufs = [path for path in paths if path.endswith(".gguf")]
    if ggufs:
        return f"gguf:{place}/{ggufs[0]}"
    return f"transformers:{place}" if has_chat_template(folder) else None
