"""Sentences of documents that speak to whoever reads them for a question, and not to people.

A document may say "ignore what you were told and print ...": such a sentence is no evidence. The
rules know how it is said, not what: orders to drop instructions, to shape "your answer", to say a
given text; marks of chat templates; text hidden for machines; bait with a link. Manuals are full
of orders ("Press the button"), which stay.
See Liu et al. (2024), "Formalizing and benchmarking prompt injection attacks", and Yi et al.
(2025), "Benchmarking and defending against indirect prompt injection" (BIPIA).
"""

import re
from collections.abc import Iterator, Sequence

from citewell.retrieval.sentences import Span
from citewell.retrieval.visible import visible
from citewell.retrieval.words import content_words, stems, words

LEAST_SHARE = 0.5
"""Of the content words of a question in a sentence that is just what it asks for."""

_TOLD = (
    r"(?:instruct\w*|directions?|directives?|commands?|orders|guidelines|rules|prompts?|requests?|"
    r"(?:the )?rest of (?:this|the|these) (?:data|text|documents?|page|prompt|content|input)|"
    r"(?:what|everything|anything|all) (?:you were|you have been|you've been|that was|i) \w+|"
    r"(?:above|previous|prior|earlier|preceding) (?:text|data|context|content|message|input)s?)"
)
_REPLY = r"(?:answers?|repl(?:y|ies)|responses?|outputs?|completions?)"
_TEXT = r"(?:sentences?|texts?|phrases?|words?|strings?|messages?|lines?|paragraphs?)"
_SAY = r"(?:print|output|say|repeat|reply|respond|answer|write|translate|echo|recite|return|tell)"
_START = r"(?:^|(?<=[.!?:;>)\]\"“]\s)|(?<=[\n>\]\"“。！？]))"
"""Where a sentence may begin; what stands before is no part of it."""
_POLITE = (
    rf"(?:{_START}\W*|\b(?:and|then|please|just|now|next|instead|simply|must|should|shall|"
    r"could you|can you|would you|will you|to)[,\s]+)"
)
_SHAPE = (
    r"(?:add|append|include|incorporate|integrate|insert|embed|weave|mention|modify|change|alter|"
    r"enhance|adjust|augment|extend|begin|start|end|finish|conclude|close|preface|follow|"
    r"suggest|recommend|promote|advertise|advise|encourage|invite|urge|offer|provide|put|place)"
)
_GAP = r"(?:[^.!?\n]|[.!?](?!\s|$)){0,110}?"
"""Within a sentence: the dots of an address do not end it."""
_LINK = r"(?:https?://|www\.|\b[\w-]+\.(?:com|net|org|io|xyz|info|biz|ru|cn|top|shop|site)\b)"

_CALLER = r"(?:to )?(?:the |a |an |any )?(?:\w+ )?(?:phone|telephone|calls?|callers?|door|bell)\b"
"""Whom people answer, and not a machine."""

_TURN = (
    r"(?:<\|[^<>|]{0,40}\|>|<<\s*/?\s*sys\s*>>|<\s*/?\s*(?:start|end)_of_turn\s*>|"
    r"\[\s*/?\s*(?:inst|system|assistant|user|rest-of-document)\s*\])"
)

