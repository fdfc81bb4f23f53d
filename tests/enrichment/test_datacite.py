"""DataCite, asked when arXiv refuses."""

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.enrichment.client import Outcome
from kg.enrichment.datacite import DataCiteClient, DoiError, parse_doi
from kg.enrichment.records import Author
from kg.enrichment.transport import Clock, Manners
from kg.errors import UsageError
from tests.enrichment.conftest import FakeTime
from tests.enrichment.papers import FOUND, PAPERS, UNKNOWN, WITHDRAWN, doi_answer
from tests.enrichment.server import Fault, Server

URL = "https://api.datacite.org/dois/10.48550/arXiv.1"
WHEN = datetime(2026, 1, 10, tzinfo=UTC)
QUICK = Manners(delay=0.0, read_timeout=1.0, answer_timeout=5.0, max_bytes=1_000_000)


def ask(server: Server, fake: FakeTime, ids: list[str]) -> dict[str, Outcome]:
    """Ask for ids in a time that does not wait, and give the outcomes by id."""
    clock = dataclasses.replace(fake.clock, monotonic=Clock().monotonic)
    client = DataCiteClient(api_url=server.doi_url, manners=QUICK, clock=clock)
    outcomes = [outcome for batch in client.fetch_batches(ids) for outcome in batch]
    assert client.requests == len(server.seen)
    assert client.pending == 0
    client.close()
    return {outcome.requested: outcome for outcome in outcomes}


@pytest.mark.parametrize("name", list(PAPERS))
def test_an_answer_is_a_record_that_names_its_source(name: str) -> None:
    """Title, authors in order, categories, dates and version come from DataCite's fields."""
    paper = PAPERS[name]
    record = parse_doi(doi_answer(name), source_url=URL, retrieved=WHEN)
    assert (record.arxiv_id, record.version) == (name, paper["version"])
    assert record.title == paper["title"]
    assert [author.name for author in record.authors] == paper["authors"]
    assert list(record.categories) == paper["categories"]
    assert record.doi == paper["doi"]
    assert f"{record.published:%Y-%m-%d}" in {paper["published"], paper["updated"]}
    assert record.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert record.withdrawn == ("withdrawn" in paper.get("comment", ""))
    assert (record.source, record.source_url, record.retrieved) == ("datacite", URL, WHEN)


def test_names_and_affiliations_come_in_several_shapes() -> None:
    """A creator may have its name in parts or in one piece, and affiliations as texts or objects."""
    answer = json.loads(doi_answer(FOUND[0]))
    answer["data"]["attributes"]["creators"] = [
        {"name": "Dobra, Adrian", "affiliation": ["A Lab", ""]},
        {"name": "A Collaboration", "affiliation": [{"name": "B Lab"}]},
        {"givenName": "Ann", "familyName": "One", "name": "wrong"},
        {"name": ""},
        7,
    ]
    answer["data"]["attributes"]["dates"] = []
    record = parse_doi(json.dumps(answer).encode(), source_url=URL, retrieved=WHEN)
    assert record.authors == (
        Author("Adrian Dobra", ("A Lab",)),
        Author("A Collaboration", ("B Lab",)),
        Author("Ann One"),
    )
    assert (record.version, record.published) == (0, datetime(int(PAPERS[FOUND[0]]["published"][:4]), 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not JSON"),
        (b"[]", "no paper of arXiv"),
        (b'{"data": {"id": "10.5281/zenodo.1"}}', "no paper of arXiv"),
        (b'{"data": {"id": "10.48550/arxiv.2401.00001", "attributes": {"titles": [{}]}}}', "without a title"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_answer_is_refused(body: bytes, why: str) -> None:
    """Other JSON, other DOIs and rubbish are refused with a sentence."""
    with pytest.raises(DoiError, match=why):
        parse_doi(body, source_url=URL, retrieved=WHEN)


FIELDS = ("creators", "dates", "subjects", "descriptions", "relatedIdentifiers", "rightsList", "publicationYear")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.none() | st.integers() | st.text(max_size=5) | st.lists(st.none() | st.dictionaries(st.text(), st.text())),
    )
)
def test_fields_of_any_type_break_nothing(fields: dict[str, object]) -> None:
    """A field of an unexpected type is as good as none."""
    answer = json.loads(doi_answer(FOUND[0]))
    answer["data"]["attributes"].update(fields)
    assert parse_doi(json.dumps(answer).encode(), source_url=URL, retrieved=WHEN).arxiv_id == FOUND[0]


def test_each_paper_is_one_request(server: Server, fake: FakeTime) -> None:
    """Papers are asked for by arXiv's DOI, one after the other; malformed ids never are."""
    outcomes = ask(server, fake, [FOUND[0], "abc", WITHDRAWN[1], UNKNOWN])
    assert [seen.path for seen in server.seen] == [
        f"/dois/10.48550/arXiv.{name}" for name in (FOUND[0], WITHDRAWN[1], UNKNOWN)
    ]
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        FOUND[0]: "found",
        "abc": "failed",
        WITHDRAWN[1]: "withdrawn",
        UNKNOWN: "missing",
    }


def test_only_the_latest_version_is_known(server: Server, fake: FakeTime) -> None:
    """A pinned id is answered when its version is the latest, and fails otherwise."""
    outcomes = ask(server, fake, ["1312.6114v2", "1312.6114v1"])
    assert outcomes["1312.6114v2"].status == "found"
    assert outcomes["1312.6114v1"] == Outcome("1312.6114v1", "failed", "DataCite knows version 2 only")


@pytest.mark.parametrize("name", ["html", "reset", "stall", "short", "gzip_bomb"])
def test_faults_end_in_failure_not_in_tears(server: Server, fake: FakeTime, name: str) -> None:
    """What is no believable answer fails with a sentence, and the next paper is asked for."""
    server.faults = [Fault(name, 20_000_000 if name == "gzip_bomb" else 10, when=FOUND[0], always=True)]
    outcomes = ask(server, fake, FOUND[:2])
    assert outcomes[FOUND[0]].status == "failed"
    assert outcomes[FOUND[0]].why.startswith("DataCite: ")
    assert outcomes[FOUND[1]].status == "found"


def test_a_refusal_is_waited_for_and_then_believed(server: Server, fake: FakeTime) -> None:
    """429 passes, or everything that is left fails without being asked for."""
    server.faults = [Fault("status", 429, header="5")]
    assert ask(server, fake, FOUND[:1])[FOUND[0]].status == "found"
    server.seen.clear()
    server.faults = [Fault("status", 429, always=True)]
    outcomes = ask(server, fake, FOUND[:4])
    assert {outcome.why for outcome in outcomes.values()} == {"DataCite was given up: HTTP 429 Too Many Requests"}
    assert len(server.seen) == 7


def test_an_answer_about_another_paper_is_not_taken(server: Server, fake: FakeTime) -> None:
    """The DOI in the answer has to be the one that was asked for."""
    server.faults = [Fault("other_doi")]
    outcomes = ask(server, fake, FOUND[:1])
    assert outcomes[FOUND[0]].why == "DataCite: it answers about 2612.00001 instead"


def test_an_address_that_is_none_is_refused() -> None:
    """The address has to be http(s)."""
    with pytest.raises(UsageError, match="no http"):
        DataCiteClient(api_url="ftp://example.org")
