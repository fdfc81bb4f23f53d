"""The ontology, the vocabularies in code and the JSON-LD context say the same, and say it well."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph
import pytest
from rdflib import (
    DC,
    DCTERMS,
    FOAF,
    OWL,
    PROV,
    RDF,
    RDFS,
    SDO,
    SKOS,
    VANN,
    XSD,
    BNode,
    Graph,
    Literal,
    URIRef,
)
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.namespace import DefinedNamespace
from rdflib.term import Node

from kg import namespaces
from kg.namespaces import FM, ONTOLOGY_IRI, PREFIXES, Vocabulary

FOLDER = Path(__file__).parent.parent / "ontology"
ONTOLOGY = FOLDER / "fm.ttl"
CONTEXT: dict[str, str | dict[str, str]] = json.loads((FOLDER / "context.jsonld").read_text(encoding="utf-8"))[
    "@context"
]

# The names of the contract, literally: what outside tools and saved queries rely on.
RESOURCES = "Paper Thesis Book Course Talk Poster WhitePaper Code Dataset Video WebPage"
CLASSES = f"""
    Note Section Entry WikiLink UnresolvedNote Author Resource ReviewPaper {RESOURCES}
    Model FoundationModel Modality TrainingMethod Task Architecture Organization
"""
PROPERTIES = """
    path linksTo cites level inNote line parentSection inSection text parentEntry blockId tag
    presents references statedTitle statedAuthor statedYear statedVenue statedUrl
    inEntry targetText heading block alias embed target firstAuthor year arxivId doi
"""

TOP_CLASSES = {FM.LinkTarget, FM.NotePart}  # all others have a parent, of ours or of another vocabulary

# Only plain classes stand in domains, ranges and superclass positions; then these constructs are all within
# OWL 2 RL (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL).
CONSTRUCTS = {
    OWL.Ontology,
    OWL.versionIRI,
    OWL.versionInfo,
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.FunctionalProperty,
    OWL.TransitiveProperty,
    OWL.SymmetricProperty,
    OWL.AsymmetricProperty,
    OWL.propertyChainAxiom,
    OWL.AllDisjointClasses,
    OWL.members,
    OWL.disjointWith,
    OWL.inverseOf,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    RDFS.domain,
    RDFS.range,
    RDFS.label,
    RDFS.comment,
    RDFS.isDefinedBy,
    RDFS.Literal,
    RDF.type,
    RDF.first,
    RDF.rest,
    RDF.nil,
}
# Of the datatypes that OWL 2 RL supports, those that the ontology has a use for.
DATATYPES = {RDFS.Literal, XSD.string, XSD.integer, XSD.boolean}

KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


@pytest.fixture(scope="module")
def ontology() -> Graph:
    """The ontology as rdflib reads it; tests must not change it."""
    return Graph().parse(ONTOLOGY)


def by_pyoxigraph(data: bytes, media: pyoxigraph.RdfFormat) -> Graph:
    """The graph that pyoxigraph reads from `data`, handed over to rdflib as N-Triples."""
    triples = [quad.triple for quad in pyoxigraph.parse(data, format=media)]
    lines = pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return Graph().parse(data=lines, format="nt")


def ours(nodes: Iterable[Node]) -> set[str]:
    """The IRIs among `nodes` that belong to the ontology's namespace."""
    return {str(node) for node in nodes if isinstance(node, URIRef) and node.startswith(PREFIXES["fm"])}


def of_kind(ontology: Graph, *kinds: URIRef) -> set[str]:
    """The ontology's own terms that are declared to be of one of `kinds`."""
    return set().union(*(ours(ontology.subjects(RDF.type, kind)) for kind in kinds))


def above(ontology: Graph, term: Node, relation: URIRef) -> set[Node]:
    """All terms that `relation` leads to from `term` in one or more steps."""
    parents = ontology.objects(term, relation)
    return {node for parent in parents for node in ontology.transitive_objects(parent, relation) if node}


