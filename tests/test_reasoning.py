"""What follows from notes and ontologies, by both engines, and what contradicts them."""

from pathlib import Path

import pytest
from rdflib import Graph

from kg import data
from kg.build import build
from kg.config import Config
from kg.errors import InconsistentError, UsageError
from kg.reasoning.conclusions import telling
from kg.reasoning.contradictions import contradictions
from kg.reasoning.engines import ENGINES, close
from kg.reasoning.infer import after_build, infer
from kg.store import GraphStore, open_store
from tests.random_vault import graph, write
from tests.running import NOTES, Run

INFERRED = "https://kg.example/graph/inferred"
PREFIXES = """
@prefix : <https://example.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix fm: <https://w3id.org/fm-kg/ontology#> .
"""

# The rules of OWL 2 RL/RDF (https://www.w3.org/TR/owl2-profiles/#Reasoning_in_OWL_2_RL_and_RDF_Graphs_using_Rules)
# that the ontologies have axioms for: what is given, and what follows.
RULES = {
    "cax-sco": (":A rdfs:subClassOf :B . :x a :A .", ":x a :B ."),
    "scm-sco": (":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .", ":A rdfs:subClassOf :C ."),
    "prp-spo1": (":p rdfs:subPropertyOf :q . :x :p :y .", ":x :q :y ."),
    "prp-spo1 with a literal": (':p rdfs:subPropertyOf :q . :x :p "a b\\n" .', ':x :q "a b\\n" .'),
    "scm-spo": (":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .", ":p rdfs:subPropertyOf :r ."),
    "prp-dom": (":p rdfs:domain :A . :x :p :y .", ":x a :A ."),
    "prp-dom with a literal": (":p rdfs:domain :A . :x :p 1 .", ":x a :A ."),
    "prp-rng": (":p rdfs:range :A . :x :p :y .", ":y a :A ."),
    "scm-dom1": (":p rdfs:domain :A . :A rdfs:subClassOf :B .", ":p rdfs:domain :B ."),
    "scm-dom2": (":p rdfs:domain :A . :q rdfs:subPropertyOf :p .", ":q rdfs:domain :A ."),
    "scm-rng1": (":p rdfs:range :A . :A rdfs:subClassOf :B .", ":p rdfs:range :B ."),
    "scm-rng2": (":p rdfs:range :A . :q rdfs:subPropertyOf :p .", ":q rdfs:range :A ."),
    "prp-inv1": (":p owl:inverseOf :q . :x :p :y .", ":y :q :x ."),
    "prp-inv2": (":p owl:inverseOf :q . :x :q :y .", ":y :p :x ."),
    "prp-trp": (":p a owl:TransitiveProperty . :x :p :y . :y :p :z .", ":x :p :z ."),
    "prp-symp": (":p a owl:SymmetricProperty . :x :p :y .", ":y :p :x ."),
    "prp-spo2": (":p owl:propertyChainAxiom ( :q :r ) . :x :q :y . :y :r :z .", ":x :p :z ."),
    "prp-spo2 over three": (
        ":p owl:propertyChainAxiom ( :q :r :s ) . :x :q :y . :y :r :z . :z :s :w .",
        ":x :p :w .",
    ),
    "prp-fp": (":p a owl:FunctionalProperty . :x :p :y, :z .", ":y owl:sameAs :z ."),
    "eq-sym": (":x owl:sameAs :y .", ":y owl:sameAs :x ."),
    "eq-rep-s": (":x owl:sameAs :y . :x :p :z .", ":y :p :z ."),
    "eq-rep-o": (":x owl:sameAs :y . :z :p :x .", ":z :p :y ."),
}


def lines(turtle: str) -> set[str]:
    """The triples of a Turtle text as canonical N-Triples lines."""
    found = Graph().parse(data=PREFIXES + turtle, format="turtle").serialize(format="nt").splitlines()
    return {line for line in found if line}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("rule", RULES)
def test_rules(rule: str, engine: str) -> None:
    """Both engines follow each rule that the ontologies have axioms for."""
    given, follows = RULES[rule]
    assert lines(follows) <= close(lines(given), engine)


@pytest.mark.parametrize("rule", RULES)
def test_engines_agree_on_each_rule(rule: str) -> None:
    """From what a rule needs, both engines conclude the same that says something."""
    given = lines(RULES[rule][0])
    one, other = (telling(close(given, engine), given) for engine in ENGINES)
    assert one == other


