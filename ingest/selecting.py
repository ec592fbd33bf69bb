"""Which documents people mean: by name, by pattern, by file or by folder."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.store import DocumentSummary

_MOST_NAMED = 5
_ALIKE = 0.7


def matching(documents: Iterable[DocumentSummary], wanted: str) -> list[DocumentSummary]:
    """Return the documents that someone means, in the order given.

    Args:
        wanted: The name of a document, of a folder in such names or a pattern of them (``*``,
            ``?`` and ``[...]``), or the name or path of a file, or the path of a folder; neither
            need be there any more.
    """
    given = list(documents)
    named = [document for document in given if document.name == wanted]
    if named:
        return named
    path = full_path(wanted)
    folder = wanted.rstrip("/") + "/"
    return [
        document
        for document in given
        if fnmatchcase(document.name, wanted)
        or document.name.startswith(folder)
        or document.path.name == wanted
        or (path is not None and document.path.is_relative_to(path))
    ]


def full_path(wanted: str) -> Path | None:
    """Return a path as the store holds paths; None for what can be none."""
    try:
        return Path(wanted).expanduser().resolve()
    except (OSError, RuntimeError, ValueError):
        return None


def one_document(
    documents: Sequence[DocumentSummary], wanted: str, collection: str
) -> DocumentSummary:
    """Return the one document that someone means.

    Raises:
        NotConfigured: If there is none, naming the closest; or if there are several.
    """
    found = matching(documents, wanted)
    if len(found) == 1:
        return found[0]
    if not found:
        raise no_match(documents, wanted, collection)
    shown = ", ".join(document.name for document in found[:_MOST_NAMED])
    more = len(found) - _MOST_NAMED
    raise NotConfigured(
        f"{wanted!r} is {len(found)} documents: {shown}{f' and {more} more' if more > 0 else ''}. "
        "Name one of them."
    )


def no_match(documents: Sequence[DocumentSummary], wanted: str, collection: str) -> NotConfigured:
    """Say that no document is meant, and which may have been."""
    close = _closest([document.name for document in documents], wanted)
    hint = (
        f"Did you mean {' or '.join(close)}?"
        if close
        else f"See what it holds: citewell ls --collection {collection}"
    )
    return NotConfigured(f"Collection {collection!r} holds no document {wanted!r}. {hint}")


def _closest(names: Sequence[str], wanted: str) -> list[str]:
    """Return up to three names that are like the one wanted, compared also without folders."""
    short = {name: PurePosixPath(name).name.lower() for name in names}
    base = PurePosixPath(wanted).name.lower()
    inside = [name for name in names if base and base in short[name]]
    close = get_close_matches(wanted, names, n=3, cutoff=_ALIKE)
    alike = set(get_close_matches(base, short.values(), n=3, cutoff=_ALIKE))
    bases = [name for name in names if short[name] in alike]
    return list(dict.fromkeys([*close, *bases, *inside]))[:3]
