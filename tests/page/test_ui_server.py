"""Starting the page says what is wrong before anything is served."""

import socket

import pytest

from citewell.app.ui import serve
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.settings import Settings


def test_a_port_in_use_is_named_with_the_next_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(ConfigError, match=rf"^Port {port} is in use\. .*--port {port + 1}\.$"):
            serve("127.0.0.1", port, Settings(), open_browser=False)


def test_a_host_without_an_address_is_named() -> None:
    with pytest.raises(ConfigError, match=r"^host is 'no host', .*--host"):
        serve("no host", 8501, Settings(), open_browser=False)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"^Cannot listen on '192\.0\.2\.1', port 8501: "):
        serve("192.0.2.1", 8501, Settings(), open_browser=False)
