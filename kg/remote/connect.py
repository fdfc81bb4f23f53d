"""From a URL to a triple store that can be talked to."""

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from kg.errors import UsageError
from kg.remote import credentials
from kg.remote.endpoint import Endpoint, recognise
from kg.remote.stores import KINDS
from kg.remote.transport import Client, Patience

__all__ = ["Connection", "connect"]


@dataclass(frozen=True, slots=True)
class Connection:
    """How to reach a store.

    Attributes:
        url: where it is.
        kind: a key of `KINDS`; found out when empty.
        query: the URL that answers queries, where it is not that of the kind.
        update: the URL that takes SPARQL Update, likewise.
        graphs: the URL of the Graph Store Protocol, likewise.
        ca_bundle: a file of certificates to trust instead of the usual ones.
        packed: whether to compress what is sent; None to do so over a network where the store can unpack it.
        patience: how long to wait, how often to try again.
    """

    url: str
    kind: str = ""
    query: str = ""
    update: str = ""
    graphs: str = ""
    ca_bundle: Path | None = None
    packed: bool | None = None
    patience: Patience | None = None


def connect(
    connection: Connection,
    *,
    ask: credentials.Ask | None = None,
    notice: Callable[[str], None] = lambda _: None,
    environment: Mapping[str, str] = os.environ,
    session: requests.Session | None = None,
) -> Endpoint:
    """Find out what a store is, and who we are to it.

    Args:
        connection: how to reach it.
        ask: asks a person for credentials when the store wants some and none are set.
        notice: told in one line when there is something to wait for.
        environment: where `KG_USER`, `KG_PASSWORD` and `KG_TOKEN` are looked up.
        session: sends the requests; by default one that keeps its connections.

    Raises:
        UsageError: the URL, kind or file is unusable, or the store does not tell what it is.
        NetworkError: it does not answer.
    """
    url = connection.url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{url!r} is not the address of a triple store; give one such as http://localhost:7878")
    if connection.kind and connection.kind not in KINDS:
        raise UsageError(f"unknown kind {connection.kind!r}; known are {', '.join(KINDS)}")
    session = session or requests.Session()
    if connection.ca_bundle is not None:
        if not connection.ca_bundle.is_file():
            raise UsageError(f"{connection.ca_bundle}: no such file of certificates")
        session.verify = str(connection.ca_bundle)
    who = credentials.found(url, environment)
    client = Client(url, who, patience=connection.patience, session=session, ask=ask, notice=notice)
    if connection.kind:
        store = KINDS[connection.kind](url, signed_in=who is not None)
    else:
        store = recognise(url, client, signed_in=who is not None)
    if store.signs_in_elsewhere and client.sign_in():
        store = type(store)(url, signed_in=True)
    store.query = connection.query or store.query
    store.update = connection.update or store.update
    store.graphs = connection.graphs or store.graphs
    if connection.update or connection.graphs:  # these would be elsewhere than changes are made
        store.transactions = store.quads = ""
    if client.signed_in and parts.scheme == "http" and not _local(parts.hostname):
        notice(f"{client.server}: who we are goes over the network unencrypted; use https")
    packed = connection.packed if connection.packed is not None else not _local(parts.hostname)
    return Endpoint(store, client, packed)


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
