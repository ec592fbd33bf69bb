"""The questions of a set with the evidence that answering would show a model."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.answer_run import PRECISION
from bench.answer_sets import AnswerSet
from bench.collection import fill
from bench.questions import GoldQuestion
from citewell.app.answer_values import Evidence
from citewell.app.budget import Budget, choose
from citewell.app.drafting import NOT_FOUND
from citewell.app.evidence import gather, understand
from citewell.app.followups import Turn, standalone
from citewell.app.llms.protocol import estimated_tokens
from citewell.app.reading.reader import Reader
from citewell.app.tuning.examples import Example, read_examples, write_examples
from citewell.retrieval.retriever import Retriever, open_retriever
from citewell.retrieval.settings import Settings


def examples_of(asked: AnswerSet, work: Path, kept: str, reader: Reader) -> list[Example]:
    """Return the questions of a set as examples, found once and kept below ``work``.

    Nothing is judged: a question that answering would decline before the model is asked is shown
    to it as well.

    Args:
        asked: The set.
        work: Folder for collections and examples.
        kept: Says which part of the set it is, in the name of a file.
        reader: Ranks the evidence.
    """
    file = work / "drafts" / f"{asked.name}-{kept}.jsonl"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_examples(file, list(_found(asked, work / asked.name, reader)))
    return list(read_examples(file))


def _found(asked: AnswerSet, home: Path, reader: Reader) -> Iterator[Example]:
    settings = Settings(home=home, llm="none", embedding_precision=PRECISION)
    fill(settings, [asked.corpus])
    with open_retriever(settings=settings) as retriever:
        for question in asked.questions:
            text = _standalone(question, settings)
            yield _example(asked.name, question, text, _evidence(text, retriever, reader, settings))


def _standalone(question: GoldQuestion, settings: Settings) -> str:
    history = [Turn(asked, said) for asked, said in question.history]
    return standalone(question.text, history, None, settings).question if history else question.text


def _evidence(
    question: str, retriever: Retriever, reader: Reader, settings: Settings
) -> tuple[Evidence, ...]:
    asked = understand(question, retriever)
    passages = retriever.search(question, settings.k, settings.mode).passages
    scored = gather(asked, passages, retriever, reader)
    budget = Budget(settings.evidence, settings.evidence_tokens, estimated_tokens)
    return choose(scored, asked, budget).shown


def _example(name: str, question: GoldQuestion, text: str, evidence: Sequence[Evidence]) -> Example:
    return Example(
        id=question.id,
        split="test",
        kind="answer" if question.answerable else "unanswerable",
        source=name,
        document=min(question.documents, default=""),
        question=text,
        evidence=tuple(evidence),
        target="" if question.answerable else NOT_FOUND,
        rejected=(),
        answers=question.answers if question.answerable else (),
    )
