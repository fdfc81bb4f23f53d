"""Papers without an arXiv id, looked up by title; what was decided about them stands in a file for people to edit.

A match is accepted only beyond doubt. What is alike but not certain is written down as a question, and what was looked
for in vain is written down, too; nothing in the file is ever changed or looked for again, so an edited line wins.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from kg.enrichment.ids import normalize_id
from kg.enrichment.likeness import likeness, title_words
from kg.enrichment.names import match_author
from kg.errors import ConfigError, StoreError
from kg.metadata import Record

__all__ = ["Decision", "Decisions", "Searcher", "Wanted", "judge", "query_for", "search"]

_HEAD = """\
# Papers without an arXiv id, looked up on arXiv by title (kg enrich --search).
# The first column decides: an id accepts it, `none` says that arXiv does not have the paper, and `?` in front of an
# id asks you. What stands here wins over any search; remove a line to have that paper looked up again.
# arxiv\tresource\ttitle\twhy
"""
_ALIKE = 0.9
_DOUBTFUL = 0.8
_TELLING = 4

Verdict = Literal["sure", "doubtful", "no"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A paper as notes have it; author "" and year 0 when they do not say."""

    resource: str
    title: str
    author: str = ""
    year: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A line of the file: the id, `none`, or the id behind a question mark, and why."""

    arxiv: str
    resource: str
    title: str
    why: str

    @property
    def accepted(self) -> str:
        """The id that the resource is taken to be, "" when it is none or undecided."""
        return "" if self.arxiv == "none" or self.arxiv.startswith("?") else self.arxiv


class Searcher(Protocol):
    """Whoever can be asked: `ArxivClient`."""

    def search(self, query: str, limit: int = 10) -> list[tuple[Record, bytes]]:
        """Give what answers a query, best first, each with the bytes that say so."""


class Decisions:
    """The file of decisions; lines are added at its end, one by one, and never changed."""

    def __init__(self, path: Path) -> None:
        """Read the file if there is one.

        Raises:
            ConfigError: it cannot be read, or a line of it is none.
        """
        self.path = path
        self.by_resource: dict[str, Decision] = {}
        try:
            lines = path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            lines = []
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                decision = _decision(line, f"{path}:{number}")
                self.by_resource[decision.resource] = decision

    def accepted(self) -> dict[str, str]:
        """The arXiv ids of the resources that were found, in their normal form."""
        return {
            resource: str(normalize_id(decision.accepted))
            for resource, decision in self.by_resource.items()
            if decision.accepted
        }

    def add(self, decision: Decision) -> None:
        """Write a decision down.

        Raises:
            StoreError: the file cannot be written.
        """
        cells = (decision.arxiv, decision.resource, decision.title, decision.why)
        line = "\t".join(" ".join(cell.split()) for cell in cells) + "\n"
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line if file.tell() else _HEAD + line)
        except OSError as error:
            raise StoreError(f"{self.path}: {error.strerror or error}") from error
        self.by_resource[decision.resource] = decision


def _decision(line: str, place: str) -> Decision:
    cells = [cell.strip() for cell in line.split("\t")]
    if len(cells) < 2 or not cells[1]:
        raise ConfigError(f"{place}: wants an id, `none` or `?` and an id, a tab, and the IRI of a resource")
    arxiv = cells[0]
    if arxiv not in ("none", "?"):
        try:
            normalize_id(arxiv.removeprefix("?"))
        except ValueError as error:
            raise ConfigError(f"{place}: {error}; write an id, or `none`") from error
    return Decision(arxiv, cells[1], *[*cells[2:4], "", ""][:2])


def query_for(wanted: Wanted) -> str:
    """Give the query for arXiv's API: the words of the title as a phrase."""
    return 'ti:"' + " ".join(title_words(wanted.title)) + '"'


def judge(wanted: Wanted, record: Record) -> tuple[Verdict, str]:
    """Say whether a record is the wanted paper, and why.

    It is beyond doubt when the titles are equal but for case, accents and punctuation, have four words or more, and
    neither author nor year contradict; or when the titles are at least 0.9 alike (see `likeness`) and author and year
    both agree. From 0.8 on, and with equal titles that something contradicts, it is doubtful.
    """
    alike = likeness(wanted.title, record.title)
    if alike < _DOUBTFUL:
        return "no", f"title {alike:.2f} alike"
    author = match_author(wanted.author, record.authors[0].name).verdict if wanted.author and record.authors else ""
    year = ""
    if wanted.year and record.published is not None:
        last = record.updated.year if record.updated is not None else record.published.year
        year = "same" if record.published.year - 1 <= wanted.year <= last + 1 else "different"
    agree = [name for name, verdict in (("author", author), ("year", year)) if verdict == "same"]
    against = [name for name, verdict in (("author", author), ("year", year)) if verdict not in ("", "same")]
    why = "same title" if alike == 1.0 else f"title {alike:.2f} alike"
    why += "".join(f", same {name}" for name in agree) + "".join(f", {name} not the same" for name in against)
    telling = len(title_words(record.title)) >= _TELLING
    sure = (alike == 1.0 and telling and not against) or (alike >= _ALIKE and len(agree) == 2)
    return ("sure" if sure else "doubtful"), why


def search(
    papers: Iterable[Wanted],
    searcher: Searcher,
    decisions: Decisions,
    keep: Callable[[Record, bytes], None],
) -> Iterator[Decision]:
    """Look papers up that nothing was decided about, and write down each decision as soon as it is made.

    Args:
        papers: what is looked for.
        searcher: who is asked, once for each paper.
        decisions: the file.
        keep: given the record of an accepted match.

    Raises:
        FaultError: nobody answers.
        StoreError: the file cannot be written.
    """
    for wanted in papers:
        if wanted.resource in decisions.by_resource or not title_words(wanted.title):
            continue
        judged = [(*judge(wanted, record), record, raw) for record, raw in searcher.search(query_for(wanted))]
        sure = [each for each in judged if each[0] == "sure"]
        doubtful = [each for each in judged if each[0] == "doubtful"]
        if len(sure) == 1:
            _, why, record, raw = sure[0]
            keep(record, raw)
            decision = Decision(record.arxiv_id, wanted.resource, wanted.title, why)
        elif sure or doubtful:
            _, why, record, _ = (sure or doubtful)[0]
            more = f"; {len(sure + doubtful) - 1} more like it" if len(sure + doubtful) > 1 else ""
            shown = f"{record.title} ({record.authors[0].name if record.authors else 'no author'})"
            decision = Decision(f"?{record.arxiv_id}", wanted.resource, wanted.title, f"{why}: {shown}{more}")
        else:
            decision = Decision("none", wanted.resource, wanted.title, "arXiv has no such title")
        decisions.add(decision)
        yield decision