def properties(ontology: Graph) -> set[str]:
    """The ontology's own properties."""
    return of_kind(ontology, OWL.ObjectProperty, OWL.DatatypeProperty)


# The vocabularies in code


def test_code_and_ontology_have_the_same_terms(ontology: Graph) -> None:
    """A term exists in `FM` if and only if the ontology defines it."""
    assert sorted(ours(ontology.subjects())) == sorted(FM.terms())


def test_misspelt_term_fails() -> None:
    """A name that is not in the vocabulary is an attribute error, not a new IRI."""
    with pytest.raises(AttributeError, match="Papier"):
        _ = FM.Papier  # type: ignore[attr-defined]  # this is what mypy should say


def test_term_is_a_string_in_its_namespace() -> None:
    """A term of a vocabulary is the IRI of its namespace followed by its name."""
    assert FM.Paper == "https://w3id.org/fm-kg/ontology#Paper"
    assert FM.namespace == f"{ONTOLOGY_IRI}#"


def test_vocabularies_import_no_rdf_library() -> None:
    """Reading the vocabularies costs no import of an RDF library, nor of `typing` and `re`."""
    program = "import sys; before = set(sys.modules); import kg.namespaces; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert {"rdflib", "pyoxigraph", "typing", "re"}.isdisjoint(loaded.split())


@pytest.mark.parametrize(
    ("vocabulary", "published"),
    [
        (namespaces.RDF, RDF),
        (namespaces.RDFS, RDFS),
        (namespaces.OWL, OWL),
        (namespaces.XSD, XSD),
        (namespaces.DCTERMS, DCTERMS),
        (namespaces.SCHEMA, SDO),
        (namespaces.SKOS, SKOS),
        (namespaces.FOAF, FOAF),
        (namespaces.PROV, PROV),
    ],
)
def test_terms_of_other_vocabularies_exist(vocabulary: type[Vocabulary], published: type[DefinedNamespace]) -> None:
    """A term that the code takes from a vocabulary that rdflib knows is a term of that vocabulary."""
    assert [term for term in vocabulary.terms() if URIRef(term) not in published] == []


# What the ontology defines


@pytest.mark.parametrize("name", CLASSES.split())
def test_contract_class_is_defined(ontology: Graph, name: str) -> None:
    """Every class that others rely on is a class of the ontology."""
    assert PREFIXES["fm"] + name in of_kind(ontology, OWL.Class)


@pytest.mark.parametrize("name", PROPERTIES.split())
def test_contract_property_is_defined(ontology: Graph, name: str) -> None:
    """Every property that others rely on is a property of the ontology."""
    assert PREFIXES["fm"] + name in properties(ontology)


@pytest.mark.parametrize("name", RESOURCES.split())
def test_kinds_of_resources_are_resources(ontology: Graph, name: str) -> None:
    """The classes of resources are directly below the class of all resources."""
    assert URIRef(FM.Resource) in set(ontology.objects(URIRef(PREFIXES["fm"] + name), RDFS.subClassOf))


@pytest.mark.parametrize(
    ("narrow", "relation", "wide"),
    [
        (FM.ReviewPaper, RDFS.subClassOf, FM.Paper),
        (FM.FoundationModel, RDFS.subClassOf, FM.Model),
        (FM.WikiLink, RDFS.subClassOf, FM.Link),
        (FM.ExternalLink, RDFS.subClassOf, FM.Link),
        (FM.presents, RDFS.subPropertyOf, FM.references),
        (FM.fineTunedFrom, RDFS.subPropertyOf, FM.adaptedFrom),
        (FM.distilledFrom, RDFS.subPropertyOf, FM.adaptedFrom),
        (FM.instructionTunedFrom, RDFS.subPropertyOf, FM.adaptedFrom),
    ],
)
def test_promised_subsumption_holds(ontology: Graph, narrow: str, relation: URIRef, wide: str) -> None:
    """The hierarchies that queries rely on are in the ontology."""
    assert URIRef(wide) in above(ontology, URIRef(narrow), relation)


