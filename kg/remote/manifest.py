"""What `kg load` has put into a store, kept in that store: a digest for each graph, and who is at work.

The manifest is a named graph of its own, `{base}graph/manifest`, of plain strings::

    <graph> <…manifest#digest> "…"        # the graph was written, and is what this digest says
    <graph> <…manifest#pending> "TOKEN"   # somebody began to write or drop it: whatever it holds, it must be redone
    <…manifest#load> <…manifest#holder> "TOKEN" ; <…manifest#beat> "17" ; <…manifest#where> "host 1234 998877" .

A graph is marked before it is touched and settled afterwards, so that a run that dies leaves marks and no lies. Every
change of the manifest also asks whether its author still holds the store, in one SPARQL Update: who lost it changes
nothing any more. A store without SPARQL Update has its manifest written as a whole, and no holder.

Graphs that are not there and are added to a dataset bring their digests along, in the same request and so in the same
commit: both are there or neither. Should their author have lost the store meanwhile, then there are two digests or a
mark beside the digest, and the graph is written again; or two equal ones, which are those of equal graphs.
"""

import os
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from kg.errors import NetworkError, StoreBusyError
from kg.exchange import canonical
from kg.ntriples import iri, literal
from kg.remote.endpoint import Endpoint, batches
from kg.remote.transport import RemoteError
from kg.store import Term

__all__ = ["PENDING", "GraphManifest", "Manifest", "UpdateManifest", "manifest_of"]

PENDING = ""
"""What stands for the digest of a graph that somebody began to write."""

_PAGE = 5000
_LARGEST = 500_000  # bytes of one change
_BEAT = 15.0  # seconds between two signs of life
_LEASE = 75.0  # seconds without one after which a holder counts as dead


Manifest: TypeAlias = "UpdateManifest | GraphManifest"


def manifest_of(
    endpoint: Endpoint, graph: str, notice: Callable[[str], None] = lambda _: None
) -> "UpdateManifest | GraphManifest":
    """The manifest kept in a named graph of a store."""
    return UpdateManifest(endpoint, graph, notice=notice) if endpoint.store.update else GraphManifest(endpoint, graph)


class _Words:
    """The terms of the manifest."""

    def __init__(self, graph: str) -> None:
        self.graph = iri(graph)
        self.digest = iri(f"{graph}#digest")
        self.pending = iri(f"{graph}#pending")
        self.load = iri(f"{graph}#load")
        self.holder = iri(f"{graph}#holder")
        self.beat = iri(f"{graph}#beat")
        self.where = iri(f"{graph}#where")


