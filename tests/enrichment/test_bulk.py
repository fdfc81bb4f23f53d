"""Records of bulk files: lines of the snapshot and records of OAI-PMH, one at a time."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.enrichment.jsonlines import LineError, parse_line
from kg.enrichment.oai import OaiError, parse_record
from kg.enrichment.records import Author
from tests.enrichment.papers import PAPERS, snapshot_line

FILE = "file:///snapshot.json"
WHEN = datetime(2026, 1, 10, tzinfo=UTC)

ARXIV = b"""<record><header><identifier>oai:arXiv.org:0704.1000</identifier><datestamp>2008-11-26</datestamp>
<setSpec>physics:hep-ex</setSpec></header><metadata>
<arXiv xmlns="http://arxiv.org/OAI/arXiv/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:schemaLocation="http://arxiv.org/OAI/arXiv/ http://arxiv.org/OAI/arXiv.xsd">
<id>0704.1000</id><created>2007-04-07</created><updated>2008-01-02</updated>
<authors><author><keyname>van der Berg</keyname><forenames>Jan</forenames><suffix>Jr.</suffix>
<affiliation>NIKHEF</affiliation></author><author><keyname>A Collaboration</keyname></author></authors>
<title>Something
 measured at $\\sqrt{s}$</title><categories>hep-ex nucl-ex</categories><comments>9 pages</comments>
