"""The sample vault, read as plain text: its links lead somewhere and its facts are facts.

Nothing of ``kg`` is imported, so that these tests judge the notes and not the program that reads them.
``data/sample_papers.tsv`` is the list of facts (title, first author's surname and year of the first version
on arXiv); where a note departs from it on purpose, the departure is listed here.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

import pytest

NOTES = Path(__file__).parent.parent / "notes"
FACTS = Path(__file__).parent / "data" / "sample_papers.tsv"

UNWRITTEN = {"Mixture of experts", "State-space models"}
ORPHANS = {"Inbox/Notes on convolution.md"}

# (note, arXiv id) -> author and year as the note states them, where they are not arXiv's.
STATED_OTHERWISE: dict[tuple[str, str], tuple[str | None, str | None]] = {
    ("Maps/Timeline.md", "1905.10437"): ("Oreshkin", "2018"),
    ("Maps/Timeline.md", "2010.11929"): ("Dosovitsky", "2020"),
    ("Modalities/Audio.md", "2207.06405"): (None, "2022"),
    ("Modalities/Vision.md", "1912.11370"): ("Kolesnikov", None),
    ("Models/Alpaca and Vicuna.md", "2106.09685"): ("Hu", "2022"),
    ("Models/ViT.md", "2010.11929"): ("Dosovitskiy", "2021"),
}

# Titles that occur under a second IRI: the proceedings' page or the laboratory's own copy.
SECOND_HOMES = {
    "https://papers.nips.cc/paper/7181-attention-is-all-you-need": "1706.03762",
    "https://openaccess.thecvf.com/content/CVPR2022/html/"
    "He_Masked_Autoencoders_Are_Scalable_Vision_Learners_CVPR_2022_paper.html": "2111.06377",
    "https://cdn.openai.com/papers/gpt-4.pdf": "2303.08774",
}

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
WIKI_LINK = re.compile(r"!?\[\[(?P<target>[^\]|#\\]*)(?:#(?P<place>[^\]|\\]*))?(?:\\?\|(?P<alias>[^\]]*))?\]\]")
NOTE_LINK = re.compile(r"\]\((?:<(?P<angled>[^>]*\.md)>|(?P<plain>[^)\s]*\.md))\)")
PAPER = re.compile(r"#(?P<tag>PAPER|BOOK)\b[^\[\n]*\[(?P<text>[^\]]*)\]\((?P<url>[^)\s]*)\)")
PAPER_WITHOUT_LINK = re.compile(r"#PAPER (?P<text>[^\[\n]*\(\w[^)]*\))$", re.MULTILINE)
ATTRIBUTION = re.compile(r"^(?P<title>.*) \((?:(?P<author>\D+?) ?)?(?P<year>\d{4})?(?:, [^)]*)?\)$")
ARXIV_ID = re.compile(r"arxiv\.org/(?:abs|pdf|html)/(?P<abs>\d{4}\.\d{5}|\d{4}\.\d{4})(?!\d)")
OTHER_ID = re.compile(r"(?:huggingface\.co/papers/|doi\.org/10\.48550/arXiv\.)(?P<id>\d{4}\.\d{4,5})")


class Fact(NamedTuple):
    """What arXiv says about a paper: title, surname of the first author, year of the first version."""

    title: str
    first_author: str
    year: str


class Entry(NamedTuple):
    """A line of a note that presents a paper, as it is written there."""

    note: str
    line: int
    title: str
    author: str | None
    year: str | None
    url: str
    arxiv_id: str | None


class Link(NamedTuple):
    """A link from one note to another: target as written, heading or block behind ``#``, and its place."""

    note: str
    line: int
    target: str
    place: str


@cache
def notes() -> dict[str, str]:
    """Each note's path below the vault, with ``/``, and its text."""
    return {
        path.relative_to(NOTES).as_posix(): path.read_text(encoding="utf-8") for path in sorted(NOTES.rglob("*.md"))
    }


@cache
def facts() -> dict[str, Fact]:
    """The facts by arXiv id."""
    with FACTS.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        assert next(rows) == ["arxiv_id", "title", "first_author", "year"]
        return {arxiv_id: Fact(*rest) for arxiv_id, *rest in rows}


def prose(text: str) -> str:
    """The text with code blanked out, its lines kept where they are."""
    text = FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    return INLINE_CODE.sub("", text)


def arxiv_id(url: str) -> str | None:
    """The arXiv id in a URL of any of the forms that the notes use."""
    match = ARXIV_ID.search(url) or OTHER_ID.search(url)
    return match[1] if match else None


