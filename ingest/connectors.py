"""Take documents from any LlamaIndex reader or LangChain loader, named by the user.

What a reader gives is taken in as files are: a document of several parts is joined, known by
where the reader says it comes from, compared with what is stored, and read again only if its
content has changed. Readers are other people's programs: they run in this process, with what
rights it has, and only when they are named.
"""

import hashlib
import inspect
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from citewell.ingest.folder import FoundFile, Scan, shown
from citewell.ingest.readers.blocks import Block, join_pages
from citewell.ingest.readers.cleaning import clean_line, clean_text
from citewell.ingest.readers.markdown_reader import find_headings
from citewell.ingest.readers.properties import stated
from citewell.ingest.readers.titles import choose_title
from citewell.ingest.workers import ReadJob, ReadOutcome
from citewell.retrieval.errors import ConfigError, ReadError
from citewell.retrieval.values import Document

ENTRY_POINTS = "citewell.readers"
"""Entry-point group in which a package can give its readers short names."""

ENVIRONMENT = "env:"
"""What an argument begins with whose value is taken from the environment, as secrets should be."""

VERSION = "connector-1"

_PLACES = ("file_path", "source", "url", "path", "file_name", "id", "doc_id", "document_id")
_PAGES = ("page_label", "page_number", "page")
_TITLES = ("title", "document_title", "subject", "name")


@dataclass(frozen=True, slots=True)
class Part:
    """What a reader calls a document: a text with facts about it."""

    text: str
    metadata: Mapping[str, object]


class ReaderSource:
    """The documents of one reader, as a `Source`."""

    def __init__(self, name: str, arguments: Mapping[str, str]) -> None:
        """Name a reader; nothing is imported yet.

        Args:
            name: ``package.module:Class``, or the name of an entry point in `ENTRY_POINTS`.
            arguments: For the reader; values are JSON where they can be, else strings, and those
                that begin with ``env:`` are read from the environment.
        """
        self._name = name
        self._arguments = dict(arguments)
        key = json.dumps(sorted(self._arguments.items()))
        self._root = Path(f"reader:{name}#{hashlib.sha256(key.encode()).hexdigest()[:12]}")
        self._documents: dict[Path, Document] = {}

    def scan(self, on_file: Callable[[], None]) -> Scan:
        """Run the reader and return what it gave.

        Raises:
            ConfigError: If there is no such reader, or it does not take these arguments.
            ReadError: If it fails; nothing is deleted then.
        """
        found = []
        self._documents = {}
        for place, parts in _by_place(_run(self._name, self._arguments)).items():
            path = self._root / (place.lstrip("/") or "document")
            document = _joined(shown(_name_of(place)), parts)
            self._documents[path] = document
            size = len(document.text.encode())
            found.append(FoundFile(path, document.name, self._root, document.digest, VERSION, size))
            on_file()
        return Scan((self._root,), tuple(found))

    def read(self, jobs: Sequence[ReadJob]) -> Iterator[ReadOutcome]:
        """Yield the documents of the last scan."""
        for job in jobs:
            yield ReadOutcome(job, (self._documents[job.path],))


def _run(name: str, arguments: Mapping[str, str]) -> Iterator[Part]:
    """Yield what a reader gives, part by part."""
    reader = _find(name)
    values = {key: _value(key, text) for key, text in arguments.items()}
    try:
        for item in _load(reader, values):
            yield _part(item)
    except ConfigError:
        raise
    except Exception as error:  # other people's programs raise anything
        raise ReadError(
            f"The reader {name} failed ({type(error).__name__}: {str(error)[:300]}). What was "
            "read from it before is kept. Mend its --arg values and run the command again."
        ) from error


