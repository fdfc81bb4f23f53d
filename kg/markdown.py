"""Markdown notes as Obsidian writes them, read into blocks of text with their places.

`read(text)` gives a `Document`. It knows no RDF and never fails on odd input: what it cannot make sense of stays text
and is reported as a `Problem`. CommonMark, tables, footnotes, math and wiki links are read by pyromark
(pulldown-cmark); `kg.inline` adds what Obsidian adds inside a text, `kg.comments` its comments, `kg.frontmatter` the
front matter.
"""

from collections.abc import Collection, Iterator
from typing import Any

import pyromark

from kg import frontmatter, inline, inline_html, markdown_math, markdown_references
from kg.blocks import Block, Document, Problem, Span
from kg.comments import Comments
from kg.frontmatter import FrontMatter
from kg.inline import UNCARRIABLE
from kg.leaves import Leaf, LinkSource, digest, hidden_link
from kg.markdown_blocks import RAW, BlockBuilder, Frame
from kg.markdown_text import TextReader

__all__ = ["UNCARRIABLE", "read"]

_PARSER = pyromark.Markdown(
    options=pyromark.Options.ENABLE_TABLES
    | pyromark.Options.ENABLE_FOOTNOTES
    | pyromark.Options.ENABLE_STRIKETHROUGH
    | pyromark.Options.ENABLE_TASKLISTS
    | pyromark.Options.ENABLE_MATH
    | pyromark.Options.ENABLE_WIKILINKS
)
_LINKS = frozenset(("link", "image", "wikilink", "embed"))
_DEEP = 100


