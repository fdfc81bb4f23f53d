"""Cache, arXiv and DataCite together: nothing fetched is lost, nothing known is asked for."""

import dataclasses
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from kg.enrichment.cache import BARE_LIFETIME, Cache
from kg.enrichment.client import ArxivClient, Outcome
from kg.enrichment.datacite import DataCiteClient
from kg.enrichment.gather import Gathered, Gatherer, Progress, take_snapshot
from kg.enrichment.snapshot import Snapshot
from kg.enrichment.transport import Clock, Manners
from tests.enrichment.conftest import NOW, FakeTime
from tests.enrichment.papers import FOUND, PAPERS, UNKNOWN, WITHDRAWN, snapshot_line
from tests.enrichment.server import Fault, Server

IDS = FOUND[:6]
QUICK = Manners(delay=0.0)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    """Give an empty cache."""
    with Cache(tmp_path / "arxiv.sqlite") as opened:
        yield opened


def client_of(server: Server, fake: FakeTime, *, batch_size: int = 100, manners: Manners = QUICK) -> ArxivClient:
    """Give a client of the server in a time that does not wait."""
    return ArxivClient(api_url=server.api_url, manners=manners, clock=fake.clock, batch_size=batch_size)


def gather(server: Server, fake: FakeTime, cache: Cache, ids: list[str], *, fallback: bool = False) -> Gathered:
    """Gather in batches of three."""
    client = client_of(server, fake, batch_size=3)
    other = DataCiteClient(api_url=server.doi_url, manners=QUICK, clock=fake.clock) if fallback else None
    gathered = Gatherer(cache, client, other, fake.clock).gather(ids)
    client.close()
    if other is not None:
        other.close()
    return gathered


def test_a_second_run_makes_no_request(server: Server, fake: FakeTime, cache: Cache) -> None:
    """What the first run found, and what it found missing, the second knows."""
    ids = [*IDS, *WITHDRAWN, UNKNOWN, "abc"]
    first = gather(server, fake, cache, ids)
    assert {status: first.count(status) for status in ("found", "withdrawn", "missing", "failed")} == {
        "found": 6,
        "withdrawn": 2,
        "missing": 1,
        "failed": 1,
    }
    assert (first.cached, first.requests) == (0, 4)
    second = gather(server, fake, cache, ids)
    assert (second.cached, second.requests) == (9, 0)
    assert len(server.seen) == 4
    assert second.records == first.records
    assert set(first.records) == {*IDS, *WITHDRAWN}


def test_the_summary_says_how_many_of_each_and_why(server: Server, fake: FakeTime, cache: Cache) -> None:
    """The lines for the user count all ends, and name ids and reasons of those that were not found."""
    gathered = gather(server, fake, cache, [*IDS, *WITHDRAWN, UNKNOWN, "abc"])
    assert gathered.summary() == [
        "10 ids: 6 found, 2 withdrawn, 1 missing, 1 failed; 0 from the cache, 4 requests",
        f"missing (1): arXiv does not know it: {UNKNOWN}",
        "failed (1): 'abc' is not an arXiv id: abc",
    ]
    many = Gathered({f"{n}": Outcome(f"{n}", "failed", "why") for n in range(7)})
    assert many.summary()[1] == "failed (7): why: 0, 1, 2, 3, 4 and 2 more"


def test_what_failed_is_asked_for_in_the_next_run(server: Server, fake: FakeTime, cache: Cache) -> None:
    """When arXiv refuses half way, the first half is kept and the next run asks for the other half only."""
    server.faults = [Fault("status", 429, when=IDS[3], always=True)]
    first = gather(server, fake, cache, IDS)
    assert (first.count("found"), first.count("failed")) == (3, 3)
    server.faults.clear()
    server.seen.clear()
    second = gather(server, fake, cache, IDS)
    assert second.count("found") == 6
    assert [seen.ids for seen in server.seen] == [IDS[3:]]


