"""Which strings are arXiv ids, and what their normal form is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.enrichment.ids import ArxivId, normalize_id


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("2104.12255", "2104.12255"),
        (" arXiv:2104.12255v2\n", "2104.12255v2"),
        ("arxiv: 0704.0001", "0704.0001"),
        ("https://arxiv.org/abs/1706.03762v7", "1706.03762v7"),
        ("http://export.arxiv.org/pdf/1706.03762.pdf", "1706.03762"),
        ("https://www.arxiv.org/pdf/1706.03762v1.pdf", "1706.03762v1"),
        ("https://arxiv.org/html/2401.00001/", "2401.00001"),
        ("https://doi.org/10.48550/arXiv.2104.12255", "2104.12255"),
        ("10.48550/ARXIV.2104.12255", "2104.12255"),
        ("oai:arXiv.org:hep-th/9901001", "hep-th/9901001"),
        ("quant-ph/0201082v1", "quant-ph/0201082v1"),
        ("math.GT/0309136", "math/0309136"),
        ("CS.AI/0506088", "cs/0506088"),
    ],
)
def test_every_way_to_write_an_id_has_one_normal_form(text: str, normal: str) -> None:
    """An id is the same alone, with arXiv: before it, as a DOI or in an address, and a subject class is no part."""
    assert str(normalize_id(text)) == normal


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "2104.1225",  # four digits after 2014
        "1404.12255",  # five digits before 2015
        "2113.12255",  # no such month
        "2100.12255",
        "0703.1234",  # before the scheme began
        "0000.0000",
        "2104.00000",
        "2104.12255v0",
        "2104.12255 v1",
        "2104.12255,2104.12256",
        "nonsense/0309136",
        "hep-th/0704001",  # after the scheme ended
        "hep-th/9013001",
        "hep-th/9901000",
        "arxiv:2104.12255/abs",
        "٢١٠٤.12255",
        "https://arxiv.org/list/cs.AI/recent",
    ],
)
def test_what_cannot_be_an_id_is_refused_with_a_reason(text: str) -> None:
    """A text that arXiv would refuse, or cannot know, is refused before anybody is asked."""
    with pytest.raises(ValueError, match="is not an arXiv id"):
        normalize_id(text)


@settings(deadline=None)
@given(
    st.integers(7, 49), st.integers(1, 12), st.integers(1, 9999), st.integers(0, 40), st.sampled_from(["", "arXiv:"])
)
def test_ids_survive_being_written_and_read(year: int, month: int, number: int, version: int, prefix: str) -> None:
    """The normal form of an id reads as the same id."""
    if (year, month) < (7, 4):
        year = 8
    digits = 5 if year >= 15 else 4
    identifier = ArxivId(f"{year:02d}{month:02d}.{number:0{digits}d}", version)
    assert normalize_id(prefix + str(identifier)) == identifier


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_an_id_or_refused(text: str) -> None:
    """No text breaks the reader, and what it takes for an id is in normal form."""
    try:
        identifier = normalize_id(text)
    except ValueError:
        return
    assert normalize_id(str(identifier)) == identifier


def test_the_doi_is_arxivs_own_and_has_no_version() -> None:
    """The DOI of a preprint is the one that arXiv registers, in lower case."""
    assert normalize_id("2104.12255v3").doi == "10.48550/arxiv.2104.12255"
    assert normalize_id("hep-th/9901001").doi == "10.48550/arxiv.hep-th/9901001"
