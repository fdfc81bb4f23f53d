"""Real triple stores, each with an empty store on a free loopback port, for as long as a test wants it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.running import ROOT

STORES = ROOT / ".tools" / "stores"
RDF4J = ROOT / ".tools" / "rdf4j"


@dataclass(frozen=True, slots=True)
class Server:
    """A running store: where it is, of which kind, and how to sign in."""

    url: str
    kind: str
    environment: Mapping[str, str] = field(default_factory=dict)


def free_port() -> int:
    """A port of the loopback interface that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str | Path], url: str, folder: Path, *, seconds: float = 90) -> Iterator[None]:
    """Run a server in a folder until the block ends; the block begins when `url` answers."""
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + seconds
        while not _answers(url):
            said = (folder / "log").read_text("utf-8", "replace")[-2000:]
            assert process.poll() is None, f"the server ended: {said}"
            assert time.monotonic() < deadline, f"the server does not answer: {said}"
            time.sleep(0.05)
        yield
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - http to this machine
            return True
    except urllib.error.HTTPError as error:
        return not error.read().startswith(b"Not found: namespace")  # Blazegraph begins before its namespace is there
    except OSError:
        return False


def oxigraph_command() -> str:
    """The program `oxigraph`, which the tests install."""
    beside = Path(sys.executable).parent
    command = shutil.which("oxigraph", path=f"{beside}{os.pathsep}{os.environ['PATH']}")
    assert command is not None, "the tests need the package oxigraph"
    return command


@contextmanager
def oxigraph(folder: Path, *, port: int = 0) -> Iterator[Server]:
    """Oxigraph Server, which the tests install."""
    url = f"http://127.0.0.1:{port or free_port()}"
    arguments: list[str | Path] = [
        oxigraph_command(),
        "serve",
        "--location",
        folder / "db",
        "--bind",
        url.removeprefix("http://"),
    ]
    with running(arguments, url, folder):
        yield Server(url, "oxigraph")


def needed(path: "Path | str | None", name: str) -> str:
    """A file or command that `.ci/stores` installs; where it is missing, the test is skipped."""
    if path is None or not Path(path).exists():
        if os.environ.get("KG_REQUIRE_TOOLS") == "1":
            pytest.fail(f"{name} is not installed, and KG_REQUIRE_TOOLS=1 wants it")
        pytest.skip(f"{name} is not installed; .ci/stores installs it")
    return str(path)


def jar(pattern: str) -> Path | None:
    """A file that `.ci/stores` fetched."""
    return next(iter(sorted(STORES.glob(pattern))), None)


def java(*options: str) -> list[str]:
    """Java with little memory."""
    return [needed(shutil.which("java"), "Java"), "-Xmx768m", "-XX:+UseSerialGC", *options]


@contextmanager
def fuseki(folder: Path) -> Iterator[Server]:
    """Apache Jena Fuseki with a TDB2 dataset."""
    file = needed(jar("jena-fuseki-server-*.jar"), "Fuseki")
    port = free_port()
    (folder / "db").mkdir(exist_ok=True)
    options = ["--port", str(port), "--localhost", "--ping", "--tdb2", "--loc=db", "--update", "/ds"]
    with running([*java("-jar", file), *options], f"http://127.0.0.1:{port}/$/ping", folder):
        yield Server(f"http://127.0.0.1:{port}/ds", "fuseki")


_VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = ., {folder}
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 8
"""


@contextmanager
def virtuoso(folder: Path, *, sql: int = 0, allowed: Path | None = None) -> Iterator[Server]:
    """OpenLink Virtuoso with the account and the limits that it has when it is installed."""
    command = needed(shutil.which("virtuoso-t"), "Virtuoso")
    http = free_port()
    (folder / "virtuoso.ini").write_text(_VIRTUOSO.format(sql=sql or free_port(), http=http, folder=allowed or folder))
    with running([command, "+foreground", "+wait", "+configfile", "virtuoso.ini"], f"http://127.0.0.1:{http}/", folder):
        yield Server(f"http://127.0.0.1:{http}", "virtuoso", {"KG_USER": "dba", "KG_PASSWORD": "dba"})


_BLAZEGRAPH = """
com.bigdata.journal.AbstractJournal.bufferMode=DiskRW
com.bigdata.journal.AbstractJournal.file=blazegraph.jnl
com.bigdata.rdf.store.AbstractTripleStore.quads=true
com.bigdata.rdf.store.AbstractTripleStore.statementIdentifiers=false
com.bigdata.rdf.store.AbstractTripleStore.textIndex=false
com.bigdata.rdf.store.AbstractTripleStore.axiomsClass=com.bigdata.rdf.axioms.NoAxioms
com.bigdata.rdf.sail.truthMaintenance=false
com.bigdata.btree.keys.KeyBuilder.collator.strength=Identical
com.bigdata.rdf.store.AbstractTripleStore.inlineXSDDatatypeLiterals=false
com.bigdata.rdf.store.AbstractTripleStore.inlineDateTimes=false
"""


@contextmanager
def blazegraph(folder: Path) -> Iterator[Server]:
    """Blazegraph in quads mode, in Jetty, since its own runnable jar on Maven Central lacks a file that it needs."""
    runner, war = needed(jar("jetty-runner-*.jar"), "Jetty"), needed(jar("bigdata-war-*.war"), "Blazegraph")
    port = free_port()
    (folder / "RWStore.properties").write_text(_BLAZEGRAPH)
    property_file = f"-Dcom.bigdata.rdf.sail.webapp.ConfigParams.propertyFile={folder / 'RWStore.properties'}"
    options = ["--host", "127.0.0.1", "--port", str(port), "--path", "/bigdata", war]
    command = [*java("--add-opens", "java.base/java.lang=ALL-UNNAMED", property_file, "-jar", runner), *options]
    with running(command, f"http://127.0.0.1:{port}/bigdata/sparql", folder):
        yield Server(f"http://127.0.0.1:{port}/bigdata", "blazegraph")


_REPOSITORY = b"""
@prefix rep: <http://www.openrdf.org/config/repository#> .
@prefix sr: <http://www.openrdf.org/config/repository/sail#> .
@prefix sail: <http://www.openrdf.org/config/sail#> .
[] a rep:Repository ; rep:repositoryID "kg" ; rep:repositoryImpl [ rep:repositoryType "openrdf:SailRepository" ;
    sr:sailImpl [ sail:sailType "openrdf:NativeStore" ] ] .
"""


@contextmanager
def rdf4j(folder: Path) -> Iterator[Server]:
    """Eclipse RDF4J Server with a native store, made of its jars, since its war is not on Maven Central."""
    runner = needed(jar("jetty-runner-*.jar"), "Jetty")
    jars = needed(RDF4J, "RDF4J Server")
    port = free_port()
    server = f"http://127.0.0.1:{port}/rdf4j-server"
    options = ["--host", "127.0.0.1", "--port", str(port), "--path", "/rdf4j-server"]
    web = ROOT / ".ci" / "tools" / "rdf4j" / "webapp"
    program = java("-cp", f"{runner}:{jars}/*", "org.eclipse.jetty.runner.Runner")
    with running([*program, *options, web], f"{server}/protocol", folder):
        url = f"{server}/repositories/kg"
        made = urllib.request.Request(url, _REPOSITORY, {"Content-Type": "text/turtle"}, method="PUT")  # noqa: S310 - to this machine
        with urllib.request.urlopen(made, timeout=60):  # noqa: S310
            yield Server(url, "rdf4j")
