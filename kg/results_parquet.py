"""Rows as Apache Parquet, through pyarrow: `pip install 'fm-kg[parquet]'`.

A column whose values are all integers, years, decimals, doubles, truth values or dates gets the Parquet type of that
kind. Any other column is text: the words of literals, IRIs in full. What a column holds is only known at its end, so
rows go to a spool file first; memory stays constant.
"""

import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import IO, Any

from kg.errors import UsageError
from kg.evaluation import Term
from kg.namespaces import XSD

__all__ = ["write"]

_BATCH = 50_000
_INTEGER = re.compile(r"[+-]?\d{1,18}\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_KINDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    XSD.integer: ("int64", int),
    XSD.gYear: ("int64", int),
    XSD.decimal: ("double", float),
    XSD.double: ("double", float),
    XSD.boolean: ("bool_", lambda text: text in ("true", "1")),
    XSD.date: ("date32", date.fromisoformat),
}


def write(variables: Sequence[str], rows: Iterable[Sequence[Term | None]], output: IO[bytes]) -> int:
    """Write rows to a file, which need not be seekable.

    Returns:
        How many rows there were.

    Raises:
        UsageError: pyarrow is not installed.

    """
    try:
        import pyarrow as pa  # noqa: PLC0415 -- optional
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise UsageError("parquet needs pyarrow: pip install 'fm-kg[parquet]'") from None
    names = list(variables)
    kinds: list[set[str]] = [set() for _ in names]
    texts = pa.schema([(name, pa.string()) for name in names])
    count = 0
    with tempfile.TemporaryFile() as spool:
        with pa.ipc.new_stream(spool, texts) as stream:
            batch: list[Sequence[Term | None]] = []
            for row in rows:
                batch.append(row)
                count += 1
                if len(batch) == _BATCH:
                    stream.write_batch(_texts(pa, batch, kinds, texts))
                    batch = []
            stream.write_batch(_texts(pa, batch, kinds, texts))
        chosen = [_KINDS.get(next(iter(kind))) if len(kind) == 1 else None for kind in kinds]
        schema = pa.schema(
            [
                (name, getattr(pa, kind[0].replace("double", "float64"))() if kind else pa.string())
                for name, kind in zip(names, chosen, strict=True)
            ]
        )
        spool.seek(0)
        with pq.ParquetWriter(_Sink(output), schema, compression="zstd") as writer, pa.ipc.open_stream(spool) as read:
            for texts_batch in read:
                columns = [
                    column
                    if kind is None
                    else pa.array([None if v is None else kind[1](v) for v in column.to_pylist()], field.type)
                    for column, kind, field in zip(texts_batch.columns, chosen, schema, strict=True)
                ]
                writer.write_batch(pa.record_batch(columns, schema=schema))
    return count


def _texts(pa: Any, batch: list[Sequence[Term | None]], kinds: list[set[str]], schema: Any) -> Any:  # noqa: ANN401
    columns: list[list[str | None]] = [[] for _ in kinds]
    for row in batch:
        for term, column, kind in zip(row, columns, kinds, strict=True):
            if term is None:
                column.append(None)
            else:
                column.append(f"_:{term.value}" if term.kind == "blank" else term.value)
                kind.add(_kind(term))
    return pa.record_batch([pa.array(column, pa.string()) for column in columns], schema=schema)


def _kind(term: Term) -> str:
    """The datatype of a value that has a Parquet type, else nothing."""
    if term.datatype in (XSD.integer, XSD.gYear):
        return term.datatype if _INTEGER.match(term.value) else ""
    if term.datatype == XSD.date:
        return term.datatype if _DATE.match(term.value) else ""
    return term.datatype if term.datatype in _KINDS else ""


class _Sink:
    """A file for pyarrow that may be a pipe: it wants to know where it is and closes what it writes to."""

    def __init__(self, output: IO[bytes]) -> None:
        self.output = output
        self.position = 0
        self.closed = False

    def write(self, data: bytes) -> int:
        self.output.write(data)
        self.position += len(data)
        return len(data)

    def tell(self) -> int:
        return self.position

    def flush(self) -> None:
        self.output.flush()

    def close(self) -> None:
        self.closed = True
