"""The reader that comes with Citewell finds what answers, and says so when nothing does."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from citewell.app.reading.reader import ReadablePassage, Reader, Reading
from citewell.app.reading.scores import Mix
from citewell.app.reading.taught import TaughtReader
from citewell.app.reading.tuned import pack, read_tuned, unpack
from citewell.retrieval.embedding import BUNDLED_PACKAGE, bundled_folder
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.sentences import split_sentences

BRIDGE = (
    "The old bridge over the Ilm stands in the middle of the town. "
    "It was built in 1743 by the mason Johann Kerner. "
    "Its four arches are made of sandstone from a quarry nearby. "
    "Every spring the children of the town paint its railings."
)
GARDEN = (
    "The garden behind the town hall is open from May to October. "
    "Roses grow along its southern wall. Entry is free for children."
)
MIX = Mix(0.0, 1.0, 2.0, 3.0, 4.0, 5.0)


def passage(text: str, context: str = "The town") -> ReadablePassage:
    """With its sentences as units."""
    return ReadablePassage(context, text, split_sentences(text))


@pytest.fixture(scope="module")
def reader() -> Reader:
    """The bundled one in fp32, loaded once."""
    pytest.importorskip(BUNDLED_PACKAGE, reason="the bundled model is not installed")
    return TaughtReader(bundled_folder(), "fp32")


def best(reading: Reading) -> int:
    """Return the number of the unit that most likely holds the answer."""
    return int(np.argmax([unit.score for unit in reading.units]))


@pytest.mark.models
def test_the_sentence_that_answers_has_the_highest_score(reader: Reader) -> None:
    (found,) = reader.read("Who built the bridge?", [passage(BRIDGE)])

    assert best(found) == 1


@pytest.mark.models
def test_the_words_that_answer_lie_in_their_sentence(reader: Reader) -> None:
    (found,) = reader.read("When was the old bridge built?", [passage(BRIDGE)])

    span = found.units[1].span
    assert span is not None
    assert "1743" in BRIDGE[slice(*span)]


@pytest.mark.models
def test_a_passage_about_something_else_answers_less(reader: Reader) -> None:
    bridge, garden = reader.read("Who built the bridge?", [passage(BRIDGE), passage(GARDEN)])

    assert bridge.answers > garden.answers


@pytest.mark.models
def test_the_sentence_is_found_in_a_passage_of_several_windows(reader: Reader) -> None:
    long = passage(f"{GARDEN} " * 12 + BRIDGE)

    (found,) = reader.read("Who built the bridge?", [long])

    start, end = long.units[best(found)]
    assert long.text[start:end] == "It was built in 1743 by the mason Johann Kerner."


@pytest.mark.models
def test_a_passage_is_read_alike_alone_and_among_others(reader: Reader) -> None:
    passages = [passage(GARDEN * repeats) for repeats in range(1, 9)]

    among = reader.read("Is entry free?", [*passages, passage(BRIDGE)])[-1]
    (alone,) = reader.read("Is entry free?", [passage(BRIDGE)])

    assert among.answers == pytest.approx(alone.answers, abs=1e-3)
    assert among.units[0].score == pytest.approx(alone.units[0].score, abs=1e-3)


@pytest.mark.models
def test_threads_that_read_at_the_same_time_get_their_own_readings(reader: Reader) -> None:
    questions = ["Who built it?", "When is it open?", "What are the arches made of?"] * 4
    expected = [reader.read(question, [passage(BRIDGE)])[0].answers for question in questions]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda asked: reader.read(asked, [passage(BRIDGE)]), questions))

    assert [each[0].answers for each in found] == pytest.approx(expected, abs=1e-3)


@pytest.mark.models
def test_half_precision_changes_little(reader: Reader) -> None:
    (exact,) = reader.read("Who built the bridge?", [passage(BRIDGE)])

    (found,) = TaughtReader(bundled_folder(), "bf16").read(
        "Who built the bridge?", [passage(BRIDGE)]
    )

    assert found.answers == pytest.approx(exact.answers, abs=0.3)


@pytest.mark.models
def test_odd_passages_are_read(reader: Reader) -> None:
    odd = ["", "\x00\x01", "猫は一日の大半を眠って過ごす。", "| a | b |", "x" * 3000]

    found = reader.read("", [ReadablePassage("", text, [(0, len(text))]) for text in odd])

    assert all(np.isfinite(each.answers) for each in found)
    assert [len(each.units) for each in found] == [1, 1, 1, 1, 1]


def test_nothing_to_read_gives_nothing(tmp_path: Path) -> None:
    unloaded = TaughtReader(tmp_path, "fp32")

    assert unloaded.read("Who?", []) == []


@pytest.mark.models
def test_reading_loads_no_torch() -> None:
    code = (
        "import sys\n"
        "from citewell.app.reading.reader import ReadablePassage, open_reader\n"
        "reader = open_reader()\n"
        "print({'openvino', 'tokenizers'} & set(sys.modules))\n"
        "print(len(reader.read('Who?', [ReadablePassage('', 'It was Ann.', [(0, 11)])])))\n"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )

    shown = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert shown.splitlines() == ["set()", "1", "set()"]


def test_other_weights_than_those_of_this_version_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "reader.safetensors"
    file.write_bytes(b"other")

    with pytest.raises(NotConfigured, match=r"reader\.safetensors .*CITEWELL_READER=none"):
        read_tuned(file, "0" * 64, lambda name: np.zeros(1, np.float32))


def test_packed_weights_are_those_that_were_tuned_to_a_step() -> None:
    bundled = np.array([[1.0, -2.0], [0.5, 4.0]], np.float32)
    tuned = bundled + np.array([[0.127, -0.0634], [0.0, 0.0]], np.float32)
    given = {"layer.weight": tuned, "layer.bias": np.array([0.3], np.float32)}

    found = unpack(pack(given, MIX, lambda name: bundled), lambda name: bundled)

    assert found.weight("layer.weight") == pytest.approx(tuned, abs=0.00051)
    assert found.weight("layer.bias") == pytest.approx(np.array([0.3]))
    assert found.weight("another") is bundled
    assert found.mix == MIX
