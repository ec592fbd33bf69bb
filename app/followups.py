"""Follow-ups turned into questions that stand alone, so that search finds what they are about.

A conversation helps to understand a question; it is never evidence. The rules carry over what the
last question was about: a name in place of a pronoun, the last question with its year or name
exchanged for "what about 2020?", or its words behind a question that is too short to stand alone.
What a model writes is taken only if it keeps the words of the question and adds none of its own.
Elgohary et al. (2019), "Can you unpack that? Learning to rewrite questions-in-context".
"""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Literal

from citewell.app.llms.factory import generation_settings
from citewell.app.llms.protocol import LanguageModel
from citewell.app.prompting import build_standalone
from citewell.retrieval.errors import ModelError, ModelUnreachable, NotConfigured
from citewell.retrieval.sentences import split_sentences
from citewell.retrieval.settings import Settings
from citewell.retrieval.words import STOP_WORDS, content_words, stems, words

MOST_TURNS = 6
"""Turns that are looked at, the last ones."""

MOST_TOPIC_WORDS = 8
"""Words of the conversation that are carried over."""

SHORT = 2
"""Content words; a question with fewer does not stand alone."""

REWRITING_SECONDS = 2.0
"""That a model may take. Passages are to be shown soon even when its server hangs."""

_UNABLE = frozenset({"bundled", "bundled-base", "tuned", "transformers", "gguf"})
"""Kinds of models that run in this process: the bundled one rewrites wrongly more often than not,
and on a processor a larger one takes longer than the rules are worse."""

_OPENER = re.compile(
    r"^(?:(?:and|but|so|then|ok|okay|oh|yes|no|well|thanks|thank you|please|i see|got it|nice)"
    r"(?:[\s,.!;:]+|$))+",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"^(?:what|how) about\s+", re.IGNORECASE)
_PREPOSITION = re.compile(r"^(?:in|for|at|of|on|with|from|by|during|the)\s+", re.IGNORECASE)
_BARE = re.compile(r"^(?:why|how|when|where|who|how (?:so|come|many|much))$", re.IGNORECASE)
_AUXILIARY = re.compile(
    r"^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|must)\b", re.I
)
_ASKING = re.compile(r"^(?:who|what|which|when|where|why|how|whose)\b", re.IGNORECASE)
_PERSON = re.compile(r"\b(?:he|she|him|his|hers?)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:it(?!\s+(?:(?:possible|necessary|important|true|safe|legal|allowed|better|worth)\b|"
    r"(?:cost|take)s?\b[^.?!]*\sto\s))|its|they|them|theirs?|he|she|him|his|hers?)\b",
    re.I,
)
_OWNING = re.compile(r"^(?:its|theirs?|his|hers?)$", re.IGNORECASE)
_POINTING = re.compile(
    r"\b(?:these|those|others?|another|else|same|former|latter|instead|also|too|which ones?|"
    r"this|(?:that|there)(?=\s*(?:$|[?.,!]|is|was|does|did|has|have|mean|happen|work|cost))|"
    r"(?:the|an?)?\s*(?:first|second|third|last|next|previous|only)?\s*ones?|"
    r"the (?:first|second|third|last|next|previous))\b(?!-)",
    re.IGNORECASE,
)
_KNOWN = re.compile(r"\b(?:the|this|that|these|those|such)\s+([a-z][\w’'-]*)")
_BREAK = re.compile(r"[,;.:]\s|\band\b|\bor\b")
_YEAR = re.compile(r"\b(?:1\d{3}|20\d{2})\b")
_NAME = re.compile(r"\b[A-Z][\w’'.&-]*(?:\s+(?:(?:of|the|de|von|van|for)\s+)*[A-Z0-9][\w’'.&-]*)*")
_NO_NAMES = frozenset(
    words(
        "yes no ok please thanks thank sorry tell explain january february march april may june "
        "july august september october november december monday tuesday wednesday thursday "
        "friday saturday sunday"
    )
)
_EDGES = " \t\n?!.,;:"


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that was asked before, as it was typed, and the answer; blank for none."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Standalone:
    """The question that is searched and answered.

    Attributes:
        by: ``asked``: it stood alone; ``rules`` or ``model``: made so.
    """

    question: str
    by: Literal["asked", "rules", "model"]


def standalone(
    question: str, history: Sequence[Turn], model: LanguageModel | None, settings: Settings
) -> Standalone:
    """Return the question that a follow-up stands for, in words that need no conversation.

    A question that stands alone stays as it is, whatever was said before.
    """
    ruled = by_rules(question, history)
    if ruled.by == "asked" or model is None or model.name.partition(":")[0] in _UNABLE:
        return ruled
    written = _rewritten(question, history[-MOST_TURNS:], model, settings)
    if not faithful(written, question, history[-MOST_TURNS:]):
        return ruled
    return Standalone(written, "model")


def faithful(written: str, question: str, history: Sequence[Turn]) -> bool:
    """Tell whether a rewritten question keeps the question's words and adds only those of history.

    Words that only point to something, such as ``the second one``, may go.
    """
    asked = set(stems(words(_POINTING.sub(" ", _OPENER.sub("", question)))))
    said = set(stems(words(" ".join(f"{turn.question} {turn.answer}" for turn in history))))
    found = set(stems(words(written)))
    free = set(stems(sorted(STOP_WORDS)))
    return bool(written) and asked - free <= found <= asked | said | free


