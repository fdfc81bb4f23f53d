"""How fast a bulk file of arXiv's metadata is searched, beside what the machine needs to read it at all.

    python benchmarks/snapshot.py [GIGABYTES]

Writes a file in the format of arXiv's public snapshot (1 GB by default, removed at the end), searches it for a
thousand papers, plain and compressed, and does the same with OAI-PMH XML. The file is in the page cache: what is
measured is the reader, not the disk.
"""

import gzip
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kg.enrichment.snapshot import Snapshot

PAPERS_A_MONTH = 20_000


def identifiers(count: int) -> list[str]:
    """Give as many identifiers of consecutive papers from 2015 on."""
    months = (f"{year:02d}{month:02d}" for year in range(15, 100) for month in range(1, 13))
    return [f"{month}.{number:05d}" for month in months for number in range(1, PAPERS_A_MONTH + 1)][:count]


def line(name: str, chance: random.Random) -> bytes:
    """Give a line of the size that lines of the snapshot have, 1.6 kB on average."""
    words = ["representation", "of", "learning", "a", "model", "that", "we", "show", "$\\alpha$", "results", "on"]
    abstract = " ".join(chance.choices(words, k=chance.randrange(60, 240)))
    authors = [[f"Last{chance.randrange(9999)}", f"First{n}", ""] for n in range(chance.randrange(1, 9))]
    paper = {
        "id": name,
        "submitter": "Somebody",
        "authors": ", ".join(f"{first} {last}" for last, first, _ in authors),
        "title": " ".join(chance.choices(words, k=9)),
        "comments": "12 pages, 3 figures",
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": "cs.LG stat.ML",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": abstract,
        "versions": [{"version": "v1", "created": "Thu, 22 Dec 2022 17:01:56 GMT"}],
        "update_date": "2022-12-23",
        "authors_parsed": authors,
    }
    return json.dumps(paper).encode() + b"\n"


def record(name: str) -> bytes:
    """Give a record of OAI-PMH in the format `arXiv`."""
    return (
        f"<record><header><identifier>oai:arXiv.org:{name}</identifier><datestamp>2024-01-01</datestamp></header>"
        f'<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{name}</id><created>2022-12-22</created>'
        "<authors><author><keyname>Last</keyname><forenames>First</forenames></author></authors><title>Title</title>"
        f"<categories>cs.LG</categories><abstract>{'words of an abstract ' * 50}</abstract></arXiv></metadata></record>"
    ).encode()


def write(path: Path, size: int, make: Callable[[str], bytes], head: bytes = b"", tail: bytes = b"") -> list[str]:
    """Write a file of about `size` bytes, and give the identifiers in it."""
    names = []
    with path.open("wb", buffering=1 << 20) as file:
        written = file.write(head)
        for name in identifiers(size // 1000):
            written += file.write(make(name))
            names.append(name)
            if written >= size:
                break
        file.write(tail)
    return names


def seconds(action: Callable[[], object]) -> float:
    """Give the better time of two runs."""
    times = []
    for _ in range(2):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> None:
    """Measure, and print."""
    size = int(float(sys.argv[1]) * 1e9) if len(sys.argv) > 1 else 1_000_000_000
    chance = random.Random(1)  # noqa: S311 - the same file every time
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "snapshot.json"
        names = write(plain, size, lambda name: line(name, chance))
        megabytes = plain.stat().st_size / 1e6
        wanted = chance.sample(names, 1000)
        print(f"{megabytes:.0f} MB, {len(names):,} lines, {len(wanted)} of them wanted")

        def search(path: Path) -> None:
            snapshot = Snapshot(path, wanted, retrieved=datetime.now(UTC))
            found = sum(1 for _ in snapshot)
            if found != len(wanted) or snapshot.malformed:
                raise SystemExit(f"found {found} of {len(wanted)}, {snapshot.malformed} malformed")

        with (Path(folder) / "copy").open("wb") as copy:
            cat = seconds(lambda: (copy.seek(0), subprocess.run(["cat", plain], stdout=copy, check=True)))
        (Path(folder) / "copy").unlink()
        count = seconds(lambda: subprocess.run(["wc", "-l", plain], stdout=subprocess.DEVNULL, check=True))
        for name, taken in (("cat", cat), ("wc -l", count)):
            print(f"{name:>22}: {megabytes / taken:6.0f} MB/s")
        taken = seconds(lambda: search(plain))
        print(f"{'plain':>22}: {megabytes / taken:6.0f} MB/s, {taken / cat:.1f} × cat, {taken / count:.1f} × wc -l")

        packed = Path(folder) / "snapshot.json.gz"
        with plain.open("rb") as source, gzip.open(packed, "wb", compresslevel=1) as target:
            shutil.copyfileobj(source, target, 1 << 20)
        taken = seconds(lambda: search(packed))
        print(f"{'gzip, of plain bytes':>22}: {megabytes / taken:6.0f} MB/s")
        packed.unlink()
        plain.unlink()

        xml = Path(folder) / "oai.xml"
        names = write(
            xml, size // 2, record, b'<?xml version="1.0"?><OAI-PMH><ListRecords>', b"</ListRecords></OAI-PMH>"
        )
        wanted = chance.sample(names, 1000)
        taken = seconds(lambda: search(xml))
        print(f"{'OAI-PMH XML':>22}: {xml.stat().st_size / 1e6 / taken:6.0f} MB/s")


if __name__ == "__main__":
    main()
