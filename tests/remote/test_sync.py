"""A store is kept in step with a vault: only what differs is touched, whatever happens meanwhile."""

import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pyoxigraph as ox
import pytest

from kg import build
from kg.errors import NetworkError, StoreBusyError, UsageError
from kg.remote import flat, sync, verify
from kg.remote.connect import Connection, connect
from kg.remote.content import Graph
from kg.remote.endpoint import Endpoint
from kg.remote.manifest import PENDING, GraphManifest, UpdateManifest
from kg.remote.sync import Plan, Report
from kg.remote.transport import AgainError, Client, Patience, RemoteError, Request
from kg.store import GraphStore, open_store
from tests.remote.faulty import reset, say, serving
from tests.remote.servers import Server
from tests.running import NOTES

_M = "https://v.example/graph/manifest"
_KINDS = ["oxigraph", "sparql", "gsp"]


def _graphs(**contents: str) -> dict[str, Graph]:
    """Graphs of a vault, each with one literal; a content may say more of them, one a line."""

    def triples(text: str) -> Callable[[], list[bytes]]:
        return lambda: [b"".join(b'<a:s> <a:p> "%s" .\n' % line.encode() for line in text.split("\n"))]

    return {
        f"https://v.example/{name}": Graph(f"https://v.example/{name}", triples(text))
        for name, text in contents.items()
    }


def _names(names: object) -> list[str]:
    return [str(name).removeprefix("https://v.example/") for name in names]  # type: ignore[attr-defined]


def _told(plan: Plan) -> tuple[list[str], list[str], list[str], list[str]]:
    return _names(plan.new), _names(plan.changed), _names(plan.removed), _names(plan.same)


def _literals(endpoint: Endpoint, name: str) -> list[str]:
    rows = connect(Connection(endpoint.store.url)).select(
        f"SELECT ?o WHERE {{ GRAPH <https://v.example/{name}> {{ ?s <a:p> ?o }} }} ORDER BY ?o"
    )
    return [row["o"].value for row in rows]


@pytest.fixture(params=_KINDS)
def store(request: pytest.FixtureRequest, oxigraph: Server) -> Endpoint:
    """An empty Oxigraph Server, spoken to with all that it knows, with SPARQL alone, and by its graph store alone."""
    return connect(_spoken_to(oxigraph, request.param))


def _spoken_to(oxigraph: Server, kind: str) -> Connection:
    if kind == "sparql":
        return Connection(oxigraph.url, kind, query=f"{oxigraph.url}/query", update=f"{oxigraph.url}/update")
    return Connection(oxigraph.url if kind == "oxigraph" else f"{oxigraph.url}/store", kind)


def test_only_what_changed_is_written(store: Endpoint) -> None:
    """The second load writes changed graphs, adds new ones, drops those of removed notes, and leaves the others."""
    first = sync.load(_graphs(same="1", changed="1", gone="1"), store, _M)
    assert _told(first.plan) == (["same", "changed", "gone"], [], [], [])
    second = sync.load(_graphs(same="1", changed="2", new="1"), store, _M)
    assert _told(second.plan) == (["new"], ["changed"], ["gone"], ["same"])
    assert {name: _literals(store, name) for name in ("same", "changed", "new", "gone")} == {
        "same": ["1"],
        "changed": ["2"],
        "new": ["1"],
        "gone": [],
    }
    assert second.triples == 2
    third = sync.load(_graphs(same="1", changed="2", new="1"), store, _M)
    assert _told(third.plan) == ([], [], [], ["same", "changed", "new"])


def test_graphs_of_others_are_not_touched(store: Endpoint, endpoint: Endpoint) -> None:
    """What somebody else keeps in the store stays, in named graphs and in the default graph."""
    endpoint.update('INSERT DATA { <a:s> <a:p> "default" . GRAPH <https://v.example/theirs> { <a:s> <a:p> "t" } }')
    sync.load(_graphs(ours="1"), store, _M)
    sync.load(_graphs(), store, _M)
    assert _literals(store, "theirs") == ["t"]
    assert [row["o"].value for row in endpoint.select("SELECT ?o { ?s <a:p> ?o }")] == ["default"]


