"""Which model answers, and where questions go, as settings say it."""

import pytest

from citewell.app.page.model_note import ModelNote, model_note
from citewell.retrieval.settings import Settings


@pytest.mark.parametrize(
    ("llm", "url", "note"),
    [
        ("none", None, ModelNote("No language model: answers quote the documents", "", local=True)),
        ("bundled", None, ModelNote("SmolLM2-135M-Instruct (bundled)", "", local=True)),
        (
            "bundled-base",
            None,
            ModelNote("SmolLM2-135M-Instruct (bundled, untaught)", "", local=True),
        ),
        ("tuned:mine", None, ModelNote("mine", "", local=True)),
        ("transformers:/m/qwen", None, ModelNote("/m/qwen", "", local=True)),
        ("gguf:/m/qwen.gguf", None, ModelNote("/m/qwen.gguf", "", local=True)),
        ("anthropic:claude", None, ModelNote("claude", "anthropic", local=False)),
        (
            "ollama:llama3.2",
            "http://user:pass@127.0.0.1:11434",
            ModelNote("llama3.2", "127.0.0.1:11434", local=True),
        ),
        (
            "openai:llama3.2",
            "http://127.0.0.1:11434/v1",
            ModelNote("llama3.2", "127.0.0.1:11434", local=True),
        ),
        (
            "openai:llama3.2",
            "http://[::1]:11434/v1",
            ModelNote("llama3.2", "[::1]:11434", local=True),
        ),
        (
            "openai:gpt",
            "https://llm.example:8443/v1",
            ModelNote("gpt", "llm.example:8443", local=False),
        ),
    ],
)
def test_the_note_says_which_model_answers_and_where(
    llm: str, url: str | None, note: ModelNote
) -> None:
    assert model_note(Settings(llm=llm, llm_base_url=url)) == note
