"""The command line as a user meets it: exit codes, what goes where, errors of one line, the same bytes everywhere."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import kg
from kg.export import FORMATS
from tests.running import NOTES, Run

_KG = [sys.executable, "-m", "kg"]


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """Two notes that are linked; the second one has a finding."""
    notes = tmp_path / "vault"
    notes.mkdir()
    notes.joinpath("One.md").write_text(
        "- #PAPER [Attention (Vaswani 2017)](https://arxiv.org/abs/1706.03762)\n", "utf-8"
    )
    notes.joinpath("Two.md").write_text("See [[One]] and [[Three]].\n\n- #PAPER A title alone (Nobody 2020)\n", "utf-8")
    return notes


@pytest.fixture
def store(vault: Path, run: Run) -> Path:
    """The store of that vault, where the command looks for it."""
    assert run("build", vault).code == 0
    return Path(".kg")


# -- help and usage --


def test_version_is_data(run: Run) -> None:
    """`kg --version` prints name and version to standard output."""
    result = run("--version")
    assert (result.code, result.out, result.err) == (0, f"kg {kg.__version__}\n", "")


def test_without_arguments_help_is_shown(run: Run) -> None:
    """`kg` alone shows its commands and exits with 2: it did nothing."""
    result = run()
    assert result.code == 2
    assert "Usage: kg [OPTIONS] COMMAND" in result.out + result.err


@pytest.mark.parametrize("command", [["build"], ["export"], ["query"], []])
def test_help_is_data(run: Run, command: list[str]) -> None:
    """`--help` goes to standard output and says what the exit codes or options are."""
    result = run(*command, "--help")
    assert (result.code, result.err) == (0, "")
    assert "Usage: " + " ".join(["kg", *command]) in result.out
    assert ("--store" if command else "Exit codes") in result.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nope"], "No such command 'nope'; see `kg --help`"),
        (["build", "--nope"], "No such option: --nope"),
        (["export"], "Missing argument 'FILE'; see `kg export --help`"),
        (["build", "a", "b"], "see `kg build --help`"),
        (["export", "--store"], "Option '--store' requires an argument"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, arguments: list[str], words: str) -> None:
    """A mistake in the arguments is one line on standard error that names the help, with exit code 2."""
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch(r"kg: [^\n]+\n", result.err)
    assert words in result.err


# -- errors --

Prepare = Callable[[Path], None]


def _toml(text: str) -> Prepare:
    def prepare(folder: Path) -> None:
        folder.joinpath("kg.toml").write_text(text, "utf-8")

    return prepare


def _nothing(folder: Path) -> None:
    assert folder.is_dir()


@pytest.mark.parametrize(
    ("prepare", "arguments", "words"),
    [
        (_nothing, ["build"], "which notes? run `kg build NOTES`"),
        (_nothing, ["build", "absent"], "absent: no such folder of notes"),
        (_nothing, ["build", "vault/One.md"], "vault/One.md: no such folder of notes"),
        (_nothing, ["build", "vault", "--store", "vault/.kg"], "lies inside the notes"),
        (_nothing, ["build", "vault", "--store", "vault"], "lies inside the notes"),
        (_nothing, ["build", "vault", "--store", "vault/One.md/store"], "lies inside the notes"),
        (_nothing, ["build", "vault", "--store", "/dev/null/store"], "choose another folder with --store"),
        (_nothing, ["build", "vault", "--base-iri", "kg.example"], "give an absolute http(s) IRI"),
        (_nothing, ["build", "vault", "--base-iri", "https://kg.example/?a=b"], "without query"),
        (_toml("notes = "), ["build"], "kg.toml: not valid TOML"),
        (_toml('note = "vault"'), ["build"], "kg.toml: unknown key 'note'; known are notes,"),
        (_toml("notes = 3"), ["build"], "kg.toml: notes must be a string, not 3"),
        (_toml('exclude = "drafts"'), ["build", "vault"], "kg.toml: exclude must be a list"),
        (_toml("exclude = [1]"), ["build", "vault"], "kg.toml: exclude must be a list of strings"),
        (_toml('base_iri = "nowhere"'), ["build", "vault"], "'nowhere' is not usable"),
        (_toml("[tags]\nARTICLE = 'Article'"), ["build", "vault"], "kg.toml: tags.ARTICLE must be one of"),
        (_toml("notes = 3"), ["query", "ASK {}"], "kg.toml: notes must be a string"),
        (_nothing, ["export", "out.ttl"], ".kg: no graph here; run `kg build NOTES --store .kg` first"),
        (_nothing, ["query", "ASK {}", "--store", "elsewhere"], "elsewhere: no graph here"),
        (_nothing, ["query", "ASK {}", "--store", "vault/One.md"], "vault/One.md: no graph here"),
    ],
)
def test_errors_are_one_line(run: Run, vault: Path, prepare: Prepare, arguments: list[str], words: str) -> None:
    """What cannot be done is said in one line on standard error with what to do instead, and exit code 2."""
    prepare(vault.parent)
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch(r"kg: [^\n]+\n", result.err)
    assert words in result.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["export", "out.pdf"], "no format has the suffix '.pdf'; use .ttl"),
        (["export", "out"], "no format has the suffix ''"),
        (["export", "-"], "which format? `kg export - --format turtle`"),
        (["export", "out.ttl", "--format", "n3"], "unknown format 'n3'; use one of turtle"),
        (["export", "out.ttl", "--graph", "https://kg.example/note/Nine"], "no graph <https://kg.example/note/Nine>"),
        (["export", "out.ttl", "--note", "Nine"], "no note 'Nine.md' in the store"),
        (["export", "absent/out.ttl"], "absent/out.ttl: No such file or directory"),
        (["query", "DELETE WHERE { ?s ?p ?o }"], "kg: "),
    ],
)
@pytest.mark.usefixtures("store")
def test_errors_of_a_graph_are_one_line(run: Run, arguments: list[str], words: str) -> None:
    """What a graph does not hold or a query gets wrong is one line, exit code 2, and no file is left behind."""
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch(r"kg: [^\n]+\n", result.err)
    assert words in result.err
    assert not list(Path.cwd().glob("*out*"))


def _truncate(store: Path) -> None:
    for path in store.glob("gen-*/graph/*"):
        path.write_bytes(b"")


def _overwrite(store: Path) -> None:
    for path in store.glob("gen-*/graph/*"):
        path.write_bytes(b"not a database")


def _lose_tables(store: Path) -> None:
    for path in store.glob("gen-*/graph/*.sst"):
        path.unlink()


def _misname(store: Path) -> None:
    store.joinpath("CURRENT").write_text("gen-999999\n", "ascii")


def _scribble(store: Path) -> None:
    store.joinpath("CURRENT").write_bytes(b"\xff\x00")


@pytest.mark.parametrize("damage", [_truncate, _overwrite, _lose_tables, _misname, _scribble])
def test_a_damaged_store_is_said_and_built_anew(
    run: Run, vault: Path, store: Path, damage: Callable[[Path], None]
) -> None:
    """A store with broken files is one line that tells to build again, and building again mends it."""
    damage(store)
    result = run("query", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
    assert (result.code, result.out) == (2, "")
    assert re.fullmatch(r"kg: [^\n]*run `kg build[^\n]*\n", result.err)
    assert run("build", vault).code == 0
    assert run("query", "ASK { ?s a fm:Note }").out == "true\n"


def _unprivileged() -> list[str]:
    """What to put before a command so that file permissions bind it, whoever runs the tests."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is not installed")
    return [setpriv, "--bounding-set", "-dac_override,-dac_read_search"]


