"""Which language a text is in, told by its script and by its commonest little words.

The lists are our own: articles, pronouns, prepositions and conjunctions that any page of running
text holds, without those that mean something in another language of the list more often.
"""

import re
from collections import Counter
from collections.abc import Iterable

SAMPLE_CHARS = 20_000
"""Characters that are looked at; a language shows in far fewer."""

FEWEST_LETTERS = 10
"""Letters below which a text tells nothing."""

FEWEST_SHARE = 0.08
"""Least share of a language's little words among all words."""

FEWEST_WORDS = 3
"""Little words below which a text tells nothing."""

LEAD = 1.3
"""How many times as many little words as the next language's the best must have."""

_SCRIPTS = {
    "latin": "a-zA-Z\u00c0-\u024f\u1e00-\u1eff",
    "cyrillic": "\u0400-\u04ff",
    "arabic": "\u0620-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc",
    "han": "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002fa1f",
    "ja": "\u3041-\u3096\u30a1-\u30fa",
    "ko": "\uac00-\ud7a3",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u05d0-\u05ea",
    "th": "\u0e01-\u0e4e",
    "hi": "\u0900-\u0963\u0970-\u097f",
    "bn": "\u0980-\u09e3\u09f0-\u09ff",
    "ta": "\u0b80-\u0be3",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0531-\u058f",
}
"""The letters of each script; one that a single language writes is called as that language."""

_LETTERS = re.compile("|".join(f"(?P<{name}>[{span}]+)" for name, span in _SCRIPTS.items()))
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")

_LITTLE_WORDS = {
    "latin": {
        "en": "the of and to in is that for it was on are with as his they be at this from have "
        "or by had not but what all were when we there can an your which their said if do will "
        "a you has been would about into than some more its no so up out who them then",
        "de": "der die und den von zu das mit sich des auf für ist im dem nicht ein eine als auch "
        "es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über",
        "fr": "de la le et les des en un une du dans est que pour qui par sur au pas plus avec "
        "ce se sont il elle ne aux cette mais nous ou leur été ses ces d'un l'on c'est sa",
        "es": "de la que el en y los del se las por un para con no una su al lo como más pero sus "
        "le ya o este sí porque esta entre cuando muy sin sobre también hasta hay es fue son",
        "it": "di che il la e un per in una del non sono da con si le dei nel alla al lo è gli "
        "della più come anche ha ma i delle dalla o cui questo essere degli stato nella suo",
        "pt": "de que o a e do da em um para com não uma os no se na por mais as dos como mas ao "
        "ele das à seu sua ou quando muito nos já também só pelo pela até isso são foi é",
        "nl": "de het een van en in is dat op te zijn met voor niet aan er om ook als dan maar bij "
        "uit nog door naar over ze zich werd worden wordt deze hun heeft tot geen waar die",
        "sv": "och i att det som en på är av för med den till inte om ett han var men jag de sig "
        "så från vi kan nu när efter också eller hade där vid under har ut upp bara mot",
        "da": "og i at det er en til på som med af for den der de et ikke har var fra han kan "
        "om eller blev men efter ved også sig hun nu når være skal mellem havde kun meget af",
        "no": "og i det er en til på som med av for den at de et ikke har var fra han kan om eller "
        "ble men etter ved også seg hun nå når være skal mellom hadde bare mye av jeg",
        "fi": "ja on ei se että oli joka hän mutta ovat kun niin kuin myös tai sen ole olla "
        "mukaan jos vain sekä kuitenkin joita jotka tämä voi jo vielä mitä siitä hänen olivat",
        "pl": "i w nie na z się do to że jest o jak za od po przez ale był dla są co jego tym "
        "oraz ich tego lub także może już tylko przy które który która ze być była został",
        "cs": "a v se na je že s z do to o k i ve pro za by jako ale podle která který které bylo "
        "byl jsou také od však až nebo již před po při jeho jejich být roce mezi ze si",
        "hu": "a az és hogy nem is egy ez volt de meg csak el már mint ki ha még vagy azt után "
        "sem való által lehet szerint amely között nagy így ezt pedig majd minden mert",
        "ro": "de și în a la cu pe este nu care din un o se că mai pentru sunt au al fi prin sau "
        "după fost această dar lor ca ai unei între său acest unor dintre ei ale ar fost",
        "tr": "ve bir bu da de için ile olarak olan çok daha gibi en ne o kadar sonra ancak "
        "değil her var olduğu ise ya ki tarafından ama olarak iki yılında ilk göre",
    },
    "cyrillic": {
        "ru": "и в не на что он с как по это был его к из у за от так о для же только ее был "
        "они было до если или при которые который также которая были этого может чтобы",
        "uk": "і в не на що з як до та у він за це його від для також або про але був які який "
        "було її при цього є щоб вони бути може після під була яка між ще її їх",
        "bg": "и на в да се от за не по е са че като това до при който със която през които "
        "или си му има след също но бъде е било може още между те към ще част",
    },
    "arabic": {
        "ar": "في من على إلى أن التي عن الذي مع كان هذا ما لا كانت هذه بعد بين وقد أو ذلك كل "
        "هو هي قد كما ولم تم لم عند حيث إن وفي وكان ومن غير قبل بها",
        "fa": "در به از که این را با است برای آن یک می بود شد خود تا او ها هم های شده نیز کرد "
        "بر اما دو یا هر بین باید اند پس آنها بوده کرده دارد",
        "ur": "کے کی میں ہے کا اور سے کو نے اس پر یہ ہیں تھا کہ ایک بھی تھے جو نہیں کر لیے تھی "
        "ان گیا ہو تک بعد اپنے ساتھ یا کیا والے جس",
    },
}
_OWN_LETTERS = {
    **{"de": "ßäöü", "es": "ñ¿¡", "pt": "ãõ", "pl": "łżźśćń", "cs": "řěůť", "hu": "őű"},
    **{"sv": "äö", "fi": "äö", "da": "æø", "no": "æø"},
    **{"ro": "șțăşţ", "tr": "ğış", "ru": "ыэё", "uk": "іїєґ", "bg": "ъ", "ur": "ٹڈڑںےہ"},
}
"""Letters that tell a language from most others of its script: a word with one counts as well."""
_KNOWN: dict[str, dict[str, list[str]]] = {script: {} for script in _LITTLE_WORDS}
"""The languages of each little word, by script."""
for _script, _languages in _LITTLE_WORDS.items():
    for _language, _words in _languages.items():
        for _word in set(_words.split()):
            _KNOWN[_script].setdefault(_word, []).append(_language)
