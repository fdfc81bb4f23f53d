"""The terms that a query uses, held against the ontology and the vocabularies that are known."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from kg import namespaces, sparql
from kg.namespaces import FM, PREFIXES, XSD
from kg.sparql_errors import nearest, pointed

__all__ = ["Finding", "known_terms", "misspelt", "used"]


# Of XML Schema Part 2: queries may cast to those that this package does not use.
_NAMES = (
    "anyURI base64Binary boolean byte date dateTime dateTimeStamp dayTimeDuration decimal double duration float gDay "
    "gMonth gMonthDay gYear gYearMonth hexBinary int integer language long negativeInteger nonNegativeInteger "
    "nonPositiveInteger normalizedString positiveInteger short string time token unsignedByte unsignedInt "
    "unsignedLong unsignedShort yearMonthDuration"
)
_DATATYPES = frozenset(_NAMES.split())


class Finding(NamedTuple):
    """A term that is not known: `certain` when its vocabulary is closed; the message has the line and a caret."""

    iri: str
    line: int
    certain: bool
    message: str


@cache
def known_terms() -> frozenset[str]:
    """The IRIs of the ontology and of what this package uses of other vocabularies."""
    terms = (vocabulary.terms() for vocabulary in namespaces.Vocabulary.__subclasses__())
    return frozenset(XSD.namespace + name for name in _DATATYPES).union(*terms)


def used(text: str, base: str = "") -> Iterator[tuple[sparql.Token, str]]:
    """The prefixed names and IRIs of a query that stand for terms of vocabularies with a known prefix."""
    prefixes = {**PREFIXES, **sparql.EXTRA_PREFIXES}
    query = sparql.Query.of(text, base, prefixes)
    scope = {**prefixes, **query.prefixes}
    skip = False
    for token in query.parts:
        if token.is_word("PREFIX", "BASE"):
            skip = True
        elif token.kind in ("iri", "pname"):
            iri = sparql.expand(token, scope, query.base)
            if not skip and any(iri.startswith(space) and iri != space for space in PREFIXES.values()):
                yield token, iri
            skip = skip and token.kind == "pname"


def misspelt(text: str, base: str, occurs: Callable[[str], bool]) -> Iterator[Finding]:
    """The terms that neither the vocabularies nor the data know.

    Args:
        text: a query.
        base: the base IRI, if there is one.
        occurs: whether the data has an IRI as a predicate or an object.

    """
    known = known_terms()
    seen: set[str] = set()
    for token, iri in used(text, base):
        if iri in known or iri in seen:
            continue
        seen.add(iri)
        if occurs(iri):
            continue
        namespace = next(space for space in PREFIXES.values() if iri.startswith(space))
        certain = namespace == FM.namespace
        name = token.text if token.kind == "pname" else iri
        locals_ = {term.removeprefix(namespace) for term in known if term.startswith(namespace)}
        guess = nearest(iri.removeprefix(namespace), locals_)
        prefix = token.text.partition(":")[0] if token.kind == "pname" else ""
        spelt = f"{prefix}:{guess}" if prefix else f"<{namespace}{guess}>"
        hint = f"; did you mean `{spelt}`?" if guess else ""
        what = "is not in the ontology" if certain else "is nowhere in the graph"
        message = pointed(text, token.start, len(token.text), f"`{name}` {what}{hint}")
        yield Finding(iri, sparql.place(text, token.start)[0], certain, message)
