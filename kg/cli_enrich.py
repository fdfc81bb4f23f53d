"""`kg enrich`."""

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    from kg.config import Config
    from kg.enrich import Options, Progress

__all__ = ["enrich"]


def enrich(  # noqa: PLR0913 - each is an option
    *,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="DIR", help="Where the graph is kept; by default `.kg`.")
    ] = None,
    snapshot: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Read arXiv's public snapshot, or OAI-PMH XML, instead of asking."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", metavar="", help="Ask nobody; use what was fetched before.")
    ] = False,
    refresh: Annotated[
        str | None, typer.Option(metavar="AGE", help="Ask again for what is this old, such as 30d, 12h or 2w.")
    ] = None,
    search: Annotated[
        bool,
        typer.Option("--search", metavar="", help="Look up papers without an arXiv id by title, one request for each."),
    ] = False,
    fallback: Annotated[
        str | None, typer.Option(metavar="datacite", help="Whom to ask when arXiv does not answer.")
    ] = None,
    authors: Annotated[
        str | None,
        typer.Option(
            metavar="shared|per-paper", help="Whether equal full names on two papers are one author; by default shared."
        ),
    ] = None,
    delay: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="Between requests; to arXiv's own hosts never less than 3."),
    ] = None,
    api_url: Annotated[str | None, typer.Option(metavar="URL", help="Whom to ask instead of arXiv.")] = None,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Where answers are kept; by default one file for all your notes."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", metavar="", help="Print the summary as one JSON object.")] = False,
) -> None:
    """Complete the papers of the graph with what arXiv says of them.

    Asks arXiv politely, once for each paper, and keeps every answer: it can be interrupted at any time, and the next
    run asks only for the rest. No other command asks for metadata.
    """
    import dataclasses

    from rich.console import Console

    from kg import config
    from kg import enrich as enricher

    settings = config.load()
    options = options_of(settings)
    changes: dict[str, object] = {
        "snapshot": snapshot,
        "offline": offline or None,
        "refresh": _age(refresh),
        "search": search or None,
        "fallback": _one_of("--fallback", fallback, "datacite") == "datacite" or None,
        "authors": _one_of("--authors", authors, "shared", "per-paper"),
        "delay": delay,
        "api_url": api_url,
        "cache": cache,
    }
    options = dataclasses.replace(options, **{name: value for name, value in changes.items() if value is not None})  # type: ignore[arg-type]
    console = Console(stderr=True, highlight=False)
    try:
        with _bar(console, "bytes" if snapshot is not None else "papers") as (progress, notice):
            result = enricher.enrich(store or settings.store, options, progress=progress, notice=notice)
    except KeyboardInterrupt:
        typer.echo("kg: interrupted; all that was fetched is kept, the next run asks for the rest", err=True)
        raise typer.Exit(130) from None
    if as_json:
        import json

        typer.echo(json.dumps(result.as_dict(), sort_keys=True))
    else:
        for line in result.lines:
            typer.echo(line, err=True)
        typer.echo(f"{result.changed} papers of the graph have new metadata", err=True)
    if result.given_up:
        left = f"{result.failed} papers are left; run again later" if result.failed else "old records are used"
        raise NetworkError(f"{result.given_up}; {left}")
    if result.failed and not options.offline and snapshot is None:
        raise typer.Exit(1)


def options_of(settings: "Config") -> "Options":
    """The options that `kg.toml` asks for."""
    from kg.enrich import Options

    asked = settings.enriching
    options = {
        "contact": asked.contact,
        "delay": asked.delay,
        "cache": asked.cache,
        "api_url": asked.api_url,
        "fallback": asked.fallback == "datacite",
        "fallback_url": asked.fallback_url,
        "authors": asked.authors,
        "decisions": asked.decisions,
    }
    return Options(**{name: value for name, value in options.items() if value is not None})  # type: ignore[arg-type]


def _age(text: str | None) -> object:
    from kg.enrichment.cache import parse_age

    return None if text is None else parse_age(text)


def _one_of(option: str, value: str | None, *known: str) -> str | None:
    from kg.errors import UsageError

    if value is not None and value not in known:
        raise UsageError(f"{option} {value}: it has to be {' or '.join(known)}")
    return value


@contextmanager
def _bar(console: "Console", what: str) -> "Iterator[tuple[Progress, Callable[[str], None]]]":
    """A progress bar on a terminal, and a way to tell something meanwhile; elsewhere only the latter."""
    if not console.is_terminal:
        yield (lambda _done, _total, _left: None), (lambda text: typer.echo(f"kg: {text}", err=True))
        return
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.text import Text

    class Left(ProgressColumn):
        """What the run itself estimates to be left, counted down between its answers."""

        def render(self, task: Task) -> Text:
            left, at = task.fields["left"], task.fields["at"]
            if left is None:
                return Text("")
            return Text(f"about {_duration(max(0.0, left - (time.monotonic() - at)))} left", style="progress.remaining")

    count = DownloadColumn() if what == "bytes" else MofNCompleteColumn()
    words = TextColumn("reading" if what == "bytes" else "asking arXiv")
    with Progress(words, BarColumn(), count, Left(), console=console, transient=True) as bar:
        task = bar.add_task("", total=None, left=None, at=0.0)

        def progress(done: int, total: int, left: float | None) -> None:
            bar.update(task, completed=done, total=total, left=left, at=time.monotonic())

        yield progress, lambda text: bar.console.print(f"kg: {text}", markup=False)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
