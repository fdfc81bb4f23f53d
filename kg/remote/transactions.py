"""Several requests as one change of a store, where it has transactions.

A transaction is tried again as a whole, since a part of it cannot be: whether a part arrived whose answer is lost is
not known, and a triple with a blank node that is added twice is two triples.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from kg.errors import NetworkError
from kg.remote.endpoint import Endpoint
from kg.remote.stores import Transaction
from kg.remote.transport import AgainError

__all__ = ["atomically"]

_NONE = (404, 405, 501)  # how a server says that it has no transactions


def atomically(endpoint: Endpoint, work: Callable[[Endpoint], None]) -> None:
    """Have others see all of some work or nothing, where the store has transactions.

    Args:
        endpoint: the store.
        work: changes the store through the endpoint that it is given, and may be called again from its beginning. When
            it raises something, nothing was changed. It is given `endpoint` itself where there are no transactions.

    Raises:
        RemoteError: the store refused something.
    """
    if endpoint.store.transactions:
        endpoint.client.persist(lambda: _attempt(endpoint, work), "writing")
    else:
        work(endpoint)


def _attempt(endpoint: Endpoint, work: Callable[[Endpoint], None]) -> None:
    begun = replace(endpoint, once=True).send(endpoint.store.begin(), "beginning a transaction", accepted=_NONE)
    if begun.status in _NONE:
        endpoint.store.transactions = ""
        work(endpoint)
        return
    transaction = endpoint.store.within(begun.headers.get("Location", ""))
    inside = replace(endpoint, store=transaction, once=True)
    try:
        work(inside)
        inside.send(transaction.commit(), "committing")
    except BaseException:
        _roll_back(inside, transaction)
        raise


def _roll_back(inside: Endpoint, transaction: Transaction) -> None:
    with suppress(AgainError, NetworkError):  # the store does it by itself when it hears nothing more
        inside.send(transaction.rollback(), "rolling back")
