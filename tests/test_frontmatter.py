"""Front matter is read as Obsidian reads it, and never stops a note from being read."""

import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.frontmatter import split
from tests.random_notes import UNHURRIED, scribbles


@pytest.mark.parametrize(
    ("yaml", "values"),
    [
        ("title: Plain words", [("title", "Plain words", 2)]),
        ('title: "Quoted: words"', [("title", "Quoted: words", 2)]),
        ("title: 'it''s'", [("title", "it's", 2)]),
        ("# remark\n\ntitle: x # remark", [("title", "x", 4)]),
        ("title: yes\na: 12:30", [("title", "yes", 2), ("a", "12:30", 3)]),
        ("title: true", [("title", True, 2)]),
        ("a: 7\nb: 007\nc: 1_000\nd: 0x1F\ne: +1", [("a", 7, 2), ("b", "007", 3), ("c", "1_000", 4), ("d", "0x1F", 5),
                                                   ("e", "+1", 6)]),
        ("a: 1.5\nb: 2001.10230\nc: 2005.14165\nd: .nan", [("a", 1.5, 2), ("b", "2001.10230", 3), ("c", 2005.14165, 4),
                                                           ("d", ".nan", 5)]),
        ("a: 2024-02-03", [("a", datetime.date(2024, 2, 3), 2)]),
        ("a: 2024-02-03T04:05", [("a", datetime.datetime.fromisoformat("2024-02-03T04:05"), 2)]),
        ("a: 2024-02-03 04:05:06Z", [("a", datetime.datetime(2024, 2, 3, 4, 5, 6, tzinfo=datetime.UTC), 2)]),
        ("a: 2024-13-45\nb: 2024-02-03T04:05+15:00", [("a", "2024-13-45", 2), ("b", "2024-02-03T04:05+15:00", 3)]),
        ("a:\nb: ~\nc: []\nd: {}", [("a", "", 2), ("b", "", 3), ("c", "", 4), ("d", "", 5)]),
        ("tags: [a, '#b', c/d]\naliases: One, Two\nalias: ['Three, four']",
         [("tags", "a", 2), ("tags", "#b", 2), ("tags", "c/d", 2), ("aliases", "One", 3), ("aliases", "Two", 3),
          ("alias", "Three, four", 4)]),
        ("a: {b: {c: [1, x]}}\nd:\n- e: 2", [("a.b.c", 1, 2), ("a.b.c", "x", 2), ("d.e", 2, 3)]),
        ("a: [[Note]]\nb:\n- [[x|y, z]]\n- '[[w]]'", [("a", "[[Note]]", 2), ("b", "[[x|y, z]]", 3), ("b", "[[w]]", 3)]),
        ("a: [[x], [y]]\nb: [[x, [y]]]", [("a", "x", 2), ("a", "y", 2), ("b", "x", 3), ("b", "y", 3)]),
        ("a: &n [x]\nb: *n\n<<: {c: d}", [("c", "d", 2), ("a", "x", 2), ("b", "x", 3)]),
        ("a: |\n  x\n  ---\n  y\nb: >-\n  c\n  d", [("a", "x\n---\ny\n", 2), ("b", "c d", 6)]),
        ('{"a": "b", "c": false}', [("a", "b", 2), ("c", False, 2)]),
        ("a: !!python/object:os.system x\nb: !thing {c: d}\nc: !list [e]\nd: !!bool maybe",
         [("a", "x", 2), ("b.c", "d", 3), ("c", "e", 4), ("d", "maybe", 5)]),
        ("a: !!set {y, x}\nb: !!omap [c: d]", [("a", "x", 2), ("a", "y", 2), ("b", "c", 3), ("b", "d", 3)]),
        ('a: "\\0 \\x07"', [("a", "\ufffd \ufffd", 2)]),
        ('"a: b": c\n1: d\ntrue: e', [("a: b", "c", 2), ("1", "d", 3), ("true", "e", 4)]),
    ],
)  # fmt: skip
def test_values(yaml: str, values: list[tuple[str, object, int]]) -> None:
    """Values have the types of YAML 1.2, and stay text where a type would change what is written."""
    front, body = split(f"---\n{yaml}\n---\nbody")
    assert front.values == values
    assert (front.problem, body) == ("", "body")


