"""A model whose adapter learns: what it makes of a batch, and one step of learning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from citewell.app.tuning.base_model import BaseModel
from citewell.app.tuning.batches import Batch
from citewell.app.tuning.lora import adapter_parameters, add_adapter, linear_names

if TYPE_CHECKING:
    from torch import Tensor

CLIP = 1.0
"""Longest gradient of all weights together."""

BETAS = (0.9, 0.99)


@dataclass(frozen=True, slots=True, eq=False)
class Foretold:
    """What a model makes of the answers of a batch, token by token.

    Attributes:
        logprobs: Log-probability of each token.
        likeliest: The likeliest token in its place.
    """

    logprobs: "Tensor"
    likeliest: "Tensor"


class Learner:
    """An adapter on a model, with the optimizer's state.

    The adapter computes in bf16 as the model does; the optimizer keeps it in fp32, as most of its
    steps are too small for bf16 to show.
    """

    def __init__(self, base: BaseModel, rank: int, alpha: int, seed: int) -> None:
        """Put a new adapter on a model."""
        import torch

        self.base, self.rank, self.alpha = base, rank, alpha
        self.targets = tuple(linear_names(base.model))
        self.tuned = add_adapter(base.model, rank, alpha, seed)
        self.device = str(base.model.device)
        self._parameters = adapter_parameters(self.tuned)
        self._masters = {
            name: value.detach().float().clone() for name, value in self._parameters.items()
        }
        self._optimizer = torch.optim.AdamW(
            list(self._masters.values()), lr=0.0, betas=BETAS, weight_decay=0.0, foreach=True
        )
        causal = self.tuned.get_base_model()
        self._body: Callable[..., Any] = causal.base_model
        self._head: Callable[..., Any] = causal.get_output_embeddings()
        self._config = causal.config
        self._dtype = causal.dtype

    def answers(self, batch: Batch) -> Foretold:
        """Return what is foretold where the answers of a batch stand."""
        hidden = self._read(batch).flatten(0, 1)[batch.at]
        logits = scaled(self._head(hidden), self._config).float()
        found = logits.gather(1, batch.wanted[:, None])[:, 0]
        return Foretold(found - logits.logsumexp(-1), logits.detach().argmax(-1))

    def _read(self, batch: Batch) -> "Tensor":
        """Return what the layers make of the tokens that are not shared."""
        given: dict[str, Any] = {"input_ids": batch.ids, "use_cache": False}
        if batch.positions is not None and batch.visible is not None:
            given["position_ids"] = batch.positions
            given["attention_mask"] = _added(batch.visible, self._dtype)
        if len(batch.shared):
            given["past_key_values"] = self._read_once(batch)
            given["use_cache"] = True
        hidden: Tensor = self._body(**given)[0]
        return hidden

    def _read_once(self, batch: Batch) -> Any:
        """Return keys and values of the shared tokens, for each row; gradients go through them."""
        from transformers import DynamicCache

        cache = DynamicCache(config=self._config)
        self._body(input_ids=batch.shared[None], past_key_values=cache, use_cache=True)
        cache.batch_repeat_interleave(len(batch.ids))
        return cache

    def learn(self, loss: "Tensor", rate: float) -> float:
        """Take one step down from a loss. Returns how long the gradient was."""
        import torch

        torch.autograd.backward(loss)
        for name, master in self._masters.items():
            gradient = self._parameters[name].grad
            master.grad = None if gradient is None else gradient.float()
            self._parameters[name].grad = None
        length = torch.nn.utils.clip_grad_norm_(list(self._masters.values()), CLIP)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        if torch.isfinite(length):
            self._optimizer.step()
        self._show()
        return float(length)

    def state(self) -> dict[str, "Tensor"]:
        """Return all that the next step depends on."""
        found: dict[str, Tensor] = {}
        for name, master in self._masters.items():
            found[f"master/{name}"] = master.detach().cpu()
            for part, value in self._optimizer.state.get(master, {}).items():
                found[f"{part}/{name}"] = value.detach().cpu()
        return found

    def restore(self, state: Mapping[str, "Tensor"]) -> None:
        """Go back to a state."""
        for name, master in self._masters.items():
            master.data.copy_(state[f"master/{name}"])
            for key, value in state.items():
                part, _, of = key.partition("/")
                if of == name and part != "master":
                    where = "cpu" if part == "step" else master.device
                    self._optimizer.state[master][part] = value.to(where)
        self._show()

    def begin(self, adapter: Mapping[str, "Tensor"]) -> None:
        """Take over the weights of an adapter that was taught before."""
        for name, master in self._masters.items():
            master.copy_(adapter[name])
        self._show()

    def forget(self) -> None:
        """Drop what the optimizer remembers of earlier steps."""
        self._optimizer.state.clear()

    def _show(self) -> None:
        """Give the model what the optimizer has."""
        import torch

        with torch.no_grad():
            for name, master in self._masters.items():
                self._parameters[name].copy_(master)


def _added(visible: "Tensor", dtype: Any) -> "Tensor":
    """Return what is added to the scores of attention: 0, or so little that nothing is left."""
    import torch

    least = torch.finfo(dtype).min
    return torch.zeros(visible.shape, dtype=dtype, device=visible.device).masked_fill(
        ~visible, least
    )


def scaled(logits: "Tensor", config: Any) -> "Tensor":
    """Return logits as the model itself would scale or cap them (Gemma, Granite, Cohere)."""
    if scaling := getattr(config, "logits_scaling", None):
        logits = logits / scaling
    if scale := getattr(config, "logit_scale", None):
        logits = logits * scale
    if cap := getattr(config, "final_logit_softcapping", None):
        logits = cap * (logits / cap).tanh()
    return logits
