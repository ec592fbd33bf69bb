"""What ``citewell doctor`` and ``citewell rebuild`` do and print."""

from collections.abc import Sequence

from citewell.app.output import Json, line
from citewell.app.terminal import say, write
from citewell.retrieval.doctor import Diagnosis, Finding, diagnose
from citewell.retrieval.rebuilding import Rebuilt, rebuild
from citewell.retrieval.settings import Settings
from citewell.retrieval.visible import visible

DOCTOR = "citewell.doctor/1"
REBUILD = "citewell.rebuild/1"

_MOST_LISTED = 20


def run_doctor(settings: Settings, *, as_json: bool) -> int:
    """Examine the home folder. Returns 1 if something is damaged."""
    diagnosis = diagnose(settings.home, settings.lock_timeout)
    if as_json:
        write(line(doctor_json(diagnosis)))
    else:
        _print_diagnosis(diagnosis)
    return 0 if diagnosis.sound else 1


def run_rebuild(settings: Settings, *, as_json: bool) -> int:
    """Make the indexes of the home folder anew."""
    rebuilt = rebuild(settings.home, settings.lock_timeout)
    if as_json:
        write(line(rebuild_json(rebuilt)))
    else:
        _print_rebuilt(rebuilt)
    return 0


def doctor_json(diagnosis: Diagnosis) -> Json:
    """Return what ``citewell doctor --json`` prints."""
    return {
        "schema": DOCTOR,
        "sound": diagnosis.sound,
        "collections": [
            {"name": each.name, "documents": each.documents, "chunks": each.chunks}
            for each in diagnosis.collections
        ],
        "damage": _findings(diagnosis.damage),
        "behind": _findings(diagnosis.behind),
    }


def rebuild_json(rebuilt: Rebuilt) -> Json:
    """Return what ``citewell rebuild --json`` prints."""
    return {
        "schema": REBUILD,
        "collections": list(rebuilt.collections),
        "indexed": list(rebuilt.indexed),
        "set_aside": None if rebuilt.aside is None else str(rebuilt.aside),
        "saved": rebuilt.saved,
        "lost": rebuilt.lost,
    }


def _findings(findings: Sequence[Finding]) -> list[Json]:
    return [
        {"collection": each.collection or None, "text": each.text, "command": each.command}
        for each in findings
    ]


def _print_diagnosis(diagnosis: Diagnosis) -> None:
    for each in diagnosis.collections:
        write(f"Collection {each.name}: {each.documents} documents, {each.chunks} chunks")
    _print_findings("Damaged", diagnosis.damage)
    _print_findings("The folder or the store has moved on", diagnosis.behind)
    if diagnosis.sound:
        write("Nothing is damaged.")
    for command in dict.fromkeys(each.command for each in (*diagnosis.damage, *diagnosis.behind)):
        say(f"Now run: {command}")


def _print_findings(title: str, findings: Sequence[Finding]) -> None:
    if findings:
        write(f"{title}: {len(findings)}")
    for each in findings[:_MOST_LISTED]:
        where = f"{each.collection}: " if each.collection else ""
        write(f"  {visible(where + each.text)}")
    if len(findings) > _MOST_LISTED:
        write(f"  ... and {len(findings) - _MOST_LISTED} more; --json lists them all")


def _print_rebuilt(rebuilt: Rebuilt) -> None:
    if rebuilt.aside is not None:
        write(f"The database was damaged. It is now {rebuilt.aside}")
        write(f"  files saved from it: {rebuilt.saved}; named in it and lost: {rebuilt.lost}")
    write(f"Word indexes made anew: {', '.join(rebuilt.collections) or 'none'}")
    write(f"Vector indexes made anew: {', '.join(rebuilt.indexed) or 'none needed'}")
    if rebuilt.aside is not None:
        say("Now run: citewell ingest PATH  (it reads what was lost; the rest is kept)")
