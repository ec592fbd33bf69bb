"""Settings: which source wins, what is refused and how, and that secrets stay unseen."""

import os
from pathlib import Path

import pytest

from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import SECRETS, Settings, load_settings, origins


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, where none of Citewell's variables is set."""
    for name in [name for name in os.environ if name.upper().startswith("CITEWELL_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> None:
    folder.joinpath("citewell.toml").write_text(text, "utf-8")


def test_without_any_source_the_defaults_hold() -> None:
    settings = load_settings()

    assert (settings.k, settings.mode, settings.llm, settings.port) == (
        5,
        "hybrid",
        "bundled",
        8501,
    )
    assert set(origins().values()) == {"default"}


def test_the_file_outranks_the_default(folder: Path) -> None:
    write(folder, "k = 7")

    assert load_settings().k == 7
    assert origins()["k"] == "citewell.toml"


def test_the_environment_outranks_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "k = 7")
    monkeypatch.setenv("CITEWELL_K", "8")

    assert load_settings().k == 8
    assert origins()["k"] == "CITEWELL_K"


def test_a_flag_outranks_everything(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "k = 7")
    monkeypatch.setenv("CITEWELL_K", "8")

    assert load_settings({"k": "9"}).k == 9
    assert origins({"k": "9"})["k"] == "flag"


def test_sources_fill_in_for_each_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, 'k = 7\nmode = "dense"')
    monkeypatch.setenv("CITEWELL_MODE", "lexical")

    settings = load_settings({"port": 9000})

    assert (settings.k, settings.mode, settings.port) == (7, "lexical", 9000)
    found = origins({"port": 9000})
    assert (found["k"], found["mode"], found["port"]) == ("citewell.toml", "CITEWELL_MODE", "flag")


def test_variables_may_be_in_lower_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("citewell_k", "8")

    assert load_settings().k == 8
    assert origins()["k"] == "CITEWELL_K"


def test_an_empty_variable_counts_as_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "k = 7")
    for name in ("CITEWELL_K", "CITEWELL_HOME", "CITEWELL_LLM_API_KEY", "CITEWELL_CONFIG"):
        monkeypatch.setenv(name, "")

    settings = load_settings()

    assert (settings.k, settings.llm_api_key) == (7, None)
    assert settings.home.is_absolute()
    assert origins()["k"] == "citewell.toml"


