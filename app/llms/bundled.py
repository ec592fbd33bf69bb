"""The language model that comes with Citewell: SmolLM2-135M-Instruct on OpenVINO GenAI.

Measured on two cores (AMD, AVX-512 with bf16): converted once in 6 s; loads in 2 to 3 s; a
prompt of 215 tokens gives its first token after 0.2 s, 0.7 s the first time, then 13 to 20 ms
a token; 240 MiB resident once loaded, 400 MiB after the first answer.
"""

import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from citewell.app.llms.bounded import Push, bounded
from citewell.app.llms.prompting import template_input
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.app.llms.smollm2 import (
    CONTEXT_TOKENS,
    CONTROL_TOKENS,
    PACKAGE,
    converted_folder,
    converted_model,
    find_gguf,
)
from citewell.retrieval.errors import ModelError
from citewell.retrieval.openvino_runtime import openvino_genai
from citewell.retrieval.wording import one_line


class BundledModel:
    """SmolLM2-135M-Instruct. Loaded at the first answer, then kept."""

    name = "bundled"
    place = "this machine"

    def __init__(self, home: Path, package: str = PACKAGE) -> None:
        """Check that the model is there; nothing heavy is imported yet.

        Args:
            home: The converted model is kept in its folder ``models``.
            package: The installed package that carries the weights.

        Raises:
            NotConfigured: If the model or OpenVINO GenAI is not installed.
        """
        if not converted_folder(home).is_dir():
            find_gguf(package)
        self._home = home
        self._package = package
        self._turn = threading.Lock()
        self._loading = threading.Lock()
        self._pipeline: Any = None

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the reply piece by piece. The time starts when the model is loaded.

        Raises:
            NotConfigured: If the model cannot be converted or loaded.
            ModelError: If the prompt is too long or generation fails or takes too long.
        """
        self._load()
        yield from bounded(
            lambda push: self._generate(messages, settings, push),
            name="The bundled model",
            timeout=settings.timeout,
            max_chars=settings.max_chars,
        )

    def close(self) -> None:
        """Free the model. A later answer loads it again."""
        with self._turn, self._loading:
            self._pipeline = None

    def _load(self) -> Any:
        with self._loading:
            if self._pipeline is None:
                self._pipeline = self._open()
            return self._pipeline

    def _open(self) -> Any:
        folder = converted_model(self._home, self._package)
        genai = openvino_genai()
        scheduler = genai.SchedulerConfig()
        # Keeps what it has read of a prompt: a second question about the same 900 tokens of
        # evidence has its first token after 0.2 s instead of 1.2 s. Answers are the same.
        scheduler.enable_prefix_caching = True
        try:
            return genai.LLMPipeline(str(folder), "CPU", scheduler_config=scheduler)
        except RuntimeError as error:
            raise ModelError(
                f"The bundled model in {folder} cannot be loaded: {one_line(error)}. "
                "Delete that folder; the model is then converted anew."
            ) from error

    def _generate(
        self, messages: Sequence[Message], settings: GenerationSettings, push: Push
    ) -> None:
        # The thread that generates holds the turn, so that the next answer waits for the real
        # end of this one even when its reader has gone away.
        with self._turn:
            if not push(""):
                return
            try:
                _run(self._load(), messages, settings, push)
            except RuntimeError as error:
                raise ModelError(f"The bundled model failed: {one_line(error)}.") from error


def _run(
    pipeline: Any, messages: Sequence[Message], settings: GenerationSettings, push: Push
) -> None:
    genai = openvino_genai()
    tokenizer = pipeline.get_tokenizer()
    prompt = tokenizer.apply_chat_template(
        template_input(messages, CONTROL_TOKENS), add_generation_prompt=True
    )
    _check_length(tokenizer.encode(prompt).input_ids.shape[1], settings.max_tokens)

    def on_piece(piece: str) -> Any:
        status = genai.StreamingStatus
        return status.RUNNING if push(piece) else status.CANCEL

    pipeline.generate(prompt, _config(genai, settings), on_piece)


def _check_length(prompt_tokens: int, max_tokens: int) -> None:
    # The tokenizer cuts a longer prompt at CONTEXT_TOKENS, so more is never counted.
    if prompt_tokens + max_tokens > CONTEXT_TOKENS:
        raise ModelError(
            f"The prompt has {prompt_tokens} tokens or more; the bundled model reads "
            f"{CONTEXT_TOKENS} together with an answer of {max_tokens}. "
            "Ask a shorter question, or lower CITEWELL_EVIDENCE."
        )


def _config(genai: Any, settings: GenerationSettings) -> Any:
    config = genai.GenerationConfig()
    config.apply_chat_template = False  # done already, with the control tokens made harmless
    config.max_new_tokens = settings.max_tokens
    config.repetition_penalty = settings.repetition_penalty
    config.stop_strings = set(settings.stop)
    config.include_stop_str_in_output = False
    config.do_sample = settings.temperature > 0
    if config.do_sample:
        config.temperature = settings.temperature
        config.top_p = settings.top_p
        config.rng_seed = settings.seed
        if settings.top_k:
            config.top_k = settings.top_k
    return config
