"""`kg load` and `kg pull`: the graph in triple stores of others."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, cast

import typer

from kg.errors import UsageError

if TYPE_CHECKING:
    from kg.evaluation import Answer
    from kg.remote.asking import RemoteSource
    from kg.remote.connect import Connection
    from kg.remote.content import Graph
    from kg.remote.credentials import Credentials
    from kg.remote.endpoint import Endpoint
    from kg.remote.sync import Plan, Report

__all__ = ["bulk", "load", "open_endpoint", "pull", "remote_source"]

StoreOption = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="Where the graph is kept; by default `.kg`.")
]
_Url = Annotated[str, typer.Argument(metavar="URL", help="The address of a triple store, such as http://host:7878.")]
_Kind = Annotated[
    str,
    typer.Option(
        metavar="KIND",
        help="oxigraph, fuseki, rdf4j, graphdb, virtuoso, blazegraph, qlever, neptune, stardog, gsp or sparql; "
        "by default what the server's answers tell.",
        show_default=False,
    ),
]
_CaBundle = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Trust these certificates instead of the usual ones.")
]
_Timeout = Annotated[float, typer.Option(metavar="SECONDS", min=0.1, help="Give up a connection that is silent.")]
_QueryUrl = Annotated[str, typer.Option(metavar="URL", help="Where queries go, if elsewhere.", show_default=False)]
_UpdateUrl = Annotated[
    str, typer.Option(metavar="URL", help="Where SPARQL Update goes, if elsewhere.", show_default=False)
]
_GraphsUrl = Annotated[
    str, typer.Option(metavar="URL", help="Where the Graph Store Protocol is spoken.", show_default=False)
]


def load(  # noqa: PLR0913 -- each is an option
    url: _Url,
    *,
    store: StoreOption = None,
    kind: _Kind = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", metavar="", help="Say what would be written and dropped, and do nothing.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", metavar="", help="Read everything back and compare; exit with 1 if it differs.")
    ] = False,
    flat: Annotated[
        str | None,
        typer.Option(metavar="IRI", help="Merge all into this one graph; `default` is the default graph."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", metavar="", help="With --flat: replace a graph that others wrote.")
    ] = False,
    query_url: _QueryUrl = "",
    update_url: _UpdateUrl = "",
    graphs_url: _GraphsUrl = "",
    ca_bundle: _CaBundle = None,
    timeout: _Timeout = 300.0,
    gzip: Annotated[
        bool | None,
        typer.Option(
            "--gzip/--no-gzip",
            help="Compress what is sent; by default over a network, where the store can unpack it.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print what was done as one JSON object.")
    ] = False,
) -> None:
    """Put the graph into a triple store, and keep it in step.

    Graphs that changed are replaced, those of removed notes dropped, those of others never touched. Interrupted at any
    moment, running it again completes it. Credentials come from KG_USER and KG_PASSWORD, from KG_TOKEN, from ~/.netrc
    or from a prompt.
    """
    from kg.iris import Iris
    from kg.remote import sync
    from kg.store import open_store

    connection = _connection(url, kind, ca_bundle, timeout, gzip, (query_url, update_url, graphs_url))
    with open_store(store or _store()) as graphs_here:
        graphs = sync.graphs_of(graphs_here)
        manifest = Iris(sync.base_of(graphs_here)).manifest_graph
        endpoint = open_endpoint(connection)
        work = _Named(graphs, endpoint, manifest)
        if flat is not None:
            work = _Flat(graphs, endpoint, manifest, "" if flat == "default" else _graph_name(flat), overwrite)
        if dry_run:
            _show_plan(work.planned())
            return
        with _progress(len(graphs_here)) as progress:
            report = work.load(progress)
        different = list(work.differences()) if verify else []
    if as_json:
        import json

        typer.echo(json.dumps(_as_dict(report, endpoint, different if verify else None), sort_keys=True))
    else:
        typer.echo(_told(report, endpoint), err=True)
    for line in different:
        typer.echo(line, err=as_json)
    if different:
        raise typer.Exit(1)
    if verify and not as_json:
        typer.echo("read back: every graph is isomorphic", err=True)


class _Named:
    """A vault in named graphs."""

    def __init__(self, graphs: "dict[str, Graph]", endpoint: "Endpoint", manifest: str) -> None:
        self.graphs = graphs
        self.endpoint = endpoint
        self.manifest = manifest

    def planned(self) -> "Plan":
        from kg.remote import manifest, sync

        return sync.plan(self.graphs, manifest.manifest_of(self.endpoint, self.manifest).read())

    def load(self, progress: Callable[[int], None]) -> "Report":
        from kg.remote import sync

        return sync.load(self.graphs, self.endpoint, self.manifest, progress=progress, notice=_notice)

    def differences(self) -> Iterator[str]:
        from kg.remote import sync, verify

        different = []
        for found in verify.differences(self.graphs, self.endpoint):
            different.append(found.graph)
            yield f"<{found.graph}>: {found.missing} triples missing, {found.surplus} too many"
            yield from (f"  {line}" for line in found.examples)
        if different:
            sync.distrust(different, self.endpoint, self.manifest)
            _notice("the next `kg load` will write what differs again")


class _Flat(_Named):
    """A vault merged into one graph."""

    def __init__(
        self, graphs: "dict[str, Graph]", endpoint: "Endpoint", manifest: str, target: str, overwrite: bool
    ) -> None:
        from kg.remote import flat

        super().__init__({target: flat.as_one(graphs, target)}, endpoint, manifest)
        self.target = target
        self.overwrite = overwrite
        self.digest = ""

    def planned(self) -> "Plan":
        from kg.remote import flat

        plan, self.digest = flat.plan_flat(
            self.graphs[self.target], self.endpoint, self.manifest, overwrite=self.overwrite
        )
        return plan

    def load(self, progress: Callable[[int], None]) -> "Report":
        from kg.remote import flat

        planned = self.planned(), self.digest
        return flat.load_flat(self.graphs[self.target], self.endpoint, self.manifest, planned, progress=progress)

    def differences(self) -> Iterator[str]:
        from kg.remote import flat, verify

        beside = flat.records(self.manifest, self.digest)
        for found in verify.differences(self.graphs, self.endpoint, beside=beside):
            name = f"<{found.graph}>" if found.graph else "the default graph"
            yield f"{name}: {found.missing} triples missing, {found.surplus} too many"
            yield from (f"  {line}" for line in found.examples)


def pull(  # noqa: PLR0913 -- each is an option
    url: _Url,
    *,
    graph: Annotated[
        str | None, typer.Option(metavar="IRI", help="Save this graph; `default` is the default graph.")
    ] = None,
    query: Annotated[
        str | None,
        typer.Option("--query", "-q", metavar="QUERY", help="Save the answer of a saved query, a .rq file or SPARQL."),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the query; repeatable."),
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where to; `-` is standard output.")
    ] = "-",
    file_format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="As of `kg query`; by default by the suffix of FILE, else turtle or csv."),
    ] = None,
    kind: _Kind = "",
    query_url: _QueryUrl = "",
    graphs_url: _GraphsUrl = "",
    ca_bundle: _CaBundle = None,
    timeout: _Timeout = 300.0,
) -> None:
    """Save a graph of a triple store, or its answer to a query, as RDF or as results.

    A file appears whole or not at all.
    """
    from kg import results
    from kg.remote import asking
    from kg.tables import Look

    if (graph is None) == (query is None):
        raise UsageError("what is to be pulled? give --graph IRI or --query QUERY")
    endpoint = open_endpoint(_connection(url, kind, ca_bundle, timeout, None, (query_url, "", graphs_url)))
    if graph is not None:
        source = asking.graph(endpoint, "" if graph == "default" else _graph_name(graph))
    else:
        source = asking.answered(endpoint, _question(str(query), param))
    with source as answer, _output(output) as file:
        results.write(answer, file, file_format or _format_of(output, answer), Look(full=True))


def _question(text: str, param: list[str] | None) -> str:
    """The SPARQL that an argument means."""
    from kg import config, queries

    settings = config.load()
    saved = queries.find(text, settings.queries)
    if saved is None:
        is_file = text.endswith((".rq", ".sparql"))
        saved = queries.read_file(Path(text)) if is_file else queries.read(text, "the query")
    pairs = [given.partition("=") for given in param or ()]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise UsageError(f"--param {wrong[0]}: expected NAME=VALUE")
    return saved.bound({name: value for name, _, value in pairs})


def bulk(store: Path, folder: str) -> None:
    """Write a bulk export of a store: `kg export --bulk FOLDER`."""
    from kg.remote import bulk as exporter
    from kg.store import open_store

    with open_store(store) as graphs, _progress(len(graphs), "writing", "quads") as progress:
        shards = exporter.export(graphs, Path(folder), progress=progress)
    quads, size = sum(shard.quads for shard in shards), sum(shard.bytes for shard in shards)
    typer.echo(f"{folder}: {quads:,} quads in {len(shards)} shards, {size:,} bytes", err=True)


def _format_of(output: str, answer: "Answer") -> str:
    from kg import results
    from kg.evaluation import Triples

    suffix = Path(output).suffix.lower().removeprefix(".")
    guess = {"ttl": "turtle", "nt": "ntriples", "rdf": "xml", "srj": "json", "srx": "xml", "md": "markdown"}.get(
        suffix, suffix
    )
    if output != "-" and guess in results.FORMATS:
        return guess
    return "turtle" if isinstance(answer, Triples) else "csv"


@contextmanager
def _output(target: str) -> Iterator[IO[bytes]]:
    from kg.errors import StoreError

    if target == "-":
        sys.stdout.flush()
        yield cast("IO[bytes]", sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with fresh.open("wb") as file:
            yield file
        fresh.replace(path)
    except OSError as error:
        raise StoreError(f"{target}: {error.strerror or error}") from error
    finally:
        fresh.unlink(missing_ok=True)


def open_endpoint(connection: "Connection") -> "Endpoint":
    """Talk to a store; on a terminal, a person is asked for credentials that are wanted and not set."""
    from kg.remote.connect import connect

    ask = _ask if sys.stdin.isatty() and sys.stderr.isatty() else None
    return connect(connection, ask=ask, notice=_notice)


@contextmanager
def remote_source(url: str) -> "Iterator[RemoteSource]":
    """A store to ask: `kg query --endpoint URL`."""
    from contextlib import ExitStack

    from kg.remote.asking import RemoteSource

    with ExitStack() as open_ones:
        yield RemoteSource(open_endpoint(_connection(url, "", None, 300.0, None, ("", "", ""))), open_ones)


def _ask(server: str) -> "Credentials | None":
    import getpass

    from kg.remote.credentials import Credentials

    typer.echo(f"{server} wants to know who you are; an empty name gives up", err=True)
    typer.echo("name: ", nl=False, err=True)
    user = sys.stdin.readline().strip()
    return Credentials(user, getpass.getpass("password: ")) if user else None


def _notice(line: str) -> None:
    typer.echo(f"kg: {line}", err=True)


def _connection(
    url: str, kind: str, ca_bundle: Path | None, timeout: float, packed: bool | None, urls: tuple[str, str, str]
) -> "Connection":
    from kg.remote.connect import Connection
    from kg.remote.transport import Patience

    query, update, graphs = urls
    patience = Patience(silence=timeout, connect=min(timeout, 10.0))
    return Connection(
        url, kind, query=query, update=update, graphs=graphs, ca_bundle=ca_bundle, packed=packed, patience=patience
    )


def _graph_name(text: str) -> str:
    from kg.sparql import iri_term

    return iri_term(text)[1:-1]


def _store() -> Path:
    from kg import config

    return config.load().store


def _show_plan(plan: "Plan") -> None:
    for sign, names in (("+", plan.new), ("~", plan.changed), ("-", plan.removed)):
        for name in names:
            typer.echo(f"{sign} {name or 'the default graph'}")
    typer.echo(
        f"{len(plan.new)} new, {len(plan.changed)} changed, {len(plan.removed)} to drop, {len(plan.same)} the same; "
        "nothing was done",
        err=True,
    )


def _told(report: "Report", endpoint: "Endpoint") -> str:
    plan = report.plan
    speed = f", {report.triples / report.seconds:,.0f} triples/s" if report.triples and report.seconds else ""
    return (
        f"{endpoint.store.title} at {endpoint.client.server}: {len(plan.written):,} graphs written, "
        f"{len(plan.removed):,} dropped, {len(plan.same):,} unchanged; {report.triples:,} triples in "
        f"{report.seconds:.2f} s{speed}"
    )


def _as_dict(report: "Report", endpoint: "Endpoint", different: list[str] | None) -> dict[str, object]:
    plan = report.plan
    told: dict[str, object] = {
        "kind": endpoint.store.kind,
        "new": len(plan.new),
        "changed": len(plan.changed),
        "dropped": len(plan.removed),
        "unchanged": len(plan.same),
        "triples": report.triples,
        "seconds": round(report.seconds, 3),
    }
    return told if different is None else told | {"verified": not different}


@contextmanager
def _progress(total: int, verb: str = "loading", what: str = "triples") -> Iterator[Callable[[int], None]]:
    """A line with triples per second on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    import time

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(verb), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[speed]}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, speed="")
        started, sent = time.perf_counter(), 0

        def progress(more: int) -> None:
            nonlocal sent
            sent += more
            bar.update(task, advance=more, speed=f"{sent / (time.perf_counter() - started):,.0f} {what}/s")

        yield progress
