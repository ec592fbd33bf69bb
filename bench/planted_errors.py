"""Errors planted into right sentences, each of a kind, always the same for the same sentence."""

import hashlib
import re
from collections.abc import Callable, Sequence

_NAME = re.compile(r"(?<=[\w,;:()“\"'’-] )[A-Z][\w’'-]*[a-z\d](?: [A-Z][\w’'-]*)*")
_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MONTH = re.compile(rf"\b(?:{'|'.join(_MONTHS)})\b")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w-]|[.,]\d)")
_SPELT = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")
_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|has been|have been|had been|can|could|will|would|should|must)\b(?! not)"
)
_DENIED = re.compile(
    r"\b(is|are|was|were|has|have|had|can|could|will|would|should|did|do|does) not\b"
)
_UNITS = (
    ("percent", "dollars"), ("%", " kg"), ("$", "€"), ("million", "billion"), ("km", "miles"),
    ("kilometres", "miles"), ("miles", "metres"), ("metres", "feet"), ("feet", "inches"),
    ("years", "months"), ("months", "weeks"), ("weeks", "days"), ("days", "hours"),
    ("hours", "minutes"), ("minutes", "seconds"), ("mg", "g"), ("kg", "g"), ("mm", "cm"),
    ("cm", "mm"), ("pounds", "ounces"), ("acres", "square miles"), ("dollars", "euros"),
    ("inches", "feet"), ("m", "km"), ("°C", "°F"), ("century", "decade"), ("tons", "pounds"),
)  # fmt: skip
_CONTRASTS = (
    ("more", "less"), ("most", "least"), ("higher", "lower"), ("highest", "lowest"),
    ("larger", "smaller"), ("largest", "smallest"), ("greater", "smaller"), ("longer", "shorter"),
    ("longest", "shortest"), ("older", "younger"), ("oldest", "youngest"), ("earlier", "later"),
    ("before", "after"), ("above", "below"), ("increased", "decreased"), ("increase", "decrease"),
    ("better", "worse"), ("first", "last"), ("all", "some"), ("always", "sometimes"),
    ("maximum", "minimum"), ("north", "south"), ("northern", "southern"), ("east", "west"),
    ("eastern", "western"), ("many", "few"), ("rose", "fell"), ("upper", "lower"),
    ("early", "late"), ("over", "under"), ("best", "worst"), ("second", "third"),
)  # fmt: skip

Plant = Callable[[str, str, Sequence[str]], str | None]


def pick(text: str, options: Sequence[str]) -> str:
    """Return one of the options, always the same for a text."""
    digest = hashlib.sha256(text.encode()).digest()
    return options[int.from_bytes(digest[:4], "big") % len(options)]


def names_in(text: str) -> list[str]:
    """Return the names inside the sentences of a text."""
    return _NAME.findall(text)


def _put(sentence: str, match: re.Match[str], new: str) -> str:
    return sentence[: match.start()] + new + sentence[match.end() :]


def _another(
    sentence: str, passage: str, pattern: re.Pattern[str], made: Sequence[str]
) -> str | None:
    """Put another match of the passage, or what was made up, in place of a match."""
    found = list(pattern.finditer(sentence))
    if not found:
        return None
    match = found[int(pick(sentence, [str(i) for i in range(len(found))]))]
    near = [each for each in dict.fromkeys(pattern.findall(passage)) if each not in sentence]
    options = near if near and pick(sentence + "?", "01") == "0" else [*made] or near
    options = [each for each in options if each not in sentence]
    return _put(sentence, match, pick(sentence, options)) if options else None


def number(sentence: str, passage: str, names: Sequence[str]) -> str | None:
    """Change a number that is no year."""
    found = [m for m in _NUMBER.finditer(sentence) if not _YEAR.fullmatch(m[0])]
    if not found:
        return _another(sentence, passage, _SPELT, ["thirteen", "three", "nine", "six"])
    match = found[len(sentence) % len(found)]
    near = [
        each
        for each in dict.fromkeys(_NUMBER.findall(passage))
        if each not in sentence and not _YEAR.fullmatch(each)
    ]
    digits = list(match[0])
    place = next(i for i, digit in enumerate(digits) if digit.isdigit())
    digits[place] = str(int(digits[place]) % 9 + 1)
    use_near = near and pick(sentence + "?", "01") == "0"
    return _put(sentence, match, pick(sentence, near) if use_near else "".join(digits))


