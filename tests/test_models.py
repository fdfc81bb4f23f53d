"""The facts about foundation models in `ontology/models.ttl`, and the concepts that describe them."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from tests.running import Tool

ROOT = Path(__file__).parents[1]
MODELS_TTL = ROOT / "ontology" / "models.ttl"
SOURCES_TSV = ROOT / "tests" / "data" / "models_sources.tsv"

BASE = "https://w3id.org/fm-kg/"
FM = Namespace(f"{BASE}ontology#")
FMM = Namespace(f"{BASE}models#")
KIND = Namespace(f"{BASE}kinds#")

DESCENT = (FM.adaptedFrom, FM.fineTunedFrom, FM.instructionTunedFrom, FM.distilledFrom)
CLASS_OF_SCHEME = {
    "modalities": FM.Modality,
    "tasks": FM.Task,
    "architectures": FM.Architecture,
    "methods": FM.TrainingMethod,
    "kinds": None,
}
CLASS_OF_VALUE = {
    FM.inputModality: FM.Modality,
    FM.outputModality: FM.Modality,
    FM.performsTask: FM.Task,
    FM.hasArchitecture: FM.Architecture,
    FM.trainedWith: FM.TrainingMethod,
    FM.modelKind: SKOS.Concept,
    FM.developedBy: FM.Organization,
}


@pytest.fixture(scope="module")
def graph() -> Graph:
    """The facts as they are stated, without inference."""
    return Graph().parse(MODELS_TTL)


@pytest.fixture(scope="module")
def models(graph: Graph) -> list[Node]:
    """All models, by IRI."""
    return sorted(graph.subjects(RDF.type, FM.FoundationModel), key=str)


@pytest.fixture(scope="module")
def concepts(graph: Graph) -> list[Node]:
    """All concepts of all schemes, by IRI."""
    return sorted(graph.subjects(RDF.type, SKOS.Concept), key=str)


@pytest.fixture(scope="module")
def ontology(graph: Graph) -> Graph:
    """The facts together with the ontology that gives them their terms."""
    return Graph().parse(ROOT / "ontology" / "fm.ttl") + graph


def labels(graph: Graph, thing: Node) -> set[str]:
    """Every name of a model, a concept or an organization."""
    names = (RDFS.label, SKOS.prefLabel, SKOS.altLabel)
    return {str(label) for name in names for label in graph.objects(thing, name)}


def year(graph: Graph, model: Node) -> int:
    """The one year of a model."""
    (value,) = graph.objects(model, FM.year)
    return int(str(value))


def parents(graph: Graph, model: Node) -> list[Node]:
    """The models that a model is stated to descend from."""
    return [parent for step in DESCENT for parent in graph.objects(model, step)]


def ancestors(start: Node, above: dict[Node, list[Node]]) -> set[Node]:
    """Everything that is reached upwards from `start`; it holds `start` itself only where there is a cycle."""
    seen: set[Node] = set()
    waiting = list(above[start])
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting.extend(above[node])
    return seen


def local(iri: Node) -> str:
    """The part of an IRI behind its '#'."""
    return str(iri).rpartition("#")[2]


def offenders(found: Iterable[Node]) -> list[str]:
    """Local names in order, for failures that can be read."""
    return sorted(local(node) for node in found)


# -- models --


def test_there_are_many_models_of_every_field(graph: Graph, models: list[Node]) -> None:
    """There are more than 300 models, and a dozen or more in each field that notes speak of."""
    above = {concept: list(graph.objects(concept, SKOS.broader)) for concept in set(graph.subjects(SKOS.inScheme))}
    of_kind: dict[Node, set[Node]] = defaultdict(set)
    for model in models:
        for kind in graph.objects(model, FM.modelKind):
            for wider in {kind} | ancestors(kind, above):
                of_kind[wider].add(model)

    fields = {
        KIND.LanguageModel: 100,
        KIND.VisionFoundationModel: 25,
        KIND.MultimodalModel: 50,
        KIND.GenerativeModel: 30,
        KIND.AudioModel: 15,
        KIND.TimeSeriesFoundationModel: 12,
        KIND.WeatherModel: 12,
        KIND.EarthObservationModel: 12,
        KIND.ScientificModel: 25,
        KIND.AgentModel: 12,
    }

    assert len(models) > 300
    assert {local(kind): True for kind in fields} == {
        local(kind): len(of_kind[kind]) >= least for kind, least in fields.items()
    }


def test_every_model_has_the_facts_that_people_ask_for(graph: Graph, models: list[Node]) -> None:
    """Each model has one label, a developer, a source, one year and at least one modality."""
    for model in models:
        (label,) = graph.objects(model, RDFS.label)
        assert label == Literal(str(label).strip()), label
        assert any(graph.objects(model, FM.developedBy)), label
        assert all(isinstance(source, URIRef) for source in graph.objects(model, DCTERMS.source)), label
        assert any(graph.objects(model, DCTERMS.source)), label
        assert any(graph.objects(model, FM.inputModality)) or any(graph.objects(model, FM.outputModality)), label
        assert any(graph.objects(model, FM.modelKind)), label
        (value,) = graph.objects(model, FM.year)
        assert isinstance(value, Literal), label
        assert value.datatype == XSD.gYear, label


def test_the_first_source_of_a_model_introduces_it(graph: Graph, models: list[Node]) -> None:
    """A model that a publication introduced has that publication among its sources."""
    without = [
        model
        for model in models
        if any(graph.objects(model, FM.introducedBy))
        and not set(graph.objects(model, FM.introducedBy)) & set(graph.objects(model, DCTERMS.source))
    ]

    assert offenders(without) == []


def test_values_are_of_the_class_that_the_property_asks_for(graph: Graph, models: list[Node]) -> None:
    """Modalities, tasks, architectures, methods, kinds and organizations are defined here and of the right class."""
    for model in models:
        for name, wanted in CLASS_OF_VALUE.items():
            for value in graph.objects(model, name):
                assert (value, RDF.type, wanted) in graph, (local(model), local(name), value)
        for parent in parents(graph, model):
            assert (parent, RDF.type, FM.FoundationModel) in graph, (local(model), parent)


def test_a_label_belongs_to_one_thing(graph: Graph, models: list[Node], concepts: list[Node]) -> None:
    """No two models, concepts or organizations share a label, whatever its case."""
    owners: dict[str, set[str]] = defaultdict(set)
    for thing in [*models, *concepts, *graph.subjects(RDF.type, FM.Organization)]:
        for label in labels(graph, thing):
            owners[label.casefold()].add(str(thing))

    assert {label: things for label, things in owners.items() if len(things) > 1} == {}


def test_an_alternative_label_differs_from_the_label(graph: Graph, models: list[Node], concepts: list[Node]) -> None:
    """An altLabel never repeats the label of its model or the prefLabel of its concept."""
    repeated = [
        thing
        for thing in [*models, *concepts]
        if {str(label) for label in graph.objects(thing, SKOS.altLabel)}
        & {str(label) for label in [*graph.objects(thing, RDFS.label), *graph.objects(thing, SKOS.prefLabel)]}
    ]

    assert offenders(repeated) == []


@pytest.mark.parametrize("flag", [FM.matchCase, FM.needsContext])
def test_a_flag_names_a_label_of_its_own_thing(graph: Graph, flag: URIRef) -> None:
    """What fm:matchCase and fm:needsContext name is, letter by letter, a label of the same model or concept."""
    assert (
        offenders(thing for thing, label in graph.subject_objects(flag) if str(label) not in labels(graph, thing)) == []
    )


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("CLIP", {FM.matchCase}),
        ("SAM", {FM.matchCase}),
        ("BERT", {FM.matchCase}),
        ("Whisper", {FM.matchCase, FM.needsContext}),
        ("FLAN", {FM.matchCase, FM.needsContext}),
        ("Claude", {FM.matchCase, FM.needsContext}),
        ("Gopher", {FM.matchCase, FM.needsContext}),
        ("GPT-4", set()),
    ],
)
def test_ambiguous_labels_are_flagged(graph: Graph, name: str, flags: set[URIRef]) -> None:
    """Words and names are flagged for case and context, abbreviations for case, unmistakable labels not at all."""
    assert flags == {flag for flag in (FM.matchCase, FM.needsContext) if (FMM[name], flag, Literal(name)) in graph}


def test_short_labels_of_letters_alone_match_case(graph: Graph, models: list[Node]) -> None:
    """A label of up to four letters of a model is also a word or abbreviation somewhere, and so matches case."""
    loose = [
        label
        for model in models
        for label in labels(graph, model)
        if re.fullmatch("[A-Za-z]{1,4}", label) and (model, FM.matchCase, Literal(label)) not in graph
    ]

    assert sorted(loose) == ["Qwen"]


# -- identifiers --


def test_local_names_are_fit_for_prefixed_names(graph: Graph) -> None:
    """The IRIs of this file end in names that Turtle, SPARQL and XML take behind a prefix without escapes."""
    bad = [
        subject
        for subject in set(graph.subjects())
        if str(subject).startswith(BASE)
        and "#" in str(subject)
        and not re.fullmatch(r"[A-Za-z_]([\w.-]*[\w-])?", local(subject))
    ]

    assert offenders(bad) == []


def test_publications_have_canonical_iris(graph: Graph, models: list[Node]) -> None:
    """Sources are arXiv's abstract pages without a version, DOIs in lower case at doi.org, or pages over HTTPS."""
    for model in models:
        for source in [*graph.objects(model, DCTERMS.source), *graph.objects(model, FM.introducedBy)]:
            iri = str(source)
            if "arxiv" in iri:
                assert re.fullmatch(r"https://arxiv\.org/abs/\d{2}(0[1-9]|1[0-2])\.\d{4,5}", iri), iri
            elif "doi" in iri:
                assert re.fullmatch(r"https://doi\.org/10\.\d{4,}/[^\sA-Z]+", iri), iri
            else:
                assert re.fullmatch(r"https://[a-z0-9.-]+/\S+", iri), iri


