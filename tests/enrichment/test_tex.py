"""TeX made readable."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.enrichment.tex import tidy


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (r"Petar Veli\v{c}kovi\'{c}", "Petar Veličković"),
        (r"Adri\'an P\'erez-Salinas, Radoica Dra\v{s}ki\'c", "Adrián Pérez-Salinas, Radoica Draškić"),
        (r"Eyy\"ub Sari, Michael F{\"a}rber, J\"{o}rg", "Eyyüb Sari, Michael Färber, Jörg"),
        (
            r"Johann A. Preu{\ss}, Przemys{\l}aw, \O{}rsted, \AA ngstr\"om",
            "Johann A. Preuß, Przemysław, Ørsted, Ångström",
        ),
        (r"Mar\'{\i}a, Garc\'\i a, na\"\i ve", "María, García, naïve"),
        (r"Fran\c{c}ois, Erd\H{o}s, \u{g}, \k{a}, \c c", "François, Erdős, ğ, ą, ç"),
        (r"\textit{Ab initio} \emph{and \textbf{bold}} {\em old} {BERT}", "Ab initio and bold old BERT"),
        ("A title\n  on two   lines", "A title on two lines"),
        ("``cube files'' --- a--b", "“cube files” — a–b"),
        (r"100\% of R\&D, a\_b, \#1, \$5", "100% of R&D, a_b, #1, $5"),
        (r"M.~Nielsen, ~100 GeV, http://a.org/~me", "M. Nielsen, ~100 GeV, http://a.org/~me"),
        (r"kept: \unknown{x} and C:\dir", r"kept: \unknownx and C:\dir"),
        (r"Schr\"odinger's \LaTeX\ code", "Schrödinger's LaTeX code"),
    ],
)
def test_accents_and_markup_become_characters(text: str, plain: str) -> None:
    """Accents, letters, quotes, dashes and wrappers of TeX are written as characters, on one line."""
    assert tidy(text) == plain


@pytest.mark.parametrize(
    "text",
    [
        r"$\forall\exists$-sentences",
        r"$t\bar{t}$ resonances",
        r"hematite ($\alpha\text{-Fe}_2\text{O}_3$) at GHz",
        r"$$ P_n(z)=(z-X_1)\ldots(z-X_n)\,. $$ done",
        r"at \(x_{--}\) and \[y~z\] end",
    ],
)
def test_mathematics_stays_as_written(text: str) -> None:
    """What stands between dollars or escaped brackets is not touched."""
    assert tidy(text) == text


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_one_line(text: str) -> None:
    """No text breaks the reader, and no line break survives it."""
    assert "\n" not in tidy(text)
    assert tidy(text) == tidy(text).strip()


@settings(deadline=None)
@given(st.text(st.characters(categories=["L", "N"]), max_size=80))
def test_plain_words_are_left_alone(text: str) -> None:
    """Letters and digits come out as they went in."""
    assert tidy(text) == text
