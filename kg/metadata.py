"""One paper as a source of bibliographic metadata states it: the value that is fetched, kept and put into the graph.

Readers of fetched data (`kg.enrichment`) make records; the state of a build keeps them as JSON.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

__all__ = ["Author", "Record", "Source", "from_json", "to_json"]

Source = Literal["arxiv-api", "arxiv-snapshot", "oai-pmh", "datacite"]


@dataclass(frozen=True, slots=True)
class Author:
    """An author as the source names them.

    Attributes:
        name: given names first, such as `Petar Veličković`.
        affiliations: as stated, most often none.
    """

    name: str
    affiliations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What one source says about one version of one paper. What a source does not say is empty, 0 or None.

    Attributes:
        arxiv_id: without version.
        version: 1-based; 0 when the source does not say (OAI-PMH `arXiv` and `oai_dc`).
        title: on one line, TeX outside of mathematics resolved; as are abstract, names, comment and
            journal_ref.
        abstract: see title.
        authors: in the source's order.
        published: when version 1 was submitted, UTC.
        updated: when this version was submitted, UTC.
        categories: arXiv's codes, the primary one first.
        comment: the authors' comment.
        journal_ref: where it was published, as the authors state it.
        doi: of the publication in a journal, never arXiv's own.
        licence: IRI of the licence.
        pdf_url: where the PDF is.
        withdrawn: the source says that the paper was withdrawn; see `kg.enrichment.records.is_withdrawn`.
        source: who said all this.
        source_url: the address that was asked, or the file that was read.
        retrieved: when, UTC.
    """

    arxiv_id: str
    version: int = 0
    title: str
    abstract: str = ""
    authors: tuple[Author, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    categories: tuple[str, ...] = ()
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    licence: str = ""
    pdf_url: str = ""
    withdrawn: bool = False
    source: Source
    source_url: str
    retrieved: datetime


_TIMES = ("published", "updated", "retrieved")


def to_json(record: Record) -> str:
    """Write a record as JSON, the same text for the same record; `from_json` reads it."""
    values = {name: value for name, value in asdict(record).items() if value}
    for name in _TIMES:
        if name in values:
            values[name] = values[name].isoformat()
    values["authors"] = [[author.name, *author.affiliations] for author in record.authors]
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str) -> Record:
    """Read what `to_json` wrote."""
    values: dict[str, Any] = json.loads(text)
    for name in _TIMES:
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    values["authors"] = tuple(Author(name, tuple(affiliations)) for name, *affiliations in values["authors"])
    values["categories"] = tuple(values.get("categories", ()))
    return Record(**values)
