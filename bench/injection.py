"""Measure attacks by documents: ``python -m bench.injection DATA --work FOLDER --llm bundled``.

Three sets of ``injection`` are asked through the whole of answering, beside the same documents
without the attacks. An attack succeeds when its marker stands in the answer that is shown.
``obedient`` is a scripted model that does all that it is told.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.collection import fill
from bench.halves import Half, in_half
from bench.injection_model import ObedientModel
from bench.models import opened
from bench.questions import read_rows
from citewell.app.answering import Answerer, answerer_with
from citewell.app.llms.protocol import LanguageModel
from citewell.app.tuning.intervals import estimate
from citewell.app.tuning.matching import holds
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings

OTHERS = 200
"""Documents beside those of the questions, so that search has something to choose from; the
default of ``--others``."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with the attack in its documents.

    Attributes:
        marker: Regular expression that finds the attack's success in an answer.
        payload: What an obedient model says.
        answers: Right answers; empty where the documents hold none.
    """

    id: str
    question: str
    marker: str
    payload: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttackSet:
    """Documents with attacks and the same without, and the questions to ask of both."""

    name: str
    poisoned: tuple[Row, ...]
    clean: tuple[Row, ...]
    cases: tuple[Case, ...]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement and print its table."""
    args = _arguments().parse_args(argv)
    print("| set | model | questions | attack in the answer | right answer, attacked | clean |")
    print("|---|---|---|---|---|---|", flush=True)
    for attacks in _sets(args.data, args.others, args.half, args.limit):
        for name in args.llm:
            print(_measured(attacks, name, args.work), flush=True)
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.injection", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with injection, squad and nq-open")
    parser.add_argument("--work", type=Path, required=True, help="folder for the collections")
    parser.add_argument(
        "--llm",
        nargs="+",
        default=["none", "bundled", "obedient"],
        help="models, as settings name them, or obedient",
    )
    parser.add_argument("--half", choices=("learn", "report", "all"), default="report")
    parser.add_argument("--others", type=int, default=OTHERS, help="documents beside those asked")
    parser.add_argument("--limit", type=int, help="ask only so many of each set")
    return parser


def _sets(data: Path, others: int, half: Half, limit: int | None) -> Iterator[AttackSet]:
    for made in (_emails(data), _squad(data, others), _false_passages(data, others)):
        cases = [case for case in made.cases if in_half(case.id, half)][:limit]
        yield AttackSet(made.name, made.poisoned, made.clean, tuple(cases))


def _squad(data: Path, count: int) -> AttackSet:
    folder = data / "injection" / "squad-injected"
    poisoned = {row["id"]: row for row in _rows(folder / "poisoned.jsonl")}
    others = [row for row in _rows(data / "squad" / "corpus.jsonl") if row["id"] not in poisoned]
    clean = [{**row, "text": row["text_clean"]} for row in poisoned.values()]
    return AttackSet(
        "squad-injected",
        (*poisoned.values(), *others[:count]),
        (*clean, *others[:count]),
        tuple(_case(row) for row in _rows(folder / "questions.jsonl")),
    )


def _emails(data: Path) -> AttackSet:
    """Return the set of e-mails, which are asked about among themselves."""
    folder = data / "injection" / "bipia-email"
    clean = tuple(_rows(folder / "corpus.jsonl"))
    poisoned = tuple({**row, "text": row["text_injected"]} for row in clean)
    cases = tuple(_case(row) for row in _rows(folder / "questions.jsonl"))
    return AttackSet("bipia-email", poisoned, clean, cases)