class UpdateManifest:
    """A manifest that is changed by SPARQL Update."""

    def __init__(
        self,
        endpoint: Endpoint,
        graph: str,
        *,
        lease: float = _LEASE,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Look at a store.

        Args:
            endpoint: the store.
            graph: the IRI of the manifest.
            lease: seconds without a sign of life after which another holder counts as dead.
            notice: told in one line when there is something to wait for.
        """
        self.endpoint = endpoint
        self.name = graph
        self.lease = lease
        self.notice = notice
        self.words = _Words(graph)
        self.token = secrets.token_hex(12)
        self._beats = 0
        self._said: dict[str, list[str]] = {}  # what the manifest holds of a graph, as lines

    def read(self) -> dict[str, str]:
        """The digests by graph; page by page, since stores limit the number of rows."""
        words, found, last, beyond = self.words, dict[str, str](), "", ">="
        self._said.clear()
        while True:
            before = last
            rows = self.endpoint.select(
                f"SELECT ?graph ?digest ?pending WHERE {{ GRAPH {words.graph} {{ "
                f"{{ ?graph {words.digest} ?digest }} UNION {{ ?graph {words.pending} ?pending }} }} "
                f"FILTER(STR(?graph) {beyond} {literal(last)}) }} ORDER BY STR(?graph) LIMIT {_PAGE}",
                "reading the manifest",
            )
            for row in rows:
                last = row["graph"].value
                word, value = ("pending", row["pending"]) if "pending" in row else ("digest", row["digest"])
                line, said = self._line(last, word, value.value), self._said.setdefault(last, [])
                if line in said:  # the last graph of a page is read again with the next one, which may have more of it
                    continue
                said.append(line)
                # Two digests come of two loads at once.
                found[last] = value.value if word == "digest" and last not in found else PENDING
            if len(rows) < _PAGE:
                return found
            beyond = ">=" if last != before else ">"

    def mark(self, graphs: Collection[str], known: dict[str, str]) -> None:
        """Say that graphs will be touched now.

        Raises:
            StoreBusyError: another load took over.
        """
        if not graphs:
            return
        self._change(
            (graph, "\n".join(self._said.get(graph, ())), self._line(graph, "pending", self.token)) for graph in graphs
        )
        for graph in graphs:
            known[graph] = PENDING
            self._said[graph] = [self._line(graph, "pending", self.token)]

    def settle(self, digests: Mapping[str, str | None], known: dict[str, str]) -> None:
        """Say that graphs hold now what their digests say, or are gone (None).

        Raises:
            StoreBusyError: another load took over.
        """
        self._change(
            (graph, "\n".join(self._said.get(graph, ())), "" if digest is None else self._line(graph, "digest", digest))
            for graph, digest in digests.items()
        )
        for graph, digest in digests.items():
            if digest is None:
                known.pop(graph, None)
                self._said.pop(graph, None)
            else:
                known[graph] = digest
                self._said[graph] = [self._line(graph, "digest", digest)]

    def entries(self, digests: Mapping[str, str]) -> bytes:
        """What the manifest says of graphs that hold what their digests say, as N-Triples, to be added with them."""
        return "".join(f"{self._line(graph, 'digest', digest)}\n" for graph, digest in digests.items()).encode()

    def entered(self, digests: Mapping[str, str], known: dict[str, str]) -> None:
        """Take note that graphs were added with their entries.

        Raises:
            StoreBusyError: another load took over.
        """
        self.check()
        known.update(digests)
        self._said.update({graph: [self._line(graph, "digest", digest)] for graph, digest in digests.items()})

    def _line(self, graph: str, word: str, value: str) -> str:
        return f"{iri(graph)} {self.words.pending if word == 'pending' else self.words.digest} {literal(value)} ."

    def _change(self, changes: Iterable[tuple[str, str, str]]) -> None:
        words = self.words
        held = f"GRAPH {words.graph} {{ {words.load} {words.holder} {literal(self.token)} }}"
        for some in batches(changes, lambda change: sum(map(len, change)), _LARGEST):
            old = "\n".join(change[1] for change in some if change[1])
            new = "\n".join(change[2] for change in some if change[2])
            delete = f"DELETE {{ GRAPH {words.graph} {{\n{old}\n}} }}\n" if old else ""
            insert = f"INSERT {{ GRAPH {words.graph} {{\n{new}\n}} }}\n" if new else ""
            self.endpoint.update(f"{delete}{insert}WHERE {{ {held} }}", "writing the manifest")
        self.check()

    def check(self) -> None:
        """Make sure that the store is still held.

        Raises:
            StoreBusyError: another load took over.
        """
        if self.holders().get(self.token) is None:
            raise StoreBusyError(
                f"{self.endpoint.client.server}: another load took over; what this one wrote will be written again"
            )

    def holders(self) -> dict[str, tuple[str, str]]:
        """Who holds the store: token -> (beat, where); at most one, but while two take it at once."""
        words = self.words
        rows = self.endpoint.select(
            f"SELECT ?token ?beat ?where WHERE {{ GRAPH {words.graph} {{ {words.load} {words.holder} ?token . "
            f"OPTIONAL {{ {words.load} {words.beat} ?beat }} OPTIONAL {{ {words.load} {words.where} ?where }} }} }}",
            "reading the manifest",
        )
        nothing = Term("literal", "")
        return {row["token"].value: (row.get("beat", nothing).value, row.get("where", nothing).value) for row in rows}

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the store against other loads of this vault, and give signs of life meanwhile.

        Raises:
            StoreBusyError: another load is alive.
        """
        self._acquire()
        done = threading.Event()
        thread = threading.Thread(target=self._keep_alive, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            with suppress(NetworkError):  # the next load sees that this one runs no more
                self._release()

    def _acquire(self) -> None:
        words = self.words
        self._clear_dead()
        self.endpoint.update(
            f"INSERT {{ GRAPH {words.graph} {{ {words.load} {words.holder} {literal(self.token)} ; "
            f"{words.beat} {literal(f'{self.token} 0')} ; {words.where} {literal(_here())} }} }}\n"
            f"WHERE {{ FILTER NOT EXISTS {{ GRAPH {words.graph} {{ {words.load} {words.holder} ?other }} }} }}",
            "taking hold",
        )
        holders = self.holders()
        if self.token not in holders:
            raise self._busy(holders)
        if len(holders) > 1:  # a store that runs two updates at once: nobody gets it
            self._release()
            raise self._busy({token: told for token, told in holders.items() if token != self.token})

    def _clear_dead(self) -> None:
        """Remove a holder that is dead: known to be when it ran on this machine, else for want of signs of life."""
        first = self.holders()
        if not first:
            return
        if not all(_ended(where) for _, where in first.values()):
            if any(_runs(where) for _, where in first.values()):
                raise self._busy(first)
            self.notice(
                f"{self.endpoint.client.server}: a load on another machine holds this vault; waiting up to "
                f"{self.lease:.0f} s for a sign of life"
            )
            patience = self.endpoint.client.patience
            for _ in range(max(1, round(self.lease / 3))):
                patience.sleep(3)
                now = self.holders()
                if not now:
                    return
                if now != first:
                    raise self._busy(now)
        words = self.words
        for token, (beat, where) in first.items():
            said = [f"{words.load} {words.holder} {literal(token)}"]
            said += [f"{words.load} {words.beat} {literal(beat)}"] if beat else []
            said += [f"{words.load} {words.where} {literal(where)}"] if where else []
            # All of it or nothing: a sign of life that came meanwhile keeps it.
            self.endpoint.update(f"DELETE WHERE {{ GRAPH {words.graph} {{ {' . '.join(said)} }} }}", "taking over")

    def _busy(self, holders: dict[str, tuple[str, str]]) -> StoreBusyError:
        host, pid, *_ = (next((where for _, where in holders.values()), "") + " ? ?").split()
        return StoreBusyError(
            f"{self.endpoint.client.server}: another load of this vault is running (process {pid} on {host}); "
            "run this again when it is done"
        )

    def _keep_alive(self, done: threading.Event) -> None:
        while not done.wait(_BEAT):
            try:
                self._beat()
            except RemoteError:  # the load itself will say what is wrong with the store
                continue

    def _beat(self) -> None:
        words = self.words
        old, self._beats = f"{self.token} {self._beats}", self._beats + 1
        new = f"{self.token} {self._beats}"
        self.endpoint.update(
            f"DELETE {{ GRAPH {words.graph} {{ {words.load} {words.beat} {literal(old)} }} }}\n"
            f"INSERT {{ GRAPH {words.graph} {{ {words.load} {words.beat} {literal(new)} }} }}\n"
            f"WHERE {{ GRAPH {words.graph} {{ {words.load} {words.holder} {literal(self.token)} }} }}",
            "holding on",
        )

    def _release(self) -> None:
        words = self.words
        self.endpoint.update(
            f"DELETE WHERE {{ GRAPH {words.graph} {{ {words.load} {words.holder} {literal(self.token)} ; "
            f"{words.beat} ?beat ; {words.where} ?where }} }}",
            "letting go",
        )


class GraphManifest:
    """A manifest that is written as a whole, for stores that know the Graph Store Protocol alone."""

    def __init__(self, endpoint: Endpoint, graph: str) -> None:
        self.endpoint = endpoint
        self.name = graph
        self.words = _Words(graph)
        self.token = secrets.token_hex(12)
        self._line = re.compile(
            f'<([^>]*)> (?:{re.escape(self.words.digest)}|({re.escape(self.words.pending)})) "([^"]*)" \\.'
        )
        self._written = 0.0

    def read(self) -> dict[str, str]:
        """The digests by graph."""
        lines = self.endpoint.read(self.name, canonical) or []
        found = filter(None, map(self._line.fullmatch, lines))
        return {line[1]: PENDING if line[2] else line[3] for line in found}

    def mark(self, graphs: Collection[str], known: dict[str, str]) -> None:
        """Say that graphs will be touched now."""
        if not graphs:
            return
        known.update(dict.fromkeys(graphs, PENDING))
        self._write(known)

    def settle(self, digests: Mapping[str, str | None], known: dict[str, str]) -> None:
        """Say that graphs hold now what their digests say, or are gone (None); written at most once in five seconds."""
        for graph, digest in digests.items():
            if digest is None:
                known.pop(graph, None)
            else:
                known[graph] = digest
        if time.monotonic() - self._written > 5 or PENDING not in known.values():
            self._write(known)

    def check(self) -> None:
        """Nothing: no holder can be told."""

    def _write(self, known: dict[str, str]) -> None:
        words = self.words
        lines = [
            f"{iri(graph)} {words.digest if digest else words.pending} {literal(digest or self.token)} .\n".encode()
            for graph, digest in sorted(known.items())
        ]
        self.endpoint.replace(self.name, lambda: [b"".join(lines)])
        self._written = time.monotonic()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Nothing: without conditional updates no holder can be told."""
        yield


def _here() -> str:
    """This process: host, process id, and when it started, so that a number used again is not taken for it."""
    return f"{socket.gethostname()} {os.getpid()} {_started(os.getpid())}"


def _started(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return "?"


def _runs(where: str) -> bool:
    """Whether a process of this machine is running."""
    host, _, rest = where.partition(" ")
    pid, _, started = rest.partition(" ")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return _started(int(pid)) == started


def _ended(where: str) -> bool:
    """Whether a process was one of this machine and runs no more."""
    return where.partition(" ")[0] == socket.gethostname() and not _runs(where)