def test_axioms_are_covered_by_the_rules() -> None:
    """The ontologies use no axiom of OWL or RDF Schema that implies something and has no rule above."""
    with_rules = {
        *("subClassOf", "subPropertyOf", "domain", "range", "inverseOf", "propertyChainAxiom"),
        *("TransitiveProperty", "SymmetricProperty", "FunctionalProperty"),
    }
    contradicting = {"disjointWith", "AllDisjointClasses", "members", "AsymmetricProperty"}
    without_conclusions = {
        *("Ontology", "versionIRI", "versionInfo", "Class", "ObjectProperty", "DatatypeProperty"),
        *("AnnotationProperty", "label", "comment", "isDefinedBy", "Literal"),
        "deprecated",
    }
    used = set()
    for path in (data.ontology(), data.models(), data.categories()):
        for node in Graph().parse(path).all_nodes() | set(Graph().parse(path).predicates()):
            if str(node).startswith(("http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#")):
                used.add(str(node).rpartition("#")[2])
    assert used <= with_rules | contradicting | without_conclusions


@pytest.mark.parametrize("engine", ENGINES)
def test_literals_come_back_as_they_were(engine: str) -> None:
    """No engine rewrites a literal, neither its form nor its datatype nor its language."""
    given = lines(
        ':p rdfs:subPropertyOf :q . :x :p "2021-01-01T00:00:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>, 007, '
        '"a\\"b\\\\c"@en, "\\u00fcber", "2021"^^<http://www.w3.org/2001/XMLSchema#gYear>, true, "" .'
    )
    closure = close(given, engine)
    assert given <= closure
    assert {line.replace("/p> ", "/q> ") for line in given if "subPropertyOf" not in line} <= closure


def test_unknown_engine() -> None:
    """An engine that does not exist is a mistake of the one who asks."""
    with pytest.raises(UsageError, match="reasonable, owlrl"):
        close([], "prolog")


def test_only_what_says_something_is_kept() -> None:
    """That a thing is itself, that it is a thing, what RDF is, and what a nameless thing is, are left out."""
    given = lines(":A rdfs:subClassOf :B . :x a :A . [] a :A .")
    assert sorted(lines(":x a :B .")) == telling(close(given), given)


# -- the sample vault --


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the graph of the sample vault and what follows from it."""
    store = tmp_path_factory.mktemp("reasoning") / "store"
    build(NOTES, store, infer=after_build())
    return store


def test_engines_agree_on_the_sample_vault(sample: Path) -> None:
    """Of the whole graph of the sample vault both engines conclude the same."""
    with open_store(sample) as opened:
        stated = opened.triple_lines(without=INFERRED)
        concluded = opened.graph_lines(INFERRED)
    assert concluded == telling(close(stated, "owlrl"), stated)


@pytest.mark.parametrize(
    "question",
    [
        # which vision models descend from a language model
        """ASK { ?model fm:inputModality/skos:broader* <https://w3id.org/fm-kg/modalities#Image> ;
                        fm:adaptedFrom/fm:modelKind/skos:broader* <https://w3id.org/fm-kg/kinds#LanguageModel> }""",
        # who trained with RLHF in 2022
        """ASK { ?who fm:develops ?model . ?model fm:trainedWith/skos:broader* <https://w3id.org/fm-kg/methods#RLHF> ;
                      fm:year "2022"^^xsd:gYear }""",
        # what a note covers follows from its entries, and what it cites is covered
        "ASK { ?note fm:covers ?code . ?code a fm:Code }",
        "ASK { ?note fm:cites ?paper ; fm:covers ?paper ; cito:cites ?paper }",
        # descent across notes: an entry that names a descendant of LLaMA
        "ASK { ?entry a fm:Entry ; fm:mentionsDescendantOf <https://w3id.org/fm-kg/models#LLaMA> }",
        # who works on what
        "ASK { ?author a fm:Author ; fm:worksOn <https://w3id.org/fm-kg/modalities#Speech> }",
        "ASK { ?lab a fm:Organization ; fm:worksOn <https://w3id.org/fm-kg/kinds#WeatherModel> }",
    ],
)
def test_questions_have_an_answer(sample: Path, question: str) -> None:
    """What one could not ask of the stated triples alone, or only in long, is one short query."""
    with open_store(sample) as opened:
        assert opened.query(question) is True


