"""Folders of the server that the page may ingest: those that the settings name, and below."""

from collections.abc import Sequence
from pathlib import Path

from citewell.ingest.folder import HIDDEN
from citewell.retrieval.errors import ConfigError

MOST_OFFERED = 200


def offered(folders: Sequence[Path]) -> list[str]:
    """Return the folders that may be ingested, and those right below, as far as can be looked."""
    found: list[str] = []
    for folder in folders:
        found.append(str(folder))
        try:
            below = sorted(each for each in folder.iterdir() if _is_plain_folder(each))
        except OSError:  # ingesting it says why
            continue
        found += [str(each) for each in below]
    return list(dict.fromkeys(found))[:MOST_OFFERED]


def allowed_folder(folders: Sequence[Path], wanted: str) -> Path:
    """Return a folder or file that may be ingested, as an absolute path without links.

    Raises:
        ConfigError: If it is not there, or not below one of the folders once all links and
            ``..`` are followed.
    """
    try:
        found = Path(wanted.strip()).expanduser().resolve(strict=True)
        roots = [folder.resolve() for folder in folders]
    except (OSError, RuntimeError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"{wanted!r} cannot be read: {reason}. Give another folder.") from error
    if not any(found.is_relative_to(root) for root in roots):
        named = ", ".join(map(str, folders)) or "none"
        raise ConfigError(
            f"{wanted!r} is not in a folder that this page may read ({named}). To allow it, add "
            "it to the setting page_folders and start Citewell again."
        )
    return found


def _is_plain_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink() and not path.name.startswith(HIDDEN)
