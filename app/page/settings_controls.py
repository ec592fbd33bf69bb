"""A row for each setting: what it does, its default, a control, and what is wrong there."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st
from pydantic import JsonValue

from citewell.app.entailment import open_entailment
from citewell.app.page.choices import Choice, allowed, in_words, value_of
from citewell.app.page.escaping import escaped
from citewell.app.page.settings_scope import Scope
from citewell.app.prompting import check_prompts
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.reranking import open_reranker
from citewell.retrieval.settings import Settings

_STEPS = {"llm_timeout": 10.0, "temperature": 0.1, "repetition_penalty": 0.05}
_STEP = 0.05


def show_row(scope: Scope, choice: Choice, settings: Settings, origin: str) -> None:
    """Show a setting and let it be changed.

    Args:
        scope: What a change holds for.
        choice: The setting.
        settings: Hold its value now.
        origin: Where its default comes from, if not from Citewell; else blank.
    """
    value, default = value_of(settings, choice.name), value_of(scope.base, choice.name)
    key = f"{scope.key}-{choice.name}"
    if key not in st.session_state:
        st.session_state.pop(f"{key}-wrong", None)
    wrong = st.session_state.get(f"{key}-wrong", "")
    if not wrong:
        st.session_state[key] = _as_widget(value)
    words, control = st.columns([3, 2], gap="medium", vertical_alignment="center")
    words.html(_words_html(choice, default, origin, changed=value != default))
    with control:
        _control(choice, key, lambda: _change(scope, choice, key))
        if wrong:
            st.html(wrong_html(wrong))


def reset_rows(scope: Scope, names: Sequence[str]) -> None:
    """Take back what is chosen for some settings, and what was wrongly given."""
    scope.reset(names)
    for name in names:
        st.session_state.pop(f"{scope.key}-{name}-wrong", None)


def wrong_html(why: str) -> str:
    """Say beside a control what is wrong with its value."""
    return f'<p class="cw-wrong" role="alert">{escaped(why)}</p>'


def _words_html(choice: Choice, default: JsonValue, origin: str, *, changed: bool) -> str:
    facts = [f"default: {in_words(choice, default)}{f' ({origin})' if origin else ''}"]
    if choice.kind in ("whole", "number"):
        facts.insert(0, allowed(choice))
    mark = ' <span class="cw-changed">changed</span>' if changed else ""
    return (
        f'<div class="cw-setting{" cw-differs" if changed else ""}">'
        f'<p class="cw-label">{escaped(choice.label)}{mark}</p>'
        f"<p>{escaped(choice.explanation)}</p>"
        f'<p class="cw-default" dir="auto">{escaped(" · ".join(facts))}</p></div>'
    )


def _control(choice: Choice, key: str, on_change: Callable[[], None]) -> None:
    label = f"{choice.label}: {choice.explanation}"
    options = choice.range.options or {}
    match choice.kind:
        case "switch":
            st.toggle(label, key=key, on_change=on_change, label_visibility="collapsed")
        case "one_of":
            _one_of(label, options, key, on_change)
        case "whole" | "number":
            st.number_input(
                label,
                value=None if choice.range.optional else "min",
                key=key,
                step=1 if choice.kind == "whole" else _STEPS.get(choice.name, _STEP),
                format="%d" if choice.kind == "whole" else "%g",
                placeholder=choice.unset or None,
                on_change=on_change,
                label_visibility="collapsed",
            )
        case "texts":
            st.text_area(
                label, key=key, height=68, on_change=on_change, label_visibility="collapsed"
            )
        case "text":
            st.text_input(
                label,
                key=key,
                placeholder=choice.unset or None,
                on_change=on_change,
                label_visibility="collapsed",
            )


def _one_of(
    label: str, options: Mapping[str, str], key: str, on_change: Callable[[], None]
) -> None:
    """Offer two values side by side, more in a list."""
    if len(options) == 2:
        st.segmented_control(
            label,
            list(options),
            key=key,
            required=True,
            format_func=options.__getitem__,
            on_change=on_change,
            label_visibility="collapsed",
        )
        return
    st.selectbox(
        label,
        list(options),
        key=key,
        required=True,
        format_func=options.__getitem__,
        on_change=on_change,
        label_visibility="collapsed",
    )


def _change(scope: Scope, choice: Choice, key: str) -> None:
    """Keep what a control says, or say what is wrong with it."""
    value = _from_widget(choice, st.session_state[key])
    try:
        check = _CHECKS.get(choice.name)
        if check is not None and isinstance(value, str) and value.strip():
            check(value.strip())
        scope.choose({choice.name: value})
    except ConfigError as error:
        st.session_state[f"{key}-wrong"] = str(error)
    else:
        st.session_state.pop(f"{key}-wrong", None)


def _as_widget(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return "\n".join(str(each) for each in value)
    return value


def _from_widget(choice: Choice, shown: JsonValue) -> JsonValue:
    if choice.kind == "texts":
        return [line for line in str(shown or "").splitlines() if line]
    return shown


_CHECKS: Mapping[str, Callable[[str], object]] = {
    "prompts": lambda folder: check_prompts(Path(folder)),
    "rerank": open_reranker,
    "nli": open_entailment,
}
"""What looks at a file that a setting names; each raises ConfigError."""
