"""The bytes that were kept, read again."""

from datetime import datetime

from kg.enrichment.atom import parse_entry
from kg.enrichment.jsonlines import parse_line
from kg.enrichment.oai import parse_record
from kg.enrichment.records import Record, Source

__all__ = ["read_raw"]


def read_raw(raw: bytes, *, source: Source, source_url: str, retrieved: datetime) -> Record:
    """Read a record from the bytes that came with it when it was fetched.

    Raises:
        ValueError: the bytes are not what `source` gives.
    """
    if source == "arxiv-api":
        return parse_entry(raw, source_url=source_url, retrieved=retrieved)
    if source == "datacite":
        from kg.enrichment.datacite import parse_doi  # noqa: PLC0415 - loads an HTTP library, and is rarely needed

        return parse_doi(raw, source_url=source_url, retrieved=retrieved)
    if raw.lstrip()[:1] == b"<":
        return parse_record(raw, source_url=source_url, retrieved=retrieved)
    return parse_line(raw, source_url=source_url, retrieved=retrieved)
