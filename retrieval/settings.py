"""All settings, each with its default. Flag > environment > ``citewell.toml`` > default."""

import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal, get_args

from platformdirs import user_data_path
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from citewell.retrieval.errors import ConfigError
from citewell.retrieval.values import SearchMode

PREFIX = "CITEWELL_"
FILE_VARIABLE = "CITEWELL_CONFIG"
"""Names the settings file; without it, it is ``citewell.toml`` in the working folder."""

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts that only this machine reaches."""

_DAY = 86_400
_MOST_SEED = 2**32 - 1


def _expand(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise ValueError("the user after ~ has no home folder on this machine") from error


def _expand_all(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(_expand(path) for path in paths)


def collection_name(name: str) -> str:
    """Return the name of a collection. Raises ValueError, saying what to give, if it is none."""
    if not re.fullmatch(r"\w[\w.-]{0,99}", name):
        raise ValueError("give at most 100 letters, digits, underscores, dots and hyphens")
    return name


def _texts(value: object) -> object:
    """Read a JSON list of texts; any other text is one text by itself, and a blank one none."""
    if not isinstance(value, str):
        return value
    if not value.startswith("["):
        return (value,) if value else ()
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f'give one text, or a JSON list such as ["a", "b"] ({error})') from error


def _filter(value: str | None) -> str | None:
    """Check that a filter can be read."""
    from citewell.retrieval.filters import parse_filter

    if value is not None:
        parse_filter(value)
    return value


class Settings(BaseSettings):
    """What a run of Citewell depends on. Checked when made, fixed after.

    An environment variable that is empty counts as not set.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
    )

    home: Annotated[
        Path,
        AfterValidator(_expand),
        Field(description="Folder of the store and of converted models."),
    ] = user_data_path("citewell", appauthor=False)
    collection: Annotated[
        str, AfterValidator(collection_name), Field(description="Collection to work on.")
    ] = "default"

    chunk_chars: Annotated[
        int, Field(ge=200, le=8000, description="Most characters in a chunk.")
    ] = 900
    read_workers: Annotated[int, Field(ge=1, le=64, description="Reader processes.")] = 2
    read_timeout: Annotated[
        float,
        Field(gt=0, le=_DAY, description="Seconds a file, or a page of a scan, may take to read."),
    ] = 60
    read_memory_mb: Annotated[
        int, Field(ge=256, le=2**20, description="Memory in MiB a file may take to read.")
    ] = 768
    ocr: Annotated[
        Literal["auto", "off"],
        Field(description="Whether pages without text are recognised, where Tesseract is there."),
    ] = "auto"
    max_file_mb: Annotated[int, Field(ge=1, description="Largest file in MiB that is read.")] = 200
    lock_timeout: Annotated[
        float, Field(ge=0, le=_DAY, description="Seconds to wait for another writer of the store.")
    ] = 10

    embedding_model: Annotated[
        str,
        Field(description="'bundled', or a sentence-transformers model: folder or hub name."),
    ] = "bundled"
    embedding_precision: Annotated[
        Literal["auto", "fp32", "bf16"],
        Field(description="Number format of the embedding model; auto suits the processor."),
    ] = "auto"

    k: Annotated[int, Field(ge=1, le=100, description="Passages to find.")] = 5
    mode: Annotated[SearchMode, Field(description="How passages are searched.")] = "hybrid"
    rerank: Annotated[
        str | None,
        Field(description="Cross-encoder that reorders what was found: its folder or hub name."),
    ] = None
    where: Annotated[
        str | None,
        AfterValidator(_filter),
        Field(description="Filter of what is searched; see docs/search.md."),
    ] = None
    labels: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_texts),
        Field(description="Labels the caller holds; documents that carry others are not found."),
    ] = ()

    llm: Annotated[
        str,
        Field(description="Language model: bundled, none, or one that models list tells of."),
    ] = "bundled"
    llm_base_url: Annotated[
        str | None, Field(description="Address of the OpenAI-compatible server.")
    ] = None
    llm_api_key: Annotated[
        SecretStr | None, Field(description="Key for the server, if it asks for one.")
    ] = None
    llm_timeout: Annotated[
        float, Field(gt=0, le=_DAY, description="Seconds a language model may take for an answer.")
    ] = 60
    evidence: Annotated[
        int, Field(ge=1, le=20, description="Most sentences shown to the language model.")
    ] = 4
    threshold: Annotated[
        float | None,
        Field(
            ge=0,
            le=1,
            description="Least probability of an answer; not set, it is the collection's own.",
        ),
    ] = None
    reader: Annotated[
        Literal["bundled", "none"],
        Field(description="The taught model that reads question and passage together."),
    ] = "bundled"
    nli: Annotated[
        str | None,
        Field(description="Cross-encoder that checks what a quote entails: folder or hub name."),
    ] = None
    answer_words: Annotated[
        int, Field(ge=10, le=400, description="Most words of an answer that quotes.")
    ] = 40
    unsupported: Annotated[
        Literal["drop", "flag"],
        Field(description="What becomes of sentences that no evidence supports."),
    ] = "drop"
    technique: Annotated[
        Literal["auto", "zero-shot", "few-shot", "chain-of-thought", "taught"],
        Field(
            description="How the language model is asked; auto: as it was tuned to be, or few-shot."
        ),
    ] = "auto"
    prompts: Annotated[
        Path | None,
        Field(description="Folder of your own prompt files; see citewell models prompts."),
    ] = None
    evidence_tokens: Annotated[
        int, Field(ge=50, le=100_000, description="Most tokens of evidence in a prompt.")
    ] = 600
    quote_evidence: Annotated[
        bool,
        Field(
            description="Add the best evidence, quoted, where the draft rests on other evidence."
        ),
    ] = True
    max_tokens: Annotated[
        int, Field(ge=1, le=4096, description="Most tokens the language model writes.")
    ] = 128
    temperature: Annotated[
        float, Field(ge=0, le=2, description="0 always takes the likeliest token.")
    ] = 0.0
    top_p: Annotated[
        float, Field(gt=0, le=1, description="Sample from the likeliest tokens of this share.")
    ] = 1.0
    top_k: Annotated[
        int, Field(ge=0, le=2**20, description="Sample from so many tokens; 0 sets no limit.")
    ] = 0
    repetition_penalty: Annotated[
        float, Field(ge=1, le=2, description="Above 1 makes repeated words less likely.")
    ] = 1.0
    stop: Annotated[
        tuple[str, ...],
        NoDecode,
        BeforeValidator(_texts),
        Field(description="Texts at which the language model stops: one, or a JSON list."),
    ] = ()
    seed: Annotated[int, Field(ge=0, le=_MOST_SEED, description="Seed of sampling.")] = 0

    host: Annotated[str, Field(description="Address the page listens on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port of the page.")] = 8501
    people: Annotated[
        Literal["auto", "one", "browsers"],
        Field(description="Whose conversations are kept apart: nobody's, or each browser's."),
    ] = "auto"
    answers_at_once: Annotated[
        int,
        Field(ge=1, le=64, description="Answers the page works on at a time; others wait in line."),
    ] = 2
    max_upload_mb: Annotated[
        int, Field(ge=1, le=10_000, description="Largest file in MiB that the page takes in.")
    ] = 200
    page_folders: Annotated[
        tuple[Path, ...],
        NoDecode,
        BeforeValidator(_texts),
        AfterValidator(_expand_all),
        Field(description="Folders of this machine that the page may ingest: one, or a JSON list."),
    ] = ()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take arguments, then the environment, then the settings file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, settings_file())


