"""Cut a text that arrives in pieces at the first stop text."""

from collections.abc import Sequence

from citewell.app.llms.bounded import Push


class StopCut:
    """Hands pieces on up to the first stop text, and holds back what may be its beginning.

    It is itself something to push to; `flush` hands on what is still held back at the end.
    """

    def __init__(self, push: Push, stop: Sequence[str]) -> None:
        self._push = push
        self._stop = tuple(text for text in stop if text)
        self._held = ""
        self._wanted = True

    def __call__(self, piece: str) -> bool:
        """Hand on a piece. Returns False once a stop text was met or no more is wanted."""
        if not self._wanted:
            return False
        text = self._held + piece
        found = [at for at in map(text.find, self._stop) if at >= 0]
        end = min(found) if found else len(text) - self._possible_start(text)
        self._held = "" if found else text[end:]
        self._wanted = self._push(text[:end]) and not found
        return self._wanted

    def flush(self) -> None:
        """Hand on what was held back: the text has ended without a stop text."""
        if self._wanted and self._held:
            self._push(self._held)

    def _possible_start(self, text: str) -> int:
        """Return the length of the longest end of ``text`` that begins a stop text."""
        lengths = range(max(map(len, self._stop), default=1) - 1, 0, -1)
        return next((n for n in lengths if text[-n:] in {stop[:n] for stop in self._stop}), 0)
