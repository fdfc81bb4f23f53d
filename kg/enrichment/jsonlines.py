"""Lines of arXiv's public snapshot: one paper a line, as JSON. Bytes in, records out.

The fields are those of https://www.kaggle.com/datasets/Cornell-University/arxiv, of the latest version.
"""

import json
from datetime import datetime
from typing import Any

from kg.enrichment.ids import normalize_id
from kg.enrichment.oai import dublin_core
from kg.enrichment.records import Author, Record, authors_of, is_withdrawn, moment, pdf_url_of
from kg.enrichment.tex import tidy

__all__ = ["LineError", "parse_line"]


class LineError(ValueError):
    """The line is no paper; the message is one sentence."""


def parse_line(line: bytes, *, source_url: str, retrieved: datetime) -> Record:
    """Read one line: an object of the snapshot, or a pair `[id, fields of oai_dc]` of harvested Dublin Core.

    Args:
        line: in UTF-8, with or without the line break.
        source_url: the file it is from; goes into the record.
        retrieved: when, UTC; goes into the record.

    Raises:
        LineError: not JSON, or without an id or a title.
    """
    try:
        read = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LineError(f"not JSON: {error}") from error
    try:
        if isinstance(read, list) and len(read) == 2 and isinstance(read[1], dict):
            fields = {name: _strings(values) for name, values in read[1].items()}
            return dublin_core(normalize_id(_string(read[0])), fields, source_url=source_url, retrieved=retrieved)
        return _record(read if isinstance(read, dict) else {}, source_url, retrieved)
    except ValueError as error:
        raise LineError(f"a line of no paper: {error}") from error


def _record(fields: dict[str, Any], source_url: str, retrieved: datetime) -> Record:
    identifier = normalize_id(_string(fields.get("id")))
    title = tidy(_string(fields.get("title")))
    if not title:
        raise ValueError("without a title")
    versions = [version for version in _list(fields.get("versions")) if isinstance(version, dict)]
    number = _string(versions[-1].get("version")).lstrip("v") if versions else ""
    version = int(number[:4]) if number.isascii() and number.isdigit() else len(versions)
    dates = [moment(_string(version.get("created"))) for version in versions]
    comment, abstract = tidy(_string(fields.get("comments"))), tidy(_string(fields.get("abstract")))
    return Record(
        arxiv_id=identifier.base,
        version=version,
        title=title,
        abstract=abstract,
        authors=tuple(Author(name) for name in _authors(fields)),
        published=dates[0] if dates else None,
        updated=(dates[-1] if dates else None) or moment(_string(fields.get("update_date"))),
        categories=tuple(dict.fromkeys(_string(fields.get("categories")).split())),
        comment=comment,
        journal_ref=tidy(_string(fields.get("journal-ref"))),
        doi=(_string(fields.get("doi")).split() or [""])[0],
        licence=_string(fields.get("license")),
        pdf_url=pdf_url_of(identifier.base, version),
        withdrawn=is_withdrawn(comment, abstract),
        source="arxiv-snapshot",
        source_url=source_url,
        retrieved=retrieved,
    )


def _authors(fields: dict[str, Any]) -> tuple[str, ...]:
    names: list[str] = []
    for parsed in _list(fields.get("authors_parsed")):
        parts = [tidy(part) for part in _strings(parsed)]
        if parts and parts[0]:
            last, given, suffix = (*parts, "", "", "")[:3]
            names.append(" ".join(filter(None, (given, last, suffix))))
    return tuple(names) or authors_of(tidy(_string(fields.get("authors"))))


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _strings(value: object) -> list[str]:
    return [member for member in _list(value) if isinstance(member, str)]
