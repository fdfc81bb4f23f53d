"""One resource has one IRI however it is linked, and nothing is guessed."""

import re

import pyoxigraph
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.identifiers import Identity, identify, is_external

# IRIREF of N-Triples without escapes, absolute, in ASCII, every percent sign an escape.
IRIREF = re.compile(r"[a-z][a-z0-9+.-]*:(?:[!#-;=?-\[\]_a-z~]|%[0-9A-F]{2})+")


def known(url: str) -> Identity:
    """The identity of a URL that has one, checked to be sound."""
    identity = identify(url)
    assert identity is not None
    assert is_external(url)
    assert_sound(identity)
    return identity


def assert_sound(identity: Identity) -> None:
    """The IRI is valid by the grammar and for the store, and identifies as itself."""
    assert IRIREF.fullmatch(identity.iri)
    assert pyoxigraph.NamedNode(identity.iri).value == identity.iri
    again = identify(identity.iri)
    assert again is not None
    assert again.iri == identity.iri


def codes(identity: Identity) -> list[str]:
    """The codes of the findings, in order."""
    return [code for code, _ in identity.findings]


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2302.13971",
        "http://arxiv.org/abs/2302.13971",
        "HTTPS://ArXiv.org/abs/2302.13971",
        "https://www.arxiv.org/abs/2302.13971",
        "https://export.arxiv.org/abs/2302.13971",
        "https://browse.arxiv.org/html/2302.13971v1",
        "http://cn.arxiv.org/pdf/2302.13971",
        "http://xxx.lanl.gov/abs/2302.13971",
        "https://arxiv.org./abs/2302.13971",
        "https://arxiv.org:443/abs/2302.13971",
        "https://arxiv.org/abs/2302.13971/",
        "https://arxiv.org//abs/2302.13971",
        "https://arxiv.org/abs/2302.13971.",
        "https://arxiv.org/abs/2302.13971),",
        "https://arxiv.org/abs/2302.13971#",
        "https://arxiv.org/abs/2302.13971?utm_source=reader",
        "https://arxiv.org/abs/2302.13971?context=cs.CL#:~:text=models%20ranging",
        "https://arxiv.org/abs/arXiv:2302.13971",
        "https://arxiv.org/%61bs/2302%2E13971",
        "https://arxiv.org/pdf/2302.13971",
        "https://arxiv.org/pdf/2302.13971.pdf",
        "https://arxiv.org/pdf/2302.13971v1.pdf#page=3",
        "https://arxiv.org/ps/2302.13971",
        "https://arxiv.org/format/2302.13971",
        "https://arxiv.org/e-print/2302.13971v1",
        "https://arxiv.org/src/2302.13971",
        "https://arxiv.org/html/2302.13971v1/x1.png",
        "https://arxiv.org/html/2302.13971v1#S2",
        "https://arxiv.org/ftp/arxiv/papers/2302/2302.13971.pdf",
        "https://ar5iv.org/abs/2302.13971",
        "https://ar5iv.labs.arxiv.org/html/2302.13971",
        "https://www.alphaxiv.org/abs/2302.13971v1",
        "https://www.alphaxiv.org/overview/2302.13971",
        "https://www.alphaxiv.org/zh/overview/2302.13971v1",
        "https://www.arxiv-vanity.com/papers/2302.13971/",
        "https://huggingface.co/papers/2302.13971",
        "https://hf.co/papers/2302.13971",
        "https://paperswithcode.com/paper/arxiv:2302.13971",
        "https://paperswithcode.com/api/v0/papers/2302.13971",
        "https://www.semanticscholar.org/arxiv/2302.13971",
        "https://api.semanticscholar.org/arXiv:2302.13971",
        "https://api.semanticscholar.org/graph/v1/paper/ARXIV:2302.13971",
        "https://scirate.com/arxiv/2302.13971",
        "https://papers.cool/arxiv/2302.13971",
        "https://doi.org/10.48550/arXiv.2302.13971",
        "https://dx.doi.org/10.48550/ARXIV.2302.13971",
        "https://doi.org/10.48550%2FarXiv.2302.13971",
        "doi:10.48550/arXiv.2302.13971",
        "arXiv:2302.13971",
        "arxiv: 2302.13971v1 [cs.CL]",
        " <https://arxiv.org/abs/2302.13971> ",
        "www.arxiv.org/abs/2302.13971",
        "\ufeffhttps://arxiv.org/abs/2302.13971\u200b",
        "https:\\\\arxiv.org\\abs/2302.13971",
        "https://someone:secret@arxiv.org/abs/2302.13971",
    ],
)
def test_one_arxiv_paper_has_one_iri(url: str) -> None:
    """Versions, formats, mirrors, DataCite DOI and names of an arXiv paper are the paper."""
    identity = known(url)
    assert identity.iri == "https://arxiv.org/abs/2302.13971"
    assert identity.kind == "arxiv"
    assert identity.suggests == "Paper"
    assert identity.arxiv_id == "2302.13971"
    assert identity.doi == "10.48550/arxiv.2302.13971"
    assert identity.arxiv_version == (1 if "13971v1" in url else None)
    assert identity.findings == ()


