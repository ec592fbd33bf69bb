"""Evidence: the sentences of the passages that bear on the question, best first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from citewell.app.answer_values import Evidence
from citewell.app.features import Features, Question, features, weigh
from citewell.retrieval.embedder import Embedder
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.sentences import is_row, split_sentences
from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Passage, embedding_text
from citewell.retrieval.words import content_words, stems, words

WEIGHTS = Features(
    coverage=2.9,
    around=4.4,
    similarity=2.6,
    rank=1.35,
    passage=3.7,
    kind=1.2,
    early=0.4,
    brief=-0.25,
)
"""Fitted by ``bench/fit_evidence.py``: a softmax over each question's sentences, with the
probability of those that hold the answer as large as can be (a listwise loss: Cao et al., 2007)."""

_SEPARATORS = re.compile(r"[\W_]+")

MOST_CANDIDATES = 48
"""Sentences that are compared by meaning; the rest are dropped by their words alone."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage; ``around`` is the text of its headings and its neighbours."""

    passage: Passage
    start: int
    end: int
    text: str
    around: str

    @property
    def document(self) -> str:
        """The name of the document it stands in."""
        return self.passage.document


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its features."""

    candidate: Candidate
    features: Features

    @property
    def score(self) -> float:
        """How much it bears on the question; only the order and the differences mean something."""
        return float(np.dot(WEIGHTS.row(), self.features.row()))


def understand(question: str, retriever: Retriever) -> Question:
    """Return a question with how much each of its words tells apart in the collection."""
    return weigh(question, retriever.rarity(content_words(question)))


def gather(question: Question, passages: Sequence[Passage], retriever: Retriever) -> list[Scored]:
    """Return the sentences of the passages, the one that most likely holds the answer first.

    What speaks of something the question names comes before what does not, however alike it
    sounds: the headquarters of another company answer nothing.
    """
    found = _describe(question, candidates(passages), retriever)
    about = {each.rank for each in passages if concerns(question, each)}
    return sorted(found, key=lambda item: (item.candidate.passage.rank not in about, -item.score))


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
    """Return scored sentences as evidence, numbered from 1 in the order given."""
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
    )


def candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """Return the distinct sentences of the passages, in their order."""
    found: list[Candidate] = []
    seen: set[str] = set()
    for passage in passages:
        for candidate in _sentences(passage):
            key = " ".join(words(candidate.text))
            if key not in seen and not _says_nothing(candidate.text, key, passage):
                seen.add(key)
                found.append(candidate)
    return found


def _sentences(passage: Passage) -> Iterator[Candidate]:
    """Yield a passage's sentences. A table's header only stands around each of its rows."""
    path = " ".join((passage.title, *passage.chunk.headings))
    spans = split_sentences(passage.text)
    texts = [passage.text[start:end] for start, end in spans]
    header = ""
    for i, (start, end) in enumerate(spans):
        before, after = texts[max(0, i - 1) : i], texts[i + 1 : i + 2]
        if not is_row(texts[i]):
            header = ""
        elif not header:
            header = texts[i]
            if after and is_row(after[0]):
                continue
        around = " ".join((path, *([header] if header else before), *after))
        offset = passage.chunk.start
        yield Candidate(passage, offset + start, offset + end, texts[i], around)


def _says_nothing(text: str, key: str, passage: Passage) -> bool:
    """Tell whether a sentence, with ``key`` its words, is a heading or a scrap of a few words."""
    count = len(key.split())
    titles = (passage.title, *passage.chunk.headings)
    if count == 0 or any(key == " ".join(words(title)) for title in titles):
        return True
    if any(character.isdigit() for character in key) or is_row(text):
        return False
    return count < 3 or (count < 7 and text[-1].isalnum() and _all_capitals(text))


def _all_capitals(text: str) -> bool:
    """Tell whether all but the short words begin with a capital, as in a title."""
    return all(word[0].isupper() or len(word) <= 3 for word in text.split())


def _describe(question: Question, found: Sequence[Candidate], retriever: Retriever) -> list[Scored]:
    """Compare the most promising candidates with the question, by words and by meaning."""
    by_word = [
        features(question, c.text, c.around, similarity=0.0, rank=c.passage.rank, passage=None)
        for c in found
    ]
    order = sorted(range(len(found)), key=lambda i: -(by_word[i].around + by_word[i].rank))
    kept = [found[i] for i in sorted(order[:MOST_CANDIDATES])]
    if not kept:
        return []
    asked = retriever.embedder.embed_question(question.text)
    similar = retriever.embedder.embed_passages([c.text for c in kept]) @ asked
    cosines = _cosines(kept, asked, retriever.embedder)
    return [
        Scored(
            c,
            features(
                question,
                c.text,
                c.around,
                similarity=float(value),
                rank=c.passage.rank,
                passage=cosines[c.passage.rank],
            ),
        )
        for c, value in zip(kept, similar, strict=True)
    ]


def _cosines(
    found: Sequence[Candidate], asked: Vectors, embedder: Embedder
) -> dict[int, float | None]:
    """Return the cosine of question and passage by rank; a search by words leaves it to us."""
    passages = {c.passage.rank: c.passage for c in found}
    known = {rank: passage.scores.dense for rank, passage in passages.items()}
    if any(cosine is not None for cosine in known.values()):
        return known
    texts = [embedding_text(passage.title, passage.chunk) for passage in passages.values()]
    return dict(zip(passages, (embedder.embed_passages(texts) @ asked).tolist(), strict=True))
