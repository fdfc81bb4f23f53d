"""Where stores live on disk: numbered generations, of which one is current.

::

    STORE/
      CURRENT              the name of the live generation, replaced atomically
      lock                 held by the build that is running
      merging              held by who merges tables (`kg.compaction`)
      gen-000007/
        graph/             the triple store (RocksDB files of pyoxigraph)
        state.sqlite       what builds remember of the notes
        lock               shared by readers

A generation is written in full before `CURRENT` names it and is never changed afterwards. So a reader sees the graph
before or after a build and never waits for one, and a build that dies leaves the last good graph in place. A build
that changes little starts from hard links to the files of the last generation: RocksDB never changes a table file.
"""

import errno
import fcntl
import math
import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from kg.errors import StoreBusyError, StoreError

__all__ = ["Directory", "Generation"]

_NAME = re.compile(r"gen-(\d{6,})\Z")
_MOMENT = 1.0  # seconds for which a build tries before it says that another one runs: `kg.compaction` is done sooner


class Generation:
    """One generation: a folder with a triple store and the state of the build that made it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def graph(self) -> Path:
        """The folder of the triple store."""
        return self.path / "graph"

    @property
    def state(self) -> Path:
        """The SQLite file of the build."""
        return self.path / "state.sqlite"

    @property
    def age(self) -> int:
        """How often it and its forerunners took over the files of another one since these were merged."""
        try:
            return int((self.path / "age").read_text("ascii"))
        except (FileNotFoundError, ValueError):
            return 0

    @age.setter
    def age(self, value: int) -> None:
        (self.path / "age").write_text(f"{value}\n", "ascii")

    def hold(self) -> IO[bytes]:
        """Keep it from being removed until what is returned is closed.

        Raises:
            FileNotFoundError: it is being removed.
        """
        lock = (self.path / "lock").open("rb")
        fcntl.flock(lock, fcntl.LOCK_SH)
        return lock


class Directory:
    """A store directory with its generations."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Generation | None:
        """The live generation, None when nothing was built yet or `CURRENT` is damaged."""
        try:
            name = (self.root / "CURRENT").read_text("ascii").strip()
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return None
        except OSError as error:
            raise StoreError(f"{self.root}: {error.strerror or error}") from error
        generation = Generation(self.root / name)
        return generation if _NAME.match(name) and generation.graph.is_dir() else None

    def was_built(self) -> bool:
        """Whether there ever was a live generation, even if nothing can be read of it any more."""
        return (self.root / "CURRENT").exists()

    @contextmanager
    def reading(self) -> Iterator[Generation]:
        """Hold the live generation, so that no build removes it.

        Raises:
            StoreError: there is none.

        """
        while True:
            generation = self.current()
            if generation is None:
                raise StoreError(f"{self.root}: no graph here; run `kg build NOTES --store {self.root}` first")
            try:
                lock = generation.hold()
            except FileNotFoundError:  # a build replaced it just now
                if self.current() is None:
                    raise StoreError(f"{self.root}: damaged; run `kg build` again") from None
                time.sleep(0.01)
                continue
            with lock:
                if generation.graph.is_dir():
                    yield generation
                    return

    @contextmanager
    def building(self, *, wait: bool = False) -> Iterator[None]:
        """Hold the right to build.

        Raises:
            StoreBusyError: another build runs and `wait` is false.
            StoreError: the directory cannot be written.

        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / "lock").open("wb")
        except OSError as error:
            raise StoreError(f"{self.root}: {error.strerror or error}; choose another folder with --store") from error
        with lock:
            try:
                _lock(lock, math.inf if wait else _MOMENT)
            except BlockingIOError:
                busy = f"{self.root}: another build is running; wait for it or pass --wait"
                raise StoreBusyError(busy) from None
            yield

    @contextmanager
    def merging(self) -> Iterator[bool]:
        """Hold the right to merge tables; yields whether nobody else has it."""
        with (self.root / "merging").open("wb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def begin(self, *, clone: Generation | None = None) -> Generation:
        """Start a new generation, empty or from hard links to the files of another one; call while `building`."""
        numbers = [int(match[1]) for path in self.root.iterdir() if (match := _NAME.match(path.name))]
        new = Generation(self.root / f"gen-{max(numbers, default=0) + 1:06d}")
        new.path.mkdir()
        try:
            self._fill(new, clone)
        except BaseException:
            self.discard(new)
            raise
        return new

    def _fill(self, new: Generation, clone: Generation | None) -> None:
        (new.path / "lock").touch()
        if clone is not None:
            new.graph.mkdir()
            for source in clone.graph.iterdir():
                if source.suffix == ".sst":
                    _link(source, new.graph / source.name)
                elif source.name != "LOCK" and not source.name.startswith("LOG"):
                    shutil.copyfile(source, new.graph / source.name)
            shutil.copyfile(clone.state, new.state)
            new.age = clone.age + 1

    @contextmanager
    def draft(self, *, clone: Generation | None = None) -> Iterator[Generation]:
        """Start a new generation as `begin` does, and remove it again at the end unless it was published.

        Raises:
            StoreError: the disk is full or fails.
        """
        try:
            generation = self.begin(clone=clone)
            try:
                yield generation
            finally:
                self.discard(generation)
        except OSError as error:
            why = error.strerror or error
            raise StoreError(f"{self.root}: {why}; the last graph is still in place") from error

    def publish(self, generation: Generation) -> None:
        """Make a finished generation the live one, atomically and durably, and remove the older ones not in use."""
        _sync_generation(generation)
        fresh = self.root / "CURRENT.new"
        with fresh.open("w", encoding="ascii") as file:
            file.write(generation.path.name + "\n")
            _sync(file)
        fresh.replace(self.root / "CURRENT")
        _sync_folder(self.root)
        self.clean(generation)

    def discard(self, generation: Generation) -> None:
        """Remove a generation that was not published; one that was stays."""
        live = self.current()
        if live is not None and live.path == generation.path:
            return
        shutil.rmtree(generation.path, ignore_errors=True)

    def clean(self, keep: Generation | None) -> None:
        """Remove all generations but one, unless a reader holds them."""
        for path in self.root.iterdir():
            if not _NAME.match(path.name) or (keep is not None and path == keep.path):
                continue
            try:
                lock = (path / "lock").open("rb")
            except FileNotFoundError:
                shutil.rmtree(path, ignore_errors=True)
                continue
            with lock:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                shutil.rmtree(path, ignore_errors=True)


def _lock(file: IO[bytes], patience: float) -> None:
    """Lock a file; `patience` is in seconds.

    Raises:
        BlockingIOError: somebody else holds it for longer.
    """
    if patience == math.inf:
        fcntl.flock(file, fcntl.LOCK_EX)
        return
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP):
            raise
        shutil.copyfile(source, target)  # a file system without hard links


def _sync(file: IO[str]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_generation(generation: Generation) -> None:
    """Bring a generation to the disk before anything points to it; RocksDB has done so with its own files."""
    descriptor = os.open(generation.state, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _sync_folder(generation.graph)
    _sync_folder(generation.path)
