"""Documents are data: their text made fit to stand in a prompt, between fences it cannot close.

Evidence is put on one line each, so no text of it begins a line. What chat templates use to mark
turns (``<|im_start|>``, ``[INST]``, ``### Instruction``, ``Human:``) is taken apart and so are
our own markers and fences, whatever the document holds. Nothing here is random: the same evidence
gives the same prompt, which a prefix cache rests on.
See OWASP Top 10 for LLM applications 2026, LLM01 Prompt Injection, and Hines et al. (2024),
"Defending against indirect prompt injection attacks with spotlighting".
"""

import re
from collections.abc import Sequence

from citewell.app.answer_values import Evidence
from citewell.app.named_cells import named_cells
from citewell.retrieval.visible import visible

OPENING = "<evidence>"
CLOSING = "</evidence>"
"""The lines around the evidence; `harmless` text holds neither."""

LONGEST_RUN = 4
"""Most repetitions of the same words or signs that stay; more become one."""

LONGEST_CODE = 120
"""Most characters without a space, such as base64, that stay; of more, the first half does."""

_ROLES = (
    "system|user|assistant|human|ai|bot|chatbot|model|developer|tool|function|admin|"
    "instructions?|prompt|response|question|answer|evidence"
)
_TAGS = (
    f"{_ROLES}|inst|sys|think|thinking|thought|reasoning|documents?|data|context|sources?|turn|"
    r"messages?|conversation|chat|im_start|im_end|start_of_\w+|end_of_\w+|begin_of_\w+|endoftext"
)
_SHORT_TAGS = "s|bos|eos|pad|unk|mask"

_NARROW = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "！，．：；？（）"
} | {ord(sign): ord(plain) for sign, plain in zip("﹤﹥〈〉❬❭⟨⟩", "<><><><>", strict=True)}
"""Wide forms of ASCII, which a model reads alike; Chinese and Japanese keep their punctuation."""

_IMAGE = re.compile(r"!\[([^\[\]]*)\]\s?(?:\([^()]*\)|\[[^\[\]]*\])")
_RUN = re.compile(rf"([^\d|\t]{{1,40}}?)\1{{{LONGEST_RUN},}}")
_CODE = re.compile(rf"[!-~]{{{LONGEST_CODE + 1},}}")
_ACCENTS = re.compile(
    r"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0]{3})[\u0300-\u036f]+"
)
_MARKER = re.compile(r"[\[【〔]([\s^]*\d+(?:\s*[,;–-]\s*\d+)*\s*)[\]】〕]")

_TURNS = (
    (re.compile(r"<\|([^<>|]{0,40})\|>"), r"(\1)"),
    (re.compile(r"<(?=\|)"), "("),
    (re.compile(rf"<(\s*/?\s*(?:{_TAGS})\b[^<>]{{0,80}}|/?(?:{_SHORT_TAGS}))>", re.I), r"(\1)"),
    (re.compile(rf"<(?=\s*/?\s*(?:evidence|(?:{_TAGS})\b)|/?(?:{_SHORT_TAGS})>)", re.I), "("),
    (re.compile(rf"\[(\s*/?\s*(?:{_ROLES}|inst|sys)\b[^\[\]]{{0,80}})\]", re.I), r"(\1)"),
    (re.compile(rf"\[(?=\s*/?\s*(?:{_ROLES}|inst|sys)\b)", re.I), "("),
    (re.compile(rf"\b({_ROLES})\b(\W{{0,3}}?)\s*[:：]+", re.I), r"\1\2 -"),
    (re.compile(r"^\s*(?:(?:#+|>+)(?=\s|$)|={2,})", re.M), ""),
    (re.compile(r"#{2,}|={3,}|-{4,}|`{3,}|~{3,}"), ""),
    (_MARKER, r"(\1)"),
)
"""What can be read as the edge of a turn, a fence or a marker, and what it becomes. Each takes
away signs that these patterns need and adds none, so that to repeat them comes to an end."""


def fence(evidence: Sequence[Evidence]) -> str:
    """Return the evidence as the model is shown it: numbered, a line each, between two fences."""
    return "\n".join((OPENING, *map(_line, evidence), CLOSING))


def harmless(text: str) -> str:
    """Return a text of a document on one line, with nothing in it that means more than its words.

    Applied twice, it changes nothing more.
    """
    while (plain := _pass(text)) != text:
        text = plain
    return text


def without_markers(text: str) -> str:
    """Return text with numbers in parentheses where it has them in brackets."""
    return _MARKER.sub(r"(\1)", text)


def _pass(text: str) -> str:
    text = _IMAGE.sub(r"\1", visible(text).translate(_NARROW))
    text = _RUN.sub(r"\1", _ACCENTS.sub(r"\1", text))
    text = _CODE.sub(lambda found: f"{found[0][: LONGEST_CODE // 2]}…", text)
    for pattern, replacement in _TURNS:
        text = pattern.sub(replacement, text)
    return " ".join(text.split())


def shown_text(item: Evidence) -> str:
    """Return the words of evidence as the model is shown them, without number and place."""
    if not item.header:
        return harmless(item.text)
    return harmless(named_cells(item.header, item.text) or f"{item.header} / {item.text}")


def _line(item: Evidence) -> str:
    heading = item.headings[-1] if item.headings else item.title
    place = item.title if heading == item.title else f"{item.title} › {heading}"
    return f"[{item.number}] ({harmless(place)}) {shown_text(item)}"
