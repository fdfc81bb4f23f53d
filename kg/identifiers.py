"""From the URL in a note to the resource it means: one resource has one IRI however it is linked.

`identify(url)` is pure, never raises, and is idempotent on the IRIs it gives out. What it decides:

* A version, a format (PDF, HTML, viewer) or a mirror of an arXiv paper is the paper,
  `https://arxiv.org/abs/ID`.
* A DOI that the URL spells or implies (`kg.publishers`) is `https://doi.org/DOI`. PubMed and PMC records,
  and papers on sites that show each under several URLs, have one IRI of their site.
* Files and views of a GitHub repository are the repository, in lower case as GitHub compares; its issues,
  pull requests, discussions, wiki and releases, and gists, are pages. A YouTube video is the video in every
  form, without time or list.
* Everything else is the URL, cleaned. Scheme and host are in lower case; `http` is read as `https`, save
  for IP addresses, single-label hosts and other ports. Credentials, default ports, the root dot of a host,
  parameters that only track or keep a session, trailing slashes and fragments are dropped; a fragment that
  is a route (`#/a`, `#!a`) is the page itself and stays. Dot segments are resolved and escapes normalized;
  what an IRI may not hold is escaped as UTF-8. `www.` and inner double slashes stay.
* A mistyped host or identifier is never corrected: the URL stays as it is, with a finding.

Sources: RFC 3986 section 6.2 (normalization), RFC 3987 section 3.1 (IRI to URI), the WHATWG URL Standard
where browsers are more lenient; the routes of arXiv's browse service; the linking pages of NCBI and Europe
PMC; GitHub's rules for the names of accounts and repositories.
"""

import re
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import NamedTuple
from unicodedata import normalize
from urllib.parse import quote, unquote_to_bytes

from kg.publishers import (
    arxiv_number,
    canonical_page,
    doi_iri,
    doi_name,
    implied_doi,
    nearly,
    parameter,
    stated_doi,
    unescape,
)

__all__ = ["Identity", "identify", "is_external"]


class Identity(NamedTuple):
    """What a URL identifies.

    Attributes:
        iri: canonical public IRI: absolute, ASCII, without characters that N-Triples would have to escape.
        kind: `arxiv`, `doi`, `pubmed`, `pmc`, `github`, `youtube` or `url`.
        suggests: local name of the class that the URL alone suggests: `Paper`, `Code`, `Video`, `Dataset` or
            `WebPage`.
        arxiv_id: without version, such as `2302.13971` or `cs/0309040`.
        arxiv_version: the version that the URL asks for.
        doi: the DOI that the URL spells (of an arXiv paper the one arXiv registers), lower case, unescaped.
        implied_doi: the DOI that the URL does not spell but that follows from the publisher's URL scheme.
        pmid: PubMed number, decimal digits.
        pmcid: PubMed Central id, such as `PMC9163040`.
        findings: pairs of a stable code (`arxiv-id-malformed`, `doi-malformed`, `host-mistyped`,
            `youtube-id-malformed`) and a sentence.

    """

    iri: str
    kind: str
    suggests: str
    arxiv_id: str | None = None
    arxiv_version: int | None = None
    doi: str | None = None
    implied_doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    findings: tuple[tuple[str, str], ...] = ()


class _Url(NamedTuple):
    """A normalized URL; `name` is its host without `www.`, `path` has no trailing slash ("" is the root)."""

    scheme: str
    host: str
    name: str
    port: str
    path: str
    query: str
    fragment: str

    @property
    def iri(self) -> str:
        query = "?" + self.query if self.query else ""
        fragment = "#" + self.fragment if self.fragment else ""
        return f"{self.scheme}://{self.host}{self.port}{self.path or '/'}{query}{fragment}"


def identify(url: str) -> Identity | None:
    """The resource that `url` means, or None when it names nothing outside the vault.

    Accepted are `http`, `https` and `ftp` URLs, `doi:` and `arxiv:` names and bare `www.` hosts, with blanks
    or angle brackets around them; a relative reference, another scheme or an empty host gives None.
    """
    text = _trimmed(url)
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary is not None:
        host, path = ordinary.groups()
        return _identified(_Url("https", host, host.removeprefix("www."), "", path, "", ""))
    split = _URL.match(text)
    if split is None:
        bare = _BARE.match(text)
        if bare is None:
            return None
        if bare["host"] is None:
            return _named(bare["scheme"].lower(), text[bare.end() :])
        split = _URL.match("https://" + text)
    parts = _normalized(split) if split else None
    return _identified(parts) if parts is not None else None


