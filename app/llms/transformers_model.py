"""A chat model in a local folder, run by transformers, on the GPU when there is one."""

import threading
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from citewell.app.llms.adapter_card import weights_sha256
from citewell.app.llms.adapter_files import Adapter, read_changes
from citewell.app.llms.base_model import base_model, continues_only
from citewell.app.llms.bounded import Push, bounded
from citewell.app.llms.prompting import template_input
from citewell.app.llms.protocol import GenerationSettings, Message, estimated_tokens
from citewell.app.llms.stopping import StopCut
from citewell.app.llms.thinking import opened_thinking
from citewell.retrieval.errors import CitewellError, ConfigError, ModelError
from citewell.retrieval.model_folder import read_json
from citewell.retrieval.wording import one_line


class TransformersModel:
    """A model that `AutoModelForCausalLM` loads. Loaded at the first answer, then kept.

    Runs in bf16 where the GPU or the processor computes in it, else in fp32. Only safetensors
    are read, no code of the folder is run and nothing is downloaded.
    """

    place = "this machine"

    def __init__(
        self, folder: Path, name: str | None = None, adapter: Adapter | None = None
    ) -> None:
        """Check that the folder is there; nothing heavy is imported yet.

        Args:
            folder: With the model's files.
            name: How settings name the model; by default by its folder.
            adapter: What it was taught, which is added to its weights when it is loaded.

        Raises:
            ConfigError: If it is not the folder of a model.
            NotConfigured: If it is a base model, which has no chat template.
        """
        self._folder = folder.expanduser()
        if not (self._folder / "config.json").is_file():
            raise ConfigError(
                f"llm names the folder {str(folder)!r}, which holds no model (no config.json). "
                "Give the folder of a model saved by transformers."
            )
        if continues_only(self._folder):
            raise base_model(self._folder)
        self.name = name or f"transformers:{folder}"
        self.context_tokens = _context_tokens(self._folder)
        self._turn = threading.Lock()
        self._loading = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None
        self._adapter = adapter
        self.taught = adapter is not None and adapter.taught

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text is; an estimate if the model cannot be loaded."""
        with suppress(CitewellError):
            return len(self._load()[0].encode(text, add_special_tokens=False))
        return estimated_tokens(text)

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the reply piece by piece. The time starts when the model is loaded.

        Raises:
            NotConfigured: If the model has no chat template.
            ConfigError: If the model cannot be loaded.
            ModelError: If generation fails or takes too long.
        """
        self._load()
        yield from bounded(
            lambda push: self._generate(messages, settings, push),
            name=f"The model in {self._folder}",
            timeout=settings.timeout,
            max_chars=settings.max_chars,
        )

    def close(self) -> None:
        """Free the model. A later answer loads it again."""
        with self._turn, self._loading:
            self._loaded = None

    def _load(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = _open(self._folder, self._adapter)
            return self._loaded

    def _generate(
        self, messages: Sequence[Message], settings: GenerationSettings, push: Push
    ) -> None:
        # The thread that generates holds the turn, so that the next answer waits for the real
        # end of this one even when its reader has gone away.
        with self._turn:
            if not push(""):
                return
            tokenizer, model = self._load()
            try:
                _run(tokenizer, model, messages, settings, push)
            except CitewellError:
                raise
            except Exception as error:
                raise ModelError(
                    f"The model in {self._folder} failed: {one_line(error)}."
                ) from error


def _context_tokens(folder: Path) -> int | None:
    most = read_json(folder / "config.json").get("max_position_embeddings")
    return most if isinstance(most, int) else None


def _open(folder: Path, adapter: Adapter | None) -> tuple[Any, Any]:
    """Return the tokenizer and the model in a folder, with an adapter's changes."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        if not tokenizer.chat_template:
            raise base_model(folder)
        model: Any = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, use_safetensors=True, dtype=_dtype(torch, device)
        )
    except CitewellError:
        raise
    except Exception as error:  # each file format has errors of its own
        raise ConfigError(f"The model in {folder} cannot be loaded: {one_line(error)}.") from error
    if adapter is not None:
        _add(model, folder, adapter)
    return tokenizer, model.to(device).eval()


def _add(model: Any, folder: Path, adapter: Adapter) -> None:
    """Add an adapter's changes to the weights of a model, worked out in fp32."""
    import torch

    if weights_sha256(folder) != adapter.card.base_sha256:
        raise ConfigError(
            f"The adapter in {adapter.folder} was taught on other weights than are in {folder}. "
            f"Teach it again with: citewell tune train --base transformers:{folder}"
        )
    for layer, change in read_changes(adapter).items():
        try:
            weights = model.get_submodule(layer).weight
        except AttributeError:
            weights = None
        if weights is None or tuple(weights.shape) != change.shape:
            raise ConfigError(
                f"The adapter in {adapter.folder} does not fit the model in {folder}: it changes "
                f"{layer} of the shape {change.shape}. Teach it again with: citewell tune train"
            )
        with torch.no_grad():
            weights.copy_(weights.float() + torch.from_numpy(change.matrix()))


def _dtype(torch: Any, device: str) -> Any:
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    # Older releases of torch lack this function, and run in fp32.
    known: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return torch.bfloat16 if known.get("amx_bf16") or known.get("avx512_bf16") else torch.float32


def _run(
    tokenizer: Any,
    model: Any,
    messages: Sequence[Message],
    settings: GenerationSettings,
    push: Push,
) -> None:
    import torch

    prompt = tokenizer.apply_chat_template(
        template_input(messages, tokenizer.all_special_tokens),
        add_generation_prompt=True,
        tokenize=False,
        enable_thinking=settings.think,  # to templates that know it, such as Qwen3's
    )
    # The template has written the tokens that begin a text.
    inputs = tokenizer(prompt, add_special_tokens=False, return_tensors="pt").to(model.device)
    _check_length(model, inputs["input_ids"].shape[1], settings.max_tokens)
    push(opened_thinking(prompt))
    cut = StopCut(push, settings.stop)
    streamer, stopper = _streaming(tokenizer, cut)
    config = _config(model, settings)
    with torch.inference_mode(), torch.random.fork_rng(enabled=config.do_sample):
        if config.do_sample:
            torch.manual_seed(settings.seed)
        model.generate(
            **inputs, generation_config=config, streamer=streamer, stopping_criteria=[stopper]
        )
    cut.flush()


def _check_length(model: Any, prompt_tokens: int, max_tokens: int) -> None:
    most = getattr(model.config, "max_position_embeddings", None)
    if most is not None and prompt_tokens + max_tokens > most:
        raise ModelError(
            f"The prompt has {prompt_tokens} tokens; the model reads {most} together with an "
            f"answer of {max_tokens}. Ask a shorter question, or lower CITEWELL_EVIDENCE."
        )


def _streaming(tokenizer: Any, cut: StopCut) -> tuple[Any, Any]:
    """Return a streamer that pushes to ``cut``, and a criterion that stops when it refuses."""
    import torch
    from transformers import StoppingCriteria, TextStreamer

    class Pushed(TextStreamer):
        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
            cut(text)

    class Refused(StoppingCriteria):
        def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
            # Streamers get whole words, which may be long in coming; this asks at each token.
            stop = not cut("")
            return torch.full(
                (input_ids.shape[0],), stop, dtype=torch.bool, device=input_ids.device
            )

    return Pushed(tokenizer, skip_prompt=True, skip_special_tokens=True), Refused()


def _config(model: Any, settings: GenerationSettings) -> Any:
    """Return ours with the model's own end tokens, without what its folder recommends."""
    from transformers import GenerationConfig

    own = model.generation_config
    sampling = settings.temperature > 0
    values = {
        "max_new_tokens": settings.max_tokens,
        "repetition_penalty": settings.repetition_penalty,
        "do_sample": sampling,
        "bos_token_id": own.bos_token_id,
        "eos_token_id": own.eos_token_id,
        "pad_token_id": own.pad_token_id if own.pad_token_id is not None else 0,
    }
    if sampling:
        values |= {
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "top_k": settings.top_k,
        }
    return GenerationConfig(**values)  # type: ignore[no-untyped-call]
