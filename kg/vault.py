"""A vault: the files of a folder of notes, and how links between them resolve.

Links resolve as Obsidian documents them (Obsidian Help, Internal links and Settings, "New link format"): by path from
the root of the vault, by path relative to the note, by unique file name, else by the nearest file of that name; names
compare without case and in Unicode normal form C. Knows no RDF.
"""

import codecs
import os
import posixpath
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from kg.errors import Diagnostic, VaultError

if TYPE_CHECKING:  # patterns are compiled where there are some
    from pathspec import GitIgnoreSpec

__all__ = [
    "LinkIndex",
    "LinkStatus",
    "NoteFile",
    "Resolution",
    "Scan",
    "decode",
    "last_name",
    "meant",
    "name_key",
    "scan",
]

LinkStatus = Literal["resolved", "ambiguous", "missing", "attachment", "external"]
_SKIPPED_FOLDERS = frozenset({"node_modules"})
_Rule = tuple[str, "GitIgnoreSpec"]  # the folder that a `.gitignore` stands in, with its `/`, and what it says


class NoteFile(NamedTuple):
    """A note on disk: its path inside the vault (`/`-separated), size in bytes and mtime in nanoseconds."""

    path: str
    size: int
    mtime_ns: int


@dataclass(slots=True)
class Scan:
    """What a folder holds, each list sorted by path."""

    notes: list[NoteFile] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)


def scan(root: Path, exclude: Iterable[str] = ()) -> Scan:
    """List the notes and attachments of a vault.

    Hidden files and folders, `node_modules` and what `exclude` (patterns in `.gitignore` syntax, relative to the root)
    or the `.gitignore` files of the vault name are left out. A symbolic link is followed to a file of the vault only: a
    folder is read once, where it is (Obsidian Help, Symbolic links and junctions).

    Raises:
        VaultError: the folder does not exist or cannot be listed.

    """
    if not root.is_dir():
        raise VaultError(f"{root}: no such folder of notes; give the folder that holds your .md files")
    try:
        excluded = _patterns(exclude)
    except ValueError as error:
        raise VaultError(f"exclude: {error}; give patterns as in a .gitignore file") from error
    found = Scan()
    real_root = os.path.realpath(root)
    folders: list[tuple[str, list[_Rule]]] = [("", [])]
    while folders:
        folder, rules = folders.pop()
        entries = _list(root, folder, found)
        rules = [*rules, *_gitignore(entries, folder)]
        for entry in entries:
            if entry.name[0] == ".":
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            status = _look(entry, real_root, path, found)
            if status is None:
                continue
            is_folder = stat.S_ISDIR(status.st_mode)
            place = path + "/" if is_folder else path
            if (excluded is not None and excluded.match_file(place)) or (rules and _ignored(rules, place)):
                continue
            if not is_folder:
                _add(found, path, status)
            elif entry.name not in _SKIPPED_FOLDERS:
                folders.append((path, rules))
    found.notes.sort()
    found.attachments.sort()
    return found


def _list(root: Path, folder: str, found: Scan) -> list[os.DirEntry[str]]:
    """The entries of a folder by name; a folder below the root that cannot be listed is a finding."""
    try:
        with os.scandir(f"{root}/{folder}" if folder else root) as listing:
            return sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        if not folder:
            raise VaultError(f"{root}: {error.strerror or error}") from error
        found.diagnostics.append(Diagnostic(_legible(folder), 0, "folder-unreadable", error.strerror or str(error)))
        return []


def _add(found: Scan, path: str, status: os.stat_result) -> None:
    """Add a file; what is none, such as a pipe, is left out."""
    if not stat.S_ISREG(status.st_mode):
        return
    if path[-3:].lower() == ".md":
        found.notes.append(NoteFile(path, status.st_size, status.st_mtime_ns))
    else:
        found.attachments.append(path)


def _look(entry: os.DirEntry[str], real_root: str, path: str, found: Scan) -> os.stat_result | None:
    """The status of an entry, of a link that of what it leads to; None and a finding when it must not be read."""
    code = "unreadable"
    try:
        if not entry.is_symlink():
            return entry.stat(follow_symlinks=False)
        real = os.path.realpath(entry.path)
        if real != real_root and not real.startswith(real_root.rstrip(os.sep) + os.sep):
            code, why = "symlink-outside", "the link leads out of the vault and is not followed"
        elif f"{os.sep}." in real[len(real_root) :]:
            code, why = "symlink-skipped", "the link leads to something hidden and is not followed"
        elif entry.is_dir():
            code, why = "symlink-skipped", "the link leads to a folder of the vault, which is read in its own place"
        else:
            return entry.stat()
    except OSError as error:
        why = error.strerror or str(error)
    found.diagnostics.append(Diagnostic(_legible(path), 0, code, why))
    return None


def _patterns(lines: Iterable[str]) -> "GitIgnoreSpec | None":
    """Patterns in `.gitignore` syntax, None for none."""
    given = list(lines)
    if not given:
        return None
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - most vaults have no patterns

    return GitIgnoreSpec.from_lines(given)


def _gitignore(entries: Iterable[os.DirEntry[str]], folder: str) -> Iterator[_Rule]:
    """The rules of the `.gitignore` among the entries of a folder, if there is one."""
    for entry in entries:
        if entry.name == ".gitignore" and entry.is_file(follow_symlinks=False):
            with suppress(OSError):
                lines = Path(entry.path).read_text("utf-8-sig", "replace").split("\n")
                rules = _patterns(_valid(lines))
                if rules is not None:
                    yield (folder + "/" if folder else ""), rules


