"""What ``citewell feedback`` does once its arguments are read. Each returns its exit status."""

from collections import Counter
from contextlib import closing

from citewell.app.chats.chats_file import FILE_NAME
from citewell.app.chats.sqlite_chats import open_chats
from citewell.app.chats.values import Judged
from citewell.app.feedback import answerable, feedback_json
from citewell.app.output import line
from citewell.app.tables import counted, print_table
from citewell.app.terminal import excerpt, say, write
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.settings import Settings

_HEADER = ("judged", "rating", "wrong", "right passage", "question", "comment")
_MOST = 60
"""Characters of a question or a comment in a table."""


def run_export(settings: Settings) -> int:
    """Write the questions whose answer is known, one JSON object a line."""
    judged = _judged(settings)
    known = [each for each in judged if answerable(each) is not None]
    for each in known:
        write(line(feedback_json(each)))
    if judged:
        say(_summary(settings.collection, len(judged), len(known)))
    return 0


def run_list(settings: Settings, *, as_json: bool) -> int:
    """List all that was said of answers, also what leaves open how they should be."""
    judged = _judged(settings)
    if as_json:
        for each in judged:
            write(line(feedback_json(each)))
    elif judged:
        print_table(_HEADER, [_row(each) for each in judged])
    return 0


def _judged(settings: Settings) -> list[Judged]:
    """Return what was said about the collection; without any, say where there is some."""
    if not (settings.home / FILE_NAME).exists():
        raise NotConfigured(
            f"There are no conversations in {settings.home} yet. Ask in the page: citewell ui"
        )
    with closing(open_chats(settings.home)) as chats:
        found = chats.judged()
    chosen = [each for each in found if each.conversation.collection == settings.collection]
    if not chosen:
        say(f"Nobody has judged an answer from the collection {settings.collection} yet.")
        others = Counter(each.conversation.collection for each in found)
        for name, number in sorted(others.items()):
            say(f"{counted(number, 'answer')} from {name}: name it with --collection {name}")
    return chosen


def _summary(collection: str, judged: int, known: int) -> str:
    left = judged - known
    exported = f"{counted(known, 'question')} exported."
    if not left:
        return exported
    return (
        f"{exported} {left:,} left out, for what was said leaves open whether the documents answer "
        f"{'it' if left == 1 else 'them'}. See: citewell feedback list --collection {collection}"
    )


def _row(judged: Judged) -> tuple[str, ...]:
    feedback = judged.feedback
    return (
        judged.given.astimezone().strftime("%Y-%m-%d %H:%M"),
        feedback.rating or "-",
        ", ".join(f"[{marker}]" for marker in feedback.wrong) or "-",
        feedback.right.document if feedback.right else "-",
        excerpt(judged.turn.question, _MOST),
        excerpt(feedback.comment, _MOST) or "-",
    )
