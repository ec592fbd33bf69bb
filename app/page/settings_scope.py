"""What a choice of settings holds for: one conversation, or all that will begin."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from citewell.app.chats.protocol import Chats
from citewell.app.chats.values import Choices, Conversation
from citewell.app.page.choices import choosing, settings_with
from citewell.retrieval.settings import Settings


@dataclass(frozen=True, slots=True)
class Scope:
    """Choices that are shown and changed together.

    Attributes:
        base: The settings of the process, which choices differ from.
        person: Whose conversations they are.
        conversation: The one they hold for; None for those that will begin.
    """

    chats: Chats
    base: Settings
    person: str
    conversation: Conversation | None = None

    @property
    def key(self) -> str:
        """Tells its widgets from those of other scopes."""
        return self.conversation.id if self.conversation else "new"

    @property
    def choices(self) -> Choices:
        """What is chosen now."""
        if self.conversation is None:
            return self.chats.preferences(self.person)
        return self.chats.get(self.conversation.id).choices

    @property
    def settings(self) -> Settings:
        """The settings that come of it. Raises ConfigError if a choice is no longer valid."""
        return settings_with(self.base, self.choices)

    def choose(self, values: Mapping[str, JsonValue]) -> None:
        """Choose values for some settings. Raises ConfigError if one may not be had."""
        choices = self.choices
        for name, value in values.items():
            choices = choosing(self.base, choices, name, value)
        self._keep(choices)

    def reset(self, names: Collection[str]) -> None:
        """Take back what is chosen for some settings."""
        self._keep({name: value for name, value in self.choices.items() if name not in names})

    def reset_all(self) -> None:
        """Take back all choices."""
        self._keep({})

    def _keep(self, choices: Choices) -> None:
        if self.conversation is None:
            self.chats.set_preferences(choices, self.person)
        else:
            self.chats.choose(self.conversation.id, choices)
