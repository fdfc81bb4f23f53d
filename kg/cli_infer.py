"""`kg infer` and `kg ontology`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kg.build import Infer
    from kg.errors import InconsistentError

__all__ = ["concluding", "infer", "ontology"]


def concluding(engine: str | bool) -> "Infer | None":
    """What a build concludes with: an engine by name, the default one for True, none for False or ""."""
    if not engine:
        return None
    from kg.reasoning.engines import DEFAULT
    from kg.reasoning.infer import after_build

    return after_build(DEFAULT if engine is True else engine)


def infer(
    *,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Where the graph is kept; by default `.kg`.")
    ] = None,
    engine: Annotated[
        str, typer.Option(metavar="reasonable|owlrl", help="Which engine concludes; owlrl is slow and thorough.")
    ] = "reasonable",
    wait: Annotated[bool, typer.Option("--wait", metavar="", help="Wait for a build of this store to end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print the summary as one JSON object.")] = False,
) -> None:
    """Conclude what follows from the notes and the ontologies, by the rules of OWL 2 RL.

    What follows stands in a named graph of its own. A contradiction is reported with the triples that cause it, and
    nothing is written; then the exit code is 1.
    """
    import json
    from dataclasses import asdict

    from kg import config
    from kg.errors import InconsistentError
    from kg.reasoning.infer import infer as conclude

    try:
        found = conclude(store or config.load().store, engine, wait=wait)
    except InconsistentError as error:
        report(error)
        raise typer.Exit(1) from None
    if as_json:
        typer.echo(json.dumps(asdict(found), sort_keys=True))
    else:
        typer.echo(
            f"{found.concluded:,} triples follow from {found.stated:,}, by {found.engine}"
            f" in {found.seconds['total']:.1f} s",
            err=True,
        )


def report(error: "InconsistentError") -> None:
    """Print contradictions with their causes."""
    for contradiction in error.contradictions:
        typer.echo(str(contradiction), err=True)
    typer.echo(f"kg: {error}; nothing was written", err=True)


def ontology(
    *,
    as_page: Annotated[
        bool, typer.Option("--page", metavar="", help="Print the page for people, in Markdown.")
    ] = False,
    with_models: Annotated[
        bool, typer.Option("--models", metavar="", help="Print the facts about models and their concepts instead.")
    ] = False,
) -> None:
    """Print the ontology, in Turtle."""
    from kg import data

    if as_page:
        from kg.ontology_page import page

        typer.echo(page(), nl=False)
        return
    path = data.models() if with_models else data.ontology()
    typer.echo(path.read_text("utf-8"), nl=False)
