"""Merging the table files of a large store, in the background.

Each build after the first one adds table files to those that it takes over, and ends before the store has merged them.
When there are too many the store makes a build wait until they are merged: for 10,000 notes four seconds. So after
some builds a process of its own merges a copy of the last generation and publishes it, unless a build was quicker; then
it is done as many builds later. Nobody waits for it, and it is as safe as a build: see `kg.generations`.
"""

import os
import subprocess
import sys
from pathlib import Path

from kg.errors import StoreError
from kg.generations import Directory, Generation
from kg.store import GraphStore, publish

__all__ = ["compact", "is_due", "main", "start"]

_BUILDS = 8
_SIZE = 64 << 20  # bytes of tables below which a build does not notice that they are merged
_started: list[subprocess.Popen[bytes]] = []  # of this process; those that ended are reaped when the next one starts


def is_due(generation: Generation) -> bool:
    """Whether a generation has so many table files that the next builds would have to wait."""
    if not generation.age or generation.age % _BUILDS:  # one that lost against builds is not tried again at once
        return False
    return sum(file.stat().st_size for file in generation.graph.glob("*.sst")) >= _SIZE


def start(root: Path) -> None:
    """Merge the tables of a store directory in a process that outlives this one."""
    command = [sys.executable, "-P", "-c", "from kg.compaction import main; main()", str(root.absolute())]
    path = os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]))
    nowhere = subprocess.DEVNULL
    _started[:] = [process for process in _started if process.poll() is None]
    process = subprocess.Popen(  # noqa: S603 - this very interpreter and package
        command,
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": path},
    )
    _started.append(process)


def compact(root: Path) -> bool:
    """Merge the table files of the live generation and publish the outcome as the next one.

    Returns:
        False when another process does it already, or a build published another graph meanwhile.

    Raises:
        StoreError: there is no graph, or the disk is full or fails.
        DamagedError: the files of the graph are damaged.
    """
    directory = Directory(root)
    if directory.current() is None:
        raise StoreError(f"{root}: no graph here")
    with directory.merging() as alone:
        return alone and _compact(directory)


def _compact(directory: Directory) -> bool:
    with directory.building(wait=True):
        live = directory.current()
        if live is None:
            return False
        generation = directory.begin(clone=live)
        held = generation.hold()
    with held:
        try:
            GraphStore.change(generation.graph).optimize()
            generation.age = 0
            with directory.building(wait=True):
                current = directory.current()
                done = current is not None and current.path == live.path
                if done:
                    publish(directory, generation)
        finally:
            directory.discard(generation)
    return done


def main() -> None:
    """Be the process of `start`: merge the tables of the store directory that is the only argument.

    Nobody sees what fails; it is tried again some builds later.
    """
    os.nice(10)
    compact(Path(sys.argv[1]))
