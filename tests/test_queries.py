"""Saved queries: what each answers on the sample notes, worked out by hand; headers, parameters, checks, prompts."""

import re
import shlex
from contextlib import suppress
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib.plugins.sparql
from hypothesis import given
from hypothesis import strategies as st

from kg import data, queries, sparql
from kg.errors import QueryError
from kg.evaluation import Rows, Source
from kg.store import GraphStore
from tests.running import Run

ENRICHED = Path(__file__).parent / "queries" / "enriched.ttl"
NAMES = sorted(path.stem for path in data.queries().glob("*.rq"))


def _answer(source: Source, name: str, **values: str) -> list[tuple[str, ...]]:
    """The rows of a saved query: words of literals, IRIs without what comes before the last `/` but one."""
    saved = queries.find(name)
    assert saved is not None
    answer = source.query(saved.bound(values))
    assert isinstance(answer, Rows)
    return [tuple("" if term is None else term.value for term in row) for row in answer]


def _column(rows: list[tuple[str, ...]], number: int) -> list[str]:
    return [row[number] for row in rows]


@pytest.fixture
def vault(sample: GraphStore) -> Source:
    """The graph of the sample notes, to ask."""
    return sample.source()


@pytest.fixture(scope="module")
def enriched() -> Source:
    """A small graph with what arXiv says and with models."""
    return Source.of_files([ENRICHED], {})


# -- papers --


def test_papers_per_year(vault: Source) -> None:
    """219 of the 220 cited papers have a year; BiT, which has none in the notes, is in no row."""
    rows = _answer(vault, "papers-per-year")
    assert " ".join(year[2:] for year, _ in rows) == "97 09 12 13 14 15 16 17 18 19 20 21 22 23 24"
    assert [int(count) for _, count in rows] == [1, 1, 1, 2, 5, 3, 9, 6, 11, 13, 23, 49, 45, 37, 13]


def test_papers_by_year(vault: Source) -> None:
    """All papers with a year are listed, or those of one year: six are of 2017."""
    assert len(_answer(vault, "papers-by-year")) == 219
    rows = _answer(vault, "papers-by-year", year="2017")
    assert len(rows) == 6
    assert set(_column(rows, 0)) == {"2017"}


@pytest.mark.parametrize(
    ("author", "year", "papers"),
    [
        ("Vaswani", "2017", ["1706.03762", "7181-attention-is-all-you-need"]),
        ("Vaswani", "", ["1706.03762", "7181-attention-is-all-you-need", "1803.07416"]),
        ("touvron", "", ["2012.12877", "2105.03404", "2302.13971", "2307.09288"]),
        ("Jaegle", "", ["2103.03206", "2107.14795"]),
        ("D'Amour", "", ["2011.03395"]),
        ("d'Ascoli", "", ["2103.10697"]),
        ("van den Oord", "", ["1601.06759", "1606.05328"]),
        ("Oord", "", ["1601.06759", "1606.05328"]),
        ("Nobody", "", []),
    ],
)
def test_papers_by_author(vault: Source, author: str, year: str, papers: list[str]) -> None:
    """Papers are found by surname, in any case, and by year."""
    values = {"author": author} | ({"year": year} if year else {})
    found = [row[3].rpartition("/")[2] for row in _answer(vault, "papers-by-author", **values)]
    assert sorted(found) == sorted(papers)


@pytest.mark.parametrize(
    ("section", "papers"),
    [
        ("Vision", ["2111.11432", "2211.05778", "2304.02643"]),
        ("Language", ["1706.03762", "1810.04805", "2005.14165"]),
        ("Multimodal", ["2103.00020", "2204.14198"]),
        ("The term", ["2108.07258", "2302.07730", "2301.04655"]),
    ],
)
def test_papers_in_section(vault: Source, section: str, papers: list[str]) -> None:
    """The papers of a section of a note come in the order of the note, with their lines."""
    rows = _answer(vault, "papers-in-section", section=section, note="Foundation models")
    assert [paper.rpartition("/")[2] for paper in _column(rows, 2)] == papers
    assert all(re.fullmatch(r"Maps/Foundation models\.md:\d+", where) for where in _column(rows, 0))


def test_papers_of_a_section_include_those_of_its_subsections(vault: Source) -> None:
    """`By modality` of the map has 13 papers, all of them in its subsections."""
    assert len(_answer(vault, "papers-in-section", section="By modality", note="Maps/Foundation models.md")) == 13


