"""Queries over a store or over files: what is evaluated, and what comes out of it.

A `Source` is a dataset that can be asked: the store of a vault, whose default graph is the union of its named graphs,
or files loaded into memory, whose default graph is their triples (SPARQL 1.1 Query Language, section 13). Belongs to
the store layer: only it knows pyoxigraph.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple, cast

import pyoxigraph as ox

from kg import sparql
from kg.errors import QueryError
from kg.namespaces import PREFIXES
from kg.serialization import FORMATS, Head

__all__ = ["KNOWN_PREFIXES", "RESULT_FORMATS", "Answer", "Rows", "Source", "Term", "Triples", "write_truth"]

KNOWN_PREFIXES = {**PREFIXES, **sparql.EXTRA_PREFIXES}

RESULT_FORMATS = {
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
_SUFFIXES = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".rdf": ox.RdfFormat.RDF_XML,
    ".xml": ox.RdfFormat.RDF_XML,
    ".owl": ox.RdfFormat.RDF_XML,
    ".jsonld": ox.RdfFormat.JSON_LD,
}
_SORTED = 20_000  # triples up to this number are sorted and told once, more are written as they are found


class Term(NamedTuple):
    """An RDF term in a result: `kind` is `iri`, `literal`, `blank` or `triple`."""

    kind: str
    value: str
    datatype: str = ""
    language: str = ""


class Rows:
    """The rows of a SELECT, as they are found; an unbound variable is None. They can be read once."""

    def __init__(self, solutions: ox.QuerySolutions) -> None:
        self._solutions = solutions
        self.variables = [variable.value for variable in solutions.variables]

    def __iter__(self) -> Iterator[tuple[Term | None, ...]]:
        try:
            for solution in self._solutions:
                yield tuple(map(_term, solution))
        except (OSError, ValueError, RuntimeError, SyntaxError) as error:  # the last one of an answer of others
            raise _failed(error) from error

    def write(self, output: IO[bytes], target: str) -> None:
        """Write them in one of `RESULT_FORMATS`, W3C's formats of results."""
        try:
            self._solutions.serialize(output, RESULT_FORMATS[target])
        except BrokenPipeError:
            raise
        except (OSError, ValueError, RuntimeError) as error:
            raise _failed(error) from error


class Triples:
    """The triples of a CONSTRUCT or DESCRIBE. They can be read once.

    A few thousand are sorted and each is told once; of more, those that are found twice are told twice, so that
    memory stays constant.
    """

    def __init__(self, triples: Iterable[ox.Triple]) -> None:
        self._triples = triples

    def __iter__(self) -> Iterator[tuple[Term, Term, Term]]:
        for triple in self._ordered():
            yield cast("tuple[Term, Term, Term]", tuple(map(_term, triple)))

    def limit(self, count: int) -> "Triples":
        """The first triples of these."""
        return Triples(islice(self._ordered(), count))

    def write(self, output: IO[bytes], target: str = "turtle") -> None:
        """Write them in one of `FORMATS`."""
        triples = self._ordered()
        if target in ("turtle", "trig", "rdfxml"):
            head = Head(output, target)
            ox.serialize(triples, cast("IO[bytes]", head), format=FORMATS[target], prefixes=dict(PREFIXES))
            head.close()
        else:
            ox.serialize(triples, output, format=FORMATS[target])

    def lines(self) -> Iterator[str]:
        """The triples as N-Triples lines without their line ends."""
        return (f"{triple} ." for triple in self._ordered())

    def _ordered(self) -> Iterator[ox.Triple]:
        try:
            found = iter(self._triples)
            first = list(islice(found, _SORTED + 1))
            if len(first) <= _SORTED:
                first = sorted(set(first), key=str)
            yield from chain(first, found)
        except (OSError, ValueError, RuntimeError) as error:
            raise _failed(error) from error


Answer = bool | Rows | Triples


def write_truth(value: bool, output: IO[bytes], target: str) -> None:
    """Write the answer of an ASK in one of `RESULT_FORMATS`."""
    answer = ox.Store().query("ASK {}" if value else "ASK { FILTER(false) }")
    cast("ox.QueryBoolean", answer).serialize(output, RESULT_FORMATS[target])


