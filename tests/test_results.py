"""Answers: formats, datasets, limits, plans, and how `kg query` reads its arguments."""

import csv
import dataclasses
import http.server
import io
import json
import os
import re
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
import typer
from rdflib.compare import isomorphic
from rdflib.query import Result as RdflibResult

import kg
from kg import cli, cli_ask, cli_query, results
from kg.errors import UsageError
from kg.evaluation import Source
from kg.namespaces import XSD
from tests.running import Run

DATA = """\
@prefix : <http://e/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
:a :title "A, \\"quoted\\" | <b>\\ttitle</b>\\nin two lines"@en ;
    :year "2017"^^xsd:gYear ; :n 3 ; :on "2023-04-02"^^xsd:date .
:b :title "Ünïcode 文" ; :n 4 ; :knows _:x .
"""
ALL = """PREFIX : <http://e/> SELECT ?s ?title ?n ?year ?on WHERE {
  ?s :n ?n OPTIONAL { ?s :title ?title } OPTIONAL { ?s :year ?year } OPTIONAL { ?s :on ?on }
} ORDER BY ?s"""
FORMATS_OF_ROWS = ["table", "markdown", "csv", "tsv", "json", "xml", "html", "parquet"]


@pytest.fixture
def turtle(run: Run) -> Path:  # noqa: ARG001 -- it moves to an empty folder
    """A Turtle file in the current folder."""
    path = Path("data.ttl")
    path.write_text(DATA, "utf-8")
    return path


def _bytes(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "kg", "query", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env=_environment())


def _environment() -> dict[str, str]:
    root = str(Path(kg.__file__).parent.parent)
    return {**os.environ, "PYTHONPATH": root}


def _read(text: str, name: str) -> tuple[list[str], list[dict[str, Any]]]:
    """The variables and rows of results, as rdflib reads them."""
    read: Any = RdflibResult.parse(io.BytesIO(text.encode()), format=name)
    return [str(variable) for variable in read.vars], [
        {str(variable): value for variable, value in binding.items()} for binding in read.bindings
    ]


# -- formats --


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_rows_in_the_formats_of_w3c(run: Run, turtle: Path, name: str) -> None:
    """Rows in W3C's formats are read by rdflib as what they are: terms with their languages and datatypes."""
    out = run("query", ALL, "--data", turtle, "--format", name).out
    names, rows = _read(out, name)
    assert names == ["s", "title", "n", "year", "on"]
    first, second = rows
    assert str(first["s"]) == "http://e/a"
    assert str(first["title"]) == 'A, "quoted" | <b>\ttitle</b>\nin two lines'
    assert str(second["title"]) == "Ünïcode 文"
    assert "year" not in second or not second["year"]
    if name != "csv":
        assert first["title"].language == "en"
        assert str(first["year"].datatype) == XSD.gYear


