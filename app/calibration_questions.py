"""Questions made from documents by rules, to calibrate a collection without anybody's questions.

A sentence is turned into a question about a part of it, in fewer and in other words than its own.
The rules for English ask for years, numbers and names; in any language a few telling words stand
for a question, as people type them. A question with a name, a number or a word of comparison put
in the place of another asks for what the documents do not say.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from citewell.retrieval.languages import language_of
from citewell.retrieval.sentences import is_row, split_sentences
from citewell.retrieval.store import StoredChunk
from citewell.retrieval.words import STOP_WORDS, words

LEAST_WORDS, MOST_WORDS = 7, 45
"""Words of a sentence that is asked about."""

_ASKED = 12
"""Words of a sentence that a question takes over, at the most."""

_KEPT = 0.75
"""Share of the telling words that a question keeps."""

_WORD = re.compile(r"\w[\w'’-]*")
_YEAR = re.compile(r"\b(?:[Ii]n|[Ss]ince|[Bb]y|[Ff]rom|[Uu]ntil) ((?:1[0-9]|20)\d\d)\b,?")
_YEARLIKE = re.compile(r"(?:1\d|20)\d\d")
_COUNT = re.compile(r"\b(\d[\d,.]*\d|\d) ((?:[a-z]+ )?[a-z]{3,}s)\b")
_SUBJECT = re.compile(
    r"^((?:The )?[A-Z][\w'’-]*(?: (?:of |the |de |and )?[A-Z][\w'’-]*){0,4})"
    r" ((?:is|was|are|were|has|had|can|will|became|won|wrote|made|led|began|[a-z]{3,}ed) .+)$"
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*")
_NUMBER = re.compile(r"\b\d{2,4}\b")
_CLAUSE = re.compile(r"[,;:()—，；：（）]|\s[–-]\s")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff]")

_SAME = """
begin start | big large | buy purchase | help aid | build construct | show demonstrate
many numerous | use employ | get obtain | needed required | made created | called named
known famous | important significant | allow permit | main chief | found discovered
near close | often frequently | about concerning | end finish | died passed | wrote authored
grew increased | fell decreased | fast quick | hard difficult | change alter | choose select
"""
_OTHER_WORDS = {
    one: other
    for pair in _SAME.replace("\n", "|").split("|")
    if pair.strip()
    for one, other in (pair.split(), pair.split()[::-1])
}

_CONTRARY = """
first last | before after | more less | most least | highest lowest | largest smallest
increase decrease | increased decreased | higher lower | larger smaller | north south
northern southern | east west | eastern western | earliest latest | oldest youngest
maximum minimum | best worst | won lost | above below | with without | always never
"""
_CONTRARIES = {
    one: other
    for pair in _CONTRARY.replace("\n", "|").split("|")
    if pair.strip()
    for one, other in (pair.split(), pair.split()[::-1])
}


@dataclass(frozen=True, slots=True)
class MadeQuestion:
    """A question and the sentence that it was made from.

    Attributes:
        start: Where the sentence stands in the document.
        answered: Whether the sentence answers it; not when a word was put in another's place.
    """

    text: str
    document: str
    start: int
    end: int
    answered: bool = True


def make_questions(chunks: Sequence[StoredChunk], pick: random.Random) -> Iterator[MadeQuestion]:
    """Yield a question for each sentence of the chunks that one can be made of, in any order."""
    for stored in pick.sample(list(chunks), len(chunks)):
        chunk = stored.chunk
        spans = split_sentences(chunk.text)
        language = language_of([chunk.text])
        for start, end in pick.sample(spans, len(spans)):
            sentence = chunk.text[start:end].strip()
            text = _ask(sentence, language, pick)
            if text:
                yield MadeQuestion(text, chunk.document, chunk.start + start, chunk.start + end)
                break


def swapped(made: MadeQuestion, others: Sequence[str], pick: random.Random) -> MadeQuestion | None:
    """Return the question with something put in another's place, or None if nothing can be.

    Args:
        others: Names that stand in other documents.
    """
    ways = [text for text in _swaps(made.text, others, pick) if text != made.text]
    if not ways:
        return None
    return MadeQuestion(pick.choice(ways), made.document, made.start, made.end, answered=False)


def names_in(text: str) -> list[str]:
    """Return the names that stand inside the sentences of a text."""
    return list(dict.fromkeys(found[0] for found in _NAME.finditer(text)))


def _swaps(text: str, others: Sequence[str], pick: random.Random) -> Iterator[str]:
    name = _NAME.search(text)
    strange = [each for each in others if each not in text]
    if name and strange:
        yield text[: name.start()] + pick.choice(strange) + text[name.end() :]
    number = _NUMBER.search(text)
    if number:
        other = str(int(number[0]) + pick.choice((-7, -3, 3, 7, 11)))
        yield text[: number.start()] + other + text[number.end() :]
    for found in _WORD.finditer(text):
        contrary = _CONTRARIES.get(found[0].lower())
        if contrary:
            yield text[: found.start()] + contrary + text[found.end() :]
            return


def _ask(sentence: str, language: str, pick: random.Random) -> str:
    """Return a question that the sentence answers; blank if none can be made."""
    if is_row(sentence):
        return ""
    if _UNSPACED.search(sentence):
        return _clause(sentence)
    if not LEAST_WORDS <= len(words(sentence)) <= MOST_WORDS or not sentence[0].isalnum():
        return ""
    ways = [_keywords(sentence, pick)]
    if language in ("", "en"):
        ways += [text for text in _in_english(sentence.rstrip(" ."), pick) if text]
    told = [text for text in ways if len(words(text)) >= 4]
    return pick.choice(told[1:] or told) if told else ""


def _in_english(sentence: str, pick: random.Random) -> Iterator[str]:
    year = _YEAR.search(sentence)
    if year:
        rest = sentence[: year.start()] + sentence[year.end() :]
        yield f"In which year {_thinned(rest, pick)}?"
    count = _COUNT.search(sentence)
    if count and not _YEARLIKE.fullmatch(count[1]):
        rest = sentence[: count.start()] + sentence[count.end() :]
        yield f"How many {count[2]} {_thinned(rest, pick)}?"
    subject = _SUBJECT.match(sentence)
    if subject:
        yield f"{pick.choice(('Who', 'What'))} {_thinned(subject[2], pick)}?"


def _thinned(text: str, pick: random.Random) -> str:
    """Return the beginning of a text with some of its telling words left out or replaced.

    The first word stays, which is the verb of the question, and so do names.
    """
    kept: list[str] = []
    for word in _words_of(text)[: 2 * _ASKED]:
        plain = word.lower()
        if not kept or plain in STOP_WORDS or word[0].isupper() or pick.random() < _KEPT:
            kept.append(_OTHER_WORDS.get(plain, word))
    return " ".join(kept[:_ASKED])


def _keywords(sentence: str, pick: random.Random) -> str:
    """Return a few telling words of a sentence, in their order."""
    telling = [word for word in _words_of(sentence) if word.lower() not in STOP_WORDS]
    count = min(len(telling), pick.randint(4, 6))
    places = sorted(pick.sample(range(len(telling)), count))
    return " ".join(_OTHER_WORDS.get(telling[i].lower(), telling[i]) for i in places)


def _clause(sentence: str) -> str:
    """Return the longest clause of a sentence in a script without spaces."""
    longest = max(_CLAUSE.split(sentence), key=len).strip(" 。．.！？")
    return longest[:20] if len(longest) >= 6 else ""


def _words_of(text: str) -> list[str]:
    return [found[0] for found in _WORD.finditer(text)]
