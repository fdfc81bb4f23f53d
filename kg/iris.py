"""The one place where IRIs are minted.

Everything minted starts with the configurable base. Paths and titles are percent-encoded as UTF-8 (RFC 3986, 2.1), so
that an IRI is valid whatever a file is called. What stands in a note is a fragment of the note:

=============================  ==============================================================
what                           IRI
=============================  ==============================================================
note, and its named graph      `{base}note/AI/Foundation%20models`
section                        `{note}#Vision` (a second one of that title: `{note}#Models/Vision`)
entry with a block id          `{note}#b:pvt`
other entry                    `{note}#e:3f0c…`, a hash of its own source
link, inline field of an entry `{entry}.1`, `{entry}.p1`
link in a heading              `{section}:1`
front-matter property          `{note}#p:rating`; its links `{note}#p:rating:1`
unwritten note                 `{base}unresolved/Name`
attachment                     `{base}file/img/x.png`
concept of a note or folder    `{base}concept/AI/Vision`
mention in an entry            `{entry}.m12`, behind 12 characters; in a heading `{section}:m12`
mention in a title             `{base}mention/ARXIV-ID-OR-HASH/12`
what follows from all of it    `{base}graph/inferred`
model that a title introduces  `{base}model/ARXIV-ID-OR-HASH/Name`
author of a resource           `{base}author/ARXIV-ID-OR-HASH/Name`
author by full name            `{base}author/Lu%20Yuan`
place in a list of authors     `{base}authors/ARXIV-ID-OR-HASH/2`
what a source says of a paper  `{base}metadata/ARXIV-ID-OR-HASH`
what `kg load` put in a store  `{base}graph/manifest`, and `#digest` … in it
=============================  ==============================================================

No line number and no running count stands in an IRI, so an edit renames only what it touches. Entries of the same
words in one note are told apart by where they stand. A name of more than 200 characters is cut and ends in
a hash.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import quote

from kg.errors import ConfigError

__all__ = ["DEFAULT_BASE", "Iris", "NoteIris", "check_base", "version", "web"]

DEFAULT_BASE = "https://kg.example/"
_SAFE = "!$'()*,;=@~-._"
_LONG = 200  # characters of a title or name that stand in an IRI
_BASE = re.compile(r"https?://[^\s<>\"{}|\\^`\x00-\x20#?]+\Z")


def check_base(base: str) -> str:
    """Validate a base IRI and return it with a closing `/`.

    Raises:
        ConfigError: it is not an absolute http(s) IRI without query and fragment.

    """
    if not _BASE.match(base):
        raise ConfigError(
            f"base IRI {base!r} is not usable: give an absolute http(s) IRI such as {DEFAULT_BASE} "
            "without query, fragment or blanks"
        )
    return base if base.endswith("/") else base + "/"


def _bytes(text: str) -> bytes:
    """A text in UTF-8; the bytes of a file name that are none are kept as they are."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte
        return text.encode("utf-8", "surrogatepass")


@lru_cache(maxsize=4096)  # a note, its concept and the folders around it are asked for again and again
def _encode(path: str) -> str:
    """Percent-encode a path; a folder called `.` or `..` would be a step to a reader of IRIs (RFC 3986, 5.2.4)."""
    encoded = quote(_bytes(path), safe=f"/{_SAFE}")
    if "./" in encoded or encoded.endswith("."):
        encoded = "/".join(map(_no_step, encoded.split("/")))
    return encoded


def _no_step(name: str) -> str:
    return name.replace(".", "%2E") if name in (".", "..") else name


@lru_cache(maxsize=65536)
def _segment(text: str) -> str:
    return _no_step(quote(_bytes(_short(" ".join(text.split()))), safe=_SAFE))


def _short(name: str) -> str:
    return name if len(name) <= _LONG else f"{name[:_LONG]}~{_hash(name)}"


def _key(resource: str) -> str:
    """What stands for a resource in the IRIs of what belongs to it."""
    key = resource.removeprefix("https://arxiv.org/abs/").removeprefix("https://doi.org/")
    return key if key != resource and re.fullmatch(r"[\w./-]+", key, re.ASCII) else _hash(resource)


def version(page: str, number: int) -> str:
    """The IRI of one version of a paper of arXiv, whose own IRI is `page`."""
    return f"{page}v{number}"


def web(address: str) -> str:
    """The IRI of an address that somebody else gave, what no IRI can hold percent-encoded; "" when it is none."""
    found = re.match(
        r"\s*((?:https?://[^\s/?#\[\]@:]+(?::\d*)?|file://)(?:[/?#].*)?)\Z", address, re.IGNORECASE | re.DOTALL
    )
    if found is None:
        return ""
    return re.sub(
        r"%(?![0-9A-Fa-f]{2})", "%25", quote(found[1].strip().encode("utf-8", "replace"), safe="!#$%&'()*+,/:;=?@~-._")
    )


