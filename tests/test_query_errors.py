"""Errors of queries: the line, a caret, and what was probably meant."""

from pathlib import Path

import pytest

from kg import sparql_grammar
from tests.running import Run

DATA = "<http://e/a> <http://e/n> 3 . <http://e/b> <http://e/n> 4 ."


@pytest.fixture
def turtle(run: Run) -> Path:  # noqa: ARG001 -- it moves to an empty folder
    """A Turtle file in the current folder."""
    path = Path("data.ttl")
    path.write_text(DATA, "utf-8")
    return path


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        (
            "SELECT ?x\nWHERE { ?x dctems:title ?y }",
            "is not declared; did you mean `dcterms:` <http://purl.org/dc/terms/>?\n2 | WHERE { ?x dctems:title ?y }\n"
            + " " * 15
            + "^^^^^^^",
        ),
        (
            "SELECT ?x { ?x a fm:Papr }",
            "column 18: `fm:Papr` is not in the ontology; did you mean `fm:Paper`?\n1 | SELECT ?x { ?x a fm:Papr }\n"
            + " " * 21
            + "^^^^^^^",
        ),
        (
            "SELECT ?x { ?x <https://w3id.org/fm-kg/ontology#yeer> ?y }",
            "did you mean `<https://w3id.org/fm-kg/ontology#year>`?",
        ),
        ("SELEC ?x { ?x ?y ?z }", "line 1, column 1: `SELEC` does not fit here; did you mean `SELECT`?"),
        ("SELECT ?x WHER { ?x ?y ?z }", "column 11: `WHER` does not fit here; did you mean `WHERE`?"),
        ("SELECT ?x { ?x ?y ?z OPTINAL { ?z ?a ?b } }", "did you mean `OPTIONAL`?"),
        ("SELECT ?x { ?x ?y ?z FILTER(STRLENN(?z) = 1) }", "did you mean `STRLEN`?"),
        ("SELECT ?x { ?x ?y ?z } ODER BY ?x", "column 24: `ODER` does not fit here; did you mean `ORDER`?"),
        ("SELECT COUNT(?x) { ?x ?y ?z }", "`COUNT(…)` stands in parentheses with a name here"),
        ("SELECT ?x { ?x ?y ?z", "line 1, column 21: the query ends too early; expected `}`"),
        ("SELECT ?x { ?x ?y 'z }", "column 19: this string is not closed on its line"),
        ("SELECT ?x {\n\t?x ?y }}", "2 | \t?x ?y }}\n    \t      ^"),
        ("SELECT ?x { ?x ?y ?z } LIMIT ten", "`ten` does not fit here"),
        ("SELECT ?x { ?x ?y ?z BIND(1 AS ?x) }", "column 32: `?x` may have a value here already"),
        ("SELECT ?x (COUNT(?y) AS ?n) { ?x ?p ?y }", "the SELECT contains a variable that is unbound"),
        ("", "line 1, column 1: the query ends too early; expected `SELECT`"),
        ("SELECT ?x { ?x <rel> ?y }", "this IRI is relative and there is no base"),
    ],
)
def test_errors_point_to_the_place(run: Run, turtle: Path, query: str, shown: str) -> None:
    """What is wrong with a query is told with its line, carets and the nearest thing that would be right."""
    path = Path("-")
    arguments: list[object] = ["query", query] if " " in query else ["query", path]
    if not query:
        Path("empty.rq").write_text("", "utf-8")
        arguments = ["query", "empty.rq"]
    result = run(*arguments, "--data", turtle)
    assert (result.code, result.out) == (2, "")
    assert shown in result.err


def test_terms_of_open_vocabularies_are_warned_about(run: Run, sample_store: Path) -> None:
    """A term of another vocabulary that the graph has nowhere is told, with the nearest one, and the query runs."""
    result = run("query", "ASK { ?x dcterms:titel ?y }", "--store", sample_store)
    assert (result.code, result.out) == (0, "false\n")
    assert (
        "warning: line 1, column 10: `dcterms:titel` is nowhere in the graph; did you mean `dcterms:title`?"
        in result.err
    )
    assert run("query", "ASK { ?x foaf:name ?y }", "--store", sample_store).err == ""


def test_terms_that_the_data_has_are_no_mistakes(run: Run, turtle: Path) -> None:
    """A term that the ontology lacks and the data has may be asked for."""
    turtle.write_text("<x:x> a <https://w3id.org/fm-kg/ontology#Own> .", "utf-8")
    assert run("query", "ASK { ?x a fm:Own }", "--data", turtle).out == "true\n"


def test_prefixes_are_declared(run: Run, turtle: Path) -> None:
    """The prefixes of the contract and a few more need no declaration, and one's own wins."""
    names = "fm dcterms schema skos foaf prov rdfs owl xsd bibo fabio cito prism arxiv doi"
    parts = " ".join(f"OPTIONAL {{ ?x {name}:none ?y }}" for name in names.split() if name != "fm")
    assert run("query", f"ASK {{ {parts} }}", "--data", turtle).out == "true\n"
    own = "PREFIX fm: <http://e/> SELECT ?n { fm:b fm:n ?n }"
    assert run("query", own, "--data", turtle).out.split()[-1] == "4"


def test_the_grammar_takes_what_the_engine_takes() -> None:
    """The recognizer that finds the place of an error accepts queries of every kind."""
    for query in (
        """BASE <http://b/> PREFIX : <x> SELECT DISTINCT ?a (COUNT(DISTINCT *) AS ?n) FROM <g> FROM NAMED :h WHERE
        { ?a :p/^:q*|!(:r|^a) [ :s 1, -2.5e3, true ; :t () ] . } GROUP BY ?a (STR(?b) AS ?c) HAVING(?n > 1)
        ORDER BY DESC(?n) ?a OFFSET 1 LIMIT 2 VALUES (?a ?b) { (UNDEF 'x'@en) (:y '''z'''^^:d) }""",
        "CONSTRUCT WHERE { ?s ?p ?o . }",
        "DESCRIBE <x:x> ?y { ?y ?p ?o MINUS { ?y ?q 1 } }",
        "ASK { GRAPH ?g { ?s ?p ?o FILTER NOT EXISTS { ?s ?p ?o } } { } UNION { SERVICE SILENT ?e { } } }",
        "SELECT * { ?s ?p ?o FILTER(?o IN (1, 2) && ?o NOT IN () || !BOUND(?x) = REGEX(?o, 'a', 'i')) }",
    ):
        assert sparql_grammar.check(query) is None, query
