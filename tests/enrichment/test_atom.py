"""The answers of arXiv's API as bytes."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.enrichment.atom import FeedError, parse_entry, parse_feed
from kg.enrichment.ids import ArxivId
from kg.enrichment.records import Author
from tests.enrichment.papers import PAPERS, entry, error_entry, feed
from tests.enrichment.server import BOMB

URL = "https://export.arxiv.org/api/query"
WHEN = datetime(2026, 1, 10, tzinfo=UTC)

# Everything that an entry of arXiv can have, in arXiv's own layout.
FULL = """
  <entry>
    <id>http://arxiv.org/abs/astro-ph/0601001v2</id>
    <title>Hot Jupiters from the
  OGLE survey of $n \\leq 5$ fields</title>
    <updated>2006-02-01T09:30:00Z</updated>
    <link href="https://arxiv.org/abs/astro-ph/0601001v2" rel="alternate" type="text/html"/>
    <link rel="related" href="https://doi.org/10.1086/000000" title="doi"/>
    <link href="https://arxiv.org/pdf/astro-ph/0601001v2" rel="related" type="application/pdf" title="pdf"/>
    <summary>  Two words &amp; more.
</summary>
    <category term="astro-ph" scheme="http://arxiv.org/schemas/atom"/>
    <category term="cs.LG" scheme="http://arxiv.org/schemas/atom"/>
    <category term="68T05, 62M45" scheme="http://arxiv.org/schemas/atom"/>
    <category term="I.2.6" scheme="http://arxiv.org/schemas/atom"/>
    <published>2006-01-01T20:00:00-05:00</published>
    <arxiv:comment>36 pages,
  8 figures</arxiv:comment>
    <arxiv:journal_ref>Acta Astron. 56 (2006) 1</arxiv:journal_ref>
    <arxiv:doi>10.1086/000000 10.1086/000001</arxiv:doi>
    <arxiv:primary_category term="cs.LG"/>
    <author><name>B. Scott Gaudi</name><arxiv:affiliation>Harvard</arxiv:affiliation>
      <arxiv:affiliation>CfA</arxiv:affiliation></author>
    <author><name>Andr\\'e Sara</name></author>
  </entry>
