"""Bulk files, searched."""

import gzip
import importlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kg.enrichment.raw import read_raw
from kg.enrichment.snapshot import Snapshot
from kg.errors import UsageError
from tests.enrichment.papers import FOUND, PAPERS, snapshot_line
from tests.enrichment.test_bulk import ARXIV, DC, RAW

WHEN = datetime(2026, 1, 10, tzinfo=UTC)
LINES = b"".join(snapshot_line(name) for name in PAPERS)
OAI = b'<?xml version="1.0"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>\n%s\n</ListRecords></OAI-PMH>'


def zstd(data: bytes) -> bytes:
    """Compress into several frames, as parallel compressors do."""
    zstandard = pytest.importorskip("zstandard")
    half = len(data) // 2
    compress = zstandard.ZstdCompressor().compress
    joined: bytes = compress(data[:half]) + compress(data[half:])
    return joined


def zipped(data: bytes) -> bytes:
    """Put into an archive, beside an empty folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        archive.writestr("arxiv-metadata-oai-snapshot.json", data)
    return buffer.getvalue()


def search(path: Path, data: bytes, wanted: list[str]) -> tuple[Snapshot, list[str]]:
    """Write a file, search it, and see that every record is read again from its bytes."""
    path.write_bytes(data)
    snapshot = Snapshot(path, wanted, retrieved=WHEN)
    found = []
    for record, raw in snapshot:
        again = read_raw(raw, source=record.source, source_url=record.source_url, retrieved=record.retrieved)
        assert again == record
        found.append(record.arxiv_id)
    assert snapshot.found == len(found)
    return snapshot, found


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstd, zipped])
def test_wanted_papers_are_found_however_the_file_is_packed(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """Plain, gzip, Zstandard of several frames and zip give the same papers, in the order of the file."""
    wanted = [FOUND[7], FOUND[2], "2612.00001"]
    snapshot, found = search(tmp_path / "file", pack(LINES), wanted)
    assert found == [FOUND[2], FOUND[7]]
    assert (snapshot.read, snapshot.malformed) == (len(PAPERS), 0)


def test_an_id_with_a_version_is_searched_without(tmp_path: Path) -> None:
    """A bulk file knows the latest version only."""
    assert search(tmp_path / "file", LINES, [f"{FOUND[0]}v1"])[1] == [FOUND[0]]


def test_malformed_lines_are_counted_and_skipped(tmp_path: Path) -> None:
    """Lines that are cut off, empty objects or no JSON do not stop the search; blank lines do not count."""
    wanted = snapshot_line(FOUND[3])
    data = b"".join(
        [
            b"\n",
            wanted[: len(wanted) // 2] + b"\n",
            b"not json at all\n",
            b'{"id":"' + FOUND[4].encode() + b'"}\n',
            b"  \r\n",
            snapshot_line(FOUND[1]),
            wanted,
        ]
    )
    snapshot, found = search(tmp_path / "file", data, FOUND)
    assert found == [FOUND[1], FOUND[3]]
    assert (snapshot.read, snapshot.malformed) == (5, 3)


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line.rstrip(b"\n"),
        lambda line: line.replace(b"\n", b"\r\n"),
        lambda line: b"\xef\xbb\xbf" + line,
        lambda line: b'{"submitter": "x", ' + line[1:],
        lambda line: line.replace(b'{"id": "', b'{"id":"', 1),
    ],
)
def test_lines_may_be_written_differently(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """No last line break, Windows line breaks, a byte order mark, another order of fields, no blanks: all fine."""
    line = change(snapshot_line(FOUND[0]))
    if line.startswith(b"\xef\xbb\xbf"):
        line = line.removeprefix(b"\xef\xbb\xbf")  # json.loads refuses the mark in the middle of nothing
    snapshot, found = search(tmp_path / "file", line, [FOUND[0]])
    assert found == [FOUND[0]]
    assert snapshot.malformed == 0


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_oai_pmh_is_searched_too(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """Records of all three formats are cut out of XML by their identifiers; deleted ones are not malformed."""
    deleted = b'<record><header status="deleted"><identifier>oai:arXiv.org:0704.0002</identifier></header></record>'
    broken = RAW.replace(b"<title>", b"<titel>")
    data = OAI % b"\n".join([RAW, deleted, ARXIV, DC, broken])
    snapshot, found = search(tmp_path / "file", pack(data), ["2401.00003", "hep-th/9901001", "0704.0002"])
    assert found == ["2401.00003", "hep-th/9901001"]
    assert (snapshot.read, snapshot.malformed) == (5, 1)


def test_records_are_found_across_the_pieces_in_which_a_file_is_read(tmp_path: Path) -> None:
    """Wherever the reader happens to cut, no record is lost."""
    unwanted = ARXIV.replace(b"0704.1000", b"0704.1001").replace(b"Words.", b"Words. " * 3000)
    data = OAI % b"\n".join([*([unwanted] * 40), RAW, *([unwanted] * 40), DC])
    snapshot, found = search(tmp_path / "file", data, ["2401.00003", "hep-th/9901001"])
    assert found == ["2401.00003", "hep-th/9901001"]
    assert (snapshot.read, snapshot.malformed) == (82, 0)


def test_a_record_that_is_cut_off_is_counted(tmp_path: Path) -> None:
    """A file that ends in the middle of a record gives those before."""
    snapshot, found = search(tmp_path / "file", (OAI % (RAW + DC))[:-200], ["2401.00003", "hep-th/9901001"])
    assert found == ["2401.00003"]
    assert (snapshot.read, snapshot.malformed) == (2, 1)


def test_memory_does_not_grow_with_lines_or_files(tmp_path: Path) -> None:
    """Forty megabytes of papers, and forty of a single line, are read in a few megabytes."""
    lines = LINES * (40_000_000 // len(LINES))
    for data, limit in ((lines, 4_000_000), (b"x" * 40_000_000 + b"\n" + LINES, 16_000_000)):
        path = tmp_path / "file"
        path.write_bytes(data)
        snapshot = Snapshot(path, ["2612.00001"], retrieved=WHEN)
        tracemalloc.start()
        assert list(snapshot) == []
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < limit
    assert snapshot.malformed == 1


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    """Whoever watches sees the bytes of the file go by, up to the last."""
    path = tmp_path / "file"
    path.write_bytes(LINES * 3000)
    seen: list[tuple[int, int]] = []
    snapshot = Snapshot(path, FOUND[:1], retrieved=WHEN, progress=lambda done, size: seen.append((done, size)))
    assert sum(1 for _ in snapshot) == 3000
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) == 2
    assert seen[-1] == (len(LINES) * 3000, len(LINES) * 3000)


@pytest.mark.parametrize("pack", [gzip.compress, zipped])
def test_a_damaged_archive_is_a_usage_error(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    """An archive that is cut off ends with a sentence that names the file."""
    path = tmp_path / "broken"
    path.write_bytes(pack(LINES)[:-300])
    with pytest.raises(UsageError, match="broken: damaged or cut off"):
        list(Snapshot(path, FOUND, retrieved=WHEN))


def test_damaged_zstandard_is_a_usage_error(tmp_path: Path) -> None:
    """So is compressed data with a flipped byte."""
    data = bytearray(zstd(LINES))
    data[20] ^= 0xFF
    path = tmp_path / "broken"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="broken: damaged or cut off"):
        list(Snapshot(path, FOUND, retrieved=WHEN))


def test_zstandard_without_a_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can read `.zst`, the message names the package."""

    def refuse(name: str) -> object:
        raise ModuleNotFoundError(name)

    path = tmp_path / "file.zst"
    path.write_bytes(zstd(LINES))
    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(UsageError, match="install zstandard"):
        list(Snapshot(path, FOUND, retrieved=WHEN))


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    """A wrong path is told in one sentence."""
    with pytest.raises(UsageError, match="No such file"):
        list(Snapshot(tmp_path / "nothing", FOUND, retrieved=WHEN))
