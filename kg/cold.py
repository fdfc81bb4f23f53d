"""A build from nothing: all notes are mapped, in other processes, while the store loads what is mapped already.

Notes are taken in the order in which the store keeps their graphs, so that what it loads later comes behind what it has
and need not be merged with it; what it has to merge waits until there is a processor for that.
"""

import queue
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from kg import data
from kg.clock import Clock
from kg.conclusions import conclude, describe, link, tell
from kg.generations import Generation
from kg.iris import Iris
from kg.metadata import Record
from kg.namespaces import ARXIV_IRI, MODELS_IRI, ONTOLOGY_IRI
from kg.settings import Settings
from kg.state import State
from kg.store import GraphStore
from kg.vault import LinkIndex, Scan
from kg.workers import map_files

__all__ = ["build_cold"]

_BATCH = 40 << 20  # bytes of N-Quads loaded at once: so many that few files are left to merge, and memory suffices
_WAITING = 2  # batches that wait for the store, so that it has work while the last notes are mapped and concluded from


def build_cold(  # noqa: PLR0913
    generation: Generation,
    state: State,
    settings: Settings,
    found: Scan,
    progress: Callable[[int, int], None] | None,
    clock: Clock,
    *,
    metadata: Callable[[State], Mapping[str, Record]],
) -> int:
    """Fill an empty generation and its state; returns the number of quads of the ontologies.

    Once all notes are mapped, `metadata` gives what is known of the resources that the state has.
    """
    iris = Iris(settings.base_iri)
    graph = GraphStore.create(generation.graph)
    graph.merge_when_idle()
    state.set_lexicon(settings.lexicon)
    notes = {iris.note(note.path): note for note in found.notes}
    ordered = [notes[name] for name in graph.add_graphs(notes)]
    with _Loader(graph) as loader:
        for done, mapped in enumerate(map_files(ordered, settings), 1):
            loader.add(mapped.quads)
            state.add(mapped.row, mapped.mentions)
            if progress is not None:
                progress(done, len(ordered))
        clock.stage("map")
        state.index()
        for resource, record in metadata(state).items():
            state.set_metadata(resource, record)
        for mentions in state.mentions():
            loader.add((conclude(mentions[0].resource, mentions, iris, state) or "").encode())
        for resource in state.to_tell():
            loader.add(tell(resource, iris, state).encode())
        clock.stage("conclude")
        index = LinkIndex(state.paths(), found.attachments, state.aliases())
        for note in ordered:
            loader.add(link(note.path, index, iris, state).encode())
        for node, name, written in state.targets():
            loader.add(describe(node, name, iris, written=written).encode())
        clock.stage("link")
    ontology = graph.load_file(data.ontology(), ONTOLOGY_IRI) + graph.load_file(data.categories(), ARXIV_IRI)
    ontology += graph.load_file(data.models(), MODELS_IRI)
    for file in map(Path, settings.vocabularies):
        ontology += graph.load_file(file, iris.vocabulary_graph(file.stem))
    graph.flush()
    clock.stage("load")
    return ontology


class _Loader:
    """Feeds a store in batches from another thread: the load runs outside Python while notes are mapped."""

    def __init__(self, graph: GraphStore) -> None:
        self.graph = graph
        self.parts: list[bytes] = []
        self.size = 0
        self.batches: queue.Queue[bytes | None] = queue.Queue(maxsize=_WAITING)
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, name="kg-load", daemon=True)

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._send()
        else:
            self.error = error  # what waits is not loaded any more
        self.batches.put(None)
        self.thread.join()
        if kind is None and self.error is not None:
            raise self.error

    def add(self, quads: bytes) -> None:
        self.parts.append(quads)
        self.size += len(quads)
        if self.size >= _BATCH:
            self._send()

    def _send(self) -> None:
        if self.error is not None:
            raise self.error
        if self.parts:
            self.batches.put(b"".join(self.parts))
            self.parts, self.size = [], 0

    def _run(self) -> None:
        while (batch := self.batches.get()) is not None:
            if self.error is None:
                try:
                    self.graph.load(batch)
                except BaseException as error:  # noqa: BLE001 - raised again in the thread that builds
                    self.error = error
