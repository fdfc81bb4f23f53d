"""The numbers of a build: every tagged entry and every link falls into exactly one bucket, and the graph agrees."""

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kg.build import Summary, build
from kg.citations import RESOURCE_TAGS
from kg.store import GraphStore, Rows, open_store
from tests.running import NOTES

_PIECES = st.sampled_from(
    [
        "# Heading with [[Note 1]]\n",
        "- #PAPER [Title (Smith 2020)](https://arxiv.org/abs/2001.00001)\n",
        "\t- #CODE https://github.com/owner/name\n",
        "- #PAPER #REVIEW [Survey (Li et al. 2021)](https://doi.org/10.1000/x) ^id\n",
        "- #PAPER See [[Note 2#Heading|there]]\n",
        "- #PAPER A title alone (Nobody 2020)\n",
        "- #PAPER [Broken]( )\n",
        "- #BOOK [Bad](http:///nowhere) and [[Note 3]]\n",
        "- #THESIS/PHD [Thesis](<https://example.org/a b.pdf>)\n",
        "Prose with #PAPER in it and https://example.org/x.\n",
        "> [!note] A callout with ![[picture.png]]\n",
        "| [[Note 1\\|alias]] | #VIDEO https://youtu.be/abcdefghijk |\n|---|---|\n| #DATASET | [[]] |\n",
        "![[picture.png]] [up](Note%201.md#^id) [mail](mailto:a@b.example) [[#Heading]] [[NOTE 1.md]] [[Other name]]\n",
        "```\n#PAPER [[Note 1]] https://example.org\n```\n",
        "<a href='https://example.org/html'>#PAPER</a>\n",
        "key:: [[Note 2]] #TALK https://example.org/talk\n",
        "%% #PAPER [[Note 1]] https://example.org/hidden %%\n",
        "[^1]: #POSTER https://example.org/poster.pdf\n",
        "#PAPER",
        "[[Note",
        "\n",
    ]
)
_FRONT = st.sampled_from(
    ["", "---\naliases: Other name\nup: '[[Note 2]]'\nlink: '[[Nowhere]]'\n---\n", "---\na: [\n---\n"]
)
_NOTES = st.lists(st.tuples(_FRONT, st.lists(_PIECES, max_size=8)), min_size=1, max_size=4)


def _count(store: GraphStore, pattern: str) -> dict[str, int]:
    """How many subjects of a pattern there are for each value of `?value`, each counted in its note."""
    rows = store.query(f"SELECT ?value (COUNT(?x) AS ?n) WHERE {{ GRAPH ?note {{ {pattern} }} }} GROUP BY ?value")
    assert isinstance(rows, Rows)
    return {row[0].value: int(row[1].value) for row in rows if row[0] is not None and row[1] is not None}


def _number(store: GraphStore, pattern: str) -> int:
    """How many solutions a pattern has within the graphs."""
    rows = store.query(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH ?note {{ {pattern} }} }}")
    assert isinstance(rows, Rows)
    return next(int(row[0].value) for row in rows if row[0] is not None)


def _check(store: GraphStore, summary: Summary) -> None:
    entries = Counter(_count(store, "?x a fm:Entry ; fm:citationStatus ?value"))
    assert {name: count for name, count in summary.entries_by_status.items() if count} == entries
    assert sum(summary.entries_by_status.values()) == summary.tagged
    tagged = store.query("SELECT DISTINCT ?x ?tag WHERE { ?x a fm:Entry ; fm:tag ?tag }")
    assert isinstance(tagged, Rows)
    marked = {x.value for x, tag in tagged if x and tag and tag.value.partition("/")[0].upper() in RESOURCE_TAGS}
    assert len(marked) == summary.tagged

    links = Counter(_count(store, "?x a fm:WikiLink ; fm:linkStatus ?value"))
    # the link that an entry is about has no node of its own: the entry presents its resource
    links["external"] += _number(store, "?x a fm:ExternalLink") + _number(store, "?x fm:presents ?resource")
    assert {name: count for name, count in summary.links_by_status.items() if count} == +links
    assert sum(summary.links_by_status.values()) == summary.links
    assert _number(store, "?x a fm:WikiLink") == summary.links - links["external"]

    assert summary.quads == len(store)
    assert summary.entries == _number(store, "?x a fm:Entry")
    assert summary.unresolved == _number(store, "?x a fm:UnresolvedNote")
    for name, count in summary.resources.items():
        assert _number(store, f"?x a fm:{name}") == count


def test_the_buckets_of_the_sample_vault_add_up(tmp_path: Path) -> None:
    """The summary of the sample vault adds up, and each of its numbers is what the graph holds."""
    summary = build(NOTES, tmp_path / "store")
    assert summary.entries_by_status["presented"] > 400
    assert summary.links_by_status["resolved"] > 200
    with open_store(tmp_path / "store") as store:
        _check(store, summary)


@given(_NOTES)
@settings(max_examples=25, deadline=None)
def test_the_buckets_of_any_vault_add_up(notes: list[tuple[str, list[str]]]) -> None:
    """Whatever the notes hold, buckets add up to the whole and the graph agrees."""
    with tempfile.TemporaryDirectory() as folder:
        vault = Path(folder, "vault")
        vault.mkdir()
        vault.joinpath("picture.png").write_bytes(b"")
        for number, (front, pieces) in enumerate(notes, 1):
            vault.joinpath(f"Note {number}.md").write_text(front + "".join(pieces), "utf-8")
        summary = build(vault, Path(folder, "store"))
        assert summary.notes == len(notes)
        with open_store(Path(folder, "store")) as store:
            _check(store, summary)