@pytest.mark.parametrize(
    ("url", "arxiv_id", "version"),
    [
        ("https://arxiv.org/abs/0704.0001", "0704.0001", None),
        ("https://arxiv.org/abs/1412.6980v9", "1412.6980", 9),
        ("https://arxiv.org/abs/1501.00001v12", "1501.00001", 12),
        ("https://arxiv.org/abs/cs/0309040", "cs/0309040", None),
        ("https://arxiv.org/pdf/cs/0309040v1.pdf", "cs/0309040", 1),
        ("https://arxiv.org/abs/math.GT/0309136", "math/0309136", None),
        ("http://arxiv.org/abs/cond-mat.stat-mech/9803001v2", "cond-mat/9803001", 2),
        ("https://arxiv.org/abs/hep-th/9108001", "hep-th/9108001", None),
        ("https://arxiv.org/ftp/cs/papers/0309/0309040.pdf", "cs/0309040", None),
        ("arXiv:quant-ph/0201082v1", "quant-ph/0201082", 1),
        ("https://doi.org/10.48550/arXiv.cs/0309040", "cs/0309040", None),
    ],
)
def test_old_and_new_identifiers(url: str, arxiv_id: str, version: int | None) -> None:
    """Both forms of identifiers are read, a subject class is dropped, the version is kept apart."""
    identity = known(url)
    assert (identity.arxiv_id, identity.arxiv_version) == (arxiv_id, version)
    assert identity.iri == "https://arxiv.org/abs/" + arxiv_id
    assert identity.doi == "10.48550/arxiv." + arxiv_id


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2001.0407430",
        "https://arxiv.org/abs/2013.01234",
        "https://arxiv.org/abs/2000.01234",
        "https://arxiv.org/abs/1412.06980",
        "https://arxiv.org/abs/1501.0001",
        "https://arxiv.org/abs/0703.0001",
        "https://arxiv.org/abs/2302.00000",
        "https://arxiv.org/abs/2302.13971v0",
        "https://arxiv.org/abs/cs/0713001",
        "https://arxiv.org/abs/cs/0801001",
        "https://arxiv.org/abs/nonsense/0309040",
        "https://ar5iv.org/abs/2001.0407430",
        "https://huggingface.co/papers/2001.0407430",
        "arxiv:2001.0407430",
    ],
)
def test_a_malformed_arxiv_id_stays_a_url(url: str) -> None:
    """What arXiv could not have assigned has no arXiv id, and a finding says so."""
    identity = known(url)
    assert identity.iri == url
    assert identity.kind == "url"
    assert identity.arxiv_id is None
    assert identity.doi is None
    assert codes(identity) == ["arxiv-id-malformed"]


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.orga/abs/1511.06434v2",
        "https://arxiv.og/abs/1511.06434",
        "https://arxv.org/pdf/1511.06434.pdf",
        "https://www.arixv.org/abs/1511.06434",
        "https://arxiiv.org/abs/cs/0309040",
        "https://doi.og/10.1000/182",
    ],
)
def test_a_mistyped_host_is_reported_and_not_corrected(url: str) -> None:
    """A host one typing error away from arXiv or the DOI resolver stays as it is."""
    identity = known(url)
    assert identity.iri == url
    assert identity.kind == "url"
    assert identity.arxiv_id is None
    assert identity.doi is None
    assert codes(identity) == ["host-mistyped"]


