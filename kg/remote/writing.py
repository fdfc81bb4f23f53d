"""Graphs on their way into a store: small ones together in one request, large ones in a stream of their own.

What is sent is made while the store reads what was sent before, so that neither side waits for the other; at most some
twenty megabytes are held.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from kg.remote.content import Digest, Graph, has_blank_nodes, relabelled
from kg.remote.endpoint import Endpoint, as_update, drop_request

__all__ = ["Ahead", "Entries", "Progress", "Writer"]

T = TypeVar("T")
Progress = Callable[[int], None]
"""Told of triples that are sent: how many more."""

AHEAD = 16_000_000  # bytes that are read while the store is busy with those before them
UPDATE = 1_000_000  # bytes of one SPARQL Update
_SETTLED = 200  # graphs, and seconds, after which what was written is told
_TOLD = 2.0


class Writer:
    """Writes graphs, as many in one request as the store bears."""

    def __init__(self, endpoint: Endpoint, progress: Progress = lambda _: None) -> None:
        self.endpoint = endpoint
        self.progress = progress

    def add(
        self, graphs: Sequence[Graph], fresh: frozenset[str], entries: "Entries"
    ) -> Generator[dict[str, str], None, list[Graph]]:
        """Add graphs in streams of many, and give their digests, some at a time; only where the store takes quads.

        What was added cannot be added again when the answer gets lost, if it has blank nodes: so graphs that have some
        are left, and those that are there. Within a transaction, which is tried again as a whole, none is.

        Args:
            graphs: each replaces what the store has of that name.
            fresh: the names of those that are not there.
            entries: what to add with them.

        Returns:
            Those that are left to be replaced.

        Raises:
            RemoteError: the store refused something.
        """
        blank = self.endpoint.once
        added = [graph for graph in graphs if blank or graph.name in fresh]
        left = [graph for graph in graphs if not blank and graph.name not in fresh]
        self.endpoint.drop(graph.name for graph in added if graph.name not in fresh)
        with _Source(added, blank) as source:
            while (piece := source.next) is not None:
                if piece.data is None:  # a request has at least one graph
                    left.append(piece.graph)
                    source.advance()
                    continue
                stream = _Stream(source, piece.place, self.endpoint.store.stream, self.progress, entries)
                self.endpoint.add(stream.pieces)
                left += stream.left
                yield stream.digests
        return left

    def replace(self, graphs: Iterable[Graph]) -> Iterator[dict[str, str]]:
        """Replace graphs, and give the digests of what was written, some at a time.

        Raises:
            RemoteError: the store refused something.
        """
        done: dict[str, str] = {}
        told = time.monotonic()
        with Ahead(self._parts(graphs), 2) as parts:
            for part in parts:
                if isinstance(part, Graph):
                    done |= self._stream(part)
                elif isinstance(part, _Small):
                    done |= self._alone(part)
                else:
                    done |= self._together(part)
                if len(done) >= _SETTLED or time.monotonic() - told > _TOLD:
                    yield done
                    done, told = {}, time.monotonic()
        if done:
            yield done

    def _parts(self, graphs: Iterable[Graph]) -> "Iterator[list[_Small] | _Small | Graph]":
        """Small graphs that are written together, small ones by themselves, and large ones."""
        store = self.endpoint.store
        most = min(UPDATE, store.largest or UPDATE) if store.update and store.groups else 0
        group: list[_Small] = []
        size = 0
        for graph in graphs:
            whole = graph.whole()
            if whole is None:
                yield graph
                continue
            small = _small(graph.name, whole)
            if not most or len(whole) > most:
                yield small
                continue
            if group and size + len(whole) > most:
                yield group
                group, size = [], 0
            group.append(small)
            size += len(whole)
        if group:
            yield group

    def _together(self, group: "list[_Small]") -> dict[str, str]:
        self.endpoint.update(
            b" ;\n".join(
                drop_request(small.name) + b" ;\n" + as_update(small.name, relabelled(small.triples, number))
                for number, small in enumerate(group)
            ),
            "writing",
        )
        self.progress(sum(small.count for small in group))
        return {small.name: small.digest for small in group}

    def _alone(self, small: "_Small") -> dict[str, str]:
        self.endpoint.replace(small.name, lambda: [relabelled(small.triples, 0)])
        self.progress(small.count)
        return {small.name: small.digest}

    def _stream(self, graph: Graph) -> dict[str, str]:
        digest, told, reading = Digest(), 0, ExitStack()

        def triples() -> Iterator[bytes]:
            nonlocal digest, told
            reading.close()
            digest = Digest()  # anew: a graph is read again when a request is repeated
            for piece in reading.enter_context(Ahead(graph.triples(), 2)):
                digest.add(piece)
                yield relabelled(piece, 0)
                if digest.count > told:
                    self.progress(digest.count - told)
                    told = digest.count

        with reading:
            self.endpoint.replace(graph.name, triples)
        return {graph.name: str(digest)}


@dataclass(frozen=True, slots=True)
class _Small:
    """A graph that is sent in one piece: its N-Triples, their digest, and how many there are."""

    name: str
    triples: bytes
    digest: str
    count: int


def _small(name: str, triples: bytes) -> _Small:
    digest = Digest()
    digest.add(triples)
    return _Small(name, triples, str(digest), digest.count)


@dataclass(frozen=True, slots=True)
class Entries:
    """What is added beside graphs, so that both are there or neither.

    Attributes:
        manifest: the IRI of the graph where it is added.
        of: makes N-Triples of the digests of graphs.
        names: the graphs of which it is made.
    """

    manifest: str
    of: Callable[[Mapping[str, str]], bytes]
    names: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some triples of a graph.

    Attributes:
        place: of the graph in the list.
        graph: the graph.
        data: N-Triples; None when the graph may not be added together with others.
        first: whether these are its first ones.
        count: how many there are.
        digest: that of the graph when these are its last ones, else empty.
    """

    place: int
    graph: Graph
    data: bytes | None
    first: bool = True
    count: int = 0
    digest: str = ""


