"""HTML inside notes: its words, the addresses it points to, and its comments.

Obsidian leaves HTML to the browser and reads no Markdown within it (Obsidian Help, Obsidian Flavored Markdown). This is
no HTML parser: what is not a well-formed tag stays text, so that no words are lost.
"""

import re
from dataclasses import dataclass, field
from html import unescape

__all__ = ["Html", "read"]

# Each part of a tag stops at `<`, so that an unclosed one never makes the search start over for each tag.
_MARKUP = re.compile(
    r"""<!--(?P<comment>.*?)(?:-->|\Z)
      | </?(?P<name>[A-Za-z][\w-]*+)
        (?P<attributes>(?:\s++[A-Za-z_:@][\w:.@-]*+\s*+=\s*+(?:"[^"<]*"|'[^'<]*'|[^\s"'<>=`]+)|\s++[A-Za-z]++)*+)\s*+/?>
      | <[!?](?:\[CDATA\[(?P<data>[^<]*)\]\]|[^<>]*)>""",
    re.DOTALL | re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))""")
_POINTS = {"a": "href", "area": "href", "object": "data"} | dict.fromkeys(
    ("img", "iframe", "video", "audio", "source", "embed", "track"), "src"
)
# Elements that stand within a word or a phrase; the others part what is before them from what is behind.
_PHRASING = frozenset(
    (
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i"),
        *("ins", "kbd", "label", "mark", "nobr", "q", "rb", "rp", "rt", "ruby", "s", "samp", "small", "span"),
        *("strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
    )
)
# The other elements of HTML (WHATWG HTML, Index of elements). A word in angle brackets is no tag: it stays text.
_PARTING = frozenset(
    (
        *("address", "area", "article", "aside", "audio", "base", "blockquote", "body", "button", "canvas", "caption"),
        *("center", "col", "colgroup", "datalist", "dd", "details", "dialog", "dir", "div", "dl", "dt", "embed"),
        *(
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "frame",
            "frameset",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
        ),
        *("head", "header", "hgroup", "hr", "html", "iframe", "input", "legend", "li", "link", "main", "map", "math"),
        *("menu", "meta", "meter", "nav", "noscript", "object", "ol", "optgroup", "option", "output", "p", "param"),
        *("picture", "pre", "progress", "script", "search", "section", "select", "slot", "source", "style", "summary"),
        *("svg", "table", "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "title", "tr", "track", "ul"),
        *("video",),
    )
)
_BLANKS = re.compile(r"[ \t]*\n\s*")


@dataclass(slots=True)
class Html:
    """What a piece of HTML says.

    Attributes:
        text: its words, tags removed and character references resolved.
        urls: what its links and embedded media point to, in order, and whether it is embedded.
        comments: the texts of its comments.

    """

    text: str
    urls: list[tuple[str, bool]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def read(source: str) -> Html:
    """Read a piece of HTML, such as a block of it or a single tag."""
    found = Html("")

    def words(match: re.Match[str]) -> str:
        if match["comment"] is not None:
            found.comments.append(match["comment"].strip())
            return ""
        if match["name"] is None:
            return match["data"] or ""
        name = match["name"].lower()
        if name == "br":
            return "\n"
        attributes = {key.lower(): a or b or c for key, a, b, c in _ATTRIBUTE.findall(match["attributes"])}
        url = unescape(attributes.get(_POINTS.get(name, ""), "")).strip()
        if url:
            found.urls.append((url, name not in ("a", "area")))
        if name == "img":
            return str(attributes.get("alt", ""))
        if name in _PHRASING:
            return ""
        return " " if name in _PARTING else match[0]

    text = unescape(_MARKUP.sub(words, source))
    found.text = _BLANKS.sub("\n", text)
    return found