def test_header_names_this_version(ontology: Graph) -> None:
    """The ontology says what it is called, who made it, under which licence, and which version it is."""
    header = URIRef(ONTOLOGY_IRI)
    version = ontology.value(header, OWL.versionInfo, any=False)
    assert ontology.value(header, OWL.versionIRI, any=False) == URIRef(f"{ONTOLOGY_IRI}/{version}")
    assert ontology.value(header, VANN.preferredNamespacePrefix, any=False) == Literal("fm")
    assert ontology.value(header, VANN.preferredNamespaceUri, any=False) == Literal(PREFIXES["fm"])
    for annotation in (DCTERMS.title, DCTERMS.description, DCTERMS.license, DCTERMS.created, DC.creator):
        assert len(list(ontology.objects(header, annotation))) == 1


# What it says to people


@pytest.mark.parametrize("term", sorted(FM.terms()))
def test_term_is_documented(ontology: Graph, term: str) -> None:
    """Every term has exactly one English label, one English comment that is a sentence, and its ontology."""
    (label,) = ontology.objects(URIRef(term), RDFS.label)
    (comment,) = ontology.objects(URIRef(term), RDFS.comment)
    assert isinstance(label, Literal)
    assert isinstance(comment, Literal)
    assert (label.language, comment.language) == ("en", "en")
    assert comment[0].isupper()
    assert comment.endswith(".")
    assert list(ontology.objects(URIRef(term), RDFS.isDefinedBy)) == [URIRef(ONTOLOGY_IRI)]


def test_labels_have_one_case_style(ontology: Graph) -> None:
    """Labels are in lower case, but for words with capitals inside, such as URL and arXiv, and names of companies."""
    names = {"Hugging", "Face"}
    words = {word for label in ontology.objects(None, RDFS.label) for word in str(label).split()} - names
    assert [word for word in sorted(words) if word != word.lower() and word[1:] == word[1:].lower()] == []


def test_labels_are_distinct(ontology: Graph) -> None:
    """No two terms have the same label."""
    assert [label for label, count in Counter(ontology.objects(None, RDFS.label)).items() if count > 1] == []


# How it hangs together


@pytest.mark.parametrize("relation", [RDFS.subClassOf, RDFS.subPropertyOf])
def test_hierarchy_has_no_cycle(ontology: Graph, relation: URIRef) -> None:
    """No class or property is, over any number of steps, below itself."""
    assert [term for term in ontology.subjects(relation) if term in above(ontology, term, relation)] == []


def test_every_class_has_its_place(ontology: Graph) -> None:
    """A class leads up to a class of another vocabulary or to one of the two intended top classes."""
    for term in of_kind(ontology, OWL.Class) - TOP_CLASSES:
        parents = {str(node) for node in above(ontology, URIRef(term), RDFS.subClassOf)}
        assert parents - FM.terms() or parents & TOP_CLASSES, term


def test_every_class_is_used(ontology: Graph) -> None:
    """A class has a superclass or subclass of ours, or is the domain or range of a property."""
    linking = (RDFS.subClassOf, RDFS.domain, RDFS.range, SDO.domainIncludes, SDO.rangeIncludes)
    used = set().union(*(ours(ontology.objects(None, relation)) for relation in linking))
    below = {term for term in FM.terms() if ours(ontology.objects(URIRef(term), RDFS.subClassOf))}
    assert of_kind(ontology, OWL.Class) - used - below == set()


@pytest.mark.parametrize(("formal", "informal"), [("domain", "domainIncludes"), ("range", "rangeIncludes")])
def test_every_property_has_ends(ontology: Graph, formal: str, informal: str) -> None:
    """A property has one class as its domain and range, or tells people what to expect there."""
    for term in properties(ontology):
        count = len(list(ontology.objects(URIRef(term), RDFS[formal])))
        assert count <= 1, term
        assert count or list(ontology.objects(URIRef(term), SDO[informal])), term


