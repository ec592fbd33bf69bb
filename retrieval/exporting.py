"""Sentence-transformers models, exported once to run without torch.

An export is a folder with the model as an OpenVINO graph, its tokenizer, and what it was checked
against. It stands for the very model it was made of, with the same fingerprint: only an export
whose vectors have a cosine of 0.999 with the original's, both in fp32, is ever used. Of a model
that cannot be exported the folder keeps the reason, so that it is not tried again each time.
"""

import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citewell.retrieval.embedding_encoder import EncoderEmbedder, Prompts
from citewell.retrieval.embedding_files import file_sha256, unit
from citewell.retrieval.embedding_torch import encode_passages, encode_questions, prompts_of
from citewell.retrieval.encoder import Encoder, EncoderFiles
from citewell.retrieval.errors import ConfigError
from citewell.retrieval.model_folder import read_json
from citewell.retrieval.openvino_runtime import openvino
from citewell.retrieval.values import Fingerprint
from citewell.retrieval.wording import one_line

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

LEAST_COSINE = 0.999
"""An export that is farther than this from the original for any text is not used."""

_ABOUT, _GRAPH, _WEIGHTS, _TOKENIZER = "about.json", "model.xml", "model.bin", "tokenizer.json"
_FILES = (_GRAPH, _WEIGHTS, _TOKENIZER)
_FORMAT = 1
_PACKAGES = ("openvino", "sentence-transformers", "torch", "transformers")

_WORDS = "The committee approved the annual report after long discussion. "
CHECKED = (
    "a",
    "cat",
    "How long does a cat sleep?",
    "The feline rests for most of the day, and hunts at dusk and dawn.",
    "Invoice 2024-117: 3 x 19.99 EUR = 59.97 EUR (incl. 19 % VAT)",
    "Der Bär läuft über die Straße und frißt Äpfel.",
    "Le garçon a mangé une crêpe près de l'hôtel.",
    "Мать мыла раму, а кошка спала на окне.",
    "猫は一日の大半を眠って過ごす。",
    "القط ينام معظم اليوم",
    "def add(a, b):\n    return a + b  # the sum",
    "MiXeD CaSe, ALL CAPS and lower",
    "  blanks   before, between\tand after \n",
    "😺 emoji, \u200b nothing and a control\x00 character",
    "x" * 300,
    "1 2 3 4 5 6 7 8 9 10 " * 3,
    _WORDS * 2,
    _WORDS * 5,
    _WORDS * 12,
    _WORDS * 400,
)
"""Texts of many kinds and lengths, the last longer than most models read."""

_SHORT = CHECKED[:14]
"""Those that are asked as questions, too."""


