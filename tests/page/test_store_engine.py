"""What the page asks of a store: what may be seen, which models serve whom."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from citewell.app.answer_values import Answer, Answered
from citewell.app.page.engine import ChatEngine
from citewell.app.page.store_engine import StoreEngine
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.values import Document

pytestmark = pytest.mark.models

QUESTION = "How long do elephants sleep a night?"


@pytest.fixture
def settings(filled_home: Path) -> Settings:
    return Settings(home=filled_home, llm="none")


@pytest.fixture
def engine(settings: Settings) -> Iterator[ChatEngine]:
    opened = StoreEngine(settings)
    yield opened
    opened.close()


def answer(engine: ChatEngine, settings: Settings, question: str = QUESTION) -> Answer:
    *_, last = engine.ask("animals", question, (), settings)
    assert isinstance(last, Answered)
    return last.answer


def wait_for(done: Callable[[], Any]) -> None:
    for _ in range(600):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about within a minute")


def test_models_are_loaded_while_nobody_asks(engine: ChatEngine) -> None:
    assert not engine.ready("animals")

    engine.prepare("animals")

    wait_for(lambda: engine.ready("animals"))


def test_a_collection_that_came_later_can_still_be_prepared(
    tmp_path: Path, add_document: Callable[[Path, Document], None]
) -> None:
    engine = StoreEngine(Settings(home=tmp_path, llm="none"))
    engine.prepare("animals")
    add_document(tmp_path, Document("a.md", "Elephants", "Elephants sleep two hours a night."))

    def is_ready() -> bool:
        engine.prepare("animals")
        return engine.ready("animals")

    wait_for(is_ready)
    assert not answer(engine, Settings(home=tmp_path, llm="none")).abstained
    engine.close()


def test_each_question_is_answered_with_the_settings_given(
    engine: ChatEngine, settings: Settings
) -> None:
    strict = settings.model_copy(update={"threshold": 1.0})

    assert not answer(engine, settings).abstained
    assert answer(engine, strict).reason == "weak_match"
    assert not answer(engine, settings).abstained


def test_what_the_caller_may_not_see_is_neither_counted_nor_shown(
    filled_home: Path, tmp_path: Path
) -> None:
    name = "animals/elephants.md"
    home = copytree(filled_home, tmp_path / "home")
    with open_store(home) as store:
        store.mark("animals", "label", [name], ["staff"])
    anybody = StoreEngine(Settings(home=home, llm="none"))
    staff = StoreEngine(Settings(home=home, llm="none", labels=("staff",)))

    assert [each.documents for each in (*anybody.collections(), *staff.collections())] == [1, 2]
    assert [each.name for each in anybody.documents("animals")] == ["ports/harbour.md"]
    assert staff.document("animals", name).name == name
    for refused in (anybody.document, anybody.path_of, anybody.sha256_of):
        with pytest.raises(NotConfigured, match=r"holds no document 'animals/elephants\.md'"):
            refused("animals", name)
    with pytest.raises(NotConfigured, match="holds no document"):
        anybody.layouts("animals", name, [1])
    anybody.close()
    staff.close()


def test_it_knows_the_file_a_document_came_from(engine: ChatEngine) -> None:
    assert engine.path_of("animals", "ports/harbour.md") == Path("/documents/ports/harbour.md")
    assert engine.sha256_of("animals", "ports/harbour.md") == "0" * 64


def test_it_tells_where_a_document_was_lost(engine: ChatEngine, settings: Settings) -> None:
    lost = engine.why("animals", QUESTION, "ports/harbour.md", settings)

    assert lost.document == "ports/harbour.md"
    assert lost.missing == ("long", "elephants", "sleep", "night")


def test_it_knows_how_probable_an_answer_must_be(engine: ChatEngine, settings: Settings) -> None:
    unset = settings.model_copy(update={"threshold": None, "reader": "none"})

    assert engine.threshold("animals", unset) == 0.29
    assert engine.threshold("animals", unset.model_copy(update={"threshold": 0.5})) == 0.5


def test_questions_are_suggested_once_the_models_are_there(
    tmp_path: Path, add_document: Callable[[Path, Document], None]
) -> None:
    text = "A lighthouse is a tower with a lamp that shows ships the way at night."
    add_document(tmp_path, Document("a.md", "Towers", text))
    engine = StoreEngine(Settings(home=tmp_path, llm="none"))

    assert engine.suggestions("animals") is None
    engine.prepare("animals")
    wait_for(lambda: engine.suggestions("animals"))

    assert engine.suggestions("animals") == ("What is a lighthouse?",)
    engine.close()
