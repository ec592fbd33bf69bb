"""The plain ways to answer: a model that is believed, and sentences that look like the question."""

import re
import time
from collections.abc import Callable, Sequence

from bench.metered import Metered
from bench.questions import GoldQuestion
from bench.replies import Cited, Reply, Sentence, documents_of
from citewell.app.drafting import draft_sentences
from citewell.app.llms.factory import generation_settings
from citewell.app.llms.protocol import Message
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.sentences import split_sentences
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Passage
from citewell.retrieval.words import content_words, stems, words

INSTRUCTION = (
    "Answer the question from the numbered passages alone, in one or two sentences. After each "
    "sentence name the passage it rests on, such as [1]. If the passages do not answer the "
    "question, say only: not found."
)
CLOSED_BOOK = "Answer the question in one short sentence."

_REFUSAL = re.compile(
    r"\bnot found\b|\b(?:do(?:es)?|did) not (?:say|contain|mention|provide|answer|specify)\b|"
    r"\b(?:do not|don[’']t) know\b|\bno (?:answer|information|evidence)\b|"
    r"\bcannot (?:be )?answer|\bnone of the (?:sources|passages)\b",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """Tell whether a model says that it found no answer."""
    return not text.strip() or bool(_REFUSAL.search(text))


def declined(found: Sequence[Passage], seconds: float, tokens: tuple[int, int]) -> Reply:
    """Return the reply of a system whose model declined."""
    names = documents_of(found)
    return Reply("abstained", (), names, seconds, by_model=True, tokens=tokens)


class NaiveChain:
    """Answers as most programs do, with the search and the model of Citewell.

    The prompt holds the passages whole. What the model writes is taken as it is: a marker ``[n]``
    cites the whole passage n, and only the model declines.
    """

    def __init__(self, retriever: Retriever, model: Metered, settings: Settings) -> None:
        self._retriever = retriever
        self._model = model
        self._settings = settings

    def reply(self, question: GoldQuestion) -> Reply:
        """Ask the model, and believe it."""
        begun = time.perf_counter()
        found = self._retriever.search(question.text, self._settings.k).passages
        first, sentences = None, []
        for each in draft_sentences(
            self._model.stream(_messages(question.text, found), generation_settings(self._settings))
        ):
            first = first or time.perf_counter() - begun
            numbers = [n for n in each.markers if 0 < n <= len(found)]
            sentences.append(Sentence(each.text, tuple(whole(found[n - 1]) for n in numbers)))
        seconds = time.perf_counter() - begun
        tokens = self._model.taken()
        if refuses(" ".join(each.text for each in sentences)):
            return declined(found, seconds, tokens)
        names = documents_of(found)
        return Reply("generated", tuple(sentences), names, seconds, first, tokens=tokens)


def _messages(question: str, found: Sequence[Passage]) -> list[Message]:
    shown = "\n\n".join(f"[{passage.rank}] {passage.text}" for passage in found)
    asked = f"Passages:\n\n{shown}\n\nQuestion: {question}"
    return [Message("system", INSTRUCTION), Message("user", asked)]


def whole(passage: Passage) -> Cited:
    """Return a passage as a citation."""
    chunk = passage.chunk
    return Cited(passage.document, chunk.start, chunk.end, passage.text)


class ClosedBook:
    """Asks the model what it knows by heart: no document is shown."""

    def __init__(self, model: Metered, settings: Settings) -> None:
        self._model = model
        self._settings = settings

    def reply(self, question: GoldQuestion) -> Reply:
        """Ask the model alone."""
        begun = time.perf_counter()
        asked = [Message("system", CLOSED_BOOK), Message("user", question.text)]
        text = "".join(self._model.stream(asked, generation_settings(self._settings))).strip()
        seconds = time.perf_counter() - begun
        if refuses(text):
            return declined((), seconds, self._model.taken())
        said = (Sentence(text),)
        return Reply("generated", said, (), seconds, seconds, tokens=self._model.taken())


class BestSentences:
    """Quotes the sentences that are most like the question, by meaning and by words.

    What there is to beat without a language model: a plain search, the sentences of its passages
    ranked by cosine plus the share of the question's words they hold. The score of the first is
    how sure it is; it never declines.
    """

    def __init__(self, retriever: Retriever, settings: Settings) -> None:
        self._retriever = retriever
        self._settings = settings

    def of(self, count: int) -> Callable[[GoldQuestion], Reply]:
        """Return the system that quotes so many sentences."""

        def reply(question: GoldQuestion) -> Reply:
            begun = time.perf_counter()
            found = self._retriever.search(question.text, self._settings.k).passages
            ranked = self._ranked(question.text, found)
            sentences = tuple(Sentence(c.quote, (c,)) for _, c in ranked[:count])
            seconds = time.perf_counter() - begun
            names = documents_of(found)
            if not ranked:
                return Reply("abstained", (), names, seconds, confidence=-1.0)
            return Reply("extractive", sentences, names, seconds, seconds, confidence=ranked[0][0])

        return reply

    def _ranked(self, question: str, found: Sequence[Passage]) -> list[tuple[float, Cited]]:
        """Return the distinct sentences of the passages, the most alike first."""
        places = {each.quote: each for passage in found for each in _sentences(passage)}
        if not places:
            return []
        embedder = self._retriever.embedder
        cosines = embedder.embed_passages(list(places)) @ embedder.embed_question(question)
        asked = set(stems(content_words(question)))
        shares = [len(asked & set(stems(words(text)))) / max(1, len(asked)) for text in places]
        scores = [float(c) + share for c, share in zip(cosines, shares, strict=True)]
        order = sorted(zip(scores, places.values(), strict=True), key=lambda pair: -pair[0])
        return list(order)


def _sentences(passage: Passage) -> list[Cited]:
    offset = passage.chunk.start
    return [
        Cited(passage.document, offset + start, offset + end, passage.text[start:end], True)
        for start, end in split_sentences(passage.text)
    ]
