"""A GGUF file made into a model that OpenVINO loads in a second or two, kept in the home folder."""

import importlib.metadata
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from citewell.retrieval.errors import CitewellError, NotConfigured
from citewell.retrieval.openvino_runtime import openvino_genai
from citewell.retrieval.wording import one_line


def genai_version() -> str:
    """Return the version of OpenVINO GenAI, on which the form of a converted model depends.

    Raises:
        NotConfigured: If it is not installed.
    """
    try:
        return importlib.metadata.version("openvino-genai")
    except importlib.metadata.PackageNotFoundError as error:
        raise NotConfigured(
            "OpenVINO GenAI, which runs the bundled language model, is not installed. "
            "Run: pip install openvino-genai. Or choose another model with CITEWELL_LLM."
        ) from error


def convert_once(
    gguf: Path,
    target: Path,
    check: Callable[[Path], None],
    finish: Callable[[Path], None] | None = None,
) -> None:
    """Convert a GGUF file into the folder ``target`` unless that is there.

    Processes that come at the same time wait for the one that converts.

    Args:
        gguf: The file.
        target: Appears when it is complete.
        check: Called with the file before it is converted; raises to refuse it.
        finish: Called with the folder of the converted model; may change what is in it.

    Raises:
        OSError: If the folder cannot be written.
        RuntimeError: If OpenVINO cannot convert the model.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(target.with_name(f"{target.name}.lock")):
        if not target.is_dir():
            check(gguf)
            _convert(gguf, target, finish)


def _convert(gguf: Path, target: Path, finish: Callable[[Path], None] | None) -> None:
    work = target.with_name(f"{target.name}.part")
    shutil.rmtree(work, ignore_errors=True)  # of a process that died while it converted
    work.mkdir()
    link = work / gguf.name
    try:
        link.symlink_to(gguf)
    except OSError:  # not allowed to everyone on Windows
        shutil.copyfile(gguf, link)
    try:
        # OpenVINO writes the converted model beside the file it reads.
        _save_converted(link)
        link.unlink()
        if finish is not None:
            finish(work)
        work.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _save_converted(gguf: Path) -> None:
    try:
        openvino_genai().LLMPipeline(str(gguf), "CPU", enable_save_ov_model=True)
    except CitewellError:
        raise
    except Exception as error:  # what its C++ has thrown: also IndexError and ValueError
        raise RuntimeError(one_line(error)) from error
