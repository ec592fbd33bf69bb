"""The measures of answers, each over the replies that it is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.answer_risk import area, declined_at
from bench.answer_scores import count_words
from bench.replies import Judged, citations, short_answers
from citewell.app.tuning.intervals import Estimate, Statistic, estimate, mean, percentile

Values = Callable[[Sequence[Judged]], list[float]]


@dataclass(frozen=True, slots=True)
class Measure:
    """What is read off the replies of a system to a set.

    Attributes:
        values: One for each case it counts; none where it says nothing about a set.
        statistic: Of these values.
        whole: Reads all replies at once, instead of the two above.
        digits: Behind the point.
        by_kind: Whether kinds of unanswerable questions are told apart too.
    """

    values: Values = lambda judged: []
    statistic: Statistic = mean
    whole: Callable[[Sequence[Judged]], Estimate] | None = None
    digits: int = 3
    by_kind: bool = False

    def of(self, judged: Sequence[Judged]) -> Estimate:
        """Return the measure of these replies."""
        if self.whole:
            return self.whole(judged)
        return estimate(self.values(judged), self.statistic)

    @property
    def is_mean(self) -> bool:
        """Whether a mean over sets makes sense."""
        return self.whole is None and self.statistic is mean


def _asked(judged: Sequence[Judged]) -> list[Judged]:
    return [each for each in judged if each.question.answerable]


def _said(judged: Sequence[Judged]) -> list[Judged]:
    return [each for each in judged if not each.reply.declined]


def _of_kind(judged: Sequence[Judged], *, underspecified: bool) -> list[Judged]:
    """Return the questions without an answer, those to be asked back or the others."""
    return [
        each
        for each in judged
        if not each.question.answerable
        and (each.question.kind == "underspecified") is underspecified
    ]


def _with_rule(judged: Sequence[Judged]) -> list[Judged]:
    return [each for each in _asked(judged) if each.question.rule != "long"]


def _long(judged: Sequence[Judged]) -> list[Judged]:
    return [each for each in _asked(judged) if each.question.rule == "long"]


def _checked(judged: Sequence[Judged]) -> list[float]:
    return [float(is_checked) for each in _said(judged) for is_checked in each.checked]


def _cites(judged: Sequence[Judged]) -> list[float]:
    return [float(bool(s.cited)) for each in _said(judged) for s in each.reply.sentences]


def _holding(judged: Sequence[Judged]) -> list[float]:
    short = [each for each in judged if short_answers(each.question)]
    return [float(held) for _, held, _ in citations(short)]


MEASURES: dict[str, Measure] = {
    "right in 40 words": Measure(lambda j: [float(e.right) for e in _with_rule(j)]),
    "token F1": Measure(lambda j: [e.f1 for e in _asked(j)]),
    "ROUGE-L": Measure(lambda j: [e.rouge for e in _long(j)]),
    "recall of gold words": Measure(lambda j: [e.recall for e in _long(j)]),
    "words, median": Measure(
        lambda j: [float(count_words(e.reply.text)) for e in _said(j)], percentile(0.5), digits=0
    ),
    "citation precision": Measure(lambda j: [float(both) for *_, both in citations(_asked(j))]),
    "citations on gold": Measure(lambda j: [float(gold) for gold, *_ in citations(_asked(j))]),
    "citations that hold a short answer": Measure(_holding),
    "sentences with a checked citation": Measure(_checked),
    "sentences with a citation": Measure(_cites),
    "declined, unanswerable": Measure(
        lambda j: [float(e.reply.declined) for e in _of_kind(j, underspecified=False)],
        by_kind=True,
    ),
    "declined, answerable (false)": Measure(lambda j: [float(e.reply.declined) for e in _asked(j)]),
    "declined, unanswerable, at 15 % false": Measure(whole=declined_at, by_kind=True),
    "area under risk and coverage": Measure(whole=area),
    "asked back, underspecified": Measure(
        lambda j: [float(e.reply.asked_back) for e in _of_kind(j, underspecified=True)]
    ),
    "misled by a false document": Measure(
        lambda j: [float(e.misled) for e in _asked(j) if e.question.fake]
    ),
    "generated, of answers": Measure(
        lambda j: [float(e.reply.mode == "generated") for e in _said(j)]
    ),
    "document found, of five": Measure(
        lambda j: [float(1 <= e.found <= 5) for e in _asked(j) if e.question.documents]
    ),
    "tokens in, median": Measure(
        lambda j: [float(e.reply.tokens[0]) for e in j], percentile(0.5), digits=0
    ),
    "tokens out, median": Measure(
        lambda j: [float(e.reply.tokens[1]) for e in j], percentile(0.5), digits=0
    ),
}

TIMES: dict[str, Measure] = {
    "seconds to the first sentence, median": Measure(
        lambda j: [e.reply.first for e in j if e.reply.first is not None], percentile(0.5)
    ),
    "seconds to the first sentence, 95th percentile": Measure(
        lambda j: [e.reply.first for e in j if e.reply.first is not None], percentile(0.95)
    ),
    "seconds to the end, median": Measure(lambda j: [e.reply.seconds for e in j], percentile(0.5)),
    "seconds to the end, 95th percentile": Measure(
        lambda j: [e.reply.seconds for e in j], percentile(0.95)
    ),
}
"""Only where nothing is kept and systems take turns."""
