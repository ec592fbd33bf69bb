"""A model behind an OpenAI-compatible server: Ollama, llama-server, vLLM, LM Studio, a vendor."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

from citewell.app.llms.addresses import host_of, on_this_machine, server_address
from citewell.app.llms.chat_model import ChatModelAdapter, declared_fields
from citewell.app.llms.protocol import GenerationSettings, LanguageModel
from citewell.retrieval.errors import MissingExtra, NotConfigured
from citewell.retrieval.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_CONNECT_SECONDS = 5.0
_NO_KEY = "none"
"""Sent where no key is set: the client insists on one, local servers ignore it."""

_NEW_LIMIT_HOSTS = ("openai.com", "openai.azure.com")
"""They want ``max_completion_tokens``. Ollama ignores that name and writes on without a limit
(ollama/ollama#7125), and Mistral refuses it; everyone else knows ``max_tokens``."""


def open_server(model: str, settings: Settings) -> LanguageModel:
    """Return the model of that name on the server at ``settings.llm_base_url``.

    Nothing is sent yet. Prompts go to that address alone: redirects are not followed, and a
    server on this machine is reached without a proxy.

    Raises:
        NotConfigured: If no address is set. There is no default: it would be a vendor's cloud.
        ConfigError: If the address is not one.
        MissingExtra: If the packages of the extra ``openai`` are not installed.
    """
    if settings.llm_base_url is None:
        raise NotConfigured(
            f"The address of the server of 'openai:{model}' is not set. Set "
            "CITEWELL_LLM_BASE_URL (llm_base_url in citewell.toml) or give --base-url, "
            "such as http://127.0.0.1:11434/v1."
        )
    address = server_address(settings.llm_base_url)
    try:
        import langchain_openai  # noqa: F401 - init_chat_model would only say it is missing
        import openai
        from langchain.chat_models import init_chat_model
    except ModuleNotFoundError as error:
        if error.name not in {"langchain", "langchain_openai", "openai"}:
            raise
        raise MissingExtra(error.name, "openai") from error
    client = openai.DefaultAsyncHttpxClient(
        trust_env=not on_this_machine(address), follow_redirects=False
    )
    key = settings.llm_api_key
    chat_model = init_chat_model(
        model,
        model_provider="openai",
        base_url=address.geturl(),
        api_key=key.get_secret_value() if key else _NO_KEY,
        # The whole answer is timed by the adapter; a read timeout here would cause a retry.
        timeout=openai.Timeout(None, connect=min(_CONNECT_SECONDS, settings.llm_timeout)),
        max_retries=0,  # the adapter tries again
        stream_chunk_timeout=None,
        stream_usage=False,
        use_responses_api=False,
        http_async_client=client,
        openai_proxy=None,  # else OPENAI_PROXY is read, and refused beside a client of our own
    )
    return ChatModelAdapter(
        chat_model,
        f"openai:{model}",
        host_of(address),
        fields=partial(_fields, _takes_new_limit(address)),
        reports_end=True,
        at_close=client.aclose,
    )


def _takes_new_limit(address: SplitResult) -> bool:
    host = address.hostname or ""
    return any(host == end or host.endswith(f".{end}") for end in _NEW_LIMIT_HOSTS)


def _fields(
    new_limit: bool, chat_model: "BaseChatModel", settings: GenerationSettings
) -> Mapping[str, object]:
    """Return the fields of ChatOpenAI; what it lacks, or renames, goes into the request's body."""
    fields = dict(declared_fields(chat_model, settings))
    extra: dict[str, object] = {}
    if not new_limit:
        extra["max_tokens"] = fields.pop("max_tokens")
    if settings.top_k:
        extra["top_k"] = settings.top_k
    if settings.repetition_penalty > 1:
        # The first is vLLM's name for it, the second llama-server's.
        extra["repetition_penalty"] = extra["repeat_penalty"] = settings.repetition_penalty
    return {**fields, "extra_body": extra or None}
