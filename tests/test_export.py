"""Exports: every format says what the store says, to every reader, whatever the notes hold."""

import gzip
import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic, to_isomorphic

from kg import build, jsonld
from kg.errors import UsageError
from kg.export import FORMATS, SUFFIXES, Selection, export, format_of, graph_of_note
from kg.namespaces import FM, PREFIXES, XSD
from kg.store import FORMATS as STORE_FORMATS
from kg.store import GraphStore, open_store, serialize
from tests.running import Run, Tool

_SUFFIX = {"turtle": "ttl", "jsonld": "jsonld", "ntriples": "nt", "nquads": "nq", "trig": "trig", "rdfxml": "rdf"}
_DATASETS = ("nquads", "trig")
_RDFLIB = {
    "turtle": "turtle",
    "jsonld": "json-ld",
    "ntriples": "nt11",
    "nquads": "nquads",
    "trig": "trig",
    "rdfxml": "xml",
}
_OXIGRAPH = {
    "turtle": ox.RdfFormat.TURTLE,
    "jsonld": ox.RdfFormat.JSON_LD,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
_ODD_NOTE = """---
title: "Quotes \\" and \\\\ backslashes"
rating: 4.5
großes Wort: ja
when: 2024-02-29T12:30:00Z
day: 2024-02-29
done: true
count: 007
huge: 123456789012345678901234567890
not a number: .nan
"key with: colon": "<tag> & 'apostrophe'"
---
# A <b>heading</b> & "quotes" \x7f

Emoji 👩‍🚀, right to left שלום, combining é, line\u2028separator, nothing\x00, bell\x07, e-mail <a@b.example>.

- [an odd URL](<https://example.org/a b?q=ü&r="x"|y^z`{}>) and https://example.org/ünï/%zz#frag
- `code with \\ and \\u0041` and $a < b$ ==high== %%hidden "words"%% ^odd-1
    key:: a [[Missing note ünï "q"|alias]] value

```turtle
<a> <b> "c"@en , "d"^^<e> .
```
"""


@pytest.fixture(scope="module")
def odd_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of notes with everything that serializers get wrong."""
    folder = tmp_path_factory.mktemp("odd")
    notes = folder / "vault" / 'Ordner ü & "q"'
    notes.mkdir(parents=True)
    notes.joinpath("Odd <1> 'note' {x}.md").write_bytes(_ODD_NOTE.encode("utf-8", "surrogatepass"))
    notes.joinpath("latin.md").write_bytes("caf\xe9 na\xefve".encode("latin-1"))
    build.build(folder / "vault", folder / "store")
    return folder / "store"


@pytest.fixture(params=["sample_store", "odd_store"])
def graphs(request: pytest.FixtureRequest) -> Iterator[GraphStore]:
    """An open graph: that of the sample vault, then that of the odd notes."""
    with open_store(request.getfixturevalue(request.param)) as opened:
        yield opened


def _quads(store: GraphStore) -> set[ox.Quad]:
    return set(store.inner)


def _merged(quads: Iterable[ox.Quad]) -> set[ox.Triple]:
    return {quad.triple for quad in quads}


def _parse(path: Path, file_format: str) -> set[ox.Quad]:
    return set(ox.parse(path=path, format=_OXIGRAPH[file_format]))


def _canonical(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


def _in_default_graph(quads: Iterable[ox.Quad]) -> set[ox.Quad]:
    return {ox.Quad(quad.subject, quad.predicate, quad.object) for quad in quads}


# -- what is exported is what is stored --


@pytest.mark.parametrize("file_format", FORMATS)
def test_oxigraph_reads_what_was_stored(graphs: GraphStore, tmp_path: Path, file_format: str) -> None:
    """Read back by Oxigraph, every export is isomorphic to the store: graph by graph, or merged."""
    target = tmp_path / f"out.{_SUFFIX[file_format]}"
    export(graphs, str(target), file_format)
    stored = _quads(graphs)
    expected = stored if file_format in _DATASETS else _in_default_graph(stored)
    assert _canonical(_parse(target, file_format)) == _canonical(expected)


@pytest.mark.filterwarnings("ignore:.* is deprecated, use Dataset:DeprecationWarning")  # rdflib's own parsers
@pytest.mark.parametrize("file_format", FORMATS)
def test_rdflib_reads_what_was_stored(graphs: GraphStore, tmp_path: Path, file_format: str) -> None:
    """Read back by rdflib, every export has the triples of the store, graph by graph where the format has graphs."""
    target = tmp_path / "out"
    export(graphs, str(target), file_format)
    lines = {name: graphs.graph_lines(name) for name in graphs.graphs()}
    if file_format not in _DATASETS:
        expected, found = Graph(), Graph()
        expected.parse(data="\n".join({line for part in lines.values() for line in part}), format="nt11")
        found.parse(target, format=_RDFLIB[file_format])
        assert to_isomorphic(found) == to_isomorphic(expected)
        return
    dataset = Dataset()
    dataset.parse(target, format=_RDFLIB[file_format])
    assert {str(graph.identifier) for graph in dataset.graphs() if len(graph)} == set(lines)
    for name, part in lines.items():
        expected = Graph()
        expected.parse(data="\n".join(part), format="nt11")
        assert isomorphic(dataset.graph(name), expected)


def test_lines_are_sorted(sample: GraphStore, tmp_path: Path) -> None:
    """N-Triples are sorted as a whole and N-Quads graph by graph, so that two exports can be compared line by line."""
    for file_format in ("ntriples", "nquads"):
        export(sample, str(tmp_path / "out"), file_format)
        lines = tmp_path.joinpath("out").read_text("utf-8").splitlines()
        assert len(lines) == len(set(lines))
        key: Callable[[str], Any] = (
            (lambda line: line) if file_format == "ntriples" else (lambda line: (line.rsplit(" ", 2)[1][1:-1], line))
        )
        assert lines == sorted(lines, key=key)


def test_turtle_reads_in_the_order_of_the_note(sample: GraphStore, tmp_path: Path) -> None:
    """The entries of a note stand in Turtle in the order of their lines, under the usual prefixes."""
    target = tmp_path / "note.ttl"
    export(sample, str(target), "turtle", Selection((graph_of_note(sample, "Models/CLIP"),)))
    text = target.read_text("utf-8")
    lines = [int(number) for number in re.findall(r"fm:line (\d+)", text)]
    assert lines == sorted(lines)
    assert text.startswith("@prefix bibo:")
    assert f"<{FM.namespace}" not in text.partition("\n\n")[2].replace(f"<{FM.namespace}>", "")


# -- selections and targets --


def test_graph_and_note_select(run: Run, sample_store: Path) -> None:
    """`--graph` and `--note`, repeated and together, export exactly these graphs."""
    arguments = ["--note", "Models/CLIP", "--note", "Models/ViT.md", "--graph", "https://kg.example/graph/resources"]
    assert run("export", "some.nq", "--store", sample_store, *arguments).code == 0
    found = {str(quad.graph_name.value) for quad in _parse(Path("some.nq"), "nquads") if quad.graph_name.value}  # type: ignore[union-attr]
    assert found == {
        "https://kg.example/note/Models/CLIP",
        "https://kg.example/note/Models/ViT",
        "https://kg.example/graph/resources",
    }


def test_without_text_leaves_out_the_words(sample: GraphStore, tmp_path: Path) -> None:
    """`--without-text` drops text, highlights and comments of the notes, and nothing else, in every format."""
    words = {FM.text, FM.highlight, FM.comment}
    stored = {quad for quad in _quads(sample) if quad.predicate.value not in words}
    assert len(stored) < len(sample)
    for file_format in FORMATS:
        export(sample, str(tmp_path / "out"), file_format, Selection(with_text=False))
        found = _canonical(_parse(tmp_path / "out", file_format))
        assert found == _canonical(stored if file_format in _DATASETS else _in_default_graph(stored))


@pytest.mark.parametrize("file_format", FORMATS)
def test_compressed_is_the_same(run: Run, sample_store: Path, file_format: str) -> None:
    """A name that ends in `.gz` gives the same bytes compressed, and twice the same file."""
    name = f"out.{_SUFFIX[file_format]}"
    for target in (name, f"{name}.gz", f"again.{name}.gz"):
        assert run("export", target, "--store", sample_store).code == 0
    assert gzip.decompress(Path(f"{name}.gz").read_bytes()) == Path(name).read_bytes()
    assert Path(f"{name}.gz").read_bytes() == Path(f"again.{name}.gz").read_bytes()


@pytest.mark.parametrize("file_format", FORMATS)
def test_standard_output_gets_the_same(run: Run, sample_store: Path, file_format: str) -> None:
    """`-` writes to standard output what a file would get."""
    assert run("export", "out", "--format", file_format, "--store", sample_store).code == 0
    result = run("export", "-", "--format", file_format, "--store", sample_store)
    assert result.code == 0
    assert result.out.encode() == Path("out").read_bytes()


@pytest.mark.parametrize(("name", "file_format"), [("ttl", "turtle"), ("NQ", "nquads"), ("RDF/XML", "rdfxml")])
def test_formats_have_other_names(sample: GraphStore, tmp_path: Path, name: str, file_format: str) -> None:
    """A format may be named by its suffix, or as its specification writes it."""
    export(sample, str(tmp_path / "one"), name)
    export(sample, str(tmp_path / "two"), file_format)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_file_is_replaced_whole(run: Run, sample_store: Path) -> None:
    """An export that fails leaves the file of before, and no other."""
    Path("out.ttl").write_text("before", "utf-8")
    assert run("export", "out.ttl", "--store", sample_store, "--note", "Nobody").code == 2
    assert [path.name for path in Path.cwd().iterdir()] == ["out.ttl"]
    assert Path("out.ttl").read_text("utf-8") == "before"
    assert run("export", "out.ttl", "--store", sample_store).code == 0
    assert [path.name for path in Path.cwd().iterdir()] == ["out.ttl"]


@pytest.mark.parametrize(("suffix", "file_format"), SUFFIXES.items())
def test_the_suffix_names_the_format(suffix: str, file_format: str) -> None:
    """The format follows from the suffix in any case, compressed or not."""
    assert format_of(f"folder.d/out{suffix}") == file_format
    assert format_of(f"out{suffix.upper()}") == file_format
    assert format_of(f"out{suffix}.gz") == file_format


@pytest.mark.parametrize("name", ["out", "out.pdf", "out.gz", ".ttl", "out.ttl/"])
def test_other_suffixes_are_refused(name: str) -> None:
    """A name without a known suffix is refused with the list of those that are."""
    if name == "out.ttl/":
        assert format_of(name) == "turtle"  # the file system will refuse it
        return
    with pytest.raises(UsageError, match=r"use \.ttl, \.jsonld"):
        format_of(name)


# -- JSON-LD --


def test_json_ld_is_compacted(graphs: GraphStore, tmp_path: Path) -> None:
    """Keys and types of the JSON-LD are terms or compact IRIs: no IRI of a known vocabulary is written out."""
    target = tmp_path / "out.jsonld"
    export(graphs, str(target), "jsonld")
    document = json.loads(target.read_text("utf-8"))
    assert set(document) == {"@context", "@graph"}
    keys: set[str] = set()
    for node in document["@graph"]:
        keys |= set(node)
        keys |= {node["type"]} if isinstance(node.get("type"), str) else set(node.get("type", []))
    assert {"id", "type", "inNote", "line", "text", "title"} <= keys
    assert [key for key in keys if any(key.startswith(namespace) for namespace in PREFIXES.values())] == []


def test_every_subject_is_one_object(sample: GraphStore, tmp_path: Path) -> None:
    """Within a graph a subject is one JSON object, however many triples it has."""
    target = tmp_path / "out.jsonld"
    export(sample, str(target), "jsonld", Selection((graph_of_note(sample, "Models/CLIP"),)))
    names = [node["id"] for node in json.loads(target.read_text("utf-8"))["@graph"]]
    assert len(names) == len(set(names))


_XML_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
_ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_PREDICATES = st.sampled_from(
    [FM.text, FM.line, FM.year, FM.linksTo, FM.embed, FM.tag, "https://schema.org/value", "https://example.org/p/q#r"]
)
_TAGS = st.sampled_from(["en", "de-CH", "ar", "zh-hans"])
_NUMBERS = st.sampled_from(
    ["0", "-0", "+7", "007", "1", "-12", "1e3", "1.0E0", "1.50", "NaN", "-INF", "1" * 30, "x", ""]
)
_DATATYPES = st.sampled_from(
    [XSD.integer, XSD.double, XSD.decimal, XSD.boolean, XSD.gYear, XSD.date, XSD.dateTime, "https://example.org/type"]
)
_LITERALS = st.one_of(
    _ANY_TEXT.map(ox.Literal),
    st.builds(lambda text, tag: ox.Literal(text, language=tag), _ANY_TEXT, _TAGS),
    st.builds(lambda text, kind: ox.Literal(text, datatype=ox.NamedNode(kind)), _NUMBERS | _ANY_TEXT, _DATATYPES),
    st.sampled_from(["true", "false", "1", "0", "TRUE"]).map(
        lambda text: ox.Literal(text, datatype=ox.NamedNode(XSD.boolean))
    ),
)
_TRIPLES = st.lists(st.tuples(_PREDICATES, _LITERALS | st.just(ox.NamedNode("https://example.org/o"))), max_size=6)


@given(_TRIPLES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_json_ld_keeps_every_literal(tmp_path: Path, pairs: list[tuple[str, ox.Literal | ox.NamedNode]]) -> None:
    """Language tags, datatypes, numbers in any spelling, control characters: JSON-LD gives back the very same terms."""
    subject = ox.NamedNode("https://example.org/s")
    triples = {ox.Triple(subject, ox.NamedNode(predicate), value) for predicate, value in pairs}
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    target = tmp_path / "out.jsonld"
    with target.open("wb") as output:
        jsonld.write(sorted(data.decode().split("\n")[:-1]), output)
    assert _merged(_parse(target, "jsonld")) == triples


@given(_TRIPLES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_other_formats_keep_every_literal(tmp_path: Path, pairs: list[tuple[str, ox.Literal | ox.NamedNode]]) -> None:
    """Turtle, TriG and the line formats give back the very same terms whatever their characters."""
    subject = ox.NamedNode("https://example.org/s")
    triples = {ox.Triple(subject, ox.NamedNode(predicate), value) for predicate, value in pairs}
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    for file_format in set(STORE_FORMATS) - {"rdfxml"}:
        target = tmp_path / "out"
        with target.open("wb") as output:
            serialize(data.splitlines(keepends=True), "ntriples", output, file_format)
        assert _merged(_parse(target, file_format)) == triples


# -- the tools of others --


def _count(path: Path, file_format: str) -> int:
    return len(_parse(path, file_format))


@pytest.mark.external
@pytest.mark.parametrize("file_format", [name for name in FORMATS if name != "jsonld"])
def test_rapper_reads_it(graphs: GraphStore, tmp_path: Path, rapper: Tool, file_format: str) -> None:
    """Raptor reads every export without a complaint and finds the same number of triples."""
    target = tmp_path / f"out.{_SUFFIX[file_format]}"
    export(graphs, str(target), file_format)
    told = rapper("--input", file_format, "--output", "ntriples", target, "https://example.org/")
    assert not re.search("error|warning", told.err, re.IGNORECASE), told.err
    assert len(set(told.out.splitlines())) == len({str(t) for t in _merged(_parse(target, file_format))})


@pytest.mark.external
def test_riot_reads_it(graphs: GraphStore, tmp_path: Path, riot: Tool) -> None:
    """Jena validates every export, compressed or not, without an error or a warning."""
    targets = [tmp_path / f"out.{suffix}" for suffix in _SUFFIX.values()]
    for file_format, target in zip(_SUFFIX, targets, strict=True):
        export(graphs, str(target), file_format)
    told = riot("--validate", *targets)
    assert not re.search(r"\b(?:ERROR|WARN)\b", told.out + told.err), told
