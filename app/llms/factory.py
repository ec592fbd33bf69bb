"""From the name of a language model in the settings to the model."""

from pathlib import Path

from citewell.app.llms.protocol import GenerationSettings, LanguageModel
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.model_folder import find_model
from citewell.retrieval.settings import Settings

THINKING_TOKENS = 512
"""More than an answer has, for a model that is asked to think first."""


def open_model(name: str, settings: Settings) -> LanguageModel | None:
    """Return the language model of that name; ``none`` gives None. It loads when first asked.

    Args:
        name: ``bundled``, ``bundled-base`` (before it was taught), ``tuned:NAME``,
            ``openai:MODEL``, ``transformers:MODEL``, ``gguf:PATH``, ``none``, or
            ``PROVIDER:MODEL`` with a provider of LangChain's `init_chat_model`.
        settings: Say where models are and how their servers are reached.

    Raises:
        ConfigError: If the name has another form, or names a folder that is not there.
        NotConfigured: If something has to be installed or set first, or it is a base model.
    """
    kind, _, rest = name.partition(":")
    if name == "none":
        return None
    model = _local(name, kind, rest, settings) or (_served(kind, rest, settings) if rest else None)
    if model is None:
        raise ConfigError(
            f"llm is {name!r}. Give 'bundled', 'openai:MODEL' (a model on the server at "
            "llm_base_url), 'transformers:MODEL' (its folder, or its name on the hub), "
            "'gguf:PATH' (a GGUF file), 'PROVIDER:MODEL' (a provider that LangChain knows, such "
            "as ollama), 'tuned:NAME' (one that you have taught), 'bundled-base' (the bundled "
            "one before it was taught) or 'none'."
        )
    return model


def _local(name: str, kind: str, rest: str, settings: Settings) -> LanguageModel | None:
    """Return a model that runs in this process, if it is one of that kind."""
    if name in ("bundled", "bundled-base"):
        from citewell.app.llms.bundled import BundledModel, open_bundled

        return open_bundled(settings.home) if name == "bundled" else BundledModel(settings.home)
    if kind == "tuned" and rest:
        from citewell.app.llms.tuned import open_tuned

        return open_tuned(rest, settings.home, lambda base: _folder(base, settings.home))
    if kind == "transformers" and rest:
        from citewell.app.llms.transformers_model import TransformersModel

        return TransformersModel(_folder(rest, settings.home), name)
    if kind == "gguf" and rest:
        from citewell.app.llms.gguf_model import open_gguf

        return open_gguf(name, _file(rest, settings.home), settings.home)
    return None


def _served(kind: str, rest: str, settings: Settings) -> LanguageModel | None:
    """Return a model behind a server or a provider; None if the kind is unknown."""
    if kind == "openai":
        from citewell.app.llms.openai_server import open_server

        return open_server(rest, settings)
    from citewell.app.llms.provider import open_provider

    return open_provider(kind, rest, settings)


def _folder(model: str, home: Path) -> Path:
    """Return the folder of a transformers model: as named, pulled, or in the hub's cache."""
    pulled = home / "models" / model
    if not Path(model).expanduser().is_dir() and (pulled / "config.json").is_file():
        return pulled
    found = find_model(model, "")
    return found.folder if found else Path(model)


def _file(path: str, home: Path) -> Path:
    """Return a GGUF file: as named, or pulled."""
    pulled = home / "models" / path
    return pulled if not Path(path).expanduser().exists() and pulled.is_file() else Path(path)


def generation_settings(settings: Settings) -> GenerationSettings:
    """Return the settings that say how text is generated."""
    thinks = settings.technique == "chain-of-thought"
    return GenerationSettings(
        max_tokens=settings.max_tokens + (THINKING_TOKENS if thinks else 0),
        temperature=settings.temperature,
        top_p=settings.top_p,
        top_k=settings.top_k,
        repetition_penalty=settings.repetition_penalty,
        stop=settings.stop,
        seed=settings.seed,
        timeout=settings.llm_timeout,
        think=thinks,
    )
