"""The triple store; with `kg.evaluation` and `kg.serialization` the only modules that know pyoxigraph.

A `GraphStore` is one open Oxigraph store, on disk or in memory, that takes N-Quads and gives query results, sorted
N-Quads lines and serializations. Where stores live on disk is the matter of `kg.generations`.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.errors import DamagedError, StoreError
from kg.evaluation import Answer, Rows, Source, Term, Triples
from kg.generations import Directory, Generation
from kg.namespaces import FM
from kg.serialization import FORMATS, serialize

__all__ = ["FORMATS", "GraphStore", "Rows", "Term", "Triples", "open_store", "publish", "serialize"]

_IDLE = 19  # as `nice` has it: the last to get the processor
_MERGING_THREAD = b"rocksdb:low"  # so RocksDB names the threads of its pool of low priority, which merge files


class GraphStore:
    """An open Oxigraph store."""

    def __init__(self, inner: ox.Store) -> None:
        self.inner = inner

    @classmethod
    def create(cls, path: Path) -> "GraphStore":
        """Open a store for writing, made new when the folder is empty.

        Raises:
            StoreError: the folder cannot be written.

        """
        try:
            return cls(ox.Store(path))
        except (OSError, ValueError, RuntimeError) as error:
            raise StoreError(f"{path}: {_one_line(error)}") from error

    @classmethod
    def change(cls, path: Path) -> "GraphStore":
        """Open a store that was built already for changes.

        Raises:
            DamagedError: its files are damaged.
        """
        try:
            return cls(ox.Store(path))
        except (OSError, ValueError, RuntimeError) as error:
            raise DamagedError(f"{path} is damaged ({_one_line(error)})") from error

    @classmethod
    def read(cls, path: Path) -> "GraphStore":
        """Open a store for reading.

        Raises:
            DamagedError: there is none or its files are damaged.

        """
        try:
            return cls(ox.Store.read_only(str(path)))
        except (OSError, ValueError, RuntimeError) as error:
            raise DamagedError(f"{path} is damaged ({_one_line(error)}); run `kg build` again") from error

    def load(self, nquads: bytes) -> None:
        """Add N-Quads that are known to be valid; other threads run meanwhile.

        Raises:
            StoreError: the disk is full or fails.

        """
        try:
            self.inner.bulk_load(input=nquads, format=ox.RdfFormat.N_QUADS, lenient=True)
        except OSError as error:
            raise StoreError(f"the store cannot be written: {_one_line(error)}") from error

    def merge_when_idle(self) -> None:
        """Let the store merge its table files when nobody else wants the processor, on systems that can do that.

        Holds for this process from now on: only a privileged one may take it back.
        """
        if sys.platform != "linux":  # elsewhere a thread has no priority of its own
            return
        for thread in Path("/proc/self/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended
                if (thread / "comm").read_bytes().startswith(_MERGING_THREAD):
                    os.setpriority(os.PRIO_PROCESS, int(thread.name), _IDLE)

    def add_graphs(self, graphs: Iterable[str]) -> list[str]:
        """Add empty named graphs; all named graphs are returned, in the order in which the tables keep them.

        What is loaded in this order is appended to the tables; in any other, the store merges it into them later.

        Raises:
            StoreError: the disk is full or fails.
        """
        try:
            for graph in graphs:
                self.inner.add_graph(ox.NamedNode(graph))
        except OSError as error:
            raise StoreError(f"the store cannot be written: {_one_line(error)}") from error
        return [graph.value for graph in self.inner.named_graphs() if isinstance(graph, ox.NamedNode)]

    def load_few(self, nquads: bytes) -> None:
        """Add a few N-Quads that are known to be valid.

        Raises:
            StoreError: the disk is full or fails.
        """
        try:
            self.inner.load(input=nquads, format=ox.RdfFormat.N_QUADS, lenient=True)
        except OSError as error:
            raise StoreError(f"the store cannot be written: {_one_line(error)}") from error

    def remove_graph(self, graph: str) -> None:
        """Remove a named graph."""
        self.inner.remove_graph(ox.NamedNode(graph))

    def drop_if_empty(self, graph: str) -> None:
        """Forget the name of a graph that holds nothing any more."""
        if next(self.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph)), None) is None:
            self.remove_graph(graph)

    def remove_subject(self, subject: str, graph: str) -> None:
        """Remove all that a named graph says of one subject."""
        self._remove(self.inner.quads_for_pattern(ox.NamedNode(subject), None, None, ox.NamedNode(graph)))

    def remove_record(self, resource: str, graph: str) -> None:
        """Remove the record of a resource and of an author that belongs to no other one."""
        authors = self.inner.quads_for_pattern(
            ox.NamedNode(resource), ox.NamedNode(FM.firstAuthor), None, ox.NamedNode(graph)
        )
        for author in [quad.object for quad in authors]:
            named = self.inner.quads_for_pattern(None, ox.NamedNode(FM.firstAuthor), author, ox.NamedNode(graph))
            if isinstance(author, ox.NamedNode) and len(list(islice(named, 2))) == 1:
                self.remove_subject(author.value, graph)
        for predicate in (FM.mentionedIn, FM.introducedBy):  # mentions in its title, and models known by it alone
            found = self.inner.quads_for_pattern(
                None, ox.NamedNode(predicate), ox.NamedNode(resource), ox.NamedNode(graph)
            )
            for subject in [quad.subject for quad in found]:
                self._remove(self.inner.quads_for_pattern(subject, None, None, ox.NamedNode(graph)))
        self.remove_subject(resource, graph)

    def remove_lines(self, nquads: bytes) -> None:
        """Remove N-Quads."""
        for quad in ox.parse(input=nquads, format=ox.RdfFormat.N_QUADS, lenient=True):
            self.inner.remove(quad)

    def remove_properties(self, graph: str, predicates: Iterable[str]) -> None:
        """Remove all that a named graph says with some properties."""
        for predicate in predicates:
            self._remove(self.inner.quads_for_pattern(None, ox.NamedNode(predicate), None, ox.NamedNode(graph)))

    def _remove(self, quads: Iterable[ox.Quad]) -> None:
        for quad in list(quads):
            self.inner.remove(quad)

    def load_file(self, path: Path, graph: str) -> int:
        """Add a Turtle file to a named graph, its blank nodes labelled canonically (RDFC-1.0).

        Returns:
            How many triples the file holds.

        """
        dataset = ox.Dataset(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        self.inner.extend(ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(graph)) for q in dataset)
        return len(dataset)

    def flush(self) -> None:
        """Bring what was written to the files."""
        self.inner.flush()

    def optimize(self) -> None:
        """Merge the files of the tables.

        Raises:
            StoreError: the disk is full or fails.
        """
        try:
            self.inner.optimize()
            self.inner.flush()
        except OSError as error:
            raise StoreError(f"the store cannot be written: {_one_line(error)}") from error

    def __len__(self) -> int:
        return len(self.inner)

    def graphs(self) -> list[str]:
        """The IRIs of the named graphs, sorted."""
        return sorted(graph.value for graph in self.inner.named_graphs() if isinstance(graph, ox.NamedNode))

    def subjects(self, predicate: str, text: str) -> list[str]:
        """The IRIs that have a string as the value of a property, sorted."""
        found = self.inner.quads_for_pattern(None, ox.NamedNode(predicate), ox.Literal(text), None)
        return sorted({quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)})

    def graph_lines(self, graph: str) -> list[str]:
        """The triples of a named graph as canonical N-Triples lines without their line ends, sorted."""
        pattern = self.inner.quads_for_pattern(None, None, None, ox.NamedNode(graph))
        data = ox.serialize((quad.triple for quad in pattern), format=ox.RdfFormat.N_TRIPLES)
        lines = (data or b"").decode().split("\n")
        lines.pop()
        lines.sort()
        return lines

    def triple_lines(self, *, without: str) -> set[str]:
        """The triples of all named graphs but one as canonical N-Triples lines without their line ends."""
        left_out = ox.NamedNode(without)
        triples = (quad.triple for quad in self.inner if quad.graph_name != left_out)
        lines = set((ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode().split("\n"))
        return lines - {""}

    def query(self, text: str, *, base: str = "", allow_service: bool = False) -> "Answer":
        """Evaluate a SPARQL 1.1 query over the union of the named graphs; the usual prefixes are declared.

        Args:
            text: the query.
            base: the IRI that relative IRIs are resolved against.
            allow_service: whether SERVICE may ask other endpoints, and FROM may fetch graphs.

        Raises:
            QueryError: it is malformed, asks for what is not allowed, or cannot be evaluated.

        """
        return self.source().query(text, base=base, allow_service=allow_service)

    def source(self) -> Source:
        """The dataset of this store, to ask: its default graph is the union of its named graphs."""
        return Source(self.inner, union=True)


@contextmanager
def open_store(root: Path) -> Iterator[GraphStore]:
    """Open the live graph of a store directory for reading; it stays whole while builds go on.

    Raises:
        StoreError: nothing was built there, or the files are damaged.

    """
    with Directory(root).reading() as generation:
        yield GraphStore.read(generation.graph)


def publish(directory: Directory, generation: Generation) -> None:
    """Make a finished generation the live one, once it is seen that its graph can be read.

    Raises:
        DamagedError: it cannot.
        OSError: the disk is full or fails.
    """
    try:
        GraphStore.read(generation.graph)
    except DamagedError as error:
        why = error.__cause__ or error
        raise DamagedError(f"{directory.root}: what was written cannot be read ({_one_line(why)})") from error
    directory.publish(generation)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
