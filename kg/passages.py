"""The parts of a note in which mentions are looked for: its words, not its addresses, code or formulas.

A passage has the length of the text it stands for, so that places are those of the text.
"""

from collections.abc import Collection, Sequence

from kg.blocks import Document, Span
from kg.mentions import HIDDEN, Passage
from kg.titles import is_url

__all__ = ["passages_of"]

_WITHOUT_WORDS = frozenset(("code", "math", "html", "footnote"))
_NO_TEXTS = frozenset(("code", "html", "math", "frontMatter", "reference"))


def passages_of(document: Document, name: str, presenting: Collection[int] = ()) -> list[Passage]:
    """The passages of a note.

    Args:
        document: the note as read.
        name: what the note is called.
        presenting: indexes of the blocks that present a work by its title.

    Returns:
        One for its name, then one for each section, then one for each block, in their order.

    """
    passages = [
        Passage(name, heading=True),
        *(
            Passage(_passage(section.spans, section.title), heading=True, above=section.parent + 1)
            for section in document.sections
        ),
    ]
    first = len(passages)
    for index, block in enumerate(document.blocks):
        above = block.parent + first if block.parent >= 0 else block.section + 1
        text = "" if block.kind in _NO_TEXTS else _passage(block.spans, block.text)
        passages.append(Passage(text, heading=block.kind == "heading", title=index in presenting, above=above))
    return passages


def _passage(spans: Sequence[Span], text: str) -> str:
    for span in spans:
        if span.kind != "text" and _hides(span):
            break
    else:
        return text
    whole = "".join([f"#{span.text}" if span.kind == "tag" else span.text for span in spans])
    place = whole.find(text)
    if place < 0:  # the text says more or less than its spans: better none of it than at wrong places
        return HIDDEN * len(text)
    words = "".join([_words(span) for span in spans])
    return words[place : place + len(text)]


def _hides(span: Span) -> bool:
    """Whether something in a span is no words and yet might be taken for words: addresses are known by their form."""
    kind, text = span.kind, span.text
    if kind in ("link", "image"):
        return (span.bare and "://" not in text) or (" " not in text and "://" not in text and is_url(text))
    if kind == "tag":
        return "/" in text
    if kind in ("wikilink", "embed"):
        return span.alias is None and ("/" in text or "#" in text)
    return bool(text)


def _words(span: Span) -> str:
    """What a span says, as long as the span."""
    kind, text = span.kind, span.text
    if kind == "tag":
        return HIDDEN * (len(text) + 1)
    if kind in _WITHOUT_WORDS or (kind in ("link", "image") and (span.bare or is_url(text))):
        return HIDDEN * len(text)
    if kind in ("wikilink", "embed") and span.alias is None:
        # the folders are an address, the name of the note and of the heading are words
        name, mark, rest = text.partition("#")
        folders = name.rpartition("/")[0]
        return HIDDEN * len(folders) + name[len(folders) :] + HIDDEN * len(mark) + rest
    return text
