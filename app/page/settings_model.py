"""The choice of a language model: which, where, and whether questions leave this machine."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Literal, NamedTuple

import streamlit as st

from citewell.app.llms.addresses import host_of, server_address
from citewell.app.llms.factory import open_model
from citewell.app.models_list import ListedModel, list_models
from citewell.app.page.choices import settings_with
from citewell.app.page.escaping import escaped, labelling
from citewell.app.page.model_note import model_note
from citewell.app.page.settings_controls import wrong_html
from citewell.app.page.settings_scope import Scope
from citewell.retrieval.errors import CitewellError
from citewell.retrieval.settings import Settings

Kind = Literal["bundled", "none", "local", "server", "other"]

_KINDS: Mapping[Kind, tuple[str, str]] = {
    "bundled": ("Bundled", "A small model that comes with Citewell."),
    "none": ("No model", "Answers quote the documents word for word. Nothing is faster."),
    "local": ("Another model on this machine", "One that was fetched, a folder or a .gguf file."),
    "server": ("A server", "Ollama, llama-server, vLLM or a vendor: any that speaks as OpenAI's."),
}


class Draft(NamedTuple):
    """A model as it is about to be used."""

    llm: str
    llm_base_url: str | None


def show_model(scope: Scope, settings: Settings) -> Settings | None:
    """Show which model is in use, and let another be chosen.

    Returns the settings that the chosen model would be asked with, whether or not it is in use;
    None as long as it is not fully named.
    """
    kind = _pick_kind(scope, settings)
    forms: Mapping[Kind, Callable[[Scope, Settings], Draft | None]] = {
        "local": _local_form,
        "server": _server_form,
    }
    in_use = Draft(settings.llm, settings.llm_base_url)
    draft = forms[kind](scope, settings) if kind in forms else in_use
    if kind in forms:
        st.button(
            "Use this model",
            key=f"{scope.key}-use",
            disabled=draft is None or draft == in_use,
            on_click=_use_or_ask,
            args=(scope, draft),
        )
    _confirm(scope)
    if wrong := st.session_state.get(f"{scope.key}-model-wrong"):
        st.html(wrong_html(wrong))
    return _asked_with(scope, draft)


def reset_model(scope: Scope) -> None:
    """Take back the choice of a model and what was typed for one."""
    scope.reset(("llm", "llm_base_url"))
    _forget(scope)


def _pick_kind(scope: Scope, settings: Settings) -> Kind:
    now = _kind_of(settings.llm)
    kinds = dict(_KINDS)
    if now == "other":
        kinds["other"] = (labelling(settings.llm), "Set where Citewell is started.")
    key = f"{scope.key}-kind"
    if st.session_state.get(key) not in kinds:
        st.session_state[key] = now
    return (
        st.radio(
            "Language model",
            list(kinds),
            format_func=lambda kind: kinds[kind][0],
            captions=[caption for _, caption in kinds.values()],
            key=key,
            on_change=_kind_picked,
            args=(scope,),
        )
        or now
    )


def _kind_of(llm: str) -> Kind:
    kind, _, name = llm.partition(":")
    if kind in ("bundled-base", "tuned", "transformers", "gguf"):
        return "local"
    if not name:
        return "none" if kind == "none" else "bundled"
    return "server" if kind == "openai" else "other"


def _kind_picked(scope: Scope) -> None:
    """Take at once what needs no more to be said."""
    kind = st.session_state[f"{scope.key}-kind"]
    _forget_answers(scope)
    if kind in ("bundled", "none"):
        _use(scope, Draft(kind, scope.base.llm_base_url))
    elif kind == "other":
        reset_model(scope)


def _local_form(scope: Scope, settings: Settings) -> Draft | None:
    """Ask for a model on this machine."""
    here = settings.model_copy(update={"llm_base_url": None})
    found = [each for each in list_models(here) if _usable(each)]
    key = f"{scope.key}-local"
    if key not in st.session_state:
        st.session_state[key] = settings.llm if _kind_of(settings.llm) == "local" else ""
    if found:
        st.selectbox(
            "Found on this machine",
            [each.name for each in found],
            index=None,
            placeholder="Choose one",
            key=f"{key}-found",
            on_change=_take,
            args=(f"{key}-found", key),
        )
    else:
        st.caption("No other model was found here. Fetch one with: citewell models pull NAME")
    path = st.text_input("Its folder, or a .gguf file", key=key, placeholder="/models/qwen3-0.6b")
    return Draft(_local_name(path.strip()), scope.base.llm_base_url) if path.strip() else None


def _usable(model: ListedModel) -> bool:
    return model.state == "ready" and model.name != "bundled"


def _local_name(path: str) -> str:
    if path == "bundled-base" or path.startswith(("transformers:", "gguf:", "tuned:")):
        return path
    return f"{'gguf' if path.lower().endswith('.gguf') else 'transformers'}:{path}"


def _server_form(scope: Scope, settings: Settings) -> Draft | None:
    """Ask for a server and one of its models. Nothing is sent unless a button is pressed."""
    key = f"{scope.key}-server"
    if key not in st.session_state:
        st.session_state[key] = settings.llm_base_url or ""
        served = _kind_of(settings.llm) == "server"
        st.session_state[f"{key}-model"] = settings.llm.partition(":")[2] if served else ""
    address = st.text_input(
        "Address of the server",
        key=key,
        placeholder="http://127.0.0.1:11434/v1",
        on_change=_forget_answers,
        args=(scope,),
    ).strip()
    names = st.session_state.get(f"{scope.key}-served", ())
    if names:
        st.selectbox(
            "Models it has",
            names,
            index=None,
            placeholder="Choose one",
            key=f"{key}-found",
            on_change=_take,
            args=(f"{key}-found", f"{key}-model"),
        )
    name = st.text_input("Name of the model", key=f"{key}-model", placeholder="llama3.2").strip()
    st.button(
        "Ask the server which models it has",
        key=f"{key}-list",
        disabled=not address,
        on_click=_look_up,
        args=(scope, address),
    )
    st.html(f'<p class="cw-default">{escaped(_key_note(scope, address))}</p>')
    return Draft(f"openai:{name}", address) if address and name else None


def _key_note(scope: Scope, address: str) -> str:
    """Say where a key is set, and whether the one that is set is sent there."""
    key, url = scope.base.llm_api_key, scope.base.llm_base_url
    if key is None:
        return (
            "If the server wants a key: set CITEWELL_LLM_API_KEY and CITEWELL_LLM_BASE_URL where "
            "Citewell is started. Keys are not typed in here, and not kept."
        )
    if url and url == address:
        return "The key that is set where Citewell was started is sent along."
    return (
        "The key that is set where Citewell was started was set for "
        f"{host_of(server_address(url)) if url else 'no address'}, and is not sent here."
    )


def _take(chosen: str, into: str) -> None:
    """Put what was chosen from a list into the field below it."""
    if st.session_state[chosen]:
        st.session_state[into] = st.session_state[chosen]


def _look_up(scope: Scope, address: str) -> None:
    """Ask a server for its models."""
    try:
        asked = settings_with(scope.base, {"llm": "openai:", "llm_base_url": address})
        prefix = "openai:"
        listed = [each for each in list_models(asked) if each.name.startswith(prefix)]
        names = [each.name.removeprefix(prefix) for each in listed if each.state == "ready"]
        wrong = "" if names else f"The server at {address} does not answer, or has no models."
    except CitewellError as error:
        names, wrong = [], str(error)
    st.session_state[f"{scope.key}-served"] = names
    st.session_state[f"{scope.key}-model-wrong"] = wrong


def _use_or_ask(scope: Scope, draft: Draft) -> None:
    """Use a model, or ask first whether questions may leave this machine for it."""
    try:
        now, then = model_note(scope.settings), model_note(_with(scope, draft))
    except CitewellError as error:
        st.session_state[f"{scope.key}-model-wrong"] = str(error)
        return
    if then.local or then.place == now.place:
        _use(scope, draft)
    else:
        st.session_state[f"{scope.key}-confirm"] = draft


def _confirm(scope: Scope) -> None:
    """Ask whether questions may be sent to a server that is not on this machine."""
    draft: Draft | None = st.session_state.get(f"{scope.key}-confirm")
    if draft is None:
        return
    note = model_note(_with(scope, draft))
    open_line = (draft.llm_base_url or "").startswith("http://")
    st.html(
        '<div class="cw-note cw-ask" role="alert">'
        f"<p><strong>Send questions to {escaped(note.place)}?</strong></p>"
        "<p>Each question, the turns before it and the passages found for it will leave this "
        f"machine for {escaped(note.place)}.</p>"
        f"{'<p>The connection is not encrypted: others on the way can read it.</p>' * open_line}"
        "</div>"
    )
    with st.container(horizontal=True):
        st.button(
            f"Send them to {labelling(note.place)}",
            key=f"{scope.key}-yes",
            on_click=_use,
            args=(scope, draft),
        )
        st.button("Cancel", key=f"{scope.key}-no", on_click=_forget_question, args=(scope,))


def _use(scope: Scope, draft: Draft) -> None:
    """Let a model answer from now on, if it can be opened."""
    _forget_question(scope)
    try:
        model = open_model(draft.llm, _with(scope, draft))
        if model is not None:
            with closing(model):
                pass
        scope.choose(draft._asdict())
    except CitewellError as error:
        st.session_state[f"{scope.key}-model-wrong"] = str(error)
    else:
        st.session_state.pop(f"{scope.key}-model-wrong", None)


def _with(scope: Scope, draft: Draft) -> Settings:
    return settings_with(scope.base, {**scope.choices, **draft._asdict()})


def _asked_with(scope: Scope, draft: Draft | None) -> Settings | None:
    if draft is None or draft.llm == "none":
        return None
    try:
        return _with(scope, draft)
    except CitewellError:
        return None


def _forget_question(scope: Scope) -> None:
    st.session_state.pop(f"{scope.key}-confirm", None)


def _forget_answers(scope: Scope) -> None:
    """Let go of what was said and asked about another model."""
    for name in ("confirm", "model-wrong", "served"):
        st.session_state.pop(f"{scope.key}-{name}", None)


def _forget(scope: Scope) -> None:
    _forget_answers(scope)
    for name in ("kind", "local", "server", "server-model"):
        st.session_state.pop(f"{scope.key}-{name}", None)
