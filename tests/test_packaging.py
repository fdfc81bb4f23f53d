"""The package as it is shipped: the wheel holds what an installed `kg` needs and works far from the checkout."""

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import kg
from tests.running import ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """The wheel."""
    (path,) = built.glob("*.whl")
    return path


def test_the_version_stands_in_one_place(wheel: Path) -> None:
    """The wheel's version is that of the package, and the changelog has a heading for it."""
    assert wheel.name == f"fm_kg-{kg.__version__}-py3-none-any.whl"
    assert f"\n## [{kg.__version__}]" in ROOT.joinpath("CHANGELOG.md").read_text("utf-8")


def test_the_wheel_holds_package_ontology_and_queries(wheel: Path) -> None:
    """All modules, the ontologies, the JSON-LD context and the saved queries are in the wheel, and nothing else is."""
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("kg/**/*.py")}
    for folder in ("ontology", "queries"):
        wanted |= {f"kg/{p.relative_to(ROOT).as_posix()}" for p in ROOT.joinpath(folder).rglob("*") if p.is_file()}
    ours = {name for name in names if not name.startswith(f"fm_kg-{kg.__version__}.dist-info/")}
    assert ours - {"kg/py.typed"} == wanted


def test_the_source_distribution_can_be_tested(built: Path) -> None:
    """The source distribution has what its tests and documents need."""
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "README.md",
        "Makefile",
        "constraints.txt",
        "kg.toml",
        "ontology/fm.ttl",
        "tests/test_packaging.py",
    } <= names


def test_an_installed_kg_works_far_from_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Installed in an empty environment and run in an empty folder, `kg` builds, exports and answers."""
    environment = tmp_path / "an environment"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-warn-script-location"]
    subprocess.run([*install, "--constraint", str(ROOT / "constraints.txt"), str(wheel)], check=True)
    folder = tmp_path / "empty"
    notes = folder / "notes"
    notes.mkdir(parents=True)
    notes.joinpath("Note.md").write_text("- #PAPER [A title (Smith 2020)](https://arxiv.org/abs/2001.00001)\n", "utf-8")

    def call(*arguments: str) -> str:
        command = [str(environment / "bin" / "kg"), *arguments]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout

    assert call("--version") == f"kg {kg.__version__}\n"
    call("build", "notes")
    assert call("query", "ASK { fm:Paper rdfs:label ?label . ?paper a fm:Paper }") == "true\n"
    call("export", "out.jsonld")
    assert '"type": "Note"' in folder.joinpath("out.jsonld").read_text("utf-8")
