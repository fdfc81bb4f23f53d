"""`kg load`, `kg pull` and `kg query --endpoint` with a real RDF4J Server: its contexts and what it says of itself."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import StoreBusyError
from kg.remote import sync, verify
from kg.remote.connect import Connection, connect
from kg.remote.content import Graph
from kg.remote.endpoint import Endpoint
from kg.remote.manifest import UpdateManifest
from kg.remote.transactions import atomically
from kg.remote.transport import AgainError, RemoteError
from kg.store import open_store
from tests.remote import servers
from tests.remote.servers import Server
from tests.running import Run

pytestmark = pytest.mark.external

_M = "https://v.example/graph/manifest"
_QUERY = "SELECT ?title { ?note a fm:Note ; dcterms:title ?title } ORDER BY ?title"


@pytest.fixture(scope="module")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with servers.rdf4j(tmp_path_factory.mktemp("rdf4j")) as server:
        yield server


@pytest.fixture
def rdf4j(_server: Server) -> Endpoint:
    """An empty repository of a running RDF4J Server, recognised as what it is."""
    endpoint = connect(Connection(_server.url))
    endpoint.update("DROP ALL")
    return endpoint


def _graph(name: str, *lines: str) -> Graph:
    """A graph with a literal, and a blank node that says it too, for each line."""
    said = [f'<a:s> <a:p> "{line}" .\n_:b{n} <a:q> "{line}" .\n' for n, line in enumerate(lines)]
    return Graph(name, lambda: ["".join(said).encode()])


def _graphs(**contents: str) -> dict[str, Graph]:
    names = {f"https://v.example/{name}": text.split() for name, text in contents.items()}
    return {name: _graph(name, *lines) for name, lines in names.items()}


def _held(endpoint: Endpoint) -> dict[str, list[str]]:
    """The literals of each graph but the manifest."""
    rows = endpoint.select("SELECT ?g ?o { GRAPH ?g { ?s <a:p> ?o } } ORDER BY ?g ?o")
    held: dict[str, list[str]] = {}
    for row in rows:
        held.setdefault(row["g"].value.removeprefix("https://v.example/"), []).append(row["o"].value)
    return held


def test_only_what_changed_is_written(rdf4j: Endpoint) -> None:
    """The second load replaces, adds and drops contexts, and leaves those of others and the default graph alone."""
    rdf4j.update('INSERT DATA { <a:s> <a:p> "default" . GRAPH <https://v.example/theirs> { <a:s> <a:p> "t" } }')
    sync.load(_graphs(same="1", changed="1 2", gone="1"), rdf4j, _M)
    after = _graphs(same="1", changed="2 é中", new="1")
    report = sync.load(after, rdf4j, _M)
    assert [len(report.plan.new), len(report.plan.changed), len(report.plan.removed)] == [1, 1, 1]
    assert report.triples == 6
    assert _held(rdf4j) == {"same": ["1"], "changed": ["2", "é中"], "new": ["1"], "theirs": ["t"]}
    assert list(verify.differences(after, rdf4j)) == []
    assert "default" in [row["o"].value for row in rdf4j.select("SELECT ?o { ?s <a:p> ?o }")]
    assert sync.load(after, rdf4j, _M).plan.written == []


def test_what_lay_in_a_new_graph_is_replaced(rdf4j: Endpoint) -> None:
    """A graph that the vault claims holds what the vault says, even when somebody wrote there before."""
    rdf4j.update('INSERT DATA { GRAPH <https://v.example/small> { <a:s> <a:p> "old" } }')
    rdf4j.update('INSERT DATA { GRAPH <https://v.example/whole> { <a:s> <a:p> "old" } }')
    whole = {"https://v.example/whole": _whole("https://v.example/whole", "new")}
    sync.load(_graphs(small="new", free="new") | whole, rdf4j, _M)
    assert _held(rdf4j) == {"small": ["new"], "free": ["new"], "whole": ["new"]}


def test_graphs_of_any_name_are_replaced_dropped_and_read(rdf4j: Endpoint) -> None:
    """A `context` is an IRI in angle brackets: spaces of percents, queries, fragments and foreign letters survive."""
    names = ["http://example.org/a%20b?c=d&e=+#f", "http://example.org/é/中", "urn:x:y", ""]
    for name in names:
        rdf4j.replace(name, lambda: [b'<a:s> <a:p> "1" .\n'])
        rdf4j.replace(name, lambda: [b'<a:s> <a:p> "2" .\n'])
        assert rdf4j.read(name, lambda stream, _: stream.read()) == b'<a:s> <a:p> "2" .\n'
    rdf4j.drop(names)
    assert rdf4j.select("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }") == []


def test_the_commands_work_there(run: Run, sample_store: Path, rdf4j: Endpoint) -> None:
    """A dry run, a load with its verification, a difference that is found and mended, a graph and an answer pulled."""
    url = rdf4j.store.url
    dry = run("load", url, "--store", sample_store, "--dry-run")
    assert "+ https://kg.example/graph/resources\n" in dry.out
    assert rdf4j.select("SELECT * { ?s ?p ?o } LIMIT 1") == []
    first = run("load", url, "--store", sample_store, "--verify")
    assert (first.code, first.out) == (0, ""), first.err
    assert first.err.startswith("Eclipse RDF4J Server at 127.0.0.1:")
    assert "every graph is isomorphic" in first.err
    rdf4j.update("INSERT DATA { GRAPH <https://kg.example/graph/resources> { <a:b> <a:c> 1 } }")
    assert run("load", url, "--store", sample_store, "--verify").code == 1
    mended = json.loads(run("load", url, "--store", sample_store, "--verify", "--json").out)
    assert (mended["kind"], mended["changed"], mended["verified"]) == ("rdf4j", 1, True)

    ontology = "https://w3id.org/fm-kg/ontology"
    assert run("pull", url, "--graph", ontology, "-o", "o.ttl").code == 0
    pulled = len(list(ox.parse(path="o.ttl")))
    assert pulled == len(rdf4j.select(f"SELECT * {{ GRAPH <{ontology}> {{ ?s ?p ?o }} }}")) > 100
    here = run("query", _QUERY, "--store", sample_store, "-f", "csv")
    assert here.out.count("\n") > 40
    assert run("query", _QUERY, "--endpoint", url, "-f", "csv").out == here.out
    assert run("pull", url, "-q", _QUERY).out == here.out
    for name in ("most-cited", "papers-per-year", "top-authors", "model-ancestry", "hubs", "unresolved-links"):
        saved = [
            run("query", name, *where, "-f", "csv").out for where in (("--store", sample_store), ("--endpoint", url))
        ]
        assert sorted(saved[0].splitlines()) == sorted(saved[1].splitlines())


def test_one_graph_holds_all(run: Run, sample_store: Path, rdf4j: Endpoint) -> None:
    """`--flat default` goes to the context `null`, and is read back from there."""
    done = run("load", rdf4j.store.url, "--store", sample_store, "--flat", "default", "--verify")
    assert (done.code, done.out) == (0, ""), done.err


# -- transactions --


def _whole(name: str, *lines: str) -> Graph:
    """A graph that is too large to share a request, with blank nodes."""
    padding = b"".join(b'<a:s> <a:padding> "%d %s" .\n' % (number, b"x" * 10_000) for number in range(101))
    return Graph(name, lambda: [*_graph(name, *lines).triples(), padding])


def test_what_a_load_changes_is_seen_at_once(rdf4j: Endpoint) -> None:
    """Until the last graph of a batch is written, readers see the store as it was: what is gone, too."""
    seen: list[dict[str, list[str]]] = []
    sync.load(_graphs(a="1", b="1", gone="1"), rdf4j, _M)

    def watched() -> Iterator[bytes]:
        seen.append(_held(rdf4j))
        yield from _whole("", "2").triples()

    after = _graphs(a="2", new="2") | {"https://v.example/b": Graph("https://v.example/b", watched)}
    sync.load(after, rdf4j, _M)
    assert len(seen) >= 3  # for the digest, and for what is sent
    assert seen == [{"a": ["1"], "b": ["1"], "gone": ["1"]}] * len(seen)
    assert _held(rdf4j) == {"a": ["2"], "b": ["2"], "new": ["2"]}
    assert list(verify.differences(after, rdf4j)) == []


def test_readers_and_signs_of_life_do_not_wait_for_a_transaction(rdf4j: Endpoint) -> None:
    """Within a transaction others read and write elsewhere in the store, and another transaction begins and ends."""
    sync.load(_graphs(a="1"), rdf4j, _M)

    def work(to: Endpoint) -> None:
        to.replace("https://v.example/a", lambda: [b'<a:s> <a:p> "2" .\n'])
        rdf4j.update('INSERT DATA { GRAPH <https://v.example/beat> { <a:s> <a:p> "tick" } }')
        atomically(rdf4j, lambda other: other.replace("https://v.example/o", lambda: [b'<a:s> <a:p> "o" .\n']))
        assert _held(rdf4j) == {"a": ["1"], "beat": ["tick"], "o": ["o"]}

    atomically(rdf4j, work)
    assert _held(rdf4j) == {"a": ["2"], "beat": ["tick"], "o": ["o"]}


@pytest.mark.parametrize("error", [RemoteError("refused"), KeyboardInterrupt(), ValueError("a fault of ours")])
def test_what_fails_is_rolled_back(rdf4j: Endpoint, error: BaseException) -> None:
    """Whatever ends a transaction before its time, nothing of it stays, and the server holds it no longer."""
    sync.load(_graphs(a="1"), rdf4j, _M)
    inside: list[Endpoint] = []

    def work(to: Endpoint) -> None:
        inside.append(to)
        to.drop(["https://v.example/a"])
        raise error

    with pytest.raises(type(error)):
        atomically(rdf4j, work)
    assert _held(rdf4j) == {"a": ["1"]}
    with pytest.raises((RemoteError, AgainError), match=r"not registered|unable to find"):
        inside[0].drop(["https://v.example/a"])


@pytest.mark.parametrize("lost", ["request", "answer"])
def test_a_load_whose_network_breaks_anywhere_begins_its_batch_again(rdf4j: Endpoint, lost: str) -> None:
    """A request or its answer is lost, that of the commit too: nothing is missing, no blank node is there twice."""
    old, new = _graphs(same="1", a="1", gone="1"), _graphs(same="1", a="2 3", new="4 5")
    new |= {"https://v.example/whole": _whole("https://v.example/whole", "6")}
    broken = 0
    for breaking in range(1, 60):
        rdf4j.update("DROP ALL")
        sync.load(old, rdf4j, _M)
        store, sent = connect(Connection(rdf4j.store.url)), 0
        follow = store.client._follow  # one exchange, below what tries again

        def failing(request: object, read: object, breaking: int = breaking, follow: object = follow) -> object:
            nonlocal sent
            sent += 1
            if sent == breaking and lost == "request":
                raise AgainError("the connection broke")
            answer = follow(request, read)  # type: ignore[operator]
            if sent == breaking:
                raise AgainError("the connection broke")
            return answer

        store.client._follow = failing  # type: ignore[method-assign, assignment]
        report = sync.load(new, store, _M)
        assert report.triples == 111
        assert _held(rdf4j) == {"same": ["1"], "a": ["2", "3"], "new": ["4", "5"], "whole": ["6"]}, breaking
        assert list(verify.differences(new, rdf4j)) == [], breaking
        if sent < breaking:
            break
        broken += 1
    assert broken >= 12


def test_a_load_that_lost_the_store_changes_nothing(rdf4j: Endpoint) -> None:
    """Who was taken for dead while he wrote does not commit."""
    sync.load(_graphs(a="1"), rdf4j, _M)

    def taken_over() -> Iterator[bytes]:
        held = f"GRAPH <{_M}> {{ <{_M}#load> ?p ?o }}"
        rdf4j.update(f"DELETE {{ {held} }} WHERE {{ {held} }}")
        yield b'<a:s> <a:p> "2" .\n'

    graphs = {"https://v.example/a": _Late("https://v.example/a", taken_over)}
    with pytest.raises(StoreBusyError, match="another load took over"):
        sync.load(graphs, rdf4j, _M)
    assert _held(rdf4j) == {"a": ["1"]}
    assert UpdateManifest(rdf4j, _M).holders() == {}


class _Late(Graph):
    """A graph that is only made when it is written."""

    def digest(self) -> str:
        return "another"


def test_blank_nodes_of_two_graphs_stay_two(rdf4j: Endpoint) -> None:
    """Labels that two graphs of a transaction have in common stand for different nodes, large or small."""
    graphs = {name: _whole(name, "1") for name in ("a:1", "a:2")} | {name: _graph(name, "1") for name in ("a:3", "a:4")}
    sync.load(graphs, rdf4j, _M)
    sync.load({name: _whole(name, "2") for name in graphs}, rdf4j, _M)
    assert len(rdf4j.select("SELECT DISTINCT ?b { GRAPH ?g { ?b <a:q> ?o } }")) == 4


def test_a_load_that_is_killed_leaves_all_or_nothing(rdf4j: Endpoint, sample_store: Path) -> None:
    """Killed while it writes, `kg load` leaves the store as it was; the next one does not wait for its transaction."""
    with open_store(sample_store) as vault:
        graphs, manifest = sync.graphs_of(vault), f"{sync.base_of(vault)}graph/manifest"
        command = [sys.executable, "-m", "kg", "load", rdf4j.store.url, "--kind", "rdf4j", "--store", str(sample_store)]
        pending = f"SELECT * {{ GRAPH <{manifest}> {{ ?g <{manifest}#pending> ?t }} }} LIMIT 1"
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while process.poll() is None and not rdf4j.select(pending):
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        there = len(rdf4j.select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"))
        assert there in (1, len(graphs) + 1)  # the manifest is one
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        assert time.monotonic() - began < 30
        assert list(verify.differences(graphs, rdf4j)) == []
