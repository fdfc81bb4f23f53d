"""The client against a server with every fault on command."""

import dataclasses

import pytest

from kg.enrichment.client import ArxivClient, Outcome
from kg.enrichment.transport import Clock, Manners
from kg.errors import UsageError
from tests.enrichment.conftest import FakeTime
from tests.enrichment.papers import FOUND, PAPERS, UNKNOWN, WITHDRAWN
from tests.enrichment.server import Fault, Server

IDS = FOUND[:8]
QUICK = Manners(delay=0.0, max_bytes=3_000_000)
IMPATIENT = dataclasses.replace(QUICK, read_timeout=0.5, answer_timeout=2.0)


def ask(
    server: Server, fake: FakeTime, ids: list[str], *, manners: Manners = QUICK, batch_size: int = 100
) -> dict[str, Outcome]:
    """Ask for ids in a time that does not wait, and give the outcomes by id."""
    clock = dataclasses.replace(fake.clock, monotonic=Clock().monotonic)
    client = ArxivClient(api_url=server.api_url, manners=manners, clock=clock, batch_size=batch_size)
    outcomes = list(client.fetch(ids))
    assert client.requests == len(server.seen)
    assert client.pending == 0
    client.close()
    assert len({outcome.requested for outcome in outcomes}) == len(outcomes)
    return {outcome.requested: outcome for outcome in outcomes}


def statuses(outcomes: dict[str, Outcome]) -> dict[str, int]:
    """Count the outcomes by status."""
    counts: dict[str, int] = {}
    for outcome in outcomes.values():
        counts[outcome.status] = counts.get(outcome.status, 0) + 1
    return counts


def assert_all_found(outcomes: dict[str, Outcome], ids: list[str]) -> None:
    """See that each id was found, with its own record."""
    assert statuses(outcomes) == {"found": len(ids)}
    for name in ids:
        record = outcomes[name].record
        assert record is not None
        assert record.arxiv_id == name
        assert [author.name for author in record.authors] == PAPERS[name]["authors"]


# Without a fault.


def test_papers_are_found_in_one_request(server: Server, fake: FakeTime) -> None:
    """A batch costs one request, and says who asks."""
    assert_all_found(ask(server, fake, IDS, manners=dataclasses.replace(QUICK, contact="me@example.org")), IDS)
    (seen,) = server.seen
    assert seen.headers["User-Agent"].startswith("fm-kg/")
    assert "mailto:me@example.org" in seen.headers["User-Agent"]


def test_841_ids_are_9_requests_on_one_connection(server: Server, fake: FakeTime) -> None:
    """A vault of 841 ids takes nine requests of at most a hundred ids."""
    ids = [f"2601.{number:05d}" for number in range(1, 842)]
    outcomes = ask(server, fake, ids)
    assert statuses(outcomes) == {"found": 841}
    assert [len(seen.ids) for seen in server.seen] == [100] * 8 + [41]
    assert len({seen.connection for seen in server.seen}) == 1


def test_requests_keep_their_distance(server: Server, fake: FakeTime) -> None:
    """Between two requests the client waits for the delay."""
    client = ArxivClient(api_url=server.api_url, manners=Manners(delay=3.0), clock=fake.clock, batch_size=3)
    assert len(list(client.fetch(IDS))) == 8
    client.close()
    assert fake.slept == [3.0, 3.0]


def test_malformed_ids_are_never_sent(server: Server, fake: FakeTime) -> None:
    """What is no id fails with the reason, and the others are not hurt."""
    outcomes = ask(server, fake, ["abc", "2113.00001", *IDS])
    assert outcomes["abc"] == Outcome("abc", "failed", "'abc' is not an arXiv id")
    assert "no month 13" in outcomes["2113.00001"].why
    assert statuses(outcomes) == {"failed": 2, "found": 8}
    assert [seen.ids for seen in server.seen] == [IDS]


def test_an_id_is_asked_for_once_however_it_is_written(server: Server, fake: FakeTime) -> None:
    """Ids are normalized before they are sent, and duplicates are one."""
    outcomes = ask(server, fake, ["arXiv:1312.6114", "https://arxiv.org/abs/1312.6114", "1312.6114"])
    assert list(outcomes) == ["1312.6114"]
    assert server.seen[0].ids == ["1312.6114"]


