"""How long `kg build` takes on a generated vault, beside its limits in the same run on the same machine.

    python -m benchmarks.build [--notes 10000] [--runs 3] [--tables 1]

Every row is a whole process, from start to exit, the median of the runs: a first build; builds that find nothing
changed, or one note edited, added, renamed or deleted; the time from a save to the end of the build under `--watch`.
The limit of a first build is `oxigraph load`, the loader of the same store, on the same quads as N-Quads. The nearest
peer is kglite, which turns a vault into its own graph and that into N-Quads (without entries); to be asked in SPARQL
these need the loader too. Memory is the peak of all processes of a command together.
"""

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.vault import generate

_BIN = Path(sys.executable).parent
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Measured(NamedTuple):
    """What a command took: seconds from start to exit, and the peak memory of its processes in bytes."""

    seconds: float
    memory: int


def _children(parent: int) -> list[int]:
    try:
        found = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    except OSError:
        return []
    return [process for child in map(int, found) for process in (child, *_children(child))]


def _memory(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def measure(command: list[str]) -> Measured:
    """Run a command to its end; its output is thrown away."""
    peak = 0
    ended = threading.Event()
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:

        def watch() -> None:
            nonlocal peak
            while not ended.wait(0.02):
                peak = max(peak, sum(map(_memory, (process.pid, *_children(process.pid)))))

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
    seconds = time.perf_counter() - started
    ended.set()
    watcher.join()
    if code:
        raise SystemExit(f"exit code {code}: {' '.join(command)}")
    return Measured(seconds, peak)


def _median(runs: int, run: Callable[[], Measured]) -> Measured:
    found = [run() for _ in range(runs)]
    return Measured(statistics.median(one.seconds for one in found), max(one.memory for one in found))


_KGLITE = "import sys, kglite.okf as okf; okf.build(sys.argv[1], dialect='obsidian').export_rdf(sys.argv[2])"


class _Bench:
    """A vault in a scratch folder, and the commands that are measured on it."""

    def __init__(self, folder: Path, notes: int) -> None:
        self.folder = folder
        self.vault, self.store, self.quads = folder / "vault", folder / "store", folder / "quads.nq"
        self.size = generate(self.vault, notes)
        self.build = [str(_BIN / "kg"), "build", str(self.vault), "--store", str(self.store)]
        self.note = min(self.vault.rglob("*.md"))
        self.count = 0

    def cold(self) -> Measured:
        shutil.rmtree(self.store, ignore_errors=True)
        return measure(self.build)

    def again(self) -> Measured:
        return measure(self.build)

    def edited(self) -> Measured:
        with self.note.open("a", encoding="utf-8") as note:
            note.write("- One more line, with a link: https://example.org/more\n")
        return measure(self.build)

    def _fresh(self) -> Path:
        self.count += 1
        fresh = self.note.with_name(f"Fresh {self.count}.md")
        fresh.write_text(f"See [[{self.note.stem}]] and https://arxiv.org/abs/1706.03762\n", "utf-8")
        return fresh

    def added(self) -> Measured:
        self._fresh()
        return measure(self.build)

    def renamed(self) -> Measured:
        fresh = self._fresh()
        measure(self.build)
        fresh.rename(fresh.with_name(f"Renamed {self.count}.md"))
        return measure(self.build)

    def deleted(self) -> Measured:
        fresh = self._fresh()
        measure(self.build)
        fresh.unlink()
        return measure(self.build)

    def watched(self) -> Measured:
        """From the save of a note to the line that says that the graph is built."""
        command = [*self.build, "--watch", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            output, errors = process.stdout, process.stderr
            if output is None or errors is None:
                raise SystemExit("no pipes")
            output.readline()
            while not errors.readline().startswith("watching"):
                pass
            time.sleep(0.5)
            with self.note.open("a", encoding="utf-8") as note:
                note.write("- And one more line.\n")
            started = time.perf_counter()
            output.readline()
            seconds = time.perf_counter() - started
            process.terminate()
            return Measured(seconds, 0)

    def load(self, quads: Path) -> Measured:
        shutil.rmtree(self.folder / "native", ignore_errors=True)
        location = str(self.folder / "native")
        return measure([str(_BIN / "oxigraph"), "load", "--lenient", "--location", location, "--file", str(quads)])

    def peer(self) -> Measured:
        quads = self.folder / "kglite.nq"
        first = measure([sys.executable, "-c", _KGLITE, str(self.vault), str(quads)])
        second = self.load(quads)
        return Measured(first.seconds + second.seconds, max(first.memory, second.memory))


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def compare(folder: Path, notes: int, runs: int) -> Table:
    """Measure everything on a vault of some notes, in a scratch folder; returns the table."""
    bench = _Bench(folder, notes)
    bench.cold()  # brings notes and programs into the page cache
    measure([str(_BIN / "kg"), "export", str(bench.quads), "--store", str(bench.store)])
    count = _lines(bench.quads)
    loads, colds = [], []
    for _ in range(runs):  # in turn, so that a machine that slows down slows both
        loads.append(bench.load(bench.quads))
        colds.append(bench.cold())
    load, cold = _median(runs, iter(loads).__next__), _median(runs, iter(colds).__next__)
    rows = [("oxigraph load, the same quads", load, count, 1.0), ("kg build, the first", cold, count, 1.25)]
    if importlib.util.find_spec("kglite") is not None:
        peer = _median(runs, bench.peer)
        rows.append(("kglite to N-Quads to oxigraph load", peer, _lines(folder / "kglite.nq"), 0.0))
    for name, run, limit in (
        ("nothing changed", bench.again, 0.4),
        ("one note edited", bench.edited, 0.7),
        ("one note added", bench.added, 0.7),
        ("one note renamed", bench.renamed, 0.7),
        ("one note deleted", bench.deleted, 0.7),
        ("from save to graph under --watch", bench.watched, 0.3),
    ):
        rows.append((f"kg build, {name}", _median(runs, run), 0, limit))
    table = Table(title=f"{notes:,} notes, {bench.size / 1e6:.1f} MB, {count:,} quads; median of {runs}")
    for name in ("", "seconds", "quads/s", "MB of memory", "limit", "ratio to it"):
        table.add_column(name, justify="right" if name else "left")
    for name, took, quads, limit in rows:
        bound = limit * load.seconds if quads else limit
        table.add_row(
            name,
            f"{took.seconds:.2f}",
            f"{quads / took.seconds:,.0f}" if quads else "",
            f"{took.memory / 1e6:.0f}" if took.memory else "",
            f"{bound:.2f}" if bound else "",
            f"{took.seconds / bound:.2f}" if bound else "",
        )
    return table


def _main() -> None:
    parser = argparse.ArgumentParser(description="Measure kg build beside oxigraph load.")
    parser.add_argument("--notes", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tables", type=int, default=1, help="how often to measure it all")
    arguments = parser.parse_args()
    for _ in range(arguments.tables):
        with tempfile.TemporaryDirectory() as folder:
            Console(width=110).print(compare(Path(folder), arguments.notes, arguments.runs))


if __name__ == "__main__":
    _main()
