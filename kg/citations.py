"""What an entry of a note presents: the resource, and title, author, year and venue as the note states them.

`cite(block)` reads one block. Tags decide (`#PAPER`, `#CODE` …); without one, an entry presents a resource when
an external link is what it is about, not when its prose merely contains links. Nothing here knows RDF, other
notes or the network.
"""

import re
from collections.abc import Mapping
from itertools import chain
from typing import Literal, NamedTuple

from kg.blocks import Block, Span
from kg.bylines import Byline, first_author
from kg.identifiers import identify, is_external
from kg.statements import (
    count_words,
    ends_in_sentence_word,
    is_pointing,
    state_link,
    state_text,
    unclosed_label,
)
from kg.tags import RESOURCE_TAGS
from kg.titles import is_url

__all__ = ["RESOURCE_TAGS", "Citation", "Status", "cite", "is_usable_url", "resource_classes"]

Status = Literal["presented", "crossReference", "withoutLink", "malformed"]
_WRITTEN = frozenset(("Paper", "ReviewPaper", "Book", "Thesis", "Poster"))  # their authors are stated
_NO_ENTRIES = frozenset(("code", "html", "math", "comment", "heading", "reference", "frontMatter"))
_ITEMS = frozenset(("listItem", "taskItem", "tableRow"))
_NOTES = frozenset(("wikilink", "embed"))
_WORDLESS = frozenset(("tag", "footnote", "html"))

# A host that can exist: two labels at least, or an address of the local network.
_HOST = re.compile(
    r"(?:(?:https?|ftps?):[/\\]+)?(?:[^\s/?#@]*@)?"
    r"(?:(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]+|localhost|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])"
    r"\.?(?::\d+)?(?:[/?#]|$)|(?:doi|arxiv):",
    re.IGNORECASE,
)
# Nearly every URL begins so; of the others two slower questions are asked.
_ORDINARY = re.compile(r"https?://(?:[a-z0-9]+(?:-+[a-z0-9]+)*\.)+[a-z]{2,}(?:[/?#]|$)")
_SCHEMELESS = re.compile(
    r"(?:www\.|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|ai|dev|co|de|fr|uk|cc)/)\S*", re.IGNORECASE
)
_FAR = 5000  # characters of a text that are searched for a link
_BROKEN = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^)\n]+)")


class Citation(NamedTuple):
    """What a block presents, or why it presents nothing though a tag says it would.

    Attributes:
        status: `presented` (an external resource), `crossReference` (a tag before a pointer to a note or
            block), `withoutLink` (a tagged title without any link) or `malformed` (its link leads nowhere).
        classes: local names of the classes that the tags give, () when they leave it to the URL.
        span: index in `block.spans` of the link to what is presented, -1 for none.
        url: the destination as the file has it, "" for none.
        title: the title as stated, cleaned; None when only a URL stands there.
        author: the names as stated; only of papers, books, theses and posters.
        year: the year as stated.
        venue: conference, journal or publisher as stated.
        first_author: the first of the names in `author`.
        findings: (code, message) of what is odd.

    """

    status: Status
    classes: tuple[str, ...] = ()
    span: int = -1
    url: str = ""
    title: str | None = None
    author: str | None = None
    year: int | None = None
    venue: str | None = None
    first_author: str | None = None
    findings: tuple[tuple[str, str], ...] = ()


def is_usable_url(target: str) -> bool:
    """Tell whether a destination can be followed: it leads out of the vault, to a host that can exist."""
    return _ORDINARY.match(target) is not None or (_HOST.match(target) is not None and is_external(target))


def resource_classes(tags: list[str], known: Mapping[str, tuple[str, ...]] = RESOURCE_TAGS) -> tuple[str, ...] | None:
    """Return the classes that tags give, in order, each once; None when none of the tags marks a resource."""
    keys = [tag.partition("/")[0].upper() for tag in tags]
    found = [known[key] for key in keys if key in known]
    return tuple(dict.fromkeys(chain(*found))) if found else None


