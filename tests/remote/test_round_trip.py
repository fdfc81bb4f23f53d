"""What is loaded into real triple stores comes back isomorphic, graph by graph; where a store cannot, it is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from kg.remote import sync, verify
from kg.remote.asking import RemoteSource
from kg.remote.connect import Connection, connect
from kg.remote.stores import KINDS
from kg.store import GraphStore, Rows, Triples
from tests.remote import servers
from tests.remote.nasty import BASE
from tests.remote.servers import Server

_START: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {
    "fuseki": servers.fuseki,
    "virtuoso": servers.virtuoso,
    "blazegraph": servers.blazegraph,
    "rdf4j": servers.rdf4j,
}

# Graphs of the nasty dataset that a store gives back differently; docs/loading.md says how.
_CANNOT: dict[str, set[str]] = {
    "fuseki": {"datatypes"},
    "virtuoso": {"datatypes", "other-datatypes", "https://w3id.org/fm-kg/models"},
    "blazegraph": {"compositions"},
    "rdf4j": set(),
}


def _round_trip(store: GraphStore, server: Server, **how: object) -> set[str]:
    """Load a store twice, and give the graphs that differ, without the base."""
    endpoint = connect(Connection(server.url, **how), environment=server.environment)  # type: ignore[arg-type]
    assert endpoint.store.kind == server.kind
    graphs, manifest = sync.graphs_of(store), f"{sync.base_of(store)}graph/manifest"
    first = sync.load(graphs, endpoint, manifest)
    assert sorted(first.plan.written) == sorted(graphs)
    assert first.triples == len(store)
    again = sync.load(graphs, endpoint, manifest)
    assert (again.plan.written, again.plan.removed, again.triples) == ([], [], 0)
    return {found.graph.removeprefix(BASE) for found in verify.differences(graphs, endpoint)}


def _answers(store: GraphStore | Server) -> list[object]:
    """What a store answers to a SELECT, an ASK and a CONSTRUCT over all graphs as one."""
    with ExitStack() as open_ones:
        if isinstance(store, Server):
            endpoint = connect(Connection(store.url), environment=store.environment)
            source: GraphStore | RemoteSource = RemoteSource(endpoint, open_ones)
        else:
            source = store
        rows = source.query("SELECT (COUNT(DISTINCT ?note) AS ?notes) WHERE { ?note a fm:Note }")
        truths = [source.query("ASK { ?note a fm:Note }"), source.query("ASK { ?note a fm:Nothing }")]
        triples = source.query("CONSTRUCT { ?note a fm:Note } WHERE { ?note a fm:Note }")
        assert isinstance(rows, Rows)
        assert isinstance(triples, Triples)
        return [[row[0] and row[0].value for row in rows], truths, sorted(triples)]


def test_oxigraph_answers_as_the_local_store_does(sample: GraphStore, oxigraph: Server) -> None:
    """Queries of every form see all graphs as one, there as here."""
    _round_trip(sample, oxigraph)
    assert _answers(oxigraph) == _answers(sample)


def test_oxigraph_keeps_the_sample_vault(sample: GraphStore, oxigraph: Server) -> None:
    """Oxigraph Server gives the sample vault back as it was."""
    assert _round_trip(sample, oxigraph) == set()


def test_oxigraph_keeps_what_is_hard_to_carry(nasty: GraphStore, oxigraph: Server) -> None:
    """Oxigraph Server gives every character, tag, datatype and blank node back as it was."""
    assert _round_trip(nasty, oxigraph, packed=True) == set()


@pytest.mark.parametrize("kind", ["sparql", "gsp"])
def test_the_bare_protocols_are_enough(nasty: GraphStore, oxigraph: Server, kind: str) -> None:
    """SPARQL Update alone, and the Graph Store Protocol alone, carry everything too."""
    urls = {"sparql": {"query": f"{oxigraph.url}/query", "update": f"{oxigraph.url}/update"}, "gsp": {}}
    where = Server(f"{oxigraph.url}/store", kind)
    assert _round_trip(nasty, where, kind=kind, **urls[kind]) == set()
    assert kind in KINDS


@pytest.mark.external
@pytest.mark.parametrize("kind", sorted(_START))
def test_others_keep_what_they_can(sample: GraphStore, nasty: GraphStore, kind: str, tmp_path: Path) -> None:
    """Other stores give the sample vault back as it was, and of the nasty dataset what is documented."""
    with _START[kind](tmp_path) as server:
        assert _round_trip(sample, server) <= _CANNOT[kind]
        assert _answers(server) == _answers(sample)
        assert _round_trip(nasty, server, packed=True) == {name for name in _CANNOT[kind] if "w3id" not in name}
