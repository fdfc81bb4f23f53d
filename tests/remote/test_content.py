"""N-Triples on their way: digests, labels of blank nodes, pieces, and SPARQL Update."""

import hashlib
from io import BytesIO
from unittest import mock

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.exchange import canonical, lines
from kg.remote.content import Digest, Graph, StoredGraph, as_quads, as_trig, has_blank_nodes, merged, relabelled
from kg.remote.endpoint import _pieces, as_update
from kg.store import GraphStore

NL = b"\n"
_NODES = st.one_of(
    st.sampled_from(["a:b", "http://x/%41#_:c", "urn:x: ."[:6]]).map(ox.NamedNode),
    st.sampled_from(["b0", "x_y", "0a-b", "c14n0"]).map(ox.BlankNode),
)
_LITERALS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).map(ox.Literal)
_TRIPLES = st.lists(
    st.builds(ox.Triple, _NODES, st.just(ox.NamedNode("a:p")), st.one_of(_NODES, _LITERALS)), max_size=12, unique=True
)
_NASTY = st.sampled_from(
    ["_:b0", " _:b0 ", '" _:x', " .", "\\u0041", "\\\\u0041", "\\U0001F600", "> .\n", "} ;\n"]
).map(ox.Literal)


_P = st.just(ox.NamedNode("a:p"))


def _nt(triples: list[ox.Triple]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _canonical(data: bytes) -> list[str]:
    return canonical(BytesIO(data), "application/n-triples")


def test_a_digest_is_a_plain_hash() -> None:
    """Of a small graph it is what `sort | sha256sum` says of its N-Triples, with the number of lines."""
    digest = Digest()
    digest.add(b"<b:> <b:> <b:> .\n<a:> <a:> <a:> .\n")
    assert str(digest) == f"{hashlib.sha256(b'<a:> <a:> <a:> .' + NL + b'<b:> <b:> <b:> .' + NL).hexdigest()}.2"


@pytest.mark.parametrize("most", [10, 1_000_000])
@given(_TRIPLES, st.randoms(use_true_random=False))
def test_a_digest_is_that_of_a_set(most: int, triples: list[ox.Triple], chance: object) -> None:
    """It does not depend on the order or on the pieces, but on every line and their number."""
    with mock.patch("kg.remote.content.SMALL", most):
        _check_digest(triples, chance)


def _check_digest(triples: list[ox.Triple], chance: object) -> None:
    rows = _nt(triples).splitlines(keepends=True)
    whole, parts = Digest(), Digest()
    whole.add(b"".join(rows))
    chance.shuffle(rows)  # type: ignore[attr-defined]
    for row in rows:
        parts.add(row)
    assert str(whole) == str(parts)
    assert whole.count == len(rows)
    if rows:
        fewer = Digest()
        fewer.add(b"".join(rows[1:]))
        assert str(fewer) != str(whole)


@given(st.lists(st.builds(ox.Triple, _NODES, _P, st.one_of(_NODES, _NASTY)), max_size=8, unique=True))
def test_other_labels_are_the_same_graph(triples: list[ox.Triple]) -> None:
    """Labels are changed where they are labels, and nowhere in literals or IRIs."""
    data = _nt(triples)
    changed = relabelled(data, 7)
    assert _canonical(changed) == _canonical(data)
    assert has_blank_nodes(data) == any("_:g7x" in line.split('"')[0] for line in changed.decode().split("\n"))


@given(_TRIPLES)
def test_quads_and_trig_say_the_same(triples: list[ox.Triple]) -> None:
    """Both are the triples in their graph."""
    data = _nt(triples)
    quads = set(ox.parse(as_quads(data, "a:g"), format=ox.RdfFormat.N_QUADS))
    assert {quad.triple for quad in quads} == set(triples)
    assert {str(quad.graph_name) for quad in quads} <= {"<a:g>"}
    trig = ox.Dataset(ox.parse(as_trig(data, "a:g"), format=ox.RdfFormat.TRIG))
    assert len(trig) == len(triples)


@given(st.lists(st.builds(ox.Triple, _NODES, _P, st.one_of(_LITERALS, _NASTY)), max_size=8))
def test_an_update_inserts_just_these_triples(triples: list[ox.Triple]) -> None:
    """Whatever literals hold, they arrive as they are, even behind backslashes."""
    data = _nt(list(dict.fromkeys(triples)))
    store = ox.Store()
    text = as_update("a:g", data).decode()
    store.update(text)
    loaded = _nt([quad.triple for quad in store])
    assert _canonical(loaded) == _canonical(data)


@given(_TRIPLES, st.integers(1, 400))
def test_pieces_add_up(triples: list[ox.Triple], most: int) -> None:
    """Each line is in one piece; those with blank nodes are all in the first; no other piece is too large."""
    data = _nt(triples)
    rows = data.splitlines(keepends=True)
    chunks = [b"".join(rows[start : start + 3]) for start in range(0, len(rows), 3)]
    pieces = list(_pieces(lambda: chunks, most))
    assert sorted(b"".join(pieces).splitlines()) == sorted(data.splitlines())
    assert pieces
    assert not any(has_blank_nodes(piece) for piece in pieces[1:])
    longest = max(map(len, rows), default=0)
    assert all(len(piece) <= max(most, longest) for piece in pieces[1:])


def test_a_stored_graph_is_read_at_once_or_in_pieces(nasty: GraphStore) -> None:
    """Both ways give the same lines, whatever is in them; what is too much is not given at once."""
    for name in nasty.graphs():
        stored = StoredGraph(nasty, name)
        pieces = b"".join(stored.triples())
        whole = stored.whole(len(pieces))
        assert whole is not None
        assert sorted(whole.splitlines()) == sorted(pieces.splitlines())
        assert stored.whole(len(pieces) - 1) is None
        assert stored.blank() == Graph(name, stored.triples).blank()
        assert stored.digest() == Graph(name, stored.triples).digest()
    assert {StoredGraph(nasty, name).blank() for name in nasty.graphs()} == {True, False}


def test_merging_keeps_blank_nodes_apart() -> None:
    """The same label in two graphs is two nodes in their merger."""
    both = [Graph(f"a:{name}", lambda: [b'_:x <a:p> "1" .\n_:x <a:q> "2" .\n']) for name in "12"]
    assert len(_canonical(b"".join(merged(both)))) == 4


def test_lines_are_canonical_whatever_the_format() -> None:
    """Turtle and N-Triples of a graph without blank nodes give the same lines."""
    turtle = b'@prefix x: <http://x/> . x:a x:b "\\u00e9", 1 .'
    read = b"".join(lines(BytesIO(turtle), "text/turtle", 1)).decode().splitlines()
    assert sorted(read) == [
        '<http://x/a> <http://x/b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .',
        '<http://x/a> <http://x/b> "\u00e9" .',
    ]
