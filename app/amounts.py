"""Numbers in a text in one form, with the unit and the limit that stand beside each.

``5 million``, ``5,000,000`` and ``five million`` are the same number; ``5 mg`` and ``5 g``,
``up to 5`` and ``5`` are not the same amount. Digits in a code such as B12 are no number.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

Limit = Literal["exactly", "at least", "at most"]

_UNIT_FORMS = """
percent % percent pct; percentage percentage; degree ° degree degrees; celsius °c celsius;
fahrenheit °f fahrenheit; millisecond ms millisecond milliseconds;
second sec secs second seconds; minute min mins minute minutes; hour h hr hrs hour hours;
day day days; week week weeks; month month months; year yr yrs year years;
decade decade decades; century century centuries;
millimetre mm millimetre millimetres millimeter millimeters;
centimetre cm centimetre centimetres centimeter centimeters;
metre m metre metres meter meters; kilometre km kilometre kilometres kilometer kilometers;
inch inch inches; foot ft foot feet; yard yd yard yards; mile mi mile miles;
microgram µg μg mcg microgram micrograms; milligram mg milligram milligrams;
gram g gram grams gramme grammes; kilogram kg kilo kilos kilogram kilograms;
tonne tonne tonnes ton tons; ounce oz ounce ounces; pound £ gbp lb lbs pound pounds;
dollar $ usd dollar dollars; cent cent cents; euro € eur euro euros; yen ¥ jpy yen;
millilitre ml millilitre millilitres milliliter milliliters;
litre l litre litres liter liters; byte byte bytes; kilobyte kb kilobyte kilobytes;
megabyte mb megabyte megabytes; gigabyte gb gigabyte gigabytes; terabyte tb terabyte terabytes
"""
_UNITS = {form: name for name, *forms in map(str.split, _UNIT_FORMS.split(";")) for form in forms}
_UNITS["per cent"] = "percent"

_COUNTING = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_COUNTING_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: str(value) for value, word in enumerate(_COUNTING.split())}
_TENS = {word: str(10 * value) for value, word in enumerate(_COUNTING_TENS.split(), 2)}
_NUMBER_WORDS = {**_SMALL, **_TENS}

_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_SUFFIXES = {"k": 3, "m": 6, "b": 9, "bn": 9}

_AT_MOST = (
    "at most", "up to", "no more than", "not more than", "no longer than", "no later than",
    "no greater than", "no larger than", "no higher than", "maximum of", "less than",
    "fewer than", "lower than", "smaller than", "shorter than", "younger than", "not exceed",
    "not exceeding", "<", "≤",
)  # fmt: skip
_AT_LEAST = (
    "at least", "no less than", "not less than", "no fewer than", "no lower than",
    "no smaller than", "minimum of", "more than", "greater than", "larger than", "higher than",
    "longer than", "older than", "exceed", "exceeds", "exceeded", "exceeding", ">", "≥",
)  # fmt: skip
_LIMITS: dict[str, frozenset[Limit]] = {
    **dict.fromkeys(_AT_MOST, frozenset({"at most"})),
    **dict.fromkeys(_AT_LEAST, frozenset({"at least"})),
    # "Over five years" is "more than five years" or "in the course of five years".
    **dict.fromkeys(("over", "above"), frozenset({"exactly", "at least"})),
    **dict.fromkeys(("under", "below"), frozenset({"exactly", "at most"})),
}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_CODE = rf"(?! (?:{_any_of(_UNITS)}|[kmbs]|bn|st|nd|rd|th) (?!\w) ) [a-z]"
_NUMBER = re.compile(
    rf"""
    (?: (?P<limit> [<>≤≥] | (?<!\w) (?:{_any_of(_LIMITS)}) ) \s*
        (?: (?:about|around|approximately|some|the) \s )? ~? )?
    (?P<sign> (?<![\w)\].%]) [-−] )?
    (?P<money> [$€£¥] \s? )?
    (?: (?P<digits> (?<![a-z\d]) (?>\d+(?:[.,]\d+)*) (?! {_CODE} ) | (?<![\w.]) \.\d+ )
        (?P<suffix> (?-i:K|M|B|bn) \b | (?(money) \s? [kmb] \b | (?!) ) )?
    |   (?<!\w) (?P<word> (?:{_any_of(_TENS)}) (?: - (?:{_any_of(_SMALL)}) )?
                        | {_any_of(_SMALL)} ) \b )
    (?P<scales> (?: [\s-] (?:{_any_of(_SCALES)}) \b )* )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNIT_AFTER = re.compile(rf"[\s-]?({_any_of(_UNITS)})(?!\w)", re.IGNORECASE)
