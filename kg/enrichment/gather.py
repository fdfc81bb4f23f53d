"""Metadata for many papers: from the cache, then from arXiv, then from DataCite, kept batch by batch."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from kg.enrichment.cache import Cache, Plan
from kg.enrichment.client import Outcome, Status
from kg.enrichment.records import Record
from kg.enrichment.snapshot import Snapshot
from kg.enrichment.transport import Clock

__all__ = ["Asker", "Gathered", "Gatherer", "Progress", "take_snapshot"]

_STATUSES: tuple[Status, ...] = ("found", "withdrawn", "missing", "failed")
_ROWS_AT_ONCE = 500


class Asker(Protocol):
    """Whoever can be asked for papers: `ArxivClient`, `DataCiteClient`."""

    @property
    def requests(self) -> int:
        """How many requests went out so far."""

    @property
    def pending(self) -> int:
        """How many requests are still to be made, as far as is known."""

    def fetch_batches(self, ids: Iterable[str]) -> Iterator[list[Outcome]]:
        """Give the outcomes of each answer as soon as it has come."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it got.

    Attributes:
        done: ids with an outcome.
        total: ids in all.
        requests: requests made.
        remaining: seconds that are left when requests go on taking as long as they took so far, waits
            included; None before the first answer.
    """

    done: int
    total: int
    requests: int
    remaining: float | None


@dataclass(slots=True)
class Gathered:
    """What came of it.

    Attributes:
        outcomes: one for each distinct id, in its normal form.
        cached: how many were known without a request.
        requests: how many requests were made.
    """

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    cached: int = 0
    requests: int = 0

    @property
    def records(self) -> dict[str, Record]:
        """The records that were found, withdrawn papers included, by requested id."""
        return {name: each.record for name, each in self.outcomes.items() if each.record is not None}

    def count(self, status: Status) -> int:
        """Give the number of ids that ended so."""
        return sum(outcome.status == status for outcome in self.outcomes.values())

    def summary(self) -> list[str]:
        """Say in lines how many ids ended how, and why those did that were not found."""
        counts = ", ".join(f"{self.count(status)} {status}" for status in _STATUSES)
        lines = [f"{len(self.outcomes)} ids: {counts}; {self.cached} from the cache, {self.requests} requests"]
        for status in ("missing", "failed"):
            reasons: dict[str, list[str]] = {}
            for name, outcome in self.outcomes.items():
                if outcome.status == status:
                    reasons.setdefault(outcome.why, []).append(name)
            for why, names in sorted(reasons.items(), key=lambda item: -len(item[1])):
                shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
                lines.append(f"{status} ({len(names)}): {why}: {shown}")
        return lines


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Finds out about papers, asking only for what the cache does not know.

    Attributes:
        cache: what is known, and where answers are kept.
        client: asked for the rest; None to stay offline.
        fallback: asked for what `client` failed to find out.
        clock: replaced in tests.
        notice: told in one sentence when another process has to be waited for.
    """

    cache: Cache
    client: Asker | None
    fallback: Asker | None = None
    clock: Clock = field(default_factory=Clock)
    notice: Callable[[str], None] = lambda _: None

    def gather(
        self,
        ids: Iterable[str],
        *,
        refresh: timedelta | None = None,
        progress: Callable[[Progress], None] = lambda _: None,
    ) -> Gathered:
        """Find out about each id; every answer is kept before the next request is made.

        Args:
            ids: in any form that `normalize_id` reads.
            refresh: see `Cache.plan`.
            progress: told after each answer.

        Raises:
            StoreError: the cache cannot be read or written.
        """
        wanted = list(ids)
        plan = self.cache.plan(wanted, now=self.clock.now(), refresh=refresh, offline=self.client is None)
        if self.client is None or not plan.ask:
            return _known_only(plan)
        with self.cache.turn(sleep=self.clock.sleep, notice=self.notice):
            # Another process may have found out in the meantime.
            plan = self.cache.plan(wanted, now=self.clock.now(), refresh=refresh)
            return self._with_network(self.client, plan, progress)

    def _with_network(self, client: Asker, plan: Plan, progress: Callable[[Progress], None]) -> Gathered:
        gathered = _known_only(replace(plan, ask=[]))
        total = len(gathered.outcomes) + len(plan.ask)
        failed: dict[str, str] = {}
        for outcome in self._asked(client, plan.ask, total, gathered, progress):
            if outcome.status == "failed":
                failed[outcome.requested] = outcome.why
            gathered.outcomes[outcome.requested] = _settled(outcome, failed, plan.stale)
        if self.fallback is not None:
            lost = [name for name in failed if name not in plan.stale]
            for outcome in self._asked(self.fallback, lost, total, gathered, progress):
                gathered.outcomes[outcome.requested] = _settled(outcome, failed, plan.stale)
        return gathered

    def _asked(
        self,
        asker: Asker,
        wanted: list[str],
        total: int,
        gathered: Gathered,
        progress: Callable[[Progress], None],
    ) -> Iterator[Outcome]:
        """Ask, keep, count, and give the outcomes."""
        if not wanted:
            return
        before, began, requests = asker.requests, self.clock.monotonic(), gathered.requests
        for outcomes in asker.fetch_batches(wanted):
            _keep(self.cache, outcomes, self.clock.now())
            yield from outcomes
            made = asker.requests - before
            gathered.requests = requests + made
            each = (self.clock.monotonic() - began) / made if made else None
            remaining = None if each is None else each * asker.pending
            progress(Progress(len(gathered.outcomes), total, gathered.requests, remaining))
        gathered.requests = requests + asker.requests - before


