"""Errors of other libraries, as part of a sentence."""

_MESSAGE_CHARS = 200


def one_line(error: BaseException) -> str:
    """Return what an error says on one line of at most 200 characters."""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return text if len(text) <= _MESSAGE_CHARS else f"{text[:_MESSAGE_CHARS]}…"
