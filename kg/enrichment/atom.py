"""The answers of arXiv's API: Atom bytes in, records out; nothing here knows a network.

The format is described in https://info.arxiv.org/help/api/user-manual.html, "Details of Atom Results".
"""

import re
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from kg.enrichment.ids import ArxivId, normalize_id
from kg.enrichment.records import Author, Record, is_withdrawn, moment, pdf_url_of
from kg.enrichment.safexml import Document, XmlError, read_document
from kg.enrichment.tex import tidy

__all__ = ["MAX_BYTES", "Entry", "Feed", "FeedError", "parse_entry", "parse_feed"]

MAX_BYTES = 20_000_000
"""A hundred entries with a thousand authors each stay below this."""

_START_TAG = re.compile(rb"""<([^\s>/]+)(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


class FeedError(ValueError):
    """The bytes are no answer of arXiv's API; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One paper of an answer.

    Attributes:
        record: what it says.
        raw: the bytes it said it with: a feed of this entry alone, which `parse_entry` reads.
    """

    record: Record
    raw: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """A whole answer, checked to be well-formed.

    Attributes:
        total: how many results arXiv says there are.
        entries: the papers, in the order of the answer, duplicates included.
        incomplete: papers whose entry lacks what every entry has, each with what it lacks.
        errors: the sentences of entries that report an error instead of a paper.
    """

    total: int
    entries: tuple[Entry, ...] = ()
    incomplete: tuple[tuple[ArxivId, str], ...] = ()
    errors: tuple[str, ...] = ()

    @property
    def given(self) -> int:
        """How many entries there are, of whatever kind."""
        return len(self.entries) + len(self.incomplete) + len(self.errors)


def parse_feed(data: bytes, *, source_url: str, retrieved: datetime, limit: int = MAX_BYTES) -> Feed:
    """Read an answer of arXiv's API.

    Args:
        data: the body, decompressed.
        source_url: the address that gave it; goes into the records.
        retrieved: when, UTC; goes into the records.
        limit: largest body that is looked at, in bytes.

    Raises:
        FeedError: not well-formed, dangerous, too large, not Atom, without a total, or with an entry of
            no paper.
    """
    document = _document(data, limit)
    root = document.root
    total = _text(root, f"{_OPENSEARCH}totalResults")
    if not (total.isascii() and total.isdigit()):
        raise FeedError("an Atom feed that does not say how many results there are")
    head, tail = _frame(data, document.start)
    entries: list[Entry] = []
    incomplete: list[tuple[ArxivId, str]] = []
    errors: list[str] = []
    for element, (start, end) in zip(root.iterfind(f"{_ATOM}entry"), document.spans, strict=False):
        address = _text(element, f"{_ATOM}id")
        if "/api/errors" in address or (not address and _text(element, f"{_ATOM}title") == "Error"):
            errors.append(_text(element, f"{_ATOM}summary") or "an error without a message")
            continue
        try:
            identifier = normalize_id(address)
        except ValueError as error:
            raise FeedError(f"an entry of no paper: {error}") from error
        record = _record(element, identifier, source_url, retrieved)
        lacking = _lacking(record)
        if lacking:
            incomplete.append((identifier, lacking))
        else:
            entries.append(Entry(record, head + data[start:end] + tail))
    return Feed(int(total), tuple(entries), tuple(incomplete), tuple(errors))


def parse_entry(raw: bytes, *, source_url: str, retrieved: datetime) -> Record:
    """Read `Entry.raw` again, as it was kept.

    Raises:
        FeedError: the bytes are no feed of one entry of one paper.
    """
    entry = _document(raw, MAX_BYTES).root.find(f"{_ATOM}entry")
    if entry is None:
        raise FeedError("an Atom feed without an entry")
    try:
        identifier = normalize_id(_text(entry, f"{_ATOM}id"))
    except ValueError as error:
        raise FeedError(f"an entry of no paper: {error}") from error
    return _record(entry, identifier, source_url, retrieved)


def _frame(data: bytes, start: int) -> tuple[bytes, bytes]:
    """Give an answer up to the end of its root's start tag, which has the namespaces, and its end tag."""
    tag = _START_TAG.match(data, start)
    return (data[: tag.end()], b"</" + tag[1] + b">") if tag else (b"", b"")


def _document(data: bytes, limit: int) -> Document:
    try:
        document = read_document(data, f"{_ATOM}entry", limit=limit)
    except XmlError as error:
        raise FeedError(str(error)) from error
    if document.root.tag != f"{_ATOM}feed":
        raise FeedError(f"XML, but no Atom feed: its root is <{document.root.tag.rpartition('}')[2]}>")
    return document


def _record(entry: Element, identifier: ArxivId, source_url: str, retrieved: datetime) -> Record:
    comment = tidy(_text(entry, f"{_ARXIV}comment"))
    abstract = tidy(_text(entry, f"{_ATOM}summary"))
    return Record(
        arxiv_id=identifier.base,
        version=identifier.version,
        title=tidy(_text(entry, f"{_ATOM}title")),
        abstract=abstract,
        authors=tuple(filter(lambda author: author.name, map(_author, entry.iterfind(f"{_ATOM}author")))),
        published=moment(_text(entry, f"{_ATOM}published")),
        updated=moment(_text(entry, f"{_ATOM}updated")),
        categories=_categories(entry),
        comment=comment,
        journal_ref=tidy(_text(entry, f"{_ARXIV}journal_ref")),
        # Some papers state several, blank between them; the first is the article itself.
        doi=(_text(entry, f"{_ARXIV}doi").split() or [""])[0],
        pdf_url=_pdf(entry) or pdf_url_of(identifier.base, identifier.version),
        withdrawn=is_withdrawn(comment, abstract),
        source="arxiv-api",
        source_url=source_url,
        retrieved=retrieved,
    )


def _author(element: Element) -> Author:
    affiliations = (tidy(found.text or "") for found in element.iterfind(f"{_ARXIV}affiliation"))
    return Author(tidy(_text(element, f"{_ATOM}name")), tuple(filter(None, affiliations)))


def _categories(entry: Element) -> tuple[str, ...]:
    primary = entry.find(f"{_ARXIV}primary_category")
    codes = [] if primary is None else [primary.get("term", "")]
    codes += [category.get("term", "") for category in entry.iterfind(f"{_ATOM}category")]
    # MSC and ACM classes come as categories too, with blanks, commas or digits that no code of arXiv has.
    return tuple(dict.fromkeys(code for code in codes if code and code.replace("-", "").replace(".", "").isalpha()))


def _pdf(entry: Element) -> str:
    for link in entry.iterfind(f"{_ATOM}link"):
        if link.get("title") == "pdf" or link.get("type") == "application/pdf":
            return link.get("href", "")
    return ""


def _lacking(record: Record) -> str:
    for name, value in (
        ("<published>", record.published),
        ("<updated>", record.updated),
        ("<title>", record.title),
        ("<author>", record.authors),
    ):
        if not value:
            return f"its entry has no {name}"
    if not record.version:
        return "its entry does not say which version it is"
    return ""


def _text(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else (found.text or "").strip()