@pytest.mark.parametrize(
    ("modality", "papers"),
    [
        ("Robotics", "1703.07326 2205.06175 2212.06817 2303.03378 2307.15818 2406.09246"),
        ("audio", "2006.11477 2209.03143 2207.06405 2205.12007 2212.04356 2202.03555 2301.11325"),
    ],
)
def test_papers_by_modality(vault: Source, modality: str, papers: str) -> None:
    """Among the papers of a modality are those that the note of its name presents."""
    found = {row[3].rpartition("/")[2] for row in _answer(vault, "papers-by-modality", modality=modality)}
    assert set(papers.split()) <= found


def test_papers_by_modality_of_models(enriched: Source) -> None:
    """A paper belongs to the modality of the model that it introduces."""
    rows = _answer(enriched, "papers-by-modality", modality="Time series")
    assert _column(rows, 2) == ["N-BEATS: Neural basis expansion analysis"]


def test_most_cited(vault: Source) -> None:
    """BERT is cited in 7 notes, three papers in 5, seven in 4."""
    rows = _answer(vault, "most-cited")
    assert len(rows) == 20
    assert [int(row[0]) for row in rows[:12]] == [7, 5, 5, 5, 4, 4, 4, 4, 4, 4, 4, 3]
    assert [row[3].rpartition("/")[2] for row in rows[:4]] == ["1810.04805", "2005.14165", "2103.00020", "2302.13971"]


def test_papers_in_several_notes(vault: Source) -> None:
    """74 papers are in two notes or more, eleven in four or more."""
    assert len(_answer(vault, "papers-in-several-notes")) == 74
    rows = _answer(vault, "papers-in-several-notes", least="4")
    assert len(rows) == 11
    assert sorted(rows[0][2].split(", ")) == sorted(
        [
            *("Foundation models", "Reading plan", "Timeline", "Masked modelling"),
            *("Self-supervised learning", "Language", "BERT"),
        ]
    )


def test_papers_with_and_without_code(vault: Source) -> None:
    """88 papers have code, some of them several repositories; 132 have none."""
    rows = _answer(vault, "papers-with-code")
    by_paper = {paper: {row[1] for row in rows if row[2] == paper} for paper in set(_column(rows, 2))}
    assert len(by_paper) == 88
    assert {p.rpartition("/")[2] for p, code in by_paper.items() if len(code) > 1} == {
        "1810.04805",
        "2103.00020",
        "2112.10752",
    }
    assert len(_answer(vault, "papers-without-code")) == 132


def test_explained_papers(vault: Source) -> None:
    """Videos and talks explain 18 papers; two of them explain the Transformer."""
    rows = _answer(vault, "explained-papers")
    assert len(set(_column(rows, 3))) == 18
    transformer = [(row[1], row[2].rpartition("=")[2]) for row in rows if row[3].endswith("1706.03762")]
    assert transformer == [("Video", "iDulhoQ2pro"), ("Talk", "rBCqOTEfxvg")]
    assert len(_answer(vault, "explained-papers", paper="arxiv:1706.03762")) == 2


def test_duplicate_papers(vault: Source) -> None:
    """Three papers have two IRIs under one title, whatever its capitals."""
    rows = _answer(vault, "duplicate-papers")
    assert [(row[1].rpartition("/")[2], row[2].split("/")[2]) for row in rows] == [
        ("1706.03762", "papers.nips.cc"),
        ("2303.08774", "cdn.openai.com"),
        ("2111.06377", "openaccess.thecvf.com"),
    ]


def test_published_preprints(vault: Source, enriched: Source) -> None:
    """A publication is found by its title, as an entry below the preprint's, and through arXiv's metadata."""
    rows = _answer(vault, "published-preprints")
    assert [(row[1].rpartition("/")[2], row[2].split("/")[2], row[3]) for row in rows] == [
        ("1706.03762", "papers.nips.cc", "same title"),
        ("2212.12794", "doi.org", "same title"),
        ("2111.06377", "openaccess.thecvf.com", "same title"),
        ("2211.02556", "doi.org", "below it"),
    ]
    assert _answer(enriched, "published-preprints") == [
        ("Graph Attention Networks", "https://example.org/gat", "https://example.org/gat-iclr", "arXiv")
    ]