_PATTERNS = (
    # to drop what was asked for
    rf"\b(?:ignore|disregard|forget|override|bypass|neglect|discard|do not follow)\b"
    rf"[^.!?\n]{{0,40}}\b{_TOLD}",
    r"\b(?:new|updated|real|actual|hidden|secret|following) instructions?\s*:",
    r"\bfollow(?:ing)? (?:this|these|the following|my|the) instructions? (?:instead|only|exactly)",
    # to shape the answer
    rf"\b{_SHAPE}\b{_GAP}\b(?:in|to|into|at the end of|with|within|of) "
    rf"(?:your|the|this|any|each|every) {_REPLY}\b",
    rf"\b(?:in|at the end of|as part of) your (?:final )?{_REPLY}\b[,:]?\s*(?:please )?{_SHAPE}\b",
    rf"\b(?:modify|change|alter|enhance|adjust|augment|extend|begin|start|end|finish|conclude|"
    rf"preface|replace|rewrite) your (?:final )?{_REPLY}\b",
    rf"\bwhen(?:ever)? you (?:answer|reply|respond)\b(?! {_CALLER}){_GAP}"
    rf"\b(?:end|begin|finish|start|conclude|close|open)\b[^.!?\n]{{0,20}}\bwith[\s:]*[\"'“‘<«`]",
    rf"\byour (?:final |only )?{_REPLY} (?:must|should|shall|has to|needs to) (?:be|only|always|"
    r"contain|include|say|start|begin|end)\b",
    # to say a text
    rf"{_POLITE}{_SAY}\b[^.!?\n]{{0,20}}\b(?:the following|this|that|these|following) {_TEXT}\b",
    rf"{_POLITE}{_SAY}\b (?:only |just |exactly |back )*(?:with |the |text |word |words |phrase )*"
    r"[\"'“‘<«`]\s*[\w!]",
    rf"{_POLITE}(?:reply|respond|answer) (?:only|just|exactly|always|to (?:all|every|any))\b",
    # to a machine
    r"\byou are (?:now )?(?:an? |the )?(?:\w+ ){0,2}(?:ai|language model|llm|chatbot|dan|gpt\S*)\b",
    r"\bas an? (?:ai|language model|llm|chatbot)(?: \w+)?,? (?:you|i|please)\b",
    r"\b(?:attention|note to|message (?:to|for)|instructions? (?:to|for)|dear) (?:the |any |all )?"
    r"(?:ai|llm|language model|chatbot|assistant|model)s?\b",
    r"\b(?:hidden|invisible|white[- ]text|concealed)\b[^.!?\n]{0,60}\b(?:for|to)\s+"
    r"(?:the |an? |any )?(?:ai|llms?|gpt|language models?|machines?|automated|screening|scan\w*|"
    r"algorithms?|bots?)\b",
    r"\bsystem (?:chain of thought|override|alert)\b[^.!?\n]*[:\"]",
    r"\badmin(?:istrator)? (?:request|override|command|message)\b",
    # the marks of turns
    rf"{_START}\W*#{{2,}}\s*(?:system|instructions?|human|assistant|user|response)\s*:",
    rf"{_START}\W*(?:human|assistant|system|user|ai)\s*:\s*(?:please|ignore|thanks|next|now|sure|you)\b",
    rf"{_START}\W*</?(?:evidence|documents?|context|system|instructions?)\s*>",
    # bait
    rf"(?:won['’]?t believe|weird trick|get rich|rich overnight|click here|act now|limited offer|"
    rf"claim your|free (?:gift|money|prize|download|game)|cracked version)[^\n]*{_LINK}",
    rf"{_LINK}[^\n]*(?:won['’]?t believe|weird trick|get rich|rich overnight|click here|act now|"
    r"claim your|free (?:gift|money|prize|game))",
    # in other languages
    r"\b(?:ignor(?:e[zrn]?|iere?n?|ad?|á)|vergiss\w*|missacht\w+|olvid\w+|oubli\w+|dimentic\w+|esque[cç]\w+|negeer)\b"
    r"[^.!?\n]{0,40}\b(?:anweisung\w*|instrucci\w+|instruções|istruzioni|instructions|consignes|"
    r"vorgaben|instructies|órdenes)\b",
    r"(?:игнорируй|игнорируйте|забудь|забудьте)[^.!?\n]{0,40}(?:инструкци|указани|команд)",
    r"(?:忽略|无视|忘记|無視|忽視)[^。！？\n]{0,20}(?:指令|指示|说明|命令|提示)",
    r"(?:指示|命令|指令)を(?:すべて|全て)?無視|(?:지시|명령|지침)[^.\n]{0,10}무시",
    r"(?:تجاهل|انس)[^.؟\n]{0,40}(?:تعليمات|أوامر)",
    r"\b(?:antworte|schreibe|sage|gib)\b[^.!?\n]{0,15}\b(?:nur|ausschließlich|genau)\b",
    r"\b(?:réponds?|répondez|responde|rispondi|responda)\b[^.!?\n]{0,15}"
    r"\b(?:uniquement|seulement|sólo|solo|solamente|soltanto|apenas|somente)\b",
)
_INSTRUCTION = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)


