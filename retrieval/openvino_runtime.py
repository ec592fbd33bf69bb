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
    try:
        return _import_quietly("openvino")
    except (ImportError, OSError) as error:
        raise NotConfigured(
            "OpenVINO, which runs the bundled embedding model, cannot be loaded "
            f"({error}). Run: pip install openvino. "
            "Or name the folder of another model with CITEWELL_EMBEDDING_MODEL."
        ) from error


def openvino_genai() -> ModuleType:
    """Import ``openvino_genai`` and return it.

    Raises:
        NotConfigured: If it is not installed or does not work here.
    """
    try:
        return _import_quietly("openvino_genai")
    except (ImportError, OSError) as error:
        raise NotConfigured(
            "OpenVINO GenAI, which runs the bundled language model, cannot be loaded "
            f"({error}). Run: pip install openvino-genai. "
            "Or choose another model with CITEWELL_LLM."
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
