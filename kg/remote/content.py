"""Graphs as they are sent: N-Triples in constant memory, and what tells one content from another.

The digest of a graph is the SHA-256 of its canonical N-Triples lines, sorted, with their number. A graph of more than
a megabyte has the sum of the SHA-256 of its lines, modulo 2^256, instead: a hash of a set, for which lines need
neither be sorted nor be held at once. Either tells changes; the sum does not tell forgeries.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Digest", "Graph", "as_quads", "as_trig", "merged", "relabelled"]

_WIDTH = 1 << 256
_SORTED = 1_000_000  # bytes of a graph that are sorted
_LABELS = re.compile(rb"^(_:)?(\S+ \S+ )(_:)?", re.MULTILINE)


class Digest:
    """The digest of a graph, while its lines go by."""

    def __init__(self) -> None:
        self._held: list[bytes] | None = []
        self._size = 0
        self._sum = 0
        self.count = 0

    def add(self, triples: bytes) -> None:
        """Take in whole lines."""
        self.count += triples.count(b"\n")
        if self._held is None:
            self._sum += _sum(triples)
            return
        self._held.append(triples)
        self._size += len(triples)
        if self._size > _SORTED:
            self._sum = sum(map(_sum, self._held))
            self._held = None

    def __str__(self) -> str:
        if self._held is None:
            return f"sum:{self._sum % _WIDTH:064x}.{self.count}"
        lines = b"".join(self._held).split(b"\n")
        lines.sort()  # the first one is what stands behind the last line end: nothing
        text = b"\n".join(lines[1:]) + (b"\n" if self.count else b"")
        return f"{hashlib.sha256(text).hexdigest()}.{self.count}"


def _sum(triples: bytes) -> int:
    lines = triples.split(b"\n")
    lines.pop()
    return sum(int.from_bytes(hashlib.sha256(line).digest(), "big") for line in lines)


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph to be sent.

    Attributes:
        name: its IRI; the default graph when empty.
        triples: makes its canonical N-Triples, whole lines in each piece, each line once.
    """

    name: str
    triples: Callable[[], Iterable[bytes]]

    def digest(self) -> str:
        """What tells this content from others."""
        digest = Digest()
        for piece in self.triples():
            digest.add(piece)
        return str(digest)


def as_quads(triples: bytes, graph: str) -> bytes:
    """N-Triples as N-Quads of a graph."""
    return triples.replace(b" .\n", b" <" + graph.encode() + b"> .\n")


def as_trig(triples: bytes, graph: str) -> bytes:
    """N-Triples as TriG of a graph."""
    return b"<" + graph.encode() + b"> {\n" + triples + b"}\n"


def relabelled(triples: bytes, number: int) -> bytes:
    """N-Triples whose blank nodes have labels of their own, to be sent together with other graphs."""
    if b"_:" not in triples:
        return triples
    prefix = b"_:g%dx" % number  # letters and digits: all that N-Triples allowed at first
    return _LABELS.sub(lambda found: (prefix if found[1] else b"") + found[2] + (prefix if found[3] else b""), triples)


def merged(graphs: Iterable[Graph]) -> Iterator[bytes]:
    """The triples of several graphs as those of one; the blank nodes of two graphs stay apart.

    Of what two graphs say, each line is given twice.
    """
    for number, graph in enumerate(graphs):
        for piece in graph.triples():
            yield relabelled(piece, number)