def test_the_fallback_is_asked_for_what_failed(server: Server, fake: FakeTime, cache: Cache) -> None:
    """DataCite fills in where arXiv refuses, its records say so, and its no is not arXiv's."""
    ids = [*IDS, UNKNOWN]
    server.faults = [Fault("status", 429, when=IDS[3], where="/api", always=True)]
    gathered = gather(server, fake, cache, ids, fallback=True)
    assert [record.source for record in gathered.records.values()] == ["arxiv-api"] * 3 + ["datacite"] * 3
    assert gathered.outcomes[UNKNOWN].status == "failed"
    assert gathered.outcomes[UNKNOWN].why == (
        "arXiv was given up: HTTP 429 Too Many Requests; DataCite does not know it"
    )
    assert gathered.requests == 1 + 7 + 4
    server.faults.clear()
    server.seen.clear()
    assert gather(server, fake, cache, ids).requests == 2  # the unknown one alone, and once more
    assert [seen.ids for seen in server.seen] == [[UNKNOWN], [UNKNOWN]]


def test_an_old_record_is_better_than_none(server: Server, fake: FakeTime, cache: Cache) -> None:
    """When refreshing fails, the old records are used, and it is said that they are old."""
    gather(server, fake, cache, IDS)
    server.faults = [Fault("status", 429, always=True)]
    fake.passed += BARE_LIFETIME.total_seconds()
    gathered = gather(server, fake, cache, IDS)
    assert gathered.count("found") == 6
    assert gathered.outcomes[IDS[0]].why == (
        "the record of 2026-01-10 is used: arXiv was given up: HTTP 429 Too Many Requests"
    )


def test_refreshing_asks_again(server: Server, fake: FakeTime, cache: Cache) -> None:
    """`--refresh` asks for what is old enough, and then it is new."""
    gather(server, fake, cache, IDS)
    client = client_of(server, fake)
    gatherer = Gatherer(cache, client, clock=fake.clock)
    fake.passed += timedelta(days=10).total_seconds()
    assert gatherer.gather(IDS, refresh=timedelta(days=30)).requests == 0
    assert gatherer.gather(IDS, refresh=timedelta(days=10)).requests == 1
    assert gatherer.gather(IDS, refresh=timedelta(days=10)).requests == 0
    client.close()


def test_offline_nobody_is_asked(server: Server, fake: FakeTime, cache: Cache) -> None:
    """Without a client what is known is given, and the rest fails."""
    gather(server, fake, cache, IDS[:2])
    server.seen.clear()
    gathered = Gatherer(cache, None, clock=fake.clock).gather(IDS[:3])
    assert (gathered.count("found"), gathered.count("failed"), gathered.requests) == (2, 1, 0)
    assert gathered.outcomes[IDS[2]].why == "not known, and nobody is asked offline"
    assert server.seen == []


def test_progress_is_honest(server: Server, fake: FakeTime, cache: Cache) -> None:
    """The time that is left is what requests took so far, waits included, for each that is left."""
    seen: list[Progress] = []
    client = client_of(server, fake, batch_size=2, manners=Manners(delay=3.0))
    Gatherer(cache, client, clock=fake.clock).gather([*IDS, UNKNOWN], progress=seen.append)
    client.close()
    assert [(each.done, each.total, each.requests) for each in seen] == [(2, 7, 1), (4, 7, 2), (6, 7, 3), (7, 7, 5)]
    assert seen[0].remaining == 0.0  # the first request waited for nothing
    assert seen[1].remaining == pytest.approx(3.0 / 2 * 2)
    assert seen[-1].remaining == 0.0


def test_a_snapshot_fills_the_cache(server: Server, fake: FakeTime, cache: Cache, tmp_path: Path) -> None:
    """After a bulk file was read, what was in it needs no request; withdrawn papers are counted."""
    path = tmp_path / "snapshot.json"
    path.write_bytes(b"".join(snapshot_line(name) for name in PAPERS))
    counts = take_snapshot(Snapshot(path, [*IDS, *WITHDRAWN, "2601.00001"], retrieved=NOW), cache)
    assert counts == {"found": 6, "withdrawn": 2}
    gathered = gather(server, fake, cache, [*IDS, *WITHDRAWN, f"{IDS[0]}v{PAPERS[IDS[0]]['version']}", "2601.00001"])
    assert (gathered.cached, gathered.requests) == (9, 1)
    assert gathered.records[IDS[0]].source == "arxiv-snapshot"