@pytest.mark.parametrize(
    ("text", "lines", "body"),
    [
        ("---\n---\nbody", 2, "body"),
        ("---\n\n---\n\n\nbody", 3, "\n\nbody"),
        ("--- \ta\n---\n", 0, "--- \ta\n---\n"),
        ("---  \na: b\n--- \nbody", 3, "body"),
        ("---\na: b\n---", 3, ""),
        ("\n---\na: b\n---\n", 0, "\n---\na: b\n---\n"),
        ("text\n---\na: b\n---\n", 0, "text\n---\na: b\n---\n"),
        ("---\n- a\n- b\n---\nbody", 0, "---\n- a\n- b\n---\nbody"),
        ("---\nonly words\n---\nbody", 0, "---\nonly words\n---\nbody"),
        ("---\nwords", 0, "---\nwords"),
        ("---", 0, "---"),
        ("", 0, ""),
    ],
)
def test_extent(text: str, lines: int, body: str) -> None:
    """Front matter is a YAML mapping between `---` lines at the very start; all else is body."""
    front, rest = split(text)
    assert (front.lines, rest, front.problem) == (lines, body, "")


@pytest.mark.parametrize(
    ("text", "problem", "line", "values"),
    [
        ("---\na: b\nc: [d\n---\n", "did not find expected ',' or ']'", 4, []),
        ("---\na: b\n\tc: d\n---\n", "found a tab character that violates indentation", 3, []),
        ("---\na: 1\nb: 2\na: 3\n---\n", "the key 'a' stands twice", 4, [("a", 3, 2), ("b", 2, 3)]),
        ("---\na: {b: 1, b: 2}\n---\n", "the key 'b' stands twice", 2, [("a.b", 2, 2)]),
        ("---\na: *b\n---\n", "found undefined alias", 2, []),
        ("---\n? [a]\n: b\n---\n", "found unhashable key", 2, []),
        ("---\ntitle: x\nbody", "no second `---` line ends it", 1, []),
    ],
)
def test_malformed(text: str, problem: str, line: int, values: list[tuple[str, object, int]]) -> None:
    """What is no YAML, or says a thing twice, is reported with its line."""
    front, _ = split(text)
    assert (front.problem, front.problem_line, front.values) == (problem, line, values)


def test_values_without_end() -> None:
    """Aliases that multiply are cut off, and say so; a list that holds itself gives nothing."""
    laughs = "a0: &a0 [x, y]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    front, _ = split(f"---\n{laughs}---\n")
    assert (len(front.values), front.problem) == (10_000, "more than 10000 values")
    assert split("---\na: &a [*a]\nb: 1\n---\n")[0].values == [("b", 1, 3)]


@UNHURRIED
@given(scribbles | st.text("ab:-[]{}&*!|>'\"#%@`, \n\t?<~\\x0.1", max_size=40))
@example("a: !!int [b]")
@example("!!binary a: !!float b")
@example("? !!set {a: b}\n: c")
@example("a: !!timestamp [b]")
@example("<<: a")
@example("=: a\nb: =")
def test_any_yaml(yaml: str) -> None:
    """Any text between `---` lines is read without an error, and no line of the note is lost or moved."""
    text = f"---\n{yaml}\n---\nbody"
    front, body = split(text)
    assert text.endswith(body)
    assert front.lines == text.removesuffix(body).count("\n")
    assert all(2 <= line <= text.count("\n") + 1 for _, _, line in front.values)


_PARTS = st.lists(
    st.sampled_from([*'abN ,.-?~"[]', "é", "\t", "\u2028", "\xa0", "true", "No", "null", "1", ", "]), max_size=8
)
_VALUES = _PARTS.map("".join) | st.sampled_from(["2024-02-03", "2024-02-30", "word"])
_LINES = st.builds(
    lambda key, form, value: f"{key}: " + form.format(value),
    st.sampled_from(["a", "tags", "true", "null", "Alias", "x-y"]),
    st.sampled_from(["a{}", "{}", '"{}"', "[a, {}]", "[{}]"]),
    _VALUES,
)


@UNHURRIED
@given(st.lists(_LINES, min_size=1, max_size=3))
def test_simple_yaml(lines: list[str]) -> None:
    """What is read without the YAML parser is what that parser reads."""
    yaml = "\n".join(lines)
    front, _ = split(f"---\n{yaml}\n---\n")
    thorough, _ = split(f"---\n{yaml}\n# a remark needs the parser\n---\n")
    assert (front.values, front.problem) == (thorough.values, thorough.problem)
