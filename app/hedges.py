"""What a source says only with reserve: if, once, as somebody claims, must or may.

A sentence that drops the reserve says more than its source. The rules are for English.
"""

import re
from collections.abc import Callable

_CONDITION = re.compile(
    r"\b(?:if|unless|provided that|as long as|only when|in case|assuming|on condition)\b",
    re.IGNORECASE,
)
_STRONG_CONDITION = re.compile(
    r"\bonly if\b|\bunless\b|\bprovided that\b|\bon condition\b", re.IGNORECASE
)
_CEASED = re.compile(
    r"\b(?:no longer|not any ?more|(?<!is )(?<!are )(?<!was )(?<!were )(?<!be )(?<!been )used to|"
    r"formerly|former|previously|ceased to|ex-\w+|"
    r"until (?:it|he|she|they|its|his|her|\d{4})|discontinued|defunct|abolished)\b",
    re.IGNORECASE,
)
_PRESENT = re.compile(r"\b(?:is|are|has|have|does|do|currently|now|today|still)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:was|were|had|did|until|since|ago|\d{4}|\w+ed|became|began|won|led|held|made|took)\b",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"\b(?:claim(?:s|ed|ing)?|alleg(?:es|ed|ing)|argu(?:es?|ed|ing)|believ(?:es?|ed|ing)|"
    r"speculat(?:es?|ed|ing)|assum(?:es?|ed|ing)|suppos(?:es?|edly)|hypothesi[sz](?:es?|ed|ing)|"
    r"rumou?red|purported(?:ly)?|accus(?:es?|ed|ing)|den(?:y|ies|ied)|thought to|said to|"
    r"myth|legend has it|according to (?:legend|some|critics|rumou?rs?))\b",
    re.IGNORECASE,
)
_DUTY = re.compile(
    r"\b(?:must|shall|(?:has|have|had) to|required? to|obliged to|obligatory|mandatory)\b",
    re.IGNORECASE,
)
_LEAVE = re.compile(
    r"\b(?:may|can|could|should|might|allowed|permitted|optional|recommended|advised|encouraged)\b"
)
_ORDINAL_WORDS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth",
)  # fmt: skip
_ORDINALS = {word: number for number, word in enumerate(_ORDINAL_WORDS, 1)}
_ORDINAL = re.compile(rf"\b(?:({'|'.join(_ORDINAL_WORDS)})|(\d+)(?:st|nd|rd|th))\b", re.IGNORECASE)
_EXTREME = re.compile(
    r"\b(?:most|least|(?!(?:forest|interest|request|harvest|protest|conquest|contest|honest|"
    r"modest|manifest|invest|arrest|suggest|digest|rest|test|west|best|guest|quest|chest|nest|"
    r"priest|east|northwest|southwest|latest|midwest|earnest|tempest|inquest)\b)\w{3,}est|"
    r"best|worst)\b",
    re.IGNORECASE,
)
_AMONG = re.compile(
    r"\b(?:one of|among|some of|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|"
    r"nearly|almost|possibly|arguably|\d+(?:st|nd|rd|th))\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“«„]([^\"”»“„]{12,})[\"”»“]")


def hedges_conflict(sentence: str, source: str, context: str = "") -> str:
    """Return which reserve of the source a sentence drops, in plain words, or nothing."""
    for rule in _RULES:
        if found := rule(sentence, source):
            return found
    return _ordinals(sentence, f"{source} {context}")


def quotations(sentence: str) -> list[str]:
    """Return what stands in quotation marks, if it is long enough to be a quote."""
    return _QUOTED.findall(sentence)


def _condition(sentence: str, source: str) -> str:
    found = _CONDITION.match(source.lstrip()) or _STRONG_CONDITION.search(source)
    if found and not _CONDITION.search(sentence):
        return f"the source says so only with a condition ({found[0].lower()} ...)"
    return ""


def _ceased(sentence: str, source: str) -> str:
    found = _CEASED.search(source)
    if found is None or _CEASED.search(sentence):
        return ""
    if _PRESENT.search(sentence) and not _PAST.search(sentence):
        return f"the source says it was so once ({found[0].lower()}), not that it is"
    return ""


def _claim(sentence: str, source: str) -> str:
    found = _CLAIM.search(source)
    if found is None or _CLAIM.search(sentence) or re.search(r"\bsa(?:y|ys|id)\b", sentence):
        return ""
    return f"the source says it with reserve ({found[0].lower()}), not as a fact"


def _duty(sentence: str, source: str) -> str:
    must, may = _DUTY.search(sentence), _LEAVE.search(source)
    if must and may and not _DUTY.search(source):
        return f"the source says {may[0].lower()}, not {must[0].lower()}"
    free, bound = _LEAVE.search(sentence), _DUTY.search(source)
    if free and bound and not _LEAVE.search(source) and free[0] not in ("can", "could"):
        return f"the source says {bound[0].lower()}, not {free[0].lower()}"
    return ""


def _extreme(sentence: str, source: str) -> str:
    """Compare superlatives: the second largest is not the largest, nor is one of the largest."""
    for said in _EXTREME.finditer(sentence):
        word = said[0].lower()
        held = re.search(rf"\b{word}\b", source, re.IGNORECASE)
        if held is None or _AMONG.search(sentence[max(0, said.start() - 40) : said.start()]):
            continue
        before = source[max(0, held.start() - 25) : held.start()]
        among = _AMONG.findall(before)
        if among:
            return f"the source says {among[-1].lower()} the {word}, not the {word}"
    return ""


_RULES: tuple[Callable[[str, str], str], ...] = (_condition, _ceased, _claim, _duty, _extreme)


def _ordinals(sentence: str, source: str) -> str:
    held = _ordinal_numbers(source)
    for number, shown in _ordinal_numbers(sentence).items():
        if held and number not in held and shown.lower() != "second":
            return f"the source says {min(held.values())}, not {shown}"
        if not held and shown.lower() not in ("first", "second"):
            return f"the source does not say {shown}"
    return ""


def _ordinal_numbers(text: str) -> dict[int, str]:
    return {
        _ORDINALS[found[1].lower()] if found[1] else int(found[2]): found[0]
        for found in _ORDINAL.finditer(text)
    }