def _identified(parts: _Url) -> Identity:
    if parts.scheme != "ftp" and not parts.port and len(parts.path) + len(parts.query) <= _LONGEST_KNOWN:
        handler = _HANDLERS.get(parts.name)
        identity = handler(parts) if handler else _published(parts)
        if identity is not None:
            return identity
    return Identity(parts.iri, "url", "WebPage")


def is_external(url: str) -> bool:
    """Whether `identify(url)` is not None, at less cost."""
    text = _trimmed(url)
    split = _URL.match(text)
    if split is None:
        return identify(text) is not None
    return bool(_authority(split[2], split[3] or "")[0])


# -- URLs --

_INVISIBLE = "\ufeff\u200b\u2060\u200e\u200f"  # marks of order, joining and direction that copying leaves at the ends
_LONGEST_KNOWN = 2000  # no identifier is longer; a longer URL stays one, in time proportional to its length
_LONGEST_NAME = 253  # RFC 1035 section 2.3.4

_URL = re.compile(
    r"(https?|ftp):[/\\]+(?:[^/?#\\]*@)?(\[[^/?#\\\]]*\]|[^/?#\\:]*)(:[^/?#\\]*)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?",
    re.IGNORECASE | re.DOTALL,
)
_BARE = re.compile(r"(?P<scheme>doi|arxiv):[\s/]*|(?P<host>www\d?\.[^\s/?#:@.]+\.[^\s/?#:@.])", re.IGNORECASE)
_PLAIN_HOST = re.compile(r"[a-z0-9_.-]+")
_PORT = re.compile(r":0*([0-9]{1,5})")
_DEFAULT_PORT = {"http": "80", "https": "443", "ftp": "21"}
_PLAIN = r"A-Za-z0-9_~!$&'()*+,=:@\-"
_SEGMENT = _PLAIN + ";"  # which begins what sessions leave in a path
_CLEAN_PATH = re.compile(rf"(?:/[{_PLAIN}][{_PLAIN}.]*)*")
_CLEAN_QUERY = re.compile(rf"[{_SEGMENT}./?]*")
# Most URLs: only the scheme and a slash at the end may have to change, so nothing has to be normalized.
_ORDINARY = re.compile(rf"https?://((?:[a-z0-9-]+\.)+[a-z]+)({_CLEAN_PATH.pattern})/?")
_PATH_ESCAPES = re.compile(rf"%([0-9A-Fa-f]{{2}})|%|[^{_SEGMENT}./%]+")
_QUERY_ESCAPES = re.compile(rf"%([0-9A-Fa-f]{{2}})|%|[^{_SEGMENT}./?%]+")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_TRACKING = re.compile(
    r"(?:amp;)?(?:(?:utm|mtm|pk|hsa|guce)_.*|_hs(?:enc|mi)|_ga|_gl|mc_[ce]id|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|"
    r"msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|mkt_tok|ref_(?:src|url)|spm|vero_id|oly_(?:anon|enc)_id|"
    r"wickedid|s_cid|cmpid|trk|trkinfo|lipi|hss_channel|wt\.mc_id|s_kwcid|ef_id|sc_channel|guccounter|srsltid|"
    r"casa_token|jsessionid|phpsessid)",
    re.IGNORECASE,
)
_REFERRER = re.compile(r"ref=(?:https?%3A//)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}", re.IGNORECASE)
# Parameters that name no other page on one site only.
_TRACKING_ON = {
    "academic.oup.com": {"login", "redirectedFrom", "searchresult"},
    "medium.com": {"source", "sk"},
    "paperswithcode.com": {"from"},
    "towardsdatascience.com": {"source", "sk"},
    "twitter.com": {"s", "t"},
    "x.com": {"s", "t"},
}


def _trimmed(url: str) -> str:
    return url.strip().strip(_INVISIBLE).removeprefix("<").removesuffix(">").strip()