class Source:
    """A dataset to ask."""

    def __init__(self, inner: ox.Store, *, union: bool, files: Mapping[str, Path] | None = None) -> None:
        """Ask a store.

        Args:
            inner: the store.
            union: whether its default graph is the union of its named graphs.
            files: what is in its default graph, by the IRIs of the files, for queries that name them in FROM.

        """
        self.inner = inner
        self.union = union
        self.files = files or {}

    @classmethod
    def of_files(cls, data: Iterable[Path], named: Mapping[str, Path]) -> "Source":
        """Load RDF files into memory.

        Args:
            data: files for the default graph; the named graphs of N-Quads and TriG stay named.
            named: files for named graphs, by their IRIs.

        Raises:
            QueryError: a file is missing, of an unknown suffix, or malformed.

        """
        inner = ox.Store()
        files = {}
        for path in data:
            _load(inner, path, ox.DefaultGraph())
            files[path.resolve().as_uri()] = path
        for iri, path in named.items():
            sparql.iri_term(iri)
            graph = ox.NamedNode(iri)
            inner.add_graph(graph)
            _load(inner, path, graph)
        return cls(inner, union=False, files=files)

    def query(self, text: str, *, base: str = "", allow_service: bool = False) -> Answer:
        """Evaluate a SPARQL 1.1 query; it only reads.

        Raises:
            QueryError: it is malformed, an update, asks for what is not allowed, or cannot be evaluated.

        """
        from kg import sparql_errors  # noqa: PLC0415 -- only malformed queries need it

        query = sparql.Query.of(text, base, KNOWN_PREFIXES)
        if query.form == "UPDATE":
            raise QueryError(
                "this is SPARQL Update, and the graph is only read here: the notes are the source of truth; "
                "change them and run `kg build`"
            )
        if query.service is not None and not allow_service:
            message = "SERVICE asks another endpoint, which is off; --allow-service turns it on"
            raise QueryError(sparql_errors.pointed(text, query.service.start, 7, message))
        inner, union = self.inner, self.union
        if query.graphs or query.named:
            inner, text, union = self._dataset(query, allow_service), sparql.without_dataset(text), False
        try:
            if query.form == "SELECT" and sparql.selects_all(query):  # the engine sorts what `*` stands for by name
                empty = ox.Store().query(text, prefixes=KNOWN_PREFIXES, base_iri=base or None)
                variables = [variable.value for variable in cast("ox.QuerySolutions", empty).variables]
                text = sparql.spelled_out(text, variables)
            answer = inner.query(text, prefixes=KNOWN_PREFIXES, base_iri=base or None, use_default_graph_as_union=union)
        except SyntaxError as error:
            raise QueryError(sparql_errors.describe(text, str(error), KNOWN_PREFIXES, base)) from error
        except (OSError, ValueError, RuntimeError) as error:
            raise _failed(error) from error
        if isinstance(answer, ox.QueryBoolean):
            return bool(answer)
        return Rows(answer) if isinstance(answer, ox.QuerySolutions) else Triples(answer)

    def has_term(self, iri: str) -> bool:
        """Whether an IRI is the predicate or object of some triple."""
        node = ox.NamedNode(iri)
        patterns = ((None, node, None, None), (None, None, node, None))
        return any(next(self.inner.quads_for_pattern(*pattern), None) is not None for pattern in patterns)

    def copy_to(self, folder: Path) -> None:
        """Write the dataset to the files of a new store."""
        copy = ox.Store(folder)
        copy.bulk_extend(self.inner)
        copy.flush()

    def _dataset(self, query: sparql.Query, allow_service: bool) -> ox.Store:
        """The dataset that FROM and FROM NAMED describe: a default graph merged as a set, and named graphs."""
        dataset = ox.Store()
        for iri in query.graphs:
            self._copy(iri, ox.DefaultGraph(), dataset, allow_service)
        for iri in query.named:
            graph = ox.NamedNode(iri)
            dataset.add_graph(graph)
            self._copy(iri, graph, dataset, allow_service)
        return dataset

    def _copy(self, iri: str, graph: ox.NamedNode | ox.DefaultGraph, dataset: ox.Store, allow_service: bool) -> None:
        source = ox.NamedNode(sparql.iri_term(iri)[1:-1])
        if self.inner.contains_named_graph(source):
            found = self.inner.quads_for_pattern(None, None, None, source)
            dataset.bulk_extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in found)
        elif iri in self.files:
            _load(dataset, self.files[iri], graph)
        elif allow_service:
            from kg import fetching  # noqa: PLC0415 -- slow to import and seldom needed

            body, media_type = fetching.fetch(iri)
            file_format = ox.RdfFormat.from_media_type(media_type) or _SUFFIXES.get(Path(iri).suffix)
            try:
                dataset.load(input=body, format=file_format or ox.RdfFormat.TURTLE, base_iri=iri, to_graph=graph)
            except (SyntaxError, ValueError) as error:
                raise QueryError(f"{iri}: {_one_line(error)}") from error
        else:
            raise QueryError(
                f"there is no graph <{iri}> here, and fetching what FROM names is off; --allow-service turns it on"
            )


def _load(store: ox.Store, path: Path, graph: ox.NamedNode | ox.DefaultGraph) -> None:
    file_format = _SUFFIXES.get(path.suffix.lower())
    if file_format is None:
        raise QueryError(f"{path}: unknown suffix; known are {', '.join(_SUFFIXES)}")
    quads = file_format.supports_datasets and isinstance(graph, ox.DefaultGraph)
    try:
        store.load(
            input=path.read_bytes(),
            format=file_format,
            base_iri=path.resolve().as_uri(),
            to_graph=None if quads else graph,
        )
    except OSError as error:
        raise QueryError(f"{path}: {error.strerror or error}") from error
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"{path}: {_one_line(error)}") from error


def _term(term: object) -> Term | None:
    match term:
        case None:
            return None
        case ox.NamedNode():
            return Term("iri", term.value)
        case ox.Literal():
            return Term("literal", term.value, term.datatype.value, term.language or "")
        case ox.BlankNode():
            return Term("blank", term.value)
        case _:
            return Term("triple", str(term))


def _failed(error: BaseException) -> QueryError:
    return QueryError(f"the query failed: {_one_line(error)}")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
