"""The question sets that answers are measured by, each with the rule that says what is right."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.halves import Half, in_half
from bench.questions import GoldQuestion, Rule, question_of, read_rows, spread

VERDICTS = ("yes", "no", "maybe")

_AMOUNT = re.compile(r"[$€£]?\s*-?\d[\d,.]*\s*(?:%|percent|thousand|million|billion)?\.?")
_LONG = 6
"""Words from which an answer is one to be held against word by word."""

_SIDE_REMARK = re.compile(r"(?<=\.)\s+The answer here assumes\b.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AnswerSet:
    """Documents, at a file or folder, and questions about them."""

    name: str
    corpus: Path
    questions: tuple[GoldQuestion, ...]


def read_sets(folder: Path, names: Sequence[str]) -> list[AnswerSet]:
    """Return the sets of a folder, in the order of `SETS`; without names all that are there.

    Raises:
        SystemExit: If one that is named is not there, or none is.
    """
    found: list[AnswerSet] = []
    for name, read in SETS.items():
        if (folder / name).is_dir() and (not names or name in names):
            found.append(read(name, folder / name))
        elif name in names:
            raise SystemExit(f"There is no folder {folder / name}. Leave {name} out of --sets.")
    if not found:
        raise SystemExit(f"{folder} holds none of the sets {', '.join(SETS)}.")
    return found


def part_of(whole: AnswerSet, half: Half, limit: int | None) -> AnswerSet:
    """Return a set with the questions of a half; with a limit, so many, evenly spread."""
    kept = [each for each in whole.questions if in_half(each.id, half)]
    return replace(whole, questions=tuple(spread(kept, limit)))


def _rows(folder: Path) -> Iterator[tuple[dict[str, Any], GoldQuestion]]:
    path = folder / "questions.jsonl"
    for number, row in read_rows(path):
        yield row, question_of(row, f"{path}, row {number}")


def _short(name: str, folder: Path) -> AnswerSet:
    """Return a set of short answers; where one says yes or no, that has to be said."""
    questions = (replace(each, rule=_rule(each.answers)) for _, each in _rows(folder))
    return AnswerSet(name, folder / "corpus.jsonl", tuple(questions))


def _rule(answers: Sequence[str]) -> Rule:
    said = {answer.strip().lower() for answer in answers}
    return "verdict" if said and said <= set(VERDICTS) else "contains"


def _long(name: str, folder: Path) -> AnswerSet:
    questions = (replace(each, rule="long") for _, each in _rows(folder))
    return AnswerSet(name, folder / "corpus.jsonl", tuple(questions))


def _abstracts(name: str, folder: Path) -> AnswerSet:
    """Return PubMedQA: a verdict, and the abstract's conclusion to compare with."""
    questions = (
        replace(each, rule="verdict", references=(row["long_answer"],))
        for row, each in _rows(folder)
    )
    return AnswerSet(name, folder / "corpus.jsonl", tuple(questions))


def _conversations(name: str, folder: Path) -> AnswerSet:
    questions = (
        replace(each, rule="long", history=tuple(_turns(row["history"])))
        for row, each in _rows(folder)
    )
    return AnswerSet(name, folder / "corpus.jsonl", tuple(questions))


def _turns(history: Sequence[dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield what the user said with what was answered; a user who speaks on is joined."""
    asked: list[str] = []
    for turn in history:
        if turn["speaker"] == "user":
            asked.append(turn["text"])
        elif asked:
            yield "\n".join(asked), turn["text"]
            asked = []


def _groups(name: str, folder: Path) -> AnswerSet:
    """Return a part of RGB; where it has groups of answers, one of each must be said."""
    questions = (
        replace(
            each,
            rule="groups" if row.get("answer_groups") else "contains",
            groups=tuple(_group(group) for group in row.get("answer_groups", ())),
            fake=_group(row.get("fake_answer", ())),
        )
        for row, each in _rows(folder)
    )
    return AnswerSet(name.replace("/", "-"), folder / "corpus.jsonl", tuple(questions))


def _group(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _filings(name: str, folder: Path) -> AnswerSet:
    return AnswerSet(name, folder / "docs", tuple(_filing_questions(folder)))


def _filing_questions(folder: Path) -> Iterator[GoldQuestion]:
    """Yield the questions of FinanceBench, without remarks that follow an answer."""
    for row, each in _rows(folder):
        names, numbers = row.get("gold_page_docs") or (), row.get("gold_pages_1based") or ()
        pages = {(f"{n}.pdf", number) for n, number in zip(names, numbers, strict=True)}
        answers = tuple(_SIDE_REMARK.sub("", answer) for answer in each.answers)
        rule: Rule = "long" if any(len(a.split()) >= _LONG for a in answers) else "contains"
        if answers and all(_AMOUNT.fullmatch(answer.strip()) for answer in answers):
            rule = "amount"
        yield replace(each, rule=rule, answers=answers, pages=frozenset(pages))


SETS: dict[str, Callable[[str, Path], AnswerSet]] = {
    "squad": _short,
    "nq-open": _short,
    "clapnq": _long,
    "pubmedqa": _abstracts,
    "mtrag-un": _conversations,
    "hotpot-100": _short,
    "rgb/en_fact": _groups,
    "rgb/zh_refine": _groups,
    "financebench": _filings,
}
"""How the sets are read, by the name of their folder."""
