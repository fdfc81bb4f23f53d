"""Saved queries: SPARQL files that say in their first lines what they are for and what they can be asked.

The header follows grlc: comments that begin with `#+`, which together are YAML::

    #+ summary: Papers of an author
    #+ description: Finds papers by …
    #+ params:
    #+   author:
    #+     type: string
    #+     description: a surname or a full name
    #+     example: Vaswani
    #+   year:
    #+     type: year
    #+     required: false
    #+     example: 2017

A parameter stands for the variables of its name. As in grlc they may also be called `?_author` (`?__author` when it may
be left out) with the type at the end, as in `?_year_integer` or `?_paper_iri`; these need no header. A parameter is
required unless it has a default or says `required: false`; one that is left out stays a variable.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from kg import data, sparql
from kg.errors import QueryError
from kg.namespaces import PREFIXES, XSD
from kg.sparql_errors import nearest

__all__ = ["TYPES", "Parameter", "SavedQuery", "find", "names", "read", "term_of"]

TYPES = ("string", "iri", "curie", "year", "integer", "decimal", "date", "boolean")
_SUFFIXES = {
    "iri": "iri",
    "integer": "integer",
    "xsd_integer": "integer",
    "xsd_gYear": "year",
    "xsd_date": "date",
    "xsd_decimal": "decimal",
    "xsd_boolean": "boolean",
    "literal": "string",
    "string": "string",
}
_GRLC = re.compile(r"__?(?P<name>[A-Za-z0-9]+)(?:_(?P<type>" + "|".join(_SUFFIXES) + r"))?\Z")
_FORMS = {
    "year": (re.compile(r"-?[0-9]{4,}\Z"), XSD.gYear, "a year such as 2017"),
    "integer": (re.compile(r"[+-]?[0-9]+\Z"), XSD.integer, "a whole number such as 5"),
    "decimal": (re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z"), XSD.decimal, "a number such as 0.5"),
    "boolean": (re.compile(r"(?:true|false)\Z"), XSD.boolean, "true or false"),
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"), XSD.date, "a day such as 2023-04-02"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a query: `variables` are those that it gives a value, without their `?`."""

    name: str
    type: str = "string"
    description: str = ""
    default: str | None = None
    example: str | None = None
    required: bool = True
    choices: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A query with what its header says."""

    name: str
    text: str
    path: Path | None = None
    summary: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = field(default=())

    def bound(self, values: Mapping[str, str]) -> str:
        """The query with its parameters replaced by RDF terms.

        Args:
            values: what the parameters are, as a user writes it.

        Raises:
            QueryError: one is missing, unknown, or not of its type; the message tells how the query is called.

        """
        if not self.parameters:
            kinds = {name: "iri" if re.fullmatch(r"<.*>", value) else "string" for name, value in values.items()}
            return self.with_terms({name: term_of(value, kinds[name]) for name, value in values.items()})
        known = {parameter.name: parameter for parameter in self.parameters}
        prefixes = {**PREFIXES, **sparql.EXTRA_PREFIXES, **sparql.Query.of(self.text).prefixes}
        for name in values:
            if name not in known:
                guess = nearest(name, known)
                hint = f"; did you mean {guess}?" if guess else ""
                raise QueryError(f"{self.name} has no parameter {name!r}{hint}\n{self.usage()}")
        terms: dict[str, str] = {}
        for parameter in self.parameters:
            value = values.get(parameter.name, parameter.default)
            if value is None:
                if parameter.required:
                    raise QueryError(f"{self.name} needs the parameter {parameter.name!r}\n{self.usage()}")
                continue
            try:
                term = term_of(value, parameter.type, prefixes, parameter.choices)
            except QueryError as error:
                raise QueryError(f"{self.name}: the parameter {parameter.name} {error}\n{self.usage()}") from error
            terms.update(dict.fromkeys(parameter.variables, term))
        return sparql.bind(self.text, terms)

    def with_terms(self, terms: Mapping[str, str]) -> str:
        """The query with variables replaced by RDF terms in SPARQL's syntax.

        Raises:
            QueryError: there is no such variable.

        """
        variables = {token.text[1:] for token in sparql.tokens(self.text) if token.kind == "var"}
        for name in terms:
            if name not in variables:
                guess = nearest(name, variables)
                raise QueryError(f"the query has no variable ?{name}" + (f"; did you mean ?{guess}?" if guess else ""))
        return sparql.bind(self.text, terms)

    def usage(self) -> str:
        """What the query is for, its parameters and an example call, in lines."""
        lines = [f"  {self.summary}"] if self.summary else []
        width = max((len(p.name) + len(p.type) for p in self.parameters), default=0) + 1
        for parameter in self.parameters:
            label = f"{parameter.name} {parameter.type}".ljust(width)
            lines.append(f"  --param {label}  {_about(parameter)}")
        return "\n".join([*lines, f"  example: {self.example()}"])

    def example(self) -> str:
        """A call that answers something."""
        given = [f"--param {p.name}={_quoted(p.example)}" for p in self.parameters if p.example is not None]
        return " ".join(["kg query", _quoted(self.name), *given])

    def examples(self) -> dict[str, str]:
        """The values of the example call."""
        return {p.name: p.example for p in self.parameters if p.example is not None}


def _about(parameter: Parameter) -> str:
    notes = [parameter.description] if parameter.description else []
    if parameter.choices:
        notes.append(f"one of {', '.join(parameter.choices)}")
    if parameter.default is not None:
        notes.append(f"by default {parameter.default}")
    elif not parameter.required:
        notes.append("may be left out")
    return "; ".join(notes) or "required"


def _quoted(text: str) -> str:
    return text if re.fullmatch(r"[\w./:@%+,\-]+", text) else "'" + text.replace("'", "'\\''") + "'"


def term_of(value: str, kind: str, prefixes: Mapping[str, str] = PREFIXES, choices: Sequence[str] = ()) -> str:
    """The RDF term, in SPARQL's syntax, of what a user wrote for a parameter.

    Args:
        value: the words of the user.
        kind: one of `TYPES`; an IRI may stand in `<…>`, and is welcome as `curie` too.
        prefixes: those that a CURIE may use.
        choices: the values that are allowed, when not all are.

    Raises:
        QueryError: the words do not fit the type.

    """
    if choices and value not in choices:
        raise QueryError(f"must be one of {', '.join(choices)}, not {value!r}")
    if kind == "string":
        return sparql.literal_term(value)
    if kind in ("iri", "curie"):
        bare = value[1:-1] if value.startswith("<") and value.endswith(">") else value
        prefix, colon, local = bare.partition(":")
        if kind == "curie" and bare is value and colon and prefix in prefixes:
            return sparql.iri_term(prefixes[prefix] + local)
        if kind == "curie" and "://" not in bare:
            guess = nearest(prefix, prefixes)
            hint = f"; did you mean {guess}:{local}?" if guess and colon else ""
            raise QueryError(f"must be a CURIE such as arxiv:1706.03762 or an IRI, not {value!r}{hint}")
        try:
            return sparql.iri_term(bare)
        except QueryError:
            raise QueryError(
                f"must be an absolute IRI such as https://arxiv.org/abs/1706.03762, not {value!r}"
            ) from None
    form, datatype, like = _FORMS[kind]
    valid = form.match(value) is not None
    if kind == "date" and valid:
        try:
            date.fromisoformat(value)
        except ValueError:
            valid = False
    if not valid:
        raise QueryError(f"must be {like}, not {value!r}")
    return sparql.literal_term(value, datatype)


def read(text: str, name: str, path: Path | None = None) -> SavedQuery:
    """Read a query with its header.

    Raises:
        QueryError: the header is not YAML or says something that is not known here.

    """
    lines = []
    for line in text.lstrip("\ufeff").splitlines():
        if line.startswith("#+"):
            lines.append(line[3:] if line.startswith("#+ ") else line[2:])
        elif line.strip() and not line.startswith("#"):
            break
    where = str(path or name)
    header: Any = _yaml("\n".join(lines), where) if lines else {}
    if not isinstance(header, dict):
        raise QueryError(f"{where}: the header must be YAML with keys such as `summary:`")
    tags = header.get("tags") or []
    return SavedQuery(
        name=name,
        text=text,
        path=path,
        summary=_plain(header.get("summary")),
        description=_plain(header.get("description")),
        tags=tuple(map(str, tags if isinstance(tags, list) else [tags])),
        parameters=tuple(_parameters(header, text, where)),
    )


def _yaml(source: str, where: str) -> Any:  # noqa: ANN401 -- YAML is anything
    import yaml  # noqa: PLC0415 -- slow to import, and text without a header needs none

    try:
        return yaml.safe_load(source)
    except yaml.YAMLError as error:
        reason = " ".join(str(getattr(error, "problem", None) or error).split())
        raise QueryError(f"{where}: the header is not YAML: {reason}") from error


def _plain(value: object) -> str:
    """A scalar of YAML as a user would write it for a parameter."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case date():
            return value.isoformat()
        case _:
            return str(value).strip()


