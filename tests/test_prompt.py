"""The prompt: what Enter does, what is completed and coloured, and a session on a terminal."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

import kg
from kg import prompt


def _completions(text: str) -> list[str]:
    event = CompleteEvent(completion_requested=True)
    return [found.text for found in prompt.SparqlCompleter([]).get_completions(Document(text), event)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT ?x { ?x a fm:Pap", "fm:Paper"),
        ("SELECT ?x { ?x dcterms:ti", "dcterms:title"),
        ("SELECT ?x { ?x dct", "dcterms:"),
        ("PREFIX own: <http://e/> SELECT ?x { ?x ow", "own:"),
        ("SELECT ?title { ?x dcterms:title ?ti", "?title"),
        ("SELECT ?x { ?x ?y ?z OPT", "OPTIONAL"),
        ("SELECT ?x { ?x ?y ?z FILTER(strl", "STRLEN("),
        ("papers-by-a", "papers-by-author"),
        ("papers-by-author au", "author="),
        ("\\show hu", "hubs"),
        ("\\qu", "\\queries"),
    ],
)
def test_what_is_completed(text: str, wanted: str) -> None:
    """Tab completes terms, prefixes, variables, keywords, saved queries and their parameters."""
    assert wanted in _completions(text)


def test_what_is_not_completed() -> None:
    """A variable is not completed to itself, and a saved query takes no SPARQL."""
    assert _completions("SELECT ?x { ?x") == []
    assert _completions("papers-by-author SEL") == []


@pytest.mark.parametrize(
    ("text", "complete"),
    [
        ("SELECT ?x {", False),
        ("SELECT ?x { ?x ?y ?z }", True),
        ("SELECT ?x { ?x ?y '}' ", False),
        ("SELECT ?x { ?x ?y ?z } ORDER", False),
        ("SELEC ?x", True),
        ("PREFIX a: <b:>", False),
        ("hubs", True),
        ("papers-by-author author='van den Oord'", True),
        ("\\help", True),
        ("", True),
    ],
)
def test_when_enter_runs(text: str, complete: bool) -> None:
    """Enter runs what is complete or hopeless, and begins a new line in what is only begun."""
    assert prompt.is_complete(text, ["hubs", "papers-by-author"]) is complete


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("ASK {\r}\r", "ASK {\n}"),
        ("ASK {}\n\r", "ASK {}\n"),
        ("ASK {\x1b\r", "ASK {"),
        ("hubs\r", "hubs"),
        ("  ASK {\r  }\r", "  ASK {\n    }"),
    ],
)
def test_keys(keys: str, text: str) -> None:
    """Enter, Ctrl-J and Alt-Enter do what the help says, and a new line is indented like the one before."""
    with create_pipe_input() as source:
        source.send_text(keys)
        assert prompt.session([], InMemoryHistory(), source, DummyOutput()).prompt() == text


def test_colours() -> None:
    """Keywords, variables, names and strings have colours of their own, also over several lines."""
    lines = prompt.SparqlLexer().lex_document(Document("SELECT ?x { # all\n?x a fm:Paper ; ?p '''two\nlines''' }"))
    assert [(style, text) for style, text, *_ in lines(0)] == [
        ("class:keyword", "SELECT"),
        ("", " "),
        ("class:var", "?x"),
        ("", " "),
        ("", "{"),
        ("", " "),
        ("class:comment", "# all"),
    ]
    assert ("class:pname", "fm:Paper") in lines(1)
    assert lines(2)[0] == ("class:string", "lines'''")
    assert lines(9) == []


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("ASK {}", ["query", "-f", "csv", "--", "ASK {}"]),
        ("hubs", ["query", "-f", "csv", "--", "hubs"]),
        (
            "tags a='x y' b=\"z\" c=1",
            ["query", "-f", "csv", "--param", "a=x y", "--param", "b=z", "--param", "c=1", "--", "tags"],
        ),
        ("\\queries", ["queries"]),
        ("\\show hubs", ["queries", "show", "hubs"]),
    ],
)
def test_what_a_line_runs(line: str, arguments: list[str]) -> None:
    """A line becomes a `kg` command with the options of the prompt."""
    assert prompt._arguments(line, ["-f", "csv"], ["hubs", "tags"]) == arguments


def test_a_session(sample_store: Path, tmp_path: Path) -> None:
    """`kg query` alone on a terminal asks, answers, remembers, and ends at Ctrl-D."""
    screen, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(kg.__file__).parent.parent),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TERM": "xterm",
    }
    command = [sys.executable, "-m", "kg", "query", "--store", str(sample_store)]
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment, cwd=tmp_path, start_new_session=True
    ) as running:
        os.close(terminal)
        try:
            _until(screen, "kg>")
            os.write(screen, b"SELECT (COUNT(DISTINCT ?p) AS ?n) { ?p a fm:Paper }\r")
            _until(screen, "220")
            _until(screen, "kg>")
            os.write(screen, b"\x04")
            assert running.wait(20) == 0
        finally:
            running.kill()
    os.close(screen)
    (history,) = (tmp_path / "state").rglob("history")
    assert "COUNT(DISTINCT ?p)" in history.read_text("utf-8")


def _until(screen: int, words: str) -> None:
    """Read a terminal until it shows some words; a request for the cursor's place is answered."""
    shown = b""
    end = time.monotonic() + 30
    while words.encode() not in shown:
        assert time.monotonic() < end, shown
        if select.select([screen], [], [], 0.2)[0]:
            piece = os.read(screen, 65536)
            shown += piece
            if b"\x1b[6n" in piece:
                os.write(screen, b"\x1b[1;1R")
