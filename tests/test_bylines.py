"""Who, when and where: what parentheses behind titles state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.bylines import first_author, read_byline, split_byline, split_loose_byline

_TEXTS = st.lists(
    st.one_of(
        st.text(max_size=40), st.sampled_from(["(Ho 2020)", " (", ")", "[", "](", " | ", " - ", "et al.", "2020", "（"])
    ),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("inside", "author", "year", "venue"),
    [
        ("Ho 2020", "Ho", 2020, None),
        ("Ho, 2020", "Ho", 2020, None),
        ("2020", None, 2020, None),
        ("Ho et al., 2020", "Ho", 2020, None),
        ("Ho et al 2020b", "Ho", 2020, None),
        ("JJ Ho 2020", "JJ Ho", 2020, None),
        ("J. Ho and A. B. Jain 2020", "J. Ho and A. B. Jain", 2020, None),
        ("Ho, Jain & Abbeel, 2020", "Ho, Jain & Abbeel", 2020, None),
        ("Ho, Jain, and Abbeel, 2020", "Ho, Jain, and Abbeel", 2020, None),
        ("Ho, Jonathan, 2020", "Ho, Jonathan", 2020, None),
        ("van der Maaten 2008", "van der Maaten", 2008, None),
        ("de Freitas 2015", "de Freitas", 2015, None),
        ("d'Ascoli 2021", "d'Ascoli", 2021, None),
        ("O’Neil 2016", "O’Neil", 2016, None),
        ("Sohl-Dickstein 2015", "Sohl-Dickstein", 2015, None),
        ("Łukasz Kaiser 2017", "Łukasz Kaiser", 2017, None),
        ("Çelik ve ark. 2020", None, None, None),
        ("Петров и др., 2019", "Петров", 2019, None),
        ("李沐等 2021", "李沐", 2021, None),
        ("Long 2015", "Long", 2015, None),
        ("An 2022", "An", 2022, None),
        ("Siam 2018", "Siam", 2018, None),
        ("Manning 2008", "Manning", 2008, None),
        ("Meta AI 2023", "Meta AI", 2023, None),
        ("University of Tübingen 2019", "University of Tübingen", 2019, None),
        ("NeurIPS 2020", None, 2020, "NeurIPS"),
        ("CVPR'19", None, 2019, "CVPR"),
        ("Ho, CVPR’22", "Ho", 2022, "CVPR"),
        ("ICML2021 Tutorial", None, 2021, "ICML"),
        ("arXiv 2022", None, 2022, "arXiv"),
        ("Nature 2015", None, 2015, "Nature"),
        ("Ho, NeurIPS 2020", "Ho", 2020, "NeurIPS"),
        ("Ho 2020, NeurIPS", "Ho", 2020, "NeurIPS"),
        ("Ho, 2020 NeurIPS", "Ho", 2020, "NeurIPS"),
        ("Ho 2020 - NeurIPS", "Ho", 2020, "NeurIPS"),
        ("Ho; NeurIPS; 2020", "Ho", 2020, "NeurIPS"),
        ("Ho et al., ICLR 2020 Spotlight", "Ho", 2020, "ICLR"),
        ("Best Paper ICCV 2019", None, 2019, "ICCV"),
        ("Kim, NeurIPS Workshop 2021", "Kim", 2021, "NeurIPS Workshop"),
        ("presented at ICML 2019", None, 2019, "ICML"),
        ("Graves, Neural Computation 1997", "Graves", 1997, "Neural Computation"),
        ("Bishop, 2006, Springer", "Bishop", 2006, "Springer"),
        ("Murphy 2022, MIT", "Murphy", 2022, "MIT"),
        ("Murphy, 2022 MIT PRESS", "Murphy", 2022, "MIT PRESS"),
        ("Weidman, MANNING 2019", "Weidman", 2019, "MANNING"),
        ("Kaplan, OpenAI, 2020", "Kaplan", 2020, None),
        ("2021, Dr. Jane Roe - FAIR", "Dr. Jane Roe", 2021, None),
        ("Ann Lee, Lex Fridman Podcast, 2019", "Ann Lee", 2019, "Lex Fridman Podcast"),
        ("May 2020", None, 2020, None),
        ("Fall 2021", None, 2021, None),
        ("2020-06-19", None, 2020, None),
        ("2nd edition, 2018", None, 2018, None),
        ("2019-2020", None, 2019, None),
        ("Ho (2020)", "Ho", 2020, None),
    ],
)
def test_byline_is_read(inside: str, author: str | None, year: int | None, venue: str | None) -> None:
    """Authors, year and venue are told apart by their place, then by what they are."""
    byline = read_byline(inside, people=True)
    assert (author, year, venue) == ((byline.author, byline.year, byline.venue) if byline else (None, None, None))


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "   ",
        "R-CNN",
        "NeurIPS",
        "for R",
        "part 2",
        "60000 images",
        "1202 layers",
        "n=2000",
        "1950–1990",
        "as of 2023",
        "winner of the 2019 challenge",
        "with code",
        "virtual",
        "C++ bindings",
        "Principal Component Analysis",
        "Random Forest",
        "Transformers",
        "TensorFlow 2.x",
        "Google",
        "MIT 6.S191",
        "https://example.org",
        "example.org",
    ],
)
def test_other_parentheses_are_no_byline(inside: str) -> None:
    """Acronyms, remarks, numbers and periods stay where they are."""
    assert read_byline(inside, people=True) is None


@pytest.mark.parametrize(
    ("inside", "people", "author"),
    [
        ("Ho", True, "Ho"),
        ("Ho", False, None),
        ("Karpathy", False, "Karpathy"),
        ("Jane Doe", False, "Jane Doe"),
        ("J. Doe", False, "J. Doe"),
        ("Prof. Jane van Doe", False, "Prof. Jane van Doe"),
        ("Doe et al.", False, "Doe"),
        ("by Jane Doe", False, "Jane Doe"),
        ("Doe & Roe", True, "Doe & Roe"),
        ("Jane Doe, DeepMind", False, "Jane Doe"),
        ("Udacity, Georgia Tech", False, None),
        ("U Columbia", True, None),
        ("TU Graz", True, None),
    ],
)
def test_people_without_a_year(inside: str, people: bool, author: str | None) -> None:
    """A parenthesis without a year is a byline only if it plainly names people."""
    byline = read_byline(inside, people=people)
    assert author == (byline.author if byline else None)


@pytest.mark.parametrize(
    ("title", "rest", "author", "year", "venue"),
    [
        ("Score Matching (Song 2019)", "Score Matching", "Song", 2019, None),
        ("Score Matching(Song 2019)", "Score Matching", "Song", 2019, None),
        ("Score Matching（Song，2019）", "Score Matching", "Song", 2019, None),
        ("Score Matching [Song 2019]", "Score Matching", "Song", 2019, None),
        ("Score Matching (Song 2019).", "Score Matching", "Song", 2019, None),
        ("Score Matching (Song 2019", "Score Matching", "Song", 2019, None),
        ("Score Matching (Song 2019))", "Score Matching", "Song", 2019, None),
        ("Score Matching (SM) (Song 2019)", "Score Matching (SM)", "Song", 2019, None),
        ("Score Matching (NeurIPS 2019) (Song)", "Score Matching", "Song", 2019, "NeurIPS"),
        ("NCSN - Score Matching, NCSN (Song 2019)", "NCSN - Score Matching, NCSN", "Song", 2019, None),
        ("Score Matching (SM)", "Score Matching (SM)", None, None, None),
        ("Score Matching", "Score Matching", None, None, None),
        ("Lecture 3 (2020): Scores", "Lecture 3 (2020): Scores", None, None, None),
        ("(Song 2019)", "", "Song", 2019, None),
        ("))((", "))((", None, None, None),
    ],
)
def test_byline_is_taken_off(title: str, rest: str, author: str | None, year: int | None, venue: str | None) -> None:
    """Bylines go from the end of a title, however their brackets are set; acronyms and nicknames stay."""
    assert split_byline(title, people=True) == (rest, (author, year, venue))


@pytest.mark.parametrize(
    ("title", "rest", "author", "year"),
    [
        ("Song et al. 2019: Scores", "Scores", "Song", 2019),
        ("Song et al. (2019) - Scores", "Scores", "Song", 2019),
        ("Scores, Song et al., 2019", "Scores", "Song", 2019),
        ("Scores. Song et al. (2019).", "Scores", "Song", 2019),
        ("Song, Y., & Ermon, S. (2019). Scores. NeurIPS, 32.", "Scores", "Song, Y., & Ermon, S.", 2019),
        ("Scores, Song 2019", "Scores, Song 2019", None, None),
        ("Et al", "Et al", None, None),
    ],
)
def test_loose_byline(title: str, rest: str, author: str | None, year: int | None) -> None:
    """Without parentheses a byline is read where "et al." or initials make it plain."""
    got, byline = split_loose_byline(title)
    assert (rest, author, year) == (got, byline.author, byline.year)


@pytest.mark.parametrize(
    ("author", "first"),
    [
        ("Song", "Song"),
        ("Song and Ermon", "Song"),
        ("Song & Ermon", "Song"),
        ("Lu, Yuan", "Lu"),
        ("Song, Meng, and Ermon", "Song"),
        ("Song/Ermon", "Song"),
        ("García y Pérez", "García"),
        ("van den Berg", "van den Berg"),
        ("Meta AI", "Meta AI"),
        ("Andersson", "Andersson"),
    ],
)
def test_first_author(author: str, first: str) -> None:
    """The first of the names stands for the entry."""
    assert first_author(author) == first


@given(_TEXTS, st.booleans())
def test_any_byline_is_read(text: str, people: bool) -> None:
    """A byline never invents: its author and venue are words of the text, its title a beginning of it."""
    title, byline = split_byline(text, people=people)
    assert text.startswith(title)
    assert byline.year is None or 1500 <= byline.year <= 2099
