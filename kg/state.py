"""What builds remember of the notes: one SQLite file a generation.

It lets the next build see at a glance which notes changed, and answers what only the whole vault knows: who links to a
name, what all notes say of a resource.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.changes import digest
from kg.errors import DamagedError, Diagnostic, StoreError
from kg.lexicon import Label, Lexicon, ModelFact
from kg.links import PendingLink, ResolvedLinks
from kg.metadata import Record, from_json, to_json
from kg.resource_mentions import Mention
from kg.vault import NoteFile, last_name, meant

if TYPE_CHECKING:  # a build that finds nothing changed maps nothing
    from kg.catalogue import Catalogue
    from kg.mapping import MappedNote

__all__ = ["SCHEMA_VERSION", "MentionRow", "NoteRow", "State", "legible", "note_rows", "sqlite_errors"]

SCHEMA_VERSION = "6"
_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE notes (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, digest BLOB NOT NULL, graph TEXT NOT NULL,
    quads INTEGER NOT NULL, entries INTEGER NOT NULL, aliases TEXT NOT NULL, links TEXT NOT NULL,
    headings TEXT NOT NULL, blocks TEXT NOT NULL, presented TEXT NOT NULL, statuses TEXT NOT NULL,
    resolved TEXT NOT NULL DEFAULT '{}', resolved_quads INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE findings (
    path TEXT NOT NULL, line INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL, resolved INTEGER NOT NULL
);
CREATE TABLE wanted (name TEXT NOT NULL, path TEXT NOT NULL, anchored INTEGER NOT NULL);
CREATE TABLE targets (path TEXT NOT NULL, node TEXT NOT NULL, name TEXT NOT NULL, written INTEGER NOT NULL);
CREATE TABLE records (
    resource TEXT PRIMARY KEY, classes TEXT NOT NULL, quads INTEGER NOT NULL, author TEXT NOT NULL,
    digest BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE metadata (
    resource TEXT PRIMARY KEY, record TEXT NOT NULL, quads INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE shared (line TEXT NOT NULL, resource TEXT NOT NULL, PRIMARY KEY (line, resource)) WITHOUT ROWID;
CREATE INDEX shared_resource ON shared (resource);
CREATE TABLE mentions (
    resource TEXT NOT NULL, path TEXT NOT NULL, line INTEGER NOT NULL, presented INTEGER NOT NULL,
    classes TEXT NOT NULL, suggests TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, year INTEGER NOT NULL,
    arxiv_id TEXT NOT NULL, doi TEXT NOT NULL, implied_doi TEXT NOT NULL, pmid TEXT NOT NULL, pmcid TEXT NOT NULL,
    topics TEXT NOT NULL
);
"""
_INDEXES = """
CREATE INDEX mentions_resource ON mentions (resource);
CREATE INDEX mentions_path ON mentions (path);
CREATE INDEX targets_node ON targets (node);
CREATE INDEX targets_path ON targets (path);
CREATE INDEX findings_path ON findings (path);
CREATE INDEX wanted_name ON wanted (name);
CREATE INDEX wanted_path ON wanted (path);
CREATE INDEX records_author ON records (author) WHERE author != '';
"""


MentionRow = tuple[object, ...]


class NoteRow(NamedTuple):
    """What is remembered of a mapped note, as it is stored.

    Attributes:
        values: the row of its own.
        entries, quads: how many it has.
        statuses: how many entries and links inside it fell into each bucket.
        findings: line, code and message of what is odd in it.
        wanted: the names of notes and files that it links to, and whether a link names a part of one.
    """

    values: tuple[object, ...]
    entries: int
    quads: int
    statuses: Mapping[str, int]
    findings: list[tuple[int, str, str]]
    wanted: list[tuple[str, bool]]


