"""Where each store has its things, as its manual says, and how a server is recognised by its own answers."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

import pytest

from kg.errors import QueryError
from kg.remote import sync
from kg.remote.asking import answered
from kg.remote.connect import Connection, connect
from kg.remote.content import Graph
from kg.remote.endpoint import Endpoint
from kg.remote.stores import KINDS, Call
from kg.remote.transport import Client
from tests.remote.faulty import Behaviour, Seen, say, serving

_NO_ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[]}}'
_G = "https://v.example/note/A b".replace(" ", "%20")


def _line(call: Call) -> str:
    return f"{call.method} {call.url}?{urlencode(call.parameters)}".rstrip("?")


@pytest.mark.parametrize(
    ("kind", "url", "query", "update", "put"),
    [
        ("oxigraph", "http://h", "http://h/query", "http://h/update", "PUT http://h/store?graph={g}"),
        ("oxigraph", "http://h/query", "http://h/query", "http://h/update", "PUT http://h/store?graph={g}"),
        ("fuseki", "http://h/ds", "http://h/ds/sparql", "http://h/ds/update", "PUT http://h/ds/data?graph={g}"),
        ("fuseki", "http://h/ds/sparql", "http://h/ds/sparql", "http://h/ds/update", "PUT http://h/ds/data?graph={g}"),
        (
            "rdf4j",
            "http://h/rdf4j-server/repositories/r/",
            "http://h/rdf4j-server/repositories/r",
            "http://h/rdf4j-server/repositories/r/statements",
            "PUT http://h/rdf4j-server/repositories/r/statements?context=%3C{g}%3E",
        ),
        (
            "graphdb",
            "http://h:7200/repositories/r",
            "http://h:7200/repositories/r",
            "http://h:7200/repositories/r/statements",
            "PUT http://h:7200/repositories/r/statements?context=%3C{g}%3E",
        ),
        (
            "virtuoso",
            "http://h:8890/",
            "http://h:8890/sparql",
            "http://h:8890/sparql",
            "PUT http://h:8890/sparql-graph-crud?graph-uri={g}",
        ),
        ("qlever", "http://h:7001", "http://h:7001", "http://h:7001", "PUT http://h:7001?graph={g}"),
        (
            "neptune",
            "https://h:8182",
            "https://h:8182/sparql",
            "https://h:8182/sparql",
            "PUT https://h:8182/sparql/gsp/?graph={g}",
        ),
        (
            "stardog",
            "http://h:5820/db",
            "http://h:5820/db/query",
            "http://h:5820/db/update",
            "PUT http://h:5820/db?graph={g}",
        ),
        ("gsp", "http://h/graphs", "", "", "PUT http://h/graphs?graph={g}"),
    ],
)
def test_each_store_has_its_own_places(kind: str, url: str, query: str, update: str, put: str) -> None:
    """The query, update and graph URLs are those of the manual, whichever of them is given."""
    store = KINDS[kind](url)
    expected = put.replace("{g}", urlencode({"": _G})[1:])
    assert (store.query, store.update, _line(store.put(_G))) == (query, update, expected)


def test_virtuoso_has_other_places_for_those_who_sign_in() -> None:
    """Digest authentication has URLs of its own."""
    store = KINDS["virtuoso"]("http://h:8890", signed_in=True)
    assert (store.update, store.graphs) == ("http://h:8890/sparql-auth", "http://h:8890/sparql-graph-crud-auth")


def test_the_default_graph_has_a_name_of_its_own() -> None:
    """`default` in the Graph Store Protocol, `null` in RDF4J's."""
    assert _line(KINDS["fuseki"]("http://h/ds").put("")) == "PUT http://h/ds/data?default="
    assert _line(KINDS["rdf4j"]("http://h/repositories/r").put("")).endswith("/statements?context=null")


