"""The documents are true: their commands print what they show, their code runs, their lists are complete.

- A `console` block runs in a folder with the sample notes, the blocks of one page one after the other. Lines behind a
  command are what it prints; `…` stands for anything, and the width of gaps does not count. A command without any lines
  behind it must end with exit code 0.
- A `python` block runs in that folder too, and a `sparql` block must have an answer.
- A `turtle` block must be in the graph: of the `markdown` block right before it, else of the sample notes. `[]` and
  blank nodes stand for anything.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest

from kg.build import build
from kg.config import load
from kg.namespaces import PREFIXES
from kg.store import GraphStore, open_store
from tests.cli_reference import TARGET, render
from tests.running import NOTES, ROOT

_PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/*.md"))]
# What these show needs arXiv or a local stand-in of it; they have tests of their own.
_ELSEWHERE = {"enrichment.md", "loading.md", "ontology.md"}
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(rf"{_FENCE.pattern}|`[^`\n]*`", _FENCE.flags)


class Example(NamedTuple):
    """A fenced block of a page: the line it starts on, its language and its text."""

    line: int
    language: str
    text: str


def _examples(page: Path) -> list[Example]:
    text = page.read_text("utf-8")
    return [Example(text.count("\n", 0, m.start()) + 1, m[1], m[2]) for m in _FENCE.finditer(text)]


def _of_language(*languages: str) -> list[object]:
    pages = [page for page in _PAGES if page.name not in _ELSEWHERE]
    found = [(page, [example for example in _examples(page) if example.language in languages]) for page in pages]
    return [pytest.param(page, examples, id=page.name) for page, examples in found if examples]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the sample notes, as a user has it."""
    shutil.copytree(NOTES, tmp_path / "notes")
    return tmp_path


def _commands(text: str) -> Iterator[tuple[str, str]]:
    """The commands of a console block, each with what it is said to print; `> ` continues a command."""
    command, shown = "", ""
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, shown
            command, shown = line[2:], ""
        elif line.startswith("> ") and not shown:
            command += "\n" + line[2:]
        else:
            shown += line + "\n"
    yield command, shown


