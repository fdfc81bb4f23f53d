"""Obsidian's comments: what stands between `%%` and `%%` is hidden in reading view, also across lines and blocks.

The source is Obsidian Help, Basic formatting syntax. A comment is put aside before Markdown is parsed, and a mark
stands in its place; the block that holds the mark holds the comment.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable

from kg.blocks import Span

__all__ = ["LINE", "Comments"]

# Control characters never occur in the text of a note: `kg.markdown` has replaced them. The percent signs make Markdown
# see punctuation here, as it does in the note.
_MARK = re.compile("%\x01([0-9]+)\x01%")
_MARK_IN_TEXT = re.compile(f"(?: (?={_MARK.pattern}(?: |\\Z)))?{_MARK.pattern}")  # with one of the blanks around it
_MARK_IN_SOURCE = re.compile(_MARK.pattern.encode())
LINE = "\x02"  # at the start of each further line of a comment


class Comments:
    """The comments of a body, and the body without them.

    Attributes:
        body: the text with marks in place of comments, all lines in their places.
        texts: the comments, in order, `%%` removed.
        lines: for each the line it starts on, the first of the body being 0.
        claimed: indexes of those that a block holds.
        unclosed: byte offset of a `%%` that no other one closes, -1 when there is none; it stays text.

    """

    def __init__(self, body: str, protected: Iterable[tuple[int, int]]) -> None:
        """Find the comments of a body.

        Args:
            body: the text.
            protected: byte ranges of code, math and links, in which no comment starts; sorted.

        """
        data = body.encode()
        ranges = _outermost(protected)
        starts = [start for start, _ in ranges]
        self.texts: list[str] = []
        self.lines: list[int] = []
        self.claimed: set[int] = set()
        self.unclosed = -1
        parts: list[bytes] = []
        position = counted = line = 0
        opened = data.find(b"%%")
        while opened >= 0:
            place = bisect_right(starts, opened) - 1
            # code that seems to start within a comment is none
            if place >= 0 and opened < ranges[place][1] and starts[place] >= position:
                opened = data.find(b"%%", ranges[place][1])
                continue
            closed = data.find(b"%%", opened + 2)
            if closed < 0:
                self.unclosed = opened
                break
            self.lines.append(line := line + data.count(b"\n", counted, opened))
            counted = opened
            parts += [data[position:opened], self._put_aside(data, opened, closed)]
            position = closed + 2
            opened = data.find(b"%%", position)
        self.body = b"".join([*parts, data[position:]]).decode()

    def _put_aside(self, data: bytes, start: int, end: int) -> bytes:
        text = data[start + 2 : end]
        mark = f"%\x01{len(self.texts)}\x01%"
        self.texts.append(text.decode().strip())
        lines = text.count(b"\n")
        before = data[data.rfind(b"\n", 0, start) + 1 : start]
        behind = data[end + 2 : end + 3]
        if lines and not before.strip() and behind in (b"", b"\n"):
            return (mark + "\n" * lines).encode()  # alone on its lines it parts what is above it from what is below
        return (mark + f"\n{LINE}" * lines).encode()

    def claim(self, text: str) -> tuple[str, list[str]]:
        """Take the marks out of a text: the text without them, and the comments they stand for."""
        found = [int(number) for number in _MARK.findall(text)]
        self.claimed.update(found)
        return _MARK_IN_TEXT.sub("", text).replace(LINE, ""), [self.texts[number] for number in found]

    def take(self, spans: list[Span]) -> tuple[list[Span], list[str]]:
        """Take the marks out of spans: the spans that are left, and the comments."""
        if not any("\x01" in span.text or LINE in span.text for span in spans):
            return spans, []
        kept: list[Span] = []
        found: list[str] = []
        for span in spans:
            span.text, texts = self.claim(span.text)
            found += texts
            if span.alias is not None:
                span.alias = self.claim(span.alias)[0]
            follows_break = not kept or kept[-1].text == "\n"
            if span.kind != "text" or (span.text and not (span.text == "\n" and follows_break)):
                kept.append(span)
        return kept, found

    @staticmethod
    def unmarked(source: bytes) -> bytes:
        """A part of the body without marks, so that it does not depend on other comments."""
        return _MARK_IN_SOURCE.sub(b"", source) if b"\x01" in source else source

    def restore(self, text: str) -> str:
        """Put comments back into a text in which they are none, such as code."""
        self.claimed.update(int(number) for number in _MARK.findall(text))
        return _MARK.sub(lambda match: f"%%{self.texts[int(match[1])]}%%", text).replace(LINE, "")


def _outermost(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Drop the ranges within others; what comes in is sorted by start, outer before inner."""
    kept: list[tuple[int, int]] = []
    for start, end in ranges:
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept
