"""Requests over a network that fails in every way: one test for each fault."""

import gzip
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from kg.remote.credentials import Credentials
from kg.remote.transport import AccessError, Client, Patience, RemoteError, Request, read_all
from tests.remote.faulty import Server, linger, reset, say, serving, stall, targets, truncate

_SECRET = "correct horse battery staple"  # noqa: S105 - of nobody


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that answers politely until it is told otherwise."""
    with serving(say(200, b"fine")) as server:
        yield server


class _Waits(list[float]):
    """Waits without waiting; remembers for how long."""

    def patience(self, **settings: float) -> Patience:
        return Patience(sleep=self.append, chance=lambda: 1.0, **settings)  # type: ignore[arg-type]


@pytest.fixture
def waits() -> _Waits:
    """The waits of a client."""
    return _Waits()


def _get(client: Client, url: str) -> bytes:
    return client.send(Request("GET", url), read_all).value


def _put(client: Client, url: str, pieces: tuple[bytes, ...] = (b"a", b"b"), **how: object) -> int:
    return client.send(Request("PUT", url, body=lambda: iter(pieces), **how), read_all).status  # type: ignore[arg-type]


def test_a_broken_connection_is_tried_again(server: Server, waits: _Waits) -> None:
    """A reset is no answer; the body is sent anew, from its beginning."""
    server.will(reset, say(204))
    assert _put(Client(server.url, patience=waits.patience()), server.url) == 204
    assert [seen.body for seen in server.seen] == [b"ab", b"ab"]
    assert waits == [0.5]


def test_too_many_requests_waits_as_long_as_asked(server: Server, waits: _Waits) -> None:
    """Retry-After is honoured to the second."""
    server.will(say(429, Retry_After="7"), say(200, b"now"))
    assert _get(Client(server.url, patience=waits.patience()), server.url) == b"now"
    assert waits == [7.0]


def test_retry_after_may_be_a_date(server: Server, waits: _Waits) -> None:
    """A date that has passed means at once."""
    server.will(say(503, Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"), say(200, b"now"))
    assert _get(Client(server.url, patience=waits.patience()), server.url) == b"now"
    assert waits == [0.0]


def test_a_wait_that_is_too_long_is_an_error(server: Server, waits: _Waits) -> None:
    """Who asks for an hour is given up at once, with what was said."""
    server.will(say(503, b"<h1>Down</h1> for <b>repair</b>", Retry_After="3600"))
    with pytest.raises(RemoteError, match="HTTP 503 Service Unavailable: Down for repair") as caught:
        _get(Client(server.url, patience=waits.patience()), server.url)
    assert (waits, caught.value.status) == ([], 503)


def test_waits_grow_and_end(server: Server, waits: _Waits) -> None:
    """Backoff doubles up to its limit, and patience ends."""
    server.will(say(502))
    with pytest.raises(RemoteError, match="HTTP 502"):
        _get(Client(server.url, patience=waits.patience(tries=6, longest=6)), server.url)
    assert waits == [0.5, 1.0, 2.0, 4.0, 6.0]


def test_waits_are_jittered(server: Server) -> None:
    """No two clients wait for the same time."""
    server.will(say(502), say(502), say(502), say(200))
    waited: list[float] = []
    chances = iter((0.1, 0.9, 0.5))
    _get(Client(server.url, patience=Patience(sleep=waited.append, chance=lambda: next(chances))), server.url)
    assert waited == pytest.approx([0.05, 0.9, 1.0])


def test_a_silent_server_is_given_up(server: Server, waits: _Waits) -> None:
    """A connection without a byte does not last for ever."""
    server.will(stall)
    with pytest.raises(RemoteError, match=r"not a byte for 0\.2 s"):
        _get(Client(server.url, patience=waits.patience(silence=0.2, tries=2)), server.url)


def test_a_slow_reader_has_as_long_as_a_slow_speaker(waits: _Waits) -> None:
    """The time for a connection is not the time for a body to be taken."""
    with serving(say(204)) as server:
        server.pause = 0.8
        client = Client(server.url, patience=waits.patience(connect=0.2, silence=20))
        assert _put(client, server.url, (b"x" * 1_000_000,) * 20) == 204
    assert (waits, len(server.seen[0].body)) == ([], 20_000_000)


def test_an_answer_that_ends_early_is_asked_for_again(server: Server, waits: _Waits) -> None:
    """Half an answer is none; what reads it begins anew."""
    server.will(truncate(b"x" * 100_000, 70_000), say(200, b"whole"))
    assert _get(Client(server.url, patience=waits.patience()), server.url) == b"whole"
    assert len(waits) == 1


def test_nobody_there_is_said_in_one_line(waits: _Waits) -> None:
    """A refused connection names the server and the reason."""
    with pytest.raises(RemoteError, match=r"^127\.0\.0\.1:9: no connection \(.*refused.*\)$"):
        _get(Client("http://127.0.0.1:9", patience=waits.patience(tries=2)), "http://127.0.0.1:9")


def test_what_will_not_get_better_is_not_tried_again(server: Server, waits: _Waits) -> None:
    """A request that is wrong stays wrong; an internal error is given three tries."""
    client = Client(server.url, patience=waits.patience())
    server.will(say(400, b"syntax error"))
    with pytest.raises(RemoteError, match="HTTP 400 Bad Request: syntax error"):
        _get(client, server.url)
    assert len(server.seen) == 1
    server.will(say(500))
    with pytest.raises(RemoteError, match="HTTP 500"):
        _get(client, server.url)
    assert len(server.seen) == 4


def test_bodies_are_compressed_on_the_way(server: Server) -> None:
    """A body may be packed while it is made, and while it is repeated."""
    client = Client(server.url)
    _put(client, server.url, (b"a" * 1000, b"b"), packed=True)
    assert gzip.decompress(server.seen[0].body) == b"a" * 1000 + b"b"
    assert server.seen[0].headers["content-encoding"] == "gzip"


def test_connections_are_kept(server: Server) -> None:
    """Many requests share a connection."""
    client = Client(server.url)
    for _ in range(5):
        _get(client, server.url)
    assert len(server.connections) == 1


def test_what_was_to_be_closed_is_not_used_again(server: Server, waits: _Waits) -> None:
    """A streamed body asks for its connection to be closed; a server need not have done so when it has answered."""
    server.will(linger)
    client = Client(server.url, patience=waits.patience())
    assert [_put(client, server.url) for _ in range(3)] == [204] * 3
    assert (waits, len(server.connections), len(server.seen)) == ([], 3, 3)


def test_a_redirect_within_a_server_is_followed(server: Server) -> None:
    """A PUT stays a PUT under 307, with its body and its credentials."""
    server.will(say(401, WWW_Authenticate="Basic"), say(307, Location="/there?x=1"), say(204))
    client = Client(server.url, Credentials("me", _SECRET))
    assert _put(client, f"{server.url}/here") == 204
    assert targets(server.seen) == ["PUT /here", "PUT /here", "PUT /there"]
    assert [seen.body for seen in server.seen] == [b"ab"] * 3
    assert "authorization" in server.seen[-1].headers


@pytest.mark.parametrize("scheme", ["basic", "digest", "bearer"])
def test_another_host_does_not_get_the_credentials(server: Server, scheme: str) -> None:
    """A redirect elsewhere is followed, but nobody there learns who we are, even when asked."""
    who = Credentials(token=_SECRET) if scheme == "bearer" else Credentials("me", _SECRET)
    challenge = 'Digest realm="r", nonce="n", qop="auth"' if scheme == "digest" else "Basic"
    notices: list[str] = []
    with serving(say(401, WWW_Authenticate=challenge), host="127.0.0.2") as other:
        client = Client(server.url, who, notice=notices.append)
        server.will(say(401, WWW_Authenticate=challenge), say(200))
        if scheme != "bearer":
            _get(client, server.url)
        server.will(say(307, Location=f"{other.url}/x"))
        with pytest.raises(AccessError):
            _get(client, server.url)
        assert [("authorization" in seen.headers) for seen in other.seen] == [False]
    assert "authorization" in server.seen[-1].headers
    assert any("which is not told who we are" in notice for notice in notices)


def test_another_port_is_another_host(server: Server) -> None:
    """Credentials belong to scheme, host and port."""
    with serving(say(200)) as other:
        server.will(say(302, Location=other.url))
        _get(Client(server.url, Credentials(token=_SECRET)), server.url)
        assert "authorization" not in other.seen[0].headers


def test_redirects_do_not_go_round(server: Server) -> None:
    """A circle is left after a few rounds."""
    server.will(say(302, Location="/"))
    with pytest.raises(RemoteError, match="redirected in circles"):
        _get(Client(server.url), server.url)


def test_a_write_is_not_turned_into_a_read(server: Server) -> None:
    """A 301 for a PUT, which clients would turn into a GET, is an error that names the place."""
    server.will(say(301, Location="/elsewhere"))
    with pytest.raises(RemoteError, match=r"HTTP 301 sends a PUT elsewhere, to http://127.*/elsewhere"):
        _put(Client(server.url), server.url)


def test_secrets_are_in_no_error(server: Server, waits: _Waits) -> None:
    """Not even when the server repeats them."""
    server.will(say(401, WWW_Authenticate="Basic"), say(400, f"bad {_SECRET}".encode()))
    who = Credentials("me", _SECRET)
    notices: list[str] = []
    with pytest.raises(RemoteError, match=r"bad \*\*\*") as caught:
        _get(Client(server.url, who, patience=waits.patience(), notice=notices.append), server.url)
    assert _SECRET not in f"{caught.value!r} {who!r} {notices} {caught.value.__cause__!r}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that only itself vouches for, with its key."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    options = "-x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    command = ["openssl", "req", *options.split(" "), "-keyout", "-", "-out", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    path.write_bytes(done.stdout)
    return path


def test_unknown_certificates_are_refused(certificate: Path) -> None:
    """TLS is verified; the error says how to name an authority."""
    with (
        serving(say(200), certificate=certificate) as server,
        pytest.raises(
            RemoteError, match=r"no secure connection \(self.signed certificate.*; name the authority with --ca"
        ),
    ):
        _get(Client(server.url), server.url)


def test_a_ca_bundle_is_trusted(certificate: Path) -> None:
    """With its certificate, the same server is believed."""
    with serving(say(200, b"fine"), certificate=certificate) as server, requests.Session() as session:
        session.verify = str(certificate)
        assert _get(Client(server.url, session=session), server.url) == b"fine"
