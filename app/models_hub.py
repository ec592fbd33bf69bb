"""What a repository of a model hub holds, and which of its files a model needs.

The interface is that of huggingface.co/docs/hub/api; ``HF_ENDPOINT`` names another server of it,
``HF_TOKEN`` a key for models that ask for one.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from citewell.app.models_download import Digest, Download, get
from citewell.retrieval.errors import ConfigError, ModelError

if TYPE_CHECKING:
    import httpx

_DEFAULT_ENDPOINT = "https://huggingface.co"
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")
_SAFE_PATH = re.compile(r"(?:[\w+-][\w.+-]*/){0,3}[\w+-][\w.+-]*", re.ASCII)
_SETTINGS = re.compile(
    r"(?:[\w.-]+\.(?:json|jinja|model)|merges\.txt|vocab\.txt|"
    r"\d+_\w+/(?:[\w.-]+\.json|model\.safetensors)|additional_chat_templates/[\w.-]+\.jinja)"
)
_WEIGHTS = re.compile(r"(?!consolidated)[\w.-]+\.safetensors")
_HEX_40, _HEX_64 = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a repository at one commit.

    Attributes:
        repository: Such as ``Qwen/Qwen3-0.6B``.
        commit: Its 40 hexadecimal digits.
        files: All files, with addresses and digests.
    """

    repository: str
    commit: str
    files: tuple[Download, ...]


def endpoint() -> str:
    """Return the address of the hub."""
    return (os.environ.get("HF_ENDPOINT") or _DEFAULT_ENDPOINT).rstrip("/")


def repository_of(what: str) -> tuple[str, str | None] | None:
    """Return the repository, and the file if one is named, of a name or an address on the hub.

    None if it is neither.
    """
    if _REPOSITORY.fullmatch(what):
        return what, None
    here, there = urlsplit(endpoint()), urlsplit(what)
    if there.netloc != here.netloc:
        return None
    parts = there.path.strip("/").split("/")
    name = "/".join(parts[:2])
    if not _REPOSITORY.fullmatch(name):
        return None
    if len(parts) > 4 and parts[2] in ("resolve", "blob"):
        return name, "/".join(parts[4:])
    return (name, None) if len(parts) == 2 else None


def list_files(client: "httpx.Client", repository: str) -> Listing:
    """Ask the hub for the files of a repository's main branch.

    Raises:
        ModelUnreachable: If the hub does not answer.
        ModelError: If there is no such repository, or the answer is not one of a hub.
        ConfigError: If a file has a name that could be written outside its folder.
    """
    answer = get(client, f"{endpoint()}/api/models/{repository}/revision/main?blobs=true")
    try:
        about: Any = answer.json()
        commit = str(about["sha"])
        found = [_file(repository, commit, each) for each in about["siblings"]]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{endpoint()} sent what is no list of files for {repository}. Check HF_ENDPOINT."
        ) from error
    if not _HEX_40.fullmatch(commit):
        raise ModelError(f"{endpoint()} names the commit {commit[:50]!r} of {repository}.")
    return Listing(repository, commit, tuple(file for file in found if file))


def choose(listing: Listing, named: str | None) -> tuple[Download, ...]:
    """Return the files that a model needs: settings first, then weights.

    Args:
        listing: Of its repository.
        named: A GGUF file, needed where there are several.

    Raises:
        ConfigError: If it is not clear which file is meant, or none can be used.
    """
    ggufs = [file for file in listing.files if file.path.endswith(".gguf")]
    weights = [file for file in listing.files if _WEIGHTS.fullmatch(file.path)]
    if named is not None:
        chosen = tuple(file for file in ggufs if file.path == named)
        if not chosen:
            raise ConfigError(
                f"{listing.repository} has no file {named!r} that ends in .gguf. {_choices(ggufs)}"
            )
        return chosen
    if weights:
        settings = [file for file in listing.files if _SETTINGS.fullmatch(file.path)]
        return (*settings, *weights)
    if len(ggufs) == 1:
        return tuple(ggufs)
    if ggufs:
        raise ConfigError(
            f"{listing.repository} holds {len(ggufs)} GGUF files. Add --file. {_choices(ggufs)}"
        )
    raise ConfigError(
        f"{listing.repository} holds no weights that are read: only .safetensors and .gguf are, "
        "because other formats can carry code. Choose another repository."
    )


def _choices(files: Sequence[Download]) -> str:
    names = ", ".join(f"{file.path} ({file.size:,} bytes)" for file in files[:20])
    return f"There are: {names}." if names else "It has none."


def _file(repository: str, commit: str, about: Any) -> Download | None:
    """Return a file of the answer; None if it has a name that no model's file has."""
    path = str(about["rfilename"])
    if path.startswith("/") or "\\" in path or ".." in path.split("/") or ":" in path:
        raise ConfigError(
            f"{repository} names a file {path[:100]!r}, which could be written outside the "
            "model's folder. Nothing was downloaded."
        )
    if not _SAFE_PATH.fullmatch(path):
        return None
    large = about.get("lfs")
    sha256 = str(large["sha256"]) if large else ""
    blob = str(about["blobId"])
    if not (_HEX_64.fullmatch(sha256) if large else _HEX_40.fullmatch(blob)):
        raise ValueError(f"{path} has no hash")
    digest = Digest("sha256", sha256) if large else Digest("git", blob)
    address = f"{endpoint()}/{repository}/resolve/{commit}/{quote(path)}"
    return Download(path, address, digest, int(about["size"]))
