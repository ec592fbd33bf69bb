"""Any LangChain chat model as a language model of Citewell."""

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, wait
from contextlib import aclosing
from typing import TYPE_CHECKING, cast

from citewell.app.llms.bounded import Push, bounded
from citewell.app.llms.event_loop import BackgroundLoop
from citewell.app.llms.protocol import GenerationSettings, Message, estimated_tokens
from citewell.app.llms.server_errors import cut_off, model_error, worth_retrying
from citewell.retrieval.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessageChunk, BaseMessage

Fields = Callable[["BaseChatModel", GenerationSettings], Mapping[str, object]]
"""Gives the fields of a chat model that have to be set for an answer, and their values."""

_RETRIES = 2
_RETRY_SECONDS = 0.5
"""Between the first two attempts at most; twice that between the next."""

_ASKING_SECONDS = 0.5
"""How often it is asked whether the answer of a silent model is still wanted."""


class ChatModelAdapter:
    """A LangChain chat model. Answers may run side by side; nothing is traced.

    A model with an asynchronous stream is interrupted at once when its answer is no longer
    wanted, which closes the connection to its server. One that has only a synchronous stream
    is left behind, and stops at its next piece. A call that fails for a reason that may pass is
    tried again, twice at most, and never once a piece of the answer has come.
    """

    context_tokens: int | None = None

    def __init__(
        self,
        chat_model: "BaseChatModel",
        name: str,
        place: str,
        *,
        fields: Fields | None = None,
        reports_end: bool = False,
        at_close: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """Args:
        chat_model: The model; a copy of it gets the settings of each answer.
        name: How settings name it.
        place: Where prompts go, in words.
        fields: Which fields the settings become; by default those of `declared_fields`.
        reports_end: Whether the model says why it stopped (``finish_reason``). An answer
            without it is then an error: it was cut off.
        at_close: Awaited by `close`, to free connections.
        """
        self.name = name
        self.place = place
        self._chat_model = chat_model
        self._fields = fields or declared_fields
        self._reports_end = reports_end
        self._loop = BackgroundLoop(at_close)

    def count_tokens(self, text: str) -> int:
        """Return an estimate: the tokenizer is the server's."""
        return estimated_tokens(text)

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the reply piece by piece. Closing the iterator closes the connection.

        Raises:
            ModelUnreachable: If the server of the model does not answer.
            ModelError: If the model fails, or takes longer than ``settings.timeout``.
        """
        running: list[Future[None]] = []

        def produce(push: Push) -> None:
            if push(""):
                running.append(self._loop.submit(self._pump(messages, settings, push)))
                if not push(""):  # ended before `cancel` could find the future
                    cancel()
                _wait_for(running[0], push, self.place)

        def cancel() -> None:
            for future in running:
                future.cancel()

        return bounded(
            produce,
            name=f"The language model at {self.place}",
            timeout=settings.timeout,
            max_chars=settings.max_chars,
            cancel=cancel,
        )

    def close(self) -> None:
        """Stop what runs and close the connections."""
        self._loop.close()

    async def _pump(
        self, messages: Sequence[Message], settings: GenerationSettings, push: Push
    ) -> None:
        begun = False

        def noted(piece: str) -> bool:
            nonlocal begun
            begun = begun or bool(piece)
            return push(piece)

        for attempt in range(_RETRIES + 1):
            try:
                await self._ask(messages, settings, noted)
                return
            except ModelError:
                raise
            except Exception as error:
                if begun or attempt == _RETRIES or not worth_retrying(error):
                    raise model_error(error, self.place) from error
            # Spread, so that callers whom one fault has hit do not all come back at once.
            await asyncio.sleep(_RETRY_SECONDS * 2**attempt * random.uniform(0.5, 1))

    async def _ask(
        self, messages: Sequence[Message], settings: GenerationSettings, push: Push
    ) -> None:
        from langsmith import tracing_context

        model = self._chat_model.model_copy(update=self._fields(self._chat_model, settings))
        stop = list(settings.stop) or None
        ended = not self._reports_end
        # LANGSMITH_TRACING in the environment would send prompts to a cloud.
        with tracing_context(enabled=False):
            pieces = model.astream(_langchain_messages(messages), stop=stop)
            generator = cast("AsyncGenerator[AIMessageChunk]", pieces)
            async with aclosing(generator) as chunks:
                async for chunk in chunks:
                    ended = ended or bool(chunk.response_metadata.get("finish_reason"))
                    if not push(str(chunk.text)):
                        return
        if not ended:
            raise cut_off(self.place)


def declared_fields(
    chat_model: "BaseChatModel", settings: GenerationSettings
) -> Mapping[str, object]:
    """Return settings under the names that the class of a chat model declares.

    A setting at its neutral value is left to the provider's default, and one for which the
    class has no field is left out.
    """
    wanted: dict[str, object] = {
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
        "num_predict": settings.max_tokens,
    }
    if settings.top_p < 1:
        wanted["top_p"] = settings.top_p
    if settings.top_k:
        wanted["top_k"] = settings.top_k
    if settings.repetition_penalty > 1:
        wanted |= dict.fromkeys(
            ("repetition_penalty", "repeat_penalty"), settings.repetition_penalty
        )
    if settings.temperature > 0:
        wanted |= dict.fromkeys(("seed", "random_seed"), settings.seed)
    declared = type(chat_model).model_fields
    return {name: value for name, value in wanted.items() if name in declared}


def _langchain_messages(messages: Sequence[Message]) -> "list[BaseMessage]":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    kinds: dict[str, type[BaseMessage]] = {
        "system": SystemMessage,
        "user": HumanMessage,
        "assistant": AIMessage,
    }
    return [kinds[message.role](content=message.content) for message in messages]


def _wait_for(future: Future[None], push: Push, place: str) -> None:
    while not wait((future,), _ASKING_SECONDS).done:
        if not push(""):
            future.cancel()
    try:
        future.result()
    except CancelledError as error:
        raise ModelError(f"The answer of the language model at {place} was stopped.") from error