def _normalized(split: re.Match[str]) -> _Url | None:
    scheme, raw_host, raw_port, path, query, fragment = split.groups()
    scheme = scheme.lower()
    host, port = _authority(raw_host, raw_port or "")
    if not host:
        return None
    if port == _DEFAULT_PORT[scheme]:
        port = ""
    if scheme == "http" and not port and "." in host and not host[-1].isdigit() and host[0] != "[":
        scheme = "https"
    name = host.removeprefix("www.")
    return _Url(
        scheme,
        host,
        name,
        ":" + port if port else "",
        path if _CLEAN_PATH.fullmatch(path) else _clean_path(path),
        _clean_query(query, name) if query else "",
        _route(fragment) if fragment and fragment[0] in "/!" else "",
    )


def _authority(host: str, port: str) -> tuple[str, str]:
    """The host in lower-case ASCII ("" when there is none) and the port in digits ("" when there is none)."""
    number = _PORT.fullmatch(port) if len(port) > 1 else None
    if len(port) > 1 and number is None:
        host += port
    host = host.lower()
    if not _PLAIN_HOST.fullmatch(host):
        host = _unusual_host(host)
    return host.rstrip("."), number[1] if number else ""


def _unusual_host(host: str) -> str:
    if host.startswith("[") and host.endswith("]"):
        try:
            return f"[{IPv6Address(host[1:-1].partition('%')[0]).compressed}]"
        except ValueError:
            return quote(host.encode("utf-8", "surrogatepass"), safe="")
    raw = unquote_to_bytes(host.encode("utf-8", "surrogatepass")).lower()
    text = raw.decode("utf-8", "replace")
    if len(text) <= _LONGEST_NAME and text.isprintable() and "\N{REPLACEMENT CHARACTER}" not in text:
        labels = re.split("[.\N{IDEOGRAPHIC FULL STOP}]", normalize("NFKC", normalize("NFKC", text).lower()))
        ascii_labels = [label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in labels]
        name = ".".join(ascii_labels)
        if _PLAIN_HOST.fullmatch(name):
            return name
    return quote(raw, safe="")


def _escape(found: re.Match[str]) -> str:
    code = found[1]
    if code:
        char = chr(int(code, 16))
        return char if char in _UNRESERVED else "%" + code.upper()
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "surrogatepass"))


def _clean_path(path: str) -> str:
    path = _PATH_ESCAPES.sub(_escape, "/" + path[1:])
    segments: list[str] = []
    for segment in _SESSION.sub("", path).lstrip("/").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment != ".":
            segments.append(segment)
    path = "/".join(segments).strip("/")
    return "/" + path if path else ""


def _clean_query(query: str, name: str) -> str:
    if not _CLEAN_QUERY.fullmatch(query):
        query = _QUERY_ESCAPES.sub(_escape, query)
    own = _TRACKING_ON.get(name.removeprefix("mobile."), ())
    return "&".join(
        part
        for part in query.split("&")
        if part
        and not _TRACKING.fullmatch(key := part.partition("=")[0])
        and key not in own
        and not _REFERRER.fullmatch(part)
    )


def _route(fragment: str) -> str:
    route = _QUERY_ESCAPES.sub(_escape, fragment).partition(":~:")[0].rstrip("/")
    return "" if route in {"", "!"} else route


def _suspect(iri: str, suggests: str, code: str, message: str) -> Identity:
    """A URL that is kept as it is because what it seems to say is not certain."""
    return Identity(iri, "url", suggests, findings=((code, message),))


# -- arXiv --

_ARXIV_ROUTE = re.compile(
    r"/(?:abs|pdf|ps|html|format|src|e-print|dvi|tex|other|bibtex|tb|trackback|refs|cits|ftp/arxiv/papers/\d{4})/(.+)"
)
_ARXIV_OLD_FILE = re.compile(r"/(?:ftp/)?([a-z-]+)/papers/\d{4}(/.+)")
_ARXIV_SHAPE = re.compile(r"(?:arxiv[:.])?\d{3,}\.\d{3,}", re.IGNORECASE)
_ARXIV_RULE = "is not an arXiv identifier (YYMM.NNNN up to 1412, YYMM.NNNNN since 1501, archive/YYMMNNN before 0704)"


def _arxiv_paper(arxiv_id: str, version: int | None) -> Identity:
    doi = "10.48550/arxiv." + arxiv_id
    return Identity("https://arxiv.org/abs/" + arxiv_id, "arxiv", "Paper", arxiv_id, version, doi)


