"""`kg.toml`: the defaults of a project.

::

    notes = "notes"                      # the folder of notes, relative to this file
    store = ".kg"                        # where the graph is kept
    base_iri = "https://kg.example/"     # what minted IRIs start with
    exclude = ["drafts/", "*.tmp.md"]    # .gitignore syntax, relative to the notes
    infer = true                         # conclude what follows after each build; or the engine to use, "owlrl"
    vocabulary = "vocabulary"            # a folder of models and concepts in Turtle, by default beside the notes
    queries = ["queries"]                # folders of saved queries, besides those that ship with kg

    [tags]                               # further tags that announce resources
    ARTICLE = "Paper"

    [enrich]                             # how `kg enrich` asks for metadata
    contact = "me@example.org"           # whom arXiv may write to
    delay = 5.0                          # seconds between requests
    cache = "arxiv.sqlite"               # where answers are kept, relative to this file
    api_url = "https://…/api/query"      # whom to ask instead of arXiv
    fallback = "datacite"                # whom to ask when arXiv refuses
    authors = "per-paper"                # no author is shared by papers
    decisions = "arxiv-matches.tsv"      # what `kg enrich --search` found, relative to this file
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from kg.errors import ConfigError
from kg.iris import DEFAULT_BASE, check_base
from kg.tags import RESOURCE_TAGS

__all__ = ["Config", "Enriching", "load"]

_ENGINES = ("reasonable", "owlrl")
_CLASSES = frozenset(name for names in RESOURCE_TAGS.values() for name in names)


@dataclass(frozen=True, slots=True)
class Enriching:
    """How metadata is asked for; an empty value stands for the default of the program."""

    contact: str = ""
    delay: float | None = None
    cache: Path | None = None
    api_url: str = ""
    fallback: str = ""
    fallback_url: str = ""
    authors: str = ""
    decisions: Path = Path("arxiv-matches.tsv")


@dataclass(frozen=True, slots=True)
class Config:
    """What a `kg.toml` sets; paths are absolute or relative to the current folder."""

    source: Path | None = None
    notes: Path | None = None
    store: Path = Path(".kg")
    base_iri: str = DEFAULT_BASE
    exclude: tuple[str, ...] = ()
    vocabulary: Path | None = None
    infer: str = ""  # the engine that concludes after each build, "" for none
    queries: tuple[Path, ...] = ()
    enriching: Enriching = Enriching()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType(dict(RESOURCE_TAGS)))


def load(path: Path | None = None, notes: Path | None = None) -> Config:
    """Read the configuration.

    Args:
        path: the file to read; by default `kg.toml` in the current folder, else in the folder of notes.
        notes: the folder of notes named on the command line, if any.

    Raises:
        ConfigError: the file is missing (when named), is no TOML, or holds an unknown key or a wrong type.

    """
    if path is None:
        path = next((p for p in (Path("kg.toml"), *((notes / "kg.toml",) if notes else ())) if p.is_file()), None)
        if path is None:
            return Config()
    import tomllib  # noqa: PLC0415 -- slow to import, and most folders have no kg.toml

    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    folder = path.parent
    wanted: dict[str, type] = {
        "notes": str,
        "store": str,
        "base_iri": str,
        "exclude": list,
        "vocabulary": str,
        "infer": object,
        "queries": list,
        "tags": dict,
        "enrich": dict,
    }
    for key, value in values.items():
        if key not in wanted:
            raise ConfigError(f"{path}: unknown key {key!r}; known are {', '.join(wanted)}")
        if not isinstance(value, wanted[key]):
            raise ConfigError(f"{path}: {key} must be a {_KIND[wanted[key]]}, not {value!r}")
    exclude = values.get("exclude", [])
    if not all(isinstance(pattern, str) for pattern in exclude):
        raise ConfigError(f"{path}: exclude must be a list of strings, not {exclude!r}")
    queries = values.get("queries", [])
    if not all(isinstance(name, str) for name in queries):
        raise ConfigError(f"{path}: queries must be a list of strings, not {queries!r}")
    return Config(
        source=path,
        notes=folder / values["notes"] if "notes" in values else None,
        store=folder / values.get("store", ".kg"),
        base_iri=check_base(values.get("base_iri", DEFAULT_BASE)),
        exclude=tuple(exclude),
        vocabulary=folder / values["vocabulary"] if "vocabulary" in values else None,
        infer=_engine(path, values.get("infer", False)),
        queries=tuple(folder / name for name in queries),
        enriching=_enriching(path, values.get("enrich", {})),
        tags=MappingProxyType(dict(RESOURCE_TAGS) | _tags(path, values.get("tags", {}))),
    )


_KIND: Mapping[type, str] = MappingProxyType({str: "string", list: "list", dict: "table"})


_CHOICES = {"fallback": ("datacite",), "authors": ("shared", "per-paper")}


def _enriching(path: Path, values: Mapping[str, object]) -> Enriching:
    read: dict[str, object] = {}
    for key, value in values.items():
        if key not in Enriching.__dataclass_fields__:
            raise ConfigError(
                f"{path}: unknown key 'enrich.{key}'; known are {', '.join(Enriching.__dataclass_fields__)}"
            )
        if key == "delay":
            if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
                raise ConfigError(f"{path}: enrich.delay must be a number of seconds, not {value!r}")
            read[key] = float(value)
            continue
        if not isinstance(value, str):
            raise ConfigError(f"{path}: enrich.{key} must be a string, not {value!r}")
        if key in _CHOICES and value not in _CHOICES[key]:
            raise ConfigError(f"{path}: enrich.{key} must be one of {', '.join(_CHOICES[key])}, not {value!r}")
        read[key] = path.parent / value if key in ("cache", "decisions") else value
    read.setdefault("decisions", path.parent / "arxiv-matches.tsv")
    return Enriching(**read)  # type: ignore[arg-type] # each was checked above


def _engine(path: Path, value: object) -> str:
    if value is True:
        return _ENGINES[0]
    if value is not False and value not in _ENGINES:
        raise ConfigError(f"{path}: infer must be true, false or one of {', '.join(_ENGINES)}, not {value!r}")
    return str(value or "")


def _tags(path: Path, values: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    tags: dict[str, tuple[str, ...]] = {}
    for tag, name in values.items():
        if not isinstance(name, str) or name not in _CLASSES:
            raise ConfigError(f"{path}: tags.{tag} must be one of {', '.join(sorted(_CLASSES))}, not {name!r}")
        tags[tag.lstrip("#").upper()] = ("Paper", name) if name == "ReviewPaper" else (name,)
    return tags