def test_nothing_to_ask_is_no_request(server: Server, fake: FakeTime) -> None:
    """Without ids nobody is bothered."""
    assert ask(server, fake, []) == {}
    assert server.seen == []


def test_a_withdrawn_paper_is_found_and_said_to_be_withdrawn(server: Server, fake: FakeTime) -> None:
    """A withdrawn paper has a record, and its comment is the reason."""
    outcomes = ask(server, fake, [*WITHDRAWN, *IDS])
    for name in WITHDRAWN:
        assert outcomes[name].status == "withdrawn"
        assert outcomes[name].why == "This paper has been withdrawn"
        record = outcomes[name].record
        assert record is not None
        assert record.withdrawn
    assert statuses(outcomes) == {"withdrawn": 2, "found": 8}


def test_a_version_is_that_version(server: Server, fake: FakeTime) -> None:
    """A pinned id gets its version, an id without one the latest, in one request when both entries come."""
    outcomes = ask(server, fake, ["1312.6114v1", "1312.6114"])
    versions = {name: outcome.record.version for name, outcome in outcomes.items() if outcome.record}
    assert versions == {"1312.6114v1": 1, "1312.6114": 2}
    assert len(server.seen) == 1


def test_a_sole_entry_for_two_ids_of_a_paper_is_not_taken_for_the_latest(server: Server, fake: FakeTime) -> None:
    """When one of two entries of a paper is left out, the id without version is asked for alone."""
    server.faults = [Fault("omitted", when="1312.6114")]
    outcomes = ask(server, fake, ["1312.6114v1", "1312.6114"])
    versions = {name: outcome.record.version for name, outcome in outcomes.items() if outcome.record}
    assert versions == {"1312.6114v1": 1, "1312.6114": 2}
    assert [seen.ids for seen in server.seen] == [["1312.6114v1", "1312.6114"], ["1312.6114"]]


def test_a_version_that_does_not_exist_is_missing(server: Server, fake: FakeTime) -> None:
    """A pinned version beyond the latest is not answered by another version."""
    outcomes = ask(server, fake, ["1312.6114v9"])
    assert statuses(outcomes) == {"missing": 1}


# What arXiv does with ids.


def test_an_unknown_id_is_asked_for_once_more_alone(server: Server, fake: FakeTime) -> None:
    """An id that arXiv leaves out is asked for alone before it is called missing."""
    outcomes = ask(server, fake, [UNKNOWN, *IDS])
    assert outcomes[UNKNOWN] == Outcome(UNKNOWN, "missing", "arXiv does not know it")
    assert statuses(outcomes) == {"missing": 1, "found": 8}
    assert [seen.ids for seen in server.seen] == [[UNKNOWN, *IDS], [UNKNOWN]]


def test_an_id_left_out_by_accident_is_found_alone(server: Server, fake: FakeTime) -> None:
    """An id that is left out once, the total shrunk, is found by asking again."""
    server.faults = [Fault("omitted", when=IDS[3])]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert [seen.ids for seen in server.seen] == [IDS, [IDS[3]]]


def test_an_empty_answer_is_no_proof(server: Server, fake: FakeTime) -> None:
    """When an answer has no entry at all, each id is asked for alone."""
    server.faults = [Fault("empty")]
    assert_all_found(ask(server, fake, IDS[:3]), IDS[:3])
    assert [seen.ids for seen in server.seen] == [IDS[:3], *([name] for name in IDS[:3])]


def test_a_malformed_id_is_found_by_halving(server: Server, fake: FakeTime) -> None:
    """Of a list that is refused with 400, all are found but the culprit, which fails in arXiv's words."""
    culprit = IDS[5]
    server.faults = [Fault("malformed_id", when=culprit, always=True)]
    outcomes = ask(server, fake, IDS)
    assert outcomes.pop(culprit) == Outcome(culprit, "failed", f"arXiv reports: incorrect id format for {culprit}")
    assert_all_found(outcomes, [name for name in IDS if name != culprit])
    assert len(server.seen) == 7  # 8, 4 + 4, 2 + 2, 1 + 1: refusals of this kind are not repeated