class _Source:
    """The pieces of a list of graphs, read ahead by another thread."""

    def __init__(self, graphs: Sequence[Graph], blank: bool) -> None:
        """Begin with the first graph.

        Args:
            graphs: what is to be added.
            blank: whether graphs with blank nodes may be.
        """
        self._graphs = graphs
        self._blank = blank
        self._reading = ExitStack()
        self.next: _Piece | None = None

    def __enter__(self) -> Self:
        self._begin(0)
        return self

    def __exit__(self, *_: object) -> None:
        self._reading.close()

    def seek(self, place: int) -> None:
        """Have the first piece of a graph come next."""
        if self.next is None or self.next.place != place or not self.next.first:
            self._reading.close()
            self._begin(place)

    def advance(self) -> None:
        """Go on behind the next piece, which is None behind the last one."""
        self.next = next(self._coming, None)

    def _begin(self, place: int) -> None:
        self._coming = self._reading.enter_context(
            Ahead(self._pieces(place), AHEAD, lambda piece: len(piece.data or b""))
        )
        self.advance()

    def _pieces(self, start: int) -> Iterator[_Piece]:
        for place, graph in enumerate(self._graphs[start:], start):
            whole = graph.whole()
            if not self._blank and (graph.blank() if whole is None else has_blank_nodes(whole)):
                yield _Piece(place, graph, None)
                continue
            digest, first, held = Digest(), True, b""
            for data in graph.triples() if whole is None else (whole,):
                if held:
                    yield _Piece(place, graph, held, first, held.count(b"\n"))
                    first = False
                digest.add(data)
                held = relabelled(data, place) if self._blank else data
            yield _Piece(place, graph, held, first, held.count(b"\n"), str(digest))


class _Stream:
    """Graphs from a place of a source on, as pieces of one request that may be repeated.

    Attributes:
        digests: those of the graphs in it, by name.
        left: graphs that it passed over, since they may not be added.
    """

    def __init__(self, source: _Source, start: int, most: int, progress: Progress, entries: Entries) -> None:
        self._source = source
        self._start = start
        self._most = most
        self._progress = progress
        self._entries = entries
        self._told = 0
        self._begin()

    def _begin(self) -> None:
        self.digests: dict[str, str] = {}
        self.left: list[Graph] = []
        self._count = 0

    def pieces(self) -> Iterator[tuple[str, bytes]]:
        """The graphs' names and N-Triples, whole graphs until there are enough bytes."""
        self._begin()
        source, size = self._source, 0
        source.seek(self._start)
        while (piece := source.next) is not None and not (piece.first and size >= self._most):
            source.advance()
            if piece.data is None:
                self.left.append(piece.graph)
                continue
            yield piece.graph.name, piece.data
            if piece.digest:
                self.digests[piece.graph.name] = piece.digest
            size += len(piece.data)
            self._count += piece.count
            if self._count > self._told:
                self._progress(self._count - self._told)
                self._told = self._count
        entered = {name: digest for name, digest in self.digests.items() if name in self._entries.names}
        if entered:
            yield self._entries.manifest, self._entries.of(entered)


class Ahead(Generic[T]):
    """Items made by another thread while those before them are used."""

    def __init__(self, items: Iterable[T], most: int, size: Callable[[T], int] = lambda _: 1) -> None:
        """Begin when it is entered.

        Args:
            items: makes them; what it raises is raised where the next item is wanted.
            most: so many are held, or a few more: one is made whenever there are less.
            size: as how many an item counts.
        """
        self._items = items
        self._most = most
        self._size = size
        self._made: deque[T] = deque()
        self._held = 0
        self._stopped = self._ended = False
        self._failure: BaseException | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._make, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        with self._changed:
            self._changed.wait_for(lambda: self._made or self._ended)
            if self._made:
                item = self._made.popleft()
                self._held -= self._size(item)
                self._changed.notify()
                return item
        if self._failure is not None:
            raise self._failure
        raise StopIteration

    def _make(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    self._made.append(item)
                    self._held += self._size(item)
                    self._changed.notify()
                    self._changed.wait_for(lambda: self._stopped or self._held < self._most)
                    if self._stopped:
                        return
        except BaseException as error:  # noqa: BLE001 - raised again where the items are used
            self._failure = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify()
