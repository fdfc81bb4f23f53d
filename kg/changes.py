"""How a vault differs from the one that the last graph was built from."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kg.vault import NoteFile, Scan

__all__ = ["Changes", "digest", "find_changes"]


def digest(data: bytes) -> bytes:
    """The hash by which the state knows the content of a file."""
    return hashlib.blake2b(data, digest_size=16).digest()


@dataclass(slots=True)
class Changes:
    """How a vault differs from what a state remembers.

    Attributes:
        edited, added: notes to map.
        deleted: paths of notes that are gone.
        touched: notes with another time or size field but the same content.
        attachments: paths of other files that came or went.
    """

    edited: list[NoteFile] = field(default_factory=list)
    added: list[NoteFile] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    touched: list[NoteFile] = field(default_factory=list)
    attachments: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.edited or self.added or self.deleted or self.attachments)

    def __len__(self) -> int:
        return len(self.edited) + len(self.added) + len(self.deleted)


def find_changes(
    root: Path, found: Scan, known: Mapping[str, tuple[int, int, bytes]], attachments: Iterable[str]
) -> Changes:
    """Compare a vault with what is known of it: size and time first, the content only where these differ.

    A time of -1 is one that cannot be relied on.
    """
    changes = Changes()
    for file in found.notes:
        was = known.get(file.path)
        if was is None:
            changes.added.append(file)
        elif was[0] != file.size or was[1] != file.mtime_ns or file.mtime_ns < 0:
            try:
                same = digest((root / file.path).read_bytes()) == was[2]
            except OSError:
                same = was[2] == b""
            (changes.touched if same else changes.edited).append(file)
    if len(found.notes) != len(known) + len(changes.added):
        changes.deleted = sorted(set(known).difference(file.path for file in found.notes))
    changes.attachments = sorted(set(attachments) ^ set(found.attachments))
    return changes
