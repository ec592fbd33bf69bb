"""An adapter that was taught before, to teach on."""

from pathlib import Path

from citewell.app.llms.adapter_card import ADAPTER
from citewell.app.llms.adapter_files import Adapter, own_adapter, shipped_adapter
from citewell.app.tuning.base_model import BUNDLED
from citewell.app.tuning.learner import Learner
from citewell.retrieval.errors import ConfigError


def start_named(home: Path, name: str) -> Adapter:
    """Return the adapter to start from: one of the user's own, or `BUNDLED`, which ships.

    Raises:
        ConfigError: If there is none of that name, or it is damaged.
        NotConfigured: If the one that ships is damaged.
    """
    return shipped_adapter() if name == BUNDLED else own_adapter(home, name)


def begin_with(learner: Learner, adapter: Adapter) -> None:
    """Let a learner begin with an adapter.

    Raises:
        ConfigError: If it fits another base or size.
    """
    from safetensors.torch import load_file

    card = adapter.card
    if (card.base_sha256, card.rank, card.alpha) != (
        learner.base.sha256,
        learner.rank,
        learner.alpha,
    ):
        raise ConfigError(
            f"The adapter in {adapter.folder} was taught on {card.base} with rank {card.rank} and "
            f"alpha {card.alpha:g}. Go on from it with the same."
        )
    learner.begin(load_file(adapter.folder / ADAPTER))
