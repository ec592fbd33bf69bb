"""Importing the retriever is quick: nothing heavy and nothing of the other parts comes with it."""

import importlib
import subprocess
import sys

import pytest

import citewell.retrieval

HEAVY = {
    *("torch", "transformers", "sentence_transformers", "chromadb", "streamlit", "openvino"),
    *("llama_index", "langchain", "langchain_core", "langchain_openai", "pypdf", "pypdfium2"),
    *("trafilatura", "docx", "typer", "rich"),
}


def loaded_by(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded after some code."""
    script = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_retrieval_loads_nothing_heavy() -> None:
    loaded = loaded_by("import citewell.retrieval")

    assert "citewell.retrieval" in loaded
    assert loaded & HEAVY == set()


def test_using_each_public_name_loads_nothing_heavy() -> None:
    loaded = loaded_by("from citewell.retrieval import *")

    assert "citewell.retrieval.retriever" in loaded
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()


def test_retrieval_brings_no_other_part_of_citewell() -> None:
    loaded = loaded_by("from citewell.retrieval import *")

    assert [name for name in loaded if name.startswith(("citewell.app", "citewell.ingest"))] == []


@pytest.mark.parametrize("name", citewell.retrieval.__all__)
def test_every_public_name_is_there(name: str) -> None:
    value = getattr(citewell.retrieval, name)

    assert value.__name__ == name
    assert value.__module__.startswith("citewell.retrieval.")


def test_public_names_are_sorted_and_come_once() -> None:
    assert citewell.retrieval.__all__ == sorted(set(citewell.retrieval.__all__))


def test_an_unknown_name_is_an_attribute_error() -> None:
    module = importlib.import_module("citewell.retrieval")

    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        module.nothing  # noqa: B018
