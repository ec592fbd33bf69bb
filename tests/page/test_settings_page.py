"""The page of settings as Streamlit runs it, without a browser."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from bench.model_server import ModelServer
from citewell.app.page.services import Services
from citewell.app.page.settings_trial import shared_tests


def page(services: "Services") -> None:
    from citewell.app.page.settings_page import show

    show(services)


Run = Callable[..., AppTest]


@pytest.fixture
def run() -> Run:
    def start(services: Services, chat: str | None = None) -> AppTest:
        app = AppTest.from_function(page, args=(services,), default_timeout=20)
        if chat is not None:
            app.query_params["chat"] = chat
        return app.run()

    return start


@pytest.fixture
def server() -> Iterator[ModelServer]:
    double = ModelServer("ok")
    yield double
    shared_tests().close()
    double.close()


def shown(app: AppTest) -> str:
    """All the HTML of the page without its style, from top to bottom."""
    assert not app.exception
    bodies = [element.proto.body for element in app.get("html")]
    return "\n".join(body for body in bodies if not body.startswith("<style>"))


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def name_server(app: AppTest, address: str) -> AppTest:
    """Fill in the form for a server, up to the button that uses it."""
    app.radio(key="new-kind").set_value("server").run()
    app.text_input(key="new-server").set_value(address).run()
    return app.text_input(key="new-server-model").set_value("test").run()


def test_without_a_conversation_only_those_that_will_begin_can_be_changed(
    run: Run, make_services: Any
) -> None:
    app = run(make_services())

    assert app.segmented_control(key="settings-scope").options == ["New conversations"]
    assert "What conversations begin with from now on." in shown(app)


def test_each_setting_says_what_it_does_its_range_and_its_default(
    run: Run, make_services: Any
) -> None:
    html = shown(run(make_services()))

    assert '<p class="cw-label">Passages to find</p>' in html
    assert "<p>More give more to choose an answer from, and take longer.</p>" in html
    assert "a whole number from 1 to 100 · default: 5</p>" in html
    assert "default: As suits the model</p>" in html
    assert "changed</span>" not in html


def test_a_change_is_kept_for_new_conversations_and_marked(run: Run, make_services: Any) -> None:
    services = make_services()
    app = run(services)

    app.number_input(key="new-k").set_value(8).run()

    assert services.chats.preferences() == {"k": 8}
    assert shown(app).count("changed</span>") == 1
    assert services.chats.create("animals").choices == {"k": 8}


def test_a_change_for_a_conversation_leaves_the_others(run: Run, make_services: Any) -> None:
    services = make_services()
    mine, other = services.chats.create("animals"), services.chats.create("animals")
    app = run(services, mine.id)

    app.toggle(key=f"{mine.id}-quote_evidence").set_value(False).run()

    assert app.segmented_control(key="settings-scope").value == "This conversation"
    assert services.chats.get(mine.id).choices == {"quote_evidence": False}
    assert services.chats.get(other.id).choices == {}
    assert services.chats.preferences() == {}


def test_the_switch_shows_what_new_conversations_begin_with(run: Run, make_services: Any) -> None:
    services = make_services()
    mine = services.chats.create("animals", {"seed": 7})
    app = run(services, mine.id)

    app.segmented_control(key="settings-scope").set_value("New conversations").run()

    assert app.number_input(key="new-seed").value == 0


def test_a_reset_takes_back_the_choices_of_its_group(run: Run, make_services: Any) -> None:
    services = make_services()
    services.chats.set_preferences({"k": 8, "seed": 7})
    app = run(services)

    press(app, "new-reset-Retrieval")

    assert services.chats.preferences() == {"seed": 7}
    assert app.number_input(key="new-k").value == 5
    assert app.button(key="new-reset-Retrieval").disabled
    assert not app.button(key="new-reset-Generation").disabled


def test_a_wrong_value_is_explained_beside_its_control_and_not_kept(
    run: Run, make_services: Any
) -> None:
    services = make_services()
    app = run(services)

    app.number_input(key="new-k").set_value(500).run()

    assert "Passages to find is 500. Give a whole number from 1 to 100.</p>" in shown(app)
    assert app.number_input(key="new-k").value == 500
    assert services.chats.preferences() == {}

    app.number_input(key="new-k").set_value(50).run()

    assert "cw-wrong" not in shown(app)
    assert services.chats.preferences() == {"k": 50}


def test_a_filter_that_cannot_be_read_is_explained(run: Run, make_services: Any) -> None:
    app = run(make_services())

    app.text_input(key="new-where").set_value("year >> 2024").run()

    assert "after year, not &gt;&gt;" in shown(app)


def test_a_folder_without_prompts_is_explained(
    run: Run, make_services: Any, tmp_path: Path
) -> None:
    services = make_services()
    app = run(services)

    app.text_input(key="new-prompts").set_value(str(tmp_path)).run()

    assert "which holds no prompt files" in shown(app)
    assert services.chats.preferences() == {}


def test_stop_texts_stand_one_a_line(run: Run, make_services: Any) -> None:
    services = make_services()
    app = run(services)

    app.text_area(key="new-stop").set_value("END\n\nTHE END").run()

    assert services.chats.preferences() == {"stop": ["END", "THE END"]}
    assert app.text_area(key="new-stop").value == "END\nTHE END"


def test_an_emptied_threshold_is_the_collections_own(run: Run, make_services: Any) -> None:
    services = make_services()
    services.chats.set_preferences({"threshold": 0.5})
    app = run(services)

    app.number_input(key="new-threshold").set_value(None).run()

    assert services.chats.preferences() == {}


def test_choosing_no_model_is_taken_at_once(run: Run, make_services: Any) -> None:
    services = make_services(llm="bundled")
    app = run(services)

    app.radio(key="new-kind").set_value("none").run()

    assert services.chats.preferences() == {"llm": "none"}
    assert "Nothing leaves this machine." in shown(app)
    assert app.button(key="model-test").disabled


def test_a_server_on_this_machine_is_used_without_a_question(
    run: Run, make_services: Any, server: ModelServer
) -> None:
    services = make_services()
    app = name_server(run(services), server.address)

    press(app, "new-use")

    assert services.chats.preferences() == {"llm": "openai:test", "llm_base_url": server.address}
    assert app.button(key="new-use").disabled


def test_a_server_elsewhere_is_used_only_once_that_is_confirmed(
    run: Run, make_services: Any
) -> None:
    services = make_services()
    app = name_server(run(services), "https://models.test/v1")

    press(app, "new-use")

    assert "Send questions to models.test?" in shown(app)
    assert services.chats.preferences() == {}

    press(app, "new-yes")

    assert services.chats.preferences()["llm_base_url"] == "https://models.test/v1"
    assert "are sent to <strong>models.test</strong>" in shown(app)


def test_a_server_elsewhere_can_be_declined(run: Run, make_services: Any) -> None:
    services = make_services()
    app = press(name_server(run(services), "http://models.test/v1"), "new-use")

    assert "The connection is not encrypted" in shown(app)
    press(app, "new-no")

    assert "Send questions to" not in shown(app)
    assert services.chats.preferences() == {}


def test_an_address_that_is_none_is_explained(run: Run, make_services: Any) -> None:
    app = name_server(run(make_services()), "the office server")

    press(app, "new-use")

    assert "give the address of a server" in shown(app)


def test_a_folder_that_holds_no_model_is_explained(run: Run, make_services: Any) -> None:
    services = make_services()
    app = run(services)
    app.radio(key="new-kind").set_value("local").run()
    app.text_input(key="new-local").set_value("/no/such/folder").run()

    press(app, "new-use")

    assert "which holds no model (no config.json)" in shown(app)
    assert services.chats.preferences() == {}


def test_a_key_is_never_shown_and_not_sent_to_another_server(run: Run, make_services: Any) -> None:
    services = make_services(
        llm_api_key=SecretStr("s3cret"), llm_base_url="https://models.test/v1", llm="openai:a"
    )
    app = name_server(run(services), "https://other.test/v1")

    assert "was set for models.test, and is not sent here." in shown(app)
    assert "set, and not shown" in shown(app)
    assert "s3cret" not in str(app)


def test_a_model_is_tested_with_results_and_a_verdict(
    run: Run, make_services: Any, server: ModelServer
) -> None:
    app = name_server(run(make_services()), server.address)

    press(app, "model-test")
    assert shared_tests().all()[-1].wait(20)
    app.run()

    assert "How tall is the lighthouse of Ostervik?" in shown(app)
    assert "Not fit for the job" in shown(app)
    assert "0 of 8 answered rightly" in shown(app)
    assert app.button(key="model-test").label == "Test it again"


def test_a_test_can_be_stopped(run: Run, make_services: Any, server: ModelServer) -> None:
    server.mode = "slow"
    app = press(name_server(run(make_services()), server.address), "model-test")

    press(app, "model-test-stop")

    assert "Stopped after 0 of 10." in shown(app)


def test_what_only_a_start_changes_is_listed_with_where_it_comes_from(
    run: Run, make_services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEWELL_PORT", "9000")
    html = shown(run(make_services(port=9000, host="localhost")))

    assert '<td dir="auto">9000</td><td>CITEWELL_PORT</td>' in html
    assert '<td dir="auto">localhost</td><td>given at the start</td>' in html
    assert '<td dir="auto">768</td><td>default</td>' in html


def test_a_default_that_the_process_was_given_says_from_where(
    run: Run, make_services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITEWELL_K", "7")

    assert "default: 7 (CITEWELL_K)" in shown(run(make_services(k=7)))


def test_choices_that_are_no_longer_valid_can_be_reset(run: Run, make_services: Any) -> None:
    services = make_services()
    services.chats.set_preferences({"gone": 1})
    app = run(services)

    assert "The setting &#x27;gone&#x27; cannot be chosen" in shown(app)
    press(app, "reset-all")

    assert services.chats.preferences() == {}
    assert "Passages to find" in shown(app)