def test_years_agree_with_arxiv_identifiers(graph: Graph, models: list[Node]) -> None:
    """A model is of the year of its arXiv identifier; a January identifier may be of December, a release of later."""
    late = {FMM["Stable-Diffusion"]}
    for model in models:
        for source in graph.objects(model, FM.introducedBy):
            found = re.search(r"arxiv\.org/abs/(\d\d)(\d\d)\.", str(source))
            if found and model not in late:
                published = 2000 + int(found[1])
                assert year(graph, model) in {published, published - (found[2] == "01")}, local(model)


def test_identifiers_elsewhere_are_well_formed(graph: Graph) -> None:
    """Hugging Face identifiers are owner/name, matches lead to items of Wikidata, and none occurs twice."""
    names = [str(name) for name in graph.objects(None, FM.huggingFaceId)]
    items = [str(item) for item in graph.objects(None, SKOS.exactMatch)]

    assert [name for name in names if not re.fullmatch(r"[\w.-]+/[\w.-]+", name)] == []
    assert [item for item in items if not re.fullmatch(r"http://www\.wikidata\.org/entity/Q[1-9]\d*", item)] == []
    assert len(names) == len(set(names))
    assert len(items) == len(set(items))


def test_parameter_counts_are_whole_and_plausible(graph: Graph) -> None:
    """Parameter counts are integers between a hundred thousand and ten million millions."""
    counts = list(graph.objects(None, FM.parameterCount))

    assert {XSD.integer} == {count.datatype for count in counts if isinstance(count, Literal)}
    assert all(10**5 < int(str(count)) < 10**13 for count in counts)


