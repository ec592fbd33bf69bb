"""What a language model is asked: prompt files, with their fields filled in.

A prompt file begins with a line such as ``# citewell prompt 1: standalone``, which says its
version and its name. More lines with ``#`` may follow; then come the turns, each below a line
``== system``, ``== user`` or ``== assistant``.
"""

import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal, cast, get_args

from citewell.app.answer_values import Evidence
from citewell.app.drafting import NOT_FOUND
from citewell.app.fencing import fence, harmless
from citewell.app.llms.protocol import LanguageModel, Message, Role, was_taught
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings

Technique = Literal["zero-shot", "few-shot", "chain-of-thought", "taught"]

VERSION = 1
"""Of the fields and turns that prompt files may have."""

_ANSWER = frozenset({"evidence", "question"})
NEEDED: Mapping[str, frozenset[str]] = {
    **{f"answer-{technique}": _ANSWER for technique in get_args(Technique)},
    "standalone": frozenset({"history", "question"}),
}
"""The names of all prompts, and the fields that each must have."""

_OPTIONAL = {"not_found"}
_ROLES = frozenset(get_args(Role))
_TURN = re.compile(r"^== *(\w+) *\n", re.MULTILINE)
_HEADER = re.compile(r"# citewell prompt (\d+): (\S+)\s*\n(?:#.*\n)*")
_FIELD = re.compile(r"\{([a-z_]+)\}")


def technique_for(model: LanguageModel | None, settings: Settings) -> Technique:
    """Return how a model is asked: as settings say, else in the way that suits it."""
    if settings.technique != "auto":
        return settings.technique
    return "taught" if was_taught(model) else "few-shot"


def build(
    technique: Technique,
    question: str,
    evidence: Sequence[Evidence],
    folder: Path | None = None,
) -> list[Message]:
    """Return the messages that ask for an answer from the evidence.

    Args:
        technique: How it is asked. After ``chain-of-thought`` the answer begins at the first
            ``</think>``: give `draft_sentences` ``thinks=True``.
        question: One that can be understood by itself.
        evidence: What may be used, numbered.
        folder: Of the user's own prompt files; those it lacks are Citewell's.

    Raises:
        ConfigError: If a file in ``folder`` is no valid prompt.
    """
    fields = {
        "evidence": fence(evidence),
        "question": harmless(question),
        "not_found": NOT_FOUND,
    }
    return _filled(prompt_text(f"answer-{technique}", folder), fields)


def build_standalone(
    question: str, history: Sequence[tuple[str, str]], folder: Path | None = None
) -> list[Message]:
    """Return the messages that ask to rewrite a follow-up as a question of its own.

    Args:
        question: The follow-up.
        history: Questions and answers so far, the oldest first.
        folder: Of the user's own prompt files.

    Raises:
        ConfigError: If the file in ``folder`` is no valid prompt.
    """
    turns = (f"Q: {harmless(asked)}\nA: {harmless(answer)}" for asked, answer in history)
    fields = {
        "history": "\n".join(turns),
        "question": harmless(question),
        "not_found": NOT_FOUND,
    }
    return _filled(prompt_text("standalone", folder), fields)


def prompt_text(name: str, folder: Path | None = None) -> str:
    """Return the text of a prompt file: the user's, else Citewell's. It is valid."""
    path = folder / f"{name}.txt" if folder else None
    if path is None or not path.is_file():
        return files("citewell.app").joinpath("prompts", f"{name}.txt").read_text("utf-8")
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"The prompt {path} cannot be read as UTF-8 text: {error}.") from error
    _check(text, name, path)
    return text


def check_prompts(folder: Path) -> list[str]:
    """Check all prompt files in a folder. Returns their names.

    Raises:
        ConfigError: If one is not valid, or there is none.
    """
    found = sorted(path.stem for path in folder.glob("*.txt"))
    for name in found:
        if name not in NEEDED:
            raise ConfigError(
                f"{folder / name}.txt has a name that no prompt has. Names are: {_names()}."
            )
        prompt_text(name, folder)
    if not found:
        raise ConfigError(
            f"prompts is the folder {str(folder)!r}, which holds no prompt files. "
            f"Run: citewell models prompts --to {folder}"
        )
    return found


def _check(text: str, name: str, path: Path) -> None:
    header = _HEADER.match(text)
    if header is None:
        raise ConfigError(
            f"The prompt {path} does not begin with the line '# citewell prompt {VERSION}: {name}'."
        )
    if (int(header[1]), header[2]) != (VERSION, name):
        raise ConfigError(
            f"The prompt {path} says that it is '{header[2]}', version {header[1]}; "
            f"this Citewell reads '{name}', version {VERSION}. Compare it with what "
            "citewell models prompts copies."
        )
    _check_turns(text[header.end() :], path)
    fields = set(_FIELD.findall(text[header.end() :]))
    if missing := sorted(NEEDED[name] - fields):
        raise ConfigError(f"The prompt {path} lacks {{{missing[0]}}}. Put it where it belongs.")
    if unknown := sorted(fields - NEEDED[name] - _OPTIONAL):
        known = ", ".join(f"{{{field}}}" for field in sorted(NEEDED[name] | _OPTIONAL))
        raise ConfigError(f"The prompt {path} has {{{unknown[0]}}}. Known fields are {known}.")


def _check_turns(body: str, path: Path) -> None:
    before, *parts = _TURN.split(body)
    roles = parts[::2]
    if before.strip():
        raise ConfigError(
            f"The prompt {path} has text before its first turn: {before.strip()[:40]!r}. "
            "Begin a turn with a line such as '== system', or a note with '#'."
        )
    if unknown := [role for role in roles if role not in _ROLES]:
        raise ConfigError(
            f"The prompt {path} has a turn '== {unknown[0]}'. Turns are system, user, assistant."
        )
    if not roles or roles[-1] != "user":
        raise ConfigError(f"The prompt {path} must end with a turn '== user'.")


def _filled(text: str, fields: Mapping[str, str]) -> list[Message]:
    # In one pass, so that what is put in for one field cannot hold another.
    parts = _TURN.split(_HEADER.sub("", text, count=1))[1:]
    return [
        Message(
            cast(Role, role), _FIELD.sub(lambda found: fields.get(found[1], found[0]), turn.strip())
        )
        for role, turn in zip(parts[::2], parts[1::2], strict=True)
    ]


def _names() -> str:
    return ", ".join(f"{name}.txt" for name in sorted(NEEDED))
