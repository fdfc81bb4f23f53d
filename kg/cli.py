"""The `kg` command: the only module that prints, and that turns errors into exit codes.

Data goes to standard output, everything else to standard error. Exit codes: 0 for success, 1 for a negative result, 2
for an error. Modules that are slow to import are imported by the commands that need them.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

import kg
from kg import cli_load, cli_query
from kg.cli_check import check
from kg.cli_enrich import enrich
from kg.cli_infer import concluding, infer, ontology
from kg.errors import KgError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from rich.console import Console

    from kg.build import Progress, Recall, Summary
    from kg.config import Config
    from kg.errors import Diagnostic
    from kg.metadata import Record

__all__ = ["app", "main"]

app = typer.Typer(
    name="kg",
    help="A folder of Markdown notes becomes a knowledge graph that can be trusted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Defaults come from `kg.toml`. Exit codes: 0 for success, 1 for a negative result, 2 for an error.",
)

_MOST_FINDINGS = 100

StoreOption = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="Where the graph is kept; by default `.kg`.")
]


def main() -> None:
    """Run the command line; errors become one line and exit code 2."""
    try:
        sys.exit(app(prog_name="kg", standalone_mode=False))
    except (KgError, TyperException) as error:
        if str(error):  # without arguments the error is the help, printed already
            print(f"kg: {_told(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _told(error: KgError | TyperException) -> str:
    """The line of an error; a mistake in the arguments is said with where they are explained."""
    if not isinstance(error, TyperException):
        return str(error)
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "kg"
    return f"{error.format_message().rstrip('.')}; see `{command} --help`"


def _version(value: bool) -> None:
    if value:
        typer.echo(f"kg {kg.__version__}")
        raise typer.Exit


@app.callback()
def _app(
    version: Annotated[
        bool, typer.Option("--version", metavar="", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def build(  # noqa: PLR0913
    notes: Annotated[
        Path | None,
        typer.Argument(help="The folder of notes; by default `notes` of kg.toml.", show_default=False),
    ] = None,
    *,
    store: StoreOption = None,
    base_iri: Annotated[
        str | None,
        typer.Option(metavar="IRI", help="What minted IRIs start with; by default `https://kg.example/`."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", metavar="", help="Exit with 1 when there are findings.")] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print the summary as one JSON object.")] = False,
    wait: Annotated[
        bool, typer.Option("--wait", metavar="", help="Wait for another build of this store to end.")
    ] = False,
    infer: Annotated[
        bool | None,
        typer.Option("--infer/--no-infer", metavar="", help="Conclude what follows; by default `infer` of kg.toml."),
    ] = None,
    all_findings: Annotated[
        bool, typer.Option("--all-findings", metavar="", help="List all findings, not the first 100.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", metavar="", help="Stay, and build again whenever a note is saved.")
    ] = False,
) -> None:
    """Build the graph of a folder of notes.

    A build after the first one reads only the notes that changed. Findings are listed as `path:line: code message`.
    The notes are never written to.
    """
    import dataclasses

    from kg import build as builder
    from kg.errors import UsageError
    from kg.iris import check_base

    config = _config(notes)
    folder = notes or config.notes
    if folder is None:
        raise UsageError('which notes? run `kg build NOTES`, or set notes = "…" in kg.toml')
    if base_iri is not None:
        config = dataclasses.replace(config, base_iri=check_base(base_iri))
    console = _console()
    conclude = concluding(config.infer if infer is None else infer)
    with _progress(console) as progress:
        summary = builder.build(
            folder,
            store or config.store,
            config,
            progress=progress,
            recall=_recall(config),
            infer=conclude,
            wait=wait,
        )
    if summary.notice:
        typer.echo(f"kg: {summary.notice}", err=True)
    _print_findings(summary.diagnostics, None if all_findings else _MOST_FINDINGS)
    for contradiction in summary.contradictions:
        typer.echo(contradiction, err=True)
    if as_json:
        typer.echo(_json(summary))
    else:
        _print_summary(console, summary)
    _merge(store or config.store, summary)
    if watch:

        def again() -> "Summary | None":
            try:
                now = _config(notes)  # which may have changed, too
                if base_iri is not None:
                    now = dataclasses.replace(now, base_iri=config.base_iri)
                place = store or config.store
                built = builder.build(folder, place, now, recall=_recall(now), infer=conclude, wait=True)
            except KgError as error:
                typer.echo(f"kg: {error}", err=True)
                return None
            _merge(place, built)
            return built

        builder.prepare(store or config.store)
        _watch(again, folder, summary, as_json=as_json)
    elif summary.contradictions or (strict and summary.diagnostics):
        raise typer.Exit(1)


def _merge(store: Path, built: "Summary") -> None:
    """Have the tables of a store merged in the background when builds will soon have to wait for that."""
    if not any(built.changed.values()):
        return
    from kg import compaction
    from kg.generations import Directory

    with suppress(OSError):  # a build replaced the graph just now, or there is no room for a process
        live = Directory(store).current()
        if live is not None and compaction.is_due(live):
            compaction.start(store)


def _watch(build: "Callable[[], Summary | None]", notes: Path, last: "Summary", *, as_json: bool) -> None:
    """Build after each change and say what changed, until interrupted."""
    with suppress(KeyboardInterrupt):
        _follow(build, notes, last, as_json=as_json)


def _follow(build: "Callable[[], Summary | None]", notes: Path, last: "Summary", *, as_json: bool) -> None:
    from kg.watch import watch

    typer.echo(f"watching {notes}; Ctrl-C ends it", err=True)
    for paths, summary in watch(notes, build):
        _print_findings(sorted(set(summary.diagnostics).difference(last.diagnostics)), None)
        if as_json:
            typer.echo(_json(summary))
        else:
            names = (", ".join(paths[:3]) or "meanwhile") + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
            parts = ", ".join(f"{count} {what}" for what, count in summary.changed.items() if count)
            difference = f"{summary.quads - last.quads:+,} quads, {summary.links - last.links:+,} links"
            typer.echo(f"{names}: {parts}; {difference} in {summary.seconds['total']:.2f} s", err=True)
        last = summary


def _json(summary: "Summary") -> str:
    import json

    return json.dumps(summary.as_dict(), sort_keys=True)


def _print_findings(findings: "Sequence[Diagnostic]", most: int | None) -> None:
    shown = findings[:most]
    for finding in shown:
        typer.echo(str(finding), err=True)
    if len(shown) < len(findings):
        typer.echo(f"… and {len(findings) - len(shown)} more; --all-findings lists them", err=True)


@app.command()
def export(  # noqa: PLR0913 -- each is an option
    target: Annotated[str, typer.Argument(metavar="FILE", help="Where to; `-` is standard output, `.gz` compresses.")],
    *,
    store: StoreOption = None,
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="turtle, jsonld, ntriples, nquads, trig or rdfxml; by default by the suffix."),
    ] = None,
    graph: Annotated[
        list[str] | None, typer.Option(metavar="IRI", help="Only this named graph; may be repeated.")
    ] = None,
    note: Annotated[list[str] | None, typer.Option(metavar="PATH", help="Only this note; may be repeated.")] = None,
    without_text: Annotated[
        bool,
        typer.Option(
            "--without-text", metavar="", help="Leave out the words of the notes (text, highlights, comments)."
        ),
    ] = False,
    bulk: Annotated[
        bool,
        typer.Option(
            "--bulk", metavar="", help="FILE is a folder: compressed shards of all, with scripts for bulk loaders."
        ),
    ] = False,
) -> None:
    """Write the graph to a file that other tools read."""
    from kg import export as exporter
    from kg.errors import UsageError
    from kg.store import open_store

    if bulk:
        if file_format or graph or note or without_text:
            raise UsageError("--bulk writes the whole graph as N-Quads; leave the other options out")
        cli_load.bulk(_store(store), target)
        return
    if file_format is None:
        if target == "-":
            raise UsageError("which format? `kg export - --format turtle`")
        file_format = exporter.format_of(target)
    with open_store(_store(store)) as graphs:
        selected = [*(graph or []), *(exporter.graph_of_note(graphs, path) for path in note or [])]
        selection = exporter.Selection(tuple(selected), not without_text)
        exporter.export(graphs, target, file_format, selection)


app.command()(cli_query.query)
app.add_typer(cli_query.listing)
app.command()(cli_load.load)
app.command()(cli_load.pull)


app.command()(enrich)
app.command()(check)
app.command()(infer)
app.command()(ontology)


def _config(notes: Path | None = None) -> "Config":
    from kg import config

    return config.load(notes=notes)


def _recall(config: "Config") -> "Recall":
    """What was fetched before, for a build that finds the metadata of the last graph damaged."""

    def known(ids: "Iterable[str]") -> "Mapping[str, Record]":
        from kg.enrich import recall
        from kg.enrichment.cache import default_path

        return recall(config.enriching.cache or default_path())(ids)

    return known


def _store(store: Path | None) -> Path:
    return store or _config().store


def _console() -> "Console":
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        console.width = 200
    return console


@contextmanager
def _progress(console: "Console") -> Iterator["Progress | None"]:
    """A progress bar on a terminal, nothing elsewhere."""
    if not console.is_terminal:
        yield None
        return
    import time

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("reading notes"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]}"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None, speed="")
        started = time.perf_counter()

        def progress(done: int, total: int) -> None:
            speed = f"{done / (time.perf_counter() - started):,.0f} notes/s"
            bar.update(task, completed=done, total=total, speed=speed)

        yield progress


def _print_summary(console: "Console", summary: "Summary") -> None:
    from rich.table import Table

    def buckets(parts: dict[str, int]) -> str:
        return " + ".join(f"{count:,} {name}" for name, count in parts.items() if count) or "none"

    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_column(style="dim")
    table.add_row(f"{summary.notes:,}", "notes", "")
    table.add_row(f"{summary.entries:,}", "entries", "")
    table.add_row(f"{summary.tagged:,}", "tagged as resources", f"= {buckets(summary.entries_by_status)}")
    table.add_row(f"{summary.links:,}", "links", f"= {buckets(summary.links_by_status)}")
    table.add_row(f"{summary.unresolved:,}", "notes not written yet", "")
    for name, count in sorted(summary.resources.items(), key=lambda item: -item[1]):
        table.add_row(f"{count:,}", name, "")
    table.add_row(f"{summary.quads:,}", "quads", f"in {summary.seconds['total']:.2f} s")
    found = len(summary.diagnostics)
    table.add_row(f"{found:,}", "finding" if found == 1 else "findings", "")
    console.print(table)
