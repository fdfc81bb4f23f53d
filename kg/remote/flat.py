"""A vault merged into one graph of a store, or into its default graph, for stores and tools without named graphs.

The graph tells itself what it holds, by two triples about the manifest of the vault: `…#merged` comes first and
`…#digest` last, so that one that was left unfinished is known to be ours, and is written again.
"""

import time
from collections.abc import Iterator, Mapping

from kg.errors import UsageError
from kg.exchange import canonical
from kg.ntriples import iri, literal
from kg.remote.content import Digest, Graph, merged
from kg.remote.endpoint import Endpoint
from kg.remote.sync import Plan, Report
from kg.remote.writing import Progress

__all__ = ["as_one", "load_flat", "plan_flat", "records"]


def as_one(graphs: Mapping[str, Graph], target: str) -> Graph:
    """All graphs as one of another name; the default graph when that is empty."""
    return Graph(target, lambda: merged(graphs.values()))


def records(manifest_graph: str, digest: str) -> list[bytes]:
    """The triples that tell what the merged graph holds."""
    subject = iri(manifest_graph)
    return [
        f"{subject} {iri(f'{manifest_graph}#{word}')} {literal(value)} .\n".encode()
        for word, value in (("merged", "by kg load"), ("digest", digest))
    ]


def plan_flat(graph: Graph, endpoint: Endpoint, manifest_graph: str, *, overwrite: bool = False) -> tuple[Plan, str]:
    """What is to be done, and the digest of the graph.

    Raises:
        UsageError: the store has no such graph to write to, or there is something of others in it.
    """
    if not graph.name and not endpoint.store.default_graph:
        raise UsageError(f"a {endpoint.store.title} has no default graph; name one with --flat IRI")
    digest = graph.digest()
    told = _records_there(graph.name, endpoint, manifest_graph)
    if told.get("digest") == digest:
        return Plan(same=[graph.name]), digest
    if told:
        return Plan(changed=[graph.name]), digest
    if not overwrite and _holds_anything(graph.name, endpoint):
        where = f"graph <{graph.name}>" if graph.name else "the default graph"
        raise UsageError(
            f"{endpoint.client.server}: {where} holds what `kg load` did not put there; name another graph with "
            "--flat IRI, or replace it with --overwrite"
        )
    return Plan(new=[graph.name]), digest


def load_flat(
    graph: Graph,
    endpoint: Endpoint,
    manifest_graph: str,
    planned: tuple[Plan, str],
    *,
    progress: Progress = lambda _: None,
) -> Report:
    """Write the merged graph, if it is not there already.

    Raises:
        RemoteError: the store refused it.
    """
    started = time.perf_counter()
    todo, digest = planned
    report = Report(todo)
    if todo.written:
        first, last = records(manifest_graph, digest)

        def triples() -> Iterator[bytes]:
            counted = Digest()
            yield first
            for piece in graph.triples():
                yield piece
                counted.count += piece.count(b"\n")
                if counted.count > report.triples:
                    progress(counted.count - report.triples)
                    report.triples = counted.count
            yield last

        endpoint.replace(graph.name, triples)
    report.seconds = time.perf_counter() - started
    return report


def _records_there(name: str, endpoint: Endpoint, manifest_graph: str) -> dict[str, str]:
    if endpoint.store.query:
        pattern = f"{iri(manifest_graph)} ?word ?value"
        rows = endpoint.select(f"SELECT ?word ?value WHERE {{ {_inside(name, pattern)} }}", "reading the manifest")
        return {row["word"].value.rpartition("#")[2]: row["value"].value for row in rows}
    found = {}
    for line in endpoint.read(name, canonical) or ():
        if line.startswith(f"{iri(manifest_graph)} "):
            _, word, value = line.split(" ", 2)
            found[word[1:-1].rpartition("#")[2]] = value.split('"')[1]
    return found


def _holds_anything(name: str, endpoint: Endpoint) -> bool:
    if endpoint.store.query:
        return bool(endpoint.select(f"SELECT ?s WHERE {{ {_inside(name, '?s ?p ?o')} }} LIMIT 1"))
    return bool(endpoint.read(name, canonical))


def _inside(name: str, pattern: str) -> str:
    return f"GRAPH {iri(name)} {{ {pattern} }}" if name else pattern
