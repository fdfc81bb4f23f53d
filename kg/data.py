"""The files that ship with the package: the ontology, the models and concepts, the JSON-LD context, the saved queries.

In a checkout they lie beside the package, in a wheel inside it.
"""

from pathlib import Path

__all__ = ["categories", "context", "models", "ontology", "queries"]


def _folder(name: str) -> Path:
    packaged = Path(__file__).parent / name
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / name


def ontology() -> Path:
    """The foundation-model ontology, in Turtle."""
    return _folder("ontology") / "fm.ttl"


def models() -> Path:
    """The foundation models and the concepts that describe them, in Turtle."""
    return _folder("ontology") / "models.ttl"


def categories() -> Path:
    """The categories of arXiv, in Turtle."""
    return _folder("ontology") / "arxiv.ttl"


def context() -> Path:
    """The JSON-LD context of exports."""
    return _folder("ontology") / "context.jsonld"


def queries() -> Path:
    """The folder of saved queries."""
    return _folder("queries")
