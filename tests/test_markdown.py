"""Notes are read into blocks, with nothing lost, whatever they hold."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings

from kg.blocks import Block, Document, Span
from kg.markdown import read
from tests.random_notes import UNHURRIED, notes, scribbles
from tests.running import NOTES

_ENTRY_TAGS = {"PAPER", "CODE"}


def _said(document: Document) -> str:
    """All strings that a document holds."""
    found: list[str] = []

    def spans(them: list[Span]) -> None:
        for span in them:
            found.extend((span.text, unquote(span.target), span.heading, span.block, span.alias or "", span.title))

    for key, value, _ in document.front.values:
        found += [key, str(value)]
    for section in document.sections:
        found += [section.title, section.block_id, *section.tags]
        spans(section.spans)
    for block in document.blocks:
        found += [block.text, block.block_id, block.detail, *block.tags, *block.comments, *block.highlights]
        found += [part for key, value, _ in block.fields for part in (key, value)]
        spans(block.spans)
    return "\n".join(found)


def _lost(text: str) -> list[str]:
    """The words of a note that its document does not hold; names of tags and the suffix of notes are no words."""
    said = _said(read(text, _ENTRY_TAGS)).casefold()
    bare = re.sub(r"</?(?:b|a|div|br)\b[^<>]*>|\.md\b", " ", text)
    return [word for word in re.findall(r"[^\W\d_]+", bare) if word.casefold() not in said]


@settings(UNHURRIED, max_examples=250)
@given(notes)
@example("[^x]: <!-- hidden -->")
@example("|a|b|\n|-|-|\n|one|two|three|")
@example("[x]: http://a.example\n[x]: http://b.example 'second words'")
@example('> [!note|wide]- Title\n> ```py numbers lines="3"\n> code\n> ```')
@example("$$\nfirst\n= second\n\n- third\n$$")
@example("- item %%one%%\n  - %%two%%\n- three")
def test_nothing_is_lost(note: str) -> None:
    """Each word of a note is in a text, title, tag, link, comment, code, id or value of what is read."""
    assert _lost(note) == []


@pytest.mark.parametrize("path", sorted(NOTES.rglob("*.md")), ids=lambda path: path.stem)
def test_nothing_of_the_sample_vault_is_lost(path: Path) -> None:
    """Each word of the notes that come with the project is read."""
    assert _lost(path.read_text("utf-8")) == []


@settings(UNHURRIED, max_examples=400)
@given(scribbles)
@example("\\\r[")
@example("[a](<http://x/\ud800>)")
@example("---\n? [x]\n: !!set {a}\n---\n")
def test_any_text_is_a_note(text: str) -> None:
    """Any text is read without an error, twice alike, and each block stands on a line of it, below what holds it."""
    document = read(text, _ENTRY_TAGS)
    assert read(text, _ENTRY_TAGS) == document
    lines = len(re.split("\r\n|\r|\n", text))
    for index, block in enumerate(document.blocks):
        assert 1 <= block.line <= lines
        assert -1 <= block.parent < index
        assert -1 <= block.section < len(document.sections)
        assert block.parent < 0 or document.blocks[block.parent].line <= block.line
        assert block.fingerprint
    for number, section in enumerate(document.sections):
        assert 1 <= section.line <= lines
        assert -1 <= section.parent < number
    assert all(0 <= problem.line <= lines + 1 for problem in document.problems)


_PATHOLOGICAL = {
    "quotes": ">" * 100_000 + " x",
    "brackets": "[" * 100_000,
    "wiki links": "[[a|" * 25_000,
    "lists in lists": "- " * 50_000 + "x",
    "numbered lists": "1. " * 30_000,
    "images": "![" * 50_000,
    "links in links": "[" * 50_000 + "a" + "](u)" * 50_000,
    "tags": "#a" * 50_000,
    "URL with brackets": "http://x.example/" + ")" * 100_000,
    "URL with emphasis": "http://x.example/" + "a_b*c*" * 15_000,
    "highlights": "==a== " * 15_000,
    "comments": "%%a%% b\n\n" * 10_000,
    "comments in code": "`%%` " * 20_000,
    "code": "`a" * 50_000,
    "fields": "(a:: b)\na:: b\n" * 7_000,
    "underscores": "_" * 100_000 + "::",
    "HTML tags": "<div>\n" + "<a " * 30_000,
    "HTML comments": "<div>\n" + "<!-- " * 20_000,
    "HTML attributes": "x " + '<a b="' * 15_000,
    "definitions": "".join(f"# h\n[a{number}]: b\n\n" for number in range(7_000)),
    "repeated definitions": "[a]: b\n" * 12_000,
    "footnotes": "[^a]: x\n" * 10_000,
    "table": "|a|b|\n|-|-|\n" + "|x|y|\n" * 15_000,
    "block ids": "^a\n\n" * 25_000,
    "callouts": "> [!a] b\n\n" * 10_000,
    "lines": "x\n" * 50_000,
    "one line": "x" * 1_000_000,
    "math": "$$\n" * 30_000,
    "front matter": "---\n" + "a: b\n" * 20_000 + "---\n",
    "list in YAML": "---\na: " + "[" * 50_000 + "\n---\n",
    "aliases in YAML": "---\n" + "a0: &a0 [x, y]\n"
    + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)) + "---\n",
    "YAML in itself": "---\na: &a [*a]\nb: &b {c: *b}\n---\n",
}  # fmt: skip


@pytest.mark.parametrize("name", _PATHOLOGICAL)
def test_no_text_takes_long(name: str) -> None:
    """What is nested or repeated without end is read in a time that grows with its length, not with its square."""
    text = _PATHOLOGICAL[name]
    started = time.process_time()
    read(text, _ENTRY_TAGS)
    assert time.process_time() - started < 5  # a tenth of a second is usual; the square of the length takes minutes


def _outline(text: str) -> list[str]:
    """Each block as `line kind text`, indented below the list item that holds it."""
    document = read(text, _ENTRY_TAGS)

    def depth(block: Block) -> int:
        return 0 if block.parent < 0 else 1 + depth(document.blocks[block.parent])

    return [f"{'  ' * depth(block)}{block.line} {block.kind} {block.text!r}" for block in document.blocks]


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        pytest.param(
            "- a\n\t- b\n\t\t- c\n  * d\n    + e\n      1. f\n         2) g",
            ["1 listItem 'a'", "  2 listItem 'b'", "    3 listItem 'c'", "  4 listItem 'd'", "    5 listItem 'e'",
             "      6 listItem 'f'", "        7 listItem 'g'"],
            id="tabs and blanks, all list markers",
        ),
        pytest.param("- a\nlazy\n- b", ["1 listItem 'a\\nlazy'", "3 listItem 'b'"], id="lazy continuation"),
        pytest.param(
            "- a\n      - far\n          - farther\n      - far too",
            ["1 listItem 'a'", "  2 listItem 'far'", "    3 listItem 'farther'", "  4 listItem 'far too'"],
            id="bullets indented too far",
        ),
        pytest.param(
            "- a\n\n  more\n\n  ```py\n  x = 1\n  ```\n- b",
            ["1 listItem 'a'", "  3 paragraph 'more'", "  5 code 'x = 1'", "8 listItem 'b'"],
            id="paragraphs and code in an item",
        ),
        pytest.param("-\n  - child", ["1 listItem ''", "  2 listItem 'child'"], id="an empty item with a child"),
        pytest.param(
            "- > quoted\n  - child", ["1 listItem ''", "  1 paragraph 'quoted'", "  2 listItem 'child'"],
            id="an item that starts with a quote",
        ),
        pytest.param(
            "- | a | b |\n  |---|---|\n  | c | d |",
            ["1 listItem ''", "  1 tableRow 'a | b'", "  3 tableRow 'c | d'"],
            id="an item that starts with a table",
        ),
        pytest.param("- # title\n  words", ["1 heading 'title'", "  2 paragraph 'words'"], id="a heading in an item"),
        pytest.param(
            "> one.\n> two\nlazy\n>\n> > deep",
            ["1 paragraph 'one.'", "2 paragraph 'two\\nlazy'", "5 paragraph 'deep'"],
            id="quotes",
        ),
        pytest.param(
            "| a | b |\n|---|---|\n| [[x\\|y]] | `c \\| d` |\n| one |\n| | |\n|  | two | three |",
            ["1 tableRow 'a | b'", "3 tableRow 'y | c | d'", "4 tableRow 'one |'", "6 tableRow '| two | three'"],
            id="tables",
        ),
        pytest.param(
            "[^1]: one\n\n    two\n\n    - three\n[^2]: ```\n    code\n    ```",
            ["1 footnote 'one'", "3 footnote 'two'", "5 listItem 'three'", "6 footnote ''", "6 code 'code'"],
            id="footnotes",
        ),
        pytest.param(
            "<div>\n<p>one</p><p>two &amp; three</p>\n</div>\n\n</div>",
            ["1 html 'one  two & three'"],
            id="HTML",
        ),
        pytest.param("$$\na\n\n= b\n- c\n$$", ["1 math 'a\\n\\n= b\\n- c'"], id="math that Markdown would take apart"),
        pytest.param(
            "> $$\n> a\n> - b\n> $$\n- $$\n  + c\n  $$", ["1 math 'a\\n- b'", "5 math '+ c'"], id="math in quotes"
        ),
        pytest.param("$5 and $10, $a+b$", ["1 paragraph '$5 and $10, a+b'"], id="dollars"),
        pytest.param("~~~ py\ncode", ["1 code 'code'"], id="an unclosed fence"),
        pytest.param("a\n***\nb\n- - -\nc", ["1 paragraph 'a'", "3 paragraph 'b'", "5 paragraph 'c'"], id="rules"),
        pytest.param(
            "- a\n  #PAPER [b](http://x.example)\n  #CODE c\n  d #PAPER e",
            ["1 listItem 'a'", "  2 paragraph '#PAPER b'", "  3 paragraph '#CODE c\\nd #PAPER e'"],
            id="lines that start with a tag of a resource",
        ),
        pytest.param("#PAPER[a](http://x.example)", ["1 paragraph '#PAPER a'"], id="a tag that touches a link"),
        pytest.param("a<br>b <kbd>c</kbd>d", ["1 paragraph 'a\\nb cd'"], id="inline HTML"),
        pytest.param("use <name> and List<int>", ["1 paragraph 'use <name> and List<int>'"], id="no HTML"),
        pytest.param(
            "\ufeffa\x00\u2028b\r\nc\rd", ["1 paragraph '\\ufeffa\ufffd\\u2028b\\nc\\nd'"], id="odd characters"
        ),
    ],
)  # fmt: skip
def test_blocks(text: str, outline: list[str]) -> None:
    """Each block of text is read once, with its line, its kind and the list item that holds it."""
    assert _outline(text) == outline


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [("[ ] a", " ", "a"), ("[x] a", "x", "a"), ("[X] a", "x", "a"), ("[/] a", "/", "a"), ("[-] #t a", "-", "#t a")],
)
def test_tasks(text: str, status: str, words: str) -> None:
    """A task keeps the character in its brackets, whatever its list."""
    for marker in ("-", "*", "+", "1."):
        (block,) = read(f"{marker} {text}").blocks
        assert (block.kind, block.detail, block.text) == ("taskItem", status, words)


def test_callouts() -> None:
    """A callout has a type and a title; what stands in it, other callouts too, refers to it."""
    document = read("> [!Tip|wide]- Read **this** #tag\n> body\n> - item\n> > [!bug]\n> > inner\n\n> **[!note]** none")
    found = [(b.kind, b.detail, b.text, b.callout, b.fields) for b in document.blocks]
    assert found == [
        ("callout", "tip", "Read this #tag", -1, [("metadata", "wide", 1)]),
        ("paragraph", "", "body", 0, []),
        ("listItem", "", "item", 0, []),
        ("callout", "bug", "", 0, []),
        ("paragraph", "", "inner", 3, []),
        ("paragraph", "", "[!note] none", -1, []),
    ]


def test_sections() -> None:
    """Headings of both kinds make sections; their tags, links and ids are read, closing marks are not."""
    document = read("One #tag\n===\n## [[note#part|Two]] `x` ##\n#### Four ^id\n## Three\n# \n####### none")
    assert [(s.level, s.line, s.title, s.parent, s.tags, s.block_id) for s in document.sections] == [
        (1, 1, "One #tag", -1, ["tag"], ""),
        (2, 3, "Two x", 0, [], ""),
        (4, 4, "Four", 1, [], "id"),
        (2, 5, "Three", 0, [], ""),
        (1, 6, "", -1, [], ""),
    ]
    assert [(b.text, b.section) for b in document.blocks] == [("####### none", 4)]


def test_comments() -> None:
    """A comment belongs to the block it stands in; one that stands alone is a block, with its tags and links."""
    text = (
        "a %%one%% b\n\n%%\ntwo #tag\n\n- [[note]]\n%%\n- c\n  - %%three [[x|y]]%%\n# H %%four%%\n"
        "`%%` and %%`five%% six` <!-- seven -->\n\n<!-- eight -->"
    )
    found = [(b.line, b.kind, b.text, b.comments, b.tags) for b in read(text).blocks]
    assert found == [
        (1, "paragraph", "a b", ["one"], []),
        (3, "comment", "two #tag\n\n- [[note]]", [], ["tag"]),
        (8, "listItem", "c", [], []),
        (9, "listItem", "", ["three [[x|y]]"], []),
        (10, "comment", "four", [], []),
        (11, "paragraph", "%% and six`", ["seven", "`five"], []),
        (13, "comment", "eight", [], []),
    ]
    assert [(s.kind, s.target) for b in read(text).blocks for s in b.spans if s.target] == [
        ("wikilink", "note"),
        ("wikilink", "x"),
    ]


@pytest.mark.parametrize(
    ("text", "text_of_block", "highlights"),
    [
        ("==high**light**== and ==#tag==", "highlight and #tag", ["highlight", "#tag"]),
        ("a == b == c", "a == b == c", []),
        ("===x===", "===x===", []),
        ("`==x==` ==y", "==x== ==y", []),
        ("==a [b](http://c.example) `d`==", "a b d", ["a b d"]),
    ],
)
def test_highlights(text: str, text_of_block: str, highlights: list[str]) -> None:
    """What stands between `==` is a highlight; its marks are no part of the text."""
    (block,) = read(text).blocks
    assert (block.text, block.highlights) == (text_of_block, highlights)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a ^id", [("a", "id")]),
        ("- a ^x-1\n  - b ^y\n- c\nd ^z", [("a", "x-1"), ("b", "y"), ("c\nd", "z")]),
        ("> a\n\n^q", [("a", "q")]),
        ("|a|\n|-|\n|b|\n\n^t", [("a", ""), ("b", "t")]),
        ("```\na\n```\n^c", [("a", "c")]),
        ("a ^x %%hidden%%", [("a", "x")]),
        ("a ^not! b", [("a ^not! b", "")]),
        ("a^2 and `^b`", [("a^2 and ^b", "")]),
        ("# a\n\n^h", [("", "h")]),
    ],
)
def test_block_ids(text: str, found: list[tuple[str, str]]) -> None:
    """A block id ends a block or stands alone below it, and is no part of the text."""
    assert [(block.text, block.block_id) for block in read(text).blocks] == found


def _links(text: str) -> Iterator[tuple[str, ...]]:
    for block in read(text).blocks:
        for span in block.spans:
            if span.kind in ("link", "image"):
                yield span.kind, span.text, span.target, span.title
            elif span.kind in ("wikilink", "embed"):
                yield span.kind, span.text, span.target, span.heading, span.block, str(span.alias)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[[a]]", [("wikilink", "a", "a", "", "", "None")]),
        ("[[ a  b ]]", [("wikilink", "a b", "a b", "", "", "None")]),
        ("[[a/b.md#c#d|e|f]]", [("wikilink", "e|f", "a/b.md", "c#d", "", "e|f")]),
        ("[[#c]] [[#^d]]", [("wikilink", "#c", "", "c", "", "None"), ("wikilink", "#^d", "", "", "d", "None")]),
        ("![[x.png|100x20]]", [("embed", "x.png", "x.png", "", "", "100x20")]),
        ("![[x.png|a|100]]", [("embed", "a", "x.png", "", "", "a|100")]),
        ("[[a#h|]]", [("wikilink", "a#h", "a", "h", "", "None")]),
        ("|x|\n|-|\n|[[a\\|b]]|", [("wikilink", "b", "a", "", "", "b")]),
        (r"\[[a]] `[[b]]` [[]]", []),
        ("[x](My%20Note.md#Head%20ing)", [("wikilink", "x", "My Note", "Head ing", "", "x")]),
        ("[x](<a b.MD>)", [("wikilink", "x", "a b", "", "", "x")]),
        ("[x](../a.md#^b)", [("wikilink", "x", "../a", "", "b", "x")]),
        ("[x](#h)", [("wikilink", "x", "", "h", "", "x")]),
        ("![x](a%20b.png)", [("embed", "x", "a b.png", "", "", "x")]),
        ('[x]( http://a.example/b  "T w")', [("link", "x", "http://a.example/b", "T w")]),
        ("[x](<http://a.example/b c>)", [("link", "x", "http://a.example/b c", "")]),
        ("![x|300](http://a.example/b.png)", [("image", "x", "http://a.example/b.png", "")]),
        (
            "[![x](http://a.example/i.png)](http://b.example)",
            [("link", "x", "http://b.example", ""), ("image", "", "http://a.example/i.png", "")],
        ),
        ("<http://a.example/~b>", [("link", "http://a.example/~b", "http://a.example/~b", "")]),
        ("<a@b.example>", [("link", "a@b.example", "mailto:a@b.example", "")]),
        (
            "[r] [x][r]\n\n[r]: http://a.example 'T'",
            [("link", "r", "http://a.example", "T"), ("link", "x", "http://a.example", "T"),
             ("link", "T", "http://a.example", "")],
        ),
        ("<a href='http://a.example/?b=1&amp;c'>x</a>", [("link", "", "http://a.example/?b=1&c", "")]),
        ('<iframe src="http://a.example"></iframe>', [("image", "", "http://a.example", "")]),
        ("<img src=b.png alt=c>", [("embed", "", "b.png", "", "", "None")]),
    ],
)  # fmt: skip
def test_links(text: str, links: list[tuple[str, ...]]) -> None:
    """Links of all kinds keep their words, target, heading, block, alias and title."""
    assert [*_links(text)] == links


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/b_(c)_d",
        "http://a.example/b_c_d",
        "http://a.example/b*c*d",
        "http://a.example/~b/~~c~~d",
        "https://a.example/?b=c&d=é#e",
        "http://a.example/a_b_c",
    ],
)
@pytest.mark.parametrize(("before", "behind"), [("", ""), ("(", ")"), ("see ", ", and"), ('"', '".'), ("*x* ", "\nx")])
def test_bare_urls(before: str, url: str, behind: str) -> None:
    """A bare URL is a link up to its own end, whatever Markdown makes of its characters."""
    (block,) = read(before + url + behind).blocks
    assert [(s.target, s.bare) for s in block.spans if s.kind == "link"] == [(url, True)]
    assert url in block.text


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a\n\n```\nb", "fence-unclosed", 3),
        ("a\n\nb %% c", "comment-unclosed", 3),
        ("a\n\x00", "character-replaced", 2),
        ("---\na: [\n---\nb", "yaml-malformed", 3),
        ("---\na: 1\nb: 2\na: 3\n---\nb", "yaml-malformed", 4),
        ("---\na: b\n\nc", "yaml-malformed", 1),
        ("x\n\n" + ">" * 150, "nesting-deep", 3),
    ],
)
def test_problems(text: str, code: str, line: int) -> None:
    """What is odd is reported with its line, and what it stands in is read all the same."""
    assert [(problem.code, problem.line) for problem in read(text).problems] == [(code, line)]


@pytest.mark.parametrize(
    "text", ["```\na\n```", "> ```\n> a\n> ```", "- ~~~~\n  a ```\n  ~~~~~", "    a", "````\n```\n````"]
)
def test_closed_fences(text: str) -> None:
    """A fence that is closed, in a quote or list too, is no problem."""
    assert read(text).problems == []


def test_malformed_front_matter() -> None:
    """Front matter that is no YAML stays text, with its links."""
    (block,) = read("---\na: [[x|y]], [[z]]\n---").blocks
    assert (block.kind, block.line, block.text) == ("frontMatter", 2, "a: [[x|y]], [[z]]")
    assert [(span.target, span.alias) for span in block.spans] == [("x", "y"), ("z", None)]


@pytest.mark.parametrize(("one", "other"), [("- a  b", "*   a b"), ("3. a", "4. a"), ("a\nb", "a  \nb")])
def test_fingerprints_that_stay(one: str, other: str) -> None:
    """List markers, numbers and runs of blanks do not tell blocks apart."""
    assert [b.fingerprint for b in read(one).blocks] == [b.fingerprint for b in read(other).blocks]
