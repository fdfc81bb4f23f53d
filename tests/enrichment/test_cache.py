"""What was fetched is kept."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kg.enrichment.atom import Entry, parse_feed
from kg.enrichment.cache import BARE_LIFETIME, FALLBACK_LIFETIME, MISSING_LIFETIME, Cache, default_path, parse_age
from kg.enrichment.datacite import parse_doi
from kg.enrichment.jsonlines import parse_line
from kg.enrichment.records import Record
from kg.errors import StoreError, UsageError
from tests.enrichment.papers import doi_answer, entry, feed, snapshot_line

NAME = "1312.6114"
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def fetched(version: int = 2, when: datetime = NOW, name: str = NAME) -> tuple[Record, bytes]:
    """Give a record as arXiv's API gives it."""
    (found,) = parse_feed(feed([entry(name, version)]).encode(), source_url="http://x/", retrieved=when).entries
    assert isinstance(found, Entry)
    return found.record, found.raw


def of_datacite(when: datetime = NOW) -> tuple[Record, bytes]:
    """Give the same paper as DataCite gives it."""
    raw = doi_answer(NAME)
    return parse_doi(raw, source_url="http://y/", retrieved=when), raw


def of_snapshot(when: datetime = NOW) -> tuple[Record, bytes]:
    """Give the same paper as the snapshot gives it."""
    raw = snapshot_line(NAME)
    return parse_line(raw, source_url="file:///x", retrieved=when), raw


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a place for a cache, its folder not yet made."""
    return tmp_path / "somewhere" / "arxiv.sqlite"


@pytest.fixture
def cache(path: Path) -> Iterator[Cache]:
    """Give an empty cache."""
    with Cache(path) as opened:
        yield opened


def test_a_record_comes_back_as_it_was(cache: Cache, path: Path) -> None:
    """What is kept is read again from its bytes, by another process of another day."""
    record, raw = fetched()
    cache.keep([(record, raw)], latest=[NAME])
    with Cache(path) as again:
        assert again.get(NAME) == again.get(f"{NAME}v2") == record
        assert again.get(f"{NAME}v1") is None
        assert again.get("2401.00001") is None
        assert again.notice == ""


def test_a_second_run_asks_nothing(cache: Cache) -> None:
    """What is known, and what is known to be missing, is not asked for; ids are one however they are written."""
    cache.keep([fetched()], latest=[NAME], missing=[("0704.9999", "unknown")], asked=NOW)
    plan = cache.plan([NAME, f"arXiv:{NAME}", f"{NAME}v2", "0704.9999", "abc", "2401.00001"], now=NOW + DAY)
    assert list(plan.have) == [NAME, f"{NAME}v2"]
    assert plan.missing == {"0704.9999": "unknown"}
    assert plan.malformed == {"abc": "'abc' is not an arXiv id"}
    assert plan.ask == ["2401.00001"]


def test_an_id_without_version_has_a_lifetime(cache: Cache) -> None:
    """After its lifetime the latest version is asked for again, and the old record is at hand should that fail."""
    record, raw = fetched()
    cache.keep([(record, raw)], latest=[NAME], asked=NOW)
    assert cache.plan([NAME], now=NOW + BARE_LIFETIME - DAY).ask == []
    plan = cache.plan([NAME], now=NOW + BARE_LIFETIME)
    assert (plan.ask, plan.stale) == ([NAME], {NAME: record})


def test_a_pinned_version_never_changes(cache: Cache) -> None:
    """A version that is known is never asked for again, not even by refreshing."""
    cache.keep([fetched()])
    assert cache.plan([f"{NAME}v2"], now=NOW + 9999 * DAY, refresh=timedelta(0)).ask == []


def test_a_pinned_version_does_not_tell_the_latest(cache: Cache) -> None:
    """Knowing version 1 is not knowing the paper."""
    cache.keep([fetched(1)])
    assert cache.plan([NAME], now=NOW).ask == [NAME]
    assert cache.get(NAME) is None


def test_refreshing_asks_for_what_is_older(cache: Cache) -> None:
    """`--refresh 30d` asks for what was last asked for thirty days ago or more."""
    cache.keep([fetched(when=NOW)], latest=[NAME], asked=NOW)
    assert cache.plan([NAME], now=NOW + 29 * DAY, refresh=30 * DAY).ask == []
    assert cache.plan([NAME], now=NOW + 30 * DAY, refresh=30 * DAY).ask == [NAME]
    assert cache.plan([NAME], now=NOW + 200 * DAY, refresh=300 * DAY).ask == []


def test_being_asked_again_starts_the_lifetime_anew(cache: Cache) -> None:
    """When arXiv gives the same version again, it is the latest as of now."""
    cache.keep([fetched()], latest=[NAME], asked=NOW)
    later = NOW + BARE_LIFETIME
    cache.keep([fetched(when=later)], latest=[NAME], asked=later)
    assert cache.plan([NAME], now=later + DAY).ask == []


def test_missing_ids_are_asked_for_again_later(cache: Cache) -> None:
    """What arXiv does not know is asked for after a week, or earlier when the user says so."""
    cache.keep(missing=[("0704.9999", "unknown")], asked=NOW)
    assert cache.plan(["0704.9999"], now=NOW + MISSING_LIFETIME - DAY).ask == []
    assert cache.plan(["0704.9999"], now=NOW + MISSING_LIFETIME).ask == ["0704.9999"]
    assert cache.plan(["0704.9999"], now=NOW + DAY, refresh=DAY).ask == ["0704.9999"]


def test_a_missing_id_that_appears_is_missing_no_more(cache: Cache) -> None:
    """Finding a paper forgets that it was missing."""
    cache.keep(missing=[(NAME, "unknown")], asked=NOW)
    cache.keep([fetched()], latest=[NAME], asked=NOW)
    assert list(cache.plan([NAME], now=NOW).have) == [NAME]


def test_offline_nobody_is_asked_for_what_is_old(cache: Cache) -> None:
    """Offline, old records are used, old misses believed, and what is unknown is listed."""
    cache.keep([fetched()], latest=[NAME], missing=[("0704.9999", "unknown")], asked=NOW)
    plan = cache.plan([NAME, "0704.9999", "2401.00001"], now=NOW + 9999 * DAY, offline=True, refresh=DAY)
    assert list(plan.have) == [NAME]
    assert list(plan.missing) == ["0704.9999"]
    assert plan.ask == ["2401.00001"]


def test_the_latest_version_is_the_highest_of_an_answer(cache: Cache) -> None:
    """When an answer has two versions of a paper, the latest is the higher."""
    cache.keep([fetched(2), fetched(1)], latest=[NAME])
    latest = cache.get(NAME)
    assert latest is not None
    assert latest.version == 2


def test_an_old_statement_never_overrides_a_newer_one(cache: Cache) -> None:
    """A snapshot of last year does not replace what was fetched today."""
    cache.keep([fetched(when=NOW)], latest=[NAME], asked=NOW)
    cache.keep([of_snapshot(NOW - 300 * DAY)], latest=[NAME])
    known = cache.get(NAME)
    assert known is not None
    assert known.source == "arxiv-api"
    assert cache.plan([NAME], now=NOW + DAY).ask == []
    cache.keep([of_snapshot(NOW + DAY)], latest=[NAME])
    known = cache.get(NAME)
    assert known is not None
    assert known.source == "arxiv-snapshot"


def test_datacite_never_replaces_arxiv(cache: Cache) -> None:
    """A record of the fallback stands in where there is none, for a shorter time, and gives way to arXiv's."""
    cache.keep([of_datacite()], latest=[NAME], asked=NOW)
    known = cache.get(NAME)
    assert known is not None
    assert known.source == "datacite"
    assert cache.plan([NAME, f"{NAME}v2"], now=NOW + FALLBACK_LIFETIME).ask == [NAME, f"{NAME}v2"]
    cache.keep([fetched(when=NOW - DAY)], latest=[NAME], asked=NOW + DAY)
    cache.keep([of_datacite(NOW + 2 * DAY)], latest=[NAME], asked=NOW + 2 * DAY)
    known = cache.get(NAME)
    assert known is not None
    assert known.source == "arxiv-api"


