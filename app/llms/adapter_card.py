"""What an adapter is: a folder with the weights that were taught, and a card that says of what."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError

VERSION = 1
"""Of the fields of a card."""

ADAPTER = "adapter.safetensors"
"""Its weights, by the names that peft gives them."""

CARD = "adapter.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterCard:
    """What is known of an adapter.

    Attributes:
        version: Of the card.
        name: Of the adapter, as in ``tuned:NAME``.
        base: The model it was taught on: ``bundled`` or ``transformers:FOLDER``.
        base_sha256: Of the weights of that model: `smollm2.GGUF_SHA256`, or `weights_sha256`.
        rank: Of its matrices (LoRA, Hu et al. 2021, arXiv:2106.09685).
        alpha: What it adds is multiplied by alpha / rank.
        targets: Names of the layers it changes, such as ``q_proj``, sorted.
        sha256: Of its weights' file.
        prompt: The technique by which the model is asked.
        prompt_version: Of the prompt file of that technique.
        made: The day, as ``2026-11-22``.
        settings: Of the training.
        data: The card of the data it was taught.
        figures: What was measured of it.
    """

    version: int = VERSION
    name: str
    base: str
    base_sha256: str
    rank: Annotated[int, Field(ge=1)]
    alpha: float
    targets: tuple[str, ...]
    sha256: str
    prompt: str = "taught"
    prompt_version: int = 1
    made: str
    settings: Mapping[str, object] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)
    figures: Mapping[str, object] = field(default_factory=dict)


_CARD = TypeAdapter(AdapterCard)


def read_card(folder: Path) -> AdapterCard:
    """Return the card of the adapter in a folder.

    Raises:
        ConfigError: If there is none, or it is of another version or form.
    """
    path = folder / CARD
    try:
        card = _CARD.validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise ConfigError(
            f"There is no adapter in {folder} (no {CARD}). Make one with: citewell tune train"
        ) from error
    except OSError as error:
        raise ConfigError(f"The adapter's card {path} cannot be read: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ConfigError(
            f"{path} is no card of an adapter: {where}: {first['msg']}. "
            "Teach it again with: citewell tune train"
        ) from error
    if card.version != VERSION:
        raise ConfigError(
            f"{path} is a card of version {card.version}; this Citewell reads {VERSION}. "
            "Teach it again with: citewell tune train"
        )
    return card


def write_card(folder: Path, card: AdapterCard) -> None:
    """Write the card of the adapter in a folder."""
    content: object = _CARD.dump_python(card, mode="json")
    text = json.dumps(content, ensure_ascii=False, indent=2)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")


def weights_sha256(folder: Path) -> str:
    """Return the SHA-256 of the weights of a transformers model, in hex.

    Of one file it is that of the file, of several that of the list of theirs.

    Raises:
        ConfigError: If there are none in the form of safetensors.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ConfigError(
            f"{folder} holds no model (no *.safetensors). "
            "Give the folder of a model saved by transformers."
        )
    digests = [file_sha256(path) for path in files]
    if len(files) == 1:
        return digests[0]
    listed = "".join(
        f"{digest}  {path.name}\n" for digest, path in zip(digests, files, strict=True)
    )
    return hashlib.sha256(listed.encode()).hexdigest()


def adapters_folder(home: Path) -> Path:
    """Return where the user's own adapters are."""
    return home / "adapters"


def adapter_folder(home: Path, name: str) -> Path:
    """Return where the adapter of that name belongs, whether or not it is there.

    Raises:
        ConfigError: If it is no name.
    """
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"An adapter cannot be named {name!r}: give at most 64 letters, digits, '.', '_' "
            "or '-', the first a letter or a digit."
        )
    return adapters_folder(home) / name
