"""The faults. Each takes a place, counts what came of it, and is tried so many times."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bench.fault_place import Outcome, Place
from citewell.retrieval.errors import CitewellError
from citewell.retrieval.retriever import Retriever, open_retriever

QUERIES_A_SECOND = 10


def killed(place: Place, outcome: Outcome, times: int) -> None:
    """SIGKILL an ingest at a random moment of its run."""
    begun = time.monotonic()
    place.complete(outcome, {})
    longest = time.monotonic() - begun
    while outcome.times < times:
        outcome.times += 1
        place.edit(12)
        process = place.ingest()
        time.sleep(place.chance.uniform(0.1, longest))
        process.kill()
        process.communicate()
        place.complete(outcome, place.stored())


def terminated(place: Place, outcome: Outcome, times: int) -> None:
    """SIGTERM an ingest: it ends within 5 s with 143, or is through, and frees the lock."""
    place.complete(outcome, {})
    while outcome.times < times:
        outcome.times += 1
        place.edit(12)
        process = place.ingest()
        time.sleep(place.chance.uniform(1, 10))
        sent = time.monotonic()
        process.terminate()
        _, told = process.communicate()
        outcome.expect(time.monotonic() - sent < 5, "SIGTERM took longer than 5 s")
        # -15: it had not begun to run yet
        outcome.expect(
            process.returncode in (0, 143, -15), f"left with {process.returncode}: {told}"
        )
        place.complete(outcome, place.stored())


def two_at_once(place: Place, outcome: Outcome, times: int) -> None:
    """Start two ingests: both end with 0, or the second with 4 and the name of the first."""
    while outcome.times < times:
        outcome.times += 1
        place.edit(12)
        both = [place.ingest(), place.ingest()]
        told = [process.communicate()[1] for process in both]
        for process, text in zip(both, told, strict=True):
            fine = process.returncode == 0
            busy = process.returncode == 4 and "is writing to" in text
            outcome.expect(fine or busy, f"left with {process.returncode}: {text[-300:]}")
        place.complete(outcome, place.stored())


def full_disk(place: Place, outcome: Outcome, times: int) -> None:
    """Ingest onto a disk with too little room, then with enough. Needs the right to mount."""
    place.complete(outcome, {})
    disk = place.root / "disk"
    disk.mkdir()
    whole = place.home
    room = sum(path.stat().st_size for path in whole.rglob("*")) // 1024
    while outcome.times < times:
        size = room + 24 * (outcome.times + 1)
        if not _mount(disk, size):
            outcome.notes.append("not tried: a small disk may not be mounted here")
            return
        outcome.times += 1
        try:
            _on_full_disk(place, outcome, disk, whole)
        finally:
            place.home = whole
            subprocess.run(["umount", disk], check=True)


def _mount(disk: Path, kilobytes: int) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(disk)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _on_full_disk(place: Place, outcome: Outcome, disk: Path, whole: Path) -> None:
    place.home = disk / "home"
    shutil.copytree(whole, place.home)
    before = place.stored()
    for number in range(100, 160):
        (place.folder / f"{number}.txt").write_text(place.text(), "utf-8")
    status, told = place.citewell("ingest", str(place.folder))
    outcome.expect(status == 1 and "no room left" in told, f"left with {status}: {told[-300:]}")
    outcome.expect("Traceback" not in told, told[-300:])
    outcome.lost += len(before.items() - place.stored().items())
    status, told = place.citewell("search", "harbour lantern", "--mode", "lexical", "--json")
    outcome.expect(status == 0 and '"text"' in told, f"search left with {status}: {told[-300:]}")
    remount = ["mount", "-o", "remount,size=200m", str(disk)]
    subprocess.run(remount, check=True, capture_output=True)
    place.complete(outcome, place.stored())
    for number in range(100, 160):
        (place.folder / f"{number}.txt").unlink()


def damaged_database(place: Place, outcome: Outcome, times: int) -> None:
    """Cut, flip or remove citewell.db: no command dies of it, and a rebuild mends it."""
    place.complete(outcome, {})
    path = place.home / "citewell.db"
    sound = path.read_bytes()
    while outcome.times < times:
        outcome.times += 1
        _damage(place, path, sound, ("cut", "flip", "remove")[outcome.times % 3])
        for command in (["search", "harbour lantern"], ["doctor"], ["rebuild"], ["doctor"]):
            status, told = place.citewell(*command)
            outcome.expect(status in (0, 1, 3), f"{command} left with {status}: {told[-300:]}")
            outcome.expect("Traceback" not in told, f"{command}: {told[-500:]}")
        place.complete(outcome, {})


def _damage(place: Place, path: Path, sound: bytes, how: str) -> None:
    for journal in path.parent.glob(f"{path.name}-*"):
        journal.unlink()
    if how == "remove":
        path.unlink()
    elif how == "cut":
        path.write_bytes(sound[: place.chance.randrange(len(sound))])
    else:
        flipped = bytearray(sound)
        for _ in range(20):
            flipped[place.chance.randrange(len(flipped))] ^= 1 << place.chance.randrange(8)
        path.write_bytes(flipped)


INDEXED = """
import sys
from pathlib import Path
from citewell.retrieval.chroma_index import LiveIndex, sync_index
from citewell.retrieval.doctor import diagnose
from citewell.retrieval.locking import writer_lock
from citewell.retrieval.rebuilding import rebuild
from citewell.retrieval.sqlite_store import open_store

home, step = Path(sys.argv[1]), sys.argv[2]
if step == "build":
    with open_store(home) as store:
        sync_index(home, store, "default", exact_below=1)
