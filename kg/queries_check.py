"""`kg queries check`: saved queries parse, use terms that exist, and answer their own examples."""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path

from kg import data, queries, sparql, terms
from kg.errors import Diagnostic, QueryError
from kg.evaluation import Rows, Source, Triples
from kg.namespaces import PREFIXES
from kg.queries import SavedQuery
from kg.sparql_errors import nearest

__all__ = ["check"]


def check(names: Collection[str], folders: Sequence[Path], source: Source) -> tuple[int, list[Diagnostic]]:
    """Check saved queries.

    Args:
        names: which, by name or path; all of them when empty.
        folders: the folders of saved queries besides those that ship with kg.
        source: the graph that their examples are run on.

    Returns:
        How many there were, and the findings in order.

    Raises:
        QueryError: one of the names is not known.

    """
    known = queries.names(folders)
    paths = [known[name] if name in known else Path(name) for name in names] or list(known.values())
    findings: list[Diagnostic] = []
    for path in paths:
        if not path.is_file():
            guess = nearest(str(path), known)
            raise QueryError(f"there is no saved query {str(path)!r}" + (f"; did you mean {guess}?" if guess else ""))
        findings += sorted(_findings(path, source))
    return len(paths), findings


def _findings(path: Path, source: Source) -> Iterator[Diagnostic]:
    shown = _shown(path)
    try:
        saved = queries.read_file(path)
    except QueryError as error:
        yield Diagnostic(shown, 1, "header-malformed", str(error).removeprefix(f"{path}: "))
        return
    if not saved.summary:
        yield Diagnostic(shown, 1, "summary-missing", "the header has no `#+ summary:`")
    for parameter in saved.parameters:
        if not parameter.variables:
            yield Diagnostic(shown, 1, "parameter-unused", f"no variable ?{parameter.name} for the parameter")
        if parameter.example is None and parameter.required:
            yield Diagnostic(shown, 1, "example-missing", f"the parameter {parameter.name} has no example")
    yield from _undeclared(saved, shown)
    yield from _unknown_terms(saved, shown)
    try:
        Source.of_files((), {}).query(saved.text)  # as other tools see it, without values
        _run(source, saved.bound(saved.examples()))
    except QueryError as error:
        first = str(error).split("\n")[0]
        place = re.match(r"line (\d+), column \d+: (.*)", first)
        line, message = (int(place[1]), place[2]) if place else (1, first)
        yield Diagnostic(shown, line, "query-fails", message)


def _run(source: Source, text: str) -> None:
    answer = source.query(text)
    if isinstance(answer, Rows | Triples):
        next(iter(answer), None)


def _undeclared(saved: SavedQuery, shown: str) -> Iterator[Diagnostic]:
    """Prefixes that only kg declares: other tools would refuse the query."""
    declared = sparql.Query.of(saved.text).prefixes
    seen: set[str] = set()
    for token, _ in terms.used(saved.text):
        prefix = token.text.partition(":")[0]
        if token.kind == "pname" and prefix not in declared and prefix not in seen:
            seen.add(prefix)
            line, _ = sparql.place(saved.text, token.start)
            yield Diagnostic(shown, line, "prefix-undeclared", f"other tools do not know `{prefix}:`; declare it")


def _unknown_terms(saved: SavedQuery, shown: str) -> Iterator[Diagnostic]:
    known = _vocabularies()
    for finding in terms.misspelt(saved.text, "", known.__contains__):
        message = finding.message.split("\n")[0].partition(": ")[2].replace("nowhere in the graph", "in no vocabulary")
        yield Diagnostic(shown, finding.line, "term-unknown", message)


@cache
def _vocabularies() -> frozenset[str]:
    """The IRIs of the ontologies that ship with kg and of the vocabularies that rdflib lists."""
    from rdflib import namespace as rdf  # noqa: PLC0415 -- slow to import

    listed = (rdf.DCTERMS, rdf.FOAF, rdf.OWL, rdf.PROV, rdf.RDF, rdf.RDFS, rdf.SDO, rdf.SKOS, rdf.XSD)
    found = {str(term) for vocabulary in listed for term in dir(vocabulary) if str(term).startswith("http")}
    prefixes = "|".join(PREFIXES)
    for path in data.ontology().parent.glob("*.ttl"):
        text = path.read_text("utf-8")
        names = re.findall(rf"(?<![\w<])({prefixes}):([\w.-]*\w)", text)
        found |= {PREFIXES[prefix] + name for prefix, name in names if prefix != "fm"}
    return frozenset(found)


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return str(path)
