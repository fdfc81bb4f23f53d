"""What can go wrong, as one tree of exceptions and one kind of finding.

::

    KgError                    anything `kg` reports in one line instead of a traceback
    ├── UsageError             the request itself cannot be carried out (exit code 2)
    ├── ConfigError            `kg.toml` is not readable or has a wrong value (exit code 2)
    ├── VocabularyError        a vocabulary of models and concepts cannot be read (exit code 2)
    ├── VaultError             the folder of notes cannot be read (exit code 2)
    ├── StoreError             the store cannot be read or written (exit code 2)
    │   ├── StoreBusyError     another build holds the store (exit code 2)
    │   └── DamagedError       the files of the store are damaged: a build makes it anew (exit code 2 elsewhere)
    ├── InconsistentError      something contradicts the ontologies (exit code 1)
    ├── QueryError             a query cannot be found, parsed or run (exit code 2)
    └── NetworkError           a remote service did not answer as it should (exit code 2)

A note that is merely odd never raises: it yields a `Diagnostic` and is still mapped.
"""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = [
    "ConfigError",
    "DamagedError",
    "Diagnostic",
    "InconsistentError",
    "KgError",
    "NetworkError",
    "QueryError",
    "StoreBusyError",
    "StoreError",
    "UsageError",
    "VaultError",
    "VocabularyError",
]


class KgError(Exception):
    """Root of all errors of this package; `str()` is one line that says what, where and what to do."""


class UsageError(KgError):
    """The request cannot be carried out as asked."""


class ConfigError(KgError):
    """A `kg.toml` is unreadable or holds a value that does not fit."""


class VocabularyError(KgError):
    """A vocabulary of models and concepts is unreadable or no Turtle."""


class VaultError(KgError):
    """The folder of notes is missing or cannot be read."""


class StoreError(KgError):
    """The store is missing, damaged or cannot be written."""


class StoreBusyError(StoreError):
    """Another process is building into the store."""


class InconsistentError(KgError):
    """Something contradicts the ontologies; `contradictions` are what, each with the triples that cause it."""

    def __init__(self, contradictions: Sequence[object]) -> None:
        super().__init__(f"{len(contradictions)} contradiction{'s' * (len(contradictions) != 1)}")
        self.contradictions = tuple(contradictions)


class QueryError(KgError):
    """A query is unknown, malformed or failed while it ran."""


class NetworkError(KgError):
    """A remote service refused, stalled or answered nonsense."""


class DamagedError(StoreError):
    """The files of the store are not what a build left there."""


class Diagnostic(NamedTuple):
    """A finding about the notes: where it is, a stable code, and what it means.

    Attributes:
        path: path of the file inside the vault, `/`-separated.
        line: 1-based line, 0 when the finding is about the file as a whole.
        code: stable short name in kebab case, such as `yaml-malformed`.
        message: one sentence without the place.
    """

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code} {self.message}"
