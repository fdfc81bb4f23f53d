"""What a note and its parts are about: the mentions in its texts, and the concepts that headings and folders are.

`Topics` reads a note once; mapping asks it for the lines of each part. A mention is a node that knows the words and
their place; only the first of a thing in a text is one, for the others add nothing that the text does not say.
"""

from collections.abc import Collection, Iterable

from kg.blocks import Document
from kg.iris import Iris
from kg.mentions import Finder, Found
from kg.namespaces import FM, RDF, SKOS
from kg.ntriples import integer, iri, literal
from kg.passages import passages_of

__all__ = ["Topics", "mention_lines"]

_A = iri(RDF.type)
_ABOUT = iri(FM.about)
_MENTIONS = iri(FM.mentions)
_MENTIONED_IN = iri(FM.mentionedIn)
_MENTION_OF = iri(FM.mentionOf)
_WORDS = iri(FM.words)
_START = iri(FM.start)
_NO_CONCEPTS = frozenset(("Model", "Organization"))


def mention_lines(node: str, prefix: str, found: Iterable[Found], tail: str) -> list[str]:
    """The N-Quads lines of the mentions in one text.

    Args:
        node: the term of what the text belongs to.
        prefix: what the IRIs of its mentions begin with; the place follows.
        found: its mentions, by place.
        tail: the end of each line, from the blank before the graph on.

    """
    lines = []
    seen: set[str] = set()
    for thing, _, words, start in found:
        if thing not in seen:
            seen.add(thing)
            lines.append(
                f"{node} {_MENTIONS} <{thing}>{tail}<{prefix}{start}> {_MENTIONED_IN} {node}{tail}"
                f"<{prefix}{start}> {_MENTION_OF} <{thing}>{tail}<{prefix}{start}> {_WORDS} {literal(words)}{tail}"
                f"<{prefix}{start}> {_START} {integer(start)}{tail}"
            )
    return lines


class Topics:
    """The mentions and topics of one note."""

    def __init__(self, path: str, name: str, document: Document, finder: Finder, presenting: Collection[int]) -> None:
        """Read a note.

        Args:
            path: its path inside the vault.
            name: what it is called.
            document: the note as read.
            finder: the vocabulary.
            presenting: indexes of the blocks that present a work by its title.

        """
        self.path = path
        self.own: str | None = None  # the concept that the note stands for
        self.name = name
        found = finder.find(passages_of(document, name, presenting))
        first = 1 + len(document.sections)
        self.of_name = found[0]
        self.of_sections = found[1:first]
        self.of_blocks = found[first:]
        self.topics: list[tuple[str, ...]] = []  # of each section, with those of the sections around it
        named = _concepts(self.of_name)
        for section, mentions in zip(document.sections, self.of_sections, strict=True):
            above = self.topics[section.parent] if section.parent >= 0 else named
            self.topics.append(tuple(dict.fromkeys([*above, *_concepts(mentions)])))
        self.topics.append(named)  # index -1: what stands before the first heading

    def note_lines(self, note: str, iris: Iris, tail: str) -> list[str]:
        """The lines about the note itself: what it is about, the concept that it stands for, the folders above it."""
        steps = self.path[:-3].split("/")
        concepts = [iri(iris.concept("/".join(steps[: depth + 1]))) for depth in range(len(steps))]
        lines = [f"{note} {_ABOUT} {concepts[-1]}{tail}"]
        for depth, (name, concept) in enumerate(zip([*steps[:-1], self.name], concepts, strict=True)):
            lines.append(f"{concept} {_A} {iri(SKOS.Concept)}{tail}")
            lines.append(f"{concept} {iri(SKOS.prefLabel)} {literal(_legible(name))}{tail}")
            if depth:
                lines.append(f"{concept} {iri(SKOS.broader)} {concepts[depth - 1]}{tail}")
        lines += [
            f"{concepts[-1]} {iri(SKOS.exactMatch)} <{mention.thing}>{tail}"
            for mention in self.of_name
            if mention.kind not in _NO_CONCEPTS and mention.words == self.name.strip()
        ]
        lines += [f"{note} {_ABOUT} <{thing}>{tail}" for thing in _concepts(self.of_name)]
        return lines

    def of_presented(self, section: int, iris: Iris) -> tuple[str, ...]:
        """The topics of what an entry of a section presents; -1 is the part before the first heading."""
        if self.own is None:
            self.own = iris.concept(self.path[:-3])
        return (*self.topics[section], self.own)

    def section_lines(self, index: int, name: str, tail: str) -> list[str]:
        """The lines of a section: what its heading names, and which of that are concepts, its topics."""
        found = self.of_sections[index]
        node = iri(name)
        about = [f"{node} {_ABOUT} <{thing}>{tail}" for thing in _concepts(found)]
        return about + mention_lines(node, f"{name}:m", found, tail)

    def entry_lines(self, index: int, name: str, tail: str) -> list[str]:
        """The lines of an entry: what its text names."""
        found = self.of_blocks[index]
        return mention_lines(iri(name), f"{name}.m", found, tail) if found else []


def _concepts(found: Iterable[Found]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.thing for mention in found if mention.kind not in _NO_CONCEPTS))


def _legible(name: str) -> str:
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
