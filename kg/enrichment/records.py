"""What the readers of this package share: dates, withdrawals, lines of authors; what they give is a `Record`."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kg.metadata import Author, Record, Source

__all__ = ["Author", "Record", "Source", "authors_of", "is_withdrawn", "moment", "pdf_url_of"]

_WITHDRAWN_COMMENT = re.compile(
    r"^\W*withdrawn\b"
    r"|\b(?:paper|article|submission|manuscript|preprint|note|work|draft|it|version)\s+"
    r"(?:(?:has|have|had|was|is|to|been|benn|being|be|temporarily|now|hereby|therefore)\s+){0,4}withdrawn\b",
    re.IGNORECASE,
)
_OTHER_WITHDRAWN = re.compile(
    r"\b(?:supersedes|replaces|previous version|earlier version)\b|\bwhich (?:has been|was) withdrawn\b",
    re.IGNORECASE,
)
_WITHDRAWN_ABSTRACT = re.compile(
    r"^\W*(?:this|the|our)\s+(?:\w+\s+){0,2}?(?:paper|article|submission|manuscript|preprint|note|work)"
    r"(?:\s+\w+){0,3}?\s+withdrawn\b"
    r"|^\W*withdrawn\b"
    r"|^\W*this (?:paper|article|submission) has been removed by arxiv\b",
    re.IGNORECASE,
)


def is_withdrawn(comment: str, abstract: str) -> bool:
    """Say whether the authors or arXiv withdrew the paper, as far as words can tell.

    No format but `arXivRaw` has a field for it: arXiv puts a sentence into the comment, authors often
    replace the abstract by one. A comment on *another* paper that was withdrawn does not count, nor does the
    word somewhere in an abstract.
    """
    if _WITHDRAWN_COMMENT.search(comment) and not _OTHER_WITHDRAWN.search(comment):
        return True
    return bool(_WITHDRAWN_ABSTRACT.search(abstract))


def moment(text: str) -> datetime | None:
    """Read a date or time of any source: ISO 8601 (down to the year) or RFC 5322; None when it is neither."""
    text = text.strip()
    try:
        if re.fullmatch(r"\d{4}(?:-\d\d)?", text, re.ASCII):
            return datetime(int(text[:4]), int(text[5:7] or 1), 1, tzinfo=UTC)
        read = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
        if read.tzinfo is None:
            read = read.replace(tzinfo=UTC)
        return read.astimezone(UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def pdf_url_of(arxiv_id: str, version: int) -> str:
    """Give arXiv's address of the PDF, of the latest version when `version` is 0."""
    return f"https://arxiv.org/pdf/{arxiv_id}" + (f"v{version}" if version else "")


def authors_of(text: str) -> tuple[str, ...]:
    """Split a line of authors as arXiv's submission form takes it: `A. One (Lab), B. Two and C. Three`.

    What stands in parentheses are affiliations, often mere numbers of a list below; they are dropped.
    """
    kept: list[str] = []
    depth = 0
    for character in text:
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(character)
    names = re.split(r"\s*[,;]\s*(?:and\s+)?|\s+and\s+|\s*&\s*", " ".join("".join(kept).split()))
    joined: list[str] = []
    for name in names:
        if joined and re.fullmatch(r"(?:Jr|Sr|II|III|IV)\.?", name):
            joined[-1] += " " + name
        elif name:
            joined.append(name)
    return tuple(joined)
