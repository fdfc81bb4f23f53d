"""`kg load`, `kg pull` and `kg query --endpoint` as they are typed."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.remote import sync
from kg.remote.connect import Connection, connect
from kg.store import open_store
from tests.remote import servers
from tests.remote.faulty import Server as FaultyServer
from tests.remote.faulty import say, serving
from tests.remote.servers import Server
from tests.running import Run

_QUERY = "SELECT ?title { ?note a fm:Note ; dcterms:title ?title } ORDER BY ?title"


@pytest.fixture(scope="module")
def loaded(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A store that holds the sample vault; who changes it puts that right again."""
    with servers.oxigraph(tmp_path_factory.mktemp("loaded")) as server, open_store(sample_store) as vault:
        sync.load(sync.graphs_of(vault), connect(Connection(server.url)), f"{sync.base_of(vault)}graph/manifest")
        yield server.url


def test_load_tells_what_it_did(run: Run, sample_store: Path, loaded: str) -> None:
    """One line on standard error; as JSON on standard output when asked."""
    again = run("load", loaded, "--store", sample_store)
    assert again.err.startswith("Oxigraph Server at 127.0.0.1:")
    assert " 0 graphs written, 0 dropped, " in again.err
    told = json.loads(run("load", loaded, "--store", sample_store, "--json", "--verify").out)
    assert (told["kind"], told["new"], told["changed"], told["verified"]) == ("oxigraph", 0, 0, True)


def test_dry_run_changes_nothing(run: Run, sample_store: Path, oxigraph: Server) -> None:
    """The plan goes to standard output, and the store stays empty."""
    done = run("load", oxigraph.url, "--store", sample_store, "--dry-run")
    assert done.code == 0
    assert "+ https://kg.example/graph/resources\n" in done.out
    assert "nothing was done" in done.err
    assert connect(Connection(oxigraph.url)).select("SELECT ?s { GRAPH ?g { ?s ?p ?o } } LIMIT 1") == []


def test_verify_finds_what_was_changed_behind_our_back(run: Run, sample_store: Path, loaded: str) -> None:
    """A difference is printed and is exit code 1; the next load mends it."""
    connect(Connection(loaded)).update("INSERT DATA { GRAPH <https://kg.example/graph/resources> { <a:b> <a:c> 1 } }")
    found = run("load", loaded, "--store", sample_store, "--verify")
    assert (found.code, found.out.splitlines()[0]) == (
        1,
        "<https://kg.example/graph/resources>: 0 triples missing, 1 too many",
    )
    assert "the next `kg load` will write what differs again" in found.err
    mended = run("load", loaded, "--store", sample_store, "--verify")
    assert (mended.code, mended.out) == (0, "")
    assert "1 graphs written" in mended.err
    assert "every graph is isomorphic" in mended.err


def test_flat_merges_and_verifies(run: Run, sample_store: Path, oxigraph: Server) -> None:
    """`--flat default` puts everything into the default graph."""
    done = run("load", oxigraph.url, "--store", sample_store, "--flat", "default", "--verify")
    assert (done.code, done.out) == (0, ""), done.err
    again = run("load", oxigraph.url, "--store", sample_store, "--flat", "default", "--dry-run")
    assert "0 new, 0 changed, 0 to drop, 1 the same" in again.err
    refused = run("load", oxigraph.url, "--store", sample_store, "--flat", "not an iri")
    assert refused.code == 2


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("localhost:7878", "is not the address of a triple store"),
        ("ftp://h/", "is not the address of a triple store"),
        ("http://u:secret@127.0.0.1:9/", "no names or passwords in a URL"),
    ],
)
def test_unusable_urls_are_said_in_one_line(run: Run, sample_store: Path, url: str, said: str) -> None:
    """Exit code 2, one line, and no password in it."""
    done = run("load", url, "--store", sample_store)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err
    assert "secret" not in done.err


def test_an_unknown_kind_is_refused(run: Run, sample_store: Path, oxigraph: Server) -> None:
    """The error lists the kinds."""
    done = run("load", oxigraph.url, "--kind", "neo4j", "--store", sample_store)
    assert (done.code, "known are oxigraph, fuseki" in done.err) == (2, True)


def test_a_server_that_is_no_store_is_recognised_as_none(run: Run, sample_store: Path) -> None:
    """What answers nonsense is not taken for a store."""
    with serving(say(200, b"<html>Welcome", Content_Type="text/html")) as server:
        done = run("load", server.url, "--store", sample_store)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "cannot tell which triple store this is; say it with --kind" in done.err


@pytest.fixture
def guarded(oxigraph: Server) -> Iterator[FaultyServer]:
    """A server that wants a password and then answers as one without any triples."""
    del oxigraph
    empty = b'{"head": {"vars": ["s"]}, "results": {"bindings": []}}'

    def behave(handler: object, seen: object) -> None:
        named = getattr(seen, "headers").get("authorization")  # noqa: B009 - of a test's own class
        answer = say(200, empty, Content_Type="application/sparql-results+json", Server="Oxigraph/0")
        (answer if named else say(401, WWW_Authenticate='Basic realm="x"', Server="Oxigraph/0"))(handler, seen)  # type: ignore[arg-type]

    with serving(behave) as server:
        yield server