def test_the_table_of_sources_has_every_model(graph: Graph, models: list[Node]) -> None:
    """The table that says how each source was confirmed has the models and the IRIs of this file, no more, no less."""
    with SOURCES_TSV.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))

    assert offenders(models) == sorted(row["model"] for row in rows)
    for row in rows:
        iri = URIRef(row["introduced_by"])
        assert (FMM[row["model"]], DCTERMS.source, iri) in graph, row["model"]
        assert row["arxiv_id"] == (str(iri).rpartition("/")[2] if "arxiv.org" in str(iri) else ""), row["model"]
        assert row["confirmed_by"], row["model"]
        assert row["title"] or not any(graph.objects(FMM[row["model"]], FM.introducedBy)), row["model"]


# -- descent --


def test_descent_has_no_cycle(graph: Graph, models: list[Node]) -> None:
    """No model descends from itself, directly or through others."""
    above = {model: parents(graph, model) for model in models}

    assert offenders(model for model in models if model in ancestors(model, above)) == []


def test_a_model_is_not_older_than_what_it_was_adapted_from(graph: Graph, models: list[Node]) -> None:
    """Along the descent of models the years never decrease."""
    older = [
        f"{local(model)} < {local(parent)}"
        for model in models
        for parent in parents(graph, model)
        if year(graph, model) < year(graph, parent)
    ]

    assert older == []


