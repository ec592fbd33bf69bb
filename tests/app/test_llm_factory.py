"""Names of language models, and the settings they take."""

from pathlib import Path

import pytest

from citewell.app.llms.factory import generation_settings, open_model
from citewell.app.llms.protocol import GenerationSettings
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings


def test_none_is_no_model() -> None:
    assert open_model("none", Settings()) is None


@pytest.mark.parametrize("name", ["", "gpt-4", "openai:", "transformers:", "bundled:x", "none:"])
def test_another_name_is_refused_with_the_known_forms(name: str) -> None:
    known = (
        "'bundled', 'openai:MODEL' .* 'transformers:MODEL' .* 'gguf:PATH' .* 'tuned:NAME' .* 'none'"
    )
    with pytest.raises(ConfigError, match=f"llm is '{name}'. Give {known}"):
        open_model(name, Settings())


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent', which holds no model \(no config.json\)"):
        open_model(f"transformers:{tmp_path / 'absent'}", Settings())


def test_settings_become_those_of_generation() -> None:
    settings = Settings(
        max_tokens=7,
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        repetition_penalty=1.1,
        stop=("END",),
        seed=3,
        llm_timeout=9,
    )

    assert generation_settings(settings) == GenerationSettings(
        max_tokens=7,
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        repetition_penalty=1.1,
        stop=("END",),
        seed=3,
        timeout=9,
    )
