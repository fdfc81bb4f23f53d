"""HTTP to a triple store over a real network: patient, bounded, and careful with credentials.

A request is sent until it is answered: connections that break, answers that end too early, 429 and 5xx are tried
again, with exponential backoff and full jitter or after what `Retry-After` asks for. Bodies may be made while they
are sent, in constant memory, and are made anew for each try. Every request of `kg.remote` may be repeated without
harm; what may not is built so that it can.

::

    NetworkError
    └── RemoteError      a triple store did not do what it was asked; `status` is its HTTP status or 0
        └── AccessError  it wants credentials, or other ones
"""

import gzip
import random
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Generic, TypeVar, cast
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from kg import __version__
from kg.errors import NetworkError
from kg.remote.connections import READ, AnswerStream, PatientAdapter, packed
from kg.remote.credentials import Ask, Authorizer, Credentials, origin

__all__ = ["AccessError", "AgainError", "Answer", "Body", "Client", "Patience", "RemoteError", "Request", "read_all"]

T = TypeVar("T")
Body = bytes | Callable[[], Iterable[bytes]] | None
"""What is sent: bytes, or a function that makes them piece by piece, anew for each try."""

_MOSTREAD = 256_000_000
_DENIED = re.compile(r"permission denied|no permission", re.IGNORECASE)  # how Virtuoso says 403
_FOLLOWED = frozenset({301, 302, 303, 307, 308})
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524})


class RemoteError(NetworkError):
    """A triple store did not do what it was asked.

    Attributes:
        status: the HTTP status, 0 when there was no answer.
    """

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class AccessError(RemoteError):
    """A triple store wants credentials, or other ones."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, and how often to try again.

    Attributes:
        connect: seconds for a connection.
        silence: seconds without a byte, in either direction; stores think long before they answer a large request.
        tries: how often a request is sent at most.
        backoff: the longest wait before the second try, in seconds; doubled for each further one.
        longest: no wait is longer than these seconds, and a server that asks for more is given up.
        sleep: waits for seconds.
        chance: a number from 0 to 1.
    """

    connect: float = 10.0
    silence: float = 300.0
    tries: int = 6
    backoff: float = 0.5
    longest: float = 120.0
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        url: the absolute URL, without `parameters`.
        parameters: further ones of its query string.
        body: see `Body`.
        packed: send the body compressed (RFC 9110, section 8.4.1.3).
        accepted: statuses beyond 2xx that are answers.
        whole: read the answer to its end; else only what is made something of.
        once: do not send it again by itself: it is a part of something that is tried again as a whole.
        what: said of it in errors, such as `writing <https://vault.example/note/A>`.
    """

    method: str
    url: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = None
    packed: bool = False
    accepted: frozenset[int] = frozenset()
    whole: bool = True
    once: bool = False
    what: str = ""


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What was answered: the status, the headers (names in any case), and what was made of the body."""

    status: int
    headers: Mapping[str, str]
    value: T
    url: str


# In this order: the later ones are base classes of the earlier ones.
_MEANINGS: tuple[tuple[type[Exception], str], ...] = (
    (urllib3.exceptions.NameResolutionError, "no host has that name"),
    (requests.exceptions.ProxyError, "the proxy does not answer"),
    (urllib3.exceptions.NewConnectionError, "no connection ({detail})"),
    (requests.exceptions.ConnectTimeout, "no connection in time"),
    (requests.exceptions.Timeout, "not a byte for {silence:g} s"),
    (TimeoutError, "not a byte for {silence:g} s"),
    (requests.exceptions.ConnectionError, "the connection broke"),
    (urllib3.exceptions.HTTPError, "the connection broke"),
    (OSError, "the connection broke"),
)


class AgainError(Exception):
    """Nothing that can be believed yet; `wait` is what the server asks for, if it asks.

    Only who sends a request `once`, and so has to try again himself, sees it.
    """

    def __init__(self, reason: str, wait: float | None = None, status: int = 0) -> None:
        super().__init__(reason)
        self.wait = wait
        self.status = status