SECRETS = frozenset(
    name for name, field in Settings.model_fields.items() if SecretStr in get_args(field.annotation)
)
"""Settings whose values are never shown."""


def settings_file() -> Path:
    """Return the path of the settings file, which need not exist unless it is named."""
    return Path(os.environ.get(FILE_VARIABLE) or "citewell.toml")


def load_settings(flags: Mapping[str, object] | None = None) -> Settings:
    """Read all settings.

    Args:
        flags: Values that outrank the environment and the file.

    Raises:
        ConfigError: If a name is unknown, a value is out of range or the file cannot be read.
    """
    given = dict(flags or {})
    _check_names(given)
    try:
        return Settings.model_validate(given, by_name=True)
    except ValidationError as error:
        raise ConfigError(_explain(error, origins(given))) from error


def origins(flags: Mapping[str, object] | None = None) -> dict[str, str]:
    """Return where the value of each setting comes from: ``flag``, a variable, a file, default."""
    in_file = _read_file()
    variables = {name.upper() for name, value in os.environ.items() if value}
    found: dict[str, str] = {}
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name}".upper()
        if flags and name in flags:
            found[name] = "flag"
        elif variable in variables:
            found[name] = variable
        else:
            found[name] = str(settings_file()) if name in in_file else "default"
    return found


def _check_names(flags: Mapping[str, object]) -> None:
    for variable in os.environ:
        name = variable.upper()
        if name.startswith(PREFIX) and name != FILE_VARIABLE:
            near = {f"{PREFIX}{known}".upper() for known in Settings.model_fields}
            _refuse_unknown(name, near, f"environment variable {variable}")
    for name in _read_file():
        _refuse_unknown(name, Settings.model_fields, f"setting {name} in {settings_file()}")
    for name in flags:
        _refuse_unknown(name, Settings.model_fields, f"setting {name}")


def _refuse_unknown(name: str, known: Iterable[str], what: str) -> None:
    names = sorted(known)
    if name in names:
        return
    near = get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(names)}."
    raise ConfigError(f"Unknown {what}. {hint}")


def _read_file() -> dict[str, object]:
    path = settings_file()
    if not path.is_file():
        if os.environ.get(FILE_VARIABLE):
            raise ConfigError(f"{FILE_VARIABLE} names {path}, which is no file.")
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read as TOML: {error}") from error


def _explain(error: ValidationError, sources: Mapping[str, str]) -> str:
    """Say of each wrong value what it is, where it stands and what it may be."""
    parts = []
    for problem in error.errors(include_url=False):
        name = str(problem["loc"][0])
        value = "hidden here" if name in SECRETS else repr(problem["input"])
        where = "" if sources[name] == "flag" else f" ({sources[name]})"
        why = problem["msg"].removeprefix("Value error, ").replace("Input should", "it should")
        parts.append(f"{name} is {value}{where}: {why}.")
    return " ".join(parts)
