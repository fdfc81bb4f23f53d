"""YAML front matter of a note, read with python-frontmatter: where it ends, what it says, on which lines.

Obsidian calls the keys *properties*. It reads YAML 1.2 (core schema), where `yes` and `12:30` are words. A block
between `---` lines that is no YAML mapping is no front matter: its text stays part of the note.
"""

import datetime
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

import yaml
from frontmatter.default_handlers import SafeLoader, YAMLHandler

from kg.inline import UNCARRIABLE

__all__ = ["FrontMatter", "Scalar", "moment", "split"]

Scalar = str | int | float | bool | datetime.date | datetime.datetime
_HANDLER = YAMLHandler()
_OPENING = re.compile(r"---[ \t]*\n")
_KEY = re.compile(r"[^\W\d][\w -]*:(?:[ \t]|\n|\Z)")
# `title: Plain words` or `title: "Plain words"`, the front matter of most notes, needs no YAML parser.
_PLAIN = re.compile(r'\s*title: (?:"([^"\\\n]*)"|([A-Za-z][^\n:#\'"\[\]{}&*!|>%@`,\\]*))\s*\Z')
# Lines that say the same to YAML as to anybody: `key: words`, `key: "words"`, `key: 2020-08-21`, `key: [words, words]`.
_WORDS = r"[A-Za-z][^:#'\"\[\]{}&*!|>%@`,\\]*"
_SIMPLE = re.compile(
    rf'([A-Za-z][\w-]{{0,60}}): (?:({_WORDS})|"([^"\\]*)"|(\d{{4}}-\d\d-\d\d)|\[({_WORDS}(?:, {_WORDS})*)\])', re.ASCII
)
_FEW_LINES = 50
_YAML_WORDS = frozenset({"true", "false", "null"})
_LINK = re.compile(r"\[\[[^\[\]\n]+\]\]")
_NAMES = frozenset({"alias", "aliases"})
_MERGE, _STRING = "tag:yaml.org,2002:merge", "tag:yaml.org,2002:str"
_MAX_VALUES = 10_000
_MAX_DIGITS = 1000
_MAX_OFFSET = datetime.timedelta(hours=14)  # XML Schema 1.1 part 2, 3.3.7


@dataclass(slots=True)
class FrontMatter:
    """What the front matter of a note says.

    Attributes:
        values: `(key, value, line)` in order; nested mappings give dotted keys, lists one triple a member, an empty
            value the empty string. The line is 1-based in the file and that of the top-level key.
        lines: number of lines that the front matter takes, its two `---` included; 0 when there is none.
        raw: its source without the `---` lines.
        problem: why it could not be read in full, in one line, else "".
        problem_line: 1-based line of the problem.

    """

    values: list[tuple[str, Scalar, int]] = field(default_factory=list)
    lines: int = 0
    raw: str = ""
    problem: str = ""
    problem_line: int = 0

    def strings(self, *keys: str) -> list[str]:
        """The values of some keys (compared without case) as strings, in order."""
        return [str(value) for key, value, _ in self.values if key.lower() in keys]


def split(text: str) -> tuple[FrontMatter, str]:
    """Split a note into its front matter and its body.

    Args:
        text: a whole note, its line ends normalized to LF.

    Returns:
        The front matter and the text behind it. Malformed YAML is reported in `problem`, never raised.

    """
    opening = _OPENING.match(text)
    if opening is None:
        return FrontMatter(), text
    # python-frontmatter drops the boundary lines: find where the closing one ends
    boundary = _HANDLER.FM_BOUNDARY.search(text, opening.end())
    if boundary is None:
        found = FrontMatter()
        if _KEY.match(text, opening.end()):
            found.problem, found.problem_line = "no second `---` line ends it", 1
        return found, text
    # `\s*` of the boundary may have run over blank lines: the body starts behind its first line end
    closing = text.find("\n", boundary.start())
    body = text[closing + 1 :] if closing >= 0 else ""
    raw = text[opening.end() : boundary.start()]
    found = FrontMatter(lines=text.count("\n", 0, len(text) - len(body)) + (closing < 0), raw=raw)
    plain = _PLAIN.match(raw)
    if plain is not None and (plain[1] is not None or plain[2].strip().lower() not in _YAML_WORDS):
        line = 2 + raw[: plain.start(plain.lastindex or 0)].count("\n")
        found.values.append(("title", plain[1] if plain[1] is not None else plain[2].strip(), line))
        return found, body
    simple = _simple(raw)
    if simple is not None:
        found.values = simple
        return found, body
    return (found, body) if _load(found) else (FrontMatter(), text)