_OWN = {
    script: [(language, _OWN_LETTERS[language]) for language in known if language in _OWN_LETTERS]
    for script, known in _LITTLE_WORDS.items()
}


def language_of(texts: Iterable[str]) -> str:
    """Return the ISO 639-1 code of the language most of some texts is in; blank if not clear."""
    text = _sample(texts)
    letters: Counter[str] = Counter()
    for run in _LETTERS.finditer(text):
        letters[run.lastgroup or ""] += len(run[0])
    total = letters.total()
    if total < FEWEST_LETTERS:
        return ""
    letters["han"], letters["ja"] = _chinese_or_japanese(letters["han"], letters["ja"])
    script, most = letters.most_common(1)[0]
    if most < total / 2:
        return ""
    if script in _KNOWN:
        return _by_little_words(text, script)
    return "zh" if script == "han" else script


def _chinese_or_japanese(han: int, kana: int) -> tuple[int, int]:
    """Count Han characters for Japanese where kana stand among them, as they do in all of it."""
    return (0, han + kana) if kana * 10 > han else (han + kana, 0)


def _by_little_words(text: str, script: str) -> str:
    words = Counter(word.replace("’", "'") for word in _WORD.findall(text.lower()))
    hits: Counter[str] = Counter()
    for word, count in words.items():
        for language in _languages_of(word, script):
            hits[language] += count
    (best, most), (_, second), *_ = [*hits.most_common(2), ("", 0), ("", 0)]
    clear = most >= FEWEST_SHARE * words.total() and most >= LEAD * second
    return best if clear and most >= FEWEST_WORDS else ""


def _languages_of(word: str, script: str) -> set[str]:
    """Return the languages of which a word is a little word or holds a letter of its own."""
    found = set(_KNOWN[script].get(word, ()))
    if not word.isascii():
        found.update(
            language for language, letters in _OWN[script] if any(map(word.__contains__, letters))
        )
    return found


def _sample(texts: Iterable[str]) -> str:
    """Return about `SAMPLE_CHARS` characters from all over the texts, in whole words at best."""
    whole = [text for text in texts if text]
    share = max(SAMPLE_CHARS // max(len(whole), 1), 200)
    most = SAMPLE_CHARS // share
    step = max(len(whole) // most, 1)
    pieces = []
    for text in whole[::step][:most]:
        start = max(len(text) - share, 0) // 2
        pieces.append(text[start : start + share])
    return "\n".join(pieces)