def test_csv_is_to_the_letter(run: Run, turtle: Path) -> None:
    """CSV has CRLF at line ends and quotes what RFC 4180 wants quoted; TSV has terms as Turtle writes them."""
    query = "PREFIX : <http://e/> SELECT ?t ?n { ?s :title ?t ; :n ?n } ORDER BY ?s"
    assert _bytes(query, "--data", turtle, "--format", "csv").stdout.decode() == (
        't,n\r\n"A, ""quoted"" | <b>\ttitle</b>\nin two lines",3\r\nÜnïcode 文,4\r\n'
    )
    assert run("query", query, "--data", turtle, "--format", "tsv").out == (
        '?t\t?n\n"A, \\"quoted\\" | <b>\\ttitle</b>\\nin two lines"@en\t3\n"Ünïcode 文"\t4\n'
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("table", "true\n"),
        ("markdown", "true\n"),
        ("csv", "true\n"),
        ("json", '{"head":{},"boolean":true}\n'),
        ("xml", "<boolean>true</boolean></sparql>\n"),
        ("html", "<p>true</p>\n</body>\n</html>\n"),
    ],
)
def test_truth(run: Run, turtle: Path, name: str, text: str) -> None:
    """The answer of an ASK has a form in each format that has room for it."""
    result = run("query", "ASK { ?s ?p ?o }", "--data", turtle, "--format", name)
    assert result.code == 0
    assert result.out.endswith(text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize("name", ["ntriples", "turtle", "xml", "jsonld", "json"])
def test_triples_are_rdf(run: Run, turtle: Path, name: str) -> None:
    """A CONSTRUCT gives RDF that other tools read as the same graph."""
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(!isBlank(?o)) }"
    out = run("query", query, "--data", turtle, "--format", name).out
    syntax = {"ntriples": "nt", "xml": "xml", "jsonld": "json-ld", "json": "json-ld"}.get(name, name)
    read = rdflib.Graph().parse(data=out, format=syntax)
    wanted = rdflib.Graph().parse(data=DATA, format="turtle")
    wanted.remove((None, rdflib.URIRef("http://e/knows"), None))
    assert isomorphic(read, _plain(wanted)) or isomorphic(_plain(read), _plain(wanted))


def _plain(graph: rdflib.Graph) -> rdflib.Graph:
    """A graph in which strings have no datatype, as RDF 1.1 has them either way."""
    plain = rdflib.Graph()
    for s, p, o in graph:
        is_string = isinstance(o, rdflib.Literal) and str(o.datatype) == XSD.string
        plain.add((s, p, rdflib.Literal(str(o)) if is_string else o))
    return plain


def test_triples_are_turtle_by_default(run: Run, turtle: Path) -> None:
    """CONSTRUCT gives Turtle with prefixes, each triple once and in order."""
    query = "CONSTRUCT { ?s a fm:Paper } WHERE { ?s ?p ?o }"
    lines = run("query", query, "--data", turtle).out.splitlines()
    assert lines[-2:] == ["<http://e/a> a fm:Paper .", "<http://e/b> a fm:Paper ."]


@pytest.mark.parametrize("name", ["table", "markdown", "csv", "tsv", "html", "parquet"])
def test_triples_as_rows(turtle: Path, name: str) -> None:
    """Triples can be had as rows of subject, predicate and object."""
    done = _bytes("CONSTRUCT WHERE { ?s ?p ?o }", "--data", turtle, "--format", name)
    assert done.returncode == 0, done.stderr
    assert b"subject" in done.stdout


def test_csv_and_tsv_of_triples_are_read_back(run: Run, turtle: Path) -> None:
    """Triples as CSV and TSV are quoted as rows of a SELECT are."""
    query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(isLiteral(?o)) }"
    rows = list(csv.reader(io.StringIO(run("query", query, "--data", turtle, "--format", "csv").out)))
    assert rows[0] == ["subject", "predicate", "object"]
    assert 'A, "quoted" | <b>\ttitle</b>\nin two lines' in {row[2] for row in rows}
    _, read = _read(run("query", query, "--data", turtle, "--format", "tsv").out, "tsv")
    assert rdflib.Literal('A, "quoted" | <b>\ttitle</b>\nin two lines', lang="en") in [row["object"] for row in read]


def test_markdown(run: Run, turtle: Path) -> None:
    """A Markdown table escapes what would end a cell or mean something, and links IRIs."""
    out = run("query", ALL, "--data", turtle, "--format", "markdown").out
    assert out.splitlines() == [
        "| s | title | n | year | on |",
        "| --- | --- | --- | --- | --- |",
        r'| [http://e/a](<http://e/a>) | A, "quoted" \| \<b\>	title\</b\><br>in two lines | 3 | 2017 | 2023-04-02 |',
        "| [http://e/b](<http://e/b>) | Ünïcode 文 | 4 |  |  |",
    ]


