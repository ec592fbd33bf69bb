"""What the page fetches beside Streamlit's own: its script, pages of PDFs as images, and files.

Documents are asked for by their names in a collection and never by a path, and only those that
the labels of the process let see are there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from citewell.app.page_images.errors import FileChanged, FileGone, ImageError, NoSuchPage
from citewell.retrieval.errors import CitewellError, NotConfigured
from citewell.retrieval.visible import visible

if TYPE_CHECKING:  # the server is there sooner without what these load
    from citewell.app.page.engine import ChatEngine
    from citewell.app.page_images.files import Identity
    from citewell.app.page_images.images import PageImages
    from citewell.ingest.readers.sniffing import Format

_SCRIPT = Path(__file__).with_name("page.js")

_HEADERS = {"Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}

_KEPT = {**_HEADERS, "Cache-Control": "private, no-cache"}
"""The browser keeps a copy and asks each time whether it still holds: a document may be taken
out of the collection, or out of sight."""

_AS_TEXT: set[Format | None] = {
    "text", "markdown", "csv", "json", "jsonl", "rst", "xml", "source", "notebook", "mail",
}  # fmt: skip
"""Formats that a browser shows as they are. HTML is not: its scripts would be of this page."""


class Sources(Protocol):
    """Where documents and images come from."""

    @property
    def engine(self) -> ChatEngine: ...
    @property
    def images(self) -> PageImages: ...


class _Original(NamedTuple):
    """The file that a document came from, with the bytes that were read."""

    path: Path
    sha256: str
    identity: Identity


_Endpoint = Callable[[Request], Response]


def routes(find: Callable[[], Sources]) -> list[BaseRoute]:
    """Return the routes. They do their work in threads, as it blocks.

    Args:
        find: Returns the services of the process; called with each request.
    """
    return [
        Route("/citewell/page.js", _guarded(_script)),
        Route("/citewell/page", _guarded(lambda request: _page(request, find()))),
        Route("/citewell/file", _guarded(lambda request: _file(request, find()))),
    ]


def _guarded(endpoint: _Endpoint) -> _Endpoint:
    """Return an endpoint that answers this server's own pages alone, and errors in words."""

    def guarded(request: Request) -> Response:
        if not _is_own_host(request.headers.get("host", "")):
            return _said("This address is not one that Citewell answers to.", 403)
        # https://www.w3.org/TR/fetch-metadata/; browsers leave it out of plain HTTP between hosts
        if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return _said("Another site may not show what stands in Citewell.", 403)
        try:
            return endpoint(request)
        except CitewellError as error:
            return _said(str(error), _status(error))

    return guarded


def _is_own_host(host: str) -> bool:
    """Tell whether a request names this server; one with a borrowed name reads nothing."""
    allowed: list[str] = st.get_option("server.allowedHosts")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return not allowed or name in allowed


def _said(text: str, status: int) -> Response:
    headers = {**_HEADERS, "Cache-Control": "no-store"}
    return PlainTextResponse(visible(text), status, headers=headers)


def _status(error: CitewellError) -> int:
    match error:
        case NotConfigured() | NoSuchPage():
            return 404
        case FileChanged():
            return 409
        case FileGone():
            return 410
        case ImageError():
            return 422
        case _:
            return 500


def _script(request: Request) -> Response:
    script = _SCRIPT.read_bytes()
    headers = {**_KEPT, "ETag": _etag(script.decode())}
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(script, media_type="text/javascript", headers=headers)


def _page(request: Request, sources: Sources) -> Response:
    page, width = (request.query_params.get(name, "") for name in ("page", "width"))
    if not (page.isdecimal() and width.isdecimal() and len(page + width) < 20):
        return _said(f"Page {page!r} and width {width!r} must be whole numbers.", 400)
    found = _original(request, sources)
    headers = {**_KEPT, "ETag": _etag(repr((found.identity, page, width)))}
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    image = sources.images.image(found.path, int(page), int(width), found.sha256)
    return Response(image, media_type="image/png", headers=headers)


def _file(request: Request, sources: Sources) -> Response:
    found = _original(request, sources)
    headers = {**_KEPT, "ETag": _etag(repr(found.identity))}
    if _is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    from citewell.ingest.readers.sniffing import format_of

    kind = format_of(found.path)
    shown = "application/pdf" if kind == "pdf" else "text/plain" if kind in _AS_TEXT else None
    return FileResponse(
        found.path,
        headers=headers,
        media_type=shown or "application/octet-stream",
        filename=found.path.name,
        content_disposition_type="inline" if shown else "attachment",
    )


def _original(request: Request, sources: Sources) -> _Original:
    """Return the file that a request names, if it is there and as it was read."""
    names = (request.query_params.get(name, "") for name in ("collection", "document"))
    collection, document = names
    path = sources.engine.path_of(collection, document)
    sha256 = sources.engine.sha256_of(collection, document)
    return _Original(path, sha256, sources.images.files.identify(path, sha256))


def _etag(text: str) -> str:
    return f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def _is_known(request: Request, etag: str) -> bool:
    return etag in request.headers.get("if-none-match", "")
