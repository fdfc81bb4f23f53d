"""JSON-LD 1.1, compacted with the shipped context, written as it streams.

Follows JSON-LD 1.1 Processing Algorithms, 6 (compaction), for what this graph can hold: IRIs and literals in merged
triples. One object a subject; triples of a subject must follow each other.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from kg import data
from kg.namespaces import RDF, XSD

__all__ = ["write"]

_TRIPLE = re.compile(
    r"(?:<[^>]*>|_:\S+) <([^>]*)> (?:<([^>]*)>|(_:\S+)|(\"(?:[^\"\\]|\\.)*\")(?:\^\^<([^>]*)>|@([A-Za-z0-9-]+))?) \.\Z",
    re.DOTALL,
)
_STRING = XSD.string


class _Context:
    """The terms of a context, by the IRI and the type or container that they stand for."""

    def __init__(self, path: Path) -> None:
        self.document = json.loads(path.read_text("utf-8"))
        definitions: dict[str, Any] = self.document["@context"]
        self.prefixes = {k: v for k, v in definitions.items() if isinstance(v, str) and v.endswith(("#", "/"))}
        self.keywords = {v: k for k, v in definitions.items() if v in ("@id", "@type")}
        self.terms: dict[tuple[str, str], str] = {}
        self.sets: set[str] = set()
        for term, definition in definitions.items():
            if term.startswith("@") or term in self.prefixes or definition in ("@id", "@type"):
                continue
            entry = definition if isinstance(definition, dict) else {"@id": definition}
            kind = entry.get("@type", "")
            self.terms[self.expand(entry["@id"]), kind if kind.startswith("@") else self.expand(kind)] = term
            if entry.get("@container") == "@set":
                self.sets.add(term)

    def expand(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return self.prefixes[prefix] + rest if colon and prefix in self.prefixes else name

    def shorten(self, iri: str) -> str:
        """An IRI in the place of a term: a term of the context, a compact IRI, or the IRI itself."""
        term = self.terms.get((iri, "")) or self.terms.get((iri, "@id"))
        if term is not None:
            return term
        for prefix, namespace in self.prefixes.items():
            if iri.startswith(namespace) and "/" not in (rest := iri[len(namespace) :]):
                return f"{prefix}:{rest}"
        return iri


@cache
def _context() -> _Context:
    return _Context(data.context())


def write(lines: Iterable[str], output: IO[bytes]) -> None:
    """Write N-Triples lines (without line ends, grouped by subject) as one JSON-LD document."""
    context = _context()
    head = json.dumps(context.document["@context"], ensure_ascii=False, indent=2).replace("\n", "\n  ")
    output.write(f'{{\n  "@context": {head},\n  "@graph": ['.encode())
    separator = "\n"
    for subject, group in groupby(lines, key=lambda line: line.partition(" ")[0]):
        node = _node(subject.strip("<>"), group, context)
        text = json.dumps(node, ensure_ascii=False, indent=2).replace("\n", "\n    ")
        output.write(f"{separator}    {text}".encode())
        separator = ",\n"
    output.write(b"\n  ]\n}\n")


def _node(subject: str, lines: Iterable[str], context: _Context) -> dict[str, Any]:
    node: dict[str, list[Any]] = {}
    kind = context.keywords.get("@type", "@type")
    for line in lines:
        match = _TRIPLE.match(line)
        if match is None:
            raise ValueError(f"not an N-Triples line: {line!r}")
        predicate, iri, blank, quoted, datatype, language = match.groups()
        if predicate == RDF.type and iri is not None:
            node.setdefault(kind, []).append(context.shorten(iri))
        elif iri is not None or blank is not None:
            term, value = _reference(predicate, iri or blank, context)
            node.setdefault(term, []).append(value)
        else:
            term, value = _literal(predicate, _unquote(quoted), datatype or _STRING, language, context)
            node.setdefault(term, []).append(value)
    compact = {term: values if len(values) > 1 or term in context.sets else values[0] for term, values in node.items()}
    return {context.keywords.get("@id", "@id"): subject, **compact}


def _reference(predicate: str, iri: str, context: _Context) -> tuple[str, Any]:
    term = context.terms.get((predicate, "@id"))
    if term is not None:
        return term, iri
    return _name(predicate, context), {context.keywords.get("@id", "@id"): iri}


def _literal(predicate: str, text: str, datatype: str, language: str | None, context: _Context) -> tuple[str, Any]:
    if language is not None:
        return _name(predicate, context), {"@value": text, "@language": language}
    native: str | int | bool = text
    if datatype == XSD.integer and re.fullmatch(r"0|-?[1-9][0-9]{0,14}", text):
        native = int(text)
    elif datatype == XSD.boolean and text in ("true", "false"):
        native = text == "true"
    coerced = context.terms.get((predicate, datatype))
    if coerced is not None:
        return coerced, native
    plain = context.terms.get((predicate, ""))
    if datatype == _STRING or native is not text:
        if plain is not None or (predicate, "@id") not in context.terms:
            return plain or context.shorten(predicate), native
        return _name(predicate, context), native
    return _name(predicate, context), {"@value": text, "@type": context.shorten(datatype)}


def _name(predicate: str, context: _Context) -> str:
    """A term without coercion for a predicate, else its compact IRI."""
    term = context.terms.get((predicate, ""))
    if term is not None:
        return term
    for prefix, namespace in context.prefixes.items():
        if predicate.startswith(namespace):
            return f"{prefix}:{predicate[len(namespace) :]}"
    return predicate


def _unquote(quoted: str) -> str:
    r"""The text of an N-Triples literal; canonical N-Triples escapes as JSON does, but for `\\U` and `\\'`."""
    if "\\" not in quoted and "\x7f" not in quoted:
        return quoted[1:-1]
    text = re.sub(r"\\U([0-9A-Fa-f]{8})", lambda m: chr(int(m[1], 16)), quoted) if "\\U" in quoted else quoted
    return str(json.loads(text, strict=False))
