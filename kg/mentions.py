"""Which models and concepts a text names: all labels of a vocabulary found at once, and judged.

Two Aho–Corasick automata read a text, one as it is written and one without case, so that the time does not depend on
how many labels there are. What they find is a mention when it stands at word boundaries, when its case is right, when
no longer label covers it, and, for a label that is also a common word, when something nearby supports it. The rules
are explained in `docs/models.md`. Pure: nothing here knows RDF or where labels come from.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from kg.lexicon import Label

__all__ = ["HIDDEN", "Finder", "Found", "Passage"]


class Passage(NamedTuple):
    """A text in which mentions are looked for.

    Attributes:
        text: the text; characters that are `HIDDEN`, and addresses, are no part of a mention.
        heading: whether it is the heading of a section or the title of a note: there a label needs no support.
        title: whether it is, or presents, the title of a work: there a nickname in front needs no support.
        above: index of the passage that it stands under, such as a heading or the enclosing list item, -1 for none.
    """

    text: str
    heading: bool = False
    title: bool = False
    above: int = -1


class Found(NamedTuple):
    """A mention: the thing, its kind, the words, and how many characters of the text stand before them."""

    thing: str
    kind: str
    words: str
    start: int


_Match = tuple[int, int, Label]  # where a label starts and stops in the joined texts

HIDDEN = "\x01"  # stands for each character of a text in which nothing is looked for
_BETWEEN = "\x00"
# Written one way: blanks, hyphens and dashes, apostrophes. `str.replace` is faster than `str.translate` here.
_ASCII_BLANKS = (("\n", " "), ("\t", " "), ("\r", " "))
_BLANKS = (("\xa0", " "), *((dash, "-") for dash in "\u2010\u2011\u2012\u2013\u2014"), ("\u2019", "'"))
_ADDRESS = re.compile(r"[^\s<>\"`\x00]+")
_SCHEME = re.compile(r"(?i:https?|ftp)\Z")
_VERSION = re.compile(r"[ -]?[vV]?(\d+)(?:\.\d+)*(?![\w%]|[-./ ]?\d)")
_NUMBERED = re.compile(r"(.*?[^\W\d])([ -]?[vV]?)(\d+(?:\.\d+)?)\Z")
_ANOTHER = re.compile(r"(?: ?(?:&|,|/|and|or) ?)(\d+(?:\.\d+)?)(?![\w%]|[-./]\d)")
_NICKNAME_END = re.compile(r"\s*(?::(?!:)|\s[-–—]\s)")
_SEPARATOR = re.compile(r"(?<=[^\W\d])[ -](?=[^\W\d])")
_WORD = re.compile(r"[^\W_]+")
_PERSON = re.compile(r",? (?:et al\.?,? )?\(?(?:19|20)\d\d\)")
_JOINING = frozenset("-.@#(")  # what may make one name of a label and what stands before it
_MOST_VARIANTS = 3
_MANY = 20_000  # labels above which a table of all states takes too long to make


class Finder:
    """The labels of a vocabulary, ready to be found in texts."""

    def __init__(self, labels: Iterable[Label]) -> None:
        """Take labels; of two with the same words the later one counts."""
        exact: dict[str, Label] = {}
        folded: dict[str, Label] = {}
        self.beginnings: dict[str, set[str]] = {}  # of each thing those of the words of its labels
        for label in labels:
            (exact if label.exact else folded)[_plain(label.words) if label.exact else _fold(_plain(label.words))] = (
                label
            )
            words = {word[:4].casefold() for word in _WORD.findall(label.words)}
            self.beginnings.setdefault(label.thing, set()).update(words)
        for name, label in list(folded.items()):
            if label.kind not in ("Model", "Organization"):
                for variant in _variants(name):
                    folded.setdefault(variant, label)
        self._exact, self._folded = exact, folded
        numbered = _next_versions([*exact, *folded])
        self._automata = [
            AhoCorasick(list(found), implementation=Implementation.DFA if len(found) < _MANY else None)
            for found in (exact, folded)
        ]
        self._entries = [
            [(label, numbered.get(_fold(name), 0)) for name, label in found.items()] for found in (exact, folded)
        ]

    def find(self, passages: Sequence[Passage]) -> list[list[Found]]:
        """Find the mentions of passages that belong together, such as those of one note.

        Returns:
            Of each passage its mentions, by place; none overlaps another.

        """
        texts = [passage.text for passage in passages]
        matches = self._matches(_BETWEEN.join(texts))
        if not matches:
            return [[] for _ in passages]
        starts = [0]
        for text in texts:
            starts.append(starts[-1] + len(text) + 1)
        groups: dict[int, list[_Match]] = {}
        after = 0
        for match in matches:
            if match[0] >= after:
                index = bisect_right(starts, match[0]) - 1
                after = starts[index + 1]
                groups[index] = own = []
            own.append(match)
        return _Judge(self, passages, starts, groups).judge()

    def _matches(self, text: str) -> list[_Match]:
        """All labels that stand at word boundaries, the longest where they overlap, by place."""
        plain = _plain(text)
        for mark in ("://", "www."):
            if mark in plain:
                plain = _hide(plain, mark)
        candidates: list[tuple[int, int, int, int]] = []
        add = candidates.append
        for kind, read in enumerate((plain, _fold(plain))):
            for number, start, stop in self._automata[kind].find_matches_as_indexes(read, overlapping=True):
                # a slice is empty at either end of the text, and then there is a boundary
                if (left := read[start - 1 : start]).isalnum() or left == "_":
                    continue
                if (right := read[stop : stop + 1]).isalnum() or right == "_":
                    continue
                add((start, -stop, kind, number))
        candidates.sort()
        chosen: list[_Match] = []
        end = 0
        for start, negative, kind, number in candidates:
            if start < end:
                continue
            label, version = self._entries[kind][number]
            if (
                (plain[start - 1 : start] in _JOINING or plain[-negative : 1 - negative] == "." or version)
                and label.thing
                and not self._stands(plain, start, -negative, label, version, end)
            ):
                continue
            end = -negative
            chosen.append((start, end, label))
            if label.kind == "Model" and (more := _ANOTHER.match(plain, end)) is not None:
                chosen += self._another(plain[start:end], more)
        return chosen

    @staticmethod
    def _stands(text: str, start: int, stop: int, label: Label, version: int, end: int) -> bool:
        """Whether a label at word boundaries is a word of its own, not a part of another name.

        Args:
            text: the text.
            start: where the label stands.
            stop: where it ends.
            label: the label.
            version: the smallest number behind the label that makes it another thing, 0 for none.
            end: where the match before it ended.

        """
        if start and text[start - 1] in "-.@#" and not _is_loose(text, start, label, end):
            return False
        right = text[stop : stop + 1]
        if right == ".":
            behind = text[stop + 1 : stop + 2]
            if behind.islower() or (behind.isdigit() and text[stop - 1].isdigit()):
                return False
        elif label.kind == "Model" and start and text[start - 1] == "(" and _PERSON.match(text, stop) is not None:
            return False
        found = _VERSION.match(text, stop) if version and right in " -0123456789v" else None
        return found is None or not version <= int(found[1][:9]) < 1000

    def _another(self, words: str, more: re.Match[str]) -> list[_Match]:
        """The second model of `Llama 2 & 3`."""
        parts = _NUMBERED.fullmatch(words)
        if parts is None:
            return []
        other = parts[1] + parts[2] + more[1]
        label = self._exact.get(other) or self._folded.get(_fold(other))
        return [(more.start(1), more.end(1), label)] if label is not None else []


class _Judge:
    """Decides which matches are mentions: those that need no support, and those that have some."""

    def __init__(
        self, finder: Finder, passages: Sequence[Passage], starts: list[int], matches: dict[int, list[_Match]]
    ) -> None:
        self.finder = finder
        self.passages = passages
        self.starts = starts
        self.matches = matches
        self.found: list[list[Found]] = [[] for _ in passages]
        self.fields: dict[int, frozenset[str]] = {-1: frozenset()}

    def judge(self) -> list[list[Found]]:
        """The mentions of all passages."""
        for index, matches in self.matches.items():
            passage, offset, found = self.passages[index], self.starts[index], self.found[index]
            for start, stop, label in matches:
                if not label.thing or label.kind == "Organization":
                    continue
                words = passage.text[start - offset : stop - offset]
                if (label.needs_context and not self._is_meant(label, index, start - offset, stop - offset)) or (
                    label.exact and words.isupper() and self._is_otherwise(index, words, label)
                ):
                    continue
                found.append(Found(label.thing, label.kind, words, start - offset))
        return self.found

    def _is_meant(self, label: Label, index: int, start: int, stop: int) -> bool:
        """Whether a label that is also something else is meant as a name of its thing."""
        passage = self.passages[index]
        return (
            passage.heading
            or (passage.title and _is_nickname(passage.text, start, stop))
            or self._is_supported(label, index)
        )

    def _is_supported(self, label: Label, index: int) -> bool:
        """Whether something in the same passage, or above it, makes it likely that a label is meant as such."""
        for _, _, other in self.matches[index]:
            if other.kind == "Organization":
                if other.thing in label.related:
                    return True
            elif not other.needs_context and other.thing not in ("", label.thing):
                return True
        field = self._field(self.passages[index].above)
        if label.kind == "Model":
            return label.thing in field or not field.isdisjoint(label.related)
        return bool(field) and not (label.kind == "Modality" and _is_alone(self.passages[index].text, label.words))

    def _is_otherwise(self, index: int, words: str, label: Label) -> bool:
        """Whether a text says what an acronym stands for, and it is something else: `Mean Absolute Error (MAE)`."""
        text, offset = self.passages[index].text, self.starts[index]
        place = text.find(f"({words})")
        if place < 0 or any(offset + place - 2 <= stop <= offset + place for _, stop, _ in self.matches[index]):
            return False
        before = _WORD.findall(text[max(0, place - 30 * len(words)) : place])[-len(words) :]
        return (
            "".join(word[0] for word in before).upper() == words
            and before[0][:4].casefold() not in self.finder.beginnings[label.thing]
        )

    def _field(self, index: int) -> frozenset[str]:
        """What a passage and those above it name."""
        waiting = []
        while index not in self.fields:
            waiting.append(index)
            above = self.passages[index].above
            index = above if above < index else -1
        field = self.fields[index]
        for below in reversed(waiting):
            own = {found.thing for found in self.found[below]}
            field = self.fields[below] = field if own <= field else field | own
        return field


def _is_alone(text: str, words: str) -> bool:
    """Whether a text has no other words."""
    return len(text) < len(words) + 20 and text.strip(f" \n\t:;,.-*{HIDDEN}").casefold() == words.casefold()


def _is_nickname(text: str, start: int, stop: int) -> bool:
    return not text[:start].strip() and _NICKNAME_END.match(text, stop) is not None


def _is_loose(text: str, start: int, label: Label, end: int) -> bool:
    """Whether what stands before a mark does not make one name with the label, as in `R-CNN` and `@claude`."""
    mark = text[start - 1]
    if mark in "@#":
        return False
    if start < 2 or text[start - 2].isspace():
        return True
    return mark == "-" and ((0 < end == start - 1) or (label.exact and _plain_word(text, start - 1)))


def _hide(text: str, mark: str) -> str:
    """A text with the addresses hidden that hold a mark; `str.find` is much faster here than a pattern for them."""
    parts: list[str] = []
    done, place = 0, text.find(mark)
    while place >= 0:
        start = place
        if mark == "://":
            scheme = _SCHEME.search(text, max(done, place - 5), place)
            start = scheme.start() if scheme is not None else -1
        address = _ADDRESS.match(text, place)
        end = address.end() if address is not None else place
        if start >= done and not text[start - 1 : start].isalnum():
            parts += [text[done:start], HIDDEN * (end - start)]
            done = end
        place = text.find(mark, end)
    return "".join([*parts, text[done:]])


def _plain(text: str) -> str:
    """A text with blanks and hyphens written one way; places stay the same."""
    for character, plain in _ASCII_BLANKS if text.isascii() else (*_ASCII_BLANKS, *_BLANKS):
        if character in text:
            text = text.replace(character, plain)
    return text


def _plain_word(text: str, stop: int) -> bool:
    """Whether a word of small letters ends there, as in `every-LLM`; `R-CNN` is a name of its own."""
    start = stop
    while start and text[start - 1].isalpha() and stop - start < 20:
        start -= 1
    return stop - start >= 4 and text[start:stop].islower()


def _fold(text: str) -> str:
    """Lower case, character by character, so that places stay the same."""
    folded = text.lower()
    if len(folded) != len(text):
        folded = "".join(low if len(low := character.lower()) == 1 else character for character in text)
    return folded


def _variants(words: str) -> Iterable[str]:
    """The same words with blanks for hyphens and the other way round."""
    parts = _SEPARATOR.split(words)
    if 1 < len(parts) <= _MOST_VARIANTS + 1:
        for marks in product(" -", repeat=len(parts) - 1):
            yield "".join(part + mark for part, mark in zip(parts, (*marks, ""), strict=True))


def _next_versions(labels: Iterable[str]) -> dict[str, int]:
    """Of each label that other labels continue with a number, the smallest of these numbers that follows its own."""
    known = {_fold(label) for label in labels}
    following: dict[str, int] = {}
    for label in known:
        parts = _NUMBERED.fullmatch(label)
        if parts is not None and parts[1] in known and "." not in parts[3]:
            number = int(parts[3])
            if number > 1:
                following[parts[1]] = min(number, following.get(parts[1], number))
    return following
