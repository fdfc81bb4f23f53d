"""Triples and results as they travel between triple stores: read, canonicalized, and given out piece by piece.

Belongs to the store layer: only it knows pyoxigraph.
"""

from collections.abc import Iterator
from itertools import islice
from typing import IO, cast

import pyoxigraph as ox

from kg.errors import QueryError
from kg.store import GraphStore, Rows, Triples

__all__ = [
    "RESULTS",
    "TRIPLES",
    "canonical",
    "chunks",
    "has_blank_nodes",
    "lines",
    "read_results",
    "read_triples",
    "whole",
]

TRIPLES = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/x-turtle": ox.RdfFormat.TURTLE,
    "text/n3": ox.RdfFormat.TURTLE,
    "text/ntriples": ox.RdfFormat.N_TRIPLES,
    "text/plain": ox.RdfFormat.N_TRIPLES,
    "text/rdf+n3": ox.RdfFormat.TURTLE,
    "text/turtle": ox.RdfFormat.TURTLE,
}
"""Formats of triples by media type, as servers name them."""

RESULTS = {
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
"""Formats of results by media type."""


def chunks(store: GraphStore, graph: str, size: int = 2_000) -> Iterator[bytes]:
    """The triples of a named graph as canonical N-Triples in no particular order, `size` lines at a time."""
    quads = store.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph))
    while some := [quad.triple for quad in islice(quads, size)]:
        yield ox.serialize(some, format=ox.RdfFormat.N_TRIPLES) or b""


def whole(store: GraphStore, graph: str, most: int) -> bytes | None:
    """The triples of a named graph as canonical N-Triples in no particular order, None when they are too many.

    Other threads run meanwhile: the engine reads and writes by itself. To construct triples takes fewer look-ups than
    to dump the graph, since the name of the graph is not looked up for each of them.

    Args:
        store: where the graph is.
        graph: its IRI.
        most: bytes.
    """
    written = _Bounded(most)
    try:
        found = store.inner.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o }} }}")
        cast("ox.QueryTriples", found).serialize(cast("IO[bytes]", written), format=ox.RdfFormat.N_TRIPLES)
    except _FullError:
        return None
    return b"".join(written.pieces)


def has_blank_nodes(store: GraphStore, graph: str) -> bool:
    """Whether a named graph has a blank node, which the engine tells without looking up any name."""
    either = "isBLANK(?s) || isBLANK(?o)"
    return bool(store.inner.query(f"ASK {{ GRAPH {ox.NamedNode(graph)} {{ ?s ?p ?o FILTER({either}) }} }}"))


class _FullError(Exception):
    """What is written is more than it may be."""


class _Bounded:
    """A binary file that takes so many bytes and no more."""

    def __init__(self, most: int) -> None:
        self.pieces: list[bytes] = []
        self._left = most

    def write(self, data: bytes) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise _FullError
        self.pieces.append(data)
        return len(data)

    def flush(self) -> None:
        """Nothing: it is all here."""


def read_results(data: IO[bytes], media: str) -> bool | Rows:
    """Read an answer to a SELECT or ASK, the rows as they are asked for.

    Args:
        data: the answer.
        media: its media type, one of `RESULTS`.

    Raises:
        QueryError: it is in none of these formats, or broken; that may show only in the midst of the rows.
    """
    if media not in RESULTS:
        raise QueryError(f"the answer is no result of a query but {media or 'of no media type'}")
    try:
        answer = ox.parse_query_results(data, format=RESULTS[media])
    except SyntaxError as error:
        raise QueryError(f"the answer is not {media}: {_one_line(error)}") from error
    return bool(answer) if isinstance(answer, ox.QueryBoolean) else Rows(answer)


def read_triples(data: IO[bytes], media: str) -> Triples:
    """Read an answer to a CONSTRUCT or DESCRIBE, or a graph, the triples as they are asked for.

    Args:
        data: the answer.
        media: its media type, one of `TRIPLES`.

    Raises:
        QueryError: it is in none of these formats; that its bytes are broken shows when the triples are read.
    """
    return Triples(quad.triple for quad in _parse(data, media))


def lines(data: IO[bytes], media: str, size: int = 10_000) -> Iterator[bytes]:
    """The triples of a graph as canonical N-Triples, `size` lines at a time, in constant memory.

    Args:
        data: the graph.
        media: its media type, one of `TRIPLES`.
        size: how many lines are given at a time.

    Raises:
        QueryError: it is in none of these formats, or broken.
    """
    try:
        quads = _parse(data, media)
        while some := [quad.triple for quad in islice(quads, size)]:
            yield ox.serialize(some, format=ox.RdfFormat.N_TRIPLES) or b""
    except SyntaxError as error:
        raise QueryError(f"the answer is not {media}: {_one_line(error)}") from error


def canonical(data: IO[bytes], media: str) -> list[str]:
    """The canonical N-Triples lines of a graph, sorted; isomorphic graphs give equal lines (RDFC-1.0).

    Args:
        data: the graph.
        media: its media type, one of `TRIPLES`.

    Raises:
        QueryError: it is in none of these formats, or broken.
    """
    try:
        dataset = ox.Dataset(_parse(data, media))
    except SyntaxError as error:
        raise QueryError(f"the answer is not {media}: {_one_line(error)}") from error
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    text = (ox.serialize((quad.triple for quad in dataset), format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    return sorted(text.split("\n")[:-1])


def _parse(data: IO[bytes], media: str) -> ox.QuadParser:
    if media not in TRIPLES:
        raise QueryError(f"the answer holds no triples but is {media or 'of no media type'}")
    return ox.parse(data, format=TRIPLES[media], lenient=True)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
