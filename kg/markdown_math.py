"""Display math that Markdown would take apart.

Obsidian reads everything between two lines `$$` as math (Obsidian Help, Advanced formatting syntax). To CommonMark a
blank line, or a line that starts with `-`, `+`, `=` or `>`, ends the paragraph that the math is, so such math is handed
to the parser as a code block of a language of its own.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

__all__ = ["LANGUAGE", "fence"]

LANGUAGE = "\x03"  # no text of a note holds a control character
_DOLLARS = re.compile(rb"^([ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?)\$\$[ \t]*$", re.MULTILINE)
_FENCE = b"~~~~~~~~~~"


def fence(data: bytes, protected: Iterable[tuple[int, int]]) -> bytes:
    """Fence the display math of a body that its parser does not know for math.

    Args:
        data: the body.
        protected: byte ranges of code and of the math that the parser does know, sorted.

    """
    candidates = [*_DOLLARS.finditer(data)]
    if len(candidates) < 2:
        return data
    ranges = iter(protected)
    current = next(ranges, None)
    lines: list[re.Match[bytes]] = []
    for line in candidates:
        place = line.end(1)
        while current is not None and current[1] <= place:
            current = next(ranges, None)
        if current is None or place < current[0]:
            lines.append(line)
    parts: list[bytes] = []
    position = 0
    for opening, closing in [*pairwise(lines)][::2]:
        for line, mark in ((opening, _FENCE + LANGUAGE.encode()), (closing, _FENCE)):
            parts += [data[position : line.end(1)], mark]
            position = line.end()
    return b"".join([*parts, data[position:]])