def test_an_error_entry_under_200_is_found_by_halving(server: Server, fake: FakeTime) -> None:
    """An error that comes as an entry of a good answer is not taken for an absent paper."""
    culprit = IDS[0]
    server.faults = [Fault("malformed_id", value=200, when=culprit, always=True)]
    outcomes = ask(server, fake, IDS)
    assert outcomes[culprit].why == f"arXiv reports: incorrect id format for {culprit}"
    assert statuses(outcomes) == {"failed": 1, "found": 7}


def test_an_entry_without_published_is_asked_for_again(server: Server, fake: FakeTime) -> None:
    """An entry without its date neither shifts the others nor makes the package ask for a next page."""
    server.faults = [Fault("unpublished", when=IDS[2])]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert [seen.ids for seen in server.seen] == [IDS, [IDS[2]]]
    assert all("start=0" in seen.path for seen in server.seen)


def test_an_entry_that_stays_without_published_fails_alone(server: Server, fake: FakeTime) -> None:
    """When the entry has no date the second time either, its id fails and says so."""
    server.faults = [Fault("unpublished", when=IDS[2], always=True)]
    outcomes = ask(server, fake, IDS)
    assert outcomes[IDS[2]] == Outcome(IDS[2], "failed", "its entry has no <published>")
    assert statuses(outcomes) == {"failed": 1, "found": 7}
    assert len(server.seen) == 2


def test_dates_that_are_none_cost_one_paper_only(server: Server, fake: FakeTime) -> None:
    """An entry over whose dates the package stumbles fails alone, or by the dates it lacks; the others are found."""
    server.faults = [Fault("bad_date", when=IDS[2], always=True)]
    outcomes = ask(server, fake, IDS)
    assert statuses(outcomes) == {"failed": 1, "found": 7}
    assert outcomes[IDS[2]].status == "failed"


def test_shuffled_entries_are_matched_by_id(server: Server, fake: FakeTime) -> None:
    """The order of the answer does not matter."""
    server.faults = [Fault("shuffled")]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert len(server.seen) == 1


def test_duplicates_are_one_paper(server: Server, fake: FakeTime) -> None:
    """Entries that come twice give one outcome each."""
    server.faults = [Fault("duplicates")]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert len(server.seen) == 1


def test_a_stranger_takes_nobodys_place(server: Server, fake: FakeTime) -> None:
    """A paper that nobody asked for is disregarded, and the one it stood for is asked for alone."""
    server.faults = [Fault("stranger", when=IDS[1])]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert [seen.ids for seen in server.seen] == [IDS, [IDS[1]]]


# What the service does.


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_is_waited_for_with_growing_pauses(server: Server, fake: FakeTime, status: int) -> None:
    """429 and 503 without `Retry-After` are tried again after pauses that double."""
    server.faults = [Fault("status", status) for _ in range(4)]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert fake.slept == [4.5, 9.0, 18.0, 36.0]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_is_honoured(server: Server, fake: FakeTime, status: int) -> None:
    """The next request comes no earlier than the service asks, and a little later at random."""
    server.faults = [Fault("status", status, header="120")]
    assert_all_found(ask(server, fake, IDS), IDS)
    (slept,) = fake.slept
    assert 120 < slept < 130


def test_retry_after_as_a_date_is_honoured(server: Server, fake: FakeTime) -> None:
    """A date is a moment on the clock."""
    server.faults = [Fault("status", 429, header="Sat, 10 Jan 2026 12:01:40 GMT")]
    assert_all_found(ask(server, fake, IDS), IDS)
    (slept,) = fake.slept
    assert 100 < slept < 110


def test_a_retry_after_that_is_neither_is_no_reason_to_hurry(server: Server, fake: FakeTime) -> None:
    """Nonsense in the header leaves the usual pause."""
    server.faults = [Fault("status", 429, header="soon")]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert fake.slept == [4.5]


