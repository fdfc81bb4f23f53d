"""What the URLs of publishers and proceedings say: the DOI they spell, the DOI they imply, the page they are.

Pure: text in, text out. Hosts come without `www.`, paths as `kg.identifiers` cleans them (percent-escapes
normalized, no dot segments, no trailing slash). A DOI is taken only where the site's documented URL scheme
leaves no doubt; everywhere else there is none, because a wrong DOI is worse than none.

Sources:
    * DOI Handbook, section 2 (numbering: prefix, suffix, case-insensitive ASCII) and 3.8 (DOI as URI).
    * Crossref, "Constructing your DOIs" (opaque suffixes; 10.5555 is the prefix for tests, never registered).
    * The ACL Anthology's BibTeX entries, for which of its volumes carry 10.18653/v1/ID.
    * MDPI, Copernicus, eLife, Springer Nature, bioRxiv, Zenodo: the DOI on the article beside its URL.
    * arXiv, "Understanding the arXiv identifier": new form since 0704, five digits since 1501; old form
      with its archives before.
"""

import re
from collections.abc import Callable
from urllib.parse import quote, unquote

__all__ = [
    "arxiv_number",
    "canonical_page",
    "doi_iri",
    "doi_name",
    "implied_doi",
    "nearly",
    "parameter",
    "stated_doi",
    "unescape",
]

_DOI = r"10\.\d{4,9}(?:\.\d{1,9})*/\S+"
_NAME = re.compile(r"10\.\d+(?:\.\d+)*/\S+", re.ASCII)
# What stands right before the DOI in paths of Atypon (/doi/full/), Springer, IOP, APS, Frontiers, HighWire …
_IN_PATH = re.compile(
    r"(?P<lead>.*?/(?:doi(?:/[a-z.-]+)?|abs|abstract|full|fulltext|pdf|epdf|article|articles|chapter|book|content|"
    r"protocol|reference|referencework|referenceworkentry|paper|works))/(?:doi:)?"
    rf"(?P<doi>{_DOI})",
    re.IGNORECASE | re.ASCII,
)
_AT_ROOT = re.compile(rf"/({_DOI})", re.ASCII)
_ROOT_HOSTS = frozenset({"link.springer.com", "unpaywall.org", "api.unpaywall.org", "osf.io"})
_QUOTING_HOSTS = frozenset({"web.archive.org", "archive.ph", "archive.is", "translate.google.com"})
_TAIL = re.compile(
    r"(?:/+|\.pdf|\.full(?:\.pdf|-text)?|\.abstract|\.xml|/suppl_file/.*|/figures?(?:/.*)?|/tables?(?:/\d+)?|"
    r"/(?:full|fulltext|full-text|fulltext\.html|abstract|summary|meta|pdf|ampdf|epdf|pdfft|epub|html?|xml|"
    r"references|citations|metrics|media|suppinfo|supplementary-material|peer-review))$"
)
_PREPRINT = re.compile(r"(10\.(?:1101|64898)/(?:\d{4}\.\d\d\.\d\d\.)?\d{6,8})(?:v\d+)?(?:[./].*)?", re.ASCII)
_SILVERCHAIR = re.compile(r"(10\.[\d.]+/.+?)/\d{3,}(?:/[^/]*)?", re.ASCII)
_SESSION = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_DOT_SEGMENT = re.compile(r"/\.{1,2}(?:/|$)")  # no IRI could hold it
_ACM_ONLY = re.compile(r"10\.5555/\d+(?:\.\d+)*", re.ASCII)


def unescape(text: str) -> str:
    """`text` with its percent-escapes decoded as UTF-8, or unchanged when they are not UTF-8."""
    if "%" not in text:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def parameter(query: str, name: str) -> str:
    """The decoded value of the first parameter `name` of a query string, "" when it is missing."""
    prefix = name + "="
    for part in query.split("&"):
        if part.startswith(prefix):
            return unescape(part[len(prefix) :])
    return ""


