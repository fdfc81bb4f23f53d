"""arXiv's API, asked through the `arxiv` package, with what a run that nobody watches needs around it.

The package forms the request and reads the answer; the session that it is given (`kg.enrichment.transport`)
paces, repeats and checks. Here ids are gathered into batches, a batch that errs is halved until the culprit
is alone, absentees are asked for once more alone, and every id ends as one `Outcome`.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import arxiv  # type: ignore[import-untyped] # the package is annotated but does not say so
import requests

from kg.enrichment.atom import Feed, FeedError, parse_feed
from kg.enrichment.ids import ArxivId, normalize_id
from kg.enrichment.records import Record
from kg.enrichment.transport import (
    Clock,
    DoubtfulError,
    FaultError,
    Manners,
    PoliteAdapter,
    RefusedError,
    RejectedError,
    UnreachableError,
    fault_of,
    polite_session,
)
from kg.errors import UsageError

__all__ = ["API_URL", "BATCH_SIZE", "ArxivClient", "Outcome", "Status"]

API_URL = "https://export.arxiv.org/api/query"
BATCH_SIZE = 100
"""Ids a request; the service answers 414 beyond about 640."""

_GIVE_UP_AFTER = 6
"""Requests in a row without an answer to believe; one culprit, or two, cause fewer."""

_NO_SERVICE = frozenset({404, 410})  # about the address; of an unknown id arXiv never says so

Status = Literal["found", "missing", "withdrawn", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the search for one id ended.

    Attributes:
        requested: the id in its normal form, or as it came when it has none.
        status: `found`; `missing`: the source does not know it; `withdrawn`: found, and the record says that
            it was withdrawn; `failed`: nobody knows, ask again another day.
        why: one sentence, empty when found.
        record: what was found, for `found` and `withdrawn`.
        raw: the bytes that said so.
    """

    requested: str
    status: Status
    why: str = ""
    record: Record | None = None
    raw: bytes = b""


@dataclass(frozen=True, slots=True)
class _Ask:
    """A request to be made: its ids, and whether they were absent from an earlier answer."""

    ids: tuple[ArxivId, ...]
    again: bool = False


class _PackageClient(arxiv.Client):  # type: ignore[misc] # its base is untyped, see the import
    """The client of the package with our session and address; waiting and repeating are the session's."""

    def __init__(self, session: requests.Session, api_url: str, page_size: int) -> None:
        super().__init__(page_size=page_size, delay_seconds=0.0, num_retries=0)
        self._session = session
        self.query_url_format = api_url + ("&" if "?" in api_url else "?") + "{}"