def test_blazegraph_replaces_in_one_commit() -> None:
    """What a query constructs is deleted and the body is added by one request."""
    call = KINDS["blazegraph"]("http://h/bigdata/sparql").put(_G)
    assert (call.method, call.url) == ("PUT", "http://h/bigdata/sparql")
    assert call.parameters == {
        "query": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{_G}> {{ ?s ?p ?o }} }}",
        "context-uri-insert": _G,
        "context-uri-delete": _G,
    }


def _answering(places: Mapping[str, Behaviour]) -> Behaviour:
    """Answer as a server would at the places that it has; 404 elsewhere."""

    def behave(handler: object, seen: Seen) -> None:
        places.get(seen.target, say(404))(handler, seen)  # type: ignore[arg-type]

    return behave


@pytest.mark.parametrize(
    ("kind", "path", "places"),
    [
        ("oxigraph", "", {"/": say(200, b"<html>", Server="Oxigraph/0.5.13")}),
        ("virtuoso", "", {"/": say(404, Server="Virtuoso/07.20.3240 (Linux)")}),
        ("fuseki", "/ds", {"/ds": say(200, b"", Fuseki_Request_Id="1")}),
        ("rdf4j", "/rdf4j-server/repositories/r", {"/rdf4j-server/protocol": say(200, b"12")}),
        (
            "graphdb",
            "/repositories/r",
            {"/rest/repositories": say(200, b"[]", Content_Type="application/json"), "/protocol": say(200, b"12")},
        ),
        ("qlever", "/api", {"/api?cmd=stats": say(200, b'{"name-index": "x"}', Content_Type="application/json")}),
        ("neptune", "", {"/status": say(200, b'{"status":"healthy","dbEngineVersion":"1.3"}')}),
        ("stardog", "/db", {"/admin/alive": say(200, b"", SD_Trace_Id="1")}),
        (
            "blazegraph",
            "/bigdata",
            {"/bigdata/sparql": say(200, b"http://www.bigdata.com/rdf#/features/KB/Mode/Quads")},
        ),
        (
            "sparql",
            "/endpoint",
            {"/endpoint": say(200, _NO_ROWS, Content_Type="application/json")},
        ),
    ],
)
def test_a_server_is_recognised(kind: str, path: str, places: Mapping[str, Behaviour]) -> None:
    """Its headers, or a place that only this kind has, tell what a server is."""
    with serving(_answering(places)) as server:
        assert connect(Connection(f"{server.url}{path}")).store.kind == kind


