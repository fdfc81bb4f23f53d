"""What mapping depends on besides the notes."""

from collections.abc import Mapping
from typing import NamedTuple

from kg.lexicon import Lexicon

__all__ = ["Settings"]


class Settings(NamedTuple):
    """What mapping depends on besides the notes: folder of notes, base IRI, tags of resources, vocabulary."""

    root: str
    base_iri: str
    tags: Mapping[str, tuple[str, ...]]
    lexicon: Lexicon = Lexicon()
    vocabularies: tuple[str, ...] = ()  # the files of the user among those of the lexicon
