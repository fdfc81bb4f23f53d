"""One resource, one record: what the graph concludes from all that notes say of it.

What arXiv says of a paper wins, where it was asked. Else, among titles, authors and years, the most frequent statement
wins, then the first by path and line; what each note said stays on its entries. Pure: mentions in, N-Quads lines out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from kg.bibliography import arxiv_page
from kg.catalogue import Catalogue
from kg.iris import Iris
from kg.metadata import Record as Metadata
from kg.namespaces import BIBO, DCTERMS, FM, FOAF, RDF, RDFS, SCHEMA
from kg.ntriples import gyear, iri, literal
from kg.resource_mentions import Mention
from kg.topics import mention_lines

__all__ = ["Record", "attachment_quads", "conclude", "paper_quads", "record_quads", "unwritten_quads"]

T = TypeVar("T", str, int)

_A = iri(RDF.type)
_TITLE = iri(DCTERMS.title)


@dataclass(frozen=True, slots=True)
class Record:
    """What is concluded of one resource; empty strings and 0 stand for what no note says."""

    resource: str
    classes: tuple[str, ...]
    title: str
    author: str
    year: int
    arxiv_id: str
    doi: str
    implied_doi: str
    pmid: str
    pmcid: str
    topics: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()  # as notes state them, the most frequent first
    author_iri: str = ""  # of an author whom other records may share

    @property
    def is_paper(self) -> bool:
        """Whether the resource is a `fm:Paper`."""
        return "Paper" in self.classes


def _best(mentions: list[Mention], value: Callable[[Mention], T]) -> T | None:
    """The most frequent value that says something; the earliest by path and line among equals."""
    if len(mentions) == 1:
        return value(mentions[0]) or None
    counts: dict[T, int] = {}
    for mention in mentions:
        stated = value(mention)
        if stated:
            counts[stated] = counts.get(stated, 0) + 1
    return max(counts, key=counts.__getitem__) if counts else None


def _titles(mentions: list[Mention]) -> tuple[str, ...]:
    """All titles that are stated, the most frequent first, and the earliest among equals."""
    if len(mentions) == 1:
        return (mentions[0].title,) if mentions[0].title else ()
    counts: dict[str, int] = {}
    for mention in mentions:
        if mention.title:
            counts[mention.title] = counts.get(mention.title, 0) + 1
    return tuple(sorted(counts, key=lambda title: -counts[title]))


def _address(resource: str) -> str:
    """The title of a resource that no note gives one."""
    return resource.partition("://")[2]


def conclude(mentions: Iterable[Mention], known: Metadata | None = None) -> Record:
    """Conclude the record of one resource from all its mentions, in any order.

    What its IRI determines is the same in all of them; only a DOI may be spelt in one URL and implied by another.

    Args:
        mentions: what notes say of it.
        known: what arXiv says of it, which wins.
    """
    ordered = list(mentions)
    if len(ordered) > 1:
        ordered.sort(key=lambda m: (m.path, m.line, m.title, m.author))
    first = ordered[0]
    presented = [mention for mention in ordered if mention.presented]
    tagged = {name for mention in presented for name in mention.classes}
    classes = tagged or {first.suggests}
    if "ReviewPaper" in classes:
        classes.add("Paper")
    title = _best(presented, lambda m: m.title) or _best(ordered, lambda m: m.title) or _address(first.resource)
    author = _best(presented, lambda m: m.author) or ""
    year = _best(presented, lambda m: m.year) or 0
    if known is not None:
        title = known.title
        author = known.authors[0].name if known.authors else author
        if known.published is not None and (not year or first.resource == arxiv_page(known)):
            year = known.published.year  # of another page of the paper, the notes know better when it came out
    return Record(
        first.resource,
        tuple(sorted(classes)),
        title,
        author,
        year,
        first.arxiv_id,
        next((mention.doi for mention in ordered if mention.doi), ""),
        first.implied_doi,
        first.pmid,
        first.pmcid,
        topics=tuple(sorted({topic for mention in presented for topic in mention.topics})),
        titles=_titles(presented),
    )


def record_quads(record: Record, iris: Iris) -> str:
    """The N-Quads lines of a record, in the graph of resources."""
    node, tail = iri(record.resource), f" <{iris.resources_graph}> .\n"
    pairs = [(_A, iri(FM.namespace + name)) for name in record.classes]
    pairs.append((_TITLE, literal(record.title)))
    if record.year:
        pairs.append((iri(FM.year), gyear(record.year)))
    for predicate, value in (
        (FM.arxivId, record.arxiv_id),
        (FM.doi, record.doi),
        (BIBO.doi, record.doi or record.implied_doi),
        (FM.pmid, record.pmid),
        (FM.pmcid, record.pmcid),
    ):
        if value:
            pairs.append((iri(predicate), literal(value)))
    pairs.append((iri(SCHEMA.url), node))
    lines = [f"{node} {predicate} {value}{tail}" for predicate, value in pairs]
    if record.author:
        author = iri(record.author_iri or iris.author(record.resource, record.author))
        lines += [
            f"{node} {iri(FM.firstAuthor)} {author}{tail}",
            f"{author} {_A} {iri(FM.Author)}{tail}",
            f"{author} {iri(FOAF.name)} {literal(record.author)}{tail}",
        ]
    return "".join(lines)


def paper_quads(record: Record, iris: Iris, catalogue: Catalogue) -> str:
    """The N-Quads lines of what the title of a paper names and introduces, and of its topics; none for other things."""
    if not record.is_paper:
        return ""
    node, tail = iri(record.resource), f" <{iris.resources_graph}> .\n"
    title = "" if record.title == _address(record.resource) else record.title
    lines = mention_lines(node, iris.mentions(record.resource), catalogue.in_title(title), tail)
    found = next(
        (
            found
            for stated in (title, *record.titles)
            if (found := catalogue.introduced(record.resource, stated, record.year)).short_name
        ),
        catalogue.introduced(record.resource, title, record.year),
    )
    if found.short_name:
        lines.append(f"{node} {iri(FM.shortName)} {literal(found.short_name)}{tail}")
    lines += [f"{node} {iri(FM.introduces)} {iri(model)}{tail}" for model in found.models]
    if found.says_model:
        model = iri(iris.model(record.resource, found.short_name))
        lines += [
            f"{node} {iri(FM.introduces)} {model}{tail}",
            f"{model} {_A} {iri(FM.Model)}{tail}",
            f"{model} {iri(RDFS.label)} {literal(found.short_name)}{tail}",
            f"{model} {iri(FM.introducedBy)} {node}{tail}",
        ]
    lines += [f"{node} {iri(FM.topic)} {iri(topic)}{tail}" for topic in record.topics]
    return "".join(lines)


def unwritten_quads(node: str, name: str, iris: Iris) -> str:
    """The N-Quads lines of a note that is linked to but not written."""
    tail = f" <{iris.resources_graph}> .\n"
    return f"<{node}> {_A} {iri(FM.UnresolvedNote)}{tail}<{node}> {_TITLE} {literal(name)}{tail}"


def attachment_quads(node: str, path: str, iris: Iris) -> str:
    """The N-Quads lines of a file that is linked to and is not a note."""
    tail = f" <{iris.resources_graph}> .\n"
    return f"<{node}> {_A} {iri(FM.Attachment)}{tail}<{node}> {iri(FM.path)} {literal(path)}{tail}"