def test_co_authors() -> None:
    """Who wrote a work with its first author is a co-author, both ways."""
    given = lines(
        data.ontology().read_text("utf-8").partition("\n\n")[2]
        + """ :paper fm:firstAuthor :one ; <http://purl.org/dc/terms/creator> :other . """
    )
    closure = close(given)
    assert lines(":one fm:coAuthor :other . :other fm:coAuthor :one .") <= closure


# -- contradictions --

AGAINST = {
    "disjoint-classes": ("fm:a a fm:Note ; fm:arxivId '1' .", ["a fm:Note", "fm:arxivId"]),
    "functional-property": (
        ":m a fm:Model ; fm:openWeights true, false .",
        ['fm:openWeights "false"', 'fm:openWeights "true"'],
    ),
    "functional-property of things": (":e a fm:Entry ; fm:inNote :one, :other .", ["fm:inNote", "other"]),
    "adapted-from-itself": (
        ":a fm:fineTunedFrom :b . :b fm:distilledFrom :c . :a fm:adaptedInto :c .",
        ["fm:fineTunedFrom", "fm:distilledFrom", "fm:adaptedInto"],
    ),
    "asymmetric-property": (":a fm:distilledFrom :b . :b fm:distilledFrom :a .", ["fm:distilledFrom"]),
    "nothing": (":x a owl:Nothing .", ["owl:Nothing"]),
    "same-and-different": (":x owl:sameAs :y ; owl:differentFrom :y .", ["owl:sameAs", "owl:differentFrom"]),
}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("code", AGAINST)
def test_contradictions(tmp_path: Path, code: str, engine: str) -> None:
    """A contradiction is found, whatever the engine, and told with the triples that cause it."""
    given, causes = AGAINST[code]
    write(tmp_path, "wrong.ttl", PREFIXES + given)
    store = GraphStore.create(tmp_path / "graph")
    store.load_file(data.ontology(), "https://w3id.org/fm-kg/ontology")
    store.load_file(tmp_path / "wrong.ttl", "https://example.org/wrong")
    stated = store.triple_lines(without=INFERRED)
    follows = telling(close(stated, engine), stated)
    store.load_few("".join(f"{line[:-1]}<{INFERRED}> .\n" for line in follows).encode())
    told = [str(found) for found in contradictions(store, INFERRED)]
    mine = [text for text in told if text.startswith(code.partition(" ")[0])]
    assert mine, told
    assert all(cause in "\n".join(mine) for cause in causes), told
    assert "in <https://example.org/wrong>" in mine[0]


def test_a_contradiction_writes_nothing(tmp_path: Path) -> None:
    """What contradicts leaves the graph as it was."""
    write(tmp_path / "notes", "Note.md", "A note.\n")
    write(tmp_path / "vocabulary", "wrong.ttl", PREFIXES + AGAINST["adapted-from-itself"][0])
    build(tmp_path / "notes", tmp_path / "store")
    before = graph(tmp_path / "store")
    with pytest.raises(InconsistentError, match="3 contradictions"):
        infer(tmp_path / "store")
    assert before == graph(tmp_path / "store")


def test_what_ships_is_consistent(tmp_path: Path) -> None:
    """The ontologies, the models and the categories contradict nothing, together with an empty vault."""
    (tmp_path / "notes").mkdir()
    build(tmp_path / "notes", tmp_path / "store")
    assert infer(tmp_path / "store").concluded > 1000


# -- keeping it current --


def test_build_with_infer_keeps_conclusions_current(tmp_path: Path) -> None:
    """After each change a build with `infer` comes to what a build from nothing and `kg infer` come to."""
    write(tmp_path / "notes", "One.md", "- #PAPER [BERT (Devlin 2019)](https://arxiv.org/abs/1810.04805)\n")
    build(tmp_path / "notes", tmp_path / "store", infer=after_build())
    for text in ("- #PAPER [GPT-3: Few shots (Brown 2020)](https://arxiv.org/abs/2005.14165)\n", "Alpaca 7B\n"):
        write(tmp_path / "notes", "Two.md", text)
        summary = build(tmp_path / "notes", tmp_path / "store", infer=after_build())
        assert summary.changed["edited"] + summary.changed["added"] == 1
        build(tmp_path / "notes", tmp_path / text[:5])
        infer(tmp_path / text[:5])
        assert graph(tmp_path / text[:5]) == graph(tmp_path / "store")
        assert sum(map(len, graph(tmp_path / "store").values())) == summary.quads


