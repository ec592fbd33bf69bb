"""Whose conversations these are, until there is a sign-in.

On this machine there is one person, who finds their conversations in every browser. Where the page
is open to others, each browser is a person of its own, told apart by a cookie that no script reads.
"""

import re
import secrets
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from citewell.retrieval.settings import LOOPBACK, Settings

COOKIE = "citewell_person"
ONLY_ONE = ""
"""The person of a page that has one."""

_A_YEAR = 365 * 86_400
_WELL_FORMED = re.compile(r"[\w-]{22}")


def has_many(settings: Settings) -> bool:
    """Whether each browser is a person of its own."""
    if settings.people == "auto":
        return settings.host not in LOOPBACK
    return settings.people == "browsers"


def person_of_session(settings: Settings) -> str:
    """Return the person who looks at the page now."""
    if not has_many(settings):
        return ONLY_ONE
    given = dict(st.context.cookies).get(COOKIE, "")
    if _WELL_FORMED.fullmatch(given):
        return given
    # without cookies, a person lasts as long as the visit
    made: str = st.session_state.setdefault(COOKIE, secrets.token_urlsafe(16))
    return made


class PersonCookie:
    """ASGI middleware that gives each browser its cookie. See RFC 6265."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and add the cookie to its response, if the browser has none."""
        if scope["type"] != "http" or _cookie_in(Headers(scope=scope).get("cookie", "")):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    secure = "; Secure" if scope.get("scheme") == "https" else ""
                    headers.append(
                        "set-cookie",
                        f"{COOKIE}={secrets.token_urlsafe(16)}; Path=/; Max-Age={_A_YEAR}; "
                        f"HttpOnly; SameSite=Strict{secure}",
                    )
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _cookie_in(header: str) -> bool:
    """Whether a browser sends a cookie of ours that is well-formed."""
    try:
        given = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return False
    return given is not None and _WELL_FORMED.fullmatch(given.value) is not None
