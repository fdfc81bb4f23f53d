"""Data flows one way and imports follow it; who may print, use the network or know the triple store; public names."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import kg

_PACKAGE = Path(kg.__file__).parent

# The stages through which data flows. A module belongs to the stage that names it, or the first word of its name
# before `_`, or the package that it is in. It may import from its own stage and from those above it here.
_STAGES = (
    ("errors", "namespaces", "clock", "data", "tags", "wordlists", "publishers"),
    ("iris",),
    ("frontmatter", "blocks", "inline", "leaves", "comments", "markdown", "ntriples"),
    (
        "identifiers",
        "titles",
        "bylines",
        "statements",
        "citations",
        "lexicon",
        "mentions",
        "passages",
        "nicknames",
        "catalogue",
    ),
    ("vault", "changes", "config"),
    ("settings", "resource_mentions", "links", "topics", "mapping", "metadata", "bibliography", "records"),
    (
        *("sparql", "terms", "fetching", "serialization", "evaluation"),
        *("generations", "state", "store", "exchange", "turtle", "vocabulary", "workers"),
    ),
    ("conclusions", "cold", "incremental", "compaction", "build", "watch"),
    (
        *("enrichment", "enrich", "reasoning", "infer", "ontology", "checks", "queries", "tables", "results", "api"),
        *("jsonld", "export", "remote", "load"),
    ),
    ("prompt", "cli", "serve", "__main__"),
)
_STAGE = {name: number for number, names in enumerate(_STAGES) for name in names}

# The layer of the store; everybody else takes its terms and lines from here.
_KNOW_THE_STORE = {"kg.store", "kg.exchange", "kg.turtle", "kg.serialization", "kg.evaluation"}
# What reads text or fetched data knows neither RDF nor the network.
_READERS = {
    *("kg.frontmatter", "kg.blocks", "kg.inline", "kg.leaves", "kg.comments", "kg.markdown", "kg.vault"),
    *("kg.publishers", "kg.identifiers", "kg.titles", "kg.bylines", "kg.statements", "kg.citations"),
    *("kg.enrichment.atom", "kg.enrichment.oai", "kg.enrichment.jsonlines"),
}
_RDF = {"rdflib", "pyoxigraph", "oxrdflib", "kg.iris", "kg.namespaces", "kg.ntriples"}
_NETWORK = {"kg.fetching", "requests", "socket", "http", "urllib.request", "urllib3", "arxiv"}


@cache
def _trees() -> dict[str, ast.Module]:
    """The syntax trees of all modules by name."""
    found = {}
    for path in sorted(_PACKAGE.rglob("*.py")):
        parts = path.relative_to(_PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


def _imports(name: str) -> Iterator[str]:
    """The modules that a module imports, at its top or within a function, but not for types alone."""
    modules = set(_trees())
    typing_only = {
        id(inner)
        for node in ast.walk(_trees()[name])
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(_trees()[name]):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            source = str(node.module)
            for alias in node.names:
                yield f"{source}.{alias.name}" if f"{source}.{alias.name}" in modules else source


def _stage(module: str) -> int:
    name = module.split(".")[1]
    stage = _STAGE.get(name, _STAGE.get(name.partition("_")[0]))
    assert stage is not None, f"in which stage does {module} stand? say it in {Path(__file__).name}"
    return stage


def _modules() -> list[str]:
    return [name for name in _trees() if name != "kg"]


@pytest.mark.parametrize("module", _modules())
def test_imports_flow_one_way(module: str) -> None:
    """A module imports from its own stage and from earlier ones, never from a later one."""
    later = [found for found in _imports(module) if found.startswith("kg.") and _stage(found) > _stage(module)]
    assert later == []


def test_no_module_imports_itself_in_a_circle() -> None:
    """Within a stage, too, imports make no circle."""
    graph = {name: {found for found in _imports(name) if found in _trees() and found != "kg"} for name in _modules()}
    done: set[str] = set()
    while ready := {name for name, wanted in graph.items() if name not in done and wanted <= done}:
        done |= ready
    assert sorted(set(graph) - done) == []


def _importers(wanted: set[str]) -> set[str]:
    return {
        name
        for name in _trees()
        for found in _imports(name)
        if found in wanted or any(found.startswith(f"{one}.") for one in wanted)
    }


def test_only_the_store_knows_pyoxigraph() -> None:
    """The engine is imported in the layer of the store alone."""
    assert _importers({"pyoxigraph"}) <= _KNOW_THE_STORE


@pytest.mark.parametrize("kind", [_RDF, _NETWORK], ids=["rdf", "network"])
def test_readers_know_neither_rdf_nor_the_network(kind: set[str]) -> None:
    """What reads notes, URLs or fetched data imports no RDF and nothing that opens a connection."""
    assert _importers(kind) & _READERS == set()


def _calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_only_the_command_line_prints_and_exits() -> None:
    """Nothing but the command line and its tables prints, logs, asks or ends the process."""
    telling = re.compile(r"print|input|typer\.\w+|sys\.exit|exit|quit|logging\.basicConfig|os\._exit")
    last = len(_STAGES) - 1
    found = {
        name: sorted({call for call in _calls(_trees()[name]) if telling.fullmatch(call)})
        for name in _modules()
        if _stage(name) != last
    }
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_iris_are_minted_in_one_place() -> None:
    """The base of minted IRIs is written in `kg.iris`, and the command line and the configuration name it to people."""
    found = {
        name
        for name, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and str(node.value).startswith("https://kg.example")
    }
    assert found <= {"kg.iris", "kg.config", "kg.cli"}


def test_starting_is_light() -> None:
    """`kg --help` imports neither the store, nor rdflib, nor the parser of notes: starting must be fast."""
    code = "import sys, kg.cli\ntry: kg.cli.main()\nexcept SystemExit: print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, "--help"], capture_output=True, text=True, check=True)
    heavy = {
        "pyoxigraph",
        "rdflib",
        "oxrdflib",
        "pyromark",
        "yaml",
        "requests",
        "arxiv",
        "lxml",
        "kg.build",
        "kg.store",
    }
    assert heavy & set(done.stdout.split()) == set()


# -- public names --

_PUBLIC = {
    "kg": ["__version__", "open"],
    "kg.build": ["Infer", "Progress", "Recall", "Summary", "build", "prepare"],
    "kg.config": ["Config", "Enriching", "load"],
    "kg.export": ["FORMATS", "SUFFIXES", "Selection", "export", "format_of", "graph_of_note"],
}


@pytest.mark.parametrize("module", _PUBLIC)
def test_the_public_names_are_these(module: str) -> None:
    """What others import does not change by accident."""
    assert importlib.import_module(module).__all__ == _PUBLIC[module]


@pytest.mark.parametrize("module", [info.name for info in pkgutil.walk_packages([str(_PACKAGE)], "kg.")])
def test_every_module_names_what_is_public(module: str) -> None:
    """Every module has a docstring and an `__all__` that is sorted and true."""
    loaded = importlib.import_module(module)
    assert loaded.__doc__
    names = list(getattr(loaded, "__all__", [])) if hasattr(loaded, "__path__") else loaded.__all__
    assert sorted(names, key=_order) == names
    assert [name for name in names if not hasattr(loaded, name)] == []


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, each by name: ruff's order of `__all__`."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)
