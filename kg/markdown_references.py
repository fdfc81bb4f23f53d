"""Link reference definitions, `[label]: url "title"`: nothing that Markdown renders shows them.

Source: CommonMark 0.31, 4.7. Of two definitions of one label the first wins; the others are kept as well.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

from kg.blocks import Block
from kg.leaves import LinkSource, digest

__all__ = ["read"]

_REPEATED = re.compile(
    rb"""^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*+
         \[(?!\^)((?:[^\[\]\\\n]|\\.){1,999})\]:
         [ \t]*\n?[ \t>]*(<[^<>\n]*>|[^\s<]\S*)
         (?:[ \t]*\n?[ \t>]*(\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?""",
    re.MULTILINE | re.VERBOSE,
)


def read(
    data: bytes, definitions: Mapping[str, Mapping[str, Any]], taken: list[tuple[int, int]]
) -> Iterator[tuple[int, Block]]:
    """Yield the byte offset and the block of each definition of a body; its line and section are left to the caller.

    Args:
        data: the body.
        definitions: those that pyromark knows, by label.
        taken: byte ranges of all other blocks.

    """
    taken = sorted(taken)
    for label, definition in definitions.items():
        span = definition["span"]
        taken.append((span["start"], span["end"]))
        yield _block(data, span["start"], span["end"], label, definition["dest"], definition["title"] or "")
    taken.sort()
    starts = [start for start, _ in taken]
    for match in _REPEATED.finditer(data):
        start = match.start(1) - 1
        before = bisect_right(starts, start) - 1
        if before < 0 or taken[before][1] <= start:
            label, target, title = (part.decode() for part in match.groups(b""))
            yield _block(data, start, match.end(), label, target.strip("<>"), title[1:-1])


def _block(data: bytes, start: int, end: int, label: str, target: str, title: str) -> tuple[int, Block]:
    source = LinkSource(image=False, kind="Inline", target=target)
    source.label.append(title or label)
    block = Block("reference", 0, f"{label}: {target.strip()} {title}".strip(), [source.span()], detail=label)
    block.fingerprint = digest(data[start:end])
    return start, block