def test_html(run: Run, turtle: Path) -> None:
    """An HTML page is well-formed, links http IRIs alone, and runs nothing that a note says."""
    query = (
        "SELECT ?x ?y ?z { BIND(<http://e/?a=1&b=2> AS ?x) BIND(<javascript:alert(1)> AS ?y) BIND('<script>&' AS ?z) }"
    )
    out = run("query", query, "--data", turtle, "--format", "html").out
    page = ET.fromstring(out.replace("<!DOCTYPE html>", "").replace('<meta charset="utf-8">', ""))  # noqa: S314
    assert [a.get("href") for a in page.iter("a")] == ["http://e/?a=1&b=2"]
    assert [td.text for td in page.iter("td")] == [None, "javascript:alert(1)", "<script>&"]


def test_parquet(turtle: Path) -> None:
    """Parquet has numbers, years and dates as such, and text for the rest."""
    pq = pytest.importorskip("pyarrow.parquet")
    done = _bytes(ALL, "--data", turtle, "--format", "parquet")
    table = pq.read_table(io.BytesIO(done.stdout))
    kinds = {field.name: str(field.type) for field in table.schema}
    assert kinds == {"s": "string", "title": "string", "n": "int64", "year": "int64", "on": "date32[day]"}
    assert table.column("n").to_pylist() == [3, 4]
    assert table.column("year").to_pylist() == [2017, None]
    assert str(table.column("on").to_pylist()[0]) == "2023-04-02"


def test_parquet_of_mixed_columns_is_text(turtle: Path) -> None:
    """A column with values of several datatypes keeps their words."""
    pq = pytest.importorskip("pyarrow.parquet")
    done = _bytes("SELECT ?x { VALUES ?x { 1 2.5 'three' <http://e/4> } }", "--data", turtle, "--format", "parquet")
    assert pq.read_table(io.BytesIO(done.stdout)).column("x").to_pylist() == ["1", "2.5", "three", "http://e/4"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["SELECT * { ?s ?p ?o }", "--format", "turtle"], "turtle is a format for CONSTRUCT and DESCRIBE"),
        (["ASK {}", "--format", "parquet"], "parquet is no format for the answer of an ASK"),
        (["ASK {}", "--format", "yaml"], "unknown format 'yaml'; known are table, markdown"),
        (["SELECT * { ?s ?p ?o }", "--ask"], "--ask is for ASK queries"),
        (["ASK {}", "--param", "x"], "--param x: expected NAME=VALUE"),
        (["ASK {}", "--param", "x=1"], "the query has no variable ?x"),
        (["ASK {}", "--named-graph", "x"], "--named-graph x: expected IRI=FILE"),
        (["ASK {}", "--named-graph", "g=data.ttl"], "'g' is not an absolute IRI"),
        (["ASK {}", "--data", "data.txt"], "data.txt: unknown suffix; known are .ttl"),
        (["ASK {}", "--data", "absent.ttl"], "absent.ttl: No such file or directory"),
        (["absent.rq"], "absent.rq: No such file or directory"),
    ],
)
def test_requests_that_cannot_be_met(run: Run, turtle: Path, arguments: list[str], words: str) -> None:
    """What does not fit together is one line and exit code 2."""
    result = run("query", "--data", turtle, *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"kg: {words}")


# -- what is asked, and of what --


def test_a_query_comes_from_a_file_or_standard_input(turtle: Path) -> None:
    """A query is text, a .rq file, or standard input when it is `-` or nothing."""
    Path("own.rq").write_text("ASK { ?s ?p ?o }", "utf-8")
    assert _bytes("own.rq", "--data", turtle).stdout == b"true\n"
    for arguments in (["-"], []):
        command = [sys.executable, "-m", "kg", "query", "--data", str(turtle), *arguments]
        done = subprocess.run(command, input=b"ASK {}", capture_output=True, check=False, env=_environment())
        assert done.stdout == b"true\n"


