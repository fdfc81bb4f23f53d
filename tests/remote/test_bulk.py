"""Bulk exports: shards that add up to the graph, and loaders of others that take them."""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import UsageError
from kg.remote import bulk, sync, verify
from kg.remote.connect import Connection, connect
from kg.remote.loaders import FILES
from kg.remote.verify import Difference
from kg.store import GraphStore
from tests.remote import servers
from tests.remote.nasty import BASE
from tests.running import Run


def _by_graph(quads: Iterable[ox.Quad]) -> dict[str, list[str]]:
    """The canonical triples of each graph; that two graphs share a blank node is nothing that a vault can say."""
    graphs: dict[str, ox.Dataset] = {}
    for quad in quads:
        graphs.setdefault(str(quad.graph_name), ox.Dataset()).add(ox.Quad(quad.subject, quad.predicate, quad.object))
    for graph in graphs.values():
        graph.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {name: sorted(map(str, graph)) for name, graph in graphs.items()}


def _dataset(folder: Path) -> dict[str, list[str]]:
    """The graphs of all shards together, each shard read as a document of its own."""
    documents = (gzip.decompress(shard.read_bytes()) for shard in sorted(folder.glob("part-*.nq.gz")))
    return _by_graph(quad for data in documents for quad in ox.parse(data, format=ox.RdfFormat.N_QUADS))


@pytest.mark.parametrize("shard_bytes", [1, 5_000, 10**9])
def test_shards_add_up_to_the_graph(nasty: GraphStore, tmp_path: Path, shard_bytes: int) -> None:
    """Whatever their size, all shards together are the dataset, blank nodes and all."""
    shards = bulk.export(nasty, tmp_path, shard_bytes=shard_bytes)
    assert _dataset(tmp_path) == _by_graph(nasty.inner)
    assert sum(shard.quads for shard in shards) == len(nasty)
    assert (len(shards) > 1) == (shard_bytes < 10**9)
    assert len(shards) <= len(nasty.graphs())


def test_the_manifest_is_true(nasty: GraphStore, tmp_path: Path) -> None:
    """It has the size, number of quads and hash of each shard, and is the last file to appear."""
    bulk.export(nasty, tmp_path, shard_bytes=100_000)
    told = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    for shard in told["shards"]:
        data = (tmp_path / shard["file"]).read_bytes()
        assert (shard["bytes"], shard["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
        assert shard["quads"] == gzip.decompress(data).count(b"\n")
    assert (told["quads"], told["graphs"], told["base_iri"]) == (len(nasty), len(nasty.graphs()), BASE)
    assert {path.name for path in tmp_path.iterdir()} == {
        "manifest.json",
        *FILES,
        *(shard["file"] for shard in told["shards"]),
    }


def test_an_export_replaces_a_former_one(sample: GraphStore, nasty: GraphStore, tmp_path: Path) -> None:
    """Shards that are not needed any more go; the same graph gives the same bytes."""
    bulk.export(nasty, tmp_path, shard_bytes=1)
    bulk.export(sample, tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    bulk.export(sample, tmp_path)
    assert first == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert [name for name in first if name.startswith("part")] == ["part-00001.nq.gz"]


def test_a_folder_of_others_is_left_alone(nasty: GraphStore, tmp_path: Path) -> None:
    """A folder with other files in it is refused."""
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(UsageError, match=r"thesis\.tex, which no bulk export wrote"):
        bulk.export(nasty, tmp_path)


def test_scripts_are_shell(tmp_path: Path, nasty: GraphStore) -> None:
    """Each script is executable and parsed by sh."""
    bulk.export(nasty, tmp_path)
    scripts = sorted(tmp_path.glob("*.sh"))
    assert len(scripts) == 5
    for script in scripts:
        assert os.access(script, os.X_OK)
        subprocess.run(["sh", "-n", script], check=True)


def test_the_command_line_exports_in_bulk(run: Run, sample_store: Path) -> None:
    """`kg export --bulk DIR` writes the whole graph, and says so when asked for a part."""
    done = run("export", "--bulk", "out", "--store", sample_store)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("out: ")
    assert Path("out/manifest.json").exists()
    refused = run("export", "--bulk", "out", "--store", sample_store, "--format", "turtle")
    assert (refused.code, refused.err.count("\n")) == (2, 1)


def _run(script: Path, *arguments: object, **environment: str) -> str:
    command = ["sh", str(script), *map(str, arguments)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_oxigraph_loads_the_shards(nasty: GraphStore, tmp_path: Path) -> None:
    """`oxigraph load`, run by the script beside the shards, makes the same dataset."""
    bulk.export(nasty, tmp_path / "out", shard_bytes=100_000)
    beside = Path(servers.oxigraph_command()).parent
    _run(tmp_path / "out" / "load-oxigraph.sh", tmp_path / "db", PATH=f"{beside}{os.pathsep}{os.environ['PATH']}")
    loaded = ox.Store.read_only(str(tmp_path / "db"))
    assert _by_graph(loaded) == _by_graph(nasty.inner)


def _differences(store: GraphStore, server: servers.Server) -> list[Difference]:
    endpoint = connect(Connection(server.url), environment=server.environment)
    return list(verify.differences(sync.graphs_of(store), endpoint))


@pytest.mark.external
@pytest.mark.parametrize("loader", ["tdb2.tdbloader", "tdb2.xloader"])
def test_jena_loads_the_shards(sample: GraphStore, tmp_path: Path, loader: str) -> None:
    """TDB2's bulk loaders take the shards, and Fuseki serves the same graphs from what they made."""
    servers.java()
    bulk.export(sample, tmp_path / "out", shard_bytes=1_000_000)
    (tmp_path / "fuseki").mkdir()
    tools = {"JVM_ARGS": "-Xmx768m"}
    if loader == "tdb2.xloader":
        servers.needed(shutil.which("jq"), "jq")
        beside = Path(servers.needed(servers.jar(f"apache-jena-*/bin/{loader}"), "Jena")).parent
        tools["PATH"] = f"{beside}{os.pathsep}{os.environ['PATH']}"
    else:
        tools["JENA_JARS"] = servers.needed(servers.jar("jena-fuseki-server-*.jar"), "Jena")
    said = _run(tmp_path / "out" / "load-jena.sh", tmp_path / "fuseki" / "db", **tools)
    assert ("Ingest data" in said) == (loader == "tdb2.xloader")
    with servers.fuseki(tmp_path / "fuseki") as server:
        assert _differences(sample, server) == []


@pytest.mark.external
def test_virtuoso_loads_the_shards(sample: GraphStore, tmp_path: Path) -> None:
    """Virtuoso's `ld_dir` takes the shards; what differs is what Virtuoso cannot keep."""
    bulk.export(sample, tmp_path / "out", shard_bytes=1_000_000)
    (tmp_path / "virtuoso").mkdir()
    port = servers.free_port()
    with servers.virtuoso(tmp_path / "virtuoso", sql=port, allowed=tmp_path) as server:
        _run(tmp_path / "out" / "load-virtuoso.sh", f"127.0.0.1:{port}")
        assert {found.graph for found in _differences(sample, server)} <= {"https://w3id.org/fm-kg/models"}
