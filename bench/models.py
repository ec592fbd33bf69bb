"""The language models that are measured, by the names that settings give them and some more."""

from pathlib import Path

from citewell.app.llms.factory import open_model
from citewell.app.llms.protocol import LanguageModel
from citewell.retrieval.settings import Settings


def opened(name: str, work: Path) -> LanguageModel | None:
    """Return a model by its name; ``none`` gives None.

    ``unmerged:FOLDER`` is an adapter run beside the weights of its base, ``unmerged:bundled`` that
    base alone. What is converted is kept below ``work``; ``tuned:NAME`` is the user's own, and is
    looked for and kept in the user's home folder.
    """
    kind, _, rest = name.partition(":")
    if kind == "unmerged":
        from bench.unmerged import UnmergedModel

        folder = Path(rest)
        return UnmergedModel(folder) if folder.is_dir() else UnmergedModel(None, rest, taught=False)
    return open_model(name, Settings(llm=name) if kind == "tuned" else Settings(home=work))
