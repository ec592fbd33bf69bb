"""Read the facts that stand above the text of Markdown files, between lines of dashes.

Read is the part of YAML that such facts are written in: ``key: value``, ``key: [a, b]``, and lists
with an item on each line, and text on indented lines after ``|`` or ``>``, whose lines are joined.
What is nested more deeply is left out.
"""

import re
from collections.abc import Iterator

_PAIR = re.compile(
    r"""(?P<quote>["']?)(?P<key>\w(?:[\w. -]*[\w.-])?)(?P=quote)[ \t]*:(?:[ \t]+|$)"""
)
_ITEM = re.compile(r"[ \t]*-[ \t]+(?P<value>.*)")
_BLOCK = re.compile(
    r"^(?P<pair>[^\s#:][^:\n]*:)[ \t]+[|>][+-]?[ \t]*\n(?P<text>(?:[ \t]*\n|[ \t]+\S.*(?:\n|\Z))+)",
    re.MULTILINE,
)
_COMMENT = re.compile(r"(?:^|(?<![ \t])[ \t]+)#.*$")
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')[ \t]*(?:#.*)?""")
_LISTED = re.compile(r"""\s*("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]*)\s*(?:,|$)""")
_NOTHING = {"", "~", "null", "|", ">", "|-", ">-", "|+", ">+"}
"""What stands for no value, or for one that follows on lines of its own."""


def front_matter(text: str) -> Iterator[tuple[str, str]]:
    """Yield the keys and values of front matter; a list gives its key with each of its items."""
    key = ""
    for line in _BLOCK.sub(_on_one_line, text).split("\n"):
        if pair := _PAIR.match(line):
            key = pair["key"].strip()
            yield from ((key, value) for value in _values(line[pair.end() :].strip()))
        elif key and (item := _ITEM.match(line)):
            yield from ((key, value) for value in [_plain(item["value"].strip())] if value)
        elif line.strip() and not line.lstrip().startswith("#"):
            key = ""


def is_front_matter(text: str) -> bool:
    """Tell keys with values, or nothing, from text that happens to stand between two rules."""
    lines = [
        line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")
    ]
    return not lines or (
        _PAIR.match(lines[0]) is not None
        and all(line[0] in " \t" or _PAIR.match(line) or _ITEM.match(line) for line in lines)
    )


def _on_one_line(block: re.Match[str]) -> str:
    words = " ".join(block["text"].split()).replace("'", "''")
    return f"{block['pair']} '{words}'\n"


def _values(value: str) -> list[str]:
    inner = _COMMENT.sub("", value)
    if inner.startswith("[") and inner.endswith("]"):
        items = (_plain(item[1].strip()) for item in _LISTED.finditer(inner[1:-1]))
        return [item for item in items if item]
    plain = _plain(value)
    return [plain] if plain and not plain.startswith(("{", "&", "*", "!")) else []


def _plain(value: str) -> str:
    """Return a value without its quotes, or without the comment after it."""
    if quoted := _QUOTED.fullmatch(value):
        inner = quoted[1][1:-1]
        double = quoted[1][0] == '"'
        return re.sub(r"\\(.)", r"\1", inner) if double else inner.replace("''", "'")
    bare = _COMMENT.sub("", value).strip()
    return "" if bare in _NOTHING else bare