def test_review_papers(vault: Source) -> None:
    """Eight papers are tagged as reviews, in order of their years."""
    years = _column(_answer(vault, "review-papers"), 0)
    assert years == ["2020", "2020", "2022", "2023", "2023", "2023", "2024", "2024"]


def test_statements_about(vault: Source) -> None:
    """Everything said about LoRA: two entries that present it, and the remarks below each, with their lines."""
    rows = _answer(vault, "statements-about", paper="arxiv:2106.09685")
    presenting = [row[0] for row in rows if row[1] == "presents"]
    assert presenting == ["Methods/Parameter-efficient fine-tuning.md:12", "Models/Alpaca and Vicuna.md:27"]
    remarks = [row[2] for row in rows if row[1] == "remarks on"]
    assert [text.split()[0] for text in remarks] == ["W", "On", "Its"]


def test_provenance(vault: Source) -> None:
    """FlashAttention is presented once, and the row says where and what the note calls it."""
    (row,) = _answer(vault, "provenance", resource="https://arxiv.org/abs/2205.14135")
    assert row[0] == "Methods/Efficient attention.md:12"
    assert row[2:] == ("Dao", "2022", "https://arxiv.org/abs/2205.14135")


# -- authors --


def test_top_authors(vault: Source) -> None:
    """Before enrichment a name is a surname: seven papers of a Liu, six of a Li, five of a Wu."""
    rows = _answer(vault, "top-authors", least="4")
    assert rows == [("7", "Liu"), ("6", "Li"), ("5", "Wu"), ("4", "He"), ("4", "Touvron")]


def test_top_authors_of_all_authors(enriched: Source) -> None:
    """With all authors known, the one with two papers need not be the first of any."""
    assert _answer(enriched, "top-authors") == [("2", "Yelong Shen")]


def test_coauthors(vault: Source, enriched: Source) -> None:
    """Notes name first authors only; with arXiv's metadata each pair of authors is told once."""
    assert _answer(vault, "coauthors") == []
    pairs = [
        ("Boris N. Oreshkin", "Yelong Shen"),
        ("Edward J. Hu", "Phillip Wallis"),
        ("Edward J. Hu", "Yelong Shen"),
        ("Guillem Cucurull", "Petar Veličković"),
        ("Phillip Wallis", "Yelong Shen"),
    ]
    assert _answer(enriched, "coauthors") == [(*pair, "1") for pair in pairs]
    assert len(_answer(enriched, "coauthors", author="Yelong Shen")) == 3


# -- notes --


def test_shared_papers_without_link(vault: Source) -> None:
    """60 pairs of notes cite the same and do not link to each other; two pairs share four papers."""
    rows = _answer(vault, "shared-papers-without-link")
    assert len(rows) == 60
    pairs = {frozenset(row[1:3]): int(row[0]) for row in rows}
    assert [sorted(pair) for pair, count in pairs.items() if count == 4] == [
        ["Reading plan", "Timeline"],
        ["Language", "Timeline"],
    ]
    assert pairs[frozenset({"Training at scale", "Weather and Earth"})] == 1
    assert pairs[frozenset({"Parameter-efficient fine-tuning", "Alpaca and Vicuna"})] == 2
    assert pairs[frozenset({"Evaluation", "Agents"})] == 2


def test_orphan_notes(vault: Source) -> None:
    """Nothing links to the notes on convolution."""
    assert _answer(vault, "orphan-notes") == [("Notes on convolution", "Inbox/Notes on convolution.md")]


def test_hubs(vault: Source) -> None:
    """The map is linked from 18 notes and links to 35; all notes are listed."""
    rows = _answer(vault, "hubs")
    assert len(rows) == 46
    assert [(int(row[0]), row[2]) for row in rows[:3]] == [(18, "Foundation models"), (13, "Language"), (10, "CLIP")]
    assert {row[2]: int(row[1]) for row in rows}["Foundation models"] == 35
    assert {row[2]: int(row[1]) for row in rows}["Timeline"] == 17


def test_unresolved_links(vault: Source) -> None:
    """Two notes are not written, and three places want each."""
    assert _answer(vault, "unresolved-links") == [
        ("Mixture of experts", "Maps/Reading plan.md:18"),
        ("Mixture of experts", "Methods/Efficient attention.md:30"),
        ("Mixture of experts", "Methods/Scaling laws.md:33"),
        ("State-space models", "Maps/Foundation models.md:79"),
        ("State-space models", "Maps/Reading plan.md:17"),
        ("State-space models", "Methods/Efficient attention.md:35"),
    ]


@pytest.mark.parametrize(
    ("note", "sources"),
    [
        ("GraphCast", ["Foundation models", "Timeline", "Weather and Earth", "Google DeepMind"]),
        ("Models/AlphaFold.md", ["Foundation models", "Timeline", "Proteins and science", "Google DeepMind"]),
        ("InstructGPT", ["Foundation models", "Timeline", "Instruction tuning and RLHF", "GPT", "OpenAI"]),
    ],
)
def test_backlinks(vault: Source, note: str, sources: list[str]) -> None:
    """A note is found by title or path, and every place that links to it is told, front matter included."""
    rows = _answer(vault, "backlinks", note=note)
    assert set(_column(rows, 0)) == set(sources)
    assert all(re.fullmatch(r".+\.md:[1-9]\d*", where) for where in _column(rows, 1))


def test_backlinks_of_front_matter(vault: Source) -> None:
    """Links in properties count: `up:` and `organization:` lead to the map and to OpenAI."""
    assert ("GPT", "Models/GPT.md:7", "") in _answer(vault, "backlinks", note="OpenAI")


@pytest.mark.parametrize(
    ("start", "end", "chains"),
    [
        ("Notes on convolution", "GraphCast", ["Notes on convolution → Vision → Foundation models → GraphCast"]),
        (
            "AlphaFold",
            "LLaVA",
            [
                "AlphaFold → Diffusion models → Foundation models → LLaVA",
                "AlphaFold → Proteins and science → Foundation models → LLaVA",
            ],
        ),
        ("CLIP", "Notes on convolution", []),
        ("Timeline", "CLIP", ["Timeline → CLIP"]),
    ],
)
def test_link_chain(vault: Source, start: str, end: str, chains: list[str]) -> None:
    """The shortest chains of links between two notes, all of them when several are as short."""
    assert _column(_answer(vault, "link-chain", **{"from": start, "to": end}), 1) == chains


def test_reading_list(vault: Source) -> None:
    """The list for a newcomer comes in its order."""
    rows = _answer(vault, "reading-list", section="Order for a newcomer")
    papers = [row[3].rpartition("/")[2] for row in rows]
    assert papers == ["1409.0473", "1706.03762", "1810.04805", "2010.11929", "2203.02155"]


def test_incomplete_entries(vault: Source) -> None:
    """One entry says no author and one no year."""
    rows = _answer(vault, "incomplete-entries")
    assert [row[:2] for row in rows] == [("Modalities/Audio.md:26", "author"), ("Modalities/Vision.md:22", "year")]


def test_topics_by_year(vault: Source) -> None:
    """Papers of each year by topic, as a table of two columns and a count."""
    rows = _answer(vault, "topics-by-year")
    assert [row[1:] for row in rows if row[0] == "Video"] == [
        ("2015", "1"),
        ("2019", "1"),
        ("2020", "1"),
        ("2021", "3"),
        ("2022", "3"),
    ]
    assert ("Vision", "2021", "18") in rows
    assert len(set(_column(rows, 0))) == 12
    assert "Timeline" in _column(_answer(vault, "topics-by-year", folder="Maps/"), 0)


def test_disagreements_between_notes(vault: Source) -> None:
    """Notes differ on the year of three papers and on how to write Dosovitskiy."""
    rows = _answer(vault, "disagreements-between-notes")
    assert [(what, title.split(":")[0], sorted(values.split(", "))) for what, title, values, _ in rows] == [
        ("author", "An Image is Worth 16x16 Words", ["Dosovitskiy", "Dosovitsky"]),
        ("year", "An Image is Worth 16x16 Words", ["2020", "2021"]),
        ("year", "LoRA", ["2021", "2022"]),
        ("year", "N-BEATS", ["2018", "2019"]),
    ]


def test_disagreements_with_arxiv(vault: Source, enriched: Source) -> None:
    """A year before the preprint, another name and another title are told; a venue's year and accents are not."""
    assert _answer(vault, "disagreements-with-arxiv") == []
    assert [row[:4] for row in _answer(enriched, "disagreements-with-arxiv")] == [
        ("Notes.md:5", "year", "2018", "2019 to 2020"),
        ("Notes.md:6", "author", "Hue", "Edward J. Hu"),
        ("Notes.md:6", "title", "Long-range attention", "LoRA: Low-Rank Adaptation of Large Language Models"),
    ]


def test_tags(vault: Source) -> None:
    """#CODE is on 100 entries, #DATASET on 16, #REVIEW on 8."""
    tags = {tag: (int(notes), int(entries)) for tag, notes, entries in _answer(vault, "tags")}
    assert (tags["CODE"], tags["DATASET"], tags["REVIEW"]) == ((0, 100), (0, 16), (0, 8))


def test_schema_in_use(vault: Source) -> None:
    """220 things are papers, 46 notes; properties are counted without regard to how many graphs say the same."""
    uses = {(kind, term.rpartition("#")[2]): int(count) for kind, term, count in _answer(vault, "schema-in-use")}
    assert (uses["class", "Paper"], uses["class", "Note"]) == (220, 46)
    assert uses["property", "cites"] > 220


# -- models --


def test_model_timeline(vault: Source, enriched: Source) -> None:
    """Notes say in a property when their model was introduced."""
    rows = _answer(vault, "model-timeline")
    assert {
        ("2018", "BERT"),
        ("2018", "GPT"),
        ("2020", "ViT"),
        ("2021", "AlphaFold"),
        ("2021", "CLIP"),
        ("2022", "GraphCast"),
        ("2022", "InstructGPT"),
        ("2022", "Stable Diffusion"),
        ("2023", "Alpaca and Vicuna"),
        ("2023", "LLaMA"),
        ("2023", "LLaVA"),
    } <= {row[:2] for row in rows}
    assert [row[:2] for row in _answer(enriched, "model-timeline")] == [("2019", "N-BEATS")]


def test_models_by_organization(vault: Source, enriched: Source) -> None:
    """Notes name the organization of a model, and so does what is known of models."""
    assert [row[1] for row in _answer(vault, "models-by-organization", organization="openai")][:3] == [
        "CLIP",
        "GPT",
        "InstructGPT",
    ]
    assert {row[1] for row in _answer(vault, "models-by-organization", organization="Google DeepMind")} >= {
        *("AlphaFold", "BERT", "GraphCast", "ViT")
    }
    assert _answer(enriched, "models-by-organization") == [("Element AI", "N-BEATS")]


def test_model_ancestry(vault: Source, enriched: Source) -> None:
    """LLaVA descends from CLIP, and through Alpaca and Vicuna from LLaMA; nothing descends from itself."""
    assert {"CLIP", "Alpaca and Vicuna", "LLaMA"} <= set(_column(_answer(vault, "model-ancestry", model="llava"), 1))
    rows = _answer(vault, "model-ancestry")
    assert {("InstructGPT", "GPT"), ("ViT", "BERT"), ("Alpaca and Vicuna", "LLaMA")} <= set(rows)
    assert [row for row in rows if row[0] == row[1]] == []
    assert _answer(enriched, "model-ancestry", model="LLaVA") == [("LLaVA", "Alpaca"), ("LLaVA", "LLaMA")]


# -- all of them --


def test_there_are_thirty_queries() -> None:
    """At least thirty queries ship with kg, and each has a test above."""
    assert len(NAMES) >= 30
    text = Path(__file__).read_text("utf-8")
    assert [name for name in NAMES if f'"{name}"' not in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_other_tools_take_the_queries_as_they_are(name: str) -> None:
    """Every saved query is SPARQL 1.1 to rdflib too, declares its prefixes, and says what it is for."""
    saved = queries.find(name)
    assert saved is not None
    assert saved.summary
    rdflib.plugins.sparql.prepareQuery(saved.text)
    ox.Store().query(saved.text)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_each_query_has_an_answer(run: Run, sample_store: Path, name: str) -> None:
    """The example call that `kg queries show` prints runs and, but for what needs arXiv, finds something."""
    saved = queries.find(name)
    assert saved is not None
    result = run(*shlex.split(saved.example())[1:], "--store", sample_store, "--format", "csv")
    assert result.code == 0
    assert result.out.count("\n") > 1 or name in ("coauthors", "disagreements-with-arxiv")


# -- headers and parameters --

HEADER = """\
#+ summary: Things of a kind
#+ params:
#+   kind:
#+     type: TYPE
#+     example: EXAMPLE
SELECT ?x WHERE { ?x a ?kind }
"""


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("string", '" } DELETE WHERE { ?s ?p ?o } #', r'"\" } DELETE WHERE { ?s ?p ?o } #"'),
        ("iri", "https://example.org/a", "<https://example.org/a>"),
        ("iri", "<https://example.org/a>", "<https://example.org/a>"),
        ("curie", "arxiv:1706.03762", "<https://arxiv.org/abs/1706.03762>"),
        ("curie", "https://example.org/a", "<https://example.org/a>"),
        ("year", "2017", '"2017"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
        ("integer", "-5", '"-5"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("decimal", "0.5", '"0.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("date", "2023-04-02", '"2023-04-02"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("boolean", "true", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
    ],
)
def test_parameters_become_terms(kind: str, value: str, term: str) -> None:
    """A value becomes one RDF term of its type."""
    saved = queries.read(HEADER.replace("TYPE", kind), "things")
    assert saved.bound({"kind": value}).splitlines()[-1] == f"SELECT ?x WHERE {{ ?x a  {term}  }}"


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("year", "last year", "must be a year such as 2017"),
        ("year", "٢٠١٧", "must be a year"),
        ("integer", "5.0", "must be a whole number"),
        ("date", "2023-02-30", "must be a day"),
        ("date", "2023", "must be a day"),
        ("iri", "no iri", "must be an absolute IRI"),
        ("iri", "https://example.org/a> } #", "must be an absolute IRI"),
        ("curie", "arxve:1706.03762", "did you mean arxiv:1706.03762?"),
        ("boolean", "maybe", "must be true or false"),
        ("string", "\ud800", "is not Unicode text"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(kind: str, value: str, words: str) -> None:
    """An ill-typed value is an error that says what is wanted, what the query is for, and how it is called."""
    saved = queries.read(HEADER.replace("TYPE", kind).replace("EXAMPLE", "abc"), "things")
    with pytest.raises(QueryError) as caught:
        saved.bound({"kind": value})
    first, *rest = str(caught.value).split("\n")
    assert words in first
    assert "Things of a kind" in rest[0]
    assert rest[-1] == "  example: kg query things --param kind=abc"


def test_missing_and_unknown_parameters_are_refused() -> None:
    """A parameter that is missing or unknown is an error with the nearest name."""
    saved = queries.read(HEADER.replace("TYPE", "string"), "things")
    with pytest.raises(QueryError, match="things needs the parameter 'kind'"):
        saved.bound({})
    with pytest.raises(QueryError, match="no parameter 'kin'; did you mean kind"):
        saved.bound({"kin": "x"})


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("#+ params:\n#+   x: {default: a}\n", '"a"'),
        ("#+ defaults:\n#+   - x: b\n", '"b"'),
        ("#+ params:\n#+   - name: x\n#+     default: 2020-01-01\n#+     type: date\n", '"2020-01-01"^^'),
        ("#+ params:\n#+   x: {default: yes, type: boolean}\n", '"true"^^'),
    ],
)
def test_defaults_are_bound(header: str, wanted: str) -> None:
    """A default takes the place of a value that is not given; parameters may be a mapping or a list."""
    body = "ASK { ?s ?p ?x }" if "defaults" not in header else "ASK { ?s ?p ?_x }"
    assert wanted in queries.read(header + body, "q").bound({})


def test_an_optional_parameter_may_be_left_out() -> None:
    """Without a value the variable stays, and `BOUND` tells the query so."""
    text = "#+ params:\n#+   x: {required: false}\nASK { ?s ?p ?o FILTER(!BOUND(?x) || ?o = ?x) }"
    saved = queries.read(text, "q")
    assert saved.bound({}) == text
    assert saved.bound({"x": "a"}).endswith('ASK { ?s ?p ?o FILTER(! true  || ?o =  "a" ) }')


def test_parameters_in_the_manner_of_grlc() -> None:
    """`?_name` is a required parameter, `?__name` an optional one, and an ending gives the type."""
    saved = queries.read("SELECT ?s { ?s ?_p_iri ?_n_integer ; ?q ?__label }", "q")
    assert [(p.name, p.type, p.required) for p in saved.parameters] == [
        ("p", "iri", True),
        ("n", "integer", True),
        ("label", "string", False),
    ]
    bound = saved.bound({"p": "https://example.org/p", "n": "3"})
    assert (
        bound
        == 'SELECT ?s { ?s  <https://example.org/p>   "3"^^<http://www.w3.org/2001/XMLSchema#integer>  ; ?q ?__label }'
    )


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("#+ summary: [", "the header is not YAML"),
        ("#+ just words", "the header must be YAML with keys"),
        ("#+ params: 3", "params must be a mapping"),
        ("#+ params:\n#+   x: {type: colour}", "unknown type 'colour'"),
        ("#+ params:\n#+   x: 3", "expected `type:`"),
    ],
)
def test_headers_that_cannot_be_read_are_refused(header: str, words: str) -> None:
    """A header that says nothing that is known is an error that names the file."""
    with pytest.raises(QueryError, match=re.escape(words)):
        queries.read(f"{header}\nASK {{}}", "q")


@given(st.text())
def test_any_text_stays_one_string(text: str) -> None:
    """Whatever text a parameter has, the query gets exactly that string."""
    saved = queries.read("#+ params:\n#+   x: {}\nSELECT (?x AS ?y) {}", "q")
    try:
        asked = saved.bound({"x": text})
    except QueryError:
        assert any("\ud800" <= character <= "\udfff" for character in text)
        return
    answer = Source.of_files((), {}).query(asked)
    assert isinstance(answer, Rows)
    assert [row[0].value for row in answer if row[0] is not None] == [text]


@given(st.text(alphabet="?xX $_:<>\"'\\{}()#.;,|^/*+!=&@ \nabVALUESELECTBOUNDBYASK01"))
def test_any_query_can_be_read(text: str) -> None:
    """The tokens of any text are its characters in order, and binding never fails but for what it says."""
    joined = "".join(token.text for token in sparql.tokens(text))
    assert [c for c in joined if not c.isspace()] or not text.strip() or "#" in text or "\ufeff" in text
    with suppress(QueryError):  # the query assigns the variable itself
        sparql.bind(text, {"x": '"v"'})


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT ?s ?n { ?s :n ?n }", [["a", "x"]]),
        ("SELECT ?s { ?s :n ?m FILTER(?m = ?n) }", [["a"]]),
        ("SELECT ?s { ?s :n ?m FILTER EXISTS { ?s :n ?n } }", [["a"]]),
        ("SELECT ?s { ?s :n ?m MINUS { ?s :n ?n } }", [["b"]]),
        ("SELECT ?c ?n { { SELECT ?n (COUNT(*) AS ?c) { ?s :n ?n } GROUP BY ?n } }", [["1", "x"]]),
        ("SELECT ?n (COUNT(*) AS ?c) { ?s :n ?n } GROUP BY ?n HAVING(?n = 'x') ORDER BY DESC(?n)", [["x", "1"]]),
        ("SELECT ?s { VALUES ?n { 'y' 'z' } ?s :n ?n }", [["a"]]),
        ("SELECT ?s { ?s :n ?n } VALUES ?n { 'y' }", [["a"]]),
        ("SELECT ?u { ?s :n ?m BIND(UCASE(?n) AS ?u) } LIMIT 1", [["X"]]),
        ("SELECT ?s { ?s :n ?m OPTIONAL { ?s :p ?o } } ORDER BY ?n ?m", [["a"], ["b"]]),
        ("SELECT $n { ?s :n $n }", [["x"]]),
    ],
)
def test_binding_means_the_same_everywhere(query: str, rows: list[list[str]]) -> None:
    """A bound variable is the term in patterns, filters, subqueries, aggregates and what is selected."""
    store = ox.Store()
    store.load(b"@prefix : <http://e/> . :a :n 'x' . :b :n 'y' .", format=ox.RdfFormat.TURTLE)
    asked = sparql.bind(f"PREFIX : <http://e/> {query}", {"n": '"x"'})
    answer = Source(store, union=False).query(asked)
    assert isinstance(answer, Rows)
    assert [[term.value.rpartition("/")[2] for term in row if term] for row in answer] == rows