def _arxiv(url: _Url) -> Identity | None:
    route = _ARXIV_ROUTE.fullmatch(url.path)
    if route is not None:
        text = route[1]
    else:
        old = _ARXIV_OLD_FILE.fullmatch(url.path)
        text = old[1] + old[2] if old else ""
    if not text:
        return None
    paper = arxiv_number(unescape(text))
    if paper is not None:
        return _arxiv_paper(*paper)
    return _suspect(url.iri, "Paper", "arxiv-id-malformed", f"{text} {_ARXIV_RULE}")


def _mirror(pattern: str) -> Callable[[_Url], Identity | None]:
    """A handler for a site that shows arXiv papers under paths of `pattern`, with the id as group."""
    route = re.compile(pattern, re.IGNORECASE)

    def handler(url: _Url) -> Identity | None:
        found = route.fullmatch(url.path)
        text = found[1] if found else ""
        paper = arxiv_number(unescape(text)) if text else None
        if paper is not None:
            return _arxiv_paper(*paper)
        if _ARXIV_SHAPE.match(text):
            return _suspect(url.iri, "Paper", "arxiv-id-malformed", f"{text} {_ARXIV_RULE}")
        return _published(url)

    return handler


# -- DOIs and papers elsewhere --


def _doi_record(doi: str, *, implied: bool = False) -> Identity:
    if doi.startswith("10.48550/arxiv."):
        paper = arxiv_number(doi.removeprefix("10.48550/arxiv."))
        if paper is not None:
            return _arxiv_paper(*paper)
    paper_like = not doi.startswith(("10.5281/zenodo.", "10.1038/d4"))
    iri, suggests = doi_iri(doi), "Paper" if paper_like else "WebPage"
    return Identity(iri, "doi", suggests, implied_doi=doi) if implied else Identity(iri, "doi", suggests, doi=doi)


def _published(url: _Url) -> Identity | None:
    """A publisher's page, a page of any host whose URL spells a DOI, or a host that is nearly a known one."""
    doi = stated_doi(url.name, url.path, url.query) if "10." in url.path or "10." in url.query else None
    if doi is not None:
        return _doi_record(doi)
    doi = implied_doi(url.name, url.path)
    if doi is not None:
        return _doi_record(doi, implied=True)
    page = canonical_page(url.name, url.path, url.query)
    if page is not None:
        return Identity(page, "url", "WebPage")
    route = _ARXIV_ROUTE.fullmatch(url.path)
    if route is not None and arxiv_number(route[1]) and nearly(url.name, "arxiv.org"):
        return _suspect(url.iri, "Paper", "host-mistyped", f"{url.host} looks like arxiv.org")
    if url.path.startswith("/10.") and nearly(url.name, "doi.org"):
        return _suspect(url.iri, "Paper", "host-mistyped", f"{url.host} looks like doi.org")
    return None


def _doi_resolver(url: _Url) -> Identity | None:
    text = unescape(url.path).lstrip("/")
    text = re.sub(r"(?i)^doi:\s*", "", text)
    doi = doi_name(text)
    if doi is not None:
        return _doi_record(doi)
    if text.startswith("10."):
        return _suspect(url.iri, "Paper", "doi-malformed", f"{url.path[1:]} is not a DOI")
    return None


def _named(scheme: str, text: str) -> Identity | None:
    """A name with the scheme `doi` or `arxiv`, of which `text` is the rest."""
    escaped = _PATH_ESCAPES.sub(_escape, text)
    text = unescape(escaped).strip(" /")
    if not text:
        return None
    iri = f"{scheme}:{escaped}"
    if scheme == "arxiv":
        paper = arxiv_number(text)
        if paper is not None:
            return _arxiv_paper(*paper)
        return _suspect(iri, "Paper", "arxiv-id-malformed", f"{escaped} {_ARXIV_RULE}")
    doi = doi_name(text)
    return _doi_record(doi) if doi else _suspect(iri, "Paper", "doi-malformed", f"{escaped} is not a DOI")