def test_inverse_properties_mirror_each_other(ontology: Graph) -> None:
    """The domain of a property is the range of its inverse, and the other way round."""
    pairs = list(ontology.subject_objects(OWL.inverseOf))
    assert len(pairs) == 9
    for one, other in pairs:
        for here, there in ((RDFS.domain, RDFS.range), (RDFS.range, RDFS.domain)):
            assert ontology.value(one, here, any=False) == ontology.value(other, there, any=False)


def test_functional_properties_are_the_intended_ones(ontology: Graph) -> None:
    """At most one year and one of a few structural values; nothing whose double would merge resources."""
    expected = {FM.year, FM.path, FM.level, FM.inNote, FM.parentSection, FM.openWeights}
    assert of_kind(ontology, OWL.FunctionalProperty) == expected


# OWL 2 DL and RL


def test_every_term_is_declared_as_one_kind(ontology: Graph) -> None:
    """Every class and property that axioms use, of whatever vocabulary, is declared as exactly one kind."""
    entities = set(ontology.predicates()) | {
        node
        for relation in (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, OWL.inverseOf, OWL.disjointWith)
        for pair in ontology.subject_objects(relation)
        for node in pair
    }
    for node in entities - CONSTRUCTS:
        kinds = set(ontology.objects(node, RDF.type)) & set(KINDS)
        assert len(kinds) == 1, node


def test_hierarchies_stay_within_one_kind(ontology: Graph) -> None:
    """Classes are below classes, object properties below object properties, and so on."""
    for relation in (RDFS.subClassOf, RDFS.subPropertyOf, OWL.inverseOf):
        for one, other in ontology.subject_objects(relation):
            shared = set(ontology.objects(one, RDF.type)) & set(ontology.objects(other, RDF.type)) & set(KINDS)
            assert len(shared) == 1, (one, other)


def test_ranges_fit_their_properties(ontology: Graph) -> None:
    """An object property has a class as its range, a datatype property a datatype that OWL 2 RL knows."""
    for term in of_kind(ontology, OWL.ObjectProperty):
        for target in ontology.objects(URIRef(term), RDFS.range):
            assert (target, RDF.type, OWL.Class) in ontology
    for term in of_kind(ontology, OWL.DatatypeProperty):
        assert ontology.value(URIRef(term), RDFS.range, any=False) in DATATYPES


def test_only_constructs_of_the_profile_are_used(ontology: Graph) -> None:
    """Nothing of OWL and RDF Schema is used that leaves OWL 2 RL, such as a union or a cardinality."""
    reserved = (str(OWL), str(RDF), str(RDFS))
    used = {
        node for triple in ontology for node in triple if isinstance(node, URIRef) and str(node).startswith(reserved)
    }
    assert used - CONSTRUCTS == set()


def test_blank_nodes_are_disjointness_axioms_or_lists(ontology: Graph) -> None:
    """No class expression hides in a blank node: each is a disjointness axiom, a chain, or a part of their lists."""
    axioms = dict(ontology.subject_objects(OWL.members))
    assert set(axioms) == set(ontology.subjects(RDF.type, OWL.AllDisjointClasses))
    chains = set(ontology.objects(None, OWL.propertyChainAxiom))
    lists = {node for start in {*axioms.values(), *chains} for node in ontology.transitive_objects(start, RDF.rest)}
    blank = {node for triple in ontology for node in triple if isinstance(node, BNode)}
    assert blank == set(axioms) | lists - {RDF.nil}
    for start in axioms.values():
        members = list(Collection(ontology, start))
        assert len(members) >= 2
        assert ours(members) == {str(member) for member in members}


def test_characteristics_are_on_simple_properties(ontology: Graph) -> None:
    """A property at or above a transitive one, or a chain, is neither functional nor asymmetric (OWL 2 DL)."""
    chained = ontology.subjects(OWL.propertyChainAxiom)
    for term in [*ontology.subjects(RDF.type, OWL.TransitiveProperty), *chained]:
        for composite in {term} | above(ontology, term, RDFS.subPropertyOf):
            kinds = set(ontology.objects(composite, RDF.type))
            assert kinds.isdisjoint({OWL.FunctionalProperty, OWL.AsymmetricProperty})


