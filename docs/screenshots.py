"""Pictures of every page and state, light and dark: ``python -m docs.screenshots FOLDER``.

Run it from the root of the repository, with the development install and Chromium. The page is
served from a home folder that the script makes and removes. ``--readme`` writes the six small
pictures of the README into ``docs/screenshots`` instead.
"""

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from bench.collection import fill, home_folder
from bench.page_server import BROWSER, INPUT, Server, chromium, served
from citewell.retrieval.settings import Settings
from docs.screenshots_data import write_documents

CORPUS = Path("corpora/llm-primer")
README = Path("docs/screenshots")
SCHEMES = ("light", "dark")
SIZES = ((360, 740), (1400, 900), (2560, 1440))
TALL = 2800
"""Height of the window for what is longer than any screen."""

MOST_BYTES = 120_000
"""Of a picture in the README."""

_MILLISECONDS = 60_000.0
_RUNNING = '[data-testid="stApp"]:not([data-test-script-state="notRunning"])'

Act = Callable[[Page], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """A state of a page.

    Attributes:
        path: Of its address; ``{lease}`` and the like are conversations, by name.
        act: What is done before the picture is taken.
        tall: Whether all of it is to be seen, however long it is.
    """

    name: str
    path: str
    act: Act = lambda page: None
    tall: bool = False


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures."""
    parser = argparse.ArgumentParser(prog="docs.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="where the pictures go")
    parser.add_argument("--readme", action="store_true", help="the six of the README")
    parser.add_argument("--only", default="", metavar="WORD", help="scenes with it in their name")
    args = parser.parse_args(argv)
    if args.folder is None and not args.readme:
        parser.error("name the folder where the pictures go, or give --readme")
    with home_folder() as folder, chromium_open() as browser:
        homes = folder / "home", folder / "empty"
        _fill(homes[0], folder / "documents")
        with (
            served(homes[0], {"CITEWELL_COLLECTION": "llm-primer"}) as full,
            served(homes[1], {}) as empty,
        ):
            chats = converse(full, browser)
            if args.readme:
                take_readme(full, browser, chats)
            else:
                args.folder.mkdir(parents=True, exist_ok=True)
                for server, scenes in ((empty, EMPTY), (full, FULL)):
                    wanted = [scene for scene in scenes if args.only in scene.name]
                    take_all(server, browser, [_at(scene, chats) for scene in wanted], args.folder)
    return 0


@contextmanager
def chromium_open() -> Iterator[Browser]:
    """Start the browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(BROWSER))
        yield browser
        browser.close()


QUESTIONS = {
    "primer": ("llm-primer", ["How much of Mixtral 8x7B is at work on a single token?"]),
    "adaptation": ("llm-primer", ["What is low-rank adaptation?"]),
    "talk": ("llm-primer", ["Who introduced attention for translation?", "And in which year?"]),
    "declined": ("llm-primer", ["Who won the football world cup in 1998?"]),
    "lease": ("mill", ["When does the landlady return the deposit?"]),
    "table": ("mill", ["What did the roof cost in 2024?"]),
    "arabic": ("mill", ["متى يفتح ميناء أوستراند في الصباح؟"]),
}
"""The conversations that are shown, by name: their collection and what is asked."""


def converse(server: Server, browser: Browser) -> dict[str, str]:
    """Ask all questions. Returns the id of each conversation by its name."""
    found: dict[str, str] = {}
    with window(browser, (1400, 900), "light") as page:
        for name, (collection, questions) in QUESTIONS.items():
            page.goto(server.url)
            settle(page)
            choose(page, "Collection", collection)
            for number, question in enumerate(questions):
                ask(page, question)
                page.locator(".cw-made").nth(number).wait_for()
            settle(page)
            found[name] = re.sub(r".*[?&]chat=([^&#]+).*", r"\1", page.url)
    return found