_PMC = re.compile(r"/(?:(?:labs/)?pmc/)?articles?/(?:pmc/|instance/)?(?:pmc)?(\d+)(?:\.\d+)?(?:/.*)?", re.IGNORECASE)
_PUBMED = re.compile(
    r"/(?:(?:m/)?pubmed/|(?:labs/)?pmc/articles/pmid/|articles/pmid/|(?:article|abstract)/med/)?(\d+)(?:/.*)?",
    re.IGNORECASE,
)


def _ncbi(url: _Url) -> Identity | None:
    on_pubmed = url.name == "pubmed.ncbi.nlm.nih.gov"
    article = None if on_pubmed else _PMC.fullmatch(url.path)
    if article is not None and ("pmc" in url.path.lower() or url.name.startswith("pmc.")):
        pmcid = "PMC" + article[1]
        return Identity(f"https://pmc.ncbi.nlm.nih.gov/articles/{pmcid}", "pmc", "Paper", pmcid=pmcid)
    record = _PUBMED.fullmatch(url.path)
    if record is not None and (on_pubmed or url.path.count("/") > 1):
        return Identity(f"https://pubmed.ncbi.nlm.nih.gov/{record[1]}", "pubmed", "Paper", pmid=record[1])
    return None


# -- Code, data, video --

_REPOSITORY = re.compile(r"/([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9_.-]+?)(?:\.git)?[,;:.!)*'\"]*(?:/([a-z-]+)(/.*)?)?")
_ACCOUNT = re.compile(r"/([A-Za-z0-9][A-Za-z0-9-]*)")
_GITHUB_PAGES = re.compile(
    r"about|account|advisories|apps|blog|codespaces|collections|contact|copilot|customer-stories|"
    r"dashboard|discussions|enterprise|events|explore|features|issues|join|login|logout|marketplace|"
    r"mobile|models|new|notifications|orgs|organizations|pricing|pulls|readme|resources|search|security|sessions|"
    r"settings|signup|site|solutions|sponsors|stars|team|topics|trending|users|watching"
)
_GITHUB_CODE = re.compile(
    r"archive|activity|blame|blob|branches|codespaces|commit|commits|compare|contributors|edit|find|"
    r"forks|graphs|labels|network|pulse|raw|search|settings|stargazers|tags|tarball|tree|watchers|"
    r"zipball"
)


def _github(url: _Url) -> Identity | None:
    found = _REPOSITORY.fullmatch(url.path)
    if found is None:
        account = _ACCOUNT.fullmatch(url.path)
        if account is None or _GITHUB_PAGES.fullmatch(account[1]) or url.query:
            return None
        return Identity("https://github.com" + url.path.lower(), "url", "WebPage")
    owner, repository, view, below = found.groups()
    if _GITHUB_PAGES.fullmatch(owner) or repository in {".", ".."}:
        return None
    iri = f"https://github.com/{owner}/{repository}".lower()
    if view is None or _GITHUB_CODE.fullmatch(view):
        return Identity(iri, "github", "Code")
    query = "?" + url.query if url.query else ""
    return Identity(f"{iri}/{view}{below or ''}{query}", "url", "WebPage")


def _github_files(url: _Url) -> Identity | None:
    found = re.match(r"(?:/repos)?/([A-Za-z0-9][A-Za-z0-9-]*)/([A-Za-z0-9_.-]+)(?:/|$)", url.path)
    if found is None or (url.name == "api.github.com") != url.path.startswith("/repos/"):
        return None
    return Identity(f"https://github.com/{found[1]}/{found[2].removesuffix('.git')}".lower(), "github", "Code")


_PROJECT = re.compile(r"(?!/(?:explore|groups|users|help|dashboard)/)(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*){2,}")
_PROJECT_CODE = frozenset({"tree", "blob", "raw", "blame", "commits", "commit", "archive", "branches", "tags"})


def _gitlab(url: _Url) -> Identity | None:
    project, _, view = url.path.removesuffix(".git").partition("/-/")
    if _PROJECT.fullmatch(project) is None or (view and view.partition("/")[0] not in _PROJECT_CODE):
        return None
    return Identity("https://gitlab.com" + project.lower(), "url", "Code")


_hugging_face_paper = _mirror(r"/papers/(.+)")
_DATASET_VIEWS = frozenset({"tree", "blob", "resolve", "raw", "viewer"})


