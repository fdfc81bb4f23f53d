"""Which models and concepts a text names."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import data, markdown
from kg.errors import VocabularyError
from kg.lexicon import Label
from kg.mentions import HIDDEN, Finder, Found, Passage
from kg.passages import passages_of
from kg.turtle import read_turtle
from kg.vocabulary import digest, files_in, labels

BASE = "https://w3id.org/fm-kg/"
TABLES = Path(__file__).parent / "data"


def rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of a table of tests."""
    with (TABLES / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.fixture(scope="module")
def finder() -> Finder:
    """The models and concepts that ship with the package."""
    return Finder(labels([data.models()]))


def things(found: list[Found]) -> list[str]:
    """The things that are mentioned, each once, without the part of the IRI that all share."""
    return list(dict.fromkeys(mention.thing.removeprefix(BASE) for mention in found))


def words(finder: Finder, note: str, name: str = "Note") -> list[tuple[str, ...]]:
    """The words of the mentions in each entry of a note."""
    document = markdown.read(note)
    found = finder.find(passages_of(document, name))[1 + len(document.sections) :]
    return [tuple(mention.words for mention in mentions) for mentions in found]


@pytest.mark.parametrize("row", list(rows("mentions.tsv")), ids=lambda row: f"{row['rule']}: {row['text']}")
def test_rules(finder: Finder, row: dict[str, str]) -> None:
    """Labels are found by the rules of case, spelling, boundaries, length, versions and support."""
    passage = Passage(row["text"], heading=row["place"] == "heading", title=row["place"] == "title")
    assert [thing for thing in row["things"].split() if thing != "-"] == things(finder.find([passage])[0])


def test_gold_lines_are_facts_about_the_vocabulary() -> None:
    """The 200 lines that were labelled by hand name things of the vocabulary, or nothing."""
    gold = list(rows("mentions_gold.tsv"))
    known = {label.thing.removeprefix(BASE) for label in labels([data.models()])}
    assert {row["label"] for row in gold} <= known | {"-"}
    assert len({(row["note"], row["line"]) for row in gold}) == 200


def test_words_and_place(finder: Finder) -> None:
    """A mention has the words as they are written and the number of characters before them."""
    text = "Über BERT,\nthen masked\nautoencoders 🤗 CLIP"
    found = finder.find([Passage(text)])[0]
    assert ["BERT", "masked\nautoencoders", "CLIP"] == [mention.words for mention in found]
    assert all(text[mention.start :].startswith(mention.words) for mention in found)


def test_a_dotted_capital_i_moves_nothing(finder: Finder) -> None:
    """A letter whose small form is longer does not shift the places behind it."""
    assert [Found(f"{BASE}models#CLIP", "Model", "CLIP", 4)] == finder.find([Passage("İİİ CLIP")])[0]


@given(st.lists(st.text("aBERT2 -.:#@(CLIPİ\n\x01gans🤗", max_size=40), max_size=5))
def test_places_hold_for_any_text(texts: list[str]) -> None:
    """Whatever a text is, mentions come in order, do not overlap, and are where they say."""
    finder = Finder([Label(name, name, "Model") for name in ("BERT", "BERT 2", "CLIP", "GANs", "i")])
    for text, found in zip(texts, finder.find([Passage(text) for text in texts]), strict=True):
        end = 0
        for mention in found:
            assert mention.start >= end
            end = mention.start + len(mention.words)
            assert mention.words == text[mention.start : end]
            assert HIDDEN not in mention.words


# -- what stands above --


def test_support_comes_from_above(finder: Finder) -> None:
    """A concept's label that is a common word counts below a heading of the field, a model's below what it is about."""
    assert words(finder, "## Super-resolution\n- Sharper images\n") == [("images",)]
    assert words(finder, "## Holidays\n- Sharper images\n") == [()]
    assert words(finder, "## Time series\n- Chronos\n") == [("Chronos",)]
    assert words(finder, "## Protein design\n- Chronos\n") == [()]
    assert words(finder, "- Sharper images\n", name="Super-resolution") == [("images",)]
    assert words(finder, "- ImageBind\n  - joins images\n") == [("ImageBind",), ("images",)]


def test_a_modality_alone_is_no_mention(finder: Finder) -> None:
    """`Videos` alone in an entry is what one can watch, not what models read."""
    assert words(finder, "## Transformers\n- [Videos](https://example.org)\n- Videos of talks\n") == [(), ("Videos",)]


def test_deep_nesting_is_no_matter(finder: Finder) -> None:
    """Support is looked for through thousands of enclosing items."""
    passages = [Passage("GANs"), *(Passage("", above=index) for index in range(5000)), Passage("images", above=5000)]
    assert finder.find([*passages, Passage("more images", above=5000)])[-1] != []


# -- what of a note is read --


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        ("`BERT` and CLIP", ("CLIP",)),
        ("```\nBERT\n```", ()),
        ("$BERT$ and $$CLIP$$", ()),
        ("https://example.org/BERT", ()),
        ("[CLIP](https://example.org/BERT)", ("CLIP",)),
        ("[https://example.org/BERT](https://example.org)", ()),
        ("<https://example.org/BERT> by BERT", ("BERT",)),
        ("A page (https://example.org/BERT) on GPT-3", ("GPT-3",)),
        ("#GAN #paper/BERT about GPT-3", ("GPT-3",)),
        ("[[BERT]] and [[CLIP|the other]]", ("BERT",)),
        ("[[CLIP|BERT]]", ("BERT",)),
        ("[[Transformers/GANs/BERT#For NLP]]", ("BERT", "NLP")),
        ("![[BERT.png]] CLIP", ("CLIP",)),
        ("**BERT** and *GPT*-3", ("BERT", "GPT-3")),
        ("> CLIP and BERT", ("CLIP", "BERT")),
        ("| CLIP | BERT |\n| --- | --- |\n| GPT-3 | T5 |", ("CLIP", "BERT")),
        ("<b>BERT</b> in HTML", ("BERT",)),
        ("==BERT== shines ^bert", ("BERT",)),
    ],
)
def test_only_words_are_read(finder: Finder, note: str, expected: tuple[str, ...]) -> None:
    """Nothing is found in URLs, code, formulas, tags, folders of links and names of files."""
    assert words(finder, note)[0] == expected


