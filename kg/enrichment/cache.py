"""What was fetched, kept for good: one SQLite file for all vaults of a user, apart from every graph.

A row is one version of one paper: when it was retrieved, from whom, and the bytes that said so; records are
read again from these bytes, so a better reader needs no network. A pinned version never changes. Which
version is the latest is known as of a moment, and believed for a while. What was looked for in vain is
remembered, to be asked for again later.
"""

import itertools
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import platformdirs

from kg.enrichment.ids import ArxivId, normalize_id
from kg.enrichment.raw import read_raw
from kg.enrichment.records import Record, Source
from kg.errors import StoreError, UsageError

__all__ = [
    "BARE_LIFETIME",
    "FALLBACK_LIFETIME",
    "MISSING_LIFETIME",
    "Cache",
    "Plan",
    "default_path",
    "parse_age",
]

BARE_LIFETIME = timedelta(days=90)
"""How long the latest version of a paper is believed to be the latest."""
MISSING_LIFETIME = timedelta(days=7)
"""How long a paper that arXiv does not know is not asked for again."""
FALLBACK_LIFETIME = timedelta(days=7)
"""How long a record of DataCite stands in for arXiv's own."""

_PATIENCE = 30.0  # seconds for which another process is waited for
_SCHEMA_VERSION = 1
_APPLICATION_ID = 0x666D6B67  # "fmkg"
_SCHEMA = """
CREATE TABLE record (
    arxiv_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    source_url TEXT NOT NULL,
    retrieved TEXT NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (arxiv_id, version)
) WITHOUT ROWID;
CREATE TABLE latest (
    arxiv_id TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    asked TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE missing (
    requested TEXT PRIMARY KEY,
    asked TEXT NOT NULL,
    why TEXT NOT NULL
) WITHOUT ROWID;
"""
_PINNED = """
SELECT source, source_url, retrieved, raw, retrieved FROM record WHERE arxiv_id = ? AND version = ?
"""
_LATEST = """
SELECT r.source, r.source_url, r.retrieved, r.raw, l.asked
FROM latest l JOIN record r USING (arxiv_id, version) WHERE l.arxiv_id = ?
"""
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def default_path() -> Path:
    """Give the file that all vaults of the user share."""
    return Path(platformdirs.user_cache_dir("fm-kg", appauthor=False)) / "arxiv.sqlite"