def cite(block: Block, tags: Mapping[str, tuple[str, ...]] = RESOURCE_TAGS) -> Citation | None:
    """Read what a block presents.

    Args:
        block: a block of a note.
        tags: the tags that mark a resource, as `RESOURCE_TAGS`.

    Returns:
        For a block with a resource tag its citation, with exactly one status; for another one a `presented`
        citation when an external link is its main content, else None.

    """
    classes = resource_classes(block.tags, tags) if block.tags else None
    if classes is not None:
        return _tagged(_Entry.of(block, tags), classes)
    if block.kind in _NO_ENTRIES:
        return None
    entry = _Entry.of(block, tags)
    if not entry.links:
        return None
    opening = entry.links[0] == 0 and block.kind in _ITEMS  # the commonest form: a list of links
    return _presented(entry, ()) if opening or _is_main(entry) else None


class _Entry(NamedTuple):
    kind: str
    spans: list[Span]
    links: list[int]  # indexes of the spans that lead to the outside, with a usable URL
    tags: list[int]  # indexes of the resource tags

    @classmethod
    def of(cls, block: Block, tags: Mapping[str, tuple[str, ...]]) -> "_Entry":
        links, marks = [], []
        for index, span in enumerate(block.spans):
            if span.kind == "link" and is_usable_url(span.target):
                links.append(index)
            elif span.kind == "tag" and span.text.partition("/")[0].upper() in tags:
                marks.append(index)
        return cls(block.kind, block.spans, links, marks)

    def text(self, start: int, stop: int) -> str:
        """Words between two spans, tags left out."""
        if start >= stop:
            return ""
        return "".join([s.text for s in self.spans[start:stop] if s.kind not in _WORDLESS])


def _tagged(entry: _Entry, classes: tuple[str, ...]) -> Citation:
    if _is_prose(entry):
        finding = ("tag-in-prose", "a resource tag inside a sentence marks nothing")
        return Citation("withoutLink", classes, findings=(finding,))
    if _is_pointer(entry):
        return Citation("crossReference", classes)
    if entry.links:
        return _presented(entry, classes)
    broken = next((i for i, span in enumerate(entry.spans) if _is_broken(span)), None)
    if broken is not None:
        return _malformed(entry, classes, broken)
    if any(span.kind in _NOTES for span in entry.spans):
        return Citation("crossReference", classes)
    return _without_link(entry, classes)


# -- what the entry is about --


def _is_main(entry: _Entry) -> bool:
    """Tell whether the first link of an entry without a tag is what the entry is about."""
    first = entry.links[0]
    link = entry.spans[first]
    before = " ".join(entry.text(0, first).split())
    after = entry.text(first + 1, len(entry.spans)).strip()
    item = entry.kind in _ITEMS
    length = count_words(before)
    if length == 0:
        return item or count_words(after) <= 3 or _opens_remark(entry.text(first + 1, first + 2))
    if any(span.kind in _NOTES for span in entry.spans[:first]):
        return before[-1] in ":-–—|" and length <= 8
    if before[-1] in ":-–—|→>=" or unclosed_label(before) is not None:
        return item or length <= 8
    if link.bare or is_url(link.text):
        introduced = item and 0 < count_words(before.partition(": ")[0]) <= 4 and ": " in before
        return (not count_words(after) or _opens_remark(after)) and (length <= 8 or introduced)
    if ends_in_sentence_word(before):
        return is_pointing(before, whole=True) and count_words(after) == 0
    alone = count_words(after) == 0 or _opens_remark(after) or after.startswith(":")
    return alone and length <= (5 if item else 3) and before[-1] not in ",.;("


def _opens_remark(text: str) -> bool:
    return text.lstrip().startswith(("-", "–", "—", "(", "|"))


def _is_prose(entry: _Entry) -> bool:
    """Tell whether the tags stand inside a sentence instead of before or behind an entry."""
    if not entry.tags or entry.tags[0] == 0 or (entry.links and entry.links[0] < entry.tags[0]):
        return False
    before = entry.text(0, entry.tags[0]).rstrip()
    if not entry.links:
        return count_words(before) > 1 and count_words(entry.text(entry.tags[0] + 1, len(entry.spans))) > 2
    return count_words(before) > 5 and not before.endswith((":", "-", "–", "—", "."))


