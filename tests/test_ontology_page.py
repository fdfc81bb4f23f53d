"""The page about the ontology."""

import re

from kg.namespaces import FM
from kg.ontology_page import page
from tests.running import ROOT


def test_page_is_current() -> None:
    """docs/ontology.md is what `kg ontology --page` prints."""
    assert (ROOT / "docs" / "ontology.md").read_text("utf-8") == page()


def test_page_has_every_term_once() -> None:
    """Every term of the ontology stands on the page, once."""
    named = re.findall(r"^- \*\*`fm:(\w+)`\*\*", page(), re.MULTILINE)
    assert sorted(named) == sorted(term.removeprefix(FM.namespace) for term in FM.terms())


def test_diagram_has_every_class() -> None:
    """The diagram shows every class of the ontology."""
    diagram = page().partition("```mermaid")[2].partition("```")[0]
    classes = [name for name in FM.__annotations__ if name[0].isupper()]
    assert [name for name in classes if not re.search(rf"\b{name}\b", diagram)] == []
