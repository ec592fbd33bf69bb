"""The language model that comes with Citewell: SmolLM2-135M-Instruct on OpenVINO GenAI.

Measured on two cores (AMD, AVX-512 with bf16): converted once in 6 s; loads in 2 to 3 s; a
prompt of 215 tokens gives its first token after 0.2 s, 0.7 s the first time, then 13 to 20 ms
a token; 240 MiB resident once loaded, 400 MiB after the first answer.
"""

from pathlib import Path

from citewell.app.llms.openvino_model import OpenVinoModel, OpenVinoSource
from citewell.app.llms.smollm2 import (
    CONTEXT_TOKENS,
    CONTROL_TOKENS,
    PACKAGE,
    converted_folder,
    converted_model,
    find_gguf,
)


class BundledModel(OpenVinoModel):
    """SmolLM2-135M-Instruct. Loaded at the first answer, then kept."""

    def __init__(self, home: Path, package: str = PACKAGE) -> None:
        """Check that the model is there; nothing heavy is imported yet.

        Args:
            home: The converted model is kept in its folder ``models``.
            package: The installed package that carries the weights.

        Raises:
            NotConfigured: If the model or OpenVINO GenAI is not installed.
        """
        if not converted_folder(home).is_dir():
            find_gguf(package)
        source = OpenVinoSource(
            "The bundled model",
            lambda: converted_model(home, package),
            CONTEXT_TOKENS,
            CONTROL_TOKENS,
        )
        super().__init__("bundled", source)
