"""Bulk files of arXiv's metadata, searched for some papers at the speed at which the disk gives them.

JSON lines (arXiv's public snapshot) and OAI-PMH XML, plain or as `.gz`, `.zst` or `.zip`. The bytes of the id
are looked at before anything is parsed, and only one paper is in memory at a time.
"""

import gzip
import importlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from kg.enrichment.ids import normalize_id
from kg.enrichment.jsonlines import LineError, parse_line
from kg.enrichment.oai import MAX_BYTES, OaiError, parse_record
from kg.enrichment.records import Record
from kg.errors import UsageError

__all__ = ["Snapshot"]

_BUFFER = 1 << 18
_LONGEST_LINE = 1 << 22  # papers of three thousand authors take a tenth of it
_PROGRESS_EVERY = 1 << 16  # lines or records
_RECORD_START = re.compile(rb"<((?:[\w.-]+:)?)record[\s>]")
_RECORD_END = re.compile(rb"</(?:[\w.-]+:)?record\s*>")


class Snapshot:
    """A bulk file as an iterable of the wanted papers in it, each with the bytes that `read_raw` reads.

    Attributes:
        path: the file.
        read: lines or `<record>` elements so far.
        malformed: how many of them were skipped because they are no papers, or cut off.
        found: how many were wanted, and given.
    """

    def __init__(
        self,
        path: Path,
        wanted: Iterable[str],
        *,
        retrieved: datetime,
        progress: Callable[[int, int], None] = lambda _done, _size: None,
    ) -> None:
        """Prepare to read; nothing is opened yet.

        Args:
            path: the file; its name does not matter, its first bytes do.
            wanted: arXiv ids; versions are disregarded, for such a file knows the latest only.
            retrieved: when the file was made, as far as is known, UTC; goes into the records.
            progress: told now and then how many bytes of the file were read, and its size.

        Raises:
            ValueError: one of the ids is none.
        """
        self.path = path
        self.read = self.malformed = self.found = 0
        self._wanted = frozenset(normalize_id(text).base.encode() for text in wanted)
        self._retrieved = retrieved
        self._progress = progress

    def __iter__(self) -> Iterator[tuple[Record, bytes]]:
        """Give the wanted papers in the order of the file.

        Raises:
            UsageError: the file cannot be read, is damaged, or needs a package that is not installed.
        """
        self.read = self.malformed = self.found = 0
        try:
            with self.path.open("rb", buffering=0) as file:
                size = self.path.stat().st_size
                for stream in _members(file, self.path):
                    yield from self._papers(stream, lambda: self._progress(file.tell(), size))
                self._progress(size, size)
        except OSError as error:
            raise UsageError(f"{self.path}: {error.strerror or error}") from error
        except (EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
            raise UsageError(f"{self.path}: damaged or cut off: {error}") from error

    def _papers(self, stream: BinaryIO, tick: Callable[[], None]) -> Iterator[tuple[Record, bytes]]:
        buffered = io.BufferedReader(cast("io.RawIOBase", stream), _BUFFER)
        try:
            start = buffered.peek(64)[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
            reader = cast("BinaryIO", buffered)
            yield from self._from_xml(reader, tick) if start.startswith(b"<") else self._from_lines(reader, tick)
        finally:
            buffered.detach()  # whoever opened the stream closes it

    def _from_lines(self, reader: BinaryIO, tick: Callable[[], None]) -> Iterator[tuple[Record, bytes]]:
        wanted = self._wanted
        for line in iter(partial(reader.readline, _LONGEST_LINE), b""):
            self.read += 1
            if not self.read % _PROGRESS_EVERY:
                tick()
            if line.startswith(b'{"id":') and line.endswith(b"}\n"):
                begin = line.find(b'"', 6) + 1
                if line[begin : line.find(b'"', begin)] not in wanted:
                    continue
            elif not self._worth_parsing(reader, line):
                continue
            try:
                record = parse_line(line, source_url=self._source_url, retrieved=self._retrieved)
            except LineError:
                self.malformed += 1
                continue
            if record.arxiv_id.encode() in wanted:
                self.found += 1
                yield record, line.strip()

    def _worth_parsing(self, reader: BinaryIO, line: bytes) -> bool:
        """Decide about a line that looks different: the last one, another order of fields, or rubbish."""
        if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
            while (more := reader.readline(_BUFFER)) and not more.endswith(b"\n"):
                pass
            self.malformed += 1
            return False
        if not line.strip(b" \t\r\n\xef\xbb\xbf"):
            self.read -= 1
            return False
        return True

    def _from_xml(self, reader: BinaryIO, tick: Callable[[], None]) -> Iterator[tuple[Record, bytes]]:
        for raw in _records(reader):
            self.read += 1
            if not self.read % _PROGRESS_EVERY:
                tick()
            identifier = _oai_identifier(raw)
            if identifier and identifier not in self._wanted:
                continue
            try:
                record = parse_record(raw, source_url=self._source_url, retrieved=self._retrieved)
            except OaiError:
                self.malformed += b"deleted" not in raw[:400]
                continue
            if record.arxiv_id.encode() in self._wanted:
                self.found += 1
                yield record, raw

    @property
    def _source_url(self) -> str:
        return self.path.absolute().as_uri()


def _oai_identifier(raw: bytes) -> bytes:
    """Give the id in the header of a `<record>`, empty when it is not where it should be."""
    start = raw.find(b"oai:arXiv.org:", 0, 2000)
    if start < 0:
        return b""
    start += len(b"oai:arXiv.org:")
    return raw[start : raw.find(b"<", start)].strip()


def _records(reader: BinaryIO) -> Iterator[bytes]:
    """Cut XML at its `<record>` elements, prefixed or not, without parsing it."""
    tail = b""
    while chunk := reader.read(_BUFFER):
        *pieces, tail = _RECORD_END.split(tail + chunk)
        for piece in pieces:
            if opening := _RECORD_START.search(piece):
                yield piece[opening.start() :] + b"</" + opening[1] + b"record>"
        if len(tail) > MAX_BYTES:
            yield tail[:100]  # no record is as long: let it be counted as malformed
            tail = tail[-100:]
    if opening := _RECORD_START.search(tail):
        yield tail[opening.start() :]


def _members(file: io.FileIO, path: Path) -> Iterator[BinaryIO]:
    """Give the plain contents of the file: one, or those of each member of a zip archive."""
    head = file.read(4)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        yield cast("BinaryIO", gzip.GzipFile(fileobj=file))
    elif head == b"\x28\xb5\x2f\xfd":
        with _Zstandard(file, path) as stream:
            yield cast("BinaryIO", stream)
    elif head == b"PK\x03\x04":
        with zipfile.ZipFile(file) as archive:
            for member in archive.infolist():
                if not member.is_dir():
                    with archive.open(member) as stream:
                        yield cast("BinaryIO", stream)
    else:
        yield file


class _Zstandard(io.RawIOBase):
    """Zstandard data, decompressed with the standard library (Python 3.14) or whichever package there is."""

    def __init__(self, file: io.FileIO, path: Path) -> None:
        module, name = _zstandard_module(path)
        self._failure: type[Exception] = module.ZstdError
        # Without `read_across_frames`, only the first frame of a file written in several is read, silently.
        self._stream: Any = (
            module.ZstdDecompressor().stream_reader(file, read_across_frames=True, closefd=False)
            if name == "zstandard"
            else module.open(file, "rb")
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - whatever can be written to
        try:
            count: int = self._stream.readinto(buffer)
        except self._failure as error:
            raise EOFError(str(error)) from error
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def _zstandard_module(path: Path) -> tuple[Any, str]:
    for name in ("compression.zstd", "backports.zstd", "zstandard"):
        try:
            return importlib.import_module(name), name
        except ModuleNotFoundError:
            continue
    raise UsageError(f"{path}: to read .zst files, install zstandard (or backports.zstd), or unpack the file first")
