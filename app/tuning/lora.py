"""Low-rank adapters (Hu et al. 2021, "LoRA"), put into a model by peft."""

import warnings
from typing import TYPE_CHECKING, Any

from citewell.retrieval.errors import ConfigError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Parameter


def linear_names(model: Any) -> list[str]:
    """Return the last parts of the names of all linear layers but the head, in order.

    Raises:
        ConfigError: If there are none.
    """
    from torch.nn import Linear

    head = model.get_output_embeddings()
    found = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, Linear) and module is not head
    }
    if not found:
        kind = type(model).__name__
        raise ConfigError(f"{kind} has no linear layers, so no adapter fits it. Use another base.")
    return sorted(found)


def add_adapter(model: Any, rank: int, alpha: int, seed: int) -> Any:
    """Return the model with an adapter on all its linear layers; only that learns.

    It changes nothing yet: one of its two matrices is 0.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(seed)
    config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=linear_names(model))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks by a name that is going away
        # The maths in bf16 as well: with fp32 each layer would cast what it is given and returns.
        return get_peft_model(model, config, autocast_adapter_dtype=False)


def adapter_parameters(tuned: Any) -> dict[str, "Parameter"]:
    """Return what learns, by the name that peft stores it under."""
    return {
        name.replace(".default.", "."): value
        for name, value in tuned.named_parameters()
        if value.requires_grad
    }


def adapter_tensors(tuned: Any) -> dict[str, "Tensor"]:
    """Return copies of the adapter in bf16, as they are stored."""
    import torch

    return {
        name: value.detach().to("cpu", torch.bfloat16).contiguous().clone()
        for name, value in adapter_parameters(tuned).items()
    }
