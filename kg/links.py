"""Links between notes: what waits for the whole vault, and what becomes of it.

Pure: the links of a note and the names of the vault in, N-Quads lines and findings out.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.errors import Diagnostic
from kg.iris import Iris
from kg.namespaces import FM
from kg.ntriples import iri
from kg.vault import LinkIndex, meant

__all__ = ["PendingLink", "ResolvedLinks", "anchor_key", "resolve_links"]

_TARGET, _LINK_STATUS, _LINKS_TO = iri(FM.target), iri(FM.linkStatus), iri(FM.linksTo)


class PendingLink(NamedTuple):
    """A link inside the vault: its IRI, the parts of its target and the line it stands on."""

    iri: str
    target: str
    heading: str
    block: str
    embed: bool
    line: int


def anchor_key(heading: str) -> str:
    """What a heading and a link to it share: letters and digits, without case (Obsidian ignores the rest)."""
    return "".join(filter(str.isalnum, heading.casefold()))


@dataclass(slots=True)
class ResolvedLinks:
    """What became of the links of one note.

    Attributes:
        quads: the N-Quads lines they add to the graph of the note.
        statuses: how many links fell into each bucket.
        unwritten: notes without a file that they name, `(IRI, name)`.
        attachments: other files that they lead to, `(IRI, path)`.
        diagnostics: what is odd about them.

    """

    quads: str = ""
    statuses: Counter[str] = field(default_factory=Counter)
    unwritten: list[tuple[str, str]] = field(default_factory=list)
    attachments: list[tuple[str, str]] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


Anchors = Callable[[str], tuple[frozenset[str], frozenset[str]]]


def resolve_links(
    graph: str, path: str, links: Iterable[PendingLink], index: LinkIndex, iris: Iris, anchors: Anchors
) -> ResolvedLinks:
    """Resolve the links of one note against the whole vault.

    Args:
        graph: IRI of the note.
        path: its path.
        links: its links inside the vault.
        index: the names of the vault.
        iris: the mint to use.
        anchors: gives the heading keys and block ids of a note by its path.

    """
    out = ResolvedLinks()
    lines: list[str] = []
    linked: dict[str, None] = {}
    tail = f" <{graph}> .\n"
    for link in links:
        status, found, is_note = index.resolve(link.target, path)
        out.statuses[f"link {status}"] += 1
        if found is None:
            name = meant(link.target, path)
            target = iris.unresolved(name)
            out.unwritten.append((target, name))
        elif is_note:
            target = iris.note(found)
            linked[target] = None
            out.diagnostics += _check_anchor(path, link, found, anchors)
        else:
            target = iris.attachment(found)
            out.attachments.append((target, found))
        if status == "ambiguous":
            message = f"several files are called {link.target!r} and none is nearer; taken for {found!r}"
            out.diagnostics.append(Diagnostic(path, link.line, "link-ambiguous", message))
        lines.append(f"<{link.iri}> {_TARGET} <{target}>{tail}")
        lines.append(f'<{link.iri}> {_LINK_STATUS} "{status}"{tail}')
    lines += [f"<{graph}> {_LINKS_TO} <{target}>{tail}" for target in linked]
    out.quads = "".join(lines)
    return out


def _check_anchor(path: str, link: PendingLink, target: str, anchors: Anchors) -> Iterator[Diagnostic]:
    if not link.heading and not link.block:
        return
    headings, blocks = anchors(target)
    if link.heading and anchor_key(link.heading.rpartition("#")[2]) not in headings:
        yield Diagnostic(path, link.line, "heading-missing", f"{target!r} has no heading {link.heading!r}")
    if link.block and link.block.lower() not in blocks:
        yield Diagnostic(path, link.line, "block-missing", f"{target!r} has no block ^{link.block}")
