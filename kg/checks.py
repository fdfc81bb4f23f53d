"""`kg check`: what is odd in the notes, and where notes and arXiv disagree.

A disagreement is a finding with a place, both values and which one is likelier. What can be explained is none: a year
within the span of a paper's versions and publication, a shortened title, a surname without its accents.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from kg.enrichment.likeness import likeness, title_words
from kg.enrichment.names import Match, match_authors
from kg.errors import Diagnostic
from kg.generations import Directory
from kg.metadata import Record
from kg.resource_mentions import Mention
from kg.state import State, legible, sqlite_errors

__all__ = ["check", "compare", "year_span"]

_ALIKE = 0.8  # titles that are less alike are worth a look
_UNLIKE = 0.5  # and these are hardly titles of one paper
_TELLING = 4  # words that a title has, and not a name that people gave the paper
_YEAR = re.compile(r"(?<!\d)(?:19[89]|20\d)\d(?!\d)")
_VENUE = re.compile(
    r"\b(?:accept\w*|appear\w*|publish\w*|proceedings|proc|conference|journal|camera|workshop|vol)\b", re.IGNORECASE
)


def check(store: Path) -> list[Diagnostic]:
    """Give all findings about the notes of a store, by path and line.

    These are the findings of the last build, and, for papers that `kg enrich` completed, the disagreements between
    notes and arXiv.

    Raises:
        StoreError: there is no graph, or it cannot be read.
    """
    with Directory(store).reading() as live, sqlite_errors(), closing(State.read(live.state)) as state:
        state.check_format()
        saved = state.meta("findings")
        found = {Diagnostic(*finding) for finding in saved} if isinstance(saved, list) else set()
        found.update(state.diagnostics())
        for resource, record in state.all_metadata().items():
            for mention in state.mentions_of(resource):
                found.update(compare(mention, record))
    return sorted(found)


def compare(mention: Mention, record: Record) -> Iterator[Diagnostic]:
    """Compare what one entry states of the paper it presents with what arXiv says of it."""
    if not mention.presented:
        return
    path, name = legible(mention.path), record.arxiv_id

    def finding(code: str, message: str) -> Diagnostic:
        return Diagnostic(path, mention.line, code, message)

    if record.withdrawn:
        yield finding("arxiv-withdrawn", f"{name} was withdrawn: {record.comment or record.abstract[:100]}")
    place, match = match_authors(mention.author, [author.name for author in record.authors])
    alike = likeness(mention.title, record.title) if mention.title else 1.0
    if _is_another_paper(mention, record, alike, match):
        yield finding(
            "arxiv-other-paper",
            f"{name} is {record.title!r}{_by(record)}, the note says {mention.title!r}"
            f"{f' by {mention.author}' if mention.author else ''}; likelier: the id is wrong",
        )
        return
    if alike < _ALIKE:
        yield finding(
            "arxiv-other-title",
            f"the note has the title {mention.title!r}, arXiv {record.title!r}; likelier: arXiv's, "
            "unless the title changed between versions",
        )
    if mention.author and record.authors and (place, match.verdict) != (0, "same"):
        yield finding(*_author_finding(mention.author, record, place, match))
    span = year_span(record)
    if mention.year and span and not span[0] <= mention.year <= span[1]:
        shown = str(span[0]) if span[0] == span[1] else f"{span[0]} to {span[1]}"
        yield finding("arxiv-other-year", f"the note has the year {mention.year}, arXiv {shown}; likelier: {span[0]}")


def year_span(record: Record) -> tuple[int, int] | None:
    """Give the first and the last year that may be meant: of a version, or of the publication as far as arXiv tells.

    Proceedings come out up to a year after the paper did; where arXiv tells of no publication, that year counts, too.
    """
    if record.published is None:
        return None
    first = record.published.year
    last = max(first, record.updated.year if record.updated is not None else first)
    published = [int(year) for year in _YEAR.findall(record.journal_ref)]
    if _VENUE.search(record.comment) or re.search(r"[A-Z]{3,}\W?\s?(?:19|20)\d\d", record.comment):
        published += [year for year in map(int, _YEAR.findall(record.comment)) if first <= year <= last + 3]
    return min([first, *published]), max([last, *published, first + (not published)])


def _is_another_paper(mention: Mention, record: Record, alike: float, match: Match) -> bool:
    """Tell whether the id is probably that of another paper than the one that the note has in mind."""
    if alike >= _UNLIKE:
        return False
    span = year_span(record)
    if mention.year and span and not span[0] <= mention.year <= span[1]:
        return True
    if mention.author and record.authors:
        return match.verdict == "different"
    telling = {word for word in title_words(mention.title) if len(word) > 3}
    return len(telling) >= _TELLING and not telling & set(title_words(record.title))


def _author_finding(stated: str, record: Record, place: int, match: Match) -> tuple[str, str]:
    first = record.authors[0].name
    said = f"the note has the first author {stated!r}, arXiv {first!r}"
    if place > 0:
        said += f", and {record.authors[place].name!r} as number {place + 1}"
    elif match.verdict == "uncertain":
        return "arxiv-author-uncertain", f"{said}: not certain to be one ({match.why})"
    elif match.verdict == "misspelt":
        return "arxiv-author-misspelt", f"{said} ({match.why}); likelier: arXiv's"
    return "arxiv-other-author", f"{said}; likelier: arXiv's"


def _by(record: Record) -> str:
    return f" by {record.authors[0].name}" if record.authors else ""
