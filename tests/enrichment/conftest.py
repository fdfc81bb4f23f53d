"""What the tests of enrichment share: the local server, and a clock that does not wait."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

# The helpers beside this file are imported as `tests.enrichment.…`, from wherever pytest is started.
sys.path.insert(0, str(Path(__file__).parents[2]))

from kg.enrichment.transport import Clock
from tests.enrichment.server import Server

NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


@dataclass
class FakeTime:
    """Time that passes only when somebody sleeps, and chance that is always the same."""

    passed: float = 0.0
    slept: list[float] = field(default_factory=list)
    chance: float = 0.5

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept.append(seconds)
        self.passed += seconds

    @property
    def clock(self) -> Clock:
        """The clock that shows this time."""
        return Clock(
            monotonic=lambda: self.passed,
            sleep=self.sleep,
            random=lambda: self.chance,
            now=lambda: NOW + timedelta(seconds=self.passed),
        )


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Give a running server that no proxy stands before."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as running:
        yield running


@pytest.fixture
def fake() -> FakeTime:
    """Give a time that does not wait."""
    return FakeTime()