def ask(page: Page, question: str) -> None:
    """Type a question and send it."""
    page.locator(INPUT).fill(question)
    page.locator(INPUT).press("Enter")


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option from a list."""
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option, exact=True).first.click()
    settle(page)


def press(name: str) -> Act:
    """Return what presses the first button of that name."""
    return lambda page: page.get_by_role("button", name=name, exact=True).first.click()


def pick(text: str) -> Act:
    """Return what clicks on the first such text."""
    return lambda page: page.get_by_text(text, exact=True).first.click()


def in_turn(*acts: Act) -> Act:
    """Return what does several things, each when the page has come to rest."""

    def act(page: Page) -> None:
        for each in acts:
            each(page)
            settle(page)

    return act


def _begin_to_ask(page: Page) -> None:
    ask(page, "What is low-rank adaptation?")
    page.get_by_role("button", name="Stop").wait_for()


def _why(page: Page) -> None:
    press("Why not that document?")(page)
    page.get_by_label("Which document did you expect?").click()
    page.get_by_role("option").nth(3).click()
    page.locator(".cw-diagnosis").wait_for()


def _server_elsewhere(page: Page) -> None:
    pick("A server")(page)
    settle(page)
    for label, value in (
        ("Address of the server", "http://models.example/v1"),
        ("Name of the model", "large"),
    ):
        page.get_by_label(label).fill(value)
        page.get_by_label(label).press("Enter")
        settle(page)
    press("Use this model")(page)
    page.get_by_text("Send questions to").wait_for()


def _tested(page: Page) -> None:
    """Test the model once; the result is shown to all who look later."""
    if page.locator(".cw-verdict").count() == 0:
        press("Test this model")(page)
    page.locator(".cw-verdict").wait_for(timeout=5 * _MILLISECONDS)


def _of_the_start(page: Page) -> None:
    pick("Set where Citewell is started")(page)
    page.locator(".cw-fixed tr").last.scroll_into_view_if_needed()


def _open_last(page: Page) -> None:
    page.locator('[class*="st-key-cw-doc-"]').last.get_by_role("button", name="Open").click()


def _wrong_value(page: Page) -> None:
    box = page.get_by_label(re.compile("^Passages to find"))
    box.fill("500")
    box.press("Enter")
    page.locator(".cw-wrong").scroll_into_view_if_needed()


EMPTY = [
    Scene("chat-no-documents", "/"),
    Scene("collections-none", "/collections"),
]
"""Of a home folder that holds nothing."""


def _mill(page: Page) -> None:
    choose(page, "Collection", "mill")


FULL = [
    Scene("chat-begin", "/"),
    Scene("chat-answer", "/?chat={primer}"),
    Scene("chat-follow-up", "/?chat={talk}", tall=True),
    Scene("chat-declined", "/?chat={declined}", tall=True),
    Scene("chat-pdf", "/?chat={lease}", tall=True),
    Scene("chat-table", "/?chat={table}", tall=True),
    Scene("chat-right-to-left", "/?chat={arabic}"),
    Scene("chat-feedback", "/?chat={lease}", press("Say more")),
    Scene("chat-edit", "/?chat={lease}", press("Edit")),
    Scene("chat-menu", "/?chat={lease}", press("Conversation")),
    Scene("chat-why", "/?chat={primer}", _why),
    Scene("collections", "/collections", _mill, tall=True),
    Scene("collections-not-read", "/collections", in_turn(_mill, pick("Not read (1)"))),
    Scene("collections-report", "/collections", in_turn(_mill, pick("Report")), tall=True),
    Scene("collections-document", "/collections", in_turn(_mill, _open_last), tall=True),
    Scene("collections-new", "/collections", press("New")),
    Scene("collections-delete", "/collections", in_turn(_mill, press("Delete"))),
    Scene("settings", "/settings", tall=True),
    Scene("settings-conversation", "/settings?chat={primer}"),
    Scene("settings-wrong", "/settings", _wrong_value),
    Scene("settings-server", "/settings", _server_elsewhere),
    Scene("settings-tested", "/settings", _tested, tall=True),
    Scene("settings-start", "/settings", _of_the_start, tall=True),
    Scene("chat-under-way", "/", _begin_to_ask),
]
"""Of one with documents and conversations."""


def take_all(server: Server, browser: Browser, scenes: Sequence[Scene], folder: Path) -> None:
    """Take each scene in each size, light and dark."""
    for size in SIZES:
        for scheme in SCHEMES:
            for scene in scenes:
                path = folder / f"{scene.name}-{size[0]}-{scheme}.png"
                shape = (size[0], TALL) if scene.tall else size
                with window(browser, shape, scheme) as page:
                    _shoot(page, server, scene, path)


def _shoot(page: Page, server: Server, scene: Scene, path: Path) -> None:
    page.goto(server.url + scene.path)
    settle(page)
    scene.act(page)
    if scene.act is not _begin_to_ask:
        settle(page)
    page.screenshot(path=path)
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    note = f", {too_wide} pixels too wide" if too_wide > 0 else ""
    print(f"{path}{note}")


SMALL = [
    ("answer", Scene("", "/?chat={primer}", tall=True), "light"),
    ("answer-dark", Scene("", "/?chat={adaptation}"), "dark"),
    ("declined", Scene("", "/?chat={declined}"), "light"),
    ("why", Scene("", "/?chat={primer}", _why), "light"),
    ("collections", Scene("", "/collections"), "light"),
    ("settings", Scene("", "/settings"), "light"),
]
"""The pictures of the README: name, scene and scheme."""


def take_readme(server: Server, browser: Browser, chats: dict[str, str]) -> None:
    """Take the six small pictures."""
    README.mkdir(exist_ok=True)
    for name, scene, scheme in SMALL:
        path = README / f"{name}.png"
        with window(browser, (1280, 1280 if scene.tall else 960), scheme) as page:
            _shoot(page, server, _at(scene, chats), path)
        shrink(path)


def shrink(path: Path) -> None:
    """Write a picture with as few colours as it takes to be small."""
    with Image.open(path) as picture:
        whole = picture.convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        whole.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return
    raise SystemExit(f"{path} is larger than {MOST_BYTES} bytes even in 16 colours.")


@contextmanager
def window(browser: Browser, size: tuple[int, int], scheme: str) -> Iterator[Page]:
    """Open a window without a past."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.set_default_timeout(_MILLISECONDS)
    yield page
    context.close()


def settle(page: Page) -> None:
    """Wait until the page has come to rest."""
    page.locator('[data-testid="stMainBlockContainer"]').wait_for()
    page.wait_for_timeout(400)
    page.locator(_RUNNING).wait_for(state="detached")
    page.wait_for_timeout(600)


def _at(scene: Scene, chats: dict[str, str]) -> Scene:
    """Return a scene with the ids of its conversations filled in."""
    return Scene(scene.name, scene.path.format(**chats), scene.act, scene.tall)


def _fill(home: Path, documents: Path) -> None:
    """Make two collections."""
    write_documents(documents)
    fill(Settings(home=home, collection="llm-primer"), [CORPUS])
    fill(Settings(home=home, collection="mill"), [documents])


if __name__ == "__main__":
    sys.exit(main())