@pytest.mark.parametrize(
    "url",
    [
        "https://eartharxiv.org/repository/view/1234",
        "https://psyarxiv.com/4gmbv",
        "https://chemrxiv.org/engage/chemrxiv/article-details/60c74d2e337d6c1f7fe27f2d",
        "https://marxiv.org/abs/x",
        "https://arxiv.org/list/cs.LG/recent",
        "https://arxiv.org/a/bengio_y_1",
        "https://arxiv.org/",
        "https://info.arxiv.org/help/arxiv_identifier.html",
        "https://huggingface.co/papers/trending",
        "https://paperswithcode.com/paper/attention-is-all-you-need",
        "https://www.semanticscholar.org/author/1741101",
    ],
)
def test_other_archives_and_pages_are_not_arxiv_papers(url: str) -> None:
    """Archives with similar names and pages that list papers are pages."""
    identity = known(url)
    assert identity == Identity(url, "url", "WebPage")


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://doi.org/10.1038/nature14539", "10.1038/nature14539"),
        ("http://dx.doi.org/10.1038/NATURE14539", "10.1038/nature14539"),
        ("https://www.doi.org/10.1038/nature14539.", "10.1038/nature14539"),
        ("https://doi.org/10.1007%2Fs10618-019-00670-y", "10.1007/s10618-019-00670-y"),
        ("doi:10.1145/3448250", "10.1145/3448250"),
        ("DOI: 10.1145/3448250", "10.1145/3448250"),
        ("https://doi.org/10.1016/S0140-6736(05)66367-3", "10.1016/s0140-6736(05)66367-3"),
        ("https://doi.org/10.1145/3448250)", "10.1145/3448250"),
        (
            "https://doi.org/10.1175/1520-0493(1950)078%3C0001:VOFEIT%3E2.0.CO;2",
            "10.1175/1520-0493(1950)078<0001:vofeit>2.0.co;2",
        ),
        ("https://doi.org/10.1000/a%23b%3Fc", "10.1000/a#b?c"),
        ("https://onlinelibrary.wiley.com/doi/abs/10.1002/widm.1249", "10.1002/widm.1249"),
        ("https://onlinelibrary.wiley.com/doi/10.1002/widm.1249/full", "10.1002/widm.1249"),
        ("https://agupubs.onlinelibrary.wiley.com/doi/epdf/10.1029/2020MS002203", "10.1029/2020ms002203"),
        (
            "https://rmets.onlinelibrary.wiley.com/doi/pdfdirect/10.1002/qj.3803?download=true",
            "10.1002/qj.3803",
        ),
        ("https://link.springer.com/article/10.1023/A:1010933404324", "10.1023/a:1010933404324"),
        (
            "https://link.springer.com/article/10.1007/s11263-015-0816-y/figures/3",
            "10.1007/s11263-015-0816-y",
        ),
        ("https://link.springer.com/chapter/10.1007%2F978-3-319-24574-4_28", "10.1007/978-3-319-24574-4_28"),
        ("https://link.springer.com/content/pdf/10.1007/s11263-015-0816-y.pdf", "10.1007/s11263-015-0816-y"),
        ("https://link.springer.com/10.1007/s11263-015-0816-y", "10.1007/s11263-015-0816-y"),
        (
            "https://jcheminf.biomedcentral.com/track/pdf/10.1186/s13321-021-00538-8",
            "10.1186/s13321-021-00538-8",
        ),
        ("https://dl.acm.org/doi/fullHtml/10.1145/3442188.3445922", "10.1145/3442188.3445922"),
        ("https://dl.acm.org/doi/pdf/10.1145/3442188.3445922?casa_token=x", "10.1145/3442188.3445922"),
        ("https://journals.ametsoc.org/doi/full/10.1175/MWR-D-18-0187.1", "10.1175/mwr-d-18-0187.1"),
        ("https://aip.scitation.org/doi/10.1063/5.0021150", "10.1063/5.0021150"),
        (
            "https://pubs.aip.org/aip/cha/article-abstract/doi/10.1063/5.0021150/1031234/A-title",
            "10.1063/5.0021150",
        ),
        (
            "https://journals.aps.org/prl/abstract/10.1103/PhysRevLett.120.024102",
            "10.1103/physrevlett.120.024102",
        ),
        ("https://link.aps.org/doi/10.1103/PhysRevLett.120.024102", "10.1103/physrevlett.120.024102"),
        ("https://epubs.siam.org/doi/abs/10.1137/18M1225501", "10.1137/18m1225501"),
        ("https://journals.sagepub.com/doi/10.1177/0278364913491297", "10.1177/0278364913491297"),
        ("https://iopscience.iop.org/article/10.1088/1748-9326/ab4e55/meta", "10.1088/1748-9326/ab4e55"),
        ("https://iopscience.iop.org/article/10.1088/1748-9326/ab4e55/pdf", "10.1088/1748-9326/ab4e55"),
        (
            "https://www.tandfonline.com/doi/full/10.1080/01621459.2017.1285773",
            "10.1080/01621459.2017.1285773",
        ),
        ("https://www.biorxiv.org/content/10.1101/2020.01.01.123456v2.full.pdf", "10.1101/2020.01.01.123456"),
        ("https://www.biorxiv.org/content/10.1101/622803v4", "10.1101/622803"),
        ("https://www.medrxiv.org/content/10.1101/2020.03.01.20029769v2.full", "10.1101/2020.03.01.20029769"),
        ("https://www.biorxiv.org/content/10.1101/622803v4.abstract", "10.1101/622803"),
        (
            "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0130140",
            "10.1371/journal.pone.0130140",
        ),
        (
            "https://journals.plos.org/plosone/article/file?id=10.1371%2Fjournal.pone.0130140&type=printable",
            "10.1371/journal.pone.0130140",
        ),
        ("https://www.science.org/doi/10.1126/science.aay2400", "10.1126/science.aay2400"),
        ("https://www.pnas.org/doi/full/10.1073/pnas.1517384113", "10.1073/pnas.1517384113"),
        ("https://royalsocietypublishing.org/doi/pdf/10.1098/rsta.2020.0097", "10.1098/rsta.2020.0097"),
        ("https://www.frontiersin.org/articles/10.3389/fgene.2019.01110/full", "10.3389/fgene.2019.01110"),
        (
            "https://www.frontiersin.org/journals/water/articles/10.3389/frwa.2020.00005/full",
            "10.3389/frwa.2020.00005",
        ),
        (
            "https://academic.oup.com/bib/advance-article-abstract/doi/10.1093/bib/bbac409/6713511?login=false",
            "10.1093/bib/bbac409",
        ),
        (
            "https://academic.oup.com/bib/article-pdf/doi/10.1093/bib/bbac409/47144271/bbac409.pdf",
            "10.1093/bib/bbac409",
        ),
        ("https://academic.oup.com/nar/article/doi/10.1093/nar/25.17.3389", "10.1093/nar/25.17.3389"),
        ("https://www.worldscientific.com/doi/full/10.1142/S1469026820500261", "10.1142/s1469026820500261"),
        ("https://zenodo.org/doi/10.5281/zenodo.3509134", "10.5281/zenodo.3509134"),
        ("https://example.org/show?doi=10.1145/3448250", "10.1145/3448250"),
    ],
)
def test_a_doi_that_the_url_spells(url: str, doi: str) -> None:
    """A DOI is taken whole out of a publisher's URL, in lower case and without what the site adds."""
    identity = known(url)
    assert identity.doi == doi
    assert identity.implied_doi is None
    assert identity.kind == "doi"
    assert identity.iri == known("doi:" + doi.replace("%", "%25").replace("#", "%23")).iri
    assert identity.iri.startswith("https://doi.org/10.")
    assert identity.findings == ()


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://www.nature.com/articles/s41746-020-00376-2", "10.1038/s41746-020-00376-2"),
        ("https://www.nature.com/articles/s41746-020-00376-2.pdf", "10.1038/s41746-020-00376-2"),
        (
            "https://www.nature.com/articles/s41586-021-03819-2/figures/1?error=cookies#Sec2",
            "10.1038/s41586-021-03819-2",
        ),
        ("https://www.nature.com/articles/nature14539", "10.1038/nature14539"),
        ("https://nature.com/articles/ncomms12345", "10.1038/ncomms12345"),
        ("https://www.nature.com/articles/323533a0", "10.1038/323533a0"),
        ("https://www.nature.com/articles/nmeth.3547", "10.1038/nmeth.3547"),
        ("https://www.nature.com/articles/sdata201618", "10.1038/sdata.2016.18"),
        ("https://www.nature.com/articles/s41599-019-0261-6", "10.1057/s41599-019-0261-6"),
        ("https://elifesciences.org/articles/12345", "10.7554/elife.12345"),
        ("https://gmd.copernicus.org/articles/13/1609/2020/", "10.5194/gmd-13-1609-2020"),
        ("https://gmd.copernicus.org/articles/13/1609/2020/gmd-13-1609-2020.pdf", "10.5194/gmd-13-1609-2020"),
        ("https://zenodo.org/record/3509134", "10.5281/zenodo.3509134"),
        ("https://zenodo.org/records/3509134/files/x.zip", "10.5281/zenodo.3509134"),
        ("https://www.mdpi.com/1424-8220/16/1/115", "10.3390/s16010115"),
        ("https://www.mdpi.com/2072-4292/9/3/258/htm", "10.3390/rs9030258"),
        ("https://www.mdpi.com/2079-9292/8/8/833/pdf?version=1", "10.3390/electronics8080833"),
        ("https://aclanthology.org/P19-1285/", "10.18653/v1/p19-1285"),
        ("https://aclanthology.org/N16-1030.pdf", "10.18653/v1/n16-1030"),
        ("https://www.aclweb.org/anthology/D15-1166/", "10.18653/v1/d15-1166"),
        ("https://www.aclweb.org/anthology/P/P16/P16-1162.pdf", "10.18653/v1/p16-1162"),
        ("https://aclanthology.org/2020.acl-main.703.pdf", "10.18653/v1/2020.acl-main.703"),
        ("https://www.biorxiv.org/content/early/2017/12/31/241846.full.pdf", "10.1101/241846"),
        (
            "https://journals.ametsoc.org/view/journals/mwre/146/11/mwr-d-18-0187.1.xml",
            "10.1175/mwr-d-18-0187.1",
        ),
        (
            "https://journals.ametsoc.org/view/journals/hydr/20/6/jhm-d-18-0203_1.xml",
            "10.1175/jhm-d-18-0203.1",
        ),
    ],
)
def test_a_doi_that_the_url_implies(url: str, doi: str) -> None:
    """Where the scheme of a site fixes the DOI, the IRI is the DOI's, though the URL does not state it."""
    identity = known(url)
    assert identity.iri == "https://doi.org/" + doi
    assert identity.implied_doi == doi
    assert identity.doi is None
    assert identity.kind == "doi"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.nature.com/articles/s40494-024-01234-5",
        "https://www.nature.com/articles/palcomms201748",
        "https://www.nature.com/collections/abcdef",
        "https://www.mdpi.com/1424-8220/9/2/1234",
        "https://www.mdpi.com/9999-9999/9/2/1234",
        "https://isprs-annals.copernicus.org/articles/V-2-2020/123/2020",
        "https://aclanthology.org/P19-1000",
        "https://aclanthology.org/W04-1013",
        "https://aclanthology.org/2022.coling-1.12",
        "https://elifesciences.org/collections/12345",
        "https://academic.oup.com/ckj/article/15/1/14/6358134",
        "https://web.archive.org/web/2020/https://dl.acm.org/doi/10.1145/3448250",
        "https://example.org/releases/10.1000/notes",
        "https://journals.aps.org/prl/accepted/10.1103/abcd",
        "https://doi.org/the-identifier/what-is-a-doi",
    ],
)
def test_no_doi_is_guessed(url: str) -> None:
    """Where a DOI does not follow with certainty there is none."""
    identity = known(url)
    assert identity == Identity(url, "url", "WebPage")


