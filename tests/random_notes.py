"""Notes at random: Markdown of all kinds with the words that a reader must find in it."""

import string

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

__all__ = ["UNHURRIED", "blocks", "bodies", "front_matters", "notes", "scribbles", "words"]

# How fast a machine is with other work to do is no property of the code.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_LETTERS = "abcdefghijkmnopqrstuwyzéßñжд日本"

words = st.text(_LETTERS, min_size=2, max_size=7)
_urls = st.builds(
    "{}://{}.example/{}{}".format, st.sampled_from(["https", "http"]), words, words, st.sampled_from(["", "_x", "#y"])
)


def _around(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(pattern.format, *parts)


inlines = st.one_of(
    words,
    words,
    _around("*{}*", words),
    _around("**{} {}**", words, words),
    _around("~~{}~~", words),
    _around("=={}==", words),
    _around("`{}`", words),
    _around("${}$", words),
    _around("#{}", words),
    _around("#{}/{}", words, words),
    _around("%%{}%%", words),
    _around("<!-- {} -->", words),
    _around("<b>{}</b>", words),
    _around("{}<br>{}", words, words),
    _around("[{}]({})", words, _urls),
    _around('[{}]({} "{}")', words, _urls, words),
    _around("[{}](<{} {}.md#{}>)", words, words, words, words),
    _around("[{}]({}.md)", words, words),
    _around("![{}]({}.png)", words, words),
    _around("[![{}]({}.png)]({})", words, words, _urls),
    _around("[[{}]]", words),
    _around("[[{}/{}#{}|{}]]", words, words, words, words),
    _around("![[{}.png|{}]]", words, words),
    _around("[[#^{}]]", words),
    _around("^[{} {}]", words, words),
    _around("[^{}]", words),
    _around("[{}: {}]", words, words),
    _around("({}:: {})", words, words),
    _around(r"\#{} \*{}", words, words),
    _urls,
    _around("<{}>", _urls),
    st.sampled_from(["$5 and $10", "50%", "a == b", "*", "_", "[", "]]", "`", "|", "~", "<", "\\", "==", "!", "^x y"]),
)
lines = st.lists(inlines, min_size=1, max_size=4).map(" ".join)
paragraphs = st.lists(lines, min_size=1, max_size=3).map("\n".join)


def _indented(text: str, first: str, others: str) -> str:
    head, *rest = text.split("\n")
    return "\n".join([first + head, *(others + line if line else line for line in rest)])


def _table(rows: list[list[str]]) -> str:
    escaped = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    head, *rest = ["| " + " | ".join(row) + " |" for row in escaped]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *rest])


simple_blocks: st.SearchStrategy[str] = st.one_of(
    paragraphs,
    paragraphs,
    _around("{} {}", st.sampled_from(["#", "##", "###", "######"]), lines),
    _around("{}\n==", lines),
    _around("{} ^{}", lines, st.text(string.ascii_lowercase, min_size=1, max_size=5)),
    _around("```{} {}\n{}\n\n{}\n```", words, words, lines, words),
    _around("~~~\n{}", words),
    _around("    {}", words),
    _around("<div>\n{} <a href='{}'>{}</a>\n</div>", words, _urls, words),
    _around("$$\n{}\n= {}\n\n- {}\n$$", words, words, words),
    _around("%%\n{}\n\n- {} [[{}]]\n%%", words, words, words),
    _around("[{}]: {} '{}'", words, _urls, words),
    _around("[^{}]: {}\n\n    {}", words, lines, lines),
    _around("{}:: {}", words, lines),
    st.lists(st.lists(words | inlines, min_size=2, max_size=3), min_size=1, max_size=3).map(_table),
    st.sampled_from(["---", "***", "> ", "- ", "^x", "%%", "$$", "```"]),
)


_MARKS = ["- ", "* ", "+ ", "1. ", "10) ", "- [ ] ", "- [x] ", "- [/] "]


@st.composite
def blocks(draw: st.DrawFn, depth: int = 3) -> str:
    """A block: a simple one, or a list, quote or callout of others."""
    kind = draw(st.sampled_from(["simple", "simple", "item", "quote", "callout"])) if depth else "simple"
    if kind == "simple":
        return draw(simple_blocks)
    joint: str = draw(st.sampled_from(["\n", "\n\n"]))
    parts = draw(st.lists(blocks(depth - 1), min_size=1, max_size=3))
    if kind == "item":
        marks = [draw(st.sampled_from(_MARKS)) for _ in parts]
        indent = draw(st.sampled_from(["", "\t", "    ", "  "]))
        items = [_indented(part, mark, indent or " " * len(mark)) for mark, part in zip(marks, parts, strict=True)]
        return joint.join(items)
    text = joint.join(parts)
    if kind == "callout":
        text = f"[!{draw(words)}]{draw(st.sampled_from(['', '+', '-']))} {draw(words)}\n{text}"
    return _indented(text, "> ", "> ")


bodies = st.builds(
    lambda joint, parts: str(joint.join(parts)),
    st.sampled_from(["\n", "\n\n", "\n\n\n"]),
    st.lists(blocks(), max_size=6),
)
_values = st.one_of(
    words, _around('"[[{}|{}]]"', words, words), st.sampled_from(["2024-02-03", "12", "true", "[a, b]"])
)
front_matters = st.dictionaries(words, _values, min_size=1, max_size=4).map(
    lambda values: "---\n" + "".join(f"{key}: {value}\n" for key, value in values.items()) + "---\n"
)
notes = st.builds(str.__add__, st.just("") | front_matters, bodies)

_TOKENS = [
    "---\n", "\n\n", "\n", "- ", "  ", "    ", "\t", "> ", "# ", "```\n", "$$\n", "%%", "[[", "]]", "|", "[!a]", "![",
    "](", ")", "<!--", "-->", "<a href=", "http://a.b/", "[^a]", "[a]: ", "^a", "==", "::", "#a", "word ", "*", "**",
    "\\", "&amp;", "title: x\n", "tags: [a, ", "- [ ] ", "1. ", "|-|-|\n", "\r\n", "\r", "\x00",
]  # fmt: skip
# Anything at all, mostly made of what means something in Markdown or YAML.
scribbles = st.one_of(
    st.text(),
    st.text(" \n\t#*_-+>[]()!|`~$%^=&<:\\\"'1.{}?,ab é\0\x01\x02\x0b\x85\u2028\ufeff🚀", max_size=60),
    st.lists(st.sampled_from(_TOKENS), max_size=40).map("".join),
)
