"""Several requests as one change, as a server sees them that speaks RDF4J's API."""

import pytest

from kg.remote.connect import Connection, connect
from kg.remote.endpoint import Endpoint
from kg.remote.transactions import atomically
from kg.remote.transport import Patience, RemoteError
from tests.remote.faulty import Behaviour, Seen, Server, reset, say, serving

_BEGUN = say(201, Location="http://another.example/behind/a/proxy/transactions/7")
_T = "/repositories/r/transactions"


def _endpoint(server: Server) -> Endpoint:
    patience = Patience(tries=3, sleep=lambda _: None)
    return connect(Connection(f"{server.url}/repositories/r", "rdf4j", patience=patience))


def _work(to: Endpoint) -> None:
    to.drop(["a:g"])
    to.add(lambda: [("a:g", b"<a:b> <a:c> <a:d> .\n")])
    to.replace("a:h", lambda: [b"<a:b> <a:c> <a:e> .\n"])


def _asked(server: Server) -> list[str]:
    return [f"{seen.method} {seen.target}" for seen in server.seen]


def test_changes_go_to_the_transaction() -> None:
    """It is begun, changed and committed as RDF4J's manual says, at our address of it, whatever the server calls it."""
    with serving(_BEGUN, say(200)) as server:
        atomically(_endpoint(server), _work)
    assert _asked(server) == [
        f"POST {_T}",
        f"PUT {_T}/7?action=UPDATE",
        f"PUT {_T}/7?action=ADD",
        f"PUT {_T}/7?action=UPDATE",
        f"PUT {_T}/7?action=ADD&context=%3Ca%3Ah%3E",
        f"PUT {_T}/7?action=COMMIT",
    ]
    assert [seen.body for seen in server.seen[1:5]] == [
        b"DROP SILENT GRAPH <a:g>",
        b"<a:b> <a:c> <a:d> <a:g> .\n",
        b"DROP SILENT GRAPH <a:h>",
        b"<a:b> <a:c> <a:e> .\n",
    ]


@pytest.mark.parametrize("fault", [reset, say(503), say(500)])
def test_what_may_succeed_later_is_begun_again(fault: Behaviour) -> None:
    """No request of a transaction is sent twice: the transaction is rolled back, and another one begins."""
    with serving(_BEGUN, say(200), fault, say(204), _BEGUN, say(200)) as server:
        atomically(_endpoint(server), _work)
    assert [line.replace(_T, "") for line in _asked(server)][:6] == [
        "POST ",
        "PUT /7?action=UPDATE",
        "PUT /7?action=ADD",
        "DELETE /7",
        "POST ",
        "PUT /7?action=UPDATE",
    ]
    assert _asked(server)[-1].endswith("COMMIT")


def test_what_is_refused_is_rolled_back() -> None:
    """A refusal is final; that the rollback fails too does not hide it, and the server undoes it by itself."""
    with serving(_BEGUN, say(400, b"MALFORMED DATA"), reset) as server, pytest.raises(RemoteError, match="MALFORMED"):
        atomically(_endpoint(server), _work)
    assert _asked(server) == [f"POST {_T}", f"PUT {_T}/7?action=UPDATE", f"DELETE {_T}/7"]


def test_patience_with_a_transaction_ends() -> None:
    """A server that goes on failing is given up, as it is without transactions."""

    def behave(handler: object, seen: Seen) -> None:
        (_BEGUN if seen.method == "POST" else say(503, b"busy"))(handler, seen)  # type: ignore[arg-type]

    with serving(behave) as server, pytest.raises(RemoteError, match="writing: HTTP 503"):
        atomically(_endpoint(server), _work)
    assert _asked(server).count(f"POST {_T}") == 3


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_transactions_is_changed_without(status: int) -> None:
    """Where none can be begun, each request stands for itself, and none is tried to be begun again."""
    with serving(say(status), say(204)) as server:
        endpoint = _endpoint(server)
        atomically(endpoint, _work)
        atomically(endpoint, _work)
    without = [
        "POST /repositories/r/statements",
        "POST /repositories/r/statements",
        "PUT /repositories/r/statements?context=%3Ca%3Ah%3E",
    ]
    assert _asked(server) == [f"POST {_T}", *without, *without]


def test_places_of_ones_own_have_no_transactions() -> None:
    """Where changes go elsewhere by `--update-url` or `--graphs-url`, no transaction is begun."""
    with serving(say(204)) as server:
        url = f"{server.url}/repositories/r"
        for where in (Connection(url, "rdf4j", update=f"{url}/u"), Connection(url, "rdf4j", graphs=f"{url}/u")):
            assert connect(where).store.transactions == ""
        assert connect(Connection(url, "rdf4j", query=f"{url}/u")).store.transactions == f"{url}/transactions"
        assert connect(Connection(server.url, "fuseki")).store.transactions == ""