CHILD = """
import sys
from pathlib import Path
from kg.enrichment.cache import Cache
from kg.enrichment.client import ArxivClient
from kg.enrichment.gather import Gatherer
from kg.enrichment.transport import Manners
client = ArxivClient(api_url=sys.argv[2], manners=Manners(delay=0.0), batch_size=4)
with Cache(Path(sys.argv[1])) as cache:
    gathered = Gatherer(cache, client).gather(sys.argv[3:], progress=lambda seen: print(seen.done, flush=True))
print("done", gathered.count("found"), flush=True)
"""


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_kill_at_any_moment_loses_nothing(server: Server, tmp_path: Path, how: signal.Signals, seed: int) -> None:
    """Killed or interrupted while it fetches slowly, a run keeps every answer, and the next asks for the rest only."""
    ids = [f"2601.{number:05d}" for number in range(1, 81)]
    path = tmp_path / "arxiv.sqlite"
    command = [sys.executable, "-c", CHILD, str(path), server.api_url, *ids]
    server.pause = 0.02
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert running.stdout is not None
    first = int(running.stdout.readline())
    assert first == 4
    time.sleep(random.Random(seed).uniform(0.0, 0.35))
    running.send_signal(how)
    told = [first, *(int(line) for line in running.communicate(timeout=20)[0].split() if line.isdigit())]

    asked = [seen.ids for seen in server.seen]
    with Cache(path) as cache:
        known = set(cache.plan(ids, now=Clock().now()).have)
    assert len(known) >= told[-1], "every batch that was reported is in the cache"
    batches = [ids[start : start + 4] for start in range(0, 80, 4)]
    assert [batch for batch in batches if set(batch) <= known] == batches[: len(known) // 4]
    assert len(known) % 4 == 0, "a batch is kept whole or not at all"
    # At most the request that was under way, or whose answer was being kept, is made again.
    assert len(asked) - len(known) // 4 in {0, 1}

    server.seen.clear()
    server.pause = 0.0
    again = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert again.stdout.splitlines()[-1] == "done 80"
    assert sorted(name for seen in server.seen for name in seen.ids) == sorted(set(ids) - known)
    assert len(server.seen) == 20 - len(known) // 4


def test_a_second_run_at_the_same_time_waits_and_asks_nothing(server: Server, tmp_path: Path) -> None:
    """Two processes that want the same papers make one connection after the other, and each request once."""
    ids = [f"2601.{number:05d}" for number in range(1, 13)]
    command = [sys.executable, "-c", CHILD, str(tmp_path / "arxiv.sqlite"), server.api_url, *ids]
    server.pause = 0.2
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=20)[0].splitlines()[-1] for process in running] == ["done 12"] * 2
    assert [seen.ids for seen in server.seen] == [ids[:4], ids[4:8], ids[8:]]
    assert len({seen.connection for seen in server.seen}) == 1


def test_waiting_for_another_run_is_said_once(server: Server, fake: FakeTime, cache: Cache) -> None:
    """Whoever waits for another run is told so, and goes on when it has ended."""
    said: list[str] = []
    other = Cache(cache.path)
    client = client_of(server, fake)
    holding = ExitStack()
    holding.enter_context(other.turn())

    def sleep(seconds: float) -> None:
        fake.sleep(seconds)
        if fake.passed > 2.5:
            holding.close()

    clock = dataclasses.replace(fake.clock, sleep=sleep)
    gathered = Gatherer(cache, client, clock=clock, notice=said.append).gather(IDS)
    client.close()
    other.close()
    assert gathered.count("found") == 6
    assert said == ["another run is asking arXiv; waiting until it has ended"]
    assert fake.slept == [1.0, 1.0, 1.0]


def test_the_real_clock_waits(server: Server, tmp_path: Path) -> None:
    """With the clock of the system, requests do keep their distance."""
    manners = dataclasses.replace(QUICK, delay=0.2)
    client = ArxivClient(api_url=server.api_url, manners=manners, batch_size=2)
    with Cache(tmp_path / "arxiv.sqlite") as cache:
        assert Gatherer(cache, client).gather(IDS).count("found") == 6
    client.close()
    times = [seen.at for seen in server.seen]
    assert all(later - earlier >= 0.19 for earlier, later in pairwise(times))