def test_a_name_that_only_acm_resolves_keeps_its_page_as_iri() -> None:
    """10.5555 is no registered prefix: such a name is stated, but its IRI is the page that answers."""
    identity = known("https://dl.acm.org/doi/abs/10.5555/3295222.3295349")
    assert identity.iri == "https://dl.acm.org/doi/10.5555/3295222.3295349"
    assert identity.doi == "10.5555/3295222.3295349"


@pytest.mark.parametrize("url", ["https://doi.org/10.1000", "doi:nonsense", "https://doi.org/10.1000/a%20b"])
def test_a_malformed_doi_stays_a_url(url: str) -> None:
    """What is no DOI is kept with a finding."""
    identity = known(url)
    assert identity.iri == url
    assert identity.doi is None
    assert codes(identity) == ["doi-malformed"]


@pytest.mark.parametrize(
    ("url", "iri"),
    [
        (
            "https://ieeexplore.ieee.org/abstract/document/8423055/similar#similar",
            "https://ieeexplore.ieee.org/document/8423055",
        ),
        ("http://ieeexplore.ieee.org/document/8423055/", "https://ieeexplore.ieee.org/document/8423055"),
        (
            "https://ieeexplore.ieee.org/stamp/stamp.jsp?tp=&arnumber=8423055",
            "https://ieeexplore.ieee.org/document/8423055",
        ),
        (
            "https://ieeexplore.ieee.org/iel7/5/8466582/08423055.pdf",
            "https://ieeexplore.ieee.org/document/8423055",
        ),
        ("https://openreview.net/pdf?id=H1aIuk-RW", "https://openreview.net/forum?id=H1aIuk-RW"),
        ("https://openreview.net/forum?id=H1aIuk-RW&noteId=Bk", "https://openreview.net/forum?id=H1aIuk-RW"),
        (
            "https://www.sciencedirect.com/science/article/abs/pii/S0893608014002135?via%3Dihub",
            "https://www.sciencedirect.com/science/article/pii/S0893608014002135",
        ),
        (
            "https://linkinghub.elsevier.com/retrieve/pii/s0893608014002135",
            "https://www.sciencedirect.com/science/article/pii/S0893608014002135",
        ),
        (
            "https://papers.nips.cc/paper/2019/file/ffedf5be3a86e2ee281d54cdc97bc1cf-Paper.pdf",
            "https://proceedings.neurips.cc/paper_files/paper/2019/hash/ffedf5be3a86e2ee281d54cdc97bc1cf-Abstract.html",
        ),
        (
            "https://proceedings.neurips.cc/paper_files/paper/2022/file/ffedf5be3a86e2ee281d54cdc97bc1cf-Paper-Conference.pdf",
            "https://proceedings.neurips.cc/paper_files/paper/2022/hash/ffedf5be3a86e2ee281d54cdc97bc1cf-Abstract-Conference.html",
        ),
        (
            "http://proceedings.mlr.press/v80/ruff18a/ruff18a.pdf",
            "https://proceedings.mlr.press/v80/ruff18a.html",
        ),
        (
            "http://www.jmlr.org/papers/volume11/vincent10a/vincent10a.pdf",
            "https://jmlr.org/papers/v11/vincent10a.html",
        ),
        (
            "http://openaccess.thecvf.com/content_cvpr_2016/papers/He_Deep_Residual_Learning_CVPR_2016_paper.pdf",
            "https://openaccess.thecvf.com/content_cvpr_2016/html/He_Deep_Residual_Learning_CVPR_2016_paper.html",
        ),
        (
            "https://openaccess.thecvf.com/content/CVPR2021/papers/A_B_CVPR_2021_paper.pdf",
            "https://openaccess.thecvf.com/content/CVPR2021/html/A_B_CVPR_2021_paper.html",
        ),
        ("https://ssrn.com/abstract=2579462", "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=2579462"),
        ("https://www.mdpi.com/1424-8220/9/2/1234/htm", "https://www.mdpi.com/1424-8220/9/2/1234"),
        ("https://www.aclweb.org/anthology/W04-1013.pdf", "https://aclanthology.org/W04-1013"),
        (
            "https://www.semanticscholar.org/paper/Some-Title-Zhao-Li/87e0f7adce75bac24f944f0b8fb7e2441b36cfb4",
            "https://www.semanticscholar.org/paper/87e0f7adce75bac24f944f0b8fb7e2441b36cfb4",
        ),
    ],
)
def test_abstract_pdf_and_viewer_are_one_paper(url: str, iri: str) -> None:
    """On sites without DOIs in their URLs, the pages of one paper have the IRI of its landing page."""
    assert known(url).iri == iri


