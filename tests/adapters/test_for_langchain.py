"""LangChain finds with Citewell what Citewell finds, and learns where each passage stands."""

import asyncio

import pytest
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import ConfigurableField, RunnablePassthrough
from langchain_tests.integration_tests import RetrieversIntegrationTests
from pydantic import ValidationError

from citewell.retrieval.adapters.for_langchain import CitewellRetriever
from citewell.retrieval.errors import FilterError, StoreError
from citewell.retrieval.filters import Compare
from citewell.retrieval.retriever import Retriever
from citewell.retrieval.sqlite_store import SqliteStore

QUESTION = "What does a horse eat?"


class TestStandard(RetrieversIntegrationTests):
    """LangChain's own tests of a retriever."""

    @pytest.fixture(autouse=True)
    def _opened(self, pets: Retriever) -> None:
        self._retriever = pets

    @property
    def retriever_constructor(self) -> type[CitewellRetriever]:
        return CitewellRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, object]:
        return {"retriever": self._retriever}

    @property
    def retriever_query_example(self) -> str:
        return "Which pet is a cat, a dog or a horse?"


@pytest.fixture
def langchain(pets: Retriever) -> CitewellRetriever:
    """A retriever of LangChain over the library."""
    return CitewellRetriever(retriever=pets)


def sources(documents: list[Document]) -> list[str]:
    return [document.metadata["source"] for document in documents]


def test_a_document_is_the_passage_with_where_it_stands(
    pets: Retriever, langchain: CitewellRetriever
) -> None:
    passage = pets.search("purr", mode="lexical")[0]

    first = langchain.invoke("purr", mode="lexical")[0]

    assert first.page_content == "Cats purr when they are stroked."
    assert first.id == first.metadata["chunk_id"] == passage.chunk.id
    assert (first.metadata["source"], first.metadata["pages"]) == ("pets/cats.pdf", [1, 2])
    assert (first.metadata["start"], first.metadata["end"]) == (33, 65)
    assert first.metadata["score"] == passage.score


def test_documents_come_in_the_order_of_the_search(
    pets: Retriever, langchain: CitewellRetriever
) -> None:
    expected = [passage.chunk.id for passage in pets.search("cat and dog")]

    assert [document.id for document in langchain.invoke("cat and dog")] == expected


def test_a_document_survives_json(langchain: CitewellRetriever) -> None:
    document = langchain.invoke("cat")[0]

    assert Document.model_validate_json(document.model_dump_json()) == document


def test_a_mode_is_taken_for_one_call(langchain: CitewellRetriever) -> None:
    assert sources(langchain.invoke("hay", mode="lexical")) == ["horse.txt"]
    assert len(langchain.invoke("hay")) == 4


def test_a_filter_is_taken_for_all_calls_or_for_one(pets: Retriever) -> None:
    paged = CitewellRetriever(retriever=pets, where="type = pdf")

    assert set(sources(paged.invoke("cat and dog"))) == {"pets/cats.pdf"}
    assert sources(paged.invoke("cat and dog", where="type = xlsx")) == ["dogs.xlsx"]
    assert sources(asyncio.run(paged.ainvoke("dog", where="type = xlsx"))) == ["dogs.xlsx"]


def test_a_filter_can_be_given_as_a_value(pets: Retriever) -> None:
    sheets = CitewellRetriever(retriever=pets, where=Compare("type", "=", "xlsx"))

    assert sources(sheets.invoke("cat and dog")) == ["dogs.xlsx"]


def test_a_filter_that_cannot_be_read_is_refused_at_once(pets: Retriever) -> None:
    with pytest.raises(FilterError, match="type"):
        CitewellRetriever(retriever=pets, where="type =")


def test_each_caller_finds_what_their_labels_open(pets: Retriever, store: SqliteStore) -> None:
    store.mark("default", "label", ["horse.txt"], add=["vets"], remove=[])

    anybody = CitewellRetriever(retriever=pets)
    vet = CitewellRetriever(retriever=pets.seen_by({"vets"}))

    assert "horse.txt" not in sources(anybody.invoke(QUESTION))
    assert "horse.txt" in sources(vet.invoke(QUESTION))


def test_awaited_searches_find_the_same(langchain: CitewellRetriever) -> None:
    questions = ("cat", "dog", "horse")

    async def ask() -> list[list[Document]]:
        return await asyncio.gather(*(langchain.ainvoke(each, k=2) for each in questions))

    assert asyncio.run(ask()) == [langchain.invoke(each, k=2) for each in questions]


def test_a_batch_is_answered_in_order(langchain: CitewellRetriever) -> None:
    answers = langchain.batch(["cat", "dog", "horse"], k=1)

    assert [sources(each) for each in answers] == [["pets/cats.pdf"], ["dogs.xlsx"], ["horse.txt"]]


def test_a_chain_shows_its_model_what_was_found(langchain: CitewellRetriever) -> None:
    context = langchain.bind(k=1) | (lambda documents: documents[0].page_content)
    prompt = ChatPromptTemplate.from_template("{context} {question}")

    shown = {"context": context, "question": RunnablePassthrough()} | prompt

    assert shown.invoke(QUESTION).to_string() == f"Human: A horse eats hay. {QUESTION}"


def test_a_chain_ends_in_the_words_of_its_model(langchain: CitewellRetriever) -> None:
    prompt = ChatPromptTemplate.from_template("{context} {question}")
    asked = {"context": langchain, "question": RunnablePassthrough()} | prompt

    chain = asked | FakeListChatModel(responses=["Hay."]) | StrOutputParser()

    assert chain.invoke(QUESTION) == "Hay."
    assert asyncio.run(chain.ainvoke(QUESTION)) == "Hay."


def test_fields_can_be_configured_for_one_run(langchain: CitewellRetriever) -> None:
    flexible = langchain.configurable_fields(k=ConfigurableField(id="k"))

    assert len(flexible.invoke("cat", {"configurable": {"k": 2}})) == 2
    assert len(flexible.invoke("cat")) == 4


def test_a_field_that_is_unknown_is_refused(pets: Retriever) -> None:
    with pytest.raises(ValidationError, match="top_k"):
        CitewellRetriever(retriever=pets, top_k=3)  # type: ignore[call-arg]


def test_an_argument_that_is_unknown_is_refused(langchain: CitewellRetriever) -> None:
    with pytest.raises(TypeError, match="top_k"):
        langchain.invoke("cat", top_k=3)


def test_no_documents_cannot_be_asked_for(pets: Retriever, langchain: CitewellRetriever) -> None:
    with pytest.raises(ValidationError, match="greater than or equal to 1"):
        CitewellRetriever(retriever=pets, k=0)
    with pytest.raises(ValueError, match="k is 0; it must be a whole number of at least 1"):
        langchain.invoke("cat", k=0)


def test_a_retriever_that_was_closed_says_so(pets: Retriever, langchain: CitewellRetriever) -> None:
    pets.close()

    with pytest.raises(StoreError, match="closed"):
        langchain.invoke("cat")
