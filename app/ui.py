"""The chat page's server: Streamlit behind a content security policy, on this machine."""

import errno
import os
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path

from citewell.retrieval.errors import CitewellError, ConfigError
from citewell.retrieval.settings import LOOPBACK, Settings

_SCRIPT = Path(__file__).parent / "page" / "entry.py"

_LIGHT = {
    "primaryColor": "#1d5a9e",
    "backgroundColor": "#fbfbfa",
    "secondaryBackgroundColor": "#f1f2f0",
    "textColor": "#1f2329",
    "linkColor": "#1d5a9e",
}
_DARK = {
    "primaryColor": "#8dbdf0",
    "backgroundColor": "#14171b",
    "secondaryBackgroundColor": "#1e2228",
    "textColor": "#e6e9ee",
    "linkColor": "#8dbdf0",
}


def serve(host: str, port: int, settings: Settings, open_browser: bool) -> None:
    """Serve the chat page until the process is interrupted.

    Args:
        host: Address to listen on.
        port: Port to listen on.
        settings: What the page answers with.
        open_browser: Whether to open the page in the user's browser.

    Raises:
        ConfigError: If the address or the port cannot be had.
    """
    import uvicorn
    from starlette.middleware import Middleware
    from streamlit.starlette import App

    from citewell.app.page.headers import SecurityHeaders
    from citewell.app.page.mistakes import say_mistake
    from citewell.app.page.person import PersonCookie, has_many
    from citewell.app.page.routes import routes
    from citewell.app.page.services import close_services, shared_services, use_settings

    with _listen(host, port) as listener:
        _configure_streamlit(host, port, settings.max_upload_mb)
        use_settings(settings)
        middleware = [Middleware(SecurityHeaders)]
        if has_many(settings):
            middleware.append(Middleware(PersonCookie))
        app = App(
            _SCRIPT,
            routes=routes(shared_services),
            middleware=middleware,
            on_script_error=say_mistake,
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                ws="websockets-sansio",
                lifespan="on",
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=3,
            )
        )
        _announce(host, port, open_browser)
        threading.Thread(target=_warm_up, daemon=True).start()
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:
            sys.stderr.write("Citewell has stopped.\n")
        finally:
            close_services()


def _listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections, or say why there is none."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise ConfigError(
            f"host is {host!r}, which is no address of this machine. "
            "Give one with --host, such as 127.0.0.1."
        ) from error
    listener = socket.socket(family, kind, protocol)
    try:
        if os.name != "nt":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigError(_why_not(host, port, error)) from error
    return listener


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use. Give another one with --port, such as --port {port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} is not open to you. Give one from 1024 on with --port."
    return f"Cannot listen on {host!r}, port {port}: {error.strerror}. Give another --host."


def _configure_streamlit(host: str, port: int, max_upload_mb: int) -> None:
    """Set Streamlit's options; these outrank its files and environment variables."""
    from streamlit.web.bootstrap import load_config_options

    load_config_options(
        {
            "browser.gatherUsageStats": False,
            "client.allowedOrigins": [],
            "client.showErrorDetails": "none",
            "client.showErrorLinks": False,
            "client.toolbarMode": "minimal",
            "logger.level": "warning",
            "runner.magicEnabled": False,
            # a collection after each look takes 50 ms with the models loaded; Python does its own
            "runner.postScriptGC": False,
            "server.address": host,
            "server.allowedHosts": [*LOOPBACK] if host in LOOPBACK else [],
            "server.enableAgentApi": False,
            "server.fileWatcherType": "none",
            "server.headless": True,
            "server.maxUploadSize": max_upload_mb,
            "server.port": port,
            "server.showEmailPrompt": False,
            **{f"theme.light.{name}": value for name, value in _LIGHT.items()},
            **{f"theme.dark.{name}": value for name, value in _DARK.items()},
        }
    )


def _warm_up() -> None:
    """Load what the first look needs while the browser still opens; models come after it."""
    import citewell.app.page.entry  # noqa: F401
    from citewell.app.page.services import shared_services

    with suppress(CitewellError):  # the page says what is wrong
        shared_services()


def _announce(host: str, port: int, open_browser: bool) -> None:
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    sys.stderr.write(f"Citewell is at {url} - stop it with Ctrl+C.\n")
    if host not in LOOPBACK:
        sys.stderr.write(
            "It listens beyond this machine: whoever reaches the port can read the documents.\n"
        )
    if open_browser:
        # the socket is listening already, so the browser waits for the server to start
        threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
