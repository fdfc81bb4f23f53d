"""arXiv identifiers, checked before anybody is asked about them.

The scheme is the one of https://info.arxiv.org/help/arxiv_identifier.html: `YYMM.NNNN` from April 2007,
`YYMM.NNNNN` from January 2015, and `archive/YYMMNNN` before; each with `vN` when a version is meant.
"""

import re
from dataclasses import dataclass

from kg.publishers import arxiv_number

__all__ = ["ArxivId", "normalize_id"]

_PREFIX = re.compile(
    r"(?:(?:https?://)?(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|oai:arxiv\.org:|arxiv:\s*"
    r"|(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\.)",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    r"(?P<new>\d\d(?P<month>\d\d)\.(?P<number>\d{4,5}))(?:v\d+)?|[a-z-]+(?:\.[a-z-]+)?/\d{7}(?:v\d+)?",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, order=True)
class ArxivId:
    """An identifier that follows arXiv's scheme; whether the paper exists, only arXiv knows.

    Attributes:
        base: without version, such as `2104.12255` or `math/0309136` (the subject class of `math.GT/0309136`
            is not part of the identifier).
        version: the version that is meant, 0 for whichever is the latest.
    """

    base: str
    version: int = 0

    def __str__(self) -> str:
        return f"{self.base}v{self.version}" if self.version else self.base

    @property
    def doi(self) -> str:
        """The DOI that arXiv registers for the paper, in lower case; it has no version."""
        return f"10.48550/arxiv.{self.base}".lower()


def normalize_id(text: str) -> ArxivId:
    """Read one identifier, alone or in `arXiv:ID`, in arXiv's DOI or in the address of one of its pages.

    Raises:
        ValueError: the text is no identifier; the message is one sentence that says why.
    """
    bare = text.strip()
    prefix = _PREFIX.match(bare)
    if prefix:
        bare = bare[prefix.end() :]
    bare = bare.removesuffix(".pdf").rstrip("/")
    shape = _SHAPE.fullmatch(bare)
    paper = arxiv_number(bare) if shape else None
    if paper is None:
        shown = repr(text if len(text) <= 60 else text[:57] + "…")
        raise ValueError(f"{shown} is not an arXiv id{_reason(shape) if shape else ''}")
    return ArxivId(paper[0], paper[1] or 0)


def _reason(shape: re.Match[str]) -> str:
    """Say what is wrong with a text that looks like an id."""
    if not shape["new"]:
        return ": ids of this form have an archive that arXiv had before April 2007, a month and a number"
    if not "01" <= shape["month"] <= "12":
        return f": there is no month {shape['month']}"
    if shape["new"] < "0704":
        return ": ids of this form begin with 0704"
    digits = 5 if shape["new"] >= "15" else 4
    if len(shape["number"]) != digits:
        return f": those of 20{shape['new'][:2]} have {digits} digits after the point"
    return ""
