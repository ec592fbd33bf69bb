"""Whether a sentence of a small model's draft stands, or the documents' own words answer better.

Such a model must not make an answer worse than the sentences it comes from.
"""

from collections.abc import Sequence

from citewell.app.composing import plain
from citewell.app.counts import counts_another
from citewell.app.explanations import explains
from citewell.app.extracts import Extract, count_words
from citewell.app.features import kind_matches

MORE_DIRECT = 2 / 3
"""Words of a draft, against the quote that says the same, above which it is only a repeat."""


def taught_gives_way(text: str, question: str, extracts: Sequence[Extract]) -> bool:
    """Tell whether a sentence of a model that was taught gives way to what would be quoted.

    It must say what the reader found: where it did, 44 of 49 were right, and where not, 26 of 55,
    of the quotes 37. It must be of the kind that is asked for, such as a date, and count what is
    to be counted. Where an explanation is asked for, it must be more than a part of the quote.
    """
    found = [each for each in extracts if each.scored.focus is not None]
    if found and not any(says_focus(text, each) for each in found):
        return True
    quoted = " ".join(each.text for each in extracts)
    return (
        _is_of_another_kind(question, text)
        or counts_another(question, text, quoted)
        or (explains(question) and _is_in(text, quoted))
    )


def untaught_gives_way(text: str, extracts: Sequence[Extract], spare: int) -> bool:
    """Tell whether a sentence of a model as it comes gives way to the quote it stands beside.

    Args:
        spare: Words that the answer has left for it. It must say what the quote does in fewer.
    """
    length = count_words(text)
    says = any(
        says_focus(text, each) and length <= MORE_DIRECT * count_words(each.text)
        for each in extracts
    )
    return not says or length > spare


def says_focus(text: str, extract: Extract) -> bool:
    """Tell whether a text holds the words of an extract that likely are the answer."""
    focus, candidate = extract.scored.focus, extract.scored.candidate
    if focus is None:
        return False
    words = candidate.text[focus[0] - candidate.start : focus[1] - candidate.start]
    return words.casefold() in text.casefold()


def _is_in(text: str, quoted: str) -> bool:
    return plain(text).rstrip(" .!?").casefold() in plain(quoted).casefold()


def _is_of_another_kind(question: str, text: str) -> bool:
    """Tell whether a text has no name, date or number where one is asked for; any digit will do."""
    return kind_matches(question, text) < 0 and not any(map(str.isdigit, text))
