"""Records of OAI-PMH, in the formats of arXiv (`arXiv`, `arXivRaw`, `oai_dc`): bytes in, records out.

The formats are listed in https://info.arxiv.org/help/oa/index.html. They differ in what they know: only
`arXivRaw` knows versions, and `oai_dc` has the names of categories but not their codes.
"""

from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

from kg.enrichment.ids import ArxivId, normalize_id
from kg.enrichment.records import Author, Record, authors_of, is_withdrawn, moment, pdf_url_of
from kg.enrichment.safexml import XmlError, read_xml
from kg.enrichment.tex import tidy

__all__ = ["MAX_BYTES", "OaiError", "dublin_core", "parse_record"]

MAX_BYTES = 4_000_000
"""Largest `<record>` that is looked at; the longest lists of authors take a tenth of it."""


class OaiError(ValueError):
    """The bytes are no record of a paper; the message is one sentence."""


def parse_record(raw: bytes, *, source_url: str, retrieved: datetime) -> Record:
    """Read one `<record>` element, namespaces declared or not.

    Args:
        raw: from `<record` to `</record>`, in UTF-8.
        source_url: the file or address it is from; goes into the record.
        retrieved: when, UTC; goes into the record.

    Raises:
        OaiError: not well-formed, without an identifier or metadata, or of a deleted paper.
    """
    try:
        root = read_xml(raw, limit=MAX_BYTES, namespaces=False)
    except XmlError as error:
        raise OaiError(str(error)) from error
    header = root.find("header")
    if header is not None and header.get("status") == "deleted":
        raise OaiError("the paper was deleted")
    metadata = root.find("metadata")
    if metadata is None:
        raise OaiError("a record without metadata")
    inner = next((child for child in metadata if child.tag in {"arXiv", "arXivRaw", "dc"}), metadata)
    try:
        text = _text(inner, "id") or ("" if header is None else _text(header, "identifier"))
        identifier = normalize_id(text)
    except ValueError as error:
        raise OaiError(f"a record of no paper: {error}") from error
    if inner.tag == "arXiv":
        return _arxiv(inner, identifier, source_url, retrieved)
    if inner.tag == "arXivRaw":
        return _arxiv_raw(inner, identifier, source_url, retrieved)
    fields: dict[str, list[str]] = {}
    for child in inner:
        fields.setdefault(child.tag, []).append(child.text or "")
    return dublin_core(identifier, fields, source_url=source_url, retrieved=retrieved)


def dublin_core(identifier: ArxivId, fields: dict[str, list[str]], *, source_url: str, retrieved: datetime) -> Record:
    """Make a record of the fields of `oai_dc`, each a list in order: the first date is the submission.

    Raises:
        OaiError: there is no title.
    """
    title = tidy(" ".join(fields.get("title", ())[:1]))
    if not title:
        raise OaiError("a record without a title")
    comment = abstract = journal_ref = doi = ""
    for description in map(tidy, fields.get("description", ())):
        if description.startswith("Comment:"):
            comment = comment or description.removeprefix("Comment:").strip()
        else:
            abstract = abstract or description
    for other in map(tidy, fields.get("identifier", ())):
        if other.lower().startswith("doi:"):
            doi = doi or other[4:].strip()
        elif "://" not in other:
            journal_ref = journal_ref or other
    dates = list(filter(None, map(moment, fields.get("date", ()))))
    names = (tidy(creator) for creator in fields.get("creator", ()))
    return Record(
        arxiv_id=identifier.base,
        title=title,
        abstract=abstract,
        authors=tuple(Author(_turned(name)) for name in names if name),
        published=min(dates, default=None),
        updated=max(dates, default=None),
        comment=comment,
        journal_ref=journal_ref,
        doi=doi,
        licence=next((right.strip() for right in fields.get("rights", ()) if "://" in right), ""),
        pdf_url=pdf_url_of(identifier.base, 0),
        withdrawn=is_withdrawn(comment, abstract),
        source="oai-pmh",
        source_url=source_url,
        retrieved=retrieved,
    )


