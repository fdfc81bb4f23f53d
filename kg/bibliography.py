"""From metadata to quads: what a source says of a paper, in the graph of arXiv's statements.

The part of a paper consists of its own lines and of lines that other papers may share: those about an author, a
publication or a source. Pure: a record in, N-Quads lines out.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from kg.iris import Iris, web
from kg.iris import version as version_iri
from kg.metadata import Record
from kg.namespaces import (
    ARXIV_IRI,
    BIBO,
    DCTERMS,
    FABIO,
    FM,
    FOAF,
    PRISM,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    XSD,
)
from kg.ntriples import integer, iri, literal
from kg.publishers import doi_iri, doi_name

__all__ = ["Part", "arxiv_page", "author_iris", "part_of"]

_A = iri(RDF.type)
_SOURCES = {"datacite": ("https://datacite.org/", "DataCite")}
_ARXIV = ("https://arxiv.org/", "arXiv")


@dataclass(frozen=True, slots=True)
class Part:
    """What the graph says of one paper on the authority of a source.

    Attributes:
        own: N-Quads lines about the paper and what belongs to it alone, each with its line end.
        shared: lines that the parts of other papers may hold, too.
    """

    own: tuple[str, ...]
    shared: tuple[str, ...]


def arxiv_page(record: Record) -> str:
    """The IRI of a paper of arXiv: that of its page, without a version."""
    return f"https://arxiv.org/abs/{record.arxiv_id}"


def author_iris(resource: str, record: Record, iris: Iris, *, per_paper: bool) -> list[str]:
    """The IRIs of the authors of a resource, in order.

    Authors of the same full name are one for all resources, unless `per_paper`; only where one paper has two of a
    name are these surely two, and no others.
    """
    counts = Counter(author.name for author in record.authors)
    seen: Counter[str] = Counter()
    found: list[str] = []
    for author in record.authors:
        seen[author.name] += 1
        if counts[author.name] == 1 and not per_paper:
            found.append(iris.person(author.name))
        else:
            number = seen[author.name]
            found.append(iris.author(resource, author.name) + (f"~{number}" if number > 1 else ""))
    return found


def part_of(resource: str, record: Record, iris: Iris, *, per_paper: bool = False) -> Part:
    """The part of a resource in the graph of arXiv's statements.

    Args:
        resource: the IRI that notes have for the paper: its page on arXiv, or another one that was found to be it.
        record: what is known of it.
        iris: the mint to use.
        per_paper: see `author_iris`.
    """
    writer = _Writer(resource, record, iris, author_iris(resource, record, iris, per_paper=per_paper))
    tail = f" <{iris.arxiv_graph}> .\n"
    own = [f"<{subject}> <{predicate}> {value}{tail}" for subject, predicate, value in writer.own()]
    shared = [f"<{subject}> <{predicate}> {value}{tail}" for subject, predicate, value in writer.shared()]
    return Part(tuple(dict.fromkeys(own)), tuple(dict.fromkeys(shared)))


_Triples = Iterator[tuple[str, str, str]]


class _Writer:
    """Writes triples as subject, predicate and object, the latter a term."""

    def __init__(self, resource: str, record: Record, iris: Iris, authors: list[str]) -> None:
        self.resource = resource
        self.record = record
        self.iris = iris
        self.authors = authors
        self.is_preprint = resource == arxiv_page(record)
        self.doi = doi_name(record.doi.rpartition("doi.org/")[2].strip().partition(" ")[0]) or ""
        self.publication = doi_iri(self.doi) if self.doi else ""

    def own(self) -> _Triples:
        for predicate, value in self.statements():
            yield self.resource, predicate, value
        yield from self.author_list()
        if self.is_preprint:
            yield from self.versions()
        pdf = web(self.record.pdf_url)
        if pdf:
            yield pdf, DCTERMS.format, literal("application/pdf")
        yield from self.provenance()

    def statements(self) -> Iterator[tuple[str, str]]:
        """What is said of the paper itself."""
        record = self.record
        yield DCTERMS.title, literal(record.title)
        for predicate, text in (
            (DCTERMS.abstract, record.abstract),
            (RDFS.comment, record.comment),
            (DCTERMS.bibliographicCitation, record.journal_ref),
            (FABIO.hasArXivId, record.arxiv_id),
            (SCHEMA.creativeWorkStatus, "withdrawn" if record.withdrawn else ""),
        ):
            if text:
                yield predicate, literal(text)
        for predicate, when in ((DCTERMS.issued, record.published), (DCTERMS.modified, record.updated)):
            if when is not None:
                yield predicate, _time(when)
        for predicate, target in (
            (DCTERMS.license, web(record.licence)),
            (DCTERMS.hasFormat, web(record.pdf_url)),
            (FM.publishedAs, self.publication if self.publication != self.resource else ""),
        ):
            if target:
                yield predicate, iri(target)
        yield from ((DCTERMS.creator, iri(author)) for author in self.authors)
        yield from self.subjects()
        if not self.is_preprint:
            yield DCTERMS.hasVersion, iri(arxiv_page(record))
            return
        yield FM.doi, literal(f"10.48550/arxiv.{record.arxiv_id}".lower())
        if record.version:
            yield FM.latestVersion, integer(record.version)

    def subjects(self) -> Iterator[tuple[str, str]]:
        """Its categories."""
        for number, code in enumerate(self.record.categories):
            category = web(f"{ARXIV_IRI}#{code}")
            yield DCTERMS.subject, iri(category)
            if not number:
                yield FM.primaryCategory, iri(category)

    def author_list(self) -> _Triples:
        places = [self.iris.author_place(self.resource, number) for number in range(1, len(self.authors) + 1)]
        if places:
            yield self.resource, BIBO.authorList, iri(places[0])
        for place, author, rest in zip(places, self.authors, [*places[1:], RDF.nil], strict=False):
            yield place, RDF.first, iri(author)
            yield place, RDF.rest, iri(rest)

    def versions(self) -> _Triples:
        """The versions of which something is known: the first and the latest."""
        record = self.record
        dates: dict[int, datetime | None] = {1: record.published} if record.published is not None else {}
        if record.version:
            dates[record.version] = record.updated or dates.get(record.version)
        for number, when in dates.items():
            version = version_iri(arxiv_page(record), number)
            yield self.resource, DCTERMS.hasVersion, iri(version)
            yield version, RDF.type, iri(FABIO.Preprint)
            yield version, DCTERMS.isVersionOf, iri(self.resource)
            yield version, SCHEMA.version, integer(number)
            if when is not None:
                yield version, DCTERMS.issued, _time(when)

    def provenance(self) -> _Triples:
        """Where all this is from, and since when it is known."""
        record = self.record
        node = self.iris.metadata(self.resource)
        yield node, RDF.type, iri(PROV.Entity)
        yield node, FOAF.primaryTopic, iri(self.resource)
        address = record.source_url
        if record.source == "arxiv-api":
            address += f"{'&' if '?' in address else '?'}id_list={record.arxiv_id}"
        if web(address):
            yield node, PROV.hadPrimarySource, iri(web(address))
        yield node, PROV.generatedAtTime, _moment(record.retrieved)
        yield node, PROV.wasAttributedTo, iri(_SOURCES.get(record.source, _ARXIV)[0])

    def shared(self) -> _Triples:
        for node, author in zip(self.authors, self.record.authors, strict=True):
            yield node, RDF.type, iri(FM.Author)
            yield node, FOAF.name, literal(author.name)
            for affiliation in author.affiliations:
                yield node, SCHEMA.affiliation, literal(affiliation)
        if self.publication:
            if self.publication != self.resource:
                yield self.publication, RDF.type, iri(BIBO.Document)
            yield self.publication, PRISM.doi, literal(self.doi)
        source, name = _SOURCES.get(self.record.source, _ARXIV)
        yield source, RDF.type, iri(PROV.Agent)
        yield source, FOAF.name, literal(name)


def _time(when: datetime) -> str:
    """A day, where no more than that is known, else a moment."""
    if when.hour or when.minute or when.second:
        return _moment(when)
    return f'"{when:%Y-%m-%d}"^^<{XSD.date}>'


def _moment(when: datetime) -> str:
    return f'"{when:%Y-%m-%dT%H:%M:%SZ}"^^<{XSD.dateTime}>'
