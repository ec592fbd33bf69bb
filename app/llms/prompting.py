"""Messages as the chat templates of local models take them."""

from collections.abc import Iterable, Sequence

from citewell.app.llms.protocol import Message


def template_input(
    messages: Sequence[Message], control_tokens: Iterable[str]
) -> list[dict[str, str]]:
    """Return messages as dictionaries in which no text can pass for a control token.

    A template pastes content in as it is, and the tokenizer then reads a ``<|im_end|>`` in a
    document as the end of a turn. A space after its first character makes it plain text.
    """
    tokens = [token for token in control_tokens if len(token) > 1]
    return [
        {"role": message.role, "content": _plain(message.content, tokens)} for message in messages
    ]


def _plain(text: str, tokens: Sequence[str]) -> str:
    for token in tokens:
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text
