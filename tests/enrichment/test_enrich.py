"""`kg enrich` from the command line to the graph: counts, provenance, what builds keep, what is replaced."""

import contextlib
import json
import os
import pty
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kg.build import build
from kg.enrich import Options, enrich, put, recall
from kg.enrichment.cache import parse_age
from kg.generations import Directory
from kg.metadata import Author, Record
from kg.store import Rows, open_store
from tests.enrichment.papers import FOUND, PAPERS, UNKNOWN, WITHDRAWN, snapshot_line
from tests.enrichment.server import Fault, Server
from tests.random_vault import PAPERS as RANDOM_PAPERS
from tests.random_vault import graph, random_edit, write
from tests.running import Run

IDS = [*FOUND[:5], *WITHDRAWN]
FIRST = IDS[0]


def note(ids: list[str]) -> str:
    """Give a note that presents papers under titles of its own."""
    return "".join(f"- #PAPER [Working title {n} (Someone 2001)](https://arxiv.org/abs/{n})\n" for n in ids)


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """Give a small vault: seven papers that the server knows, one that it does not, and one in two notes."""
    folder = tmp_path / "vault"
    write(folder, "Papers.md", note([*IDS, UNKNOWN]))
    write(folder, "More.md", f"See [this](https://arxiv.org/pdf/{FIRST}v1), too.\n")
    return folder


