"""What `kg query` does, without the parser of all commands: to import it takes longer than most queries.

`parse` reads the usual arguments by itself; whatever it does not know is left to the full command line.
"""

import io
import os
import re
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from kg.errors import KgError, QueryError, UsageError

if TYPE_CHECKING:
    from kg.config import Config
    from kg.evaluation import Source
    from kg.queries import SavedQuery
    from kg.tables import Look

__all__ = ["SECONDS", "Asked", "answer", "look", "main", "named", "opened", "parse"]

SECONDS = 60.0


@dataclass(slots=True)
class Asked:
    """The arguments of `kg query`."""

    text: str | None = None
    store: Path | None = None
    param: Sequence[str] = ()
    file_format: str | None = None
    limit: int | None = None
    full: bool = False
    ask: bool = False
    explain: bool = False
    show_time: bool = False
    timeout: float = SECONDS
    allow_service: bool = False
    data: Sequence[Path] = ()
    named_graph: Sequence[str] = ()
    base: str | None = None
    endpoint: str | None = None


_FLAGS = {f"--{name}": name for name in ("full", "ask", "explain")}
_FLAGS |= {"--time": "show_time", "--allow-service": "allow_service"}
_VALUES = {"--store": "store", "--format": "file_format", "-f": "file_format", "--limit": "limit"}
_VALUES |= {"--timeout": "timeout", "--base": "base", "--param": "param", "-p": "param"}
_VALUES |= {"--data": "data", "--named-graph": "named_graph"}
_REPEATED = frozenset({"param", "data", "named_graph"})
_PATHS = frozenset({"store", "data"})
_NUMBERS = {"limit": (re.compile(r"[0-9]+"), int), "timeout": (re.compile(r"[0-9]+(?:\.[0-9]+)?"), float)}


def parse(arguments: Sequence[str]) -> Asked | None:
    """Read the arguments of `kg query`; None when they are for the full command line, as help and mistakes are."""
    found: dict[str, Any] = {}
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word in _FLAGS:
            found[_FLAGS[word]] = True
        elif word in _VALUES and rest:
            _keep(found, _VALUES[word], rest.pop(0))
        elif equals and name in _VALUES and name.startswith("--"):
            _keep(found, _VALUES[name], value)
        elif (word == "-" or not word.startswith("-")) and "text" not in found:
            found["text"] = word
        elif word == "--" and len(rest) == 1 and "text" not in found:
            found["text"] = rest.pop()
        else:
            return None
    for name, (form, kind) in _NUMBERS.items():
        if name in found:
            if not form.fullmatch(found[name]):
                return None
            found[name] = kind(found[name])
    return Asked(**found)


def _keep(found: dict[str, Any], name: str, value: str) -> None:
    kept = Path(value) if name in _PATHS else value
    if name in _REPEATED:
        found.setdefault(name, []).append(kept)
    else:
        found[name] = kept


def main(asked: Asked) -> None:
    """Answer and exit; errors become one message and exit code 2."""
    try:
        sys.exit(answer(asked))
    except KgError as error:
        print(f"kg: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def answer(asked: Asked) -> int:
    """Answer a query on standard output.

    Returns:
        The exit code.

    Raises:
        KgError: the arguments do not fit together, or the query is wrong or fails.

    """
    from kg import config, results, sparql

    if asked.file_format is not None and asked.file_format not in results.FORMATS:
        raise UsageError(f"unknown format {asked.file_format!r}; known are {', '.join(results.FORMATS)}")
    settings = config.load()
    if asked.text is None and sys.stdin.isatty() and sys.stdout.isatty():
        from kg import prompt

        options = ["--store", str(asked.store or settings.store), *sys.argv[2:]]
        return prompt.run(options, settings.queries)
    if asked.endpoint is not None and (asked.explain or asked.data or asked.named_graph or asked.allow_service):
        raise UsageError("--explain, --data, --named-graph and --allow-service are not for an --endpoint")
    began = time.perf_counter()
    saved, own_base = named(asked.text or "-", settings)
    text = saved.bound(dict(_pairs(asked.param, "--param")))
    form = sparql.Query.of(text).form
    if asked.ask and form != "ASK":
        raise UsageError("--ask is for ASK queries")
    if asked.limit is not None and form == "SELECT":
        text = sparql.limited(text, asked.limit)
    in_files = bool(asked.data or asked.named_graph)
    base = asked.base or own_base or ("" if in_files else settings.base_iri)
    with _watched(asked.timeout) as output, opened(asked, settings) as source:
        ready = time.perf_counter()
        if asked.explain:
            from kg import queries_explain

            store = None if in_files else asked.store or settings.store
            print(queries_explain.explain(source, store, text, base), end="")
            return 0
        _warn(text, base, source, saved)
        found = source.query(text, base=base, allow_service=asked.allow_service)
        if asked.limit is not None and not isinstance(found, bool) and form != "SELECT":
            found = found.limit(asked.limit)  # type: ignore[union-attr] # rows come from SELECT alone
        chosen = asked.file_format or ("turtle" if form in ("CONSTRUCT", "DESCRIBE") else "table")
        if chosen == "parquet" and sys.stdout.isatty():
            raise UsageError("parquet is not for a terminal; write it to a file: kg query … > answer.parquet")
        count = results.write(found, output, chosen, look(asked.full, settings))
    if asked.show_time:
        done = time.perf_counter()
        rows = "" if count is None else f"{count:,} rows, "
        print(f"{rows}{ready - began:.3f} s to open, {done - ready:.3f} s to answer", file=sys.stderr)
    return 1 if asked.ask and found is False else 0


def look(full: bool, settings: "Config") -> "Look":
    """How tables look on this terminal, or in this pipe."""
    from kg.tables import Look

    if not sys.stdout.isatty():
        return Look(full=full)
    import shutil

    colour = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return Look(shutil.get_terminal_size().columns, full=full, colour=colour, base=settings.base_iri)


def _pairs(values: Sequence[str], option: str) -> Iterator[tuple[str, str]]:
    for value in values:
        name, equals, rest = value.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} {value}: expected {'NAME=VALUE' if option == '--param' else 'IRI=FILE'}")
        yield name, rest


