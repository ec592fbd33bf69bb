"""What ``citewell search`` prints for people; for programs see `citewell.app.output`."""

from collections.abc import Iterator, Sequence

from citewell.app.terminal import excerpt, fold, write
from citewell.retrieval.diagnosis import Diagnosis, Trace
from citewell.retrieval.values import Chunk, Scores, SearchResult
from citewell.retrieval.visible import visible
from citewell.retrieval.words import content_words, stems, words

MOST_SHOWN = 300
"""Characters of a passage that are shown."""

_BEFORE = 60
"""Characters shown before the first word that matches, at most."""


def print_passages(question: str, result: SearchResult, *, explain: bool = False) -> None:
    """Print passages with their places, around the words that match; with all scores if asked."""
    if not result:
        write("No passage matches. Ask in other words, or add documents: citewell ingest PATH")
    for passage in result:
        found = "" if explain else f" [{_found(passage.scores)}]"
        write(fold(f"{passage.rank}. {place_of(passage.chunk, passage.title)}{found}"))
        if explain:
            write(fold("; ".join(stages(passage.scores)), "   "))
        write(fold(excerpt(matching(passage.text, question), MOST_SHOWN), "   ") + "\n")


def print_trace(trace: Trace) -> None:
    """Print how many candidates there were, and what was held back for the passages."""
    by_word = sum(item.scores.lexical is not None for item in trace.fused)
    by_meaning = sum(item.scores.dense is not None for item in trace.fused)
    write(f"Candidates: {len(trace.fused)} ({by_word} by words, {by_meaning} by meaning)")
    reasons = [held.reason for held in trace.selection.held.values()]
    if repeats := reasons.count("repeat"):
        write(f"Held back because they repeat a better passage: {repeats}")
    if gave_way := reasons.count("document"):
        write(f"Held back because their document has better passages here: {gave_way}")


def print_diagnosis(found: Diagnosis) -> None:
    """Print what became of a document in a search."""
    write(fold(f"{visible(found.document)}: {visible(found.reason)}"))
    if found.chunk is not None:
        write(fold(f"Its best chunk: {place_of(found.chunk)}", "  "))
        write(fold(excerpt(found.chunk.text, MOST_SHOWN), "  "))
        write(fold(f"By words: {ordinal(found.lexical_rank)} of {found.searched} chunks", "  "))
        write(fold(f"By meaning: {ordinal(found.dense_rank)} of {found.searched} chunks", "  "))
    if found.missing:
        words_ = ", ".join(visible(word) for word in found.missing)
        write(fold(f"Words of the question that stand nowhere in it: {words_}", "  "))
    if found.remedies:
        write("What would have found it:")
        for remedy in found.remedies:
            write(fold(visible(remedy), "  "))
    elif found.stage == "filter":
        write(fold("Change --where; `citewell show` lists what the document holds.", "  "))


def place_of(chunk: Chunk, title: str = "") -> str:
    """Return where a chunk stands: document, page or cells, and headings."""
    page = f", page {chunk.page_start}" if chunk.page_start else ""
    if chunk.page_end != chunk.page_start:
        page = f", pages {chunk.page_start}-{chunk.page_end}"
    if chunk.place:
        page = f", {chunk.place}"
    path = "".join(f" > {heading}" for heading in chunk.headings if heading != title)
    named = f"{title} ({chunk.document}{page})" if title else f"{chunk.document}{page}"
    return excerpt(f"{named}{path}", 200)


def matching(text: str, question: str) -> str:
    """Return a text from shortly before the part that holds most words of a question."""
    if len(text) <= MOST_SHOWN:
        return text
    wanted = set(stems(content_words(question)))
    places = [place for place, word in _placed(text) if stems([word])[0] in wanted]
    if not places:
        return text
    best = max(places, key=lambda start: sum(start <= each < start + MOST_SHOWN for each in places))
    start = max(0, min(best - _BEFORE, len(text) - MOST_SHOWN))
    start = text.rfind(" ", 0, start) + 1 if start else 0
    return f"… {text[start:]}" if start else text


def _placed(text: str) -> Iterator[tuple[int, str]]:
    """Yield the words of a text with where they stand."""
    place = 0
    for part in text.split(" "):
        for word in words(part):
            yield place, word
        place += len(part) + 1


def _found(scores: Scores) -> str:
    """Say how a passage was found."""
    parts = {"words": scores.lexical_rank, "meaning": scores.dense_rank}
    return ", ".join(f"{name} {ordinal(place)}" for name, place in parts.items() if place) or "-"


def stages(scores: Scores) -> Sequence[str]:
    """Return the place and score at each stage."""
    stages = (
        ("by words", scores.lexical_rank, scores.lexical, "BM25"),
        ("by meaning", scores.dense_rank, scores.dense, "cosine"),
        ("joined", scores.fused_rank, scores.fused, "score"),
        ("reranked", None, scores.reranked, "score"),
    )
    return [
        f"{stage}: {f'{ordinal(place)}, ' if place else ''}{name} {score:.3f}"
        for stage, place, score, name in stages
        if score is not None
    ]


def ordinal(rank: int | None) -> str:
    """Return ``1st``, ``2nd``, ``11th``; ``none`` for no place."""
    if rank is None:
        return "none"
    last = 0 if 10 <= rank % 100 <= 20 else rank % 10
    return f"{rank}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"
