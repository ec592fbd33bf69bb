"""What can be chosen on the page, and the settings that come of it."""

from pathlib import Path

import pytest
from pydantic import JsonValue, SecretStr

from citewell.app.page.choices import (
    CHOICES,
    GROUPS,
    allowed,
    choice_of,
    choosing,
    in_words,
    settings_with,
    value_of,
)
from citewell.retrieval.errors import ConfigError, FilterError
from citewell.retrieval.settings import Settings


@pytest.fixture
def base(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_every_group_has_choices_and_stands_in_its_place() -> None:
    groups = [choice.group for choice in CHOICES]

    assert list(dict.fromkeys(groups)) == list(GROUPS)
    assert groups == sorted(groups, key=list(GROUPS).index)


def test_defaults_are_those_of_the_settings() -> None:
    untouched = Settings.model_construct()

    assert {choice.name: choice.default for choice in CHOICES} == {
        choice.name: value_of(untouched, choice.name) for choice in CHOICES
    }


def test_ranges_are_read_from_the_settings() -> None:
    assert allowed(choice_of("k")) == "a whole number from 1 to 100"
    assert allowed(choice_of("top_p")) == "a number above 0, at most 1"
    assert allowed(choice_of("seed")) == "a whole number from 0 to 4,294,967,295"
    assert (
        allowed(choice_of("threshold"))
        == "a number from 0 to 1, or nothing for the collection's own"
    )
    assert allowed(choice_of("unsupported")) == "one of drop, flag"
    assert allowed(choice_of("quote_evidence")) == "on or off"


@pytest.mark.parametrize(
    "name", ["labels", "llm_api_key", "home", "host", "page_folders", "max_upload_mb"]
)
def test_who_may_see_what_and_where_things_are_kept_cannot_be_chosen(
    name: str, base: Settings
) -> None:
    with pytest.raises(ConfigError, match=f"'{name}' cannot be chosen on the page"):
        settings_with(base, {name: "x"})


def test_chosen_settings_outrank_those_of_the_process_and_leave_the_rest(base: Settings) -> None:
    chosen = settings_with(base, {"k": 8, "stop": ["END"], "prompts": "/prompts", "llm": "none"})

    assert (chosen.k, chosen.stop, chosen.prompts) == (8, ("END",), Path("/prompts"))
    assert chosen.llm == "none"
    assert chosen.home == base.home
    assert base.k == 5


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("k", 500, "Passages to find is 500. Give a whole number from 1 to 100."),
        ("k", None, "Passages to find is empty. Give a whole number from 1 to 100."),
        ("k", 5.5, "Passages to find is 5.5. Give a whole number from 1 to 100."),
        ("top_p", 0, "Top p is 0. Give a number above 0, at most 1."),
        ("temperature", float("nan"), "Temperature is nan. Give a number from 0 to 2."),
        ("mode", "x", "How passages are searched is 'x'. Give one of hybrid, dense, lexical."),
        ("stop", 3, "Stop texts is 3. Give texts, one a line."),
        ("quote_evidence", "perhaps", "Quote better evidence is 'perhaps'. Give on or off."),
        ("llm", None, "Model is empty. Input should be a valid string."),
    ],
)
def test_a_wrong_value_is_a_sentence_with_what_to_give_instead(
    name: str, value: JsonValue, says: str, base: Settings
) -> None:
    with pytest.raises(ConfigError) as raised:
        settings_with(base, {name: value})

    assert str(raised.value) == says


def test_a_filter_that_cannot_be_read_is_shown_where_it_breaks(base: Settings) -> None:
    with pytest.raises(FilterError, match="after year, not >>"):
        settings_with(base, {"where": "year >> 2024"})


def test_an_address_that_is_none_is_refused(base: Settings) -> None:
    with pytest.raises(ConfigError, match="give the address of a server"):
        settings_with(base, {"llm_base_url": "the office server"})


def test_an_address_with_a_password_is_refused_for_it_would_be_kept(base: Settings) -> None:
    with pytest.raises(ConfigError, match="Give it without, and set CITEWELL_LLM_API_KEY"):
        settings_with(base, {"llm_base_url": "https://me:secret@models.test/v1"})


def test_a_blank_text_leaves_unset_what_may_be(base: Settings) -> None:
    assert settings_with(base, {"rerank": "  "}).rerank is None


def test_the_key_goes_to_no_other_server_than_it_was_set_for(tmp_path: Path) -> None:
    base = Settings(
        home=tmp_path,
        llm="openai:small",
        llm_base_url="https://models.test/v1",
        llm_api_key=SecretStr("secret"),
    )

    assert settings_with(base, {"llm": "openai:large"}).llm_api_key == SecretStr("secret")
    assert settings_with(base, {"llm_base_url": "https://other.test/v1"}).llm_api_key is None
    assert settings_with(base, {"llm_base_url": None}).llm_api_key is None


def test_the_key_of_a_provider_goes_to_no_other_provider(tmp_path: Path) -> None:
    base = Settings(home=tmp_path, llm="mistralai:small", llm_api_key=SecretStr("secret"))

    assert settings_with(base, {"llm": "mistralai:large"}).llm_api_key == SecretStr("secret")
    assert settings_with(base, {"llm": "anthropic:large"}).llm_api_key is None


def test_choosing_adds_to_what_was_chosen(base: Settings) -> None:
    assert choosing(base, {"k": 8}, "seed", 3) == {"k": 8, "seed": 3}


def test_choosing_what_the_process_has_takes_the_choice_back(base: Settings) -> None:
    assert choosing(base, {"k": 8, "seed": 3}, "k", 5) == {"seed": 3}


def test_a_wrong_choice_is_not_made(base: Settings) -> None:
    with pytest.raises(ConfigError, match="Seed is -1"):
        choosing(base, {"k": 8}, "seed", -1)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("k", 5, "5"),
        ("temperature", 0.0, "0"),
        ("llm_timeout", 60.0, "60"),
        ("mode", "hybrid", "Words and meaning"),
        ("quote_evidence", True, "on"),
        ("threshold", None, "the collection's own"),
        ("where", None, "all documents"),
        ("stop", [], "none"),
        ("stop", ["END"], "'END'"),
    ],
)
def test_values_are_shown_in_words(name: str, value: JsonValue, words: str) -> None:
    assert in_words(choice_of(name), value) == words


def test_labels_and_explanations_are_short_lines() -> None:
    assert max(len(choice.explanation) for choice in CHOICES) <= 72
    assert len({choice.label for choice in CHOICES}) == len(CHOICES)
