"""One system, opened and warm in a process of its own: ``python -m bench.search_worker TASK``.

The task is a file of JSON; what was found is printed as JSON.
"""

import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bench.ingest_peers import model_folder
from bench.search_load import Clients, Load, Search, memory_mib, take_turns
from bench.search_store import PEER_COLLECTION
from citewell.retrieval.retriever import open_retriever
from citewell.retrieval.values import SearchMode

WARM = 30
"""Searches before anything is measured: models and indexes are loaded, caches are not empty."""

K = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way to search.

    Attributes:
        where: A filter; of the peer, a value of ``shelf`` or ``half`` as ``shelf=7``.
        labels: Of the caller.
    """

    name: str
    mode: SearchMode = "hybrid"
    where: str = ""
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is to do, in this order.

    Attributes:
        system: ``citewell`` or ``langchain``.
        folder: Its store.
        questions: A file with one a line; none is asked twice.
        turns: Groups of ways that one client takes turns with.
        each: Searches of each way in a group.
        clients: How many search at once, one case each, in the first way of the first group.
        seconds: Of each such case.
    """

    system: str
    folder: str
    questions: str
    turns: tuple[tuple[Way, ...], ...]
    each: int
    clients: tuple[int, ...] = ()
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Found:
    """What a worker measured.

    Attributes:
        mib: Resident memory once opened, after the first search, and at the end.
    """

    loads: tuple[Load, ...]
    mib: tuple[float, ...] = field(default=())


Open = Callable[[Way], Search]


def main() -> int:
    """Do the task of a file and print what was found on the last line."""
    task = read_task(json.loads(Path(sys.argv[1]).read_text("utf-8")))
    with ExitStack() as stack:
        opened = SYSTEMS[task.system](task.folder, stack)
        print(json.dumps(asdict(work(task, opened))))
    return 0


def work(task: Task, opened: Open) -> Found:
    """Measure what a task asks for."""
    questions = iter(Path(task.questions).read_text("utf-8").splitlines())
    mib = [memory_mib()]
    every = [way for group in task.turns for way in group]
    opened(every[0])(next(questions))
    mib.append(memory_mib())
    for way in every:
        for question in islice(questions, WARM // len(every) + 1):
            opened(way)(question)
    loads = [load for group in task.turns for load in _group(group, opened, questions, task.each)]
    for clients in task.clients:
        search = opened(every[0])
        loads.append(Clients(questions).run(every[0].name, search, clients, task.seconds))
    return Found(tuple(loads), (*mib, memory_mib()))


def _group(group: Sequence[Way], opened: Open, questions: Iterator[str], each: int) -> list[Load]:
    searches = {way.name: opened(way) for way in group}
    return list(take_turns(searches, questions, each).values())


def read_task(row: Mapping[str, Any]) -> Task:
    """Return a task that was written as JSON."""
    turns = tuple(
        tuple(Way(**{**way, "labels": tuple(way["labels"])}) for way in group)
        for group in row["turns"]
    )
    return Task(**{**row, "turns": turns, "clients": tuple(row["clients"])})


def read_found(line: str) -> Found:
    """Return what a worker printed."""
    row = json.loads(line)
    loads = (
        Load(**{**load, "errors": tuple(load["errors"]), "mib": tuple(load["mib"])})
        for load in row["loads"]
    )
    return Found(tuple(loads), tuple(row["mib"]))


def _citewell(folder: str, stack: ExitStack) -> Open:
    retriever = stack.enter_context(open_retriever(folder))

    def way_to_search(way: Way) -> Search:
        view = retriever.seen_by(way.labels)
        return partial(view.search, k=K, mode=way.mode, where=way.where or None)

    return way_to_search


def _langchain(folder: str, stack: ExitStack) -> Open:
    """The retriever of LangChain's tutorial over a Chroma collection on the disk."""
    huggingface: Any = importlib.import_module("langchain_huggingface")
    chroma: Any = importlib.import_module("langchain_chroma")
    store = chroma.Chroma(
        collection_name=PEER_COLLECTION,
        embedding_function=huggingface.HuggingFaceEmbeddings(model_name=model_folder()),
        persist_directory=folder,
    )

    def way_to_search(way: Way) -> Search:
        keywords: dict[str, Any] = {"k": K}
        if way.where:
            key, value = way.where.split("=")
            keywords["filter"] = {key: value}
        search: Search = store.as_retriever(search_kwargs=keywords).invoke
        return search

    return way_to_search


SYSTEMS: Mapping[str, Callable[[str, ExitStack], Open]] = {
    "citewell": _citewell,
    "langchain": _langchain,
}

if __name__ == "__main__":
    sys.exit(main())