def _find(name: str) -> Any:
    """Return the class or function that a name stands for."""
    for point in entry_points(group=ENTRY_POINTS):
        if point.name == name:
            return point.load()
    module, colon, attribute = name.partition(":")
    if not colon or not attribute:
        known = ", ".join(sorted(entry_points(group=ENTRY_POINTS).names)) or "none is installed"
        raise ConfigError(
            f"--reader takes package.module:Class or a name of group {ENTRY_POINTS} ({known}), "
            f"not {name!r}."
        )
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise ConfigError(
            f"--reader {name}: {package} is not installed. Install the package that brings "
            f"{module} into this environment, such as: pip install llama-index-core, or "
            "pip install langchain-community"
        ) from error
    except AttributeError as error:
        raise ConfigError(f"--reader {name}: {module} has no {attribute}.") from error


def _value(name: str, text: str) -> object:
    if text.startswith(ENVIRONMENT):
        variable = text.removeprefix(ENVIRONMENT)
        if variable not in os.environ:
            raise ConfigError(f"--arg {name}={text}: {variable} is not set in the environment.")
        return os.environ[variable]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _load(reader: Any, values: dict[str, object]) -> Iterable[Any]:
    """Call a reader: what its constructor does not take goes to its loading method."""
    if not inspect.isclass(reader):
        loaded: Iterable[Any] = reader(**values)
        return loaded
    accepted = _accepted(reader.__init__, values)
    made = reader(**{name: value for name, value in values.items() if name in accepted})
    rest = {name: value for name, value in values.items() if name not in accepted}
    for method in ("load_data", "lazy_load", "load"):
        load = getattr(made, method, None)
        if load is not None:
            unknown = rest.keys() - _accepted(load, rest)
            if unknown:
                raise ConfigError(
                    f"The reader does not take --arg {', '.join(sorted(unknown))}. It takes: "
                    f"{', '.join(sorted(_names(reader.__init__) | _names(load)))}."
                )
            given: Iterable[Any] = load(**rest)
            return given
    raise ConfigError("The reader has no load_data or load method, so it is no reader.")


def _names(function: Any) -> set[str]:
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = inspect.signature(function).parameters
    return {name for name, each in parameters.items() if each.kind in kinds} - {"self"}


def _accepted(function: Any, values: Mapping[str, object]) -> set[str]:
    """Return the values that a function takes by name; one that takes any takes all."""
    names = _names(function)
    parameters = inspect.signature(function).parameters.values()
    if not names and any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters):
        return set(values)
    return names & values.keys()


def _part(item: Any) -> Part:
    """Return a document of LlamaIndex (``text``) or of LangChain (``page_content``)."""
    text = getattr(item, "page_content", None)
    if text is None:
        text = getattr(item, "text", None)
    if not isinstance(text, str):
        raise ReadError(f"it gave a {type(item).__name__}, which is no document")
    return Part(clean_text(text).strip(), dict(getattr(item, "metadata", None) or {}))


def _by_place(parts: Iterable[Part]) -> dict[str, list[Part]]:
    """Return the parts by where they come from; those that do not say stand alone."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(_place(part) or f"document {len(found) + 1}", []).append(part)
    return found


def _place(part: Part) -> str:
    return next((str(part.metadata[key]) for key in _PLACES if part.metadata.get(key)), "")


def _name_of(place: str) -> str:
    """Return a path as its file name and an address as it is."""
    return place if "://" in place else place.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _joined(name: str, parts: Sequence[Part]) -> Document:
    """Join the parts of a document; those that name their page become its pages."""
    facts = parts[0].metadata
    titles = (clean_line(str(facts[key])) for key in _TITLES if facts.get(key))
    title = choose_title(name, *titles)
    if not any(part.text for part in parts):
        return Document(name, title, text="")
    joined = join_pages([Block(part.text)] for part in parts)
    paged = all(any(key in part.metadata for key in _PAGES) for part in parts)
    return Document(
        name=name,
        title=title,
        text=joined.text,
        pages=joined.pages if paged else (),
        headings=find_headings(joined.text),
        metadata=stated((str(key), each) for key, each in facts.items() if key not in _PAGES),
    )
