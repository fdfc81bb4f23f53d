"""The ontology as a page for people, in Markdown: a diagram of its classes, and every term with what it means.

Made from `ontology/fm.ttl` and `ontology/models.ttl`; terms stand in the order and under the headings of the file.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from kg import data
from kg.namespaces import FM, ONTOLOGY_IRI, OWL, PREFIXES, RDF, RDFS, SCHEMA, SKOS
from kg.turtle import Triple, read_turtle

__all__ = ["page"]

_HEADING = re.compile(r"^#### (.+)$")
_SUBJECT = re.compile(r"^fm:(\w+) a owl:")
_KINDS = {
    OWL.FunctionalProperty: "one value at most",
    OWL.TransitiveProperty: "transitive",
    OWL.SymmetricProperty: "symmetric",
    OWL.AsymmetricProperty: "asymmetric",
}


_INTRODUCTION = (
    "`kg ontology` prints it in Turtle, with the prefix `fm:`. It is within the profiles OWL 2 DL and OWL 2 RL; what "
    "follows from it is the matter of [Reasoning](reasoning.md)."
)


class _Terms:
    """What a Turtle file says, by subject and predicate."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.values: dict[tuple[str, str], list[str]] = {}
        for triple in triples:
            self.values.setdefault((triple.subject, triple.predicate), []).append(triple.value)

    def all(self, subject: str, predicate: str) -> list[str]:
        return self.values.get((subject, predicate), [])

    def one(self, subject: str, predicate: str) -> str:
        return next(iter(self.all(subject, predicate)), "")

    def listed(self, start: str) -> Iterator[str]:
        while start and start != RDF.nil:
            yield self.one(start, RDF.first)
            start = self.one(start, RDF.rest)


def page() -> str:
    """The page, with a line end behind the last line."""
    terms = _Terms(read_turtle(data.ontology()))
    groups = list(_groups(data.ontology().read_text("utf-8")))
    lines = [
        "<!-- Made by `kg ontology --page`; change ontology/fm.ttl instead. -->",
        "",
        f"# {terms.one(ONTOLOGY_IRI, 'http://purl.org/dc/terms/title')}",
        "",
        terms.one(ONTOLOGY_IRI, "http://purl.org/dc/terms/description"),
        "",
        f"Version {terms.one(ONTOLOGY_IRI, OWL.versionInfo)}, namespace `{FM.namespace}`. {_INTRODUCTION}",
        "",
        "## Classes at a glance",
        "",
        *_diagram(terms, groups),
    ]
    for heading, names in groups:
        if names:
            lines += ["", f"## {heading}", ""]
            for name in names:
                lines += _term(terms, name)
    lines += ["", *_facts()]
    return "\n".join(lines) + "\n"


def _groups(source: str) -> Iterator[tuple[str, list[str]]]:
    """The headings of the file, each with the local names of the terms that are declared below it."""
    heading, names = "", list[str]()
    for line in source.splitlines():
        if found := _HEADING.match(line):
            if heading:
                yield heading, names
            heading, names = found[1], []
        elif found := _SUBJECT.match(line):
            names.append(found[1])
    yield heading, names


def _diagram(terms: _Terms, groups: Iterable[tuple[str, list[str]]]) -> list[str]:
    """The classes of the ontology below each other, and the properties that lead from one to another."""
    classes = [name for heading, names in groups if heading.startswith("Classes") for name in names]
    lines = ["```mermaid", "classDiagram", "  direction LR"]
    for name in classes:
        above = [iri.removeprefix(FM.namespace) for iri in terms.all(FM.namespace + name, RDFS.subClassOf)]
        own = [parent for parent in above if parent in classes]
        lines += [f"  {parent} <|-- {name}" for parent in own] or [f"  class {name}"]
    for (subject, predicate), values in terms.values.items():
        if predicate == RDFS.range and subject.startswith(FM.namespace):
            domain = terms.one(subject, RDFS.domain).removeprefix(FM.namespace)
            target = values[0].removeprefix(FM.namespace)
            if domain in classes and target in classes and domain != target:
                lines.append(f"  {domain} --> {target} : {subject.removeprefix(FM.namespace)}")
    return [*lines, "```"]


def _term(terms: _Terms, name: str) -> list[str]:
    term = FM.namespace + name
    facts = [
        ("below", [*terms.all(term, RDFS.subClassOf), *terms.all(term, RDFS.subPropertyOf)]),
        ("near to", terms.all(term, SKOS.closeMatch)),
        ("of", [*terms.all(term, RDFS.domain), *terms.all(term, f"{SCHEMA.namespace}domainIncludes")]),
        ("values", [*terms.all(term, RDFS.range), *terms.all(term, f"{SCHEMA.namespace}rangeIncludes")]),
        ("inverse of", [*terms.all(term, OWL.inverseOf), *_inverses(terms, term)]),
        ("disjoint with", terms.all(term, OWL.disjointWith)),
    ]
    said = [f"{what} {', '.join(map(_short, values))}" for what, values in facts if values]
    said += [
        f"follows from {' then '.join(map(_short, terms.listed(chain)))}"
        for chain in terms.all(term, OWL.propertyChainAxiom)
    ]
    said += [words for kind, words in _KINDS.items() if kind in terms.all(term, RDF.type)]
    label = terms.one(term, RDFS.label)
    lines = [f"- **`fm:{name}`** — *{label}*. {terms.one(term, RDFS.comment)}"]
    return [*lines, f"  <br>{'; '.join(said)}"] if said else lines


def _inverses(terms: _Terms, term: str) -> list[str]:
    return [
        subject
        for (subject, predicate), values in terms.values.items()
        if predicate == OWL.inverseOf and term in values
    ]


def _short(iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"`{prefix}:{iri.removeprefix(namespace)}`"
    return f"`{iri}`"


def _facts() -> list[str]:
    """How much `ontology/models.ttl` knows."""
    triples = read_turtle(data.models())
    models = sum(triple.predicate == RDF.type and triple.value == FM.FoundationModel for triple in triples)
    schemes = Counter(triple.value for triple in triples if triple.predicate == SKOS.inScheme)
    lines = [
        "## Models and concepts",
        "",
        f"`kg ontology --models` prints what is known: {models} foundation models, and concepts that describe them.",
        "",
        "| scheme | concepts |",
        "| --- | ---: |",
    ]
    return [*lines, *(f"| `{scheme}` | {count} |" for scheme, count in sorted(schemes.items()))]