@pytest.mark.parametrize(
    ("flag", "message"),
    [
        ("chunk_char", r"^Unknown setting chunk_char\. Did you mean chunk_chars\?$"),
        ("top-k", r"^Unknown setting top-k\. Did you mean top_k\?$"),
        ("zebra", r"^Unknown setting zebra\. Known are answer_words, .*, where\.$"),
    ],
)
def test_an_unknown_flag_is_refused_by_name(flag: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings({flag: "1"})


def test_an_unknown_variable_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_LLM_URL", "http://127.0.0.1/v1")

    with pytest.raises(
        ConfigError,
        match=r"^Unknown environment variable CITEWELL_LLM_URL\. Did you mean CITEWELL_LLM",
    ):
        load_settings()


def test_an_unknown_name_in_the_file_is_refused_by_name(folder: Path) -> None:
    write(folder, 'modus = "dense"')

    with pytest.raises(
        ConfigError, match=r"^Unknown setting modus in citewell\.toml\. Did you mean mode\?$"
    ):
        load_settings()


def test_a_table_in_the_file_is_refused_by_name(folder: Path) -> None:
    write(folder, "[search]\nk = 3")

    with pytest.raises(ConfigError, match=r"^Unknown setting search in citewell\.toml\. "):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("k", "0", r"^k is '0': it should be greater than or equal to 1\.$"),
        ("k", 101, r"^k is 101: it should be less than or equal to 100\.$"),
        ("k", "two", r"^k is 'two': it should be a valid integer"),
        ("mode", "exact", r"^mode is 'exact': it should be 'hybrid', 'dense' or 'lexical'\.$"),
        ("threshold", "nan", r"^threshold is 'nan': it should be a finite number\.$"),
        ("read_timeout", "inf", r"^read_timeout is 'inf': it should be a finite number\.$"),
        (
            "llm_timeout",
            "1e10",
            r"^llm_timeout is '1e10': it should be less than or equal to 86400",
        ),
        ("port", "65536", r"^port is '65536': it should be less than or equal to 65535\.$"),
        ("seed", 2**32, r"^seed is 4294967296: it should be less than or equal to 4294967295\.$"),
        ("collection", "a b", r"^collection is 'a b': give at most 100 letters, digits"),
        ("collection", "", r"^collection is '': give at most 100 letters, digits"),
        ("home", "~no-such-user/x", r"^home is '~no-such-user/x': the user after ~ has no home"),
        (
            "stop",
            "[half",
            r"^stop is '\[half': give one text, or a JSON list such as \[\"a\", \"b\"\]",
        ),
    ],
)
def test_a_value_out_of_range_is_named_with_what_it_may_be(
    name: str, value: object, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings({name: value})


def test_a_wrong_value_is_named_with_where_it_stands(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "k = 0")
    monkeypatch.setenv("CITEWELL_PORT", "0")

    with pytest.raises(
        ConfigError,
        match=r"^k is 0 \(citewell\.toml\): .* 1\. port is '0' \(CITEWELL_PORT\): .* 1\.$",
    ):
        load_settings()


def test_a_secret_is_read_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWELL_LLM_API_KEY", "hush")

    settings = load_settings()

    assert settings.llm_api_key is not None
    assert settings.llm_api_key.get_secret_value() == "hush"
    assert "hush" not in repr(settings) + str(settings) + str(settings.model_dump())


def test_a_wrong_secret_is_not_shown_by_its_error(folder: Path) -> None:
    write(folder, "llm_api_key = 4711")

    with pytest.raises(
        ConfigError, match=r"^llm_api_key is hidden here \(citewell\.toml\)"
    ) as wrong:
        load_settings()

    assert "4711" not in str(wrong.value) + str(wrong.value.__cause__)


def test_the_settings_that_are_secret_are_known() -> None:
    assert frozenset({"llm_api_key"}) == SECRETS


@pytest.mark.parametrize("source", ["flag", "variable", "file"])
def test_a_tilde_stands_for_the_users_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    monkeypatch.setenv("HOME", str(folder / "me"))
    if source == "variable":
        monkeypatch.setenv("CITEWELL_HOME", "~/store")
    if source == "file":
        write(folder, 'home = "~/store"')

    settings = load_settings({"home": Path("~/store")} if source == "flag" else {})

    assert settings.home == folder / "me" / "store"


def test_another_settings_file_may_be_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, "k = 7")
    folder.joinpath("mine.toml").write_text("k = 8")
    monkeypatch.setenv("CITEWELL_CONFIG", "mine.toml")

    assert load_settings().k == 8
    assert origins()["k"] == "mine.toml"


def test_a_settings_file_that_is_named_and_missing_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CITEWELL_CONFIG", "gone.toml")

    with pytest.raises(
        ConfigError, match=r"^CITEWELL_CONFIG names gone\.toml, which is no file\.$"
    ):
        load_settings()


@pytest.mark.parametrize("content", [b"k = ", b"k = 3\nk = 4", b'llm = "\xff"'])
def test_a_broken_settings_file_is_named(folder: Path, content: bytes) -> None:
    folder.joinpath("citewell.toml").write_bytes(content)

    with pytest.raises(ConfigError, match=r"^citewell\.toml cannot be read as TOML: "):
        load_settings()


@pytest.mark.parametrize(
    ("given", "texts"),
    [
        ('["\\n", "Q:"]', ("\n", "Q:")),
        ("Q:", ("Q:",)),
        ("a, b", ("a, b",)),
        ("[]", ()),
    ],
)
def test_texts_are_given_as_a_json_list_or_one_by_itself(
    monkeypatch: pytest.MonkeyPatch, given: str, texts: tuple[str, ...]
) -> None:
    monkeypatch.setenv("CITEWELL_STOP", given)

    assert load_settings().stop == texts
    monkeypatch.delenv("CITEWELL_STOP")
    assert load_settings({"stop": given}).stop == texts


def test_a_file_gives_texts_as_a_list(folder: Path) -> None:
    write(folder, 'stop = ["a", "b"]')

    assert load_settings().stop == ("a", "b")


def test_settings_do_not_change_once_made() -> None:
    settings = load_settings()

    with pytest.raises(ValueError, match="frozen"):
        settings.k = 3


def test_every_setting_says_what_it_is() -> None:
    undescribed = [name for name, field in Settings.model_fields.items() if not field.description]

    assert undescribed == []
