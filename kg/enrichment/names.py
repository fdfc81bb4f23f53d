"""Whether a name in a note is the name of an author as arXiv has it.

Notes give surnames ("van der Ouderaa"), full names in either order, or initials ("TQ Chen"), with or without accents
and particles, and with typing errors. What a comparison cannot decide it does not decide: each answer is one of::

    same       the names agree as far as the shorter one goes
    uncertain  they agree in part, and no more can be said
    misspelt   a typing error or two turns the one surname into the other
    different  nothing, or not enough, agrees

Pure text: nothing is looked up.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

__all__ = ["Match", "Verdict", "distance", "fold", "match_author", "match_authors"]

Verdict = Literal["same", "uncertain", "misspelt", "different"]

_RANK: tuple[Verdict, ...] = ("same", "uncertain", "misspelt", "different")
_PARTICLES = frozenset(
    re.findall(
        r"\w+",
        "van von der den de del della di da do dos das du la le les el al bin ibn ben ter ten te zu zum zur vom af av",
    )
)
_LONG = 300  # characters of a name that are looked at
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n"}
)
# How the same letters are written where there are no accents: `Müller`, `Mueller` and `Muller` are one name.
_SPELLINGS = re.compile(r"ae|oe|ue")
_OTHERS = re.compile(r"(?:\s*[,;]?\s*\b(?:et\.?\s*al\b\.?|and\s+(?:others|colleagues)|u\.\s?a\.))+\W*$", re.IGNORECASE)
_TEAM = frozenset({"team", "collaboration", "group", "consortium", "ai", "research", "the", "labs", "lab"})


@dataclass(frozen=True, slots=True)
class Match:
    """How two names compare.

    Attributes:
        verdict: see the module.
        why: half a sentence, "" when they are plainly the same.
    """

    verdict: Verdict
    why: str = ""


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Give a text in lower case, without accents and with letters that ASCII lacks spelt out."""
    # Compatibility forms, such as mathematical letters, may be capitals underneath: decompose before and after.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c) and c != "·").translate(_LETTERS)


def distance(one: str, other: str, limit: int = 2) -> int:
    """Count the typing errors between two words: letters added, left out or wrong, neighbours swapped.

    Never counts further than `limit` + 1. This is the restricted edit distance (optimal string alignment).
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    above: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, above, row = above, row, [i]
        for j, right in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def match_author(stated: str, full: str) -> Match:
    """Compare the name that a note states with an author's full name, given names first."""
    mine, theirs = _words(stated), _words(full)
    if not mine or not theirs:
        return Match("different")
    if "".join(mine) == "".join(theirs) or sorted(mine) == sorted(theirs):
        return Match("same")
    if _same_team(mine, theirs):
        return Match("same")
    found = [_match(words, given, theirs) for words, given in _readings(stated, mine)]
    return min(found, key=lambda match: _RANK.index(match.verdict))


def match_authors(stated: str, authors: Sequence[str]) -> tuple[int, Match]:
    """Find the author whom a note means: the first one if the name can be theirs, else the best match.

    Returns:
        The index of the author, -1 if it is none, and how the names compare.
    """
    if not authors:
        return -1, Match("different")
    first = match_author(stated, authors[0])
    if first.verdict in ("same", "uncertain"):
        return 0, first
    others = [(match_author(stated, author), index) for index, author in enumerate(authors)]
    match, index = min(others, key=lambda found: (_RANK.index(found[0].verdict), found[1]))
    if match.verdict == "different" or (match.verdict == "uncertain" and first.verdict == "misspelt"):
        return (0, first) if first.verdict == "misspelt" else (-1, Match("different"))
    return index, match


def _words(name: str) -> tuple[str, ...]:
    """Give the words of a name, folded, apostrophes and what is not part of the name left out."""
    name = _OTHERS.sub("", name[:_LONG])
    if name.count(",") == 1:
        last, _, first = name.partition(",")
        if first.strip() and _plain(first) not in _SUFFIXES:
            name = f"{first} {last}"
    found = tuple(filter(None, re.split(r"[\W_]+", re.sub(r"(?<=\w)['’`´ʼ](?=\w)", "", fold(name)))))
    while len(found) > 1 and found[-1] in _SUFFIXES:
        found = found[:-1]
    return found


def _plain(text: str) -> str:
    return re.sub(r"\W", "", fold(text))


def _same_team(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Tell whether both name one team: `OpenAI` and `The OpenAI team`."""
    ours, named = set(mine) - _TEAM, set(theirs) - _TEAM
    is_team = bool(_TEAM.intersection(mine) or _TEAM.intersection(theirs))
    return is_team and bool(ours) and ours <= named


def _readings(stated: str, words: tuple[str, ...]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Give the ways to read a name as surname and given names or initials, the surname first."""
    found: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(words, ())]
    bare = re.sub(r"[\s.]+", " ", _OTHERS.sub("", stated[:_LONG])).split()
    for cut in range(1, len(words)):
        found.append((words[cut:], words[:cut]))
        found.append((words[: len(words) - cut], words[len(words) - cut :]))
    # `TQ Chen`, `Chen TQ`: capitals in a row are initials.
    if len(words) == len(bare) == 2:
        capitals = (place for place in (0, 1) if bare[place].isupper() and 1 < len(words[place]) < 4)
        found += [((words[1 - place],), tuple(words[place])) for place in capitals]
    return found