def test_a_service_that_asks_for_hours_is_given_up(server: Server, fake: FakeTime) -> None:
    """Nobody waits for an hour in silence: what is left fails, and says what was asked for."""
    server.faults = [Fault("status", 429, header="3600")]
    outcomes = ask(server, fake, IDS, batch_size=2)
    assert statuses(outcomes) == {"failed": 8}
    assert outcomes[IDS[7]].why == "arXiv was given up: HTTP 429 Too Many Requests"
    assert len(server.seen) == 1
    assert fake.slept == []


def test_a_service_that_keeps_refusing_is_left_alone(server: Server, fake: FakeTime) -> None:
    """After the last patience no batch is tried, and what was found before is given."""
    server.faults = [Fault("status", 429, when=IDS[2], always=True)]
    outcomes = ask(server, fake, IDS, batch_size=2)
    assert statuses(outcomes) == {"found": 2, "failed": 6}
    assert len(server.seen) == 1 + 7
    assert sum(fake.slept) > 240


def test_rate_exceeded_under_200_is_a_refusal(server: Server, fake: FakeTime) -> None:
    """The text that looks like success is waited for like 429."""
    server.faults = [Fault("rate_exceeded") for _ in range(5)]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert len(fake.slept) == 5


def test_html_under_200_is_asked_for_again(server: Server, fake: FakeTime) -> None:
    """A web page is no answer, not even an empty one."""
    server.faults = [Fault("html"), Fault("html")]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert len(server.seen) == 3


def test_html_for_ever_ends(server: Server, fake: FakeTime) -> None:
    """A service that gives only web pages is given up after some requests, and everything fails."""
    server.faults = [Fault("html", always=True)]
    outcomes = ask(server, fake, IDS, batch_size=4)
    assert statuses(outcomes) == {"failed": 8}
    assert outcomes[IDS[0]].why == "arXiv was given up: a web page instead of Atom"
    assert len(server.seen) == 24


@pytest.mark.parametrize("name", ["truncated", "short", "reset", "bomb", "wrong_total"])
def test_half_an_answer_is_asked_for_again(server: Server, fake: FakeTime, name: str) -> None:
    """XML that is cut off or dangerous, a short body, a reset connection, a wrong total: none is believed."""
    server.faults = [Fault(name)]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert len(server.seen) == 2


@pytest.mark.parametrize("name", ["truncated", "bomb", "wrong_total"])
def test_an_answer_that_stays_broken_is_halved(server: Server, fake: FakeTime, name: str) -> None:
    """One paper that always breaks the answer costs itself only."""
    culprit = IDS[6]
    server.faults = [Fault(name, when=culprit, always=True)]
    outcomes = ask(server, fake, IDS)
    assert statuses(outcomes) == {"found": 7, "failed": 1}
    assert outcomes[culprit].status == "failed"
    assert len(server.seen) == 4 * 4 + 3


@pytest.mark.parametrize("name", ["stall", "silence"])
def test_a_stalled_answer_is_not_waited_for(server: Server, fake: FakeTime, name: str) -> None:
    """A body that stops, or never begins, ends with the read timeout and is asked for again."""
    server.faults = [Fault(name, 10)]
    assert_all_found(ask(server, fake, IDS, manners=IMPATIENT), IDS)
    assert len(server.seen) == 2


def test_a_trickling_answer_is_not_waited_for(server: Server, fake: FakeTime) -> None:
    """A body of a byte now and then passes every read timeout, but not the one for the whole answer."""
    server.faults = [Fault("trickle", 0.05)]
    assert_all_found(ask(server, fake, IDS, manners=IMPATIENT), IDS)
    assert len(server.seen) == 2


def test_a_huge_answer_is_not_read_to_its_end(server: Server, fake: FakeTime) -> None:
    """Fifty megabytes for one id: the id fails alone, and is not fetched again."""
    culprit = IDS[1]
    server.faults = [Fault("huge", 50_000_000, when=culprit, always=True)]
    outcomes = ask(server, fake, IDS[:2])
    assert outcomes[culprit] == Outcome(culprit, "failed", "an answer of more than 3,000,000 bytes")
    assert outcomes[IDS[0]].status == "found"
    assert len(server.seen) == 3


