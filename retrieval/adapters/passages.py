"""What the adapters say of a passage: facts that survive JSON, and nothing that is not known."""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.values import Passage, SearchResult

logger = logging.getLogger(__name__)


def described(
    retriever: Retriever, result: SearchResult
) -> Iterator[tuple[Passage, dict[str, object]]]:
    """Yield each passage with its metadata, best first.

    Neither framework has room for notices, so they are logged as warnings.
    """
    for notice in result.notices:
        logger.warning(notice)
    paths = {name: _path(retriever, name) for name in {passage.document for passage in result}}
    for passage in result:
        yield passage, metadata_of(passage, paths[passage.document])


def metadata_of(passage: Passage, path: Path | None = None) -> dict[str, object]:
    """Return where a passage stands and how it was found; what is unknown or blank is left out.

    Args:
        passage: As a search returned it.
        path: The file of its document.
    """
    chunk = passage.chunk
    paged = chunk.page_start is not None
    facts: dict[str, object] = {
        "source": chunk.document,
        "title": passage.title,
        "pages": [chunk.page_start, chunk.page_end] if paged else None,
        "page": chunk.page_start,
        "path": str(path) if path else None,
        "start": chunk.start,
        "end": chunk.end,
        "headings": list(chunk.headings),
        "header": chunk.header,
        "place": chunk.place,
        "chunk_id": chunk.id,
        "rank": passage.rank,
        "score": passage.score,
        "scores": _known(asdict(passage.scores)),
    }
    return _known(facts)


def _known(facts: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in facts.items() if value not in (None, "", [])}


def _path(retriever: Retriever, name: str) -> Path | None:
    """Return the file of a document; None if it was removed since it was found."""
    try:
        return retriever.path_of(name)
    except NotConfigured:
        return None
