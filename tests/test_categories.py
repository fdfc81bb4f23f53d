"""The categories of arXiv as concepts: all of them, by their names, each in its place."""

from pathlib import Path

import pytest
from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, URIRef

from kg.namespaces import ARXIV_IRI
from tests.running import ROOT

# Facts of arXiv's taxonomy: code and name of every group, archive and category, closed ones included.
NAMES = dict(
    line.split("\t")
    for line in (Path(__file__).parent / "data" / "arxiv_categories.tsv").read_text("utf-8").splitlines()
)
SCHEME = URIRef(ARXIV_IRI)


def concept(code: str) -> URIRef:
    """The IRI of a category."""
    return URIRef(f"{ARXIV_IRI}#{code}")


@pytest.fixture(scope="module")
def taxonomy() -> Graph:
    """The file as rdflib reads it."""
    return Graph().parse(ROOT / "ontology" / "arxiv.ttl")


def test_every_category_has_its_name(taxonomy: Graph) -> None:
    """Every code of arXiv is a concept with its name and code, and only the group of physics has none of its own."""
    labels = {
        str(taxonomy.value(node, SKOS.notation, any=False)): str(taxonomy.value(node, SKOS.prefLabel, any=False))
        for node in taxonomy.subjects(RDF.type, SKOS.Concept)
    }
    assert labels == {**NAMES, "grp_physics": "Physics"}
    for code in labels:
        assert (concept(code), SKOS.notation, Literal(code)) in taxonomy
        assert (concept(code), SKOS.inScheme, SCHEME) in taxonomy


def test_groups_are_broader(taxonomy: Graph) -> None:
    """A category leads up to its archive and one of the eight groups; nothing else is at the top."""
    tops = set(taxonomy.subjects(SKOS.topConceptOf, SCHEME))
    groups = ("cs", "econ", "eess", "math", "grp_physics", "q-bio", "q-fin", "stat")
    assert tops == {concept(code) for code in groups}
    for code in NAMES:
        above = list(taxonomy.transitive_objects(concept(code), SKOS.broader))
        assert len(above) == len(set(above))
        assert above[-1] in tops
        if "." in code:
            assert taxonomy.value(concept(code), SKOS.broader, any=False) == concept(code.partition(".")[0])


@pytest.mark.parametrize(
    ("closed", "now"), [("cmp-lg", "cs.CL"), ("alg-geom", "math.AG"), ("supr-con", "cond-mat.supr-con")]
)
def test_closed_archives_lead_on(taxonomy: Graph, closed: str, now: str) -> None:
    """A closed archive is deprecated, replaced by a category that is open, and narrower than it."""
    assert (concept(closed), DCTERMS.isReplacedBy, concept(now)) in taxonomy
    deprecated = set(taxonomy.subjects(OWL.deprecated))
    assert len(deprecated) == 18
    for node in deprecated:
        target = taxonomy.value(node, DCTERMS.isReplacedBy, any=False)
        assert target not in deprecated
        assert (node, SKOS.broader, target) in taxonomy


def test_two_codes_of_one_category_match(taxonomy: Graph) -> None:
    """Codes that arXiv uses for one category, such as `math.NA` and `cs.NA`, match exactly, both ways."""
    pairs = set(taxonomy.subject_objects(SKOS.exactMatch))
    assert (concept("math.NA"), concept("cs.NA")) in pairs
    assert pairs == {(there, here) for here, there in pairs}
    assert len(pairs) == 12
