"""Graphs are read ahead of what is sent, and many of them go in one stream that can be begun again."""

import time
from collections.abc import Iterator

import pytest

from kg.remote.connect import Connection, connect
from kg.remote.content import SMALL, Graph
from kg.remote.endpoint import Endpoint
from kg.remote.transport import Patience
from kg.remote.writing import Ahead, Entries, Writer
from tests.remote.faulty import Server, say, serving

_LINE = b'<a:s> <a:p> "%d" .\n'
_NOTHING = Entries("a:m", lambda _: b"", frozenset())


def _graph(name: str, lines: int, line: bytes = _LINE) -> Graph:
    return Graph(
        name, lambda: [b"".join(line % n for n in range(at, min(at + 999, lines))) for at in range(0, lines, 999)]
    )


def _endpoint(server: Server, stream: int) -> Endpoint:
    patience = Patience(sleep=lambda _: None)
    endpoint = connect(Connection(server.url, "oxigraph", packed=False, patience=patience))
    endpoint.store.stream = stream  # type: ignore[misc] # of this one
    return endpoint


def _add(server: Server, graphs: list[Graph], stream: int = 1_000_000) -> tuple[list[list[str]], list[str], list[int]]:
    """What each stream holds, what is left, and the progress that is told."""
    told: list[int] = []
    writer = Writer(_endpoint(server, stream), told.append)
    adding = writer.add(graphs, frozenset(graph.name for graph in graphs), _NOTHING)
    streams: list[list[str]] = []
    while True:
        try:
            streams.append(list(next(adding)))
        except StopIteration as stop:
            return streams, [graph.name for graph in stop.value], told


def _sent(server: Server) -> list[bytes]:
    return [seen.body for seen in server.seen if seen.target.startswith("/store")]


def test_streams_end_behind_whole_graphs() -> None:
    """A stream ends with the graph that makes it long enough; a graph that is larger than a stream is not parted."""
    large = SMALL // 15
    with serving(say(204)) as server:
        streams, left, told = _add(server, [_graph(f"a:{n}", 20) for n in range(4)] + [_graph("a:large", large)], 600)
    assert streams == [["a:0", "a:1"], ["a:2", "a:3"], ["a:large"]]
    assert left == []
    assert sum(told) == 80 + large
    assert _sent(server)[0] == b"".join(
        (_LINE % n)[:-2] + b"<%s> .\n" % name for name in (b"a:0", b"a:1") for n in range(20)
    )
    assert _sent(server)[2].count(b"\n") == large


def test_a_stream_that_is_refused_is_sent_again_from_its_beginning() -> None:
    """The second try has the same bytes, also when other graphs were read ahead meanwhile; progress is told once."""
    graphs = [_graph(f"a:{n}", 50) for n in range(9)] + [_graph("a:large", SMALL // 15), _graph("a:last", 1)]
    with serving(say(204)) as server:
        expected = _add(server, graphs, 2_000), _sent(server)
    with serving(say(204)) as server:
        server.will(*[say(503, Retry_After="0"), say(204)] * len(expected[1]))
        again = _add(server, graphs, 2_000), _sent(server)[::2]
        assert _sent(server)[1::2] == again[1]
    assert again == expected


def test_graphs_with_blank_nodes_are_left() -> None:
    """They may not arrive twice; a request is made only when there is something else to send."""
    blank = b"_:x%d <a:p> <a:o> .\n"
    with serving(say(204)) as server:
        graphs = [_graph("a:b", 2, blank), _graph("a:c", 2), _graph("a:d", 2, blank), _graph("a:e", SMALL, blank)]
        assert _add(server, graphs)[:2] == ([["a:c"]], ["a:b", "a:d", "a:e"])
        assert _add(server, graphs[:1])[:2] == ([], ["a:b"])
    assert len(_sent(server)) == 1


def test_entries_are_added_behind_the_graphs_that_they_tell_of() -> None:
    """What is to be added beside graphs is in the same request, for those of which it is wanted."""
    entries = Entries(
        "a:m", lambda digests: b"".join(b"<%s> <a:d> <a:x> .\n" % name.encode() for name in digests), {"a:1"}
    )
    with serving(say(204)) as server:
        list(
            Writer(_endpoint(server, 1_000)).add(
                [_graph("a:1", 1), _graph("a:2", 1)], frozenset({"a:1", "a:2"}), entries
            )
        )
    assert _sent(server) == [b'<a:s> <a:p> "0" <a:1> .\n<a:s> <a:p> "0" <a:2> .\n<a:1> <a:d> <a:x> <a:m> .\n']


def test_items_are_made_ahead_within_limits() -> None:
    """Another thread makes items until enough of them wait; it goes on as they are taken, and stops with its user."""
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1_000):
            made.append(number)
            yield number

    with Ahead(items(), 40, lambda _: 10) as ahead:
        deadline = time.monotonic() + 30
        while len(made) < 4 and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.05)
        assert made == [0, 1, 2, 3]
        assert [next(ahead) for _ in range(100)] == list(range(100))
    assert len(made) <= 105
    assert not ahead._thread.is_alive()
    assert list(_all(Ahead(range(5), 2))) == [0, 1, 2, 3, 4]


def _all(ahead: Ahead[int]) -> Iterator[int]:
    with ahead:
        yield from ahead


def test_a_reader_that_fails_in_the_midst_of_a_stream_is_told_and_done_again() -> None:
    """What fails while a graph is read is no matter of the network; the next try reads from the beginning."""
    fails = [True]

    def triples() -> Iterator[bytes]:
        for number in range(SMALL // 10):
            if fails and number == SMALL // 12:
                fails.clear()
                raise ValueError("the disk is gone")
            yield _LINE % number

    graphs = [_graph("a:1", 3), Graph("a:2", triples), _graph("a:3", 3)]
    with serving(say(204)) as server:
        with pytest.raises(ValueError, match="the disk is gone"):
            _add(server, graphs)
        assert _add(server, graphs)[:2] == ([["a:1", "a:2"], ["a:3"]], [])
    assert _sent(server)[-2].count(b"\n") == 3 + SMALL // 10


def test_what_goes_wrong_ahead_is_told_where_it_is_wanted() -> None:
    """Items that were made before it come first."""

    def items() -> Iterator[int]:
        yield 1
        raise ValueError("no more")

    with Ahead(items(), 5) as ahead:
        assert next(ahead) == 1
        with pytest.raises(ValueError, match="no more"):
            next(ahead)
