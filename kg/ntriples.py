"""RDF terms in N-Triples syntax, the form in which triples travel from notes to the store.

A term is a string: `<IRI>`, `"text"` or `"2021"^^<datatype>` (RDF 1.1 N-Triples). Nothing is parsed here.
"""

import datetime
import math
from json.encoder import encode_basestring  # escapes `"`, `\\` and controls as N-Triples does, in C

from kg.inline import UNCARRIABLE
from kg.namespaces import XSD

__all__ = ["boolean", "gyear", "integer", "iri", "literal", "typed"]


def iri(value: str) -> str:
    """An IRI as a term; the value must be a valid IRI already."""
    return f"<{value}>"


def literal(text: str) -> str:
    """A plain string as a term; characters that no RDF syntax can carry become U+FFFD."""
    quoted = encode_basestring(text)
    # what is odd was escaped, is not ASCII and is not printable: nearly all texts are spared the search
    if ("\\" in quoted or not quoted.isascii()) and not text.isprintable() and UNCARRIABLE.search(text) is not None:
        return encode_basestring(UNCARRIABLE.sub("\ufffd", text))
    return quoted


_INTEGER = f'"^^<{XSD.integer}>'
_GYEAR = f'"^^<{XSD.gYear}>'
_TRUE = f'"true"^^<{XSD.boolean}>'
_FALSE = f'"false"^^<{XSD.boolean}>'


def integer(value: int) -> str:
    """An integer as a term."""
    return f'"{value}{_INTEGER}'


def gyear(value: int) -> str:
    """A year as a term, with the four digits that `xsd:gYear` wants."""
    return f'"{value:04d}{_GYEAR}'


def boolean(value: bool) -> str:
    """A truth value as a term."""
    return _TRUE if value else _FALSE


def typed(value: str | bool | float | datetime.date) -> str:
    """A YAML scalar as a term with the XSD datatype of its kind."""
    match value:
        case bool():
            return boolean(value)
        case int():
            return integer(value)
        case float():
            lexical = (
                "NaN" if math.isnan(value) else ("INF" if value > 0 else "-INF") if math.isinf(value) else repr(value)
            )
            return f'"{lexical}"^^<{XSD.double}>'
        case datetime.datetime():
            return f'"{value.isoformat()}"^^<{XSD.dateTime}>'
        case datetime.date():
            return f'"{value.isoformat()}"^^<{XSD.date}>'
        case _:
            return literal(value)
