"""A model that the user has taught: ``tuned:NAME``."""

from collections.abc import Callable
from pathlib import Path

from citewell.app.llms.adapter_files import own_adapter
from citewell.app.llms.protocol import LanguageModel
from citewell.retrieval.errors import ConfigError


def open_tuned(name: str, home: Path, folder_of: Callable[[str], Path]) -> LanguageModel:
    """Return the model with the user's adapter of that name. It loads when first asked.

    Args:
        name: Of the adapter, as settings have it behind ``tuned:``.
        home: The adapter is in its folder ``adapters``.
        folder_of: Returns the folder of a transformers model by its name.

    Raises:
        ConfigError: If there is no such adapter, it is damaged, or its base is not there.
        NotConfigured: If something has to be installed first.
    """
    adapter = own_adapter(home, name)
    kind, _, rest = adapter.card.base.partition(":")
    if adapter.card.base == "bundled":
        from citewell.app.llms.bundled import BundledModel

        return BundledModel(home, name=f"tuned:{name}", adapter=adapter)
    if kind == "transformers" and rest:
        from citewell.app.llms.transformers_model import TransformersModel

        return TransformersModel(folder_of(rest), f"tuned:{name}", adapter)
    raise ConfigError(
        f"The adapter in {adapter.folder} was taught on {adapter.card.base!r}, which Citewell "
        "cannot run: only 'bundled' and 'transformers:FOLDER'. Teach it again with: "
        "citewell tune train"
    )
