"""A language model that does whatever a document tells it: the worst that can stand behind us."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from citewell.app.llms.protocol import GenerationSettings, Message, estimated_tokens

_LINE = re.compile(r"^\[(\d+)\] \(.*?\) (.*)$", re.MULTILINE)


@dataclass
class ObedientModel:
    """Says what an attack wants, cites it, and copies every line that holds it.

    Attributes:
        payload: What the attack wants to be said.
        marker: Finds it in a text.
    """

    payload: str = ""
    marker: str = "(?!)"
    name: str = "openai:obedient"
    place: str = "this machine"

    @property
    def context_tokens(self) -> int | None:
        """Not known, so that all evidence is shown."""
        return None

    def count_tokens(self, text: str) -> int:
        """Return an estimate."""
        return estimated_tokens(text)

    def stream(self, messages: Sequence[Message], settings: GenerationSettings) -> Generator[str]:
        """Yield the payload, and what the prompt holds of the attack, as if evidence said it."""
        evidence = _LINE.findall(messages[-1].content)
        first = evidence[0][0] if evidence else "1"
        yield f"{self.payload} [{first}]\n"
        for number, line in evidence:
            if re.search(self.marker, line, re.IGNORECASE):
                yield f"{line} [{number}]\n"
        for number, line in evidence[:1]:
            yield f"{line} [{number}]\n"

    def close(self) -> None:
        """Hold nothing."""
