"""A language model on OpenVINO GenAI, which runs on the processor."""

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citewell.app.llms.bounded import Push, bounded
from citewell.app.llms.prompting import template_input
from citewell.app.llms.protocol import GenerationSettings, Message, estimated_tokens
from citewell.app.llms.thinking import opened_thinking
from citewell.retrieval.errors import CitewellError, ModelError
from citewell.retrieval.openvino_runtime import openvino_genai
from citewell.retrieval.wording import one_line


@dataclass(frozen=True, slots=True)
class OpenVinoSource:
    """Where a model on OpenVINO comes from.

    Attributes:
        title: What messages call it, such as ``The bundled model``.
        folder: Returns the folder of the converted model; the first call may make it.
        context_tokens: Most tokens of prompt and answer together; None if it is not known.
        control_tokens: Tokens of its vocabulary that structure a prompt.
        options: Of OpenVINO, by their names.
    """

    title: str
    folder: Callable[[], Path]
    context_tokens: int | None
    control_tokens: tuple[str, ...]
    options: Mapping[str, int] = field(default_factory=dict)


class OpenVinoModel:
    """A model on OpenVINO GenAI. Loaded at the first answer, then kept."""

    place = "this machine"

    def __init__(self, name: str, source: OpenVinoSource) -> None:
        """Nothing heavy is imported yet.

        Args:
            name: How settings name it.
            source: Where it comes from.
        """
        self.name = name
        self.context_tokens = source.context_tokens
        self._source = source
        self._turn = threading.Lock()
        self._loading = threading.Lock()
        self._pipeline: Any = None

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text is; an estimate if the model cannot be loaded."""
        with suppress(CitewellError, RuntimeError):
            count: int = self._load().get_tokenizer().encode(text).input_ids.shape[1]
            return count
        return estimated_tokens(text)

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the reply piece by piece. The time starts when the model is loaded.

        Raises:
            NotConfigured: If the model cannot be converted or loaded.
            ModelError: If the prompt is too long or generation fails or takes too long.
        """
        self._load()
        yield from bounded(
            lambda push: self._generate(messages, settings, push),
            name=self._source.title,
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
        folder = self._source.folder()
        genai = openvino_genai()
        scheduler = genai.SchedulerConfig()
        # Keeps what it has read of a prompt: a second question about the same 900 tokens of
        # evidence has its first token after 0.2 s instead of 1.2 s. Answers are the same.
        scheduler.enable_prefix_caching = True
        try:
            return genai.LLMPipeline(
                str(folder), "CPU", scheduler_config=scheduler, **self._source.options
            )
        except Exception as error:  # what its C++ has thrown: also IndexError and ValueError
            raise ModelError(
                f"{self._source.title} in {folder} cannot be loaded: {one_line(error)}. "
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
                _run(self._load(), self._source, messages, settings, push)
            except RuntimeError as error:
                raise ModelError(f"{self._source.title} failed: {one_line(error)}.") from error


def _run(
    pipeline: Any,
    source: OpenVinoSource,
    messages: Sequence[Message],
    settings: GenerationSettings,
    push: Push,
) -> None:
    genai = openvino_genai()
    tokenizer = pipeline.get_tokenizer()
    prompt = tokenizer.apply_chat_template(
        template_input(messages, source.control_tokens),
        add_generation_prompt=True,
        extra_context={"enable_thinking": settings.think},
    )
    _check_length(source, tokenizer.encode(prompt).input_ids.shape[1], settings.max_tokens)
    push(opened_thinking(prompt))

    def on_piece(piece: str) -> Any:
        status = genai.StreamingStatus
        return status.RUNNING if push(piece) else status.CANCEL

    pipeline.generate(prompt, _config(genai, settings), on_piece)


def _check_length(source: OpenVinoSource, prompt_tokens: int, max_tokens: int) -> None:
    # The tokenizer cuts a prompt that is longer than the context, so more is never counted.
    most = source.context_tokens
    if most is not None and prompt_tokens + max_tokens > most:
        raise ModelError(
            f"The prompt has {prompt_tokens} tokens or more; {source.title.lower()} reads "
            f"{most} together with an answer of {max_tokens}. "
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
