"""Which questions want a sentence rather than a few words."""

import re

_EXPLAINS = re.compile(
    r"^\s*(?:and\s+)?(?:who|what)(?:['’]s| is| are| was| were) (?!the\b)"
    r"(?:an? )?[\w-]+(?: [\w-]+)?\s*\?*$|"
    r"^\s*(?:why\b|describe\b|explain\b|for what (?:reason|purpose)\b|what(?:['’]s| is| was) the "
    r"(?:purpose|reason|difference|role|function|meaning)\b|"
    r"how (?:do|does|did|is|are|was|were|can|could|would|has|have|had)\b)|"
    r"\bwhat (?:do|does|did|is|was|are|were) .*\b(?:mean|do|happen)\b|"
    r"\bwhy (?:do|does|did|is|was|are|were)\b",
    re.IGNORECASE,
)


def explains(question: str) -> bool:
    """Tell whether a question wants a sentence: why, how something is done, what or who it is.

    English only; of other languages, and where nothing tells, it is taken to want words.
    """
    return _EXPLAINS.search(question) is not None
