"""The author that a note names is recognised in arXiv's full name, and where that is not certain, it is said."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.enrichment.names import Verdict, distance, fold, match_author, match_authors

_SAME = [
    ("Vaswani", "Ashish Vaswani"),
    ("Velickovic", "Petar Veličković"),
    ("Veličković et al.", "Petar Veličković"),
    ("van der Ouderaa", "Tycho F. A. van der Ouderaa"),
    ("Ouderaa", "Tycho F. A. van der Ouderaa"),
    ("van den Oord", "Aäron van den Oord"),
    ("Mueller", "Thomas Müller"),
    ("Muller", "Thomas Mueller"),
    ("Sorensen", "Søren Sørensen"),
    ("Shalev Shwartz", "Shai Shalev-Shwartz"),
    ("Shwartz", "Shai Shalev-Shwartz"),
    ("Le Cun", "Yann LeCun"),
    ("LeCun", "Yann Le Cun"),
    ("O'Neil", "Ryan O’Neil"),
    ("J. Smith", "John Smith"),
    ("Hinton G", "Geoffrey Hinton"),
    ("Chen, Ricky", "Ricky T. Q. Chen"),
    ("RTQ Chen", "Ricky T. Q. Chen"),
    ("Kim Seungryong", "Seungryong Kim"),
    ("Smith", "Bob Smith Jr."),
    ("Gemini Team", "Gemini Team Google"),
    ("Diederik Kingma", "Diederik P. Kingma"),
]
_OTHERWISE: list[tuple[str, str, Verdict]] = [
    ("TQ Chen", "Ricky T. Q. Chen", "uncertain"),
    ("Zhang", "Zhang Wei", "uncertain"),
    ("Pérez", "Fernando Pérez García", "uncertain"),
    ("Wrigth", "Less Wright", "misspelt"),
    ("Bathia", "Siddharth Bhatia", "misspelt"),
    ("Dosovitsky", "Alexey Dosovitskiy", "misspelt"),
    ("J. Smith", "Anna Smith", "different"),
    ("D. J. Kingma", "Diederik P. Kingma", "different"),
    ("Brown", "Alec Radford", "different"),
    ("He", "Kai Hu", "different"),
    ("", "Kaiming He", "different"),
    ("et al.", "Kaiming He", "different"),
]


@pytest.mark.parametrize(("stated", "full"), _SAME)
def test_the_same_author_is_recognised(stated: str, full: str) -> None:
    """Accents, particles, hyphens, initials, order and what follows a name do not hide it."""
    assert match_author(stated, full).verdict == "same"


@pytest.mark.parametrize(("stated", "full", "verdict"), _OTHERWISE)
def test_doubt_and_error_are_said(stated: str, full: str, verdict: Verdict) -> None:
    """Names that agree in part are uncertain, a typing error or two is one, everything else is another author."""
    match = match_author(stated, full)
    assert match.verdict == verdict
    assert bool(match.why) >= (verdict in ("uncertain", "misspelt"))


def test_another_author_of_the_paper_is_found() -> None:
    """A name that is not the first author's is looked for among the others; the first one wins a tie."""
    authors = ["Alexey Dosovitskiy", "Philipp Fischer", "Eddy Ilg"]
    assert match_authors("Fischer", authors)[0] == 1
    assert match_authors("Dosovitsky", authors) == (0, match_author("Dosovitsky", authors[0]))
    assert match_authors("Nobody", authors)[0] == -1
    assert match_authors("Nobody", [])[0] == -1
    assert match_authors("Zhang", ["Wei Zhang", "Li Zhang"])[0] == 0


_SUFFIXES = ("jr", "sr", "ii", "iii", "iv", "phd", "md")  # no surnames
_NAMES = st.text(st.characters(categories=["Lu", "Ll"]), min_size=2, max_size=12).filter(
    lambda name: len(fold(name)) > 1 and fold(name) not in _SUFFIXES
)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_texts_can_be_compared(stated: str, full: str) -> None:
    """Whatever stands where a name should, the comparison gives one of its four answers."""
    assert match_author(stated, full).verdict in ("same", "uncertain", "misspelt", "different")


@given(_NAMES, _NAMES, _NAMES)
def test_surname_and_order_suffice(first: str, middle: str, last: str) -> None:
    """The surname, the whole name, and the whole name in the other order are always the same author."""
    full = f"{first} {middle} {last}"
    assert match_author(last, full).verdict == "same"
    assert match_author(full, full).verdict == "same"
    assert match_author(f"{last}, {first} {middle}", full).verdict == "same"


@given(_NAMES)
def test_accents_do_not_count(name: str) -> None:
    """A name with its accents taken off, or written as combining characters, is the same name."""
    assert fold(name) == fold(unicodedata.normalize("NFD", name))
    assert match_author(fold(name), f"Ada {name}").verdict == "same"


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_distance_is_one(one: str, other: str) -> None:
    """The distance is symmetric, zero for equal words alone, and at least the difference in length."""
    limit = 10
    assert distance(one, other, limit) == distance(other, one, limit)
    assert (distance(one, other, limit) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other, limit) <= max(len(one), len(other))
    assert distance(one, other, 1) == min(distance(one, other, limit), 2)