def _environment() -> dict[str, str]:
    left_out = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "GITHUB_ACTIONS")
    kept = {key: value for key, value in os.environ.items() if key not in left_out}
    return {**kept, "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}


def _lines(text: str) -> str:
    """A text in which the width of gaps and rules, and blank lines at its ends, make no difference."""
    lines = [re.sub(r"─+", "─", " ".join(line.split())) for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


@pytest.mark.parametrize(("page", "examples"), _of_language("console"))
def test_commands_print_what_is_shown(folder: Path, page: Path, examples: list[Example]) -> None:
    """Every command of the documents runs, and prints what stands behind it."""
    for example in examples:
        for command, shown in _commands(example.text):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=_environment(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            place = f"{page.name}:{example.line}: $ {command}"
            assert "Traceback" not in done.stdout, place
            pattern = ".*".join(map(re.escape, _lines(shown).split("…")))
            if not shown.strip():
                assert done.returncode == 0, f"{place}\n{done.stdout}"
            elif not re.fullmatch(pattern, _lines(done.stdout), re.DOTALL):
                assert _lines(done.stdout) == _lines(shown), place


@pytest.mark.parametrize(("page", "examples"), _of_language("python"))
def test_python_runs(folder: Path, page: Path, examples: list[Example]) -> None:
    """Every Python example runs; those of one page share a session."""
    code = "".join("\n" * (example.line - 1) + example.text for example in examples[:1])
    code += "\n".join(example.text for example in examples[1:])
    script = folder / page.with_suffix(".py").name
    script.write_text(code, "utf-8")
    subprocess.run([sys.executable, "-W", "error", script.name], cwd=folder, env=_environment(), check=True)


@pytest.mark.parametrize(("page", "examples"), _of_language("sparql"))
def test_queries_have_an_answer(sample: GraphStore, page: Path, examples: list[Example]) -> None:
    """Every query finds something in the sample notes."""
    for example in examples:
        answer = sample.query(example.text)
        assert answer is True or next(iter(answer), None) is not None, f"{page.name}:{example.line}"  # type: ignore[arg-type]


@pytest.mark.parametrize(("page", "examples"), _of_language("markdown", "turtle"))
def test_turtle_is_in_the_graph(sample: GraphStore, tmp_path: Path, page: Path, examples: list[Example]) -> None:
    """What the documents say of the graph is in the graph: of the note shown before it, else of the sample notes."""
    note = ""
    for number, example in enumerate(examples):
        if example.language == "markdown":
            note = example.text
            continue
        if not note:
            _assert_in(sample, example, page)
            continue
        vault = tmp_path / f"vault {number}"
        vault.mkdir()
        vault.joinpath("Note.md").write_text(note, "utf-8")
        vault.joinpath("Other.md").write_text("---\naliases: [Second name]\n---\n# Part\n\nWords. ^id\n", "utf-8")
        vault.joinpath("picture.png").write_bytes(b"")
        build(vault, tmp_path / f"store {number}")
        with open_store(tmp_path / f"store {number}") as store:
            _assert_in(store, example, page)
        note = ""


def _assert_in(store: GraphStore, example: Example, page: Path) -> None:
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    triples = list(
        ox.parse(prefixes + example.text, format=ox.RdfFormat.TURTLE, base_iri="https://kg.example/note/Note")
    )
    assert triples
    pattern = "\n".join(f"{triple} ." for triple in triples)
    if store.query(f"ASK {{ {pattern} }}") is not True:
        missing = [str(triple) for triple in triples if store.query(f"ASK {{ {triple} }}") is not True]
        pytest.fail(f"{page.name}:{example.line}: not in the graph: {missing or 'all of it together'}")


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Links between the documents lead to files and headings that exist."""
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", re.sub(_CODE, "", page.read_text("utf-8"))):
        path, _, heading = target.partition("#")
        linked = page.parent / path
        assert linked.exists(), f"{page.name}: {target}"
        if heading:
            titles = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
            assert heading in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, target


# -- lists that must be complete --


def test_the_readme_starts_with_two_commands() -> None:
    """The first code block of the README holds `make demo` and `make test`, a line each, and nothing else."""
    first = _examples(ROOT / "README.md")[0]
    assert first.text == "make demo\nmake test\n"
    makefile = ROOT.joinpath("Makefile").read_text("utf-8")
    assert re.search(r"^demo:", makefile, re.MULTILINE)
    assert re.search(r"^test:", makefile, re.MULTILINE)


def test_the_command_line_reference_is_current() -> None:
    """`docs/cli.md` is what the commands say of themselves; `make docs` writes it."""
    assert TARGET.read_text("utf-8") == render()


def _codes() -> set[str]:
    """The codes of all findings: what a `Diagnostic` or a pair of code and message is made with."""
    code = re.compile(r"[a-z]+(?:-[a-z0-9]+)+|unreadable")
    found = set()
    for path in ROOT.glob("kg/*.py"):
        if re.match("quer|enrich|metadata|check|cli", path.stem):
            continue  # what these say is not about notes
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Tuple | ast.List):
                values: list[ast.expr] = node.elts[:1]
            elif isinstance(node, ast.Call):
                values = node.args
            else:
                continue
            named = ast.unparse(node.func) if isinstance(node, ast.Call) else "tuple"
            if re.fullmatch(r"tuple|Diagnostic|Problem|_suspect|\w+\.report", named):
                constants = [value.value for value in values if isinstance(value, ast.Constant)]
                found |= {value for value in constants if isinstance(value, str) and code.fullmatch(value)}
    return found


def test_every_finding_is_explained() -> None:
    """The table of findings lists exactly the codes that the code reports."""
    text = ROOT.joinpath("docs", "notes.md").read_text("utf-8").partition("## Findings")[2]
    assert sorted(re.findall(r"^\| `([a-z0-9-]+)` \|", text, re.MULTILINE)) == sorted(_codes())


def test_every_key_of_the_configuration_is_explained(tmp_path: Path) -> None:
    """The example of `docs/configuration.md` is valid, and what it says of the keys is what the program knows."""
    text = ROOT.joinpath("docs", "configuration.md").read_text("utf-8")
    example = next(block for block in _examples(ROOT / "docs" / "configuration.md") if block.language == "toml")
    tmp_path.joinpath("kg.toml").write_text(example.text, "utf-8")
    config = load(tmp_path / "kg.toml")
    assert config.notes is not None
    assert config.exclude
    for key in re.findall(r"^\[?(\w+)", example.text, re.MULTILINE):
        assert f"`{key}`" in text or f"`[{key}]`" in text or key == "ARTICLE"


def test_the_root_configuration_is_valid() -> None:
    """The `kg.toml` of the checkout is one that the program takes."""
    assert load(ROOT / "kg.toml").notes == ROOT / "notes"