elif step == "search":
    with open_store(home) as store:
        index = LiveIndex(home, store, "default", exact_below=1)
        notice = index.notice
        for key, vector in list(store.vectors("default"))[::40]:
            assert index.search(vector, 1)[0][1] > 0.999, key
        print("notice" if notice else "silent")
elif step == "rebuild":
    print(*rebuild(home, 5, exact_below=1).indexed)
else:
    found = diagnose(home, 5, exact_below=1)
    print(len(found.damage), len(found.behind), *found.damage)
"""


def damaged_index(place: Place, outcome: Outcome, times: int) -> None:
    """Cut, flip or remove each file of Chroma's: search goes on, and a rebuild mends it."""
    for number in range(100, 190):  # so many chunks that Chroma writes its HNSW files
        (place.folder / f"{number}.txt").write_text(place.text(), "utf-8")
    place.complete(outcome, {})
    _indexed(place, outcome, "build")
    files = sorted(path for path in (place.home / "chroma").rglob("*") if path.is_file())
    copy = place.root / "copy"
    shutil.copytree(place.home, copy)
    hows = [
        (path.relative_to(place.home), how) for path in files for how in ("cut", "flip", "remove")
    ]
    for name, how in hows[:times]:
        outcome.times += 1
        shutil.rmtree(place.home)
        shutil.copytree(copy, place.home)
        _damage(place, place.home / name, (copy / name).read_bytes(), how)
        changed = (
            not (place.home / name).exists()
            or (place.home / name).read_bytes() != (copy / name).read_bytes()
        )
        told = _indexed(place, outcome, "search")
        outcome.expect(told == "notice" or not changed, f"{name} {how}: no notice of it")
        told = _indexed(place, outcome, "doctor")
        outcome.expect(told[:3] != "0 0" or not changed, f"{name} {how}: the doctor found nothing")
        outcome.expect(_indexed(place, outcome, "rebuild") == "default", "nothing rebuilt")
        outcome.expect(_indexed(place, outcome, "search") == "silent", "a notice after a rebuild")
        outcome.expect(_indexed(place, outcome, "doctor") == "0 0", "findings after a rebuild")


def _indexed(place: Place, outcome: Outcome, step: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", INDEXED, str(place.home), step],
        capture_output=True,
        text=True,
        check=False,
    )
    outcome.expect(
        done.returncode == 0, f"{step} left with {done.returncode}: {done.stderr[-300:]}"
    )
    return done.stdout.strip()


def other_settings(place: Place, outcome: Outcome, times: int) -> None:
    """Ingest and search with other settings than the collection's: refused, nothing mixed."""
    place.complete(outcome, {})
    before = place.stored()
    while outcome.times < times:
        outcome.times += 1
        place.edit(3)
        cut = place.citewell("ingest", str(place.folder), "--set", "chunk_chars=500")
        outcome.expect(cut[0] == 1 and "another chunking" in cut[1], str(cut))
        outcome.expect(place.stored() == before, "a refused ingest changed the store")
        place.complete(outcome, before)
        before = place.stored()


def read_beside(place: Place, outcome: Outcome, times: int) -> None:
    """Ask 10 times a second while ingest runs, for so many seconds; count each question."""
    place.complete(outcome, {})
    ends = time.monotonic() + times
    done = threading.Event()
    ever: dict[str, set[str]] = {}
    _note(ever, place.on_disk())
    with open_retriever(place.home, collection="default") as retriever:
        retriever.search("harbour")
        reader = threading.Thread(target=_ask, args=(place, retriever, ever, outcome, done))
        reader.start()
        while time.monotonic() < ends:
            place.edit(8)
            (place.folder / "news.txt").write_text(news := f"zebra{outcome.times} news", "utf-8")
            _note(ever, place.on_disk())
            status = place.ingest().wait()
            outcome.expect(status == 0, f"an ingest left with {status}")
            ended = time.monotonic()
            found = retriever.search(news, mode="lexical")
            outcome.expect(bool(found) and found[0].text == news, f"{news} was not found")
            outcome.expect(time.monotonic() - ended < 5, "the news took longer than 5 s")
            names = {each.document for each in retriever.search("harbour", 50)}
            outcome.expect(names <= place.on_disk().keys(), "a deleted document was found")
        done.set()
        reader.join()
    place.examine(outcome)


def _note(ever: dict[str, set[str]], on_disk: dict[str, str]) -> None:
    for name, text in on_disk.items():
        ever.setdefault(name, set()).add(text)


def _ask(
    place: Place,
    retriever: Retriever,
    ever: dict[str, set[str]],
    outcome: Outcome,
    done: threading.Event,
) -> None:
    while not done.wait(1 / QUERIES_A_SECOND):
        outcome.times += 1
        try:
            found = retriever.search(place.text()[30:120], 10)
        except CitewellError as error:
            outcome.expect(False, f"a search failed: {error}")
            continue
        outcome.expect(len(found) > 0, "a search found nothing")
        outcome.expect(not found.notices, f"a notice: {found.notices}")
        for each in found:
            texts = ever.get(each.document, set()).copy()
            outcome.expect(any(each.text in text for text in texts), "a text of no version")


CASES: dict[str, tuple[int, Callable[[Place, Outcome, int], None]]] = {
    "killed": (30, killed),
    "terminated": (5, terminated),
    "two_at_once": (5, two_at_once),
    "full_disk": (6, full_disk),
    "damaged_database": (12, damaged_database),
    "damaged_index": (18, damaged_index),
    "other_settings": (3, other_settings),
    "read_beside": (60, read_beside),
}
"""How often each fault is tried, for ``read_beside`` the seconds it lasts; and the fault."""
