"""`kg check`."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["check"]


def check(
    *,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Where the graph is kept; by default `.kg`.")
    ] = None,
    code: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Only findings of this code; may be repeated.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", metavar="", help="Print the findings as a JSON array of objects.")
    ] = False,
) -> None:
    """List what is odd in the notes, and where they and arXiv disagree.

    Each finding is a line `path:line: code message`; the exit code is 1 when there are any. What arXiv says is known
    of papers that `kg enrich` completed.
    """
    import json

    from kg import checks, config

    found = checks.check(store or config.load().store)
    if code:
        found = [finding for finding in found if finding.code in code]
    if as_json:
        typer.echo(json.dumps([finding._asdict() for finding in found], ensure_ascii=False, indent=1))
    else:
        for finding in found:
            typer.echo(str(finding))
        typer.echo("1 finding" if len(found) == 1 else f"{len(found)} findings", err=True)
    if found:
        raise typer.Exit(1)
