"""Each sentence of a draft is tied to the evidence that supports it, or is not shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from citewell.app.answer_values import CitationState
from citewell.app.drafting import DraftSentence
from citewell.app.evidence import Scored
from citewell.app.support import Support, says_nothing_new, support


@dataclass(frozen=True, slots=True)
class Tie:
    """The evidence that supports a sentence, and whether the model had pointed to it."""

    evidence: Scored
    state: CitationState


def tie(
    sentence: DraftSentence, question: str, shown: Sequence[Scored], others: Sequence[Scored]
) -> Tie | None:
    """Return the evidence that supports a sentence of a draft, or None when none does.

    The sentences that the model named come first, then those it was shown, then the others
    that were found. The model's markers are a hint: where the support stands elsewhere, the
    tie is ``corrected``.
    """
    if not sentence.finished or says_nothing_new(sentence.text, question):
        return None
    named = [shown[n - 1] for n in dict.fromkeys(sentence.markers) if 0 < n <= len(shown)]
    for group in (named, shown, others):
        best = _best(sentence.text, group)
        if best is not None:
            moved = bool(sentence.markers) and best not in named
            return Tie(best, "corrected" if moved else "verified")
    return None


def _best(sentence: str, group: Sequence[Scored]) -> Scored | None:
    """Return the first of the group that supports the sentence best."""
    best: tuple[float, Scored] | None = None
    for item in group:
        found = _support(sentence, item)
        if found.holds and (best is None or found.coverage > best[0]):
            best = (found.coverage, item)
    return best[1] if best else None


def _support(sentence: str, item: Scored) -> Support:
    passage = item.candidate.passage
    context = " ".join((passage.title, *passage.chunk.headings))
    return support(sentence, item.candidate.text, context)
