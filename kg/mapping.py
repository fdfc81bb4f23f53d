"""From a note as read to quads: what the note says, and what still waits for the rest of the vault.

`map_note` is a pure function of one note. It gives the quads of the note's own graph as N-Quads lines, the links that
only the whole vault can resolve, and what the note says of each external resource. `kg.links` and `kg.records` draw
the conclusions that need all notes.
"""

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from kg import citations, inline, markdown
from kg.blocks import Block, Document, Span
from kg.citations import Citation
from kg.errors import Diagnostic
from kg.frontmatter import Scalar, moment
from kg.identifiers import Identity, identify
from kg.iris import Iris, NoteIris
from kg.iris import version as version_iri
from kg.links import PendingLink, anchor_key
from kg.mentions import Finder
from kg.namespaces import DCTERMS, FM, RDF, SCHEMA
from kg.ntriples import boolean, gyear, integer, iri, literal, typed
from kg.resource_mentions import Mention
from kg.topics import Topics
from kg.vault import decode

__all__ = ["MappedNote", "map_note"]

_A = iri(RDF.type)
_P = {name: iri(FM.namespace + name) for name in FM.__annotations__}
_TITLE = iri(DCTERMS.title)
_LINE, _TEXT, _BLOCK_TYPE, _REFERENCES = _P["line"], _P["text"], _P["blockType"], _P["references"]
_DATES = {
    "created": iri(DCTERMS.created),
    "date created": iri(DCTERMS.created),
    "date": iri(DCTERMS.date),
    "modified": iri(DCTERMS.modified),
    "updated": iri(DCTERMS.modified),
    "lastmod": iri(DCTERMS.modified),
    "date modified": iri(DCTERMS.modified),
    "published": iri(DCTERMS.issued),
}
_EXPLAINS = re.compile(
    r"\b(?:explain\w*|walk-?\s?through|paper review|illustrated|tutorial|summary|lecture|introduc\w+|deep dive)\b",
    re.IGNORECASE,
)
_COMMAS = re.compile(r"[,\s]+")
_LOCAL = {"Paper", "ReviewPaper"}


@dataclass(slots=True)
class MappedNote:
    """A note as far as it can be mapped on its own.

    Attributes:
        path: path inside the vault.
        graph: IRI of the note and of its named graph.
        quads: N-Quads lines of its graph in UTF-8, each with its line end, none twice.
        count, entries: how many lines and entries these are.
        links: links inside the vault, in order.
        mentions: what it says of external resources, in order.
        aliases: its other names.
        headings, blocks: what links into it may point to, as compared by `anchor_key` and in lower case.
        presented: the resources that its entries present.
        statuses: how many tagged entries and external links fell into each bucket.
        diagnostics: what is odd in it.

    """

    path: str
    graph: str
    quads: bytes = b""
    count: int = 0
    entries: int = 0
    links: list[PendingLink] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    aliases: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    presented: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def map_note(
    path: str,
    data: bytes,
    iris: Iris,
    tags: Mapping[str, tuple[str, ...]] = citations.RESOURCE_TAGS,
    finder: Finder | None = None,
) -> MappedNote:
    """Map one note.

    Args:
        path: its path inside the vault, `/`-separated.
        data: its bytes.
        iris: the mint to use.
        tags: the tags that announce resources, upper case, with the classes they stand for.
        finder: the vocabulary whose labels are looked for, if any.

    """
    text, encoding = decode(data)
    document = markdown.read(text, tags)
    mapper = _Mapper(path, document, iris, tags, finder)
    if encoding:
        mapper.report(0, "not-utf8", f"read as {encoding}; save it as UTF-8")
    mapper.run()
    return mapper.out


def _date(value: Scalar) -> str | None:
    """A date, a moment or a year as a term; None for what is neither."""
    date = moment(value.strip()) if isinstance(value, str) else value
    if isinstance(date, datetime.date):
        return typed(date)
    return gyear(value) if type(value) is int and 1000 <= value <= 9999 else None


