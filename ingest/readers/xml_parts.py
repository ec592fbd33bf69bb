"""Parse the XML inside archives, with entities and the network off."""

import zipfile
import zlib
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from citewell.ingest.readers.properties import properties
from citewell.retrieval.errors import ReadError

_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
_MANIFEST = "META-INF/manifest.xml"
_PROPERTIES = ("docProps/core.xml", "meta.xml")
"""Where Office Open XML and OpenDocument keep what a document states about itself."""

_KEYS = {
    "title": "title",
    "initial-creator": "author",
    "creator": "author",
    "subject": "subject",
    "description": "description",
    "keywords": "keywords",
    "keyword": "keywords",
    "created": "created",
    "creation-date": "created",
    "modified": "modified",
    "date": "modified",
}
"""What elements of ECMA-376 part 2 section 8.3.4 and of OpenDocument 1.3 part 3 section 4.3 say."""


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


def declared_properties(path: Path) -> dict[str, str]:
    """Return what the properties of a document's archive state: its title, author and so on."""
    with zipfile.ZipFile(path) as archive:
        for name in set(_PROPERTIES) & set(archive.namelist()):
            with suppress(ReadError):
                return _properties(parse_part(archive, name))
    return {}


def _properties(root: Any) -> dict[str, str]:
    """In OpenDocument the creator is who saved it last, where another began it."""
    stated = [(str(each.tag).rpartition("}")[2], each.text) for each in root.iter("{*}*")]
    begun = any(tag == "initial-creator" and text for tag, text in stated)
    return properties(
        (_KEYS[tag], text)
        for tag, text in stated
        if tag in _KEYS and not (begun and tag == "creator")
    )