@dataclass(frozen=True, slots=True)
class Export:
    """An export on disk whose files are as they were written."""

    folder: Path
    prompts: Prompts
    max_tokens: int
    padding: int

    def encoder_files(self) -> EncoderFiles:
        """Return what its encoder is made of."""
        graph = self.folder / _GRAPH
        return EncoderFiles(
            self.folder / _TOKENIZER,
            self.max_tokens,
            self.padding,
            lambda: openvino().Core().read_model(graph),
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model is not exported, as part of a sentence."""

    reason: str


def read_export(folder: Path) -> Export | Refusal | None:
    """Return the export in a folder; None if there is none, or one that was damaged.

    Reads all of its weights to hash them. A refusal counts until a package it may be due to has
    another version.
    """
    try:
        about = read_json(folder / _ABOUT)
        if about.get("format") != _FORMAT:
            return None
        if "reason" in about:
            return Refusal(str(about["reason"])) if about["made_with"] == _made_with() else None
        return _checked(folder, about)
    except (ConfigError, OSError, KeyError, TypeError, ValueError):
        return None


def make_export(
    load: Callable[[], "SentenceTransformer"], fingerprint: Fingerprint, folder: Path
) -> Export | Refusal:
    """Export a model into a folder, which is there only once all of it is written.

    Args:
        load: Loads the model, on the processor and in fp32.
        fingerprint: Of the model.
        folder: Replaced if it is there.

    Raises:
        OSError: If it cannot be written.
        ConfigError: If the model cannot be loaded.
    """
    work = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(work, ignore_errors=True)  # of a process that died while it exported
    work.mkdir(parents=True)
    try:
        made = _exported(load(), work)
        about = _about(made) | {"format": _FORMAT, "of": asdict(fingerprint)}
        if isinstance(made, Refusal):
            shutil.rmtree(work)
            work.mkdir()
        (work / _ABOUT).write_text(json.dumps(about, indent=2), "utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return made if isinstance(made, Refusal) else replace(made, folder=folder)


def _checked(folder: Path, about: dict[str, Any]) -> Export | None:
    """Return what stands in a folder if its files are as they were written."""
    files = about["files"]
    if any(file_sha256(folder / name) != files[name] for name in _FILES):
        return None
    prompts = Prompts(str(about["question_prompt"]), str(about["passage_prompt"]))
    return Export(folder, prompts, int(about["max_tokens"]), int(about["padding"]))


def _about(made: Export | Refusal) -> dict[str, object]:
    if isinstance(made, Refusal):
        return {"reason": made.reason, "made_with": _made_with()}
    return {
        "question_prompt": made.prompts.question,
        "passage_prompt": made.prompts.passage,
        "max_tokens": made.max_tokens,
        "padding": made.padding,
        "files": {name: file_sha256(made.folder / name) for name in _FILES},
        "made_with": _made_with(),
    }


def _made_with() -> dict[str, str]:
    return {name: version(name) for name in _PACKAGES}


def _exported(model: "SentenceTransformer", work: Path) -> Export | Refusal:
    try:
        export = _written(model, work)
        cosine = _least_cosine(model, export)
    except OSError:
        raise
    except Exception as error:  # of a converter for models of any kind
        return Refusal(one_line(error))
    if not cosine >= LEAST_COSINE:
        return Refusal(f"the export's vectors have a cosine of only {cosine:.4f} with the model's")
    return export


def _written(model: "SentenceTransformer", work: Path) -> Export:
    """Write graph, weights and tokenizer. Raises ValueError for what no export could keep."""
    prompts = prompts_of(model)
    excluded = [module for module in model if getattr(module, "include_prompt", True) is False]
    if excluded and (prompts.question or prompts.passage):
        raise ValueError("it leaves its prompts out when it pools")
    max_tokens = model.max_seq_length
    if max_tokens is None:
        raise ValueError("it does not say how many tokens it reads")
    model.tokenizer.backend_tokenizer.save(str(work / _TOKENIZER))
    graph = _graph(model)
    openvino().save_model(graph, work / _GRAPH, compress_to_fp16=False)
    return Export(work, prompts, max_tokens, model.tokenizer.pad_token_id or 0)


def _graph(model: "SentenceTransformer") -> Any:
    import torch

    class Whole(torch.nn.Module):
        """All of a model's modules, between what an encoder takes and gives."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": ids.long(), "attention_mask": mask.long(), "modality": "text"}
            vectors: torch.Tensor = self.model(features)["sentence_embedding"]
            return vectors

    shape = (2, 7)  # any but 1, which would be taken for a fixed size
    example = torch.ones(shape, dtype=torch.int32), torch.ones(shape, dtype=torch.float32)
    with warnings.catch_warnings():
        # Of what depends on the example. Whether the graph does is seen when it is checked.
        warnings.simplefilter("ignore")
        return openvino().convert_model(Whole().eval(), example_input=example)


def _least_cosine(model: "SentenceTransformer", export: Export) -> float:
    """Return the cosine of the text whose vectors differ most."""
    dimension = model.get_embedding_dimension()
    ours = EncoderEmbedder(
        lambda: Encoder(export.encoder_files(), "fp32"), dimension or 0, export.prompts
    )
    passages = ours.embed_passages(CHECKED) * unit(encode_passages(model, CHECKED))
    questions = np.stack([ours.embed_question(text) for text in _SHORT])
    asked = questions * unit(encode_questions(model, _SHORT))
    return float(min(passages.sum(axis=1).min(), asked.sum(axis=1).min()))
