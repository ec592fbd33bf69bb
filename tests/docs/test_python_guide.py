"""What docs/python.md shows runs, and what it names is there."""

import inspect
import re
from pathlib import Path

import pytest
from langchain_core.language_models import FakeListChatModel
from llama_index.core.llms import MockLLM

import citewell.retrieval
from citewell.ingest.run import ingest
from citewell.retrieval.adapters.passages import metadata_of
from citewell.retrieval.settings import load_settings
from citewell.retrieval.values import Chunk, Passage, Scores

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "python.md"

pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason=f"{ROOT} is no checkout of Citewell")


def guide() -> str:
    return GUIDE.read_text("utf-8")


def calls() -> list[tuple[str, str]]:
    """Return each call of the guide's table: what is called, and its arguments."""
    return re.findall(r"^\| `([\w.]+)\((.*?)\)` \|", guide(), re.MULTILINE)


def keys() -> list[str]:
    """Return each key of the guide's table of metadata, in order."""
    table = guide().partition("## Metadata")[2]
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return re.findall(r"`(\w+)`", " ".join(cells))


@pytest.fixture
def handbook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection ``handbook`` of two files, in the home folder that settings name."""
    monkeypatch.setenv("CITEWELL_HOME", str(tmp_path / "home"))
    people = tmp_path / "handbook" / "people"
    people.mkdir(parents=True)
    (people / "leave.md").write_text("# Leave\n\nParental leave is 14 weeks long.", "utf-8")
    (people / "travel.md").write_text("# Travel\n\nA manager signs for travel.", "utf-8")
    ingest([people.parent], load_settings({"collection": "handbook"}))


@pytest.mark.models
@pytest.mark.usefixtures("handbook")
def test_the_programs_of_the_guide_run_one_after_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", guide(), re.MULTILINE | re.DOTALL)
    given = {"model": FakeListChatModel(responses=["14 weeks [1]."]), "llm": MockLLM(max_tokens=2)}
    printed = []

    for block in blocks:
        exec(compile(block, GUIDE.name, "exec"), given)
        printed.append(capsys.readouterr().out.splitlines())

    first, filtered, exact, waited, chain, engine = printed
    assert first[0] == "people/leave.md None # Leave"
    assert (filtered, exact) == ([], [])
    assert waited == ["people/leave.md", "people/travel.md"]
    assert chain == ["14 weeks [1]."]
    assert engine[0].startswith("people/leave.md 0 ")


@pytest.mark.parametrize(("name", "arguments"), calls())
def test_a_call_of_the_guide_takes_what_it_says(name: str, arguments: str) -> None:
    owner, _, method = name.rpartition(".")
    holder = getattr(citewell.retrieval, owner) if owner else citewell.retrieval
    parameters = inspect.signature(getattr(holder, method)).parameters

    said = [word for word in arguments.split(", ") if word not in ("", "*")]

    assert said == [parameter for parameter in parameters if parameter != "self"]


def test_the_guide_names_all_that_a_retriever_is_asked() -> None:
    assert {"open_retriever", "Retriever.search", "Retriever.asearch"} <= {
        name for name, _ in calls()
    }


def test_the_guide_names_each_key_of_the_metadata() -> None:
    chunk = Chunk("a.xlsx", 5, 8, "cat", 3, 4, ("Pets", "Cats"), "Name", "Pets!A2:B2")
    known = metadata_of(Passage(1, chunk, "A", 0.1, Scores(fused=0.1)), Path("/docs/a.xlsx"))

    assert len(keys()) == len(set(keys()))
    assert set(keys()) == known.keys()


def test_what_the_guide_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", guide())

    assert links
    assert [link for link in links if not (GUIDE.parent / link).exists()] == []