@pytest.fixture
def store(vault: Path, tmp_path: Path) -> Path:
    """Give a store that was built from the vault."""
    build(vault, tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture
def options(server: Server, tmp_path: Path) -> Options:
    """Give options that ask the local server, without pauses."""
    return Options(cache=tmp_path / "cache" / "arxiv.sqlite", api_url=server.api_url, delay=0.0)


def ask(store: Path, query: str) -> list[tuple[str, ...]]:
    """Answer a SELECT with the values of its rows."""
    with open_store(store) as opened:
        rows = opened.query(query)
        assert isinstance(rows, Rows)
        return sorted(tuple(term.value if term else "" for term in row) for row in rows)


def of_paper(store: Path, name: str, path: str) -> list[str]:
    """Give the values that a property path leads to from a paper."""
    return [value for (value,) in ask(store, f"SELECT DISTINCT ?x {{ <https://arxiv.org/abs/{name}> {path} ?x }}")]


# -- the command --


def test_the_command_says_how_each_search_ended(run: Run, vault: Path, server: Server, tmp_path: Path) -> None:
    """The summary counts found, withdrawn, missing and failed papers with the reasons; the next run asks nobody."""
    assert run("build", vault, "--store", "store").code == 0
    where = ("--cache", tmp_path / "c.sqlite", "--api-url", server.api_url)
    command = ("enrich", "--store", "store", *where, "--delay", 0)
    first = run(*command)
    assert (first.code, first.out) == (0, "")
    assert first.err.splitlines() == [
        "8 ids: 5 found, 2 withdrawn, 1 missing, 0 failed; 0 from the cache, 2 requests",
        f"missing (1): arXiv does not know it: {UNKNOWN}",
        "7 papers of the graph have new metadata",
    ]
    again = run(*command, "--json")
    assert again.code == 0
    summary = json.loads(again.out)
    assert {name: summary[name] for name in ("papers", "cached", "requests", "changed")} == {
        "papers": 8,
        "cached": 8,
        "requests": 0,
        "changed": 0,
    }
    assert len(server.seen) == 2


def test_what_failed_is_an_exit_code(run: Run, vault: Path, server: Server) -> None:
    """Nobody to be asked is 2 with one line, an id that fails alone is 1; what was found is in the graph anyway."""
    run("build", vault)
    where = ("--cache", "c.sqlite", "--delay", 0)
    refused = run("enrich", *where, "--api-url", f"{server.url}/nowhere")
    assert refused.code == 2
    assert refused.err.splitlines()[-1].startswith("kg: arXiv was given up: HTTP 404")
    assert run("enrich", *where, "--api-url", "ftp://example.org").code == 2
    server.faults.append(Fault("malformed_id", when=FIRST, always=True))
    alone = run("enrich", *where, "--api-url", server.api_url)
    assert alone.code == 1
    assert f"failed (1): arXiv reports: incorrect id format for {FIRST}: {FIRST}" in alone.err
    assert of_paper(Path(".kg"), IDS[1], "dcterms:abstract")


def test_offline_asks_nobody(run: Run, vault: Path, server: Server) -> None:
    """`--offline` makes no request, says what is not known, and is no error."""
    run("build", vault)
    result = run("enrich", "--offline", "--cache", "c.sqlite", "--api-url", server.api_url)
    assert result.code == 0
    assert "8 ids: 0 found, 0 withdrawn, 0 missing, 8 failed; 0 from the cache, 0 requests" in result.err
    assert server.seen == []


@pytest.mark.usefixtures("vault")
def test_the_settings_stand_in_kg_toml(run: Run, server: Server, tmp_path: Path) -> None:
    """Address, cache, pace, contact and fallback come from `kg.toml`; the User-Agent carries the contact."""
    tmp_path.joinpath("kg.toml").write_text(
        f'notes = "vault"\n[enrich]\ncontact = "me@example.org"\napi_url = "{server.api_url}"\n'
        f'cache = "c.sqlite"\ndelay = 0\nfallback = "datacite"\nfallback_url = "{server.doi_url}"\n',
        "utf-8",
    )
    server.faults.append(Fault("malformed_id", when=FIRST, where="/api", always=True))
    assert run("build").code == 0
    assert run("enrich").code == 0
    assert tmp_path.joinpath("c.sqlite").exists()
    assert {seen.headers["User-Agent"].partition(" ")[2] for seen in server.seen} == {"(mailto:me@example.org)"}
    sources = ask(Path(".kg"), "SELECT ?p ?who { ?m foaf:primaryTopic ?p ; prov:wasAttributedTo/foaf:name ?who }")
    assert [paper for paper, who in sources if who == "DataCite"] == [f"https://arxiv.org/abs/{FIRST}"]
    for wrong in ("delay = -1", "contact = 3", "nothing = 1", 'authors = "all"'):
        tmp_path.joinpath("kg.toml").write_text(f"[enrich]\n{wrong}\n", "utf-8")
        result = run("enrich")
        assert (result.code, result.err.count("\n")) == (2, 1)


def test_a_killed_run_loses_nothing(vault: Path, store: Path, server: Server, tmp_path: Path) -> None:
    """Killed or interrupted while it waits for the last answer, `kg enrich` has kept all the others."""
    many = [f"2601.{number:05}" for number in range(1, 240)]
    server.faults.append(Fault("silence", value=60, when=many[-1], always=True))
    write(vault, "Many.md", note(many))
    build(vault, store)
    cache = tmp_path / "c.sqlite"
    command = [sys.executable, "-m", "kg", "enrich", "--store", str(store), "--cache", str(cache), "--delay", "0"]
    for end, code in ((signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)):
        running = subprocess.Popen([*command, "--api-url", server.api_url], stderr=subprocess.PIPE, text=True)
        while not any(many[-1] in asked.ids for asked in server.seen):
            assert running.poll() is None
            time.sleep(0.05)
        time.sleep(1)  # it has sent the question and waits
        running.send_signal(end)
        _, said = running.communicate(timeout=20)
        assert running.returncode == code
        asked = {name for seen in server.seen for name in seen.ids if many[-1] not in seen.ids}
        left = {name for seen in server.seen for name in seen.ids if many[-1] in seen.ids}
        server.seen.clear()
        if end == signal.SIGKILL:
            assert len(asked - left) == 200
        else:
            assert asked - left == {UNKNOWN} - left
    assert said == "kg: interrupted; all that was fetched is kept, the next run asks for the rest\n"
    server.faults.clear()
    rest = enrich(store, Options(cache=cache, api_url=server.api_url, delay=0.0))
    assert (rest.found + rest.withdrawn, rest.missing, rest.failed) == (246, 1, 0)
    assert {name for seen in server.seen for name in seen.ids} <= left | {UNKNOWN}


def test_a_terminal_sees_how_long_it_takes(store: Path, server: Server, tmp_path: Path) -> None:
    """On a terminal a bar says how many papers are done and, once an answer has come, how long the rest takes."""
    server.pause = 0.7
    primary, secondary = pty.openpty()
    where = ["--store", str(store), "--cache", str(tmp_path / "c.sqlite"), "--api-url", server.api_url, "--delay", "0"]
    running = subprocess.Popen([sys.executable, "-m", "kg", "enrich", *where], stderr=secondary)
    os.close(secondary)
    said = b""
    with contextlib.suppress(OSError):  # how a terminal says that nobody writes to it any more
        while chunk := os.read(primary, 4096):
            said += chunk
    os.close(primary)
    assert running.wait() == 0
    assert re.search(rb"asking arXiv.*7/8.*about [01] s left", said, re.DOTALL)


# -- the graph --


def test_the_record_is_arxivs(store: Path, options: Options) -> None:
    """Title, year and the full name of the first author are arXiv's; what the note said stays on its entry."""
    assert enrich(store, options).changed == 7
    paper = PAPERS[FIRST]
    assert of_paper(store, FIRST, "dcterms:title") == [paper["title"]]
    assert of_paper(store, FIRST, "fm:year") == [paper["published"][:4]]
    assert of_paper(store, FIRST, "fm:firstAuthor/foaf:name") == [paper["authors"][0]]
    assert of_paper(store, FIRST, "^fm:presents/fm:statedAuthor") == ["Someone"]
    assert of_paper(store, UNKNOWN, "dcterms:title") == [f"Working title {UNKNOWN}"]


def test_arxivs_statements_are_in_a_graph_of_their_own(store: Path, options: Options) -> None:
    """Authors in order, dates, versions, categories, publication and links are in the graph of arXiv's statements."""
    enrich(store, options)
    name = next(n for n in IDS if PAPERS[n]["doi"] and len(PAPERS[n]["categories"]) > 1)
    paper = PAPERS[name]
    page = f"https://arxiv.org/abs/{name}"
    lines = graph(store)["https://kg.example/graph/arxiv"]
    about = {line.split(" ", 2)[1]: line for line in lines if line.startswith(f"<{page}> ")}
    assert {iri.strip("<>").replace("#", "/").rpartition("/")[2] for iri in about} >= {
        *("title", "abstract", "issued", "modified", "creator", "authorList", "subject", "hasFormat", "hasVersion"),
        *("publishedAs", "doi", "hasArXivId", "latestVersion", "primaryCategory"),
    }
    listed = ask(store, f"SELECT ?name (COUNT(?x) AS ?n) {{ <{page}> bibo:authorList/rdf:rest* ?c . ?c rdf:first ?a . "
                        "?a foaf:name ?name . ?x rdf:rest* ?c } GROUP BY ?name")  # fmt: skip
    assert [author for author, _ in sorted(listed, key=lambda row: int(row[1]))] == paper["authors"]
    assert sorted(of_paper(store, name, "dcterms:creator/foaf:name")) == sorted(paper["authors"])
    assert sorted(of_paper(store, name, "dcterms:subject/skos:notation")) == sorted(paper["categories"])
    assert of_paper(store, name, "fm:primaryCategory/skos:notation") == [paper["categories"][0]]
    assert of_paper(store, name, "dcterms:issued") == [f"{paper['published']}T09:00:00Z"]
    assert of_paper(store, name, "fm:publishedAs/prism:doi") == [paper["doi"].lower()]
    assert of_paper(store, name, "prism:doi") == []
    assert of_paper(store, name, "fm:doi") == [f"10.48550/arxiv.{name}"]
    assert of_paper(store, name, "fm:latestVersion") == [str(paper["version"])]
    assert f"{page}v{paper['version']}" in of_paper(store, name, "^dcterms:isVersionOf")
    assert of_paper(store, WITHDRAWN[0], "schema:creativeWorkStatus") == ["withdrawn"]


def test_provenance_says_where_from_and_since_when(store: Path, options: Options, server: Server) -> None:
    """Each paper's statements have a source with its address, and the time of the answer, not of the build."""
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    enrich(store, options)
    query = f"""SELECT ?source ?time ?who {{ ?m a prov:Entity ; foaf:primaryTopic <https://arxiv.org/abs/{FIRST}> ;
        prov:hadPrimarySource ?source ; prov:generatedAtTime ?time ; prov:wasAttributedTo/foaf:name ?who }}"""
    ((source, moment, who),) = ask(store, query)
    assert (source, who) == (f"{server.api_url}?id_list={FIRST}", "arXiv")
    assert before <= moment <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def test_a_link_to_a_version_refers_to_it(store: Path) -> None:
    """A note that links `v1` of a paper refers to that version, which is one of the paper."""
    rows = ask(store, "SELECT ?v ?p { ?link dcterms:references ?v . ?v dcterms:isVersionOf ?p . ?link fm:refersTo ?p }")
    assert rows == [(f"https://arxiv.org/abs/{FIRST}v1", f"https://arxiv.org/abs/{FIRST}")]


def test_authors_of_one_name_are_one_unless_asked(store: Path, options: Options) -> None:
    """Equal full names on two papers are one author by default, two with `per-paper`, and one again when asked."""
    ids = [f"2601.{number:05}" for number in (1, 2)]
    write(store.parent / "vault", "Same.md", note(ids))
    build(store.parent / "vault", store)

    def authors() -> list[set[str]]:
        return [set(of_paper(store, name, "dcterms:creator")) for name in ids]

    enrich(store, options)
    shared = graph(store)
    assert authors()[0] == authors()[1]
    enrich(store, replace(options, authors="per-paper"))
    assert not authors()[0] & authors()[1]
    assert all(of_paper(store, name, "fm:firstAuthor/foaf:name") for name in ids)
    enrich(store, options)
    assert not authors()[0] & authors()[1]  # stays as it was asked for
    enrich(store, replace(options, authors="shared"))
    assert graph(store) == shared


def test_a_new_answer_replaces_all_of_the_old_one(
    store: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a paper has changed on arXiv, nothing of the old answer is left, nor its authors; all else stays."""
    enrich(store, options)
    kept = {name: lines for name, lines in graph(store).items() if "graph/" not in name}
    changed: dict[str, Any] = {**PAPERS[FIRST], "title": "Another title", "authors": ["Ada New", "Bob New"], "doi": ""}
    monkeypatch.setitem(PAPERS, FIRST, changed)
    again = replace(options, refresh=parse_age("0d"))
    assert enrich(store, again).changed == 7  # all were retrieved anew
    assert of_paper(store, FIRST, "dcterms:title") == ["Another title"]
    assert sorted(of_paper(store, FIRST, "dcterms:creator/foaf:name")) == ["Ada New", "Bob New"]
    unnamed = "SELECT ?a { ?a a fm:Author FILTER NOT EXISTS { ?p dcterms:creator|fm:firstAuthor ?a } }"
    assert ask(store, unnamed) == []
    assert {name: lines for name, lines in graph(store).items() if "graph/" not in name} == kept


def test_builds_keep_the_metadata(vault: Path, store: Path, options: Options) -> None:
    """Whatever is edited, a build comes to the graph that a build from nothing with the same metadata comes to."""
    enrich(store, options)
    edits = [
        ("Papers.md", note([*IDS[2:], "2601.00001"])),
        ("New.md", note(IDS[:3])),
        ("Papers.md", "nothing"),
        ("New.md", "nothing"),
        ("Again.md", note(IDS)),
    ]
    for path, text in edits:
        write(vault, path, text)
        again = build(vault, store)
        assert again.notice == ""
        warm = graph(store)
        assert sum(map(len, warm.values())) == again.quads
        (live,) = store.glob("gen-*")
        with sqlite3.connect(live / "state.sqlite") as state:
            state.execute("UPDATE meta SET value = '\"0.0.0\"' WHERE key = 'version'")
        state.close()
        cold = build(vault, store)
        assert "another version" in cold.notice
        assert graph(store) == warm
        assert cold.quads == again.quads
    assert set(of_paper(store, FIRST, "dcterms:title")) == {PAPERS[FIRST]["title"]}


@pytest.mark.parametrize("seed", range(2))
def test_random_edits_with_metadata(tmp_path: Path, seed: int) -> None:
    """After any edits the graph is that of a build from nothing that was enriched afterwards, and counted rightly."""
    chance = random.Random(seed)
    vault = tmp_path / "vault"
    vault.mkdir()
    names = ["Ada One", "Bob Two", "Cy Three"]
    records = {
        f"https://arxiv.org/abs/{name}": Record(
            arxiv_id=name,
            version=number,
            title=f"Title {number}",
            authors=tuple(Author(each, ("Lab",) * (number % 2)) for each in chance.choices(names, k=3)),
            published=datetime(2019, 1, number, tzinfo=UTC),
            categories=("cs.LG",),
            doi="10.1000/182",
            source="arxiv-api",
            source_url="https://export.arxiv.org/api/query",
            retrieved=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for number, name in enumerate(RANDOM_PAPERS, 1)
    }
    random_edit(vault, chance)
    build(vault, tmp_path / "store")
    for step in range(4):
        some = dict(list(records.items())[: step + 1])
        put(Directory(tmp_path / "store"), some, "")
        for _ in range(2):
            random_edit(vault, chance)
        again = build(vault, tmp_path / "store")
        put(Directory(tmp_path / "store"), some, "")
        build(vault, tmp_path / f"cold{step}")
        put(Directory(tmp_path / f"cold{step}"), some, "")
        warm = graph(tmp_path / "store")
        assert graph(tmp_path / f"cold{step}") == warm
        assert build(vault, tmp_path / "store").quads == sum(map(len, warm.values())) >= again.quads


def test_a_damaged_store_gets_its_metadata_from_the_cache(
    run: Run, vault: Path, store: Path, options: Options, server: Server
) -> None:
    """When the last graph is damaged, the build takes what was fetched from the cache, and asks nobody."""
    enrich(store, options)
    before, seen = graph(store), len(server.seen)
    (live,) = store.glob("gen-*")
    (live / "state.sqlite").write_bytes(b"no database")
    Path("kg.toml").write_text(f'[enrich]\ncache = "{options.cache}"\n', "utf-8")
    assert "building from nothing" in run("build", vault, "--store", store).err
    assert graph(store) == before
    assert len(server.seen) == seen


def test_a_new_store_has_no_metadata_until_asked(vault: Path, store: Path, options: Options, tmp_path: Path) -> None:
    """A build of a new store depends on the notes alone, whatever the cache knows."""
    enrich(store, options)
    build(vault, tmp_path / "other", recall=recall(options.cache))
    assert "https://kg.example/graph/arxiv" not in graph(tmp_path / "other")


def test_a_snapshot_serves_as_well(run: Run, vault: Path, tmp_path: Path, server: Server) -> None:
    """`--snapshot` fills cache and graph from a file; the next run asks for what the file does not have."""
    file = tmp_path / "snapshot.jsonl"
    file.write_bytes(b"".join(map(snapshot_line, [*IDS[:4], "2601.00009"])) + b"nonsense\n")
    run("build", vault)
    first = run("enrich", "--snapshot", file, "--cache", "c.sqlite", "--api-url", server.api_url)
    assert first.code == 0
    assert first.err.splitlines()[0] == f"{file}: 4 of 8 papers in 6 lines, 1 of them malformed"
    assert server.seen == []
    assert of_paper(Path(".kg"), FIRST, "dcterms:license") == ["http://creativecommons.org/licenses/by/4.0/"]
    run("enrich", "--cache", "c.sqlite", "--api-url", server.api_url, "--delay", 0)
    assert {name for seen in server.seen for name in seen.ids} == {*IDS[4:], UNKNOWN}
    assert run("enrich", "--snapshot", "absent.json", "--cache", "c.sqlite").code == 2


def test_enriching_waits_for_no_graph(run: Run) -> None:
    """Without a graph there is nothing to complete, which is said in one line."""
    result = run("enrich")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "no graph here" in result.err


@pytest.mark.parametrize("command", ["enrich", "check"])
def test_a_graph_of_another_version_is_built_anew_first(run: Run, vault: Path, command: str) -> None:
    """A graph that another version built is not touched; one line says what to do."""
    run("build", vault)
    (live,) = Path(".kg").glob("gen-*")
    with sqlite3.connect(live / "state.sqlite") as state:
        state.execute("UPDATE meta SET value = '\"0\"' WHERE key = 'schema'")
    state.close()
    result = run(command)
    assert (result.code, result.out) == (2, "")
    assert result.err == "kg: the graph was built by another version of kg; run `kg build` again\n"


# -- what notes and arXiv disagree about --


def test_check_lists_disagreements(run: Run, tmp_path: Path, server: Server) -> None:
    """`kg check` prints each finding with place, both values and the likelier one, and exits with 1; else with 0."""
    paper = PAPERS[FIRST]
    surname, year = paper["authors"][0].split()[-1], int(paper["published"][:4])
    url = f"https://arxiv.org/abs/{FIRST}"
    write(tmp_path / "vault", "Right.md", f"- #PAPER [{paper['title']} ({surname} {year})]({url})\n")
    run("build", "vault")
    enriched = ("enrich", "--cache", "c.sqlite", "--api-url", server.api_url, "--delay", 0)
    run(*enriched)
    assert (run("check").code, run("check").out) == (0, "")
    write(tmp_path / "vault", "Year.md", f"- #PAPER [{paper['title']} ({surname} {year - 3})]({url})\n")
    write(tmp_path / "vault", "Else.md", f"\n- #PAPER [Coding theory of knots in bread (Nobody {year})]({url})\n")
    run("build", "vault")
    result = run("check")
    assert result.code == 1
    assert [line.split(" ")[:2] for line in result.out.splitlines()] == [
        ["Else.md:2:", "arxiv-other-paper"],
        ["Year.md:1:", "arxiv-other-year"],
    ]
    assert f"the note has the year {year - 3}, arXiv {year}" in result.out
    listed = json.loads(run("check", "--json", "--code", "arxiv-other-year").out)
    assert [(each["path"], each["line"]) for each in listed] == [("Year.md", 1)]
    rows = run("query", "disagreements-with-arxiv", "--format", "csv").out
    assert f"Year.md:1,year,{year - 3}" in rows
