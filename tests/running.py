"""How tests run the command line and the tools of others; the fixtures are in `conftest.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOTES = ROOT / "notes"


@dataclass(frozen=True, slots=True)
class Result:
    """How a command ended: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]
Tool = Callable[..., Result]
