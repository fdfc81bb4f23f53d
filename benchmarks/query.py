"""How long `kg query` takes, beside `oxigraph query` over the same store in the same run.

    python -m benchmarks.query [--notes 10000] [--runs 5]

Every row is a whole process, from start to exit, the median of the runs; what is printed goes to a pipe that is read.
A lookup finds one paper by an indexed value. The limit of a heavy query is twice the time of Oxigraph's own command.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

import kg
from benchmarks.vault import generate
from kg.build import build
from kg.generations import Directory
from kg.namespaces import PREFIXES

_BIN = Path(sys.executable).parent
_LOOKUPS = {
    "lookup: a paper by its arXiv id": "SELECT ?paper ?title { ?paper fm:arxivId 'ID' ; dcterms:title ?title }",
    "lookup: notes that cite a paper": "SELECT ?n { ?paper fm:arxivId 'ID' . ?note fm:cites ?paper ; fm:path ?n }",
    "lookup: ASK": "ASK { ?paper fm:arxivId 'ID' }",
}
_HEAVY = {
    "all triples, counted": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "most cited papers": (
        "SELECT ?title (COUNT(DISTINCT ?note) AS ?n) { ?note fm:cites ?paper . ?paper dcterms:title ?title } "
        "GROUP BY ?title ORDER BY DESC(?n) LIMIT 20"
    ),
    "all entries with text": "SELECT ?entry ?line ?text { ?entry fm:line ?line ; fm:text ?text }",
    "papers of each author and year": (
        "SELECT ?name ?year (COUNT(?paper) AS ?n) { ?paper fm:firstAuthor/foaf:name ?name ; fm:year ?year } "
        "GROUP BY ?name ?year ORDER BY DESC(?n) ?name"
    ),
    "all links, as triples": "CONSTRUCT { ?a fm:linksTo ?b } WHERE { ?l fm:inEntry/fm:inNote ?a ; fm:target ?b }",
}


def _seconds(command: Sequence[str]) -> float:
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        while running.stdout is not None and running.stdout.read(1 << 20):
            pass
        if running.wait():
            sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - began


def _median(command: Sequence[str], runs: int) -> float:
    return statistics.median(_seconds(command) for _ in range(runs))


def _id(store: Path) -> str:
    """The arXiv id of a paper that some notes cite."""
    with kg.open(store) as graph:
        return str(graph.query("SELECT ?id { ?note fm:cites ?paper . ?paper fm:arxivId ?id } LIMIT 1")[0].id)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--store", type=Path, help="measure this store instead of a new one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store: Path = arguments.store or Path(folder) / "store"
        if arguments.store is None:
            generate(Path(folder) / "vault", arguments.notes, 1)
            build(Path(folder) / "vault", store)
        with Directory(store).reading() as generation:
            _measure(store, generation.graph, arguments.runs)


def _measure(store: Path, graph: Path, runs: int) -> None:
    prologue = "".join(f"PREFIX {prefix}: <{iri}> " for prefix, iri in PREFIXES.items())
    paper = _id(store)
    table = Table("", "kg query, s", "oxigraph query, s", "ratio")
    for name, text in {**_LOOKUPS, **_HEAVY}.items():
        query = text.replace("'ID'", f"'{paper}'")
        rdf = query.startswith("CONSTRUCT")
        ours = [str(_BIN / "python"), "-m", "kg", "query", query, "--store", str(store)]
        ours += ["--format", "ntriples" if rdf else "json", "--timeout", "0"]
        theirs = [str(_BIN / "oxigraph"), "query", "--location", str(graph), "--union-default-graph"]
        theirs += ["--query", prologue + query, "--results-format", "nt" if rdf else "json"]
        one, other = _median(ours, runs), _median(theirs, runs)
        table.add_row(name, f"{one:.3f}", f"{other:.3f}", f"{one / other:.2f}" if name in _HEAVY else "")
    saved = [str(_BIN / "python"), "-m", "kg", "query", "papers-by-author", "--param", "author=Nobody"]
    table.add_row("a saved query", f"{_median([*saved, '--store', str(store)], runs):.3f}", "", "")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
