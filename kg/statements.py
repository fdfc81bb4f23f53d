"""Title and byline of an entry, from the label of its link and the words around it.

Pure text. The label comes first; the words around it speak where it is only a URL or a pointer such as `pdf`.
"""

import re

from kg.bylines import NOTHING, Byline, read_byline, split_byline, split_loose_byline
from kg.titles import clean_title, strip_site
from kg.wordlists import SENTENCE_WORDS

__all__ = [
    "count_words",
    "ends_in_sentence_word",
    "is_pointing",
    "state_link",
    "state_text",
    "unclosed_label",
]

_LONG = 1000  # characters beyond which a text is no title
# `[Title](` in front of a bare URL: a link whose brackets do not close, or that holds more than a URL.
_UNCLOSED = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\])+)\]\(\s*<?$")
_POINTING = re.compile(
    r"(?:see|cf|cp|refer to|check|check out|compare|same as|ver|véase|vease|vea|veja|siehe|vgl|voir|vedi|zie|se|"
    r"смотри|см|参见|参照|见)(?![\w'’-])(?:\s+(?:also|too|the|también|auch|aussi|anche))?",
    re.IGNORECASE,
)
# A label that only says what lies behind it: `Title (Author 2020) [pdf](…)`.
_POINTER = re.compile(
    r"(?:the |full |original |this |arxiv |online )?(?:pdf|link|links|paper|here|arxiv|url|html|abs|abstract|doi|"
    r"website|web|site|source|article|full text|preprint|openreview|github|repo|repository|code|project page|"
    r"homepage|enlace|aquí|hier|ici|lien)(?: link| version| page)?",
    re.IGNORECASE,
)
# A label that needs the words before it to be a title: `Jane Doe [blog](…)`.
_KIND = re.compile(
    r"(?:blog|lecture|talk|video|tutorial|slide|note|course|book|post|blog post|thread|demo|podcast|interview|"
    r"implementation|documentation|doc|playlist|channel|presentation|poster|transcript|recording)s?",
    re.IGNORECASE,
)
_BYLINE_ALONE = re.compile(r"\(?[^()]{0,60}?,?\s*\(?(?:1[5-9]|20)\d\d[a-z]?\)?\s*[:–—-]?")
_BEHIND = re.compile(r"(?:[.,;:–—-]\s*)?[(（]([^()（）]*(?:\([^()]*\)[^()（）]*)?)[)）]")
_BEHIND_LOOSE = re.compile(r"[,;–—-]+\s+([^()\n]{3,80}?(?:1[5-9]|20)\d\d[a-z]?)\.?")


def count_words(text: str) -> int:
    """Count the words that hold a letter or digit."""
    return sum(word.isalnum() or any(map(str.isalnum, word)) for word in text.split())


def unclosed_label(before: str) -> str | None:
    """Return the label of a link that opens at the end of a text and, with its URL, does not close."""
    if "](" not in before:
        return None
    found = _UNCLOSED.search(before[-_LONG:].rstrip())
    return found[1] if found is not None else None


def is_pointing(text: str, *, whole: bool = False) -> bool:
    """Tell whether a text begins with, or on the whole is, an invitation to look elsewhere, such as `See`."""
    text = text.strip()
    return (_POINTING.fullmatch(text.rstrip(" .:")) if whole else _POINTING.match(text)) is not None


def ends_in_sentence_word(text: str) -> bool:
    """Tell whether the last word of a text asks for more, so that a link behind it is a part of the sentence."""
    words = text.rsplit(maxsplit=1)
    return bool(words) and words[-1].strip(".,;()").casefold() in SENTENCE_WORDS


def state_text(text: str, *, people: bool) -> tuple[str, Byline]:
    """Read title and byline of a text without a link: of its first line, if that is no longer than titles are."""
    line = " ".join(text.strip().partition("\n")[0].split()).strip(" :;,–—-")
    return ("", NOTHING) if len(line) > _LONG else _split(line, "", people=people)


def state_link(link: tuple[str, str], around: tuple[str, str], *, people: bool, tagged: bool) -> tuple[str, Byline]:
    """Read title and byline of a link.

    Args:
        link: its label ("" for a bare URL) and destination.
        around: the text before it and the one behind it, up to the next link.
        people: whether names are expected, as behind the title of a paper.
        tagged: whether a tag says that the entry is a resource.

    Returns:
        The title, "" when nothing gives one, and what the byline states.

    """
    (label, url), (before, after) = link, around
    title, byline = _split(clean_title(label, url), url, people=people)
    if title:
        title, byline = _completed(title, byline, before, people=people, tagged=tagged)
    else:
        words = " ".join(before.split())
        unclosed = unclosed_label(words)
        if unclosed is not None:
            title, byline = _split(clean_title(unclosed, url), url, people=people)
        else:
            title, stated = _named_before(words, tagged=tagged, people=people)
            byline = byline.over(stated)
            if not title:
                title, byline = _named_behind(after, byline, tagged=tagged or people, people=people)
    if byline.year is None and after:
        byline = byline.over(_byline_behind(after, people=people))
    return title, byline


def _split(title: str, url: str, *, people: bool) -> tuple[str, Byline]:
    """Take bylines and site names off a title, in whatever order they stand."""
    if len(title) > _LONG:
        return title, NOTHING
    if people and title:
        loose, found = split_loose_byline(title)
        if found != NOTHING:
            return loose, found
    found = NOTHING
    for _ in range(3):
        shorter, byline = split_byline(title, people=people)
        if byline == NOTHING:
            break
        found = found.over(byline)
        title = strip_site(shorter, url)
    return title.strip(), found


def _completed(title: str, byline: Byline, before: str, *, people: bool, tagged: bool) -> tuple[str, Byline]:
    """Complete what a label says by the words before it, where the label alone is no title or has no byline."""
    words = " ".join(before.split())
    if not words:
        return title, byline
    pointer = _POINTER.fullmatch(title) is not None
    if (pointer or _KIND.fullmatch(title)) and not ends_in_sentence_word(words):
        named, stated = _named_before(words, tagged=tagged, people=people)
        if named:
            whole = not pointer and words[-1].isalnum()
            return f"{named} {title}" if whole else named, byline.over(stated)
    fragment = before.rsplit(maxsplit=1)[-1]
    if before[-1].isalpha() and title[0].islower() and len(fragment) < 3:
        return fragment + title, byline  # the bracket opened inside the first word
    if byline == NOTHING and count_words(words) <= 6 and _BYLINE_ALONE.fullmatch(words):
        return title, read_byline(words.strip(" :-–—"), people=False) or byline
    return title, byline


def _named_before(before: str, *, tagged: bool, people: bool) -> tuple[str, Byline]:
    """Read the title before a link that has none: `Name: what it is. https://…`, `Title (Smith 2020) [pdf](…)`."""
    text = before.strip(" ,;:|–—-→>")
    if not text or is_pointing(text, whole=True):
        return "", NOTHING
    title, byline = _split(text, "", people=people)
    if byline.year is not None:
        return title, byline
    if ": " in text and (not tagged or text.endswith((".", "!", "?", '"', "”"))):
        name = text.partition(": ")[0].strip()
        return (name if 0 < count_words(name) <= 8 else ""), NOTHING
    limit = 30 if tagged else 8
    return ("", NOTHING) if ends_in_sentence_word(text) or len(text.split()) > limit else (title, byline)


def _named_behind(after: str, byline: Byline, *, tagged: bool, people: bool) -> tuple[str, Byline]:
    """Read the title behind a bare URL, if it plainly is one: it has a byline or is written in capitals."""
    text = after.strip().partition("\n")[0].strip().lstrip(" -–—:,")
    if not tagged or not text:
        return "", byline
    title, stated = split_byline(text, people=people)
    if stated.year is not None and count_words(title) > 1:
        return title.strip(" -–—:,"), stated
    inner = text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text
    long = [word for word in inner.split() if len(word) > 3]
    capital = sum(1 for word in long if word[0].isupper())
    return (inner if len(long) > 2 and capital >= 0.8 * len(long) and inner[0].isupper() else ""), byline


def _byline_behind(after: str, *, people: bool) -> Byline:
    """Read `(2015)`, `(Smith 2015)` or, of works, `- Smith 2015` right behind a link."""
    after = after.lstrip()[:_LONG].rstrip()
    found = _BEHIND.match(after) or (_BEHIND_LOOSE.fullmatch(after) if people else None)
    if found is None:
        return NOTHING
    byline = read_byline(found[1], people=False)
    return byline if byline is not None and byline.year is not None else NOTHING