def _arxiv(element: Element, identifier: ArxivId, source_url: str, retrieved: datetime) -> Record:
    created = moment(_text(element, "created"))
    updated = moment(_text(element, "updated")) or created
    if created is not None and _later_than_id(created, identifier):
        # For some papers the service gives the date of the latest version: nothing is known of the first.
        created = None
    authors = (_arxiv_author(author) for author in element.iterfind("authors/author"))
    return _common(
        element,
        identifier,
        authors=tuple(author for author in authors if author.name),
        published=created,
        updated=updated,
        version=0,
        withdrawn=False,
        source_url=source_url,
        retrieved=retrieved,
    )


def _arxiv_raw(element: Element, identifier: ArxivId, source_url: str, retrieved: datetime) -> Record:
    versions = element.findall("version") or element.findall("versions/version")
    dates = [moment(_text(version, "date")) for version in versions]
    last = versions[-1] if versions else None
    number = "" if last is None else (last.get("version") or _text(last, "version")).lstrip("v")
    return _common(
        element,
        identifier,
        authors=tuple(Author(name) for name in authors_of(tidy(_text(element, "authors")))),
        published=dates[0] if dates else None,
        updated=dates[-1] if dates else None,
        version=int(number) if number.isascii() and number.isdigit() else len(versions),
        # arXiv empties a withdrawn version: its source is of type I (ignore) and has no size.
        withdrawn=last is not None and _text(last, "source_type") == "I" and _text(last, "size") == "0kb",
        source_url=source_url,
        retrieved=retrieved,
    )


def _common(  # noqa: PLR0913 - what `arXiv` and `arXivRaw` write differently
    element: Element,
    identifier: ArxivId,
    *,
    authors: tuple[Author, ...],
    published: datetime | None,
    updated: datetime | None,
    version: int,
    withdrawn: bool,
    source_url: str,
    retrieved: datetime,
) -> Record:
    title = tidy(_text(element, "title"))
    if not title:
        raise OaiError("a record without a title")
    comment, abstract = tidy(_text(element, "comments")), tidy(_text(element, "abstract"))
    return Record(
        arxiv_id=identifier.base,
        version=version,
        title=title,
        abstract=abstract,
        authors=authors,
        published=published,
        updated=updated,
        categories=tuple(dict.fromkeys(_text(element, "categories").split())),
        comment=comment,
        journal_ref=tidy(_text(element, "journal-ref")),
        doi=(_text(element, "doi").split() or [""])[0],
        licence=_text(element, "license"),
        pdf_url=pdf_url_of(identifier.base, version),
        withdrawn=withdrawn or is_withdrawn(comment, abstract),
        source="oai-pmh",
        source_url=source_url,
        retrieved=retrieved,
    )


def _arxiv_author(element: Element) -> Author:
    parts = (tidy(_text(element, name)) for name in ("forenames", "keyname", "suffix"))
    affiliations = (tidy(found.text or "") for found in element.iterfind("affiliation"))
    return Author(" ".join(filter(None, parts)), tuple(filter(None, affiliations)))


def _turned(name: str) -> str:
    """Turn `van Gogh, Vincent, Jr.` into `Vincent van Gogh Jr.`."""
    last, _, rest = name.partition(", ")
    given, _, suffix = rest.partition(", ")
    return " ".join(filter(None, (given, last, suffix)))


def _later_than_id(created: datetime, identifier: ArxivId) -> bool:
    """Say whether a paper got its identifier before it was submitted, which cannot be."""
    stem = identifier.base.rpartition("/")[2]
    year = 2000 + int(stem[:2]) if stem[:2] < "91" else 1900 + int(stem[:2])
    month = datetime(year, int(stem[2:4]), 1, tzinfo=created.tzinfo)
    return created > month + timedelta(days=33)


def _text(element: Element, name: str) -> str:
    found = element.find(name)
    return "" if found is None else (found.text or "").strip()