@pytest.mark.parametrize(
    ("url", "pmcid", "pmid"),
    [
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC9163040/", "PMC9163040", None),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/PMC9163040/#CR12", "PMC9163040", None),
        ("https://pmc.ncbi.nlm.nih.gov/articles/PMC9163040/pdf/main.pdf", "PMC9163040", None),
        ("https://www.ncbi.nlm.nih.gov/labs/pmc/articles/pmc9163040/", "PMC9163040", None),
        ("https://europepmc.org/article/PMC/PMC9163040", "PMC9163040", None),
        ("https://europepmc.org/articles/PMC9163040?pdf=render", "PMC9163040", None),
        ("https://pubmed.ncbi.nlm.nih.gov/15064413/", None, "15064413"),
        ("http://www.ncbi.nlm.nih.gov/pubmed/15064413", None, "15064413"),
        ("https://europepmc.org/article/MED/15064413", None, "15064413"),
        ("https://www.ncbi.nlm.nih.gov/pmc/articles/pmid/15064413/", None, "15064413"),
        ("https://www.ncbi.nlm.nih.gov/books/NBK21054/", None, None),
        ("https://www.ncbi.nlm.nih.gov/gene/672", None, None),
    ],
)
def test_pubmed_and_pmc(url: str, pmcid: str | None, pmid: str | None) -> None:
    """Records of PubMed and PMC have one IRI each; other pages of NCBI are pages."""
    identity = known(url)
    assert (identity.pmcid, identity.pmid) == (pmcid, pmid)
    if pmcid:
        assert identity.iri == "https://pmc.ncbi.nlm.nih.gov/articles/" + pmcid
    elif pmid:
        assert identity.iri == "https://pubmed.ncbi.nlm.nih.gov/" + pmid
    else:
        assert identity.kind == "url"


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/Facebook/LLaMA",
        "http://www.github.com/facebook/llama/",
        "https://github.com/facebook/llama.git",
        "https://github.com/facebook/llama#readme",
        "https://github.com/facebook/llama?tab=readme-ov-file&utm_source=reader",
        "https://github.com/facebook/llama,",
        "https://github.com/facebook/llama/tree/main",
        "https://github.com/facebook/llama/tree/main/llama/model%20files",
        "https://github.com/facebook/llama/blob/main/MODEL_CARD.md#L3",
        "https://github.com/facebook/llama/commit/abcdef",
        "https://github.com/facebook/llama/archive/refs/heads/main.zip",
        "https://raw.githubusercontent.com/facebook/llama/main/README.md",
        "https://codeload.github.com/facebook/llama/zip/main",
        "https://api.github.com/repos/facebook/llama",
    ],
)
def test_files_of_a_repository_are_the_repository(url: str) -> None:
    """Every view of the code of a GitHub repository is the repository, whatever the case."""
    assert known(url) == Identity("https://github.com/facebook/llama", "github", "Code")


