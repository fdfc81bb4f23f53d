"""What a note says is valid RDF with IRIs that stay when something else changes."""

import re
from collections import Counter

import pyoxigraph
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from kg.iris import Iris
from kg.mapping import MappedNote, map_note
from kg.markdown import read
from kg.namespaces import FM, RDF
from tests.random_notes import UNHURRIED, bodies, notes, scribbles

_IRIS = Iris()
_TYPES = {FM.Note, FM.Section, FM.Entry, FM.PropertyValue, FM.WikiLink, FM.ExternalLink}


def _map(text: str | bytes, path: str = "Note.md") -> MappedNote:
    return map_note(path, text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"), _IRIS)


def _quads(note: MappedNote) -> list[pyoxigraph.Quad]:
    """The quads of a note, read by a parser that lets nothing invalid pass."""
    return list(pyoxigraph.parse(note.quads, format=pyoxigraph.RdfFormat.N_QUADS))


_paths = st.text('aA/.~#%?<>"\\ \n\té\u0301🚀', min_size=1, max_size=8).map(lambda text: text.strip("/") + ".md")


@settings(UNHURRIED, max_examples=300)
@given(notes.map(str.encode) | scribbles.map(lambda text: text.encode("utf-8", "replace")) | st.binary(), _paths)
@example(b'---\n"\\x00\\uFFFE": "\\x01"\n---\n# \x00\n- [a](<b c\x07>) ^\xff', "\udcff.md")
def test_any_note_is_valid(data: bytes, path: str) -> None:
    """Whatever a note and its name hold, its quads are valid, in its own graph, each once, and the same each time."""
    note = _map(data, path)
    quads = _quads(note)
    assert len(quads) == len(set(quads)) == note.count
    assert {str(quad.graph_name) for quad in quads} == {f"<{note.graph}>"}
    assert _map(data, path).quads == note.quads


@UNHURRIED
@given(notes)
@example("---\na: {'1': '[[x]]'}\na.1: '[[y]]'\n---\n")
@example("- a\n- a\n\n# S\n\n- a\n- a ^i\n- b ^i\n- ^i")
def test_one_thing_one_iri(text: str) -> None:
    """Each section, entry, link and property of a note has an IRI of its own."""
    document = read(text, {"PAPER"})
    types = Counter(
        str(getattr(quad.object, "value", ""))
        for quad in {(q.subject, q.predicate, q.object): q for q in _quads(_map(text))}.values()
        if quad.predicate.value == RDF.type and getattr(quad.object, "value", "") in _TYPES
    )
    assert types[FM.Note] == 1
    assert types[FM.Section] == len(document.sections)
    assert types[FM.Entry] == len(document.blocks)


def _entries(text: str) -> list[tuple[str, str]]:
    """For each entry of a note its fingerprint and IRI, in document order."""
    blocks = sorted(read(text, ("PAPER",)).blocks, key=lambda block: block.line)
    minted = re.findall(rf"^(<\S+>) <{RDF.type}> <{FM.Entry}>", _map(text).quads.decode(), re.MULTILINE)
    assert len(minted) == len(blocks)
    return [(block.block_id or block.fingerprint, iri) for block, iri in zip(blocks, minted, strict=True)]


@settings(UNHURRIED, max_examples=250)
@given(bodies, st.data())
def test_an_edit_renames_nothing_else(body: str, data: st.DataObject) -> None:
    """When the words of one block change, all blocks keep their IRIs whose own source is the same and occurs once."""
    found = [*re.finditer("[b-zéß]{2,}", body)]
    assume(found)
    word = data.draw(st.sampled_from(found))
    edited = f"{body[: word.start()]}xxvxx{body[word.end() :]}"
    before, after = _entries(body), _entries(edited)
    once = {name for names in [Counter(name for name, _ in before)] for name, count in names.items() if count == 1}
    once &= {name for names in [Counter(name for name, _ in after)] for name, count in names.items() if count == 1}
    assert {n: iri for n, iri in before if n in once} == {n: iri for n, iri in after if n in once}


@settings(UNHURRIED, max_examples=150)
@given(bodies, st.sampled_from(["xxvxx", "- xxvxx", "> xxvxx", "%%xxvxx%%", "[xxvxx](http://xx.example)"]))
def test_a_new_paragraph_renames_nothing(body: str, paragraph: str) -> None:
    """A paragraph put before all others moves them without renaming one."""
    before = {iri for _, iri in _entries(f"x\n\n***\n\n{body}")}
    after = {iri for _, iri in _entries(f"x\n\n***\n\n{paragraph}\n\n***\n\n{body}")}
    assert len(before - after) == 0
    assert len(after - before) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("1. a\n2. b\n3. c", "1. a\n2. new\n3. b\n4. c"),
        ("- a\n- b", "* a\n* b"),
        ("# One\n\na\n\n# Two\n\nb", "# Eins\n\na\n\n## Two\n\nb"),
        ("- parent\n  - child", "- other\n  - child"),
        ("a %%one%% b\n\n%%two%%", "new %%zero%%\n\na %%1%% b\n\n%%two%%"),
        ("a\n\nb ^id", "b changed ^id\n\na"),
    ],
)
def test_iris_that_stay(before: str, after: str) -> None:
    """Numbers, markers, headings, parents, comments and order may change: the entries that stay keep their IRIs."""
    old, new = dict(_entries(before)), dict(_entries(after))
    kept = old.keys() & new.keys()
    assert len(kept) >= len(old) - 1
    assert {name: old[name] for name in kept} == {name: new[name] for name in kept}


def test_notes_share_no_iri() -> None:
    """The same text in two notes gives two sets of IRIs."""
    text = "---\na: '[[b]]'\n---\n# S\n- a [[b]] k:: v ^id\n"
    one, other = ({str(quad.subject) for quad in _quads(_map(text, path))} for path in ("A.md", "A.MD"))
    assert one
    assert not one & other


@pytest.mark.parametrize(
    ("value", "term"),
    [
        ("2024-02-03", '"2024-02-03"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ('"2024-02-03"', '"2024-02-03"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("2024-02-03T04:05", '"2024-02-03T04:05:00"^^<http://www.w3.org/2001/XMLSchema#dateTime>'),
        ("2024", '"2024"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
    ],
)
def test_dates(value: str, term: str) -> None:
    """Dates in front matter, quoted or not, with a time of day, or years alone, are typed values."""
    assert f"<http://purl.org/dc/terms/created> {term} <" in _map(f"---\ncreated: {value}\n---\n").quads.decode()


def test_a_date_in_words_is_a_property() -> None:
    """What is no date stays what the note says."""
    quads = _map("---\ncreated: last May\n---\n").quads.decode()
    assert "http://purl.org/dc/terms/created" not in quads
    assert '"last May"' in quads
