"""From the name of a language model in the settings to the model."""

from pathlib import Path

from citewell.app.llms.protocol import GenerationSettings, LanguageModel
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings


def open_model(name: str, settings: Settings) -> LanguageModel | None:
    """Return the language model of that name; ``none`` gives None. It loads when first asked.

    Args:
        name: ``bundled``, ``openai:MODEL``, ``transformers:FOLDER`` or ``none``.
        settings: Say where models are and how their servers are reached.

    Raises:
        ConfigError: If the name has another form, or names a folder that is not there.
        NotConfigured: If something has to be installed or set first.
    """
    kind, _, rest = name.partition(":")
    if name == "none":
        return None
    if name == "bundled":
        from citewell.app.llms.bundled import BundledModel

        return BundledModel(settings.home)
    if kind == "openai" and rest:
        from citewell.app.llms.openai_server import open_server

        return open_server(rest, settings)
    if kind == "transformers" and rest:
        from citewell.app.llms.transformers_model import TransformersModel

        return TransformersModel(Path(rest))
    raise ConfigError(
        f"llm is {name!r}. Give 'bundled', 'openai:MODEL' (a model on the server at "
        "llm_base_url), 'transformers:FOLDER' (a folder with a chat model) or 'none'."
    )


def generation_settings(settings: Settings) -> GenerationSettings:
    """Return the settings that say how text is generated."""
    return GenerationSettings(
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        repetition_penalty=settings.repetition_penalty,
        stop=settings.stop,
        seed=settings.seed,
        timeout=settings.llm_timeout,
    )
