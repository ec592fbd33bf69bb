"""Sources in a real browser: markers, pages with their boxes, tables, keys and copying."""

import io
import re
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from reportlab.pdfgen.canvas import Canvas
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from citewell.app.answer_values import AnswerSentence, Citation
from citewell.app.page.headers import SecurityHeaders
from citewell.app.page.routes import routes
from citewell.app.page.source_cards import Lookup, source_cards
from citewell.app.page.source_html import card_html, card_id
from citewell.app.page_images.images import PageImages
from citewell.ingest.folder import sha256_of
from citewell.ingest.readers.pdf_reader import read_pdf
from citewell.retrieval.embedding import open_embedder
from citewell.retrieval.layout import marks
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Layout, Table

STYLES = Path(__file__).parents[2] / "app/page"
QUOTE = "the frozen pond kept quiet"
CELL = "150 EUR"
ARROW = " --> as they do"
"""What must not be lost where Streamlit cleans HTML."""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}

pytestmark = pytest.mark.browser


@dataclass
class Held:
    """The part of an engine that sources are shown from."""

    documents: dict[str, Document]
    folder: Path

    def document(self, collection: str, name: str) -> Document:
        return self.documents[name]

    def layouts(self, collection: str, name: str, pages: Iterable[int]) -> list[Layout]:
        wanted = set(pages)
        return [each for each in self.documents[name].layouts if each.page in wanted]

    def path_of(self, collection: str, name: str) -> Path:
        return self.folder / name

    def sha256_of(self, collection: str, name: str) -> str:
        return sha256_of(self.folder / name)


@dataclass
class Services:
    engine: Any
    images: PageImages


def write_pdf(path: Path, more: str = "") -> None:
    """Write five pages; the words of the quote stand on the third, in red."""
    canvas = Canvas(str(path), pagesize=(400, 600))
    for number in range(1, 6):
        line = canvas.beginText(70, 200)
        line.setFont("Times-Roman", 14, leading=30)
        line.textLine(f"Page {number} of the chronicle is about that year.")
        line.textOut("In May ")
        line.setFillColorRGB(*(1, 0, 0) if number == 3 else (0, 0, 0))
        line.textOut(QUOTE)
        line.setFillColorRGB(0, 0, 0)
        line.textLine(f"{more}, they say on page {number}.")
        canvas.drawText(line)
        canvas.showPage()
    canvas.save()


def planted_table(port: int) -> Document:
    """A table of which a cell would fetch an image, if it could."""
    image = f"<img src=http://127.0.0.1:{port}/cell.png>"
    text = f"Berth\tFee\tRemark\nNorth\t120 EUR\tcalm\nSouth\t{CELL}\t{image}\nMole\t210 EUR\trough"
    return Document("fees.csv", "Fees", text, tables=(Table(0, len(text), "Berth\tFee\tRemark"),))


def cited(marker: int, document: Document, quote: str, page: int | None) -> Citation:
    start = document.text.index(quote, document.pages[page - 1].start if page else 0)
    end = start + len(quote)
    boxes = tuple(marks(document.layouts, start, end))
    name, title = document.name, document.title
    return Citation(marker, name, title, page, start, end, quote, "verified", boxes)


def answer_html(engine: Any) -> str:
    documents = engine.documents
    citations = [
        cited(1, documents["plain.md"], "Nothing is certain.", None),
        cited(2, documents["chronicle.pdf"], QUOTE, 3),
        cited(3, documents["fees.csv"], CELL, None),
    ]
    said = [AnswerSentence("So it is.", 0, 9, True, (each,)) for each in citations]
    markers = " ".join(
        f'<a class="cw-marker" href="#{card_id(1, each.marker)}">[{each.marker}]</a>'
        for each in citations
    )
    cards = "".join(card_html(card, 1) for card in source_cards(said, Lookup(engine, "animals")))
    return (
        f'<p class="cw-said">So it is. {markers}</p><section class="cw-sources">{cards}</section>'
    )


def shell(body: str) -> str:
    """Return what Streamlit's page is to an answer: its place, and the style sheets."""
    styles = "".join((STYLES / name).read_text() for name in ("style.css", "sources.css"))
    return (
        f'<!doctype html><html lang="en"><title>Citewell</title><style>{styles}</style>'
        '<body class="stApp" data-testid="stApp" style="color-scheme: light dark; '
        'background: var(--cw-page); color: light-dark(#1f2329, #e6e9ee)">'
        '<div data-testid="stChatMessageContent">'
        f'<div class="stHtml">{body}</div></div><script src="/citewell/page.js"></script></html>'
    )