def _hash(*parts: str) -> str:
    return blake2b(_bytes("\0".join(parts)), digest_size=6).hexdigest()


class Iris:
    """Mints IRIs below one base."""

    def __init__(self, base: str = DEFAULT_BASE) -> None:
        self.base = check_base(base)
        self.resources_graph = f"{self.base}graph/resources"
        self.arxiv_graph = f"{self.base}graph/arxiv"
        self.inferred_graph = f"{self.base}graph/inferred"
        self.manifest_graph = f"{self.base}graph/manifest"

    def note(self, path: str) -> str:
        """The IRI of a note, and of its named graph, from its path inside the vault."""
        name = _encode(path[:-3])
        # a file `Note.MD` is not the file `Note.MD.md`
        return f"{self.base}note/{name}" if path.endswith(".md") else f"{self.base}note/{name}%2E{_encode(path[-2:])}"

    def attachment(self, path: str) -> str:
        """The IRI of a file of the vault that is not a note."""
        return f"{self.base}file/{_encode(path)}"

    def concept(self, path: str) -> str:
        """The IRI of the concept that a note or a folder stands for, by its path without a suffix."""
        return f"{self.base}concept/{_encode(path)}"

    def mentions(self, resource: str) -> str:
        """What the IRIs of the mentions in the title of a resource begin with; the place follows."""
        return f"{self.base}mention/{_key(resource)}/"

    def model(self, resource: str, name: str) -> str:
        """The IRI of a model known only by the title of the resource that introduces it."""
        return f"{self.base}model/{_key(resource)}/{_segment(name)}"

    def vocabulary_graph(self, name: str) -> str:
        """The IRI of the named graph of a vocabulary of the user, by the name of its file."""
        return f"{self.base}graph/vocabulary/{_segment(name)}"

    def unresolved(self, target: str) -> str:
        """The IRI of a note that is linked to but not written, by its path as it would be inside the vault.

        One for all spellings that differ in case or in Unicode composition only, as links do not tell these apart.
        """
        name = " ".join(unicodedata.normalize("NFC", target).casefold().split())
        return f"{self.base}unresolved/{_encode(_short(name))}"

    def author(self, resource: str, name: str) -> str:
        """The IRI of an author known only by what notes say of one resource: never shared with another resource."""
        return f"{self.base}author/{_key(resource)}/{_segment(name)}"

    def person(self, name: str) -> str:
        """The IRI of an author known by the full name: one for all resources."""
        return f"{self.base}author/{_segment(name)}"

    def author_place(self, resource: str, number: int) -> str:
        """The IRI of a place in the list of the authors of a resource, counted from 1."""
        return f"{self.base}authors/{_key(resource)}/{number}"

    def metadata(self, resource: str) -> str:
        """The IRI of what a source of metadata says of a resource."""
        return f"{self.base}metadata/{_key(resource)}"


class NoteIris:
    """Mints the IRIs inside one note; call in document order."""

    def __init__(self, note: str) -> None:
        self.note = note
        self.taken: set[str] = set()
        self.numbers: dict[str, int] = {}  # of things that nothing but their order tells apart

    def _claim(self, *candidates: str) -> str:
        for candidate in candidates:
            if candidate not in self.taken:
                self.taken.add(candidate)
                return candidate
        last = candidates[-1]
        number = self.numbers.get(last, 1) + 1
        while f"{last}~{number}" in self.taken:
            number += 1
        self.numbers[last] = number
        self.taken.add(f"{last}~{number}")
        return f"{last}~{number}"

    def section(self, title: str, above: Iterable[str]) -> str:
        """A section by its title; a second one of that title by the titles above it too (outermost first)."""
        own = f"{self.note}#{_segment(title)}"
        if own not in self.taken:
            return self._claim(own)
        return self._claim(own, f"{self.note}#{'/'.join(map(_segment, (*above, title)))}")

    def entry(self, fingerprint: str, block_id: str, context: Iterable[str]) -> str:
        """An entry by its block id or by its own source; a second one of the same source by its context too."""
        own = f"{self.note}#b:{_segment(block_id)}" if block_id else f"{self.note}#e:{fingerprint}"
        if own not in self.taken:
            self.taken.add(own)
            return own
        return self._claim(own, f"{self.note}#e:{_hash(fingerprint, *context)}")

    def property(self, key: str, value: str) -> str:
        """A front-matter property, one for each value of a key."""
        own = f"{self.note}#p:{_segment(key)}"
        return self._claim(own, f"{own}:{_hash(value)}")
