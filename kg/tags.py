"""The tags that announce a resource.

A module of its own because configurations need the tags, and the reader of citations would slow down every command.
"""

from collections.abc import Mapping

__all__ = ["RESOURCE_TAGS"]

# First segment of a tag, in capitals, to the classes of what it marks; () leaves the class to the URL.
RESOURCE_TAGS: Mapping[str, tuple[str, ...]] = {
    "PAPER": ("Paper",),
    "REVIEW": ("Paper", "ReviewPaper"),
    "SURVEY": ("Paper", "ReviewPaper"),
    "CODE": ("Code",),
    "TALK": ("Talk",),
    "COURSE": ("Course",),
    "BOOK": ("Book",),
    "THESIS": ("Thesis",),
    "POSTER": ("Poster",),
    "WHITEPAPER": ("WhitePaper",),
    "VIDEO": ("Video",),
    "DATASET": ("Dataset",),
    "DATA": ("Dataset",),
    "MODEL": (),
}
