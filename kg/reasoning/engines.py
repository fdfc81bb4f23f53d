"""Engines that compute the OWL 2 RL closure of triples: `reasonable`, in Rust, and `owlrl`, the reference.

Triples are N-Triples lines without their ends. Literals mean nothing to the rules that the ontologies use, so engines
get a number for each; that saves most of their work, and no engine can rewrite one. What `reasonable` does not
conclude, from chains of properties and about properties themselves, is added here.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import UsageError
from kg.namespaces import OWL, RDF, RDFS
from kg.ntriples import iri

if TYPE_CHECKING:
    from rdflib.term import Node

__all__ = ["DEFAULT", "ENGINES", "close"]

DEFAULT = "reasonable"

_Triple = tuple[str, str, str]
_SUB_CLASS, _SUB_PROPERTY, _DOMAIN, _RANGE = map(iri, (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range))

_FIRST, _REST, _CHAIN = map(iri, (RDF.first, RDF.rest, OWL.propertyChainAxiom))


def close(lines: Iterable[str], engine: str = DEFAULT) -> set[str]:
    """Compute the triples that follow from triples, and these themselves.

    Args:
        lines: canonical N-Triples lines without their ends, of the data and of the ontologies that count.
        engine: a key of `ENGINES`.

    Raises:
        UsageError: there is no such engine.

    """
    if engine not in ENGINES:
        raise UsageError(f"no engine {engine!r}; there are {', '.join(ENGINES)}")
    literals: dict[str, str] = {}
    triples = []
    for line in lines:
        subject, predicate, value = line[:-2].split(" ", 2)
        triples.append(
            (subject, predicate, literals.setdefault(value, f'"{len(literals)}"') if value[0] == '"' else value)
        )
    values = {number: literal for literal, number in literals.items()}
    return {
        f"{subject} {predicate} {values.get(value, value)} ."
        for subject, predicate, value in ENGINES[engine](triples)
        if subject[0] != '"' and predicate[0] == "<"
    }


def _reasonable(triples: list[_Triple]) -> Iterable[_Triple]:
    from rdflib.term import BNode, URIRef  # noqa: PLC0415
    from reasonable import PyReasoner  # noqa: PLC0415 -- slow to import

    def node(term: str) -> "Node":
        return URIRef(term[1:-1]) if term[0] == "<" else BNode(term[2:])

    reasoner = PyReasoner()
    with tempfile.TemporaryDirectory(prefix="kg-") as folder:
        path = Path(folder, "triples.ttl")
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{' '.join(triple)} .\n" for triple in [*triples, *_about_terms(triples)])
        reasoner.load_file(str(path))
    chains = list(_chains(triples))
    while True:
        closure = {_triple(found) for found in reasoner.reason()}
        fresh = {found for chain in chains for found in _chained(closure, *chain)} - closure
        if not fresh:
            return closure
        reasoner.from_graph([tuple(map(node, found)) for found in fresh])


def _owlrl(triples: list[_Triple]) -> Iterator[_Triple]:
    from owlrl import DeductiveClosure, OWLRL_Semantics  # noqa: PLC0415 -- slow to import
    from rdflib import Graph  # noqa: PLC0415

    graph = Graph()
    graph.parse(data="".join(f"{' '.join(triple)} .\n" for triple in triples), format="nt")
    DeductiveClosure(OWLRL_Semantics, axiomatic_triples=False, datatype_axioms=False).expand(graph)
    return (_triple(found) for found in graph)


ENGINES: Mapping[str, Callable[[list[_Triple]], Iterable[_Triple]]] = {"reasonable": _reasonable, "owlrl": _owlrl}


def _about_terms(triples: Iterable[_Triple]) -> Iterator[_Triple]:
    """What follows of properties from their hierarchies: the rules scm-spo, scm-dom1, scm-dom2, scm-rng1, scm-rng2."""
    stated: dict[str, dict[str, set[str]]] = {_SUB_CLASS: {}, _SUB_PROPERTY: {}, _DOMAIN: {}, _RANGE: {}}
    for subject, predicate, value in triples:
        if predicate in stated:
            stated[predicate].setdefault(subject, set()).add(value)
    properties, classes = stated[_SUB_PROPERTY], stated[_SUB_CLASS]
    for term in {*properties, *stated[_DOMAIN], *stated[_RANGE]}:
        above = _reached(term, properties)
        yield from ((term, _SUB_PROPERTY, wider) for wider in above)
        for relation in (_DOMAIN, _RANGE):
            own = {found for name in (term, *above) for found in stated[relation].get(name, ())}
            for found in own.union(*(_reached(name, classes) for name in own)):
                yield term, relation, found


def _chains(triples: Iterable[_Triple]) -> Iterator[tuple[str, list[str]]]:
    """The properties that follow from chains, each with the properties of a chain."""
    first: dict[str, str] = {}
    rest: dict[str, str] = {}
    heads = []
    for subject, predicate, value in triples:
        if predicate == _FIRST:
            first[subject] = value
        elif predicate == _REST:
            rest[subject] = value
        elif predicate == _CHAIN:
            heads.append((subject, value))
    for name, head in heads:
        members, place = [], head
        while place in first:
            members.append(first[place])
            place = rest.pop(place, "")
        if members:
            yield name, members


def _chained(closure: Iterable[_Triple], name: str, members: Sequence[str]) -> Iterator[_Triple]:
    """What follows from a chain: the rule prp-spo2, which `reasonable` lacks."""
    steps: dict[str, dict[str, list[str]]] = {member: {} for member in members}
    for subject, predicate, value in closure:
        if predicate in steps and value[0] != '"':
            steps[predicate].setdefault(subject, []).append(value)
    for start in steps[members[0]]:
        ends = {start}
        for member in members:
            ends = {value for end in ends for value in steps[member].get(end, ())}
        yield from ((start, name, end) for end in ends)


def _reached(start: str, steps: Mapping[str, set[str]]) -> set[str]:
    """All that is reached from a term in one or more steps."""
    found: set[str] = set()
    waiting = list(steps.get(start, ()))
    while waiting:
        term = waiting.pop()
        if term not in found:
            found.add(term)
            waiting += steps.get(term, ())
    return found


def _triple(found: "tuple[Node, Node, Node]") -> _Triple:
    subject, predicate, value = map(_term, found)
    return subject, predicate, value


def _term(node: "Node") -> str:
    from rdflib.term import BNode, URIRef  # noqa: PLC0415 -- slow to import

    if isinstance(node, URIRef):
        return f"<{node}>"
    return f"_:{node}" if isinstance(node, BNode) else f'"{node}"'
