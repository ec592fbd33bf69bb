"""Addresses of model servers."""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from citewell.retrieval.errors import ConfigError


def server_address(base_url: str) -> SplitResult:
    """Return the parts of ``llm_base_url``.

    Raises:
        ConfigError: If it is no address.
    """
    try:
        address = urlsplit(base_url)
        valid = address.scheme in {"http", "https"} and bool(address.hostname)
        _ = address.port
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(
            f"llm_base_url is {base_url!r}; give the address of a server, "
            "such as http://127.0.0.1:11434/v1."
        )
    return address


def host_of(address: SplitResult) -> str:
    """Return host and port without user name and password."""
    return address.netloc.rpartition("@")[2]


def on_this_machine(address: SplitResult) -> bool:
    """Tell whether the server of an address is on this machine."""
    host = address.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