def _valid(patterns: Iterable[str]) -> Iterator[str]:
    """The patterns that can be read; git, too, passes over the others."""
    for pattern in patterns:
        try:
            _patterns([pattern])
        except ValueError:
            continue
        yield pattern


def _ignored(rules: list[_Rule], path: str) -> bool:
    """Whether a path is ignored: the innermost rule that says something about it decides."""
    for prefix, spec in reversed(rules):
        verdict = spec.check_file(path[len(prefix) :]).include
        if verdict is not None:
            return verdict
    return False


def _legible(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")


def decode(data: bytes) -> tuple[str, str]:
    """Decode a note: UTF-8 with or without a byte order mark, UTF-16 and UTF-32 with one.

    Each byte that is no UTF-8 is read as Windows-1252, the encoding of most old notes that are not UTF-8.

    Returns:
        The text, and the name of the encoding when it was not UTF-8, else "".

    """
    if data[:3] == codecs.BOM_UTF8:
        data = data[3:]
    if data[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
        return data.decode("utf-32", "replace"), "UTF-32"
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data.decode("utf-16", "replace"), "UTF-16"
    try:
        return data.decode(), ""
    except UnicodeDecodeError:
        return data.decode(errors="kg.windows-1252"), "Windows-1252"


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("kg.windows-1252", _as_windows)


def name_key(name: str) -> str:
    """What two names share when Obsidian takes them for the same: normal form C, without case, blanks folded."""
    name = " ".join(name.split())
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", name).casefold()


def last_name(target: str) -> str:
    """The last part of a path or link target, as names compare."""
    base = posixpath.basename(target.strip().rstrip("/"))
    return name_key(base[:-3] if base[-3:].lower() == ".md" else base)


def meant(target: str, source: str) -> str:
    """The path in the vault, or the bare name, that a link means, without `.md`; it starts with `../` outside."""
    name = " ".join(target.split())
    if _is_relative(name):
        name = posixpath.join(posixpath.dirname(source), name)
    if "/." in name or "//" in name or _is_relative(name):
        name = posixpath.normpath(name)
    name = name.strip("/")
    return name[:-3] if name[-3:].lower() == ".md" else name


class Resolution(NamedTuple):
    """Where a link leads: its status and the path it resolves to, None when there is no file."""

    status: LinkStatus
    path: str | None
    is_note: bool


_MISSING = Resolution("missing", None, False)


class LinkIndex:
    """Resolves the targets of links against the files and aliases of a vault."""

    def __init__(
        self,
        notes: Iterable[str],
        attachments: Iterable[str] = (),
        aliases: Mapping[str, Iterable[str]] | None = None,
    ) -> None:
        """Index a vault.

        Args:
            notes: paths of the notes, `.md` included.
            attachments: paths of all other files.
            aliases: for each path of a note its aliases.

        """
        self._paths: dict[str, list[str]] = {}
        self._names: dict[str, list[str]] = {}
        self._aliases: dict[str, list[str]] = {}
        self._notes = set(notes)
        for path in self._notes:
            self._add(path, name_key(path[:-3]))
        for path in attachments:
            self._add(path, name_key(path))
        for path, names in (aliases or {}).items():
            for name in names:
                self._aliases.setdefault(name_key(name.strip()), []).append(path)

    def _add(self, path: str, key: str) -> None:
        self._paths.setdefault(key, []).append(path)
        self._names.setdefault(key.rpartition("/")[2], []).append(path)

    def resolve(self, target: str, source: str) -> Resolution:
        """Resolve the path part of a link (decoded, without `#…`) that stands in the note `source`."""
        if not target:
            return Resolution("resolved", source, True)
        folder = posixpath.dirname(source)
        wanted = meant(target, source)
        if wanted.startswith("../") or not wanted:
            return _MISSING
        key = name_key(wanted)
        exact = self._paths.get(key)
        if exact:
            return self._pick(exact, source, wanted)
        if not _is_relative(target):
            beside = self._paths.get(f"{name_key(folder)}/{key}") if folder and not target.startswith("/") else None
            if beside:
                return self._pick(beside, source, wanted)
            named = self._names.get(key.rpartition("/")[2], ())
            if "/" in key:
                named = [path for path in named if _key(path).endswith("/" + key)]
            if named:
                return self._pick(named, source, wanted)
        aliased = self._aliases.get(name_key(target.strip()))
        return self._pick(aliased, source, wanted) if aliased else _MISSING

    def _pick(self, candidates: Iterable[str], source: str, wanted: str) -> Resolution:
        paths = list(dict.fromkeys(candidates))
        notes = [path for path in paths if path in self._notes]
        paths = notes or paths  # a note wins over an attachment of the same name
        if len(paths) > 1:
            same_case = [path for path in paths if path in (wanted, wanted + ".md")]
            ranked = sorted((_distance(path, source), path) for path in same_case or paths)
            clear = len(ranked) == 1 or ranked[0][0] < ranked[1][0]
            return Resolution(
                "resolved" if clear and notes else "attachment" if clear else "ambiguous",
                ranked[0][1],
                bool(notes),
            )
        return Resolution("resolved" if notes else "attachment", paths[0], bool(notes))


def _is_relative(target: str) -> bool:
    return target.lstrip().startswith(("./", "../"))


def _key(path: str) -> str:
    return name_key(path[:-3] if path[-3:].lower() == ".md" else path)


def _distance(path: str, source: str) -> tuple[int, int]:
    """How far a file is from a note: steps through folders, then depth below the root."""
    one, other = path.split("/")[:-1], source.split("/")[:-1]
    shared = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return len(one) + len(other) - 2 * shared, len(one)
