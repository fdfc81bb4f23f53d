"""The verbs of a triple store, whichever it is: ask it, update it, and read, replace or drop graphs."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import IO, TypeVar
from urllib.parse import urlencode, urlsplit

from kg.errors import NetworkError, QueryError, UsageError
from kg.exchange import read_results
from kg.remote.content import BLANK, as_quads, as_trig, has_blank_nodes
from kg.remote.stores import KINDS, Call, Store
from kg.remote.transport import Answer, Body, Client, RemoteError, Request, read_all
from kg.store import Rows, Term

__all__ = ["Endpoint", "Triples", "as_update", "batches", "drop_request", "recognise"]

T = TypeVar("T")
Triples = Callable[[], Iterable[bytes]]
"""Makes N-Triples, whole lines in each piece, anew for each call."""

_RESULTS = "application/sparql-results+json"
_READING = "application/n-triples, text/turtle;q=0.8, text/plain;q=0.7, application/rdf+xml;q=0.5"
_ESCAPED = re.compile(rb"(?<!\\)((?:\\\\)+)([uU])")
_SOFT = 500_000  # bytes of one request that drops graphs
_FORM = 50_000  # bytes of one query, which is sent as a form; Jetty takes forms of 200,000 bytes, encoded


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A triple store that can be talked to.

    Attributes:
        store: where its things are.
        client: sends.
        packed: compress what is sent, where the store can unpack it.
        once: send changes once, since they are parts of something that is tried again as a whole.
    """

    store: Store
    client: Client
    packed: bool = False
    once: bool = False

    def send(self, call: Call, what: str, body: Body = None, accepted: tuple[int, ...] = ()) -> Answer[bytes]:
        """Send a change that the store says how to make.

        Raises:
            RemoteError: it was refused.
        """
        headers = {"Content-Type": call.media} if body is not None else {}
        if body is not None and call.media == self.store.triples and self.store.preamble:
            body = _behind(self.store.preamble, body)
        if body is not None and not isinstance(body, bytes) and not self.store.streams:
            body = b"".join(body())
        request = Request(
            call.method,
            call.url,
            call.parameters,
            headers,
            body,
            packed=self.packed and self.store.unpacks and call.media != self.store.updates,
            accepted=frozenset(accepted),
            once=self.once,
            what=what,
        )
        return self.client.send(request, read_all)

    def update(self, text: str | bytes, what: str = "updating") -> None:
        """Run a SPARQL 1.1 Update request (Protocol, section 2.2.2).

        Raises:
            RemoteError: it was refused.
        """
        data = text.encode() if isinstance(text, str) else text
        self.send(self.store.change(), what, data)

    def select(self, query: str, what: str = "asking") -> list[dict[str, Term]]:
        """The rows of a SELECT whose answer is small, each as the values of its bound variables.

        Raises:
            RemoteError: it was refused, or the answer is none.
        """

        def rows(stream: IO[bytes], media: str) -> list[dict[str, Term]]:
            answer = read_results(stream, media or _RESULTS)
            if not isinstance(answer, Rows):
                raise RemoteError(f"{self.client.server}: {what}: the answer has no rows")
            return [{name: term for name, term in zip(answer.variables, row, strict=True) if term} for row in answer]

        return self.ask(query, rows, _RESULTS, what=what).value

    def ask(
        self,
        query: str,
        read: Callable[[IO[bytes], str], T],
        accept: str,
        *,
        what: str = "asking",
        union: bool = False,
    ) -> Answer[T]:
        """Send a query of any form and read the answer (Protocol, section 2.1.2: as a form, which all stores take).

        Args:
            query: SPARQL.
            read: makes something of the answer; see `Client.send`.
            accept: media types.
            what: said of it in errors.
            union: let the default graph be the union of all graphs, where the store can be told so.
        """
        if not self.store.query:
            raise UsageError(f"{self.client.server}: a {self.store.title} answers no queries; name --query-url")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": accept}
        body = urlencode({"query": query, **(self.store.union if union else {})}).encode("ascii")
        return self.client.send(Request("POST", self.store.query, {}, headers, body, what=what), read)

    def read(self, graph: str, read: Callable[[IO[bytes], str], T]) -> T | None:
        """Read a graph, the default graph when `graph` is empty; None when there is none."""
        call, what = self.store.get(graph), f"reading {_name(graph)}"
        accept = _READING.replace("application/n-triples", call.media.partition(";")[0])
        if "query" in call.parameters:
            return self.ask(call.parameters["query"], read, accept, what=what).value
        request = Request(call.method, call.url, call.parameters, {"Accept": accept}, what=what)
        try:
            return self.client.send(request, read).value
        except RemoteError as error:
            if error.status == 404:
                return None
            raise

    def replace(self, graph: str, triples: Triples) -> None:
        """Make a graph hold these triples and no others; in one request, or one transaction, when they fit into one.

        Raises:
            RemoteError: it was refused.
        """
        what = f"writing {_name(graph)}"
        if self.replaces_whole:
            if not self.store.puts:
                self.update(drop_request(graph), what)
            self.send(self.store.put(graph) if self.store.puts else self.store.post(graph), what, triples)
            return
        for number, piece in enumerate(_pieces(triples, self.store.largest)):
            if self.store.graphs:
                self.send(self.store.post(graph) if number else self.store.put(graph), what, piece)
            else:
                drop = b"" if number else drop_request(graph) + b" ;\n"
                self.update(drop + as_update(graph, piece), what)

    @property
    def replaces_whole(self) -> bool:
        """Whether a graph is replaced in one request, however large it is."""
        return self.store.largest == 0

    def add(self, graphs: Callable[[], Iterable[tuple[str, bytes]]]) -> None:
        """Add graphs without blank nodes to the dataset in one request; only where the store has a place for them."""
        call = self.store.add()
        made = as_trig if "trig" in call.media else as_quads
        self.send(call, "writing", lambda: _gathered(made(triples, name) for name, triples in graphs()))

    def existing(self, graphs: Collection[str]) -> set[str]:
        """Those of some named graphs that hold anything."""
        if not self.store.names:
            return set(self._asked_for(graphs))

        def those(stream: IO[bytes], media: str) -> set[str]:
            answer = read_results(stream, media or _RESULTS)
            named = (row[0].value for row in answer if row[0] is not None) if isinstance(answer, Rows) else ()
            return {name for name in named if name in graphs}

        request = Request("GET", self.store.names, {}, {"Accept": _RESULTS}, what="listing graphs")
        return self.client.send(request, those).value

    def _asked_for(self, graphs: Iterable[str]) -> Iterator[str]:
        for some in batches(graphs, lambda graph: len(graph) + 3, _FORM):
            names = " ".join(f"<{graph}>" for graph in some)
            something = "FILTER EXISTS { GRAPH ?graph { ?s ?p ?o } }"
            rows = self.select(
                f"SELECT ?graph WHERE {{ VALUES ?graph {{ {names} }} {something} }}", "looking for graphs"
            )
            yield from (row["graph"].value for row in rows)

    def drop(self, graphs: Iterable[str]) -> None:
        """Remove graphs, those that there are."""
        graphs = list(graphs)
        if not self.store.update:
            for graph in graphs:
                self.send(self.store.delete(graph), f"dropping {_name(graph)}", accepted=(404,))
            return
        for some in batches(graphs, lambda graph: len(graph) + 24, _SOFT):
            self.update(b" ;\n".join(map(drop_request, some)), "dropping graphs")


