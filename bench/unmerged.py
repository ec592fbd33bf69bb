"""A base model with an adapter beside its weights, run by peft: what the joined one must equal."""

import threading
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

from citewell.app.llms.adapter_card import ADAPTER, CARD, read_card
from citewell.app.llms.protocol import GenerationSettings, Message
from citewell.app.tuning.base_model import BaseModel, open_base, place_for
from citewell.app.tuning.lora import add_adapter


class UnmergedModel:
    """Writes greedily and gives each reply whole. Loaded when it is made.

    Can also say how likely a reply is.
    """

    place = "this machine"
    context_tokens = 2048

    def __init__(self, adapter: Path | None, base: str = "bundled", *, taught: bool = True) -> None:
        """Load the base and put the adapter beside its weights.

        Args:
            adapter: Its folder; None runs the base alone. While it is still being trained it has
                no card: its alpha is then taken for twice its rank.
            base: Of which it is one, where there is no card that says so.
            taught: Whether it is asked by the short prompt.
        """
        self.name = f"unmerged:{adapter or base}"
        self.taught = taught
        self._turn = threading.Lock()
        card = read_card(adapter) if adapter and (adapter / CARD).is_file() else None
        self._base = open_base(card.base if card else base, place_for("auto"))
        self._model: Any = self._base.model
        if adapter:
            self._model = _with_adapter(self._base, adapter, card.alpha if card else None)
        self._model.eval()

    def count_tokens(self, text: str) -> int:
        """Return how many tokens a text is."""
        return len(self._base.tokenizer(text, add_special_tokens=False)["input_ids"])

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the reply, in one piece."""
        import torch

        prompt = self._base.prompt(messages)
        with self._turn, torch.inference_mode():
            given = torch.tensor([prompt], device=self._model.device)
            written = self._model.generate(
                input_ids=given,
                attention_mask=torch.ones_like(given),
                max_new_tokens=settings.max_tokens,
                do_sample=False,
                pad_token_id=self._base.tokenizer.eos_token_id,
            )
        yield self._base.tokenizer.decode(written[0, len(prompt) :], skip_special_tokens=True)

    def log_probability(self, messages: Sequence[Message], reply: str) -> float:
        """Return the logarithm of the probability of this whole reply and its end."""
        import torch

        prompt, wanted = self._base.prompt(messages), self._base.answer(reply)
        with self._turn, torch.inference_mode():
            given = torch.tensor([prompt + wanted[:-1]], device=self._model.device)
            scores = self._model(input_ids=given, logits_to_keep=len(wanted)).logits[0]
            logs = torch.log_softmax(scores.float(), dim=-1)
            return float(logs[range(len(wanted)), wanted].sum())

    def close(self) -> None:
        """Hold on to nothing that another could want."""


def _with_adapter(base: BaseModel, adapter: Path, alpha: float | None) -> Any:
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    tensors = load_file(adapter / ADAPTER)
    rank = next(value.shape[0] for name, value in tensors.items() if ".lora_A." in name)
    tuned = add_adapter(base.model, rank, int(alpha or 2 * rank), seed=0)
    loaded: Any = set_peft_model_state_dict(tuned, tensors)
    if loaded.unexpected_keys:
        raise SystemExit(f"{adapter} holds weights of layers that the base has not.")
    return tuned
