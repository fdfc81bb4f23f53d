"""A block while its inline content arrives, and what is made of it when it ends.

A leaf collects spans and remembers its line breaks. When it ends it is cut where a line starts something of its own,
and each piece gets its text, tags, block id, highlights and fields from its spans.
"""

import re
from collections.abc import Collection
from hashlib import blake2b
from itertools import pairwise

from kg import inline
from kg.blocks import Block, Span, SpanKind
from kg.comments import LINE

__all__ = ["Leaf", "LinkSource", "Piece", "digest", "finish", "hidden_link", "split"]

_MARKER = re.compile(r"\A(?:[-*+]|\d{1,9}[.)])[ \t]+")
_LIST_MARKER = re.compile(rb"\s*(?:[-*+]|\d{1,9}[.)])\s+")
_HASH = blake2b(digest_size=6)
_BEFORE_WORDS = frozenset(bytes((byte,)) for byte in b" \t-*+0123456789")
_BULLET = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+(?=\S)")
_BULLET_ALONE = re.compile(r"(?:[-*+]|\d{1,9}[.)])[ \t]+\Z")
_HIGHLIGHT = re.compile("(?<!=)==(?!=)")
_SIZE = re.compile(r"(?:^|\|)\d+(?:x\d+)?\Z")  # of an image, as Obsidian writes it: `|300` or `|640x480`
_SENTENCE_END = re.compile(r"[.!?:;…)\]\"”’]\Z")


class Leaf:
    """A block whose inline content is still arriving.

    Attributes:
        start, end: byte offsets of its own content in the body.
        task: the character in the brackets of a task item, else "".
        breaks: for each line break the index of the span behind it and the byte offset of the line that follows.
        cells: of a table row how many cells have begun.

    """

    __slots__ = ("block", "breaks", "cells", "end", "start", "task")

    def __init__(self, block: Block, start: int) -> None:
        self.block = block
        self.start = start
        self.end = start
        self.task = ""
        self.cells = 0
        self.breaks: list[tuple[int, int]] = []


class Piece:
    """A part of a leaf that is an entry of its own: its block, its byte range and the column it is indented to."""

    __slots__ = ("block", "bullet", "column", "end", "start")

    def __init__(self, block: Block, start: int, end: int, *, bullet: bool = False, column: int = 0) -> None:
        self.block = block
        self.start = start
        self.end = end
        self.bullet = bullet
        self.column = column


def digest(source: bytes) -> str:
    """The fingerprint of a source text: 12 hexadecimal digits.

    Runs of blanks count as one, and the marker of a list item as nothing: an ordered list can be renumbered.
    """
    if source[:1] in _BEFORE_WORDS:
        marker = _LIST_MARKER.match(source)
        source = source[marker.end() :] if marker is not None else source
    source = source.strip()
    if b"\n" in source or b"  " in source or b"\t" in source:
        source = b" ".join(source.split())
    found = _HASH.copy()  # faster than a new one
    found.update(source)
    return found.hexdigest()


def split(leaf: Leaf, data: bytes, entry_tags: Collection[str]) -> list[Piece]:
    """Cut a block at the line breaks that start something of their own.

    CommonMark takes a line without a blank line before it for more of the same paragraph. A person who wrote one of
    these meant a new entry: a line that starts with a tag of a resource; a bullet that is indented too far to be one;
    the body below the title of a callout; in a quote, a line behind a finished sentence or one that starts with a link.
    """
    block = leaf.block
    spans = block.spans
    cuts: list[tuple[int, int, bool]] = []
    for number, (index, position) in enumerate(leaf.breaks):
        if index >= len(spans):
            continue
        bullet = block.kind in ("listItem", "taskItem") and _is_bullet(spans, index)
        if bullet or (block.kind == "callout" and not number) or _starts_entry(block, index, entry_tags):
            cuts.append((index, position, bullet))
    if not cuts:
        return [Piece(block, leaf.start, leaf.end)]
    bounds = [*cuts, (len(spans), leaf.end, False)]
    pieces = [Piece(block, leaf.start, bounds[0][1])]
    for (index, start, bullet), (stop, end, _) in pairwise(bounds):
        kind = "listItem" if bullet else "paragraph"
        part = Block(
            kind,
            0,
            section=block.section,
            quoted=block.quoted,
            callout=block.callout,
            spans=spans[index:stop],
        )
        if bullet:
            _drop_bullet(part)
        pieces.append(Piece(part, start, end, bullet=bullet, column=_column(data, start)))
    block.spans = spans[: cuts[0][0]]
    return pieces


def _column(data: bytes, start: int) -> int:
    """How far the line at a byte offset is indented, in columns; a tab goes to the next multiple of four."""
    line = data[data.rfind(b"\n", 0, start) + 1 : start + 400].expandtabs(4)
    return len(line) - len(line.lstrip(b" >"))


def _is_bullet(spans: list[Span], index: int) -> bool:
    span = spans[index]
    if span.kind != "text":
        return False
    return bool(_BULLET.match(span.text) or (_BULLET_ALONE.match(span.text) and index + 1 < len(spans)))


