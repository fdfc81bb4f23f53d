"""What entries present: the choice of the link, and title, author, year and venue as stated."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.blocks import Block, Span
from kg.citations import RESOURCE_TAGS, Citation, cite, is_usable_url, resource_classes
from kg.markdown import read
from kg.statements import state_text

ARXIV = "https://arxiv.org/abs/2006.11239"
PAGE = "https://example.org/notes/diffusion"


def block_of(line: str) -> Block:
    """First block of a note."""
    return read(line, RESOURCE_TAGS).blocks[0]


def cited(line: str) -> Citation:
    """Citation of the first block of a note."""
    citation = cite(block_of(line))
    assert citation is not None
    return citation


def stated(line: str) -> tuple[Any, ...]:
    """What the first block of a note states: title, author, year, venue."""
    citation = cited(line)
    return citation.title, citation.author, citation.year, citation.venue


# -- tags --


@pytest.mark.parametrize(
    ("tags", "classes"),
    [
        (["PAPER"], ("Paper",)),
        (["PAPER", "REVIEW"], ("Paper", "ReviewPaper")),
        (["REVIEW"], ("Paper", "ReviewPaper")),
        (["SURVEY"], ("Paper", "ReviewPaper")),
        (["THESIS/PHD"], ("Thesis",)),
        (["THESIS/MSC", "todo"], ("Thesis",)),
        (["WHITEPAPER"], ("WhitePaper",)),
        (["paper"], ("Paper",)),
        (["DATA"], ("Dataset",)),
        (["MODEL"], ()),
        (["CODE", "PAPER", "CODE"], ("Code", "Paper")),
        (["transformers", "papers"], None),
        ([], None),
    ],
)
def test_tags_give_classes(tags: list[str], classes: tuple[str, ...] | None) -> None:
    """The first segment of each tag gives classes, in order and once each; other tags give none."""
    assert classes == resource_classes(tags)


def test_tags_can_be_chosen() -> None:
    """A vault may name its own resource tags."""
    block = block_of("- #lecture [Sampling (Okafor 2022)](https://example.org/sampling)")
    citation = cite(block, {"LECTURE": ("Talk",)})
    assert citation is not None
    assert (citation.status, citation.classes, citation.title) == ("presented", ("Talk",), "Sampling")


# -- statuses --


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (f"- #PAPER [Denoising Diffusion Probabilistic Models (Ho 2020)]({ARXIV}) ^ddpm", "presented"),
        (f"- #PAPER[Denoising without a blank]({ARXIV})", "presented"),
        (f"- [Denoising at the end (Ho 2020)]({ARXIV}) #PAPER", "presented"),
        (f"- [x] #PAPER [Denoising, read]({ARXIV})", "presented"),
        (f"- #CODE {PAGE}", "presented"),
        ("- #PAPER [Denoising](<https://example.org/a paper>)", "presented"),
        ("- #CODE [Sampler](https://github.com/acme/sampler, https://acme.example.org/) - fast", "presented"),
        ("- #PAPER See the sampler in [[Diffusion]]", "crossReference"),
        ("- #PAPER Siehe [[Diffusion#Sampler]]", "crossReference"),
        ("- #PAPER [[Diffusion]]", "crossReference"),
        ("- #PAPER See ^ddpm in [Diffusion](Models/Diffusion.md)", "crossReference"),
        ("- #CODE See Okafor 2021 further up", "crossReference"),
        ("- #PAPER ![[scan.pdf]]", "crossReference"),
        ("- #PAPER Denoising by hand (Ho 2020)", "withoutLink"),
        ("- #PAPER See What You Sample (Okafor 2021)", "withoutLink"),
        ("- #CODE sampler", "withoutLink"),
        ("- #PAPER", "withoutLink"),
        ("Entries with #PAPER are papers and those with #CODE are code.", "withoutLink"),
        ("- #PAPER [Denoising](http://)", "malformed"),
        ("- #PAPER [Denoising](htp://arxiv.org/abs/2006.11239)", "malformed"),
        ("- #PAPER [Denoising](arxiv.org/abs/2006.11239)", "malformed"),
        ("- #PAPER [Denoising](www.example.org/a.pdf and more)", "malformed"),
        ("- #PAPER [Denoising]()", "malformed"),
        ("- #PAPER [Denoising](https://my host/a)", "malformed"),
    ],
)
def test_tagged_block_has_one_status(line: str, status: str) -> None:
    """Each block with a resource tag is presented, a cross reference, without a link or malformed."""
    assert cited(line).status == status


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        (f"- #PAPER [Denoising (Ho 2020)]({ARXIV})", []),
        ("- #PAPER Denoising (Ho 2020)", ["resource-without-link"]),
        ("- #PAPER", ["resource-without-title"]),
        ("Tag papers with #PAPER and code with #CODE as you go.", ["tag-in-prose"]),
        ("- #PAPER [Denoising](htp://x.org/1)", ["url-malformed"]),
        ("- #CODE [Sampler](https://github.com/acme/sampler", ["link-unclosed"]),
    ],
)
def test_odd_entries_are_reported(line: str, codes: list[str]) -> None:
    """What is odd about an entry comes as findings with stable codes."""
    assert [code for code, _ in cited(line).findings] == codes


def test_only_what_is_presented_has_a_span() -> None:
    """The span is the index of the presented link; a malformed link is kept as a URL alone."""
    block = block_of(f"- #PAPER [Denoising (Ho 2020)]({ARXIV}) and [code](https://github.com/acme/ddpm)")
    citation = cite(block)
    assert citation is not None
    assert block.spans[citation.span].target == citation.url == ARXIV
    broken = cited("- #PAPER [Denoising (Ho 2020)](htp://x.org/1)")
    assert (broken.span, broken.url, broken.title) == (-1, "htp://x.org/1", "Denoising")


# -- entries without a tag --


@pytest.mark.parametrize(
    "line",
    [
        f"- {PAGE}",
        f"- <{PAGE}>",
        f"- [Diffusion explained]({PAGE})",
        f"- [Diffusion explained]({PAGE}) - with animations",
        f"- [Diffusion explained]({PAGE}) a gentle start",
        f"- {PAGE} (in German)",
        f"- Explained: [Diffusion]({PAGE})",
        f"- A longer introduction that says what comes next and why: [Diffusion]({PAGE})",
        f"- Lecture notes {PAGE}",
        f"- FID: Compares the statistics of features. Lower is better. [{PAGE}]({PAGE})",
        f"- Jane Doe [blog]({PAGE}):",
        f"- Adapted from {PAGE}",
        f"- See also [Diffusion explained]({PAGE})",
        f"- [[Sampling]]: [Diffusion]({PAGE})",
        f"- [A]({PAGE}/a), [B]({PAGE}/b) and [C]({PAGE}/c)",
        f"1. [Diffusion explained]({PAGE})",
        f"- [ ] [Diffusion explained]({PAGE})",
        f"> - [Diffusion explained]({PAGE})",
        f"[Diffusion explained]({PAGE})",
        f"Slides: [Diffusion]({PAGE})",
    ],
)
def test_link_as_main_content_is_presented(line: str) -> None:
    """Without a tag, an entry that is about an external link presents it."""
    block = next(b for b in read(line).blocks if b.spans)
    citation = cite(block)
    assert citation is not None
    assert (citation.status, citation.classes) == ("presented", ())
    assert citation.url.startswith(PAGE)


@pytest.mark.parametrize(
    "line",
    [
        f"We follow the schedule of [Nichol]({PAGE}) and train for longer.",
        f"- The schedule is taken from [Nichol]({PAGE})",
        f"- Trained on [LSUN]({PAGE}) with eight GPUs",
        f"- Noise is added step by step as in [DDPM]({PAGE}) or [NCSN]({PAGE}/n)",
        f"- The loss weighs all steps alike, and a long argument why this helps is given at the end of {PAGE}",
        f"- Un resumen de [la difusión]({PAGE}) en pocas palabras",
        "- See [[Sampling]]",
        "- [Sampling](Models/Sampling.md)",
        "- [write to us](mailto:notes@example.org)",
        f"- ![figure]({PAGE}.png)",
        "- plain words",
        f"```\n{PAGE}\n```",
    ],
)
def test_prose_presents_nothing(line: str) -> None:
    """Without a tag, prose with links, links to notes, pictures, mail and code present nothing."""
    assert cite(block_of(line)) is None


# -- entries as a whole --


@pytest.mark.parametrize(
    ("line", "want"),
    [
        (f"- #PAPER [Denoising (Ho 2020)]({ARXIV})", ("Denoising", "Ho", 2020, None)),
        (f"- #PAPER [Denoising (Ho, NeurIPS 2020)]( {ARXIV} )", ("Denoising", "Ho", 2020, "NeurIPS")),
        (f"- #PAPER [*Denoising* for `UNet`s (Ho 2020)]({ARXIV})", ("Denoising for UNets", "Ho", 2020, None)),
        (f"- #PAPER [[2006.11239] Denoising (arxiv.org)]({ARXIV})", ("Denoising", None, None, None)),
        (
            "- #PAPER [Denoising (Ho 2020) | OpenReview](https://openreview.net/forum?id=1)",
            ("Denoising", "Ho", 2020, None),
        ),
        (f"- #PAPER [Denoising]({ARXIV}) (2020): reviewed", ("Denoising", None, 2020, None)),
        (f"- #PAPER [Denoising]({ARXIV}) (Ho 2020)", ("Denoising", "Ho", 2020, None)),
        (f"- #PAPER [Denoising]({ARXIV}), Ho et al., 2020", ("Denoising", "Ho", 2020, None)),
        (f"- #PAPER [Denoising (Ho)]({ARXIV}) (2020)", ("Denoising", "Ho", 2020, None)),
        (f"- #PAPER [Denoising]({ARXIV}) (not official)", ("Denoising", None, None, None)),
        (f"- #PAPER Ho 2020: [Denoising]({ARXIV})", ("Denoising", "Ho", 2020, None)),
        (f"- #PAPER (2020) [Denoising]({ARXIV})", ("Denoising", None, 2020, None)),
        (f"- #PAPER Denoising (Ho 2020) [pdf]({ARXIV}) [code]({PAGE})", ("Denoising", "Ho", 2020, None)),
        (f"- #PAPER Denoising (Ho 2020): {ARXIV}", ("Denoising", "Ho", 2020, None)),
        (f"- #PAPER {ARXIV} Denoising Diffusion (Ho 2020)", ("Denoising Diffusion", "Ho", 2020, None)),
        (f"- #PAPER {ARXIV} - a must read", (None, None, None, None)),
        (f"- #PAPER D[enoising (Ho 2020)]({ARXIV})", ("Denoising", "Ho", 2020, None)),
        ("- #PAPER Denoising, Ho et al. (2020)", ("Denoising", "Ho", 2020, None)),
        ("- #PAPER Denoising (Ho 2020):\n  a remark below", ("Denoising", "Ho", 2020, None)),
        (f"- #REVIEW [Samplers (Yang 2023)]({ARXIV})", ("Samplers", "Yang", 2023, None)),
        (f"- #BOOK [Scores (Doe)]({PAGE})", ("Scores", "Doe", None, None)),
        (f"- #BOOK [Scores (Doe 2021, PACKT)]({PAGE})", ("Scores", "Doe", 2021, "PACKT")),
        (f"- #THESIS/PHD [Scores (Doe 2021)]({PAGE})", ("Scores", "Doe", 2021, None)),
        (f"- #POSTER [Scores (Doe 2021)]({PAGE})", ("Scores", "Doe", 2021, None)),
        (f"- #TALK [Scores (Jane Doe, MLSS 2021)]({PAGE})", ("Scores", None, 2021, "MLSS")),
        (f"- #TALK [Scores (Doe)]({PAGE})", ("Scores", None, None, None)),
        (f"- #CODE [Scores (Doe 2021)]({PAGE})", ("Scores", None, 2021, None)),
        (f"- #COURSE [Scores (CS999, Acme U)]({PAGE})", ("Scores (CS999, Acme U)", None, None, None)),
        (f"- #COURSE Scores [lecture]({PAGE}) (CS 999)", ("Scores lecture", None, None, None)),
        ("- #CODE [Sampler](https://github.com/acme/sampler", ("Sampler", None, None, None)),
        (f"- #CODE Sampler: {PAGE}", ("Sampler", None, None, None)),
        (f"- [Denoising (Ho 2020)]({ARXIV})", ("Denoising", "Ho", 2020, None)),
        (f"- [Denoising (Ho 2020)]({PAGE})", ("Denoising", None, 2020, None)),
        (f"- {PAGE}", (None, None, None, None)),
        (f"- [{PAGE}]({PAGE})", (None, None, None, None)),
        (f"- []({PAGE})", (None, None, None, None)),
        (f"- FID: Compares features. Lower is better. [{PAGE}]({PAGE})", ("FID", None, None, None)),
        (f"- Adapted from {PAGE}", (None, None, None, None)),
        (f"- See {PAGE}", (None, None, None, None)),
        (f"- Jane Doe [blog]({PAGE})", ("Jane Doe blog", None, None, None)),
        (f"- Code: [here]({PAGE})", ("Code", None, None, None)),
    ],
)
def test_entry_states(line: str, want: tuple[Any, ...]) -> None:
    """Title, author, year and venue are read from the label, then from the words around the link."""
    assert stated(line) == want


def test_first_author_stands_beside_the_author() -> None:
    """The record of a resource wants the first of several names."""
    citation = cited(f"- #PAPER [Scores (Song and Ermon, 2019)]({ARXIV})")
    assert (citation.author, citation.first_author) == ("Song and Ermon", "Song")


def test_title_longer_than_any_title_is_left_alone() -> None:
    """A tagged text without an end is no title, and reading it stays quick."""
    assert state_text(")" * 200_000, people=True)[0] == ""
    assert cited("- #PAPER " + "word " * 50_000).title is None
    assert cited(f"- #PAPER [{'a | ' * 50_000}]({ARXIV})").status == "presented"
    for filler in ("\n", "\u00a0", "[", "[a", "(2020", "] (", "et al. ", "a "):
        spans = [Span("text", filler * 100_000), Span("link", "Scores", ARXIV), Span("text", filler * 100_000)]
        assert sound(cite(Block("listItem", 1, spans=spans)))


@pytest.mark.parametrize(
    ("target", "usable"),
    [
        (ARXIV, True),
        ("http://localhost:8000/a", True),
        ("https://192.168.0.1/a", True),
        ("ftp://example.org/a.pdf", True),
        ("https://пример.рф/a", True),
        ("doi:10.1000/182", True),
        ("https://", False),
        ("https://a", False),
        ("https://my host/a", False),
        ("htp://example.org", False),
        ("mailto:notes@example.org", False),
        ("notes/a.md", False),
        ("", False),
    ],
)
def test_usable_url(target: str, usable: bool) -> None:
    """A destination is usable when it leads out of the vault, to a host that can exist."""
    assert is_usable_url(target) is usable


# -- any text --

_PIECES = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "(Ho 2020)",
            " (",
            ")",
            "[",
            "](",
            " | ",
            " - ",
            "#PAPER ",
            ARXIV,
            PAGE,
            "et al.",
            "See ",
            "2020",
            "（",
            "[[x]]",
            "\n",
        ]
    ),
)
_TEXTS = st.lists(_PIECES, max_size=12).map("".join)


def sound(citation: Citation | None) -> bool:
    """Tell whether a citation keeps what its docstring promises."""
    if citation is None:
        return True
    return (
        citation.status in ("presented", "crossReference", "withoutLink", "malformed")
        and citation.title != ""
        and citation.author != ""
        and citation.venue != ""
        and (citation.year is None or 1000 <= citation.year <= 2100)
        and (citation.author is None) == (citation.first_author is None)
        and (citation.span >= 0) == (citation.status == "presented")
        and (citation.status != "presented" or is_usable_url(citation.url))
    )


@given(_TEXTS)
def test_any_note_is_read(text: str) -> None:
    """Whatever a note holds, each tagged block has one sound citation and nothing raises."""
    for block in read("- #PAPER " + text, RESOURCE_TAGS).blocks:
        citation = cite(block)
        assert sound(citation)
        assert citation is not None or resource_classes(block.tags) is None


@given(_TEXTS, _TEXTS, _TEXTS, st.sampled_from(["listItem", "paragraph", "tableRow"]))
def test_any_spans_are_read(before: str, label: str, after: str, kind: str) -> None:
    """Any words around and inside a link give a sound citation, with a tag and without."""
    spans = [Span("text", before), Span("link", label, ARXIV), Span("text", after)]
    untagged = cite(Block(kind, 1, spans=spans))
    tagged = cite(Block(kind, 1, spans=[Span("tag", "BOOK"), *spans], tags=["BOOK"]))
    assert sound(untagged)
    assert sound(tagged)
    assert tagged is not None


@given(st.from_regex(r"https?://[a-z0-9.-]{1,12}([:/?#][a-z0-9.@/-]{0,6})?", fullmatch=True))
def test_an_ordinary_url_is_as_usable_as_one_in_capitals(url: str) -> None:
    """Whether a URL can be followed does not depend on the case of its letters."""
    assert is_usable_url(url) is is_usable_url(url.upper())
