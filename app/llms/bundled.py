"""The language model that comes with Citewell: SmolLM2-135M-Instruct on OpenVINO GenAI.

Measured on two cores (AMD, AVX-512 with bf16): converted once in 6 s, with an adapter in 9 s; loads
in 2 to 3 s; a prompt of 215 tokens gives its first token after 0.2 s, 0.7 s the first time, then
13 to 20 ms a token; 240 MiB resident once loaded, 400 to 510 MiB after the first answers.
"""

from pathlib import Path

from citewell.app.llms.adapter_files import Adapter, shipped_adapter
from citewell.app.llms.openvino_model import OpenVinoModel, OpenVinoSource
from citewell.app.llms.smollm2 import (
    CONTEXT_TOKENS,
    CONTROL_TOKENS,
    GGUF_SHA256,
    PACKAGE,
    converted_folder,
    converted_model,
    find_gguf,
)
from citewell.retrieval.errors import ConfigError

JOINED_OPTIONS = {"DYNAMIC_QUANTIZATION_GROUP_SIZE": 64}
"""For matrices in int8. OpenVINO also rounds what they are multiplied by, in groups of 32 numbers.
In groups of 64 prompts are read faster, and answers agree with those of torch as often; measured in
docs/tuning.md."""


class BundledModel(OpenVinoModel):
    """SmolLM2-135M-Instruct. Loaded at the first answer, then kept.

    As it comes, a quarter of its first sentences held the answer, and three quarters and more of
    the best of the evidence.
    """

    small = True

    def __init__(
        self,
        home: Path,
        package: str = PACKAGE,
        *,
        name: str = "bundled-base",
        adapter: Adapter | None = None,
    ) -> None:
        """Check that the model is there; nothing heavy is imported yet.

        Args:
            home: The converted model is kept in its folder ``models``.
            package: The installed package that carries the weights.
            name: How settings name it.
            adapter: What it was taught; None is the model as it comes.

        Raises:
            NotConfigured: If the model or OpenVINO GenAI is not installed.
            ConfigError: If the adapter was taught on another model.
        """
        if adapter is not None and adapter.card.base_sha256 != GGUF_SHA256:
            raise ConfigError(
                f"The adapter in {adapter.folder} was taught on weights with the SHA-256 "
                f"{adapter.card.base_sha256}; the bundled model has {GGUF_SHA256}. "
                "Teach it again with: citewell tune train --base bundled"
            )
        if not converted_folder(home, adapter).is_dir():
            find_gguf(package)
        source = OpenVinoSource(
            "The bundled model",
            lambda: converted_model(home, package, adapter),
            CONTEXT_TOKENS,
            CONTROL_TOKENS,
            JOINED_OPTIONS if adapter else {},
        )
        super().__init__(name, source)
        self.taught = adapter is not None and adapter.taught


def open_bundled(home: Path) -> BundledModel:
    """Return the bundled model with the adapter that ships with it.

    Raises:
        NotConfigured: If the model, its adapter or OpenVINO GenAI is not installed.
    """
    return BundledModel(home, name="bundled", adapter=shipped_adapter())
