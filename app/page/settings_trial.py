"""The test of a model as the page shows it: ten questions, what came of each, and a verdict."""

import streamlit as st

from citewell.app.models_fitness import MEANING, VERDICTS, Fitness, Tried
from citewell.app.page.escaping import escaped
from citewell.app.page.model_note import model_note
from citewell.app.page.model_tests import ModelTest, ModelTests
from citewell.retrieval.settings import Settings

_MOST_SHOWN = 240
"""Characters of what a model wrote."""


@st.cache_resource(show_spinner=False, on_release=lambda tests: tests.close())
def shared_tests() -> ModelTests:
    """Return the tests of this process, for all its sessions."""
    return ModelTests()


def _start(tests: ModelTests, asked_with: Settings) -> None:
    tests.start(asked_with)


def show_test(tests: ModelTests, asked_with: Settings | None) -> None:
    """Show a button that tests a model, and what came of its last test.

    Args:
        tests: Under way or over.
        asked_with: The settings that name the model; None if there is none to test.
    """
    test = tests.of(asked_with) if asked_with else None
    st.button(
        "Test this model" if test is None else "Test it again",
        key="model-test",
        icon=":material/labs:",
        disabled=asked_with is None or (test is not None and not test.over),
        on_click=_start,
        args=(tests, asked_with),
    )
    if asked_with is None:
        return
    note = model_note(asked_with)
    where = "Nothing leaves this machine." if note.local else f"They are sent to {note.place}."
    st.html(
        '<p class="cw-default">Asks ten questions about invented texts, through the check that '
        f"answers go through. None of your documents is used. {escaped(where)}</p>"
    )
    if test is not None:
        live = not test.over
        st.fragment(_show_progress, run_every=1 if live else None)(test, live)


def _show_progress(test: ModelTest, live: bool) -> None:
    """Show how far a test is. Looked at again each second while it is under way."""
    if live and test.over:
        st.rerun()
    if live:
        st.progress(len(test.tried) / test.questions, text=_progress(test))
        st.button("Stop the test", key="model-test-stop", on_click=test.stop)
    st.html(test_html(test))


def _progress(test: ModelTest) -> str:
    if test.state == "waiting":
        return "Another test is under way; this one is next."
    return f"Question {len(test.tried) + 1} of {test.questions} …"


def test_html(test: ModelTest) -> str:
    """Return what came of a test so far."""
    head = ""
    if test.state == "failed":
        head = f'<p class="cw-wrong" role="alert">{escaped(test.error)}</p>'
    elif test.state == "stopped":
        head = f"<p><strong>Stopped after {len(test.tried)} of {test.questions}.</strong></p>"
    elif test.fitness is not None:
        head = _verdict_html(test.fitness)
    rows = "".join(_tried_html(each) for each in test.tried)
    return f'<div class="cw-trial" aria-live="polite">{head}<ol>{rows}</ol></div>'


def _verdict_html(found: Fitness) -> str:
    facts = [
        f"{found.right} of {found.answerable} answered rightly",
        f"{found.declined} of {found.unanswerable} declined rightly",
    ]
    if found.first_token_s is not None:
        facts.append(f"first word after {found.first_token_s:.1f} s")
    if found.tokens_per_s is not None:
        facts.append(f"then {found.tokens_per_s:.0f} tokens a second")
    return (
        f'<p class="cw-verdict cw-{found.verdict}"><strong>{VERDICTS[found.verdict]}</strong></p>'
        f"<p>{', '.join(facts)}.</p>"
    )


def _tried_html(tried: Tried) -> str:
    wrote = tried.wrote if len(tried.wrote) <= _MOST_SHOWN else f"{tried.wrote[:_MOST_SHOWN]} …"
    return (
        f"<li><p>{escaped(tried.trial.question)}</p>"
        f'<p class="{_colour(tried)}">{tried.outcome.capitalize()}: {MEANING[tried.outcome]}</p>'
        + (f'<blockquote dir="auto">{escaped(wrote)}</blockquote>' if wrote else "")
        + "</li>"
    )


def _colour(tried: Tried) -> str:
    if tried.outcome == "right" or (tried.outcome == "declined" and not tried.trial.answer):
        return "cw-fit"
    return "cw-unfit" if tried.outcome in ("wrong", "obeyed", "failed") else "cw-limited"