def test_recognising_a_server_does_not_read_all_that_it_has() -> None:
    """A dataset whose URL gives a dump of everything is known by the beginning."""

    def dump(handler: object, seen: Seen) -> None:
        del seen
        out = handler.wfile  # type: ignore[attr-defined]
        out.write(b"HTTP/1.1 200 OK\r\nFuseki-Request-Id: 1\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 30_000)
        out.flush()
        handler.state.released.wait(30)  # type: ignore[attr-defined]
        handler.close_connection = True  # type: ignore[attr-defined]

    with serving(dump) as server:
        assert connect(Connection(f"{server.url}/ds")).store.kind == "fuseki"


def test_a_graph_is_written_as_the_manual_of_rdf4j_says() -> None:
    """Statements go to their context, in one PUT, without being asked twice."""
    with serving(say(204)) as server:
        store = KINDS["rdf4j"](f"{server.url}/repositories/r")
        Endpoint(store, Client(server.url)).replace(_G, lambda: [b"<a:b> <a:c> <a:d> .\n"])
    (seen,) = server.seen
    assert (seen.method, seen.headers["content-type"], seen.body) == (
        "PUT",
        "application/n-triples",
        b"<a:b> <a:c> <a:d> .\n",
    )


def test_what_a_servlet_would_take_for_latin_1_says_that_it_is_not() -> None:
    """RDF4J reads an update in the charset of its media type, which for a servlet is ISO-8859-1 when none is said."""
    with serving(say(204)) as server:
        store = KINDS["rdf4j"](f"{server.url}/repositories/r")
        Endpoint(store, Client(server.url)).update("INSERT DATA { <a:b> <a:c> 'é' }")
    (seen,) = server.seen
    assert (seen.headers["content-type"], seen.body) == (
        "application/sparql-update; charset=utf-8",
        "INSERT DATA { <a:b> <a:c> 'é' }".encode(),
    )


def test_a_row_that_is_broken_is_an_error_of_the_answer() -> None:
    """An answer whose rows hold what is no IRI is told as such."""
    row = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://h/\\u0080 <"}}]}}'
    with serving(say(200, row, Content_Type="application/sparql-results+json")) as server:
        endpoint = Endpoint(KINDS["sparql"](server.url), Client(server.url))
        with pytest.raises(QueryError, match="Invalid IRI"):
            endpoint.select("SELECT ?s { ?s ?p ?o }")


def test_a_prefix_is_declared_once() -> None:
    """The usual prefixes are declared but those that a query declares itself, which RDF4J would refuse."""
    with serving(say(200, _NO_ROWS, Content_Type="application/sparql-results+json")) as server:
        endpoint = Endpoint(KINDS["sparql"](server.url), Client(server.url))
        with answered(endpoint, "PREFIX fm: <a:> SELECT ?s { ?s a fm:Note }"):
            pass
    query = parse_qs(server.seen[0].body.decode())["query"][0]
    assert (query.count("PREFIX fm: "), query.count("PREFIX dcterms: ")) == (1, 1)


def test_a_limit_of_a_request_parts_a_graph() -> None:
    """Where a request may not be larger, the first piece replaces and the others are added."""
    with serving(say(204)) as server:
        store = KINDS["neptune"](server.url)
        store.largest = 60  # type: ignore[misc] # of this one
        Endpoint(store, Client(server.url)).replace(
            _G, lambda: [b"<a:b> <a:c> <a:d> .\n" * 2, b"_:x <a:c> _:y .\n" * 2]
        )
    assert [(seen.method, seen.body) for seen in server.seen] == [
        ("PUT", b"_:x <a:c> _:y .\n" * 2 + b"<a:b> <a:c> <a:d> .\n"),
        ("POST", b"<a:b> <a:c> <a:d> .\n"),
    ]


def test_small_graphs_share_requests_where_there_are_no_quads() -> None:
    """A store that takes no N-Quads gets many graphs in one SPARQL Update, each dropped and written."""
    graphs = {f"a:{name}": Graph(f"a:{name}", lambda: [b"_:x <a:c> _:x .\n"]) for name in "12"}
    holder = b'{"head":{"vars":["token"]},"results":{"bindings":[{"token":{"type":"literal","value":"%s"}}]}}'
    with serving(say(204)) as server:
        token: list[bytes] = []

        def behave(handler: object, seen: Seen) -> None:
            if b"?token" in seen.body or b"token" in seen.body:
                body = holder % token[0] if token else holder.replace(b'{"token":{"type":"literal","value":"%s"}}', b"")
            else:
                body = holder.replace(b'{"token":{"type":"literal","value":"%s"}}', b"")
            if b"INSERT" in seen.body and b"holder" in seen.body and not token:
                token.append(seen.body.split(b"#holder> ")[1].split(b'"')[1])
            say(200, body, Content_Type="application/sparql-results+json")(handler, seen)  # type: ignore[arg-type]

        server.will(behave)
        sync.load(graphs, connect(Connection(server.url, "qlever")), "a:m")
    updates = [seen.body for seen in server.seen if seen.headers.get("content-type") == "application/sparql-update"]
    (written,) = [body for body in updates if b"INSERT DATA" in body]
    assert written == (
        b"DROP SILENT GRAPH <a:1> ;\nINSERT DATA { GRAPH <a:1> {\n_:g0xx <a:c> _:g0xx .\n} } ;\n"
        b"DROP SILENT GRAPH <a:2> ;\nINSERT DATA { GRAPH <a:2> {\n_:g1xx <a:c> _:g1xx .\n} }"
    )
