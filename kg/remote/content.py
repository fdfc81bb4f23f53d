"""Graphs as they are sent: N-Triples in constant memory, and what tells one content from another.

The digest of a graph is the SHA-256 of its canonical N-Triples lines, sorted, with their number. A graph of more than
a megabyte has the sum of the SHA-256 of its lines, modulo 2^256, instead: a hash of a set, for which lines need
neither be sorted nor be held at once. Either tells changes; the sum does not tell forgeries.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from kg import exchange
from kg.store import GraphStore

__all__ = [
    "BLANK",
    "SMALL",
    "Digest",
    "Graph",
    "StoredGraph",
    "as_quads",
    "as_trig",
    "has_blank_nodes",
    "merged",
    "relabelled",
]

SMALL = 1_000_000
"""Bytes of a graph that is sorted for its digest, and sent in one piece; larger ones are never held as a whole."""

_WIDTH = 1 << 256
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
        if self._size > SMALL:
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


class Graph:
    """A graph to be sent.

    Attributes:
        name: its IRI; the default graph when empty.
        triples: makes its canonical N-Triples, whole lines in each piece, each line once.
    """

    def __init__(self, name: str, triples: Callable[[], Iterable[bytes]]) -> None:
        self.name = name
        self.triples = triples

    def whole(self, most: int = SMALL) -> bytes | None:
        """All triples, None when they are more than `most` bytes."""
        pieces, size = [], 0
        for piece in self.triples():
            pieces.append(piece)
            size += len(piece)
            if size > most:
                return None
        return b"".join(pieces)

    def pieces(self) -> Iterable[bytes]:
        """All triples, in one piece when the graph is small; in none when it is empty."""
        whole = self.whole()
        return self.triples() if whole is None else filter(None, (whole,))

    def blank(self) -> bool:
        """Whether there is a blank node in it."""
        return any(map(has_blank_nodes, self.triples()))

    def digest(self) -> str:
        """What tells this content from others."""
        digest = Digest()
        for piece in self.pieces():
            digest.add(piece)
        return str(digest)


class StoredGraph(Graph):
    """A named graph of the vault's own store, which is quicker at some of this."""

    def __init__(self, store: GraphStore, name: str) -> None:
        super().__init__(name, partial(exchange.chunks, store, name))
        self._store = store

    def whole(self, most: int = SMALL) -> bytes | None:
        """All triples, None when they are more than `most` bytes; other threads run meanwhile."""
        return exchange.whole(self._store, self.name, most)

    def blank(self) -> bool:
        """Whether there is a blank node in it."""
        return exchange.has_blank_nodes(self._store, self.name)


BLANK = re.compile(rb"^_:|^\S+ \S+ _:", re.MULTILINE)
"""The beginning of a line of N-Triples that holds a blank node."""


def has_blank_nodes(triples: bytes) -> bool:
    """Whether N-Triples hold a blank node."""
    return b"_:" in triples and BLANK.search(triples) is not None


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