def parse_age(text: str) -> timedelta:
    """Read an age such as `30d`, `12h` or `2w`; a bare number counts days.

    Raises:
        UsageError: it is none.
    """
    match = re.fullmatch(r"\s*(\d{1,5})\s*([hdw]?)\s*", text, re.ASCII | re.IGNORECASE)
    if not match:
        raise UsageError(f"{text!r} is no age: write 30d, 12h or 2w")
    return int(match[1]) * _UNITS[match[2].lower() or "d"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known already and what has to be asked, ids in the order they came.

    Attributes:
        have: the record of each id that needs no request; a stale one too when nobody may be asked.
        missing: ids known to be missing and not due yet, with the reason.
        ask: ids to be asked for.
        stale: records of ids in `ask` that were known before, to be used should asking fail.
        malformed: texts that are no ids, with the reason.
    """

    have: dict[str, Record]
    missing: dict[str, str]
    ask: list[str]
    stale: dict[str, Record]
    malformed: dict[str, str]


class Cache:
    """An open cache; use it as a context manager. Safe to be killed, and to be shared by processes.

    Attributes:
        path: the file.
        notice: one sentence when a damaged file was set aside, else "".
    """

    def __init__(self, path: Path) -> None:
        """Open the cache, or begin it; a file that is damaged is renamed, never deleted.

        Raises:
            StoreError: the file cannot be opened or written, or a newer version of the program wrote it.
        """
        self.path = path
        self.notice = ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{path}: cannot be made: {error.strerror}") from error
        seen = _identity(path)
        try:
            self._connection = _opened(path)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise StoreError(f"{path}: {error}") from error
            self.notice = _set_aside(path, seen, str(error))
            try:
                self._connection = _opened(path)
            except sqlite3.DatabaseError as again:
                raise StoreError(f"{path}: {again}") from again

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def keep(
        self,
        records: Iterable[tuple[Record, bytes]] = (),
        *,
        latest: Iterable[str] = (),
        missing: Iterable[tuple[str, str]] = (),
        asked: datetime | None = None,
    ) -> None:
        """Keep what one answer said, all of it or, when killed, nothing.

        Args:
            records: what was found, each with the bytes that `read_raw` reads. Of one version the later
                retrieved is kept, except that a record of DataCite never replaces one of arXiv.
            latest: ids without version; the highest version among `records` is the latest as of `asked`.
            missing: ids that the source does not know, each with a sentence.
            asked: when; the time at which each record was retrieved when not given.

        Raises:
            StoreError: the file cannot be written.
        """
        rows = list(records)
        with self._writing() as connection:
            for record, raw in rows:
                _put(connection, record, raw)
            by_id = {record.arxiv_id: record for record, _ in sorted(rows, key=lambda row: row[0].version)}
            for requested in latest:
                base = normalize_id(requested).base
                record = by_id[base]
                _put_latest(connection, record, asked or record.retrieved)
                connection.execute("DELETE FROM missing WHERE requested = ?", (base,))
            for requested, why in missing:
                connection.execute(
                    "INSERT OR REPLACE INTO missing VALUES (?, ?, ?)",
                    (requested, _stamp(asked or datetime.now(UTC)), why),
                )

    def get(self, requested: str) -> Record | None:
        """Give the record of an id, of its latest known version when it has none; however old it is.

        Raises:
            ValueError: it is no arXiv id.
            StoreError: the file cannot be read.
        """
        found = self._row(normalize_id(requested))
        return None if found is None else found[0]

    def plan(
        self,
        ids: Iterable[str],
        *,
        now: datetime,
        refresh: timedelta | None = None,
        offline: bool = False,
    ) -> Plan:
        """Say for which ids the network is needed.

        Args:
            ids: in any form that `normalize_id` reads.
            now: the time, UTC.
            refresh: ask again for what is at least this old, instead of after the usual lifetimes; pinned
                versions never are.
            offline: nobody may be asked: `ask` then lists what is not known at all.

        Raises:
            StoreError: the file cannot be read.
        """
        plan = Plan({}, {}, [], {}, {})
        seen: set[str] = set()
        for text in ids:
            try:
                identifier = normalize_id(text)
            except ValueError as error:
                plan.malformed[text] = str(error)
                continue
            if str(identifier) in seen:
                continue
            seen.add(str(identifier))
            self._plan_one(plan, identifier, now, refresh, offline=offline)
        return plan

    @contextmanager
    def turn(
        self, *, sleep: Callable[[float], None] = time.sleep, notice: Callable[[str], None] = lambda _: None
    ) -> Iterator[None]:
        """Hold the right to ask the network: one process at a time, as arXiv's terms have it, and as is cheapest.

        The right ends with the process, however it ends. Whoever had to wait should plan again.

        Args:
            sleep: waits for seconds.
            notice: told in one sentence when another process has it.

        Raises:
            StoreError: the file beside the cache cannot be made.
        """
        place = self.path.with_name(self.path.name + ".turn")
        try:
            with closing(sqlite3.connect(place, timeout=0.0, isolation_level=None)) as connection:
                for attempt in itertools.count():
                    try:
                        connection.execute("BEGIN EXCLUSIVE")
                        break
                    except sqlite3.OperationalError as error:
                        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                            raise
                    if not attempt:
                        notice("another run is asking arXiv; waiting until it has ended")
                    sleep(1.0)
                yield
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{place}: {error}") from error

    def _plan_one(
        self, plan: Plan, identifier: ArxivId, now: datetime, refresh: timedelta | None, *, offline: bool
    ) -> None:
        name = str(identifier)
        row = self._row(identifier)
        if row is not None:
            record, asked = row
            lifetime = BARE_LIFETIME if refresh is None else refresh
            if record.source == "datacite":
                lifetime = min(lifetime, FALLBACK_LIFETIME)
            settled = bool(identifier.version) and record.source != "datacite"
            if offline or settled or now - asked < lifetime:
                plan.have[name] = record
            else:
                plan.stale[name] = record
                plan.ask.append(name)
            return
        gone = self._reading("SELECT asked, why FROM missing WHERE requested = ?", (name,)).fetchone()
        lifetime = MISSING_LIFETIME if refresh is None else min(refresh, MISSING_LIFETIME)
        if gone is not None and (offline or now - datetime.fromisoformat(gone[0]) < lifetime):
            plan.missing[name] = gone[1]
        else:
            plan.ask.append(name)

    def _row(self, identifier: ArxivId) -> tuple[Record, datetime] | None:
        """Give the record of an id and the moment as of which it is what was asked for."""
        if identifier.version:
            row = self._reading(_PINNED, (identifier.base, identifier.version)).fetchone()
        else:
            row = self._reading(_LATEST, (identifier.base,)).fetchone()
        if row is None:
            return None
        source: Source = row[0]
        retrieved = datetime.fromisoformat(row[2])
        try:
            record = read_raw(row[3], source=source, source_url=row[1], retrieved=retrieved)
        except ValueError:
            return None  # Bytes that no reader knows any more are as good as none: asked for again.
        return record, datetime.fromisoformat(row[4])

    def _reading(self, sql: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        try:
            return self._connection.execute(sql, values)
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path}: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise StoreError(f"{self.path}: {error}") from error


def _put(connection: sqlite3.Connection, record: Record, raw: bytes) -> None:
    known = connection.execute(
        "SELECT source, retrieved FROM record WHERE arxiv_id = ? AND version = ?",
        (record.arxiv_id, record.version),
    ).fetchone()
    rank = (record.source != "datacite", _stamp(record.retrieved))
    if known is not None and (known[0] != "datacite", known[1]) > rank:
        return
    connection.execute(
        "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?)",
        (record.arxiv_id, record.version, record.source, record.source_url, _stamp(record.retrieved), raw),
    )


def _put_latest(connection: sqlite3.Connection, record: Record, asked: datetime) -> None:
    """Say which version is the latest; no older statement overrides a newer one, nor DataCite arXiv."""
    known = connection.execute(
        "SELECT l.version, l.asked, r.source FROM latest l JOIN record r USING (arxiv_id, version)"
        " WHERE l.arxiv_id = ?",
        (record.arxiv_id,),
    ).fetchone()
    if known is not None:
        if known[1] > _stamp(asked):
            return
        if known[2] != "datacite" and (record.source == "datacite" or (known[0] and not record.version)):
            return
    connection.execute(
        "INSERT OR REPLACE INTO latest VALUES (?, ?, ?)", (record.arxiv_id, record.version, _stamp(asked))
    )


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous = FULL")
        _verify(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; SQLite does not wait for other processes in this, so this does."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _verify(connection: sqlite3.Connection, path: Path) -> None:
    """See that the file is a whole cache of this version, and make a new one so."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > _SCHEMA_VERSION:
        raise StoreError(f"{path}: written by a newer version of kg; use that one, or another --cache")
    if version < _SCHEMA_VERSION:
        connection.execute("BEGIN IMMEDIATE")
        try:
            _create(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)
    for statement in (_PINNED, _LATEST):
        connection.execute(statement, ("",) * statement.count("?")).fetchone()


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process has just done so."""
    if connection.execute("PRAGMA user_version").fetchone() != (0,):
        return
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() != (0,):
        raise sqlite3.DatabaseError("a database, but not a cache of kg")
    for statement in filter(str.strip, _SCHEMA.split(";")):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    """Tell a broken file, or one that is no database, from one that is locked or forbidden, or a full disk."""
    if isinstance(error, sqlite3.OperationalError):
        return "no such" in str(error)
    return True


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _set_aside(path: Path, seen: tuple[int, int] | None, why: str) -> str:
    """Rename the file and its companions, unless another process has done so since it was `seen`."""
    if _identity(path) != seen:
        return ""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    names = (f"{path.name}.damaged-{stamp}" + (f"-{number}" if number else "") for number in itertools.count())
    aside = next(place for place in map(path.with_name, names) if not place.exists())
    try:
        path.rename(aside)
        for suffix in ("-wal", "-shm"):
            companion = path.with_name(path.name + suffix)
            if companion.exists():
                companion.rename(aside.with_name(aside.name + suffix))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"{path}: damaged ({why}) and cannot be renamed: {error.strerror}") from error
    return f"the cache {path} is damaged ({why}): set aside as {aside.name}"


def _stamp(time: datetime) -> str:
    """Give a time as it is stored: UTC, to the microsecond, so that text sorts as time does."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")
