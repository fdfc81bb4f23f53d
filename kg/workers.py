"""Maps notes in other processes while the store loads in this one.

A worker is a Python that runs `serve`: it reads pickled jobs from its standard input and writes pickled results to its
standard output, in order, until its input ends. Small vaults are mapped in this process.
"""

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from kg.catalogue import catalogue_of
from kg.changes import digest
from kg.errors import Diagnostic, KgError
from kg.iris import Iris
from kg.mapping import map_note
from kg.settings import Settings
from kg.state import MentionRow, NoteRow, legible, note_rows
from kg.vault import NoteFile

__all__ = ["Mapped", "map_files", "serve"]

_CHUNK = 32
_PIPE = 1 << 20  # bytes
_SMALL = 400  # notes below which starting a process takes longer than it saves


class Mapped(NamedTuple):
    """A note that was read and mapped, in the form in which the store and the state take it.

    Attributes:
        quads: the N-Quads of its own graph.
        row: its row in the state.
        mentions: the rows of what it says of resources.
    """

    quads: bytes
    row: NoteRow
    mentions: list[MentionRow]


def _map(files: Iterable[NoteFile], settings: Settings) -> Iterator[Mapped]:
    iris = Iris(settings.base_iri)
    finder = catalogue_of(settings.lexicon).finder if settings.lexicon.labels else None
    for file in files:
        try:
            with open(f"{settings.root}/{file.path}", "rb", buffering=0) as source:  # noqa: PTH123 - half the time of pathlib
                data = source.read()
        except OSError as error:
            # the file is listed but cannot be read: it stays a note without content, and says why
            note = map_note(file.path, b"", iris, settings.tags, finder)
            note.diagnostics.append(Diagnostic(legible(file.path), 0, "unreadable", error.strerror or str(error)))
            row, mentions = note_rows(file._replace(mtime_ns=-1), b"", note)
        else:
            note = map_note(file.path, data, iris, settings.tags, finder)
            row, mentions = note_rows(file, digest(data), note)
        yield Mapped(note.quads, row, mentions)


def map_files(files: Sequence[NoteFile], settings: Settings, processes: int | None = None) -> Iterator[Mapped]:
    """Read and map notes, in the order given.

    Args:
        files: the notes of the vault.
        settings: what mapping depends on besides the notes.
        processes: worker processes to use; by default none for a few hundred notes, else one less than there are cores.

    Raises:
        KgError: a worker died.

    """
    if processes is None:
        processes = 0 if len(files) < _SMALL else max(1, (os.cpu_count() or 2) - 1)
    if not processes:
        yield from _map(files, settings)
        return
    pool = [_Worker(settings) for _ in range(processes)]
    try:
        source = iter(files)
        chunks = iter(lambda: list(islice(source, _CHUNK)), [])
        waiting: deque[_Worker] = deque()
        for worker in pool * 3:  # keep a few jobs queued at each worker, so that none waits for this process
            chunk = next(chunks, None)
            if chunk is not None:
                worker.send(chunk)
                waiting.append(worker)
        while waiting:
            worker = waiting.popleft()
            results = worker.receive()
            chunk = next(chunks, None)
            if chunk is not None:
                worker.send(chunk)
                waiting.append(worker)
            yield from results
    finally:
        for worker in pool:
            worker.close()


class _Worker:
    def __init__(self, settings: Settings) -> None:
        command = [sys.executable, "-P", "-c", "from kg.workers import serve; serve()"]
        path = os.pathsep.join(filter(None, [str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")]))
        self.process = subprocess.Popen(  # noqa: S603 - this very interpreter and package
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": path}
        )
        _widen(self.process.stdin)
        _widen(self.process.stdout)
        self.send((settings.root, settings.base_iri, dict(settings.tags), settings.lexicon))

    def send(self, job: object) -> None:
        pipe = self.process.stdin
        try:
            pickle.dump(job, pipe, pickle.HIGHEST_PROTOCOL)  # type: ignore[arg-type]
            pipe.flush()  # type: ignore[union-attr]
        except BrokenPipeError as error:
            raise KgError("a worker process died; run `kg build` again") from error

    def receive(self) -> list[Mapped]:
        try:
            results: list[Mapped] = pickle.load(self.process.stdout)  # type: ignore[arg-type] # noqa: S301 - our own child
        except (EOFError, pickle.UnpicklingError) as error:
            raise KgError("a worker process died; run `kg build` again") from error
        return results

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold a few notes where the system can do that: its ends wait for each other much less often."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl  # noqa: PLC0415 - not on every system

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)  # type: ignore[arg-type]


def serve() -> None:
    """Be a worker: answer jobs from standard input on standard output until the input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one and will end it
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but results may reach the pipe
    settings = Settings(*pickle.load(source))  # noqa: S301 - from the process that started this one
    gc.disable()  # mapping makes no cycles, but so many objects that looking for some takes time
    while True:
        try:
            files = pickle.load(source)  # noqa: S301
        except EOFError:
            return
        pickle.dump(list(_map(files, settings)), sink, pickle.HIGHEST_PROTOCOL)
        sink.flush()
