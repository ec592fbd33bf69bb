"""Tell what a page's own styles hide: a visitor does not read it, so no answer may rest on it."""

import re
from typing import Any

_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)"
    r"|(?<![\w-])font-size\s*:\s*(?:0*\.\d+|0*[01](?:\.\d+)?)\s*px"
    r"|(?:opacity|font-size)\s*:\s*0(?:\.0+)?\s*(?:px|pt|em|rem|%)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_COLOR = re.compile(r"(?:^|[;{\s])color\s*:\s*([^;!]+)", re.IGNORECASE)
_BACKGROUND = re.compile(r"(?:^|[;{\s])background(?:-color)?\s*:\s*([^;!]+)", re.IGNORECASE)
_WHITE = {"white", "#fff", "#ffffff", "rgb(255,255,255)", "rgba(255,255,255,1)"}
_CLEAR = {"transparent", "rgba(0,0,0,0)", "rgba(255,255,255,0)"}


def is_hidden(element: Any) -> bool:
    """Tell whether the ``style`` of an element keeps its text from being seen.

    White letters are hidden where nothing around them could have another background: no style,
    no ``bgcolor`` and no class, whose rules are not known here.
    """
    style = element.get("style") or ""
    if _HIDING.search(style):
        return True
    color = _value(_COLOR, style)
    if color in _CLEAR:
        return True
    background = _value(_BACKGROUND, style)
    if color and background:
        return color == background or {color, background} <= _WHITE
    return color in _WHITE and not _may_be_coloured(element)


def _value(pattern: re.Pattern[str], style: str) -> str:
    found = pattern.search(style)
    return re.sub(r"\s+", "", found[1]).lower() if found else ""


def _may_be_coloured(element: Any) -> bool:
    """Tell whether the element or one around it may have a background that is not white."""
    return any(
        each.get("class") or each.get("bgcolor") or "background" in (each.get("style") or "")
        for each in [element, *element.iterancestors()]
    )
