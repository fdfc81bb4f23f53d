"""The graph from Python: `kg.open(".kg")` gives a `Graph` to ask.

Terms become plain Python values: an IRI is an `IRI` (a `str`), text is `str`, a year or integer `int`, a decimal
`Decimal`, a double `float`, a date `date`, an instant `datetime`; nothing is `None`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, overload

from kg import config, queries, sparql
from kg.errors import QueryError, UsageError
from kg.evaluation import Answer, Rows, Term, Triples
from kg.namespaces import XSD
from kg.queries import SavedQuery
from kg.store import open_store

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import rdflib

__all__ = ["IRI", "Graph", "Row", "Table", "open_graph"]


class IRI(str):
    """An IRI, as a value of its own kind of text; as a parameter it is bound as an IRI."""

    __slots__ = ()


class Row(tuple[Any, ...]):  # noqa: SLOT001 -- a tuple can have none that are not empty
    """One row: a tuple whose values also go by the names of the variables, as `row.title` and `row["title"]`."""

    _names: Mapping[str, int]

    @classmethod
    def of(cls, values: Sequence[object], names: Mapping[str, int]) -> "Row":
        """Make a row of values; `names` says which variable is which of them."""
        row = cls(values)
        row._names = names
        return row

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- values are of many types
        if name.startswith("_") or name not in self._names:
            raise AttributeError(name)
        return self[self._names[name]]

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401
        return super().__getitem__(self._names[key] if isinstance(key, str) else key)

    def as_dict(self) -> dict[str, Any]:
        """The values by the names of the variables."""
        return {name: self[number] for name, number in self._names.items()}


class Table(Sequence[Row]):
    """The rows of an answer.

    Attributes:
        variables: the names of the columns.
    """

    def __init__(self, variables: Sequence[str], rows: Sequence[Row]) -> None:
        self.variables = list(variables)
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self._rows[index]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __repr__(self) -> str:
        return f"<Table of {len(self)} rows: {', '.join(self.variables)}>"

    def columns(self) -> dict[str, list[Any]]:
        """The values by column; a column of mixed types is made of text."""
        columns = {name: [_plain(row[number]) for row in self] for number, name in enumerate(self.variables)}
        for name, values in columns.items():
            if len({type(value) for value in values if value is not None}) > 1:
                columns[name] = [None if value is None else str(value) for value in values]
        return columns

    def to_pandas(self) -> "pd.DataFrame":
        """The rows as a pandas DataFrame with nullable types.

        Raises:
            UsageError: pandas is not installed.

        """
        try:
            import pandas as pd  # noqa: PLC0415 -- optional
        except ImportError:
            raise UsageError("to_pandas needs pandas: pip install pandas") from None
        return pd.DataFrame(self.columns(), columns=self.variables).convert_dtypes()

    def to_polars(self) -> "pl.DataFrame":
        """The rows as a polars DataFrame.

        Raises:
            UsageError: polars is not installed.

        """
        try:
            import polars as pl  # noqa: PLC0415 -- optional
        except ImportError:
            raise UsageError("to_polars needs polars: pip install polars") from None
        return pl.DataFrame(self.columns(), infer_schema_length=None)


class Graph:
    """An open graph. It shows what the last build made until it is closed, whatever is built meanwhile."""

    def __init__(self, store: Path, folders: Sequence[Path] = (), base: str = "") -> None:
        """Open a store; `kg.open` does so with the settings of `kg.toml`.

        Args:
            store: the directory of the store.
            folders: folders of saved queries, besides those that ship with kg.
            base: what relative IRIs in queries are resolved against.

        """
        self._folders = folders
        self._base = base
        self._stack = ExitStack()
        self._graphs = self._stack.enter_context(open_store(store))

    def close(self) -> None:
        """Let go of the store."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def queries(self) -> list[str]:
        """The names of the saved queries."""
        return list(queries.names(self._folders))

    def query(self, name_or_text: str, /, **params: object) -> Table:
        """Ask a SELECT query.

        Args:
            name_or_text: the name of a saved query, or SPARQL with the usual prefixes declared.
            **params: its parameters. In SPARQL of your own, any variable can be given a value.

        Raises:
            QueryError: there is no such query, a parameter does not fit, or it is no SELECT.

        """
        answer = self._answer(name_or_text, params)
        if not isinstance(answer, Rows):
            raise QueryError("this query gives no rows; use ask() or construct()")
        names = {name: number for number, name in enumerate(answer.variables)}
        return Table(answer.variables, [Row.of([_value(term) for term in row], names) for row in answer])

    def ask(self, name_or_text: str, /, **params: object) -> bool:
        """Ask an ASK query; the arguments are those of `query`."""
        answer = self._answer(name_or_text, params)
        if not isinstance(answer, bool):
            raise QueryError("this query is no ASK; use query() or construct()")
        return answer

    def construct(self, name_or_text: str, /, **params: object) -> "rdflib.Graph":
        """Ask a CONSTRUCT or DESCRIBE query; the arguments are those of `query`."""
        answer = self._answer(name_or_text, params)
        if not isinstance(answer, Triples):
            raise QueryError("this query gives no triples; use query() or ask()")
        import rdflib  # noqa: PLC0415 -- slow to import

        return rdflib.Graph().parse(data="\n".join(answer.lines()), format="nt")

    def rdflib(self) -> "rdflib.Dataset":
        """The same data as an `rdflib.Dataset`, not copied: its default graph is the union of the named graphs."""
        import rdflib  # noqa: PLC0415 -- slow to import
        from oxrdflib import OxigraphStore  # noqa: PLC0415

        return rdflib.Dataset(store=OxigraphStore(store=self._graphs.inner), default_union=True)

    def _answer(self, name_or_text: str, params: Mapping[str, object]) -> Answer:
        saved = queries.find(name_or_text, self._folders) or _text(name_or_text, self._folders)
        if saved.parameters:
            asked = saved.bound({name: _word(value) for name, value in params.items()})
        else:
            asked = saved.with_terms({name: _term(value) for name, value in params.items()})
        return self._graphs.query(asked, base=self._base)