def moment(text: str) -> datetime.date | None:
    """Read a date or a date with a time of day as ISO 8601 has it; None for anything else."""
    with suppress(ValueError):
        if len(text) == len("2020-08-21"):
            return datetime.date.fromisoformat(text)
        value = datetime.datetime.fromisoformat(text)
        offset = value.utcoffset() or datetime.timedelta()
        if len(text) > len("2020-08-21") and abs(offset) <= _MAX_OFFSET and not offset.seconds % 60:
            return value
    return None


def _simple(raw: str) -> list[tuple[str, Scalar, int]] | None:
    """The values of a front matter that needs no YAML parser, such as most; None for another one."""
    lines = raw.removesuffix("\n").split("\n")
    if len(lines) > _FEW_LINES:
        return None
    values: list[tuple[str, Scalar, int]] = []
    keys: set[str] = set()
    for number, line in enumerate(lines, 2):
        found = _SIMPLE.fullmatch(line)
        if found is None or not line.isprintable():
            return None
        key, words, quoted, date, listed = found.groups()
        if key in keys or key.lower() in _NAMES:
            return None
        keys.add(key)
        if quoted is not None or date is not None:
            values.append((key, quoted if date is None else moment(date) or date, number))
            continue
        for member in [words] if listed is None else listed.split(", "):
            if member.strip().lower() in _YAML_WORDS:
                return None
            values.append((key, member.strip(), number))
    return values


