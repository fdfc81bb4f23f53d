"""Builds after a change: the same graph as a build from nothing, at the cost of the change."""

import os
import random
from pathlib import Path

import pytest

from kg.build import Summary, build
from tests.random_vault import graph, random_edit, write


def numbers(summary: Summary) -> tuple[object, ...]:
    """What a summary counts and finds."""
    left_out = {"seconds", "changed", "notice"}
    values = {key: value for key, value in summary.as_dict().items() if key not in left_out}
    return tuple(sorted((key, str(value)) for key, value in values.items())), tuple(map(str, summary.diagnostics))


@pytest.mark.parametrize("seed", range(6))
def test_random_edits(tmp_path: Path, seed: int) -> None:
    """After any sequence of edits the graph and its numbers are those of a build from nothing."""
    chance = random.Random(seed)
    vault = tmp_path / "vault"
    vault.mkdir()
    for _ in range(5):
        random_edit(vault, chance)
    build(vault, tmp_path / "store")
    for step in range(6):
        for _ in range(chance.randrange(1, 3)):
            random_edit(vault, chance)
        again = build(vault, tmp_path / "store")
        cold = build(vault, tmp_path / f"cold{step}")
        assert graph(tmp_path / f"cold{step}") == graph(tmp_path / "store")
        assert numbers(cold) == numbers(again)
        assert sum(map(len, graph(tmp_path / "store").values())) == again.quads


def test_edit_within_one_time_stamp(tmp_path: Path) -> None:
    """An edit right after a build is seen although size and time of the file stay the same."""
    write(tmp_path / "vault", "Note.md", "one")
    build(tmp_path / "vault", tmp_path / "store")
    status = (tmp_path / "vault/Note.md").stat()
    write(tmp_path / "vault", "Note.md", "two")
    os.utime(tmp_path / "vault/Note.md", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert build(tmp_path / "vault", tmp_path / "store").changed == {"added": 0, "edited": 1, "deleted": 0}
