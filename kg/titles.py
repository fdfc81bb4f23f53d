"""The title that a link's label gives, freed of what a browser adds to it.

Saved links carry the page title as browsers and clippers write it: an arXiv number in front, the name of the
site behind. Whether a last segment names the site is decided by the URL, so that titles with bars and dashes
of their own stay whole.
"""

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

__all__ = ["clean_title", "is_url", "strip_site"]

_LONG = 2000  # characters beyond which a label is a text and no title
_URL = re.compile(r"<?(?:[a-z][a-z0-9+.-]*://|www\.)\S+", re.IGNORECASE)
_BARE_HOST = re.compile(r"(?:[\w-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
_ARXIV_ID = r"(?:\d{4}\.\d{4,}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?"
_ONLY_ID = re.compile(rf"\[?(?:arXiv:\s*)?{_ARXIV_ID}\]?", re.IGNORECASE)
_LEADING = (
    re.compile(r"[\[(]PDF[\])]\s*", re.IGNORECASE),
    re.compile(rf"(?:\[\s*(?:arXiv:\s*)?{_ARXIV_ID}\s*\]|arXiv:\s*{_ARXIV_ID}(?!\S))\s*[-–—:|.]*\s*", re.IGNORECASE),
    re.compile(rf"{_ARXIV_ID}\s*(?:[-–—:|]\s*|\s)(?=\S)"),
)
_LEADS = re.compile(r"[\[(]|arxiv:|\d{4}\.\d|[a-z.-]+/\d", re.IGNORECASE)
_TRAILING = re.compile(
    rf"[(\[](?:(?:arXiv:?\s*)?{_ARXIV_ID}(?:\s*\[[\w.-]+\])?|PDF|arXiv|YouTube|GitHub|Medium|Wikipedia)[)\]]$",
    re.IGNORECASE,
)
_HOST = re.compile(r"\(\s*((?:[a-z0-9-]+\.)+[a-z]{2,})\s*\)$")
_BAR = re.compile(r"\s+[-–—|]$")  # what may lead to such a host
_COMMON_ENDS = (".com", ".org", ".net", ".edu", ".gov")
_BY = re.compile(r"\s*\|\s*by\s+[^|]*(?:\|[^|]*)*$|\s+[-–—]\s+by\s+[A-Z][^|–—]{2,40}?(?:\s+[-–—]\s+[^–—]{2,40})?$")
_SEPARATOR = re.compile(r"\s+(?:\|\s*|(?:[·•»«–—-]|::)\s+)|\|\s+")
_ADDITION = re.compile(r"[·•»«–—]")  # without one of these, of `)]|`, `::` or ` - ` there is nothing to take off
_QUERY = re.compile(r"[?#]")
_WORD = re.compile(r"[\w.'’]+")
_SPHINX = re.compile(r".{1,60}\bdocumentation", re.IGNORECASE)
_JOURNAL = re.compile(r"\b(?:Journals?|Proceedings|Transactions|Conference on|Annals|Magazine|Advances in)\b")
_PERSON = re.compile(r"(?:Dr\. |Prof\. )?(?:[^\W\d_a-z][\w'’-]*\.?\s+){1,3}[^\W\d_a-z][\w'’-]+")
_VERSION = re.compile(r"v?[\d.]+(?:dev|rc)?\d*")
_ASCII_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that any site's name may hold.
_NEUTRAL = _words(
    """blog blogs documentation docs doc website site page pages home homepage official the by of at for and in
    a an on de la el le y und der die das et api platform app inc ltd com org net online free encyclopedia
    enciclopedia libre lencyclopedie wiki"""
)
_DEPENDENT = _words("ai research labs lab team project community news group university learn")
_SMALL = _words("a an and at by for in of on the to")
# Parts of hosts that name a service of the site, not the site.
_SERVICES = _words("blog docs learn academic journals papers link courses data research help news paper code")
# Site names that the end of their host does not spell.
_ALIASES = {
    "aws": ("aws",),
    "colab": ("colab",),
    "crossvalidated": ("stackexchange",),
    "facebook": ("fb",),
    "googlecolab": ("colab",),
    "ieeexplore": ("ieee",),
    "taylorfrancis": ("tandfonline",),
    "taylorfrancisonline": ("tandfonline",),
    "tds": ("towardsdatascience", "medium"),
    "twitter": ("x",),
    "x": ("twitter",),
}
# Sites that end every title with the name of the journal.
_JOURNAL_HOSTS = (
    "nature.com",
    "science.org",
    "cambridge.org",
    "bmj.com",
    "jamanetwork.com",
    "academic.oup.com",
    "mdpi.com",
)
_PROJECT_HOSTS = (".github.io", ".gitlab.io", ".readthedocs.io", ".gitbook.io", ".pages.dev")
_PERSONAL_HOSTS = (
    ".wordpress.com",
    ".github.io",
    ".substack.com",
    ".blogspot.com",
    ".netlify.app",
    ".vercel.app",
    ".medium.com",
)


class _Site(NamedTuple):
    host: str
    main: str  # the label that names who runs the site, compact
    labels: tuple[str, ...]  # the parts of the host that can name a site, compact
    joined: tuple[str, ...]  # the host written as one word, with and without its ending


class _Coverage(NamedTuple):
    all: bool  # each word that means something is found in the host or the folders
    host: float  # the largest part of a label of the host that the words spell
    main: float  # the same of the label that names who runs the site
    folders: bool  # whether a folder holds one of the words


def is_url(text: str) -> bool:
    """Tell whether a label is nothing but an address."""
    text = text.strip()
    return _URL.fullmatch(text) is not None or _BARE_HOST.fullmatch(text) is not None


def clean_title(label: str, url: str) -> str:
    """Clean a label of a link.

    Args:
        label: the label as rendered.
        url: where the link leads; it decides which last segment is the name of the site.

    Returns:
        The title, blanks collapsed; "" when the label holds no more than an address or an arXiv number.

    """
    title = html.unescape(label) if "&" in label else label
    title = " ".join(title.split())
    if len(title) > _LONG:
        return title
    if " " not in title and (is_url(title) or _ONLY_ID.fullmatch(title)):
        return ""
    if _LEADS.match(title):
        for pattern in _LEADING:
            found = pattern.match(title)
            if found is not None:
                title = title[found.end() :] or title
    return strip_site(title, url)


def strip_site(title: str, url: str) -> str:
    """Take names of the site, hosts and numbers off the end of a title; something always stays."""
    if len(title) > _LONG or not _may_be_longer(title):
        return title
    outer = False
    for _ in range(5):
        length = _kept(title, url, outer=outer)
        if not 0 < length < len(title):
            break
        title, outer = title[:length].rstrip(), True
    return title


def _may_be_longer(title: str) -> bool:
    """Tell whether a title holds a mark that may part an addition from it."""
    if ")" in title or "|" in title or " - " in title or "]" in title or "::" in title:
        return True
    return not title.isascii() and _ADDITION.search(title) is not None


def _kept(title: str, url: str, *, outer: bool) -> int:
    """Return how much of a title stays when its last addition goes; behind which another one went (`outer`)."""
    if title.endswith((")", "]")):
        return _kept_before_brackets(title, url)
    by = _BY.search(title) if " by " in title or "|" in title else None
    marks = list(_SEPARATOR.finditer(title))
    if not marks or (by is not None and by.start() > 0):
        return by.start() if by is not None else len(title)
    start, separator = marks[-1].start(), marks[-1][0].strip()
    head, name = title[:start], title[marks[-1].end() :].strip()
    if not head or not name or not _names_site(name, separator, head, url, outer=outer):
        return len(title)
    listed = separator == "::" and " by " in head and _host(url).endswith("ssrn.com")
    return head.rfind(" by ") if listed else start


def _kept_before_brackets(title: str, url: str) -> int:
    """Return how much of a title stays when its last brackets hold a host, an arXiv number or the like."""
    opening = max(title.rfind("("), title.rfind("["), 0)
    host = _HOST.match(title, opening)
    if host is not None and _is_host(host[1], _host(url)):
        head = title[:opening].rstrip()
        bar = _BAR.search(head)
        return bar.start() if bar is not None else len(head)
    nested = title.endswith(("])", "]]"))  # as in `(arXiv:1502.01852 [cs.CV])`
    found = _TRAILING.search(title, 0 if nested else opening)
    return len(title[: found.start()].rstrip()) if found is not None else len(title)


def _is_host(name: str, host: str) -> bool:
    related = name == host or host.endswith("." + name) or name.endswith("." + host)
    return related or name.endswith(_COMMON_ENDS)


def _names_site(name: str, separator: str, head: str, url: str, *, outer: bool) -> bool:
    """Tell whether the last segment of a title names the site that it stands on."""
    compact = _compact(name)
    if not compact or len(name) > 100 or "/" in name:
        return False
    if compact == _compact(head) or (separator in "—–|" and _SPHINX.fullmatch(name)):
        return True
    site = _site(_host(url))
    comma = _compact(name.partition(",")[0])
    core, exact = compact.removeprefix("the"), (site.main, *site.joined)
    alias = any(label in site.labels for label in _ALIASES.get(compact, ()))
    if alias or (core and core in exact) or (len(comma) > 3 and comma in exact):
        return True
    folders = _folders(url, site.host)
    covered = _covered(name, site, folders)
    if covered.all and (covered.main >= 0.6 or (outer and covered.folders and len(name.split()) <= 3)):
        return True
    if separator in ("-", "–", "—"):
        return _follows_dash(name, compact, site, covered)
    neutral = outer and all(_compact(word) in _NEUTRAL for word in name.split())
    return neutral or covered.host >= 0.6 or _follows_bar(name, compact, site, folders)


def _follows_dash(name: str, compact: str, site: _Site, covered: _Coverage) -> bool:
    """Decide on `Title - Segment`: titles have dashes too, so the segment must begin as the site is called."""
    words = name.split()
    proper = all(not w[0].isalpha() or w[0].isupper() or w in _SMALL for w in words)
    started = len(site.main) > 4 and compact.startswith(site.main) and len(words) <= 5
    space = name.startswith("a Hugging Face Space by ")
    return (started and proper) or space or (covered.main >= 0.6 and _PERSON.fullmatch(name) is not None)


def _follows_bar(name: str, compact: str, site: _Site, folders: tuple[str, ...]) -> bool:
    """Decide on `Title | Segment`: most bars are a browser's, so a resemblance to part of the URL is enough."""
    return (
        any(len(label) > 3 and label not in _SERVICES and label in compact for label in site.labels)
        or compact in folders
        or any(len(folder) > 3 and compact.startswith(folder) for folder in folders)
        or _initials(name) in site.labels
        or _JOURNAL.search(name) is not None
        or site.host.endswith(_JOURNAL_HOSTS)
        or (site.host.endswith(_PERSONAL_HOSTS) and _PERSON.fullmatch(name) is not None)
    )


def _covered(name: str, site: _Site, folders: tuple[str, ...]) -> _Coverage:
    everything, in_folders = True, False
    spelt: dict[str, int] = {}
    for word in _WORD.findall(unicodedata.normalize("NFKC", name)):
        compact = _compact(word)
        if not compact or compact in _NEUTRAL or _VERSION.fullmatch(word):
            continue
        hits = [x for x in (*site.labels, *site.joined) if compact == x or (len(compact) > 2 and compact in x)]
        for label in hits:
            spelt[label] = spelt.get(label, 0) + len(compact)
        folder = any(compact == f or (len(compact) > 3 and compact in f) for f in folders)
        in_folders = in_folders or (folder and not hits)
        everything = everything and (bool(hits) or folder or compact in _DEPENDENT)
    shares = {label: min(1.0, count / len(label)) for label, count in spelt.items()}
    main = max((share for label, share in shares.items() if label in (site.main, *site.joined)), default=0.0)
    found = bool(spelt) or in_folders
    return _Coverage(everything and found, max(shares.values(), default=0.0), main, in_folders)


def _host(url: str) -> str:
    """Return the host of a URL in lower case, without `www.`."""
    authority = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return _QUERY.split(authority, maxsplit=1)[0].partition(":")[0].casefold().removeprefix("www.")


@lru_cache(maxsize=4096)
def _site(host: str) -> _Site:
    parts = host.split(".")
    double = len(parts) > 2 and len(parts[-1]) == 2 and parts[-2] in ("co", "com", "ac", "org", "edu", "gov")
    names = parts[: -2 if double else -1] if len(parts) > 1 else parts
    hosted = len(names) > 1 and host.endswith((*_PROJECT_HOSTS, *_PERSONAL_HOSTS))
    labels = tuple(dict.fromkeys(c for c in map(_compact, names) if len(c) > 1))
    joined = tuple(dict.fromkeys(c for c in (_compact("".join(names)), _compact(host)) if c))
    return _Site(host, _compact(names[-2 if hosted else -1]), labels, joined)


def _folders(url: str, host: str) -> tuple[str, ...]:
    """Return the first folders of a path, compact."""
    path = url.partition("://")[2].partition("/")[2]
    folders = [f for f in _QUERY.split(path, maxsplit=1)[0].split("/") if f]
    if len(folders) > 1 or not host.endswith(_PROJECT_HOSTS):
        folders = folders[:-1]  # the last one is the page and spells its title
    return tuple(c for c in (_compact(unquote(f)) for f in folders[:4]) if c)


def _compact(text: str) -> str:
    """Return the letters and digits of a text in lower case, without accents: `Réseaux (2)` is `reseaux2`."""
    if text.isascii():
        return text.lower().translate(_ASCII_SIGNS)
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if c.isalnum())


def _initials(name: str) -> str:
    words = [w for w in re.findall(r"\w+", name) if w.casefold() not in _NEUTRAL]
    return "".join(w[0] for w in words).casefold() if len(words) > 2 else ""
