"""IRIs are valid whatever they are made of, and two things never share one."""

import os

import pyoxigraph
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kg.errors import ConfigError
from kg.iris import Iris, NoteIris, check_base
from tests.random_notes import UNHURRIED

_IRIS = Iris()
_odd = st.text() | st.text('aA/.~:#%?<>"\\ \n\té\u0301', max_size=12)
_paths = st.builds(
    "{}{}".format, _odd.map(lambda text: text.strip("/")), st.sampled_from([".md", ".MD", ".Md", ".md.md"])
)


def _valid(iri: str) -> bool:
    """Whether a strict parser takes a string for an IRI."""
    line = f"<{iri}> <http://p> <{iri}> .\n".encode()
    return len(list(pyoxigraph.parse(line, format=pyoxigraph.RdfFormat.N_TRIPLES))) == 1


@UNHURRIED
@given(_odd)
@example("\ud800")
@example("../..")
@example("x" * 10_000)
@example(os.fsdecode(b"\xff\xfe"))
def test_iris_are_valid(text: str) -> None:
    """Any path, title, key or name gives a valid IRI without steps to other folders."""
    names = NoteIris(_IRIS.note("Note.md"))
    minted = [
        _IRIS.note(f"{text}.md"),
        _IRIS.attachment(text),
        _IRIS.unresolved(text),
        _IRIS.author(f"https://a.example/{text}", text),
        _IRIS.author("https://arxiv.org/abs/cs/0309040", text),
        names.section(text, [text]),
        names.section(text, [text]),
        names.property(text, text),
        names.property(text, text),
    ]
    for iri in minted:
        assert _valid(iri), iri
        assert iri.isascii()
        assert "/../" not in iri + "/"
        assert "/./" not in iri + "/"


@UNHURRIED
@given(_paths, _paths)
@example("A.MD", "A.MD.md")
@example("a b.md", "a%20b.md")
@example("é.md", "e\u0301.md")
@example(os.fsdecode(b"\xc3.md"), "\u00c3.md")
def test_two_notes_have_two_iris(one: str, other: str) -> None:
    """Different files have different IRIs, down to case, composition and single bytes."""
    assume(one != other)
    assert _IRIS.note(one) != _IRIS.note(other)
    assert _IRIS.attachment(one) != _IRIS.attachment(other)


def test_notes() -> None:
    """The IRI of a note is its path, readable where it can be."""
    assert _IRIS.note("AI/Foundation models.md") == "https://kg.example/note/AI/Foundation%20models"
    assert Iris("https://a.example/kg").note("É.md") == "https://a.example/kg/note/%C3%89"


@pytest.mark.parametrize("spelling", ["New Note", "new  note", "NEW NOTE"])
def test_unwritten_notes(spelling: str) -> None:
    """Spellings that a link does not tell apart name one unwritten note."""
    assert _IRIS.unresolved(spelling) == "https://kg.example/unresolved/new%20note"
    assert _IRIS.unresolved("e\u0301") == _IRIS.unresolved("É")


@UNHURRIED
@given(st.lists(st.tuples(_odd, st.lists(_odd, max_size=2)), max_size=8))
def test_sections_differ(titles: list[tuple[str, list[str]]]) -> None:
    """Each section of a note has an IRI of its own, whatever the titles."""
    names = NoteIris("https://kg.example/note/N")
    minted = [names.section(title, above) for title, above in titles]
    assert len(set(minted)) == len(titles)


def test_sections_of_one_title() -> None:
    """A second section of a title is known by the titles above it, a third of the same place by its number."""
    names = NoteIris("N")
    minted = [names.section(*section) for section in (("A b", []), ("A b", ["C/d"]), ("A b", ["C/d"]), ("A b", []))]
    assert minted == ["N#A%20b", "N#C%2Fd/A%20b", "N#C%2Fd/A%20b~2", "N#A%20b~2"]


def test_entries() -> None:
    """An entry is known by its block id, else by its source; a second one of that source by its place."""
    names = NoteIris("N")
    assert names.entry("aaa", "id", []) == "N#b:id"
    assert names.entry("aaa", "", ["S"]) == "N#e:aaa"
    second, other = names.entry("aaa", "", ["S"]), names.entry("aaa", "", ["T"])
    assert names.entry("aaa", "", ["S"]) == f"{second}~2"
    assert len({"N#e:aaa", second, other}) == 3


def test_properties() -> None:
    """A property is known by its key; a second value of a key by the value too, and no link of one is another one."""
    names = NoteIris("N")
    minted = [
        names.property("a", "x"),
        names.property("a", "y"),
        names.property("a.1", "z"),
        names.property("a:1", "z"),
    ]
    links = [f"{iri}:1" for iri in minted]
    assert minted[0] == "N#p:a"
    assert len({*minted, *links}) == 8


@pytest.mark.parametrize("base", ["https://kg.example/", "http://a.example/x", "https://a.example/é/"])
def test_bases(base: str) -> None:
    """A base is an absolute IRI, closed by a slash."""
    assert check_base(base) == base.rstrip("/") + "/"
    assert _valid(Iris(base).note("a.md"))


@pytest.mark.parametrize(
    "base", ["", "kg", "ftp://a.example/", "https://a.example/?q", "https://a.example/#f", "https://a b/", "x:y"]
)
def test_bases_that_are_none(base: str) -> None:
    """What is no base is refused with a line that says what is wanted."""
    with pytest.raises(ConfigError, match="give an absolute http"):
        check_base(base)