class _Loader(SafeLoader):  # type: ignore[misc,valid-type] # the loader in C where there is one
    """Reads YAML as Obsidian does, by the core schema of YAML 1.2, and keeps what it cannot type as text.

    A number whose digits would change (`007`, `1.10`, an arXiv id such as `2001.10230`) stays text, a date that is
    none too; so does what an unknown tag announces. `[[Note]]` without quotes, a list in a list to YAML, is a link.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.source = stream
        self.repeated: list[tuple[str, int]] = []  # keys that stand twice in a mapping, and their 0-based lines

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.tag != _MERGE:
                    key.tag = _STRING  # keys are names: `1` and `true`, one key to Python, are two
                if key.value in seen:
                    self.repeated.append((key.value, key.start_mark.line))
                seen.add(key.value)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _text(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int | str:
    text = _text(loader, node)
    if len(text) > _MAX_DIGITS:
        return text
    with suppress(ValueError):
        return value if str(value := int(text)) == text else text
    return text


def _float(loader: _Loader, node: yaml.ScalarNode) -> float | str:
    text = _text(loader, node)
    with suppress(ValueError):
        return value if repr(value := float(text)) == text else text
    return text


def _bool(loader: _Loader, node: yaml.ScalarNode) -> bool | str:
    text = _text(loader, node)
    return {"true": True, "false": False}.get(text.lower(), text)


def _date(loader: _Loader, node: yaml.ScalarNode) -> datetime.date | str:
    text = _text(loader, node)
    return moment(text) or text


def _sequence(loader: _Loader, node: yaml.SequenceNode) -> Iterator[object]:
    inner = node.value[0] if len(node.value) == 1 else None
    if isinstance(inner, yaml.SequenceNode) and all(isinstance(member, yaml.ScalarNode) for member in inner.value):
        source = loader.source[node.start_mark.index : node.end_mark.index]
        if _LINK.fullmatch(source):
            yield source
            return
    members: list[object] = []
    yield members  # before its members, which may refer to it
    members.extend(loader.construct_sequence(node))


def _unknown(loader: _Loader, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


def _schema() -> None:
    number = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    time = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]*)?)?[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?)?"
    for name, pattern, first in (
        ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("int", r"[-+]?[0-9]+", "-+0123456789"),
        ("float", number, "-+.0123456789"),
        ("timestamp", rf"[0-9]{{4}}-[0-9]{{1,2}}-[0-9]{{1,2}}(?:(?:[Tt]|[ \t]+){time})?", "0123456789"),
        ("merge", "<<", "<"),
    ):
        _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{name}", re.compile(rf"(?:{pattern})\Z"), list(first))
    scalars = {"bool": _bool, "int": _integer, "float": _float, "timestamp": _date, "binary": _text}
    for name, construct in scalars.items():
        _Loader.add_constructor(f"tag:yaml.org,2002:{name}", construct)
    _Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
    _Loader.add_constructor(None, _unknown)


_schema()


def _load(found: FrontMatter) -> bool:
    """Read the source of a front matter; False when it is no mapping."""
    try:
        loader = _Loader(found.raw)
        loaded = loader.get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        found.problem = " ".join(str(getattr(error, "problem", None) or error).split())
        found.problem_line = 2 + (mark.line if mark else 0)
        return True
    except (ValueError, OverflowError, RecursionError) as error:  # such as nesting without end
        found.problem, found.problem_line = " ".join(str(error).split()), 2
        return True
    if loaded is None:
        return True
    if not isinstance(loaded, dict):
        return False
    if loader.repeated:
        key, line = loader.repeated[0]
        found.problem, found.problem_line = f"the key {key!r} stands twice", 2 + line
    lines = _key_lines(found.raw)
    for key, value in loaded.items():
        name = str(key)
        if isinstance(value, str) and name.lower() in _NAMES:  # several names on one line, parted by commas
            value = [part.strip() for part in value.split(",")]  # noqa: PLW2901
        for path, scalar in _flatten(name, value):
            found.values.append((path, scalar, lines.get(name, 2)))
            if len(found.values) >= _MAX_VALUES:
                found.problem, found.problem_line = f"more than {_MAX_VALUES} values", lines.get(name, 2)
                return True
    return True


def _key_lines(raw: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    for number, line in enumerate(raw.split("\n"), 2):
        if line[:1] not in {"", " ", "\t", "#", "-"} and ":" in line:
            lines.setdefault(line.split(":", 1)[0].strip().strip("'\""), number)
    return lines


def _flatten(name: str, value: object) -> Iterator[tuple[str, Scalar]]:
    """Yield the scalars of a value in order, without recursion, so that no nesting is too deep."""
    stack: list[tuple[str, object]] = [(name, value)]
    steps = 0
    while stack:
        path, item = stack.pop()
        steps += 1
        if steps > 2 * _MAX_VALUES:  # a list that holds itself
            return
        if isinstance(item, dict) and item:
            stack.extend((f"{path}.{key}", member) for key, member in reversed(item.items()))
        elif isinstance(item, set) and item:  # `!!set`: its order must not depend on the hash seed
            stack.extend((path, member) for member in sorted(item, key=str, reverse=True))
        elif isinstance(item, list | tuple) and item:
            stack.extend((path, member) for member in reversed(item))
        elif isinstance(item, str):  # YAML can escape what a text cannot hold
            yield UNCARRIABLE.sub("\ufffd", path), UNCARRIABLE.sub("\ufffd", item)
        elif isinstance(item, int | float | datetime.date):
            yield UNCARRIABLE.sub("\ufffd", path), item
        else:  # nothing, or an empty list or mapping
            yield UNCARRIABLE.sub("\ufffd", path), ""