def test_relative_iris_are_those_of_the_query_file(run: Run, turtle: Path) -> None:
    """In a file, relative IRIs are resolved against the file; --base says otherwise."""
    Path("own.rq").write_text("SELECT ?x { BIND(<data.ttl> AS ?x) }", "utf-8")
    assert json.loads(run("query", "own.rq", "--data", turtle, "--format", "json").out)["results"]["bindings"] == [
        {"x": {"type": "uri", "value": turtle.resolve().as_uri()}}
    ]
    assert (
        run("query", "own.rq", "--data", turtle, "--base", "http://b/", "--full").out.split()[-1] == "http://b/data.ttl"
    )


@pytest.mark.parametrize("suffix", [".ttl", ".nt", ".nq", ".trig", ".rdf", ".jsonld"])
def test_files_of_every_syntax_can_be_asked(run: Run, turtle: Path, suffix: str) -> None:
    """--data takes all common syntaxes, told by the suffix."""
    store = ox.Store()
    store.load(turtle.read_bytes(), format=ox.RdfFormat.TURTLE)
    path = Path(f"other{suffix}")
    syntax = ox.RdfFormat.from_extension(suffix[1:])
    assert syntax is not None
    store.dump(str(path), format=syntax, from_graph=ox.DefaultGraph())
    assert run("query", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "--data", path).out.split()[-1] == "7"


def test_several_files_are_one_default_graph(run: Run, turtle: Path) -> None:
    """--data may be repeated; blank nodes of two files are not the same."""
    Path("more.ttl").write_text("@prefix : <http://e/> . :b :knows _:x . :c :n 5 .", "utf-8")
    count = "PREFIX : <http://e/> SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert run("query", count, "--data", turtle, "--data", "more.ttl").out.split()[-1] == "9"


def test_named_graphs_are_apart_from_the_default_graph(run: Run, turtle: Path) -> None:
    """With files the default graph is their triples, and GRAPH sees the named ones."""
    Path("more.ttl").write_text("<http://e/c> <http://e/n> 5 .", "utf-8")
    graphs = ["--data", turtle, "--named-graph", "http://g/?x=1=more.ttl"]
    assert run("query", "ASK { <http://e/c> ?p ?o }", *graphs).out == "false\n"
    out = run("query", "SELECT ?g { GRAPH ?g { <http://e/c> ?p ?o } }", *graphs, "--full").out
    assert out.split()[-1] == "http://g/?x=1"


def test_from_merges_graphs_as_a_set(run: Run, turtle: Path) -> None:
    """FROM takes graphs of the dataset, a triple of two of them counts once, and others are out of sight."""
    Path("one.ttl").write_text("<http://e/c> <http://e/n> 5 .", "utf-8")
    Path("two.ttl").write_text("<http://e/c> <http://e/n> 5, 6 .", "utf-8")
    graphs = ["--data", turtle, "--named-graph", "http://g/1=one.ttl", "--named-graph", "http://g/2=two.ttl"]
    both = "SELECT (COUNT(*) AS ?n) FROM <http://g/1> FROM <http://g/2> { ?s ?p ?o }"
    assert run("query", both, *graphs).out.split()[-1] == "2"
    named = "SELECT ?g FROM NAMED <http://g/2> { GRAPH ?g { ?s ?p 5 } }"
    assert run("query", named, *graphs, "--full").out.split()[-1] == "http://g/2"
    assert run("query", "ASK FROM NAMED <http://g/2> { ?s ?p ?o }", *graphs).out == "false\n"


def test_from_takes_data_files_by_their_iris(run: Run, turtle: Path) -> None:
    """A file of --data can be named in FROM, relative to the query."""
    Path("own.rq").write_text("SELECT (COUNT(*) AS ?n) FROM <data.ttl> { ?s ?p ?o }", "utf-8")
    assert run("query", "own.rq", "--data", turtle).out.split()[-1] == "7"