def entries() -> Iterator[Entry]:
    """Every linked paper of every note, with what stands in its parenthesis."""
    for note, text in notes().items():
        for match in PAPER.finditer(prose(text)):
            found = arxiv_id(match["url"])
            if match["tag"] == "BOOK" and not found:
                continue
            attribution = ATTRIBUTION.match(match["text"])
            assert attribution, f"{note}: no author or year in {match['text']!r}"
            line = text.count("\n", 0, text.index(match[0])) + 1
            title, author, year = attribution.group("title", "author", "year")
            yield Entry(note, line, title, author, year, match["url"], found)


def links() -> Iterator[Link]:
    """Every wiki link, embed and Markdown link to a note."""
    for note, text in notes().items():
        for number, line in enumerate(prose(text).splitlines(), start=1):
            for match in WIKI_LINK.finditer(line):
                yield Link(note, number, match["target"].strip(), (match["place"] or "").strip())
            for match in NOTE_LINK.finditer(line):
                written = unquote(match["angled"] or match["plain"])
                path = (NOTES / note).parent / written
                yield Link(note, number, path.resolve().relative_to(NOTES.resolve()).as_posix(), "")


def aliases(text: str) -> list[str]:
    """The aliases in a note's front matter, written as a flow or as a block list."""
    front = text.split("---\n", 2)[1]
    flow = re.search(r"^aliases: \[(.*)\]$", front, re.MULTILINE)
    block = re.search(r"^aliases:\n((?:  - .*\n)+)", front, re.MULTILINE)
    if flow:
        return [alias.strip() for alias in flow[1].split(",")]
    return re.findall(r"  - (.*)", block[1]) if block else []


@cache
def names() -> dict[str, set[str]]:
    """Notes by every name that a link may use for them, in lower case: path, file name, alias."""
    found: dict[str, set[str]] = defaultdict(set)
    for note, text in notes().items():
        path = note.removesuffix(".md")
        for name in (note, path, Path(path).name, *aliases(text)):
            found[name.casefold()].add(note)
    return found


def target(link: Link) -> str | None:
    """The note that a link leads to, or nothing."""
    if not link.target:
        return link.note
    found = names().get(link.target.casefold(), set())
    assert len(found) < 2, f"{link.note}:{link.line} may mean {sorted(found)}"
    return next(iter(found), None)


def bare(title: str) -> str:
    """A title without case, punctuation and the spelling of its dashes."""
    return " ".join(re.findall(r"\w+", title.casefold()))


def stated(entry: Entry) -> tuple[str | None, str | None]:
    """Author and year as the entry gives them."""
    return entry.author, entry.year


def test_the_vault_is_large_enough_to_be_worth_asking() -> None:
    """There are at least twenty-five notes and a hundred and twenty papers of arXiv."""
    assert len(notes()) >= 25
    assert len({entry.arxiv_id for entry in entries() if entry.arxiv_id}) >= 120


@pytest.mark.parametrize("note", sorted(notes()))
def test_every_note_says_what_it_is(note: str) -> None:
    """A note opens with title, tags and dates, and its first block is a definition in a quote."""
    _, front, body = notes()[note].split("---\n", 2)
    assert re.search(rf"^title: {re.escape(Path(note).stem)}$", front, re.MULTILINE)
    assert re.search(r"^tags:", front, re.MULTILINE)
    created, updated = re.findall(r"^(?:created|updated): (\d{4}-\d{2}-\d{2})$", front, re.MULTILINE)
    assert created <= updated
    assert body.startswith("> ")
    assert body.endswith("\n")


def test_every_paper_is_what_the_facts_say() -> None:
    """Title, first author and year of each arXiv paper are the facts', nicknames around the title aside."""
    for entry in entries():
        if not entry.arxiv_id:
            continue
        where = f"{entry.note}:{entry.line} {entry.arxiv_id}"
        assert entry.arxiv_id in facts(), f"{where} is not in the list of facts"
        fact = facts()[entry.arxiv_id]
        assert f" {bare(fact.title)} " in f" {bare(entry.title)} ", where
        expected = STATED_OTHERWISE.get((entry.note, entry.arxiv_id), (fact.first_author, fact.year))
        assert stated(entry) == expected, where


def test_a_nickname_stands_before_a_dash_or_after_a_comma() -> None:
    """What a title has beyond arXiv's is ``NAME - `` in front of it or ``, NAME`` behind it."""
    for entry in entries():
        if entry.arxiv_id:
            title = facts()[entry.arxiv_id].title
            before, _, after = entry.title.partition(title)
            assert re.fullmatch(r"(?:[\w-]+ - )?", before), entry
            assert re.fullmatch(r"(?:, [\w -]+)?", after), entry