def doi_name(text: str) -> str | None:
    """The DOI that `text` is, sentence punctuation aside, in lower case (of ASCII only, as DOIs compare).

    None when it is none: a DOI is a prefix `10.…`, a slash and a suffix of printable characters.
    """
    text = _SESSION.sub("", text)
    while text and (text[-1] in ".,;:'\"/" or _unbalanced(text)):
        text = text[:-1]
    if not _NAME.fullmatch(text) or not text.isprintable() or _DOT_SEGMENT.search(text):
        return None
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda upper: upper[0].lower(), text)


def _unbalanced(text: str) -> bool:
    last = text[-1]
    opener = {")": "(", "]": "[", "}": "{", ">": "<"}.get(last)
    return opener is not None and text.count(last) > text.count(opener)


def doi_iri(doi: str) -> str:
    """The public IRI of a DOI; of a name that only ACM's digital library resolves, its page there."""
    resolver = "https://dl.acm.org/doi/" if _ACM_ONLY.fullmatch(doi) else "https://doi.org/"
    return resolver + quote(doi, safe="/:;()!$&'*+,=@~")


def stated_doi(host: str, path: str, query: str) -> str | None:
    """The DOI that the URL spells out, prefix and suffix, without the publisher's additions around it."""
    found = _IN_PATH.match(unescape(path)) if "10." in path else None
    if found is not None and host not in _QUOTING_HOSTS:
        doi, lead = found["doi"], found["lead"].lower()
        if "article" in lead and lead.endswith("/doi"):  # Silverchair puts its own article number behind
            numbered = _SILVERCHAIR.fullmatch(doi)
            doi = numbered[1] if numbered else doi
        return doi_name(_without_tail(doi))
    if "10." in path and (host in _ROOT_HOSTS or host.startswith("sci-hub.")):
        found = _AT_ROOT.match(unescape(path))
        if found is not None:
            return doi_name(_without_tail(found[1]))
    if "10." in query:
        value = parameter(query, "doi") or (parameter(query, "id") if host.endswith("plos.org") else "")
        return doi_name(_without_tail(value.removeprefix("info:doi/")))
    return None


def _without_tail(doi: str) -> str:
    preprint = _PREPRINT.fullmatch(doi)
    if preprint:
        return preprint[1]
    while (shorter := _TAIL.sub("", doi, count=1)) != doi:
        doi = shorter
    return doi


# Nature: the id of the page is the suffix of the DOI, in the forms that are known to be so.
_NATURE = re.compile(
    r"/articles/(?:(s4[1-4]\d{3}-\d{3}-\d{4,5}-[\dwxyz]|s10038-\d{3}-\d{4}-[\dwxyz]|s12276-\d{3}-\d{4,5}-[\dwxyz]|"
    r"d4\d{4}-\d{3}-\d{4,5}-[\dwxyz]|nature\d{5}|ncomms\d{4,5}|srep\d{5}|n(?:g|n|m|bt|meth|chembio|chem)\.\d{1,4}|"
    r"(?:nphys|nmat|ngeo|nclimate)\d{3,4}|(?:nnano|nphoton)\.\d{4}\.\d{1,3}|nr[cdgimn]\d{3,4}|\d{6}[a-z]\d)"
    r"|(sdata)(20\d\d)(\d{1,3}))(?:_reference)?(?:\.pdf)?(?:/.*)?"
)
_EARLY = re.compile(r"/content/(?:(?:bio|med)rxiv/)?early/\d{4}/\d\d/\d\d/((?:\d{4}\.\d\d\.\d\d\.)?\d{6,8})(?:\D.*)?")
_ELIFE = re.compile(r"/articles/(\d{5,6})(?:\.pdf|/.*)?")
_ZENODO = re.compile(r"/records?/(\d+)(?:/.*)?")
_COPERNICUS = re.compile(r"/articles/(\d{1,3})/(\d{1,5})/((?:19|20)\d\d)(?:/.*)?")
_COPERNICUS_JOURNALS = re.compile(
    r"acp|amt|angeo|ascmo|bg|cp|esd|essd|esurf|gc|gchron|gi|gmd|hess|nhess|npg|os|se|soil|tc|wcd|wes"
)
_AMS = re.compile(r"/view/journals/\w+/\d+/\w+/([a-z]+-d-\d\d-\d{4,5})[._](\d)\.xml", re.IGNORECASE)
_MDPI = re.compile(r"(/(\d{4}-\d{3}[\dX])/(\d{1,3})/(\d{1,2})/(\d{1,5}))(?:/.*)?", re.IGNORECASE)
# ISSN: code in the DOI, first volume numbered by article (page numbers before, padded in another way).
_MDPI_JOURNALS = {
    "1099-4300": ("e", 19),
    "1422-0067": ("ijms", 18),
    "1424-8220": ("s", 16),
    "1660-4601": ("ijerph", 14),
    "1996-1073": ("en", 11),
    "1999-4893": ("a", 10),
    "2071-1050": ("su", 9),
    "2072-4292": ("rs", 9),
    "2073-4433": ("atmos", 8),
    "2073-4441": ("w", 9),
    "2073-8994": ("sym", 9),
    "2075-4418": ("diagnostics", 7),
    "2076-3417": ("app", 7),
    "2078-2489": ("info", 8),
    "2079-9292": ("electronics", 6),
    "2220-9964": ("ijgi", 6),
    "2227-7390": ("math", 5),
    "2313-433X": ("jimaging", 3),
    "2504-2289": ("bdcc", 1),
    "2504-446X": ("drones", 1),
    "2504-4990": ("make", 1),
    "2673-2688": ("ai", 1),
}
_ANTHOLOGY = re.compile(
    r"/(?:anthology/|papers/)?(?:[A-Z]/[A-Z]\d\d/|[A-Z]\d\d/[A-Z]\d\d-\d/)?"
    r"([A-Z]\d\d-\d{4}|\d{4}\.[a-z0-9]+-[a-z0-9]+\.\d+)(?:v\d+)?(?:\.pdf|\.bib)?"
)
# Volumes all of whose papers carry 10.18653/v1/ID; front matter (number 0) has none.
_ANTHOLOGY_DOI = re.compile(
    r"(?!.*000$)(?:D1[5-9]-1|N1[689]-1|N18-2|P1[6-9]-1|P1[678]-2|E17-[12])\d{3}|"
    r"(?:2020\.(?:acl-main|emnlp-main|findings-emnlp)|"
    r"2021\.(?:acl-long|acl-short|emnlp-main|naacl-main|eacl-main|findings-acl|findings-emnlp)|"
    r"2022\.(?:acl-long|acl-short|emnlp-main|naacl-main|findings-acl|findings-emnlp|findings-naacl)|"
    r"2023\.(?:acl-long|acl-short|emnlp-main|eacl-main|findings-acl|findings-emnlp|findings-eacl)|"
    r"2024\.(?:acl-long|emnlp-main|naacl-long|findings-acl|findings-emnlp))\.[1-9]\d*"
)
_ANTHOLOGY_HOSTS = frozenset(
    {"aclanthology.org", "aclanthology.info", "aclanthology.coli.uni-saarland.de", "aclweb.org"}
)


def implied_doi(host: str, path: str) -> str | None:
    """The DOI that follows from the publisher's URL scheme although the URL does not spell it."""
    if host.endswith(".copernicus.org"):
        found = _COPERNICUS.fullmatch(path)
        journal = host.removesuffix(".copernicus.org")
        known = _COPERNICUS_JOURNALS.fullmatch(journal)
        return f"10.5194/{journal}-{found[1]}-{found[2]}-{found[3]}" if found and known else None
    if host in _ANTHOLOGY_HOSTS:
        found = _ANTHOLOGY.fullmatch(path)
        return f"10.18653/v1/{found[1].lower()}" if found and _ANTHOLOGY_DOI.fullmatch(found[1]) else None
    scheme = _IMPLIED.get(host)
    if scheme is None:
        return None
    pattern, template = scheme
    found = pattern.fullmatch(path)
    return template(found) if found else None


