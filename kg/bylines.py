"""Who, when and where, as a note states it behind a title: `(Author Year)` and its many variants.

Pure text: nothing here knows links, blocks or RDF. What is no byline stays untouched, so that `(R-CNN)` or
`(for R)` remain a part of the title they stand in.
"""

import re
import unicodedata
from typing import NamedTuple

from kg.wordlists import (
    ALSO_SURNAMES,
    ALSO_VENUES,
    ASIDES,
    EMPLOYERS,
    FUNCTION_WORDS,
    KNOWN_PEOPLE,
    NO_AUTHORS,
    NO_NAMES,
    ORGANISATIONS,
    PARTICLES,
    VENUE_NAMES,
    VENUE_WORDS,
    VENUES,
)

__all__ = ["NOTHING", "Byline", "first_author", "read_byline", "split_byline", "split_loose_byline"]


class Byline(NamedTuple):
    """What a parenthesis states.

    Attributes:
        author: the names as written, without "et al."; None when it names nobody.
        year: between 1500 and 2099; None when it has none.
        venue: conference, journal or publisher, without what is said of it ("Oral", "Best Paper").

    """

    author: str | None = None
    year: int | None = None
    venue: str | None = None

    def over(self, other: "Byline") -> "Byline":
        """Return this byline, its gaps filled from another."""
        if self is NOTHING:
            return other
        return Byline(self.author or other.author, self.year or other.year, self.venue or other.venue)


NOTHING = Byline()

