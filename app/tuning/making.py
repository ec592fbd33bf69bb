"""A set of examples, made of what was found for questions."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from citewell.app.tuning.conflicts import conflicting
from citewell.app.tuning.examples import Example, Kind, Split
from citewell.app.tuning.finding import Found
from citewell.app.tuning.generated_tables import table_example
from citewell.app.tuning.injected import injected
from citewell.app.tuning.mixture import INJECTED_ANSWERED, SHARES
from citewell.app.tuning.others import Names
from citewell.app.tuning.plain_kinds import absent, answered, unanswerable
from citewell.app.tuning.selecting import gold_of
from citewell.app.tuning.several import Asked, pairs, several
from citewell.app.tuning.splits import split_of

Picks = Callable[[str], random.Random]
"""Returns the random numbers for a thing: the same for the same name, whatever else is made."""


@dataclass(frozen=True, slots=True)
class Made:
    """A made set.

    Attributes:
        examples: In random order, those of all splits together.
        left_out: How many questions were not used, or not for a kind, by what was in the way.
    """

    examples: tuple[Example, ...]
    left_out: Mapping[str, int]


def make(found: Sequence[Found], seed: int) -> Made:
    """Make a set in the shares of `mixture`; the same for the same questions and seed.

    The questions that are answered say how large it is: there is one example of each.
    """
    made = _Making(seed)
    made.answer(found)
    counts = {kind: round(share * made.total) for kind, share in SHARES.items()}
    refused = made.refuse(found, counts)
    made.take("absent", counts["absent"] + counts["unanswerable"] - refused, made.absent())
    made.take("several", counts["several"], made.several())
    made.take("conflict", counts["conflict"], made.conflicts())
    made.take("injected", counts["injected"], made.injected())
    made.take("table", counts["table"], made.tables())
    examples = list({each.id: each for each in made.examples}.values())
    made.picks("order").shuffle(examples)
    return Made(tuple(examples), dict(sorted(made.left_out.items())))


class _Making:
    """A set on its way."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.examples: list[Example] = []
        self.left_out: Counter[str] = Counter()
        self.asked: list[Asked] = []
        self.plain: dict[str, Example] = {}

    def picks(self, name: str) -> random.Random:
        return random.Random(f"{self.seed} {name}")

    @property
    def total(self) -> float:
        """How many examples there are to be of all kinds."""
        return len(self.plain) / (SHARES["answer"] + SHARES["sentence"])

    def answer(self, found: Sequence[Found]) -> None:
        """Make an example of each question that is answered."""
        for each in found:
            if not each.question.answerable:
                continue
            gold = gold_of(each)
            if isinstance(gold, str):
                self.left_out[gold] += 1
                continue
            question = each.question
            made = answered(each, gold, self._split(each), self.picks(f"answer {question.id}"))
            if isinstance(made, str):
                self.left_out[made] += 1
                continue
            self.asked.append(Asked(each, gold))
            self.plain[question.id] = made
            self.examples.append(made)

    def refuse(self, found: Sequence[Found], counts: Mapping[Kind, int]) -> int:
        """Make examples of questions that the documents do not answer; return how many."""
        able = [each for each in found if not each.question.answerable]
        self.picks("unanswerable").shuffle(able)
        ways = (
            unanswerable(each, self._split(each), self.picks(f"unanswerable {each.question.id}"))
            for each in able
        )
        return self.take("unanswerable", counts["unanswerable"], ways)

    def take(self, kind: Kind, count: int, ways: Iterator[Example | str]) -> int:
        """Take so many examples; what stood in the way of others is counted."""
        taken = list(islice(self._able(kind, ways), max(count, 0)))
        self.examples += taken
        return len(taken)

    def absent(self) -> Iterator[Example | str]:
        for each in self._shuffled("absent"):
            pick = self.picks(f"absent {each.found.question.id}")
            yield absent(each.found, self._split(each.found), pick)

    def several(self) -> Iterator[Example | str]:
        ways = list(pairs(self.asked, self.picks("pairs")))
        self.picks("several").shuffle(ways)
        for one, other in ways:
            pick = self.picks(f"several {one.found.question.id}")
            yield several(one, other, self._split(one.found), pick)

    def conflicts(self) -> Iterator[Example | str]:
        said = [(each.found.question.text, each.gold.said) for each in self.asked]
        names = Names.of(said)
        for each in self._shuffled("conflict"):
            question = each.found.question
            pick = self.picks(f"conflict {question.id}")
            made = answered(each.found, each.gold, self._split(each.found), pick)
            if isinstance(made, Example) and made.kind == "answer":
                yield conflicting(made, names, pick)

    def injected(self) -> Iterator[Example | str]:
        """Yield other choices of evidence with an instruction in them."""
        refused = iter([each for each in self.examples if each.kind == "unanswerable"])
        for each in self._shuffled("injected"):
            pick = self.picks(f"injected {each.found.question.id}")
            made = answered(each.found, each.gold, self._split(each.found), pick)
            if pick.random() >= INJECTED_ANSWERED:
                made = next(refused, made)
            yield made if isinstance(made, str) else injected(made, pick)

    def tables(self) -> Iterator[Example | str]:
        prose: dict[Split, list[Example]] = {"train": [], "validation": [], "test": []}
        for each in self.plain.values():
            prose[each.split].append(each)
        number = 0
        while True:
            document = f"table-{number:05}"
            split = split_of(document)
            pick = self.picks(document)
            other = pick.choice(prose[split]).evidence[0] if prose[split] else None
            yield table_example(document, split, other, pick)
            number += 1

    def _able(self, kind: Kind, ways: Iterator[Example | str]) -> Iterator[Example]:
        for way in ways:
            if isinstance(way, str):
                self.left_out[f"{kind}: {way}"] += 1
            else:
                yield way

    def _shuffled(self, name: str) -> list[Asked]:
        able = list(self.asked)
        self.picks(name).shuffle(able)
        return able

    def _split(self, found: Found) -> Split:
        names = found.question.documents
        return split_of(names[0] if names else found.question.id)
