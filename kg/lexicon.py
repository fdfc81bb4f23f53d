"""What a vocabulary knows: labels of things, and facts about models.

Plain data that travels to other processes; what finds labels in texts is made from it where it is needed.
"""

from typing import NamedTuple

__all__ = ["Label", "Lexicon", "ModelFact"]


class Label(NamedTuple):
    """One way to call a thing.

    Attributes:
        words: the label as it is written.
        thing: the IRI of what it names; "" for words that hold a label and yet name none of the things.
        kind: the local name of the thing's class: `Model`, `Modality`, `Concept` …, or `Organization`, which only
            supports the models it developed.
        exact: whether the case must be that of `words`.
        needs_context: whether it is also a common word or the name of something else.
        related: the IRIs of organizations and concepts that the thing has to do with, such as its makers.
    """

    words: str
    thing: str
    kind: str
    exact: bool = False
    needs_context: bool = False
    related: tuple[str, ...] = ()


class ModelFact(NamedTuple):
    """A model: the year in which it came out, 0 when that is not known, and the works that introduced it."""

    iri: str
    year: int
    introduced_by: tuple[str, ...]


class Lexicon(NamedTuple):
    """A vocabulary: all labels, and the facts about models."""

    labels: tuple[Label, ...] = ()
    models: tuple[ModelFact, ...] = ()
