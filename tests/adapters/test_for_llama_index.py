"""LlamaIndex finds with Citewell what Citewell finds, and answers from it in its own engines."""

import asyncio
from typing import Any

import pytest
from llama_index.core.llms import (
    CompletionResponse,
    CompletionResponseGen,
    CustomLLM,
    LLMMetadata,
)
from llama_index.core.llms.callbacks import llm_completion_callback
from llama_index.core.query_engine import CitationQueryEngine, RetrieverQueryEngine
from llama_index.core.response_synthesizers import get_response_synthesizer
from llama_index.core.schema import MetadataMode, NodeWithScore, TextNode
from pydantic import Field

from citewell.retrieval.adapters.for_llama_index import CitewellRetriever
from citewell.retrieval.errors import FilterError, StoreError
from citewell.retrieval.retriever import Retriever

QUESTION = "What does a horse eat?"


class ScriptedLLM(CustomLLM):
    """Gives one reply always.

    Attributes:
        shown: The prompt of each call.
    """

    reply: str
    shown: list[str] = Field(default_factory=list)

    @property
    def metadata(self) -> LLMMetadata:
        return LLMMetadata(model_name="scripted")

    @llm_completion_callback()
    def complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponse:
        self.shown.append(prompt)
        return CompletionResponse(text=self.reply)

    @llm_completion_callback()
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Any
    ) -> CompletionResponseGen:
        raise NotImplementedError("These tests stream nothing.")


@pytest.fixture
def llama_index(pets: Retriever) -> CitewellRetriever:
    """A retriever of LlamaIndex over the library."""
    return CitewellRetriever(pets)


@pytest.fixture
def by_word(pets: Retriever) -> CitewellRetriever:
    """One that finds by words alone, so that each word tells its passage."""
    return CitewellRetriever(pets, mode="lexical")


@pytest.fixture
def llm() -> ScriptedLLM:
    """A language model that has an answer with a citation."""
    return ScriptedLLM(reply="Hay [1].")


def node_of(found: NodeWithScore) -> TextNode:
    assert isinstance(found.node, TextNode)
    return found.node


def test_a_node_is_the_passage_with_where_it_stands(
    pets: Retriever, by_word: CitewellRetriever
) -> None:
    passage = pets.search("purr", mode="lexical")[0]

    first = by_word.retrieve("purr")[0]

    node = node_of(first)
    assert (node.text, node.node_id) == ("Cats purr when they are stroked.", passage.chunk.id)
    assert (node.start_char_idx, node.end_char_idx) == (33, 65)
    assert (node.ref_doc_id, node.metadata["pages"]) == ("pets/cats.pdf", [1, 2])
    assert first.score == passage.score


def test_nodes_come_in_the_order_of_the_search(
    pets: Retriever, llama_index: CitewellRetriever
) -> None:
    expected = [passage.chunk.id for passage in pets.search("cat and dog")]

    assert [found.node_id for found in llama_index.retrieve("cat and dog")] == expected


def test_k_and_mode_are_those_it_was_made_with(pets: Retriever, by_word: CitewellRetriever) -> None:
    assert len(CitewellRetriever(pets, k=2).retrieve("hay")) == 2
    assert [found.node.ref_doc_id for found in by_word.retrieve("hay")] == ["horse.txt"]


def test_a_filter_is_the_one_it_was_made_with(pets: Retriever) -> None:
    sheets = CitewellRetriever(pets, where="type = xlsx")

    assert [found.node.ref_doc_id for found in sheets.retrieve("cat and dog")] == ["dogs.xlsx"]
    assert asyncio.run(sheets.aretrieve("cat")) == sheets.retrieve("cat")


def test_a_filter_that_cannot_be_read_is_refused_at_once(pets: Retriever) -> None:
    with pytest.raises(FilterError, match="type"):
        CitewellRetriever(pets, where="type =")


def test_a_language_model_reads_source_title_and_pages_alone(
    by_word: CitewellRetriever,
) -> None:
    node = by_word.retrieve("purr")[0].node

    assert node.get_content(MetadataMode.LLM) == (
        "source: pets/cats.pdf\ntitle: Cats\npages: [1, 2]\n\nCats purr when they are stroked."
    )


def test_a_language_model_reads_what_names_the_columns_of_a_row(by_word: CitewellRetriever) -> None:
    node = by_word.retrieve("Rex")[0].node

    assert node.get_content(MetadataMode.LLM) == (
        "source: dogs.xlsx\ntitle: Dogs\nheader: Name | Kind | Age\n\nRex | dog | 7"
    )


def test_a_reranker_reads_title_and_headings_alone(by_word: CitewellRetriever) -> None:
    node = by_word.retrieve("purr")[0].node

    assert node.get_content(MetadataMode.EMBED) == (
        "title: Cats\nheadings: ['Habits']\n\nCats purr when they are stroked."
    )


def test_nodes_survive_json(llama_index: CitewellRetriever) -> None:
    node = node_of(llama_index.retrieve("cat")[0])

    assert TextNode.from_json(node.to_json()) == node


def test_awaited_searches_find_the_same(llama_index: CitewellRetriever) -> None:
    questions = ("cat", "dog", "horse")

    async def ask() -> list[list[NodeWithScore]]:
        return await asyncio.gather(*(llama_index.aretrieve(each) for each in questions))

    assert asyncio.run(ask()) == [llama_index.retrieve(each) for each in questions]


def test_a_query_engine_answers_from_what_was_found(pets: Retriever, llm: ScriptedLLM) -> None:
    engine = RetrieverQueryEngine(CitewellRetriever(pets, k=1), get_response_synthesizer(llm=llm))

    answer = engine.query(QUESTION)

    assert str(answer) == "Hay [1]."
    assert [found.node.ref_doc_id for found in answer.source_nodes] == ["horse.txt"]
    assert "source: horse.txt\ntitle: Horses\n\nA horse eats hay." in llm.shown[0]
    assert "chunk_id" not in llm.shown[0]


def test_a_query_engine_can_be_awaited(pets: Retriever, llm: ScriptedLLM) -> None:
    engine = RetrieverQueryEngine(CitewellRetriever(pets, k=1), get_response_synthesizer(llm=llm))

    answer = asyncio.run(engine.aquery(QUESTION))

    assert str(answer) == "Hay [1]."
    assert [found.node.ref_doc_id for found in answer.source_nodes] == ["horse.txt"]


def test_a_citation_engine_numbers_what_was_found(pets: Retriever, llm: ScriptedLLM) -> None:
    engine = CitationQueryEngine(CitewellRetriever(pets, k=2), llm=llm)

    answer = engine.query(QUESTION)

    assert str(answer) == "Hay [1]."
    first = answer.source_nodes[0].node
    assert first.get_content(MetadataMode.NONE) == "Source 1:\nA horse eats hay.\n"
    assert (first.ref_doc_id, first.metadata["start"], first.metadata["end"]) == (
        *("horse.txt", 0, 17),
    )
    assert "Source 1:\nA horse eats hay.\n" in llm.shown[0]


def test_a_retriever_that_was_closed_says_so(
    pets: Retriever, llama_index: CitewellRetriever
) -> None:
    pets.close()

    with pytest.raises(StoreError, match="closed"):
        llama_index.retrieve("cat")
