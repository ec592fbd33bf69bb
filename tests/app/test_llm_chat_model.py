"""Any LangChain chat model behind the protocol."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from citewell.app.llms.chat_model import ChatModelAdapter, declared_fields
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.retrieval.errors import ModelError, ModelUnreachable

ASK = (
    Message("system", "Be brief."),
    Message("user", "Does the cat sleep?"),
    Message("assistant", "Yes."),
    Message("user", "And the dog?"),
)


class Parrot(BaseChatModel):
    """Says who spoke and how it was set; has a synchronous stream only, as many models do."""

    temperature: float | None = None
    num_predict: int | None = None
    top_k: int | None = None

    @property
    def _llm_type(self) -> str:
        return "parrot"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.text) for chunk in self._stream(messages, stop))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        heard = [f"{message.type}: {message.content}" for message in messages]
        for text in (*heard, f"stop={stop}", f"{self.temperature} {self.num_predict}"):
            yield ChatGenerationChunk(message=AIMessageChunk(content=text))


class Failing(Parrot):
    """Raises an error after its first piece."""

    error: Any

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=AIMessageChunk(content="The cat"))
        raise self.error


class Blocking(Parrot):
    """Says nothing until it is released."""

    release: Any

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        self.release.wait(30)
        yield ChatGenerationChunk(message=AIMessageChunk(content="late"))


def test_messages_settings_and_stop_texts_reach_the_model() -> None:
    model = ChatModelAdapter(Parrot(), "parrot", "a cage")
    settings = GenerationSettings(temperature=0.5, max_tokens=7, stop=("END",))

    assert list(model.stream(ASK, settings)) == [
        "system: Be brief.",
        "human: Does the cat sleep?",
        "ai: Yes.",
        "human: And the dog?",
        "stop=['END']",
        "0.5 7",
    ]
    model.close()


def test_the_model_itself_is_not_changed() -> None:
    parrot = Parrot(temperature=0.9)
    model = ChatModelAdapter(parrot, "parrot", "a cage")
    list(model.stream(ASK, GenerationSettings(temperature=0.1)))
    model.close()

    assert parrot.temperature == 0.9


@pytest.mark.parametrize(
    ("settings", "fields"),
    [
        (GenerationSettings(), {"temperature": 0.0, "num_predict": 96}),
        (
            GenerationSettings(temperature=1.0, top_p=0.9, top_k=40, max_tokens=7, seed=3),
            {"temperature": 1.0, "num_predict": 7, "top_k": 40},
        ),
    ],
)
def test_only_fields_that_the_model_declares_are_set(
    settings: GenerationSettings, fields: Mapping[str, object]
) -> None:
    assert declared_fields(Parrot(), settings) == fields


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ConnectionRefusedError("refused"), ModelUnreachable, "at a cage does not answer"),
        (ConnectionResetError("reset"), ModelError, "at a cage stopped before its answer"),
        (TimeoutError("no news"), ModelError, r"at a cage took too long \(no news\)"),
        (KeyError("choices"), ModelError, r"at a cage sent what cannot be read \('choices'\)"),
        (OSError("odd"), ModelError, r"at a cage failed \(odd\)"),
        (OSError(f"{'odd ' * 100}"), ModelError, r"failed \((odd ){50}…\)"),
        (OSError(), ModelError, r"failed \(OSError\)"),
    ],
)
def test_what_was_said_is_kept_and_errors_become_ours(
    error: Exception, kind: type[ModelError], message: str
) -> None:
    model = ChatModelAdapter(Failing(error=error), "failing", "a cage")
    pieces = model.stream(ASK, GenerationSettings())

    assert next(pieces) == "The cat"
    with pytest.raises(kind, match=message):
        next(pieces)
    model.close()


def test_a_model_that_blocks_is_left_behind_after_the_timeout() -> None:
    release = threading.Event()
    model = ChatModelAdapter(Blocking(release=release), "blocking", "a cage")

    with pytest.raises(ModelError, match=r"The language model at a cage took longer than 0\.3 s"):
        list(model.stream(ASK, GenerationSettings(timeout=0.3)))
    release.set()
    model.close()


def test_closing_twice_or_unused_is_harmless() -> None:
    model = ChatModelAdapter(Parrot(), "parrot", "a cage")
    model.close()

    assert "human: Does the cat sleep?" in "".join(model.stream(ASK[1:2], GenerationSettings()))
    model.close()
    model.close()
