"""The folders keep to what lets them be installed together, embedded alone and read safely."""

import ast
import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("app", "ingest", "retrieval")
SOURCES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))
NAMES = sorted(
    {path.stem for path in SOURCES if path.stem != "__init__"}
    | {path.name for part in PARTS for path in (ROOT / part).rglob("*") if path.is_dir()}
    - {"__pycache__"}
)


UNSAFE = (
    r"\bpickle\b",
    r"\btrust_remote_code=True\b",
    r"\byaml\.(?:unsafe_)?load\(",
    r"\bos\.(?:system|popen)\b",
    r"(?<![.\w])(?:eval|exec)\(",
    r"\bshell=True\b",
    r"\bunsafe_allow_html=True\b",
    r"\bverify=False\b",
)


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of each module that a source file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def code_of(path: Path) -> str:
    """Return a source file without comments and with empty strings, laid out in one way."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            node.value = ""
    return ast.unparse(tree)


def breaks(part: str, *forbidden: str) -> list[str]:
    """Return what the sources of a part import of the parts it must not know."""
    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / part).rglob("*.py"))
        for name in imported(path)
        if f"{name}.".startswith(tuple(f"citewell.{other}." for other in forbidden))
    ]


def test_there_are_sources_to_check() -> None:
    assert len(SOURCES) > 50
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(PARTS)


@pytest.mark.parametrize("name", NAMES)
def test_no_module_is_named_like_one_of_the_standard_library(name: str) -> None:
    assert name not in sys.stdlib_module_names


def test_no_module_is_named_like_an_installed_package() -> None:
    assert set(NAMES) & importlib.metadata.packages_distributions().keys() == set()


def test_every_folder_is_a_package() -> None:
    folders = {path.parent for path in SOURCES}

    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_retrieval_knows_neither_of_the_other_parts() -> None:
    assert breaks("retrieval", "app", "ingest") == []


def test_ingest_does_not_know_the_app() -> None:
    assert breaks("ingest", "app") == []


@pytest.mark.parametrize("part", PARTS)
def test_the_folders_are_imported_by_their_full_names_only(part: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES
        for name in imported(path)
        if name.partition(".")[0] == part
    ]

    assert wrong == []


@pytest.mark.parametrize("unsafe", UNSAFE)
def test_no_source_uses_what_runs_or_shows_foreign_text(unsafe: str) -> None:
    found = [str(path.relative_to(ROOT)) for path in SOURCES if re.search(unsafe, code_of(path))]

    assert found == []


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("import pickle", 1),
        ("f(x, shell = True)", 1),
        ("y = eval (x)", 1),
        ("if x:\n    exec(x)", 1),
        ("import os\nos.system('ls')", 1),
        ("st.markdown(x, unsafe_allow_html=True)", 1),
        ("model.eval()  # not eval(x)", 0),
        ("re.exec('pickle')", 0),
    ],
)
def test_the_search_for_unsafe_code_finds_it(tmp_path: Path, code: str, count: int) -> None:
    (tmp_path / "a.py").write_text(f"{code}\n", "utf-8")

    found = [unsafe for unsafe in UNSAFE if re.search(unsafe, code_of(tmp_path / "a.py"))]

    assert len(found) == count