def _drop_bullet(block: Block) -> None:
    first = block.spans[0]
    first.text = _MARKER.sub("", first.text)
    if not first.text:
        block.spans.pop(0)


def _starts_entry(block: Block, index: int, entry_tags: Collection[str]) -> bool:
    span = block.spans[index]
    if span.kind == "tag" and span.text.split("/")[0].upper() in entry_tags:
        return True
    if not block.quoted or index < 2 or span.text.startswith(LINE):
        return False
    before = block.spans[index - 2]
    return (
        span.kind in ("link", "wikilink", "embed", "image", "tag")
        or before.kind in ("link", "wikilink", "embed", "image", "tag")
        or _SENTENCE_END.search(before.text.rstrip()) is not None
    )


class LinkSource:
    """A link whose label is still arriving: what pyromark says of it, and the parts of its label.

    Attributes:
        label: the parts of its label as rendered.
        nested: spans of the images and links in its label; their words are part of the label.

    """

    __slots__ = ("image", "kind", "label", "nested", "target", "title")

    def __init__(self, image: bool, kind: str | dict[str, dict[str, bool]], target: str, title: str = "") -> None:
        self.image = image
        self.kind = kind
        self.target = target.strip()
        self.title = title
        self.label: list[str] = []
        self.nested: list[Span] = []

    def span(self) -> Span:
        """The span of the link."""
        label = " ".join("".join(self.label).split())
        words = _SIZE.sub("", label) if self.image else label
        if isinstance(self.kind, dict):  # a wiki link; in a table its `|` is escaped
            target = " ".join(self.target.removesuffix("\\").split())
            path, heading, block = inline.split_target(target)
            alias = label if self.kind["WikiLink"]["has_pothole"] and label else None
            text = (words if alias is not None else "") or target
            return Span("embed" if self.image else "wikilink", text, path, False, heading, block, alias)
        target = f"mailto:{self.target}" if self.kind == "Email" else self.target
        if inline.is_external(target):
            bare = self.kind in ("Autolink", "Email") or label == target
            return Span("image" if self.image else "link", words, target, bare, title=self.title)
        path, heading, block = inline.vault_target(target)
        kind: SpanKind = "embed" if self.image else "wikilink"
        return Span(kind, words, path, False, heading, block, label or None, self.title)


def hidden_link(url: str, embed: bool) -> Span:
    """The span of a link or embed whose words are text of their own, as in HTML."""
    span = LinkSource(embed, "Autolink", url).span()
    span.text = ""
    return span


def words(spans: list[Span]) -> str:
    """The text of spans as a person reads it; a tag right before a word stays apart from it."""
    parts: list[str] = []
    behind_tag = False
    for span in spans:
        if span.kind == "tag":
            parts.append(f"#{span.text}")
            behind_tag = True
        elif behind_tag:
            parts.append(f" {span.text}" if span.kind != "text" and span.text[:1].isalnum() else span.text)
            behind_tag = False
        else:
            parts.append(span.text)
    return "".join(parts)


def finish(block: Block) -> None:
    """Derive text, tags, block id, highlights and fields of a block from its spans."""
    spans = block.spans
    _drop_blank_end(spans)
    if spans and "^" in spans[-1].text and spans[-1].kind == "text":
        rest, block.block_id = inline.block_id(spans[-1].text)
        if block.block_id:
            spans[-1].text = rest
            _drop_blank_end(spans)
    text = spans[0].text if len(spans) == 1 and spans[0].kind == "text" else words(spans)
    if "==" in text:
        block.highlights = highlights(spans)
        text = words(spans)
    block.text = text.strip()
    if "#" in text:
        block.tags = [span.text for span in spans if span.kind == "tag"]
    if "::" in text:
        block.fields += [(key, value, block.line + line) for key, value, line in inline.fields(block.text)]


def _drop_blank_end(spans: list[Span]) -> None:
    while spans and spans[-1].kind == "text" and not spans[-1].text.strip():
        spans.pop()


def highlights(spans: list[Span]) -> list[str]:
    """Take the marks of `==highlights==` out of the spans and return the words between them."""
    marks: list[tuple[int, int, int]] = []  # (place in the joined text, index of the span, place in the span)
    parts: list[str] = []
    length = 0
    for index, span in enumerate(spans):
        if span.kind == "text" and "==" in span.text:
            marks += [(length + m.start(), index, m.start()) for m in _HIGHLIGHT.finditer(span.text)]
        parts.append(f"#{span.text}" if span.kind == "tag" else span.text)
        length += len(parts[-1])
    flat = "".join(parts)
    found: list[str] = []
    cuts: dict[int, list[int]] = {}
    opened: tuple[int, int, int] | None = None
    for mark in marks:
        place = mark[0]
        if opened is None:
            if place + 2 < length and not flat[place + 2].isspace():
                opened = mark
        elif place > opened[0] + 2 and not flat[place - 1].isspace():
            found.append(flat[opened[0] + 2 : place])
            for _, index, start in (opened, mark):
                cuts.setdefault(index, []).append(start)
            opened = None
    for index, places in cuts.items():
        text = spans[index].text
        bounds = [0, *(bound for place in places for bound in (place, place + 2)), len(text)]
        spans[index].text = "".join(text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True))
    return found