class ArxivClient:
    """Asks arXiv's API, or one that answers alike, for the metadata of papers.

    Attributes:
        api_url: the address that is asked.
        pending: requests that are still to be made, as far as is known.
    """

    def __init__(
        self,
        *,
        api_url: str = API_URL,
        manners: Manners | None = None,
        batch_size: int = BATCH_SIZE,
        clock: Clock | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make the client; nothing is asked yet.

        Args:
            api_url: address of the query interface, without parameters.
            manners: pace, timeouts, patience, and whom to write to.
            batch_size: ids a request, 1 to `BATCH_SIZE`.
            clock: replaced in tests.
            notice: told in one sentence when a longer wait begins.

        Raises:
            UsageError: the address is not http(s), or the batch size is out of range.
        """
        if not api_url.startswith(("https://", "http://")):
            raise UsageError(f"--api-url {api_url!r} is no http(s) address")
        if not 1 <= batch_size <= BATCH_SIZE:
            raise UsageError(f"{batch_size} ids a request: it has to be 1 to {BATCH_SIZE}")
        self.api_url = api_url
        self.pending = 0
        self._batch_size = batch_size
        self._clock = clock or Clock()
        self._adapter = PoliteAdapter(manners or Manners(), self._check, clock=self._clock, notice=notice)
        self._session = polite_session(self._adapter)
        self._client = _PackageClient(self._session, api_url, BATCH_SIZE)
        self._feeds: list[Feed] = []  # what `_check` read, for `_ask`
        self._limit = 0  # results that a search asks for; 0 when ids are asked for

    @property
    def requests(self) -> int:
        """How many requests went out so far."""
        return self._adapter.requests

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def fetch(self, ids: Iterable[str]) -> Iterator[Outcome]:
        """Give one outcome for each distinct id, as they become known; see `fetch_batches`."""
        for outcomes in self.fetch_batches(ids):
            yield from outcomes

    def fetch_batches(self, ids: Iterable[str]) -> Iterator[list[Outcome]]:
        """Give the outcomes of each answer as soon as it has come, so that the caller can keep them at once.

        Every distinct id has exactly one outcome in the end. When the service refuses, or answers nothing
        believable many times in a row, the ids that are left fail without being asked for.

        Args:
            ids: in any form that `normalize_id` reads, with a version to get that version.
        """
        wanted, malformed = _normalized(ids)
        if malformed:
            yield malformed
        queue = deque(_Ask(tuple(part)) for part in _batches(wanted, self._batch_size))
        failures = 0
        while queue:
            ask = queue.popleft()
            self.pending = len(queue)
            try:
                feed = self._ask(ask.ids)
            except (RefusedError, UnreachableError) as fault:
                self.pending = 0
                yield _all_failed([ask, *queue], f"arXiv was given up: {fault}")
                return
            except (DoubtfulError, RejectedError) as fault:
                failures += isinstance(fault, DoubtfulError)
                if failures >= _GIVE_UP_AFTER:
                    self.pending = 0
                    yield _all_failed([ask, *queue], f"arXiv was given up: {fault}")
                    return
                if len(ask.ids) == 1:
                    yield [Outcome(str(ask.ids[0]), "failed", _why(fault))]
                else:
                    middle = len(ask.ids) // 2
                    queue += [_Ask(ask.ids[:middle], ask.again), _Ask(ask.ids[middle:], ask.again)]
                continue
            failures = 0
            outcomes, absent = _matched(ask, feed)
            queue += [_Ask((identifier,), again=True) for identifier in absent]
            self.pending = len(queue)
            if outcomes:
                yield outcomes

    def search(self, query: str, limit: int = 10) -> list[tuple[Record, bytes]]:
        """Give the latest versions of papers that answer a query, best first, each with the bytes that say so.

        Args:
            query: in the syntax of https://info.arxiv.org/help/api/user-manual.html#query_details.
            limit: how many at most.

        Raises:
            FaultError: no answer that can be believed.
        """
        self._feeds.clear()
        self._limit = limit
        try:
            self._session.get(self.api_url, params={"search_query": query, "start": "0", "max_results": str(limit)})
        except requests.RequestException as error:
            raise fault_of(error) from error
        finally:
            self._limit = 0
        return [(entry.record, entry.raw) for entry in self._feeds[-1].entries]

    def _ask(self, ids: Sequence[ArxivId]) -> Feed:
        """Make one request.

        Raises:
            FaultError: of one kind or another.
        """
        self._feeds.clear()
        search = arxiv.Search(id_list=[str(identifier) for identifier in ids], max_results=None)
        results = self._client.results(search)
        try:
            first = next(results, None)
        except RejectedError as fault:
            if fault.status in _NO_SERVICE:
                raise UnreachableError(f"{fault}: is {self.api_url} the right address?") from fault
            raise
        except requests.RequestException as error:
            raise fault_of(error) from error
        except (arxiv.ArxivError, ValueError) as error:  # ValueError: a date that the package cannot read
            raise DoubtfulError(str(error), status=200) from error
        feed = self._feeds[-1]
        # The package pages on when an entry was not to its liking, and gives results twice: stop before that.
        read = [] if first is None else [first, *islice(results, max(0, len(feed.entries) - 1))]
        ours = {str(ArxivId(entry.record.arxiv_id, entry.record.version)) for entry in feed.entries}
        theirs = {_short(result.entry_id) for result in read}
        if ours != theirs:
            raise DoubtfulError("two readers of the same answer found different papers in it")
        return feed

    def _check(self, body: bytes) -> None:
        """Look at the bytes of an answer before anybody believes them."""
        start = body[:200].lstrip().lower()
        if start.startswith(b"rate exceeded"):
            raise RefusedError("arXiv answers 'Rate exceeded.'", status=200)
        if start.startswith((b"<!doctype html", b"<html")):
            raise DoubtfulError("a web page instead of Atom", status=200)
        try:
            feed = parse_feed(body, source_url=self.api_url, retrieved=self._clock.now())
        except FeedError as error:
            raise DoubtfulError(str(error), status=200) from error
        if feed.errors:
            raise RejectedError(f"arXiv reports: {feed.errors[0]}", status=200)
        if feed.given != (min(feed.total, self._limit) if self._limit else feed.total):
            raise DoubtfulError(f"arXiv announces {feed.total} results and gives {feed.given}", status=200)
        self._feeds.append(feed)


def _normalized(ids: Iterable[str]) -> tuple[list[ArxivId], list[Outcome]]:
    wanted: dict[ArxivId, None] = {}
    malformed: dict[str, Outcome] = {}
    for text in ids:
        try:
            wanted[normalize_id(text)] = None
        except ValueError as error:
            malformed[text] = Outcome(text, "failed", str(error))
    return list(wanted), list(malformed.values())


def _batches(ids: list[ArxivId], size: int) -> Iterator[list[ArxivId]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _all_failed(asks: Iterable[_Ask], why: str) -> list[Outcome]:
    return [Outcome(str(identifier), "failed", why) for ask in asks for identifier in ask.ids]


def _matched(ask: _Ask, feed: Feed) -> tuple[list[Outcome], list[ArxivId]]:
    """Find the entry of each id by its id; give the outcomes, and the ids to be asked for once more."""
    versions: dict[str, dict[int, tuple[Record, bytes]]] = {}
    for entry in feed.entries:
        versions.setdefault(entry.record.arxiv_id, {}).setdefault(entry.record.version, (entry.record, entry.raw))
    lacking = {identifier.base: what for identifier, what in feed.incomplete}
    pinned: dict[str, int] = {}
    for identifier in ask.ids:
        pinned[identifier.base] = pinned.get(identifier.base, 0) + bool(identifier.version)
    outcomes: list[Outcome] = []
    absent: list[ArxivId] = []
    for identifier in ask.ids:
        known = versions.get(identifier.base, {})
        hit = known.get(identifier.version)
        # Of a paper asked for with and without a version, a sole entry may be the one with the version.
        if not identifier.version and len(known) > (0 if ask.again else pinned[identifier.base]):
            hit = known[max(known)]
        if hit is not None:
            outcomes.append(_found(identifier, *hit))
        elif not ask.again:
            absent.append(identifier)
        elif identifier.base in lacking:
            outcomes.append(Outcome(str(identifier), "failed", lacking[identifier.base]))
        else:
            outcomes.append(Outcome(str(identifier), "missing", "arXiv does not know it"))
    return outcomes, absent


def _found(identifier: ArxivId, record: Record, raw: bytes) -> Outcome:
    if record.withdrawn:
        return Outcome(str(identifier), "withdrawn", record.comment or "its abstract says so", record, raw)
    return Outcome(str(identifier), "found", "", record, raw)


def _why(fault: FaultError) -> str:
    """Say why one id alone fails: in arXiv's own words when it answered with an error entry."""
    if fault.status == requests.codes.bad_request and fault.body:
        try:
            feed = parse_feed(fault.body, source_url="", retrieved=Clock().now())
        except FeedError:
            return str(fault)
        if feed.errors:
            return f"arXiv reports: {feed.errors[0]}"
    return str(fault)


def _short(entry_id: str) -> str:
    try:
        return str(normalize_id(entry_id))
    except ValueError:
        return entry_id
