"""Questions for an explanation, made from sentences that explain: they are answered by one."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from citewell.app.tuning.questions import TaughtQuestion
from citewell.app.tuning.targets import LEAST_EXPLAINED, MOST_SENTENCE
from citewell.retrieval.sentences import is_row, split_sentences

SOURCE = "made questions"

_IS = re.compile(
    r"^((?:The |An? )?[A-Z]?[\w'’-]+(?: (?:of |the |de )?[\w'’-]+){0,4}?)(?: \([^()]{1,60}\))?,? "
    r"(is|are|was|were) ((?:an?|the|one of) .{20,})\.$"
)
_WHY = re.compile(
    r"^([A-Z][\w'’-]*(?: [\w'’-]+){0,7}?) (was|were|is|are|had|has|can|could) "
    r"([\w'’ ,-]{8,80}?),? (because|in order to|so that|due to) (.{8,})\.$"
)
_LEANING = re.compile(
    r"^(?:this|that|these|those|it|he|she|they|there|his|her|its|their|such|another|one|some|many|"
    r"most|both|all|each|however|also|only|what|which|who|as|in|on|at|by|for|from|during|after|"
    r"before|with|under|while|when|if|although|among|today|not)\b",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"\b(?:\w{1,2}|viz|e\.g|i\.e)\.$")
"""An abbreviation that was taken for the end of a sentence."""

_ASKED = {
    "is": ("What is {}?", "What is meant by {}?", "Explain what {} is.", "Describe {}."),
    "are": ("What are {}?", "Explain what {} are.", "Describe {}."),
    "was": ("What was {}?", "Describe {}.", "Explain what {} was."),
    "were": ("What were {}?", "Describe {}.", "Explain what {} were."),
}
_PERSON = re.compile(
    r"\b(?:act(?:or|ress)|singer|player|leader|king|queen|poet|artist|politician|producer|writer|"
    r"author|novelist|footballer|character|founder|coach|mathematician|physicist|explorer|engineer|"
    r"composer|emperor|general|president|physician|philosopher|woman|man|journalist|musician)\b"
)
_NAME = re.compile(r"[A-Z][\w'’-]*(?: (?:of |the |de )?[A-Z][\w'’-]*)*")
_KIND = re.compile(r"(?:An? |The (?=\S+ \S))[\w'’-]+(?: [\w'’-]+){0,3}")
_VERBAL = re.compile(r"\b(?:and|that|held|said|\w+ly)\b")
_ADVERB = re.compile(r"\b(?:in|on|at|by|its|their|which|that|who|also|such|other|same|example)\b")


def made_questions(
    documents: Sequence[Mapping[str, str]], pick: random.Random
) -> Iterator[TaughtQuestion]:
    """Yield a question for the first sentence of each document that explains something."""
    for document in documents:
        for start, end in split_sentences(document["text"]):
            sentence = document["text"][start:end]
            asked = _asked(sentence, pick)
            whole = start > 0 or sentence.startswith(document["title"].split()[0])
            if asked and whole:
                yield TaughtQuestion(
                    id=f"made-{document['id']}",
                    text=asked,
                    answers=(sentence,),
                    answerable=True,
                    documents=(document["id"],),
                    passages=(sentence,),
                    source=SOURCE,
                )
                break


def _asked(sentence: str, pick: random.Random) -> str:
    """Return what a sentence explains as a question; blank if it explains nothing."""
    count = len(sentence.split())
    if is_row(sentence) or not LEAST_EXPLAINED < count <= MOST_SENTENCE:
        return ""
    if _CUT_OFF.search(sentence):
        return ""
    if _LEANING.match(sentence) or not sentence[0].isupper() or "[" in sentence:
        return ""
    why = _WHY.match(sentence)
    if why and not _VERBAL.search(why[1]):
        return f"Why {why[2]} {_inside(why[1])} {why[3]}?"
    what = _IS.match(sentence)
    if what is None or _ADVERB.search(what[1]):
        return ""
    if _NAME.fullmatch(what[1]):
        return _of_name(what[1], what[2], what[3], pick)
    if not _KIND.fullmatch(what[1].replace(" the ", " ")):
        return ""
    return pick.choice(_ASKED[what[2]]).format(_inside(what[1]))


def _of_name(name: str, verb: str, said: str, pick: random.Random) -> str:
    if verb in ("is", "was") and _PERSON.search(said[:60]):
        return f"Who {verb} {name}?"
    if said.startswith(("a ", "an ", "one of ")):
        return pick.choice((f"Describe {name}.", f"What {verb} {name}?"))
    return f"Describe {name}."


def _inside(subject: str) -> str:
    """Return the subject of a sentence as it is written inside of one."""
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") else subject
