"""Builds that are killed, starved of disk or run twice at once leave the last good graph and heal by themselves."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from kg import cli, cold, compaction, generations
from kg.build import Summary, build
from kg.compaction import compact
from kg.errors import DamagedError, StoreBusyError, StoreError
from kg.generations import Directory, Generation
from kg.settings import Settings
from kg.store import GraphStore, open_store
from kg.vault import NoteFile
from kg.watch import watch
from kg.workers import map_files
from tests.random_vault import graph, random_edit, random_note, write


def start(vault: Path, store: Path, *options: str, **settings: object) -> subprocess.Popen[str]:
    """Start `kg build` as a user does."""
    command = [sys.executable, "-m", "kg", "build", str(vault), "--store", str(store), "--json", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings)  # type: ignore[call-overload,no-any-return]


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault of a few notes that link to each other."""
    chance = random.Random(1)
    for name in ("One", "Two", "folder/Three", "Notes", "Models/GPT"):
        write(tmp_path / "vault", f"{name}.md", random_note(chance))
    return tmp_path / "vault"


@pytest.mark.parametrize("part", range(4))
def test_kill_at_any_moment(tmp_path: Path, part: int) -> None:
    """A build killed at a random moment leaves the graph of before or after, and the next one heals what is left."""
    chance = random.Random(part)
    vault, store = tmp_path / "vault", tmp_path / "store"
    for _ in range(6):
        write(vault, f"{chance.randrange(10**6)}.md", random_note(chance))
    began = time.monotonic()
    start(vault, store).communicate()
    usual = time.monotonic() - began
    before = graph(store)
    for round_ in range(25):
        if round_ % 5 == 0:
            shutil.rmtree(store)  # every fifth build is one from nothing
            before = {}
        random_edit(vault, chance)
        shutil.rmtree(tmp_path / "cold", ignore_errors=True)
        build(vault, tmp_path / "cold")
        after = graph(tmp_path / "cold")
        process = start(vault, store)
        time.sleep(chance.uniform(0.3, 1.0) * usual)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if Directory(store).current() is not None:
            assert graph(store) in (before, after)
        else:
            assert before == {}
        build(vault, store)
        assert graph(store) == after
        assert len([path for path in store.iterdir() if path.name.startswith("gen-")]) == 1
        before = after


def test_file_size_limit(vault: Path, tmp_path: Path) -> None:
    """A build that may not write more stops with one line and exit code 2, and the last graph stays."""
    build(vault, tmp_path / "store")
    before = graph(tmp_path / "store")
    write(vault, "Large.md", "- words and more words\n" * 40_000)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    process = start(vault, tmp_path / "store", preexec_fn=limit)
    output, errors = process.communicate()
    assert (process.returncode, output) == (2, "")
    assert errors.startswith("kg: ")
    assert errors.count("\n") == 1
    assert graph(tmp_path / "store") == before
    assert build(vault, tmp_path / "store").changed["added"] == 1


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of forty megabytes; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() or mount is None:
        pytest.skip("mounting needs root")
    if subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=40m", "none", str(disk)], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine does not let tests mount")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_full_disk(vault: Path, tiny_disk: Path) -> None:
    """A full disk stops a build with one line and exit code 2; once there is room, the next one succeeds."""
    store = tiny_disk / "store"
    build(vault, store)
    before = graph(store)
    write(vault, "Large.md", "".join(f"- words and more words {number}\n" for number in range(90_000)))
    process = start(vault, store)
    _, errors = process.communicate()
    assert process.returncode == 2
    assert "No space left on device" in errors
    assert errors.count("\n") == 1
    assert graph(store) == before
    (vault / "Large.md").unlink()
    build(vault, store)
    assert graph(store) == before


def test_two_builds(vault: Path, tmp_path: Path) -> None:
    """Of two builds of one store at once the second says so and stops, or waits when asked to."""
    with Directory(tmp_path / "store").building():
        with pytest.raises(StoreBusyError, match="another build is running"):
            build(vault, tmp_path / "store")
        refused = start(vault, tmp_path / "store")
        _, errors = refused.communicate()
        assert refused.returncode == 2
        assert "another build is running" in errors
        waiting = start(vault, tmp_path / "store", "--wait")
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.communicate(timeout=1)
    output, _ = waiting.communicate()
    assert waiting.returncode == 0
    assert json.loads(output)["notes"] == 5


