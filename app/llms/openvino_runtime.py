"""OpenVINO GenAI without its telemetry."""

import importlib
import sys
from types import ModuleType

from citewell.app.llms.wording import one_line
from citewell.retrieval.errors import NotConfigured

_TELEMETRY = "openvino_telemetry"


def openvino_genai() -> ModuleType:
    """Import ``openvino_genai`` and return it.

    ``import openvino`` by itself sends an event to Google Analytics and writes a client id to
    ``~/intel``, unless the user has opted out (openvino/tools/ovc/__init__.py, since 2024.2).
    When the telemetry package cannot be imported, OpenVINO puts its own stub in its place;
    so it is hidden while OpenVINO is imported for the first time.

    Raises:
        NotConfigured: If it is not installed or does not work here.
    """
    hidden = _TELEMETRY not in sys.modules
    if hidden:
        # None makes the import fail: docs.python.org/3/reference/import.html#the-module-cache
        sys.modules[_TELEMETRY] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("openvino_genai")
    except (ImportError, OSError) as error:
        raise NotConfigured(
            "OpenVINO GenAI, which runs the bundled language model, cannot be loaded "
            f"({one_line(error)}). Run: pip install openvino-genai. "
            "Or choose another model with CITEWELL_LLM."
        ) from error
    finally:
        if hidden:
            del sys.modules[_TELEMETRY]