def _is_pointer(entry: _Entry) -> bool:
    """Tell whether an entry says where in the notes to look instead of naming a resource."""
    ahead = entry.spans[: entry.links[0]] if entry.links else entry.spans
    notes = any(span.kind in _NOTES and not _is_broken(span) for span in ahead)
    if entry.links and not notes:
        return False
    text = entry.text(0, len(entry.spans))
    return is_pointing(text) and (notes or state_text(text, people=True)[1].year is None)


def _is_broken(span: Span) -> bool:
    """Tell whether a span was meant as a link to the outside but leads nowhere."""
    if span.kind == "link":
        return not span.target.lower().startswith("mailto:") and not is_usable_url(span.target)
    if span.kind == "text":
        return _BROKEN.search(span.text[:_FAR]) is not None
    if span.kind != "wikilink" or span.alias is None:
        return False
    return not (span.target or span.heading or span.block) or _SCHEMELESS.fullmatch(span.target) is not None


# -- what it states --


def _presented(entry: _Entry, classes: tuple[str, ...]) -> Citation:
    """Read an entry that presents its first link; what stands behind the second one is not said of the first."""
    index, stop, *_ = *entry.links, len(entry.spans)
    link = entry.spans[index]
    if link.bare and all(span is link or span.kind == "tag" or span.text.isspace() for span in entry.spans):
        return Citation("presented", classes, index, link.target)
    before = entry.text(0, index)
    title, byline = state_link(
        ("" if link.bare else link.text, link.target),
        (before, entry.text(index + 1, stop)),
        people=_expects_people(classes) if classes else _may_name(link) and _is_written((), link.target),
        tagged=bool(entry.tags),
    )
    findings: tuple[tuple[str, str], ...] = ()
    if unclosed_label(before) is not None:
        findings = (("link-unclosed", "the brackets of this link do not close or hold more than a URL"),)
    stated = _stated(title, byline, classes, link.target)
    return Citation("presented", classes, index, link.target, *stated, findings)


def _malformed(entry: _Entry, classes: tuple[str, ...], index: int) -> Citation:
    span = entry.spans[index]
    label, target = span.text, span.target
    broken = _BROKEN.search(label[:_FAR]) if span.kind == "text" else None
    if broken is not None:
        label, target = broken[1], broken[2].strip()
    unclosed = unclosed_label(entry.text(0, index)) if span.bare else None
    if unclosed is not None:
        label = unclosed
    title, byline = state_link((label, target), ("", ""), people=_expects_people(classes), tagged=True)
    finding = ("url-malformed", f"no usable URL: {target[:200] or 'the link is empty'}")
    return Citation("malformed", classes, -1, target, *_stated(title, byline, classes, target), (finding,))


def _without_link(entry: _Entry, classes: tuple[str, ...]) -> Citation:
    title, byline = state_text(entry.text(0, len(entry.spans)), people=_expects_people(classes))
    finding = ("resource-without-link", "a tagged title without a link")
    if not title:
        finding = ("resource-without-title", "a resource tag with nothing behind it")
    return Citation("withoutLink", classes, -1, "", *_stated(title, byline, classes, ""), (finding,))


def _may_name(link: Span) -> bool:
    """Tell whether names can matter in reading a link, so that it is worth asking what its URL suggests."""
    return link.bare or link.text.endswith((")", "）", ") "))


def _expects_people(classes: tuple[str, ...]) -> bool:
    return "Talk" in classes or not _WRITTEN.isdisjoint(classes)


def _is_written(classes: tuple[str, ...], url: str) -> bool:
    """Tell whether the authors of a resource are stated; without a class the URL says whether it is a paper."""
    if classes:
        return not _WRITTEN.isdisjoint(classes)
    identity = identify(url)
    return identity is not None and identity.suggests == "Paper"


def _stated(
    title: str, byline: Byline, classes: tuple[str, ...], url: str
) -> tuple[str | None, str | None, int | None, str | None, str | None]:
    """Return what an entry states: title, author, year, venue and first author."""
    author = byline.author if byline.author and _is_written(classes, url) else None
    return title or None, author, byline.year, byline.venue, first_author(author) if author else None
