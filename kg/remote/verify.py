"""Whether a store still holds what was loaded: read back, and compared graph by graph."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from kg.exchange import canonical, lines
from kg.remote.content import Digest, Graph
from kg.remote.endpoint import Endpoint

__all__ = ["Difference", "differences"]

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """How a graph of a store differs.

    Attributes:
        graph: its IRI.
        missing: how many triples are not there.
        surplus: how many triples are there that should not be.
        examples: some of both as N-Triples, behind `-` and `+`.
    """

    graph: str
    missing: int
    surplus: int
    examples: tuple[str, ...]


def differences(
    graphs: Mapping[str, Graph],
    endpoint: Endpoint,
    *,
    beside: Iterable[bytes] = (),
    progress: Callable[[int], None] = lambda _: None,
) -> Iterator[Difference]:
    """Read graphs back and give those that are not isomorphic to what they should be (RDFC-1.0).

    A graph without blank nodes is compared in constant memory as long as it is equal.

    Args:
        graphs: what should be there.
        endpoint: the store.
        beside: N-Triples lines that may be in each graph too.
        progress: told of each triple that is read.

    Raises:
        RemoteError: the store refuses to be read.
        QueryError: its answer is broken.
    """
    allowed = {line.decode().rstrip("\n") for line in beside}
    for name, graph in graphs.items():

        def digest(stream: IO[bytes], media: str) -> str:
            found = Digest()
            for piece in lines(stream, media):
                found.add(piece)
            progress(found.count)
            return str(found)

        if endpoint.read(name, digest) == graph.digest():
            continue
        there = set(endpoint.read(name, canonical) or ()) - allowed
        here = set(canonical(io.BytesIO(b"".join(graph.triples())), "application/n-triples"))
        if here != there:
            missing, surplus = sorted(here - there), sorted(there - here)
            examples = [f"- {line}" for line in missing[:_SHOWN]] + [f"+ {line}" for line in surplus[:_SHOWN]]
            yield Difference(name, len(missing), len(surplus), tuple(examples))
