"""The page as Streamlit runs it, without a browser, on a real store."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import citewell.app.page
from citewell.app.page.services import close_services
from citewell.retrieval.values import Document

SCRIPT = Path(citewell.app.page.__file__).with_name("entry.py")

pytestmark = pytest.mark.models

Open = Callable[[Path], AppTest]


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    def open_at(home: Path) -> AppTest:
        monkeypatch.setenv("CITEWELL_HOME", str(home))
        monkeypatch.setenv("CITEWELL_LLM", "none")
        return AppTest.from_file(SCRIPT, default_timeout=120).run()

    close_services()
    yield open_at
    close_services()


def shown(app: AppTest) -> str:
    """All the HTML of the page, from top to bottom."""
    assert not app.exception
    return "\n".join(element.proto.body for element in app.get("html"))


def ask(app: AppTest, question: str) -> AppTest:
    return app.chat_input[0].set_value(question).run()


def test_an_empty_home_says_what_to_do(open_page: Open, tmp_path: Path) -> None:
    assert "<code>citewell ingest PATH</code>" in shown(open_page(tmp_path / "home"))


def test_a_home_that_cannot_be_opened_is_a_message(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    assert 'role="alert"' in shown(open_page(tmp_path / "file"))


def test_a_question_is_answered_from_the_store(open_page: Open, filled_home: Path) -> None:
    app = ask(open_page(filled_home), "How long do elephants sleep a night?")

    assert 'href="#answer-1-source-1"' in shown(app)
    assert "<mark>Elephants sleep about two hours a night.</mark>" in shown(app)
    assert "animals/elephants.md</span> · page 2 · Sleep" in shown(app)


def test_a_question_beside_the_documents_is_declined(open_page: Open, filled_home: Path) -> None:
    app = ask(open_page(filled_home), "Who composed the opera Tosca?")

    assert '<p class="cw-abstained">' in shown(app)
    assert "What was found instead" in shown(app)


def test_what_is_ingested_meanwhile_is_answered_without_a_restart(
    open_page: Open,
    tmp_path: Path,
    add_document: Callable[[Path, Document], None],
) -> None:
    add_document(tmp_path, Document("a.md", "Elephants", "Elephants sleep two hours a night."))
    app = ask(open_page(tmp_path), "What colour is the door of the lighthouse?")
    assert "<mark>" not in shown(app)

    added = "The door of the lighthouse is painted green."
    add_document(tmp_path, Document("b.md", "Lighthouse", added))
    ask(app, "What colour is the door of the lighthouse?")

    assert f"<mark>{added}</mark>" in shown(app)
    assert "2 documents · 2 passages" in shown(app)
