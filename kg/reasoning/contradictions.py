"""What contradicts the ontologies: found in the closure, told with the stated triples that cause it.

Neither engine reports all of it: two values of a functional property of data, and a model that was adapted from
itself, contradict nothing that OWL 2 RL could say, or that an engine looks for. So the rules are asked for here, as
queries over the closure. Two IRIs as values of a functional property are a contradiction, too: notes, sections and
entries have one IRI each, so that two of them are two things.
"""

from collections.abc import Iterator
from typing import NamedTuple

from kg.namespaces import OWL, PREFIXES, RDF
from kg.store import GraphStore, Rows, Term

__all__ = ["Contradiction", "contradictions"]

_MOST = 20  # of each kind; each may come a thousand times when one triple is wrong


class Contradiction(NamedTuple):
    """Something that cannot be.

    Attributes:
        code: stable short name in kebab case.
        message: one sentence.
        causes: the stated triples that together cause it, each with the graph that states it.
    """

    code: str
    message: str
    causes: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.code} {self.message}", *(f"  {cause}" for cause in self.causes)])


def contradictions(graph: GraphStore, inferred: str) -> list[Contradiction]:
    """All contradictions in a store, at most a few of each kind, by code.

    Args:
        graph: holds the data, the ontologies and what follows from them.
        inferred: the IRI of the graph of what follows; all others state.

    """
    found = _Finder(graph, inferred)
    return sorted(
        {*found.disjoint(), *found.functional(), *found.from_itself(), *found.asymmetric(), *found.nothing()}
        | set(found.different())
    )