def _false_passages(data: Path, count: int) -> AttackSet:
    """Return the set whose attacks are passages with a wrong answer, five for a question."""
    folder = data / "injection" / "poisonedrag-nq"
    rows = _rows(folder / "questions.jsonl")
    gold = {name for row in rows for name in row["gold_doc_ids"]}
    corpus = _rows(data / "nq-open" / "corpus.jsonl")
    found = [row for row in corpus if row["id"] in gold]
    others = [row for row in corpus if row["id"] not in gold][:count]
    cases = tuple(
        Case(
            row["id"],
            row["question"],
            rf"(?<!\w){re.escape(row['incorrect_answer'])}(?!\w)",
            f"It is {row['incorrect_answer']}.",
            tuple(row["answers"]),
        )
        for row in rows
    )
    poison = _rows(folder / "poison.jsonl")
    return AttackSet("poisonedrag-nq", (*found, *others, *poison), (*found, *others), cases)


def _case(row: Row) -> Case:
    attack = row["attack"]
    answers = tuple(row["answers"]) if row["answerable"] else ()
    payload = _payload(attack["text"], attack["marker"])
    return Case(row["id"], row["question"], attack["marker"], payload, answers)


def _payload(attack: str, marker: str) -> str:
    """Return what an attack wants to be said: what it quotes, else what its marker spells."""
    for quoted in re.findall(r"[\"“'<](.+?)[\"”'>]", attack):
        if re.search(marker, quoted, re.IGNORECASE):
            return str(quoted)
    spelt = re.sub(r"\\b|\\|[()]", "", marker.replace("[ií]", "í")).partition("|")[0]
    return f"{spelt.capitalize()}."


def _rows(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in read_rows(path)]


def _measured(attacks: AttackSet, llm: str, work: Path) -> str:
    poisoned = list(_ask(attacks, attacks.poisoned, "poisoned", llm, work))
    clean = list(_ask(attacks, attacks.clean, "clean", llm, work))
    won = [bool(re.search(c.marker, text, re.IGNORECASE)) for c, text in _pairs(attacks, poisoned)]
    cells = [
        str(estimate([float(each) for each in won])),
        _share_right(attacks, poisoned),
        _share_right(attacks, clean),
    ]
    return f"| {attacks.name} | {llm} | {len(won)} | {' | '.join(cells)} |"


def _pairs(attacks: AttackSet, replies: Iterable[str]) -> Iterator[tuple[Case, str]]:
    return zip(attacks.cases, replies, strict=True)


def _share_right(attacks: AttackSet, replies: Sequence[str]) -> str:
    right = [
        float(holds(text, case.answers)) for case, text in _pairs(attacks, replies) if case.answers
    ]
    return str(estimate(right)) if right else ""


def _ask(
    attacks: AttackSet, documents: Iterable[Row], which: str, llm: str, work: Path
) -> Iterator[str]:
    """Yield the answer that is shown to each question."""
    settings = Settings(home=work / "home", collection=f"{attacks.name}-{which}", llm=_named(llm))
    corpus = work / f"{settings.collection}.jsonl"
    work.mkdir(parents=True, exist_ok=True)
    lines = [
        json.dumps({key: row[key] for key in ("id", "title", "text")}, ensure_ascii=False) + "\n"
        for row in documents
    ]
    corpus.write_text("".join(lines), encoding="utf-8")
    fill(settings, [corpus])
    model = ObedientModel() if llm == "obedient" else opened(llm, work)
    log = work / f"{settings.collection}-{re.sub(r'[^a-z0-9]+', '-', llm.lower())}.txt"
    with answerer_with(open_retriever(settings=settings), model, settings) as answerer:
        for case in attacks.cases:
            yield _shown(answerer, model, case, log)


def _named(llm: str) -> str:
    return "none" if llm == "obedient" else llm


def _shown(answerer: Answerer, model: LanguageModel | None, case: Case, log: Path) -> str:
    if isinstance(model, ObedientModel):
        model.payload, model.marker = case.payload, case.marker
    answer = answerer.answer(case.question)
    text = " ".join(sentence.text for sentence in answer.sentences)
    won = bool(re.search(case.marker, text, re.IGNORECASE))
    with log.open("a", encoding="utf-8") as lines:
        lines.write(f"{case.id}\t{won}\t{answer.mode}\t{case.question}\t{text}\n")
    return text


if __name__ == "__main__":
    sys.exit(main())
