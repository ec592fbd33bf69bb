"""An adapter that was taught before, to teach on."""

from pathlib import Path

from citewell.app.llms.adapter_card import ADAPTER, read_card
from citewell.app.tuning.learner import Learner
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import ConfigError


def begin_with(learner: Learner, folder: Path) -> None:
    """Let a learner begin with the adapter in a folder.

    Raises:
        ConfigError: If there is none, it is damaged, or it fits another base or size.
    """
    from safetensors.torch import load_file

    card = read_card(folder)
    if (card.base_sha256, card.rank, card.alpha) != (
        learner.base.sha256,
        learner.rank,
        learner.alpha,
    ):
        raise ConfigError(
            f"The adapter in {folder} was taught on {card.base} with rank {card.rank} and alpha "
            f"{card.alpha:g}. Go on from it with the same."
        )
    file = folder / ADAPTER
    if not file.is_file() or file_sha256(file) != card.sha256:
        raise ConfigError(f"{file} is not the file that its card describes. Teach it again.")
    learner.begin(load_file(file))
