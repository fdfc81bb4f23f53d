"""Tables: fitted to a terminal, whole in a pipe, safe whatever a note says."""

import io
import re
from pathlib import Path

import pytest

from kg import tables
from kg.evaluation import Term
from kg.namespaces import XSD
from tests.running import Run

DATA = "<http://e/a> <http://e/n> 3, 4 ."


@pytest.fixture
def turtle(run: Run) -> Path:  # noqa: ARG001 -- it moves to an empty folder
    """A Turtle file in the current folder."""
    path = Path("data.ttl")
    path.write_text(DATA, "utf-8")
    return path


def _table(rows: list[list[Term | None]], look: tables.Look, names: list[str] | None = None) -> list[str]:
    output = io.StringIO()
    tables.show(names or [f"v{n}" for n in range(len(rows[0]))], rows, output, look)
    return output.getvalue().splitlines()


def test_a_table_fits_the_terminal() -> None:
    """No line is wider than the terminal: text is broken at blanks and cut, IRIs lose their middle."""
    words = Term("literal", "word " * 40)
    iri = Term("iri", "https://example.org/" + "x" * 80 + "/end")
    lines = _table([[words, iri, Term("literal", "7", XSD.integer)]], tables.Look(60), ["text", "iri", "n"])
    assert max(map(len, lines)) <= 60
    assert len(lines) == 2 + 3
    assert lines[4].split("  ")[0].endswith("…")
    assert re.search(r"https:.*….*/end", lines[2])


def test_a_full_table_leaves_nothing_out() -> None:
    """With --full every value is there, on as many lines as it takes."""
    words = Term("literal", " ".join(f"w{n}" for n in range(60)))
    lines = _table([[words, Term("iri", "https://w3id.org/fm-kg/ontology#Paper")]], tables.Look(50, full=True))
    text = "\n".join(lines)
    assert all(f"w{n}" in text for n in range(60))
    assert "".join(line[25:].strip() for line in lines[2:]).replace(" ", "").endswith("ontology#Paper")


def test_a_table_in_a_pipe_is_whole(run: Run, turtle: Path) -> None:
    """In a pipe values are whole on one line each, and there are no colours."""
    query = "SELECT ?x ?y { BIND('" + "word " * 60 + "' AS ?x) BIND(fm:Paper AS ?y) }"
    lines = run("query", query, "--data", turtle).out.splitlines()
    assert lines[2] == "word " * 60 + "  fm:Paper"
    assert lines[1] == "─" * 300 + "  " + "─" * 8


def test_iris_are_short_and_clickable() -> None:
    """On a terminal IRIs are CURIEs or relative to the base, and open at a click; what is no web address does not."""
    look = tables.Look(80, colour=True, base="https://kg.example/")
    lines = _table(
        [
            [Term("iri", "https://w3id.org/fm-kg/ontology#Paper")],
            [Term("iri", "https://kg.example/note/Maps/Foundation%20models")],
            [Term("iri", "https://arxiv.org/abs/1706.03762")],
            [Term("iri", "urn:x")],
        ],
        look,
    )
    link = "\x1b]8;;{}\x1b\\{}\x1b]8;;\x1b\\"
    assert [line.rstrip() for line in lines[2:]] == [
        link.format("https://w3id.org/fm-kg/ontology#Paper", "fm:Paper"),
        link.format("https://kg.example/note/Maps/Foundation%20models", "note/Maps/Foundation models"),
        link.format("https://arxiv.org/abs/1706.03762", "arxiv:1706.03762"),
        "urn:x",
    ]


def test_text_cannot_write_to_the_terminal() -> None:
    """Characters that move the cursor or start an escape sequence are shown as signs."""
    lines = _table([[Term("literal", "a\x1b[31mb\x07c\x9bd\ne")]], tables.Look(40, colour=True))
    assert lines[2] == "a␛[31mb␇c�d e"


def test_wide_characters_are_aligned() -> None:
    """Characters that take two columns are counted so, and combining marks not at all."""
    rows = [[Term("literal", "文字"), Term("literal", "x")], [Term("literal", "e\u0301"), Term("literal", "y")]]
    lines = _table([list(row) for row in rows], tables.Look(40), ["a", "b"])
    assert lines[2:] == ["文字  x", "e\u0301     y"]


def test_numbers_stand_to_the_right(run: Run, turtle: Path) -> None:
    """Columns of numbers are aligned at their ends."""
    out = run("query", "SELECT ?number { VALUES ?number { 7 1000 } }", "--data", turtle).out
    assert out == "number\n──────\n     7\n  1000\n"


def test_a_table_without_rows(run: Run, turtle: Path) -> None:
    """No rows are a head without rows."""
    assert run("query", "SELECT ?one ?two { FILTER(false) }", "--data", turtle).out == "one  two\n───  ───\n"


@pytest.mark.parametrize("width", range(1, 50))
def test_any_width_works(width: int) -> None:
    """No terminal is too narrow, even if the table does not fit."""
    rows: list[list[Term | None]] = [[Term("literal", "some words"), None, Term("iri", "https://example.org/abcdefgh")]]
    assert len(_table(rows, tables.Look(width))) >= 3
