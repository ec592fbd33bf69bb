"""Documents of any number, recombined from the sentences of real ones, with vectors to match."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from bench.questions import read_rows
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding_files import unit
from citewell.retrieval.sentences import split_sentences
from citewell.retrieval.store import EmbeddedDocument, Vectors
from citewell.retrieval.values import Chunk, Document

CHUNKS_A_DOCUMENT = 10
SHELVES = 100
FOLDERS = 20

SENTENCES = 20_000
"""Distinct ones that documents are made of: a minute of embedding, and a real vocabulary."""

_A_CHUNK = (4, 7)
"""Fewest and most sentences in a chunk: about 700 characters."""

_OWN = 0.7
"""Share of a document's sentences that are of the text it is about; the others of two more."""

_NOISE = 0.15
"""Length of what is added to the mean of a chunk's sentences, so that no two are the same."""

_QUESTION_WORDS = (6, 14)


@dataclass(frozen=True, slots=True)
class Source:
    """A real text."""

    title: str
    sentences: tuple[str, ...]


def read_sources(paths: Sequence[Path], most: int = SENTENCES) -> list[Source]:
    """Return the texts of some files, evenly chosen until they have about so many sentences.

    A file is JSON lines with ``text`` and perhaps ``title``, or a text; folders are searched.

    Raises:
        SystemExit: If there is no text at all.
    """
    files = [file for path in paths for file in _files(path)]
    every = [source for file in files for source in _sources(file) if source.sentences]
    total = sum(len(source.sentences) for source in every)
    if not total:
        raise SystemExit(f"There is no text in {list(map(str, paths))}. Name .jsonl, .md or .txt.")
    step = max(1.0, total / most)
    return [every[int(place * step)] for place in range(int(len(every) / step))] or every[:1]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(at for at in path.rglob("*") if at.suffix in {".jsonl", ".md", ".txt"})


def _sources(file: Path) -> Iterator[Source]:
    if file.suffix == ".jsonl":
        for _, row in read_rows(file):
            yield _source(str(row.get("title", "")), str(row.get("text", "")))
    else:
        yield _source(file.stem, file.read_text("utf-8", "replace"))


def _source(title: str, text: str) -> Source:
    spans = split_sentences(text)
    return Source(title or text[:60], tuple(" ".join(text[a:b].split()) for a, b in spans))


def real_questions(paths: Sequence[Path]) -> list[str]:
    """Return the questions in the ``questions.jsonl`` that stand beside the files, mixed."""
    beside = (path.with_name("questions.jsonl") for path in paths if path.is_file())
    found = dict.fromkeys(
        " ".join(str(row["question"]).split())
        for file in beside
        if file.is_file()
        for _, row in read_rows(file)
    )
    return random.Random(1).sample(list(found), len(found))


def questions_of(sources: Sequence[Source], count: int, seed: int) -> list[str]:
    """Return so many different questions: some successive words of a sentence each.

    Raises:
        SystemExit: If the texts are too few for so many.
    """
    chance = random.Random(seed)
    found: dict[str, None] = {}
    for _ in range(20 * count):
        if len(found) == count:
            return list(found)
        words = chance.choice(chance.choice(sources).sentences).split()
        length = chance.randint(*_QUESTION_WORDS)
        begin = chance.randint(0, max(0, len(words) - length))
        if len(words) >= _QUESTION_WORDS[0]:
            found[f"{' '.join(words[begin : begin + length]).strip('.,;:?')}?"] = None
    raise SystemExit(f"The texts give {len(found)} questions, not {count}. Name more of them.")


class Maker:
    """Makes documents of 10 chunks, always the same for the same sources and number.

    Each is about one source: most of its sentences, in any order, are of that and the others of
    two more. A chunk's vector is the mean of those of its sentences, and some noise.
    """

    def __init__(self, sources: Sequence[Source], vectors: Vectors) -> None:
        """Take the sources, and the vectors of all their sentences in order."""
        self._sources = sources
        self._vectors = vectors
        lengths = [len(source.sentences) for source in sources]
        self._first = np.concatenate([[0], np.cumsum(lengths)])

    def documents(self, numbers: range) -> list[EmbeddedDocument]:
        """Return the documents of these numbers."""
        return [self.document(number) for number in numbers]

    def document(self, number: int) -> EmbeddedDocument:
        """Return a document with its chunks and vectors."""
        chance = random.Random(number)
        about = [chance.randrange(len(self._sources)) for _ in range(3)]
        drawn = [self._chunk(chance, about) for _ in range(CHUNKS_A_DOCUMENT)]
        texts = [" ".join(self._sentence(*each) for each in chunk) for chunk in drawn]
        name = f"folder-{number % FOLDERS}/report-{number}.md"
        title = f"{self._sources[about[0]].title} ({number})"
        chunks, start = [], 0
        for text in texts:
            chunks.append(Chunk(name, start, start + len(text), text))
            start += len(text) + 2
        document = Document(name, title, "\n\n".join(texts), metadata=facts(number), language="en")
        return EmbeddedDocument(document, chunks, self._mean(drawn, number))

    def _chunk(self, chance: random.Random, about: Sequence[int]) -> list[tuple[int, int]]:
        drawn = set()
        for _ in range(chance.randint(*_A_CHUNK)):
            source = about[0] if chance.random() < _OWN else chance.choice(about[1:])
            drawn.add((source, chance.randrange(len(self._sources[source].sentences))))
        return chance.sample(sorted(drawn), len(drawn))

    def _sentence(self, source: int, place: int) -> str:
        return self._sources[source].sentences[place]

    def _mean(self, chunks: Sequence[Sequence[tuple[int, int]]], seed: int) -> Vectors:
        means = [
            self._vectors[[self._first[source] + place for source, place in chunk]].mean(axis=0)
            for chunk in chunks
        ]
        noise = np.random.default_rng(seed).normal(size=(len(chunks), self._vectors.shape[1]))
        return unit(np.stack(means) + _NOISE * unit(noise))


def facts(number: int) -> dict[str, str]:
    """Return the metadata of a document: a shelf holds one in 100, a half one in two."""
    return {
        "shelf": str(number % SHELVES),
        "half": str(number // SHELVES % 2),
        "date": f"{2015 + number // 7 % 10}-{1 + number // 3 % 12:02}-{1 + number % 28:02}",
    }


def sentence_vectors(sources: Sequence[Source], embedder: Embedder, kept: Path) -> Vectors:
    """Return the vectors of all sentences in order; ``kept`` holds them for the next time."""
    sentences = [sentence for source in sources for sentence in source.sentences]
    digest = sha256(repr((sentences, embedder.fingerprint)).encode()).hexdigest()
    file = kept / f"sentences-{digest[:16]}.npy"
    if not file.exists():
        kept.mkdir(parents=True, exist_ok=True)
        vectors = embedder.embed_passages(sentences)
        np.save(file, vectors, allow_pickle=False)
    found: Vectors = np.load(file, allow_pickle=False)
    return found