def test_literals_have_datatypes_of_owl(ontology: Graph) -> None:
    """Every literal is a string, text in a language or a moment: datatypes that OWL 2 maps."""
    datatypes = {node.datatype for node in ontology.objects() if isinstance(node, Literal) and not node.language}
    assert datatypes <= {None, XSD.string, XSD.dateTime}


def test_closure_is_consistent(ontology: Graph) -> None:
    """The OWL 2 RL closure of the ontology with one member of every class holds no contradiction."""
    owlrl = pytest.importorskip("owlrl")
    closure = Graph() + ontology
    for term in FM.terms() & of_kind(ontology, OWL.Class):
        closure.add((URIRef(f"https://kg.example/{term.rpartition('#')[2]}"), RDF.type, URIRef(term)))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    assert [str(message) for _, relation, message in closure if str(relation).endswith("#error")] == []


def test_disjoint_classes_contradict(ontology: Graph) -> None:
    """Something that is both a note and a resource makes the OWL 2 RL closure contradictory."""
    owlrl = pytest.importorskip("owlrl")
    closure = Graph() + ontology
    both = URIRef("https://kg.example/both")
    closure.add((both, RDF.type, URIRef(FM.Note)))
    closure.add((both, RDF.type, URIRef(FM.ReviewPaper)))
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closure)
    assert any(str(relation).endswith("#error") for relation in closure.predicates())


# Alignments


def test_aligned_terms_exist(ontology: Graph) -> None:
    """Every term of a vocabulary that rdflib knows is a term of that vocabulary."""
    published = (SDO, DCTERMS, DC, FOAF, PROV, SKOS, VANN)
    nodes = {node for triple in ontology for node in triple if isinstance(node, URIRef)}
    for vocabulary in published:
        known = {node for node in nodes if node.startswith(str(vocabulary))}
        assert [node for node in known if node not in vocabulary] == []


def test_every_listed_vocabulary_is_aligned_to(ontology: Graph) -> None:
    """Terms lead to schema.org, Dublin Core, BIBO, FaBiO, CiTO, FOAF, SKOS and PROV-O."""
    relations = (RDFS.subClassOf, RDFS.subPropertyOf)
    targets = {str(node) for relation in relations for node in ontology.objects(None, relation)}
    for prefix in ("schema", "dcterms", "bibo", "fabio", "cito", "foaf", "skos", "prov"):
        assert any(target.startswith(PREFIXES[prefix]) for target in targets), prefix


# Syntax


def test_libraries_read_the_same_ontology(ontology: Graph) -> None:
    """What rdflib and pyoxigraph read from the ontology's file is isomorphic."""
    assert isomorphic(ontology, by_pyoxigraph(ONTOLOGY.read_bytes(), pyoxigraph.RdfFormat.TURTLE))


def test_prefixes_are_those_of_the_code(ontology: Graph) -> None:
    """The ontology's file binds every prefix of the code that it declares to the same IRI."""
    bound = {prefix: str(iri) for prefix, iri in ontology.namespaces()}
    assert {prefix: bound[prefix] for prefix in PREFIXES} == dict(PREFIXES)


# The JSON-LD context


def expanded(name: str) -> str:
    """The IRI that the context gives to a short name."""
    definition = CONTEXT[name]
    prefix, _, local = (definition["@id"] if isinstance(definition, dict) else definition).partition(":")
    return PREFIXES[prefix] + local


def short_names() -> list[str]:
    """The names of the context that stand for terms: not prefixes, keywords or aliases of keywords."""
    return [name for name in CONTEXT if name not in PREFIXES and name not in {"@version", "id", "type"}]


def test_context_has_every_term_by_its_name() -> None:
    """The context gives every term of the ontology its local name, and no term that does not exist."""
    names = [name for name in short_names() if expanded(name).startswith(PREFIXES["fm"])]
    assert {name: expanded(name) for name in names} == {term.rpartition("#")[2]: term for term in FM.terms()}


