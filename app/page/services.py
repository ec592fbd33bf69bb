"""What all sessions of the page share: one of each in a process."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from citewell.retrieval.settings import Settings, load_settings

if TYPE_CHECKING:  # a page's test loads no more than it shows
    from citewell.app.chats.protocol import Chats
    from citewell.app.page.engine import ChatEngine
    from citewell.app.page.jobs import Jobs
    from citewell.app.page.runs import Runs
    from citewell.app.page_images.images import PageImages

_settings: Settings | None = None
_services: Services | None = None
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Services:
    """What the pages show and do everything with.

    Attributes:
        settings: Of the process; conversations may choose others.
        engine: Collections, documents and answers.
        chats: The conversations kept, and what was thought of their answers.
        runs: The answers under way.
        jobs: The ingests under way.
        images: Pages of PDFs, as images.
    """

    settings: Settings
    engine: ChatEngine
    chats: Chats
    runs: Runs
    jobs: Jobs
    images: PageImages

    def close(self) -> None:
        """Stop what is under way and let go of files and models."""
        for each in (self.runs, self.jobs, self.images, self.engine, self.chats):
            each.close()


def use_settings(settings: Settings) -> None:
    """Set what `shared_services` opens. Without it, settings come from the environment."""
    global _settings
    _settings = settings


def shared_services() -> Services:
    """Return the services of this process, for all its sessions. The first call opens them.

    Raises:
        CitewellError: If the home folder cannot be used.
    """
    global _services
    with _lock:
        if _services is None:
            _services = _opened(_settings or load_settings())
        return _services


def close_services() -> None:
    """Close the services of this process, if they are open; the next call opens others."""
    global _services
    with _lock:
        if _services is not None:
            _services.close()
        _services = None


def _opened(settings: Settings) -> Services:
    from citewell.app.chats.sqlite_chats import open_chats
    from citewell.app.page.jobs import Jobs
    from citewell.app.page.runs import Runs
    from citewell.app.page.store_engine import StoreEngine
    from citewell.app.page_images.images import PageImages

    return Services(
        settings=settings,
        engine=StoreEngine(settings),
        chats=open_chats(settings.home),
        runs=Runs(settings.answers_at_once),
        jobs=Jobs(settings),
        images=PageImages(),
    )