def test_credentials_come_from_the_environment(
    run: Run, sample_store: Path, guarded: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With KG_USER and KG_PASSWORD the store opens; without them, the error says so."""
    command = ("load", guarded.url, "--store", sample_store, "--dry-run")
    refused = run(*command)
    assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert "it wants credentials (HTTP 401 Unauthorized); set KG_USER and KG_PASSWORD" in refused.err
    monkeypatch.setenv("KG_USER", "me")
    monkeypatch.setenv("KG_PASSWORD", "very-secret")
    done = run(*command)
    assert done.code == 0
    assert "very-secret" not in done.err + done.out


def test_a_person_is_asked_on_a_terminal(sample_store: Path, guarded: FaultyServer) -> None:
    """On a terminal, name and password are asked for, and the password does not show."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "kg", "load", guarded.url, "--store", str(sample_store), "--dry-run"]
    with subprocess.Popen(
        command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, start_new_session=True
    ) as child:
        os.close(theirs)
        shown = _until(ours, "name: ")
        os.write(ours, b"me\n")
        shown += _until(ours, "password: ")
        time.sleep(0.2)
        os.write(ours, b"very-secret\n")
        out, _ = child.communicate(timeout=30)
    os.close(ours)
    assert child.returncode == 0
    assert b"+ https://kg.example/graph/resources" in out
    assert "very-secret" not in shown
    assert guarded.seen[-1].headers["authorization"] == "Basic bWU6dmVyeS1zZWNyZXQ="


def _until(terminal: int, words: str) -> str:
    shown = ""
    while words not in shown.lower():
        shown += os.read(terminal, 1000).decode("utf-8", "replace")
    return shown


# -- pull --


@pytest.mark.parametrize("name", ["g.ttl", "g.nt", "g.rdf"])
def test_a_graph_is_pulled(run: Run, loaded: str, name: str) -> None:
    """A graph becomes a file in the format of its suffix, isomorphic to what was loaded."""
    graph = "https://w3id.org/fm-kg/ontology"
    done = run("pull", loaded, "--graph", graph, "-o", name)
    assert (done.code, done.out, done.err) == (0, "", "")
    pulled = ox.Dataset(ox.Quad(*quad.triple) for quad in ox.parse(path=name))
    assert len(pulled) == len(
        list(connect(Connection(loaded)).select(f"SELECT * {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"))
    )


def test_an_answer_is_pulled(run: Run, loaded: str) -> None:
    """The rows of a query become CSV or what is asked for; triples become RDF."""
    rows = run("pull", loaded, "--query", _QUERY)
    assert rows.out.splitlines()[0] == "title"
    assert len(rows.out.splitlines()) > 40
    assert json.loads(run("pull", loaded, "-q", _QUERY, "-f", "json").out)["head"] == {"vars": ["title"]}
    triples = run("pull", loaded, "-q", "CONSTRUCT { ?n a fm:Note } WHERE { ?n a fm:Note }", "-f", "ntriples")
    assert triples.out.count("#Note> .\n") > 40
    assert run("pull", loaded, "-q", "ASK { ?n a fm:Note }").out.strip() == "true"


def test_pull_says_what_is_wrong(run: Run, loaded: str) -> None:
    """Nothing or two things to pull, no such graph, an update: each is one line and exit code 2."""
    for arguments, said in (
        ((), "what is to be pulled"),
        (("--graph", "a:b", "-q", "ASK {}"), "what is to be pulled"),
        (("--graph", "https://kg.example/none"), "there is no graph <https://kg.example/none>"),
        (("-q", "DROP ALL"), "a store is only read here"),
        (("-q", "SELEC ?x"), ""),
    ):
        done = run("pull", loaded, *arguments)
        assert (done.code, done.out) == (2, ""), arguments
        assert said in done.err


# -- query --endpoint --


@pytest.mark.parametrize("file_format", ["table", "csv", "json", "markdown"])
def test_queries_answer_the_same_there_as_here(run: Run, sample_store: Path, loaded: str, file_format: str) -> None:
    """The same query gives the same output from a remote store as from the local one."""
    here = run("query", _QUERY, "--store", sample_store, "-f", file_format)
    there = run("query", _QUERY, "--endpoint", loaded, "-f", file_format)
    assert here.code == there.code == 0, there.err
    assert here.out == there.out


@pytest.mark.parametrize("name", ["most-cited", "papers-per-year", "tags", "top-authors", "unresolved-links"])
def test_saved_queries_run_there(run: Run, sample_store: Path, loaded: str, name: str) -> None:
    """A saved query gives the same rows from both stores."""
    here = run("query", name, "--store", sample_store, "-f", "csv")
    there = run("query", name, "--endpoint", loaded, "-f", "csv")
    assert (here.code, there.code) == (0, 0), there.err
    assert sorted(there.out.splitlines()) == sorted(here.out.splitlines())


def test_what_only_the_own_store_can_do_is_refused(run: Run, loaded: str) -> None:
    """A plan of the engine is that of the local store."""
    done = run("query", _QUERY, "--endpoint", loaded, "--explain")
    assert (done.code, done.err.count("\n")) == (2, 1)
