"""Papers without an arXiv id are found by title only beyond doubt, and what a person decides wins."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.enrichment.client import ArxivClient
from kg.enrichment.likeness import likeness, title_words
from kg.enrichment.search import Decision, Decisions, Verdict, Wanted, judge
from kg.enrichment.transport import DoubtfulError, Manners
from kg.errors import ConfigError
from kg.metadata import Author, Record
from kg.store import open_store
from tests.enrichment.papers import FOUND, PAPERS
from tests.enrichment.server import Fault, Server
from tests.random_vault import graph, write
from tests.running import Run

RECORD = Record(
    arxiv_id="1706.03762",
    version=7,
    title="Attention Is All You Need",
    authors=(Author("Ashish Vaswani"), Author("Noam Shazeer")),
    published=datetime(2017, 6, 12, tzinfo=UTC),
    updated=datetime(2023, 8, 2, tzinfo=UTC),
    source="arxiv-api",
    source_url="https://export.arxiv.org/api/query",
    retrieved=datetime(2026, 1, 1, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("title", "author", "year", "verdict"),
    [
        ("Attention is all you need", "Vaswani", 2017, "sure"),
        ("ATTENTION IS ALL YOU NEED!", "", 0, "sure"),
        ("Attention is all you need", "Vaswani", 2009, "doubtful"),
        ("Attention is all you need", "Smith", 2017, "doubtful"),
        ("Transformer: Attention is all you need", "Vaswani", 2017, "sure"),
        ("Transformer: Attention is all you need", "Vaswani", 0, "doubtful"),
        ("Attention is not all you need", "", 0, "doubtful"),
        ("Convolution is enough", "Vaswani", 2017, "no"),
    ],
)
def test_only_a_match_beyond_doubt_is_accepted(title: str, author: str, year: int, verdict: Verdict) -> None:
    """Equal titles that nothing contradicts are sure, so are alike ones whose author and year agree; else ask."""
    found, why = judge(Wanted("https://example.org/paper", title, author, year), RECORD)
    assert found == verdict
    assert why


def test_short_titles_need_more_than_themselves() -> None:
    """A title of a word or three is shared by papers: author and year have to agree."""
    short = replace(RECORD, title="Deep Learning")
    assert judge(Wanted("r", "Deep learning"), short)[0] == "doubtful"
    assert judge(Wanted("r", "Deep learning", "Vaswani", 2017), short)[0] == "sure"


@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_is_a_measure(one: str, other: str) -> None:
    """Likeness lies between 0 and 1, and is 1 if and only if letters and digits are the same."""
    alike = likeness(one, other)
    assert 0 <= alike <= 1
    left, right = "".join(title_words(one)), "".join(title_words(other))
    assert (alike == 1.0) == (left == right != "")


# -- asking --


def test_a_search_gives_what_arxiv_gives(server: Server) -> None:
    """A search may announce more results than were asked for; one that gives fewer than it could is not believed."""
    client = ArxivClient(api_url=server.api_url, manners=Manners(delay=0.0, doubts=0))
    words = " ".join(title_words(PAPERS[FOUND[0]]["title"]))
    assert [record.arxiv_id for record, _ in client.search(f'ti:"{words}"')] == [FOUND[0]]
    assert len(client.search('ti:"e"', limit=2)) == 2
    server.faults.append(Fault("wrong_total"))
    with pytest.raises(DoubtfulError, match="announces"):
        client.search('ti:"e"')
    client.close()


def test_search_completes_papers_and_asks_about_others(run: Run, tmp_path: Path, server: Server) -> None:
    """What is found stands in file and graph with its reason, what is doubtful in the file; an edited line wins."""
    sure, unsure = (PAPERS[name] for name in FOUND[:2])
    surname = sure["authors"][0].split()[-1]
    write(
        tmp_path / "vault",
        "Note.md",
        f"- #PAPER [{sure['title']} ({surname} {sure['published'][:4]})](https://example.org/a.pdf)\n"
        f"- #PAPER [{unsure['title']} (Nobody 1999)](https://example.org/b.pdf)\n"
        "- #PAPER [A thing that nobody wrote (Nobody 1999)](https://example.org/c.pdf)\n"
        "- #CODE [code](https://github.com/a/b)\n",
    )
    run("build", "vault")
    before = graph(Path(".kg"))
    command = ("enrich", "--cache", "c.sqlite", "--api-url", server.api_url, "--delay", 0)
    run(*command)
    assert server.seen == []
    first = run(*command, "--search")
    assert first.code == 0
    assert "3 papers looked up by title: 1 found, 1 doubtful, 1 not on arXiv; see arxiv-matches.tsv" in first.err
    file = Path("arxiv-matches.tsv")
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert [row[0] for row in rows] == [FOUND[0], f"?{FOUND[1]}", "none"]
    assert rows[0][3] == "same title, same author, same year"
    assert rows[1][3].startswith("same title, author not the same, year not the same: ")
    query = "ASK { <https://example.org/a.pdf> bibo:authorList ?l ; dcterms:hasVersion <https://arxiv.org/abs/%s> }"
    with open_store(Path(".kg")) as opened:
        assert opened.query(query % FOUND[0]) is True
        assert opened.query(f"ASK {{ ?paper fm:arxivId '{FOUND[0]}' }}") is False
    seen = len(server.seen)
    run(*command, "--search")
    assert len(server.seen) == seen
    file.write_text(f"{FOUND[1]}\thttps://example.org/b.pdf\nnone\thttps://example.org/a.pdf\n", "utf-8")
    assert run(*command).code == 0
    with open_store(Path(".kg")) as opened:
        assert opened.query("ASK { <https://example.org/b.pdf> bibo:authorList ?l }") is True
        assert opened.query("ASK { <https://example.org/a.pdf> bibo:authorList ?l }") is False
    file.unlink()
    assert run(*command).code == 0
    assert graph(Path(".kg")) == before


@pytest.mark.parametrize("line", ["1706.03762", "yes\thttps://example.org/", "?x\thttps://example.org/", "\t"])
def test_a_line_that_decides_nothing_is_an_error(tmp_path: Path, line: str) -> None:
    """A malformed line is reported by its place instead of being passed over."""
    file = tmp_path / "arxiv-matches.tsv"
    file.write_text(f"# a comment\n\n{line} \n" if line != "\t" else "# a comment\n\nnone\t\n", "utf-8")
    with pytest.raises(ConfigError, match=r"arxiv-matches\.tsv:3: "):
        Decisions(file)


def test_decisions_are_read_as_they_were_written(tmp_path: Path) -> None:
    """What is added is there when the file is read again, tabs and line ends within it made blanks."""
    decisions = Decisions(tmp_path / "matches.tsv")
    decisions.add(Decision("math.GT/0309136", "https://example.org/a", "One\ttitle", "for\na reason"))
    decisions.add(Decision("none", "https://example.org/b", "", ""))
    again = Decisions(tmp_path / "matches.tsv")
    assert again.accepted() == {"https://example.org/a": "math/0309136"}
    assert again.by_resource["https://example.org/a"].title == "One title"
    assert set(again.by_resource) == {"https://example.org/a", "https://example.org/b"}
