"""The plain way to do it: whole passages in the prompt, and the model's own markers believed."""

import re
import time

from bench.replies import Cited, Reply
from citewell.app.answer_values import Evidence
from citewell.app.drafting import draft_sentences, prompt
from citewell.app.llms.factory import generation_settings
from citewell.app.llms.protocol import LanguageModel
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.settings import Settings
from citewell.retrieval.values import Passage

_REFUSAL = re.compile(
    r"\bnot found\b|\b(?:do(?:es)?|did) not (?:say|contain|mention|provide|answer|specify)\b|"
    r"\b(?:do not|don't) know\b|\bno (?:answer|information|evidence)\b|\bcannot (?:be )?answer",
    re.IGNORECASE,
)


class Baseline:
    """Answers as most programs do. Same search, same model, same prompt as Citewell.

    Instead of chosen sentences the prompt holds the passages whole. What the model writes is
    taken as it is: a marker ``[n]`` cites the whole passage n, and only the model declines.
    """

    def __init__(self, retriever: Retriever, model: LanguageModel, settings: Settings) -> None:
        self._retriever = retriever
        self._model = model
        self._settings = settings

    def reply(self, question: str) -> Reply:
        """Ask the model, and believe it."""
        begun = time.perf_counter()
        passages = self._retriever.search(question, self._settings.k, self._settings.mode).passages
        messages = prompt(question, [_shown(passage) for passage in passages])
        pieces = self._model.stream(messages, generation_settings(self._settings))
        sentences = list(draft_sentences(pieces))
        text = " ".join(sentence.text for sentence in sentences)
        named = dict.fromkeys(n for sentence in sentences for n in sentence.markers)
        cited = tuple(_cited(passages[n - 1]) for n in named if 0 < n <= len(passages))
        seconds = time.perf_counter() - begun
        if not text or _REFUSAL.search(text):
            return Reply("", "abstained", (), passages, seconds, by_model=True)
        return Reply(text, "generated", cited, passages, seconds)


def _shown(passage: Passage) -> Evidence:
    chunk = passage.chunk
    return Evidence(
        number=passage.rank,
        document=passage.document,
        title=passage.title,
        start=chunk.start,
        end=chunk.end,
        text=passage.text,
        headings=chunk.headings,
        rank=passage.rank,
        score=passage.score,
    )


def _cited(passage: Passage) -> Cited:
    return Cited(passage.document, passage.chunk.start, passage.chunk.end)
