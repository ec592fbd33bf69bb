"""What people said of answers, as questions to teach from."""

from contextlib import closing

from citewell.app.chats.chats_file import FILE_NAME
from citewell.app.chats.sqlite_chats import open_chats
from citewell.app.feedback import answerable, feedback_json
from citewell.app.tuning.questions import TaughtQuestion, question_of
from citewell.retrieval.errors import NotConfigured
from citewell.retrieval.settings import Settings

FEEDBACK = "feedback"
"""Source of such questions. What answers them is a passage, confirmed or pointed out."""


def feedback_questions(settings: Settings) -> list[TaughtQuestion]:
    """Return the questions to a collection of which people said what answers them, or that
    nothing does.

    Raises:
        NotConfigured: If nobody has said so of any answer from it.
    """
    found: list[TaughtQuestion] = []
    if (settings.home / FILE_NAME).exists():
        with closing(open_chats(settings.home)) as chats:
            judged = chats.judged(settings.collection)
        found = [
            question_of(feedback_json(each), f"feedback {each.turn.id}", FEEDBACK)
            for each in judged
            if answerable(each) is not None
        ]
    if not found:
        raise NotConfigured(
            f"There is no feedback on answers from the collection {settings.collection} in "
            f"{settings.home} that says what answers a question. Judge answers in the page: "
            "citewell ui"
        )
    return found
