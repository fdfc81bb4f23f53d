"""A vault in a triple store, kept in step: what differs is written, what is gone is dropped, all else is left alone."""

import os
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

from kg.errors import UsageError
from kg.iris import Iris
from kg.remote.content import Graph, StoredGraph
from kg.remote.endpoint import Endpoint
from kg.remote.manifest import PENDING, Manifest, UpdateManifest, manifest_of
from kg.remote.transactions import atomically
from kg.remote.writing import Entries, Progress, Writer
from kg.store import GraphStore

__all__ = ["Plan", "Report", "base_of", "distrust", "graphs_of", "load", "plan"]

T = TypeVar("T")

_MARKED = 2_000  # graphs that are marked at once, at most
_AT_ONCE = 500  # graphs that change in one transaction, at most: a store may hold it in memory; or are read for digests


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, as IRIs of graphs: `written` are `new` ones and `changed` ones."""

    new: Sequence[str] = ()
    changed: Sequence[str] = ()
    removed: Sequence[str] = ()
    same: Sequence[str] = ()

    @property
    def written(self) -> list[str]:
        """The graphs to write."""
        return [*self.new, *self.changed]


@dataclass(slots=True)
class Report:
    """What was done."""

    plan: Plan
    triples: int = 0
    seconds: float = 0.0


def base_of(store: GraphStore) -> str:
    """The base of the IRIs of a vault, from its graph.

    Raises:
        UsageError: the store holds no vault.
    """
    ending = Iris("http://x/").resources_graph.removeprefix("http://x/")
    bases = [graph.removesuffix(ending) for graph in store.graphs() if graph.endswith(f"/{ending}")]
    if len(bases) != 1:
        raise UsageError("the store holds no graph of notes; run `kg build` first")
    return bases[0]


def graphs_of(store: GraphStore) -> dict[str, Graph]:
    """The named graphs of a vault, by IRI."""
    return {name: StoredGraph(store, name) for name in store.graphs()}


def plan(graphs: Mapping[str, Graph], known: Mapping[str, str]) -> Plan:
    """Compare a vault with the manifest of what was loaded."""
    now = _digests([graph for name, graph in graphs.items() if known.get(name, PENDING) != PENDING])
    new = [name for name in graphs if name not in known]
    changed = [name for name in graphs if name in known and now.get(name) != known[name]]
    same = [name for name, digest in now.items() if digest == known[name]]
    return Plan(new, changed, [name for name in known if name not in graphs], same)


def _digests(graphs: Sequence[Graph]) -> dict[str, str]:
    """The digests of graphs by name, worked out on all processors: the store is read without Python's lock."""
    found: dict[str, str] = {}
    threads = ThreadPoolExecutor(os.cpu_count())
    try:
        for some in _slices(graphs, _AT_ONCE):
            found.update(zip((graph.name for graph in some), threads.map(Graph.digest, some), strict=True))
    finally:
        threads.shutdown(cancel_futures=True)
    return found


def load(
    graphs: Mapping[str, Graph],
    endpoint: Endpoint,
    manifest_graph: str,
    *,
    progress: Progress = lambda _: None,
    notice: Callable[[str], None] = lambda _: None,
) -> Report:
    """Bring a store in step with a vault.

    It may be interrupted at any moment: the next load completes it.

    Args:
        graphs: those of the vault.
        endpoint: the store.
        manifest_graph: where the store keeps what was loaded.
        progress: told of triples that are sent.
        notice: told in one line when there is something to wait for.

    Raises:
        StoreBusyError: another load of this vault is running.
        RemoteError: the store refused something.
    """
    started = time.perf_counter()
    manifest = manifest_of(endpoint, manifest_graph, notice)
    with manifest.holding():
        known = manifest.read()
        todo = plan(graphs, known)
        fresh = frozenset(todo.new) if endpoint.store.quads else frozenset[str]()
        if fresh:
            fresh -= endpoint.existing(fresh)
        work = _Work(graphs, endpoint, manifest, known, fresh, Report(todo), progress)
        for names in _slices([*todo.removed, *todo.written], _AT_ONCE if endpoint.store.transactions else _MARKED):
            work.do(names)
    work.report.seconds = time.perf_counter() - started
    return work.report


@dataclass(frozen=True, slots=True)
class _Work:
    """What a load does, some graphs at a time."""

    graphs: Mapping[str, Graph]
    endpoint: Endpoint
    manifest: Manifest
    known: dict[str, str]
    fresh: frozenset[str]
    report: Report
    progress: Progress

    def do(self, names: Sequence[str]) -> None:
        """Bring graphs in step, in one transaction where the store has some; else each is settled when it is done.

        Graphs that are not there are not marked: they are added together with their entries in the manifest.
        """
        entering = set(self.fresh.intersection(names))
        self.manifest.mark([name for name in names if name not in entering], self.known)
        done: dict[str, str | None] = {}
        before, fresh = self.report.triples, self.fresh

        def change(to: Endpoint) -> None:
            nonlocal fresh
            surely, fresh = fresh, frozenset()  # when it is tried again, it may be that the commit arrived
            done.clear()
            self._count(before - self.report.triples)
            with closing(self._change(names, to, surely, entering)) as changes:
                for some in changes:
                    done.update(some)
                    if to is self.endpoint:
                        self._settle(done, entering)
                        done.clear()
            if done:
                self.manifest.check()

        atomically(self.endpoint, change)
        if done:
            self._settle(done, entering)

    def _change(
        self, names: Sequence[str], to: Endpoint, fresh: frozenset[str], entering: set[str]
    ) -> Generator[Mapping[str, str | None], None, None]:
        """Change graphs; those of `entering` that turn out to need a mark are marked and taken out of it."""
        gone = [name for name in names if name not in self.graphs]
        if gone:
            to.drop(gone)
            yield dict.fromkeys(gone)
        writer = Writer(to, self._count)
        left = [self.graphs[name] for name in names if name in self.graphs]
        if to.store.quads and isinstance(self.manifest, UpdateManifest):
            left = yield from writer.add(left, fresh, Entries(self.manifest.name, self.manifest.entries, entering))
            unmarked = entering.intersection(graph.name for graph in left)
            self.manifest.mark(unmarked, self.known)
            entering -= unmarked
        yield from writer.replace(left)

    def _settle(self, done: Mapping[str, str | None], entering: set[str]) -> None:
        entered = {name: digest for name, digest in done.items() if name in entering and digest is not None}
        settled = {name: digest for name, digest in done.items() if name not in entering}
        if entered and isinstance(self.manifest, UpdateManifest):
            self.manifest.entered(entered, self.known)
        if settled:
            self.manifest.settle(settled, self.known)

    def _count(self, more: int) -> None:
        if more:
            self.report.triples += more
            self.progress(more)


def distrust(names: Sequence[str], endpoint: Endpoint, manifest_graph: str) -> None:
    """Have the next load write graphs again, whatever the manifest says of them."""
    manifest = manifest_of(endpoint, manifest_graph)
    with manifest.holding():
        manifest.mark(names, manifest.read())


def _slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
