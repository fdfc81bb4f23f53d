"""`kg query` and `kg queries`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from kg.cli_ask import SECONDS, Asked, answer, look, named, opened

__all__ = ["listing", "query"]

StoreOption = Annotated[
    Path | None, typer.Option("--store", metavar="DIR", help="Where the graph is kept; by default `.kg`.")
]
_ParamOption = Annotated[
    list[str] | None, typer.Option("--param", "-p", metavar="NAME=VALUE", help="A parameter of the query; repeatable.")
]


def query(  # noqa: PLR0913 -- each is an option
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="QUERY",
            help="The name of a saved query, a .rq file, `-` for standard input, or SPARQL; without it, a prompt.",
            show_default=False,
        ),
    ] = None,
    *,
    store: StoreOption = None,
    param: _ParamOption = None,
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="table, markdown, csv, tsv, json, xml, html, ntriples, turtle, jsonld or parquet; "
            "by default a table, and Turtle for CONSTRUCT and DESCRIBE.",
        ),
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=0, help="At most this many rows or triples.")] = None,
    full: Annotated[bool, typer.Option("--full", metavar="", help="A table with every value whole.")] = False,
    ask: Annotated[
        bool, typer.Option("--ask", metavar="", help="Exit with 1 when the answer of an ASK is false.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", metavar="", help="Print the engine's plan, with times, instead of the answer.")
    ] = False,
    show_time: Annotated[bool, typer.Option("--time", metavar="", help="Tell how long it took.")] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Stop a query that takes longer; 0 is never.")
    ] = SECONDS,
    allow_service: Annotated[
        bool, typer.Option("--allow-service", metavar="", help="Let SERVICE and FROM ask the network.")
    ] = False,
    data: Annotated[
        list[Path] | None,
        typer.Option("--data", metavar="FILE", help="Ask this RDF file instead of the store; repeatable."),
    ] = None,
    named_graph: Annotated[
        list[str] | None,
        typer.Option("--named-graph", metavar="IRI=FILE", help="An RDF file as a named graph; repeatable."),
    ] = None,
    base: Annotated[
        str | None, typer.Option(metavar="IRI", help="What relative IRIs of the query are resolved against.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(metavar="URL", help="Ask this triple store, as `kg load` reaches it.")
    ] = None,
) -> None:
    """Ask the graph a question: a saved query, or SPARQL 1.1.

    The usual prefixes are declared. The graph is only read.
    """
    asked = Asked(
        text=text,
        store=store,
        param=param or (),
        file_format=file_format,
        limit=limit,
        full=full,
        ask=ask,
        explain=explain,
        show_time=show_time,
        timeout=timeout,
        allow_service=allow_service,
        data=data or (),
        named_graph=named_graph or (),
        base=base,
        endpoint=endpoint,
    )
    raise typer.Exit(answer(asked))


listing = typer.Typer(
    name="queries",
    help="List, show and check the saved queries.",
    invoke_without_command=True,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@listing.callback()
def _list(context: typer.Context) -> None:
    if context.invoked_subcommand is not None:
        return
    from kg import config, queries, tables
    from kg.evaluation import Term

    settings = config.load()
    rows = []
    for path in queries.names(settings.queries).values():
        saved = queries.read_file(path)
        given = " ".join(p.name if p.required else f"[{p.name}]" for p in saved.parameters)
        rows.append([Term("literal", saved.name), Term("literal", given), Term("literal", saved.summary)])
    tables.show(["query", "parameters", "summary"], rows, sys.stdout, look(False, settings))


@listing.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME", help="The name of a saved query.")]) -> None:
    """Print a saved query with its parameters and an example call."""
    from kg import config

    saved, _ = named(name, config.load())
    lines = [saved.name, saved.usage()]
    if saved.description:
        lines.insert(1, "\n".join(f"  {line}" for line in saved.description.splitlines()))
    typer.echo("\n".join(lines), err=True)
    typer.echo(saved.text, nl=not saved.text.endswith("\n"))


@listing.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Saved queries or files; by default all.")
    ] = None,
    *,
    store: StoreOption = None,
) -> None:
    """Parse the saved queries, check the terms that they use, and run their examples.

    Findings are listed as `file:line: code message`.
    """
    from kg import config, queries_check

    settings = config.load()
    with opened(Asked(store=store), settings) as source:
        count, findings = queries_check.check(names or (), settings.queries, source)
    for finding in findings:
        typer.echo(str(finding))
    typer.echo(f"{count} queries, {len(findings)} findings", err=True)
    if findings:
        raise typer.Exit(1)