def _parameters(header: Mapping[str, Any], text: str, where: str) -> Iterable[Parameter]:
    variables = dict.fromkeys(token.text[1:] for token in sparql.tokens(text) if token.kind == "var")
    declared = header.get("params") or {}
    if isinstance(declared, list):
        declared = {str(item.get("name")): item for item in declared if isinstance(item, dict)}
    if not isinstance(declared, dict):
        raise QueryError(f"{where}: params must be a mapping of names")
    defaults = header.get("defaults") or []  # grlc's own: a list of `param: value`
    if isinstance(defaults, list):
        defaults = {key: value for item in defaults if isinstance(item, dict) for key, value in item.items()}
    implied = {match["name"]: match for name in variables if (match := _GRLC.match(name))}
    for name in dict.fromkeys([*map(str, declared), *implied]):
        says = declared.get(name) or {}
        if not isinstance(says, dict):
            raise QueryError(f"{where}: params: {name}: expected `type:`, `example:` …")
        own = [v for v in variables if v == name or ((match := _GRLC.match(v)) and match["name"] == name)]
        suffix = implied[name]["type"] if name in implied else None
        kind = str(says.get("type") or _SUFFIXES.get(suffix or "", "string")).lower()
        if kind not in TYPES:
            raise QueryError(f"{where}: params: {name}: unknown type {kind!r}; known are {', '.join(TYPES)}")
        default = says.get("default", defaults.get(name))
        optional = name in implied and all(v.startswith("__") for v in own if v != name)
        yield Parameter(
            name=name,
            type=kind,
            description=_plain(says.get("description")),
            default=None if default is None else _plain(default),
            example=None if says.get("example") is None else _plain(says["example"]),
            required=bool(says.get("required", default is None and not optional)),
            choices=tuple(map(_plain, says.get("enum") or ())),
            variables=tuple(own),
        )


def _folders(folders: Sequence[Path]) -> list[Path]:
    return [*folders, data.queries()]


def names(folders: Sequence[Path] = ()) -> dict[str, Path]:
    """The saved queries by name, sorted; those of the folders given, in their order, before those that ship with kg."""
    found: dict[str, Path] = {}
    for folder in _folders(folders):
        for path in folder.glob("*.rq"):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find(name: str, folders: Sequence[Path] = ()) -> SavedQuery | None:
    """The saved query of a name, None when there is none."""
    if not re.fullmatch(r"[\w.\-]+", name):
        return None
    for folder in _folders(folders):
        path = folder / f"{name}.rq"
        if path.is_file():
            return read_file(path)
    return None


def read_file(path: Path) -> SavedQuery:
    """Read a query from a file.

    Raises:
        QueryError: the file cannot be read or its header is wrong.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise QueryError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise QueryError(f"{path}: not UTF-8") from error
    return read(text, path.stem, path)
