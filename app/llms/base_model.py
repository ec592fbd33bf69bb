"""Base models, which only continue text: how they are known, and why they are refused."""

from pathlib import Path

from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.model_folder import read_json


def has_chat_template(folder: Path) -> bool:
    """Tell whether the files of a transformers model hold a chat template.

    Raises:
        ConfigError: If they cannot be read.
    """
    named = folder / "additional_chat_templates"
    if (folder / "chat_template.jinja").is_file() or any(named.glob("*.jinja")):
        return True
    files = ("tokenizer_config.json", "chat_template.json", "processor_config.json")
    return any(read_json(folder / name, missing={}).get("chat_template") for name in files)


def continues_only(folder: Path) -> bool:
    """Tell whether a folder holds a base model: one that writes text and has no chat template.

    Raises:
        ConfigError: If its files cannot be read.
    """
    kinds = read_json(folder / "config.json", missing={}).get("architectures")
    names = [str(kind) for kind in kinds] if isinstance(kinds, list) else []
    writes = any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in names)
    return writes and not has_chat_template(folder)


def base_model(where: object) -> NotConfigured:
    """Return the error for a model without a chat template."""
    return NotConfigured(
        f"The model in {where} has no chat template: it is a base model, which only continues "
        "text and does not answer questions. Choose the variant named 'Instruct' or 'Chat'."
    )
