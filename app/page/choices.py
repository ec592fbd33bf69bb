"""Which settings can be chosen on the page, in words, and the settings that come of a choice."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError

from citewell.app.chats.values import Choices
from citewell.app.llms.addresses import server_address
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings

Group = Literal["Model", "Generation", "Prompting", "Retrieval", "Strictness"]
Kind = Literal["whole", "number", "switch", "one_of", "text", "texts"]

GROUPS: Mapping[Group, str] = {
    "Model": "Who writes the answers.",
    "Generation": "How the model writes. The defaults give the same answer every time.",
    "Prompting": "How the model is asked, and what it is given to read.",
    "Retrieval": "How passages are found in the documents.",
    "Strictness": "When to decline, and how closely an answer is checked.",
}
"""The groups, in order, each with what it is about."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a setting may be.

    Attributes:
        least: The least number; None if there is no limit.
        above: Whether `least` itself is too little.
        most: The greatest number; None if there is no limit.
        options: All values it may have, each in words; empty if there are too many.
        optional: Whether it can be left unset.
    """

    least: float | None = None
    above: bool = False
    most: float | None = None
    options: Mapping[str, str] | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting that can be chosen on the page.

    Attributes:
        name: Of the field of `Settings`.
        label: What it is called on the page.
        explanation: What it does, in a line.
        default: Citewell's own, as JSON.
        unset: What it means when it is not set; blank if it always is.
    """

    name: str
    group: Group
    label: str
    explanation: str
    kind: Kind
    default: JsonValue
    range: Range
    unset: str = ""


_MODEL = (
    ("llm", "Model", "Which language model writes the drafts that are checked."),
    ("llm_base_url", "Address of the server", "Where an OpenAI-compatible server listens."),
    ("llm_timeout", "Time limit in seconds", "After this time the documents are quoted instead."),
)
_GENERATION = (
    ("max_tokens", "Longest draft in tokens", "A token is about three quarters of a word."),
    ("temperature", "Temperature", "0 always takes the likeliest word; more makes it vary."),
    ("top_p", "Top p", "Only the likeliest words of this share are drawn from."),
    ("top_k", "Top k", "Only so many of the likeliest words are drawn from; 0 sets no limit."),
    ("repetition_penalty", "Repetition penalty", "Above 1, repeated words become less likely."),
    ("stop", "Stop texts", "Where one of these would be written, writing ends. One a line."),
    ("seed", "Seed", "The same seed draws the same words, where the model honours it."),
)
_PROMPTING = (
    ("technique", "How the model is asked", "Examples help small models; thinking takes longer."),
    ("evidence", "Sentences shown to the model", "More may help a large model, and is slower."),
    ("evidence_tokens", "Room for them in tokens", "What does not fit is left out, worst first."),
    ("prompts", "Folder of your own prompts", "Files as citewell models prompts writes them."),
)
_RETRIEVAL = (
    ("k", "Passages to find", "More give more to choose an answer from, and take longer."),
    ("mode", "How passages are searched", "Both together find most."),
    (
        "where",
        "Only documents that match",
        "A filter, such as: folder = contracts and year >= 2024",
    ),
    ("rerank", "Second look", "A cross-encoder puts what was found in a better order; slower."),
)
_STRICTNESS = (
    ("threshold", "Least probability of an answer", "Below it, Citewell declines to answer."),
    ("unsupported", "Sentences without support", "What becomes of those that no source supports."),
    ("quote_evidence", "Quote better evidence", "Adds it where the draft rests on other words."),
    ("answer_words", "Longest quoted answer in words", "Of answers in the documents' own words."),
    ("reader", "Reader", "A small model that reads question and passage together."),
    ("nli", "Second check", "A cross-encoder must agree that a quote says it; slower."),
)

_OPTIONS: Mapping[str, Mapping[str, str]] = {
    "technique": {
        "auto": "As suits the model",
        "zero-shot": "Without examples",
        "few-shot": "With examples",
        "chain-of-thought": "Thinking first",
        "taught": "As the model that comes with Citewell was taught",
    },
    "mode": {"hybrid": "Words and meaning", "dense": "Meaning only", "lexical": "Words only"},
    "unsupported": {"drop": "Leave them out", "flag": "Show them, flagged"},
    "reader": {"bundled": "Use it", "none": "Do without"},
}
_UNSET = {
    "llm_base_url": "none",
    "threshold": "the collection's own",
    "rerank": "none",
    "where": "all documents",
    "nli": "none",
    "prompts": "Citewell's own",
}


def settings_with(base: Settings, choices: Choices) -> Settings:
    """Return settings in which some have been chosen.

    The key of a model server is kept only for the server it was set for.

    Raises:
        ConfigError: If one cannot be chosen, or not this.
    """
    checked = {name: _checked(choice_of(name), value) for name, value in choices.items()}
    chosen = base.model_copy(update=checked)
    if base.llm_api_key is not None and not _same_server(base, chosen):
        chosen = chosen.model_copy(update={"llm_api_key": None})
    return chosen


