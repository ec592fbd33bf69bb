"""What the page fetches: only stored documents, only by their names, only by the page itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import config

from citewell.app.page.routes import routes
from citewell.app.page.store_engine import StoreEngine
from citewell.app.page_images.images import PageImages
from citewell.ingest.folder import sha256_of
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.settings import Settings
from citewell.retrieval.sqlite_store import open_store
from citewell.retrieval.store import EmbeddedDocument, SourceFile
from citewell.retrieval.values import Chunk, ChunkingSettings, Document, Fingerprint

PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>> endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 200]/Resources<<>>>> endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)


@dataclass
class Files:
    """The part of an engine that knows files: those of one folder, as they were at first."""

    held: dict[str, tuple[Path, str]]

    def path_of(self, collection: str, name: str) -> Path:
        return self._found(collection, name)[0]

    def sha256_of(self, collection: str, name: str) -> str:
        return self._found(collection, name)[1]

    def _found(self, collection: str, name: str) -> tuple[Path, str]:
        if collection != "animals" or name not in self.held:
            raise NotConfigured(f"Collection {collection!r} holds no document {name!r}.")
        return self.held[name]


@dataclass
class Sources:
    engine: Any
    images: PageImages


@pytest.fixture(scope="module")
def images() -> Iterator[PageImages]:
    images = PageImages()
    yield images
    images.close()


@pytest.fixture
def client(tmp_path: Path, images: PageImages) -> Iterator[TestClient]:
    contents = {
        "a & b.pdf": PDF,
        "notes.md": b"# Notes",
        "page.html": b"<script>alert(1)</script>",
        "picture.svg": b"<svg onload='alert(1)'/>",
        "sheet.xlsx": b"PK\x03\x04\0\0",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "secret.txt").write_text("not of the collection")
    held = {name: (tmp_path / name, sha256_of(tmp_path / name)) for name in contents}
    sources = Sources(Files(held), images)
    before = config.get_option("server.allowedHosts")
    config.set_option("server.allowedHosts", ["127.0.0.1", "localhost", "::1"])
    yield TestClient(Starlette(routes=routes(lambda: sources)), "http://127.0.0.1:8501")
    config.set_option("server.allowedHosts", before)


def named(document: str, **more: str) -> dict[str, str]:
    return {"collection": "animals", "document": document, **more}


def test_a_page_comes_as_an_image(client: TestClient) -> None:
    answer = client.get("/citewell/page", params=named("a & b.pdf", page="1", width="300"))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


def test_the_script_comes_as_one(client: TestClient) -> None:
    answer = client.get("/citewell/page.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "data-cw" in answer.text


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/citewell/page.js", {}),
        ("/citewell/page", {"page": "1", "width": "300"}),
        ("/citewell/file", {}),
    ],
)
def test_what_the_browser_has_is_not_sent_again(
    client: TestClient, path: str, more: dict[str, str]
) -> None:
    params = named("a & b.pdf", **more)
    first = client.get(path, params=params)

    again = client.get(path, params=params, headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("name", "kind", "disposition"),
    [
        ("a & b.pdf", "application/pdf", "inline"),
        ("notes.md", "text/plain; charset=utf-8", "inline"),
        ("page.html", "application/octet-stream", "attachment"),
        ("picture.svg", "application/octet-stream", "attachment"),
        ("sheet.xlsx", "application/octet-stream", "attachment"),
    ],
)
def test_a_file_is_shown_where_that_is_harmless_and_else_saved(
    client: TestClient, name: str, kind: str, disposition: str
) -> None:
    answer = client.get("/citewell/file", params=named(name))

    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith(disposition)
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "name",
    [
        "secret.txt",
        "../secret.txt",
        "/etc/passwd",
        "notes.md/../secret.txt",
        "..%2Fsecret.txt",
        "file:///etc/passwd",
        "\\\\host\\share",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/citewell/file", "/citewell/page"])
def test_what_is_no_stored_document_is_not_found(client: TestClient, path: str, name: str) -> None:
    answer = client.get(path, params=named(name, page="1", width="300"))

    assert answer.status_code == 404
    assert "holds no document" in answer.text


@pytest.mark.parametrize("path", ["/citewell/../../etc/passwd", "/citewell/file/etc/passwd"])
def test_paths_lead_nowhere(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/citewell/file", "/citewell/page", "/citewell/page.js"])
def test_another_site_gets_nothing(client: TestClient, path: str, site: str) -> None:
    params = named("a & b.pdf", page="1", width="300")

    answer = client.get(path, params=params, headers={"Sec-Fetch-Site": site})

    assert answer.status_code == 403
    assert answer.text == "Another site may not show what stands in Citewell."


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_the_page_itself_and_the_reader_get_what_they_ask_for(
    client: TestClient, site: str
) -> None:
    answer = client.get(
        "/citewell/file", params=named("a & b.pdf"), headers={"Sec-Fetch-Site": site}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8501", "[::1", ""])
def test_a_borrowed_name_of_this_machine_gets_nothing(client: TestClient, host: str) -> None:
    answer = client.get("/citewell/file", params=named("notes.md"), headers={"Host": host})

    assert answer.status_code == 403


@pytest.mark.parametrize("host", ["localhost:8501", "[::1]:8501", "LOCALHOST"])
def test_each_name_of_this_machine_is_answered(client: TestClient, host: str) -> None:
    answer = client.get("/citewell/file", params=named("notes.md"), headers={"Host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("page", "width"),
    [("", "300"), ("1", ""), ("one", "300"), ("1.5", "300"), ("-1", "300"), ("1", "9" * 40)],
)
def test_a_page_that_is_no_number_is_refused(client: TestClient, page: str, width: str) -> None:
    answer = client.get("/citewell/page", params=named("a & b.pdf", page=page, width=width))

    assert answer.status_code == 400
    assert "must be whole numbers" in answer.text


def test_a_page_that_is_not_there_is_said_to_be_missing(client: TestClient) -> None:
    answer = client.get("/citewell/page", params=named("a & b.pdf", page="2", width="300"))

    assert answer.status_code == 404
    assert answer.text == "There is no page 2 in 'a & b.pdf'; it has 1."


@pytest.mark.parametrize("path", ["/citewell/file", "/citewell/page"])
def test_a_file_that_changed_is_said_to_have(client: TestClient, tmp_path: Path, path: str) -> None:
    (tmp_path / "a & b.pdf").write_bytes(PDF + b"\n")

    answer = client.get(path, params=named("a & b.pdf", page="1", width="300"))

    assert answer.status_code == 409
    assert answer.text.startswith("The file 'a & b.pdf' has changed since Citewell read it")


@pytest.mark.parametrize("path", ["/citewell/file", "/citewell/page"])
def test_a_file_that_went_is_said_to_have(client: TestClient, tmp_path: Path, path: str) -> None:
    (tmp_path / "a & b.pdf").unlink()

    answer = client.get(path, params=named("a & b.pdf", page="1", width="300"))

    assert answer.status_code == 410
    assert answer.text.startswith("The file 'a & b.pdf' is no longer where it was read")


def test_a_file_replaced_by_a_link_to_another_is_not_served(
    client: TestClient, tmp_path: Path
) -> None:
    (tmp_path / "notes.md").unlink()
    (tmp_path / "notes.md").symlink_to(tmp_path / "secret.txt")

    answer = client.get("/citewell/file", params=named("notes.md"))

    assert answer.status_code == 409
    assert "not of the collection" not in answer.text


def test_errors_are_text_and_not_kept(client: TestClient) -> None:
    answer = client.get("/citewell/file", params=named("<script>alert(1)</script>"))

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(("labels", "status"), [((), 404), (("staff",), 200)])
def test_a_document_that_may_not_be_seen_is_not_found(
    tmp_path: Path, images: PageImages, labels: tuple[str, ...], status: int
) -> None:
    document = Document("pay.md", "Pay", "Nobody earns more than the cook.")
    chunk = Chunk(document.name, 0, len(document.text), document.text)
    (tmp_path / "pay.md").write_text(document.text)
    file = SourceFile(
        tmp_path / "pay.md", sha256_of(tmp_path / "pay.md"), "markdown-3", document.name
    )
    vectors = np.full((1, 4), 0.5, dtype=np.float32)
    with open_store(tmp_path / "home") as store:
        fingerprint = Fingerprint("model", "0" * 64, "fp32", "none", 4)
        store.create_collection("animals", fingerprint, ChunkingSettings())
        store.replace_file("animals", file, [EmbeddedDocument(document, [chunk], vectors)])
        store.mark("animals", "label", ["pay.md"], ["staff"])
    engine = StoreEngine(Settings(home=tmp_path / "home", llm="none", labels=labels))
    client = TestClient(Starlette(routes=routes(lambda: Sources(engine, images))))

    answer = client.get("/citewell/file", params=named("pay.md"))
    engine.close()

    assert answer.status_code == status
    assert ("the cook" in answer.text) is (status == 200)
