"""Answers without images and without links but those that stand in their sources.

A model that was led astray can write an address that carries what it read to a server, as an
image that loads by itself or a link that is clicked. Whatever shows an answer, an address stays
in it only if the very same stands in a source.
See OWASP Top 10 for LLM applications 2026, LLM10 Improper Output Handling; CVE-2025-32711.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from citewell.retrieval.visible import visible

LEFT_OUT = "(link left out)"

_SCRIPT = r"[\t\r\n]*".join("script:")
_NEVER = (
    rf"(?:java|vb|live)[\t\r\n]*{_SCRIPT}(?=\S)|data:(?=[\w-]*[/;,])|"
    r"(?:file|blob|filesystem|view-source|intent):(?=[/\w])"
)
_TOPS = "com|net|org|io|info|biz|xyz|top|site|shop|store|online|club|app|dev|link|click|live|ru|cn"
_REST = r"[^\s<>\"`|\\^{}\[\]]"
_ADDRESS = re.compile(
    rf"<?[a-z][a-z0-9+.-]*:[/\\]{{2}}{_REST}*>?|"
    rf"<?(?:{_NEVER}){_REST}*>?|"
    rf"<?\b(?:mailto|tel|sms):{_REST}+>?|"
    rf"(?<![\w:])[/\\]{{2}}[\w-]+\.{_REST}+|"
    rf"\bwww\.{_REST}+|"
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|"
    rf"(?<![\w@./-])(?:[\w-]+\.)+(?:{_TOPS})\b(?![\w.-]*@)(?:[/?#:]{_REST}*)?",
    re.IGNORECASE,
)
_TARGET = r"\(\s*<?((?:[^()\s<>]|\([^()\s]*\))*)>?(?:\s[^()]*)?\)"
_IMAGE = re.compile(rf"!\[([^\[\]]*)\]\s?(?:{_TARGET}|\[[^\[\]]*\])")
_HALF_IMAGE = re.compile(r"!(?=\[[^\]]*\]\s?[\[(])")
_LINK = re.compile(rf"\[([^\[\]]*)\]{_TARGET}")
_DEFINITION = re.compile(r"^\s*\[[^\[\]]+\]:\s*<?(\S+?)>?(?:\s.*)?$", re.MULTILINE)
_LOADING = r"\b(?:src|srcset|href|poster|background|action|formaction|data|style|on\w+)"
_TAG = re.compile(rf"<\s*/?\s*[a-z][^<>]*{_LOADING}\s*=[^<>]*>?", re.IGNORECASE)
_LEADS_AWAY = re.compile(r"[/.:?#@%&\\]")
_ESCAPES = re.compile(
    r"\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|\\x([0-9a-f]{2})|\\U([0-9a-f]{8})", re.IGNORECASE
)
_CODED = re.compile(r"\S*(?:\\[uxU][{0-9a-fA-F]|&#?\w+;|%[0-9a-fA-F]{2})\S*")
_SUSPECT = re.compile(rf":[/\\]{{2}}|{_NEVER}|\bwww\.|!\[|\]\(|<\s*/?\s*[a-z]", re.IGNORECASE)
_SCHEME = re.compile(r"^<?(?:(?:https?|ftp):[/\\]{2}|mailto:|[/\\]{2})?(?:www\.)?", re.IGNORECASE)
_MARKS = "/?#.,;:!'*_>~"
_JAPANESE = {"CJK", "HIRAGANA", "KATAKANA"}


def safe_text(text: str, sources: Sequence[str]) -> str:
    """Return a text without images and without addresses that stand in no source.

    A link keeps its words. Applied twice, it changes nothing more.
    """
    known = {_form(address) for source in sources for address in _addresses(visible(source))}
    while (safe := _pass(text, known)) != text:
        text = safe
    return text


def _pass(text: str, known: set[str]) -> str:
    text = _CODED.sub(_decoded, visible(text))
    text = _HALF_IMAGE.sub("", _TAG.sub("", _IMAGE.sub(r"\1", text)))
    text = _LINK.sub(lambda link: _link(link, known), text)
    text = _DEFINITION.sub(lambda line: line[0] if _may_stand(line[1], known) else "", text)
    return _ADDRESS.sub(lambda found: _address(found[0], known), text)


def _decoded(found: re.Match[str]) -> str:
    """Return a word with its escapes resolved if they hid an address or a tag."""
    word = found[0]
    plain = _ESCAPES.sub(lambda escape: _character(next(filter(None, escape.groups()))), word)
    plain = unquote(html.unescape(plain), errors="ignore")
    hidden = len(_SUSPECT.findall(plain)) > len(_SUSPECT.findall(word))
    return visible(plain) if hidden and len(plain) < len(word) else word


def _character(digits: str) -> str:
    code = int(digits, 16)
    return chr(code) if code < 0x110000 else ""


def _link(link: re.Match[str], known: set[str]) -> str:
    words, target = link[1], link[2]
    keeps = not _LEADS_AWAY.search(target) or _may_stand(target, known)
    return link[0] if keeps else words


def _address(found: str, known: set[str]) -> str:
    if _may_stand(found, known):
        return found
    end = found[len(_trimmed(found)) :]
    return LEFT_OUT + "".join(sign for sign in end if sign not in "/>#")


def _addresses(text: str) -> Iterator[str]:
    yield from _ADDRESS.findall(text)
    yield from (link[2] for link in _LINK.finditer(text))
    yield from _DEFINITION.findall(text)


def _form(address: str) -> str:
    """Return an address without what makes no difference: scheme, www, case of the host, end."""
    bare = _SCHEME.sub("", _trimmed(address.strip()))
    host, slash, rest = bare.partition("/")
    return f"{host.lower()}{slash}{rest}"


def _trimmed(address: str) -> str:
    """Return an address without the punctuation of the sentence that it ends."""
    bare = address.rstrip(_MARKS)
    while bare.endswith(")") and bare.count(")") > bare.count("("):
        bare = bare[:-1].rstrip(_MARKS)
    return bare


def _may_stand(address: str, known: set[str]) -> bool:
    """Tell whether a source holds an address, and it runs nothing and mixes no alphabets."""
    form = _form(address)
    if form not in known or re.match(rf"<?\s*(?:{_NEVER})", address, re.IGNORECASE):
        return False
    return all(_is_of_one_alphabet(label) for label in form.partition("/")[0].split("."))


def _is_of_one_alphabet(label: str) -> bool:
    found = {unicodedata.name(sign, "?").split()[0] for sign in label if sign.isalpha()}
    return len(found) <= 1 or found <= _JAPANESE
