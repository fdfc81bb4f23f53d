"""RDF syntaxes: lines of N-Triples and N-Quads rewritten in any of them, with prefixes in a fixed order.

Belongs to the store layer: only it knows pyoxigraph.
"""

import re
from collections.abc import Iterable
from typing import IO, cast

import pyoxigraph as ox

from kg.namespaces import PREFIXES

__all__ = ["FORMATS", "Head", "serialize"]

FORMATS = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def serialize(lines: Iterable[bytes], source: str, output: IO[bytes], target: str) -> None:
    """Rewrite N-Triples or N-Quads lines in another format, in the order in which they come.

    Args:
        lines: whole lines with their ends.
        source: `ntriples` or `nquads`.
        output: where the bytes go.
        target: a key of `FORMATS`.

    """
    parsed = ox.parse(cast("IO[bytes]", _Reader(lines)), format=FORMATS[source], lenient=True)
    statements = (quad.triple for quad in parsed) if source == "ntriples" else parsed
    if target in ("turtle", "trig", "rdfxml"):
        head = Head(output, target)
        ox.serialize(statements, cast("IO[bytes]", head), format=FORMATS[target], prefixes=dict(PREFIXES))
        head.close()
    else:
        ox.serialize(statements, output, format=FORMATS[target])


class Head:
    """A binary file that sorts the prefix declarations at its head: pyoxigraph gives them in no fixed order."""

    def __init__(self, output: IO[bytes], target: str) -> None:
        self.output = output
        self.end = re.compile(rb"<rdf:RDF[^>]*>" if target == "rdfxml" else rb"\A(?:@prefix [^\n]*\n)*(?=[^@])")
        self.declaration = re.compile(rb' xmlns:\w+="[^"]*"' if target == "rdfxml" else rb"@prefix [^\n]*\n")
        self.buffer: bytes | None = b""

    def write(self, data: bytes) -> int:
        """Write, or hold back while declarations come."""
        if self.buffer is None:
            return self.output.write(data)
        self.buffer += data
        if self.end.search(self.buffer):
            self.close()
        return len(data)

    def flush(self) -> None:
        """Nothing: what is held back may not be complete."""

    def close(self) -> None:
        """Write what is held back; the output stays open."""
        if self.buffer is not None:
            found = self.declaration.findall(self.buffer)
            start = self.buffer.find(found[0]) if found else 0
            size = sum(map(len, found))
            self.output.write(self.buffer[:start] + b"".join(sorted(found)) + self.buffer[start + size :])
            self.buffer = None


class _Reader:
    """A binary file made of lines."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self.lines = iter(lines)
        self.rest = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self.rest) < size:
            line = next(self.lines, None)
            if line is None:
                break
            self.rest += line
        data, self.rest = (self.rest, b"") if size < 0 else (self.rest[:size], self.rest[size:])
        return data
