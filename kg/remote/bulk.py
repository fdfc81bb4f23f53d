"""A graph for the bulk loaders of clusters: gzipped N-Quads in shards, a manifest, and a script for each loader.

The shards of a vault are the same bytes for the same graph. Blank nodes of a graph stay in one shard, under labels that
no other graph has, since loaders differ in how far a label reaches.
"""

import gzip
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, cast

from kg.errors import StoreError, UsageError
from kg.remote.content import StoredGraph, as_quads, relabelled
from kg.remote.loaders import FILES
from kg.remote.sync import base_of
from kg.store import GraphStore

__all__ = ["MANIFEST", "SHARD", "Shard", "export"]

MANIFEST = "manifest.json"
SHARD = 512_000_000
"""Bytes of N-Quads in a shard, before they are compressed, by default: some millions of quads."""

_LEVEL = 5
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Shard:
    """A file of a bulk export.

    Attributes:
        file: its name.
        bytes: its size.
        quads: how many lines it has.
        sha256: the hash of its bytes, compressed as they are.
    """

    file: str
    bytes: int
    quads: int
    sha256: str


def export(
    store: GraphStore, folder: Path, *, shard_bytes: int = SHARD, progress: Callable[[int], None] = lambda _: None
) -> list[Shard]:
    """Write the graph to a folder, which is made; what a former export left in it is replaced.

    Args:
        store: the graph.
        folder: where to.
        shard_bytes: how much N-Quads a shard has at least, but for the last one.
        progress: told of quads that are written: how many more.

    Raises:
        UsageError: the folder holds something else.
        StoreError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        shards = list(_shards(store, folder, shard_bytes, progress))
        base = base_of(store)
        for name, text in FILES.items():
            path = folder / name
            path.write_text(text.replace("@NAME@", "notes"), "utf-8")
            if name.endswith(".sh"):
                path.chmod(0o755)
        told = {
            "format": "application/n-quads",
            "compression": "gzip",
            "base_iri": base,
            "graphs": len(store.graphs()),
            "quads": sum(shard.quads for shard in shards),
            "bytes": sum(shard.bytes for shard in shards),
            "shards": [asdict(shard) for shard in shards],
        }
        fresh = folder / f".{MANIFEST}.part"
        fresh.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
        fresh.replace(folder / MANIFEST)  # the last one: with it the export is whole
    except OSError as error:
        raise StoreError(f"{folder}: {error.strerror or error}") from error
    return shards


def _clear(folder: Path) -> None:
    """Remove what a former export wrote, its manifest first."""
    ours = [
        folder / MANIFEST,
        *folder.glob("part-*.nq.gz"),
        *folder.glob(".*.part"),
        *(folder / name for name in FILES),
    ]
    others = set(folder.iterdir()).difference(ours)
    if others and not (folder / MANIFEST).exists():
        raise UsageError(f"{folder} holds {min(others).name}, which no bulk export wrote; name an empty folder")
    for path in ours:
        path.unlink(missing_ok=True)


def _shards(store: GraphStore, folder: Path, size: int, progress: Callable[[int], None]) -> Iterator[Shard]:
    pieces = _pieces(store)
    piece = next(pieces, None)
    number = 0
    while piece is not None:
        number += 1
        name = f"part-{number:05}.nq.gz"
        written = quads = 0
        with _shard(folder, name) as (output, file):
            while piece is not None:
                data, may_end = piece
                output.write(data)
                lines = data.count(b"\n")
                written, quads = written + len(data), quads + lines
                progress(lines)
                piece = next(pieces, None)
                if written >= size and may_end:
                    break
        yield Shard(name, file.size, quads, file.digest.hexdigest())


def _pieces(store: GraphStore) -> Iterator[tuple[bytes, bool]]:
    """N-Quads, and whether a shard may end behind them."""
    for number, name in enumerate(store.graphs()):
        graph = StoredGraph(store, name)
        blank = graph.blank()
        held: bytes | None = None
        for triples in graph.pieces():
            if held is not None:
                yield held, not blank
            held = as_quads(relabelled(triples, number) if blank else triples, name)
        if held is not None:
            yield held, True


class _Counted(io.RawIOBase):
    """A file whose size and hash are known when it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self.file = file
        self.size = 0
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        count = self.file.write(cast("bytes", data))
        self.size += count
        self.digest.update(cast("bytes", data))
        return count


@contextmanager
def _shard(folder: Path, name: str) -> Iterator[tuple[IO[bytes], _Counted]]:
    fresh = folder / f".{name}.part"
    with fresh.open("wb") as raw:
        counted = _Counted(raw)
        with (
            gzip.GzipFile(
                filename="", mode="wb", compresslevel=_LEVEL, fileobj=cast("IO[bytes]", counted), mtime=0
            ) as packed,
            io.BufferedWriter(packed, _BUFFER) as output,
        ):
            yield output, counted
        raw.flush()
        os.fsync(raw.fileno())
    fresh.replace(folder / name)
