"""Queries that a remote store answers, as the local one would: same prefixes, same default graph, same answers."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, cast

from kg import sparql
from kg.errors import QueryError
from kg.evaluation import KNOWN_PREFIXES, Answer
from kg.exchange import read_results, read_triples
from kg.remote.endpoint import Endpoint

__all__ = ["RemoteSource", "answered", "graph"]

_HELD = 8_000_000  # bytes; of a longer answer the rest is on disk until it was read
_ACCEPTED = {
    "SELECT": "application/sparql-results+json, application/sparql-results+xml;q=0.8, text/tab-separated-values;q=0.5",
    "ASK": "application/sparql-results+xml, application/sparql-results+json;q=0.8",
}
_TRIPLES = "application/n-triples, text/turtle;q=0.8, application/rdf+xml;q=0.5"


@contextmanager
def answered(endpoint: Endpoint, query: str, base: str = "") -> Iterator[Answer]:
    """Ask a store; the usual prefixes are declared, and the default graph is all graphs as one where it can be.

    The answer is read whole before the first row is given, so that one that breaks off is asked for again.

    Args:
        endpoint: the store.
        query: SPARQL 1.1 Query.
        base: what relative IRIs are resolved against.

    Raises:
        QueryError: it is no query, the store refuses it, or the answer is broken.
        NetworkError: the store does not answer.
    """
    asked = sparql.Query.of(query, base, KNOWN_PREFIXES)
    form = asked.form
    if form == "UPDATE":
        raise QueryError("this is SPARQL Update; a store is only read here, `kg load` writes to it")
    prologue = " ".join(
        f"PREFIX {prefix}: <{namespace}>"
        for prefix, namespace in KNOWN_PREFIXES.items()
        if prefix not in asked.prefixes  # RDF4J refuses one that is declared twice
    )
    if base:
        prologue = f"BASE <{base}> {prologue}"
    with _spooled() as held:

        def keep(stream: IO[bytes], media: str) -> str:
            _copy(stream, held)
            return media

        answer = endpoint.ask(f"{prologue} {query}", keep, _ACCEPTED.get(form, _TRIPLES), union=True)
        held.seek(0)
        if form in _ACCEPTED:
            found = read_results(held, answer.value)
            yield found if form == "SELECT" or isinstance(found, bool) else _truth(found)
        else:
            yield read_triples(held, answer.value)


@contextmanager
def graph(endpoint: Endpoint, name: str) -> Iterator[Answer]:
    """Read a graph of a store, the default graph when `name` is empty.

    Raises:
        QueryError: there is none, or the answer is broken.
        NetworkError: the store does not answer.
    """
    with _spooled() as held:

        def keep(stream: IO[bytes], media: str) -> str:
            _copy(stream, held)
            return media

        media = endpoint.read(name, keep)
        if media is None:
            raise QueryError(f"{endpoint.client.server}: there is no graph <{name}>")
        held.seek(0)
        yield read_triples(held, media)


class RemoteSource:
    """A store of others in place of `kg.evaluation.Source`: the same questions, the same answers."""

    def __init__(self, endpoint: Endpoint, open_ones: ExitStack) -> None:
        """Ask a store; what answers are read from stays open as long as `open_ones`."""
        self.endpoint = endpoint
        self.open_ones = open_ones

    def query(self, text: str, *, base: str = "", allow_service: bool = False) -> Answer:
        """Ask a query; whether SERVICE is allowed is the matter of the store.

        Raises:
            QueryError: it is no query, the store refuses it, or the answer is broken.
            NetworkError: the store does not answer.
        """
        del allow_service
        return self.open_ones.enter_context(answered(self.endpoint, text, base))

    def has_term(self, iri: str) -> bool:
        """Whether an IRI is used in the graph, which is not asked: so nothing is said to be missing."""
        del iri
        return True


def _spooled() -> IO[bytes]:
    return cast("IO[bytes]", tempfile.SpooledTemporaryFile(_HELD))


def _copy(stream: IO[bytes], held: IO[bytes]) -> None:
    held.seek(0)
    held.truncate()
    while data := stream.read(1 << 18):
        held.write(data)


def _truth(rows: object) -> bool:
    """The answer of a store that tells a truth value as a row, as Virtuoso does."""
    terms = [term for row in cast("Iterator[tuple[object, ...]]", rows) for term in row]
    return any(getattr(term, "value", "") in ("1", "true") for term in terms)
