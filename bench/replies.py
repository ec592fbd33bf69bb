"""What a system said to a question, whatever the system, and how it is judged."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bench.metrics import Estimate, contains_answer, estimate, gold_spans, overlaps, percentile
from bench.questions import GoldQuestion
from citewell.retrieval.values import Document, Passage

Mode = Literal["generated", "extractive", "abstained"]


@dataclass(frozen=True, slots=True)
class Cited:
    """A place that a reply points to, as a span of a document's text."""

    document: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system said.

    Attributes:
        text: Without markers; blank when it abstained.
        cited: The places it points to, each once.
        sources: What its search returned, best first.
        seconds: From the question to the whole reply.
        by_model: Whether it was the language model that declined.
    """

    text: str
    mode: Mode
    cited: tuple[Cited, ...]
    sources: Sequence[Passage]
    seconds: float
    by_model: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply held against its question.

    Attributes:
        found: Rank of the first source from a document that answers the question, from 1; 0
            when none does.
        correct: Whether the text holds an accepted answer.
        on_gold: For each citation, whether it shares a character with a gold passage.
        holding: For each citation, whether the words it points to hold an accepted answer.
    """

    id: str
    question: str
    answerable: bool
    text: str
    mode: Mode
    by_model: bool
    found: int
    correct: bool
    on_gold: tuple[bool, ...]
    holding: tuple[bool, ...]
    seconds: float


def judge(question: GoldQuestion, reply: Reply, document: Callable[[str], Document]) -> Judged:
    """Hold a reply against its question; ``document`` returns a stored document by its name."""
    ranks = [each.rank for each in reply.sources if each.document in question.documents]
    return Judged(
        id=question.id,
        question=question.text,
        answerable=question.answerable,
        text=reply.text,
        mode=reply.mode,
        by_model=reply.by_model,
        found=min(ranks, default=0),
        correct=contains_answer(reply.text, question.answers),
        on_gold=tuple(_is_on_gold(question, each, document) for each in reply.cited),
        holding=tuple(
            contains_answer(document(each.document).text[each.start : each.end], question.answers)
            for each in reply.cited
        ),
        seconds=reply.seconds,
    )


def _is_on_gold(question: GoldQuestion, cited: Cited, document: Callable[[str], Document]) -> bool:
    if cited.document not in question.documents:
        return False
    spans = gold_spans(question.passages, document(cited.document).text)
    return overlaps((cited.start, cited.end), spans)


def summarise(judged: Sequence[Judged]) -> dict[str, Estimate]:
    """Return every measure of a system, by its name in the table."""
    asked = [each for each in judged if each.answerable]
    others = [each for each in judged if not each.answerable]
    said = [each for each in asked if each.mode != "abstained"]
    seconds = [each.seconds for each in judged]
    return {
        "hit@1": _share(each.found == 1 for each in asked),
        "hit@5": _share(1 <= each.found <= 5 for each in asked),
        "answer holds a gold answer": _share(each.correct for each in asked),
        "words in an answer, median": estimate(
            [len(each.text.split()) for each in said], percentile(0.5)
        ),
        "answers with a citation": _share(bool(each.on_gold) for each in said),
        "citations on a gold passage": _share(hit for each in asked for hit in each.on_gold),
        "citations that hold an answer": _share(hit for each in asked for hit in each.holding),
        "abstained, unanswerable": _share(each.mode == "abstained" for each in others),
        "abstained, answerable (false)": _share(each.mode == "abstained" for each in asked),
        "declined by the model, unanswerable": _share(each.by_model for each in others),
        "declined by the model, answerable (false)": _share(each.by_model for each in asked),
        "generated, of answers": _share(
            each.mode == "generated" for each in judged if each.mode != "abstained"
        ),
        "seconds, median": estimate(seconds, percentile(0.5)),
        "seconds, 95th percentile": estimate(seconds, percentile(0.95)),
    }


def _share(values: Iterable[bool]) -> Estimate:
    return estimate([float(value) for value in values])