class Client:
    """Requests to one triple store, on connections that are kept open."""

    def __init__(
        self,
        home: str,
        credentials: Credentials | None = None,
        *,
        patience: Patience | None = None,
        session: requests.Session | None = None,
        ask: Ask | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make the client.

        Args:
            home: a URL of the server that gets the credentials.
            credentials: who we are, if that is known.
            patience: see there.
            session: see `session`; by default a plain one.
            ask: asked once for credentials when the server wants some and there are none.
            notice: told in one line when a wait begins, and why.
        """
        self.patience = patience or Patience()
        self._session = session or requests.Session()
        self._authorizer = Authorizer(home, credentials)
        self._ask = ask
        self._notice = notice
        self.server = urlsplit(home).netloc
        for scheme in ("http://", "https://"):
            if type(self._session.get_adapter(scheme)) is HTTPAdapter:
                self._session.mount(scheme, PatientAdapter(self.patience.silence))

    def send(self, request: Request, read: Callable[[IO[bytes], str], T]) -> Answer[T]:
        """Send a request until it is answered.

        Args:
            request: what is asked.
            read: makes something of the body, given as a stream with its media type; called again, on a new stream,
                when the body turns out to end too early.

        Raises:
            AccessError: it wants credentials that we do not have.
            RemoteError: it said no, or nothing that can be believed.
            AgainError: the same, for now, where the request is to be sent `once`.
        """
        if request.once:
            return self._follow(request, read)
        return self.persist(lambda: self._follow(request, read), request.what)

    def persist(self, attempt: Callable[[], T], what: str) -> T:
        """Try something until it does not ask to be tried again, or patience ends.

        Args:
            attempt: does it; raises `AgainError` when another time may be better.
            what: said of it in errors.

        Raises:
            RemoteError: patience ended.
        """
        patience, tried, where = self.patience, 1, self._where(what)
        while True:
            try:
                return attempt()
            except AgainError as again:
                wait, most = again.wait, patience.tries
                if again.status == 500:  # more often than not it would go on forever
                    most = min(most, 3)
                if wait is None:
                    wait = min(patience.longest, patience.backoff * 2 ** (tried - 1)) * patience.chance()
                if tried >= most or wait > patience.longest:
                    raise RemoteError(f"{where}: {again}", again.status) from again
                self._notice(f"{where}: {again}; trying again in {wait:.1f} s")
                patience.sleep(wait)
                tried += 1

    def _where(self, what: str) -> str:
        return f"{self.server}: {what}" if what else self.server

    def _follow(self, request: Request, read: Callable[[IO[bytes], str], T]) -> Answer[T]:
        """Send it once, and again where the server says that it belongs, or with the credentials that it wants."""
        url, method, body = request.url, request.method, request.body
        parameters, hops, refused = dict(request.parameters), 0, 0
        while True:
            with self._exchange(request, method, url, parameters, body) as response:
                status = response.status_code
                if status == requests.codes.unauthorized and self._admitted(response, refused):
                    refused += 1
                    continue
                target = response.headers.get("Location")
                if status in _FOLLOWED and target and status not in request.accepted:
                    hops += 1
                    if hops > 5:
                        raise RemoteError(f"{self._where(request.what)}: redirected in circles", status)
                    url, parameters = urljoin(response.url, target), {}
                    if urlsplit(url).scheme not in ("http", "https"):
                        raise RemoteError(f"{self._where(request.what)}: redirected to what is no web address", status)
                    if status in (301, 302, 303) and method not in ("GET", "HEAD"):
                        if status != requests.codes.see_other:
                            raise RemoteError(
                                f"{self._where(request.what)}: HTTP {status} sends a {method} elsewhere, to "
                                f"{_shown(url)}; give that URL instead",
                                status,
                            )
                        method, body = "GET", None
                    continue
                self._judge(request, response)
                return Answer(status, response.headers, self._read(request, response, read), response.url)

    def _exchange(
        self, request: Request, method: str, url: str, parameters: Mapping[str, str], body: Body
    ) -> requests.Response:
        headers = {"User-Agent": f"fm-kg/{__version__}", **request.headers}
        data: bytes | Iterator[bytes] | None
        if body is None or isinstance(body, bytes):
            data = gzip.compress(body, 6, mtime=0) if body and request.packed else body
        else:
            data = iter(packed(body()) if request.packed else body())
            # Oxigraph's server leaves the end of a chunked body in the connection and takes it for the next request.
            headers["Connection"] = "close"
        if data is not None and request.packed:
            headers["Content-Encoding"] = "gzip"
        if self._authorizer.credentials is not None and origin(url) != origin(request.url):
            self._notice(f"{self.server}: redirected to {_shown(url)}, which is not told who we are")
        try:
            return self._session.request(
                method,
                url,
                params=parameters,
                headers=headers,
                data=cast("bytes | None", data),  # the stubs know no iterators
                auth=self._authorizer,
                timeout=(self.patience.connect, self.patience.silence),
                allow_redirects=False,
                stream=True,
                verify=self._session.verify,  # said here, or REQUESTS_CA_BUNDLE would win over it
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise self._fault(request, error) from error

    def _admitted(self, response: requests.Response, refused: int) -> bool:
        """Whether there are credentials to try on a 401."""
        said = response.headers.get("WWW-Authenticate", "")
        response.close()
        if refused >= 2:
            return False
        if origin(response.url) == origin(self._authorizer.home):
            self.sign_in()
        return self._authorizer.accept(response.url, said)

    def _judge(self, request: Request, response: requests.Response) -> None:
        status = response.status_code
        if status < 300 or status in request.accepted:
            return
        said = f"HTTP {status} {response.reason or ''}".rstrip()
        try:
            first = response.raw.read(2000, decode_content=True)
        except (urllib3.exceptions.HTTPError, OSError):
            first = b""
        if words := self._authorizer.masked(_words(first.decode("utf-8", "replace"))):
            said = f"{said}: {words}"
        if status in (401, 403) or (status == 500 and _DENIED.search(said)):
            told = self._authorizer.credentials is not None
            raise AccessError(
                f"{self._where(request.what)}: {'access denied' if told else 'it wants credentials'} ({said}); set "
                "KG_USER and KG_PASSWORD, or KG_TOKEN, or write them into ~/.netrc",
                status,
            )
        if status in _AGAIN:
            raise AgainError(said, _retry_after(response.headers.get("Retry-After")), status)
        raise RemoteError(f"{self._where(request.what)}: {said}", status)

    def _read(self, request: Request, response: requests.Response, read: Callable[[IO[bytes], str], T]) -> T:
        stream = AnswerStream(response)
        try:
            value = read(cast("IO[bytes]", stream), media_type(response.headers))
            # To the end: only then is it known to be whole, and the connection free.
            while request.whole and stream.read(READ):
                pass
        except BaseException as error:
            if stream.fault is not None:
                raise AgainError(stream.fault) from error
            raise
        return value

    def _fault(self, request: Request, error: Exception) -> Exception:
        """What an exception of the libraries means; what will not get better is an error at once."""
        where = self._where(request.what)
        inner = error.args[0] if error.args else error
        reason = getattr(inner, "reason", inner)
        if isinstance(error, requests.exceptions.SSLError):
            why = re.search(r"certificate verify failed: ([^(\]]+)", f"{error} {reason}")
            hint = "; name the authority with --ca-bundle" if why else ""
            return RemoteError(f"{where}: no secure connection ({why[1].strip() if why else 'TLS failed'}){hint}")
        if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
            return RemoteError(f"{where}: not a web address")
        for kind, meaning in _MEANINGS:
            if isinstance(error, kind) or isinstance(reason, kind):
                detail = str(reason).rpartition(": ")[2]
                return AgainError(meaning.format(silence=self.patience.silence, detail=detail))
        return RemoteError(f"{where}: {type(error).__name__}")

    @property
    def signed_in(self) -> bool:
        """Whether there are credentials to give."""
        return self._authorizer.credentials is not None

    def sign_in(self) -> bool:
        """Ask for credentials, where that is possible, there are none, and nobody was asked yet; whether some came."""
        if self.signed_in or self._ask is None:
            return False
        ask, self._ask = self._ask, None
        self._authorizer.identify(ask(self.server))
        return self.signed_in

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def read_all(stream: IO[bytes], media: str) -> bytes:  # noqa: ARG001 - a `read` of `Client.send`
    """Read a small answer."""
    data = stream.read(_MOSTREAD)
    if len(data) == _MOSTREAD:
        raise RemoteError(f"an answer of more than {_MOSTREAD:,} bytes")
    return data


def media_type(headers: Mapping[str, str]) -> str:
    """The media type of an answer, in lower case and without parameters; empty when none is given."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _retry_after(value: str | None) -> float | None:
    """The seconds of the header (RFC 9110, section 10.2.3): a number or a date; None when it is neither."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _shown(url: str) -> str:
    """A URL for people: without a name or password in it, and without its query, which may hold a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


_MARKUP = re.compile(r"<(style|script|head)\b.*?</\1>|<[a-z/!?][\w-]*(?:\s[^>]*)?/?>", re.DOTALL | re.IGNORECASE)


def _words(text: str) -> str:
    """The first words of an error page, in one line."""
    line = " ".join(_MARKUP.sub(" ", text).split())
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= 200 else line[:199] + "…"
