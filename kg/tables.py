"""Rows of terms as a table for people: fitted to a terminal, whole in a pipe.

The first rows decide the widths of the columns; those after them are printed as they come. So any number of rows takes
the memory of the first thousand.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import TextIO
from urllib.parse import unquote

from kg.evaluation import KNOWN_PREFIXES, Term
from kg.namespaces import XSD

__all__ = ["Look", "compact", "show", "term_text"]

_PREFIXES = tuple(KNOWN_PREFIXES.items())
_SAMPLED = 1000  # rows that are held back to fit the columns
_LINES = 3  # a value takes at most this many lines on a terminal
_NARROW = 8  # no column is made narrower than this
_GAP = "  "
_LOCAL = re.compile(r"[\w.\-/:()]*\Z")
_NUMBERS = frozenset({XSD.integer, XSD.decimal, XSD.double})
_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Look:
    """How a table looks.

    Attributes:
        width: columns of the terminal; 0 when the output is no terminal and lines may be of any length.
        full: give every value whole, IRIs too.
        colour: whether the terminal shows colours and links.
        base: the base of minted IRIs, left out on a terminal.
    """

    width: int = 0
    full: bool = False
    colour: bool = False
    base: str = ""


def compact(iri: str) -> str:
    """An IRI with a known prefix in front, when one fits, else the IRI."""
    for prefix, namespace in _PREFIXES:
        if iri.startswith(namespace) and _LOCAL.match(iri, len(namespace)) and len(iri) > len(namespace):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def term_text(term: Term | None, look: Look | None = None) -> str:
    """A term as a person reads it: the words of a literal, an IRI in its short form."""
    if term is None:
        return ""
    if term.kind == "blank":
        return f"_:{term.value}"
    if term.kind != "iri" or (look is not None and look.full):
        return term.value
    if look is not None and look.width and look.base and term.value.startswith(look.base):
        return unquote(term.value.removeprefix(look.base))
    return compact(term.value)


def show(
    variables: Sequence[str], rows: Iterable[Sequence[Term | None]], output: TextIO, look: Look | None = None
) -> int:
    """Print rows as a table.

    Returns:
        How many rows there were.

    """
    look = look or Look()
    rest = iter(rows)
    sampled = list(islice(rest, _SAMPLED))
    texts = [[_flat(term_text(term, look), look) for term in row] for row in sampled]
    widths = [
        max(chain([_width(name)], (max(map(_width, text.split("\n"))) for text in column)))
        for name, column in zip(variables, zip(*texts, strict=True) if texts else repeat(()), strict=False)
    ]
    if look.width:
        widths = _fitted(widths, look.width)
    right = [
        bool(sampled) and all(row[n] is None or _is_number(row[n]) for row in sampled) for n in range(len(variables))
    ]
    bold, dim, plain = (_BOLD, _DIM, _PLAIN) if look.colour else ("", "", "")
    heads = [_wrapped(name, width, look) for name, width in zip(variables, widths, strict=True)]
    output.writelines(line + "\n" for line in _lines(heads, widths, right, repeat((bold, plain))))
    output.write(f"{dim}{_GAP.join('─' * width for width in widths)}{plain}\n")
    count = 0
    for row in chain(sampled, rest):
        count += 1
        if not look.width:  # a pipe: every value on one line
            texts_of_row = [_flat(term_text(term, look), look) for term in row]
            output.write(_one_line(texts_of_row, widths, right))
            continue
        cells = [
            _wrapped(_flat(term_text(term, look), look), width, look, is_iri=term is not None and term.kind == "iri")
            for term, width in zip(row, widths, strict=True)
        ]
        links = [_link(term) if look.colour else ("", "") for term in row]
        output.writelines(line + "\n" for line in _lines(cells, widths, right, links))
    return count


def _one_line(texts: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    pieces = []
    for text, width, to_right in zip(texts, widths, right, strict=True):
        blank = " " * (width - _width(text))
        pieces.append(blank + text if to_right else text + blank)
    return _GAP.join(pieces).rstrip() + "\n"


def _is_number(term: Term | None) -> bool:
    return term is not None and term.datatype in _NUMBERS


def _link(term: Term | None) -> tuple[str, str]:
    """What makes a terminal open an IRI at a click (OSC 8)."""
    if term is None or term.kind != "iri" or not term.value.startswith(("http://", "https://", "file:")):
        return "", ""
    return f"\x1b]8;;{term.value}\x1b\\", "\x1b]8;;\x1b\\"


def _lines(
    cells: Sequence[Sequence[str]], widths: Sequence[int], right: Sequence[bool], marks: Iterable[tuple[str, str]]
) -> Iterator[str]:
    """The lines of one row; `marks` go around the text of each column and take no width."""
    pairs = list(zip(cells, widths, right, marks, strict=False))
    for number in range(max(map(len, cells), default=0)):
        pieces = []
        for cell, width, to_right, (before, after) in pairs:
            text = cell[number] if number < len(cell) else ""
            blank = " " * (width - _width(text))
            marked = f"{before}{text}{after}" if text else ""
            pieces.append(blank + marked if to_right else marked + blank)
        yield _GAP.join(pieces).rstrip()


def _flat(text: str, look: Look) -> str:
    """A text without characters that would move the cursor: a note must not write to the terminal by itself."""
    if text.isprintable():
        return text
    keep = "\n" if look.full and look.width else ""
    return "".join(
        c
        if c.isprintable() or c in keep
        else " "
        if c in "\t\r\n"
        else chr(0x2400 + ord(c))
        if c < " "
        else "\ufffd"
        if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
        else c
        for c in text
    )


def _width(text: str) -> int:
    """How many columns of a terminal a text takes (Unicode Standard Annex #11)."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _fitted(widths: list[int], width: int) -> list[int]:
    """Widths that fit a terminal: the widest columns give way until all fit, none below a few characters."""
    room = width - len(_GAP) * (len(widths) - 1)
    low, high = _NARROW, max([_NARROW, *widths])
    while low < high:  # the highest cap under which the columns fit
        cap = (low + high + 1) // 2
        if sum(min(w, cap) for w in widths) <= room:
            low = cap
        else:
            high = cap - 1
    fitted = [min(w, low) for w in widths]
    for number, wanted in enumerate(widths):  # what rounding left over
        if sum(fitted) < room and fitted[number] < wanted:
            fitted[number] += 1
    return fitted


def _wrapped(text: str, width: int, look: Look, *, is_iri: bool = False) -> list[str]:
    """The lines of a cell."""
    if not look.width or (_width(text) <= width and "\n" not in text):
        return [text]
    if is_iri and not look.full:
        return [_shortened(text, width)]
    lines = [piece for line in text.split("\n") for piece in _broken(line, width)]
    if look.full or len(lines) <= _LINES:
        return lines
    last = lines[_LINES - 1]
    while _width(last) > width - 1:
        last = last[:-1]
    return [*lines[: _LINES - 1], last + "…"]


def _shortened(text: str, width: int) -> str:
    """An IRI with its middle left out; its end says more than its beginning."""
    tail = max(1, (width - 1) * 2 // 3)
    head = max(0, width - 1 - tail)
    while _width(text[:head] + "…" + text[-tail:]) > width and tail > 1:
        tail -= 1
    return text[:head] + "…" + text[-tail:]


def _broken(line: str, width: int) -> Iterator[str]:
    """A line broken at blanks, and inside words that are longer than a line."""
    current = ""
    for word in line.split(" "):
        candidate = f"{current} {word}" if current else word
        if _width(candidate) <= width:
            current = candidate
            continue
        if current:
            yield current
        rest = word
        while _width(rest) > width:
            size = len(rest)
            while _width(rest[:size]) > width:
                size -= 1
            size = max(size, 1)
            yield rest[:size]
            rest = rest[size:]
        current = rest
    yield current
