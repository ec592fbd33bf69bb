"""A write that fails is told in a sentence, leaves the old documents, and is made good later."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest

from citewell.ingest.pipeline import IngestReport
from citewell.retrieval.errors import StoreError
from citewell.retrieval.sqlite_store import SqliteStore, open_store


class Place(Protocol):
    """What these tests ask of a place; see conftest.py."""

    folder: Path
    home: Path

    def write(self, name: str, text: str) -> Path: ...
    def change_all(self) -> None: ...
    def ingest(self, store: SqliteStore | None = None) -> IngestReport: ...
    def faulty(self, n: int, fault: Callable[[], None]) -> SqliteStore: ...
    def texts(self) -> dict[str, str]: ...
    def on_disk(self) -> dict[str, str]: ...
    def findings(self) -> list[object]: ...


def disk_failure() -> None:
    raise StoreError("The disk failed while citewell.db was written (EIO).")


@pytest.mark.parametrize("n", range(1, 6))
def test_the_run_after_a_write_that_failed_completes_it(place: Place, n: int) -> None:
    place.ingest()
    before = place.on_disk().items()
    place.change_all()

    with (
        closing(place.faulty(n, disk_failure)) as store,
        pytest.raises(StoreError, match="The disk failed"),
    ):
        place.ingest(store)

    moved = {"horse.txt": "The horse neighs."}.items()
    assert place.texts().items() <= before | place.on_disk().items() | moved
    place.ingest()
    assert place.texts() == place.on_disk()
    assert place.findings() == []


def test_a_disk_that_is_full_at_any_point_leaves_old_documents_and_is_made_good_with_room(
    place: Place,
) -> None:
    place.ingest()
    old = place.texts()
    size = (place.home / "citewell.db").stat().st_size
    for number in range(30):
        place.write(f"cat{number}.txt", f"Cat {number}. " + f"A cat and a dog, {number}. " * 40)
    room = 0
    failures: list[str] = []
    while True:
        try:
            with open_store(place.home, max_bytes=size + room * 8192) as small:
                place.ingest(small)
            break
        except StoreError as error:
            failures.append(str(error))
        with open_store(place.home) as store:
            assert len(store.search_text("pets", ["purrs"], 5)) == 1
        assert old.items() <= place.texts().items()
        room += 3

    assert len(failures) > 3
    assert all("There is no room left" in failure for failure in failures)
    assert place.texts() == place.on_disk()
    assert place.findings() == []
