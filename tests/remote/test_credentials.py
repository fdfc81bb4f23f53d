"""Who we are: where it comes from, how it is said, and to whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from kg.errors import UsageError
from kg.remote import credentials
from kg.remote.credentials import Credentials
from kg.remote.transport import AccessError, Client, Request, read_all
from tests.remote.faulty import Server, say, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that answers politely until it is told otherwise."""
    with serving(say(200)) as server:
        yield server


def _get(server: Server, who: Credentials | None, ask: credentials.Ask | None = None) -> list[str]:
    """Ask once; gives the Authorization headers that came."""
    Client(server.url, who, ask=ask).send(Request("GET", f"{server.url}/x?y=1"), read_all)
    return [seen.headers.get("authorization", "") for seen in server.seen]


def test_a_token_goes_before_a_name() -> None:
    """KG_TOKEN wins over KG_USER and KG_PASSWORD."""
    given = {"KG_TOKEN": "t", "KG_USER": "u", "KG_PASSWORD": "p"}
    assert credentials.found("http://h/", given) == Credentials("", "", "t")
    assert credentials.found("http://h/", {"KG_USER": "u", "KG_PASSWORD": ""}) == Credentials("u", "")
    assert credentials.found("http://h/", {"KG_USER": "u"}) is None


def test_netrc_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of ~/.netrc gets its own login, another host none."""
    (tmp_path / "netrc").write_text("machine h login u password p\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert credentials.found("http://h:8080/", {}) == Credentials("u", "p")
    assert credentials.found("http://other/", {}) is None


@pytest.mark.parametrize("url", ["http://u:secret@h/", "http://u@h/"])
def test_a_url_holds_no_password(url: str) -> None:
    """What stands on a command line can be read by everybody; the error does not repeat it."""
    with pytest.raises(UsageError, match="no names or passwords in a URL") as caught:
        credentials.found(url, {})
    assert "secret" not in str(caught.value)


def test_a_password_waits_until_it_is_asked_for(server: Server) -> None:
    """Basic authentication is said after a challenge, and from then on at once."""
    server.will(say(401, WWW_Authenticate='Basic realm="x"'), say(200))
    client = Client(server.url, Credentials("Aladdin", "open sesame"))
    for _ in range(2):
        client.send(Request("GET", server.url), read_all)
    said = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    assert [seen.headers.get("authorization", "") for seen in server.seen] == ["", said, said]


def test_a_token_is_said_at_once(server: Server) -> None:
    """Bearer tokens need no challenge."""
    assert _get(server, Credentials("", "", "abc")) == ["Bearer abc"]


def test_digest_follows_the_standard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of RFC 7616, section 3.9.1, gives the response that is printed there."""
    nonce, cnonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    monkeypatch.setattr("secrets.token_hex", lambda _: cnonce)
    for name, response in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        challenge = (
            f'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={name}, nonce="{nonce}", '
            'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        )
        authorizer = credentials.Authorizer("http://www.example.org/", Credentials("Mufasa", "Circle of Life"))
        assert authorizer.accept("http://www.example.org/dir/index.html", challenge)
        request = requests.Request("GET", "http://www.example.org/dir/index.html").prepare()
        said = authorizer(request).headers["Authorization"]
        assert f'response="{response}"' in said
        assert 'uri="/dir/index.html"' in said
        assert "nc=00000001" in said


def test_an_old_nonce_is_renewed(server: Server) -> None:
    """A digest whose nonce got old is said again with the new one."""

    def challenge(nonce: str) -> str:
        return f'Digest realm="r", qop="auth", nonce="{nonce}"'

    server.will(say(401, WWW_Authenticate=challenge("one")), say(401, WWW_Authenticate=challenge("two")), say(200))
    said = _get(server, Credentials("u", "p"))
    assert ['nonce="one"' in said[1], 'nonce="two"' in said[2]] == [True, True]


def test_the_better_of_two_schemes_is_taken(server: Server) -> None:
    """Where a server offers both, the password stays at home."""
    server.will(say(401, WWW_Authenticate='Basic realm="b", Digest realm="d", nonce="n", algorithm=SHA-256'), say(200))
    assert _get(server, Credentials("u", "p"))[-1].startswith("Digest ")


def test_a_wrong_password_is_tried_once(server: Server) -> None:
    """A second refusal is the answer; the error says where credentials come from."""
    server.will(say(401, WWW_Authenticate="Basic"))
    with pytest.raises(AccessError, match=r"access denied .* set KG_USER and KG_PASSWORD, or KG_TOKEN"):
        _get(server, Credentials("u", "p"))
    assert len(server.seen) == 2


def test_a_person_is_asked_once(server: Server) -> None:
    """Without credentials, a prompt gives some when the server wants them."""
    asked: list[str] = []

    def ask(name: str) -> Credentials:
        asked.append(name)
        return Credentials("u", "p")

    server.will(say(401, WWW_Authenticate="Basic"), say(200))
    assert _get(server, None, ask)[-1].startswith("Basic ")
    assert asked == [server.url.removeprefix("http://")]


def test_nobody_is_asked_without_need(server: Server) -> None:
    """A server that wants no credentials gets none."""
    assert _get(server, Credentials("u", "p"), lambda _: pytest.fail("asked")) == [""]
