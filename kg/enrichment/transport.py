"""One polite HTTP connection: paced, patient, bounded, and believed only when its answer was checked.

A `PoliteAdapter` is mounted on a plain `requests.Session` (`polite_session`), so whoever takes a session,
such as the client of the `arxiv` package, is polite without knowing it. Four things can go wrong::

    FaultError              no answer that can be believed (a `kg.errors.NetworkError`)
    ├── RefusedError        the service asks to be left alone for now: 403, 406, 429, 503, `Rate exceeded.`
    ├── UnreachableError    there is no such service, or no network
    ├── DoubtfulError       no answer, half of one or nonsense; asking for less may help
    └── RejectedError       this very request will never be answered; asking for less may help

The first three are tried again, with exponential backoff and jitter or after what `Retry-After` asks for,
before they are raised.
"""

import io
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

from kg import __version__
from kg.errors import NetworkError

__all__ = [
    "ARXIV_DELAY",
    "Clock",
    "DoubtfulError",
    "FaultError",
    "Manners",
    "PoliteAdapter",
    "RefusedError",
    "RejectedError",
    "UnreachableError",
    "fault_of",
    "polite_session",
    "user_agent",
]

ARXIV_DELAY = 3.0
"""Seconds between requests, at least, by https://info.arxiv.org/help/api/tou.html."""

