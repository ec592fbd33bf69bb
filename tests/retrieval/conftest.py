"""What tests of the store and of the indexes beside it share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from citewell.retrieval.embedder import Embedder
from citewell.retrieval.sqlite_store import SqliteStore, open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document

Embed = Callable[..., EmbeddedDocument]
Put = Callable[..., None]
SaveTokenizer = Callable[[Path], None]
SaveModel = Callable[..., Path]

WORDS = (
    "[PAD] [UNK] [CLS] [SEP] [MASK] a all cat cats day dog dogs does eat find for good horse how "
    "is long most of passage question runs sleeps the very what word : . ?"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of a store; not there yet."""
    return tmp_path / "home"


@pytest.fixture
def store(home: Path, embedder: Embedder) -> Iterator[SqliteStore]:
    """A store with one empty collection, ``papers``."""
    with open_store(home) as opened:
        opened.create_collection("papers", embedder.fingerprint, ChunkingSettings())
        yield opened


@pytest.fixture
def embed(embedder: Embedder) -> Embed:
    """Makes ``embed(name, text, ...)``: a document with one chunk a text, one text a line."""

    def make(name: str, *texts: str, title: str = "Untitled") -> EmbeddedDocument:
        chunks, start = [], 0
        for text in texts:
            chunks.append(Chunk(name, start, start + len(text), text))
            start += len(text) + 1
        document = Document(name, title, "\n".join(texts))
        return EmbeddedDocument(document, chunks, embedder.embed_passages(texts))

    return make


@pytest.fixture
def put(store: SqliteStore, embed: Embed) -> Put:
    """Makes ``put(name, text, ...)``: stores the document as the only one of ``/docs/<name>``."""

    def store_it(name: str, *texts: str, title: str = "Untitled") -> None:
        file = SourceFile(Path("/docs") / name, "0" * 64, "text-1")
        store.replace_file("papers", file, [embed(name, *texts, title=title)])

    return store_it


@pytest.fixture(scope="session")
def save_tokenizer() -> SaveTokenizer:
    """Makes ``save_tokenizer(folder)``: the tokenizer of a BERT that knows 34 words.

    It reads 48 tokens. The number of ``cat`` is 7; a word it does not know is ``[UNK]``.
    """

    def save(folder: Path) -> None:
        from transformers import BertTokenizer

        vocabulary = {word: number for number, word in enumerate(WORDS.split())}
        BertTokenizer(vocab=vocabulary, model_max_length=48).save_pretrained(folder)

    return save


@pytest.fixture(scope="session")
def save_embedding_model(save_tokenizer: SaveTokenizer) -> SaveModel:
    """Makes ``save_embedding_model(folder, pooling, prompts, max_tokens, dense)``.

    That is a BERT with two layers of random weights, always the same, for sentence-transformers;
    ``dense`` is the width of a Dense module after pooling. Returns the folder.
    """

    def save(
        folder: Path,
        pooling: str | tuple[str, ...] = "mean",
        prompts: dict[str, str] | None = None,
        max_tokens: int = 48,
        dense: int = 0,
    ) -> Path:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer import modules
        from transformers import BertConfig, BertModel

        torch.manual_seed(3)
        config = BertConfig(
            vocab_size=len(WORDS.split()),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=48,
        )
        bert = BertModel(config)
        for name, weight in bert.named_parameters():
            if "LayerNorm" not in name:
                torch.nn.init.normal_(weight, std=0.4)
        with TemporaryDirectory() as part:
            bert.save_pretrained(part)
            save_tokenizer(Path(part))
            parts: list[torch.nn.Module] = [modules.Transformer(part, max_seq_length=max_tokens)]
        pooled = modules.Pooling(32, pooling)
        parts.append(pooled)
        if dense:
            parts.append(modules.Dense(pooled.get_embedding_dimension(), dense))
        model = SentenceTransformer(modules=[*parts, modules.Normalize()], prompts=prompts)
        model.save_pretrained(str(folder), create_model_card=False)
        return folder

    return save