def _hugging_face(url: _Url) -> Identity | None:
    if url.name == "hf.co":
        return identify(url._replace(host="huggingface.co").iri)
    names = url.path.split("/")[2:] if url.path.startswith("/datasets/") else []
    if not all(names[:2] or [""]) or names == ["viewer"] or "discussions" in names[1:3]:
        return _hugging_face_paper(url)
    own = 1 if len(names) == 1 or names[1] in _DATASET_VIEWS else 2  # the oldest data sets have no owner
    return Identity("https://huggingface.co/datasets/" + "/".join(names[:own]), "url", "Dataset")


def _kaggle(url: _Url) -> Identity | None:
    found = re.match(r"/datasets/[\w-]+/[\w-]+", url.path)
    return Identity("https://www.kaggle.com" + found[0], "url", "Dataset") if found else None


_VIDEO_PATH = re.compile(r"/(?:embed|shorts|live|v|e|watch)/(?!videoseries$)([^/&]+)(?:[/&].*)?")
_VIDEO_ID = re.compile(r"([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-]).*", re.DOTALL)


def _youtube(url: _Url) -> Identity | None:
    found = _VIDEO_PATH.fullmatch(url.path)
    if url.path == "/watch":
        text = parameter(url.query, "v")
    elif url.name == "youtu.be":
        text = url.path[1:].partition("/")[0]
    else:
        text = found[1] if found else ""
    if text:
        video = _VIDEO_ID.fullmatch(text)
        if video is not None:
            return Identity("https://www.youtube.com/watch?v=" + video[1], "youtube", "Video")
        return _suspect(url.iri, "Video", "youtube-id-malformed", "the id of a video has 11 letters, digits, - and _")
    playlist = re.fullmatch(r"[\w-]+", parameter(url.query, "list"), re.ASCII)
    if playlist is not None and url.path in {"/playlist", "/watch", "/embed/videoseries"}:
        return Identity("https://www.youtube.com/playlist?list=" + playlist[0], "youtube", "Video")
    return None


def _vimeo(url: _Url) -> Identity | None:
    found = re.fullmatch(r"/(?:video/|channels/[^/]+/)?(\d+)(/.*)?", url.path)
    if found is None:
        return None
    return Identity(url.iri if found[2] else "https://vimeo.com/" + found[1], "url", "Video")


_HANDLERS: dict[str, Callable[[_Url], Identity | None]] = {
    **dict.fromkeys(
        ("arxiv.org", "export.arxiv.org", "browse.arxiv.org", "cn.arxiv.org", "de.arxiv.org", "xxx.lanl.gov"),
        _arxiv,
    ),
    **dict.fromkeys(("ar5iv.org", "ar5iv.labs.arxiv.org"), _mirror(r"/(?:abs|html|pdf|papers)/(.+)")),
    "alphaxiv.org": _mirror(r"/(?:[a-z]{2}/)?(?:abs|overview|pdf|html)/(.+)"),
    "arxiv-vanity.com": _mirror(r"/papers/(.+)"),
    "paperswithcode.com": _mirror(r"/(?:api/v\d/papers/|paper/arxiv[:/]|paper/(?=\d)|arxiv/)(.+)"),
    "scirate.com": _mirror(r"/arxiv/(.+)"),
    "papers.cool": _mirror(r"/arxiv/(.+)"),
    **dict.fromkeys(
        ("semanticscholar.org", "api.semanticscholar.org"),
        _mirror(r"/(?:arxiv/|(?:(?:graph/)?v\d/)?(?:paper/)?arxiv:)(.+)"),
    ),
    **dict.fromkeys(("huggingface.co", "hf.co"), _hugging_face),
    **dict.fromkeys(("doi.org", "dx.doi.org"), _doi_resolver),
    **dict.fromkeys(("ncbi.nlm.nih.gov", "pubmed.ncbi.nlm.nih.gov", "pmc.ncbi.nlm.nih.gov", "europepmc.org"), _ncbi),
    "github.com": _github,
    **dict.fromkeys(("raw.githubusercontent.com", "codeload.github.com", "api.github.com"), _github_files),
    "gitlab.com": _gitlab,
    "kaggle.com": _kaggle,
    **dict.fromkeys(
        ("youtube.com", "m.youtube.com", "music.youtube.com", "youtube-nocookie.com", "youtu.be"), _youtube
    ),
    **dict.fromkeys(("vimeo.com", "player.vimeo.com"), _vimeo),
}