def test_context_has_every_prefix() -> None:
    """The context binds the prefixes of the code, to the same IRIs."""
    assert {prefix: CONTEXT[prefix] for prefix in PREFIXES} == dict(PREFIXES)


def test_context_is_unambiguous() -> None:
    """No two names of the context stand for the same term."""
    counts = Counter(expanded(name) for name in short_names())
    assert [iri for iri, count in counts.items() if count > 1] == []


def test_context_changes_no_other_names() -> None:
    """Only identifiers, types and sets are declared; no base, vocabulary or language changes other names."""
    keywords = {key for value in CONTEXT.values() if isinstance(value, dict) for key in value}
    assert keywords == {"@id", "@type", "@container"}
    assert [name for name in CONTEXT if name.startswith("@")] == ["@version"]


def test_context_coerces_as_the_ontology_says(ontology: Graph) -> None:
    """Values of object properties are read as IRIs, years as xsd:gYear, everything else as JSON has it."""
    for term in properties(ontology):
        definition = CONTEXT[term.rpartition("#")[2]]
        coercion = definition.get("@type") if isinstance(definition, dict) else None
        is_year = (URIRef(term), SDO.rangeIncludes, XSD.gYear) in ontology
        expected = "@id" if term in of_kind(ontology, OWL.ObjectProperty) else "xsd:gYear" if is_year else None
        assert coercion == expected, term


def sample(ontology: Graph) -> Graph:
    """One thing of every class, with one value for every property."""
    values = {
        XSD.string: Literal("words"),
        XSD.integer: Literal(1_000_000_000_000),
        XSD.boolean: Literal("true", datatype=XSD.boolean),
    }
    data = Graph()
    subject = URIRef("https://kg.example/note/AI/Foundation%20models#vision")
    for term in of_kind(ontology, OWL.Class):
        data.add((subject, RDF.type, URIRef(term)))
    for term in of_kind(ontology, OWL.ObjectProperty):
        data.add((subject, URIRef(term), URIRef("https://arxiv.org/abs/2111.11432")))
    for term in of_kind(ontology, OWL.DatatypeProperty):
        value = values.get(URIRef(str(ontology.value(URIRef(term), RDFS.range))), Literal("2021", datatype=XSD.gYear))
        data.add((subject, URIRef(term), value))
    data.add((subject, URIRef(FM.references), URIRef("tag:example.org,2020:thing")))  # `tag` is a name, too
    data.add((subject, URIRef(FM.references), URIRef("doi:10.1000/182")))
    data.add((subject, DCTERMS.title, Literal("Grundlagen", lang="de")))
    data.add((subject, FOAF.name, Literal("Lu Yuan")))
    data.add((subject, SDO.url, URIRef("https://arxiv.org/abs/2111.11432")))
    data.add((subject, SDO.value, Literal("2024-02-29", datatype=XSD.date)))
    return data


# rdflib reads JSON-LD through a class of its own that it has deprecated.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_context_round_trips(ontology: Graph) -> None:
    """A graph that is compacted with the context is the same graph again, in rdflib and in pyoxigraph."""
    data = sample(ontology)
    document = data.serialize(format="json-ld", context=CONTEXT, use_native_types=True)
    assert isomorphic(data, Graph().parse(data=document, format="json-ld"))
    assert isomorphic(data, by_pyoxigraph(document.encode(), pyoxigraph.RdfFormat.JSON_LD))


def test_context_compacts_to_short_names(ontology: Graph) -> None:
    """Compacted with the context, every class and property has a name without a prefix."""
    document = json.loads(sample(ontology).serialize(format="json-ld", context=CONTEXT, use_native_types=True))
    assert [key for key in document if key not in CONTEXT and key != "@context"] == []
    assert [name for name in document["type"] if name not in CONTEXT] == []
    assert document["line"] == 1_000_000_000_000
    assert document["embed"] is True
    assert document["statedYear"] == "2021"
