"""What the page says when Citewell itself is at fault."""

import logging

import pytest
from streamlit.testing.v1 import AppTest


def fails() -> None:
    from citewell.app.page.mistakes import say_mistake

    say_mistake(ZeroDivisionError("a secret of the document"))


def test_a_mistake_is_said_without_its_details_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        app = AppTest.from_function(fails).run()

    [shown] = [element.proto.body for element in app.get("html")]
    assert "Citewell made a mistake and could not show this page." in shown
    assert "secret" not in shown
    assert "ZeroDivisionError: a secret of the document" in caplog.text
