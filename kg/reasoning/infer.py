"""`kg infer`: what follows from a graph, in a named graph of its own, or what contradicts it."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kg.clock import Clock
from kg.errors import InconsistentError, StoreError
from kg.generations import Directory, Generation
from kg.iris import Iris
from kg.reasoning.conclusions import telling
from kg.reasoning.contradictions import contradictions
from kg.reasoning.engines import DEFAULT, close
from kg.state import State, sqlite_errors
from kg.store import GraphStore, publish

__all__ = ["Inference", "after_build", "conclude", "infer"]


_FEW = 1 << 20  # bytes of quads below which adding them one by one is faster than making a file of them


@dataclass(slots=True)
class Inference:
    """What was concluded, in numbers.

    Attributes:
        engine: which one did it.
        stated: triples that were given, in all graphs.
        concluded: triples that follow and say something.
        changed: whether the graph is another one than before.
        seconds: by stage.
    """

    engine: str
    stated: int = 0
    concluded: int = 0
    changed: bool = True
    seconds: dict[str, float] = field(default_factory=dict)


def infer(store: Path, engine: str = DEFAULT, *, wait: bool = False) -> Inference:
    """Conclude what follows from the graph of a store directory, and publish the graph with it.

    Raises:
        InconsistentError: something contradicts the ontologies; nothing was written.
        StoreError: there is no graph, or the store cannot be written.
        StoreBusyError: a build is running and `wait` is false.
        UsageError: there is no such engine.

    """
    directory = Directory(store)
    with directory.building(wait=wait):
        live = directory.current()
        if live is None:
            raise StoreError(f"{store}: no graph here; run `kg build NOTES --store {store}` first")
        directory.clean(live)
        with directory.draft(clone=live) as generation:
            with sqlite_errors(), closing(State.change(generation.state)) as state:
                found = conclude(generation, state, engine)
                state.finish()
            if found.changed:
                publish(directory, generation)
    return found


def after_build(engine: str = DEFAULT) -> Callable[[Generation, State], Sequence[object]]:
    """What a build concludes with: where something contradicts, its graph stays and is without conclusions."""

    def run(generation: Generation, state: State) -> Sequence[object]:
        try:
            conclude(generation, state, engine)
        except InconsistentError as error:
            return error.contradictions
        return ()

    return run


def conclude(generation: Generation, state: State, engine: str = DEFAULT) -> Inference:
    """Conclude what follows from the graph of a generation that is not published yet, and put it there.

    Args:
        generation: the generation; its store must not be open.
        state: its state, open for changes.
        engine: the engine to use.

    Raises:
        InconsistentError: something contradicts the ontologies; the generation is without conclusions.
        UsageError: there is no such engine.

    """
    clock = Clock()
    inferred = Iris(str(state.meta("base_iri"))).inferred_graph
    graph = GraphStore.change(generation.graph)
    before = set(graph.graph_lines(inferred))
    stated = graph.triple_lines(without=inferred)
    clock.stage("read")
    found = telling(close(stated, engine), stated)
    clock.stage("close")
    graph.remove_lines("".join(f"{line[:-1]}<{inferred}> .\n" for line in before.difference(found)).encode())
    fresh = "".join(f"{line[:-1]}<{inferred}> .\n" for line in found if line not in before).encode()
    (graph.load if len(fresh) > _FEW else graph.load_few)(fresh)
    graph.drop_if_empty(inferred)
    clock.stage("write")
    wrong = contradictions(graph, inferred)
    clock.stage("check")
    if wrong:
        graph.remove_graph(inferred)
        graph.flush()
        _count(state, engine, 0)
        state.set_meta(inferred=None)
        raise InconsistentError(wrong)
    graph.flush()
    _count(state, engine, len(found))
    return Inference(engine, len(stated), len(found), before != set(found), clock.total())


def _count(state: State, engine: str, quads: int) -> None:
    """Remember how much was concluded, also in the numbers of the last build."""
    last, summary = state.meta("inferred"), state.meta("summary")
    before = int(last["quads"]) if isinstance(last, dict) else 0
    if isinstance(summary, dict):
        state.set_meta(summary=summary | {"quads": int(summary["quads"]) - before + quads})
    state.set_meta(inferred={"engine": engine, "quads": quads})
