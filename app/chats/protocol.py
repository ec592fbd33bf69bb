"""The seam between the page and where conversations are kept."""

from typing import Protocol

from citewell.app.chats.values import Choices, Conversation, Feedback, Judged, KeptTurn


class Chats(Protocol):
    """Keeps conversations. Safe to use from several threads and processes.

    Any call raises StoreError when what is kept cannot be read or written.
    """

    def create(
        self, collection: str, choices: Choices | None = None, person: str = ""
    ) -> Conversation:
        """Begin a conversation. Without choices it takes the preferences of the person."""
        ...

    def get(self, id_: str) -> Conversation:
        """Return a conversation. Raises NotConfigured if there is none of this id."""
        ...

    def conversations(
        self, words: str = "", person: str = "", most: int | None = None
    ) -> list[Conversation]:
        """Return the conversations of a person, the one last asked first.

        Args:
            words: Each has to stand in the title, a question or an answer, or be a part of a
                word there; case and accents do not matter, and no sign has a meaning of its own.
            most: How many to return at the most.
        """
        ...

    def rename(self, id_: str, title: str) -> None:
        """Give a title. Raises ConfigError if it is blank, NotConfigured if there is no such."""
        ...

    def delete(self, id_: str) -> None:
        """Remove a conversation for good, so that its words cannot be found in the file."""
        ...

    def choose(self, id_: str, choices: Choices) -> None:
        """Set the settings that hold for a conversation. Raises NotConfigured if it is gone."""
        ...

    def move(self, collection: str, new: str) -> None:
        """Let the conversations about a collection go on under its new name."""
        ...

    def turns(self, id_: str) -> list[KeptTurn]:
        """Return the turns of a conversation, oldest first; none if it is gone.

        One that cannot be read comes with an error that says so in place of its answer.
        """
        ...

    def put_turn(self, id_: str, turn: KeptTurn) -> None:
        """Add a turn, or put it in place of the one with its id.

        The first one names the conversation, unless somebody has. Feedback on a turn goes when
        its answer becomes another.

        Raises:
            NotConfigured: If the conversation is gone.
            ValueError: If the turn stands in another conversation.
        """
        ...

    def cut(self, id_: str, turn_id: str) -> None:
        """Remove a turn and all after it."""
        ...

    def feedback(self, turn_id: str) -> Feedback | None:
        """Return what was said of a turn."""
        ...

    def feedback_of(self, id_: str) -> dict[str, Feedback]:
        """Return what was said of the turns of a conversation, by their ids."""
        ...

    def set_feedback(self, turn_id: str, feedback: Feedback | None) -> None:
        """Keep what was said of a turn in place of what was; None takes it back.

        Raises NotConfigured if the turn is gone.
        """
        ...

    def judged(self, collection: str | None = None) -> list[Judged]:
        """Return what people said of answers, in the order they said it; of one collection or all.

        Everyone's: conversations of all persons count.
        """
        ...

    def preferences(self, person: str = "") -> Choices:
        """Return the settings that new conversations of a person begin with."""
        ...

    def set_preferences(self, choices: Choices, person: str = "") -> None:
        """Set the settings that new conversations of a person begin with."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