def _nature(found: re.Match[str]) -> str:
    if found[2]:
        return f"10.1038/sdata.{found[3]}.{found[4]}"
    return ("10.1057/" if found[1].startswith("s41599") else "10.1038/") + found[1]


def _mdpi(found: re.Match[str]) -> str | None:
    code, first = _MDPI_JOURNALS.get(found[2].upper(), ("", 0))
    if not code or int(found[3]) < first:
        return None
    return f"10.3390/{code}{int(found[3])}{int(found[4]):02}{int(found[5]):04}"


_IMPLIED: dict[str, tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]] = {
    "nature.com": (_NATURE, _nature),
    "mdpi.com": (_MDPI, _mdpi),
    "elifesciences.org": (_ELIFE, lambda found: f"10.7554/elife.{found[1]}"),
    "zenodo.org": (_ZENODO, lambda found: f"10.5281/zenodo.{found[1]}"),
    "biorxiv.org": (_EARLY, lambda found: f"10.1101/{found[1]}"),
    "medrxiv.org": (_EARLY, lambda found: f"10.1101/{found[1]}"),
    "journals.ametsoc.org": (_AMS, lambda found: f"10.1175/{found[1]}.{found[2]}".lower()),
}

_IEEE = re.compile(r"/(?:abstract/)?document/0*(\d+)(?:/.*)?|/iel[x\d]+/(?:\d+/)*0*(\d+)\.pdf")
_PII = re.compile(r"/(?:science/article/(?:abs/|am/)?|retrieve/)pii/([sb][\dx]{16})(?:/.*)?", re.IGNORECASE)
_NEURIPS = re.compile(
    r"/(?:paper|paper_files/paper)/(\d{4})/(?:file|hash)/([0-9a-f]{32})-"
    r"(?:Abstract|Paper)(-[A-Za-z_]+)?\.[a-z]+"
)
_PMLR = re.compile(r"/(v\d+)/([\w-]+)(?:\.html|/\2\.pdf)")
_JMLR = re.compile(r"/papers/(?:volume|v)(\d+)/([\w-]+)(?:\.html|/\2\.pdf)")
_CVF = re.compile(r"/(content[^/]*(?:/[^/]+)?)/papers/((?:[^/]+/)?[^/]+_paper)\.pdf")
_SCHOLAR = re.compile(r"/paper/(?:[^/]+/)?([0-9a-f]{40})(?:/.*)?")


def canonical_page(host: str, path: str, query: str) -> str | None:
    """The one IRI of a paper's page on a site where abstract, PDF and viewer have URLs of their own."""
    page = _PAGES.get(host)
    if page is not None:
        return page(path, query)
    if host in _ANTHOLOGY_HOSTS:
        found = _ANTHOLOGY.fullmatch(path)
        return f"https://aclanthology.org/{found[1]}" if found else None
    return None


def _ieee(path: str, query: str) -> str | None:
    found = _IEEE.fullmatch(path)
    number = (found[1] or found[2]) if found else parameter(query, "arnumber").lstrip("0")
    return f"https://ieeexplore.ieee.org/document/{number}" if number.isascii() and number.isdecimal() else None


def _openreview(path: str, query: str) -> str | None:
    found = re.fullmatch(r"[\w-]+", parameter(query, "id"), re.ASCII) if path in {"/forum", "/pdf"} else None
    return f"https://openreview.net/forum?id={found[0]}" if found else None


def _sciencedirect(path: str, _query: str) -> str | None:
    found = _PII.fullmatch(path)
    return f"https://www.sciencedirect.com/science/article/pii/{found[1].upper()}" if found else None


def _neurips(path: str, _query: str) -> str | None:
    found = _NEURIPS.fullmatch(path)
    if not found:
        return None
    page = f"{found[1]}/hash/{found[2]}-Abstract{found[3] or ''}.html"
    return f"https://proceedings.neurips.cc/paper_files/paper/{page}"


def _pmlr(path: str, _query: str) -> str | None:
    found = _PMLR.fullmatch(path)
    return f"https://proceedings.mlr.press/{found[1]}/{found[2]}.html" if found else None


