"""Mentions, topics and introduced models in the graph of a vault."""

import random
from pathlib import Path

import pytest

from kg.build import build
from kg.config import Config
from kg.errors import VocabularyError
from kg.store import Rows, open_store
from tests.random_vault import graph, write

MODELS = "https://w3id.org/fm-kg/models#"
METHODS = "https://w3id.org/fm-kg/methods#"
TASKS = "https://w3id.org/fm-kg/tasks#"
MODALITIES = "https://w3id.org/fm-kg/modalities#"
CONCEPTS = "https://kg.example/concept/"
ARXIV = "https://arxiv.org/abs/"

VISION = """---
title: Vision
---
## For NLP
- #PAPER [BERT: Pre-training of Deep Bidirectional Transformers (Devlin 2019)](https://arxiv.org/abs/1810.04805)
\t- Also reads images
### Speech
- #PAPER [Whisper - Robust Speech Recognition (Radford 2022)](https://example.org/whisper.pdf)
- #CODE [GPT-3 in a page](https://github.com/owner/gpt)
## Other things
- #PAPER [Zebra: A Striped Language Model (Doe 2024)](https://arxiv.org/abs/2401.00001)
"""


def ask(store: Path, query: str) -> list[tuple[str, ...]]:
    """The rows of a SELECT, as strings, sorted."""
    with open_store(store) as opened:
        rows = opened.query(query)
        assert isinstance(rows, Rows)
        return sorted(tuple(term.value if term is not None else "" for term in row) for row in rows)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of one note in two folders."""
    folder = tmp_path_factory.mktemp("topics")
    write(folder / "vault", "Fields/Seeing/Vision.md", VISION)
    build(folder / "vault", folder / "store")
    return folder / "store"


def test_entries_mention(store: Path) -> None:
    """An entry is linked to each thing that it names, once."""
    rows = ask(store, "SELECT ?line ?thing { ?entry a fm:Entry ; fm:line ?line ; fm:mentions ?thing }")
    assert {("5", f"{MODELS}BERT"), ("6", f"{MODALITIES}Image"), ("9", f"{MODELS}GPT-3")} <= set(rows)
    assert len(rows) == len(set(rows))


def test_mentions_have_words_and_place(store: Path) -> None:
    """A mention knows the words and how many characters of the text or title stand before them."""
    rows = ask(
        store,
        """SELECT ?words ?there { ?m fm:mentionOf ?thing ; fm:mentionedIn ?in ; fm:words ?words ; fm:start ?start .
             ?in fm:text|dcterms:title ?text BIND(SUBSTR(?text, ?start + 1, STRLEN(?words)) AS ?there) }""",
    )
    assert rows
    assert all(words == there for words, there in rows)


def test_sections_are_about_what_their_headings_name(store: Path) -> None:
    """A heading that names a modality, a task or a method makes its section about it."""
    rows = ask(store, "SELECT ?title ?thing { ?section a fm:Section ; dcterms:title ?title ; fm:about ?thing }")
    assert [("For NLP", f"{TASKS}NaturalLanguageProcessing"), ("Speech", f"{MODALITIES}Speech")] == rows


def test_papers_have_the_topics_of_their_place(store: Path) -> None:
    """A paper has as topics what the headings around it and the name of its note stand for, and the note itself."""
    topics = {ARXIV + "1810.04805": set[str](), "https://example.org/whisper.pdf": set(), ARXIV + "2401.00001": set()}
    for paper, topic in ask(store, "SELECT ?paper ?topic { ?paper a fm:Paper ; fm:topic ?topic }"):
        topics[paper].add(topic)
    note = {f"{CONCEPTS}Fields/Seeing/Vision", f"{MODALITIES}Vision"}
    nlp = f"{TASKS}NaturalLanguageProcessing"
    assert topics == {
        ARXIV + "1810.04805": note | {nlp},
        "https://example.org/whisper.pdf": note | {nlp, f"{MODALITIES}Speech"},
        ARXIV + "2401.00001": note,
    }


def test_papers_by_folder(store: Path) -> None:
    """Notes and folders are concepts, broader by folder, so that the papers of a folder are one query."""
    rows = ask(
        store, 'SELECT DISTINCT ?paper { ?paper fm:topic/skos:broader* ?folder . ?folder skos:prefLabel "Fields" }'
    )
    assert len(rows) == 3


def test_note_that_is_called_like_a_concept(store: Path) -> None:
    """The concept of a note matches the concept of the vocabulary that has its name."""
    rows = ask(store, "SELECT ?own ?known { ?own skos:exactMatch ?known FILTER(STRSTARTS(STR(?own), 'https://kg.')) }")
    assert [(f"{CONCEPTS}Fields/Seeing/Vision", f"{MODALITIES}Vision")] == rows


def test_papers_introduce_models(store: Path) -> None:
    """Papers have the nicknames of their titles, and introduce models, known ones and new ones."""
    rows = ask(
        store,
        "SELECT ?name ?model ?label { ?paper fm:shortName ?name ; fm:introduces ?model . ?model rdfs:label ?label }",
    )
    assert [
        ("BERT", f"{MODELS}BERT", "BERT"),
        ("Whisper", f"{MODELS}Whisper", "Whisper"),
        ("Zebra", "https://kg.example/model/2401.00001/Zebra", "Zebra"),
    ] == rows


def test_an_address_is_no_title(tmp_path: Path) -> None:
    """A paper that is only linked to has its address for a title, and no nickname or mention from it."""
    write(tmp_path / "vault", "Note.md", "https://doi.org/10.1038/nature14539 https://doi.org/10.1000/bert\n")
    build(tmp_path / "vault", tmp_path / "store")
    query = """SELECT ?title ?name ?mention {
        ?paper a fm:Paper ; dcterms:title ?title . FILTER(STRSTARTS(?title, "doi.org/"))
        OPTIONAL { ?paper fm:shortName ?name } OPTIONAL { ?mention fm:mentionedIn ?paper }
    }"""
    rows = ask(tmp_path / "store", query)
    assert rows == [("doi.org/10.1000/bert", "", ""), ("doi.org/10.1038/nature14539", "", "")]


def test_models_are_in_a_graph_of_their_own(store: Path) -> None:
    """The facts about models are in the graph, apart from what the notes say."""
    rows = ask(store, "SELECT ?g { GRAPH ?g { <https://w3id.org/fm-kg/models#BERT> fm:year ?year } }")
    assert [("https://w3id.org/fm-kg/models",)] == rows


# -- changes --

TITLES = ["GPT-3: A Model", "Zebra: A Language Model", "Plain title", "Language Models, GPT-3", "Images of cats"]
HEADINGS = ["Vision", "For NLP", "Nothing", "GANs", "Whisper"]
LINES = ["BERT and images", "Whisper it", "We use CLIP, `BERT` and https://example.org/GPT-3", "RLHF in the wild"]


def random_note(chance: random.Random) -> str:
    """A note that names models under headings that name concepts."""
    lines = ["---", f"title: {chance.choice(['GANs', 'Vision', 'Pets'])}", "---"]
    for _ in range(chance.randrange(2, 8)):
        paper = chance.randrange(4)
        title = f"{chance.choice(TITLES)} (Doe {2019 + paper})"
        lines += chance.choice(
            [
                [f"{'#' * chance.randrange(1, 4)} {chance.choice(HEADINGS)}"],
                [f"- #PAPER [{title}](https://arxiv.org/abs/2005.1416{paper})"],
                [f"- {chance.choice(LINES)}", f"\t- {chance.choice(LINES)}"],
            ]
        )
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(4))
def test_changes_come_to_the_same_graph(tmp_path: Path, seed: int) -> None:
    """After edits the mentions, topics and models are those of a build from nothing."""
    chance = random.Random(seed)
    names = ["GANs.md", "A/Vision.md", "A/B/Pets.md", "A.md"]
    for step in range(6):
        for name in chance.sample(names, 2):
            path = tmp_path / "vault" / name
            if path.exists() and chance.random() < 0.3:
                path.unlink()
            else:
                write(tmp_path / "vault", name, random_note(chance))
        summary = build(tmp_path / "vault", tmp_path / "store")
        build(tmp_path / "vault", tmp_path / f"cold{step}")
        assert graph(tmp_path / f"cold{step}") == graph(tmp_path / "store")
        assert sum(map(len, graph(tmp_path / "store").values())) == summary.quads


OWN = """@prefix fm: <https://w3id.org/fm-kg/ontology#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://example.org/{name}> a fm:FoundationModel ; rdfs:label "{name}" ; fm:developedBy [ rdfs:label "We" ] .
"""


def test_own_vocabulary(tmp_path: Path) -> None:
    """Models of a vocabulary beside the notes are found; when it changes the graph is built anew, else not."""
    write(tmp_path / "notes", "Note.md", "Okapi and Quagga\n")
    write(tmp_path / "vocabulary", "okapi.ttl", OWN.format(name="Okapi"))
    query = "SELECT ?m { ?entry fm:mentions ?m }"
    build(tmp_path / "notes", tmp_path / "store")
    assert ask(tmp_path / "store", query) == [("https://example.org/Okapi",)]
    assert ask(tmp_path / "store", 'SELECT ?g { GRAPH ?g { ?m rdfs:label "Okapi" } }') == [
        ("https://kg.example/graph/vocabulary/okapi",)
    ]
    write(tmp_path / "vocabulary", "quagga.ttl", OWN.format(name="Quagga"))
    summary = build(tmp_path / "notes", tmp_path / "store")
    assert summary.notice == "the last graph was built with another vocabulary; building from nothing"
    assert ask(tmp_path / "store", query) == [("https://example.org/Okapi",), ("https://example.org/Quagga",)]
    assert sum(map(len, graph(tmp_path / "store").values())) == summary.quads
    write(tmp_path / "notes", "Note.md", "Quagga alone\n")
    summary = build(tmp_path / "notes", tmp_path / "store")
    assert not summary.notice
    assert ask(tmp_path / "store", query) == [("https://example.org/Quagga",)]


def test_vocabulary_by_configuration(tmp_path: Path) -> None:
    """`vocabulary` of kg.toml says where vocabularies are."""
    write(tmp_path / "notes", "Note.md", "Okapi\n")
    write(tmp_path / "elsewhere", "okapi.ttl", OWN.format(name="Okapi"))
    build(tmp_path / "notes", tmp_path / "store", Config(vocabulary=tmp_path / "elsewhere"))
    assert len(ask(tmp_path / "store", "SELECT ?m { ?entry fm:mentions ?m }")) == 1


def test_malformed_vocabulary_leaves_the_last_graph(tmp_path: Path) -> None:
    """A vocabulary that is no Turtle stops the build before anything changes."""
    write(tmp_path / "notes", "Note.md", "BERT\n")
    build(tmp_path / "notes", tmp_path / "store")
    write(tmp_path / "vocabulary", "own.ttl", "no Turtle")
    with pytest.raises(VocabularyError, match=r"own\.ttl"):
        build(tmp_path / "notes", tmp_path / "store")
    assert len(ask(tmp_path / "store", "SELECT ?m { ?entry fm:mentions ?m }")) == 1