@pytest.mark.parametrize(
    "arguments", [["export", "locked/out.ttl"], ["build", "vault", "--store", "locked/store"]], ids=lambda a: a[0]
)
def test_a_folder_without_write_permission_is_said(store: Path, arguments: list[str]) -> None:
    """A folder that may not be written is one line, not a traceback."""
    assert store.is_dir()
    locked = Path("locked")
    locked.mkdir()
    locked.chmod(0o555)
    done = subprocess.run([*_unprivileged(), *_KG, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"kg: locked/[^\n]*Permission denied[^\n]*\n", done.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.usefixtures("store")
def test_a_full_disk_is_said() -> None:
    """Standard output that takes no more is one line, not a traceback."""
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        command = [*_KG, "export", "-", "--format", "nquads"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "kg: -: No space left on device\n")


def test_a_reader_that_leaves_is_no_error(sample_store: Path) -> None:
    """`kg export - | head` ends in silence when `head` has seen enough."""
    command = [*_KG, "export", "-", "--format", "nquads", "--store", str(sample_store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().endswith(b".\n")
        process.stdout.close()
        assert process.stderr.read() == b""


# -- kg build --


def test_build_reports_on_standard_error(run: Run, vault: Path) -> None:
    """`kg build` keeps standard output free and lists findings and the summary on standard error."""
    result = run("build", vault)
    assert (result.code, result.out) == (0, "")
    assert "Two.md:3: resource-without-link a tagged title without a link\n" in result.err
    assert re.search(r"^ *2 +tagged as resources += 1 presented \+ 1 withoutLink\s*$", result.err, re.MULTILINE)
    assert re.search(r"^ *3 +links += 1 resolved \+ 1 missing \+ 1 external\s*$", result.err, re.MULTILINE)


def test_strict_makes_findings_count(run: Run, vault: Path) -> None:
    """With `--strict` findings give exit code 1, none 0; the graph is built either way."""
    assert run("build", vault, "--strict").code == 1
    assert run("query", "ASK { ?s fm:path 'Two.md' }").out == "true\n"
    vault.joinpath("Two.md").write_text("See [[One]].\n", "utf-8")
    assert run("build", vault, "--strict").code == 0


def test_json_is_one_object(run: Run, vault: Path) -> None:
    """With `--json` the summary is one JSON object on standard output."""
    result = run("build", vault, "--json")
    assert result.code == 0
    assert result.out.count("\n") == 1
    summary = json.loads(result.out)
    assert {key: summary[key] for key in ("notes", "entries", "tagged", "links", "unresolved", "diagnostics")} == {
        "notes": 2,
        "entries": 3,
        "tagged": 2,
        "links": 3,
        "unresolved": 1,
        "diagnostics": 1,
    }
    assert summary["resources"] == {"Paper": 1}


def test_many_findings_are_cut(run: Run, tmp_path: Path) -> None:
    """The first hundred findings are listed and the rest counted; `--all-findings` lists them all."""
    notes = tmp_path / "vault"
    notes.mkdir()
    notes.joinpath("Note.md").write_text("".join(f"- #PAPER Title number {n}\n" for n in range(120)), "utf-8")
    cut = run("build", notes).err
    assert cut.count("resource-without-link") == 100
    assert "… and 20 more; --all-findings lists them\n" in cut
    assert run("build", notes, "--all-findings").err.count("resource-without-link") == 120


def test_the_defaults_come_from_kg_toml(run: Run, vault: Path) -> None:
    """A `kg.toml` in the current folder gives notes, store, base IRI, excludes and tags; options win over it."""
    Path("kg.toml").write_text(
        'notes = "vault"\nstore = "graphs"\nbase_iri = "https://me.example/"\nexclude = ["drafts/"]\n'
        '[tags]\nARTICLE = "Paper"\n',
        "utf-8",
    )
    vault.joinpath("drafts").mkdir()
    vault.joinpath("drafts/Draft.md").write_text("words\n", "utf-8")
    vault.joinpath("Three.md").write_text("#ARTICLE [Some article](https://example.org/a)\n", "utf-8")
    assert run("build").code == 0
    assert Path("graphs/CURRENT").is_file()
    assert run("query", "SELECT ?n WHERE { ?n a fm:Note } ORDER BY ?n").out.split() == [
        "n",
        "─" * len("https://me.example/note/Three"),
        *(f"https://me.example/note/{name}" for name in ("One", "Three", "Two")),
    ]
    assert run("query", "ASK { <https://example.org/a> a fm:Paper }").out == "true\n"
    assert run("build", "--base-iri", "https://other.example", "--store", "more").code == 0
    assert run("query", "ASK { <https://other.example/note/One> ?p ?o }", "--store", "more").out == "true\n"


def _tree(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    found = {}
    for path in sorted([folder, *folder.rglob("*")]):
        status = path.lstat()
        data = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, status.st_ctime_ns, data)
    return found


def test_the_notes_are_never_written(run: Run, tmp_path: Path) -> None:
    """Building twice leaves every file, folder and time stamp of the notes as it was."""
    notes = tmp_path / "vault"
    shutil.copytree(NOTES, notes)
    before = _tree(notes)
    assert run("build", notes).code == 0
    assert run("build", notes).code == 0
    assert _tree(notes) == before


def _on_terminal(command: list[str]) -> str:
    """What a command writes to standard error when that is a terminal."""
    ours, theirs = pty.openpty()
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CI", "TTY_COMPATIBLE")}
    with subprocess.Popen(command, stderr=theirs, stdout=subprocess.PIPE, env={**environment, "TERM": "xterm"}):
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 4096)
            except OSError:  # Linux reports the end of a terminal as an error
                break
            if not data:
                break
            shown += data
    os.close(ours)
    return shown.decode()


def test_the_progress_bar_is_for_terminals(run: Run, vault: Path) -> None:
    """A terminal sees notes a second while they are read; a pipe sees no trace of it."""
    shown = _on_terminal([*_KG, "build", str(vault), "--store", "other"])
    assert "reading notes" in shown
    assert "2/2" in shown
    piped = run("build", vault).err
    assert "reading notes" not in piped
    assert "\x1b" not in piped


# -- kg query --


@pytest.mark.usefixtures("store")
def test_select_is_a_table(run: Run) -> None:
    """A SELECT is answered as a table on standard output; literals show their words, IRIs their known prefix."""
    result = run("query", "SELECT ?class ?title WHERE { ?x fm:arxivId '1706.03762' ; a ?class ; dcterms:title ?title }")
    assert (result.code, result.err) == (0, "")
    rows = [line.split("  ") for line in result.out.splitlines() if line.strip()]
    assert [[cell.strip() for cell in row if cell.strip()] for row in (rows[0], *rows[2:])] == [
        ["class", "title"],
        ["fm:Paper", "Attention"],
    ]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("target", "answer"), [("One", "true\n"), ("Nine", "false\n")])
def test_ask_is_a_word(run: Run, target: str, answer: str) -> None:
    """An ASK is answered `true` or `false`."""
    result = run("query", f"ASK {{ ?note dcterms:title '{target}' }}")
    assert (result.code, result.out, result.err) == (0, answer, "")


@pytest.mark.usefixtures("store")
def test_construct_is_turtle(run: Run) -> None:
    """A CONSTRUCT is answered in Turtle."""
    result = run("query", "CONSTRUCT { ?note dcterms:title ?title } WHERE { ?note a fm:Note ; dcterms:title ?title }")
    assert result.code == 0
    assert "@prefix dcterms: <http://purl.org/dc/terms/> ." in result.out
    assert '<https://kg.example/note/One> dcterms:title "One" .' in result.out


@pytest.mark.usefixtures("store")
def test_an_answer_without_rows_keeps_its_head(run: Run) -> None:
    """A SELECT that finds nothing shows its variables, and is no error."""
    result = run("query", "SELECT ?x ?y WHERE { ?x fm:path 'Nine.md' ; a ?y }")
    assert (result.code, result.out.split()[:2]) == (0, ["x", "y"])


def test_a_pipe_gets_whole_values(run: Run, tmp_path: Path) -> None:
    """Values are neither cut nor wrapped when the table is not for a terminal."""
    notes = tmp_path / "vault"
    notes.mkdir()
    words = " ".join(["word"] * 200)
    notes.joinpath("Note.md").write_text(f"{words}\n", "utf-8")
    assert run("build", notes).code == 0
    assert words in run("query", "SELECT ?text WHERE { ?entry fm:text ?text }").out


# -- the same bytes everywhere --


def _exports(notes: Path, folder: Path, environment: Mapping[str, str], cwd: Path) -> dict[str, bytes]:
    """All exports of a vault, made by processes with another environment."""
    store = folder / "store"

    def call(*arguments: str) -> None:
        command = [*_KG, *arguments, "--store", str(store)]
        subprocess.run(command, env={**os.environ, **environment}, cwd=cwd, check=True, stderr=subprocess.PIPE)

    call("build", str(notes))
    for name in FORMATS:
        call("export", str(folder / f"all.{name}"), "--format", name)
    return {name: (folder / f"all.{name}").read_bytes() for name in FORMATS}


def test_exports_are_the_same_bytes_everywhere(tmp_path: Path) -> None:
    """Hash seed, locale, time zone, current folder, place and age of the files change no byte of any export."""
    first, second = tmp_path / "first", tmp_path / "second"
    copy = second / "deep er" / "vault"
    for folder in (first, second):
        folder.mkdir()
    for path in sorted(NOTES.rglob("*"), reverse=True):
        if path.is_file():
            target = copy / path.relative_to(NOTES)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
            os.utime(target, (1_000_000_000, 1_000_000_000))
    one = _exports(NOTES, first, {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC"}, Path.cwd())
    other = _exports(copy, second, {"PYTHONHASHSEED": "2", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}, second)
    assert {name: one[name] == other[name] for name in FORMATS} == dict.fromkeys(FORMATS, True)