def test_from_of_graphs_of_the_store(run: Run, sample_store: Path) -> None:
    """FROM takes named graphs of the store: that of a note has one note."""
    query = "SELECT (COUNT(*) AS ?n) FROM <https://kg.example/note/Models/CLIP> { ?s a fm:Note }"
    assert run("query", query, "--store", sample_store).out.split()[-1] == "1"


class _Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/turtle; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<http://e/z> <http://e/n> 7 .")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://e/z"}}]}}'
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    """A server on this machine that gives a triple, and an answer to any query."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}/"
        listening.shutdown()


def test_the_network_is_asked_only_when_allowed(run: Run, turtle: Path, server: str) -> None:
    """SERVICE and FROM reach out with --allow-service alone."""
    asked = ["query", f"SELECT ?s FROM <{server}> {{ ?s ?p ?o }}", "--data", turtle]  # noqa: S608 -- not SQL
    refused = run(*asked)
    assert refused.code == 2
    assert "fetching what FROM names is off; --allow-service turns it on" in refused.err
    assert run(*asked, "--allow-service").out.split()[-1] == "http://e/z"
    asked = ["query", f"SELECT ?s {{ SERVICE <{server}> {{ ?s ?p ?o }} }}", "--data", turtle]
    refused = run(*asked)
    assert refused.code == 2
    assert "column 13: SERVICE asks another endpoint, which is off" in refused.err
    assert run(*asked, "--allow-service").out.split()[-1] == "http://e/z"


@pytest.mark.parametrize("text", ["'SERVICE <http://x/>'", "<http://SERVICE>", "?SERVICE", "1 # SERVICE <x>\n"])
def test_the_word_service_is_no_service(run: Run, turtle: Path, text: str) -> None:
    """SERVICE in a string, an IRI, a name or a comment is none."""
    assert run("query", f"ASK {{ ?s ?p {text} }}", "--data", turtle).code == 0


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:a> <a:b> 1 }",
        "PREFIX a: <a:>\n# words\ndelete where { ?s ?p ?o }",
        "WITH <g:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "LOAD <http://e/>",
    ],
)
def test_updates_are_refused(run: Run, sample_store: Path, update: str) -> None:
    """SPARQL Update is refused with the reason."""
    result = run("query", update, "--store", sample_store)
    assert result.code == 2
    assert "this is SPARQL Update, and the graph is only read here: the notes are the source of truth" in result.err


# -- limits --


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT ?x { VALUES ?x { 1 2 3 4 5 } }", 2),
        ("SELECT ?x { VALUES ?x { 1 2 3 4 5 } } LIMIT 1", 1),
        ("SELECT ?x { VALUES ?x { 1 2 3 4 5 } } LIMIT 4 OFFSET 1", 2),
        ("SELECT ?x { VALUES ?x { 1 2 3 4 5 } } OFFSET 4 # LIMIT 9", 1),
        ("SELECT ?x { { SELECT ?x { VALUES ?x { 1 2 3 4 5 } } LIMIT 3 } }", 2),
        ("SELECT ?x { BIND('LIMIT' AS ?y) VALUES ?x { 1 2 3 } }", 2),
        ("SELECT ?x { } VALUES ?x { 1 2 3 }", 2),
    ],
)
def test_limit(run: Run, turtle: Path, query: str, count: int) -> None:
    """--limit gives at most so many rows, and never more than the query itself."""
    out = run("query", query, "--data", turtle, "--limit", "2", "--format", "csv").out
    assert len(out.splitlines()) - 1 == count


def test_limit_of_triples(run: Run, turtle: Path) -> None:
    """--limit counts the triples of a CONSTRUCT."""
    out = run("query", "CONSTRUCT WHERE { ?s ?p ?o }", "--data", turtle, "--limit", "3", "--format", "ntriples").out
    assert len(out.splitlines()) == 3


def test_ask_gives_the_exit_code_when_wanted(run: Run, turtle: Path) -> None:
    """With --ask a false answer is exit code 1, without it 0."""
    assert run("query", "ASK { <x:x> ?p ?o }", "--data", turtle).code == 0
    assert run("query", "ASK { <x:x> ?p ?o }", "--data", turtle, "--ask").code == 1
    assert run("query", "ASK { ?s ?p ?o }", "--data", turtle, "--ask").code == 0


def test_a_runaway_query_is_stopped(sample_store: Path) -> None:
    """A query that takes longer than --timeout ends the command with exit code 2 and says how to go on."""
    query = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    done = _bytes(query, "--store", sample_store, "--timeout", "0.5")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"kg: the query was stopped after 0.5 s; narrow it, or give it longer with --timeout\n"


def test_a_slow_reader_is_not_the_query(turtle: Path) -> None:
    """Time that the reader of the output takes, as a pager does, does not count."""
    values = " ".join(map(str, range(300)))
    query = f"SELECT ?x ?y {{ VALUES ?x {{ {values} }} VALUES ?y {{ {values} }} }}"
    Path("many.rq").write_text(query, "utf-8")
    command = f"'{sys.executable}' -m kg query many.rq --data {turtle} --timeout 2 --format csv | (sleep 4; wc -l)"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False, env=_environment())
    assert (done.stdout.strip(), done.stderr) == (b"90001", b"")


def test_time_is_told_on_standard_error(run: Run, turtle: Path) -> None:
    """--time tells how long opening and answering took."""
    result = run("query", "SELECT ?s { ?s ?p ?o } LIMIT 2", "--data", turtle, "--time")
    assert re.fullmatch(r"2 rows, \d+\.\d{3} s to open, \d+\.\d{3} s to answer\n", result.err)


def test_the_plan_is_explained(run: Run, sample_store: Path, turtle: Path) -> None:
    """--explain prints the engine's operators with their results, of a store and of files."""
    out = run("query", "SELECT ?t { ?p a fm:Paper ; dcterms:title ?t }", "--explain", "--store", sample_store).out
    assert re.match(r"planned in [\d.]+ ms\nProject\(\?t\)  \[220 rows, [\d.]+ ms\]\n", out)
    assert "QuadPattern(?p <rdf:type> <fm:Paper>)  [220 rows" in out
    out = run("query", "ASK { ?s <http://e/n> 4 }", "--explain", "--data", turtle).out
    assert "QuadPattern(?s <http://e/n>" in out


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="memory is read from /proc")
def test_many_rows_take_constant_memory(turtle: Path) -> None:
    """A hundred thousand rows are written as they are found; Parquet spools them to a file."""
    values = " ".join(map(str, range(320)))
    query = f"SELECT ?x ?y {{ VALUES ?x {{ {values} }} VALUES ?y {{ {values} }} }}"
    Path("many.rq").write_text(query, "utf-8")
    code = (
        "import re, sys; from kg import cli; sys.argv = ['kg', *sys.argv[1:]]\n"
        "try: cli.main()\nexcept SystemExit: pass\n"
        "print(re.search(r'VmHWM:[^0-9]*([0-9]+)', open('/proc/self/status').read())[1], file=sys.stderr)"
    )
    for name in FORMATS_OF_ROWS[:-1]:
        command = [sys.executable, "-c", code, "query", "many.rq", "--data", str(turtle), "--format", name]
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=_environment(), check=True
        )
        assert int(done.stderr) < 100_000, name  # kilobytes


