"""Parse the XML inside archives, with entities and the network off."""

import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from citewell.retrieval.errors import ReadError

_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_MANIFEST = "META-INF/manifest.xml"
_PROPERTIES = ("docProps/core.xml", "meta.xml")
"""Where Office Open XML and OpenDocument keep a document's title."""


def parse_part(archive: zipfile.ZipFile, name: str) -> Any:
    """Return the root element of a part.

    Raises:
        ReadError: If the part is missing or is not XML.
    """
    from lxml import etree  # type: ignore[import-untyped]

    try:
        return etree.fromstring(archive.read(name), parser=etree.XMLParser(**_SAFE))
    except KeyError as error:
        raise ReadError(f"damaged: its part {name} is missing") from error
    except (etree.LxmlError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ReadError(f"damaged: its part {name} cannot be read ({error})") from error


def walk_part(part: IO[bytes], *tags: str) -> Any:
    """Yield ("end", element) for each element of a part with one of these tags, as it is read."""
    from lxml import etree

    return etree.iterparse(part, events=("end",), tag=tags, **_SAFE)


def refuse_encrypted(archive: zipfile.ZipFile) -> None:
    """Raise ReadError if an OpenDocument archive says that its parts are encrypted."""
    if _MANIFEST in archive.namelist():
        manifest = parse_part(archive, _MANIFEST)
        if next(manifest.iter("{*}encryption-data"), None) is not None:
            raise ReadError("needs a password")


def declared_title(path: Path) -> str | None:
    """Return the title in the properties of a document's archive, if there is one."""
    with zipfile.ZipFile(path) as archive:
        for name in set(_PROPERTIES) & set(archive.namelist()):
            try:
                title: str | None = parse_part(archive, name).findtext(f".//{_DC_TITLE}")
            except ReadError:
                continue
            return title
    return None