def test_what_lay_in_a_new_graph_is_replaced(store: Endpoint, endpoint: Endpoint) -> None:
    """A graph that the vault claims holds what the vault says, even when somebody wrote there before."""
    endpoint.update('INSERT DATA { GRAPH <https://v.example/ours> { <a:s> <a:p> "old" } }')
    sync.load(_graphs(ours="new"), store, _M)
    assert _literals(store, "ours") == ["new"]


def test_compressed_streams_arrive_and_leave_the_connection_usable(oxigraph: Server) -> None:
    """What is sent behind a compressed stream is answered as ever."""
    packing = connect(Connection(oxigraph.url, packed=True))
    for number in range(10):
        graphs = _graphs(**{f"g{other}": f"{other}" for other in range(number + 1)})
        sync.load(graphs, packing, _M)
    assert list(verify.differences(graphs, packing)) == []


def test_two_vaults_share_a_store(store: Endpoint) -> None:
    """Each vault has a manifest of its own, and knows nothing of the other."""
    sync.load(_graphs(one="1"), store, _M)
    sync.load(_graphs(two="2"), store, "https://w.example/graph/manifest")
    assert _told(sync.load(_graphs(one="1"), store, _M).plan) == ([], [], [], ["one"])
    assert (_literals(store, "one"), _literals(store, "two")) == (["1"], ["2"])


def test_an_empty_graph_is_kept_in_step(store: Endpoint) -> None:
    """A graph without triples is loaded once, and empties one that had some."""
    empty = {"https://v.example/e": Graph("https://v.example/e", list)}
    sync.load(_graphs(e="1"), store, _M)
    sync.load(empty, store, _M)
    assert _literals(store, "e") == []
    assert _told(sync.load(empty, store, _M).plan) == ([], [], [], ["e"])


@pytest.mark.parametrize("bytes_at_most", [0, 2_000])
def test_large_graphs_go_in_pieces_or_in_a_stream(endpoint: Endpoint, bytes_at_most: int) -> None:
    """A graph beyond the limit of a request arrives whole, its blank nodes not parted."""
    lines = [b'_:b%d <a:p> _:b%d .\n<a:s> <a:p> "%d" .\n' % (i % 20, (i + 1) % 20, i) for i in range(30_000)]
    pieces = [b"".join(lines[start : start + 7]) for start in range(0, len(lines), 7)]
    blanks = {"https://v.example/l": Graph("https://v.example/l", lambda: pieces)}
    distinct = len(set(b"".join(lines).splitlines()))
    endpoint.store.largest = bytes_at_most  # type: ignore[misc] # of this one
    sync.load(blanks, endpoint, _M)
    rows = endpoint.select("SELECT (COUNT(*) AS ?n) { GRAPH <https://v.example/l> { ?s ?p ?o } }")
    assert int(rows[0]["n"].value) == distinct
    assert list(verify.differences(blanks, endpoint)) == []


@pytest.mark.parametrize("kind", _KINDS)
def test_a_load_that_dies_at_any_request_is_completed(oxigraph: Server, endpoint: Endpoint, kind: str) -> None:
    """However many requests were made before the end, the next load brings the store in step."""
    where = _spoken_to(oxigraph, kind)
    old, new = _graphs(same="1", changed="1", gone="1"), _graphs(same="1", changed="2", new="1\n2")
    died = 0
    for dying in range(1, 100):
        endpoint.update("DROP ALL")
        sync.load(old, connect(where), _M)
        store, sent = connect(where), 0
        send = store.client.send

        def failing(request: object, read: object, dying: int = dying, send: object = send) -> object:
            nonlocal sent
            sent += 1
            if sent >= dying:
                raise RemoteError("the cable was cut")
            return send(request, read)  # type: ignore[operator]

        store.client.send = failing  # type: ignore[method-assign, assignment]
        try:
            sync.load(new, store, _M)
        except NetworkError:
            died += 1
            _leave_as_dead(endpoint)
        else:
            break
        sync.load(new, connect(where), _M)
        assert (_literals(endpoint, "changed"), _literals(endpoint, "new")) == (["2"], ["1", "2"])
        assert (_literals(endpoint, "gone"), _literals(endpoint, "same")) == ([], ["1"])
        assert _told(sync.load(new, connect(where), _M).plan)[3] == ["same", "changed", "new"]
    assert died >= (4 if kind == "gsp" else 8)


