"""What only the whole vault can say, note by note and resource by resource.

Cold and incremental builds take these same steps, the one for all notes and resources, the other for those that a
change touches; so both come to the same graph.
"""

from collections.abc import Iterable
from dataclasses import replace

from kg import records
from kg.bibliography import Part, author_iris, part_of
from kg.iris import Iris
from kg.links import resolve_links
from kg.namespaces import FM
from kg.resource_mentions import Mention
from kg.state import State, legible
from kg.store import GraphStore
from kg.vault import LinkIndex

__all__ = ["conclude", "describe", "forget_inferred", "link", "tell", "untell"]


def conclude(resource: str, mentions: Iterable[Mention], iris: Iris, state: State) -> str | None:
    """Conclude the record of a resource from all its mentions, remember it, and give its quads.

    Gives None when it is what is remembered already.
    """
    mentions = list(mentions)
    if not mentions:
        return "" if state.set_record(resource, (), "") else None
    known = state.metadata(resource)
    record = records.conclude(mentions, known)
    shared = ""
    if known is not None and known.authors:
        author = author_iris(resource, known, iris, per_paper=_per_paper(state))[0]
        shared = "" if author.startswith(iris.author(resource, "")) else author
        record = replace(record, author_iri=author)
    quads = records.record_quads(record, iris) + records.paper_quads(record, iris, state.catalogue)
    return quads if state.set_record(resource, record.classes, quads, shared) else None


def tell(resource: str, iris: Iris, state: State) -> str:
    """Give the quads of what arXiv says of a resource, for the graph of metadata, and remember that they are there."""
    part = _part(resource, iris, state)
    if part is None:
        return ""
    state.set_part(resource, len(part.own), part.shared)
    return "".join([*part.own, *part.shared])


def untell(resource: str, iris: Iris, state: State) -> str:
    """Give the quads that leave the graph of metadata together with a resource, and forget that they were there."""
    part = _part(resource, iris, state) if state.is_told(resource) else None
    return "".join([*part.own, *state.remove_part(resource)]) if part is not None else ""


def _part(resource: str, iris: Iris, state: State) -> Part | None:
    known = state.metadata(resource)
    return part_of(resource, known, iris, per_paper=_per_paper(state)) if known is not None else None


def _per_paper(state: State) -> bool:
    """Whether equal full names on two papers stand for two authors."""
    return state.meta("authors") == "per-paper"


def forget_inferred(graph: GraphStore, state: State, iris: Iris) -> bool:
    """Remove what was concluded from a graph that is about to change; whether there was anything."""
    if not state.meta("inferred"):
        return False
    graph.remove_graph(iris.inferred_graph)
    state.set_meta(inferred=None)
    return True


def link(path: str, index: LinkIndex, iris: Iris, state: State) -> str:
    """Resolve the links of a note, remember what became of them, and give the quads that this adds to its graph.

    These are the targets of its links, the notes it links to, and the papers that it cites.
    """
    graph, links, presented = state.note(path)
    resolved = resolve_links(graph, path, links, index, iris, state.anchors)
    cited = "".join(f"<{graph}> <{FM.cites}> <{paper}> <{graph}> .\n" for paper in state.papers(presented))
    resolved.quads += cited
    state.set_resolved(path, resolved)
    return resolved.quads


def describe(node: str, name: str, iris: Iris, *, written: bool) -> str:
    """The quads that describe a link target that is no note: an attachment, or a note that is not written."""
    if written:
        return records.attachment_quads(node, legible(name), iris)
    return records.unwritten_quads(node, name, iris)
