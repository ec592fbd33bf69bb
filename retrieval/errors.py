"""Everything Citewell raises on purpose, and the exit status each one gives a command.

    CitewellError            1
    ├── ConfigError          2  a setting or an argument is unknown or out of range
    │   └── FilterError      2  a filter of a search cannot be understood
    ├── NotConfigured        3  something has to be installed, made or named first
    │   └── MissingExtra     3  an optional package is not installed
    ├── ReadError            1  a file cannot be turned into text
    ├── StoreError           1  the store cannot be read or written
    │   ├── StoreDamaged     1  the file of the store holds what was never written into it
    │   └── StoreBusy        4  another process is writing to the store
    └── ModelError           1  the language model gave no usable answer
        └── ModelUnreachable 6  the server of the language model does not answer

Wrong calls raise ``ValueError`` or ``TypeError``, as they do elsewhere in Python.
"""

from typing import ClassVar


class CitewellError(Exception):
    """A problem the user can put right. The message holds the value and what to do."""

    exit_code: ClassVar[int] = 1


class ConfigError(CitewellError):
    """A setting or an argument is unknown or out of range."""

    exit_code = 2


class FilterError(ConfigError):
    """A filter of a search cannot be understood."""


class NotConfigured(CitewellError):
    """Something has to be installed, made or named before this can work."""

    exit_code = 3


class MissingExtra(NotConfigured, ImportError):
    """An optional package is needed and not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed. Run: pip install 'citewell[{extra}]'")


class ReadError(CitewellError):
    """A file cannot be turned into text."""


class StoreError(CitewellError):
    """The store cannot be read or written, or was made with other settings."""


class StoreDamaged(StoreError):
    """The file of the store holds what was never written into it."""


class StoreBusy(StoreError):
    """Another process is writing to the store."""

    exit_code = 4


class ModelError(CitewellError):
    """The language model gave no usable answer."""


class ModelUnreachable(ModelError):
    """The server of the language model does not answer."""

    exit_code = 6
