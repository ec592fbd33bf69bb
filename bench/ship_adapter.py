"""Put an adapter into the package, as that of the bundled model: ``python -m bench.ship_adapter``.

Keeps its weights in 16 bit and prints their SHA-256, which belongs into
``app/llms/adapter_files.py`` as ``SHIPPED_SHA256``.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from citewell.app.llms.adapter_card import ADAPTER, AdapterCard, read_card, write_card
from citewell.app.llms.adapter_files import SHIPPED, Adapter, check_weights
from citewell.app.llms.joining import check_fit
from citewell.app.llms.smollm2 import GGUF_SHA256, find_gguf
from citewell.app.tuning.base_model import BUNDLED
from citewell.app.tuning.loss_plot import PLOT
from citewell.app.tuning.model_card import CARD_FILE
from citewell.retrieval.embedding_files import file_sha256
from citewell.retrieval.errors import CitewellError, ConfigError

MOST_BYTES = 12_000_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Copy the adapter and print its hash."""
    parser = argparse.ArgumentParser(prog="bench.ship_adapter", description=__doc__)
    parser.add_argument("folder", type=Path, help="of the adapter, such as HOME/adapters/NAME")
    parser.add_argument("--to", type=Path, default=SHIPPED, help="folder of the package")
    chosen = parser.parse_args(arguments)
    try:
        sha256 = ship(chosen.folder, chosen.to)
    except CitewellError as error:
        print(error, file=sys.stderr)
        return 1
    print(f'SHIPPED_SHA256 = "{sha256}"')
    return 0


def ship(folder: Path, to: Path) -> str:
    """Copy an adapter of the bundled model. Returns the SHA-256 of its weights.

    Raises:
        ConfigError: If it is damaged, of another model, or too large.
    """
    adapter = Adapter(folder, read_card(folder))
    check_weights(adapter, adapter.card.sha256)
    if adapter.card.base_sha256 != GGUF_SHA256:
        raise ConfigError(f"{folder} was taught on {adapter.card.base}, not on the bundled model.")
    check_fit(adapter, find_gguf())
    to.mkdir(parents=True, exist_ok=True)
    _write(folder / ADAPTER, to / ADAPTER)
    if (size := (to / ADAPTER).stat().st_size) > MOST_BYTES:
        (to / ADAPTER).unlink()
        raise ConfigError(f"{folder / ADAPTER} takes {size:,} bytes; {MOST_BYTES:,} may ship.")
    card = _card(adapter.card, file_sha256(to / ADAPTER))
    write_card(to, card)
    if (folder / PLOT).is_file():
        shutil.copyfile(folder / PLOT, to / PLOT)
    if (folder / CARD_FILE).is_file():
        told = (folder / CARD_FILE).read_text(encoding="utf-8")
        told = told.replace(adapter.card.sha256, card.sha256)
        told = re.sub(rf"\b(tuned:)?{re.escape(adapter.card.name)}\b", BUNDLED, told)
        (to / CARD_FILE).write_text(told, encoding="utf-8")
    return card.sha256


def _card(card: AdapterCard, sha256: str) -> AdapterCard:
    """Return the card as it ships: without the folder that the data had on one machine."""
    settings = {**card.settings}
    if "data" in settings:
        settings["data"] = Path(str(settings["data"])).name
    return replace(card, name=BUNDLED, sha256=sha256, settings=settings)


def _write(source: Path, target: Path) -> None:
    """Write the weights in 16 bit, in the order of their names."""
    import torch
    from safetensors.torch import load_file, save_file

    tensors = dict(sorted(load_file(source).items()))
    kept = {
        name: values if values.dtype == torch.bfloat16 else values.to(torch.float16)
        for name, values in tensors.items()
    }
    if not all(bool(values.isfinite().all()) for values in kept.values()):
        raise ConfigError(f"{source} holds weights that are no numbers in 16 bit. Teach it again.")
    save_file(kept, target)


if __name__ == "__main__":
    sys.exit(main())
