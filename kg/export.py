"""`kg export`: the graph as a file that other tools read.

Exports are deterministic: the same notes give the same bytes. N-Triples and N-Quads are sorted lines; in the other
formats the parts of a note follow each other as they do in the note.
"""

import gzip
import io
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kg import jsonld
from kg.errors import StoreError, UsageError
from kg.namespaces import FM, RDF
from kg.store import GraphStore, serialize

__all__ = ["FORMATS", "SUFFIXES", "Selection", "export", "format_of", "graph_of_note"]

FORMATS = ("turtle", "jsonld", "ntriples", "nquads", "trig", "rdfxml")
SUFFIXES = {
    ".ttl": "turtle",
    ".jsonld": "jsonld",
    ".json": "jsonld",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".trig": "trig",
    ".rdf": "rdfxml",
    ".xml": "rdfxml",
    ".owl": "rdfxml",
}
_TEXT = tuple(f" <{predicate}> " for predicate in (FM.text, FM.highlight, FM.comment))
_LINE = re.compile(f'(<[^>]*>) <{re.escape(FM.line)}> "([0-9]+)"')
_PLACE = re.compile(
    f"(<[^>]*>) <(?:{'|'.join(map(re.escape, (FM.inEntry, FM.inSection, FM.inProperty)))})> (<[^>]*>) \\."
)
_TYPE = f" <{RDF.type}> "


@dataclass(frozen=True, slots=True)
class Selection:
    """What to export: named graphs by IRI (all when empty), and whether the words of the notes go along."""

    graphs: Collection[str] = ()
    with_text: bool = True


def format_of(name: str) -> str:
    """The format that a file name asks for by its suffix, `.gz` aside.

    Raises:
        UsageError: the suffix is unknown.

    """
    suffix = Path(name.removesuffix(".gz")).suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{name}: no format has the suffix {suffix!r}; use {', '.join(SUFFIXES)} or --format")
    return SUFFIXES[suffix]


def export(store: GraphStore, target: str, file_format: str, selection: Selection | None = None) -> None:
    """Write the graph to a file, or to standard output when `target` is `-`.

    A file appears whole or not at all; a name that ends in `.gz` is compressed.

    Raises:
        UsageError: a selected graph does not exist, or the format is unknown.
        StoreError: the file cannot be written.

    """
    selection = selection or Selection()
    named = file_format.lower()
    file_format = SUFFIXES.get(f".{named}", re.sub(r"[-/]", "", named))  # `ttl`, `JSON-LD` and `n-quads` will do, too
    if file_format not in FORMATS:
        raise UsageError(f"unknown format {named!r}; use one of {', '.join(FORMATS)}")
    graphs = store.graphs()
    if selection.graphs:
        unknown = sorted(set(selection.graphs).difference(graphs))
        if unknown:
            raise UsageError(
                f"no graph <{unknown[0]}> in the store; `kg query 'SELECT DISTINCT ?g {{GRAPH ?g {{}}}}'` lists them"
            )
        graphs = sorted(selection.graphs)
    try:
        with _output(target) as output:
            _write(store, graphs, output, file_format, selection.with_text)
    except BrokenPipeError:  # whoever reads has seen enough, which is no error
        raise
    except OSError as error:
        raise StoreError(f"{target}: {error.strerror or error}") from error


def _write(store: GraphStore, graphs: list[str], output: IO[bytes], file_format: str, with_text: bool) -> None:
    def lines_of(graph: str) -> list[str]:
        lines = store.graph_lines(graph)
        return lines if with_text else [line for line in lines if not any(mark in line for mark in _TEXT)]

    if file_format == "nquads":
        for graph in graphs:
            for line in lines_of(graph):
                output.write(f"{line[:-1]}<{graph}> .\n".encode())
    elif file_format == "trig":
        serialize(
            (f"{line[:-1]}<{graph}> .\n".encode() for graph in graphs for line in in_order(lines_of(graph))),
            "nquads",
            output,
            "trig",
        )
    elif file_format == "ntriples":
        for line in sorted({line for graph in graphs for line in lines_of(graph)}):
            output.write(f"{line}\n".encode())
    else:
        merged = _merged(graphs, lines_of)
        if file_format == "jsonld":
            jsonld.write(merged, output)
        else:
            serialize((f"{line}\n".encode() for line in merged), "ntriples", output, file_format)


def _merged(graphs: Iterable[str], lines_of: Callable[[str], list[str]]) -> Iterator[str]:
    """The triples of several graphs, graph by graph, each triple once."""
    seen: set[str] = set()
    for graph in graphs:
        own = f"<{graph}"
        for line in in_order(lines_of(graph)):
            if not line.startswith(own):  # only what is not of this note itself can be said elsewhere too
                if line in seen:
                    continue
                seen.add(line)
            yield line


def graph_of_note(store: GraphStore, path: str) -> str:
    """The named graph of a note, by its path in the vault with or without `.md`.

    Raises:
        UsageError: there is no such note.

    """
    wanted = path if path.lower().endswith(".md") else f"{path}.md"
    found = store.subjects(FM.path, wanted)
    if not found:
        raise UsageError(f"no note {wanted!r} in the store; give its path inside the folder of notes")
    return found[0]


def in_order(lines: list[str]) -> list[str]:
    """Sort the triples of a graph as a person reads them: by the line of a subject in its note, its type first."""
    text = "\n".join(lines)
    places = {subject: int(line) for subject, line in _LINE.findall(text)}
    for subject, holder in _PLACE.findall(text):
        places.setdefault(subject, places.get(holder, 0))

    def key(line: str) -> tuple[int, str, bool, str]:
        subject = line.partition(" ")[0]
        return places.get(subject, 0), subject, _TYPE not in line[: len(subject) + len(_TYPE)], line

    return sorted(lines, key=key)


@contextmanager
def _output(target: str) -> Iterator[IO[bytes]]:
    if target == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(target)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with fresh.open("wb") as file:
            if path.suffix == ".gz":
                with (
                    gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
                    io.BufferedWriter(packed) as out,
                ):
                    yield out
            else:
                yield file
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