def choice_of(name: str) -> Choice:
    """Return the choice of that name. Raises ConfigError if there is none."""
    for choice in CHOICES:
        if choice.name == name:
            return choice
    raise ConfigError(f"The setting {name!r} cannot be chosen on the page. Reset the settings.")


def choosing(base: Settings, choices: Choices, name: str, value: JsonValue) -> Choices:
    """Return choices with one more made; what the process has anyway is none.

    Raises:
        ConfigError: If it may not be this.
    """
    others = {key: kept for key, kept in choices.items() if key != name}
    value = value_of(settings_with(base, {name: value}), name)
    return others if value == value_of(base, name) else {**others, name: value}


def value_of(settings: Settings, name: str) -> JsonValue:
    """Return the value of a setting as JSON."""
    value: JsonValue = settings.model_dump(mode="json", include={name})[name]
    return value


def in_words(choice: Choice, value: JsonValue) -> str:
    """Return a value as it is shown."""
    if value is None:
        return choice.unset
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ", ".join(repr(each) for each in value) or "none"
    if isinstance(value, float):
        return f"{value:g}"
    return (choice.range.options or {}).get(str(value), str(value))


def allowed(choice: Choice) -> str:
    """Say what a choice may be; blank where any text will do."""
    span = choice.range
    match choice.kind:
        case "whole" | "number":
            what = "a whole number" if choice.kind == "whole" else "a number"
            lower = f"above {span.least:,}, at most" if span.above else f"from {span.least:,} to"
            words = f"{what} {lower} {span.most:,}"
        case "one_of":
            words = f"one of {', '.join(span.options or {})}"
        case "switch":
            words = "on or off"
        case "texts":
            words = "texts, one a line"
        case "text":
            words = ""
    return f"{words}, or nothing for {choice.unset}" if words and span.optional else words


def _checked(choice: Choice, value: JsonValue) -> object:
    """Return a value as the field of `Settings` holds it."""
    if choice.range.optional and isinstance(value, str):
        value = value.strip() or None
    try:
        checked: object = _adapter(choice.name).validate_python(value)
    except ValidationError as error:
        why = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        wanted = f"Give {allowed(choice)}" if allowed(choice) else why
        given = "empty" if value in (None, "") else repr(value)
        raise ConfigError(f"{choice.label} is {given}. {wanted}.") from error
    if choice.name == "llm_base_url" and checked is not None:
        _check_address(str(checked))
    return checked


def _check_address(address: str) -> None:
    if server_address(address).username is not None:
        raise ConfigError(
            "The address of the server holds a user name or a password, which would be kept. "
            "Give it without, and set CITEWELL_LLM_API_KEY where Citewell is started."
        )


def _same_server(base: Settings, chosen: Settings) -> bool:
    """Whether prompts go to the server that the key was set for."""
    if chosen.llm_base_url != base.llm_base_url:
        return False
    if chosen.llm_base_url is not None:
        return True
    return chosen.llm.partition(":")[0] == base.llm.partition(":")[0]


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    """Return what checks a field by itself; no two fields of `Settings` are checked together."""
    field = Settings.model_fields[name]
    kind: Any = field.annotation
    if field.metadata:
        kind = Annotated[kind, *field.metadata]
    return TypeAdapter(kind, config=ConfigDict(allow_inf_nan=False, hide_input_in_errors=True))


def _choice(group: Group, name: str, label: str, explanation: str) -> Choice:
    field = Settings.model_fields[name]
    default: JsonValue = _adapter(name).dump_python(field.default, mode="json")
    return Choice(
        name,
        group,
        label,
        explanation,
        _kind(field.annotation),
        default,
        _range(name, field.annotation, field.metadata),
        _UNSET.get(name, ""),
    )


def _kind(annotation: Any) -> Kind:
    if get_origin(annotation) is Literal:
        return "one_of"
    if get_origin(annotation) is tuple:
        return "texts"
    wanted = next((each for each in get_args(annotation) if each is not type(None)), annotation)
    kinds: dict[type, Kind] = {bool: "switch", int: "whole", float: "number"}
    return kinds.get(wanted, "text")


def _range(name: str, annotation: Any, constraints: list[Any]) -> Range:
    options = None
    if get_origin(annotation) is Literal:
        options = {value: _OPTIONS[name][value] for value in get_args(annotation)}
    least = next((each.ge for each in constraints if isinstance(each, Ge)), None)
    above = next((each.gt for each in constraints if isinstance(each, Gt)), None)
    most = next((each.le for each in constraints if isinstance(each, Le)), None)
    return Range(
        least if above is None else above,  # type: ignore[arg-type]
        above is not None,
        most,  # type: ignore[arg-type]
        options,
        type(None) in get_args(annotation),
    )


CHOICES: tuple[Choice, ...] = tuple(
    _choice(group, *row)
    for group, rows in zip(
        GROUPS, (_MODEL, _GENERATION, _PROMPTING, _RETRIEVAL, _STRICTNESS), strict=True
    )
    for row in rows
)
"""All that can be chosen, by group."""