def test_a_variable_that_the_query_assigns_is_no_parameter() -> None:
    """A variable that BIND or VALUES gives a value together with others cannot be bound from outside."""
    for text in ("SELECT ?x { BIND(1 AS ?x) }", "SELECT ?x { VALUES (?x ?y) { (1 2) } }"):
        with pytest.raises(QueryError, match="cannot be a parameter"):
            sparql.bind(text, {"x": '"v"'})


# -- kg queries --


def test_queries_are_listed(run: Run) -> None:
    """`kg queries` lists every query with its parameters, optional ones in brackets."""
    result = run("queries")
    assert result.code == 0
    assert [line.split()[0] for line in result.out.splitlines()[2:]] == NAMES
    assert re.search(r"^papers-by-author +author \[year\] +Papers of an author$", result.out, re.MULTILINE)


def test_a_query_is_shown(run: Run) -> None:
    """`kg queries show` prints the file, and on standard error the parameters with an example call."""
    result = run("queries", "show", "papers-by-author")
    saved = queries.find("papers-by-author")
    assert saved is not None
    assert (result.code, result.out) == (0, saved.text)
    assert "example: kg query papers-by-author --param author=Vaswani --param year=2017" in result.err


def test_the_queries_that_ship_are_in_order(run: Run, sample_store: Path) -> None:
    """`kg queries check` has nothing to say about them."""
    result = run("queries", "check", "--store", sample_store)
    assert (result.code, result.out, result.err) == (0, "", f"{len(NAMES)} queries, 0 findings\n")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("#+ summary: x\nSELECT ?x {\n  ?x dcterms:title ?y }", "own.rq:3: prefix-undeclared"),
        (
            "#+ summary: x\nPREFIX fm: <https://w3id.org/fm-kg/ontology#>\nASK { ?x a fm:Papr }",
            "own.rq:3: term-unknown",
        ),
        (
            "#+ summary: x\nPREFIX dcterms: <http://purl.org/dc/terms/>\nASK { ?x dcterms:titel 1 }",
            "own.rq:3: term-unknown",
        ),
        ("#+ summary: x\nSELEC ?x { ?x ?y ?z }", "own.rq:2: query-fails `SELEC` does not fit here"),
        ("ASK {}", "own.rq:1: summary-missing"),
        ("#+ summary: x\n#+ params:\n#+   y: {example: 1}\nASK {}", "own.rq:1: parameter-unused"),
        ("#+ summary: x\n#+ params:\n#+   y: {}\nASK { ?x ?p ?y }", "own.rq:1: example-missing"),
        ("#+ summary: [\nASK {}", "own.rq:1: header-malformed"),
    ],
)
def test_faults_of_queries_are_found(run: Run, sample_store: Path, text: str, finding: str) -> None:
    """`kg queries check` tells what is wrong with a query, and where, and exits with 1."""
    Path("own").mkdir()
    Path("own/own.rq").write_text(text, "utf-8")
    Path("kg.toml").write_text('queries = ["own"]\n', "utf-8")
    result = run("queries", "check", "own", "--store", sample_store)
    assert result.code == 1
    assert f"own/{finding}" in result.out


def test_folders_of_queries_come_from_the_configuration(run: Run, sample_store: Path) -> None:
    """Queries in the folders of kg.toml are run by name, and win over those that ship with kg."""
    Path("mine").mkdir()
    Path("mine/hubs.rq").write_text("#+ summary: Mine\nASK {}", "utf-8")
    Path("kg.toml").write_text('queries = ["mine"]\n', "utf-8")
    assert run("query", "hubs", "--store", sample_store).out == "true\n"
    assert re.search(r"^hubs +Mine$", run("queries").out, re.MULTILINE)


def test_an_unknown_query_is_an_error_with_the_nearest_name(run: Run, sample_store: Path) -> None:
    """A name that no query has is refused with the name that is most like it."""
    result = run("query", "papers-by-autor", "--store", sample_store)
    assert (result.code, result.out) == (2, "")
    assert result.err == "kg: there is no saved query 'papers-by-autor'; did you mean papers-by-author?\n"


def test_a_missing_parameter_shows_how_the_query_is_called(run: Run, sample_store: Path) -> None:
    """The error of the command line has the query's own description."""
    result = run("query", "papers-by-author", "--store", sample_store)
    assert result.code == 2
    assert result.err.startswith("kg: papers-by-author needs the parameter 'author'\n  Papers of an author\n")
