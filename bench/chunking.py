"""Measure how documents are cut: ``python -m bench.chunking QUESTIONS --corpus PATH``.

The chunks of every cutter are embedded by the same model and ranked by cosine similarity alone:
ours with title, headings and table header, as they are ingested, the others' as they stand.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from bench.chunking_gold import GoldSpans, read_documents, read_gold
from bench.chunking_scores import Place, Scores, score
from citewell.ingest.chunking import chunk
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import ChunkingSettings, Document, embedding_text

SIZES = (400, 600, 900, 1200)
"""Most characters of our chunks, unless ``--chars`` says otherwise."""

PLAIN = ((400, 0), (800, 0), (800, 200))
"""Characters and overlap of the splitter to compare with."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What a cutter makes: a span of a document, and the text that is embedded for it."""

    place: Place
    embedded: str


Cutter = Callable[[Document], list[Piece]]


@dataclass(frozen=True, slots=True)
class Row:
    """What a cutter gives: its chunks, and the mean of each score over the questions.

    Attributes:
        length: Mean characters of a chunk.
        seconds: What embedding its chunks took.
    """

    cutter: str
    chunks: int
    length: float
    seconds: float
    scores: Scores


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its table."""
    parser = argparse.ArgumentParser(prog="bench.chunking", description=__doc__)
    parser.add_argument("questions", type=Path, help="JSON lines, with spans, pages or passages")
    parser.add_argument("--corpus", type=Path, required=True, help="folder or file of documents")
    parser.add_argument("--chars", type=int, nargs="+", default=SIZES, help="our sizes to measure")
    parser.add_argument("--ours", action="store_true", help="leave the other splitter out")
    parser.add_argument("--limit", type=int, help="take so many questions, spread evenly")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    args = parser.parse_args(argv)
    documents = read_documents(args.corpus)
    questions = read_gold(args.questions, documents, args.limit)
    cutters = {f"Citewell {chars}": _ours(chars) for chars in args.chars}
    if not args.ours:
        cutters |= {f"Recursive {chars} + {lap}": _plain(chars, lap) for chars, lap in PLAIN}
    embedder = open_embedder()
    asked = np.stack([embedder.embed_question(question.text) for question in questions])
    rows = []
    for name, cut in cutters.items():
        pieces = [piece for document in documents for piece in cut(document)]
        rows.append(measure(name, pieces, questions, asked, embedder))
    if args.json:
        print(json.dumps({"schema": 1, "questions": len(questions), "rows": [*map(asdict, rows)]}))
    else:
        _print(rows, len(documents), len(questions))
    return 0


def measure(
    name: str,
    pieces: Sequence[Piece],
    questions: Sequence[GoldSpans],
    asked: Vectors,
    embedder: Embedder,
) -> Row:
    """Return the row of a cutter. ``asked`` are the vectors of the questions, in their order."""
    begun = time.perf_counter()
    vectors = embedder.embed_passages([piece.embedded for piece in pieces])
    seconds = time.perf_counter() - begun
    found = []
    for question, similarities in zip(questions, asked @ vectors.T, strict=True):
        ranked = np.argsort(-similarities, kind="stable")
        found.append(score(question.places, [pieces[i].place for i in ranked[:200]]))
    means = [np.mean([getattr(each, field.name) for each in found]) for field in fields(Scores)]
    length = float(np.mean([piece.place.end - piece.place.start for piece in pieces]))
    return Row(name, len(pieces), length, seconds, Scores(*map(float, means)))


def _ours(chars: int) -> Cutter:
    settings = ChunkingSettings(chars=chars)

    def cut(document: Document) -> list[Piece]:
        return [
            Piece(Place(each.document, each.start, each.end), embedding_text(document.title, each))
            for each in chunk(document, settings)
        ]

    return cut


def _plain(chars: int, overlap: int) -> Cutter:
    """Return the splitter that most programs use; it embeds the text alone."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=chars, chunk_overlap=overlap, add_start_index=True
    )

    def cut(document: Document) -> list[Piece]:
        pieces = []
        for part in splitter.create_documents([document.text]):
            start = part.metadata["start_index"]
            place = Place(document.name, start, start + len(part.page_content))
            pieces.append(Piece(place, part.page_content))
        return pieces

    return cut


def _print(rows: Sequence[Row], documents: int, questions: int) -> None:
    print(f"{documents} documents, {questions} questions\n")
    names = [field.name.replace("_", " ") for field in fields(Scores)]
    print("| cutter | chunks | mean length | " + " | ".join(names) + " | seconds |")
    print("|---" * (len(names) + 4) + "|")
    for row in rows:
        values = " | ".join(f"{value:.3f}" for value in asdict(row.scores).values())
        print(f"| {row.cutter} | {row.chunks} | {row.length:.0f} | {values} | {row.seconds:.0f} |")


if __name__ == "__main__":
    sys.exit(main())
