"""GGUF files: what their headers say, and a model that is run from one."""

import struct
from collections.abc import Sequence
from pathlib import Path

import pytest

from citewell.app.llms.factory import open_model
from citewell.app.llms.gguf_header import GgufHeader, read_header
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.app.llms.smollm2 import CONTROL_TOKENS, find_gguf
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.settings import Settings


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def field(key: str, kind: int, value: bytes) -> bytes:
    return text(key) + struct.pack("<I", kind) + value


def texts(values: Sequence[str]) -> bytes:
    return struct.pack("<IQ", 8, len(values)) + b"".join(map(text, values))


def numbers(values: Sequence[int]) -> bytes:
    return struct.pack(f"<IQ{len(values)}i", 5, len(values), *values)


ARCHITECTURE = field("general.architecture", 8, text("qwen2"))
LENGTH = field("qwen2.context_length", 4, struct.pack("<I", 4096))
TEMPLATE = field("tokenizer.chat_template", 8, text("{{ messages }}"))
TOKENS = field("tokenizer.ggml.tokens", 9, texts(["<|end|>", "cat", "ü"]))
KINDS = field("tokenizer.ggml.token_type", 9, numbers([3, 1, 1]))
OTHERS = (
    field("general.quantized", 7, b"\x01"),
    field("general.scale", 6, struct.pack("<f", 0.5)),
    field("general.big", 10, struct.pack("<Q", 2**40)),
)


def gguf(*fields: bytes, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(fields)) + b"".join(fields)


def header(tmp_path: Path, content: bytes) -> GgufHeader:
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    return read_header(path)


def test_a_header_tells_of_a_chat_model(tmp_path: Path) -> None:
    content = gguf(*OTHERS, ARCHITECTURE, LENGTH, TOKENS, KINDS, TEMPLATE) + bytes(100)

    assert header(tmp_path, content) == GgufHeader("qwen2", 4096, "{{ messages }}", ("<|end|>",))


def test_a_header_without_a_template_tells_of_a_base_model(tmp_path: Path) -> None:
    assert header(tmp_path, gguf(ARCHITECTURE)) == GgufHeader("qwen2", None, None, ())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "its header is cut off"),
        (b"PK\x03\x04", "it does not begin with GGUF"),
        (gguf(version=1), "its version is 1, not 2 or 3"),
        (gguf(ARCHITECTURE)[:-2], "its header is cut off"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**60), r"its header has \d+ keys"),
        (gguf(text("a") + struct.pack("<IQ", 8, 2**60)), r"a value of \d+ bytes"),
        (gguf(field("a", 9, struct.pack("<IQ", 8, 2**60))), r"a list of \d+ items"),
        (gguf(field("a", 9, struct.pack("<IQ", 9, 1))), "a list of kind 9"),
        (gguf(field("a", 99, b"")), "a value of kind 99"),
    ],
)
def test_a_damaged_header_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"cannot be read as a GGUF model: .*{message}"):
        header(tmp_path, content)


def test_a_base_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "base.gguf"
    path.write_bytes(gguf(ARCHITECTURE))

    with pytest.raises(NotConfigured, match=r"base\.gguf has no chat template: it is a base model"):
        open_model(f"gguf:{path}", Settings(home=tmp_path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"llm names the file 'absent\.gguf', which is not there"):
        open_model("gguf:absent.gguf", Settings(home=tmp_path))


def test_a_file_that_was_pulled_is_found_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "models/org/name/chat.gguf"
    path.parent.mkdir(parents=True)
    path.write_bytes(gguf(ARCHITECTURE, LENGTH, TEMPLATE))
    model = open_model("gguf:org/name/chat.gguf", Settings(home=tmp_path))

    assert model is not None
    assert (model.name, model.place, model.context_tokens) == (
        "gguf:org/name/chat.gguf",
        "this machine",
        4096,
    )


def test_tokens_of_a_model_that_cannot_be_loaded_are_estimated(tmp_path: Path) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(gguf(ARCHITECTURE, TEMPLATE))
    model = open_model(f"gguf:{path}", Settings(home=tmp_path))

    assert model is not None
    assert model.count_tokens("The cat sleeps.") == 5


@pytest.mark.models
def test_the_control_tokens_of_a_real_file_are_those_of_its_vocabulary() -> None:
    found = read_header(find_gguf())

    assert (found.architecture, found.context_tokens) == ("llama", 8192)
    assert set(found.control_tokens) <= set(CONTROL_TOKENS)


@pytest.mark.models
def test_a_model_answers_from_its_file_and_is_converted_once(tmp_path: Path) -> None:
    ask = (Message("user", "What is the capital of France?"),)
    settings = Settings(home=tmp_path)
    for _ in range(2):
        model = open_model(f"gguf:{find_gguf()}", settings)
        assert model is not None
        text = "".join(model.stream(ask, GenerationSettings(max_tokens=20)))
        model.close()
        assert text == "The capital of France is Paris."

    folders = [path for path in (tmp_path / "models").iterdir() if path.is_dir()]
    assert len(folders) == 1
