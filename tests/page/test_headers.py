"""Every response of the page's server tells the browser to fetch from nowhere else."""

import asyncio

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from citewell.app.page.headers import SecurityHeaders


async def plain(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse("hello")(scope, receive, send)


def headers_for(host: str) -> Headers:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode())]}
    asyncio.run(SecurityHeaders(plain)(scope, receive, send))
    return Headers(raw=sent[0]["headers"])


def directives(host: str) -> dict[str, str]:
    policy = headers_for(host)["content-security-policy"]
    return dict(part.split(" ", 1) for part in policy.split("; "))


def test_images_come_from_the_page_alone() -> None:
    assert directives("127.0.0.1:8501")["img-src"] == "'self' data: blob:"


def test_requests_go_to_the_page_and_its_own_socket_alone() -> None:
    assert directives("127.0.0.1:8501")["connect-src"] == (
        "'self' ws://127.0.0.1:8501 wss://127.0.0.1:8501"
    )


@pytest.mark.parametrize("host", ["", "evil.example *", "a;script-src *", "a\tb", "a/b"])
def test_a_host_that_is_none_adds_nothing_to_the_policy(host: str) -> None:
    assert directives(host)["connect-src"] == "'self'"


def test_scripts_are_streamlits_own_files_and_its_one_inline_script() -> None:
    sources = directives("localhost")["script-src"].split()

    assert sources[0] == "'self'"
    assert all(source.startswith("'sha256-") for source in sources[1:])


def test_the_page_cannot_be_framed_nor_its_address_passed_on() -> None:
    headers = headers_for("localhost")

    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


def test_other_traffic_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    asyncio.run(SecurityHeaders(app)({"type": "websocket"}, receive, send))

    assert seen == ["websocket"]
