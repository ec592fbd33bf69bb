"""Which language model settings name, and where questions go, without loading it."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from citewell.app.llms.addresses import host_of
from citewell.retrieval.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelNote:
    """Which language model answers, and where questions go, in words for the user.

    Attributes:
        local: Whether nothing leaves this machine.
    """

    name: str
    place: str
    local: bool


def model_note(settings: Settings) -> ModelNote:
    """Say which model settings name and where prompts go."""
    kind, _, name = settings.llm.partition(":")
    match kind:
        case "none":
            return ModelNote("No language model: answers quote the documents", "", local=True)
        case "openai":
            address = urlsplit(settings.llm_base_url or "")
            return ModelNote(name, host_of(address), local=_on_this_machine(address.hostname))
        case "transformers" | "gguf" | "tuned":
            return ModelNote(name, "", local=True)
        case "bundled-base":
            return ModelNote("SmolLM2-135M-Instruct (bundled, untaught)", "", local=True)
        case provider if name:
            address = urlsplit(settings.llm_base_url or "")
            local = address.hostname is not None and _on_this_machine(address.hostname)
            return ModelNote(name, host_of(address) or provider, local=local)
        case _:
            return ModelNote("SmolLM2-135M-Instruct (bundled)", "", local=True)


def _on_this_machine(host: str | None) -> bool:
    """Whether a host is this one; without a host, questions go nowhere."""
    if host is None or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
