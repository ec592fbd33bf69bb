"""The bundled model with the adapter that ships."""

from collections.abc import Iterator

import pytest

from citewell.app.answer_values import Evidence
from citewell.app.llms.adapter_card import ADAPTER
from citewell.app.llms.adapter_files import shipped_adapter
from citewell.app.llms.bundled import BundledModel, open_bundled
from citewell.app.llms.protocol import GenerationSettings
from citewell.app.llms.smollm2 import GGUF_SHA256
from citewell.app.prompting import build, technique_for
from citewell.retrieval.settings import Settings

TEXTS = (
    "The library of Ostrava opens at 8:00 on every working day.",
    "The car park behind the north gate closes at 20:00 on each evening of the week.",
    "A yearly ticket for the swimming pool costs 180 crowns.",
)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BundledModel]:
    model = open_bundled(tmp_path_factory.mktemp("home"))
    yield model
    model.close()


def asked(model: BundledModel, question: str) -> str:
    evidence = [
        Evidence(number, "town.md", "The town", 0, len(text), text, (), 1, 1.0)
        for number, text in enumerate(TEXTS, 1)
    ]
    messages = build(technique_for(model, Settings()), question, evidence)
    return "".join(model.stream(messages, GenerationSettings())).strip()


def test_what_ships_is_small_and_of_the_bundled_model() -> None:
    adapter = shipped_adapter()

    assert (adapter.card.name, adapter.card.base_sha256) == ("bundled", GGUF_SHA256)
    assert adapter.taught
    assert (adapter.folder / ADAPTER).stat().st_size <= 12_000_000


def test_its_model_card_ships_with_it() -> None:
    adapter = shipped_adapter()
    told = (adapter.folder / "MODEL_CARD.md").read_text("utf-8")

    assert told.startswith("# bundled\n")
    assert adapter.card.sha256 in told


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "answer", "marker"),
    [
        ("When does the car park close?", "20:00", "[2]"),
        ("How much is a yearly ticket for the pool?", "180 crowns", "[3]"),
        ("When does the library open?", "8:00", "[1]"),
    ],
)
def test_it_answers_in_a_few_words_of_the_evidence_with_its_number(
    model: BundledModel, question: str, answer: str, marker: str
) -> None:
    draft = asked(model, question)

    assert (draft.startswith(answer), draft.endswith(marker)) == (True, True)
    assert len(draft.split()) < len(TEXTS[1].split())


@pytest.mark.models
def test_it_says_where_the_evidence_does_not_answer(model: BundledModel) -> None:
    assert asked(model, "Who designed the town hall?") == "not found"
