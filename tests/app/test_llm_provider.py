"""Models of the providers that LangChain knows."""

from pathlib import Path

import pytest

from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.settings import Settings

PACKAGE = """
from typing import Any
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk, ChatResult


class ChatGroq(BaseChatModel):
    model: str
    base_url: str | None = None
    api_key: str | None = None
    max_retries: int = 2
    temperature: float | None = None

    def __init__(self, **values: Any) -> None:
        if values["model"] == "locked" and "api_key" not in values:
            raise ValueError("no key")
        super().__init__(**values)

    @property
    def _llm_type(self):
        return "groq"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        raise NotImplementedError

    def _stream(self, messages, stop=None, run_manager=None, **kwargs):
        for said in (self.model, self.base_url, self.api_key, self.max_retries):
            yield ChatGenerationChunk(message=AIMessageChunk(content=f"{said} "))
"""


@pytest.fixture
def groq(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installs a package of the provider groq whose model says how it was opened."""
    (tmp_path / "langchain_groq.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)


def said(settings: Settings) -> str:
    model = open_model("groq:small", settings)
    assert model is not None
    text = "".join(model.stream((Message("user", "Who?"),), GenerationSettings()))
    model.close()
    return text


@pytest.mark.usefixtures("groq")
def test_a_provider_finds_its_own_address_and_key_and_does_not_retry() -> None:
    assert said(Settings()) == "small None None 0 "


@pytest.mark.usefixtures("groq")
def test_address_and_key_of_the_settings_go_to_the_provider() -> None:
    settings = Settings.model_validate(
        {"llm_base_url": "http://127.0.0.1:1/v1", "llm_api_key": "secret"}
    )

    assert said(settings) == "small http://127.0.0.1:1/v1 secret 0 "


@pytest.mark.usefixtures("groq")
@pytest.mark.parametrize(
    ("base_url", "place"),
    [(None, "the provider groq"), ("http://user:pass@127.0.0.1:1/v1", "127.0.0.1:1")],
)
def test_its_place_is_the_address_or_the_provider(base_url: str | None, place: str) -> None:
    model = open_model("groq:small", Settings(llm_base_url=base_url))

    assert model is not None
    assert (model.name, model.place) == ("groq:small", place)


@pytest.mark.usefixtures("groq")
def test_a_provider_that_lacks_a_key_says_which_settings_to_give() -> None:
    with pytest.raises(NotConfigured, match=r"groq:locked cannot be used: .*no key.* Set CITEWELL"):
        open_model("groq:locked", Settings())


def test_a_package_that_is_not_installed_is_named_with_its_command() -> None:
    with pytest.raises(
        NotConfigured, match=r"mistralai:small .* `pip install langchain-mistralai`"
    ):
        open_model("mistralai:small", Settings())


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ConfigError, match="llm_base_url is 'localhost:11434'; give the address"):
        open_model("ollama:llama3.2", Settings(llm_base_url="localhost:11434"))
