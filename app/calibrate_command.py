"""What ``citewell calibrate`` does once its arguments are read."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from citewell.app.batch import well_formed
from citewell.app.calibrating import Asking, Calibrated, KnownQuestion, calibrate, made_questions
from citewell.app.calibration_output import (
    asking_progress,
    calibrate_json,
    print_calibrated,
    reset_json,
    write_plot,
)
from citewell.app.output import line
from citewell.app.reading.reader import Reader, open_reader
from citewell.app.terminal import say, write
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_schema import require_database
from citewell.retrieval.sqlite_store import FILE_NAME, open_store

PLOTS = (".svg", ".html")

FEW = 100
"""Questions below which a calibration rests on too little: of 50 that are answerable, a share of
0.05 is two or three."""

_ANSWERS = ("answers", "answer", "documents", "gold_doc_ids")
"""Fields that say that there is an answer, when they are not empty."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options of the command say.

    Attributes:
        questions: File of JSON lines; None to make questions from the documents.
        most: Questions to ask, at the most.
        share: Of the answerable questions, that may be declined.
        seed: Of what is chosen at random.
        plot: File for the risk-coverage curve, if one is wanted.
    """

    questions: Path | None
    most: int
    share: float
    seed: int
    plot: Path | None


def run_calibrate(settings: Settings, wanted: Wanted, *, as_json: bool) -> int:
    """Calibrate the collection and keep what was found with it."""
    if wanted.plot is not None and wanted.plot.suffix not in PLOTS:
        raise ConfigError(f"--plot {wanted.plot} must end in {' or '.join(PLOTS)}.")
    found = calibrated(settings, wanted, _reader(settings))
    with writer_lock(settings.home, settings.lock_timeout), open_store(settings.home) as store:
        store.set_calibration(settings.collection, found.kept.written())
    if wanted.plot is not None:
        write_plot(wanted.plot, settings.collection, found)
    asked = found.kept.answerable + found.kept.unanswerable
    if asked < FEW:
        say(_few(asked))
    if as_json:
        write(line(calibrate_json(settings.collection, found, wanted.plot)))
    else:
        print_calibrated(settings.collection, found)
        say(f"Kept with the collection. Undo: citewell calibrate --reset -c {settings.collection}")
    return 0


def run_reset(settings: Settings, *, as_json: bool) -> int:
    """Take the calibration away."""
    require_database(settings.home / FILE_NAME, settings.collection)
    with writer_lock(settings.home, settings.lock_timeout), open_store(settings.home) as store:
        had = store.calibration(settings.collection) is not None
        store.set_calibration(settings.collection, None)
    if not had:
        say(f"There was no calibration of {settings.collection} to take away.")
    if as_json:
        write(line(reset_json(settings.collection)))
    else:
        write(f"{settings.collection} is judged by the model as it was shipped.")
    return 0


def _few(asked: int) -> str:
    return (
        f"So few questions say little: {asked} were asked. Give at least {FEW} "
        "(--questions, --max-questions), or ingest more documents."
    )


def calibrated(settings: Settings, wanted: Wanted, reader: Reader | None) -> Calibrated:
    """Return what a calibration finds; nothing is stored."""
    with open_retriever(settings=settings) as retriever, open_store(settings.home) as store:
        asking = Asking(retriever, reader, settings)
        if wanted.questions is None:
            say(f"Making questions from the documents of {settings.collection} ...")
            questions = made_questions(store, asking, wanted.most, wanted.seed)
            source = "made"
        else:
            questions = known_questions(wanted.questions)[: wanted.most]
            source = "given"
        with asking_progress("Asking") as tell:
            if source == "made":
                return calibrate(questions, asking, "made", wanted.share, tell)
            return calibrate(questions, asking, "given", wanted.share, tell)


def known_questions(path: Path) -> list[KnownQuestion]:
    """Return the questions of a file of JSON lines.

    A row says ``"answerable": true`` or ``false``, or names ``answers`` or ``documents``: it is
    answerable when there are any.

    Raises:
        ConfigError: If the file cannot be read or a row cannot be used; the message says which.
    """
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise ConfigError(
            f"--questions {path} cannot be read: {error.strerror}. Give a file of JSON lines, or "
            "leave --questions out to make questions from the documents."
        ) from error
    return list(_known(text.splitlines(), str(path)))


def _known(rows: Iterable[str], source: str) -> Iterator[KnownQuestion]:
    for number, text in enumerate(rows, 1):
        if text.strip():
            yield _row(text, f"{source}, line {number}")


def _row(text: str, place: str) -> KnownQuestion:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{place}: no JSON ({error}).") from error
    question = row.get("question") if isinstance(row, dict) else None
    if not isinstance(question, str) or not question.strip():
        raise ConfigError(f'{place}: no "question" with words in it.')
    answerable = row.get("answerable")
    told = [row[name] for name in _ANSWERS if name in row]
    if not isinstance(answerable, bool) and not told:
        raise ConfigError(
            f'{place}: nothing says whether the documents answer it. Add "answerable": true or '
            'false, or "answers": [].'
        )
    known = answerable if isinstance(answerable, bool) else any(told)
    return KnownQuestion(well_formed(question), known)


def _reader(settings: Settings) -> Reader | None:
    return None if settings.reader == "none" else open_reader()
