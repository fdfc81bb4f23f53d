"""Answers written as a table, as W3C's result formats, as RDF, and in what spreadsheets and notebooks read.

csv, tsv, json and xml follow SPARQL 1.1 Query Results CSV and TSV Formats, Query Results JSON Format, and SPARQL Query
Results XML Format (Second Edition). Of a CONSTRUCT or DESCRIBE, json is JSON-LD and xml is RDF/XML. Everything is
written as it is found; only a table holds its first rows back.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import chain
from typing import IO

from kg import tables
from kg.errors import UsageError
from kg.evaluation import RESULT_FORMATS, Answer, Rows, Term, Triples, write_truth
from kg.namespaces import RDF, XSD
from kg.sparql import literal_term

__all__ = ["FORMATS", "write"]

FORMATS = (
    "table",
    "markdown",
    "csv",
    "tsv",
    "json",
    "xml",
    "html",
    "ntriples",
    "turtle",
    "jsonld",
    "parquet",
)
_RDF = {"turtle": "turtle", "ntriples": "ntriples", "xml": "rdfxml", "json": "jsonld", "jsonld": "jsonld"}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Answer</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 2rem }
table { border-collapse: collapse }
th, td { text-align: left; vertical-align: top; padding: .3em .8em; border-bottom: 1px solid #ccc }
</style>
</head>
<body>
"""


def write(answer: Answer, output: IO[bytes], file_format: str, look: tables.Look | None = None) -> int | None:
    """Write an answer.

    Args:
        answer: what a query gave.
        output: where the bytes go.
        file_format: one of `FORMATS`.
        look: how a table looks.

    Returns:
        How many rows there were, when they were counted.

    Raises:
        UsageError: the format is not one for this kind of answer.
        QueryError: the query fails on the way.

    """
    if isinstance(answer, bool):
        _write_truth(answer, output, file_format)
    elif isinstance(answer, Triples) and file_format in _RDF:
        _write_triples(answer, output, _RDF[file_format])
    elif isinstance(answer, Rows) and file_format in RESULT_FORMATS:
        answer.write(output, file_format)
        output.write(b"\n" if file_format in ("json", "xml") else b"")
    elif isinstance(answer, Rows) and file_format in _RDF:
        raise UsageError(f"{file_format} is a format for CONSTRUCT and DESCRIBE; this query gives rows")
    else:
        variables = answer.variables if isinstance(answer, Rows) else ["subject", "predicate", "object"]
        return _write_rows(variables, answer, output, file_format, look)
    return None


def _write_rows(
    variables: Sequence[str],
    rows: Iterable[Sequence[Term | None]],
    output: IO[bytes],
    file_format: str,
    look: tables.Look | None,
) -> int | None:
    if file_format == "parquet":
        from kg import results_parquet  # noqa: PLC0415 -- pyarrow is optional and slow to import

        return results_parquet.write(variables, rows, output)
    text = io.TextIOWrapper(output, encoding="utf-8", errors="replace", newline="", write_through=False)
    try:
        match file_format:
            case "table":
                return tables.show(variables, rows, text, look)
            case "markdown":
                lines = _markdown(variables, rows)
            case "html":
                lines = chain([_PAGE], _html_table(variables, rows), ["</body>\n</html>\n"])
            case "csv":
                lines = _separated(variables, rows, ",", "\r\n")
            case "tsv":
                lines = _separated([f"?{name}" for name in variables], rows, "\t", "\n")
            case _:
                raise UsageError(f"unknown format {file_format!r}; known are {', '.join(FORMATS)}")
        text.writelines(lines)
    finally:
        text.detach()  # gives the bytes on to the file below, which stays open
    return None


def _write_truth(value: bool, output: IO[bytes], file_format: str) -> None:
    word = "true" if value else "false"
    match file_format:
        case "table" | "markdown":
            output.write(f"{word}\n".encode())
        case "html":
            output.write(f"{_PAGE}<p>{word}</p>\n</body>\n</html>\n".encode())
        case "csv" | "tsv" | "json" | "xml":
            write_truth(value, output, file_format)
            output.write(b"\n")
        case _:
            raise UsageError(f"{file_format} is no format for the answer of an ASK")


def _write_triples(answer: Triples, output: IO[bytes], target: str) -> None:
    if target == "jsonld":
        from kg import jsonld  # noqa: PLC0415 -- reads the context

        jsonld.write(answer.lines(), output)
    else:
        answer.write(output, target)


def _markdown(variables: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> Iterator[str]:
    """The lines of a table of GitHub Flavored Markdown, 4.10."""
    yield _markdown_line(map(_markdown_text, variables))
    yield _markdown_line("---" for _ in variables)
    for row in rows:
        yield _markdown_line(map(_markdown_cell, row))


def _markdown_line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _markdown_cell(term: Term | None) -> str:
    text = _markdown_text(tables.term_text(term))
    if term is not None and term.kind == "iri" and term.value.startswith(("http://", "https://")):
        return f"[{text}](<{term.value.replace('|', '%7C')}>)"
    return text


def _markdown_text(text: str) -> str:
    text = re.sub(r"([\\`*_\[\]<>|#~$&])", r"\\\1", text)
    return re.sub(r"\r\n?|\n", "<br>", text)


def _html_table(variables: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> Iterator[str]:
    heads = "".join(f"<th>{escape(name)}</th>" for name in variables)
    yield f"<table>\n<thead>\n<tr>{heads}</tr>\n</thead>\n<tbody>\n"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{_html_cell(term)}</td>' for term in row)}</tr>\n"
    yield "</tbody>\n</table>\n"


def _html_cell(term: Term | None) -> str:
    text = escape(tables.term_text(term))
    if term is None or term.kind != "iri" or not term.value.startswith(("http://", "https://")):
        return text
    return f'<a href="{escape(term.value)}">{text}</a>'


def _separated(
    variables: Sequence[str], rows: Iterable[Sequence[Term | None]], separator: str, end: str
) -> Iterator[str]:
    """Triples in the manner of SPARQL 1.1 Query Results CSV and TSV Formats."""
    yield separator.join(variables) + end
    for row in rows:
        yield separator.join(map(_csv_cell if separator == "," else _tsv_cell, row)) + end


def _csv_cell(term: Term | None) -> str:
    text = "" if term is None else f"_:{term.value}" if term.kind == "blank" else term.value
    return '"' + text.replace('"', '""') + '"' if re.search('[",\r\n]', text) else text


def _tsv_cell(term: Term | None) -> str:
    match term:
        case None:
            return ""
        case Term("iri", value):
            return f"<{value}>"
        case Term("blank", value):
            return f"_:{value}"
        case Term("literal", value, datatype, language):
            return literal_term(value, "" if datatype in (XSD.string, RDF.langString) else datatype, language)
        case _:
            return term.value
