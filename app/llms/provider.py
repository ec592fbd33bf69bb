"""A model of any provider that LangChain knows, such as ``ollama:llama3.2``."""

from typing import TYPE_CHECKING, Any

from citewell.app.llms.addresses import host_of, server_address
from citewell.app.llms.chat_model import ChatModelAdapter
from citewell.app.llms.protocol import LanguageModel
from citewell.retrieval.errors import ConfigError, MissingExtra, NotConfigured
from citewell.retrieval.settings import Settings
from citewell.retrieval.wording import one_line

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def open_provider(provider: str, model: str, settings: Settings) -> LanguageModel | None:
    """Return a model of a provider of LangChain's `init_chat_model`; None if it knows no such.

    Nothing is sent yet. Without ``llm_base_url`` and ``llm_api_key`` the address and the key are
    those that the provider's package finds, often in a variable such as ``ANTHROPIC_API_KEY``.

    Raises:
        MissingExtra: If langchain is not installed.
        NotConfigured: If the package of the provider is not installed, or lacks a key.
        ConfigError: If ``llm_base_url`` is no address.
    """
    place = f"the provider {provider}"
    given: dict[str, Any] = {}
    if settings.llm_base_url is not None:
        place = host_of(server_address(settings.llm_base_url))
        given["base_url"] = settings.llm_base_url
    if settings.llm_api_key is not None:
        given["api_key"] = settings.llm_api_key.get_secret_value()
    chat_model = _open(provider, model, given)
    if chat_model is None:
        return None
    if "max_retries" in type(chat_model).model_fields:  # the adapter tries again
        chat_model = _open(provider, model, given | {"max_retries": 0}) or chat_model
    return ChatModelAdapter(chat_model, f"{provider}:{model}", place)


def _open(provider: str, model: str, given: dict[str, Any]) -> "BaseChatModel | None":
    try:
        from langchain.chat_models import init_chat_model
    except ModuleNotFoundError as error:
        if error.name != "langchain":
            raise
        raise MissingExtra(error.name, "openai") from error
    try:
        opened: BaseChatModel = init_chat_model(model, model_provider=provider, **given)
    except ImportError as error:
        # Its text names the package and the pip command.
        raise NotConfigured(f"{provider}:{model} cannot be used yet. {one_line(error)}.") from error
    except ValueError as error:
        if "Unsupported" in str(error):
            return None
        raise NotConfigured(
            f"{provider}:{model} cannot be used: {one_line(error)}. Set CITEWELL_LLM_API_KEY or "
            "CITEWELL_LLM_BASE_URL if it is the key or the address that is missing."
        ) from error
    except Exception as error:  # each provider has errors of its own
        raise ConfigError(f"{provider}:{model} cannot be opened: {one_line(error)}.") from error
    return opened