def _edited(vault: Path, store: Path, times: int) -> None:
    build(vault, store)
    for number in range(times):
        write(vault, "One.md", f"Edit {number} of [[Two]]\n")
        build(vault, store)


def test_a_graph_that_cannot_be_read_is_not_published(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the files of a changed graph are not what they should be, it is built from nothing."""
    store = tmp_path / "store"
    build(vault, store)
    flush = GraphStore.flush

    def losing(opened: GraphStore) -> None:
        flush(opened)
        monkeypatch.setattr(GraphStore, "flush", flush)
        for table in (store / "gen-000002" / "graph").glob("*.sst"):
            table.unlink()

    monkeypatch.setattr(GraphStore, "flush", losing)
    write(vault, "One.md", "Now [[Three]]\n")
    assert "what was written cannot be read" in build(vault, store).notice
    build(vault, tmp_path / "cold")
    assert graph(store) == graph(tmp_path / "cold")


def test_a_first_build_spares_the_store_merging(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is loaded comes in the order of the tables."""
    for number in range(20):
        write(vault, f"Many/{number}.md", f"A line of {number} and [[One]]\n")
    build(vault, tmp_path / "whole")
    loaded: list[str] = []
    load = GraphStore.load

    def watched(opened: GraphStore, nquads: bytes) -> None:
        loaded.extend(dict.fromkeys(line.split(" <")[-1][:-3] for line in nquads.decode().splitlines()))
        load(opened, nquads)

    monkeypatch.setattr(GraphStore, "load", watched)
    monkeypatch.setattr(cold, "_BATCH", 2000)
    build(vault, tmp_path / "store")
    assert graph(tmp_path / "store") == graph(tmp_path / "whole")
    notes = [name for name in dict.fromkeys(loaded) if "/note/" in name]
    assert len(notes) == 25
    assert notes == GraphStore.create(tmp_path / "empty").add_graphs(sorted(notes))
    assert notes != sorted(notes)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
@pytest.mark.parametrize("by", [0, 19])
def test_a_first_build_goes_before_merging(vault: Path, tmp_path: Path, by: int) -> None:
    """Threads that merge files get what processor time the build leaves, and no other thread is held back."""
    script = """
import sys
from pathlib import Path
from kg.build import build
build(Path(sys.argv[1]), Path(sys.argv[2]))
for thread in Path("/proc/self/task").iterdir():
    print((thread / "comm").read_text().strip(), (thread / "stat").read_text().rpartition(")")[2].split()[16])
"""
    command = ["nice", "-n", str(by), sys.executable, "-c", script, str(vault), str(tmp_path / "store")]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    priorities = {name: int(nice) for name, _, nice in (line.rpartition(" ") for line in said)}
    usual = min(19, os.getpriority(os.PRIO_PROCESS, 0) + by)
    assert priorities.pop("rocksdb:low") == 19
    assert set(priorities.values()) == {usual}


def test_tables_are_merged(vault: Path, tmp_path: Path) -> None:
    """Merged tables hold the same graph, a reader of the last ones keeps his, and the next build goes on from them."""
    store = tmp_path / "store"
    _edited(vault, store, 3)
    last = Directory(store).current()
    assert last is not None
    assert last.age == 3
    before, tables = graph(store), len(list(last.graph.glob("*.sst")))
    with open_store(store) as opened:
        assert compact(store)
        assert len(opened) == sum(map(len, before.values()))
    merged = Directory(store).current()
    assert merged is not None
    assert (merged.age, merged.path == last.path) == (0, False)
    assert len(list(merged.graph.glob("*.sst"))) < tables
    assert graph(store) == before
    write(vault, "One.md", "Now [[Three]]\n")
    assert build(vault, store).changed == {"added": 0, "edited": 1, "deleted": 0}
    build(vault, tmp_path / "cold")
    assert graph(store) == graph(tmp_path / "cold")
    assert not last.path.exists()


def test_a_build_is_quicker_than_who_merges(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build while tables are merged neither waits nor fails, and its graph stays."""
    store = tmp_path / "store"
    _edited(vault, store, 1)

    def optimize(_store: GraphStore) -> None:
        write(vault, "One.md", "Meanwhile\n")
        build(vault, store)
        with Directory(store).merging() as alone:
            assert not alone

    monkeypatch.setattr(GraphStore, "optimize", optimize)
    assert not compact(store)
    build(vault, tmp_path / "cold")
    assert graph(store) == graph(tmp_path / "cold")
    write(vault, "One.md", "Later\n")
    build(vault, store)
    assert len(list(store.glob("gen-*"))) == 1


def test_a_build_waits_for_a_moment(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who merges tables holds the right to build so shortly that nobody takes that for another build."""
    monkeypatch.setattr(generations, "_MOMENT", 30.0)
    with Directory(tmp_path / "store").building():
        quick = threading.Thread(target=build, args=(vault, tmp_path / "store"))
        quick.start()
        time.sleep(0.3)
    quick.join()
    assert Directory(tmp_path / "store").current() is not None


def test_what_is_live_is_not_discarded(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C after the new graph went live, while the last one is removed, leaves the new one."""
    store = tmp_path / "store"
    build(vault, store)

    def interrupted(_directory: Directory, keep: object) -> None:
        if isinstance(keep, Generation) and keep.path.name == "gen-000002":
            raise KeyboardInterrupt

    monkeypatch.setattr(Directory, "clean", interrupted)
    write(vault, "One.md", "Now [[Three]]\n")
    with pytest.raises(KeyboardInterrupt):
        build(vault, store)
    monkeypatch.undo()
    build(vault, tmp_path / "cold")
    assert graph(store) == graph(tmp_path / "cold")


def test_no_code_of_the_current_folder_is_run(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Processes of the command import nothing from where it is called."""
    (tmp_path / "queue.py").write_text("raise SystemExit('mine')\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    files = [NoteFile("One.md", 1, 1)]
    assert len(list(map_files(files, Settings(str(vault), "https://e/", {}), processes=1))) == 1
    store = tmp_path / "store"
    _edited(vault, store, 1)
    compaction.start(store)
    assert compaction._started[-1].wait(30) == 0
    live = Directory(store).current()
    assert live is not None
    assert live.age == 0
    assert "mine" not in capfd.readouterr().err


def test_the_command_has_tables_merged(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some builds of a large store a process of its own merges its tables."""
    store = tmp_path / "store"
    _edited(vault, store, 2)
    monkeypatch.setattr(compaction, "_BUILDS", 2)
    for size, age in ((1 << 40, 3), (1, 0)):
        write(vault, "One.md", f"For {size}\n")
        monkeypatch.setattr(compaction, "_SIZE", size)
        monkeypatch.setattr(sys, "argv", ["kg", "build", str(vault), "--store", str(store)])
        with pytest.raises(SystemExit):
            cli.main()
        end = time.monotonic() + 30
        while (live := Directory(store).current()) is not None and live.age != age and time.monotonic() < end:
            time.sleep(0.05)
        assert live is not None
        assert live.age == age
    assert [process.wait(30) for process in compaction._started] == [0]


def test_reader_during_builds(vault: Path, tmp_path: Path) -> None:
    """A reader keeps its graph while builds go on, and readers never fail or see a graph in between."""
    store = tmp_path / "store"
    build(vault, store)
    seen: list[int] = []
    failures: list[BaseException] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                with open_store(store) as opened:
                    seen.append(len(opened))
            except BaseException as error:  # noqa: BLE001 - reported by the assertion below
                failures.append(error)

    reader = threading.Thread(target=read)
    with open_store(store) as held:
        size = len(held)
        reader.start()
        sizes = {size}
        for number in range(12):
            write(vault, f"New {number}.md", "words\n" * number)
            sizes.add(build(vault, store).quads)
        stop.set()
        reader.join()
        assert len(held) == size
        assert held.graph_lines(held.graphs()[0])
    assert failures == []
    assert set(seen) <= sizes


def test_other_version(vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of another version is built from nothing, and one line says why."""
    build(vault, tmp_path / "store")
    monkeypatch.setattr("kg.__version__", "99.0")
    summary = build(vault, tmp_path / "store")
    assert "another version" in summary.notice
    assert summary.changed["added"] == 5
    assert build(vault, tmp_path / "store").notice == ""


@pytest.mark.parametrize("victim", ["state.sqlite", "graph/CURRENT", "graph/*.sst", "graph/MANIFEST-*", "../CURRENT"])
def test_damaged_store(vault: Path, tmp_path: Path, victim: str) -> None:
    """A damaged store is built from nothing, whatever is damaged, and without a traceback."""
    store = tmp_path / "store"
    build(vault, store)
    before = graph(store)
    generation = Directory(store).current()
    assert generation is not None
    for file in generation.path.glob(victim) if "*" in victim else [generation.path / victim]:
        file.write_bytes(b"rubbish" * 20)
    write(vault, "New.md", "new words")
    build(vault, store)
    (vault / "New.md").unlink()
    build(vault, store)
    assert graph(store) == before


def test_reading_a_damaged_store(vault: Path, tmp_path: Path) -> None:
    """Reading damaged files fails with one line that says what to do."""
    build(vault, tmp_path / "store")
    generation = Directory(tmp_path / "store").current()
    assert generation is not None
    for file in generation.graph.glob("MANIFEST-*"):
        file.write_bytes(b"rubbish")
    with pytest.raises(DamagedError, match="run `kg build` again"), open_store(tmp_path / "store"):
        pass


def test_unwritable_folder(vault: Path, tmp_path: Path) -> None:
    """A store that cannot be written is one clear error, and the graph in it can still be read."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="choose another folder"):
        build(vault, tmp_path / "file" / "store")


def write_by_rename(vault: Path) -> None:
    """Save as editors do that write a new file and rename it over the old one."""
    write(vault, ".One.swp", "written anew")
    (vault / ".One.swp").rename(vault / "One.md")


def test_watch(vault: Path, tmp_path: Path) -> None:
    """Watching builds after a save, after a file was renamed over a note, and after a deletion."""
    store = tmp_path / "store"
    build(vault, store)
    stop = threading.Event()
    builds = watch(vault, lambda: build(vault, store, wait=True), stop)
    steps: list[Callable[[], None]] = [
        partial(write, vault, "One.md", "saved"),
        partial(write_by_rename, vault),
        (vault / "Two.md").unlink,
    ]
    results: list[tuple[list[str], dict[str, int]]] = []

    def act() -> None:
        for number, step in enumerate(steps):
            end = time.monotonic() + 30
            while len(results) < number and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.7)
            step()

    actor = threading.Thread(target=act)
    actor.start()
    for paths, summary in builds:
        results.append((paths, summary.changed))
        if len(results) == len(steps):
            stop.set()
    actor.join()
    edited = {"added": 0, "edited": 1, "deleted": 0}
    assert results == [
        (["One.md"], edited),
        (["One.md"], edited),
        (["Two.md"], {"added": 0, "edited": 0, "deleted": 1}),
    ]


def test_watch_misses_nothing(vault: Path, tmp_path: Path) -> None:
    """Watching builds what was saved before it began, and when a `.gitignore` says anew what is read."""
    store = tmp_path / "store"
    build(vault, store)
    write(vault, "One.md", "saved before")
    stop = threading.Event()
    results = []
    for paths, summary in watch(vault, lambda: build(vault, store, wait=True), stop):
        results.append((paths, summary.changed))
        if len(results) == 1:
            write(vault, ".gitignore", "Two.md\n")
        else:
            stop.set()
    assert results == [
        ([], {"added": 0, "edited": 1, "deleted": 0}),
        ([".gitignore"], {"added": 0, "edited": 0, "deleted": 1}),
    ]


def test_watch_outlives_a_failure(vault: Path, tmp_path: Path) -> None:
    """A build that could not be done is left out, and the next change builds."""
    store = tmp_path / "store"
    build(vault, store)
    stop = threading.Event()
    failures = iter([True])

    def attempt() -> Summary | None:
        return None if next(failures, False) else build(vault, store, wait=True)

    write(vault, "One.md", "saved")
    threading.Timer(1.5, partial(write, vault, "Two.md", "saved, too")).start()
    for paths, summary in watch(vault, attempt, stop):
        assert (paths, summary.changed["edited"]) == (["Two.md"], 2)
        stop.set()