def _text(text: str, folders: Sequence[Path]) -> SavedQuery:
    if not any(mark in text for mark in " \n\t{"):
        raise QueryError(f"there is no saved query {text!r}; there are {', '.join(queries.names(folders))}")
    return queries.read(text, "the query")


def _word(value: object) -> str:
    """A value as a user of the command line would write it for a parameter."""
    match value:
        case bool():
            return "true" if value else "false"
        case IRI():
            return f"<{value}>"
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return format(value, "f")
        case float():
            return str(value).replace("inf", "INF").replace("nan", "NaN")
        case _:
            return str(value)


# In this order: a bool is an int, and a datetime a date.
_DATATYPES = (
    (bool, XSD.boolean),
    (int, XSD.integer),
    (float, XSD.double),
    (Decimal, XSD.decimal),
    (datetime, XSD.dateTime),
    (date, XSD.date),
)


def _term(value: object) -> str:
    """A Python value as an RDF term in SPARQL's syntax."""
    if isinstance(value, IRI):
        return sparql.iri_term(value)
    datatype = next((datatype for kind, datatype in _DATATYPES if isinstance(value, kind)), "")
    return sparql.literal_term(_word(value), datatype)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, IRI) else value


_VALUES: Mapping[str, Callable[[str], object]] = {
    XSD.integer: int,
    XSD.gYear: int,
    XSD.decimal: Decimal,
    XSD.double: float,
    XSD.boolean: lambda text: {"true": True, "1": True, "false": False, "0": False}[text],
    XSD.date: date.fromisoformat,
    XSD.dateTime: datetime.fromisoformat,
}


def _value(term: Term | None) -> object:
    """A term as a Python value; a literal that is not of its own datatype is text."""
    if term is None:
        return None
    if term.kind == "iri":
        return IRI(term.value)
    if term.kind == "blank":
        return f"_:{term.value}"
    try:
        return _VALUES.get(term.datatype, str)(term.value)
    except (ValueError, KeyError, InvalidOperation):
        return term.value


def open_graph(store: str | Path | None = None) -> Graph:
    """Open the graph of a store directory; by default the one of `kg.toml`.

    Raises:
        StoreError: nothing was built there.

    """
    settings = config.load()
    return Graph(Path(store) if store is not None else settings.store, settings.queries, settings.base_iri)