class _Mapper:
    """Holds what the parts of one note share while its quads are written."""

    def __init__(
        self, path: str, document: Document, iris: Iris, tags: Mapping[str, tuple[str, ...]], finder: Finder | None
    ) -> None:
        self.path = path
        self.iris = iris
        self.finder = finder
        self.topics: Topics | None = None
        self.citations = [citations.cite(block, tags) for block in document.blocks]
        self.document = document
        self.tags = tags
        self.note = iris.note(path)
        self.names = NoteIris(self.note)
        self.tail = f" <{self.note}> .\n"
        self.entry_tail = f" {_A} {_P['Entry']}{self.tail}"
        self.link_tail = f" {_A} {_P['ExternalLink']}{self.tail}"
        self.place_tail = f" {_P['inNote']} <{self.note}>{self.tail}"
        self.lines: list[str] = []  # one or more whole N-Quads lines each
        self.relations: dict[str, None] = {}  # between resources: a note may say the same twice
        self.out = MappedNote(path, self.note)
        self.sections: list[str] = []
        self.entries: list[str] = []
        self.presents: list[tuple[str, str] | None] = []  # per entry: resource it presents and its class
        self.above: list[tuple[str, str] | None] = []  # per entry: that of the nearest list item around it

    def report(self, line: int, code: str, message: str) -> None:
        self.out.diagnostics.append(Diagnostic(self.path, line, code, message))

    def say(self, subject: str, *pairs: tuple[str, str]) -> None:
        tail = self.tail
        self.lines += [f"{subject} {predicate} {value}{tail}" for predicate, value in pairs]

    def run(self) -> None:
        for problem in self.document.problems:
            self.report(*problem)
        self.front_matter()
        if self.topics is not None:
            self.lines += self.topics.note_lines(iri(self.note), self.iris, self.tail)
        self.map_sections()
        self.map_entries()
        # encoded one by one: a single character that is not ASCII makes the whole text take twice the memory
        quads = b"".join(map(str.encode, [*self.lines, *self.relations]))
        self.out.quads, self.out.count, self.out.entries = quads, quads.count(self.tail.encode()), len(self.entries)

    # -- the note itself --------------------------------------------------------------------------------------------

    def front_matter(self) -> None:
        note = iri(self.note)
        title, rest = "", []
        tags: dict[str, None] = {}
        for key, value, line in self.document.front.values:
            name = key.lower()
            date = _date(value) if name in _DATES else None
            if name not in ("tag", "tags") and "[[" in str(value):
                rest.append((key, value, line))  # a property of its own holds its links
            if name == "title" and not title:
                title = str(value).strip()
            elif name in ("alias", "aliases"):
                self.out.aliases.append(str(value).strip())
            elif name in ("tag", "tags"):
                tags.update(dict.fromkeys(tag.lstrip("#") for tag in _COMMAS.split(str(value)) if tag.strip("#")))
            elif date is not None:
                self.say(note, (_DATES[name], date))
            elif name == "description":
                self.say(note, (iri(DCTERMS.description), literal(str(value))))
            elif "[[" not in str(value):
                rest.append((key, value, line))
        self.say(note, *((_P["tag"], literal(tag)) for tag in tags))
        stem = self.path.rpartition("/")[2][:-3]
        name = title or stem.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        self.read_topics(name)
        self.say(
            note,
            (_A, _P["Note"]),
            (_P["path"], literal(self.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))),
            (_TITLE, literal(name)),
        )
        self.out.aliases = [alias for alias in dict.fromkeys(self.out.aliases) if alias]
        for alias in self.out.aliases:
            self.say(note, (iri(DCTERMS.alternative), literal(alias)))
        for key, value, line in rest:
            property_iri = self.names.property(key, str(value))
            self.property_value(note, property_iri, key, typed(value), line)
            for number, ((target, heading, block), words, embed) in enumerate(inline.wikilinks(str(value)), 1):
                span = Span("embed" if embed else "wikilink", "", target, False, heading, block, words)
                self.wiki_link(f"{property_iri}:{number}", span, (_P["inProperty"], iri(property_iri)), line)
        self.lines = list(dict.fromkeys(self.lines))  # a front matter may give a date or a description twice

    def read_topics(self, name: str) -> None:
        if self.finder is not None:
            presenting = {index for index, citation in enumerate(self.citations) if citation is not None}
            self.topics = Topics(self.path, name, self.document, self.finder, presenting)

    def property_value(self, owner: str, name: str, key: str, value: str, line: int) -> None:
        node = iri(name)
        self.say(
            node,
            (_A, _P["PropertyValue"]),
            (iri(SCHEMA.name), literal(key)),
            (iri(SCHEMA.value), value),
            (_P["line"], integer(line)),
        )
        self.say(owner, (_P["hasProperty"], node))

    # -- sections ---------------------------------------------------------------------------------------------------

    def map_sections(self) -> None:
        sections = self.document.sections
        tail = self.tail
        for index, section in enumerate(sections):
            above: list[str] = []
            parent = section.parent
            while parent >= 0:
                above.append(sections[parent].title)
                parent = sections[parent].parent
            name = self.names.section(section.title, reversed(above))
            node = iri(name)
            self.sections.append(name)
            self.out.headings.append(anchor_key(section.title))
            self.lines.append(
                f"{node} {_A} {_P['Section']}{tail}{node} {_TITLE} {literal(section.title)}{tail}"
                f"{node} {_P['level']} {integer(section.level)}{tail}{node}{self.place_tail}"
                f"{node} {_LINE} {integer(section.line)}{tail}"
            )
            if section.parent >= 0:
                self.say(node, (_P["parentSection"], iri(self.sections[section.parent])))
            for tag in dict.fromkeys(section.tags):
                self.say(node, (_P["tag"], literal(tag)))
            if section.block_id:
                self.say(node, (_P["blockId"], literal(section.block_id)))
                self.out.blocks.append(section.block_id.lower())
            self.links(section.spans, f"{name}:", (_P["inSection"], node), section.line)
            if self.topics is not None:
                self.lines += self.topics.section_lines(index, name, tail)

    # -- entries ----------------------------------------------------------------------------------------------------

    def map_entries(self) -> None:
        for block in self.document.blocks:
            self.entries.append(self.names.entry(block.fingerprint, block.block_id, self.context(block)))
            self.presents.append(None)
            self.above.append(None)
        order = sorted(range(len(self.entries)), key=lambda index: self.document.blocks[index].line)
        for index in order:
            self.map_entry(index, self.document.blocks[index])

    def context(self, block: Block) -> Iterator[str]:
        """What tells an entry from another one of the same words: the heading and the list item it stands under."""
        yield self.sections[block.section] if block.section >= 0 else ""
        yield self.document.blocks[block.parent].fingerprint if block.parent >= 0 else ""

    def map_entry(self, index: int, block: Block) -> None:
        name = self.entries[index]
        node = iri(name)
        tail = self.tail
        add = self.lines.append
        add(
            f"{node}{self.entry_tail}{node}{self.place_tail}{node} {_LINE} {integer(block.line)}{tail}"
            f'{node} {_TEXT} {literal(block.text)}{tail}{node} {_BLOCK_TYPE} "{block.kind}"{tail}'
        )
        if block.section >= 0:
            add(f"{node} {_P['inSection']} <{self.sections[block.section]}>{tail}")
        if block.parent >= 0:
            add(f"{node} {_P['parentEntry']} <{self.entries[block.parent]}>{tail}")
        if block.block_id:
            add(f"{node} {_P['blockId']} {literal(block.block_id)}{tail}")
            self.out.blocks.append(block.block_id.lower())
        if block.tags:
            for tag in dict.fromkeys(block.tags):
                add(f"{node} {_P['tag']} {literal(tag)}{tail}")
        if block.kind == "heading":
            self.out.headings.append(anchor_key(block.text))
        if block.quoted or block.callout >= 0 or block.detail or block.highlights or block.comments or block.fields:
            self.details(node, block)
        citation = self.citations[index]
        above = (self.presents[block.parent] or self.above[block.parent]) if block.parent >= 0 else None
        self.above[index] = above
        own = self.cite(node, block, citation, above) if citation is not None else None
        self.presents[index] = own
        if above is not None and own is None:
            add(f"{node} {_P['remarksOn']} <{above[0]}>{tail}")
        self.links(block.spans, f"{name}.", (_P["inEntry"], node), block.line, citation, block.section)
        if self.topics is not None:
            self.lines += self.topics.entry_lines(index, name, tail)

    def details(self, node: str, block: Block) -> None:
        """What only some entries have."""
        if block.quoted:
            self.say(node, (_P["quoted"], boolean(True)))
        if block.callout >= 0:
            self.say(node, (_P["inCallout"], iri(self.entries[block.callout])))
        if block.detail:
            kind = {
                "callout": "calloutType",
                "taskItem": "taskStatus",
                "code": "language",
                "footnote": "footnoteLabel",
            }
            if block.kind in kind:
                self.say(node, (_P[kind[block.kind]], literal(block.detail)))
        for highlight in dict.fromkeys(block.highlights):
            self.say(node, (_P["highlight"], literal(highlight)))
        for comment in dict.fromkeys(block.comments):
            self.say(node, (_P["comment"], literal(comment)))
        for number, (key, value, line) in enumerate(block.fields, 1):
            self.property_value(node, f"{node[1:-1]}.p{number}", key, literal(value), line)

    def cite(
        self, node: str, block: Block, citation: Citation, above: tuple[str, str] | None
    ) -> tuple[str, str] | None:
        """Write what an entry states of the resource it is about; returns that resource and its class."""
        tail = self.tail
        add = self.lines.append
        if citation.classes:
            self.out.statuses[f"entry {citation.status}"] += 1
            add(f'{node} {_P["citationStatus"]} "{citation.status}"{tail}')
        for code, message in citation.findings:
            self.report(block.line, code, message)
        if citation.title:
            add(f"{node} {_P['statedTitle']} {literal(citation.title)}{tail}")
        if citation.author:
            add(f"{node} {_P['statedAuthor']} {literal(citation.author)}{tail}")
        if citation.venue:
            add(f"{node} {_P['statedVenue']} {literal(citation.venue)}{tail}")
        if citation.url:
            add(f"{node} {_P['statedUrl']} {literal(citation.url)}{tail}")
        if citation.year is not None:
            add(f"{node} {_P['statedYear']} {gyear(citation.year)}{tail}")
        identity = _identify(citation.url) if citation.span >= 0 else None
        if identity is None:
            return None
        resource = iri(identity.iri)
        add(f"{node} {_P['presents']} {resource}{tail}")
        if identity.arxiv_version:
            self.say(node, (_P["statedVersion"], integer(identity.arxiv_version)))
            self.version(node, identity)
        self.out.presented.append(identity.iri)
        kind = citation.classes[0] if citation.classes else identity.suggests
        if above is not None and above[0] != identity.iri:
            relation = self.relation(kind, citation, block)
            self.relations[f"{resource} {relation} <{above[0]}>{self.tail}"] = None
        return identity.iri, kind

    @staticmethod
    def relation(kind: str, citation: Citation, block: Block) -> str:
        """How a resource nested below another one is related to it."""
        if kind == "Code":
            return _P["implements"]
        if kind in ("Video", "Talk", "Course") or (
            kind == "WebPage" and _EXPLAINS.search(citation.title or block.text)
        ):
            return _P["explains"]
        if kind in ("Paper", "ReviewPaper", "Book", "Thesis"):
            return iri(DCTERMS.relation)
        return _P["supplements"]

    # -- links ------------------------------------------------------------------------------------------------------

    def links(
        self,
        spans: list[Span],
        prefix: str,
        place: tuple[str, str],
        line: int,
        citation: Citation | None = None,
        section: int = -1,
    ) -> None:
        """Write the links of an entry or heading, each a node of its own, numbered within what holds it.

        Args:
            spans: the content.
            prefix: what the IRIs of its links begin with; their numbers follow.
            place: the predicate and the term that say of a link where it is.
            line: where the content stands.
            citation: what the entry presents, if anything.
            section: the section that the entry stands in.

        """
        number = 0
        in_entry = place[0] == _P["inEntry"]
        seen: set[str] = set()
        for index, span in enumerate(spans):
            if span.kind in ("wikilink", "embed"):
                number += 1
                self.wiki_link(f"{prefix}{number}", span, place, line)
            elif span.kind in ("link", "image"):
                self.out.statuses["link external"] += 1
                identity = _identify(span.target)
                presented = citation is not None and citation.span == index
                if not presented or span.title:  # the entry itself says all else of the link it is about
                    number += 1
                    self.external_link(f"{prefix}{number}", span, identity, place)
                if identity is None:
                    continue
                for code, message in identity.findings:
                    self.report(line, code, message)
                if in_entry and identity.iri not in seen:
                    seen.add(identity.iri)
                    self.lines.append(f"{place[1]} {_REFERENCES} <{identity.iri}>{self.tail}")
                self.mention(identity, span, line, citation if presented else None, section)

    def wiki_link(self, name: str, span: Span, place: tuple[str, str], line: int) -> None:
        node = iri(name)
        embed = span.kind == "embed"
        tail = self.tail
        self.lines.append(
            f"{node} {_A} {_P['WikiLink']}{tail}{node} {place[0]} {place[1]}{tail}"
            f"{node} {_P['targetText']} {literal(span.target)}{tail}{node} {_P['embed']} {boolean(embed)}{tail}"
        )
        if span.heading:
            self.say(node, (_P["heading"], literal(span.heading)))
        if span.block:
            self.say(node, (_P["block"], literal(span.block)))
        if span.alias is not None:
            self.say(node, (_P["alias"], literal(span.alias)))
        if span.title:
            self.say(node, (_TITLE, literal(span.title)))
        self.out.links.append(PendingLink(name, span.target, span.heading, span.block, embed, line))

    def external_link(self, name: str, span: Span, identity: Identity | None, place: tuple[str, str]) -> None:
        node = iri(name)
        tail = self.tail
        add = self.lines.append
        add(
            f"{node}{self.link_tail}{node} {place[0]} {place[1]}{tail}"
            f"{node} {_P['targetUrl']} {literal(span.target)}{tail}"
        )
        if span.kind == "image":
            self.say(node, (_P["embed"], boolean(True)))
        if span.text and not span.bare:
            add(f"{node} {_P['linkText']} {literal(span.text)}{tail}")
        if span.title:
            self.say(node, (_TITLE, literal(span.title)))
        if identity is not None:
            add(f"{node} {_P['refersTo']} <{identity.iri}>{tail}")
            self.version(node, identity)

    def version(self, node: str, identity: Identity) -> None:
        """Say which version of a paper of arXiv an entry or link refers to, if it refers to one."""
        if identity.arxiv_version:
            version = iri(version_iri(identity.iri, identity.arxiv_version))
            self.say(node, (iri(DCTERMS.references), version))
            self.relations[f"{version} {iri(DCTERMS.isVersionOf)} {iri(identity.iri)}{self.tail}"] = None

    def mention(self, identity: Identity, span: Span, line: int, citation: Citation | None, section: int) -> None:
        """Note what a link says of its resource; of one that its entry presents, the citation says it."""
        classes: tuple[str, ...] = ()
        topics: tuple[str, ...] = ()
        title, author, year = "" if span.bare else span.text.strip(), "", 0
        if citation is not None:
            classes = citation.classes
            title, author, year = citation.title or "", citation.first_author or "", citation.year or 0
            topics = self.topics.of_presented(section, self.iris) if self.topics is not None else ()
        self.out.mentions.append(
            Mention(
                identity.iri,
                self.path,
                line,
                citation is not None,
                classes,
                identity.suggests,
                title,
                author,
                year,
                identity.arxiv_id or "",
                identity.doi or "",
                identity.implied_doi or "",
                identity.pmid or "",
                identity.pmcid or "",
                topics,
            )
        )


@lru_cache(maxsize=8192)
def _identify(url: str) -> Identity | None:
    return identify(url)
