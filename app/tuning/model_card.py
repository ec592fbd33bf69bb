"""The model card of an adapter (Mitchell et al. 2019, "Model Cards for Model Reporting")."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from citewell.app.llms.adapter_card import AdapterCard
from citewell.app.tables import counted
from citewell.app.tuning.evaluate_output import Comparison, tables

CARD_FILE = "MODEL_CARD.md"

LIMITS = (
    "The figures are of its own drafts, greedy, before any check. Citewell shows of a draft only "
    "what it finds in the evidence.",
    "They were measured on examples made as the training data was made, of other documents. On "
    "documents of another kind they will differ: measure it on yours.",
    "It answers from evidence that it is shown, by one prompt, and is no chat model any more. "
    "Without evidence what it writes is worth nothing.",
    "It was taught in the languages of its data alone.",
    "What is in the data is what it knows of declining: a question that only seems to be answered "
    "by the evidence may still get an answer.",
)


def model_card(card: AdapterCard, found: Comparison | None) -> str:
    """Return the model card of an adapter as Markdown.

    Args:
        card: What is known of it.
        found: What was measured of it, if anything.
    """
    parts = [
        f"# {card.name}",
        f"An adapter (LoRA, rank {card.rank}, alpha {card.alpha:g}) for {_base(card)}, taught to "
        f"answer questions from numbered evidence. Made on {card.made} by `citewell tune train`.",
        "## Figures",
        *(_figures(found) if found else ["None were measured: `citewell tune evaluate`."]),
        "## Data",
        _listed(card.data) or "Nothing is known of the data.",
        "## Settings",
        _listed(_settings(card)),
        "## Limits",
        "\n".join(f"- {limit}" for limit in LIMITS),
        "## Files",
        f"- `adapter.safetensors`, SHA-256 {card.sha256}\n"
        f"- base weights, SHA-256 {card.base_sha256}\n"
        f"- prompt: {card.prompt}, version {card.prompt_version}",
    ]
    return "\n\n".join(parts) + "\n"


def _base(card: AdapterCard) -> str:
    known = "the bundled SmolLM2-135M-Instruct (Q4_1)"
    return known if card.base == "bundled" else f"`{card.base}`"


def _settings(card: AdapterCard) -> dict[str, object]:
    """Return how it was made; of the folder of the data the name alone, for others to read."""
    data = Path(str(card.settings["data"])).name if "data" in card.settings else "unknown"
    return {**card.settings, "data": data, "layers": ", ".join(card.targets)}


def _figures(found: Comparison) -> list[str]:
    return [
        f"Measured on {counted(found.count, 'example')} kept for testing, of documents that it was "
        "not taught. "
        "Mean or median with the 95 % interval of the bootstrap; n counts what a figure is over.",
        *tables(found),
    ]


def _listed(values: Mapping[str, object]) -> str:
    """Return values as a list, one below the other."""
    return "\n".join(_lines(values, 0))


def _lines(values: Mapping[str, object], depth: int) -> Iterator[str]:
    for name, value in values.items():
        bullet = f"{'  ' * depth}- {name.replace('_', ' ')}:"
        if isinstance(value, Mapping):
            yield bullet
            yield from _lines(value, depth + 1)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from _items(bullet, value, depth)
        else:
            yield f"{bullet} {_worded(value)}"


def _items(bullet: str, values: Sequence[object], depth: int) -> Iterator[str]:
    if not any(isinstance(value, Mapping) for value in values):
        yield f"{bullet} {'; '.join(map(_worded, values)) or 'none'}"
        return
    yield bullet
    for value in values:
        known = value if isinstance(value, Mapping) else {"": value}
        told = (f"{name} {_worded(each)}".strip() for name, each in known.items())
        yield f"{'  ' * (depth + 1)}- {', '.join(told)}"


def _worded(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else " ".join(str(value).split())
