"""A vocabulary ready for questions: what a title names, nicknames and introduces."""

from functools import cached_property, lru_cache
from typing import NamedTuple

from kg.lexicon import Label, Lexicon
from kg.mentions import Finder, Found, Passage
from kg.nicknames import says_model, short_name

__all__ = ["Catalogue", "Introduction", "catalogue_of"]


class Introduction(NamedTuple):
    """What a work introduces.

    Attributes:
        short_name: the nickname that its title gives, else "".
        models: the IRIs of the models of the vocabulary that it was the first to describe.
        says_model: whether its title says that the nickname is that of a model, and no vocabulary knows it.
    """

    short_name: str = ""
    models: tuple[str, ...] = ()
    says_model: bool = False


class Catalogue:
    """A vocabulary, ready for questions."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._facts = {fact.iri: fact for fact in lexicon.models}
        self._introduced: dict[str, list[str]] = {}
        for fact in lexicon.models:
            for work in fact.introduced_by:
                self._introduced.setdefault(work, []).append(fact.iri)
        self._models: dict[str, Label] = {}
        self._concepts: set[str] = set()
        for label in lexicon.labels:
            if label.kind == "Model" and label.thing:
                self._models[label.words if label.exact else label.words.casefold()] = label
            elif label.kind != "Organization" and (label.words.islower() or label.words.rstrip("s").isupper()):
                self._concepts.add(label.words.casefold())

    @cached_property
    def finder(self) -> Finder:
        """Finds the labels in texts."""
        return Finder(self.lexicon.labels)

    def in_title(self, title: str) -> list[Found]:
        """The mentions in the title of a work."""
        return self.finder.find([Passage(title, title=True)])[0]

    def introduced(self, work: str, title: str, year: int) -> Introduction:
        """What a work introduces.

        Args:
            work: its IRI.
            title: its title.
            year: when it came out, 0 when that is not known.

        """
        known = self._introduced.get(work, [])
        name = short_name(title, lambda words: self._model(words) is not None, self._is_concept)
        label = self._model(name)
        if label is None:
            return Introduction(name, tuple(known), bool(name) and not known and says_model(title, name))
        if label.thing in known:
            return Introduction(name, tuple(known))
        fact = self._facts.get(label.thing)
        if known or (fact is not None and fact.year and year > fact.year):
            return Introduction("", tuple(known))  # a later work about a model, such as `ChatGPT: Jack of all trades`
        return Introduction(name, (label.thing,))

    def _model(self, words: str) -> Label | None:
        return self._models.get(words) or self._models.get(words.casefold())

    def _is_concept(self, words: str) -> bool:
        return words.casefold() in self._concepts


@lru_cache(maxsize=1)
def catalogue_of(lexicon: Lexicon) -> Catalogue:
    """The catalogue of a vocabulary, made once as long as the vocabulary stays the same."""
    return Catalogue(lexicon)
