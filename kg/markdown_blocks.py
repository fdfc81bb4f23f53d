"""Blocks while a body is read: where they stand, how they begin and what is made of them when they end.

The containers that are open (list items, quotes, footnotes) are a stack of frames, never recursion. What Markdown says
comes from `kg.markdown`, event by event.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Collection
from typing import Literal

from kg import inline_html, markdown_math
from kg.blocks import Block, Document, Problem, Section, Span
from kg.comments import Comments
from kg.leaves import Leaf, digest, finish, hidden_link, split

__all__ = ["RAW", "BlockBuilder", "Frame"]

RAW = ("code", "html")  # kinds of blocks in which Markdown means nothing
_CALLOUT = re.compile(r"\[!([^\]\n]+)\][+-]?[ \t]*")
_TASK = re.compile(r"\[(.)\](?:\s|$)")
_FENCE = re.compile(rb"`{3,}|~{3,}")
_EMPTY = digest(b"")


class Frame:
    """An open container: a list item, a block quote or a footnote definition."""

    __slots__ = ("block", "callout", "kind", "label", "start", "used")

    def __init__(self, kind: Literal["item", "quote", "footnote"], start: int, callout: int, label: str = "") -> None:
        self.kind = kind
        self.start = start  # byte offset
        self.label = label  # of a footnote
        self.block = -1  # of an item or a footnote, the index of the block that is its own text
        self.callout = callout  # index of the block that is the title of the innermost callout, else -1
        self.used = False  # whether it holds a block yet


class BlockBuilder:
    """The blocks and sections of one body as they grow.

    Attributes:
        data: the body in UTF-8, in which all places are byte offsets.
        leaf: the block whose inline content is arriving, if any.
        frames: the open containers, outermost first.
        quotes: how many of them are quotes.
        items: indexes of the blocks that are the text of the open list items.
        level: of the heading that is open outside of any container, else 0.
        taken: byte ranges of the blocks that ended, None when nobody will ask.

    """

    def __init__(
        self,
        data: bytes,
        offset: int,
        document: Document,
        entry_tags: Collection[str],
        comments: Comments | None,
        links_of: Callable[[str], list[Span]],
    ) -> None:
        """Start with an empty document.

        Args:
            data: the body.
            offset: the lines of front matter before it.
            document: where sections, blocks and problems go.
            entry_tags: tags that start a block of their own, as in `kg.markdown.read`.
            comments: the comments that were put aside, if any.
            links_of: gives the links and tags of a Markdown text, for the texts of comments.

        """
        self.data = data
        self.first_line = offset + 1
        self.document = document
        self.blocks = document.blocks
        self.entry_tags = entry_tags
        self.comments = comments
        self.links_of = links_of
        self.newlines = [match.start() for match in re.finditer(b"\n", data)]
        self.frames: list[Frame] = []
        self.quotes = 0
        self.items: list[int] = []
        self.open_sections: list[int] = []
        self.leaf: Leaf | None = None
        self.level = 0
        self.taken: list[tuple[int, int]] | None = [] if b"]:" in data else None

    def line(self, position: int) -> int:
        """The 1-based line in the file of a byte offset."""
        return bisect_right(self.newlines, position - 1) + self.first_line

    def section(self) -> int:
        """The index of the section that is open, -1 for none."""
        return self.open_sections[-1] if self.open_sections else -1

    def section_at(self, line: int) -> int:
        """The section that a line stands in."""
        return bisect_right(self.document.sections, line, key=lambda section: section.line) - 1

    def callout(self) -> int:
        """The index of the title of the callout that is open, -1 for none."""
        return self.frames[-1].callout if self.frames else -1

    def open_holder(self, start: int) -> None:
        """Give a list item or footnote that does not start with words a block of its own: it holds what follows."""
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.block < 0 and frame.kind != "quote":
            self.open_leaf("paragraph", start).block.fingerprint = _EMPTY
            self.leaf = None

    def open_leaf(self, kind: str, start: int) -> Leaf:
        """Begin a block; the first one of a list item is the item."""
        block = Block(kind, 0, parent=self.items[-1] if self.items else -1, section=self.section())
        if self.frames:
            frame = self.frames[-1]
            block.quoted = self.quotes > 0
            block.callout = frame.callout
            if frame.kind == "item" and frame.block < 0:  # the first block of an item is the item
                start = frame.start
                block.kind = "listItem" if kind == "paragraph" else kind
                frame.block = len(self.blocks)
                self.items.append(frame.block)
            elif frame.kind == "footnote" and kind == "paragraph":
                block.kind, block.detail = "footnote", frame.label
                frame.block = len(self.blocks)
            elif frame.kind == "footnote":
                self.open_holder(start)
        block.line = self.line(start)
        self.blocks.append(block)
        self.leaf = Leaf(block, start)
        return self.leaf

    def inline_leaf(self, start: int) -> Leaf:
        """The leaf that inline content goes to; a tight list item opens its own."""
        return self.leaf if self.leaf is not None else self.open_leaf("paragraph", start)

    def close_implicit(self) -> None:
        """End the text of a tight list item: nothing else says that it is over."""
        if self.leaf is not None and self.leaf.block.kind not in RAW:
            self.close_leaf()

    # -- blocks end ----------------------------------------------------------------------------------------------------

    def close_leaf(self) -> None:
        """End the block whose content was arriving; it may be several."""
        leaf, self.leaf = self.leaf, None
        if leaf is None:
            return
        block = leaf.block
        if self.taken is not None:
            self.taken.append((leaf.start, leaf.end))
        if block.kind in RAW:
            self.close_raw(leaf)
            return
        self.mark(leaf)
        if not leaf.breaks:  # most blocks
            self.close_piece(block, leaf.start, leaf.end)
            return
        pieces = split(leaf, self.data, self.entry_tags)
        above: list[tuple[int, int]] = []  # (column, index) of the bullets that the next piece may stand below
        for number, piece in enumerate(pieces):
            part = piece.block
            if number:
                part.line = self.line(piece.start)
                part.parent = self.items[-1] if block.kind in ("listItem", "taskItem") else block.parent
                if block.kind == "callout":
                    part.callout = self.callout()
                if piece.bullet:
                    while above and above[-1][0] >= piece.column:
                        above.pop()
                    part.parent = above[-1][1] if above else part.parent
                    above.append((piece.column, len(self.blocks)))
                    self.read_task(part)
                self.blocks.append(part)
            self.close_piece(part, piece.start, piece.end)

    def close_piece(self, part: Block, start: int, end: int) -> None:
        """End a block that is one entry."""
        self.finish(part, self.data[start:end])
        if not part.text or part.text[0] == "|":
            self.settle(part)

    def close_raw(self, leaf: Leaf) -> None:
        """End a block in which Markdown means nothing: code, math that is fenced, HTML."""
        block = leaf.block
        text = "".join(span.text for span in block.spans).rstrip("\n")
        block.spans = []
        source = self.data[leaf.start : leaf.end]
        block.fingerprint = digest(source if self.comments is None else self.comments.unmarked(source))
        if self.comments is not None and "\x01" in text:
            text = self.comments.restore(text)
        if block.kind == "html":
            html = inline_html.read(text)
            text = html.text.strip()
            block.spans = [hidden_link(url, embed) for url, embed in html.urls]
            block.comments = [*filter(None, html.comments)]
        elif block.detail == markdown_math.LANGUAGE:
            block.kind, block.detail, block.spans = "math", "", [Span("math", text)]
        block.text = text
        if not text:
            self.settle(block)

    def close_row(self, end: int) -> None:
        """End a table row; cells without a column, which tables do not show, are kept as text."""
        leaf = self.leaf
        if leaf is None:
            return
        rest = self.data[leaf.end : end].decode(errors="replace").strip("|> \t\n")
        if rest:
            leaf.block.spans.append(Span("text", f" | {rest}"))
        leaf.end = end
        self.close_leaf()

    def close_heading(self) -> None:
        """End a heading: a section begins, but not within a list or quote."""
        leaf, level = self.leaf, self.level
        if leaf is None or not level:
            self.close_leaf()
            return
        self.leaf, self.level = None, 0
        block = leaf.block
        if self.taken is not None:
            self.taken.append((leaf.start, leaf.end))
        self.finish(block, b"")
        if block.comments and not block.text:  # a comment with a line of `=` or `-` below it
            block.kind = "paragraph"
            self.settle(block)
            return
        self.blocks.pop()
        sections = self.document.sections
        while self.open_sections and sections[self.open_sections[-1]].level >= level:
            self.open_sections.pop()
        parent = self.section()
        self.open_sections.append(len(sections))
        title = " ".join(block.text.split())
        sections.append(Section(title, level, block.line, parent, block.spans, block.tags, block.block_id))
        for comment in block.comments:
            self.add_comment(comment, block.line)

    def check_fence(self, start: int, end: int) -> None:
        """Report a code block whose fence is not closed."""
        fence = _FENCE.match(self.data, start, end)
        closing = self.data[self.data.rfind(b"\n", start, end) + 1 : end].strip(b" \t>")
        if self.data[end - 1 : end] == b"\n":
            closing = b""
        if fence is not None and (len(closing) < len(fence[0]) or closing.strip(fence[0][:1])):
            message = "the code block runs to the end of what holds it"
            self.document.problems.append(Problem(self.line(start), "fence-unclosed", message))

    def mark(self, leaf: Leaf) -> None:
        """Read what the first words of a block make of it: a callout or a task."""
        block = leaf.block
        frame = self.frames[-1] if self.frames else None
        if frame is not None and frame.kind == "quote" and not frame.used:
            frame.used = True
            first = block.spans[0] if block.spans and self.data.startswith(b"[!", leaf.start) else None
            callout = _CALLOUT.match(first.text) if first is not None and first.kind == "text" else None
            if first is not None and callout is not None:
                kind, _, metadata = callout[1].partition("|")
                block.kind, block.detail = "callout", kind.strip().lower()
                if metadata.strip():
                    block.fields.append(("metadata", metadata.strip(), block.line))
                first.text = first.text[callout.end() :]
                frame.callout = len(self.blocks) - 1
        if leaf.task:
            block.kind, block.detail = "taskItem", leaf.task
        elif block.kind == "listItem":
            self.read_task(block)

    @staticmethod
    def read_task(block: Block) -> None:
        """Tasks may have statuses other than a blank and `x` (Obsidian Help, Task lists)."""
        first = block.spans[0] if block.spans else None
        if first is None or first.kind != "text" or not first.text.startswith("["):
            return
        task = _TASK.match(first.text)
        if task is not None:
            block.kind, block.detail, first.text = "taskItem", task[1], first.text[task.end() :]

    # -- comments ------------------------------------------------------------------------------------------------------

    def finish(self, block: Block, source: bytes) -> None:
        """Derive what a block says from its spans and its source; links and tags in its comments are its own."""
        if self.comments is None:
            finish(block)
            block.fingerprint = digest(source)
            return
        block.fingerprint = digest(self.comments.unmarked(source))
        block.spans, found = self.comments.take(block.spans)
        finish(block)
        if found:
            block.comments += filter(None, found)
            for span in (span for text in found for span in self.links_of(text)):
                if span.kind == "tag":
                    block.tags.append(span.text)
                elif span.kind in ("wikilink", "embed"):
                    span.text = ""  # the text of the comment holds its words
                    block.spans.append(span)

    def settle(self, block: Block) -> None:
        """Find a block without words its place: it may be comments, a block id, a link, or nothing at all."""
        if block.kind not in ("paragraph", "html", "tableRow") or block.text.strip("| "):
            return
        alone = self.blocks and self.blocks[-1] is block
        if block.comments:
            text = "\n".join(block.comments)
            spans = self.links_of(text)
            block.kind, block.text, block.comments, block.spans = "comment", text, [], spans
            block.tags = [span.text for span in spans if span.kind == "tag"]
            block.fingerprint = digest(text.encode())
        elif not alone or any(span.kind not in ("text", "html") for span in block.spans):
            return
        elif not block.block_id:
            self.blocks.pop()
        elif not self.frames and len(self.blocks) > 1 and not self.blocks[-2].block_id:
            # alone on its line it names the block above it, as Obsidian has it for tables, quotes and lists
            self.blocks[-2].block_id = block.block_id
            self.blocks.pop()

    def place_comments(self, comments: Comments) -> None:
        """Keep the comments that no block holds, and say so of one that does not end."""
        for number, text in enumerate(comments.texts):
            if number not in comments.claimed and text:
                self.add_comment(text, comments.lines[number] + self.first_line)
        if comments.unclosed >= 0:
            message = "no second `%%` ends the comment: it is kept as text"
            self.document.problems.append(Problem(self.line(comments.unclosed), "comment-unclosed", message))

    def add_comment(self, text: str, line: int) -> None:
        """Add a comment that stands in no block."""
        block = Block("paragraph", line, comments=[text], section=self.section_at(line))
        self.settle(block)
        self.blocks.append(block)
