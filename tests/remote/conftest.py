"""What tests of remote stores share."""

from collections.abc import Iterator

import pytest

from kg.remote.connect import Connection, connect
from kg.remote.endpoint import Endpoint
from kg.store import GraphStore
from tests.remote import servers
from tests.remote.nasty import nasty_store


@pytest.fixture(autouse=True)
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No credentials of whoever runs the tests, and no proxy between them and this machine."""
    for name in ("KG_USER", "KG_PASSWORD", "KG_TOKEN", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path_factory.getbasetemp() / "no-netrc"))


@pytest.fixture(scope="module")
def _oxigraph_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    with servers.oxigraph(tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture
def oxigraph(_oxigraph_server: servers.Server) -> servers.Server:
    """A running Oxigraph Server whose store is empty."""
    connect(Connection(_oxigraph_server.url)).update("DROP ALL")
    return _oxigraph_server


@pytest.fixture
def endpoint(oxigraph: servers.Server) -> Endpoint:
    """An empty Oxigraph Server, to talk to."""
    return connect(Connection(oxigraph.url))


@pytest.fixture
def nasty() -> GraphStore:
    """The dataset that is hard to carry."""
    return nasty_store()
