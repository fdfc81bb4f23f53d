"""The graph from Python: rows and values, data frames, an rdflib Dataset."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib

import kg
from kg import api
from kg.errors import KgError, QueryError, StoreError
from kg.evaluation import Rows, Source


def _environment() -> dict[str, str]:
    root = str(Path(kg.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": root}


@pytest.fixture
def graph(sample_store: Path) -> Iterator[api.Graph]:
    """The sample graph, open from Python."""
    with kg.open(sample_store) as opened:
        yield opened


def test_saved_queries_from_python(graph: api.Graph) -> None:
    """A saved query gives rows whose values go by name, number or all together."""
    table = graph.query("papers-by-author", author="Vaswani", year=2018)
    assert (len(table), table.variables) == (1, ["published", "first", "title", "paper"])
    (row,) = table
    assert row.title == row["title"] == row[2] == "Tensor2Tensor for Neural Machine Translation"
    assert (row.published, row.paper) == (2018, api.IRI("https://arxiv.org/abs/1803.07416"))
    assert isinstance(row.paper, api.IRI)
    assert row.as_dict()["first"] == "Vaswani"
    with pytest.raises(AttributeError):
        _ = row.none
    assert "hubs" in graph.queries()


def test_text_from_python(graph: api.Graph) -> None:
    """In SPARQL of one's own any variable takes a Python value, and IRIs are bound as IRIs."""
    paper = api.IRI("https://arxiv.org/abs/1706.03762")
    (row,) = graph.query("SELECT ?year { ?paper fm:year ?year }", paper=paper)
    assert row.year == 2017
    assert graph.ask("ASK { ?paper fm:arxivId ?id }", id="1706.03762")
    assert graph.ask("ASK { FILTER(?a && ?b = 2 && ?c = 2.5) }", a=True, b=2, c=2.5)
    assert len(graph.construct("DESCRIBE ?paper", paper=paper)) >= 7
    assert graph.query("SELECT ?x { BIND('a'@en AS ?x) }")[0] == ("a",)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda g: g.query("ASK {}"), "gives no rows"),
        (lambda g: g.ask("SELECT * {}"), "is no ASK"),
        (lambda g: g.construct("ASK {}"), "gives no triples"),
        (lambda g: g.query("no-such-query"), "there is no saved query 'no-such-query'"),
        (lambda g: g.query("papers-by-author"), "needs the parameter 'author'"),
        (lambda g: g.query("SELECT ?x { ?x a ?y }", z=1), r"no variable \?z"),
    ],
)
def test_errors_from_python(graph: api.Graph, call: object, words: str) -> None:
    """What does not fit is a QueryError that says so."""
    with pytest.raises(QueryError, match=words):
        call(graph)  # type: ignore[operator]


def test_opening_nothing_from_python(tmp_path: Path) -> None:
    """A folder without a graph cannot be opened."""
    with pytest.raises(StoreError, match="no graph here"):
        kg.open(tmp_path)
    assert issubclass(StoreError, KgError)


def test_pandas_and_polars(graph: api.Graph) -> None:
    """Rows become data frames with numbers as numbers."""
    pytest.importorskip("pandas")
    pytest.importorskip("polars")
    table = graph.query("papers-per-year")
    frame = table.to_pandas()
    assert (len(frame), int(frame["papers"].sum())) == (15, 219)
    assert str(frame.dtypes["year"]) == "Int64"
    polars = table.to_polars()
    assert polars["papers"].sum() == 219
    mixed = graph.query("SELECT ?x { VALUES ?x { 1 'b' UNDEF } }")
    assert mixed.columns() == {"x": ["1", "b", None]}
    assert mixed.to_polars().height == 3
    assert graph.query("SELECT ?x ?y { FILTER(false) }").to_pandas().shape == (0, 2)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
def test_rdflib(graph: api.Graph) -> None:
    """The same data are an rdflib Dataset, whose default graph is everything."""
    dataset = graph.rdflib()
    paper = rdflib.URIRef("https://arxiv.org/abs/1706.03762")
    titles = {str(title) for title in dataset.objects(paper, rdflib.DCTERMS.title)}
    assert titles == {"Attention Is All You Need"}
    rows = list(
        dataset.query("SELECT ?y { <https://arxiv.org/abs/1706.03762> <https://w3id.org/fm-kg/ontology#year> ?y }")
    )
    assert [str(row[0]) for row in rows] == ["2017"]  # type: ignore[index]
    assert rdflib.URIRef("https://kg.example/note/Models/CLIP") in {g.identifier for g in dataset.graphs()}


def test_values_of_python() -> None:
    """Terms become Python values of their kind; what is not of its datatype stays text."""
    query = (
        "SELECT * { VALUES (?a ?b ?c ?d ?e ?f) { (1 2.5 1e3 true '2020-01-02'^^xsd:date 'x'^^xsd:integer) } "
        "BIND('2020-01-02T03:04:05Z'^^xsd:dateTime AS ?g) BIND(BNODE() AS ?h) }"
    )
    answer = Source.of_files((), {}).query(query)
    assert isinstance(answer, Rows)
    (row,) = answer
    values = [api._value(term) for term in row]
    assert [type(value).__name__ for value in values] == [
        *("int", "Decimal", "float", "bool", "date", "str", "datetime", "str")
    ]


def test_importing_is_light() -> None:
    """`import kg` loads neither the engine nor rdflib."""
    code = "import kg, sys; print({'pyoxigraph', 'rdflib', 'typer'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_environment())
    assert done.stdout == "set()\n"
