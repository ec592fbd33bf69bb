"""What tests of every part share."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from citewell.retrieval.store import Vectors
from citewell.retrieval.values import Fingerprint

ANIMALS = ("cat", "dog", "horse")


class AnimalEmbedder:
    """Embeds a text by the animals it names: axes cat, dog, horse, and one that is always 1.

    Made to length 1, so that equal sets of animals give 1.0, none against one 0.71 and one
    against another 0.5. A word counts once, in any case, singular or plural.

    Attributes:
        embedded: How many passages it has embedded.
    """

    fingerprint = Fingerprint("animals", "0" * 64, "fp32", "none", len(ANIMALS) + 1)

    def __init__(self) -> None:
        self.embedded = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.embedded += len(texts)
        vectors = np.zeros((len(texts), self.fingerprint.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            row[:] = self.embed_question(text)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        words = set(re.findall(r"[a-z]+", text.lower()))
        named = [not words.isdisjoint({animal, f"{animal}s"}) for animal in ANIMALS]
        vector = np.array([*named, True], dtype=np.float32)
        return vector / np.float32(np.linalg.norm(vector))


@pytest.fixture
def embedder() -> AnimalEmbedder:
    """An embedding model whose vectors can be worked out by hand."""
    return AnimalEmbedder()


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save a chat model of two layers with random weights, and a tokenizer of single words."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-model")
    named = ("<unk>", "<s>", "</s>", *"[].,:?()123", "not", "found", "tower", "metres", *ANIMALS)
    vocabulary = {word: number for number, word in enumerate(named)}
    words = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )
    tokenizer.chat_template = (
        "{% for m in messages %}<s>{{ m.content }}</s>{% endfor %}"
        "{% if add_generation_prompt %}<s>{% endif %}"
    )
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        bos_token_id=1,
        eos_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