_UNIT = re.compile(rf"(?<![^\W\d_])({_any_of(_UNITS)})(?!\w)", re.IGNORECASE)
_LIMIT_AFTER = re.compile(
    r"\s?\+|\s(?:\w+\s)?or\s(?:more|above|over|older|longer|higher|greater|"
    r"(?P<most>less|fewer|below|under|younger|lower|shorter))\b",
    re.IGNORECASE,
)
_IN_SCALE = re.compile(r"\bin (thousand|million|billion)s?\b", re.IGNORECASE)
_RANGE = re.compile(r"\s?(?:to|and|or|[-–—])\s?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text.

    Attributes:
        value: In plain digits: ``1,000.0`` and ``one thousand`` are ``1000``.
        unit: Its name, such as ``kilometre``; empty when none stands beside it.
        limits: What the number can be meant as.
        start: Where it stands in the text, with the words of its limit.
        end: Where it ends, with its unit.
        in_range: Whether it is one end of a range, such as ``5-10``.
    """

    value: str
    unit: str
    limits: frozenset[Limit]
    start: int
    end: int
    in_range: bool = False


@lru_cache(maxsize=2_000)
def amounts(text: str) -> tuple[Amount, ...]:
    """Return the amounts of a text in order. In a range both ends have the unit of the last."""
    found = [_amount(text, match) for match in _NUMBER.finditer(text)]
    for i in range(len(found) - 1, 0, -1):
        joined = _RANGE.fullmatch(text, found[i - 1].end, found[i].start)
        if joined and not found[i - 1].unit:
            found[i - 1] = replace(found[i - 1], unit=found[i].unit)
        if joined and joined[0].strip().lower() not in ("and", "or"):
            found[i - 1] = replace(found[i - 1], in_range=True)
            found[i] = replace(found[i], in_range=True)
    return tuple(found)


def numbers(text: str) -> set[str]:
    """Return the numbers of a text in one form: ``1,000`` and ``1000.0`` are the same."""
    return {_value(match) for match in _NUMBER.finditer(text)}


def in_one_form(text: str) -> str:
    """Return a text with each amount as plain digits and the name of its unit, without limits."""
    parts: list[str] = []
    end = 0
    for amount in amounts(text):
        parts += [text[end : amount.start], f" {amount.value} {amount.unit} "]
        end = amount.end
    return "".join([*parts, text[end:]])


def amounts_conflict(sentence: str, source: str, context: str = "") -> str:
    """Return which amount of a sentence the source does not say, in plain words, or nothing.

    Where the context says ``in millions``, as above a table, the source's 5 is 5 million too.
    """
    own = amounts(source)
    held = own + amounts(context) + tuple(_scaled(own, context))
    units = {_UNITS[form.lower()] for form in _UNIT.findall(f"{source} {context}")}
    for said in amounts(sentence):
        shown = sentence[said.start : said.end].strip()
        if shown.lower() == "one":  # mostly a pronoun
            continue
        same = [amount for amount in held if amount.value == said.value]
        if not same:
            return _instead(said, shown, [a for a in own if a not in amounts(sentence)], source)
        same = [amount for amount in same if _same_unit(said.unit, amount.unit, units)]
        if not same:
            return f"the source does not say {shown} in this unit"
        if not any(_same_limit(said.limits, amount.limits) for amount in same):
            return f"the source sets another limit than {shown}"
        if _narrows(said, same):
            return f"the source gives a range, not {shown} alone"
    return ""


def _same_limit(said: frozenset[Limit], held: frozenset[Limit]) -> bool:
    opposed = {"at least", "at most"} <= said | held
    return bool(said & held) and not opposed


def _scaled(found: Iterable[Amount], context: str) -> list[Amount]:
    scale = _IN_SCALE.search(context)
    places = _SCALES[scale[1].lower()] if scale else 0
    return [replace(a, value=_times_ten(a.value, places)) for a in found] if places else []


def _instead(said: Amount, shown: str, held: Sequence[Amount], source: str) -> str:
    """Say which number the source has in place of one that it has not."""
    alike = [a for a in held if a.unit == said.unit and len(a.value) == len(said.value)]
    if not alike:
        return f"the source does not say {shown}"
    closest = max(alike, key=lambda a: SequenceMatcher(None, a.value, said.value).ratio())
    return f"the source says {source[closest.start : closest.end].strip()}, not {shown}"


def _narrows(said: Amount, held: Sequence[Amount]) -> bool:
    """Tell whether a number alone is all that a sentence keeps of a range; years may be."""
    if said.in_range or said.limits != {"exactly"} or re.fullmatch(r"[12]\d{3}", said.value):
        return False
    return all(amount.in_range for amount in held)


def _same_unit(said: str, held: str, elsewhere: set[str]) -> bool:
    """Compare units. A unit may be left out, but five patients are not five percent."""
    if said == held:
        return True
    return held != "percent" if not said else not held and said in elsewhere


def _amount(text: str, match: re.Match[str]) -> Amount:
    after = _UNIT_AFTER.match(text, match.end())
    unit = match["money"] or (after[1] if after else "")
    end = after.end() if after else match.end()
    limit_after = _LIMIT_AFTER.match(text, end)
    limits: frozenset[Limit] = frozenset({"exactly"})
    if match["limit"]:
        limits = _LIMITS[match["limit"].lower()]
    elif limit_after:
        limits = frozenset({"at most" if limit_after["most"] else "at least"})
    name = _UNITS.get(unit.strip().lower(), "")
    return Amount(_value(match), name, limits, match.start(), end)


def _value(match: re.Match[str]) -> str:
    if match["digits"]:
        plain = _plain(match["digits"])
    else:
        plain = str(sum(int(_NUMBER_WORDS[part]) for part in match["word"].lower().split("-")))
    places = _SUFFIXES[match["suffix"].strip().lower()] if match["suffix"] else 0
    places += sum(_SCALES[word] for word in re.findall(r"[a-z]+", match["scales"].lower()))
    return ("-" if match["sign"] else "") + (_times_ten(plain, places) if places else plain)


def _plain(digits: str) -> str:
    """Return a number in ASCII digits, without grouping. 3.10 stays: it may be a version."""
    plain = "".join(str(int(sign)) if sign.isdecimal() else sign for sign in digits)
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", plain)
    plain = re.sub(r"^(\d+)\.0{1,2}$", r"\1", plain)
    return re.sub(r"^0+(?=\d)", "", f"0{plain}")


def _times_ten(plain: str, places: int) -> str:
    """Multiply by ten so many times."""
    whole, _, part = plain.partition(".")
    left = part[places:].rstrip("0")
    return _plain(whole + part[:places].ljust(places, "0")) + (f".{left}" if left else "")