class _Finder:
    def __init__(self, graph: GraphStore, inferred: str) -> None:
        self.graph = graph
        self.stated = f"FILTER(?g != <{inferred}>)"

    def rows(self, query: str) -> list[tuple[Term, ...]]:
        answer = self.graph.query(query)
        assert isinstance(answer, Rows)  # noqa: S101 -- all queries here are SELECTs
        return [tuple(term for term in row if term is not None) for row in answer]

    # -- what cannot be ---------------------------------------------------------------------------------------------

    def disjoint(self) -> Iterator[Contradiction]:
        """A thing of two classes that have no members in common (cax-dw, cax-adc)."""
        pairs = self.rows(
            """SELECT DISTINCT ?one ?other {
                 { ?one owl:disjointWith ?other }
                 UNION { ?axiom a owl:AllDisjointClasses ; owl:members ?list .
                         ?list rdf:rest*/rdf:first ?one . ?list rdf:rest*/rdf:first ?other FILTER(?one != ?other) }
               }"""
        )
        for one, other in sorted({tuple(sorted(pair)) for pair in pairs}):
            query = f"SELECT DISTINCT ?x {{ ?x a {_iri(one)}, {_iri(other)} }} ORDER BY ?x LIMIT {_MOST}"
            for (thing,) in self.rows(query):
                message = f"{_short(thing)} is both a {_short(one)} and a {_short(other)}, which nothing can be"
                yield Contradiction("disjoint-classes", message, (*self.why(thing, one), *self.why(thing, other)))

    def functional(self) -> Iterator[Contradiction]:
        """Two values of a property that has one at most."""
        rows = self.rows(
            f"""SELECT DISTINCT ?p ?x ?one ?other {{
                  ?p a owl:FunctionalProperty . ?x ?p ?one, ?other FILTER(STR(?one) < STR(?other))
                  FILTER(!isBlank(?one) && !isBlank(?other)) }} ORDER BY ?p ?x ?one ?other LIMIT {_MOST}"""
        )
        for predicate, thing, one, other in rows:
            message = f"{_short(thing)} has two values of {_short(predicate)}, which has one at most"
            causes = (*self.statements(thing, predicate, one), *self.statements(thing, predicate, other))
            yield Contradiction("functional-property", message, causes)

    def from_itself(self) -> Iterator[Contradiction]:
        """A model that was adapted from itself, over any number of steps."""
        for (thing,) in self.rows(f"SELECT ?x {{ ?x fm:adaptedFrom ?x }} ORDER BY ?x LIMIT {_MOST}"):
            message = f"{_short(thing)} was adapted from itself"
            yield Contradiction("adapted-from-itself", message, self.circle(thing))

    def asymmetric(self) -> Iterator[Contradiction]:
        """A property that never holds both ways, and does (prp-asyp)."""
        rows = self.rows(
            f"""SELECT DISTINCT ?p ?x ?y {{ ?p a owl:AsymmetricProperty . ?x ?p ?y . ?y ?p ?x
                  FILTER(STR(?x) <= STR(?y)) }} ORDER BY ?p ?x ?y LIMIT {_MOST}"""
        )
        for predicate, one, other in rows:
            message = f"{_short(predicate)} holds between {_short(one)} and {_short(other)} both ways"
            causes = (*self.statements(one, predicate, other), *self.statements(other, predicate, one))
            yield Contradiction("asymmetric-property", message, tuple(dict.fromkeys(causes)))

    def nothing(self) -> Iterator[Contradiction]:
        """A member of the class without members (cls-nothing2)."""
        for (thing,) in self.rows(f"SELECT DISTINCT ?x {{ ?x a owl:Nothing }} ORDER BY ?x LIMIT {_MOST}"):
            message = f"{_short(thing)} is of the class that has no members"
            yield Contradiction("nothing", message, self.why(thing, Term("iri", OWL.Nothing)))

    def different(self) -> Iterator[Contradiction]:
        """Two names of one thing that are said to name two (eq-diff1)."""
        rows = self.rows(
            f"""SELECT DISTINCT ?x ?y {{ ?x owl:differentFrom ?y
                  {{ ?x owl:sameAs ?y }} UNION {{ ?y owl:sameAs ?x }} }} ORDER BY ?x ?y LIMIT {_MOST}"""
        )
        for one, other in rows:
            message = f"{_short(one)} and {_short(other)} are the same thing and are not"
            different = self.statements(one, Term("iri", OWL.differentFrom), other)
            same = self.statements(one, Term("iri", OWL.sameAs), other)
            yield Contradiction("same-and-different", message, (*different, *same))

    # -- why --------------------------------------------------------------------------------------------------------

    def why(self, thing: Term, kind: Term) -> tuple[str, ...]:
        """A stated triple from which it follows that a thing is of a class."""
        node, wanted = _iri(thing), f"?c rdfs:subClassOf* {_iri(kind)}"
        for pattern in (
            f"GRAPH ?g {{ ?s a ?o }} FILTER(?s = {node}) BIND(rdf:type AS ?p) BIND(?o AS ?c) {wanted}",
            f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?s = {node}) ?p rdfs:subPropertyOf*/rdfs:domain ?c . {wanted}",
            f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?o = {node}) ?p rdfs:subPropertyOf*/rdfs:range ?c . {wanted}",
        ):
            found = self.select(pattern, 1)
            if found:
                return found
        return (f"{_short(thing)} a {_short(kind)} (concluded)",)

    def statements(self, thing: Term, predicate: Term, value: Term) -> tuple[str, ...]:
        """The stated triples from which it follows that a thing has a value of a property."""
        node, other, below = _iri(thing), _iri(value), self.below(predicate)
        found = self.select(f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?s = {node} && ?o = {other} && ?p IN ({below}))", 1)
        if not found and value.kind == "iri":
            inverse = f"{{ ?q owl:inverseOf ?p }} UNION {{ ?p owl:inverseOf ?q }} FILTER(?q IN ({below}))"
            found = self.select(f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?s = {other} && ?o = {node}) {inverse}", 1)
        return found or (f"{_short(thing)} {_short(predicate)} {_short(value)} (concluded)",)

    def below(self, predicate: Term) -> str:
        """A property and those below it, as a list in a query."""
        found = {row[0] for row in self.rows(f"SELECT ?p {{ ?p rdfs:subPropertyOf+ {_iri(predicate)} }}")}
        return ", ".join(sorted(map(_iri, found | {predicate})))

    def select(self, pattern: str, most: int) -> tuple[str, ...]:
        query = f"SELECT DISTINCT ?s ?p ?o ?g {{ {pattern} {self.stated} }} ORDER BY ?s ?p ?o ?g LIMIT {most}"
        return tuple(_told(row) for row in self.rows(query))

    def circle(self, thing: Term) -> tuple[str, ...]:
        """The stated steps by which a model descends from itself, the fewest there are."""
        steps: dict[str, list[tuple[str, str]]] = {}
        descent = "rdfs:subPropertyOf* fm:adaptedFrom"
        for pattern, turned in (
            (f"GRAPH ?g {{ ?s ?p ?o }} ?p {descent}", False),
            (f"GRAPH ?g {{ ?s ?p ?o }} {{ ?q owl:inverseOf ?p }} UNION {{ ?p owl:inverseOf ?q }} ?q {descent}", True),
        ):
            for row in self.rows(f"SELECT DISTINCT ?s ?p ?o ?g {{ {pattern} {self.stated} }} ORDER BY ?s ?p ?o ?g"):
                one, other = (row[2].value, row[0].value) if turned else (row[0].value, row[2].value)
                steps.setdefault(one, []).append((other, _told(row)))
        ways: dict[str, tuple[str, ...]] = {}
        waiting: list[tuple[str, tuple[str, ...]]] = [(thing.value, ())]
        while waiting:
            here, way = waiting.pop(0)
            for there, told in steps.get(here, []):
                if there == thing.value:
                    return (*way, told)
                if there not in ways:
                    ways[there] = (*way, told)
                    waiting.append((there, ways[there]))
        return (f"{_short(thing)} fm:adaptedFrom {_short(thing)} (concluded)",)


def _iri(term: Term) -> str:
    """A term in a query."""
    if term.kind == "iri":
        return f"<{term.value}>"
    text = term.value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{text}"@{term.language}' if term.language else f'"{text}"^^<{term.datatype}>'


def _short(term: Term) -> str:
    """A term as people read it."""
    if term.kind != "iri":
        return f'"{term.value}"'
    if term.value == RDF.type:
        return "a"
    for prefix, namespace in PREFIXES.items():
        if term.value.startswith(namespace):
            return f"{prefix}:{term.value.removeprefix(namespace)}"
    return f"<{term.value}>"


def _told(statement: tuple[Term, ...]) -> str:
    subject, predicate, value, graph = statement
    return f"{_short(subject)} {_short(predicate)} {_short(value)} in {_short(graph)}"
