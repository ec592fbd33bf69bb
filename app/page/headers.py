"""What the browser may do with the page: fetch from this server, and from nowhere else."""

import base64
import hashlib
import re
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r"[\w.\-]+(:\d+)?|\[[0-9A-Fa-f:]+\](:\d+)?")
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class SecurityHeaders:
    """ASGI middleware that sends a content security policy with every response.

    Streamlit needs inline styles, blob workers and its own WebSocket. No image, font, script or
    request may go to another host, so a document that plants a link to one leaks nothing.
    See https://www.w3.org/TR/CSP3/.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._scripts = " ".join(_inline_script_hashes())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the headers to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy(host)
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
                headers["X-Frame-Options"] = "DENY"
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _policy(self, host: str) -> str:
        # older browsers do not count the page's own WebSocket as 'self'
        sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
        return "; ".join(
            (
                "default-src 'self'",
                f"script-src 'self' {self._scripts}",
                "style-src 'self' 'unsafe-inline'",
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                "media-src 'self' blob:",
                "worker-src 'self' blob:",
                f"connect-src 'self'{sockets}",
                "frame-src 'none'",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            )
        )


def _inline_script_hashes() -> list[str]:
    """Return the CSP source of each inline script in Streamlit's own page."""
    import streamlit

    page = Path(streamlit.__file__).parent / "static" / "index.html"
    digests = (
        hashlib.sha256(script.encode()).digest()
        for script in _INLINE_SCRIPT.findall(page.read_text("utf-8"))
    )
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
