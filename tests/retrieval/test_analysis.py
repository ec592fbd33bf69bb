"""Texts and questions are cut into the same words, in any language and script."""

import pytest

from citewell.retrieval.analysis import index_terms, question_words


def question_terms(text: str, languages: list[str]) -> list[str]:
    """Return all that is looked up for a question, each term once."""
    words = question_words(text, languages)
    return list(dict.fromkeys(term for word in words for term in word))


@pytest.mark.parametrize(
    ("language", "text", "terms"),
    [
        ("en", "The cats were RUNNING", ["the", "cat", "were", "run"]),
        ("de", "Die Häuser der Städte", ["die", "haus", "der", "stadt"]),
        ("fr", "L'homme était général", ["l", "homm", "etait", "general"]),
        ("es", "Las canciones españolas", ["las", "cancion", "espanol"]),
        ("ru", "Котёнок и котята", ["котенок", "и", "котят"]),
        ("uk", "Кішки", ["кішки"]),
        ("ja", "猫", ["猫"]),
        ("ar", "المَكتَبَةُ الكُتُب", ["مكتب", "كتب"]),
        ("el", "Οι γάτες", ["οι", "γατ"]),
        ("hi", "बिल्लियों", ["बिल्ल"]),
    ],
)
def test_words_are_stemmed_in_the_language_of_the_text(
    language: str, text: str, terms: list[str]
) -> None:
    assert index_terms(text, language) == terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("cats", ["cat"]),
        ("кошками", ["кошк"]),
        ("المكتبة", ["مكتب"]),
        ("γάτες", ["γατ"]),
    ],
)
def test_an_unknown_language_is_taken_by_the_script(text: str, terms: list[str]) -> None:
    assert index_terms(text, "") == terms


def test_a_word_in_another_script_than_its_language_has_is_taken_by_its_own() -> None:
    assert index_terms("Windows запускает", "ru") == ["window", "запуска"]
    assert index_terms("the кошками cats", "en") == ["the", "кошк", "cat"]


def test_accents_case_and_width_make_no_difference() -> None:
    assert index_terms("Zürich ZURICH ｚｕｒｉｃｈ Zu\u0308rich", "en") == ["zurich"] * 4
    assert index_terms("Łódź Øre straße", "en") == ["lodz", "ore", "strasse"]


def test_possessive_endings_are_dropped_and_elided_articles_stand_alone() -> None:
    assert index_terms("the cat's and the cat’s tail", "en") == index_terms(
        "the cat and the cat tail", "en"
    )
    assert index_terms("dell'arte", "it") == ["dell", "arte"]


def test_text_without_spaces_is_cut_into_characters_and_pairs() -> None:
    assert index_terms("北京大学", "zh") == ["北", "京", "大", "学", "北京", "京大", "大学"]
    assert question_terms("北京大学", ["zh"]) == ["北京", "京大", "大学"]


def test_a_single_character_is_looked_up_as_it_stands_in_any_run() -> None:
    (term,) = question_terms("猫", ["zh"])

    assert term in index_terms("小猫咪", "zh")


def test_kana_and_thai_are_cut_into_pairs_with_their_marks() -> None:
    assert index_terms("ネコが", "ja") == ["ネコ", "コが"]
    assert index_terms("กินข้าว", "th") == ["กิน", "นข้", "ข้า", "าว"]


def test_korean_particles_hide_no_word() -> None:
    assert set(question_terms("고양이", ["ko"])) <= set(index_terms("고양이는", "ko"))


def test_mixed_text_is_handled_run_by_run() -> None:
    assert index_terms("买了iPhone 15手机", "zh") == [
        *("买", "了", "买了", "iphon", "phone", "15", "手", "机", "手机"),
    ]
    assert question_terms("iPhone 15手机", ["zh"]) == ["iphon", "phone", "15", "手机"]


def test_identifiers_stand_whole_and_in_parts() -> None:
    assert index_terms("getUserName", "en") == ["getusernam", "get", "user", "name"]
    assert index_terms("get_user_name", "en") == ["getusernam", "get", "user", "name"]
    assert index_terms("HTTPServer2", "en") == ["httpserver2", "http", "server"]
    assert index_terms("__init__", "en") == ["init"]


@pytest.mark.parametrize("word", ["USER", "PCs", "p53", "COVID19", "3D", "User", "x1"])
def test_plain_words_stand_once(word: str) -> None:
    assert len(index_terms(word, "en")) == 1


def test_words_with_signs_between_are_several() -> None:
    assert index_terms("state-of-the-art, 3.14", "en") == ["state", "of", "the", "art", "3", "14"]


@pytest.mark.parametrize("text", ["", "  ", "!?", "___", "\0", "\ud800", "\U0001f600", "'"])
def test_what_holds_no_letter_holds_no_word(text: str) -> None:
    assert index_terms(text, "en") == []
    assert question_terms(text, ["en"]) == []


def test_a_word_of_any_length_gives_a_short_term() -> None:
    assert index_terms("x" * 100_000, "en") == ["x" * 64]


def test_a_question_has_each_word_in_each_language_of_its_script() -> None:
    assert question_words("Häuser", ["de", "en", "ru"]) == [("haus", "hauser")]
    assert question_words("кошками", ["de", "en", "ru"]) == [("кошк",)]
    assert question_words("iPhone", ["en", "ru", "zh"]) == [("iphon",), ("phone",)]


def test_a_question_asks_for_each_word_once() -> None:
    assert question_terms("cats and CATS and cat", ["en"]) == ["cat", "and"]


def test_a_question_to_nothing_asks_for_no_word() -> None:
    assert question_words("cats", []) == []