def date(sentence: str, passage: str, names: Sequence[str]) -> str | None:
    """Change a year or a month."""
    years = _YEAR.findall(sentence)
    if years:
        made = [str(int(years[0]) + 1), years[0][:2] + years[0][3] + years[0][2]]
        return _another(sentence, passage, _YEAR, [each for each in made if each != years[0]])
    return _another(sentence, passage, _MONTH, _MONTHS)


def name(sentence: str, passage: str, names: Sequence[str]) -> str | None:
    """Put another name, of the passage or of another one, in place of a name."""
    months = {*_MONTHS, "The", "In", "I"}
    found = [m for m in _NAME.finditer(sentence) if not months & set(m[0].split())]
    if not found:
        return None
    match = found[len(sentence) % len(found)]
    near = [
        each
        for each in dict.fromkeys(_NAME.findall(passage))
        if not set(each.lower().split()) & set(sentence.lower().split())
        and not months & set(each.split())
    ]
    far = [each for each in names if each.lower() not in (sentence + passage).lower()]
    use_near = near and pick(sentence + "?", "01") == "0"
    options = near if use_near else far
    return _put(sentence, match, pick(sentence, options)) if options else None


def negation(sentence: str, passage: str, names: Sequence[str]) -> str | None:
    """Deny what is said, or say what is denied."""
    denied = _DENIED.search(sentence)
    if denied:
        return _put(sentence, denied, denied[1])
    match = _AUXILIARY.search(sentence)
    if not match:
        return None
    first, *rest = match[0].split()
    return _put(sentence, match, " ".join([first, "not", *rest]))


def swap(sentence: str, passage: str, names: Sequence[str]) -> str | None:
    """Let two names change places."""
    months = set(_MONTHS)
    found = [
        m
        for m in re.finditer(r"[A-Z][\w’'-]*[a-z\d](?: [A-Z][\w’'-]*)*", sentence)
        if not months & set(m[0].split()) and m[0].lower() not in _LITTLE
    ]
    if len(found) < 2:
        return None
    one, other = found[0], found[-1]
    if set(one[0].lower().split()) & set(other[0].lower().split()):
        return None
    between = sentence[one.end() : other.start()]
    if re.fullmatch(r",? (?:and|or|&) |, |/", between) or len(between.split()) < 1:
        return None
    return sentence[: one.start()] + other[0] + between + one[0] + sentence[other.end() :]


_LITTLE_WORDS = """
    the a an in on at of by for from with it its he she they this that these those as after
    before during when while although both some many most all one there i we you his her their "
    "if since under over however according not no also another each other such
"""
_LITTLE = frozenset(_LITTLE_WORDS.split())


def unit(sentence: str, passage: str, names: Sequence[str]) -> str | None:
    """Change a unit behind a number, or the currency before it."""
    for old, new in _UNITS:
        pattern = rf"(?<=\d)(\s?){re.escape(old)}(?!\w)" if old != "$" else r"()\$(?=\d)"
        match = re.search(pattern, sentence)
        if match:
            return _put(sentence, match, match[1] + new)
    return None


def comparative(sentence: str, passage: str, names: Sequence[str]) -> str | None:
    """Turn a comparison, a direction or a quantity around."""
    for pair in _CONTRASTS:
        for old, new in (pair, pair[::-1]):
            match = re.search(rf"\b{old}\b", sentence)
            if match:
                return _put(sentence, match, new)
    return None


KINDS: dict[str, Plant] = {
    "number": number,
    "date": date,
    "name": name,
    "negation": negation,
    "swap": swap,
    "unit": unit,
    "comparative": comparative,
}
"""Each kind of error, and what plants it: sentence, gold passage, names of other passages."""