def test_the_facts_are_those_of_the_notes() -> None:
    """Every fact is used by some note, each id has the form and an age that its year allows."""
    assert set(facts()) == {entry.arxiv_id for entry in entries() if entry.arxiv_id}
    for found, fact in facts().items():
        assert re.fullmatch(r"\d{4}\.\d{4}|1[5-9]\d{2}\.\d{5}|2\d{3}\.\d{5}", found)
        assert fact.year == f"20{found[:2]}"


def test_the_departures_from_the_facts_are_still_there() -> None:
    """The typo, the two years, the missing year and the missing author stand where the list says."""
    found = {(entry.note, entry.arxiv_id or ""): stated(entry) for entry in entries()}
    assert {key: found[key] for key in STATED_OTHERWISE} == STATED_OTHERWISE


def test_one_paper_has_no_link() -> None:
    """Exactly one tagged title stands in a note without a link."""
    unlinked = [
        (note, match["text"]) for note, text in notes().items() for match in PAPER_WITHOUT_LINK.finditer(prose(text))
    ]
    assert unlinked == [("Models/GPT.md", "Improving Language Understanding by Generative Pre-Training (Radford 2018)")]


def test_three_papers_have_a_second_home() -> None:
    """Some titles occur twice, on arXiv and under the URL of a proceedings or a laboratory."""
    elsewhere = {entry.url: bare(entry.title) for entry in entries() if not entry.arxiv_id}
    for url, found in SECOND_HOMES.items():
        assert elsewhere[url] == bare(facts()[found].title)


def test_every_link_between_notes_leads_somewhere() -> None:
    """A link's note exists, unless it is one of the two that are left unwritten or a picture."""
    missing = {link.target for link in links() if target(link) is None}
    pictures = {name for name in missing if name.endswith(".svg")}
    assert missing - pictures == UNWRITTEN
    assert all((NOTES / "Attachments" / name).is_file() for name in pictures)


def test_every_heading_and_block_behind_a_link_exists() -> None:
    """The part after ``#`` is a heading of the target, or ``^`` and the id of one of its blocks."""
    for link in links():
        note = target(link)
        if note is None or not link.place:
            continue
        text = prose(notes()[note])
        place = re.escape(link.place)
        pattern = rf" {place}$" if link.place.startswith("^") else rf"^#+ {place}$"
        assert re.search(pattern, text, re.MULTILINE), f"{link.note}:{link.line} {link.target}#{link.place}"


def test_block_ids_are_unique_in_their_note() -> None:
    """No two blocks of a note share an id."""
    for note, text in notes().items():
        ids = re.findall(r" \^([\w-]+)$", prose(text), re.MULTILINE)
        assert len(ids) == len(set(ids)), note


def test_only_the_inbox_is_an_orphan() -> None:
    """Each note is the target of a link from another one, the loose sheets in the inbox excepted."""
    reached = {target(link) for link in links() if target(link) != link.note}
    assert set(notes()) - reached == ORPHANS


def test_one_paper_is_linked_in_many_ways() -> None:
    """Abstracts, PDFs with and without suffix, versions, mirrors and DOIs of arXiv all occur."""
    urls = [entry.url for entry in entries() if entry.arxiv_id]
    for form in (
        r"https://arxiv\.org/abs/[\d.]+",
        r"https://arxiv\.org/abs/[\d.]+v\d",
        r"https://arxiv\.org/pdf/\d+\.\d+",
        r"https://arxiv\.org/pdf/\d+\.\d+\.pdf",
        r"https://arxiv\.org/html/[\d.]+v\d",
        r"https://ar5iv\.labs\.arxiv\.org/html/[\d.]+",
        r"https://huggingface\.co/papers/[\d.]+",
        r"https://doi\.org/10\.48550/arXiv\.[\d.]+",
    ):
        assert any(re.fullmatch(form, url) for url in urls), form


def test_the_notes_show_what_a_vault_can_hold() -> None:
    """Every construct that a reader of notes must know occurs somewhere."""
    everything = "\n".join(notes().values())
    for pattern in (
        r"^> \[!note\]",
        r"^- \[x\] ",
        r"^- \[ \] ",
        r"^\| -",
        r"^```python$",
        r"^\$\$$",
        r"^\[\^1\]: ",
        r"%%.+%%",
        r"==.+==",
        r"^\s+- status:: read$",
        r"^!\[\[.*#\^.*\]\]$",
        r"\\\|",
        r"\]\([^)]*%20[^)]*\.md\)",
        r"\]\(<[^>]*\.md>\)",
        *(rf"#{tag}\b" for tag in ("REVIEW", "CODE", "TALK", "COURSE", "BOOK", "THESIS/PHD", "WHITEPAPER")),
        r"#DATASET\b",
    ):
        assert re.search(pattern, everything, re.MULTILINE), pattern
