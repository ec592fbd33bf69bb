"""Measure whether gold evidence stands in what is stored, on the page it comes from.

``python -m bench.gold QUESTIONS --corpus FOLDER``. Rows with ``gold_passages``,
``gold_pages_1based`` and ``gold_page_docs`` are looked up on their pages; the figures in the
``answers`` of rows without passages are looked up in their ``gold_doc_ids``.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from bench.collection import home_folder
from bench.questions import read_rows
from citewell.ingest.folder import scan
from citewell.ingest.workers import ReaderPool, ReadJob
from citewell.retrieval.values import Document

WHOLE = 0.95
"""Share of its words from which an evidence text counts as kept."""

_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")
_FIGURE = re.compile(r"\d[\d,.]*\d|\d")


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of an evidence text stands on its page.

    Attributes:
        words: Share of its words, counted as often as they come.
        ordered: Share of its words that stand there in its order.
    """

    id: str
    words: float
    ordered: float


def main(argv: Sequence[str] | None = None) -> int:
    """Print the shares."""
    parser = argparse.ArgumentParser(prog="python -m bench.gold", description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    args = parser.parse_args(argv)
    rows = [row for _, row in read_rows(args.questions) if row["answerable"]]
    documents = _read(args.corpus)
    kept = [each for row in rows for each in _evidence(row, documents)]
    if kept:
        whole = sum(each.words >= WHOLE for each in kept)
        print(f"{len(kept)} evidence texts; on the right page:")
        print(f"  at least {WHOLE:.0%} of the words of {whole} ({whole / len(kept):.3f})")
        print(f"  words, mean {_mean(kept, 'words'):.3f}, least {min(e.words for e in kept):.3f}")
        print(f"  words in order, mean {_mean(kept, 'ordered'):.3f}")
        for each in sorted(kept, key=lambda each: each.words)[:5]:
            print(f"  {each.id}: words {each.words:.3f}, in order {each.ordered:.3f}")
    found = [there for row in rows for there in _figures(row, documents)]
    if found:
        print(f"{len(found)} figures of answers, {sum(found)} in their documents", end=" ")
        print(f"({sum(found) / len(found):.3f})")
    return 0


def _read(corpus: Path) -> dict[str, Document]:
    """Return the documents of a folder by their file's name without its ending."""
    with home_folder() as home, ReaderPool(2, 60.0, 1024) as pool:
        files = scan([corpus], 500, home).files
        outcomes = pool.read([ReadJob(file.path, file.name) for file in files])
        return {
            document.name.rpartition("/")[2].rpartition(".")[0]: document
            for outcome in outcomes
            for document in outcome.documents
        }


def _evidence(row: dict[str, Any], documents: dict[str, Document]) -> Iterator[Kept]:
    places = zip(row.get("gold_page_docs", ()), row.get("gold_pages_1based", ()), strict=True)
    for passage, (name, number) in zip(row["gold_passages"], places, strict=False):
        document = documents[name]
        page = document.pages[number - 1]
        wanted = _words(passage)
        there = _words(document.text[page.start : page.end])
        common = (Counter(wanted) & Counter(there)).total()
        blocks = SequenceMatcher(None, wanted, there, autojunk=False).get_matching_blocks()
        ordered = sum(block.size for block in blocks)
        yield Kept(row["id"], common / len(wanted), ordered / len(wanted))


def _figures(row: dict[str, Any], documents: dict[str, Document]) -> Iterator[bool]:
    """Yield for each figure of the answers whether it stands in a document that is named."""
    if row["gold_passages"]:
        return
    texts = [documents[name.rpartition(".")[0]].text for name in row["gold_doc_ids"]]
    there = {figure for text in texts for figure in _FIGURE.findall(text)}
    answers = " ".join(row["answers"])
    for figure in dict.fromkeys(_FIGURE.findall(re.sub(r"\(SOURCE[^)]*\)", "", answers))):
        if "," in figure or "." in figure:
            yield figure in there


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _mean(kept: Sequence[Kept], name: str) -> float:
    return float(sum(getattr(each, name) for each in kept)) / len(kept)


if __name__ == "__main__":
    sys.exit(main())
