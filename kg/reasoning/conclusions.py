"""Which conclusions say something.

A closure holds much that is true of anything: that a thing is the same as itself, that a class is below itself, that
everything is a thing. None of it is kept, nor what is concluded of RDF and OWL themselves, nor of blank nodes, which
have no name by which the graph of conclusions could speak of them.
"""

from collections.abc import Collection, Iterable

from kg.namespaces import FM, OWL, RDF, RDFS, XSD
from kg.ntriples import iri

__all__ = ["telling"]

_OF_RDF = tuple(f"<{vocabulary.namespace}" for vocabulary in (RDF, RDFS, OWL, XSD))
_OF_ANYTHING = frozenset(map(iri, (OWL.Thing, f"{RDFS.namespace}Resource", f"{RDFS.namespace}Literal")))
_REFLEXIVE = (f"<{OWL.namespace}", f"<{RDFS.namespace}", iri(FM.coAuthor))
_TYPE = iri(RDF.type)


def telling(closure: Iterable[str], stated: Collection[str]) -> list[str]:
    """The triples of a closure that are not stated and say something, sorted."""
    return sorted(line for line in closure if line not in stated and _says_something(line))


def _says_something(line: str) -> bool:
    subject, predicate, value = line[:-2].split(" ", 2)
    if subject.startswith(("_:", *_OF_RDF)) or value.startswith("_:"):
        return False
    if subject == value and predicate.startswith(_REFLEXIVE):
        return False
    if predicate == _TYPE:
        return not value.startswith(_OF_RDF)
    return value not in _OF_ANYTHING and not predicate.startswith(_OF_RDF[0])