def named(text: str, settings: "Config") -> "tuple[SavedQuery, str]":
    """The query that an argument means, and the IRI of its file."""
    from kg import queries

    if text == "-":
        return queries.read(sys.stdin.buffer.read().decode("utf-8", "replace"), "-"), ""
    found = queries.find(text, settings.queries)
    if found is not None:
        return found, ""
    if "{" not in text and (text.endswith((".rq", ".sparql")) or Path(text).is_file()):
        return queries.read_file(Path(text)), Path(text).resolve().as_uri()
    if not any(mark in text for mark in " \t\n{"):
        from kg.sparql_errors import nearest

        guess = nearest(text, queries.names(settings.queries))
        hint = f"did you mean {guess}?" if guess else "`kg queries` lists them"
        raise QueryError(f"there is no saved query {text!r}; {hint}")
    return queries.read(text, "the query"), ""


@contextmanager
def opened(asked: Asked, settings: "Config") -> "Iterator[Source]":
    """What is asked: the store, files, or a triple store elsewhere."""
    if asked.endpoint is not None:
        from kg import cli_load

        with cli_load.remote_source(asked.endpoint) as remote:
            yield cast("Source", remote)  # it answers what queries ask of one
    elif asked.data or asked.named_graph:
        from kg.evaluation import Source

        graphs = {iri: Path(path) for iri, path in _graphs(asked.named_graph)}
        yield Source.of_files(asked.data, graphs)
    else:
        from kg.store import open_store

        with open_store(asked.store or settings.store) as store:
            yield store.source()


def _graphs(values: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The named graphs of the command line; an IRI may hold `=` itself, so the file begins after the last one."""
    for value in values:
        iri, equals, path = value.rpartition("=")
        if not equals:
            raise UsageError(f"--named-graph {value}: expected IRI=FILE")
        yield iri, path


def _warn(asked: str, base: str, source: "Source", saved: "SavedQuery") -> None:
    """Say on standard error which terms of known vocabularies are nowhere in the graph; refuse unknown `fm:` terms."""
    from kg import terms

    for finding in terms.misspelt(asked, base, source.has_term):
        if finding.certain:
            raise QueryError(finding.message)
        name = f"{saved.path}: " if saved.path else ""
        print(f"kg: warning: {name}{finding.message}", file=sys.stderr)


class _Alarm(threading.Thread):
    """Ends the process when a query takes too long: the engine cannot be interrupted.

    Time in which the reader of our output lets us wait, as a pager does, is not the query's.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(daemon=True)
        self.seconds = seconds
        self.over = threading.Event()
        self.waited = 0.0
        self.writing_since: float | None = None

    def run(self) -> None:
        began = time.monotonic()
        left = self.seconds
        while not self.over.wait(max(left, 0.05)):
            now = time.monotonic()
            since = self.writing_since
            left = self.seconds - (now - began) + self.waited + (now - since if since is not None else 0)
            if left <= 0:
                print(
                    f"kg: the query was stopped after {self.seconds:g} s; narrow it, or give it longer with --timeout",
                    file=sys.stderr,
                    flush=True,
                )
                os._exit(2)


class _Output(io.RawIOBase):
    """Standard output that tells an alarm when it waits for its reader."""

    def __init__(self, alarm: _Alarm | None) -> None:
        self.below = sys.stdout.buffer
        self.alarm = alarm

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 -- any buffer
        alarm = self.alarm
        if alarm is None:
            return self.below.write(data)
        began = alarm.writing_since = time.monotonic()
        try:
            return self.below.write(data)
        finally:
            alarm.writing_since = None
            alarm.waited += time.monotonic() - began


@contextmanager
def _watched(seconds: float) -> Iterator[IO[bytes]]:
    """Stop what takes longer, and give the output to write to."""
    alarm = _Alarm(seconds) if seconds else None
    if alarm is not None:
        alarm.start()
    import signal

    before = signal.signal(signal.SIGINT, signal.SIG_DFL)  # the engine does not hear of Ctrl-C otherwise
    try:
        sys.stdout.flush()
        yield cast("IO[bytes]", _Output(alarm))
        sys.stdout.flush()
    finally:
        signal.signal(signal.SIGINT, before)
        if alarm is not None:
            alarm.over.set()