@pytest.mark.parametrize(
    ("url", "iri"),
    [
        ("https://github.com/Owner/Repo/issues/152", "https://github.com/owner/repo/issues/152"),
        ("https://github.com/Owner/Repo/pull/3#discussion_r1", "https://github.com/owner/repo/pull/3"),
        ("https://github.com/Owner/Repo/wiki/Some-Page", "https://github.com/owner/repo/wiki/Some-Page"),
        (
            "https://github.com/Owner/Repo/releases/tag/v1.0",
            "https://github.com/owner/repo/releases/tag/v1.0",
        ),
        (
            "https://github.com/Owner/Repo/issues?q=is%3Aopen",
            "https://github.com/owner/repo/issues?q=is%3Aopen",
        ),
        ("https://github.com/DS4SD", "https://github.com/ds4sd"),
        ("https://github.com/features/copilot", "https://github.com/features/copilot"),
        ("https://github.com/topics/deep-learning", "https://github.com/topics/deep-learning"),
        (
            "https://gist.github.com/karpathy/d4dee566867f8291f086",
            "https://gist.github.com/karpathy/d4dee566867f8291f086",
        ),
        ("https://microsoft.github.io/autogen/", "https://microsoft.github.io/autogen"),
        ("https://github.com/", "https://github.com/"),
    ],
)
def test_other_pages_of_github_are_pages(url: str, iri: str) -> None:
    """Issues, pull requests, wikis, releases, accounts and GitHub's own pages are not repositories."""
    assert known(url) == Identity(iri, "url", "WebPage")


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "http://youtube.com/watch?v=dQw4w9WgXcQ&t=42s&list=PL123&index=3",
        "https://www.youtube.com/watch?time_continue=2&v=dQw4w9WgXcQ",
        "https://m.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://music.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0",
        "https://youtu.be/dQw4w9WgXcQ?si=abc",
        "https://youtu.be/dQw4w9WgXcQ)",
        "https://www.youtube.com/embed/dQw4w9WgXcQ",
        "https://www.youtube.com/shorts/dQw4w9WgXcQ",
        "https://www.youtube.com/live/dQw4w9WgXcQ?feature=share",
        "https://www.youtube.com/v/dQw4w9WgXcQ&hl=en",
    ],
)
def test_one_video_has_one_iri(url: str) -> None:
    """Time, list and player do not make another video."""
    assert known(url) == Identity("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "youtube", "Video")


def test_a_malformed_video_id_stays_a_url() -> None:
    """An id that is not eleven characters long is kept with a finding."""
    identity = known("https://www.youtube.com/watch?v=dQw4w9WgXcQextra")
    assert identity.iri == "https://www.youtube.com/watch?v=dQw4w9WgXcQextra"
    assert identity.kind == "url"
    assert codes(identity) == ["youtube-id-malformed"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://youtube.com/playlist?list=PLoROMvodv4rMC6zfYmnD7UG3LVvwaITY5&si=x",
            Identity("https://www.youtube.com/playlist?list=PLoROMvodv4rMC6zfYmnD7UG3LVvwaITY5", "youtube", "Video"),
        ),
        (
            "https://www.youtube.com/embed/videoseries?list=PL123",
            Identity("https://www.youtube.com/playlist?list=PL123", "youtube", "Video"),
        ),
        (
            "https://www.youtube.com/@AndrejKarpathy",
            Identity("https://www.youtube.com/@AndrejKarpathy", "url", "WebPage"),
        ),
        ("https://player.vimeo.com/video/238221551", Identity("https://vimeo.com/238221551", "url", "Video")),
        (
            "https://huggingface.co/datasets/tatsu-lab/alpaca/tree/main",
            Identity("https://huggingface.co/datasets/tatsu-lab/alpaca", "url", "Dataset"),
        ),
        (
            "https://huggingface.co/datasets/squad/viewer",
            Identity("https://huggingface.co/datasets/squad", "url", "Dataset"),
        ),
        (
            "https://huggingface.co/datasets/tatsu-lab/alpaca/discussions/3",
            Identity("https://huggingface.co/datasets/tatsu-lab/alpaca/discussions/3", "url", "WebPage"),
        ),
        (
            "https://huggingface.co/docs/datasets",
            Identity("https://huggingface.co/docs/datasets", "url", "WebPage"),
        ),
        (
            "https://www.kaggle.com/datasets/groffo/ads16-dataset?resource=download",
            Identity("https://www.kaggle.com/datasets/groffo/ads16-dataset", "url", "Dataset"),
        ),
        (
            "https://gitlab.com/Group/Sub/Project/-/tree/main/src",
            Identity("https://gitlab.com/group/sub/project", "url", "Code"),
        ),
        ("https://gitlab.com/group/project.git", Identity("https://gitlab.com/group/project", "url", "Code")),
    ],
)
def test_playlists_data_sets_and_other_forges(url: str, expected: Identity) -> None:
    """Other well-known sites suggest what they hold."""
    assert known(url) == expected


