"""The text of SPARQL queries: its tokens, and changes to a query that keep it well-formed.

Tokens follow the terminals of SPARQL 1.1 Query Language, section 19.8. Nothing is evaluated here and no store is known.
Text is only ever changed token by token: a value takes the place of a variable as one RDF term in SPARQL's own
syntax, so that it stays a term whatever it holds.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urljoin

from kg.errors import QueryError

__all__ = [
    "EXTRA_PREFIXES",
    "Query",
    "Token",
    "bind",
    "expand",
    "iri_term",
    "limited",
    "literal_term",
    "place",
    "selects_all",
    "spelled_out",
    "split",
    "tokens",
    "without_dataset",
]

# Prefixes that queries may use besides those of the graph, each to the namespace that its documentation gives.
EXTRA_PREFIXES: Mapping[str, str] = {
    "prism": "http://prismstandard.org/namespaces/basic/2.0/",
    "arxiv": "https://arxiv.org/abs/",
    "doi": "https://doi.org/",
}

_EXTEND = "\u00b7\u0300-\u036f\u203f\u2040"
_LOCAL = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_TOKEN = re.compile(
    rf"""
      (?P<space>  [ \t\r\n\ufeff]+ )
    | (?P<comment> \#[^\r\n]* )
    | (?P<iri>    <(?:[^\x00-\x20<>"{{}}|^`\\]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*> )
    | (?P<string> \"\"\"(?:"{{0,2}}(?:[^"\\]|\\.))*\"\"\" | '''(?:'{{0,2}}(?:[^'\\]|\\.))*'''
                | "(?:[^"\\\r\n]|\\.)*" | '(?:[^'\\\r\n]|\\.)*' )
    | (?P<var>    [?$]\w[\w{_EXTEND}]* )
    | (?P<lang>   @[A-Za-z]+(?:-+[A-Za-z0-9]+)* )
    | (?P<blank>  _:\w(?:[\w{_EXTEND}.\-]*[\w{_EXTEND}\-])? )
    | (?P<pname>  (?:[^\W\d_](?:[\w{_EXTEND}.\-]*[\w{_EXTEND}\-])?)?:
                  (?:(?:[\w:]|{_LOCAL})(?:(?:[\w{_EXTEND}:.\-]|{_LOCAL})*(?:[\w{_EXTEND}:\-]|{_LOCAL}))?)? )
    | (?P<number> (?:\d*\.\d+|\d+\.(?=[eE]))(?:[eE][+-]?\d+)? | \d+(?:[eE][+-]?\d+)? )
    | (?P<word>   [^\W\d]\w* )
    | (?P<mark>   \^\^ | && | \|\| | != | <= | >= | . )
    """,
    re.VERBOSE | re.DOTALL,
)

_UPDATES = frozenset({"INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH"})


class Token(NamedTuple):
    """A piece of query text: `kind` is a group of the pattern above, `start` its offset in characters."""

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The offset after the last character."""
        return self.start + len(self.text)

    def is_word(self, *names: str) -> bool:
        """Whether this is one of some keywords (given in capitals)."""
        return self.kind == "word" and self.text.upper() in names


def tokens(text: str) -> list[Token]:
    """The tokens of a query without white space and comments; what SPARQL does not know becomes a `mark`."""
    return [
        Token(match.lastgroup or "", match[0], match.start())
        for match in _TOKEN.finditer(text)
        if match.lastgroup not in ("space", "comment")
    ]


def split(text: str) -> Iterator[tuple[str, str]]:
    """All pieces of a query with their kinds, white space and comments too."""
    return ((match.lastgroup or "", match[0]) for match in _TOKEN.finditer(text))


@dataclass(frozen=True, slots=True)
class Query:
    """What the text of a query says about itself.

    Attributes:
        form: SELECT, CONSTRUCT, DESCRIBE, ASK, UPDATE, or nothing when the text is none of them.
        prefixes: the prefixes that it declares.
        base: the base IRI that relative IRIs are resolved against, if any.
        graphs: the IRIs of FROM, absolute when there is a base.
        named: those of FROM NAMED.
        service: the first SERVICE keyword, if any.
    """

    form: str
    prefixes: Mapping[str, str]
    base: str
    graphs: tuple[str, ...]
    named: tuple[str, ...]
    service: Token | None
    parts: tuple[Token, ...]

    @classmethod
    def of(cls, text: str, base: str = "", known: Mapping[str, str] | None = None) -> "Query":
        """Read a query, well-formed or not.

        Args:
            text: the query.
            base: the IRI that a relative BASE or IRI is resolved against.
            known: prefixes that are declared from outside.

        """
        parts = tokens(text)
        prefixes: dict[str, str] = {}
        form, service = "", None
        graphs: list[str] = []
        named: list[str] = []
        position = 0
        while position < len(parts) - 1:  # the prologue
            if parts[position].is_word("BASE") and parts[position + 1].kind == "iri":
                base = urljoin(base, parts[position + 1].text[1:-1])
                position += 2
            elif parts[position].is_word("PREFIX") and parts[position + 1].kind == "pname":
                iri = parts[position + 2].text[1:-1] if position + 2 < len(parts) else ""
                prefixes[parts[position + 1].text[:-1]] = urljoin(base, iri) if base else iri
                position += 3
            else:
                break
        if position < len(parts) and parts[position].kind == "word":
            word = parts[position].text.upper()
            form = "UPDATE" if word in _UPDATES else word if word in ("SELECT", "CONSTRUCT", "DESCRIBE", "ASK") else ""
        scope = {**(known or {}), **prefixes}
        for first, second in pairwise(parts):
            if service is None and first.is_word("SERVICE") and second.kind in ("iri", "pname", "var", "word"):
                service = first
        for start, stop in _datasets(parts):
            iri = expand(parts[stop - 1], scope, base)
            (named if stop - start == 3 else graphs).append(iri)
        return cls(form, prefixes, base, tuple(graphs), tuple(named), service, tuple(parts))


def expand(token: Token, prefixes: Mapping[str, str], base: str = "") -> str:
    """The IRI that an IRI or prefixed name stands for; a name with an unknown prefix is given as it is."""
    if token.kind == "iri":
        return urljoin(base, token.text[1:-1]) if base else token.text[1:-1]
    prefix, _, local = token.text.partition(":")
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local) if prefix in prefixes else token.text


def _datasets(parts: list[Token]) -> Iterator[tuple[int, int]]:
    """Where `FROM <…>` and `FROM NAMED <…>` stand, as ranges of tokens."""
    for number, token in enumerate(parts):
        if token.text == "{":  # a dataset clause stands before the first group, or after a CONSTRUCT's template
            if not any(part.is_word("CONSTRUCT") for part in parts[:number]):
                return
        elif token.is_word("FROM"):
            stop = number + (3 if number + 1 < len(parts) and parts[number + 1].is_word("NAMED") else 2)
            if stop <= len(parts) and parts[stop - 1].kind in ("iri", "pname"):
                yield number, stop


def without_dataset(text: str) -> str:
    """A query without its FROM clauses; every other character keeps its line and column."""
    parts = tokens(text)
    for start, stop in _datasets(parts):
        first, last = parts[start].start, parts[stop - 1].end
        text = text[:first] + re.sub(r"[^\r\n]", " ", text[first:last]) + text[last:]
    return text


def limited(text: str, count: int) -> str:
    """A SELECT query that gives at most a number of rows, and never more than it would by itself."""
    depth = 0
    tail: Token | None = None
    parts = tokens(text)
    for token, following in pairwise([*parts, Token("end", "", len(text))]):
        depth += (token.text in ("{", "(")) - (token.text in ("}", ")"))
        if depth == 0 and token.is_word("LIMIT") and following.kind == "number":
            least = min(count, int(following.text)) if following.text.isdecimal() else count
            return f"{text[: following.start]}{least}{text[following.end :]}"
        if depth == 0 and token.is_word("VALUES"):
            tail = token
    if tail is not None:
        return f"{text[: tail.start]}LIMIT {count} {text[tail.start :]}"
    return f"{text}\nLIMIT {count}"


def spelled_out(text: str, variables: Collection[str]) -> str:
    """A `SELECT *` query that names its variables, in the order in which they occur.

    Args:
        text: a query.
        variables: those that `*` stands for.

    """
    parts = tokens(text)
    star = _star(parts)
    found = dict.fromkeys(_name(part) for part in parts if _name(part) in variables)
    names = " ".join(f"?{name}" for name in [*found, *(v for v in variables if v not in found)])
    return f"{text[: star.start]}{names}{text[star.end :]}" if star is not None and names else text


def selects_all(query: Query) -> bool:
    """Whether a query is a `SELECT *` that asks no other endpoint."""
    return query.service is None and _star(query.parts) is not None


def _star(parts: Sequence[Token]) -> Token | None:
    for before, token in pairwise(parts):
        if token.text == "{":
            break
        if token.text == "*" and before.is_word("SELECT", "DISTINCT", "REDUCED"):
            return token
    return None


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def literal_term(value: str, datatype: str = "", language: str = "") -> str:
    """A literal in SPARQL's syntax, on one line.

    Raises:
        QueryError: the value has a character that is no Unicode scalar value.

    """
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise QueryError(f"{value!r} is not Unicode text")
    body = "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04X}" if c < " " or "\x7f" <= c <= "\x9f" else c) for c in value)
    return f'"{body}"' + (f"@{language}" if language else f"^^<{datatype}>" if datatype else "")


_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\x00-\x20<>\"{}|^`\\\ud800-\udfff]*\Z")


def iri_term(value: str) -> str:
    """An absolute IRI in SPARQL's syntax.

    Raises:
        QueryError: it is not one.

    """
    if not _IRI.match(value):
        raise QueryError(f"{value!r} is not an absolute IRI")
    return f"<{value}>"


@dataclass(slots=True)
class _Frame:
    """One pair of braces while a query is walked: the clause that is being read and the parentheses open in it."""

    clause: str = ""
    depth: int = 0


_CLAUSES = {
    "SELECT": "select",
    "WHERE": "",
    "FROM": "",
    "GROUP": "group",
    "HAVING": "having",
    "ORDER": "order",
    "LIMIT": "tail",
    "OFFSET": "tail",
    "CONSTRUCT": "",
    "DESCRIBE": "describe",
    "ASK": "",
}


def bind(text: str, values: Mapping[str, str]) -> str:
    """Put RDF terms in the place of variables.

    Where SPARQL wants a variable, as in `SELECT ?author`, the variable is kept and given the term. `BOUND(?author)` is
    true. A `VALUES ?author { … }` block, which other tools take for the default, gives way to the term.

    Args:
        text: a query.
        values: terms in SPARQL's syntax by the names of variables, without `?`.

    Raises:
        QueryError: the query itself assigns one of the variables.

    """
    if not values:
        return text
    parts = tokens(text)
    edits: list[tuple[int, int, str]] = []
    frames = [_Frame()]
    number = 0
    while number < len(parts):
        token = parts[number]
        frame = frames[-1]
        if token.text in ("{", "}"):
            _walk_brace(frames, token.text)
        elif token.text in "()" and token.kind == "mark":
            frame.depth += 1 if token.text == "(" else -1
        elif token.kind == "word" and frame.depth == 0 and token.text.upper() in _CLAUSES:
            frame.clause = _CLAUSES[token.text.upper()]
        elif token.is_word("VALUES"):
            number = _bind_values(parts, number, values, edits)
            continue
        elif token.is_word("BOUND") and _asks_bound(parts[number + 1 : number + 4], values):
            edits.append((token.start, parts[number + 3].end, " true "))
            number += 3
        elif token.kind == "var" and _name(token) in values:
            if number and parts[number - 1].is_word("AS"):
                raise QueryError(f"the query gives {token.text} a value itself, so it cannot be a parameter")
            alias = _name(token) if len(frames) == 1 else f"{_name(token)}__{number}"
            edits.append((token.start, token.end, _placed(values[_name(token)], alias, frame)))
        number += 1
    return _edited(text, edits)


def _asks_bound(inside: list[Token], values: Mapping[str, str]) -> bool:
    """Whether the tokens after BOUND are one of the variables in parentheses."""
    return [part.text for part in inside[::2]] == ["(", ")"] and _name(inside[1]) in values


def _walk_brace(frames: list[_Frame], text: str) -> None:
    if text == "{":
        frames.append(_Frame())
        return
    if len(frames) > 1:
        frames.pop()
    frames[-1].clause = "" if frames[-1].clause in ("", "describe") else "tail"


def _placed(term: str, alias: str, frame: _Frame) -> str:
    """The text that takes the place of a variable, by what the grammar allows there.

    A subquery gives the term under a name of its own: outside, the variable is the term already.
    """
    if frame.depth == 0:
        match frame.clause:
            case "select":
                return f"({term} AS ?{alias})"
            case "group":
                return f"({term} AS ?{alias}__group)"
            case "order":
                return f"({term})"
    return f" {term} "


def _bind_values(parts: list[Token], number: int, values: Mapping[str, str], edits: list[tuple[int, int, str]]) -> int:
    """Drop a VALUES block of a bound variable; returns the number of the token after what was read."""
    following = parts[number + 1] if number + 1 < len(parts) else parts[number]
    if following.kind == "var":
        if _name(following) not in values:
            return number + 2
        stop = next((n for n in range(number, len(parts)) if parts[n].text == "}"), len(parts) - 1)
        edits.append((parts[number].start, parts[stop].end, " "))
        return stop + 1
    position = number + 2
    while position < len(parts) and parts[position].kind == "var":
        if _name(parts[position]) in values:
            raise QueryError(f"the query gives {parts[position].text} a value itself, so it cannot be a parameter")
        position += 1
    return position


def _name(token: Token) -> str:
    return token.text[1:] if token.kind == "var" else ""


def _edited(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, replacement in edits:
        pieces += text[position:start], replacement
        position = end
    return "".join(pieces) + text[position:]


def place(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset, both counted from 1."""
    lines = text[:offset].split("\n")
    return len(lines), len(lines[-1]) + 1
