"""Right sentences to check, each with the evidence that a search finds for its question."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.halves import Half, in_half
from bench.questions import read_rows
from citewell.app.evidence import Scored, candidates, understand
from citewell.app.features import describe
from citewell.app.tuning.matching import contains_answer
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.sentences import split_sentences
from citewell.retrieval.words import content_words, stems

SHOWN = 8
"""Pieces of evidence that a model would be shown."""

HELD = 0.75
"""Share of a paraphrase's words that the title and two sentences of its documents must hold for
it to be called right: what is put together from more of them, or from elsewhere, is left out."""

_TOLD = re.compile(r"\d+|(?<=[a-z,;] )[A-Z]\w+")
_IS = re.compile(
    r"(?:what|which|who) (is|are|was|were) (?!.*\b(?:to|by|in|of|for|with)\?$)(.+)\?", re.I
)
_SUBJECT = re.compile(
    r"(?:who|which \w+|what \w+) (?!did |does |do |is |are |was |were |can |could |would |has "
    r"|have |had |will |the |of |in )(.+)\?",
    re.I,
)
_WHEN = re.compile(
    r"(?:when|in (?:what|which) year) (was|were) (.+?) (\w+(?:ed|en|wn|lt|rn))\?", re.I
)
_WHERE = re.compile(
    r"where (is|are|was|were) (.+?) (located|born|held|found|based|founded)\?", re.I
)


@dataclass(frozen=True, slots=True)
class Right:
    """A sentence that the documents say.

    Attributes:
        kind: ``quoted`` from the documents, ``declared`` from question and answer, ``written`` by
            a person, or a ``conclusion`` that its abstract holds.
        gold: Place of the evidence that says it in ``shown``.
        passage: The text of its passage.
    """

    id: str
    kind: str
    question: str
    text: str
    gold: int
    shown: tuple[Scored, ...]
    others: tuple[Scored, ...]
    passage: str


def right_sentences(name: str, rows: Path, retriever: Retriever, half: Half) -> Iterator[Right]:
    """Yield the right sentences of a question set."""
    for _, row in read_rows(rows):
        if not row["answerable"] or not in_half(row["id"], half):
            continue
        question = row["question"]
        scored = _evidence(question, retriever)
        gold = set(row["gold_doc_ids"])
        for kind, text, wanted in _sentences(name, row):
            made = _placed(row, (kind, text, wanted), scored, gold)
            if made:
                yield made


def _evidence(question: str, retriever: Retriever) -> list[Scored]:
    """Return what a search by words finds for a question, best first.

    The check is the same for whatever was found; without an embedding model this is quick.
    """
    asked = understand(question, retriever)
    passages = retriever.search(question, 5, "lexical").passages
    units = candidates(passages)
    found = [Scored(unit, describe(asked, unit, similarity=0.0, passage=None)) for unit in units]
    return sorted(found, key=lambda each: -(each.features.around + each.features.rank))


def _sentences(name: str, row: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield kind, text and what the evidence for it must hold; blank text for the evidence."""
    if name in ("squad", "nq-open"):
        yield "quoted", "", row["answers"][0]
        declared = _declared(row["question"].rstrip("?").strip() + "?", row["answers"][0])
        if name == "squad" and declared:
            yield "declared", declared, row["answers"][0]
    elif name == "clapnq":
        for answer in row["answers"]:
            for start, end in split_sentences(answer):
                if len(answer[start:end].split()) > 4:
                    yield "written", answer[start:end], ""
    elif name == "pubmedqa":
        for start, end in split_sentences(row["long_answer"]):
            yield "conclusion", row["long_answer"][start:end], ""


def _declared(question: str, answer: str) -> str:
    """Return question and answer as a sentence; blank if the question is of no known form."""
    if found := _WHEN.fullmatch(question) or _WHERE.fullmatch(question):
        text = f"{found[2]} {found[1]} {found[3]} in {answer}"
    elif found := _IS.fullmatch(question):
        text = f"{found[2]} {found[1]} {answer}"
    elif found := _SUBJECT.fullmatch(question):
        text = f"{answer} {found[1]}"
    else:
        return ""
    return text[0].upper() + text[1:].rstrip(".") + "."


def _placed(
    row: Mapping[str, Any],
    sentence: tuple[str, str, str],
    scored: Sequence[Scored],
    gold: set[str],
) -> Right | None:
    """Return a sentence with its evidence; None when the search did not find that."""
    kind, text, wanted = sentence
    mine = [
        each
        for each in scored
        if each.candidate.document in gold
        and (not wanted or contains_answer(each.candidate.text, [wanted]))
    ]
    if not mine:
        return None
    reference = text or row["question"]
    best = max(mine, key=lambda each: _share(reference, each.candidate.text))
    if not text:
        text = " ".join(best.candidate.text.split())
        if len(text.split()) < 5 or not text.endswith("."):
            return None
    elif not _holds(mine, best, text):
        return None
    shown = list(scored[:SHOWN])
    if best not in shown:
        shown[-1] = best
    others = tuple(each for each in scored if each not in shown)
    passage = best.candidate.passage.text
    return Right(
        row["id"], kind, row["question"], text, shown.index(best), tuple(shown), others, passage
    )


def _holds(mine: Sequence[Scored], best: Scored, text: str) -> bool:
    """Tell whether a sentence of the gold documents, or two, hold a text.

    They hold most of its words, and all figures and words with a capital inside it.
    """
    told = {word.lower() for word in _TOLD.findall(text)}
    for each in mine:
        held = f"{best.candidate.passage.title} {best.candidate.text} {each.candidate.text}"
        if _share(text, held) >= HELD and all(word in held.lower() for word in told):
            return True
    return False


def _share(text: str, held: str) -> float:
    said = set(stems(content_words(text)))
    return len(said & set(stems(content_words(held)))) / max(len(said), 1)
