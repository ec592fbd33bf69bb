"""Calibrate a collection: ask it questions of known kind, and fit probability and threshold."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from citewell.app.calibration import KeptCalibration, Source
from citewell.app.calibration_fit import (
    Figures,
    Measured,
    Point,
    crossed,
    curve,
    figures,
    fit,
    probabilities,
)
from citewell.app.calibration_questions import MadeQuestion, make_questions, names_in, swapped
from citewell.app.evidence import gather, understand
from citewell.app.reading.reader import Reader
from citewell.app.sufficiency import AS_FITTED, BY_READING, BY_WORDS, judge_log_odds
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.filters import Filter, Not, OneOf
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.store import Store, StoredChunk
from citewell.retrieval.values import Passage
from citewell.retrieval.words import words

LEAST = 10
"""Questions of each kind below which nothing is fitted."""

FOLDS = 5
"""Parts of the questions; each is judged by what was fitted to the others."""

_ALONE = 3
"""Documents below which none is taken out as a whole, for too little would be left."""

_MOST_DOCUMENTS = 400
_MOST_NAMES = 500
_SAID = 0.8
_NEAR = 2_000

Tell = Callable[[int, int], None]
"""Is told how many questions of how many were asked."""


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question of which it is known whether the documents answer it.

    Attributes:
        made: How it was made, if it was; its document is left out of the search when the
            question is to have no answer though the document answers it.
    """

    text: str
    answerable: bool
    made: MadeQuestion | None = None


@dataclass(frozen=True, slots=True)
class Calibrated:
    """What a calibration found.

    Attributes:
        kept: What is to be stored.
        before: How the shipped model does on the questions.
        after: How the calibrated one does on questions that it was not fitted to.
        curve: Risk at each coverage.
        threshold_before: That of the shipped model.
    """

    kept: KeptCalibration
    before: Figures
    after: Figures
    curve: tuple[Point, ...]
    threshold_before: float


@dataclass(frozen=True, slots=True)
class Asking:
    """What questions are asked of."""

    retriever: Retriever
    reader: Reader | None
    settings: Settings


def calibrate(
    questions: Sequence[KnownQuestion], asking: Asking, source: Source, share: float, tell: Tell
) -> Calibrated:
    """Ask the questions and fit to them.

    Args:
        share: Of the answerable questions, that may be declined.

    Raises:
        ConfigError: If there are too few questions of either kind to fit anything to.
    """
    measured = _measured(questions, asking, tell)
    _require_enough(measured, source)
    model = BY_WORDS if asking.reader is None else BY_READING
    shipped = probabilities(measured.log_odds, AS_FITTED)
    found = fit(measured, share)
    values, declined = crossed(measured, share, FOLDS, seed=0)
    now = asking.retriever.collection
    kept = KeptCalibration(
        slope=found.slope,
        offset=found.offset,
        threshold=found.threshold or 0.0,
        share=share,
        source=source,
        answerable=int(measured.answerable.sum()),
        unanswerable=int((~measured.answerable).sum()),
        reader=asking.reader is not None,
        generation=now.generation,
        documents=now.documents,
        chunks=now.chunks,
    )
    return Calibrated(
        kept,
        figures(measured, shipped, shipped < model.threshold),
        figures(measured, values, declined),
        tuple(curve(values, measured.answerable)),
        model.threshold,
    )


def made_questions(store: Store, asking: Asking, count: int, seed: int) -> list[KnownQuestion]:
    """Return at most so many questions made from the documents, half of them without an answer.

    One that the search does not find the sentence of again is left out: whether the documents
    answer it says then nothing of the judgement.
    """
    pick = random.Random(seed)
    chunks = _sample(store, asking, pick)
    names = list(dict.fromkeys(name for each in chunks for name in names_in(each.chunk.text)))
    names = pick.sample(names, min(len(names), _MOST_NAMES))
    found: list[KnownQuestion] = []
    for made in _one_each(chunks, pick):
        if len(found) >= count:
            break
        if not _is_found(made, asking):
            continue
        found.append(KnownQuestion(made.text, True, made))
        other = swapped(made, names, pick) if len(found) % 4 == 1 else None
        found.append(KnownQuestion((other or made).text, False, other or made))
    return found


def _one_each(chunks: Sequence[StoredChunk], pick: random.Random) -> Iterator[MadeQuestion]:
    for stored in chunks:
        yield from make_questions([stored], pick)


def _sample(store: Store, asking: Asking, pick: random.Random) -> list[StoredChunk]:
    """Return the chunks of some documents that the caller sees, in random order."""
    name = asking.settings.collection
    held = asking.retriever.labels
    documents = [each.name for each in store.documents(name)]
    documents = pick.sample(documents, min(len(documents), _MOST_DOCUMENTS))
    chunks = [
        stored
        for document in documents
        if store.is_visible(name, document, held)
        for stored in store.document_chunks(name, document)
    ]
    return pick.sample(chunks, len(chunks))


def _is_found(made: MadeQuestion, asking: Asking) -> bool:
    settings = asking.settings
    found = asking.retriever.search(made.text, settings.k, settings.mode)
    return any(_holds(passage, made) for passage in found)


def _holds(passage: Passage, made: MadeQuestion) -> bool:
    chunk = passage.chunk
    return chunk.document == made.document and chunk.start < made.end and made.start < chunk.end


def _measured(questions: Sequence[KnownQuestion], asking: Asking, tell: Tell) -> Measured:
    log_odds, answerable = [], []
    for number, question in enumerate(questions, 1):
        passages = _passages(question, asking)
        if passages is not None:
            asked = understand(question.text, asking.retriever)
            scored = gather(asked, passages, asking.retriever, asking.reader)
            log_odds.append(judge_log_odds(asked, scored))
            answerable.append(question.answerable)
        tell(number, len(questions))
    return Measured(np.array(log_odds, float), np.array(answerable, bool))


def _passages(question: KnownQuestion, asking: Asking) -> list[Passage] | None:
    """Return what is found for a question; None if it has an answer that it is not to have."""
    settings, retriever, made = asking.settings, asking.retriever, question.made
    if made is None or question.answerable or not made.answered:
        return list(retriever.search(question.text, settings.k, settings.mode))
    if retriever.collection.documents >= _ALONE:
        where: Filter = Not(OneOf("document", (made.document,)))
        left = list(retriever.search(question.text, settings.k, settings.mode, where=where))
    else:
        many = retriever.search(question.text, 4 * settings.k, settings.mode)
        left = [each for each in many if not _is_near(each, made)][: settings.k]
        left = [replace(each, rank=rank) for rank, each in enumerate(left, 1)]
    said = set(words(retriever.document(made.document).text[made.start : made.end]))
    return None if any(_says(each, said) for each in left) else left


def _is_near(passage: Passage, made: MadeQuestion) -> bool:
    chunk = passage.chunk
    return (
        chunk.document == made.document
        and chunk.start < made.end + _NEAR
        and made.start - _NEAR < chunk.end
    )


def _says(passage: Passage, said: set[str]) -> bool:
    return len(said & set(words(passage.text))) > _SAID * len(said)


def _require_enough(measured: Measured, source: Source) -> None:
    answerable = int(measured.answerable.sum())
    unanswerable = len(measured.answerable) - answerable
    if min(answerable, unanswerable) >= LEAST:
        return
    what = (
        "Add more questions of the kind that lacks to the file"
        if source == "given"
        else "Give questions of your own with --questions FILE, or ingest more documents"
    )
    raise ConfigError(
        f"There are {answerable} questions that the documents answer and {unanswerable} that they "
        f"do not; a calibration takes {LEAST} of each. {what}."
    )
