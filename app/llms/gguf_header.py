"""What the header of a GGUF file says about its model. No tensor is read.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from citewell.retrieval.errors import ConfigError

_FIXED = {
    **{0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i"},
    **{6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"},
}
_STRING, _ARRAY = 8, 9
_CONTROL_TOKEN = 3
_MOST_KEYS = 10_000
_MOST_ITEMS = 10_000_000
_MOST_BYTES = 2**27

_Value = object


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """About a model in a GGUF file.

    Attributes:
        architecture: Such as ``llama`` or ``qwen2``.
        context_tokens: Most tokens of prompt and answer together, as it was trained.
        chat_template: None for a base model, which only continues text.
        control_tokens: Tokens that structure a prompt, such as ``<|im_end|>``.
    """

    architecture: str
    context_tokens: int | None
    chat_template: str | None
    control_tokens: tuple[str, ...]


def read_header(path: Path) -> GgufHeader:
    """Return what the header of a GGUF file says.

    Raises:
        ConfigError: If it is not a GGUF file, or its header is damaged.
    """
    try:
        with path.open("rb") as file:
            fields = read_fields(file, read_start(file)[1])
    except (OSError, ValueError, struct.error) as error:
        raise ConfigError(
            f"{path} cannot be read as a GGUF model: {error}. Give the path of a .gguf file, or "
            "download it again."
        ) from error
    architecture = str(fields.get("general.architecture", ""))
    length = fields.get(f"{architecture}.context_length")
    template = fields.get("tokenizer.chat_template")
    return GgufHeader(
        architecture,
        length if isinstance(length, int) else None,
        template if isinstance(template, str) and template.strip() else None,
        _control_tokens(fields),
    )


def _control_tokens(fields: Mapping[str, _Value]) -> tuple[str, ...]:
    tokens, kinds = (fields.get(f"tokenizer.ggml.{name}") for name in ("tokens", "token_type"))
    if not isinstance(tokens, list) or not isinstance(kinds, list):
        return ()
    return tuple(
        str(token) for token, kind in zip(tokens, kinds, strict=False) if kind == _CONTROL_TOKEN
    )


def read_start(file: BinaryIO) -> tuple[int, int]:
    """Return how many tensors and how many fields a file announces.

    Raises:
        ValueError: If it is not a GGUF file, or of another version.
    """
    if _bytes(file, 4) != b"GGUF":
        raise ValueError("it does not begin with GGUF")
    version, tensors, count = struct.unpack("<IQQ", _bytes(file, 20))
    if version not in (2, 3):
        raise ValueError(f"its version is {version}, not 2 or 3")
    if count > _MOST_KEYS:
        raise ValueError(f"its header has {count} keys")
    return tensors, count


def read_fields(file: BinaryIO, count: int) -> dict[str, object]:
    """Return the fields that follow the start.

    Raises:
        ValueError: If they are damaged.
    """
    found: dict[str, _Value] = {}
    for _ in range(count):
        key = read_text(file)
        found[key] = _value(file, read_number(file, "I"))
    return found


def _value(file: BinaryIO, kind: int) -> _Value:
    if kind == _STRING:
        return read_text(file)
    if kind == _ARRAY:
        return _array(file)
    if kind not in _FIXED:
        raise ValueError(f"its header has a value of kind {kind}")
    return read_number(file, _FIXED[kind])


def _array(file: BinaryIO) -> list[_Value]:
    kind, count = struct.unpack("<IQ", _bytes(file, 12))
    if count > _MOST_ITEMS:
        raise ValueError(f"its header has a list of {count} items")
    if kind in _FIXED:
        form = f"<{count}{_FIXED[kind]}"
        return list(struct.unpack(form, _bytes(file, struct.calcsize(form))))
    if kind != _STRING:
        raise ValueError(f"its header has a list of kind {kind}")
    return [read_text(file) for _ in range(count)]


def read_text(file: BinaryIO) -> str:
    """Return the text that comes next, its length before it."""
    return _bytes(file, read_number(file, "Q")).decode("utf-8", "replace")


def read_number(file: BinaryIO, form: str) -> int:
    """Return the number that comes next, in a form of `struct`."""
    number: int
    (number,) = struct.unpack(f"<{form}", _bytes(file, struct.calcsize(f"<{form}")))
    return number


def _bytes(file: BinaryIO, count: int) -> bytes:
    if count > _MOST_BYTES:
        raise ValueError(f"its header has a value of {count} bytes")
    read = file.read(count)
    if len(read) < count:
        raise ValueError("its header is cut off")
    return read
