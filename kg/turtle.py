"""Turtle files as plain triples, for what is read before there is a store: vocabularies."""

from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import VocabularyError

__all__ = ["Triple", "read_turtle"]


class Triple(NamedTuple):
    """A triple: IRIs and texts as strings, blank nodes as `_:label`; whether its object is a literal."""

    subject: str
    predicate: str
    value: str
    is_literal: bool


def read_turtle(path: Path) -> list[Triple]:
    """Read a Turtle file.

    Raises:
        VocabularyError: it cannot be read, or is no Turtle; the message says where.

    """
    try:
        return [
            Triple(_node(quad.subject), quad.predicate.value, _node(quad.object), isinstance(quad.object, ox.Literal))
            for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE)
        ]
    except OSError as error:
        raise VocabularyError(f"{path}: {error.strerror or error}") from error
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise VocabularyError(f"{path}{f':{line}' if line else ''}: not Turtle: {error}") from error


def _node(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode | ox.Literal) else str(node)
