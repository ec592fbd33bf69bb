"""Evidence: the sentences and rows of the passages that bear on the question, best first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from citewell.app.answer_values import Evidence
from citewell.app.features import Features, Question, asked_words, describe, weigh
from citewell.app.ranking import BY_READING, BY_WORDS, Ranking
from citewell.app.reading.reader import ReadablePassage, Reader, Reading
from citewell.app.units import Candidate, Span, candidates
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.languages import language_of
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.values import Passage, embedding_text
from citewell.retrieval.words import stems, words

__all__ = [
    "MOST_CANDIDATES",
    "Candidate",
    "Scored",
    "candidates",
    "concerns",
    "gather",
    "numbered",
    "understand",
]

_SEPARATORS = re.compile(r"[\W_]+")

MOST_CANDIDATES = 48
"""Units that are compared by meaning; the rest are dropped by their words alone."""

MOST_READ = 5
"""Passages that a reader reads."""

MOST_COMPARED = 12
"""Units that are compared by meaning where a reader has read: it ranks as well without, and what
judges whether the evidence suffices asks for the most alike one alone."""

_READ_LANGUAGE = "en"
"""The language the reader was taught: of German it makes no more than words do, of Chinese less."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with what tells whether it holds the answer.

    Attributes:
        score: How much it bears on the question; only the order and the differences count.
        focus: Where the likely words of the answer stand in the document; None when not known.
        probability: That it holds the answer, by what the units at hand tell; None when not known.
    """

    candidate: Candidate
    features: Features
    score: float = 0.0
    focus: Span | None = None
    probability: float | None = None


def understand(question: str, retriever: Retriever) -> Question:
    """Return a question with how much each of its words tells apart in the collection."""
    return weigh(question, retriever.rarity(asked_words(question)), language_of([question]))


def gather(
    question: Question,
    passages: Sequence[Passage],
    retriever: Retriever,
    reader: Reader | None = None,
) -> list[Scored]:
    """Return the units of the passages, the one that most likely holds the answer first.

    What speaks of something the question names comes before what does not, however alike it
    sounds: the headquarters of another company answer nothing.

    Args:
        reader: Reads the best passages together with the question, if there is one.
    """
    asked = _in_language_of(passages, question)
    found = _described(asked, candidates(passages, question.text), retriever.embedder)
    ranking, compared = BY_WORDS, MOST_CANDIDATES
    if reader is not None and _is_read(asked):
        ranking, compared = BY_READING, MOST_COMPARED
        found = _weighed(_read(asked, found, passages[:MOST_READ], reader), ranking)
        found.sort(key=lambda item: -item.score)
    found = _weighed(_compared(asked, found, compared, retriever.embedder), ranking)
    about = {each.rank for each in passages if concerns(asked, each)}
    return sorted(found, key=lambda item: (item.candidate.passage.rank not in about, -item.score))


def _is_read(question: Question) -> bool:
    """Tell whether a reader knows the language; of a few plain letters it is taken for granted."""
    return question.language == _READ_LANGUAGE or (
        not question.language and question.text.isascii()
    )


def concerns(question: Question, passage: Passage) -> bool:
    """Tell whether a passage, its title or its document's name holds a name of the question.

    A question without names concerns every passage.
    """
    named = question.names
    if not named:
        return True
    held = words(f"{passage.text} {passage.title} {_SEPARATORS.sub(' ', passage.document)}")
    return bool(named & set(stems(held)))


def numbered(chosen: Sequence[Scored]) -> list[Evidence]:
    """Return scored units as evidence, numbered from 1 in the order given."""
    return [_evidence(number, item) for number, item in enumerate(chosen, 1)]


def _evidence(number: int, item: Scored) -> Evidence:
    candidate, passage = item.candidate, item.candidate.passage
    return Evidence(
        number=number,
        document=passage.document,
        title=passage.title,
        start=candidate.start,
        end=candidate.end,
        text=candidate.text,
        headings=passage.chunk.headings,
        rank=passage.rank,
        score=item.score,
        header=candidate.header,
    )


def _in_language_of(passages: Sequence[Passage], question: Question) -> Question:
    """Return a question with its words in the forms of the language the passages are in."""
    language = language_of([*(each.text for each in passages), question.text])
    if language in ("", question.language):
        return question
    return weigh(question.text, question.rarities, language)


def _described(question: Question, found: Sequence[Candidate], embedder: Embedder) -> list[Scored]:
    """Return the most promising candidates by their words, with the cosine of their passages."""
    by_word = [describe(question, unit, similarity=0.0, passage=None) for unit in found]
    order = sorted(range(len(found)), key=lambda i: -(by_word[i].around + by_word[i].rank))
    kept = sorted(order[:MOST_CANDIDATES])
    cosines = _cosines(question, [found[i].passage for i in kept], embedder)
    return [
        Scored(found[i], replace(by_word[i], passage=cosines[found[i].passage.rank] or 0.0))
        for i in kept
    ]


def _cosines(
    question: Question, found: Sequence[Passage], embedder: Embedder
) -> dict[int, float | None]:
    """Return the cosine of question and passage by rank; a search by words leaves it to us."""
    passages = {passage.rank: passage for passage in found}
    known = {rank: passage.scores.dense for rank, passage in passages.items()}
    if not known or any(cosine is not None for cosine in known.values()):
        return known
    asked = embedder.embed_question(question.text)
    texts = [embedding_text(passage.title, passage.chunk) for passage in passages.values()]
    return dict(zip(passages, (embedder.embed_passages(texts) @ asked).tolist(), strict=True))


def _compared(
    question: Question, found: Sequence[Scored], most: int, embedder: Embedder
) -> list[Scored]:
    """Compare the first units with the question by meaning."""
    if not found:
        return []
    asked = embedder.embed_question(question.text)
    cosines = embedder.embed_passages([item.candidate.text for item in found[:most]]) @ asked
    known = [
        replace(item, features=replace(item.features, similarity=float(cosine)))
        for item, cosine in zip(found[:most], cosines, strict=True)
    ]
    return [*known, *found[most:]]


def _read(
    question: Question, found: Sequence[Scored], passages: Sequence[Passage], reader: Reader
) -> list[Scored]:
    """Add what a reader makes of the units of the best passages."""
    by_rank: dict[int, list[Scored]] = {passage.rank: [] for passage in passages}
    for item in found:
        by_rank.get(item.candidate.passage.rank, []).append(item)
    texts = [_readable(passage, by_rank[passage.rank]) for passage in passages]
    readings = reader.read(question.text, texts)
    read = chain.from_iterable(
        _with(reading, by_rank[passage.rank])
        for passage, reading in zip(passages, readings, strict=True)
    )
    rest = [item for item in found if item.candidate.passage.rank not in by_rank]
    return [*read, *(_unread(item) for item in rest)]


def _readable(passage: Passage, items: Sequence[Scored]) -> ReadablePassage:
    """Return a passage as a reader takes it, with the places of these units in it."""
    start = passage.chunk.start
    path = dict.fromkeys((passage.title, *passage.chunk.headings, passage.chunk.header))
    units = tuple((item.candidate.start - start, item.candidate.end - start) for item in items)
    return ReadablePassage(" > ".join(filter(None, path)), passage.text, units)


def _with(reading: Reading, items: Sequence[Scored]) -> list[Scored]:
    found = []
    for item, unit in zip(items, reading.units, strict=True):
        start = item.candidate.passage.chunk.start
        focus = None if unit.span is None else (unit.span[0] + start, unit.span[1] + start)
        read = replace(
            item.features, reads=unit.score, answers=reading.answers, spans=unit.span_score
        )
        found.append(replace(item, features=read, focus=focus))
    return found


def _unread(item: Scored) -> Scored:
    return replace(item, features=replace(item.features, unread=1.0))


def _weighed(found: Sequence[Scored], ranking: Ranking) -> list[Scored]:
    """Return the units with their scores and the probability that each holds the answer."""
    if not found:
        return []
    scores = ranking.scores([item.features for item in found])
    shares = ranking.probabilities(scores)
    return [
        replace(item, score=float(score), probability=float(share))
        for item, score, share in zip(found, scores, shares, strict=True)
    ]