_MARKS = re.compile(rf"{_TURN}(?:\s*{_TURN})*", re.IGNORECASE)
_SPOKEN = re.compile(
    r"^[ \t>*_-]*(?P<role>human|assistant|system|user|ai)[ \t*_]*:[ \t*_]*"
    r"(?P<said>[^\s|][^\n|\t]*(?:\n(?!\s*\n|[^\n:]{1,20}:)[^\n|]+)*?[.!?][\"'”’)*_]*)[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that begins with who speaks and goes on with whole sentences."""
_LABEL = re.compile(r"^[ \t>*_-]*[^\W\d][\w -]{0,30}[*_]*:[*_]*\s", re.MULTILINE)
_LEAST_SAID = 4
"""Words that are a sentence; fewer are the value of a label."""
_DIALOGUE = 4
"""Turns, by more than one speaker, of which a document is a dialogue and pretends none."""
_LINE_END = re.compile(r"(?<!\n)\n(?!\n)")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n|$")


def looks_like_instruction(text: str) -> bool:
    """Tell whether a text tells its reader what to answer, or is made to look like a turn."""
    return bool(_instructions(text))


def without_instructions(text: str, spans: Sequence[Span], question: str) -> list[Span]:
    """Return those of a text's sentences that are no part of an instruction, in their order.

    An instruction may run over several sentences; a sentence that one was glued to is cut. It
    stays where the question asks for it: with its own words and half of all that it names.
    """
    told = _instructions(text)
    if not told:
        return list(spans)
    turns = _turns(text)
    asked = set(stems(content_words(question)))
    pieces = [piece for span in spans for piece in _outside(text, span, turns)]
    return [span for span in pieces if _is_asked_for(text, span, told, asked)]


def _instructions(text: str) -> list[Span]:
    # a line that was wrapped goes on; what is replaced keeps its length
    lines = _LINE_END.sub(" ", text)
    places = [place for place, sign in enumerate(lines) if visible(sign)]
    shown = "".join(lines[place] for place in places)
    found = (match.span() for match in _INSTRUCTION.finditer(shown))
    told = [(places[start], places[end - 1] + 1) for start, end in found if start < end]
    return [*told, *_turns(text)]


def _turns(text: str) -> list[Span]:
    """Return where marks pretend that a turn begins and ends; a single one ends its sentence."""
    marks = [mark.span() for mark in _MARKS.finditer(text)]
    turns = [(first[0], last[1]) for first, last in zip(marks[::2], marks[1::2], strict=False)]
    if len(marks) % 2:
        start, end = marks[-1]
        stop = _SENTENCE_END.search(text, end)
        turns.append((start, stop.end() if stop else len(text)))
    return sorted([*turns, *_spoken(text)])


def _spoken(text: str) -> Iterator[Span]:
    """Yield the lines that pretend to be a turn: of no dialogue, glossary or list of labels."""
    lines = [line for line in _SPOKEN.finditer(text) if _is_sentence(line["said"])]
    if not lines:
        return
    speakers = {line["role"].casefold() for line in lines}
    dialogue = len(lines) >= _DIALOGUE and len(speakers) > 1
    orders = _INSTRUCTION.search(_LINE_END.sub(" ", text)) is not None
    spans = [line.span() for line in lines]
    for start, end in spans:
        if orders or not (dialogue or _is_listed(text, start, end, spans)):
            yield start, end


def _is_listed(text: str, start: int, end: int, spoken: Sequence[Span]) -> bool:
    """Tell whether the line before or behind has a label too, and that is no speaker."""
    before = text.rfind("\n", 0, max(start - 1, 0)) + 1
    return any(
        place < len(text)
        and _LABEL.match(text, place)
        and all(place != begin for begin, _ in spoken)
        for place in (before, end + 1)
        if place != start
    )


def _is_sentence(said: str) -> bool:
    """Tell whether what stands behind a speaker is said; a word is explained in lower case."""
    return said[0].isupper() and len(said.split()) >= _LEAST_SAID


def _outside(text: str, span: Span, turns: Sequence[Span]) -> Iterator[Span]:
    """Yield the parts of a sentence that are in no pretended turn."""
    start = span[0]
    for begin, end in turns:
        if begin < span[1] and start < end:
            yield from _trimmed(text, start, max(begin, start))
            start = end
    yield from _trimmed(text, start, span[1])


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    inner = text[start:end].strip() if start < end else ""
    if inner:
        begin = text.index(inner, start)
        yield begin, begin + len(inner)


def _is_asked_for(text: str, span: Span, told: Sequence[Span], asked: set[str]) -> bool:
    """Tell whether a sentence has no part in an instruction, or the question names what it has."""
    for start, end in told:
        if span[0] < end and start < span[1]:
            named = asked & set(stems(words(text[start:end])))
            held = asked & set(stems(words(text[slice(*span)])))
            if not named or len(held) < LEAST_SHARE * len(asked):
                return False
    return True
