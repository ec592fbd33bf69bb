"""Each sentence of a draft is tied to the evidence that supports it, or is refused with a reason.

The model's markers are a hint. The places it named come first, then what it was shown, then the
rest that was found, then the page and the document it named. What is taken from elsewhere must be
about the same names, for a figure of another company is no correction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from citewell.app.answer_values import CitationState
from citewell.app.drafting import DraftSentence
from citewell.app.entailment import Entailment
from citewell.app.evidence import Scored
from citewell.app.pairing import halves, joined
from citewell.app.sources import asked_names, passage_stems, source_for, source_of
from citewell.app.support import Support, says_nothing_new, supports
from citewell.app.tokens import tokens
from citewell.app.widening import in_its_document, on_its_page
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.words import stems, words

MOST_PAIRED = 12
"""Pieces of evidence that are tried two by two."""

NOTHING_SAYS_IT = "no evidence says this"


@dataclass(frozen=True, slots=True)
class Checks:
    """What sentences are checked with.

    Attributes:
        retriever: For the stored text and the embedding model.
        entailment: A model that tells whether a text says a sentence; None for none.
    """

    retriever: Retriever
    entailment: Entailment | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """The evidence that supports a sentence, and whether the model had pointed to it.

    Attributes:
        evidence: One piece, or two that say it together.
    """

    evidence: tuple[Scored, ...]
    state: CitationState


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no evidence supports a sentence, in plain words. It counts as False."""

    reason: str

    def __bool__(self) -> Literal[False]:
        return False


def tie(
    sentence: DraftSentence,
    question: str,
    shown: Sequence[Scored],
    others: Sequence[Scored],
    checks: Checks | None = None,
) -> Tie | Refused:
    """Return the evidence that supports a sentence of a draft, or why none does.

    Where the support stands elsewhere than the model pointed, the tie is ``corrected``.

    Args:
        sentence: Of the draft, with the numbers it named.
        question: As it was searched.
        shown: What the model was shown, in the order of its numbers.
        others: What was found beside.
        checks: Without them, only what was found is compared, and only by its words.
    """
    if not sentence.finished:
        return Refused("it breaks off")
    if says_nothing_new(sentence.text, question):
        return Refused("it says nothing that the question does not")
    named = [shown[n - 1] for n in dict.fromkeys(sentence.markers) if 0 < n <= len(shown)]
    search = _Search(sentence.text, question, shown, checks)
    hinted = bool(sentence.markers)
    for group, moved in search.groups(named, others):
        found = search.among(group, moved=moved or not hinted)
        if found:
            return Tie(found, "corrected" if moved and hinted else "verified")
    return Refused(search.reason)


@dataclass
class _Search:
    """The search for what supports one sentence; it keeps the reason of the nearest miss."""

    text: str
    question: str
    shown: Sequence[Scored]
    checks: Checks | None
    nearest: float = -1.0
    reason: str = NOTHING_SAYS_IT

    def groups(
        self, named: Sequence[Scored], others: Sequence[Scored]
    ) -> Iterator[tuple[Sequence[Scored], bool]]:
        """Yield the pieces of evidence to try, nearest first, each with whether it is elsewhere."""
        yield named, False
        yield self.shown, True
        yield others, True
        if self.checks is None:
            return
        for widen in (on_its_page, in_its_document):
            for item in named:
                yield widen(item, self.text, self.checks.retriever), True

    def among(self, group: Sequence[Scored], *, moved: bool) -> tuple[Scored, ...]:
        """Return what of a group supports the sentence best; empty if nothing does."""
        found = [(item, self._support(item, moved=moved)) for item in group]
        held = [(item, each) for item, each in found if each.holds]
        for item, _ in sorted(held, key=lambda pair: -pair[1].coverage):
            if self._agrees((item,)):
                return (item,)
        if any(each.contradicts for _, each in found):
            return ()  # two pieces that say it would have to overrule this one
        found.sort(key=lambda pair: -pair[1].coverage)
        return self._two([item for item, _ in found[:MOST_PAIRED]], moved=moved)

    def _support(self, item: Scored, *, moved: bool) -> Support:
        found = self._compare(self.text, item)
        if found.holds and moved and not self._is_about(item):
            found = Support(found.coverage, "what says it is about something else")
        if not found.holds and found.coverage > self.nearest:
            self.nearest = found.coverage
            self.reason = found.conflict or NOTHING_SAYS_IT
        return found

    def _compare(self, text: str, item: Scored) -> Support:
        return supports(text, source_for(item, text, self.question), self.question)

    def _is_about(self, item: Scored) -> bool:
        """Tell whether evidence from elsewhere is about what the question names.

        Of the names in the question those count that the sentence says; where it says none of
        them, those that stand in what the model was shown.
        """
        asked = asked_names(self.question)
        held = passage_stems(item.candidate.passage)
        said = asked & set(stems(words(self.text)))
        if said or not asked:
            return said <= held
        known = set[str]().union(*(passage_stems(each.candidate.passage) for each in self.shown))
        return asked & known <= held

    def _two(self, group: Sequence[Scored], *, moved: bool) -> tuple[Scored, ...]:
        """Return two neighbouring sentences, or two pieces that say half of the sentence each."""
        for item in group:
            whole = joined(item)
            if whole and self._support(whole, moved=moved).holds and self._agrees((whole,)):
                return (whole,)
        for left, right in halves(self.text):
            first = self._best(left, group, moved=moved)
            if first is None:
                continue
            second = self._best(right, [each for each in group if each is not first], moved=moved)
            if second and self._same_subject(second) and self._agrees((first, second)):
                return (first, second)
        return ()

    def _best(self, half: str, group: Sequence[Scored], *, moved: bool) -> Scored | None:
        found = [(self._compare(half, item), item) for item in group]
        held = [(each.coverage, item) for each, item in found if each.holds]
        held = [each for each in held if not moved or self._is_about(each[1])]
        return max(held, key=lambda pair: pair[0])[1] if held else None

    def _same_subject(self, item: Scored) -> bool:
        """Tell whether evidence holds what the sentence begins with: what it is about."""
        source = source_of(item)
        subject = tokens(self.text, source.language)[:1]
        held = tokens(f"{source.text} {source.beside}", source.language)
        return bool(subject) and subject[0].stem in {token.stem for token in held}

    def _agrees(self, found: tuple[Scored, ...]) -> bool:
        """Ask the models, if there are any, whether evidence says the sentence."""
        if self.checks is None:
            return True
        quote = " ".join(item.candidate.text for item in found)
        text = f"{source_of(found[0]).beside} {quote}".strip()
        if self.checks.entailment and not self.checks.entailment.entails(text, self.text):
            self.reason = "the entailment model finds that the source does not say this"
            return False
        return True