@contextmanager
def sqlite_errors() -> Iterator[None]:
    """Turn what SQLite raises into errors of this package.

    Raises:
        DamagedError: the file is no state file, or its pages are damaged.
        StoreError: the disk is full or fails.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"the state of the build cannot be written: {error}") from error
    except sqlite3.DatabaseError as error:
        raise DamagedError(f"the state of the last build is damaged ({error})") from error


class State:
    """An open state file."""

    def __init__(self, connection: sqlite3.Connection, *, new: bool = False) -> None:
        self.connection = connection
        self._added: Counter[str] = Counter()  # to the totals that are in the file; may be negative
        self._is_new = new  # so that nothing of a resource can be there before it is concluded

    @classmethod
    def create(cls, path: Path) -> "State":
        """Make a new state file; nothing is durable before `finish`."""
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
        )
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        return cls(connection, new=True)

    @classmethod
    def change(cls, path: Path) -> "State":
        """Open a copy of a state file for changes; nothing is durable before `finish`."""
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
        )
        connection.execute("BEGIN")
        return cls(connection)

    @classmethod
    def read(cls, path: Path) -> "State":
        """Open a state file for reading.

        Raises:
            DamagedError: it is missing or no state file.

        """
        try:
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
            connection.execute("SELECT count(*) FROM meta").fetchone()
        except sqlite3.Error as error:
            raise DamagedError(f"{path} is damaged ({error})") from error
        return cls(connection)

    def check_format(self) -> None:
        """See that this version of the program wrote the file.

        Raises:
            StoreError: another one did.
        """
        if self.meta("schema") != SCHEMA_VERSION:
            raise StoreError("the graph was built by another version of kg; run `kg build` again")

    def finish(self) -> None:
        """Write everything to the file."""
        if self._added:
            self.set_meta(totals=self.totals())
            self._added.clear()
        self.connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; what was not finished is lost."""
        self.connection.close()

    def index(self) -> None:
        """Index what was added, once it is all there."""
        for statement in filter(str.strip, _INDEXES.split(";")):
            self.connection.execute(statement)

    # -- meta -------------------------------------------------------------------------------------------------------

    def set_meta(self, **values: object) -> None:
        """Remember values by name, as JSON."""
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        self.connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def meta(self, key: str) -> object:
        """A remembered value, None when there is none."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    # -- vocabulary -------------------------------------------------------------------------------------------------

    def set_lexicon(self, lexicon: Lexicon) -> None:
        """Remember the vocabulary."""
        self.set_meta(lexicon=lexicon)

    @cached_property
    def lexicon(self) -> Lexicon:
        """The vocabulary that the notes were read with."""
        row = self.connection.execute("SELECT value FROM meta WHERE key = 'lexicon'").fetchone()
        return _lexicon(row[0]) if row else Lexicon()

    @cached_property
    def catalogue(self) -> "Catalogue":
        """The vocabulary, ready for questions."""
        from kg.catalogue import catalogue_of  # noqa: PLC0415

        return catalogue_of(self.lexicon)

    # -- notes ------------------------------------------------------------------------------------------------------

    def add(self, row: NoteRow, mentions: Iterable[MentionRow]) -> None:
        """Remember a mapped note and its mentions, as `note_rows` gives them."""
        path = row.values[0]
        self.connection.execute("INSERT INTO notes VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,'{}',0)", row.values)
        self._find(path, row.findings, resolved=False)
        self.connection.executemany(
            "INSERT INTO wanted VALUES (?,?,?)", ((name, path, part) for name, part in row.wanted)
        )
        self.connection.executemany("INSERT INTO mentions VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", mentions)
        for name, count in row.statuses.items():
            self._added[name] += count
        self._added["entries"] += row.entries
        self._added["quads"] += row.quads

    def _find(self, path: object, findings: Iterable[tuple[int, str, str]], *, resolved: bool) -> None:
        rows = ((path, *finding, resolved) for finding in findings)
        self.connection.executemany("INSERT INTO findings VALUES (?,?,?,?,?)", rows)

    def paths(self) -> list[str]:
        """The paths of all notes, sorted."""
        return [actual(path) for (path,) in self.connection.execute("SELECT path FROM notes ORDER BY path")]

    def aliases(self) -> dict[str, list[str]]:
        """The aliases of the notes that have some, by path."""
        rows = self.connection.execute("SELECT path, aliases FROM notes WHERE aliases != '[]' ORDER BY path")
        return {actual(path): json.loads(aliases) for path, aliases in rows}

    def anchors(self, path: str) -> tuple[frozenset[str], frozenset[str]]:
        """What links into a note may point to: heading keys and block ids."""
        row = self.connection.execute("SELECT headings, blocks FROM notes WHERE path = ?", (storable(path),)).fetchone()
        return (frozenset(json.loads(row[0])), frozenset(json.loads(row[1]))) if row else (frozenset(), frozenset())

    def wanting(self, names: Collection[str], parts: Collection[str]) -> set[str]:
        """The notes with a link to one of some names (see `last_name`), or to a part of one of some other names."""
        query = "SELECT path FROM wanted WHERE name = ?"
        rows = [row for name in names for row in self.connection.execute(query, (storable(name),))]
        rows += [row for name in parts for row in self.connection.execute(f"{query} AND anchored", (storable(name),))]
        return {actual(path) for (path,) in rows}

    def set_resolved(self, path: str, resolved: ResolvedLinks) -> None:
        """Remember what became of the links of a note; what became of them before is forgotten (`unlink`)."""
        stored = storable(path)
        update = "UPDATE notes SET resolved = ?, resolved_quads = ? WHERE path = ?"
        count = resolved.quads.count(" .\n")
        self.connection.execute(update, (json.dumps(resolved.statuses), count, stored))
        if resolved.diagnostics:
            self._find(stored, [(d.line, d.code, d.message) for d in resolved.diagnostics], resolved=True)
        rows = {(stored, node, name, 0) for node, name in resolved.unwritten}
        rows |= {(stored, node, storable(name), 1) for node, name in resolved.attachments}
        self.connection.executemany("INSERT INTO targets VALUES (?,?,?,?)", sorted(rows))
        for name, number in resolved.statuses.items():
            self._added[name] += number
        self._added["quads"] += count

    def targets(self, node: str | None = None) -> Iterator[tuple[str, str, bool]]:
        """IRI, name and whether it is a file, of each link target that is not a note; only one of them if given."""
        where = "" if node is None else " WHERE node = ?"
        query = f"SELECT node, min(name), written FROM targets{where} GROUP BY node ORDER BY node"  # noqa: S608
        for found, name, written in self.connection.execute(query, () if node is None else (node,)):
            yield found, actual(name) if written else name, bool(written)

    # -- changes ----------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, tuple[int, int, bytes]]:
        """Size, mtime and digest of each note as it was when it was mapped, by path."""
        rows = self.connection.execute("SELECT path, size, mtime_ns, digest FROM notes")
        return {actual(path): (size, mtime_ns, digest) for path, size, mtime_ns, digest in rows}

    def touch(self, file: NoteFile) -> None:
        """Remember that a file has another time but the same content."""
        update = "UPDATE notes SET size = ?, mtime_ns = ? WHERE path = ?"
        self.connection.execute(update, (file.size, file.mtime_ns, storable(file.path)))

    def note(self, path: str) -> tuple[str, list[PendingLink], list[str]]:
        """Graph, links inside the vault and presented resources of a note."""
        query = "SELECT graph, links, presented FROM notes WHERE path = ?"
        graph, links, presented = self.connection.execute(query, (storable(path),)).fetchone()
        return graph, [PendingLink(*link) for link in json.loads(links)], json.loads(presented)

    def names(self, path: str) -> tuple[list[str], str, str]:
        """Aliases, heading keys and block ids of a note, the latter two as they are stored."""
        query = "SELECT aliases, headings, blocks FROM notes WHERE path = ?"
        aliases, headings, blocks = self.connection.execute(query, (storable(path),)).fetchone()
        return json.loads(aliases), headings, blocks

    def said_by(self, path: str) -> dict[str, list[tuple[object, ...]]]:
        """What a note says of each resource, in order but without the lines, to compare with what it said before."""
        query = "SELECT * FROM mentions WHERE path = ? ORDER BY resource, line, title, author, rowid"
        said: dict[str, list[tuple[object, ...]]] = {}
        for resource, _path, _line, *rest in self.connection.execute(query, (storable(path),)):
            said.setdefault(resource, []).append(tuple(rest))
        return said

    def presenters(self, resource: str) -> set[str]:
        """The notes that present a resource."""
        query = "SELECT DISTINCT path FROM mentions WHERE resource = ? AND presented"
        return {actual(path) for (path,) in self.connection.execute(query, (resource,))}

    def targets_of(self, path: str) -> set[str]:
        """The link targets of a note that are no notes."""
        return {
            node for (node,) in self.connection.execute("SELECT node FROM targets WHERE path = ?", (storable(path),))
        }

    def unlink(self, path: str) -> None:
        """Forget what became of the links of a note."""
        stored = (storable(path),)
        query = "SELECT resolved, resolved_quads FROM notes WHERE path = ?"
        resolved, quads = self.connection.execute(query, stored).fetchone()
        self._added.subtract(json.loads(resolved))
        self._added["quads"] -= quads
        self.connection.execute("UPDATE notes SET resolved = '{}', resolved_quads = 0 WHERE path = ?", stored)
        self.connection.execute("DELETE FROM findings WHERE path = ? AND resolved", stored)
        self.connection.execute("DELETE FROM targets WHERE path = ?", stored)

    def remove(self, path: str) -> None:
        """Forget a note."""
        self.unlink(path)
        stored = (storable(path),)
        query = "SELECT statuses, entries, quads FROM notes WHERE path = ?"
        statuses, entries, quads = self.connection.execute(query, stored).fetchone()
        self._added.subtract(json.loads(statuses))
        self._added.subtract({"entries": entries, "quads": quads})
        for table in ("findings", "wanted", "mentions", "notes"):
            self.connection.execute(f"DELETE FROM {table} WHERE path = ?", stored)  # noqa: S608 - our own names

    # -- conclusions ------------------------------------------------------------------------------------------------

    def mentions(self) -> Iterator[list[Mention]]:
        """The mentions of each resource, by resource, path and line."""
        group: list[Mention] = []
        for row in self.connection.execute("SELECT * FROM mentions ORDER BY resource, path, line, rowid"):
            if group and group[0].resource != row[0]:
                yield group
                group = []
            group.append(_mention(row))
        if group:
            yield group

    def mentions_of(self, resource: str) -> list[Mention]:
        """The mentions of one resource."""
        query = "SELECT * FROM mentions WHERE resource = ? ORDER BY path, line, rowid"
        return [_mention(row) for row in self.connection.execute(query, (resource,))]

    def set_record(self, resource: str, classes: Iterable[str], quads: str, author: str = "") -> bool:
        """Remember the classes of a resource and the size and digest of its record; none when there are no quads.

        An author whom other records share is given by IRI; the two quads about such a one are not counted here.

        Returns:
            Whether the record is another one than before.
        """
        was = None
        if not self._is_new:
            query = "SELECT digest, classes, quads FROM records WHERE resource = ?"
            was = self.connection.execute(query, (resource,)).fetchone()
        now = digest(quads.encode()) if quads else b""
        if (was[0] if was else b"") == now:
            return False
        if was:
            self._sum(was[1], -was[2], -1)
        if quads:
            names, count = ",".join(classes), quads.count(" .\n") - (2 if author else 0)
            row = (resource, names, count, author, now)
            self.connection.execute("INSERT OR REPLACE INTO records VALUES (?,?,?,?,?)", row)
            self._sum(names, count, 1)
        else:
            self.connection.execute("DELETE FROM records WHERE resource = ?", (resource,))
        return True

    def _sum(self, classes: str, quads: int, records: int) -> None:
        """Add a record to the totals, or subtract one."""
        self._added["quads"] += quads
        for name in classes.split(","):
            self._added[f"class {name}"] += records

    def has_record(self, resource: str) -> bool:
        """Whether anything is concluded of a resource: a note mentions it."""
        found = self.connection.execute("SELECT 1 FROM records WHERE resource = ?", (resource,)).fetchone()
        return found is not None

    def papers(self, resources: Collection[str]) -> list[str]:
        """Those of some resources that are concluded to be papers, each once, in the order given."""
        query = "SELECT resource, classes FROM records WHERE resource IN (SELECT value FROM json_each(?))"
        rows = self.connection.execute(query, (json.dumps(resources),)) if resources else ()
        found = {resource for resource, classes in rows if "Paper" in classes.split(",")}
        return [resource for resource in dict.fromkeys(resources) if resource in found]

    # -- metadata ---------------------------------------------------------------------------------------------------

    @cached_property
    def _informed(self) -> bool:
        """Whether there is metadata of any resource."""
        return self.connection.execute("SELECT 1 FROM metadata LIMIT 1").fetchone() is not None

    def metadata(self, resource: str) -> Record | None:
        """What a source says of a resource, None when nobody was asked."""
        if not self._informed:
            return None
        row = self.connection.execute("SELECT record FROM metadata WHERE resource = ?", (resource,)).fetchone()
        return _record(row[0]) if row else None

    def arxiv_ids(self) -> list[str]:
        """The arXiv ids, without version, of all resources that have one, sorted."""
        rows = self.connection.execute("SELECT DISTINCT arxiv_id FROM mentions WHERE arxiv_id != '' ORDER BY 1")
        return [name for (name,) in rows]

    def all_metadata(self) -> dict[str, Record]:
        """What sources say of resources, whether or not a note mentions these; empty in a state of another format."""
        try:
            rows = self.connection.execute("SELECT resource, record FROM metadata ORDER BY resource").fetchall()
        except sqlite3.OperationalError:  # written before there was such a table
            return {}
        read = ((resource, _record(text)) for resource, text in rows)
        return {resource: record for resource, record in read if record is not None}

    def set_metadata(self, resource: str, record: Record) -> None:
        """Remember what a source says of a resource; it is in no graph yet."""
        self._informed = True
        row = (resource, to_json(record))
        self.connection.execute("INSERT OR REPLACE INTO metadata (resource, record) VALUES (?,?)", row)

    def remove_metadata(self, resource: str) -> None:
        """Forget what a source says of a resource that is in no graph of metadata."""
        self.connection.execute("DELETE FROM metadata WHERE resource = ?", (resource,))

    def papers_without_id(self) -> list[tuple[str, list[Mention]]]:
        """The papers that notes present and that have no arXiv id, with their mentions, by resource."""
        query = (
            "SELECT DISTINCT resource FROM mentions JOIN records USING (resource) WHERE presented AND arxiv_id = ''"
            " AND ',' || records.classes || ',' LIKE '%,Paper,%' ORDER BY resource"
        )
        return [(resource, self.mentions_of(resource)) for (resource,) in self.connection.execute(query)]

    def set_part(self, resource: str, quads: int, shared: Iterable[str]) -> None:
        """Remember how many lines of its own a resource has in the graph of metadata, and which it may share."""
        self.connection.execute("UPDATE metadata SET quads = ? WHERE resource = ?", (quads, resource))
        rows = ((line, resource) for line in shared)
        self.connection.executemany("INSERT OR IGNORE INTO shared VALUES (?,?)", rows)

    def remove_part(self, resource: str) -> list[str]:
        """Forget that a resource is in the graph of metadata; gives the lines that no other one shares."""
        alone = (
            "SELECT line FROM shared AS mine WHERE resource = ?1 AND NOT EXISTS"
            " (SELECT 1 FROM shared WHERE line = mine.line AND resource != ?1)"
        )
        lines = [line for (line,) in self.connection.execute(alone, (resource,))]
        self.connection.execute("DELETE FROM shared WHERE resource = ?", (resource,))
        self.connection.execute("UPDATE metadata SET quads = 0 WHERE resource = ?", (resource,))
        return lines

    def is_told(self, resource: str) -> bool:
        """Whether the graph of metadata has a part about a resource."""
        query = "SELECT 1 FROM metadata WHERE resource = ? AND quads"
        return self.connection.execute(query, (resource,)).fetchone() is not None

    def to_tell(self) -> list[str]:
        """The resources that have metadata and are mentioned, sorted."""
        query = "SELECT resource FROM metadata JOIN records USING (resource) ORDER BY resource"
        return [resource for (resource,) in self.connection.execute(query)]

    def diagnostics(self) -> list[Diagnostic]:
        """All findings about the notes, by path and line."""
        rows = self.connection.execute("SELECT path, line, code, message FROM findings")
        return [Diagnostic(*found) for found in sorted({(legible(actual(path)), *found) for path, *found in rows})]

    def totals(self) -> Counter[str]:
        """How many `entries` and `quads` there are, entries and links in each bucket, and resources of each class.

        The quads are those of notes and records; see `quads`.

        Raises:
            DamagedError: more went than was there.
        """
        saved = self.meta("totals")
        total = Counter(saved if isinstance(saved, dict) else {})
        total.update(self._added)
        if any(count < 0 for count in total.values()):
            raise DamagedError("the numbers of the last build do not add up")
        return +total

    def quads(self) -> int:
        """How many quads there are in the graphs of notes, resources and metadata."""
        one = self.connection.execute
        (authors,) = one("SELECT count(DISTINCT author) FROM records WHERE author != ''").fetchone()
        (told,) = one("SELECT coalesce(sum(quads), 0) FROM metadata").fetchone()
        (shared,) = one("SELECT count(DISTINCT line) FROM shared").fetchone()
        (targets,) = one("SELECT count(DISTINCT node) FROM targets").fetchone()
        return int(self.totals()["quads"] + 2 * authors + told + shared + 2 * targets)

    def sizes(self) -> tuple[int, int]:
        """How many notes there are, and how many that others link to and that are not written."""
        (notes,) = self.connection.execute("SELECT count(*) FROM notes").fetchone()
        (unwritten,) = self.connection.execute("SELECT count(DISTINCT node) FROM targets WHERE NOT written").fetchone()
        return notes, unwritten


def note_rows(file: NoteFile, content: bytes, note: "MappedNote") -> tuple[NoteRow, list[MentionRow]]:
    """The rows of a mapped note, given the digest of its content: its own and those of its mentions."""
    values = (
        storable(file.path), file.size, file.mtime_ns, content, note.graph, note.count, note.entries,
        _listed(note.aliases), _listed(note.links), _listed(note.headings), _listed(note.blocks),
        _listed(note.presented), json.dumps(note.statuses),
    )  # fmt: skip
    wanted = {
        (storable(last_name(target)), bool(link.heading or link.block))
        for link in note.links
        for target in (link.target, meant(link.target, file.path))
    }
    findings = [(d.line, d.code, d.message) for d in note.diagnostics]
    mentions: list[MentionRow] = [
        (m[0], storable(m.path), m.line, m.presented, ",".join(m.classes), *m[5:-1], " ".join(m.topics))
        for m in note.mentions
    ]
    return NoteRow(values, note.entries, note.count, note.statuses, findings, sorted(wanted)), mentions


def _listed(values: list[Any]) -> str:
    """A list as JSON; most are empty."""
    return json.dumps(values) if values else "[]"


@lru_cache(maxsize=1)
def _lexicon(saved: str) -> Lexicon:
    facts, models = json.loads(saved)
    labels = tuple(
        Label(words, thing, kind, exact, needs_context, tuple(related))
        for words, thing, kind, exact, needs_context, related in facts
    )
    return Lexicon(labels, tuple(ModelFact(model, year, tuple(works)) for model, year, works in models))


def _record(text: str) -> Record | None:
    """Read a record; None when another version of the program wrote it in another way."""
    try:
        return from_json(text)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _mention(row: tuple[object, ...]) -> Mention:
    resource, path, line, presented, classes, *rest, topics = row
    names = tuple(str(classes).split(",")) if classes else ()
    return Mention(resource, actual(str(path)), line, bool(presented), names, *rest, tuple(str(topics).split()))  # type: ignore[arg-type, call-arg]


def storable(path: str) -> str:
    """A path as SQLite can keep it: bytes of a file name that are no UTF-8 are escaped by a NUL and their value."""
    if path.isascii():
        return path
    return "".join(f"\0{ord(c) - 0xDC00:02x}" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in path)


def actual(path: str) -> str:
    """The inverse of `storable`."""
    if "\0" not in path:
        return path
    first, *rest = path.split("\0")
    return first + "".join(chr(0xDC00 + int(part[:2], 16)) + part[2:] for part in rest)


def legible(path: str) -> str:
    """A path as it can be shown."""
    return path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
