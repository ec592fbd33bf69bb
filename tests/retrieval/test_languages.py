"""The language of a text is told by its script and its little words, or not at all."""

import json
from pathlib import Path

import pytest

from citewell.retrieval.languages import language_of

XQUAD = Path(__file__).parents[3] / "shared/data/xquad-multi"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The cat sat on the mat and looked at the birds that were in the garden."),
        ("de", "Die Katze saß auf der Matte und sah den Vögeln zu, die im Garten waren."),
        ("fr", "Le chat était assis sur le tapis et regardait les oiseaux dans le jardin."),
        ("es", "El gato estaba en la alfombra y miraba los pájaros que estaban en el jardín."),
        ("it", "Il gatto sedeva sul tappeto e guardava gli uccelli che erano nel giardino."),
        ("pt", "O gato estava no tapete e olhava para os pássaros que estavam no jardim."),
        ("nl", "De kat zat op de mat en keek naar de vogels die met hun jongen in de tuin waren."),
        ("sv", "Katten satt på mattan och såg på fåglarna som var i trädgården med sina ungar."),
        ("fi", "Kissa istui matolla ja katseli lintuja, jotka olivat puutarhassa kun se tuli."),
        ("pl", "Kot siedział na macie i patrzył na ptaki, które były w ogrodzie."),
        ("cs", "Kočka seděla na rohožce a dívala se na ptáky, kteří byli v zahradě."),
        ("hu", "A macska a szőnyegen ült, és nézte a madarakat, amelyek a kertben voltak."),
        ("ro", "Pisica stătea pe covor și se uita la păsările care erau în grădină."),
        ("tr", "Kedi bahçede yavruları ile olan kuşlara bakıyordu, ama bir tehlike değildi."),
        ("ru", "Кошка сидела на коврике и смотрела на птиц, которые были в саду."),
        ("uk", "Кішка сиділа на килимку і дивилася на птахів, які були в саду."),
        ("bg", "Котката седеше на килима и гледаше птиците, които бяха в градината със своите."),
        ("ar", "جلست القطة على السجادة ونظرت إلى الطيور التي كانت في الحديقة مع صغارها."),
        ("fa", "گربه روی فرش نشسته بود و به پرندگانی که در باغ بودند نگاه می کرد."),
        ("ur", "بلی قالین پر بیٹھی تھی اور ان پرندوں کو دیکھ رہی تھی جو باغ میں تھے۔"),
        ("el", "Η γάτα καθόταν στο χαλί και κοίταζε τα πουλιά."),
        ("he", "החתול ישב על השטיח והביט בציפורים."),
        ("hi", "बिल्ली चटाई पर बैठी थी और पक्षियों को देख रही थी।"),
        ("th", "แมวนั่งอยู่บนเสื่อและมองดูนกในสวน"),
        ("zh", "猫坐在垫子上，看着花园里的鸟。"),
        ("ja", "猫はマットの上に座って、庭の鳥を見ていました。"),
        ("ko", "고양이는 매트 위에 앉아서 정원의 새들을 보고 있었다."),
    ],
)
def test_a_sentence_is_enough(language: str, text: str) -> None:
    assert language_of([text]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1200.01 1300.02 1400.03",
        "the end",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.",
        "A1 B2 C3 Total Umsatz Revenue Ricavi Receitas",
        "Кошка сидела дома. Die Katze blieb daheim. 猫坐在垫子上看鸟. החתול ישב על השטיח",
    ],
)
def test_what_tells_nothing_has_no_language(text: str) -> None:
    assert language_of([text]) == ""


def test_most_of_the_text_decides() -> None:
    english = "The cat sat on the mat and looked at the birds that were in the garden."

    assert language_of(["Guten Tag und auf Wiedersehen!", *[english] * 9]) == "en"


def test_a_long_text_is_told_by_its_middle() -> None:
    imprint = "Alle Rechte sind dem Verlag und den Autoren vorbehalten. " * 20
    body = "The cat sat on the mat and looked at the birds that were in the garden. " * 600

    assert language_of([imprint + body + imprint]) == "en"


@pytest.mark.parametrize("language", ["ar", "de", "en", "ru", "zh"])
def test_paragraphs_of_an_encyclopedia_are_told(language: str) -> None:
    corpus = XQUAD / f"corpus.{language}.jsonl"
    if not corpus.exists():
        pytest.skip(f"{corpus} is not there")
    texts = [json.loads(row)["text"] for row in corpus.read_text("utf-8").splitlines()]

    told = [language_of([text]) for text in texts]

    assert told.count(language) >= len(texts) - 1
    assert set(told) <= {language, ""}
