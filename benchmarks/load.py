"""How fast `kg load` fills a triple store, beside `curl` with the same bytes and the store's own loader.

    python -m benchmarks.load [--notes 1000] [--runs 1] [--apart] [oxigraph fuseki virtuoso blazegraph rdf4j]

Each measurement gets a server of its own with an empty store (`.ci/stores` installs those that are not Oxigraph). curl
sends the graph as N-Quads in one request; to Virtuoso, which takes none, each graph as N-Triples in a request of its
own, all over one connection. Loaders work on the shards of a bulk export, without a server, but for Virtuoso's. Times
are those of whole processes; memory is that of the process that sends. `--apart` gives the server one processor and who
sends to it another one, as on two machines; else they share all.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from benchmarks.vault import generate
from kg.store import GraphStore, open_store
from tests.remote import servers
from tests.remote.servers import Server


def timed(command: Sequence[object], environment: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Run a command; gives its seconds and the megabytes that it took at most.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        child = subprocess.Popen(
            [str(part) for part in command],
            env=os.environ | dict(environment or {}),
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[0]} failed: {said.read().decode()[-2000:]}")
    return seconds, usage.ru_maxrss / 1024


def kg(store: Path, server: Server) -> list[object]:
    """The command that is measured."""
    return [sys.executable, "-m", "kg", "load", server.url, "--store", store]


def curl(nquads: Path, graphs: Path, server: Server) -> list[object]:
    """The same bytes by curl."""
    places = {
        "oxigraph": (f"{server.url}/store", "application/n-quads"),
        "fuseki": (f"{server.url}/data", "application/n-quads"),
        "blazegraph": (f"{server.url}/sparql", "application/x-trig"),
        "rdf4j": (f"{server.url}/statements", "application/n-quads"),
    }
    if server.kind == "virtuoso":
        url = f"{server.url}/sparql-graph-crud-auth?graph-uri="
        lines = [
            f'url = "{url}urn:g{number}"\nupload-file = "{path}"\nheader = "Content-Type: application/n-triples"\n'
            'digest\nuser = "dba:dba"\nsilent\noutput = "/dev/null"\n'
            for number, path in enumerate(sorted(graphs.glob("*.nt")))
        ]
        (graphs / "curl").write_text("next\n".join(lines))
        return ["curl", "--fail", "-K", graphs / "curl"]
    place, media = places[server.kind]
    path = nquads.with_suffix(".trig") if media.endswith("trig") else nquads
    return ["curl", "--fail", "--silent", "-X", "POST", "-T", path, "-H", f"Content-Type: {media}", place]


def export(store: GraphStore, folder: Path) -> tuple[Path, Path]:
    """The files that curl and the loaders read: N-Quads, TriG, and each graph as N-Triples."""
    (folder / "graphs").mkdir()
    nquads, trigs = folder / "all.nq", folder / "all.trig"
    with nquads.open("w", encoding="utf-8") as quads, trigs.open("w", encoding="utf-8") as trig:
        for number, graph in enumerate(store.graphs()):
            lines = store.graph_lines(graph)
            quads.writelines(f"{line[:-1]}<{graph}> .\n" for line in lines)
            trig.write(f"<{graph}> {{\n" + "\n".join(lines) + "\n}\n")
            (folder / "graphs" / f"{number}.nt").write_text("\n".join(lines) + "\n", "utf-8")
    return nquads, folder / "graphs"


def loader(kind: str, folder: Path, bulk: Path) -> tuple[str, Callable[[], tuple[float, float]]] | None:
    """The store's own loader, and how to run it on a bulk export."""
    if kind == "oxigraph":
        command = [servers.oxigraph_command(), "load", "--location", folder / "db", "--file", *bulk.glob("*.nq.gz")]
        return "oxigraph load", partial(timed, command)
    if kind == "fuseki":
        jar = {"JENA_JARS": str(servers.jar("jena-fuseki-server-*.jar")), "JVM_ARGS": "-Xmx2g"}
        return "tdb2.tdbloader", partial(timed, ["sh", bulk / "load-jena.sh", folder / "tdb"], jar)
    if kind == "virtuoso":

        def run() -> tuple[float, float]:
            port = servers.free_port()
            with servers.virtuoso(folder, sql=port, allowed=bulk):
                return timed(["sh", bulk / "load-virtuoso.sh", f"127.0.0.1:{port}"])

        return "ld_dir", run
    return None


START: Mapping[str, Callable[[Path], AbstractContextManager[Server]]] = {
    "oxigraph": servers.oxigraph,
    "fuseki": servers.fuseki,
    "virtuoso": servers.virtuoso,
    "blazegraph": servers.blazegraph,
    "rdf4j": servers.rdf4j,
}


def measure(kind: str, work: Path, before: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Load once in each way, `before` in front of what sends; gives seconds and megabytes by what loaded."""
    found: dict[str, tuple[float, float]] = {}
    ways: dict[str, Callable[[Server], list[object]]] = {
        "kg load": partial(kg, work / "store"),
        "curl": partial(curl, work / "all.nq", work / "graphs"),
    }
    for name, command in ways.items():
        with tempfile.TemporaryDirectory(dir=work) as folder, START[kind](Path(folder)) as server:
            found[name] = timed([*before, *command(server)], server.environment)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        own = None if before else loader(kind, Path(folder), work / "bulk")
        if own is not None:
            found[own[0]] = own[1]()
    return found


def main() -> None:
    """Measure and print a table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("stores", nargs="*", default=["oxigraph"], choices=[*START, []])
    options.add_argument("--notes", type=int, default=1000)
    options.add_argument("--runs", type=int, default=1)
    options.add_argument("--apart", action="store_true", help="the server and who sends have a processor each")
    given = options.parse_args()
    before: list[str] = []
    work = Path(tempfile.mkdtemp(prefix="kg-load-"))
    try:
        generate(work / "notes", given.notes)
        timed([sys.executable, "-m", "kg", "build", work / "notes", "--store", work / "store"])
        timed([sys.executable, "-m", "kg", "export", "--bulk", work / "bulk", "--store", work / "store"])
        with open_store(work / "store") as store:
            quads = len(store)
            export(store, work)
        if given.apart:
            os.sched_setaffinity(0, {0})  # this process and the servers that it starts
            before = ["taskset", "--cpu-list", "1"]
        print(f"{given.notes:,} notes, {quads:,} quads, {(work / 'all.nq').stat().st_size / 1e6:,.0f} MB of N-Quads\n")
        print("| store | by | seconds | triples/s | MB of memory | × curl |\n| --- | --- | ---: | ---: | ---: | ---: |")
        for kind in given.stores:
            runs = [measure(kind, work, before) for _ in range(given.runs)]
            beside = statistics.median(run["curl"][0] for run in runs)
            for name in runs[0]:
                seconds = statistics.median(run[name][0] for run in runs)
                memory = max(run[name][1] for run in runs)
                speed = f"{quads / seconds:,.0f} | {memory:,.0f} | {beside / seconds:.2f}"
                print(f"| {kind} | `{name}` | {seconds:.2f} | {speed} |", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
