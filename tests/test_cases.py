"""Notes and the graphs they give: a folder of `cases` for each behaviour.

`note.md`, or the folder `vault`, is built; the graphs of the notes and of the resources equal `expected.ttl`, and the
findings are those of `findings.txt`. `python -m tests.write_cases NAME` writes both anew, for you to read.
"""

from pathlib import Path

import pyoxigraph
import pytest

from tests.write_cases import CASES, graph

_NAMES = sorted(case.name for case in CASES.iterdir())


def _canonical(data: str, syntax: pyoxigraph.RdfFormat) -> set[str]:
    """The triples of a graph, its blank nodes labelled canonically, so that isomorphic graphs are equal."""
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(data, format=syntax))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


@pytest.mark.parametrize("name", _NAMES)
def test_case(name: str, tmp_path: Path) -> None:
    """The notes of the case give the expected graph and findings."""
    case = CASES / name
    lines, findings = graph(case, tmp_path)
    expected = _canonical((case / "expected.ttl").read_text("utf-8"), pyoxigraph.RdfFormat.TURTLE)
    found = _canonical("".join(f"{line}\n" for line in lines), pyoxigraph.RdfFormat.N_TRIPLES)
    assert sorted(expected - found) == sorted(found - expected) == []
    listed = case / "findings.txt"
    assert findings == (listed.read_text("utf-8").splitlines() if listed.exists() else [])


def test_cases_are_complete() -> None:
    """Each case has notes and an expectation, and nothing else."""
    assert len(_NAMES) >= 35
    for name in _NAMES:
        files = {path.name for path in (CASES / name).iterdir()}
        assert files - {"findings.txt"} in ({"note.md", "expected.ttl"}, {"vault", "expected.ttl"}), name