# -- arguments --


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["-"],
        ["hubs"],
        ["ASK {}", "--store", "s"],
        ["--store=s", "--full", "--ask", "--time", "--explain", "--allow-service", "hubs"],
        ["hubs", "-p", "a=b", "--param", "c=d=e", "--param=f=", "-f", "csv"],
        ["--data", "a.ttl", "--data=b.ttl", "--named-graph", "g:g=c.ttl", "--base", "b:b", "q.rq"],
        ["hubs", "--limit", "3", "--timeout", "1.5", "--format=json"],
        ["--timeout=0", "--", "-x"],
    ],
)
def test_the_short_way_reads_arguments_as_the_long_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """`kg query` reads its usual arguments by itself, and understands what the full command line understands."""
    seen: list[cli_ask.Asked] = []

    def keep(asked: cli_ask.Asked) -> int:
        seen.append(asked)
        return 0

    monkeypatch.setattr(cli_query, "answer", keep)
    assert run("query", *arguments).code == 0
    short = cli_ask.parse(arguments)
    assert short is not None
    normal = dataclasses.replace(short, param=tuple(short.param), data=tuple(short.data))
    long = dataclasses.replace(seen[0], param=tuple(seen[0].param), data=tuple(seen[0].data))
    assert dataclasses.replace(normal, named_graph=[]) == dataclasses.replace(long, named_graph=[])
    assert list(short.named_graph) == list(seen[0].named_graph)


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--help"], ["-h"], ["--limt", "3", "hubs"], ["hubs", "tags"], ["hubs", "--limit"]),
        *(["hubs", "--limit", "-1"], ["hubs", "--limit", "x"], ["hubs", "--timeout", "soon"], ["hubs", "--full=1"]),
        *(["hubs", "--endpoint", "http://e/"], ["-pa=b", "hubs"]),
    ],
)
def test_the_short_way_leaves_the_rest_to_the_long_one(arguments: list[str]) -> None:
    """Help, mistakes and rare arguments are for the full command line."""
    assert cli_ask.parse(arguments) is None


