"""Graphs on their way into a store: small ones together in one request, large ones in a stream of their own.

What is sent is made while the store reads it, so that neither side waits for the other; at most a few megabytes are
held.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from kg.remote.content import Digest, Graph, relabelled
from kg.remote.endpoint import Endpoint, as_update, drop_request, has_blank_nodes

__all__ = ["Progress", "Writer", "ahead"]

T = TypeVar("T")
Progress = Callable[[int], None]
"""Told of triples that are sent: how many more."""

SMALL = 1_000_000  # bytes; a larger graph has a request of its own
STREAM = 64_000_000  # bytes of small graphs that are added by one request
UPDATE = 1_000_000  # bytes of one SPARQL Update
_SETTLED = 200  # graphs, and seconds, after which what was written is told
_TOLD = 2.0


class Writer:
    """Writes graphs, as many in one request as the store bears."""

    def __init__(self, endpoint: Endpoint, progress: Progress = lambda _: None) -> None:
        self.endpoint = endpoint
        self.progress = progress

    def write(self, graphs: Iterable[Graph], fresh: "frozenset[str]") -> Iterator[dict[str, str]]:
        """Write graphs, and give the digests of what was written, some at a time.

        What was added cannot be added again when the answer gets lost, if it has blank nodes: so graphs that have some,
        large ones and those that were there before are replaced, the others are added in streams of many. Within a
        transaction, which is tried again as a whole, all but large ones are added.

        Args:
            graphs: each replaces what the store has of that name.
            fresh: the names of those that were never loaded before; within a transaction, of those that are not there.

        Raises:
            RemoteError: the store refused something.
        """
        graphs = list(graphs)
        blank = self.endpoint.once
        added = [graph for graph in graphs if blank or graph.name in fresh] if self.endpoint.store.quads else []
        replaced = [graph for graph in graphs if not blank and graph.name not in fresh] if added else graphs
        if added:
            # Who knows what somebody wrote there; within a transaction it is known.
            self.endpoint.drop(graph.name for graph in added if not (blank and graph.name in fresh))
            start = 0
            while start < len(added):
                if _addable(added[start], blank) is None:  # a request has at least one graph
                    replaced.append(added[start])
                    start += 1
                    continue
                stream = _Stream(added, start, self.progress, blank)
                self.endpoint.add(stream.pieces)
                start = stream.end
                replaced += stream.left_out
                yield stream.digests
        yield from self._replace(replaced)

    def _replace(self, graphs: Iterable[Graph]) -> Iterator[dict[str, str]]:
        done: dict[str, str] = {}
        told = time.monotonic()
        with ahead(self._groups(graphs), 1) as groups:
            for group in groups:
                done |= self._alone(group) if isinstance(group, Graph) else self._together(group)
                if len(done) >= _SETTLED or time.monotonic() - told > _TOLD:
                    yield done
                    done, told = {}, time.monotonic()
        if done:
            yield done

    def _groups(self, graphs: Iterable[Graph]) -> Iterator[list[tuple[str, bytes]] | Graph]:
        """Small graphs that are written together, and others by themselves."""
        store = self.endpoint.store
        most = min(UPDATE, store.largest or UPDATE) if store.update and store.groups else 0
        group: list[tuple[str, bytes]] = []
        size = 0
        for graph in graphs:
            whole = whole_of(graph, SMALL)
            if whole is None or len(whole) > most or not most:
                yield graph if whole is None else Graph(graph.name, partial(_once, whole))
                continue
            if group and size + len(whole) > most:
                yield group
                group, size = [], 0
            group.append((graph.name, whole))
            size += len(whole)
        if group:
            yield group

    def _together(self, group: list[tuple[str, bytes]]) -> dict[str, str]:
        self.endpoint.update(
            b" ;\n".join(
                drop_request(name) + b" ;\n" + as_update(name, relabelled(whole, number))
                for number, (name, whole) in enumerate(group)
            ),
            "writing",
        )
        done = {}
        for name, whole in group:
            digest = Digest()
            digest.add(whole)
            done[name] = str(digest)
            self.progress(digest.count)
        return done

    def _alone(self, graph: Graph) -> dict[str, str]:
        digest, told = Digest(), 0

        def triples() -> Iterator[bytes]:
            nonlocal digest, told
            digest = Digest()  # anew: a graph is read again when a request is repeated
            for piece in graph.triples():
                digest.add(piece)
                yield relabelled(piece, 0)
                if digest.count > told:
                    self.progress(digest.count - told)
                    told = digest.count

        self.endpoint.replace(graph.name, triples)
        return {graph.name: str(digest)}


def _once(whole: bytes) -> tuple[bytes]:
    return (whole,)


class _Stream:
    """Graphs of a list from a place on, as pieces of one request that may be repeated.

    Attributes:
        end: the place behind the last one.
        digests: those of the graphs in it, by name.
        left_out: graphs that it passed over, since they are large or have blank nodes that they may not have.
    """

    def __init__(self, graphs: Sequence[Graph], start: int, progress: Progress, blank: bool) -> None:
        self._graphs = graphs
        self._start = start
        self._progress = progress
        self._blank = blank
        self._told = 0
        self._begin()

    def _begin(self) -> None:
        self.end = self._start
        self.digests: dict[str, str] = {}
        self.left_out: list[Graph] = []
        self._count = 0

    def pieces(self) -> Iterator[tuple[str, bytes]]:
        """The graphs, each with its N-Triples, until there are enough bytes."""
        self._begin()
        size = 0
        while self.end < len(self._graphs) and size < STREAM:
            graph = self._graphs[self.end]
            self.end += 1
            whole = _addable(graph, self._blank)
            if whole is None:
                self.left_out.append(graph)
                continue
            digest = Digest()
            digest.add(whole)
            self.digests[graph.name] = str(digest)
            yield graph.name, relabelled(whole, self.end)
            size += len(whole)
            self._count += digest.count
            if self._count > self._told:
                self._progress(self._count - self._told)
                self._told = self._count


def _addable(graph: Graph, blank: bool) -> bytes | None:
    """The triples of a graph that may be added together with others, `blank` if that may be with blank nodes."""
    whole = whole_of(graph, SMALL)
    return None if whole is None or (not blank and has_blank_nodes(whole)) else whole


def whole_of(graph: Graph, most: int) -> bytes | None:
    """The triples of a graph, None when they are more than `most` bytes."""
    pieces, size = [], 0
    for piece in graph.triples():
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return None
    return b"".join(pieces)


_END = object()


@contextmanager
def ahead(items: Iterable[T], most: int) -> Iterator[Iterator[T]]:
    """Items made by another thread while those before them are used, at most `most` in advance."""
    waiting: queue.Queue[object] = queue.Queue(most)
    stopped = threading.Event()
    failure: list[BaseException] = []

    def put(item: object) -> bool:
        while not stopped.is_set():
            try:
                waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the items are used
            failure.append(error)
        put(_END)

    def taken() -> Iterator[T]:
        while (item := waiting.get()) is not _END:
            yield item  # type: ignore[misc] # only items and the end are put
        if failure:
            raise failure[0]

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stopped.set()
        thread.join()