@pytest.mark.parametrize(
    ("url", "iri"),
    [
        ("http://Example.ORG", "https://example.org/"),
        ("http://example.org/a/", "https://example.org/a"),
        ("https://example.org/a", "https://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "https://example.org/a"),
        ("http://example.org:8080/a", "http://example.org:8080/a"),
        ("http://example.org:0080/a", "https://example.org/a"),
        ("http://localhost/a", "http://localhost/a"),
        ("http://192.168.0.1/a", "http://192.168.0.1/a"),
        ("http://[::1]:3000/a", "http://[::1]:3000/a"),
        ("ftp://example.org/pub/", "ftp://example.org/pub"),
        ("http://user:secret@example.org/", "https://example.org/"),
        ("www.example.org/x?y=1", "https://www.example.org/x?y=1"),
        ("https://example.org/a/./b/../c", "https://example.org/a/c"),
        ("https://example.org/../a//b/", "https://example.org/a//b"),
        ("https://example.org//index.php/x", "https://example.org/index.php/x"),
        ("https://example.org/%7euser/%41%2f%3a", "https://example.org/~user/A%2F%3A"),
        ("https://example.org/100%/%zz", "https://example.org/100%25/%25zz"),
        ('https://example.org/a b"<c>{d}|^`\\e', "https://example.org/a%20b%22%3Cc%3E%7Bd%7D%7C%5E%60%5Ce"),
        ("https://en.wikipedia.org/wiki/Kanade–Lucas", "https://en.wikipedia.org/wiki/Kanade%E2%80%93Lucas"),
        ("https://en.wikipedia.org/wiki/Foo_(bar)", "https://en.wikipedia.org/wiki/Foo_(bar)"),
        ("https://example.org/\x00\ud800\u202e", "https://example.org/%00%ED%A0%80%E2%80%AE"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://XN--BCHER-KVA.example/", "https://xn--bcher-kva.example/"),
        ("https://b%C3%BCcher.example/", "https://xn--bcher-kva.example/"),
        ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://a b.example/", "https://a%20b.example/"),
        ("https://example.org:port/", "https://example.org%3Aport/"),
        ("http://[::g]/", "http://%5B%3A%3Ag%5D/"),
        ("https://example.org/a?utm_source=x&id=3&utm_medium=y", "https://example.org/a?id=3"),
        ("https://example.org/a?utm%5Fsource=x&amp;utm_medium=y", "https://example.org/a"),
        (
            "https://example.org/?fbclid=1&gclid=2&mc_cid=3&_hsenc=4&igshid=5&mkt_tok=6&spm=7&ref_src=8",
            "https://example.org/",
        ),
        ("https://example.org/a?", "https://example.org/a"),
        ("https://example.org/a?b=1&&c=2&", "https://example.org/a?b=1&c=2"),
        ("https://example.org/search?q=a+b&page=2", "https://example.org/search?q=a+b&page=2"),
        ("https://example.org/?ref=newsletter.example.com", "https://example.org/"),
        ("https://example.org/docs?ref=v1.2", "https://example.org/docs?ref=v1.2"),
        ("https://example.org/a;jsessionid=1F2E?b=1", "https://example.org/a?b=1"),
        (
            "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=2579462",
            "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=2579462",
        ),
        (
            "https://medium.com/@someone/a-story-1?source=friends_link&sk=2",
            "https://medium.com/@someone/a-story-1",
        ),
        ("https://example.org/a#section", "https://example.org/a"),
        ("https://example.org/a#:~:text=some%20words", "https://example.org/a"),
        ("https://example.org/#/route/one/", "https://example.org/#/route/one"),
        ("https://example.org/#!/route:~:text=x", "https://example.org/#!/route"),
        ("https://example.org/#/", "https://example.org/"),
    ],
)
def test_a_url_is_cleaned(url: str, iri: str) -> None:
    """Spellings of one URL have one IRI, and what an IRI may not hold is escaped."""
    identity = known(url)
    assert identity.iri == iri
    assert identity.kind == "url"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "note.md",
        "AI/Deep%20learning.md",
        "#heading",
        "/absolute/path",
        "//example.org/x",
        "mailto:someone@example.org",
        "obsidian://open?vault=x",
        "file:///etc/hosts",
        "javascript:alert(1)",
        "http://",
        "https:///",
        "http://.",
        "http://user@/x",
        "https:",
        "httpsx://example.org",
        "arxiv:",
        "doi:",
        "arxiv.org/abs/2302.13971",
        "www.",
        "www.example",
    ],
)
def test_what_is_not_external(text: str) -> None:
    """Relative references, other schemes and empty hosts name nothing outside the vault."""
    assert identify(text) is None
    assert not is_external(text)


