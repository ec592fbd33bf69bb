"""The reader in torch: BERT (Devlin et al., 2018) over the bundled weights, some of them tuned."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from citewell.app.reading.pairs import NO_UNIT, Window
from citewell.app.reading.scores import Mix
from citewell.app.reading.tuned import HEAD, Tuned
from citewell.retrieval.encoder_graph import HEAD_SIZE, HEADS, LAYERS, NORM_EPSILON, Weight

DIMENSION = HEADS * HEAD_SIZE

OUTPUTS = 5
"""Numbers of each token: start, end, value, gate and whole, as in ``app/reading/scores.py``."""

_FIRST_MIX = Mix(unit_base=-2.0, value=1.0, start=0.1, end=0.1, passage_base=-1.0, units=0.5)
"""Where teaching begins: one unit in eight holds the answer."""

Weights = tuple[dict[str, NDArray[np.float32]], Mix]
"""What was tuned, by name."""

_FAR = -1e4
_EMBEDDINGS = ("word_embeddings", "position_embeddings", "token_type_embeddings")
_PARTS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "attention.output.LayerNorm",
    "intermediate.dense",
    "output.dense",
    "output.LayerNorm",
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows of one length, by padding.

    Attributes:
        ids: Shape ``(windows, tokens)``, as are the others.
        types: 1 from the context on.
        mask: True for tokens, False for padding.
        units: Number of each token's unit, or `NO_UNIT`.
        text: True for the tokens of the text, where an answer can stand.
    """

    ids: Tensor
    types: Tensor
    mask: Tensor
    units: Tensor
    text: Tensor


@dataclass(frozen=True, slots=True)
class Read:
    """What the model makes of a batch; ``far`` below 0 where there is nothing to score.

    Attributes:
        units: Log-odds of units, shape ``(windows, units)``.
        answers: Log-odds of windows, shape ``(windows,)``.
        start: Of each token that may begin an answer, and of the first.
        end: Of each that may end one; both of shape ``(windows, tokens)``.
    """

    units: Tensor
    answers: Tensor
    start: Tensor
    end: Tensor


def batch_of(windows: Sequence[Window]) -> Batch:
    """Return windows padded to the longest of them."""
    shape = (len(windows), max(len(window.ids) for window in windows))
    ids, types, units = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape)
    mask, text = np.zeros(shape, bool), np.zeros(shape, bool)
    units[:] = NO_UNIT
    for row, window in enumerate(windows):
        length, stop = len(window.ids), window.first + len(window.units)
        ids[row, :length] = window.ids
        types[row, window.second : length] = 1
        mask[row, :length] = True
        units[row, window.first : stop] = window.units
        text[row, window.first : stop] = True
    return Batch(*map(torch.from_numpy, (ids, types, mask, units.astype(np.int64), text)))


class Dropout:
    """Sets a share of numbers to 0 and scales up the rest; the same ones for the same seed."""

    def __init__(self, share: float, seed: int = 0) -> None:
        """With a share of 0 nothing changes."""
        self._share = share
        self._random = torch.Generator().manual_seed(seed)

    def __call__(self, values: Tensor) -> Tensor:
        """Return the numbers that are left."""
        if not self._share:
            return values
        kept = torch.rand(values.shape, generator=self._random) >= self._share
        return values * kept / (1 - self._share)