def _known_only(plan: Plan) -> Gathered:
    """Give the outcomes for which nobody has to be asked; what would have to be has failed."""
    gathered = Gathered(cached=len(plan.have) + len(plan.missing))
    for name, record in plan.have.items():
        gathered.outcomes[name] = _known(name, record)
    for name, why in plan.missing.items():
        gathered.outcomes[name] = Outcome(name, "missing", why)
    for text, why in plan.malformed.items():
        gathered.outcomes[text] = Outcome(text, "failed", why)
    for name in plan.ask:
        gathered.outcomes[name] = Outcome(name, "failed", "not known, and nobody is asked offline")
    return gathered


def take_snapshot(snapshot: Snapshot, cache: Cache) -> Counter[Status]:
    """Keep what a bulk file says about the papers it is searched for; say how many ended how.

    Raises:
        UsageError: the file cannot be read; what came before the damage is kept.
        StoreError: the cache cannot be written.
    """
    counts: Counter[Status] = Counter()
    papers = iter(snapshot)
    while rows := list(islice(papers, _ROWS_AT_ONCE)):
        cache.keep(rows, latest=[record.arxiv_id for record, _ in rows])
        counts.update("withdrawn" if record.withdrawn else "found" for record, _ in rows)
    return counts


def _keep(cache: Cache, outcomes: list[Outcome], asked: datetime) -> None:
    found = [outcome for outcome in outcomes if outcome.record is not None]
    cache.keep(
        [(outcome.record, outcome.raw) for outcome in found if outcome.record is not None],
        latest=[
            outcome.requested
            for outcome in found
            if outcome.record is not None and outcome.requested == outcome.record.arxiv_id
        ],
        missing=[
            (outcome.requested, outcome.why)
            for outcome in outcomes
            if outcome.status == "missing" and outcome.why.startswith("arXiv")
        ],
        asked=asked,
    )


def _known(name: str, record: Record) -> Outcome:
    if record.withdrawn:
        return Outcome(name, "withdrawn", record.comment or "its abstract says so", record)
    return Outcome(name, "found", "", record)


def _settled(outcome: Outcome, failed: dict[str, str], stale: dict[str, Record]) -> Outcome:
    """Make the best of an answer: an old record is better than none, and a fallback's no is not arXiv's."""
    name = outcome.requested
    if outcome.record is not None:
        return replace(outcome, raw=b"")
    why = outcome.why
    if name in failed and failed[name] != why:
        why = f"{failed[name]}; {why}"
    if name in stale:
        known = _known(name, stale[name])
        return replace(known, why=f"the record of {stale[name].retrieved:%Y-%m-%d} is used: {why}")
    return replace(outcome, status="failed" if name in failed else outcome.status, why=why)
