"""OpenVINO without its telemetry. Nothing else imports it."""

import importlib
import sys
from types import ModuleType

from citewell.retrieval.errors import NotConfigured

_TELEMETRY = "openvino_telemetry"


def openvino() -> ModuleType:
    """Import ``openvino`` and return it.

    Raises:
        NotConfigured: If it is not installed or does not work here.
    """
    return _import(
        "openvino",
        "OpenVINO, which runs the bundled embedding model,",
        "name the folder of another model with CITEWELL_EMBEDDING_MODEL",
    )


def openvino_genai() -> ModuleType:
    """Import ``openvino_genai`` and return it.

    Raises:
        NotConfigured: If it is not installed or does not work here.
    """
    return _import(
        "openvino_genai",
        "OpenVINO GenAI, which runs the bundled language model,",
        "choose another model with CITEWELL_LLM",
    )


def _import(name: str, what: str, instead: str) -> ModuleType:
    try:
        return _import_quietly(name)
    except (ImportError, OSError) as error:
        raise NotConfigured(
            f"{what} cannot be loaded ({error}). "
            f"Run: pip install {name.replace('_', '-')}. Or {instead}."
        ) from error


def _import_quietly(name: str) -> ModuleType:
    """Import a module of OpenVINO while its telemetry package cannot be imported.

    ``import openvino`` by itself sends an event to Google Analytics and writes a client id to
    ``~/intel``, unless the user has opted out (openvino/tools/ovc/__init__.py, since 2024.2).
    Without the telemetry package, OpenVINO puts its own stub in its place.
    """
    hidden = _TELEMETRY not in sys.modules
    if hidden:
        # None makes the import fail: docs.python.org/3/reference/import.html#the-module-cache
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
    try:
        return importlib.import_module(name)
    finally:
        if hidden:
            del sys.modules[_TELEMETRY]
