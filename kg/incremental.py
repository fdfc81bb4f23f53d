"""A build after a change: only what depends on the notes that changed is made anew.

What depends on a changed note: its graph; the records of the resources it mentions or mentioned; the links of other
notes to a name that appeared, went, or whose headings and blocks changed; and, when a resource turns into a paper or
out of one, what the notes that present it cite.
"""

from collections.abc import Mapping

from kg.changes import Changes
from kg.conclusions import conclude, describe, link, tell, untell
from kg.generations import Generation
from kg.iris import Iris
from kg.namespaces import FM
from kg.settings import Settings
from kg.state import State
from kg.store import GraphStore
from kg.vault import LinkIndex, Scan, last_name
from kg.workers import map_files

__all__ = ["build_incremental"]

_OF_LINKS = (FM.target, FM.linkStatus, FM.linksTo, FM.cites)


def build_incremental(generation: Generation, state: State, settings: Settings, found: Scan, changes: Changes) -> None:
    """Bring a copy of the last generation and its state up to date."""
    graph = GraphStore.change(generation.graph)
    _Update(state, graph, settings, found).run(changes)
    graph.flush()


class _Update:
    def __init__(self, state: State, graph: GraphStore, settings: Settings, found: Scan) -> None:
        self.state = state
        self.graph = graph
        self.settings = settings
        self.found = found
        self.iris = Iris(settings.base_iri)
        self.resources: set[str] = set()  # whose records may change
        self.relink: set[str] = set()  # notes whose links may change
        self.targets: set[str] = set()  # link targets that are no notes and may come or go
        self.names: set[str] = set()  # names that came or went
        self.anchored: set[str] = set()  # names whose headings or blocks changed

    def run(self, changes: Changes) -> None:
        """Take all steps, each as far as the one before it reaches."""
        for file in changes.touched:
            self.state.touch(file)
        before = {file.path: self.state.names(file.path) for file in changes.edited}
        for path in changes.deleted:
            self.names.update(map(last_name, self.state.names(path)[0]))
            self.resources.update(self.forget(path))
        said_before = {path: self.forget(path) for path in before}
        mapped = sorted([*changes.edited, *changes.added])
        for note in map_files(mapped, self.settings):
            self.graph.load_few(note.quads)
            self.state.add(note.row, note.mentions)
        for file in mapped:
            was, now = said_before.get(file.path, {}), self.state.said_by(file.path)
            self.resources.update(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
            self.relink.add(file.path)
        self.compare_names(changes, before)
        self.records()
        self.links()

    def forget(self, path: str) -> dict[str, list[tuple[object, ...]]]:
        """Remove a note; gives what it said of resources."""
        said = self.state.said_by(path)
        self.targets |= self.state.targets_of(path)
        self.graph.remove_graph(self.iris.note(path))
        self.state.remove(path)
        return said

    def compare_names(self, changes: Changes, before: Mapping[str, tuple[list[str], str, str]]) -> None:
        """Find the names that mean something else now, and the notes whose links use them."""
        for path in [*changes.deleted, *(file.path for file in changes.added), *changes.attachments]:
            self.names.add(last_name(path))
        for file in changes.added:
            self.names.update(map(last_name, self.state.names(file.path)[0]))
        for path, (aliases, headings, blocks) in before.items():
            now_aliases, now_headings, now_blocks = self.state.names(path)
            self.names.update(map(last_name, set(aliases) ^ set(now_aliases)))
            if (headings, blocks) != (now_headings, now_blocks):
                self.anchored.update(map(last_name, [path, *aliases, *now_aliases]))
        if self.names or self.anchored:
            self.relink |= self.state.wanting(self.names, self.anchored)

    def records(self) -> None:
        """Conclude the records anew of all resources that changed notes mention or mentioned."""
        for resource in sorted(self.resources):
            was_paper = bool(self.state.papers([resource]))
            quads = conclude(resource, self.state.mentions_of(resource), self.iris, self.state)
            if quads is not None:
                self.graph.remove_record(resource, self.iris.resources_graph)
                self.graph.load_few(quads.encode())
            if not self.state.has_record(resource):
                self.graph.remove_lines(untell(resource, self.iris, self.state).encode())
            elif not self.state.is_told(resource):
                self.graph.load_few(tell(resource, self.iris, self.state).encode())
            if was_paper != bool(self.state.papers([resource])):
                self.relink |= self.state.presenters(resource)

    def links(self) -> None:
        """Resolve the links anew of all notes that changed or that name something that changed."""
        index = LinkIndex(self.state.paths(), self.found.attachments, self.state.aliases())
        for path in sorted(self.relink):
            self.targets |= self.state.targets_of(path)
            self.state.unlink(path)
            self.graph.remove_properties(self.iris.note(path), _OF_LINKS)
            self.graph.load_few(link(path, index, self.iris, self.state).encode())
            self.targets |= self.state.targets_of(path)
        for node in sorted(self.targets):
            self.graph.remove_subject(node, self.iris.resources_graph)
            for found, name, written in self.state.targets(node):
                self.graph.load_few(describe(found, name, self.iris, written=written).encode())
        self.graph.drop_if_empty(self.iris.resources_graph)
        self.graph.drop_if_empty(self.iris.arxiv_graph)
