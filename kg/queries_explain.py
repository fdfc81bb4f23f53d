"""The engine's plan of a query, through the `oxigraph` command: its Python bindings do not tell it."""

import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kg import sparql
from kg.errors import QueryError, UsageError
from kg.evaluation import KNOWN_PREFIXES, Source
from kg.generations import Directory

__all__ = ["explain"]


def explain(source: Source, store: Path | None, text: str, base: str) -> str:
    """How the engine evaluates a query, as a tree of operators with their results and times; it runs the query.

    Args:
        source: what is asked.
        store: the directory of the store, None when the source is in memory.
        text: the query.
        base: the base IRI, if there is one.

    Raises:
        QueryError: the query is malformed.
        UsageError: the `oxigraph` command is missing.

    """
    if sparql.Query.of(text).service is not None:
        raise UsageError("--explain runs no SERVICE")
    answer = source.query(text, base=base)  # refuses what is malformed, with our own messages
    del answer
    if store is not None:
        with Directory(store).reading() as generation:
            return _explained(generation.graph, text, base, union=source.union)
    with tempfile.TemporaryDirectory() as folder:
        source.copy_to(Path(folder))
        return _explained(Path(folder), text, base, union=source.union)


def _explained(location: Path, text: str, base: str, *, union: bool) -> str:
    declared = sparql.Query.of(text).prefixes
    prologue = " ".join(f"PREFIX {name}: <{iri}>" for name, iri in KNOWN_PREFIXES.items() if name not in declared)
    with tempfile.TemporaryDirectory() as folder:
        plan, query = Path(folder) / "plan.json", Path(folder) / "query.rq"
        query.write_text(f"{prologue} {text}", "utf-8")
        command = [_program(), "query", "--location", str(location), "--query-file", str(query)]
        command += ["--stats", "--explain-file", str(plan), "--results-format", _results_format(text)]
        command += ["--union-default-graph"] if union else []
        command += ["--query-base", base] if base else []
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)  # noqa: S603
        if done.returncode or not plan.is_file():
            raise QueryError(f"the engine did not explain: {' '.join(done.stderr.decode().split())[:300]}")
        explained = json.loads(plan.read_text("utf-8"))
    seconds = explained.get("planning duration in seconds", 0)
    return "\n".join([f"planned in {seconds * 1000:.2f} ms", *_tree(explained["plan"], "")]) + "\n"


def _results_format(text: str) -> str:
    return "nt" if sparql.Query.of(text).form in ("CONSTRUCT", "DESCRIBE") else "json"


def _program() -> str:
    folder = sysconfig.get_path("scripts")
    found = shutil.which("oxigraph", path=f"{folder}:{Path(sys.executable).parent}") or shutil.which("oxigraph")
    if found is None:
        raise UsageError("--explain needs the oxigraph command: pip install oxigraph")
    return found


def _tree(node: dict[str, Any], indent: str) -> Iterator[str]:
    name = node["name"]
    for prefix, namespace in KNOWN_PREFIXES.items():
        name = name.replace(f"<{namespace}", f"<{prefix}:") if f"<{namespace}" in name else name
    counted = node.get("number of results")
    notes = f"  [{counted:,} rows, {node.get('duration in seconds', 0) * 1000:.2f} ms]" if counted is not None else ""
    yield f"{indent}{name}{notes}"
    for child in node.get("children", ()):
        yield from _tree(child, indent + "  ")
