"""What tests share: the command line, the graph of the sample vault, and the tools of others that CI installs."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import build, cli
from kg.store import GraphStore, open_store
from tests.running import NOTES, ROOT, Result, Run, Tool

TOOLS = ROOT / ".tools"

# What makes rich and typer believe that they speak to a terminal, or to one of another width.
_TERMINAL = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "GITHUB_ACTIONS", "PY_COLORS")

# Who starts a program in the background may have it ignore Ctrl-C, and all that it starts; tests interrupt programs.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `kg` in this process, in an empty folder: `run("build", notes)`."""
    monkeypatch.chdir(tmp_path)
    for name in _TERMINAL:
        monkeypatch.delenv(name, raising=False)

    def call(*args: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["kg", *map(str, args)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        out, err = capsys.readouterr()
        code = stopped.value.code
        return Result(code if isinstance(code, int) else 0, out, err)

    return call


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the graph of the sample vault, for reading only."""
    store = tmp_path_factory.mktemp("sample") / "store"
    build.build(NOTES, store)
    return store


@pytest.fixture
def sample(sample_store: Path) -> Iterator[GraphStore]:
    """The graph of the sample vault, open."""
    with open_store(sample_store) as graphs:
        yield graphs


def _tool(name: str, command: list[str] | None) -> Tool:
    if command is None:
        if os.environ.get("KG_REQUIRE_TOOLS") == "1":
            pytest.fail(f"{name} is not installed, and KG_REQUIRE_TOOLS=1 wants it")
        pytest.skip(f"{name} is not installed; .ci/run installs it")

    def call(*args: object) -> Result:
        done = subprocess.run([*command, *map(str, args)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{name} {args}: {done.stdout}\n{done.stderr}"
        return Result(done.returncode, done.stdout, done.stderr)

    return call


def _java(folder: str, main: str) -> list[str] | None:
    java = shutil.which("java")
    jars = TOOLS / folder
    return [java, "-cp", f"{jars}/*", main] if java and any(jars.glob("*.jar")) else None


@pytest.fixture(scope="session")
def rapper() -> Tool:
    """Raptor's parser: `rapper("--input", "turtle", "--count", path)`; the test is skipped where it is missing."""
    path = shutil.which("rapper")
    return _tool("rapper", [path] if path else None)


@pytest.fixture(scope="session")
def riot() -> Tool:
    """Jena's parser: `riot("--validate", path)`; the test is skipped where it is missing."""
    return _tool("riot", _java("jena", "riotcmd.riot"))


@pytest.fixture(scope="session")
def robot() -> Tool:
    """The ontology tool ROBOT, with the OWL API and reasoners; the test is skipped where it is missing."""
    return _tool("ROBOT", _java("robot", "org.obolibrary.robot.CommandLineInterface"))