def _leave_as_dead(endpoint: Endpoint) -> None:
    """Whoever holds the store is a process of this machine that runs no more."""
    (row,) = endpoint.select(f"SELECT ?where {{ GRAPH <{_M}> {{ ?load <{_M}#where> ?where }} }}") or [{}]
    if row:
        where = row["where"].value
        dead = f"{where.split()[0]} 999999999 1"
        endpoint.update(
            f'DELETE DATA {{ GRAPH <{_M}> {{ <{_M}#load> <{_M}#where> "{where}" }} }}; '
            f'INSERT DATA {{ GRAPH <{_M}> {{ <{_M}#load> <{_M}#where> "{dead}" }} }}'
        )


def test_new_graphs_bring_their_digests_along(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that dies between two streams leaves graphs that are settled and graphs that are not there."""
    endpoint.store.stream = 1  # type: ignore[misc] # of this one
    follow, sent = Client.send, list[str]()

    def send(client: Client, request: Request, read: Callable[..., object]) -> object:
        sent.append(request.what)
        if sent.count("writing") == 3:
            raise RemoteError("the cable was cut")
        return follow(client, request, read)

    monkeypatch.setattr(Client, "send", send)
    graphs = _graphs(a="1", b="2", c="3", d="4")
    with pytest.raises(RemoteError):
        sync.load(graphs, endpoint, _M)
    monkeypatch.undo()
    assert "writing the manifest" not in sent
    _leave_as_dead(endpoint)
    assert _told(sync.load(_graphs(b="2", c="3"), endpoint, _M).plan) == (["c"], [], ["a"], ["b"])
    assert [_literals(endpoint, name) for name in "abcd"] == [[], ["2"], ["3"], []]


def test_what_a_load_adds_after_it_lost_the_store_is_written_again(endpoint: Endpoint) -> None:
    """A stream of a load that was taken for dead arrives late: two digests tell that a graph needs another look."""
    slow = UpdateManifest(endpoint, _M)
    with slow.holding():
        slow.read()
        _leave_as_dead(endpoint)
        sync.load(_graphs(a="theirs", b="both"), endpoint, _M)
        both = slow.read()["https://v.example/b"]
        late = {"https://v.example/a": "0.1", "https://v.example/b": both}
        graphs = [
            ("https://v.example/a", b'<a:s> <a:p> "late" .\n'),
            ("https://v.example/b", b'<a:s> <a:p> "both" .\n'),
        ]
        endpoint.add(lambda: [*graphs, (_M, slow.entries(late))])
        with pytest.raises(StoreBusyError, match="another load took over"):
            slow.entered(late, {})
    assert _told(sync.load(_graphs(a="theirs", b="both"), endpoint, _M).plan) == ([], ["a"], [], ["b"])
    assert _literals(endpoint, "a") == ["theirs"]


@pytest.mark.parametrize("moment", ["plan", "existing"])
def test_who_lost_the_store_before_it_begins_spoils_nothing(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A load that slept while another one did all the work leaves nothing that the next one takes for right."""
    endpoint.store.stream = 1  # type: ignore[misc] # of this one
    place: object = sync if moment == "plan" else Endpoint
    planned = getattr(place, moment)

    def sleep(*arguments: object) -> object:
        answer = planned(*arguments)
        monkeypatch.undo()
        _leave_as_dead(endpoint)
        sync.load(_graphs(a="theirs", b="theirs", c="theirs"), endpoint, _M)
        return answer

    monkeypatch.setattr(place, moment, sleep)
    with pytest.raises(StoreBusyError, match="another load took over"):
        sync.load(_graphs(a="ours", b="ours", c="ours"), endpoint, _M)
    sync.load(_graphs(a="theirs", b="theirs", c="theirs"), endpoint, _M)
    assert [_literals(endpoint, name) for name in "abc"] == [["theirs"]] * 3


def test_a_stream_whose_answer_is_lost_is_there_once(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream that arrived and is sent again makes the same graphs, and the manifest says so."""
    follow, sent = Client._follow, list[str]()
    patient = connect(Connection(endpoint.store.url, "oxigraph", patience=Patience(sleep=lambda _: None)))

    def lose(client: Client, request: Request, read: Callable[..., object]) -> object:
        answer = follow(client, request, read)
        sent.append(request.what)
        if request.what == "writing" and sent.count("writing") == 1:
            raise AgainError("the connection broke")
        return answer

    monkeypatch.setattr(Client, "_follow", lose)
    graphs = _graphs(a="1\n2", b="3")
    report = sync.load(graphs, patient, _M)
    assert (sent.count("writing"), report.triples) == (2, 3)
    assert list(verify.differences(graphs, patient)) == []
    assert _told(sync.load(graphs, patient, _M).plan) == ([], [], [], ["a", "b"])


def test_a_load_that_dies_before_it_replaces_what_it_left_is_completed(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graphs with blank nodes wait until the others are there; those that are there by then are not written again."""
    graphs = _graphs(a="1") | {"https://v.example/b": Graph("https://v.example/b", lambda: [b"_:x <a:p> _:x .\n"])}
    with monkeypatch.context() as patch:
        patch.setattr(UpdateManifest, "mark", mock.Mock(side_effect=[None, RemoteError("the cable was cut")]))
        with pytest.raises(RemoteError):
            sync.load(graphs, endpoint, _M)
    assert _told(sync.load(graphs, endpoint, _M).plan) == (["b"], [], [], ["a"])
    assert list(verify.differences(graphs, endpoint)) == []


def test_a_second_load_at_once_is_refused(endpoint: Endpoint) -> None:
    """While a load is alive another one changes nothing, and says who is at work."""
    holder = UpdateManifest(endpoint, _M)
    with holder.holding(), pytest.raises(StoreBusyError, match="another load of this vault is running"):
        sync.load(_graphs(a="1"), endpoint, _M)
    assert _literals(endpoint, "a") == []
    sync.load(_graphs(a="1"), endpoint, _M)
    assert holder.holders() == {}


def test_a_holder_elsewhere_is_waited_for_and_then_counts_as_dead(endpoint: Endpoint) -> None:
    """Without a sign of life from another machine, the store is taken over; with one, it is not."""
    far = (
        f'INSERT DATA {{ GRAPH <{_M}> {{ <{_M}#load> <{_M}#holder> "t" ; '
        f'<{_M}#beat> "t 1" ; <{_M}#where> "far 1 1" }} }}'
    )
    waited: list[float] = []
    client = Client(endpoint.store.url, patience=Patience(sleep=waited.append))
    patient = Endpoint(endpoint.store, client)
    endpoint.update(far)
    notices: list[str] = []
    with UpdateManifest(patient, _M, lease=9, notice=notices.append).holding():
        pass
    assert waited == [3, 3, 3]
    assert "on another machine" in notices[0]

    def beat(_: float) -> None:
        endpoint.update(
            f'DELETE DATA {{ GRAPH <{_M}> {{ <{_M}#load> <{_M}#beat> "t 1" }} }}; '
            f'INSERT DATA {{ GRAPH <{_M}> {{ <{_M}#load> <{_M}#beat> "t 2" }} }}'
        )

    endpoint.update(far)
    alive = Endpoint(endpoint.store, Client(endpoint.store.url, patience=Patience(sleep=beat)))
    with pytest.raises(StoreBusyError, match="process 1 on far"), UpdateManifest(alive, _M, lease=9).holding():
        pass


def test_who_lost_the_store_changes_nothing(endpoint: Endpoint) -> None:
    """A load that was taken for dead cannot settle anything any more."""
    slow = UpdateManifest(endpoint, _M)
    with slow.holding():
        known = slow.read()
        slow.mark(["https://v.example/a"], known)
        _leave_as_dead(endpoint)
        sync.load(_graphs(a="theirs"), endpoint, _M)
        with pytest.raises(StoreBusyError, match="another load took over"):
            slow.settle({"https://v.example/a": "0.0"}, known)
    assert _told(sync.load(_graphs(a="theirs"), endpoint, _M).plan) == ([], [], [], ["a"])


def test_many_loads_at_once_end_well(oxigraph: Server) -> None:
    """Of several loads at the same time at least one succeeds, the others are refused, and the store is in step."""
    outcomes: list[Report | Exception] = []

    def run(text: str) -> None:
        try:
            outcomes.append(sync.load(_graphs(a=text, b=text, c=text), connect(Connection(oxigraph.url)), _M))
        except StoreBusyError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    endpoint = connect(Connection(oxigraph.url))
    sync.load(_graphs(a="x", b="x", c="x"), endpoint, _M)
    assert len(outcomes) == 6
    assert [_literals(endpoint, name) for name in "abc"] == [["x"]] * 3


def test_the_graph_manifest_survives_its_own_format(oxigraph: Server) -> None:
    """What is written as a whole is read back the same, marks and all."""
    manifest = GraphManifest(connect(Connection(f"{oxigraph.url}/store", "gsp")), _M)
    known: dict[str, str] = {}
    manifest.mark(["a:1", "a:2"], known)
    manifest.settle({"a:1": "12.3"}, known)
    assert manifest.read() == {"a:1": "", "a:2": ""} or manifest.read() == known
    manifest.settle({"a:2": None}, known)
    assert manifest.read() == {"a:1": "12.3"}


def test_large_manifests_are_read_page_by_page(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that limits the number of rows still tells the whole manifest."""
    monkeypatch.setattr("kg.remote.manifest._PAGE", 7)
    graphs = _graphs(**{f"g{number:03}": str(number) for number in range(50)})
    sync.load(graphs, endpoint, _M)
    manifest = UpdateManifest(endpoint, _M)
    twice = [f"https://v.example/g{number:03}" for number in range(50)]
    endpoint.add(lambda: [(_M, manifest.entries({name: f"{number % 3}.1" for number, name in enumerate(twice)}))])
    known = manifest.read()
    assert known == dict.fromkeys(twice, PENDING)  # also where the two digests of a graph are on two pages
    assert len(sync.load(graphs, endpoint, _M).plan.changed) == 50
    assert len(sync.load(graphs, endpoint, _M).plan.same) == 50


def test_a_broken_load_over_a_bad_network_says_what_failed() -> None:
    """An error names the server and what was being done."""
    with serving(say(200, b""), reset) as server:
        server.will(reset)
        endpoint = connect(Connection(server.url, "oxigraph", patience=Patience(tries=2, sleep=lambda _: None)))
        with pytest.raises(RemoteError, match=r"^127\.0\.0\.1:\d+: reading the manifest: the connection broke$"):
            sync.load(_graphs(a="1"), endpoint, _M)


# -- merged into one graph --


@pytest.mark.parametrize("target", ["https://v.example/all", ""])
def test_all_graphs_become_one(store: Endpoint, target: str) -> None:
    """Merged, the store holds the union of the graphs, and is written again only when something changed."""

    def load(graphs: dict[str, Graph]) -> Report:
        one = flat.as_one(graphs, target)
        return flat.load_flat(one, store, _M, flat.plan_flat(one, store, _M))

    assert load(_graphs(a="1\n2", b="2\n3")).plan.new == [target]
    assert load(_graphs(a="1\n2", b="2\n3")).plan.same == [target]
    assert load(_graphs(a="1", b="3")).plan.changed == [target]
    one = flat.as_one(_graphs(a="1", b="3"), target)
    beside = flat.records(_M, one.digest())
    assert list(verify.differences({target: one}, store, beside=beside)) == []


@pytest.mark.parametrize("target", ["https://v.example/theirs", ""])
def test_a_graph_of_others_is_not_merged_over(store: Endpoint, endpoint: Endpoint, target: str) -> None:
    """Where somebody else's triples are, nothing is written until it is asked for."""
    where = f"GRAPH <{target}> {{ <a:s> <a:p> 1 }}" if target else "<a:s> <a:p> 1"
    endpoint.update(f"INSERT DATA {{ {where} }}")
    one = flat.as_one(_graphs(a="1"), target)
    with pytest.raises(UsageError, match="holds what `kg load` did not put there"):
        flat.plan_flat(one, store, _M)
    assert flat.plan_flat(one, store, _M, overwrite=True)[0].new == [target]


# -- read back --


def test_what_differs_is_found_and_told(endpoint: Endpoint) -> None:
    """Verification names the graph, how many triples differ, and some of them."""
    graphs = _graphs(a="1\n2", b="3")
    sync.load(graphs, endpoint, _M)
    endpoint.update(
        'DELETE DATA { GRAPH <https://v.example/a> { <a:s> <a:p> "1" } }; '
        'INSERT DATA { GRAPH <https://v.example/a> { <a:s> <a:p> "x" . <a:s> <a:p> "y" } }'
    )
    (found,) = verify.differences(graphs, endpoint)
    assert (found.graph, found.missing, found.surplus) == ("https://v.example/a", 1, 2)
    assert found.examples == ('- <a:s> <a:p> "1" .', '+ <a:s> <a:p> "x" .', '+ <a:s> <a:p> "y" .')
    sync.distrust([found.graph], endpoint, _M)
    assert _told(sync.load(graphs, endpoint, _M).plan) == ([], ["a"], [], ["b"])
    assert list(verify.differences(graphs, endpoint)) == []


def test_a_missing_graph_differs(store: Endpoint) -> None:
    """A graph that is not there at all is told, with all its triples."""
    (found,) = verify.differences(_graphs(a="1"), store)
    assert (found.missing, found.surplus) == (1, 0)


# -- killed --


@pytest.fixture(scope="module")
def two_vaults(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Stores of the sample vault, as it is and with a third of its notes removed and others changed."""
    folder = tmp_path_factory.mktemp("two")
    shutil.copytree(NOTES, folder / "notes")
    build.build(folder / "notes", folder / "one")
    for number, note in enumerate(sorted((folder / "notes").rglob("*.md"))):
        if number % 3 == 0:
            note.unlink()
        elif number % 3 == 1:
            note.write_text(note.read_text("utf-8") + "\nOne more line.\n", "utf-8")
    build.build(folder / "notes", folder / "two")
    return [folder / "one", folder / "two"]


def test_a_load_that_is_killed_is_completed_by_the_next(two_vaults: list[Path], oxigraph: Server) -> None:
    """Killed at any moment, `kg load` leaves nothing that the next one does not mend."""
    chance = random.Random(7)
    command = [sys.executable, "-m", "kg", "load", oxigraph.url, "--kind", "oxigraph", "--store"]
    killed = 0
    began = time.monotonic()
    subprocess.run([*command, str(two_vaults[1])], check=True, capture_output=True)
    usual = time.monotonic() - began
    for turn in range(8):
        process = subprocess.Popen([*command, str(two_vaults[turn % 2])], stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0.3, 1.0) * usual)
        killed += process.poll() is None
        process.kill()
        process.communicate()
    assert killed >= 3
    subprocess.run([*command, str(two_vaults[0])], check=True, capture_output=True)
    endpoint = connect(Connection(oxigraph.url))
    with open_store(two_vaults[0]) as vault:
        graphs, manifest = sync.graphs_of(vault), f"{sync.base_of(vault)}graph/manifest"
        assert list(verify.differences(graphs, endpoint)) == []
        assert sorted(_named_graphs(endpoint)) == sorted([*graphs, manifest])
        assert UpdateManifest(endpoint, manifest).holders() == {}


def _named_graphs(endpoint: Endpoint) -> list[str]:
    return [row["g"].value for row in endpoint.select("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")]


def test_a_store_without_a_vault_is_refused() -> None:
    """What holds no graph of notes cannot be loaded."""
    with pytest.raises(UsageError, match="run `kg build` first"):
        sync.base_of(GraphStore(ox.Store()))
