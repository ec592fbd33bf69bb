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
from bench.models import opened
from bench.questions import GoldQuestion
from bench.replies import Judged, Reply, judge
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
        llms: Language models, as settings name them; every system with a model answers with
            each.
        work: Folder for collections and kept replies.
        others_limit: Questions of a set that the others with a model are asked; None for all.
        keep: Whether replies of the others are kept and used again.
    """

    systems: Sequence[str]
    llms: Sequence[str]
    work: Path
    others_limit: int | None = None
    keep: bool = True


def run(plan: Plan, sets: Sequence[AnswerSet]) -> Results:
    """Ask every question of every system; the collections are made below ``plan.work``."""
    models = {name: found for name in plan.llms if (found := opened(name, plan.work))}
    metered = {name: Metered(found) for name, found in models.items()}
    try:
        return {each.name: _of_set(plan, each, metered) for each in sets}
    finally:
        for model in models.values():
            model.close()


@dataclass(frozen=True, slots=True)
class Column:
    """A system with a language model, if it takes one."""

    system: str
    llm: str
    title: str

    @property
    def is_ours(self) -> bool:
        """Whether it is Citewell."""
        return self.system in OURS


def columns(plan: Plan) -> list[Column]:
    """Return what is compared: each system with each model, one without a model once."""
    found = []
    for system in plan.systems:
        if system not in WITH_MODEL:
            found.append(Column(system, "none", system))
        elif len(plan.llms) == 1:
            found.append(Column(system, plan.llms[0], system))
        else:
            found += [Column(system, llm, f"{system}, {llm}") for llm in plan.llms]
    return found


def _of_set(plan: Plan, asked: AnswerSet, models: Mapping[str, Metered]) -> dict[str, list[Judged]]:
    _say(f"{asked.name}: ingesting")
    home = plan.work / asked.name
    settings = Settings(home=home, llm="none", llm_timeout=PATIENCE, embedding_precision=PRECISION)
    fill(settings, [asked.corpus])
    with open_retriever(settings=settings) as retriever:
        document = lru_cache(maxsize=None)(retriever.document)
        systems = {}
        for column in columns(plan):
            chosen = settings.model_copy(update={"llm": column.llm})
            given = Opened(retriever, models.get(column.llm), chosen)
            if (system := _opened(plan, asked.name, column, given)) is not None:
                systems[column] = system
        judged: dict[str, list[Judged]] = {column.title: [] for column in systems}
        for column, question, reply in _replies(plan, asked, systems):
            judged[column.title].append(judge(question, reply, document))
    return judged


def _opened(plan: Plan, name: str, column: Column, given: Opened) -> System | None:
    """Return a system that is ready; None if it is not installed."""
    try:
        ready = SYSTEMS[column.system](given)
    except ImportError as error:
        _say(f"{column.system} is left out, see bench/peers.txt: {error}")
        return None
    if not column.is_ours and plan.keep:
        folder = plan.work / "replies" / name
        return _keeping(ready, KeptReplies(folder, column.system, column.llm))
    ready(WARM_UP)
    return ready


def _keeping(system: System, kept: KeptReplies) -> System:
    def reply(question: GoldQuestion) -> Reply:
        known = kept.get(question)
        if known is None:
            known = system(question)
            kept.put(question, known)
        return known

    return reply


def _replies(
    plan: Plan, asked: AnswerSet, systems: Mapping[Column, System]
) -> Iterator[tuple[Column, GoldQuestion, Reply]]:
    """Yield the replies; systems take turns, so that what slows the machine slows them all."""
    chosen = few(asked.questions, plan.others_limit)
    for number, question in enumerate(asked.questions, 1):
        for column, system in systems.items():
            if column.is_ours or column.llm == "none" or question.id in chosen:
                yield column, question, system(question)
        if number % 25 == 0 or number == len(asked.questions):
            _say(f"{asked.name}: {number} of {len(asked.questions)}")


def few(questions: Sequence[GoldQuestion], limit: int | None) -> set[str]:
    """Return the ids of so many questions by chance; those of a lower limit are among them."""
    ids = sorted((each.id for each in questions), key=lambda i: sha256(i.encode()).hexdigest())
    return set(ids[:limit])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
