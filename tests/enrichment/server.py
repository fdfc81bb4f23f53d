"""A local server that answers as arXiv's API and DataCite's do, with every fault on command.

`Server.faults` is a queue: each request takes the first fault that applies to it; without one it is answered
well. A `Fault` may be bound to an id (`when`), to stay (`always`), or both, which makes a culprit.
"""

import gzip
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from kg.enrichment.likeness import title_words
from tests.enrichment.papers import PAPERS, doi_answer, entry, error_entry, feed, paper_of

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa">%s]>
<feed xmlns="http://www.w3.org/2005/Atom">&z;</feed>""" % b"".join(
    b'<!ENTITY %c "%s">' % (99 + n, b"&%c;" % (98 + n if n else 97) * 10) for n in range(24)
)


@dataclass(slots=True)
class Fault:
    """What goes wrong with a request.

    Attributes:
        name: one of the methods `fault_…` of the handler.
        value: a number that some of them take.
        header: a value of `Retry-After` or `Location`, if one is sent.
        when: only requests that ask for this id.
        where: only requests whose path begins so.
        always: every such request, not only the first.

    """

    name: str
    value: float = 0
    header: str = ""
    when: str = ""
    where: str = ""
    always: bool = False


@dataclass(slots=True)
class Seen:
    """A request as it came: when, for which ids, and how."""

    at: float
    path: str
    ids: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    connection: tuple[str, int] = ("", 0)


class Server(ThreadingHTTPServer):
    """The server; a context manager that runs it in a thread on a free port of the loopback interface."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.pause = 0.0  # seconds that every answer takes
        self.lock = threading.Lock()
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def api_url(self) -> str:
        """The address of what answers like arXiv's API."""
        return f"{self.url}/api/query"

    @property
    def doi_url(self) -> str:
        """The address of what answers like DataCite's."""
        return f"{self.url}/dois"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()

    def take_fault(self, path: str, ids: list[str]) -> Fault | None:
        """Give the first fault that applies to a request for these ids."""
        with self.lock:
            for fault in self.faults:
                if path.startswith(fault.where) and (not fault.when or fault.when in ids):
                    if not fault.always:
                        self.faults.remove(fault)
                    return fault
        return None

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing when a client goes away: that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    fault: Fault
    ids: list[str]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer."""
        address = urlsplit(self.path)
        parameters = parse_qs(address.query, keep_blank_values=True)
        ids = parameters.get("id_list", [""])[0].split(",")
        if address.path.startswith("/dois/"):
            ids = [address.path.partition("arXiv.")[2]]
        connection = (self.client_address[0], self.client_address[1])
        seen = Seen(time.monotonic(), self.path, ids, dict(self.headers), connection)
        with self.server.lock:
            self.server.seen.append(seen)
        self.server.closing.wait(self.server.pause)
        fault = self.server.take_fault(self.path, ids)
        if fault is not None:
            self.fault, self.ids = fault, ids
            getattr(self, f"fault_{fault.name}")()
        elif address.path.startswith("/dois/"):
            self.answer_doi(ids[0])
        elif parameters.get("search_query", [""])[0]:
            self.search(parameters["search_query"][0], int(parameters["max_results"][0]))
        elif address.path in {"/api/query", "/moved/query"}:
            self.send(self.body(ids))
        else:
            self.send(b"<html>not here</html>", 404, kind="text/html")

    def send(
        self,
        body: bytes | str,
        status: int = 200,
        *,
        kind: str = "application/atom+xml; charset=utf-8",
        length: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Send an answer, with another length than it has if one is given."""
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def entries(self, ids: list[str]) -> list[str]:
        """Give the entries of the ids that exist, as arXiv does: unknown ones are left out."""
        found = []
        for name in ids:
            base, _, version = name.partition("v")
            paper = paper_of(base)
            if paper is not None and int(version or 1) <= paper["version"]:
                found.append(entry(base, int(version or 0)))
        return found

    def body(self, ids: list[str]) -> str:
        """Give the good answer."""
        return feed(self.entries(ids), ids=",".join(ids))

    def search(self, query: str, limit: int) -> None:
        """Answer a search for a phrase in titles, as arXiv does: the total counts what is not given, too."""
        phrase = query.removeprefix('ti:"').removesuffix('"')
        found = [name for name, paper in PAPERS.items() if phrase in " ".join(title_words(paper["title"]))]
        self.send(feed([entry(name) for name in found[:limit]], total=len(found)))

    def answer_doi(self, name: str) -> None:
        """Answer as DataCite does."""
        if paper_of(name) is None:
            self.send(b'{"errors":[{"status":"404"}]}', 404, kind="application/vnd.api+json")
        else:
            self.send(doi_answer(name), kind="application/vnd.api+json; charset=utf-8")

    # The faults.

    def fault_status(self) -> None:
        """An HTTP status without an answer, with `Retry-After` if there is a header."""
        headers = {"Retry-After": self.fault.header} if self.fault.header else {}
        self.send("", int(self.fault.value), kind="text/plain", headers=headers)

    def fault_rate_exceeded(self) -> None:
        """The text that arXiv sends under 200."""
        self.send("Rate exceeded.", kind="text/plain")

    def fault_html(self) -> None:
        """A web page under 200."""
        self.send("<!DOCTYPE html>\n<html><body>Back soon</body></html>", kind="text/html")

    def fault_truncated(self) -> None:
        """XML that is cut off, its length consistent."""
        whole = self.body(self.ids).encode()
        self.send(whole[: whole.index(b"<author>") + 20])

    def fault_short(self) -> None:
        """A body shorter than announced."""
        whole = self.body(self.ids).encode()
        self.send(whole[: len(whole) // 2], length=len(whole))
        self.close_connection = True

    def fault_stall(self) -> None:
        """Half a body, and then nothing for a while."""
        whole = self.body(self.ids).encode()
        self.send(whole[: len(whole) // 2], length=len(whole))
        self.wfile.flush()
        self.server.closing.wait(self.fault.value)
        self.close_connection = True

    def fault_silence(self) -> None:
        """No answer for a while."""
        self.server.closing.wait(self.fault.value)
        self.close_connection = True

    def fault_trickle(self) -> None:
        """A body of one byte at a time."""
        whole = self.body(self.ids).encode()
        self.send(b"", length=len(whole))
        for byte in whole:
            if self.server.closing.wait(self.fault.value):
                break
            self.wfile.write(bytes([byte]))
        self.close_connection = True

    def fault_reset(self) -> None:
        """A connection that is reset instead of answered."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        self.close_connection = True

    def fault_bomb(self) -> None:
        """XML that would fill the memory."""
        self.send(BOMB)

    def fault_duplicates(self) -> None:
        """Every entry twice."""
        self.send(feed([twice for each in self.entries(self.ids) for twice in (each, each)]))

    def fault_shuffled(self) -> None:
        """Another order than the list's."""
        self.send(feed(self.entries(self.ids)[::-1]))

    def fault_omitted(self) -> None:
        """One id is left out, and the total shrinks."""
        self.send(self.body([name for name in self.ids if name != self.fault.when]))

    def fault_stranger(self) -> None:
        """A paper nobody asked for instead of one that was."""
        self.send(self.body([*[name for name in self.ids if name != self.fault.when], "2612.00001"]))

    def fault_unpublished(self) -> None:
        """An entry without `<published>`, which the package takes for none."""
        self.send(feed([entry(name, published=name != self.fault.when) for name in self.ids]))

    def fault_bad_date(self) -> None:
        """An entry whose dates are none, over which the package stumbles."""
        entries = [entry(name) for name in self.ids]
        self.send(feed([each.replace("-", "/") if self.fault.when in each else each for each in entries]))

    def fault_wrong_total(self) -> None:
        """More results announced than given."""
        self.send(feed(self.entries(self.ids), total=len(self.ids) + 7))

    def fault_empty(self) -> None:
        """No entry at all, as happens now and then."""
        self.send(feed([]))

    def fault_malformed_id(self) -> None:
        """An id that arXiv does not like: the whole list is refused."""
        self.send(feed([error_entry(f"incorrect id format for {self.fault.when}")]), int(self.fault.value) or 400)

    def fault_huge(self) -> None:
        """An answer of many megabytes, the rest of it blanks."""
        whole = self.body(self.ids).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/atom+xml")
        self.send_header("Content-Length", str(len(whole) + int(self.fault.value)))
        self.end_headers()
        self.wfile.write(whole)
        for _ in range(int(self.fault.value) // 1_000_000):
            self.wfile.write(b" " * 1_000_000)

    def fault_gzip_bomb(self) -> None:
        """An answer that is small only until it is decompressed."""
        headers = {"Content-Encoding": "gzip"}
        self.send(gzip.compress(b" " * int(self.fault.value)), headers=headers)

    def fault_gzip(self) -> None:
        """A good answer, compressed."""
        self.send(gzip.compress(self.body(self.ids).encode()), headers={"Content-Encoding": "gzip"})

    def fault_redirect(self) -> None:
        """Another address, with the query as it was."""
        query = urlsplit(self.path).query
        self.send("", int(self.fault.value), headers={"Location": f"{self.fault.header}?{query}"})

    def fault_other_doi(self) -> None:
        """DataCite's answer about another paper."""
        self.answer_doi("2612.00001")
