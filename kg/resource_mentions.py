"""What a note says of an external resource, as plain data; `kg.records` concludes from all of them."""

from typing import NamedTuple

__all__ = ["Mention"]


class Mention(NamedTuple):
    """What one place in a note says of one external resource."""

    resource: str
    path: str
    line: int
    presented: bool
    classes: tuple[str, ...]
    suggests: str
    title: str
    author: str
    year: int
    arxiv_id: str
    doi: str
    implied_doi: str
    pmid: str
    pmcid: str
    topics: tuple[str, ...] = ()
