"""The page reads folders that the settings name, and what is below them, and nothing else."""

from pathlib import Path

import pytest

from citewell.app.page.server_folders import allowed_folder, offered
from citewell.retrieval.errors import ConfigError


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    for name in ("docs/in/deep", "docs/.hidden", "secret"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "docs" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "docs" / "a.txt").write_text("a")
    return tmp_path / "docs"


@pytest.mark.parametrize("below", ["", "in", "in/deep", "in/..", "a.txt"])
def test_a_named_folder_and_what_is_below_it_may_be_read(docs: Path, below: str) -> None:
    assert allowed_folder([docs], f" {docs / below} ") == (docs / below).resolve()


@pytest.mark.parametrize("wanted", ["../secret", "link", "..", "in/../../secret", "../docs-2"])
def test_nothing_else_may_be_read_whichever_way_it_is_named(docs: Path, wanted: str) -> None:
    (docs.parent / "docs-2").mkdir()

    with pytest.raises(ConfigError, match="is not in a folder that this page may read"):
        allowed_folder([docs], f"{docs}/{wanted}")


def test_without_a_named_folder_none_may_be_read(docs: Path) -> None:
    with pytest.raises(ConfigError, match=r"may read \(none\)"):
        allowed_folder([], str(docs))


@pytest.mark.parametrize("wanted", ["gone", "a\0b", "a.txt/b"])
def test_what_is_not_there_is_told(docs: Path, wanted: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        allowed_folder([docs], f"{docs}/{wanted}")


def test_named_folders_and_those_right_below_are_offered(docs: Path) -> None:
    assert offered([docs]) == [str(docs), str(docs / "in")]


def test_a_named_folder_that_is_gone_is_offered_by_itself(docs: Path) -> None:
    assert offered([docs / "gone"]) == [str(docs / "gone")]
