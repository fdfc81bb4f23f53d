"""What is common to all sources: dates, lines of authors, withdrawals."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.enrichment.records import authors_of, is_withdrawn, moment


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("This paper has been withdrawn", ""),
        ("Withdrawn", ""),
        ("the paper has been withdrawn by the author due to crucial type errors", ""),
        ("15 pages, 6 figures; This paper has been withdrawn by the author", ""),
        ("", "This paper was withdrawn by the authors."),
        ("4 pages", "This note is withdrawn. The result is known."),
        ("", "This paper withdrawn since it has been published in an updated version"),
        ("", "The paper has benn withdrawn because the computation contains an error"),
        ("", "This paper has been removed by arXiv administrators because it plagiarizes another"),
    ],
)
def test_a_withdrawal_is_recognized_by_its_sentence(comment: str, abstract: str) -> None:
    """A comment or the beginning of an abstract that says so makes a paper withdrawn."""
    assert is_withdrawn(comment, abstract)


@pytest.mark.parametrize(
    ("comment", "abstract"),
    [
        ("", ""),
        ("Supersedes arXiv:0706.4447, which has been withdrawn", ""),
        ("A previous version of this paper was withdrawn for lack of a proof", ""),
        ("12 pages", "We study how funds are withdrawn from banks."),
        ("", "This paper shows when a drug should be withdrawn from the market, and by whom it was."),
    ],
)
def test_a_word_alone_withdraws_nothing(comment: str, abstract: str) -> None:
    """Other papers that were withdrawn, and other things that are, do not count."""
    assert not is_withdrawn(comment, abstract)


def test_dates_are_read_in_every_form_of_the_sources() -> None:
    """ISO 8601 with and without a time, a month, a year, and the form of mail headers all give UTC."""
    assert moment("2017-06-12T17:57:34Z") == datetime(2017, 6, 12, 17, 57, 34, tzinfo=UTC)
    assert moment("2017-06-12T19:57:34+02:00") == datetime(2017, 6, 12, 17, 57, 34, tzinfo=UTC)
    assert moment("Mon, 12 Jun 2017 17:57:34 GMT") == datetime(2017, 6, 12, 17, 57, 34, tzinfo=UTC)
    assert moment("2017-06-12") == datetime(2017, 6, 12, tzinfo=UTC)
    assert moment("2017-06") == datetime(2017, 6, 1, tzinfo=UTC)
    assert moment("2017") == datetime(2017, 1, 1, tzinfo=UTC)
    assert moment("2007-04-999") is None
    assert moment("") is None


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    """No text breaks the reader of dates."""
    read = moment(text)
    assert read is None or read.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Piotr T. Chruściel and Marc Mars", ("Piotr T. Chruściel", "Marc Mars")),
        ("A. One, B. Two, and C. Three", ("A. One", "B. Two", "C. Three")),
        ("A. One (1 and 2), B. Two (2) ((1) A Lab, (2) Another)", ("A. One", "B. Two")),
        ("Henry J. Kelly, Jr., Ann Anderson", ("Henry J. Kelly Jr.", "Ann Anderson")),
        ("Alexandra Sand & Bo Li", ("Alexandra Sand", "Bo Li")),
        ("", ()),
    ],
)
def test_a_line_of_authors_is_split_into_names(text: str, names: tuple[str, ...]) -> None:
    """Commas and `and` separate authors, parentheses hold affiliations, `Jr.` is part of a name."""
    assert authors_of(text) == names