<journal-ref>Phys.Rev.D76:1,2007</journal-ref><doi>10.1103/X</doi>
<license>http://arxiv.org/licenses/nonexclusive-distrib/1.0/</license><abstract>  Words. </abstract></arXiv>
</metadata></record>"""

RAW = b"""<record><header><identifier>oai:arXiv.org:2401.00003</identifier></header><metadata>
<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2401.00003</id><submitter>Ann</submitter>
<version version="v1"><date>Mon, 01 Jan 2024 10:00:00 GMT</date><size>10kb</size><source_type>D</source_type></version>
<version version="v2"><date>Tue, 02 Jan 2024 11:00:00 GMT</date><size>11kb</size></version>
<title>Raw title</title><authors>Ann One (A Lab), Bo Two and Cy Three</authors>
<categories>cs.AI cs.LG</categories><abstract>Words.</abstract></arXivRaw></metadata></record>"""

DC = b"""<ns0:record xmlns:ns0="http://www.openarchives.org/OAI/2.0/"><ns0:header>
<ns0:identifier>oai:arXiv.org:hep-th/9901001</ns0:identifier></ns0:header><ns0:metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>A title</dc:title><dc:creator>Sch\\"onberg, Arnold</dc:creator><dc:creator>King, Martin, Jr.</dc:creator>
<dc:subject>High Energy Physics - Theory</dc:subject><dc:description>Words.</dc:description>
<dc:description>Comment: 5 pages</dc:description><dc:date>1999-01-04</dc:date><dc:date>2000-02-03</dc:date>
<dc:type>text</dc:type><dc:identifier>http://arxiv.org/abs/hep-th/9901001</dc:identifier>
<dc:identifier>Nucl.Phys. B5 (1999) 1</dc:identifier><dc:identifier>doi:10.1016/Y</dc:identifier>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
</oai_dc:dc></ns0:metadata></ns0:record>"""


@pytest.mark.parametrize("name", list(PAPERS))
def test_a_line_of_the_snapshot_is_a_record(name: str) -> None:
    """Every field of a line is in the record: authors parsed, versions, licence, withdrawals."""
    paper = PAPERS[name]
    record = parse_line(snapshot_line(name), source_url=FILE, retrieved=WHEN)
    assert (record.arxiv_id, record.version) == (name, paper["version"])
    assert [author.name for author in record.authors] == paper["authors"]
    assert list(record.categories) == paper["categories"]
    assert record.abstract == "What this paper says, in two lines."
    assert record.doi == paper["doi"]
    assert record.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert record.updated == datetime(2001, 2, 2, 10, tzinfo=UTC)
    assert record.pdf_url == f"https://arxiv.org/pdf/{name}v{paper['version']}"
    assert record.withdrawn == ("withdrawn" in paper.get("comment", ""))
    assert (record.source, record.source_url, record.retrieved) == ("arxiv-snapshot", FILE, WHEN)


def test_authors_are_split_when_they_were_not_parsed() -> None:
    """A line without `authors_parsed` has its authors from the text."""
    line = json.dumps({"id": "2401.00003", "title": "T", "authors": "Ann One (Lab), Bo Tw\\'o and Cy Three"})
    record = parse_line(line.encode(), source_url=FILE, retrieved=WHEN)
    assert [author.name for author in record.authors] == ["Ann One", "Bo Twó", "Cy Three"]
    assert (record.version, record.published) == (0, None)


def test_a_line_of_harvested_dublin_core_is_a_record() -> None:
    """A pair of an id and the fields of `oai_dc` is read as that format."""
    line = json.dumps(["astro-ph/0408336", {"title": ["T"], "creator": ["Alves, David R."], "date": ["2004-08-18"]}])
    record = parse_line(line.encode(), source_url=FILE, retrieved=WHEN)
    assert record.arxiv_id == "astro-ph/0408336"
    assert record.authors == (Author("David R. Alves"),)
    assert record.source == "oai-pmh"


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"7", b'{"id": "2401.00003"}', b'{"id": 7, "title": "T"}', b'["x", {}]', b"[" * 100_000],
)
def test_a_line_that_is_no_paper_is_refused(line: bytes) -> None:
    """Broken JSON, another shape, no id or no title: a sentence, nothing worse."""
    with pytest.raises(LineError):
        parse_line(line, source_url=FILE, retrieved=WHEN)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    st.fixed_dictionaries(
        {"id": st.just("2401.00003"), "title": st.just("T")},
        optional=dict.fromkeys(
            ("authors", "authors_parsed", "versions", "categories", "doi", "abstract", "update_date"), JSON
        ),
    )
)
def test_fields_of_any_type_break_nothing(line: dict[str, object]) -> None:
    """A field of an unexpected type is as good as none."""
    record = parse_line(json.dumps(line).encode(), source_url=FILE, retrieved=WHEN)
    assert record.title == "T"


def test_the_format_arxiv_gives_authors_in_parts() -> None:
    """`arXiv` has names in parts, affiliations and dates, but no version."""
    record = parse_record(ARXIV, source_url=FILE, retrieved=WHEN)
    assert (record.arxiv_id, record.version) == ("0704.1000", 0)
    assert record.authors == (Author("Jan van der Berg Jr.", ("NIKHEF",)), Author("A Collaboration"))
    assert record.published == datetime(2007, 4, 7, tzinfo=UTC)
    assert record.updated == datetime(2008, 1, 2, tzinfo=UTC)
    assert record.title == "Something measured at $\\sqrt{s}$"
    assert record.categories == ("hep-ex", "nucl-ex")
    assert (record.comment, record.journal_ref, record.doi) == ("9 pages", "Phys.Rev.D76:1,2007", "10.1103/X")
    assert record.licence == "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
    assert record.source == "oai-pmh"


def test_a_creation_after_the_identifier_is_not_believed() -> None:
    """When `created` is later than the id allows, it is the date of the latest version."""
    record = parse_record(
        ARXIV.replace(b"<created>2007-04-07</created><updated>2008-01-02</updated>", b"<created>2025-08-30</created>"),
        source_url=FILE,
        retrieved=WHEN,
    )
    assert record.published is None
    assert record.updated == datetime(2025, 8, 30, tzinfo=UTC)


def test_the_format_arxivraw_knows_versions() -> None:
    """`arXivRaw` has every version with its date, and authors as a line."""
    record = parse_record(RAW, source_url=FILE, retrieved=WHEN)
    assert record.version == 2
    assert record.published == datetime(2024, 1, 1, 10, tzinfo=UTC)
    assert record.updated == datetime(2024, 1, 2, 11, tzinfo=UTC)
    assert [author.name for author in record.authors] == ["Ann One", "Bo Two", "Cy Three"]
    assert not record.withdrawn


def test_an_emptied_version_is_a_withdrawal() -> None:
    """`arXivRaw` shows a withdrawn paper by a last version of no size that is to be ignored."""
    raw = RAW.replace(b"<size>11kb</size>", b"<size>0kb</size><source_type>I</source_type>")
    assert parse_record(raw, source_url=FILE, retrieved=WHEN).withdrawn


def test_dublin_core_gives_what_it_has() -> None:
    """`oai_dc` with prefixes has names turned round, a comment, a journal, a DOI and the first and last date."""
    record = parse_record(DC, source_url=FILE, retrieved=WHEN)
    assert record.arxiv_id == "hep-th/9901001"
    assert record.authors == (Author("Arnold Schönberg"), Author("Martin King Jr."))
    assert (record.abstract, record.comment) == ("Words.", "5 pages")
    assert (record.journal_ref, record.doi) == ("Nucl.Phys. B5 (1999) 1", "10.1016/Y")
    assert record.published == datetime(1999, 1, 4, tzinfo=UTC)
    assert record.updated == datetime(2000, 2, 3, tzinfo=UTC)
    assert record.licence == "http://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'<record><header status="deleted"><identifier>oai:arXiv.org:1</identifier></header></record>', "deleted"),
        (b"<record/>", "without metadata"),
        (b"<record><metadata><dc><title>T</title></dc></metadata></record>", "no paper"),
        (ARXIV[:-30], "not well-formed"),
        (RAW.replace(b"Raw title", b""), "without a title"),
        (DC.replace(b"A title", b" "), "without a title"),
    ],
)
def test_a_record_that_is_no_paper_is_refused(raw: bytes, why: str) -> None:
    """Deleted, empty or cut off records are refused with a sentence."""
    with pytest.raises(OaiError, match=why):
        parse_record(raw, source_url=FILE, retrieved=WHEN)


@settings(deadline=None)
@given(st.sampled_from([ARXIV, RAW, DC]), st.integers(0, 1200), st.binary(max_size=30))
def test_no_damage_breaks_the_reader(raw: bytes, at: int, rubbish: bytes) -> None:
    """Any damage to a record gives a record or a refusal."""
    try:
        parse_record(raw[:at] + rubbish + raw[at + len(rubbish) :], source_url=FILE, retrieved=WHEN)
    except OaiError:
        return