@pytest.fixture(scope="module")
def site(listener: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An answer with three sources, served as the page serves it. Gives its address."""
    folder = tmp_path_factory.mktemp("documents")
    write_pdf(folder / "chronicle.pdf")
    plain = Document("plain.md", "Plain", "Nothing is certain. " + "More words follow. " * 200)
    pdf = read_pdf(folder / "chronicle.pdf", "chronicle.pdf")
    found = {each.name: each for each in (plain, planted_table(listener.port), *pdf)}
    (folder / "plain.md").write_text(plain.text)
    services = Services(Held(found, folder), PageImages())
    body = shell(answer_html(services.engine))

    def home(request: Request) -> Response:
        return HTMLResponse(body)

    app = Starlette(
        routes=[Route("/", home), *routes(lambda: services)],
        middleware=[Middleware(SecurityHeaders)],
    )
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        own.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [own]})
        thread.start()
        yield f"http://127.0.0.1:{own.getsockname()[1]}"
        server.should_exit = True
        thread.join()
    services.images.close()


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """A window on a laptop in which nothing glides, so that places can be measured at once."""
    context = browser.new_context(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


@pytest.fixture
def page(window: Page, site: str) -> Page:
    """The answer as it is when it has just been opened."""
    window.unroute_all()
    window.mouse.move(0, 0)
    window.goto(site)
    return window


def figure_of(page: Page) -> Any:
    """Open the source that is a PDF, and wait for its page."""
    page.locator("a.cw-marker", has_text="[2]").click()
    loaded(page)
    return page.locator("#answer-1-source-2-page")


def loaded(page: Page, source: int = 2) -> None:
    """Wait until the page of a source is drawn as it was last asked for."""
    page.wait_for_function(
        "id => { const figure = document.getElementById(id);"
        " const image = figure.querySelector('img');"
        " return image.complete && image.getAttribute('src') === figure.dataset.coming; }",
        arg=f"answer-1-source-{source}-page",
    )


def test_a_marker_opens_its_source_and_goes_there(page: Page) -> None:
    card = page.locator("#answer-1-source-3")
    card.locator("> summary").click()
    expect(card).not_to_have_attribute("open", "")

    page.locator("a.cw-marker", has_text="[3]").click()

    expect(card).to_have_attribute("open", "")
    expect(card).to_have_class("cw-source cw-current")
    expect(card.locator("> summary")).to_be_focused()
    expect(card.locator("> summary")).to_be_in_viewport()
    expect(page.locator(".cw-live")).to_have_text(
        "Source [3]: Fees. Escape goes back to the answer."
    )


def test_escape_goes_back_to_the_marker(page: Page) -> None:
    marker = page.locator("a.cw-marker", has_text="[2]")
    marker.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    page.keyboard.press("Escape")

    expect(marker).to_be_focused()
    expect(page.locator(".cw-current")).to_have_count(0)


def test_the_quoted_words_are_boxed_on_their_page(page: Page) -> None:
    figure = figure_of(page)

    expect(figure.locator(".cw-page-name")).to_have_text("Page 3 of 5")
    box = figure.locator(".cw-box").bounding_box()
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    left, top, right, bottom = red_part(image)
    assert box["x"] - 2 < left
    assert right < box["x"] + box["width"] + 2
    assert box["y"] - 2 < top
    assert bottom < box["y"] + box["height"] + 2
    assert right - left > 0.9 * box["width"]


def red_part(image: Image.Image) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is red, as the words of the quote are."""
    red, green, _ = image.split()
    lit = Image.eval(red, lambda value: 255 if value > 200 else 0)
    dark = Image.eval(green, lambda value: 255 if value < 90 else 0)
    found = Image.composite(dark, Image.new("L", image.size), lit).getbbox()
    assert found is not None
    return found


def test_the_box_stays_on_the_words_when_the_page_is_enlarged(page: Page) -> None:
    figure = figure_of(page)
    before = figure.locator(".cw-box").bounding_box()

    figure.get_by_role("button", name="Larger").click()
    loaded(page)

    box = figure.locator(".cw-box").bounding_box()
    assert box["width"] > 1.2 * before["width"]
    figure.locator(".cw-box").scroll_into_view_if_needed()
    box = figure.locator(".cw-box").bounding_box()
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    _, top, _, bottom = red_part(image)
    assert box["y"] - 2 < top
    assert bottom < box["y"] + box["height"] + 2


def test_the_width_fits_again(page: Page) -> None:
    figure = figure_of(page)
    view = figure.locator(".cw-view")
    figure.get_by_role("button", name="Larger").click()

    figure.get_by_role("button", name="Fit the width").click()

    assert view.evaluate("view => view.scrollWidth <= view.clientWidth")


def test_the_next_page_has_no_box_and_the_page_before_has_it_again(page: Page) -> None:
    figure = figure_of(page)
    figure.get_by_role("button", name="Next page").click()

    expect(figure.locator(".cw-page-name")).to_have_text("Page 4 of 5")
    expect(figure.locator(".cw-box:visible")).to_have_count(0)
    expect(figure.locator("img")).to_have_attribute("alt", re.compile("^Page 4 of 5"))
    expect(page.locator(".cw-live")).to_have_text("Page 4.")

    figure.get_by_role("button", name="Previous page").click()

    expect(figure.locator(".cw-box:visible")).to_have_count(1)
    expect(page.locator(".cw-live")).to_have_text("Page 3. The quoted words are marked.")


def test_pages_are_turned_and_enlarged_by_keys(page: Page) -> None:
    figure = figure_of(page)
    figure.get_by_role("button", name="Fit the width").click()
    figure.locator(".cw-view").focus()
    name = figure.locator(".cw-page-name")

    page.keyboard.press("ArrowRight")
    expect(name).to_have_text("Page 4 of 5")
    page.keyboard.press("PageDown")
    expect(name).to_have_text("Page 5 of 5")
    page.keyboard.press("ArrowRight")
    expect(name).to_have_text("Page 5 of 5")
    page.keyboard.press("ArrowLeft")
    expect(name).to_have_text("Page 4 of 5")
    page.keyboard.press("+")
    assert figure.locator(".cw-sheet").evaluate("sheet => sheet.style.width") == "125%"
    page.keyboard.press("-")
    assert figure.locator(".cw-sheet").evaluate("sheet => sheet.style.width") == "100%"


def test_the_file_opens_at_the_page_that_is_shown(page: Page) -> None:
    figure = figure_of(page)
    figure.get_by_role("button", name="Next page").click()

    link = page.locator("#answer-1-source-2").get_by_role("link", name="Open the file at this page")

    address = "/citewell/file?collection=animals&document=chronicle.pdf#page=4"
    expect(link).to_have_attribute("href", re.compile(re.escape(address) + "$"))
    expect(link).to_have_attribute("target", "_blank")


def test_how_a_page_was_left_outlasts_the_answer_being_written_anew(page: Page) -> None:
    figure = figure_of(page)
    figure.get_by_role("button", name="Next page").click()

    page.evaluate(  # at once, as a growing answer may come before the click is told of
        "const place = document.querySelector('.stHtml'), written = place.innerHTML;"
        "document.querySelector('#answer-1-source-1 > summary').click();"
        "place.innerHTML = written"
    )

    expect(page.locator("#answer-1-source-2-page .cw-page-name")).to_have_text("Page 4 of 5")
    expect(page.locator("#answer-1-source-1")).not_to_have_attribute("open", "")
    expect(page.locator("#answer-1-source-2-figure")).to_have_attribute("open", "")


def test_a_page_that_cannot_be_shown_says_why(open_visit: Any, site: str) -> None:
    page: Page = open_visit(site).page  # one that holds no image of the page yet
    reason = "The file 'chronicle.pdf' has changed since Citewell read it."
    page.route("**/citewell/page?*", lambda route: route.fulfill(status=409, body=reason))

    page.locator("a.cw-marker", has_text="[2]").click()

    expect(page.locator("#answer-1-source-2 .cw-page-fault")).to_have_text(reason)


def test_the_quoted_cell_is_marked_in_its_table(page: Page) -> None:
    table = page.locator("#answer-1-source-3 table")

    expect(table.locator("mark")).to_have_text("150 EUR")
    expect(table.locator("tr.cw-quoted-row")).to_contain_text("South")
    expect(table.locator("thead")).to_have_text("BerthFeeRemark")


def test_a_quote_is_copied_with_its_source(open_visit: Any, site: str) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    window: Page = open_visit(site, permissions=permissions).page

    window.locator("#answer-1-source-3").get_by_role("button", name="Copy quote").click()

    expect(window.locator(".cw-live")).to_have_text("Copied.")
    assert window.evaluate("navigator.clipboard.readText()") == "“150 EUR” (Fees; fees.csv)"


def test_a_state_is_explained_to_the_mouse_and_to_the_keyboard(page: Page) -> None:
    top = page.locator("#answer-1-source-1 > summary")
    expect(top.get_by_role("tooltip")).to_be_hidden()

    top.locator(".cw-state").hover()
    expect(top.get_by_role("tooltip")).to_be_visible()
    page.mouse.move(0, 0)
    expect(top.get_by_role("tooltip")).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")

    expect(top).to_be_focused()
    expect(top.get_by_role("tooltip")).to_be_visible()


def test_nothing_is_fetched_from_elsewhere_and_nothing_complained_of(
    open_visit: Any, site: str, listener: Any
) -> None:
    window = open_visit(site, viewport={"width": 360, "height": 740}, color_scheme="dark")
    figure_of(window.page)
    for marker in ("[1]", "[3]"):
        window.page.locator("a.cw-marker", has_text=marker).click()

    assert window.elsewhere == []
    assert window.complaints == []
    assert listener.paths == []
    assert window.page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_sources_keep_the_rules_of_wcag(open_visit: Any, site: str, scheme: str) -> None:
    window: Page = open_visit(site, color_scheme=scheme).page
    figure_of(window)

    found = Axe().run(window, options=RULES).response["violations"]

    assert [(rule["id"], node["html"][:200]) for rule in found for node in rule["nodes"]] == []


@pytest.fixture
def pdf_home(tmp_path: Path) -> Path:
    """A home folder whose collection holds one PDF."""
    write_pdf(tmp_path / "chronicle.pdf", ARROW)
    [document] = read_pdf(tmp_path / "chronicle.pdf", "chronicle.pdf")
    chunks = [
        Chunk(
            document.name,
            page.start,
            page.end,
            document.text[page.start : page.end],
            number,
            number,
        )
        for number, page in enumerate(document.pages, start=1)
    ]
    embedder = open_embedder()
    vectors = embedder.embed_passages([chunk.text for chunk in chunks])
    file = SourceFile(
        tmp_path / "chronicle.pdf", sha256_of(tmp_path / "chronicle.pdf"), "pdf-3", document.name
    )
    home = tmp_path / "home"
    with open_store(home) as store:
        store.create_collection("default", embedder.fingerprint, ChunkingSettings())
        store.replace_file("default", file, [EmbeddedDocument(document, chunks, vectors)])
    return home


@pytest.mark.models
def test_an_answer_leads_to_the_words_on_the_page(
    serve_page: Any, open_visit: Any, pdf_home: Path
) -> None:
    with serve_page(pdf_home) as url:
        visit = open_visit(
            url,
            viewport={"width": 1400, "height": 1000},
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        visit.ask("What kept quiet in May, as they say on page 3?")
        marker = visit.page.locator("a.cw-marker", has_text="[1]")
        marker.click()
        figure = visit.page.locator("#answer-1-source-1-page")
        loaded(visit.page, 1)

        expect(figure.locator(".cw-page-name")).to_have_text("Page 3 of 5")
        figure.locator(".cw-box").first.scroll_into_view_if_needed()
        box = figure.locator(".cw-box").first.bounding_box()
        picture = Image.open(io.BytesIO(visit.page.screenshot())).convert("RGB")
        left, top, right, bottom = red_part(picture)
        assert box["x"] - 2 < left < right < box["x"] + box["width"] + 2
        assert box["y"] - 2 < top < bottom < box["y"] + box["height"] + 2

        card = visit.page.locator("#answer-1-source-1")
        card.get_by_role("button", name="Copy quote").click()
        expect(visit.page.locator(".cw-live")).to_have_text("Copied.")
        assert f"{QUOTE}{ARROW}" in visit.page.evaluate("navigator.clipboard.readText()")
        visit.page.get_by_role("button", name="Copy with sources").click()
        expect(visit.page.locator("button.cw-copy")).to_have_text("Copied")
        assert f"{QUOTE}{ARROW}" in visit.page.evaluate("navigator.clipboard.readText()")

        with visit.page.context.expect_page() as opening:
            card.get_by_role("link", name="Open the file at this page").click()
        assert opening.value.url == (
            f"{url}/citewell/file?collection=default&document=chronicle.pdf#page=3"
        )
        assert visit.elsewhere == []
        assert visit.complaints == []
