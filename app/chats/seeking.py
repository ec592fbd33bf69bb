"""What a search in conversations compares: words without case, accents and width."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")

_UNSEEN = ("Mn", "Cf", "Cs")
"""Categories of characters that a search passes over: accents, marks of layout, lone surrogates."""

MOST_WORDS = 20
"""Words of a search that count; who pastes a page means its beginning."""


def sought(text: str) -> str:
    """Return a text as a search sees it: compatible forms folded (Unicode Annex 15), no accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in parts if unicodedata.category(each) not in _UNSEEN)
    return _SPACES.sub(" ", plain).strip()


def seek(words: str) -> tuple[str, list[str]]:
    """Return the condition that a conversation holds each word, and the values it names."""
    parts = list(dict.fromkeys(sought(words).split()))[:MOST_WORDS]
    condition = (
        " AND (instr(sought, ?) OR EXISTS (SELECT 1 FROM said"
        " WHERE said.conversation = conversations.key AND instr(said.sought, ?)))"
    )
    return condition * len(parts), [part for part in parts for _ in range(2)]