def test_a_compressed_bomb_is_measured_as_it_unfolds(server: Server, fake: FakeTime) -> None:
    """The limit is for what comes out of the compression."""
    server.faults = [Fault("gzip_bomb", 8_000_000, always=True)]
    outcomes = ask(server, fake, IDS[:1])
    assert outcomes[IDS[0]].why == "an answer of more than 3,000,000 bytes"


def test_a_compressed_answer_is_an_answer(server: Server, fake: FakeTime) -> None:
    """What comes compressed is read as any other."""
    server.faults = [Fault("gzip")]
    assert_all_found(ask(server, fake, IDS), IDS)
    assert len(server.seen) == 1


def test_a_service_that_moved_is_followed_and_remembered(server: Server, fake: FakeTime) -> None:
    """A 301 is followed, and the following batches go straight to the new address."""
    server.faults = [Fault("redirect", 301, header="/moved/query")]
    assert_all_found(ask(server, fake, IDS, batch_size=4), IDS)
    assert [seen.path.partition("?")[0] for seen in server.seen] == ["/api/query", "/moved/query", "/moved/query"]


def test_a_redirection_for_now_is_not_remembered(server: Server, fake: FakeTime) -> None:
    """A 302 is followed, and the following batch asks the old address."""
    server.faults = [Fault("redirect", 302, header="/moved/query")]
    assert_all_found(ask(server, fake, IDS, batch_size=4), IDS)
    assert [seen.path.partition("?")[0] for seen in server.seen] == ["/api/query", "/moved/query", "/api/query"]


def test_a_redirection_in_circles_ends(server: Server, fake: FakeTime) -> None:
    """A service that points to itself for ever is given up."""
    server.faults = [Fault("redirect", 302, header="/api/query", always=True)]
    outcomes = ask(server, fake, IDS)
    assert statuses(outcomes) == {"failed": 8}
    assert outcomes[IDS[0]].why == "arXiv was given up: redirected in circles"


@pytest.mark.parametrize("status", [500, 502])
def test_a_server_error_is_asked_for_again(server: Server, fake: FakeTime, status: int) -> None:
    """Other errors of the server pass."""
    server.faults = [Fault("status", status)]
    assert_all_found(ask(server, fake, IDS), IDS)


def test_a_wrong_address_is_told_from_a_missing_paper(server: Server, fake: FakeTime) -> None:
    """404 of the service itself is no statement about papers: everything fails, at once."""
    clock = dataclasses.replace(fake.clock, monotonic=Clock().monotonic)
    client = ArxivClient(api_url=f"{server.url}/elsewhere", manners=QUICK, clock=clock)
    outcomes = {outcome.requested: outcome for outcome in client.fetch(IDS)}
    client.close()
    assert statuses(outcomes) == {"failed": 8}
    assert outcomes[IDS[0]].why.startswith("arXiv was given up: HTTP 404 Not Found: is http://127")
    assert len(server.seen) == 1


def test_no_network_is_noticed_soon(fake: FakeTime) -> None:
    """Without anybody at the address everything fails after a few tries."""
    with Server() as gone:
        address = gone.api_url
    client = ArxivClient(api_url=address, manners=QUICK, clock=fake.clock)
    outcomes = list(client.fetch(IDS))
    client.close()
    assert {outcome.status for outcome in outcomes} == {"failed"}
    assert "no connection" in outcomes[0].why
    assert client.requests == 3


def test_waits_are_announced(server: Server, fake: FakeTime) -> None:
    """Whoever watches is told why nothing happens and for how long."""
    said: list[str] = []
    server.faults = [Fault("status", 429)]
    clock = dataclasses.replace(fake.clock, monotonic=Clock().monotonic)
    client = ArxivClient(api_url=server.api_url, manners=QUICK, clock=clock, notice=said.append)
    assert len(list(client.fetch(IDS))) == 8
    client.close()
    assert said == ["HTTP 429 Too Many Requests; trying again in 4 s"]


def test_nonsense_settings_are_refused() -> None:
    """An address that is none, and batches that arXiv would refuse, are usage errors."""
    with pytest.raises(UsageError, match="no http"):
        ArxivClient(api_url="file:///etc/passwd")
    for size in (0, 101):
        with pytest.raises(UsageError, match="1 to 100"):
            ArxivClient(batch_size=size)