def test_descent_is_stated_once(graph: Graph, models: list[Node]) -> None:
    """A pair of models has one statement of descent, the most telling one."""
    twice = [model for model in models if len(parents(graph, model)) != len(set(parents(graph, model)))]

    assert offenders(twice) == []


# -- concepts --


def test_every_concept_stands_in_one_scheme_and_is_connected(graph: Graph, concepts: list[Node]) -> None:
    """A concept is either at the top of its scheme or below concepts of the same scheme."""
    for concept in concepts:
        (scheme,) = graph.objects(concept, SKOS.inScheme)
        broader = list(graph.objects(concept, SKOS.broader))
        assert bool(broader) != ((concept, SKOS.topConceptOf, scheme) in graph), concept
        for wider in broader:
            assert (wider, SKOS.inScheme, scheme) in graph, concept


def test_top_concepts_are_listed_with_their_scheme(graph: Graph) -> None:
    """Schemes and concepts agree about what is at the top."""
    assert set(graph.subject_objects(SKOS.topConceptOf)) == {
        (concept, scheme) for scheme, concept in graph.subject_objects(SKOS.hasTopConcept)
    }


def test_broader_has_no_cycle(graph: Graph, concepts: list[Node]) -> None:
    """No concept is broader than itself."""
    above = {concept: list(graph.objects(concept, SKOS.broader)) for concept in concepts}

    assert offenders(concept for concept in concepts if concept in ancestors(concept, above)) == []


@pytest.mark.parametrize(("scheme", "wanted"), CLASS_OF_SCHEME.items())
def test_concepts_are_of_the_class_of_their_scheme(graph: Graph, scheme: str, wanted: URIRef | None) -> None:
    """The concepts of a scheme are individuals of its class, have IRIs in its namespace and are not few."""
    members = set(graph.subjects(SKOS.inScheme, URIRef(BASE + scheme)))

    assert (URIRef(BASE + scheme), RDF.type, SKOS.ConceptScheme) in graph
    assert len(members) >= 30
    for concept in members:
        assert str(concept).startswith(f"{BASE}{scheme}#")
        assert {SKOS.Concept} | ({wanted} if wanted else set()) == set(graph.objects(concept, RDF.type))


