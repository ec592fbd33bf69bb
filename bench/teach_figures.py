"""How well the reader reads: ``python -m bench.teach_figures``.

Prints, for the questions of a half, how often the best sentences of what a search returns hold
the answer, ranked without the reader, by it alone and by both; and how well its log-odds tell
questions that the documents answer from others.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.collection import home_folder
from bench.halves import Half
from bench.metrics import area_under_curve
from bench.questions import read_rows
from bench.teach_questions import Asked, ask_half, readable
from citewell.app.reading.reader import Reader, open_reader
from citewell.app.tuning.matching import contains_answer
from citewell.app.tuning.remembering import RememberingEmbedder
from citewell.retrieval.embedding import open_embedder

DATA = Path("../shared/data")
SETS = ("squad", "nq-open", "clapnq")
UNSEEN = "squad, other articles"

FALSELY = 0.15
"""Share of the answerable questions that may be declined."""

Scores = NDArray[np.float64]

_HEADER = """
| set | best 1 / 2 / 3, standing | reader | both | its words | n | AUC, standing | units | answers \
| declined, standing | units | answers | n |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
""".strip()


@dataclass(frozen=True, slots=True)
class Judged:
    """A question with scores of the sentences found for it.

    Attributes:
        standing: Without the reader, best first.
        read: The reader's log-odds of the same sentences.
        answers: Its highest log-odds that a passage answers.
        holds: Of each sentence, whether it holds an accepted answer.
        words: Of each sentence, the words that the reader takes for the answer.
    """

    asked: Asked
    standing: Scores
    read: Scores
    answers: float
    holds: NDArray[np.bool_]
    words: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the question sets")
    parser.add_argument("--home", type=Path, help="keeps the collections that are searched")
    parser.add_argument("--half", choices=("learn", "report"), default="report")
    options = parser.parse_args(arguments)
    with home_folder(options.home) as home:
        print(_HEADER)
        for line in _lines(options.data, home, options.half):
            print(line, flush=True)


def _lines(data: Path, home: Path, half: Half) -> Iterator[str]:
    embedder, reader = RememberingEmbedder(open_embedder()), open_reader()
    taught = {row["title"] for _, row in read_rows(data / "train" / "questions.jsonl")}
    for name in SETS:
        asked = ask_half(data / name, half, home / name, embedder)
        judged = [_judge(each, reader) for each in asked if each.scored]
        yield _row(name, judged)
        if any(each.asked.article in taught for each in judged):
            yield _row(UNSEEN, [each for each in judged if each.asked.article not in taught])


def _judge(asked: Asked, reader: Reader) -> Judged:
    passages = [readable(each, asked.scored) for each in asked.passages]
    readings = reader.read(asked.text, passages)
    known = {
        (each.document, each.chunk.start + start, each.chunk.start + end): (
            unit.score,
            passage.text[slice(*unit.span)] if unit.span else "",
        )
        for each, passage, reading in zip(asked.passages, passages, readings, strict=True)
        for (start, end), unit in zip(passage.units, reading.units, strict=True)
    }
    found = [each.candidate for each in asked.scored]
    read = [known[each.document, each.start, each.end] for each in found]
    return Judged(
        asked=asked,
        standing=np.array([each.score for each in asked.scored]),
        read=np.array([score for score, _ in read]),
        answers=max(each.answers for each in readings),
        holds=np.array([contains_answer(each.text, asked.answers) for each in found]),
        words=tuple(words for _, words in read),
    )


def _row(name: str, judged: Sequence[Judged]) -> str:
    answerable = np.array([each.asked.answerable for each in judged])
    short = [each for each in judged if each.asked.answerable and each.holds.any()]
    whole = sum(answerable) if len(short) > len(judged) / 10 else 0
    orders = (
        [-np.arange(len(each.holds), dtype=float) for each in judged],
        [each.read for each in judged],
    )
    both = [each.read + each.standing for each in judged]
    shares = [_best(judged, scores, int(whole)) for scores in (*orders, both)]
    signals = (
        np.array([each.standing[0] for each in judged]),
        np.array([each.read.max() for each in judged]),
        np.array([each.answers for each in judged]),
    )
    areas = [f"{area_under_curve(signal, answerable):.2f}" for signal in signals]
    declined = [f"{_declined(signal, answerable):.2f}" for signal in signals]
    cells = (
        name,
        *shares,
        _words(judged, int(whole)),
        str(whole),
        *areas,
        *declined,
        str(len(judged)),
    )
    return f"| {' | '.join(cells)} |"


def _best(judged: Sequence[Judged], scores: Sequence[Scores], count: int) -> str:
    """Return how often the best sentence, one of two and one of three holds the answer."""
    if not count:
        return "-"
    orders = [np.argsort(-each, kind="stable") for each in scores]
    shares = []
    for most in (1, 2, 3):
        held = (
            bool(each.holds[order[:most]].any()) and each.asked.answerable
            for each, order in zip(judged, orders, strict=True)
        )
        shares.append(f"{sum(held) / count:.2f}")
    return " / ".join(shares)


def _words(judged: Sequence[Judged], count: int) -> str:
    """Return how often the words taken from the best sentence of both hold the answer."""
    if not count:
        return "-"
    found = [(each, int((each.read + each.standing).argmax())) for each in judged]
    held = [
        contains_answer(each.words[best], each.asked.answers)
        for each, best in found
        if each.asked.answerable
    ]
    return f"{sum(held) / count:.2f}"


def _declined(signal: Scores, answerable: NDArray[np.bool_]) -> float:
    """Return the share of the others declined where so many answerable ones are."""
    threshold = np.quantile(signal[answerable], FALSELY)
    return float((signal[~answerable] < threshold).mean())


if __name__ == "__main__":
    main()
