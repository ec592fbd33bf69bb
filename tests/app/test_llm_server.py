"""A model behind an OpenAI-compatible server, and everything such a server can do wrong."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import GenerationSettings, LanguageModel, Message
from citewell.retrieval.errors import (
    ConfigError,
    MissingExtra,
    ModelError,
    ModelUnreachable,
    NotConfigured,
)
from citewell.retrieval.settings import Settings

ASK = (Message("system", "Answer from the evidence."), Message("user", "What does the cat do?"))


class Server(Protocol):
    """What these tests use of the double."""

    requests: list[dict[str, object]]
    headers: list[dict[str, str]]
    hung_up: threading.Event
    elsewhere: str

    @property
    def host(self) -> str: ...
    @property
    def address(self) -> str: ...


Start = Callable[[str], Server]


@pytest.fixture
def connect() -> Iterator[Callable[..., LanguageModel]]:
    """Opens the model ``test`` at an address; closes it after the test."""
    opened: list[LanguageModel] = []

    def connect(address: str, key: str | None = None) -> LanguageModel:
        settings = Settings.model_validate({"llm_base_url": address, "llm_api_key": key})
        model = open_model("openai:test", settings)
        assert model is not None
        opened.append(model)
        return model

    yield connect
    for model in opened:
        model.close()


Connect = Callable[..., LanguageModel]


def read(
    model: LanguageModel, settings: GenerationSettings, into: list[str] | None = None
) -> list[str]:
    """Return the pieces; ``into`` keeps those that came before an error."""
    got = [] if into is None else into
    got.extend(model.stream(ASK, settings))
    return got


PLAIN = GenerationSettings(timeout=30)


def test_the_answer_comes_in_the_pieces_the_server_sends(
    model_server: Start, connect: Connect
) -> None:
    model = connect(model_server("ok").address)

    assert read(model, PLAIN) == ["The", " cat", " sleeps", " [1]."]


def test_the_model_can_be_asked_again(model_server: Start, connect: Connect) -> None:
    model = connect(model_server("ok").address)

    assert ["".join(read(model, PLAIN)) for _ in range(2)] == ["The cat sleeps [1]."] * 2


def test_its_name_and_place_are_those_of_the_setting(model_server: Start, connect: Connect) -> None:
    server = model_server("ok")
    model = connect(server.address.replace("//", "//user:pass@"))

    assert (model.name, model.place) == ("openai:test", server.host)


def test_the_request_holds_the_messages_and_only_settings_that_are_not_neutral(
    model_server: Start, connect: Connect
) -> None:
    server = model_server("ok")
    read(connect(server.address), PLAIN)

    assert server.requests == [
        {
            "messages": [
                {"role": "system", "content": "Answer from the evidence."},
                {"role": "user", "content": "What does the cat do?"},
            ],
            "model": "test",
            "stream": True,
            "temperature": 0.0,
            "max_tokens": 96,
        }
    ]


def test_sampling_settings_reach_the_server(model_server: Start, connect: Connect) -> None:
    server = model_server("ok")
    settings = GenerationSettings(
        max_tokens=7,
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        repetition_penalty=1.1,
        stop=("END",),
        seed=3,
        timeout=30,
    )
    read(connect(server.address), settings)

    sent = {k: v for k, v in server.requests[0].items() if k not in {"messages", "model"}}
    assert sent == {
        "stream": True,
        "max_tokens": 7,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "repetition_penalty": 1.1,
        "repeat_penalty": 1.1,
        "stop": ["END"],
        "seed": 3,
    }


def test_a_key_of_the_environment_is_not_sent(
    model_server: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-a-vendor")
    server = model_server("ok")
    read(connect(server.address), PLAIN)

    assert server.headers[0]["authorization"] == "Bearer none"


def test_a_key_that_is_set_is_sent(model_server: Start, connect: Connect) -> None:
    model = connect(model_server("auth").address, key="secret")

    assert "".join(read(model, PLAIN)) == "The cat sleeps [1]."


def test_a_wrong_key_is_named_but_not_repeated(model_server: Start, connect: Connect) -> None:
    model = connect(model_server("auth").address, key="wrong")

    with pytest.raises(
        ModelError, match=r"refused the key \(HTTP 401\)\. Set CITEWELL_LLM_API"
    ) as e:
        read(model, PLAIN)
    assert "wro" not in str(e.value)


@pytest.mark.parametrize(
    ("mode", "written", "message"),
    [
        ("error", "", "answered HTTP 500 .*the model broke.*Look at the server's log"),
        ("busy", "", "answered HTTP 429 .*slow down.*try again later"),
        ("unknown", "", "answered HTTP 404 .*no model test.*Check the name of the model"),
        ("malformed", "", "sent what cannot be read .*CITEWELL_LLM_BASE_URL"),
        ("wrong_json", "", "stopped before its answer was complete"),
        ("not_sse", "", "sent what cannot be read .*CITEWELL_LLM_BASE_URL"),
        ("cut", "The cat", "stopped before its answer was complete"),
        ("cut_quietly", "The cat", "stopped before its answer was complete"),
        ("wrong_utf8", "The ", "sent what cannot be read .*CITEWELL_LLM_BASE_URL"),
    ],
)
def test_what_came_is_kept_and_a_failure_is_told_with_the_address(
    mode: str, written: str, message: str, model_server: Start, connect: Connect
) -> None:
    server = model_server(mode)
    model = connect(server.address)

    got: list[str] = []
    with pytest.raises(ModelError, match=f"^The language model at {server.host} {message}"):
        read(model, PLAIN, got)
    assert "".join(got) == written


def test_a_server_that_is_just_starting_is_asked_again(
    model_server: Start, connect: Connect
) -> None:
    server = model_server("starting")

    text = "".join(read(connect(server.address), PLAIN))
    assert (text, len(server.requests)) == ("The cat sleeps [1].", 3)


@pytest.mark.parametrize(
    ("mode", "requests"), [("error", 3), ("busy", 3), ("unknown", 1), ("cut", 1), ("malformed", 1)]
)
def test_a_call_is_repeated_twice_at_most_and_never_within_an_answer(
    mode: str, requests: int, model_server: Start, connect: Connect
) -> None:
    server = model_server(mode)

    with pytest.raises(ModelError, match="The language model at"):
        read(connect(server.address), PLAIN)
    assert len(server.requests) == requests


def test_its_tokens_are_estimated_and_its_context_unknown(connect: Connect) -> None:
    model = connect("http://127.0.0.1:1/v1")

    assert (model.count_tokens("The cat sleeps."), model.context_tokens) == (5, None)


def test_a_server_that_is_not_running_is_unreachable(closed_address: str, connect: Connect) -> None:
    model = connect(closed_address)

    with pytest.raises(ModelUnreachable, match=r"127\.0\.0\.1:\d+ does not answer .*Start its"):
        read(model, PLAIN)


def test_a_server_that_hangs_is_left_after_the_timeout(
    model_server: Start, connect: Connect
) -> None:
    server = model_server("hang")

    with pytest.raises(ModelError, match=rf"at {server.host} took longer than 0\.5 s"):
        read(connect(server.address), GenerationSettings(timeout=0.5))
    assert server.hung_up.wait(10)


def test_a_server_that_dribbles_is_left_after_the_timeout(
    model_server: Start, connect: Connect
) -> None:
    server = model_server("slow")
    got: list[str] = []

    with pytest.raises(ModelError, match=r"took longer than 0\.5 s"):
        read(connect(server.address), GenerationSettings(timeout=0.5), got)
    assert (set(got), server.hung_up.wait(10)) == ({"drip "}, True)


def test_an_endless_answer_is_cut_and_the_connection_closed(
    model_server: Start, connect: Connect
) -> None:
    server = model_server("endless")
    text = "".join(read(connect(server.address), GenerationSettings(max_chars=12_345)))

    assert (text, server.hung_up.wait(10)) == ("x" * 12_345, True)


def test_closing_the_iterator_closes_the_connection(model_server: Start, connect: Connect) -> None:
    server = model_server("slow")
    pieces = connect(server.address).stream(ASK, PLAIN)
    next(pieces)
    pieces.close()

    assert server.hung_up.wait(10)


def test_closing_the_model_ends_an_answer_that_runs(model_server: Start, connect: Connect) -> None:
    model = connect(model_server("slow").address)
    pieces = model.stream(ASK, PLAIN)
    next(pieces)
    model.close()

    with pytest.raises(ModelError, match="was stopped"):
        list(pieces)


def test_a_program_may_end_while_a_server_hangs(
    model_server: Start, wait_until: Callable[[Callable[[], bool]], bool]
) -> None:
    code = (
        "import sys, threading\n"
        "from citewell.app.llms.factory import open_model\n"
        "from citewell.app.llms.protocol import GenerationSettings, Message\n"
        "from citewell.retrieval.settings import Settings\n"
        "model = open_model('openai:test', Settings(llm_base_url=sys.argv[1]))\n"
        "pieces = model.stream([Message('user', 'cat?')], GenerationSettings(timeout=600))\n"
        "threading.Thread(target=next, args=(pieces, None), daemon=True).start()\n"
        "sys.stdin.readline()"
    )
    server = model_server("hang")
    with subprocess.Popen(
        [sys.executable, "-c", code, server.address],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        asked = wait_until(lambda: len(server.requests) == 1)
        _, printed = program.communicate("\n", timeout=60)

    assert (asked, printed, program.returncode) == (True, "", 0)


def test_two_answers_run_side_by_side(model_server: Start, connect: Connect) -> None:
    model = connect(model_server("slow").address)
    first, second = model.stream(ASK, PLAIN), model.stream(ASK, PLAIN)

    assert [next(first), next(second), next(first)] == ["drip "] * 3


def test_a_redirect_is_not_followed(model_server: Start, connect: Connect) -> None:
    server, other = model_server("redirect"), model_server("ok")
    server.elsewhere = f"{other.address}/chat/completions"

    with pytest.raises(ModelError, match=r"redirects to another address \(HTTP 307\)"):
        read(connect(server.address), PLAIN)
    assert other.requests == []


def test_a_server_on_this_machine_is_reached_without_the_proxy(
    model_server: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, proxy = model_server("ok"), model_server("ok")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "OPENAI_PROXY"):
        monkeypatch.setenv(name, f"http://{proxy.host}")
    read(connect(server.address), PLAIN)

    assert (len(server.requests), len(proxy.requests)) == (1, 0)


def test_prompts_are_not_traced_even_when_the_environment_asks_for_it(
    model_server: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, tracer = model_server("ok"), model_server("ok")
    monkeypatch.setenv("LANGSMITH_TRACING", "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "key")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", f"http://{tracer.host}")
    read(connect(server.address), PLAIN)

    from langchain_core.tracers.langchain import wait_for_all_tracers

    wait_for_all_tracers()
    assert (len(server.requests), tracer.requests) == (1, [])


def test_without_an_address_nothing_is_asked() -> None:
    with pytest.raises(NotConfigured, match=r"CITEWELL_LLM_BASE_URL .*such as http://127"):
        open_model("openai:test", Settings())


@pytest.mark.parametrize("address", ["localhost:11434", "ftp://host/v1", "http://", "http://h:x"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError, match=f"llm_base_url is '{address}'; give the address"):
        open_model("openai:test", Settings(llm_base_url=address))


def test_without_the_extra_the_command_that_installs_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "langchain_openai", None)

    with pytest.raises(MissingExtra, match=r"langchain_openai is not .* 'citewell\[openai\]'"):
        open_model("openai:test", Settings(llm_base_url="http://127.0.0.1:1/v1"))
