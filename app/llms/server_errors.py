"""What a failed call to a model server means, in a sentence with its address.

Errors are told apart by the names of their classes and by ``status_code``: httpx, httpx2 and
aiohttp use the same names, and which of them a provider's client is built on is its own affair.
"""

from collections.abc import Iterable, Iterator

from citewell.retrieval.errors import ModelError, ModelUnreachable
from citewell.retrieval.wording import one_line

_UNREACHABLE = frozenset(
    {"ConnectError", "ConnectTimeout", "ClientConnectorError", "ConnectionRefusedError"}
)
_CUT = frozenset({"RemoteProtocolError", "ReadError", "ClientPayloadError", "ConnectionResetError"})
_SLOW = frozenset({"TimeoutException", "TimeoutError"})
_MALFORMED = frozenset(
    {"ValueError", "LookupError", "TypeError", "AttributeError", "DecodingError"}
)
"""The first is also the kind of errors in JSON, UTF-8 and pydantic."""


_PASSING = frozenset({408, 429, 500, 502, 503, 504})
_SLOW_TO_FAIL = frozenset({"ConnectTimeout"})


def worth_retrying(error: BaseException) -> bool:
    """Tell whether a call that failed before its first word may succeed a moment later."""
    chain = tuple(_causes(error))
    statuses = [code for each in chain if isinstance(code := _status(each), int)]
    if statuses:
        return statuses[0] in _PASSING
    names = _names(chain)
    return bool(names & (_UNREACHABLE | _CUT)) and not names & _SLOW_TO_FAIL


def model_error(error: BaseException, place: str) -> ModelError:
    """Return the error to raise for what a chat model raised.

    Args:
        error: Raised by the client of the model; its causes are looked at too.
        place: Address of the server, or another name for where the model is.
    """
    chain = tuple(_causes(error))
    for cause in chain:
        status = _status(cause)
        if isinstance(status, int):
            return _status_error(status, cause, place)
    names = _names(chain)
    if names & _UNREACHABLE:
        return ModelUnreachable(
            f"The language model at {place} does not answer ({one_line(chain[-1])}). "
            "Start its server, or correct its address (CITEWELL_LLM_BASE_URL or --base-url)."
        )
    if names & _CUT:
        return cut_off(place)
    if names & _SLOW:
        return ModelError(
            f"The language model at {place} took too long ({one_line(error)}). Try again."
        )
    if names & _MALFORMED:
        return ModelError(
            f"The language model at {place} sent what cannot be read ({one_line(error)}). "
            "Check that CITEWELL_LLM_BASE_URL is the address of an OpenAI-compatible API; "
            "it usually ends in /v1."
        )
    return ModelError(f"The language model at {place} failed ({one_line(error)}). Try again.")


def cut_off(place: str) -> ModelError:
    """Return the error for an answer whose end did not arrive."""
    return ModelError(
        f"The language model at {place} stopped before its answer was complete. "
        "Try again, or look at the server's log."
    )


def _status_error(status: int, error: BaseException, place: str) -> ModelError:
    if status in (401, 403):
        # Its text is left out: servers repeat parts of the key in it.
        return ModelError(
            f"The language model at {place} refused the key (HTTP {status}). "
            "Set CITEWELL_LLM_API_KEY."
        )
    if 300 <= status < 400:
        return ModelError(
            f"The server at {place} redirects to another address (HTTP {status}), which is not "
            "followed. Set CITEWELL_LLM_BASE_URL to the address itself."
        )
    advice = {
        404: "Check the name of the model and CITEWELL_LLM_BASE_URL; it usually ends in /v1.",
        429: "It is busy or its quota is used up; try again later.",
    }.get(status, "Look at the server's log.")
    return ModelError(
        f"The language model at {place} answered HTTP {status} ({one_line(error)}). {advice}"
    )


def _status(error: BaseException) -> object:
    return getattr(error, "status_code", None)


def _names(chain: Iterable[BaseException]) -> set[str]:
    return {kind.__name__ for cause in chain for kind in type(cause).__mro__}


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