"""


def test_an_entry_gives_all_that_it_says() -> None:
    """Every element of an entry is in the record: first DOI, primary category first, affiliations, UTC."""
    (found,) = parse_feed(feed([FULL]).encode(), source_url=URL, retrieved=WHEN).entries
    record = found.record
    assert (record.arxiv_id, record.version) == ("astro-ph/0601001", 2)
    assert record.title == "Hot Jupiters from the OGLE survey of $n \\leq 5$ fields"
    assert record.abstract == "Two words & more."
    assert record.authors == (Author("B. Scott Gaudi", ("Harvard", "CfA")), Author("André Sara"))
    assert record.published == datetime(2006, 1, 2, 1, tzinfo=UTC)
    assert record.updated == datetime(2006, 2, 1, 9, 30, tzinfo=UTC)
    assert record.categories == ("cs.LG", "astro-ph")
    assert record.comment == "36 pages, 8 figures"
    assert record.journal_ref == "Acta Astron. 56 (2006) 1"
    assert record.doi == "10.1086/000000"
    assert record.pdf_url == "https://arxiv.org/pdf/astro-ph/0601001v2"
    assert (record.source, record.source_url, record.retrieved) == ("arxiv-api", URL, WHEN)
    assert not record.withdrawn


def test_an_entry_is_read_again_from_its_own_bytes() -> None:
    """The bytes kept of an entry give the same record, and hold nothing of the entries beside it."""
    read = parse_feed(feed([entry(name) for name in PAPERS]).encode(), source_url=URL, retrieved=WHEN)
    assert len(read.entries) == read.total == len(PAPERS)
    for found in read.entries:
        assert parse_entry(found.raw, source_url=URL, retrieved=WHEN) == found.record
        assert found.raw.count(b"<entry>") == 1


def test_real_titles_and_authors_come_through() -> None:
    """Thirty real papers keep their title, their authors in order and their dates."""
    read = parse_feed(feed([entry(name) for name in PAPERS]).encode(), source_url=URL, retrieved=WHEN)
    for found in read.entries:
        paper = PAPERS[found.record.arxiv_id]
        assert [author.name for author in found.record.authors] == paper["authors"]
        assert found.record.published is not None
        assert f"{found.record.published:%Y-%m-%d}" == paper["published"]
        assert found.record.withdrawn == ("withdrawn" in paper.get("comment", ""))


def test_an_entry_without_published_is_incomplete() -> None:
    """A paper whose entry lacks its date is named, with what it lacks, and counted among the results."""
    body = feed([entry("1312.6114", published=False), entry("1409.0473")]).encode()
    read = parse_feed(body, source_url=URL, retrieved=WHEN)
    assert [found.record.arxiv_id for found in read.entries] == ["1409.0473"]
    assert read.incomplete == ((ArxivId("1312.6114", 2), "its entry has no <published>"),)
    assert read.given == read.total == 2


def test_an_error_entry_is_no_paper() -> None:
    """What arXiv reports as an entry is given as its sentence."""
    read = parse_feed(feed([error_entry("incorrect id format for abc")]).encode(), source_url=URL, retrieved=WHEN)
    assert read.errors == ("incorrect id format for abc",)
    assert read.entries == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "not well-formed"),
        (b"Rate exceeded.", "not well-formed"),
        (b"<html><body>hello</body></html>", "no Atom feed"),
        (feed([FULL]).encode()[:-20], "not well-formed"),
        (feed([FULL]).encode().replace(b"totalResults", b"total"), "does not say how many"),
        (feed([FULL.replace("abs/astro-ph/0601001v2", "abs/nothing")]).encode(), "an entry of no paper"),
        (BOMB, "document type"),
        (b"<feed>" + b"<a>" * 100 + b"</a>" * 100 + b"</feed>", "nested deeper"),
        (feed([FULL]).encode("utf-16"), "not well-formed"),
    ],
)
def test_what_is_no_whole_answer_is_refused(body: bytes, why: str) -> None:
    """Cut off, dangerous or foreign bytes are refused with a sentence."""
    with pytest.raises(FeedError, match=why):
        parse_feed(body, source_url=URL, retrieved=WHEN)


def test_a_body_beyond_the_limit_is_not_looked_at() -> None:
    """The limit holds before anything is parsed."""
    with pytest.raises(FeedError, match="more than the 100"):
        parse_feed(feed([FULL]).encode(), source_url=URL, retrieved=WHEN, limit=100)


def test_bytes_kept_of_something_else_are_refused() -> None:
    """Reading an entry again fails with a sentence when it is none."""
    with pytest.raises(FeedError, match="without an entry"):
        parse_entry(feed([]).encode(), source_url=URL, retrieved=WHEN)
    with pytest.raises(FeedError, match="no paper"):
        parse_entry(feed([error_entry("x")]).encode(), source_url=URL, retrieved=WHEN)


def test_signs_in_odd_places_do_not_confuse_the_bytes_that_are_kept() -> None:
    """A comment that looks like a feed, and a `>` in an attribute, are where XML allows them."""
    body = feed([FULL]).replace("<feed ", "<!-- <feed> --><feed note='a > b' ")
    (found,) = parse_feed(body.encode(), source_url=URL, retrieved=WHEN).entries
    assert parse_entry(found.raw, source_url=URL, retrieved=WHEN) == found.record


def test_prefixed_atom_is_atom() -> None:
    """An answer that writes its elements with a prefix is read, and read again from its bytes, as any other."""
    body = feed([FULL, entry("1409.0473")]).replace("xmlns=", "xmlns:a=")
    for name in ("feed", "entry", "id", "title", "updated", "published", "author", "name", "summary", "link"):
        body = body.replace(f"<{name}>", f"<a:{name}>").replace(f"<{name} ", f"<a:{name} ")
        body = body.replace(f"</{name}>", f"</a:{name}>")
    read = parse_feed(body.encode(), source_url=URL, retrieved=WHEN)
    assert [found.record.arxiv_id for found in read.entries] == ["astro-ph/0601001", "1409.0473"]
    for found in read.entries:
        assert parse_entry(found.raw, source_url=URL, retrieved=WHEN) == found.record


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 1500), st.booleans())
def test_no_bytes_break_the_reader(rubbish: bytes, at: int, insert: bool) -> None:
    """Any bytes, and any damage to a good answer, give a feed or a refusal, nothing else."""
    good = feed([FULL]).encode()
    body = good[:at] + rubbish + (good[at:] if insert else b"")
    try:
        read = parse_feed(body, source_url=URL, retrieved=WHEN)
    except FeedError:
        return
    for found in read.entries:
        assert parse_entry(found.raw, source_url=URL, retrieved=WHEN) == found.record