# -- vocabularies --

OWN = """
@prefix fm: <https://w3id.org/fm-kg/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix : <https://example.org/> .
:Zebra a fm:FoundationModel ; rdfs:label "Zebra" ; skos:altLabel "Zebra-7B" ;
    fm:matchCase "Zebra" ; fm:needsContext "Zebra" ; fm:developedBy :Stripes ; fm:notNamedBy "Zebra crossing" .
:Stripes a fm:Organization ; rdfs:label "Stripes Inc." .
:Odd a skos:Concept ; skos:prefLabel "odd task"@en .
:Thing rdfs:label "thing" .
"""


def test_vocabulary_of_a_user(tmp_path: Path) -> None:
    """Labels, their rules and the makers that support them are read from Turtle."""
    (tmp_path / "own.ttl").write_text(OWN, "utf-8")
    (tmp_path / "readme.md").write_text("not Turtle", "utf-8")
    assert [tmp_path / "own.ttl"] == files_in(tmp_path)
    finder = Finder([*labels([data.models()]), *labels(files_in(tmp_path))])
    found = [
        mention.words
        for text in ("Zebra", "Stripes Inc. shows Zebra", "zebra-7b", "Zebra crossing by Stripes Inc.", "an odd task")
        for mention in finder.find([Passage(text)])[0]
    ]
    assert ["Zebra", "zebra-7b", "odd task"] == found


def test_the_later_vocabulary_counts() -> None:
    """A user's meaning of a label takes the place of the one that ships with the package."""
    finder = Finder([*labels([data.models()]), Label("BERT", "https://example.org/bert", "Model", exact=True)])
    assert ["https://example.org/bert"] == things(finder.find([Passage("BERT")])[0])


def test_no_folder_is_no_vocabulary(tmp_path: Path) -> None:
    """Without a folder of vocabularies there are none, and that is no error."""
    assert files_in(tmp_path / "vocabulary") == []


def test_malformed_vocabulary_names_its_line(tmp_path: Path) -> None:
    """A vocabulary that is no Turtle is reported with its file and line."""
    (tmp_path / "own.ttl").write_text("\n\n<https://example.org/> a", "utf-8")
    with pytest.raises(VocabularyError, match=r"own\.ttl:\d+: not Turtle"):
        read_turtle(tmp_path / "own.ttl")


def test_missing_vocabulary(tmp_path: Path) -> None:
    """A vocabulary that cannot be read is reported with its file."""
    with pytest.raises(VocabularyError, match=r"gone\.ttl"):
        read_turtle(tmp_path / "gone.ttl")


def test_digest_tells_vocabularies_apart(tmp_path: Path) -> None:
    """The digest depends on the content of all files, and on which content is whose."""
    first, second = tmp_path / "a.ttl", tmp_path / "b.ttl"
    first.write_bytes(b"ab")
    second.write_bytes(b"c")
    was = digest([first, second])
    first.write_bytes(b"a")
    second.write_bytes(b"bc")
    assert was != digest([first, second])
    assert digest([]) != digest([first])
