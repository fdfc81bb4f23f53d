"""What a reader of notes gives: blocks of text with their inline content, sections, and what is odd.

Plain data, in document order; nothing here knows Markdown's syntax or RDF.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from kg.frontmatter import FrontMatter

__all__ = ["Block", "Document", "Problem", "Section", "Span", "SpanKind"]

SpanKind = Literal["text", "code", "math", "html", "tag", "link", "image", "wikilink", "embed", "footnote"]


@dataclass(slots=True)
class Span:
    """A run of inline content, in reading order.

    Attributes:
        kind: `text`, `code`, `math`, `html`, `tag` (text is the tag without `#`), `link` (Markdown link, autolink or
            bare URL that leaves the vault), `image` (external), `wikilink` (`[[…]]` or a Markdown link inside the
            vault), `embed` (`![[…]]` or a Markdown image inside the vault), `footnote`.
        text: the words as rendered, markup removed; of a link its label (of a bare URL the URL itself).
        target: of a link the destination as the file has it, trimmed of blanks and angle brackets, else "". Of a wiki
            link the path part alone, decoded and, for a Markdown link, without `.md`.
        bare: true for a bare URL or an autolink: the label is only the URL.
        heading, block: of a wiki link what follows `#` and `#^`, else "".
        alias: of a wiki link the words behind `|`, or the label of a Markdown link; None when it has none.
        title: of a Markdown link its title, `words` in `[label](url "words")`, else "".

    """

    kind: SpanKind
    text: str
    target: str = ""
    bare: bool = False
    heading: str = ""
    block: str = ""
    alias: str | None = None
    title: str = ""


@dataclass(slots=True)
class Block:
    """One block of text of a note, such as a list item, a paragraph or a table row.

    Attributes:
        kind: `listItem`, `taskItem`, `paragraph`, `callout`, `tableRow`, `code`, `html`, `math`, `footnote`, `heading`
            (one inside a quote or list), `comment`, `reference` (a link reference definition) or `frontMatter`
            (malformed front matter).
        line: 1-based line of its first character in the file.
        text: its own text, markup removed, lines kept, without the block id.
        spans: inline content in order; of HTML, front matter and comments only the links, of code nothing.
        tags: every `#tag`, without `#`, as written.
        block_id: from a trailing `^id`, else "".
        parent: index in `Document.blocks` of the enclosing list item, -1 for none.
        section: index in `Document.sections` of the heading it stands under, -1 for none.
        quoted: whether it stands inside a block quote.
        callout: index of the callout it stands in, -1 for none.
        detail: of a callout its type, of a task the character in its brackets, of code its language, of a footnote its
            label, else "".
        highlights, comments: the texts between `==`, and between `%%` or `<!--` and `-->`.
        fields: inline fields as `(key, value, 1-based line)`; of code what follows the language as `info`, of a callout
            what follows its type and `|` as `metadata`.
        fingerprint: 12 hexadecimal digits that depend on its own source alone.

    """

    kind: str
    line: int
    text: str = ""
    spans: list[Span] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    block_id: str = ""
    parent: int = -1
    section: int = -1
    quoted: bool = False
    callout: int = -1
    detail: str = ""
    highlights: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    fields: list[tuple[str, str, int]] = field(default_factory=list)
    fingerprint: str = ""


@dataclass(slots=True)
class Section:
    """A heading and what stands below it; `parent` is the index of the section it is nested in, -1 for none."""

    title: str
    level: int
    line: int
    parent: int
    spans: list[Span]
    tags: list[str]
    block_id: str = ""


class Problem(NamedTuple):
    """Something odd: 1-based line, code and message of a diagnostic."""

    line: int
    code: str
    message: str


@dataclass(slots=True)
class Document:
    """A note as read: everything in it in document order."""

    front: FrontMatter
    sections: list[Section] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