class ReaderModel:
    """The weights, and what they make of a batch."""

    def __init__(self, start: Weight | Tuned) -> None:
        """Begin with the bundled weights and heads that know nothing, or with tuned ones."""
        given = start.weight if isinstance(start, Tuned) else start
        mix = start.mix if isinstance(start, Tuned) else _FIRST_MIX
        self._weights = {name: torch.from_numpy(given(name).copy()) for name in names(LAYERS)}
        if isinstance(start, Tuned):
            for name in _heads():
                self._weights[name] = torch.from_numpy(given(name).copy())
        else:
            self._weights[f"{HEAD}.weight"] = 0.02 * torch.randn(OUTPUTS, DIMENSION)
            self._weights[f"{HEAD}.bias"] = torch.zeros(OUTPUTS)
        self._mix = torch.tensor([getattr(mix, name) for name in Mix.__dataclass_fields__])

    def tune(self, layers: int) -> tuple[list[Tensor], list[Tensor]]:
        """Make the upper layers and the heads learn; return the weights of both.

        With all layers the embeddings of the two types learn too.
        """
        body = set(names(LAYERS)) - set(names(LAYERS - layers))
        if layers == LAYERS:
            body = {name for name in names(LAYERS) if "layer" in name or "type" in name}
        for name, values in self._weights.items():
            values.requires_grad_(name in body or name in _heads())
        self._mix.requires_grad_(True)
        heads = [self._weights[name] for name in _heads()]
        return [self._weights[name] for name in sorted(body)], [*heads, self._mix]

    def tuned(self) -> Weights:
        """Return copies of the weights of layers, types and heads, and the mix."""
        kept = {
            name: values.detach().numpy().copy()
            for name, values in self._weights.items()
            if "layer" in name or "type" in name or name in _heads()
        }
        return kept, Mix(*self._mix.detach().tolist())

    def read(self, batch: Batch, dropout: Dropout) -> Read:
        """Return what the model makes of a batch."""
        with torch.autocast("cpu", torch.bfloat16):
            hidden = self._encode(batch, dropout)
        numbers = self._linear(hidden.float(), HEAD)
        return self._score(batch, numbers)

    def _encode(self, batch: Batch, dropout: Dropout) -> Tensor:
        words, places, types = (self._weights[f"embeddings.{name}.weight"] for name in _EMBEDDINGS)
        total = words[batch.ids] + places[: batch.ids.shape[1]] + types[batch.types]
        hidden = self._norm(total, "embeddings.LayerNorm")
        mask = batch.mask[:, None, None, :]
        for layer in range(LAYERS):
            hidden = self._layer(hidden, mask, f"encoder.layer.{layer}", dropout)
        return hidden

    def _layer(self, hidden: Tensor, mask: Tensor, name: str, dropout: Dropout) -> Tensor:
        query, key, value = (
            self._linear(hidden, f"{name}.attention.self.{part}")
            .view(*hidden.shape[:2], HEADS, HEAD_SIZE)
            .transpose(1, 2)
            for part in ("query", "key", "value")
        )
        mixed = functional.scaled_dot_product_attention(query, key, value, mask)
        joined = mixed.transpose(1, 2).flatten(2)
        attended = self._linear(joined, f"{name}.attention.output.dense")
        hidden = self._norm(hidden + dropout(attended), f"{name}.attention.output.LayerNorm")
        inner = functional.gelu(self._linear(hidden, f"{name}.intermediate.dense"))
        outer = self._linear(inner, f"{name}.output.dense")
        return self._norm(hidden + dropout(outer), f"{name}.output.LayerNorm")

    def _score(self, batch: Batch, numbers: Tensor) -> Read:
        start, end, value, gate, whole = numbers.unbind(-1)
        count = int(batch.units.max()) + 1
        member = batch.units[:, None, :] == torch.arange(max(count, 1))[None, :, None]
        share = torch.softmax(gate[:, None, :].masked_fill(~member, _FAR), -1)
        unit_base, by_value, by_start, by_end, passage_base, by_units = self._mix
        units = (
            unit_base
            + by_value * (share * value[:, None, :]).sum(-1)
            + by_start * _log_sum(start - start[:, :1], member)
            + by_end * _log_sum(end - end[:, :1], member)
        ).masked_fill(~member.any(-1), _FAR)
        answers = passage_base + whole[:, 0] + by_units * torch.logsumexp(units, -1)
        possible = batch.text.clone()
        possible[:, 0] = True
        return Read(
            units, answers, start.masked_fill(~possible, _FAR), end.masked_fill(~possible, _FAR)
        )

    def _linear(self, vectors: Tensor, name: str) -> Tensor:
        return functional.linear(
            vectors, self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        )

    def _norm(self, vectors: Tensor, name: str) -> Tensor:
        weight, bias = self._weights[f"{name}.weight"], self._weights[f"{name}.bias"]
        return functional.layer_norm(vectors, (DIMENSION,), weight, bias, NORM_EPSILON)


def names(layers: int) -> list[str]:
    """Return the names of the embeddings' weights and of those of the lowest layers."""
    layered = [f"encoder.layer.{number}.{part}" for number in range(layers) for part in _PARTS]
    whole = [f"{name}.{kind}" for name in ("embeddings.LayerNorm", *layered) for kind in _KINDS]
    return [f"embeddings.{name}.weight" for name in _EMBEDDINGS] + whole


_KINDS = ("weight", "bias")


def _heads() -> list[str]:
    return [f"{HEAD}.{kind}" for kind in _KINDS]


def _log_sum(values: Tensor, member: Tensor) -> Tensor:
    return torch.logsumexp(values[:, None, :].masked_fill(~member, _FAR), -1)