def test_a_finding_is_one_line() -> None:
    """A message quotes the URL in its escaped form, so that it can be printed."""
    identity = known("https://arxiv.org/abs/2001.04\x1b[31m%0A\u202e")
    (_, message) = identity.findings[0]
    assert message.isprintable()


@pytest.mark.parametrize(
    "url",
    [
        "https://doi.org/10.1/" + ")" * 300_000,
        "https://example.org/doi/10.1000/" + "/" * 300_000 + "x",
        "https://example.org/" + "/suppl_file" * 50_000,
        "https://" + "é" * 300_000 + "/",
        "https://example.org/" + "../" * 300_000,
        "https://github.com/a/" + "." * 300_000,
        "https://" + "@" * 300_000 + "example.org/",
        "https://arxiv.org/abs/" + "2302.13971" * 50_000,
    ],
    ids=["parentheses", "slashes", "tails", "host", "dots", "repository", "credentials", "digits"],
)
def test_enormous_urls_take_linear_time(url: str) -> None:
    """A URL of a megabyte is cleaned like any other."""
    assert_sound(known(url))


_PIECES = st.sampled_from(
    [
        "http://", "https://", "HTTPS:", "ftp://", "www.", "arxiv:", "doi:", "arxiv.org", "doi.org",
        "github.com", "youtube.com", "youtu.be", "link.springer.com", "dl.acm.org", "nature.com",
        "aclanthology.org", "mdpi.com", "huggingface.co", "openreview.net", "ieeexplore.ieee.org",
        "biorxiv.org", "ncbi.nlm.nih.gov", "zenodo.org", "/", "//", "\\", ":", ":80", "@", "?", "#", "#!/",
        "&", "=", "%", "%2F", "%2e", "%41", "%FF", "%C3%A9", ".", "..", "/abs/", "/pdf/", "/doi/",
        "/article/", "/watch", "?v=", "?id=", "2302.13971", "cs/0309040", "v2", ".pdf", "/full", "10.1000/",
        "10.48550/arxiv.", "10.1101/", "10.5555/", "owner/repo", "/tree/", "/issues/", ".git",
        "utm_source=x", ";jsessionid=1", "ref=a.bc", "dQw4w9WgXcQ", "[", "]", "(", ")", "<", ">", '"', " ",
        "\t", "\n", "\x00", "\u202e", "é", "ß", "İ", "。", "℀", "\ud800", "\ufeff", "😀", "a", "Z", "0", "-",
        "_", "~", "!", "'", ",", ";", "*", "|", "^",
    ]
)  # fmt: skip


_TEXTS = st.one_of(st.text(), st.lists(_PIECES, max_size=12).map("".join), st.lists(_PIECES).map("https://".join))


@given(_TEXTS)
@example("https://example.org/%2%35")
@example("https://%E2%84%80.example/")
@example("http://a%2E/")
@example("https://doi.org/10.1/%FF")
@example("https://:%41/")
@example("arxiv:%FF %25")
@example("arxiv:\ud800")
@example("https://example.org/doi/10.1000/x%2Ffull%2F")
@example("https://github.com/a/b%2Fc/tree")
@example("https://\u0345\u0301/")
def test_any_text_is_read_to_a_valid_and_stable_iri(text: str) -> None:
    """No text raises; what is external has a valid IRI that identifies as itself."""
    identity = identify(text)
    assert is_external(text) == (identity is not None)
    if identity is not None:
        assert_sound(identity)
        assert all(message.isprintable() for _, message in identity.findings)
        for name in (identity.doi, identity.implied_doi, identity.arxiv_id):
            assert name is None or (name.isprintable() and " " not in name)


@given(
    st.from_regex(r"https?://(www\.)?[a-z0-9.-]{1,12}\.[a-z]{1,3}(/[A-Za-z0-9_.~;:@()=+-]{0,8}){0,4}", fullmatch=True)
)
@example("http://arxiv.org/abs/1706.03762v2/")
@example("https://github.com/Owner/Name;jsessionid=1")
@example("https://example.org//a/./b")
def test_the_short_way_through_an_ordinary_url_ends_where_the_long_one_does(url: str) -> None:
    """A fragment, which takes the long way, changes nothing in what an ordinary URL identifies."""
    assert identify(url) == identify(url + "#top")