_MARK = "\x00"  # stands for the year while the words around it are read
_FULL_WIDTH = str.maketrans("（）［］，；：、。．\u00a0\u2009\u202f", "()[],;:,..   ")
_YEAR = re.compile(
    r"(?:(?<![\w.=<>~≈$€£#])|(?<=[A-Za-z]{3}))(1[5-9]\d\d|20\d\d)[a-z]?(?!\w)|(?<=\w)\s?['’](\d\d)(?!\w)"
)
_RANGE = re.compile(r"(?<!\w)((?:1[5-9]|20)\d\d)\s*[-–—/]\s*((?:1[5-9]|20)?\d\d)(?!\w)")
_DATE = re.compile(r"(?<!\w)((?:1[5-9]|20)\d\d)[-/.](?:0[1-9]|1[0-2])(?:[-/.][0-3]?\d)?(?!\w)")
_BREAK = re.compile(r"(\s*[,;|·•]\s*|\s+[-–—:]+\s+|:\s+)")
_ORDINAL = re.compile(r"v?\d{1,2}(?:st|nd|rd|th|e|ª)?\.?")
_ET_AL = re.compile(
    r"[\s,]*(?:(?<!\w)et\.?\s*al\b\.?|(?<!\w)(?:and|&)\s+(?:others|al\.?|colleagues|coworkers)(?!\w)"
    r"|(?<!\w)y\s+(?:otros|cols?\.?)(?!\w)|(?<!\w)u\.\s?a\.|(?<!\w)e\s+altri(?!\w)|(?<!\w)и\s+др\.?|等(?:人)?|ほか)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(?:(?:published|presented|accepted|appeared|to appear|proceedings|proc\.?)\s+(?:in|at|by|to|of)\s+"
    r"|(?:in|at|by|from|par|por|with|w/)\s*[: ]\s*)(?:the\s+)?",
    re.IGNORECASE,
)
# Endings of nouns and adjectives: `Clustering` and `Segmentation` are nobody.
_NOUN = re.compile(
    r"(?:tion|sion|ment|ity|ness|sis|ism|ics|ance|ence|ology|tive|ous|able|ible|ing|ized|ised|ated|ular|ional|works?"
    r"|ware)$"
)
_SURNAME = re.compile(
    r"(?:(?:[vV]an|[vV]on|[dD]e[lr]?|[dD][iau]|[lL][ae]|den|ten)\s+)*"
    r"(?:(?:(?:[^\W\d_]['’]|Ma?c)?[^\W\d_a-z][^\W\d_A-Z]+)(?:-[^\W\d_a-z][^\W\d_A-Z]+)?"
    r"|[dD]['’][^\W\d_a-z][^\W\d_A-Z]+)"
)
# One surname and a year, as most bylines are; words that may be something else take the long way.
_PLAIN = re.compile(r"([A-Z][a-z]+(?:-[A-Z][a-z]+)?),? ((?:1[5-9]|20)\d\d)")
_RARE = ASIDES | NO_AUTHORS | VENUES | VENUE_WORDS
_PLACES = EMPLOYERS | ORGANISATIONS | VENUES
_BRACKETS = re.compile(r"\s*[()\[\]]\s*")
_JOINT = re.compile(r"[-/@]")
_BY = re.compile(r"by\s+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
# What neither a name, nor that of one person, nor a list of people without a year holds.
_NO_NAME = re.compile(r"[=<>%$€£@]")
_NO_PERSON = re.compile(r"[\d/@+#&_]|[a-z]\.\w")
_NO_PEOPLE = re.compile(r"\d|://|[a-z]\.\w")
_AND = re.compile(r"\s*[,;|]\s*(?:and\s+|&\s*)?|\s+(?:and|&|y|und|et)\s+")


def _key(word: str) -> str:
    if word.isascii():
        return word.lower().strip(".,:;'\"")
    decomposed = unicodedata.normalize("NFKD", word).replace("’", "'")
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().strip(".,:;'\"")


def _keys(name: str) -> list[str]:
    return [_key(word) for word in name.split()]


# -- inside a parenthesis --


def read_byline(text: str, *, people: bool) -> Byline | None:
    """Read the inside of a parenthesis.

    Args:
        text: what stands between the brackets.
        people: whether a single capitalised word without a year is taken for a person, as behind the title of
            a paper or talk; behind the title of a page it is more often a company or a tool.

    Returns:
        The byline, or None when the parenthesis is something else (an acronym, a remark, a period of time).

    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and _key(plain[1]) not in _RARE:
        return Byline(plain[1], int(plain[2]))
    text = " ".join(text.translate(_FULL_WIDTH).replace(_MARK, "").split())
    text = _BRACKETS.sub(" ", text).strip()
    if not 0 < len(text) <= 300:
        return None
    text, year = _take_year(text)
    if year is not None:
        return _with_year(text, year)
    return _without_year(text, people=people) if text else None


def _take_year(text: str) -> tuple[str, int | None]:
    """Replace the first year by a mark, drop further ones; a period of several years is no date of a work."""
    text = _DATE.sub(r"\1", text)
    period = _RANGE.search(text)
    if period is not None:
        start, end = int(period[1]), period[2]
        last = int(end) if len(end) == 4 else start // 100 * 100 + int(end)
        if not 0 <= last - start <= 2:
            return "", None
        text = text[: period.start()] + period[1] + text[period.end() :]
    found = _YEAR.search(text)
    if found is None:
        return text, None
    year = int(found[1]) if found[1] else (1900 if int(found[2]) > 50 else 2000) + int(found[2])
    return f"{text[: found.start()]}{_MARK}{_YEAR.sub(' ', text[found.end() :])}", year


def _with_year(text: str, year: int) -> Byline | None:
    """Read what stands around the year, part by part: names first, then where it was published."""
    author: list[str] = []
    venue: str | None = None
    for name, late, joined in _parts(text):
        kind = _kind(name, beside=bool(author), late=late)
        if kind == "author":
            author.append(name)
        elif kind == "venue" and not (joined and author and not _is_venue(name)):
            venue = venue or _trim_venue(name)
        elif kind == "remark" and not author and venue is None:
            return None
    return Byline(", ".join(author) or None, year, venue)


def _parts(text: str) -> list[tuple[str, bool, bool]]:
    """Cut a text with a mark for the year into parts.

    Returns:
        The parts that say something, each with whether it stands behind the year and whether a dash joins it
        to its left neighbour, as it joins an employer to a name.

    """
    parts = []
    late = joined = False
    for piece in _BREAK.split(text):
        if _BREAK.fullmatch(piece):
            joined = piece.strip() in ("-", "–", "—")
            continue
        for number, part in enumerate(piece.split(_MARK)):
            late = late or number > 0
            name = _trim(_ET_AL.sub("", part))
            if name:
                parts.append((name, late, joined))
    return parts


def _trim(part: str) -> str:
    """Drop what a part is introduced by, and a part that only qualifies the rest."""
    part = part.strip(" .,;:-–—'\"“”*_&")
    lead = _LEAD.match(part)
    if lead is not None:
        part = part[lead.end() :]
    words = part.split()
    if len(words) == 1 and part[0].isupper() and part.casefold() in ALSO_SURNAMES:
        return part
    if all(_is_aside(word) for word in words):
        return ""
    return _trim_venue(part) if _is_aside(words[0]) else part


def _is_aside(word: str) -> bool:
    return word.casefold().strip(".,") in ASIDES or _ORDINAL.fullmatch(word) is not None


def _trim_venue(name: str) -> str:
    words = name.split()
    while len(words) > 1 and words[-1].casefold() not in ("workshop", "workshops"):
        if not (words[-1].isdigit() or _is_aside(words[-1])) or not _is_venue(" ".join(words[:-1])):
            break
        words.pop()
    start = next((n for n, word in enumerate(words) if not _is_aside(word)), 0)
    if start and _is_venue(" ".join(words[start:])):
        words = words[start:]
    return " ".join(words).strip(" -–—,:")


def _kind(name: str, *, beside: bool, late: bool) -> str:
    """Say what a part is: `author`, `venue`, `affiliation` or `remark`; one author was found `beside` it."""
    if _is_venue(name, beside=beside):
        return "venue"
    if not beside:
        return "author" if _is_name(name) else "remark"
    keys = _keys(name)
    if not EMPLOYERS.isdisjoint(keys) or not ORGANISATIONS.isdisjoint(keys):
        return "affiliation"
    if not _is_name(name):
        return "remark"
    shouted = name.isupper() and name.isalpha() and len(name) > 3
    titled = len(keys) > 1 and _is_no_name(keys[-1])
    return "venue" if late or shouted or titled or name == "MIT" else "author"


def _is_venue(name: str, *, beside: bool = True) -> bool:
    """Tell whether a part names a meeting, journal or publisher; `Manning` does only beside an author."""
    words, keys = name.split(), _keys(name)
    if not VENUE_WORDS.isdisjoint(keys) or keys[0].startswith("tedx"):
        return True
    first = words[0] if keys[0] in VENUES else _JOINT.split(words[0], maxsplit=1)[0]
    key = _key(first)
    if key not in VENUES or (len(words) > 1 and _is_person(name, lenient=True)):
        return False
    shouted = first[1:] != first[1:].lower() or first.islower()
    return shouted or key in VENUE_NAMES or (beside and key in ALSO_VENUES)


def _is_name(name: str) -> bool:
    """Tell whether a part beside a year can be whom a work is by: people or an organisation."""
    words = name.split()
    if len(words) > 25 or not any(c.isalpha() for c in name) or _NO_NAME.search(name):
        return False
    if len(words) == 1 and not _DIGIT.search(name):
        return len(name) > 1 and _key(name) not in (NO_AUTHORS if name[0].isupper() else FUNCTION_WORDS)
    plain = [word.strip(".,'’`´\"") for word in words]
    return all(map(_may_be_in_name, plain)) and any(w[:1].isalpha() and not w[0].islower() for w in plain)


def _may_be_in_name(word: str) -> bool:
    if not word[:1].isalpha():
        return word in ("", "&", "+") or word.isdigit()
    return not word[0].islower() or word.casefold() in PARTICLES or "'" in word or "’" in word


def _is_person(name: str, *, lenient: bool) -> bool:
    """Tell whether words are the name of one person: given names or initials, particles, a surname.

    Three words and more need an initial, a particle or a title among them: `Principal Component Analysis` is
    nobody.
    """
    words = name.split()
    titled = words[0].casefold().strip(".") in ("prof", "dr", "mr", "ms", "mrs")
    words = words[titled:]
    if not (1 if titled else 2) <= len(words) <= 5 or _NO_PERSON.search(name):
        return False
    keys = [_key(word) for word in words]
    if keys[-1] not in KNOWN_PEOPLE and any(map(_is_no_name, keys)):
        return False
    if not lenient and not VENUES.isdisjoint(keys[:-1]):
        return False
    last = words[-1]
    initials = sum(1 for w in words[:-1] if w.isupper() and len(w.replace(".", "").replace("-", "")) <= 3)
    particles = sum(1 for w in words if w in PARTICLES)
    names = sum(1 for w in words if w[0].isupper() and not w.isupper())
    spelt = last[0].isupper() and not last.isupper() and initials + particles + names >= len(words)
    return spelt and (len(words) <= 2 or titled or initials > 0 or particles > 0)


def _is_no_name(key: str) -> bool:
    """Tell whether a word is an organisation's, a tool's or a common noun rather than part of a name."""
    return key in NO_NAMES or (len(key) > 5 and _NOUN.search(key) is not None)


def _without_year(text: str, *, people: bool) -> Byline | None:
    """Read a parenthesis without a year: a byline only if all of it is plainly people."""
    bare = _ET_AL.sub("", text).strip(" ,;")
    by = _BY.match(bare)
    name = bare[by.end() :] if by is not None else bare
    if not name or _NO_PEOPLE.search(name):
        return None
    if name != text.strip(" ,;"):
        return Byline(name) if _is_name(name) and not _is_venue(name) else None
    first, *others = [part for part in _AND.split(name) if part] or [""]
    names = [first, *others]
    known = all(map(_is_known, names))
    if first and (known or (people and len(names) <= 3 and all(map(_is_surname, names)))):
        return Byline(name)
    placed = bool(first) and _is_known(first) and not any(_PLACES.isdisjoint(_keys(part)) for part in others)
    return Byline(first) if placed else None


def _is_known(name: str) -> bool:
    return _key(name) in KNOWN_PEOPLE or (bool(name.split()) and _is_person(name, lenient=False))


def _is_surname(name: str) -> bool:
    """Tell whether one capitalised word, behind particles or not, reads as a surname and nothing else."""
    if _SURNAME.fullmatch(name) is None:
        return False
    key = _key(name.rsplit(maxsplit=1)[-1])
    return not _is_no_name(key) and key not in VENUES and key not in VENUE_WORDS


# -- at the end of a title --


def split_byline(title: str, *, people: bool) -> tuple[str, Byline]:
    """Take the bylines off the end of a title.

    Returns:
        The title without the parentheses that were read as bylines (the empty string when nothing else was
        there), and what they state; of several the last one wins.

    """
    found = NOTHING
    for _ in range(3):
        cut = _last_parenthesis(title)
        byline = read_byline(cut[1], people=people) if cut is not None else None
        if cut is None or byline is None or (found != NOTHING and byline.year is None):
            break
        found = found.over(byline)
        title = cut[0]
    return title, found


def _last_parenthesis(title: str) -> tuple[str, str] | None:
    """Return what stands before a title's last parenthesis and inside it; brackets need not balance."""
    plain = title if title.isascii() else title.translate(_FULL_WIDTH)
    if "(" not in plain and "[" not in plain:
        return None
    plain = plain.rstrip(" .,;:")
    if not plain.endswith((")", "]")):
        start = plain.rfind("(")
        if start < 0 or plain.find(")", start) >= 0 or not _YEAR.search(plain, start):
            return None
        return _head(title[:start]), title[start + 1 : len(plain)]
    closing = plain[-1]
    opening = "(" if closing == ")" else "["
    while plain.endswith(closing) and plain.count(opening) < plain.count(closing):
        plain = plain[:-1].rstrip()
    if not plain.endswith(closing):
        return None
    start = end = len(plain) - 1
    depth = 1
    while depth:  # leap from one opening bracket to the one before it
        before = plain.rfind(opening, 0, start)
        if before < 0:
            return None
        depth += plain.count(closing, before, start) - 1
        start = before
    inside = title[start + 1 : end]
    return (_head(title[:start]), inside) if opening == "(" or _YEAR.search(inside) else None


def _head(title: str) -> str:
    return title.rstrip(" ,-–—")


# -- without parentheses --

_ET_AL_YEAR = r"et\.?\s+al\.?,?\s+\(?(?:1[5-9]|20)\d\d[a-z]?\)?"
_CITED = rf"(?:[^\W_][\w.'’&-]*,?\s+){{1,6}}?{_ET_AL_YEAR}"
_LOOSE_START = re.compile(rf"({_CITED})\s*[:.,;–—-]\s*(.+)")
_LOOSE_END = re.compile(rf"(.+?)\s*[,.;–—-]+\s+({_CITED})\.?")
_LISTED = re.compile(r"([^()]{4,300}?)[\s,]*\(((?:1[5-9]|20)\d\d)[a-z]?\)[.:,]?\s+(.+)")
# What the patterns above cannot do without, and what is quicker to look for than names.
_CITED_END = re.compile(_ET_AL_YEAR)
_LISTED_YEAR = re.compile(r"\([12]\d\d\d[a-z]?\)[.:,]?\s")
_INITIAL = re.compile(r",\s*(?:[^\W\d_]\.[\s-]*)+(?:,|$|&|\s)")


def split_loose_byline(title: str) -> tuple[str, Byline]:
    """Take off a byline without parentheses of its own, where "et al." or initials make it plain.

    Read are `Vaswani et al. 2017: Title`, `Title, Vaswani et al. (2017)` and the form of reference lists,
    `Lu, Y., & Po, K. (2021). Title. Venue.`
    """
    if len(title) > 1000:
        return title, NOTHING
    for pattern, names, rest in ((_LOOSE_START, 1, 2), (_LOOSE_END, 2, 1)) if _CITED_END.search(title) else ():
        found = pattern.fullmatch(title)
        byline = read_byline(found[names], people=True) if found is not None else None
        if found is not None and byline is not None and byline.author:
            return found[rest].strip(), byline
    listed = _LISTED.fullmatch(title) if _LISTED_YEAR.search(title) else None
    if listed is not None and (_INITIAL.search(listed[1]) or _ET_AL.search(listed[1])):
        name, _, venue = listed[3].partition(". ")
        author = _ET_AL.sub("", listed[1]).strip(" ,")
        if name.strip(" ."):
            return name.strip(" ."), Byline(author or None, int(listed[2]), _trim(venue.split(",")[0]) or None)
    return title, NOTHING


_NEXT_AUTHOR = re.compile(r"\s*[,;|/]\s*|\s+(?:and|und|et|y|&|\+|with)\s+|\s*&\s*")


def first_author(author: str) -> str:
    """Return the name of the first of several authors, as written: `Zeiler` of `Zeiler and Fergus`."""
    author = author.strip()
    return _NEXT_AUTHOR.split(author, maxsplit=1)[0].strip() or author
