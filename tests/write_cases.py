"""The graphs of the cases in `tests/cases`, and the command that writes what is expected of them.

`python -m tests.write_cases NAME …` builds the named cases (all without names) and writes `expected.ttl`, and
`findings.txt` where there are findings. Read the difference before you commit it: it says what the project promises.
"""

import io
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from kg.build import build
from kg.export import in_order
from kg.iris import DEFAULT_BASE
from kg.namespaces import FM
from kg.serialization import serialize
from kg.store import open_store

# What notes are about, as vocabularies tell, is the matter of other tests.
_TOPIC = re.compile(
    f"<{DEFAULT_BASE}concept/|<[^>]*> <(?:{'|'.join(map(re.escape, (FM.about, FM.mentions, FM.topic)))})> "
)
CASES = Path(__file__).parent / "cases"


def graph(case: Path, work: Path) -> tuple[list[str], list[str]]:
    """Build a case.

    Args:
        case: its folder, with a `note.md` or a `vault`.
        work: an empty folder.

    Returns:
        The triples of its notes and resources as N-Triples lines, graph by graph in reading order, and its findings.

    """
    vault = case / "vault"
    if not vault.exists():
        vault = work / "vault"
        vault.mkdir()
        shutil.copy(case / "note.md", vault)
    summary = build(vault, work / "store")
    with open_store(work / "store") as store:
        graphs = [name for name in store.graphs() if name.startswith(DEFAULT_BASE)]
        lines = [line for name in graphs for line in in_order(store.graph_lines(name)) if not _TOPIC.match(line)]
    return list(dict.fromkeys(lines)), [f"{d.path}:{d.line}: {d.code}" for d in summary.diagnostics]


def turtle(lines: Iterable[str]) -> str:
    """N-Triples lines as Turtle, a blank line between subjects, with the prefixes that are used."""
    output = io.BytesIO()
    serialize((f"{line}\n".encode() for line in lines), "ntriples", output, "turtle")
    head: list[str] = []
    body: list[str] = []
    for line in output.getvalue().decode().splitlines(keepends=True):
        (head if line.startswith("@prefix ") else body).append(line)
    text = re.sub(r"(?m)^(?=\S)", "\n", "".join(body))
    bare = re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', "", text)
    return "".join(line for line in head if f"{line.split()[1]}" in bare) + text


def main(names: list[str]) -> None:
    """Write what is expected of cases."""
    for case in sorted(CASES.iterdir()) if not names else [CASES / name for name in names]:
        with tempfile.TemporaryDirectory() as work:
            lines, findings = graph(case, Path(work))
        (case / "expected.ttl").write_text(turtle(lines), "utf-8")
        if findings:
            (case / "findings.txt").write_text("".join(f"{finding}\n" for finding in findings), "utf-8")
        else:
            (case / "findings.txt").unlink(missing_ok=True)


if __name__ == "__main__":
    main(sys.argv[1:])