def _jmlr(path: str, _query: str) -> str | None:
    found = _JMLR.fullmatch(path)
    return f"https://jmlr.org/papers/v{found[1]}/{found[2]}.html" if found else None


def _cvf(path: str, _query: str) -> str | None:
    found = _CVF.fullmatch(path)
    return f"https://openaccess.thecvf.com/{found[1]}/html/{found[2]}.html" if found else None


def _ssrn(path: str, query: str) -> str | None:
    number = parameter(query, "abstract_id") if query else path.removeprefix("/abstract=")
    found = re.fullmatch(r"[0-9]+", number)
    return f"https://papers.ssrn.com/sol3/papers.cfm?abstract_id={found[0]}" if found else None


def _mdpi_page(path: str, _query: str) -> str | None:
    found = _MDPI.fullmatch(path)
    return f"https://www.mdpi.com{found[1].upper()}" if found else None


def _scholar(path: str, _query: str) -> str | None:
    found = _SCHOLAR.fullmatch(path)
    return f"https://www.semanticscholar.org/paper/{found[1]}" if found else None


_PAGES: dict[str, Callable[[str, str], str | None]] = {
    "ieeexplore.ieee.org": _ieee,
    "openreview.net": _openreview,
    "sciencedirect.com": _sciencedirect,
    "linkinghub.elsevier.com": _sciencedirect,
    "papers.nips.cc": _neurips,
    "papers.neurips.cc": _neurips,
    "proceedings.neurips.cc": _neurips,
    "proceedings.mlr.press": _pmlr,
    "jmlr.org": _jmlr,
    "jmlr.csail.mit.edu": _jmlr,
    "openaccess.thecvf.com": _cvf,
    "papers.ssrn.com": _ssrn,
    "ssrn.com": _ssrn,
    "mdpi.com": _mdpi_page,
    "semanticscholar.org": _scholar,
}

_ARXIV_ID = re.compile(
    r"(?:arxiv[:.])?(?:(\d\d)(\d\d)\.(\d{4,5})|([a-z-]+)(?:\.[a-z-]{2,})?/(\d\d)(\d\d)(\d{3}))(?:v([1-9]\d{0,3}))?"
    r"(?:\.(?:pdf|ps|ps\.gz|tar\.gz|gz|html))?(?:[/\s.,;:!?)\]}'\"*>]*|/.*|\s*\[[\w.-]+\])",
    re.IGNORECASE | re.ASCII,
)
_ARXIV_ARCHIVES = re.compile(
    r"acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|chem-ph|cmp-lg|comp-gas|"
    r"cond-mat|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|mtrl-th|nlin|nucl-ex|"
    r"nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con"
)


def arxiv_number(text: str) -> tuple[str, int | None] | None:
    """The arXiv id and version that `text` is, file suffix and sentence punctuation aside, or None."""
    found = _ARXIV_ID.fullmatch(text)
    if found is None:
        return None
    yy, mm, number, archive, old_yy, old_mm, old_number, version = found.groups()
    month = int(mm or old_mm)
    if not (1 <= month <= 12 and int(number or old_number)):
        return None
    if number:
        issue = int(yy) * 100 + month
        if not (704 <= issue <= 9012 and len(number) == (5 if issue >= 1501 else 4)):
            return None
        arxiv_id = f"{yy}{mm}.{number}"
    else:
        archive = archive.lower()
        issue = int(old_yy) * 100 + month
        if not _ARXIV_ARCHIVES.fullmatch(archive) or not (issue >= 9107 or issue <= 703):
            return None
        arxiv_id = f"{archive}/{old_yy}{old_mm}{old_number}"
    return arxiv_id, int(version) if version else None


def nearly(name: str, right: str) -> bool:
    """Whether one typing error (a letter added, missing or wrong, two swapped) turns `right` into `name`."""
    if name == right or abs(len(name) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(name), len(right)) and name[start] == right[start]:
        start += 1
    left, rest = name[start:], right[start:]
    return left[1:] == rest[1:] or left[1:] == rest or left == rest[1:] or left == rest[1:2] + rest[:1] + rest[2:]
