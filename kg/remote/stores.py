"""What triple stores have in common, the SPARQL 1.1 protocols, and where each differs: one small class a store.

A class says where things are and what a server bears; it sends nothing. `kg.remote.endpoint` sends. Sources: SPARQL
1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/), SPARQL 1.1 Graph Store HTTP Protocol
(https://www.w3.org/TR/sparql11-http-rdf-update/), and the manual named by each class. docs/loading.md says which were
tested against real servers, and what these cannot keep.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

__all__ = ["KINDS", "Call", "Probe", "Store", "Transaction", "named"]

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """Where a request goes, and in which media type its body, or the answer to it, travels."""

    method: str
    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    media: str = "application/n-triples"


class Probe(Protocol):
    """Looks at a server whose kind is not known."""

    server: str
    """Its `Server` header, in lower case."""

    def get(self, url: str) -> tuple[int, Mapping[str, str], str]:
        """The status, the headers and the beginning of what is there; the status is 0 when nothing answers."""
        ...


class Store:
    """A SPARQL 1.1 endpoint that answers queries and updates at one URL."""

    kind: ClassVar[str] = "sparql"
    title: ClassVar[str] = "SPARQL 1.1 endpoint"
    triples: ClassVar[str] = "application/n-triples"  # media type of N-Triples
    largest: ClassVar[int] = 2 * MEGABYTE  # bytes of a request; a larger graph is sent in pieces
    streams: ClassVar[bool] = True  # takes a body of unknown length (RFC 9112, section 7.1)
    unpacks: ClassVar[bool] = False  # takes triples that are compressed
    groups: ClassVar[bool] = True  # takes many graphs in one SPARQL Update
    default_graph: ClassVar[bool] = True  # has a graph without a name
    union: ClassVar[Mapping[str, str]] = MappingProxyType({})  # parameters for a query over all graphs as one
    signs_in_elsewhere: ClassVar[bool] = False  # has other URLs for those with credentials
    updates: ClassVar[str] = "application/sparql-update"  # media type of SPARQL Update
    preamble: ClassVar[bytes] = b""  # without it triples are not known for what they are
    puts: ClassVar[bool] = True  # has a request that replaces a graph
    stream: ClassVar[int] = 64 * MEGABYTE  # bytes of graphs that are added by one request

    def __init__(self, url: str, *, signed_in: bool = False) -> None:
        """Locate a store.

        Args:
            url: what the user gave.
            signed_in: there are credentials for it.
        """
        self.url = url.rstrip("/") if urlsplit(url).path != "/" or "?" in url else url
        self.signed_in = signed_in
        self.query = self.update = self.url
        self.graphs = ""
        self.quads = ""
        self.transactions = self.names = ""
        self.locate(self.url.rstrip("/"))

    def locate(self, base: str) -> None:
        """Set `query` and `update` (SPARQL 1.1 Protocol), `graphs` (Graph Store Protocol) and `quads`.

        And, where the store has them, `transactions` and `names`, a list of the graphs. An empty one is not there.
        """

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:  # noqa: ARG003 - of those that can be
        """Whether this kind answers at a URL."""
        return False

    def change(self) -> Call:
        """Run a body of SPARQL Update."""
        return Call("POST", self.update, {}, self.updates)

    def put(self, graph: str) -> Call:
        """Replace a graph (the default graph when empty) by the body."""
        return Call("PUT", self.graphs, self.selecting(graph), self.triples)

    def post(self, graph: str) -> Call:
        """Add the body to a graph."""
        return Call("POST", self.graphs, self.selecting(graph), self.triples)

    def get(self, graph: str) -> Call:
        """Read a graph, by the Graph Store Protocol or as the answer to a query."""
        if self.graphs:
            return Call("GET", self.graphs, self.selecting(graph), self.triples)
        where = f"GRAPH <{graph}> {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
        return Call("POST", self.query, {"query": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {where} }}"}, self.triples)

    def delete(self, graph: str) -> Call:
        """Drop a graph."""
        return Call("DELETE", self.graphs, self.selecting(graph))

    def add(self) -> Call:
        """Add a body of N-Quads, or TriG by its media type, to the dataset."""
        return Call("POST", self.quads, {}, "application/n-quads")

    def begin(self) -> Call:
        """Begin a transaction; its URL is the `Location` of the answer."""
        return Call("POST", self.transactions)

    def within(self, transaction: str) -> "Transaction":
        """The same store within a transaction that was begun."""
        raise NotImplementedError(transaction)

    def selecting(self, graph: str) -> Mapping[str, str]:
        """The parameters that name a graph (Graph Store Protocol, section 4.1)."""
        return {"graph": graph} if graph else {"default": ""}


class Transaction(Store):
    """A store within a transaction: what is written is seen by others when it is committed."""

    def commit(self) -> Call:
        """Let others see it."""
        raise NotImplementedError

    def rollback(self) -> Call:
        """Undo it."""
        raise NotImplementedError


class GraphStoreProtocol(Store):
    """An endpoint of the Graph Store Protocol alone, by indirect identification."""

    kind = "gsp"
    title = "Graph Store Protocol endpoint"
    largest = 0

    def locate(self, base: str) -> None:
        self.graphs = self.url
        self.query = self.update = ""
        del base


class Oxigraph(Store):
    """Oxigraph Server (https://github.com/oxigraph/oxigraph/blob/main/cli/README.md).

    It takes in a whole request before it writes any of it, so that short ones keep it busy.
    """

    kind = "oxigraph"
    title = "Oxigraph Server"
    largest = 0
    union = MappingProxyType({"union-default-graph": ""})
    unpacks = True
    stream = 8 * MEGABYTE

    def locate(self, base: str) -> None:
        base = without(base, "/query", "/update", "/store", "/sparql")
        self.query, self.update = f"{base}/query", f"{base}/update"
        self.graphs = self.quads = f"{base}/store"

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        del url
        return probe.server.startswith("oxigraph")


class Fuseki(Store):
    """Apache Jena Fuseki (https://jena.apache.org/documentation/fuseki2/): the URL is that of a dataset."""

    kind = "fuseki"
    title = "Apache Jena Fuseki"
    largest = 0
    union = MappingProxyType({"default-graph-uri": "urn:x-arq:UnionGraph"})
    unpacks = True

    def locate(self, base: str) -> None:
        base = without(base, "/query", "/sparql", "/update", "/data", "/get")
        self.query, self.update = f"{base}/sparql", f"{base}/update"
        self.graphs = self.quads = f"{base}/data"

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        _, headers, _ = probe.get(url)
        return "Fuseki-Request-Id" in headers or "fuseki" in probe.server


class Rdf4j(Store):
    """Eclipse RDF4J Server (https://rdf4j.org/documentation/reference/rest-api/): the URL is that of a repository."""

    kind = "rdf4j"
    title = "Eclipse RDF4J Server"
    updates = "application/sparql-update; charset=utf-8"
    largest = 0

    def locate(self, base: str) -> None:
        base = without(base, "/statements", "/rdf-graphs/service")
        self.query = base
        self.update = self.graphs = self.quads = f"{base}/statements"
        self.transactions, self.names = f"{base}/transactions", f"{base}/contexts"

    def within(self, transaction: str) -> "Rdf4jTransaction":
        # The host and path are those that the server knows itself by, which a proxy may have changed.
        return Rdf4jTransaction(f"{self.transactions}/{transaction.rpartition('/')[2]}")

    def selecting(self, graph: str) -> Mapping[str, str]:
        """Contexts are named by IRIs in N-Triples syntax; `null` is the default graph."""
        return {"context": f"<{graph}>" if graph else "null"}

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        server, found, _ = url.partition("/repositories/")
        status, _, text = probe.get(f"{server}/protocol") if found else (0, {}, "")
        return status == 200 and text.strip().isdigit()


class Rdf4jTransaction(Rdf4j, Transaction):
    """A transaction of RDF4J, which has a URL of its own; it ends by itself after a minute in which nothing is sent."""

    puts = False

    def locate(self, base: str) -> None:
        super().locate(base.rpartition("/transactions/")[0])  # for what is read, which is what others see

    def change(self) -> Call:
        return Call("PUT", self.url, {"action": "UPDATE"}, self.updates)

    def post(self, graph: str) -> Call:
        return Call("PUT", self.url, {"action": "ADD", **self.selecting(graph)}, self.triples)

    def add(self) -> Call:
        return Call("PUT", self.url, {"action": "ADD"}, "application/n-quads")

    def commit(self) -> Call:
        return Call("PUT", self.url, {"action": "COMMIT"})

    def rollback(self) -> Call:
        return Call("DELETE", self.url)


class GraphDb(Rdf4j):
    """Ontotext GraphDB: RDF4J's API, and its own below `/rest` (https://graphdb.ontotext.com/documentation/)."""

    kind = "graphdb"
    title = "Ontotext GraphDB"

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        server, found, _ = url.partition("/repositories/")
        status, headers, _ = probe.get(f"{server}/rest/repositories") if found else (0, {}, "")
        return status in (200, 401) and (status == 401 or "json" in headers.get("Content-Type", ""))


class Virtuoso(Store):
    """OpenLink Virtuoso (https://docs.openlinksw.com/virtuoso/rdfsparqlprotocolendpoint/).

    Those who sign in do so with digest authentication at URLs of their own. A request may hold ten million characters;
    Virtuoso commits row by row and knows no compressed requests. It looks at what is sent to guess the format, and a
    long literal misleads it.
    """

    kind = "virtuoso"
    title = "OpenLink Virtuoso"
    preamble = b"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    largest = 4 * MEGABYTE
    streams = False
    groups = False
    default_graph = False
    signs_in_elsewhere = True

    def locate(self, base: str) -> None:
        base = without(base, "/sparql", "/sparql-auth", "/sparql-graph-crud", "/sparql-graph-crud-auth")
        signed = "-auth" if self.signed_in else ""
        self.query = self.update = f"{base}/sparql{signed}"
        self.graphs = f"{base}/sparql-graph-crud{signed}"

    def selecting(self, graph: str) -> Mapping[str, str]:
        return {"graph-uri": graph} if graph else {"default": ""}

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        del url
        return probe.server.startswith("virtuoso")


class Blazegraph(Store):
    """Blazegraph (https://github.com/blazegraph/database/wiki/REST_API): the URL is that of a namespace or its server.

    It has no Graph Store Protocol, but an "update with query": delete what a query constructs and add the body, in
    one commit. It reads N-Triples and N-Quads as they were before RDF 1.1, in ASCII, but Turtle and TriG in UTF-8.
    """

    kind = "blazegraph"
    title = "Blazegraph"
    triples = "text/turtle"
    updates = "application/sparql-update; charset=utf-8"
    largest = 0

    def locate(self, base: str) -> None:
        base = without(base, "/sparql")
        self.query = self.update = self.quads = f"{base}/sparql"

    def put(self, graph: str) -> Call:
        query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{graph}> {{ ?s ?p ?o }} }}"
        where = {"context-uri-insert": graph, "context-uri-delete": graph} if graph else {}
        return Call("PUT", self.query, {"query": query, **where}, self.triples)

    def post(self, graph: str) -> Call:
        return Call("POST", self.query, {"context-uri": graph} if graph else {}, self.triples)

    def delete(self, graph: str) -> Call:
        return Call("DELETE", self.query, {"c": f"<{graph}>"})

    def add(self) -> Call:
        return Call("POST", self.quads, {}, "application/x-trig")

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        status, _, text = probe.get(without(url.rstrip("/"), "/sparql") + "/sparql")
        return status == 200 and "bigdata.com/rdf" in text


