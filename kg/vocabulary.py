"""The vocabularies whose labels are found in notes: `ontology/models.ttl` and what users add in Turtle.

A vocabulary says of each thing its class and its labels (`rdfs:label`, `skos:prefLabel`, `skos:altLabel`), which of
them count only in exactly their case (`fm:matchCase`) or with support nearby (`fm:needsContext`), and which phrases
hold a label and yet name something else (`fm:notNamedBy`).
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import VocabularyError
from kg.namespaces import FM, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from kg.lexicon import Label, Lexicon, ModelFact
    from kg.turtle import Triple

__all__ = ["digest", "files_in", "labels", "read"]

_Values = dict[str, dict[str, list[str]]]  # of each subject the values by predicate

_NAMES = (RDFS.label, SKOS.prefLabel, SKOS.altLabel)
_FACTS = (
    *(FM.developedBy, FM.modelKind, FM.performsTask, FM.inputModality, FM.outputModality, FM.hasArchitecture),
    *(FM.trainedWith, FM.adaptedFrom, FM.fineTunedFrom, FM.instructionTunedFrom, FM.distilledFrom),
)
# The most telling class first: a modality is a concept, too.
_KINDS = {
    FM.Model: "Model",
    FM.FoundationModel: "Model",
    FM.Organization: "Organization",
    FM.Modality: "Modality",
    FM.Task: "Task",
    FM.TrainingMethod: "TrainingMethod",
    FM.Architecture: "Architecture",
    SKOS.Concept: "Concept",
}


def files_in(folder: Path) -> list[Path]:
    """The vocabularies of a folder, by name; none when there is no such folder.

    Raises:
        VocabularyError: the folder cannot be read.

    """
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".ttl" and path.is_file())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise VocabularyError(f"{folder}: {error.strerror or error}") from error


def digest(paths: Iterable[Path]) -> str:
    """A hash of the content of files, in hexadecimal digits: it tells whether a vocabulary changed.

    Raises:
        VocabularyError: a file cannot be read.

    """
    found = hashlib.blake2b(digest_size=16)
    for path in paths:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise VocabularyError(f"{path}: {error.strerror or error}") from error
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()


def read(paths: Iterable[Path]) -> "Lexicon":
    """Read vocabularies.

    Args:
        paths: Turtle files; of labels with the same words those of a later file count.

    Raises:
        VocabularyError: a file cannot be read or is no Turtle.

    """
    from kg.lexicon import Lexicon  # noqa: PLC0415 -- whether a vocabulary changed is asked without these
    from kg.turtle import read_turtle  # noqa: PLC0415

    found: list[Label] = []
    models: list[ModelFact] = []
    for path in paths:
        values = _by_subject(read_turtle(path))
        found += _labels(values)
        models += _models(values)
    return Lexicon(tuple(found), tuple(models))


def labels(paths: Iterable[Path]) -> "tuple[Label, ...]":
    """All labels of vocabularies; as `read`."""
    return read(paths).labels


def _by_subject(triples: "Iterable[Triple]") -> _Values:
    values: _Values = {}
    for triple in triples:
        values.setdefault(triple.subject, {}).setdefault(triple.predicate, []).append(triple.value)
    return values


def _models(values: _Values) -> "Iterable[ModelFact]":
    from kg.lexicon import ModelFact  # noqa: PLC0415

    introduced: dict[str, list[str]] = {}
    for work, stated in values.items():
        for model in stated.get(FM.introduces, []):
            introduced.setdefault(model, []).append(work)
    for thing, stated in values.items():
        if _kind(stated) == "Model":
            year = stated.get(FM.year, ["0"])[0]
            works = [*stated.get(FM.introducedBy, []), *introduced.get(thing, [])]
            yield ModelFact(thing, int(year) if year.isdecimal() else 0, tuple(dict.fromkeys(works)))


def _kind(stated: dict[str, list[str]]) -> str:
    classes = stated.get(RDF.type, [])
    return next((name for iri, name in _KINDS.items() if iri in classes), "")


def _labels(values: _Values) -> "Iterable[Label]":
    from kg.lexicon import Label  # noqa: PLC0415

    makers = {
        name: thing
        for thing, stated in values.items()
        if FM.Organization in stated.get(RDF.type, [])
        for name in stated.get(RDFS.label, [])
    }
    for thing, stated in values.items():
        kind = _kind(stated)
        if not kind:
            continue
        exact, context = set(stated.get(FM.matchCase, [])), set(stated.get(FM.needsContext, []))
        names = dict.fromkeys(name for predicate in _NAMES for name in stated.get(predicate, []) if name.strip())
        related = tuple(sorted(_related(stated, values, makers))) if kind == "Model" and context else ()
        for name in names:
            yield Label(name, thing, kind, name in exact, name in context, related if name in context else ())
        for name in stated.get(FM.notNamedBy, []):
            if name.strip():
                yield Label(name, "", kind)


def _related(stated: dict[str, list[str]], values: dict[str, dict[str, list[str]]], makers: dict[str, str]) -> set[str]:
    """What a model has to do with: its facts, what is broader than these, and `Google` of `Google DeepMind`."""
    found: set[str] = set()
    waiting = [value for predicate in _FACTS for value in stated.get(predicate, [])]
    while waiting:
        value = waiting.pop()
        if value not in found:
            found.add(value)
            known = values.get(value, {})
            waiting += known.get(SKOS.broader, [])
            if FM.Organization in known.get(RDF.type, []):
                waiting += [
                    makers[word] for name in known.get(RDFS.label, []) for word in name.split() if word in makers
                ]
    return found
