"""A file fetched piece by piece: resumed where it broke off, and kept only if its hash is right."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from citewell.retrieval.errors import ModelError, ModelUnreachable
from citewell.retrieval.wording import one_line

if TYPE_CHECKING:
    import httpx

_BLOCK = 2**20

OnBytes = Callable[[int], None]
"""Called with the number of bytes that have come."""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a file must hash to.

    Attributes:
        kind: ``sha256`` of its bytes, or ``git``: SHA-1 of the blob, as git names it.
        value: In hexadecimal digits, lower case.
    """

    kind: Literal["sha256", "git"]
    value: str

    def of(self, path: Path) -> str:
        """Return what a file hashes to."""
        if self.kind == "sha256":
            known = hashlib.sha256()
        else:
            known = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                known.update(block)
        return known.hexdigest()


@dataclass(frozen=True, slots=True)
class Download:
    """A file to fetch.

    Attributes:
        path: Below the model's folder, with forward slashes. Never leads out of it.
        address: Where it is.
        digest: What it must hash to.
        size: In bytes; None if it is not known.
    """

    path: str
    address: str
    digest: Digest
    size: int | None


def open_client(key: str | None) -> "httpx.Client":
    """Return a client that follows redirects, as hubs send them to where files are stored.

    Args:
        key: Sent to the first host alone: a redirect to another is followed without it.
    """
    import httpx

    return httpx.Client(
        follow_redirects=True,
        timeout=httpx.Timeout(60, connect=10),
        headers={"Authorization": f"Bearer {key}"} if key else {},
    )


def get(client: "httpx.Client", address: str) -> "httpx.Response":
    """Return a small answer.

    Raises:
        ModelUnreachable: If the server does not answer.
        ModelError: If it answers with an error.
    """
    with _explained(address):
        answer = client.get(address)
        _check_status(answer.status_code, address)
        return answer


def fetch(client: "httpx.Client", wanted: Download, folder: Path, on_bytes: OnBytes) -> None:
    """Put a file into a folder. What was fetched before an interruption is not fetched again.

    Raises:
        ModelUnreachable: If the server does not answer.
        ModelError: If it answers with an error, breaks off, or sends other bytes than announced.
        OSError: If the disk is full.
    """
    if is_there(wanted, folder):
        on_bytes(wanted.size or 0)
        return
    target = folder / wanted.path
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    if wanted.size is None or not part.is_file() or part.stat().st_size != wanted.size:
        _receive(client, wanted, part, on_bytes)
    else:
        on_bytes(wanted.size)
    found = wanted.digest.of(part)
    if found != wanted.digest.value:
        part.unlink()
        raise ModelError(
            f"{wanted.address} sent a file whose {wanted.digest.kind} hash is {found}, not "
            f"{wanted.digest.value}. It was deleted. Try again; if it happens again, do not use it."
        )
    part.replace(target)


def is_there(wanted: Download, folder: Path) -> bool:
    """Tell whether a folder holds a file already, with the right hash."""
    target = folder / wanted.path
    return (
        target.is_file()
        and wanted.size in (None, target.stat().st_size)
        and wanted.digest.of(target) == wanted.digest.value
    )


def _receive(client: "httpx.Client", wanted: Download, part: Path, on_bytes: OnBytes) -> None:
    have = part.stat().st_size if part.is_file() else 0
    if wanted.size is not None and have > wanted.size:
        part.unlink()
        have = 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with (
        _explained(wanted.address),
        client.stream("GET", wanted.address, headers=headers) as answer,
    ):
        if have and answer.status_code == 416:  # no more than there is already
            return
        _check_status(answer.status_code, wanted.address)
        resumed = answer.status_code == 206
        if resumed and not answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
            raise ModelError(f"{wanted.address} went on from another place. Try again.")
        have = have if resumed else 0
        on_bytes(have)
        with part.open("ab" if resumed else "wb") as file:
            for block in answer.iter_raw():
                have += len(block)
                if wanted.size is not None and have > wanted.size:
                    raise ModelError(f"{wanted.address} is longer than {wanted.size:,} bytes.")
                file.write(block)
                on_bytes(len(block))
    if wanted.size is not None and have < wanted.size:
        raise _broke_off(wanted.address)


@contextmanager
def _explained(address: str) -> Iterator[None]:
    """Turn the errors of the client into ours."""
    import httpx

    host = _host(address)
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ModelUnreachable(
            f"{host} does not answer ({one_line(error)}). Check the network, or HF_ENDPOINT."
        ) from error
    except httpx.HTTPError as error:
        raise _broke_off(address) from error


def _host(address: str) -> str:
    return urlsplit(address).netloc.rpartition("@")[2]


def _broke_off(address: str) -> ModelError:
    return ModelError(
        f"The download of {address} broke off. The same command goes on from where it stopped."
    )


def _check_status(status: int, address: str) -> None:
    if status < 300:
        return
    advice = {
        401: "It asks for a key, or is not there. Set HF_TOKEN.",
        403: "Accept its terms on the hub, then set HF_TOKEN.",
        404: "Check the name.",
    }.get(status, "Try again later.")
    raise ModelError(f"{address} answered HTTP {status}. {advice}")
