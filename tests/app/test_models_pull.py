"""`citewell models pull` against a hub on this machine: hashes, interruptions, and bad servers."""

import hashlib
import json
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from citewell.app.models_pull import Pulled, Wish, pull
from citewell.retrieval.errors import (
    ConfigError,
    ModelError,
    ModelUnreachable,
    NotConfigured,
    StoreBusy,
)

COMMIT = "c" * 40
WEIGHTS = bytes(range(256)) * 4000
CHAT: dict[str, bytes] = {
    "config.json": b'{"architectures": ["LlamaForCausalLM"]}',
    "tokenizer_config.json": b'{"chat_template": "{{ messages }}"}',
    "tokenizer.json": b"{}",
    "model.safetensors": WEIGHTS,
    "pytorch_model.bin": b"pickle",
    "modeling_own.py": b"import os",
    ".gitattributes": b"",
    "a strange (name).txt": b"",
    "onnx/model.onnx": b"onnx",
}


def gguf(template: str = "{{ messages }}") -> bytes:
    """Return the header of a GGUF file with an architecture and a chat template."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    fields = {"general.architecture": "llama", "tokenizer.chat_template": template}
    pairs = (text(key) + struct.pack("<I", 8) + text(value) for key, value in fields.items())
    return b"GGUF" + struct.pack("<IQQ", 3, 0, len(fields)) + b"".join(pairs) + bytes(1000)


class Hub:
    """A model hub on this machine with one repository, ``org/name``.

    Attributes:
        files: What the repository holds.
        listed: Entries of the listing that are other than the files make them.
        asked: Path of each request, and its Range.
        keys: Authorization of each request; None without.
        cut: Path that is cut off after so many bytes, once.
        ranges: Whether parts of files can be asked for.
    """

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.listed: dict[str, dict[str, object]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.keys: list[str | None] = []
        self.cut: dict[str, int] = {}
        self.ranges = True
        self.status = 200
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.hub = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def listing(self) -> bytes:
        siblings = []
        for path, content in self.files.items():
            blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
            entry: dict[str, object] = {"rfilename": path, "size": len(content), "blobId": blob}
            if path.endswith((".safetensors", ".gguf", ".bin")):
                entry["lfs"] = {"sha256": hashlib.sha256(content).hexdigest()}
            siblings.append(entry | self.listed.get(path, {}))
        return json.dumps({"sha": COMMIT, "siblings": siblings}).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: Hub

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that go away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        hub = self.server.hub
        hub.asked.append((self.path, self.headers["Range"]))
        hub.keys.append(self.headers["Authorization"])
        name = self.path.removeprefix(f"/org/name/resolve/{COMMIT}/").removeprefix("/files/")
        if self.path == "/api/models/org/name/revision/main?blobs=true":
            self.give(hub.status, hub.listing(), None)
        elif name in hub.files:
            self.give_file(hub, name)
        else:
            self.give(404, b"", None)

    def give_file(self, hub: Hub, name: str) -> None:
        content = hub.files[name]
        wanted = self.headers["Range"]
        begin = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and hub.ranges else None
        if begin is not None and begin >= len(content):
            self.give(416, b"", None)
            return
        self.give(206 if begin is not None else 200, content, begin, hub.cut.pop(name, None))

    def give(self, status: int, content: bytes, begin: int | None, cut: int | None = None) -> None:
        part = content[begin or 0 :]
        self.send_response(status)
        self.send_header("Content-Length", str(len(part)))
        if begin is not None:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        self.wfile.write(part[:cut])
        self.close_connection = cut is not None

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, bytes]], Hub]]:
    """Starts a hub that holds some files, and makes it the one that is asked."""
    started: list[Hub] = []

    def start(files: dict[str, bytes]) -> Hub:
        started.append(Hub(files))
        monkeypatch.setenv("HF_ENDPOINT", started[-1].address)
        return started[-1]

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    yield start
    for each in started:
        each.close()


Start = Callable[[dict[str, bytes]], Hub]


def fetch(home: Path, wish: str | Wish = "org/name") -> Pulled:
    asked = wish if isinstance(wish, Wish) else Wish(wish)
    return pull(asked, home, lambda total: nullcontext(lambda count: None))


def there(home: Path) -> list[str]:
    """The files of the model, and whatever else was left behind."""
    models = home / "models"
    return sorted(
        path.relative_to(models).as_posix()
        for path in models.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    )


def test_a_model_is_fetched_without_code_and_named_as_settings_name_it(
    hub: Start, tmp_path: Path
) -> None:
    hub(CHAT)

    assert fetch(tmp_path).name == "transformers:org/name"
    assert there(tmp_path) == [
        f"org/name/{name}"
        for name in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
    ]
    assert (tmp_path / "models/org/name/model.safetensors").read_bytes() == WEIGHTS


def test_a_second_pull_fetches_nothing_again(hub: Start, tmp_path: Path) -> None:
    server = hub(CHAT)
    fetch(tmp_path)
    server.asked.clear()
    fetch(tmp_path)

    assert [path for path, _ in server.asked] == ["/api/models/org/name/revision/main?blobs=true"]


def test_an_interrupted_pull_goes_on_from_where_it_stopped(hub: Start, tmp_path: Path) -> None:
    server = hub(CHAT)
    server.cut["model.safetensors"] = 300_000

    with pytest.raises(ModelError, match=r"broke off\. The same command goes on"):
        fetch(tmp_path)
    fetch(tmp_path)

    ranges = [wanted for path, wanted in server.asked if path.endswith(".safetensors")]
    assert ranges == [None, "bytes=300000-"]
    assert (tmp_path / "models/org/name/model.safetensors").read_bytes() == WEIGHTS


def test_a_server_without_ranges_sends_the_whole_file_again(hub: Start, tmp_path: Path) -> None:
    server = hub(CHAT)
    server.cut["model.safetensors"] = 300_000
    server.ranges = False

    with pytest.raises(ModelError, match="broke off"):
        fetch(tmp_path)
    fetch(tmp_path)

    assert (tmp_path / "models/org/name/model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize(
    ("name", "entry", "kind"),
    [
        ("model.safetensors", {"lfs": {"sha256": "0" * 64}}, "sha256"),
        ("tokenizer.json", {"blobId": "0" * 40}, "git"),
    ],
)
def test_a_file_with_another_hash_is_refused_and_removed(
    name: str, entry: dict[str, object], kind: str, hub: Start, tmp_path: Path
) -> None:
    hub(CHAT).listed[name] = entry

    with pytest.raises(ModelError, match=f"a file whose {kind} hash is .*, not 0+. It was deleted"):
        fetch(tmp_path)
    assert [path for path in there(tmp_path) if name in path] == []


def test_a_part_that_does_not_fit_is_found_out_by_the_hash(hub: Start, tmp_path: Path) -> None:
    hub(CHAT)
    part = tmp_path / "models/org/name.part/model.safetensors.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"x" * 1000)

    with pytest.raises(ModelError, match="It was deleted"):
        fetch(tmp_path)
    assert fetch(tmp_path).size > len(WEIGHTS)


def test_a_file_longer_than_announced_is_refused(hub: Start, tmp_path: Path) -> None:
    hub(CHAT).listed["model.safetensors"] = {"size": 1000}

    with pytest.raises(ModelError, match="is longer than 1,000 bytes"):
        fetch(tmp_path)


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/evil.json", "a/../../evil.json", "..\\evil.json", "C:evil.json"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(
    name: str, hub: Start, tmp_path: Path
) -> None:
    hub(CHAT | {name: b"{}"})

    with pytest.raises(ConfigError, match="could be written outside the model's folder"):
        fetch(tmp_path)
    assert list(tmp_path.rglob("*")) == []


def test_a_full_disk_is_told_and_what_came_is_kept(hub: Start, tmp_path: Path) -> None:
    hub(CHAT)
    stage = tmp_path / "models/org/name.part"
    stage.mkdir(parents=True)
    (stage / "model.safetensors.part").symlink_to("/dev/full")

    with pytest.raises(NotConfigured, match=r"No space left on device\. Free room there"):
        fetch(tmp_path)
    assert "org/name.part/tokenizer.json" in there(tmp_path)


def test_a_model_larger_than_the_disk_is_not_begun(hub: Start, tmp_path: Path) -> None:
    server = hub(CHAT)
    server.listed["model.safetensors"] = {"size": 10**18}

    with pytest.raises(NotConfigured, match=r"needs 1,000,\d+,.* bytes more"):
        fetch(tmp_path)
    assert len(server.asked) == 1


def test_a_base_model_is_refused_before_its_weights_are_fetched(hub: Start, tmp_path: Path) -> None:
    server = hub(CHAT | {"tokenizer_config.json": b"{}"})

    with pytest.raises(NotConfigured, match="it is a base model, which only continues text"):
        fetch(tmp_path)
    assert [path for path, _ in server.asked if "safetensors" in path] == []
    assert there(tmp_path) == []


def test_a_template_in_a_file_of_its_own_makes_a_chat_model(hub: Start, tmp_path: Path) -> None:
    hub(CHAT | {"tokenizer_config.json": b"{}", "chat_template.jinja": b"{{ messages }}"})

    assert fetch(tmp_path).name == "transformers:org/name"


def test_an_embedding_model_needs_no_template(hub: Start, tmp_path: Path) -> None:
    files = CHAT | {
        "config.json": b'{"architectures": ["BertModel"]}',
        "1_Pooling/config.json": b"{}",
    }
    hub(files | {"tokenizer_config.json": b"{}"})

    assert fetch(tmp_path).name is None
    assert "org/name/1_Pooling/config.json" in there(tmp_path)


def test_the_only_gguf_file_is_fetched(hub: Start, tmp_path: Path) -> None:
    hub({"small.gguf": gguf(), "README.md": b"Hello"})

    assert fetch(tmp_path).name == "gguf:org/name/small.gguf"
    assert there(tmp_path) == ["org/name/small.gguf"]


def test_of_several_gguf_files_one_must_be_named(hub: Start, tmp_path: Path) -> None:
    hub({"a.gguf": gguf(), "b.gguf": gguf()})

    with pytest.raises(ConfigError, match=r"holds 2 GGUF files. Add --file. .* a\.gguf \(\d"):
        fetch(tmp_path)
    assert fetch(tmp_path, Wish("org/name", "b.gguf")).name == "gguf:org/name/b.gguf"


def test_a_file_may_be_named_by_its_address_on_the_hub(hub: Start, tmp_path: Path) -> None:
    server = hub({"a.gguf": gguf(), "b.gguf": gguf()})

    pulled = fetch(tmp_path, f"{server.address}/org/name/resolve/main/b.gguf")
    assert pulled.name == "gguf:org/name/b.gguf"


def test_a_gguf_file_of_a_base_model_is_refused(hub: Start, tmp_path: Path) -> None:
    hub({"base.gguf": gguf(template="")})

    with pytest.raises(NotConfigured, match="it is a base model"):
        fetch(tmp_path)
    assert there(tmp_path) == []


def test_a_file_elsewhere_is_fetched_by_its_hash(
    hub: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hub({"own.gguf": gguf()})
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv("HF_TOKEN", "secret")
    sha256 = hashlib.sha256(gguf()).hexdigest()

    pulled = fetch(tmp_path, Wish(f"{server.address}/files/own.gguf", sha256=sha256))
    assert (pulled.name, server.keys) == ("gguf:files/own.gguf", [None])


def test_the_key_is_sent_to_the_hub(
    hub: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hub({"own.gguf": gguf()})
    monkeypatch.setenv("HF_TOKEN", "secret")
    fetch(tmp_path)

    assert server.keys == ["Bearer secret"] * 2


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish("http://127.0.0.1:1/own.gguf"), "Add --sha256 with the 64 hexadecimal digits"),
        (Wish("http://127.0.0.1:1/own.gguf", sha256="abc"), "--sha256 is 'abc'; give 64"),
        (Wish("http://127.0.0.1:1/own.bin", sha256="0" * 64), "is neither a repository"),
        (Wish("http://127.0.0.1:1/..%2Fx.gguf", sha256="0" * 64), "is neither a repository"),
        (Wish("name"), "'name' is neither a repository on the hub, such as"),
        (Wish("org/name", "c.gguf"), "has no file 'c.gguf' that ends in .gguf. There are: a.gguf"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    wish: Wish, message: str, hub: Start, tmp_path: Path
) -> None:
    hub({"a.gguf": gguf()})

    with pytest.raises(ConfigError, match=message):
        fetch(tmp_path, wish)


def test_a_repository_of_pickles_is_refused(hub: Start, tmp_path: Path) -> None:
    hub({"config.json": b"{}", "pytorch_model.bin": b"pickle"})

    with pytest.raises(
        ConfigError, match=r"only \.safetensors and \.gguf are, because other formats"
    ):
        fetch(tmp_path)


def test_a_repository_that_is_not_there_is_told(hub: Start, tmp_path: Path) -> None:
    hub(CHAT)

    with pytest.raises(ModelError, match=r"answered HTTP 404\. Check the name"):
        fetch(tmp_path, "org/other")


def test_what_is_no_hub_is_told(hub: Start, tmp_path: Path) -> None:
    hub(CHAT).listed["config.json"] = {"blobId": "none"}

    with pytest.raises(ModelError, match="sent what is no list of files for org/name"):
        fetch(tmp_path)


def test_a_hub_that_does_not_answer_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_address: str
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.setenv("HF_ENDPOINT", closed_address.removesuffix("/v1"))

    with pytest.raises(ModelUnreachable, match=r"127\.0\.0\.1:\d+ does not answer"):
        fetch(tmp_path)


def test_offline_nothing_is_asked(
    hub: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hub(CHAT)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    with pytest.raises(ConfigError, match="HF_HUB_OFFLINE is set"):
        fetch(tmp_path)
    assert server.asked == []


def test_two_processes_do_not_fetch_the_same(hub: Start, tmp_path: Path) -> None:
    from filelock import FileLock

    hub(CHAT)
    (tmp_path / "models/org").mkdir(parents=True)

    with (
        FileLock(tmp_path / "models/org/name.lock"),
        pytest.raises(StoreBusy, match="Another process is fetching org/name"),
    ):
        fetch(tmp_path)