_CHUNK = 65_536
_REFUSALS = frozenset({403, 406, 429, 503})
_REJECTIONS = frozenset({400, 404, 410, 413, 414, 422})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class FaultError(NetworkError):
    """No answer that can be believed.

    Attributes:
        status: the HTTP status, 0 when there was none.
        body: what was answered, if anything was.
        retry_after: seconds that the service asks to wait, or None.
    """

    def __init__(self, message: str, *, status: int = 0, body: bytes = b"", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.retry_after = retry_after


class RefusedError(FaultError):
    """The service asks to be left alone for now."""


class UnreachableError(FaultError):
    """There is no such service, or no network."""


class DoubtfulError(FaultError):
    """No answer, half of one, or nonsense."""


class RejectedError(FaultError):
    """Nothing will ever answer this very request."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How long to wait for whom, and how much to take.

    Attributes:
        contact: an e-mail address or a web page, to be reached when the program misbehaves.
        delay: seconds between the end of an answer and the next request; to arxiv.org's own hosts at least
            `ARXIV_DELAY`.
        connect_timeout: seconds for a connection.
        read_timeout: seconds without a single byte.
        answer_timeout: seconds for a whole answer, however steadily it trickles.
        refusals: how often a refusal is tried again; with the default backoff for about seven minutes.
        doubts: how often an answer that cannot be believed is asked for again.
        silences: how often an unreachable service is tried again.
        backoff: seconds before the first repetition; doubled each time, less up to half of it at random.
        longest_wait: seconds; the backoff grows no further, and a service that asks for more is given up.
        max_bytes: size of an answer, decompressed, beyond which it is not read on.
    """

    contact: str = ""
    delay: float = ARXIV_DELAY
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    answer_timeout: float = 120.0
    refusals: int = 6
    doubts: int = 3
    silences: int = 2
    backoff: float = 6.0
    longest_wait: float = 900.0
    max_bytes: int = 20_000_000

    def delay_for(self, url: str) -> float:
        """Give the seconds between two requests to the host of `url`."""
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
        arxiv = host == "arxiv.org" or host.endswith(".arxiv.org")
        return max(self.delay, ARXIV_DELAY) if arxiv else self.delay


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, to be replaced in tests.

    Attributes:
        monotonic: seconds that never run backwards.
        sleep: waits for seconds.
        random: a number from 0 to 1.
        now: the time, UTC.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


def user_agent(contact: str = "") -> str:
    """Give the `User-Agent`: the program, its version and whom to write to when it misbehaves.

    Args:
        contact: an e-mail address or a web page, from `kg.toml`; DataCite grants more to those who give one.
    """
    said = "".join(character for character in contact if character.isprintable() and character.isascii()).strip()
    if not said:
        return f"fm-kg/{__version__}"
    return f"fm-kg/{__version__} ({'mailto:' if '@' in said and ':' not in said else ''}{said})"


class PoliteAdapter(HTTPAdapter):
    """Sends one request at a time, as `Manners` say, and gives back only answers that were checked.

    Attributes:
        requests: how many requests went out, repetitions and redirections included.
    """

    def __init__(
        self,
        manners: Manners,
        check: Callable[[bytes], None],
        *,
        clock: Clock | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make the adapter.

        Args:
            manners: see there.
            check: looks at the body of a 200 and raises a `FaultError` when it is not to be believed.
            clock: see there.
            notice: told in one sentence when a longer wait begins, and why.
        """
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self.requests = 0
        self._manners = manners
        self._check = check
        self._agent = user_agent(manners.contact)
        self._clock = clock or Clock()
        self._notice = notice
        self._free_at: float | None = None
        self._moved: dict[str, str] = {}

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,  # noqa: ARG002
        timeout: object = None,  # noqa: ARG002 - ours are stricter
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request until it is answered believably or patience ends.

        Raises:
            FaultError: one of its kinds, after the repetitions that `Manners` allow.
        """
        request.headers["User-Agent"] = self._agent
        target, _, query = (request.url or "").partition("?")
        if target in self._moved:
            request.url = self._moved[target] + ("?" + query if query else "")
        options = {"verify": verify, "cert": cert, "proxies": proxies}
        attempt = 0
        while True:
            self._pause(request.url or "")
            try:
                return self._once(request, options)
            except (RefusedError, UnreachableError, DoubtfulError) as fault:
                if attempt >= self._patience(fault):
                    raise
                wait = self._wait(attempt, fault)
                if wait > self._manners.longest_wait:
                    raise
                self._notice(f"{fault}; trying again in {wait:.0f} s")
                self._clock.sleep(wait)
                attempt += 1

    def _patience(self, fault: FaultError) -> int:
        if isinstance(fault, RefusedError):
            return self._manners.refusals
        return self._manners.silences if isinstance(fault, UnreachableError) else self._manners.doubts

    def _wait(self, attempt: int, fault: FaultError) -> float:
        backoff = min(self._manners.backoff * float(1 << attempt), self._manners.longest_wait)
        jittered = backoff * (1 - self._clock.random() / 2)
        if fault.retry_after is None:
            return jittered
        # Everybody was told the same moment: come a little later, each at another time.
        return fault.retry_after + min(self._manners.backoff, jittered) * self._clock.random()

    def _pause(self, url: str) -> None:
        if self._free_at is not None:
            wait = self._free_at + self._manners.delay_for(url) - self._clock.monotonic()
            if wait > 0:
                self._clock.sleep(wait)

    def _once(self, request: PreparedRequest, options: Mapping[str, object]) -> Response:
        manners = self._manners
        self.requests += 1
        deadline = self._clock.monotonic() + manners.answer_timeout
        try:
            response = super().send(
                request,
                stream=True,
                timeout=(manners.connect_timeout, manners.read_timeout),
                **options,  # type: ignore[arg-type] # verify, cert and proxies as they came
            )
            with response:
                body = self._read(response, deadline)
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise fault_of(error) from error
        finally:
            self._free_at = self._clock.monotonic()
        if response.status_code in _REDIRECTS:
            self._remember(request, response)
        else:
            self._judge(response, body)
        return _with_body(response, body)

    def _read(self, response: Response, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        # `iter_content` would wait for a full chunk, for hours if bytes trickle: no deadline could be kept.
        while part := response.raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > self._manners.max_bytes:
                raise RejectedError(f"an answer of more than {self._manners.max_bytes:,} bytes")
            if self._clock.monotonic() > deadline:
                raise DoubtfulError(f"the answer was not complete after {self._manners.answer_timeout:.0f} s")
        return b"".join(parts)

    def _judge(self, response: Response, body: bytes) -> None:
        status = response.status_code
        if status == requests.codes.ok:
            self._check(body)
            return
        said = f"HTTP {status} {response.reason or ''}".rstrip()
        asked = self._retry_after(response.headers.get("Retry-After"))
        if status in _REFUSALS:
            kind: type[FaultError] = RefusedError
        elif status in _REJECTIONS:
            kind = RejectedError
        else:
            kind = UnreachableError if 400 <= status < 500 else DoubtfulError
        raise kind(said, status=status, body=body, retry_after=asked)

    def _retry_after(self, value: str | None) -> float | None:
        """Read the header as RFC 9110, section 10.2.3, has it: seconds or a date."""
        if value is None:
            return None
        value = value.strip()
        if value.isascii() and value.isdigit():
            return float(value[:9])
        try:
            date = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        return max(0.0, (date - self._clock.now()).total_seconds())

    def _remember(self, request: PreparedRequest, response: Response) -> None:
        """Go straight to the new address from now on when the old one is gone for good."""
        old, _, query = (request.url or "").partition("?")
        new, _, new_query = urljoin(request.url or "", response.headers.get("Location", "")).partition("?")
        if response.status_code in {301, 308} and query == new_query and new != old:
            self._moved[old] = new


def polite_session(adapter: PoliteAdapter) -> requests.Session:
    """Give a session all of whose requests go through `adapter`."""
    session = requests.Session()
    session.max_redirects = 5
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _with_body(response: Response, body: bytes) -> Response:
    """Give a response whose content is read already, decompressed and checked."""
    whole = Response()
    whole.status_code = response.status_code
    whole.reason = response.reason
    whole.url = response.url
    whole.headers = response.headers
    whole.encoding = response.encoding
    whole.request = response.request
    whole.raw = io.BytesIO(body)
    return whole


# In this order: the later ones are base classes of the earlier ones.
_MEANINGS: tuple[tuple[type[Exception], type[FaultError], str], ...] = (
    (urllib3.exceptions.ReadTimeoutError, DoubtfulError, "the answer stalled"),
    (urllib3.exceptions.DecodeError, DoubtfulError, "the answer is compressed wrongly"),
    (urllib3.exceptions.HTTPError, DoubtfulError, "the answer ended before it was complete"),
    (requests.exceptions.SSLError, UnreachableError, "no secure connection"),
    (requests.exceptions.ProxyError, UnreachableError, "the proxy does not answer"),
    (requests.exceptions.ConnectTimeout, UnreachableError, "no connection in time"),
    (requests.exceptions.ReadTimeout, DoubtfulError, "the answer stalled"),
    (requests.exceptions.ConnectionError, DoubtfulError, "the connection was closed without an answer"),
    (requests.exceptions.TooManyRedirects, UnreachableError, "redirected in circles"),
)


def fault_of(error: Exception) -> FaultError:
    """Say in one sentence what `requests` or `urllib3` met."""
    inner = error.args[0] if error.args else error
    reason = getattr(inner, "reason", None)
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return UnreachableError(f"no connection: {str(reason).rpartition(': ')[2]}")
    for kind, fault, meaning in _MEANINGS:
        if isinstance(error, kind):
            return fault(meaning)
    return UnreachableError(f"{type(error).__name__}: {error}")