def _match(surname: tuple[str, ...], given: tuple[str, ...], theirs: tuple[str, ...]) -> Match:
    """Compare one reading of the stated name with the words of the full one."""
    whole = _without_particles(surname)
    for end, start in _places(surname, theirs) or _places(whole, theirs):
        rest = theirs[:start] + theirs[end:]
        while rest and rest[-1] in _PARTICLES:
            rest = rest[:-1]
        if not given:
            return _alone(start, end, theirs)
        return _with_given(given, tuple(word for word in rest if word not in _PARTICLES))
    if given and not _initials_agree(given, _given_of(theirs)):
        return Match("different")
    if any(len(word) == 1 for word in whole):
        return Match("different")  # initials are no surname
    return _misspelt("".join(whole), theirs)


def _alone(start: int, end: int, theirs: tuple[str, ...]) -> Match:
    """Judge a surname without given names by where it stands in the full name."""
    if end == len(theirs):
        return Match("same")
    following = theirs[end:]
    if start == 0:
        return Match("uncertain", "it stands first in the full name, where a given name may stand")
    if len(theirs[start]) > 1 and len(following) == 1:
        return Match("same" if theirs[start - 1] in _PARTICLES else "uncertain", "it may be the first of two surnames")
    return Match("uncertain", "it stands amid the full name")


def _with_given(given: tuple[str, ...], theirs: tuple[str, ...]) -> Match:
    """Judge a name whose surname agrees by its given names or initials."""
    stated = tuple(word for word in given if word not in _PARTICLES)
    if not stated or _initials_agree(stated, theirs):
        return Match("same")
    initials = [word[0] for word in theirs]
    position = 0
    for word in stated:
        try:
            at = initials.index(word[0], position)
        except ValueError:
            return Match("different", "the surname agrees, the given names do not")
        if len(word) > 1 and not theirs[at].startswith(word) and len(theirs[at]) > 1:
            return Match("different", "the surname agrees, the given names do not")
        position = at + 1
    return Match("uncertain", "the initials are among those of the full name, but do not begin them")


def _initials_agree(stated: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Tell whether given names or initials are the first ones of others, each as far as the shorter goes."""
    if not theirs or len(stated) > len(theirs):
        return False
    return all(
        one.startswith(other) or other.startswith(one) if min(len(one), len(other)) == 1 else one == other
        for one, other in zip(stated, theirs, strict=False)
    )


def _given_of(theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in theirs[:-1] if word not in _PARTICLES)


def _without_particles(words: tuple[str, ...]) -> tuple[str, ...]:
    start = 0
    while start < len(words) and words[start] in _PARTICLES:
        start += 1
    return words[start:] if start < len(words) else words


def _places(surname: tuple[str, ...], theirs: tuple[str, ...]) -> list[tuple[int, int]]:
    """Give the ends and starts of the runs of words that the surname is, the last one first.

    Hyphens and blanks do not tell names apart: `Shalev Shwartz` and `ShalevShwartz` are one.
    """
    wanted = _variants("".join(surname))
    return [
        (end, start)
        for end in range(len(theirs), 0, -1)
        for start in range(end - 1, -1, -1)
        if wanted & _variants("".join(theirs[start:end])) and (end - start == 1 or len(theirs[start]) > 1)
    ]


@lru_cache(maxsize=65536)
def _variants(word: str) -> frozenset[str]:
    """Give the spellings of a folded word with and without the second letter of `ae`, `oe`, `ue`."""
    return frozenset({word, _SPELLINGS.sub(lambda pair: pair[0][0], word)})


def _misspelt(surname: str, theirs: tuple[str, ...]) -> Match:
    """Judge a surname that is not that of the full name, but may be meant to be."""
    names = [theirs[-1], "".join(theirs[-2:])] if len(theirs) > 2 or theirs[0] in _PARTICLES else [theirs[-1]]
    names += ["".join(pair) for pair in pairwise(theirs) if pair[1] == theirs[-1]]
    for name in dict.fromkeys(names):
        shorter = min(len(surname), len(name))
        allowed = 2 if shorter >= 9 else 1 if shorter >= 5 else 0
        if allowed and 0 < distance(surname, name, allowed) <= allowed:
            return Match("misspelt", "a typing error apart")
        if shorter >= 4 and sorted(surname) == sorted(name) and 0 < distance(surname, name, 1 + (shorter > 4)) <= 2:
            return Match("misspelt", "letters out of place")
    return Match("different")
