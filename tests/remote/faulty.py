"""A small HTTP server that misbehaves as it is told: one behaviour for each request, then good manners."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Behaviour", "Seen", "Server", "linger", "reset", "say", "serving", "stall", "truncate"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came: its headers by lower-case names, its body decoded of chunks but not of gzip."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[["_Handler", Seen], None]


@dataclass(slots=True)
class Server:
    """The running server: what it saw, from which addresses, and what it will do; the last behaviour stays.

    It takes no byte of a body for `pause` seconds.
    """

    url: str
    behaviours: list[Behaviour] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    connections: set[object] = field(default_factory=set)
    released: threading.Event = field(default_factory=threading.Event)
    pause: float = 0.0

    def will(self, *behaviours: Behaviour) -> None:
        """Say what it does next."""
        self.behaviours[:] = behaviours


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: Server

    def handle_any(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        time.sleep(self.state.pause)
        seen = Seen(self.command, self.path, headers, self._body(headers))
        self.state.seen.append(seen)
        self.state.connections.add(self.client_address)
        behaviours = self.state.behaviours
        behaviour = behaviours.pop(0) if len(behaviours) > 1 else behaviours[0]
        behaviour(self, seen)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815 - names of http.server

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "") != "chunked":
            return self.rfile.read(int(headers.get("content-length", "0")))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - a name of http.server
        del format, args


def say(status: int = 200, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer; `Retry_After="1"` becomes a header."""

    def behave(handler: _Handler, seen: Seen) -> None:
        del seen
        handler.send_response_only(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def reset(handler: _Handler, seen: Seen) -> None:
    """Break the connection without an answer."""
    del seen
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    handler.close_connection = True
    handler.connection.close()


def linger(handler: _Handler, seen: Seen) -> None:
    """Answer that all is well, and be slow to close a connection that was to be closed."""
    say(204)(handler, seen)
    time.sleep(0.2)


def stall(handler: _Handler, seen: Seen) -> None:
    """Say nothing until the test is over."""
    del seen
    handler.state.released.wait(30)
    handler.close_connection = True


def truncate(body: bytes, after: int) -> Behaviour:
    """Promise a body, and break the connection within it."""

    def behave(handler: _Handler, seen: Seen) -> None:
        del seen
        handler.send_response(200)
        handler.send_header("Content-Type", "application/n-triples")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:after])
        handler.close_connection = True

    return behave


@contextmanager
def serving(*behaviours: Behaviour, certificate: Path | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """Serve until the block ends; over TLS when there is a certificate with its key."""
    server = ThreadingHTTPServer((host, 0), _Handler)
    server.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    state = Server(f"{'https' if certificate else 'http'}://{host}:{server.server_address[1]}", list(behaviours))
    server.RequestHandlerClass = type("Handler", (_Handler,), {"state": state})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def targets(seen: Sequence[Seen]) -> list[str]:
    """What was asked, as `METHOD path`."""
    return [f"{one.method} {urlsplit(one.target).path}" for one in seen]
