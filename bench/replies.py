"""What a system said to a question, whatever the system, and how it is judged."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bench.answer_scores import is_right, rouge_l, token_recall
from bench.metrics import Span, gold_spans, overlaps
from bench.questions import GoldQuestion
from citewell.app.tuning.matching import holds, token_f1, tokens
from citewell.retrieval.values import Document, Passage

Mode = Literal["generated", "extractive", "abstained"]
Documents = Callable[[str], Document]
"""Returns a stored document by its name."""

SHORT = 6
"""Most words of an answer that a citation must hold."""


COPIED = 5
"""Words from which the same words in another document are the same passage over again."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that a reply points to, as a span of a document's text.

    Attributes:
        quote: The words that are shown for it.
        checked: Whether the system says that the place supports the sentence.
    """

    document: str
    start: int
    end: int
    quote: str = ""
    checked: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a reply, without markers, and what it cites."""

    text: str
    cited: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system said.

    Attributes:
        sentences: Empty when it declined.
        found: Documents of the passages that were found, best first.
        seconds: From the question to the whole reply.
        first: From the question to its first sentence; None when it declined.
        by_model: Whether it was the language model that declined.
        reason: Why it declined, if it says so.
        confidence: How sure it is that there is an answer; only the order means something.
        asked_back: Whether it offers several readings of the question.
        tokens: In and out of the language model.
    """

    mode: Mode
    sentences: tuple[Sentence, ...]
    found: tuple[str, ...]
    seconds: float
    first: float | None = None
    by_model: bool = False
    reason: str = ""
    confidence: float | None = None
    asked_back: bool = False
    tokens: tuple[int, int] = (0, 0)

    @property
    def text(self) -> str:
        """What is shown, without markers."""
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def cited(self) -> tuple[Cited, ...]:
        """The places it points to, each once."""
        return tuple(dict.fromkeys(c for sentence in self.sentences for c in sentence.cited))

    @property
    def declined(self) -> bool:
        """Whether it gives no answer."""
        return self.mode == "abstained"


def documents_of(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Return the documents of passages, in their order."""
    return tuple(passage.document for passage in passages)


def reply_from(row: dict[str, Any]) -> Reply:
    """Return the reply that `dataclasses.asdict` made a row of."""
    sentences = tuple(
        Sentence(each["text"], tuple(Cited(**cited) for cited in each["cited"]))
        for each in row["sentences"]
    )
    lists = {"found": tuple(row["found"]), "tokens": tuple(row["tokens"])}
    return Reply(**(row | lists | {"sentences": sentences}))


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply held against its question.

    Attributes:
        found: Rank of the first source from a document that answers the question, from 1; 0
            when none does.
        right: Whether it is right by the question's rule; of a long answer, whether it cites a
            gold passage, for want of a rule.
        f1: Of its words with those of a reference.
        rouge: ROUGE-L with a reference.
        recall: Share of the words of the gold sentences, or of the reference, that it holds.
        on_gold: For each citation, whether it shares a character with a gold passage.
        holding: For each citation, whether its words hold a short answer; True when there is none.
        checked: For each sentence, whether it has a citation that the system says supports it and
            whose quote stands in the document just there.
        misled: Whether it says what a document that was tampered with says, and not the truth.
    """

    question: GoldQuestion
    reply: Reply
    found: int
    right: bool
    f1: float
    rouge: float
    recall: float
    on_gold: tuple[bool, ...]
    holding: tuple[bool, ...]
    checked: tuple[bool, ...]
    misled: bool


def judge(question: GoldQuestion, reply: Reply, document: Documents) -> Judged:
    """Hold a reply against its question."""
    ranks = [rank for rank, name in enumerate(reply.found, 1) if name in question.documents]
    references = question.references or question.answers
    on_gold = tuple(_is_on_gold(question, each, document) for each in reply.cited)
    long = question.rule == "long"
    right = any(on_gold) if long else is_right(question, reply.text)
    return Judged(
        question=question,
        reply=reply,
        found=min(ranks, default=0),
        right=question.answerable and not reply.declined and right,
        f1=token_f1(reply.text, references),
        rouge=rouge_l(reply.text, references) if long else 0.0,
        recall=_recall(question, reply.text, references) if long else 0.0,
        on_gold=on_gold,
        holding=tuple(_holds_answer(question, each, document) for each in reply.cited),
        checked=tuple(any(map(_stands(document), each.cited)) for each in reply.sentences),
        misled=holds(reply.text, question.fake) and not holds(reply.text, question.answers),
    )


def short_answers(question: GoldQuestion) -> tuple[str, ...]:
    """Return the answers that a citation can be asked to hold."""
    if question.rule not in ("contains", "groups"):
        return ()
    given = question.answers
    return tuple(answer for answer in given if 0 < len(answer.split()) <= SHORT)


def _recall(question: GoldQuestion, text: str, references: Sequence[str]) -> float:
    """Return the share of the gold sentences, where they are sentences, or of the reference."""
    if question.passages and not question.history:
        return token_recall(text, " ".join(question.passages))
    return max((token_recall(text, each) for each in references), default=0.0)


def _is_on_gold(question: GoldQuestion, cited: Cited, document: Documents) -> bool:
    at = (cited.start, cited.end)
    if question.pages:
        pages = document(cited.document).pages
        numbers = [number for name, number in question.pages if name == cited.document]
        return overlaps(at, [(pages[n - 1].start, pages[n - 1].end) for n in numbers])
    text = document(cited.document).text
    if cited.document in question.documents and overlaps(at, _gold(question, text)):
        return True
    return _is_copy(text[cited.start : cited.end], question.passages)


def _is_copy(quote: str, passages: Sequence[str]) -> bool:
    """Tell whether a quote from elsewhere is word for word part of a gold passage, or holds one."""
    said = f" {' '.join(tokens(quote))} "
    golds = [f" {' '.join(tokens(passage))} " for passage in passages]
    long = [gold for gold in golds if len(gold.split()) >= COPIED]
    return any(gold in said for gold in long) or (
        len(said.split()) >= COPIED and any(said in gold for gold in golds)
    )


def _gold(question: GoldQuestion, text: str) -> list[Span]:
    """Return where a document answers: in the passages named, else, where none is, anywhere."""
    return gold_spans(question.passages, text) if question.passages else [(0, len(text))]


def _holds_answer(question: GoldQuestion, cited: Cited, document: Documents) -> bool:
    wanted = short_answers(question)
    if not wanted:
        return True
    return holds(document(cited.document).text[cited.start : cited.end], wanted)


def _stands(document: Documents) -> Callable[[Cited], bool]:
    def stands(cited: Cited) -> bool:
        text = document(cited.document).text[cited.start : cited.end]
        return cited.checked and bool(text) and cited.quote == text

    return stands


def citations(judged: Sequence[Judged]) -> Iterator[tuple[bool, bool, bool]]:
    """Yield for each citation of a question with an answer: on gold, holding, and both."""
    for each in judged:
        if each.question.answerable:
            for gold, held in zip(each.on_gold, each.holding, strict=True):
                yield gold, held, gold and held
