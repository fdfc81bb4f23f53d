"""How long the stages of a build take."""

import time

__all__ = ["Clock"]


class Clock:
    """Measures stages one after the other, in seconds."""

    def __init__(self) -> None:
        self.started = self.last = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def stage(self, name: str) -> None:
        """End a stage."""
        now = time.perf_counter()
        self.seconds[name] = round(now - self.last, 3)
        self.last = now

    def total(self) -> dict[str, float]:
        """The stages so far, and `total` since the clock was made."""
        return self.seconds | {"total": round(time.perf_counter() - self.started, 3)}
