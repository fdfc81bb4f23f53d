"""What `requests` lacks for a triple store: patience in both directions, packed bodies, faults remembered."""

import io
import socket
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from http.client import HTTPResponse
from typing import cast

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

__all__ = ["READ", "AnswerStream", "PatientAdapter", "packed"]

READ = 1 << 16
"""Bytes that are read at a time."""


class AnswerStream(io.RawIOBase):
    """The decoded body of an answer; remembers when it broke off."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self._raw = response.raw
        self.fault: str | None = None

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Give at most `size` bytes, all that are left when it is negative."""
        try:
            if size is None or size < 0:
                return b"".join(iter(partial(self.read, READ), b""))
            return cast("bytes", self._raw.read(size, decode_content=True))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            stalled = isinstance(error, (urllib3.exceptions.ReadTimeoutError, TimeoutError))
            self.fault = "the answer stalled" if stalled else "the answer ended before it was complete"
            raise

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override] # of Buffers, only these
        """Fill a buffer."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _LastResponse(HTTPResponse):
    """The answer to a request that said `Connection: close`: nothing follows it, whatever the server says."""

    def begin(self) -> None:
        """Read status and headers."""
        super().begin()
        self.will_close = True


class _Leaving:
    """A connection that is not used again after a request that said so (RFC 9112, section 9.6).

    Without this, a server that does not repeat the word has its connection kept, and the next request meets its end.
    """

    response_class: type[HTTPResponse]

    def putrequest(self, *args: object, **options: object) -> None:
        """Begin a request."""
        self.response_class = HTTPResponse
        super().putrequest(*args, **options)  # type: ignore[misc] # of HTTPConnection

    def putheader(self, header: str, *values: str) -> None:
        """Send a header."""
        if header.lower() == "connection" and "close" in values:
            self.response_class = _LastResponse
        super().putheader(header, *values)  # type: ignore[misc] # of HTTPConnection


class PatientAdapter(HTTPAdapter):
    """Connections that give a server as long to take bytes as to give some; `requests` gives it the connect timeout."""

    def __init__(self, silence: float) -> None:
        self._silence = silence
        super().__init__(pool_connections=4, pool_maxsize=4, max_retries=0)

    def init_poolmanager(self, *args: object, **options: object) -> None:
        """Make the pools of connections."""
        super().init_poolmanager(*args, **options)  # type: ignore[arg-type, no-untyped-call, unused-ignore] # passed on
        silence = self._silence

        class Plain(_Leaving, HTTPConnection):  # type: ignore[misc] # of putheader
            def connect(self) -> None:
                super().connect()
                _tune(self.sock, silence)

        class Secure(_Leaving, HTTPSConnection):  # type: ignore[misc] # of putheader
            def connect(self) -> None:
                super().connect()
                _tune(self.sock, silence)

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def _tune(sock: "socket.socket | None", silence: float) -> None:
    if sock is not None:
        sock.settimeout(silence)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes compressed (gzip, RFC 1952), in constant memory."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    for piece in pieces:
        if data := packer.compress(piece):
            yield data
    yield packer.flush()