def test_every_concept_is_named_and_defined(graph: Graph, concepts: list[Node]) -> None:
    """A concept has one English prefLabel, which is its rdfs:label, and one definition that is a sentence."""
    for concept in concepts:
        (name,) = graph.objects(concept, SKOS.prefLabel)
        (definition,) = graph.objects(concept, SKOS.definition)
        assert [name] == list(graph.objects(concept, RDFS.label))
        assert isinstance(name, Literal)
        assert name.language == "en"
        assert re.fullmatch(r"[A-Z].{10,}\.", str(definition)), concept


# -- the file and the ontology --


def test_every_term_of_the_ontology_is_declared(ontology: Graph) -> None:
    """Each term of the fm namespace that the facts use is declared in fm.ttl or here, with a label and a comment."""
    used = {node for triple in Graph().parse(MODELS_TTL) for node in triple if str(node).startswith(str(FM))}

    for term in used:
        assert set(ontology.objects(term, RDF.type)) & {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty}, term
        assert any(ontology.objects(term, RDFS.label)), term
        assert any(ontology.objects(term, RDFS.comment)), term


def test_models_stand_in_the_order_of_their_labels() -> None:
    """Within each section of the file the models are sorted by label, so that people find them."""
    for section in re.split(r"^#### ", MODELS_TTL.read_text(encoding="utf-8"), flags=re.MULTILINE):
        found = re.findall(r'^fmm:\S+ a fm:FoundationModel ;\n    rdfs:label "(.*)" ;', section, flags=re.MULTILINE)
        assert found == sorted(found, key=lambda label: (label.casefold(), label))


def test_the_closure_is_consistent(ontology: Graph) -> None:
    """Under OWL 2 RL the facts and the ontology have no contradiction, no self-descent, and descent is transitive."""
    owlrl = pytest.importorskip("owlrl")
    graph = Graph() + ontology
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(graph)
    error = URIRef("http://www.daml.org/2002/03/agents/agent-ont#error")

    assert [str(message) for message in graph.objects(None, error)] == []
    assert offenders(model for model, parent in graph.subject_objects(FM.adaptedFrom) if model == parent) == []
    assert (FMM.MedSAM, FM.adaptedFrom, FMM.MAE) in graph
    assert (FMM["RT-2"], FM.adaptedFrom, FMM.PaLM) in graph
    assert (FMM.Zephyr, FM.adaptedFrom, FMM["Mistral-7B"]) in graph
    assert (URIRef("https://arxiv.org/abs/2005.14165"), FM.introduces, FMM["GPT-3"]) in graph


# -- as tools of others see it --


def without_years(path: Path) -> Path:
    """The facts without their years: OWL 2 has no xsd:gYear, which the contract asks for."""
    graph = Graph().parse(MODELS_TTL)
    graph.remove((None, FM.year, None))
    graph.serialize(path, format="turtle")
    return path


@pytest.mark.external
@pytest.mark.parametrize("profile", ["DL", "RL"])
def test_facts_are_in_the_profile(robot: Tool, tmp_path: Path, profile: str) -> None:
    """Together with the ontology the facts stay inside OWL 2 DL and OWL 2 RL, but for the datatype of years."""
    facts, merged, report = without_years(tmp_path / "facts.ttl"), tmp_path / "merged.owl", tmp_path / "report.txt"
    robot("merge", "--input", ROOT / "ontology" / "fm.ttl", "--input", facts, "--output", merged)
    robot("validate-profile", "--profile", profile, "--input", merged, "--output", report)
    assert f"OWL 2 {profile} Profile Report: [Ontology and imports closure in profile]" in report.read_text("utf-8")


@pytest.mark.external
def test_report_has_no_error(robot: Tool, tmp_path: Path) -> None:
    """ROBOT's report finds no error in the ontology and the facts, such as a label twice or a label missing."""
    facts, merged = without_years(tmp_path / "facts.ttl"), tmp_path / "merged.owl"
    robot("merge", "--input", ROOT / "ontology" / "fm.ttl", "--input", facts, "--output", merged)
    robot("report", "--input", merged, "--fail-on", "ERROR", "--output", tmp_path / "report.tsv")
