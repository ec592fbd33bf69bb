"""Answers hold no images, and no links but those of their sources."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citewell.app.links import safe_text

FAR = "http://127.0.0.1:9/?d=secret"
PIECES = (
    "!", "[", "]", "(", ")", "<", ">", "img", "src=", "a", " ", "href=", "http", ":", "//", "/",
    "www.", "a.com", "\\u0068", "&#104;", "%68", "javascript:", "data:", "text/html,", "\n", "\t",
    "x", "?d=1", ".", "\u200b", "https://аpple.com", "\"", "'", "@", "[r]: ",
)  # fmt: skip
HOSTILE = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=20).map("".join)


@settings(deadline=None)
@given(HOSTILE)
def test_no_text_keeps_an_image_or_an_address_without_a_source(text: str) -> None:
    safe = safe_text(text, ())
    assert not re.search(r"!\[[^\[\]]*\]\(|[a-z]:[/\\]{2}|<[^<>]*\bsrc\s*=", safe, re.IGNORECASE)
    assert not re.search(r"javascript:\S|\bwww\.[a-z]", safe, re.IGNORECASE)


@settings(deadline=None)
@given(HOSTILE)
def test_a_safe_text_stays_as_it_is(text: str) -> None:
    safe = safe_text(text, ())
    assert safe_text(safe, ()) == safe


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        (f"See ![the plan]({FAR}) now.", "See the plan now."),
        (f'See ![plan]({FAR} "title") now.', "See plan now."),
        (f"See ![plan][p] now.\n[p]: {FAR}", "See plan now.\n"),
        (f'<img src="{FAR}"> Hi', " Hi"),
        (f"Hi <img src={FAR}", "Hi "),
        (f'<a href="{FAR}">Hi', "Hi"),
        (f"A [click]({FAR}) helps", "A click helps"),
        (f"<{FAR}>", "(link left out)"),
        (f"Go to {FAR}.", "Go to (link left out)."),
        (f"| a | ![x]({FAR}) |", "| a | x |"),
        (f"```\n![x]({FAR})\n```", "```\nx\n```"),
        ("![![x](http://a.example)](http://b.example)", "x"),
        ("http\\u003a\\u002f\\u002fevil.example", "(link left out)"),
        ("http&#58;&#47;&#47;evil.example", "(link left out)"),
        ("http%3A%2F%2Fevil.example", "(link left out)"),
        ("h\u200btt\u202ep://evil.example", "(link left out)"),
        ("javascript:alert(1)", "(link left out)"),
        ("java\tscript:alert(1)", "(link left out)"),
        ("[x](JavaScript:alert(1))", "x"),
        ("[x](data:text/html;base64,AAAA)", "x"),
        ("//evil.example/x.png", "(link left out)"),
        ("https:\\\\evil.example", "(link left out)"),
        ("www.evil.example/a?b=c", "(link left out)"),
        ("Get it at evil.com!", "Get it at (link left out)!"),
        ("Write to a.b@evil.example", "Write to (link left out)"),
        ("https://xn--pple-43d.com", "(link left out)"),
        ("[up](../secret.md)", "up"),
    ],
)
def test_what_leads_away_is_taken_out(text: str, safe: str) -> None:
    assert safe_text(text, ["The plan is public."]) == safe


@pytest.mark.parametrize(
    "text",
    [
        "See https://docs.example.com/a(b)?c=d#e.",
        "See docs.example.com/a(b)?c=d#e",
        "See [the manual](https://docs.example.com/a(b)?c=d#e).",
    ],
)
def test_a_link_that_stands_in_a_source_stays(text: str) -> None:
    assert safe_text(text, ["Read (https://Docs.example.com/a(b)?c=d#e)."]) == text


def test_the_same_host_with_something_added_is_another_link() -> None:
    source = "See https://docs.example.com/a."
    assert safe_text("https://docs.example.com/a?d=secret", [source]) == "(link left out)"


def test_an_image_goes_even_when_it_stands_in_a_source() -> None:
    assert safe_text(f"![x]({FAR})", [f"![x]({FAR})"]) == "x"


def test_a_script_goes_even_when_it_stands_in_a_source() -> None:
    assert safe_text("javascript:alert(1)", ["javascript:alert(1)"]) == "(link left out)"


def test_a_host_of_mixed_alphabets_goes_even_when_it_stands_in_a_source() -> None:
    assert safe_text("https://аpple.com", ["https://аpple.com"]) == "(link left out)"


@pytest.mark.parametrize(
    "text",
    [
        "Use the <img> tag; f[x](y) and m[i][j] are code.",
        "At 10:30, 3:4, C:\\dir, Node.js, README.md, e.g. this and U.S. law.",
        "JavaScript: The Good Parts. The data: 5 and 6. Data on file: yes.",
        "The share rose to 5 % & fell; 100%25 is odd.",
    ],
)
def test_text_without_links_stays_as_it_is(text: str) -> None:
    assert safe_text(text, ()) == text
