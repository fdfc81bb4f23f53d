"""The syntax that Obsidian adds inside a run of text: tags, bare URLs, highlights, block ids, inline fields.

Pure functions from strings to strings and positions. Sources: Obsidian Help (Tags, Internal links, Basic formatting
syntax), GitHub Flavored Markdown 6.9 (extended autolinks) for where a bare URL ends, Dataview's documentation for
inline fields.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import unquote

__all__ = [
    "BLOCK_ID",
    "UNCARRIABLE",
    "LinkTarget",
    "bare_url_end",
    "block_id",
    "escaped_tags",
    "fields",
    "find_tags",
    "find_urls",
    "is_external",
    "split_target",
    "vault_target",
    "wikilinks",
]

# Characters that no RDF syntax can carry safely (XML 1.0, 2.2; lone surrogates are no characters at all).
UNCARRIABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

# A tag ends at a blank or at punctuation other than `_`, `-` and `/`; general and CJK punctuation end it too. It starts
# at the beginning of a text, behind a blank or an opening mark, or right behind another tag.
_TAG_NAME = r"#([^\s\x00-\x1f#!\"$%&'()*+,.:;<=>?@\[\\\]^`{|}~\u2000-\u206f\u2e00-\u2e7f\u3000-\u303f]+)"
_TAG = re.compile(r"(?<![^\s(\[{,;:>|*_~=\"'“‘«—–])" + _TAG_NAME)
_NEXT_TAG = re.compile(_TAG_NAME)
_URL = re.compile(r"(?<![\w/])(?:https?|ftp)://[^\s\x00-\x1f<>\"`]+", re.IGNORECASE)
_URL_TAIL = frozenset("?!.,:;*_~'\"”’»…")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]+:|//)")
BLOCK_ID = re.compile(r"(?:^|\s)\^([\w-]+)\s*$")
_FIELD_LINE = re.compile(
    r"^[\s>*_~-]*+([^\s:/`\[\](){}][^:\n`\[\](){}]{0,79}?)[*_~]{0,3}::(?:[ \t]+(.*))?$", re.MULTILINE
)
_FIELD_BRACKET = re.compile(r"[\[(]([^\[\]():\n]{1,80})::[ \t]*([^\[\]()\n]*)[\])]")
_WIKILINK = re.compile(r"(!?)\[\[([^\[\]\n]+)\]\]")

LinkTarget = tuple[str, str, str]


def find_tags(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield `(start, end, tag)` for each `#tag` of a text, tag without `#`.

    A tag needs one character that is not a digit (Obsidian Help, Tags); a trailing `/` or `-` belongs to it as written.
    """
    for match in _TAG.finditer(text):
        found: re.Match[str] | None = match
        while found is not None:
            if not found[1].isdecimal() and found[1].strip("-_/"):
                yield found.start(), found.end(), found[1]
            found = _NEXT_TAG.match(text, found.end())


def escaped_tags(source: str) -> list[str]:
    r"""The tags that a source text switches off with a backslash (`\#tag`), in order."""
    return [
        found[2]
        for part in source.split("\\#")[1:]
        for found in [next(find_tags("#" + part), None)]
        if found and not found[0]
    ]


def find_urls(text: str) -> Iterator[tuple[int, int]]:
    """Yield `(start, end)` of each bare URL of a text."""
    for match in _URL.finditer(text):
        yield match.start(), bare_url_end(text, match.start(), match.end())


def bare_url_end(text: str, start: int, end: int) -> int:
    """Where a bare URL really ends: before trailing punctuation and before a closing bracket it did not open."""
    if text[end - 1].isalnum():  # most URLs
        return end
    surplus = {close: text.count(close, start, end) - text.count(opening, start, end) for opening, close in _BRACKETS}
    while end > start:
        last = text[end - 1]
        if surplus.get(last, 0) > 0:
            surplus[last] -= 1
        elif last not in _URL_TAIL:
            break
        end -= 1
    return end


def block_id(text: str) -> tuple[str, str]:
    """Split a trailing Obsidian block id off a text: `("… text", "id")`, or the text and `""`."""
    match = BLOCK_ID.search(text)
    return (text[: match.start()].rstrip(), match[1]) if match else (text, "")


def fields(text: str) -> list[tuple[str, str, int]]:
    """Inline fields as Dataview documents them: `key:: value` on a line, `[key:: value]` or `(key:: value)` within.

    Returns:
        `(key, value, line offset)` in order; the offset counts lines from the start of the text.

    """
    brackets = [*_FIELD_BRACKET.finditer(text)]
    found = [(match.start(), match[1].strip(), match[2].strip()) for match in brackets]
    starts = [match.start() for match in brackets]
    for match in _FIELD_LINE.finditer(text):
        before = bisect_right(starts, match.start(1)) - 1
        if before < 0 or brackets[before].end() <= match.start(1):
            found.append((match.start(), match[1].strip(), (match[2] or "").strip()))
    lines: list[tuple[str, str, int]] = []
    line = position = 0
    for start, key, value in sorted(found):
        line += text.count("\n", position, start)
        position = start
        if key:
            lines.append((key, value, line))
    return lines


def is_external(destination: str) -> bool:
    """Whether a link destination leaves the vault: it has a scheme of two letters or more, or starts with `//`."""
    return _SCHEME.match(destination) is not None


def split_target(target: str) -> LinkTarget:
    """Split the inside of a link into path, heading and block: `Note#^id` is `("Note", "", "id")`."""
    path, _, fragment = target.partition("#")
    if fragment.startswith("^"):
        return path.strip(), "", fragment[1:].strip()
    head, caret, block = fragment.partition("#^")
    return path.strip(), head.strip(), block.strip() if caret else ""


def vault_target(destination: str) -> LinkTarget:
    """Split the destination of a Markdown link to a file of the vault, percent-decoded and without `.md`."""
    path, mark, fragment = destination.partition("#")
    path, heading, block = unquote(path.partition("?")[0]).strip(), *split_target("#" + unquote(fragment))[1:]
    if path[-3:].lower() == ".md":
        path = path[:-3]
    return path, heading if mark else "", block


def wikilinks(text: str) -> Iterator[tuple[LinkTarget, str | None, bool]]:
    """Yield `(target, alias, embed)` for each wiki link of a plain string, such as a front-matter value."""
    for match in _WIKILINK.finditer(text):
        target, bar, alias = match[2].partition("|")
        yield split_target(target.removesuffix("\\")), alias.strip() if bar else None, bool(match[1])