def read(text: str, entry_tags: Collection[str] = ()) -> Document:
    """Read a note.

    Args:
        text: the whole note, front matter included; any line ends.
        entry_tags: first segments of tags (upper case) that start a block of their own when they stand at the
            beginning of a continuation line, as `PAPER` does in `#PAPER [Title](url)`.

    Returns:
        The document. Lines are 1-based in the file as given.

    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    problems: list[Problem] = []
    odd = UNCARRIABLE.search(text)
    if odd is not None:
        line = text.count("\n", 0, odd.start()) + 1
        message = f"U+{ord(odd[0]):04X} is no text: U+FFFD stands for it"
        problems.append(Problem(line, "character-replaced", message))
        text = UNCARRIABLE.sub("\ufffd", text)
    front, body = frontmatter.split(text)
    document = Document(front, problems=problems)
    if front.problem:
        _keep_front_matter(document)
    comments = None
    if "%%" in body:
        comments = Comments(body, _protected(body, links=True))
        body = comments.body
    if "$$" in body:
        body = markdown_math.fence(body.encode(), _protected(body)).decode()
    reader = _Reader(body, front.lines, document, entry_tags, comments)
    reader.run()
    return document


def _keep_front_matter(document: Document) -> None:
    """Report front matter that could not be read in full, and keep its text and its links as a block."""
    front = document.front
    message = f"front matter kept as text: {front.problem}"
    document.problems.append(Problem(front.problem_line, "yaml-malformed", message))
    raw = front.raw.rstrip("\n")
    if raw.strip():
        spans = [
            Span("embed" if embed else "wikilink", "", path, False, heading, block, alias)
            for (path, heading, block), alias, embed in inline.wikilinks(raw)
        ]
        document.blocks.append(Block("frontMatter", 2, raw, spans, fingerprint=digest(raw.encode())))


def _protected(body: str, *, links: bool = False) -> Iterator[tuple[int, int]]:
    """Byte ranges of code and math, and of links if wanted."""
    for event, place in _PARSER.events_with_range(body):
        if isinstance(event, dict):
            ((name, value),) = event.items()
            if name in ("Code", "InlineMath", "DisplayMath") or (
                name == "Start"
                and isinstance(value, dict)
                and ("CodeBlock" in value or (links and ("Link" in value or "Image" in value)))
            ):
                yield place["start"], place["end"]


def _links_of(text: str) -> list[Span]:
    """The links and tags of a Markdown text, in order."""
    if "[" not in text and "#" not in text and "://" not in text:
        return []
    inner = Document(FrontMatter())
    _Reader(text, 0, inner, ()).run()
    holders = [*((s.line, s.spans) for s in inner.sections), *((b.line, b.spans) for b in inner.blocks)]
    return [
        span
        for _, spans in sorted(holders, key=lambda holder: holder[0])
        for span in spans
        if span.kind in _LINKS or span.kind == "tag"
    ]


class _Reader(BlockBuilder):
    """Turns the events of a body into blocks."""

    def __init__(
        self,
        body: str,
        offset: int,
        document: Document,
        entry_tags: Collection[str],
        comments: Comments | None = None,
    ) -> None:
        super().__init__(body.encode(), offset, document, entry_tags, comments, _links_of)
        self.body = body
        self.link_stack: list[LinkSource] = []  # the open links and images, each in the label of the one before
        self.depth = 0
        self.texts = TextReader(self.data)

    def run(self) -> None:
        """Read all events."""
        for event, place in _PARSER.events_with_range(self.body, merge_text=True):
            if isinstance(event, str):
                if event in ("SoftBreak", "HardBreak"):
                    self.line_break(place["end"])
                continue
            value: Any
            ((name, value),) = event.items()
            if name == "Text":
                self.text(value, place["start"], place["end"])
            elif name == "Start":
                self.start(value, place["start"], place["end"])
            elif name == "End":
                self.end(value, place["end"])
            else:
                self.atom(name, value, place["start"], place["end"])
        if self.comments is not None:
            self.place_comments(self.comments)
        if self.taken is not None:
            self.references(self.taken)

    def start(self, tag: Any, start: int, end: int) -> None:
        if isinstance(tag, str):
            self.start_plain(tag, start, end)
            return
        ((name, value),) = tag.items()
        if name in ("Link", "Image"):
            self.open_link(name, value, start)
            return
        self.close_implicit()
        if name == "List":
            self.open_holder(start)
            self.enter(start)
        elif name == "BlockQuote":
            self.open_holder(start)
            self.frames.append(Frame("quote", start, self.callout()))
            self.quotes += 1
            self.enter(start)
        elif name == "FootnoteDefinition":
            self.open_holder(start)
            self.frames.append(Frame("footnote", start, self.callout(), value))
        elif name == "Table":
            self.open_holder(start)
        elif name == "Heading":
            self.open_leaf("heading", start)
            self.level = 0 if self.frames else int(value["level"][1:])
        elif name == "CodeBlock":
            leaf = self.open_leaf("code", start)
            if isinstance(value, dict):
                leaf.block.detail, _, info = value["Fenced"].strip().partition(" ")
                if info.strip():
                    leaf.block.fields.append(("info", info.strip(), leaf.block.line))
                self.check_fence(start, end)

    def start_plain(self, tag: str, start: int, end: int) -> None:
        if tag == "Item":
            self.close_implicit()
            while start < end and self.data[start] in b" \t\n":
                start += 1
            self.frames.append(Frame("item", start, self.callout()))
        elif tag == "Paragraph":
            self.open_leaf("paragraph", start)
        elif tag == "HtmlBlock":
            self.close_implicit()
            self.open_leaf("html", start)
        elif tag in ("TableRow", "TableHead"):
            self.open_leaf("tableRow", start)
        elif tag == "TableCell" and self.leaf is not None:
            if self.leaf.cells:
                self.leaf.block.spans.append(Span("text", " | "))
            self.leaf.cells += 1

    def end(self, tag: Any, end: int) -> None:
        name = tag if isinstance(tag, str) else next(iter(tag))
        if name in ("Link", "Image"):
            self.close_link(end)
        elif name == "Item":
            self.close_implicit()
            if self.frames.pop().block >= 0:
                self.items.pop()
        elif name in ("Paragraph", "HtmlBlock", "CodeBlock"):
            self.close_leaf()
        elif name in ("Strong", "Emphasis", "Strikethrough"):
            return
        elif name == "TableCell" and self.leaf is not None:
            self.leaf.end = max(self.leaf.end, end)
        elif name in ("TableRow", "TableHead"):
            self.close_row(end)
        elif name == "Heading":
            self.close_heading()
        elif name in ("BlockQuote", "FootnoteDefinition"):
            self.close_implicit()
            self.open_holder(self.frames[-1].start)
            if self.frames.pop().kind == "quote":
                self.quotes -= 1
                self.depth -= 1
        elif name == "List":
            self.depth -= 1

    def enter(self, start: int) -> None:
        self.depth += 1
        if self.depth == _DEEP:
            message = f"{_DEEP} levels of lists and quotes or more"
            self.document.problems.append(Problem(self.line(start), "nesting-deep", message))

    # -- inline content ------------------------------------------------------------------------------------------------

    def line_break(self, end: int) -> None:
        if self.link_stack:
            self.link_stack[-1].label.append(" ")
        elif self.leaf is not None:
            self.leaf.block.spans.append(Span("text", "\n"))
            self.leaf.breaks.append((len(self.leaf.block.spans), end))

    def atom(self, name: str, value: Any, start: int, end: int) -> None:
        if start < self.texts.skip:
            return
        leaf = self.inline_leaf(start)
        leaf.end = max(leaf.end, end)
        spans = leaf.block.spans
        if name == "TaskListMarker":
            leaf.task = "x" if value else " "
        elif name == "Html":
            spans.append(Span("html", value))
        elif name == "InlineHtml":
            self.inline_html(value, leaf, end)
        elif self.link_stack:
            self.link_stack[-1].label.append(value)
        elif name == "Code":
            spans.append(Span("code", value))
        elif name in ("InlineMath", "DisplayMath"):
            spans.append(Span("math", value))
            if name == "DisplayMath" and len(spans) == 1 and leaf.block.kind == "paragraph":
                leaf.block.kind = "math"
        elif name == "FootnoteReference":
            spans.append(Span("footnote", f"[^{value}]", value))

    def inline_html(self, source: str, leaf: Leaf, end: int) -> None:
        html = inline_html.read(source)
        spans = leaf.block.spans
        if html.comments:
            leaf.block.comments += filter(None, html.comments)
            if spans and spans[-1].kind == "text" and self.data[end : end + 1].isspace():
                spans[-1].text = spans[-1].text.removesuffix(" ")
        if not self.link_stack:
            spans.append(Span("html", html.text))
            spans += [hidden_link(url, embed) for url, embed in html.urls]
        else:
            self.link_stack[-1].label.append(html.text)
            self.link_stack[-1].nested += [hidden_link(url, embed) for url, embed in html.urls]

    def open_link(self, name: str, value: dict[str, Any], start: int) -> None:
        leaf = self.inline_leaf(start)
        if leaf.block.kind == "math":
            leaf.block.kind = "paragraph"
        self.link_stack.append(LinkSource(name == "Image", value["link_type"], value["dest_url"], value["title"]))

    def close_link(self, end: int) -> None:
        source = self.link_stack.pop()
        span = source.span()
        if self.link_stack:  # an image in the label of a link: its alternative text is part of the label
            outer = self.link_stack[-1]
            outer.label.append(span.text)
            span.text = ""
            outer.nested += [span, *source.nested]
            return
        leaf = self.inline_leaf(end)
        leaf.end = max(leaf.end, end)
        leaf.block.spans += [span, *source.nested]

    def text(self, value: str, start: int, end: int) -> None:
        if end <= self.texts.skip:
            return
        if self.link_stack:
            self.link_stack[-1].label.append(value)
            return
        leaf = self.leaf if self.leaf is not None else self.inline_leaf(start)
        leaf.end = max(leaf.end, end)
        block = leaf.block
        if block.kind in RAW:
            block.spans.append(Span("text", value))
            return
        if block.kind == "math" and value.strip():
            block.kind = "paragraph"
        if "#" in value or "://" in value or start < self.texts.skip:
            self.texts.read(value, start, end, block.spans)
            return
        spans = block.spans
        if spans and spans[-1].kind == "text" and spans[-1].text != "\n":
            spans[-1].text += value
        else:
            spans.append(Span("text", value))

    def references(self, taken: list[tuple[int, int]]) -> None:
        """Add the link reference definitions."""
        definitions = _PARSER.reference_definitions(self.body)
        for position, block in markdown_references.read(self.data, definitions, taken):
            block.line = self.line(position)
            block.section = self.section_at(block.line)
            self.blocks.append(block)