class QLever(Store):
    """QLever (https://docs.qlever.dev/): everything is at one URL; updates want the access token as a bearer token."""

    kind = "qlever"
    title = "QLever"
    largest = 0

    def locate(self, base: str) -> None:
        self.query = self.update = self.graphs = base

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        status, _, text = probe.get(f"{url.rstrip('/')}?cmd=stats")
        return status == 200 and '"name-index"' in text


class Neptune(Store):
    """Amazon Neptune (https://docs.aws.amazon.com/neptune/latest/userguide/sparql-api-reference.html).

    A request may hold 150 MB. Its bulk loader reads from S3: `kg export --bulk` prepares that.
    """

    kind = "neptune"
    title = "Amazon Neptune"
    largest = 100 * MEGABYTE

    def locate(self, base: str) -> None:
        base = without(base, "/sparql", "/sparql/gsp", "/loader", "/status")
        self.query = self.update = f"{base}/sparql"
        self.graphs = f"{base}/sparql/gsp/"

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        base = without(url.rstrip("/"), "/sparql", "/sparql/gsp", "/loader", "/status")
        status, _, text = probe.get(f"{base}/status")
        return status == 200 and '"dbEngineVersion"' in text


class Stardog(Store):
    """Stardog (https://docs.stardog.com/developing/http-api): the URL is that of a database."""

    kind = "stardog"
    title = "Stardog"
    largest = 0
    union = MappingProxyType({"default-graph-uri": "tag:stardog:api:context:all"})

    def locate(self, base: str) -> None:
        base = without(base, "/query", "/update")
        self.query, self.update, self.graphs = f"{base}/query", f"{base}/update", base

    @classmethod
    def recognised(cls, url: str, probe: Probe) -> bool:
        parts = urlsplit(url)
        status, headers, _ = probe.get(f"{parts.scheme}://{parts.netloc}/admin/alive")
        return "stardog" in probe.server or (status in (200, 204) and "SD-Trace-Id" in headers)


KINDS: Mapping[str, type[Store]] = {
    store.kind: store
    for store in (
        Oxigraph,
        Fuseki,
        GraphDb,
        Rdf4j,
        Virtuoso,
        Blazegraph,
        QLever,
        Neptune,
        Stardog,
        GraphStoreProtocol,
        Store,
    )
}
"""All kinds by name, in the order in which a server is asked whether it is one."""


def named(kind: str) -> type[Store]:
    """The class of a kind; KeyError when there is none."""
    return KINDS[kind]


def without(url: str, *endings: str) -> str:
    """A URL without the longest of some endings, if it has one."""
    for ending in sorted(endings, key=len, reverse=True):
        if url.endswith(ending):
            return url[: -len(ending)]
    return url