def as_update(graph: str, triples: bytes) -> bytes:
    r"""N-Triples as an `INSERT DATA` of a graph.

    SPARQL may resolve `\u` before it looks for `\\` (SPARQL 1.1 Query, section 19.2), so `\\u` is said another way.
    """
    safe = _ESCAPED.sub(lambda found: found[1] + (b"\\u0075" if found[2] == b"u" else b"\\u0055"), triples)
    if not graph:
        return b"INSERT DATA {\n" + safe + b"}"
    return b"INSERT DATA { GRAPH <" + graph.encode() + b"> {\n" + safe + b"} }"


def batches(items: Iterable[T], size: Callable[[T], int], most: int) -> Iterator[list[T]]:
    """Lists of items whose sizes add up to at most `most`, each of at least one."""
    some: list[T] = []
    total = 0
    for item in items:
        if some and total + size(item) > most:
            yield some
            some, total = [], 0
        some.append(item)
        total += size(item)
    if some:
        yield some


def _pieces(triples: Triples, most: int) -> Iterator[bytes]:
    """N-Triples in pieces of at most about `most` bytes, at least one; all with blank nodes are in the first one.

    Blank nodes of two requests are never the same, so what they connect cannot be parted.
    """
    head = b"".join(
        line
        for chunk in triples()
        if has_blank_nodes(chunk)
        for line in chunk.splitlines(keepends=True)
        if BLANK.match(line)
    )
    piece, size, sent = [head], len(head), False
    for chunk in triples():
        lines = [chunk]
        if size + len(chunk) > most or (head and has_blank_nodes(chunk)):
            lines = [line for line in chunk.splitlines(keepends=True) if not (head and BLANK.match(line))]
        for line in lines:
            if size and size + len(line) > most:
                yield b"".join(piece)
                piece, size, sent = [], 0, True
            piece.append(line)
            size += len(line)
    if size or not sent:
        yield b"".join(piece)