def test_the_short_way_knows_all_options() -> None:
    """No option of `kg query` is missing but those that are left to the full command line on purpose."""
    group: Any = typer.main.get_command(cli.app)
    options = {flag for param in group.commands["query"].params for flag in param.opts if flag.startswith("-")}
    assert options - set(cli_ask._FLAGS) - set(cli_ask._VALUES) == {"--endpoint"}


def test_both_ways_end_alike(turtle: Path) -> None:
    """A mistake ends both ways with one line and exit code 2, and a closed pipe ends them in silence."""
    done = _bytes("ASK {", "--data", turtle)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"kg: line 1, column 6: the query ends too early")
    done = _bytes("ASK {}", "--limt", "3")
    assert done.returncode == 2
    assert done.stderr.startswith(b"kg: No such option: --limt")
    query = (
        "SELECT * { VALUES ?x { 1 2 3 4 5 6 7 8 9 } VALUES ?y { 1 2 3 4 5 6 7 8 9 } VALUES ?z { 1 2 3 4 5 6 7 8 9 } }"
    )
    command = f'"{sys.executable}" -m kg query "{query}" --data data.ttl --format json | head -c 10'
    head = subprocess.run(["bash", "-c", command], capture_output=True, check=False, env=_environment())
    assert (head.stdout, head.stderr) == (b'{"head":{"', b"")


def test_asking_is_light(sample_store: Path, tmp_path: Path) -> None:
    """`kg query` imports nothing that is slow and not needed: no typer, no rdflib, no YAML, no reader of notes."""
    code = (
        "import sys; sys.argv = ['kg', 'query', 'ASK {}', '--store', sys.argv[1]]\nfrom kg.__main__ import main\n"
        "try: main()\nexcept SystemExit: print(*sys.modules)"
    )
    command = [sys.executable, "-c", code, str(sample_store)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment(), cwd=tmp_path)
    heavy = {
        "typer",
        "pydantic",
        "rich",
        "rdflib",
        "yaml",
        "pyromark",
        "prompt_toolkit",
        "requests",
        "kg.markdown",
        "tomllib",
        "rich.console",
    }
    assert heavy & set(done.stdout.split()) == set()


def test_formats_are_refused_in_the_library_too() -> None:
    """Unknown formats are refused where answers are written."""
    answer = Source.of_files((), {}).query("SELECT * {}")
    with pytest.raises(UsageError, match="unknown format"):
        results.write(answer, io.BytesIO(), "yaml")