def test_a_source_without_versions_does_not_hide_one(cache: Cache) -> None:
    """OAI-PMH without a version is kept beside what says which version is the latest."""
    cache.keep([fetched()], latest=[NAME], asked=NOW)
    raw = f'["{NAME}", {{"title": ["T"]}}]'.encode()
    cache.keep([(parse_line(raw, source_url="file:///x", retrieved=NOW + DAY), raw)], latest=[NAME])
    known = cache.get(NAME)
    assert known is not None
    assert known.version == 2


def test_bytes_that_no_reader_knows_are_asked_for_again(cache: Cache, path: Path) -> None:
    """A row that cannot be read is as good as none."""
    cache.keep([fetched()], latest=[NAME])
    with sqlite3.connect(path) as other:
        other.execute("UPDATE record SET raw = x'00'")
    other.close()
    assert cache.plan([NAME], now=NOW).ask == [NAME]


@pytest.mark.parametrize("rubbish", [b"this is no database " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_cache_is_set_aside(path: Path, rubbish: bytes) -> None:
    """A file that is no database is renamed, not deleted, and a new one begun."""
    path.parent.mkdir()
    path.write_bytes(rubbish)
    with Cache(path) as cache:
        assert "is damaged" in cache.notice
        cache.keep([fetched()], latest=[NAME])
        assert cache.get(NAME) is not None
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == rubbish
    assert aside.name in cache.notice


def test_a_cache_with_a_torn_page_is_set_aside(cache: Cache, path: Path) -> None:
    """Damage in the middle of the file is noticed when it is opened."""
    for number in range(1, 60):
        cache.keep([fetched(1, name=f"2601.{number:05d}")])
    cache.close()
    data = bytearray(path.read_bytes())
    data[8192:12288] = b"\x55" * 4096
    path.write_bytes(data)
    with Cache(path) as opened:
        assert "is damaged" in opened.notice
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_another_database_is_set_aside(path: Path) -> None:
    """A database of another program is not written into."""
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE precious (x)")
    other.commit()
    other.close()
    with Cache(path) as cache:
        assert "not a cache of kg" in cache.notice


def test_two_caches_set_aside_in_one_second_are_both_kept(path: Path) -> None:
    """Nothing that was set aside is overwritten."""
    path.parent.mkdir()
    for _ in range(3):
        path.write_bytes(b"rubbish" * 1000)
        Cache(path).close()
    assert len([found for found in path.parent.glob("*.damaged-*") if found.read_bytes().startswith(b"rubbish")]) == 3


def test_a_cache_of_a_newer_version_is_left_alone(cache: Cache, path: Path) -> None:
    """What a newer program wrote is neither read nor set aside."""
    cache.close()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    with pytest.raises(StoreError, match="newer version"):
        Cache(path)
    assert list(path.parent.glob("*.damaged-*")) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A folder in the place of the file, and a file in the place of the folder, are one sentence each."""
    with pytest.raises(StoreError, match="unable to open"):
        Cache(tmp_path)
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(StoreError, match="cannot be made"):
        Cache(tmp_path / "file" / "arxiv.sqlite")


def test_an_answer_is_kept_whole_or_not_at_all(cache: Cache) -> None:
    """When keeping fails in the middle, nothing of the answer is there."""
    with pytest.raises(KeyError):
        cache.keep([fetched()], latest=[NAME, "2401.00001"])
    assert cache.get(NAME) is None
    cache.keep([fetched()], latest=[NAME])
    assert cache.get(NAME) is not None


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from kg.enrichment.cache import Cache
from kg.enrichment.jsonlines import parse_line
now = datetime(2026, 1, 10, tzinfo=UTC)
with Cache(Path(sys.argv[1])) as cache:
    for number in range(int(sys.argv[2]), 200, 2):
        raw = b'{"id": "2601.%05d", "title": "T", "versions": [{"version": "v1"}]}' % (number + 1)
        cache.keep([(parse_line(raw, source_url="", retrieved=now), raw)], latest=["2601.%05d" % (number + 1)])
    print(cache.notice)
"""


def test_two_processes_share_a_cache(path: Path) -> None:
    """Two processes that begin and fill a cache at the same time lose nothing."""
    command = [sys.executable, "-c", WRITER, str(path)]
    running = [subprocess.Popen([*command, start], stdout=subprocess.PIPE, text=True) for start in "01"]
    assert [process.communicate(timeout=30)[0].strip() for process in running] == ["", ""]
    assert [process.returncode for process in running] == [0, 0]
    with Cache(path) as cache:
        plan = cache.plan([f"2601.{number + 1:05d}" for number in range(200)], now=NOW)
    assert len(plan.have) == 200


def test_who_begins_a_cache_waits_for_who_does_so_too(path: Path) -> None:
    """While another process makes the file, SQLite refuses the change to a write-ahead log at once."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.3, other.execute, ["COMMIT"])
        done.start()
        with Cache(path) as cache:
            assert not cache.notice
        done.join()


def test_the_default_place_is_the_users_cache() -> None:
    """All vaults of a user share one file in the place that the system has for such."""
    assert default_path().name == "arxiv.sqlite"
    assert default_path().is_absolute()
    assert "fm-kg" in default_path().parts


@pytest.mark.parametrize(
    ("text", "age"), [("30d", 30 * DAY), ("12h", DAY / 2), (" 2W ", 14 * DAY), ("7", 7 * DAY), ("0d", 0 * DAY)]
)
def test_ages_are_read(text: str, age: timedelta) -> None:
    """Hours, days and weeks; a bare number counts days."""
    assert parse_age(text) == age


@pytest.mark.parametrize("text", ["", "d", "-1d", "30 m", "3d4h", "1e3d", "٣d"])
def test_what_is_no_age_is_a_usage_error(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(UsageError, match="is no age"):
        parse_age(text)


def test_what_needs_no_network_loads_none() -> None:
    """Cache and snapshot are quick to import: no HTTP library comes with them."""
    code = "import sys, kg.enrichment.cache, kg.enrichment.snapshot; print('requests' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