def _rewritten(
    question: str, history: Sequence[Turn], model: LanguageModel, settings: Settings
) -> str:
    """Return what the model makes of a follow-up, on one line; blank when it fails."""
    plain = settings.model_copy(update={"technique": "zero-shot"})
    how = replace(
        generation_settings(plain), max_tokens=64, temperature=0.0, timeout=REWRITING_SECONDS
    )
    turns = [(turn.question, _first_sentence(turn.answer)) for turn in history]
    try:
        messages = build_standalone(question, turns, settings.prompts)
        with closing(model.stream(messages, how)) as pieces:
            reply = "".join(pieces)
    except (ModelError, ModelUnreachable, NotConfigured):
        return ""
    lines = reply.strip().splitlines()
    return lines[0].strip(" \"'") if lines else ""


def by_rules(question: str, history: Sequence[Turn]) -> Standalone:
    """Return a question that stands alone, made from the words of the conversation."""
    turns = [turn for turn in history if turn.question.strip()][-MOST_TURNS:]
    before: list[Turn] = []
    for turn in turns:
        before.append(Turn(_resolve(turn.question, before), turn.answer))
    made = _resolve(question, before)
    return Standalone(made, "asked" if made == question else "rules")


def needs_history(question: str, history: Sequence[Turn]) -> bool:
    """Tell whether a question leans on what was said before."""
    if not history:
        return False
    asked = question.strip(_EDGES)
    bare = _OPENER.sub("", asked)
    if bare != asked or _PRONOUN.search(bare) or _POINTING.search(bare) or _ABOUT.match(bare):
        return True
    if _too_short(bare):
        return True
    known = set(stems([word.lower() for word in _KNOWN.findall(bare)]))
    return bool(known & set(stems(words(f"{history[-1].question} {history[-1].answer}"))))


def _too_short(bare: str) -> bool:
    """Tell whether a question says too little: hardly a word, or two and no name or verb."""
    about = [word for word in content_words(bare) if word not in STOP_WORDS]
    whole = _ASKING.match(bare) or _AUXILIARY.match(bare) or _names(_begun_small(bare))
    return len(about) < (SHORT if whole else SHORT + 1)


def _begun_small(text: str) -> str:
    """Return a text without the capital that its first word owes to its place."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def _resolve(question: str, before: Sequence[Turn]) -> str:
    if not needs_history(question, before):
        return question
    last = before[-1]
    asked = _OPENER.sub("", question.strip(_EDGES))
    part = _PREPOSITION.sub("", _ABOUT.sub("", asked))
    if part != question.strip(_EDGES):
        exchanged = _exchanged(last.question, part)
        if exchanged:
            return exchanged
    if _BARE.match(asked):
        return _asked_of(asked, last.question)
    mark = "?" if question.rstrip().endswith("?") else ""
    return _with_names(f"{asked or question.strip()}{mark}", last)


def _exchanged(last: str, part: str) -> str:
    """Return the last question with its year, or its one name, exchanged for another."""
    if _YEAR.fullmatch(part):
        return _YEAR.sub(part, last) if len(_YEAR.findall(last)) == 1 else ""
    inside = list(_NAME.finditer(last, 1))
    if _NAME.fullmatch(part) and len(inside) == 1:
        name = inside[0]
        return f"{last[: name.start()]}{part}{last[name.end() :]}"
    return ""


def _asked_of(word: str, last: str) -> str:
    """Return ``Why`` before a last question that can be answered yes or no, else after it."""
    if _AUXILIARY.match(last):
        return f"{word.capitalize()} {last[0].lower()}{last[1:]}"
    return f"{last.strip()} {word.capitalize()}?"


def _with_names(question: str, last: Turn) -> str:
    """Put a name in place of a pronoun, or else what the last question was about behind it."""
    name = _topic_name(question, last)
    pronoun = _PRONOUN.search(question)
    if name and pronoun and not _has_antecedent(question[: pronoun.start()]):
        before, after = question[: pronoun.start()], question[pronoun.end() :]
        question = f"{before}{_in_place(pronoun[0], name)}{after}"
    held = set(stems(words(question)))
    carried = [word for word in _topic(last) if not set(stems(words(word))) <= held]
    if not carried:
        return question
    return f"{question} ({' '.join(carried[:MOST_TOPIC_WORDS])})"


def _has_antecedent(before: str) -> bool:
    """Tell whether a pronoun more likely stands for something in its own question."""
    return bool(_names(f"- {before}") or _BREAK.search(before))


def _in_place(pronoun: str, name: str) -> str:
    return f"{name}’s" if _OWNING.match(pronoun) else name


def _topic_name(question: str, last: Turn) -> str:
    """Return the name that a pronoun most likely stands for; blank if there is none.

    A person who was asked for stands in the answer.
    """
    asked, answered = _names(last.question), _names(_first_sentence(last.answer))
    new = [name for name in answered if name not in asked]
    order = [*new, *asked] if _PERSON.search(question) else [*asked, *new]
    return order[0] if order else ""


def _names(text: str) -> list[str]:
    """Return the names in a text, without the small words they begin with."""
    found: dict[str, None] = {}
    for match in _NAME.finditer(text):
        parts = match[0].split()
        while parts and (_plain(parts[0]) in STOP_WORDS or _plain(parts[0]) in _NO_NAMES):
            del parts[0]
        if parts:
            found[" ".join(parts).removesuffix("’s").removesuffix("'s").rstrip(".")] = None
    return list(found)


def _plain(word: str) -> str:
    return word.lower().rstrip(".")


def _first_sentence(text: str) -> str:
    spans = split_sentences(text)
    return text[slice(*spans[0])] if spans else ""


def _topic(last: Turn) -> list[str]:
    """Return the words that say what the last question was about, in its order."""
    kept = [word for word in content_words(last.question) if word not in STOP_WORDS]
    return list(dict.fromkeys(kept))
