"""Whose conversations these are."""

import re
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from citewell.app.page.person import PersonCookie, has_many
from citewell.retrieval.settings import Settings

KNOWN = "a-person-of-22-letters"


@pytest.fixture
def client() -> TestClient:
    def page(request: Request) -> Response:
        return HTMLResponse("<p>a page</p>")

    def data(request: Request) -> Response:
        return JSONResponse({})

    routes = [Route("/", page), Route("/data", data)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(PersonCookie)]))


@pytest.mark.parametrize(
    ("people", "host", "many"),
    [
        ("auto", "127.0.0.1", False),
        ("auto", "::1", False),
        ("auto", "0.0.0.0", True),
        ("auto", "192.168.1.7", True),
        ("one", "0.0.0.0", False),
        ("browsers", "127.0.0.1", True),
    ],
)
def test_each_browser_is_a_person_where_others_may_come_in(
    people: Any, host: str, many: bool
) -> None:
    assert has_many(Settings(people=people, host=host)) is many


def test_a_browser_gets_its_cookie_with_the_page_alone(client: TestClient) -> None:
    given = client.get("/").headers["set-cookie"]
    client.cookies.clear()
    fresh = client.get("/data")

    assert re.fullmatch(
        r"citewell_person=[\w-]{22}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Strict", given
    )
    assert "set-cookie" not in fresh.headers


def test_two_browsers_get_two_cookies(client: TestClient) -> None:
    first = client.get("/").headers["set-cookie"]
    client.cookies.clear()

    assert client.get("/").headers["set-cookie"] != first


@pytest.mark.parametrize("cookie", [KNOWN, f"{KNOWN}; other=1"])
def test_a_browser_keeps_the_cookie_it_has(client: TestClient, cookie: str) -> None:
    response = client.get("/", headers={"cookie": f"citewell_person={cookie}"})

    assert "set-cookie" not in response.headers


@pytest.mark.parametrize("cookie", ["citewell_person=x", "citewell_person", "=;;\x01", ""])
def test_a_cookie_that_is_not_ours_is_replaced(client: TestClient, cookie: str) -> None:
    assert "set-cookie" in client.get("/", headers={"cookie": cookie}).headers


def shown_person(people: "Any") -> None:
    import streamlit as st

    from citewell.app.page.person import person_of_session
    from citewell.retrieval.settings import Settings

    st.text(person_of_session(Settings(people=people)))


def test_one_person_has_no_name() -> None:
    app = AppTest.from_function(shown_person, args=("one",)).run()

    assert [each.value for each in app.text] == [""]


def test_without_cookies_a_person_lasts_as_long_as_the_visit() -> None:
    app = AppTest.from_function(shown_person, args=("browsers",)).run()
    first = app.text[0].value
    other = AppTest.from_function(shown_person, args=("browsers",)).run()

    assert len(first) == 22
    assert app.run().text[0].value == first
    assert other.text[0].value != first