def test_build_concludes_although_nothing_changed(tmp_path: Path) -> None:
    """A build with `infer` concludes when the last one did not; with nothing to do it does nothing."""
    write(tmp_path / "notes", "One.md", "BERT\n")
    build(tmp_path / "notes", tmp_path / "store")
    summary = build(tmp_path / "notes", tmp_path / "store", infer=after_build())
    assert INFERRED in graph(tmp_path / "store")
    assert sum(map(len, graph(tmp_path / "store").values())) == summary.quads
    assert build(tmp_path / "notes", tmp_path / "store", infer=after_build()).quads == summary.quads


def test_build_without_infer_drops_stale_conclusions(tmp_path: Path) -> None:
    """What was concluded from the last graph goes when the graph changes, and the build says so."""
    write(tmp_path / "notes", "One.md", "BERT\n")
    build(tmp_path / "notes", tmp_path / "store")
    assert not infer(tmp_path / "store").seconds.get("never")
    unchanged = build(tmp_path / "notes", tmp_path / "store")
    assert not unchanged.notice
    assert sum(map(len, graph(tmp_path / "store").values())) == unchanged.quads
    write(tmp_path / "notes", "One.md", "GPT-3\n")
    summary = build(tmp_path / "notes", tmp_path / "store")
    assert "kg infer" in summary.notice
    assert INFERRED not in graph(tmp_path / "store")
    assert sum(map(len, graph(tmp_path / "store").values())) == summary.quads


def test_build_keeps_a_graph_that_contradicts(tmp_path: Path) -> None:
    """A build with `infer` publishes the notes without conclusions when they contradict, and tells what does."""
    write(tmp_path / "notes", "One.md", "BERT\n")
    write(tmp_path / "vocabulary", "wrong.ttl", PREFIXES + AGAINST["adapted-from-itself"][0])
    summary = build(tmp_path / "notes", tmp_path / "store", Config(), infer=after_build())
    assert summary.contradictions
    assert INFERRED not in graph(tmp_path / "store")
    assert sum(map(len, graph(tmp_path / "store").values())) == summary.quads


def test_concluding_twice_changes_nothing(tmp_path: Path) -> None:
    """Conclusions that are there already are not published again."""
    write(tmp_path / "notes", "One.md", "BERT\n")
    build(tmp_path / "notes", tmp_path / "store")
    assert infer(tmp_path / "store").changed
    live = (tmp_path / "store" / "CURRENT").read_text()
    assert not infer(tmp_path / "store").changed
    assert live == (tmp_path / "store" / "CURRENT").read_text()


# -- the command line --


def test_command(run: Run, tmp_path: Path) -> None:
    """`kg infer` says on standard error how much follows; `--json` is one object."""
    write(tmp_path / "notes", "One.md", "BERT\n")
    run("build", tmp_path / "notes", "--store", tmp_path / "store")
    found = run("infer", "--store", tmp_path / "store")
    assert (found.code, found.out) == (0, "")
    assert "triples follow from" in found.err
    assert '"engine": "reasonable"' in run("infer", "--store", tmp_path / "store", "--json").out


def test_command_with_a_contradiction(run: Run, tmp_path: Path) -> None:
    """A contradiction is exit code 1, for `kg infer` and for `kg build --infer`."""
    write(tmp_path / "notes", "One.md", "BERT\n")
    write(tmp_path / "vocabulary", "wrong.ttl", PREFIXES + AGAINST["adapted-from-itself"][0])
    assert run("build", tmp_path / "notes", "--store", tmp_path / "store").code == 0
    found = run("infer", "--store", tmp_path / "store")
    assert found.code == 1
    assert "adapted-from-itself" in found.err
    built = run("build", tmp_path / "notes", "--store", tmp_path / "store", "--infer")
    assert built.code == 1
    assert "adapted-from-itself" in built.err


def test_command_without_a_graph(run: Run, tmp_path: Path) -> None:
    """Without a graph nothing can be concluded."""
    assert run("infer", "--store", tmp_path / "store").code == 2


def test_ontology_command(run: Run) -> None:
    """`kg ontology` prints the ontology, the models, or the page for people."""
    assert run("ontology").out == data.ontology().read_text("utf-8")
    assert run("ontology", "--models").out == data.models().read_text("utf-8")
    assert "classDiagram" in run("ontology", "--page").out
