"""Asks the questions: every system in turn, and what is known of the others is not asked again."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from bench.answer_cache import KeptReplies
from bench.answer_peers import System
from bench.answer_sets import AnswerSet
from bench.answer_systems import OURS, SYSTEMS, WITH_MODEL, Opened
from bench.collection import fill
from bench.metered import Metered
from bench.questions import GoldQuestion
from bench.replies import Judged, Reply, judge
from citewell.app.llms.factory import open_model
from citewell.retrieval.embedding_files import Precision
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.settings import Settings

PRECISION: Precision = "fp32"
"""Of the vectors: the same on every processor, so that figures can be compared."""

PATIENCE = 600
"""Seconds a model may take: a machine that does other things too is to change no answer."""

WARM_UP = GoldQuestion("", "What is this about?", (), frozenset(), (), False)
"""Asked first and not counted, so that loading the models is in no figure."""

Results = dict[str, dict[str, list[Judged]]]
"""By set and by system."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run.

    Attributes:
        systems: Names of them.
        llm: Language model, as settings name it.
        work: Folder for collections and kept replies.
        others_limit: Questions of a set that the others with a model are asked; None for all.
        keep: Whether replies of the others are kept and used again.
    """

    systems: Sequence[str]
    llm: str
    work: Path
    others_limit: int | None = None
    keep: bool = True


def run(plan: Plan, sets: Sequence[AnswerSet]) -> Results:
    """Ask every question of every system; the collections are made below ``plan.work``."""
    found = open_model(plan.llm, Settings(home=plan.work, llm=plan.llm))
    model = Metered(found) if found else None
    try:
        return {each.name: _of_set(plan, each, model) for each in sets}
    finally:
        if model:
            model.close()


def _of_set(plan: Plan, asked: AnswerSet, model: Metered | None) -> dict[str, list[Judged]]:
    _say(f"{asked.name}: ingesting")
    home = plan.work / asked.name
    settings = Settings(
        home=home,
        llm=plan.llm,
        llm_timeout=PATIENCE,
        embedding_precision=PRECISION,
    )
    fill(settings, [asked.corpus])
    with open_retriever(settings=settings) as retriever:
        document = lru_cache(maxsize=None)(retriever.document)
        systems = dict(_opened(plan, asked.name, Opened(retriever, model, settings)))
        judged: dict[str, list[Judged]] = {name: [] for name in systems}
        for name, question, reply in _replies(plan, asked, systems):
            judged[name].append(judge(question, reply, document))
    return judged


def _opened(plan: Plan, name: str, opened: Opened) -> Iterator[tuple[str, System]]:
    """Yield the systems that are installed."""
    for system in plan.systems:
        try:
            ready = SYSTEMS[system](opened)
        except ImportError as error:
            _say(f"{system} is left out, see bench/peers.txt: {error}")
            continue
        if system in OURS or not plan.keep:
            ready(WARM_UP)
            yield system, ready
        else:
            used = plan.llm if system in WITH_MODEL else "none"
            yield system, _keeping(ready, KeptReplies(plan.work / "replies" / name, system, used))


def _keeping(system: System, kept: KeptReplies) -> System:
    def reply(question: GoldQuestion) -> Reply:
        known = kept.get(question)
        if known is None:
            known = system(question)
            kept.put(question, known)
        return known

    return reply


def _replies(
    plan: Plan, asked: AnswerSet, systems: Mapping[str, System]
) -> Iterator[tuple[str, GoldQuestion, Reply]]:
    """Yield the replies; systems take turns, so that what slows the machine slows them all."""
    chosen = few(asked.questions, plan.others_limit)
    for number, question in enumerate(asked.questions, 1):
        for name, system in systems.items():
            if name in OURS or name not in WITH_MODEL or question.id in chosen:
                yield name, question, system(question)
        if number % 25 == 0 or number == len(asked.questions):
            _say(f"{asked.name}: {number} of {len(asked.questions)}")


def few(questions: Sequence[GoldQuestion], limit: int | None) -> set[str]:
    """Return the ids of so many questions by chance; those of a lower limit are among them."""
    ids = sorted((each.id for each in questions), key=lambda i: sha256(i.encode()).hexdigest())
    return set(ids[:limit])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