def drop_request(graph: str) -> bytes:
    """The SPARQL Update that removes a graph, if it is there."""
    return b"DROP SILENT " + (b"GRAPH <" + graph.encode() + b">" if graph else b"DEFAULT")


def _behind(preamble: bytes, body: bytes | Triples) -> bytes | Triples:
    return preamble + body if isinstance(body, bytes) else lambda: chain((preamble,), body())


def _gathered(pieces: Iterable[bytes], size: int = 1 << 18) -> Iterator[bytes]:
    """The same bytes in fewer pieces: each one is a chunk of its own on the wire."""
    held: list[bytes] = []
    total = 0
    for piece in pieces:
        held.append(piece)
        total += len(piece)
        if total >= size:
            yield b"".join(held)
            held, total = [], 0
    if held:
        yield b"".join(held)


def _name(graph: str) -> str:
    return f"<{graph}>" if graph else "the default graph"


class _Probe:
    """Looks at a server; each place once."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seen: dict[str, tuple[int, Mapping[str, str], str]] = {}
        self.server = ""

    def get(self, url: str) -> tuple[int, Mapping[str, str], str]:
        if url not in self.seen:

            def beginning(stream: IO[bytes], media: str) -> str:
                del media
                return stream.read(20_000).decode("utf-8", "replace")

            told = frozenset(range(300, 600)) - {401, 429, 503}
            request = Request("GET", url, accepted=told, whole=False, what="finding out what it is")
            answer = self.client.send(request, beginning)
            self.server = self.server or answer.headers.get("Server", "").lower()
            self.seen[url] = answer.status, answer.headers, answer.value
        return self.seen[url]


def recognise(url: str, client: Client, *, signed_in: bool = False) -> Store:
    """Find out from a server's own answers what it is.

    Raises:
        UsageError: it does not tell.
        NetworkError: it does not answer.
    """
    probe = _Probe(client)
    probe.get(url)
    for kind in KINDS.values():
        if kind.recognised(url, probe):
            return kind(url, signed_in=signed_in)
    store = Store(url, signed_in=signed_in)
    try:
        Endpoint(store, client).select("SELECT ?s WHERE { ?s ?p ?o } LIMIT 1")
    except (NetworkError, QueryError) as error:
        raise UsageError(
            f"{urlsplit(url).netloc}: cannot tell which triple store this is; say it with --kind ({', '.join(KINDS)})"
        ) from error
    return store
