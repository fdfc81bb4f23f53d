"""Thirty real papers as facts, and Atom, snapshot lines, OAI-PMH and DataCite's JSON made of them.

The version numbers (2 for a paper that was ever updated) and the abstracts are the tests' own.
"""

import json
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

PAPERS: dict[str, dict[str, Any]] = {
    paper["arxiv_id"]: paper
    for paper in json.loads((Path(__file__).parent / "data" / "papers.json").read_text("utf-8"))
}
FOUND = [name for name, paper in PAPERS.items() if "withdrawn" not in paper.get("comment", "")]
WITHDRAWN = [name for name in PAPERS if name not in FOUND]
UNKNOWN = "0704.9999"

_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/test</id>
  <title>arXiv Query: search_query=&amp;id_list={ids}&amp;start=0&amp;max_results=100</title>
  <updated>2026-04-12T22:10:29Z</updated>
  <opensearch:itemsPerPage>100</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>0</opensearch:startIndex>
"""


def feed(entries: list[str], *, total: int | None = None, ids: str = "") -> str:
    """Give an answer of arXiv's API with these entries."""
    count = len(entries) if total is None else total
    return _HEAD.format(ids=escape(ids), total=count) + "".join(entries) + "</feed>\n"


def paper_of(name: str) -> dict[str, Any] | None:
    """Give the facts of a paper, or, for an id that begins with 26, of one made up."""
    if name in PAPERS:
        return PAPERS[name]
    if name.startswith("26"):
        made_up = dict(PAPERS["1404.1100"])
        made_up.update(arxiv_id=name, title=f"Paper {name}", version=1, published="2026-01-05")
        return {**made_up, "updated": "2026-01-05"}
    return None


def entry(name: str, version: int = 0, *, published: bool = True) -> str:
    """Give the Atom entry of a paper, as arXiv writes it."""
    paper = paper_of(name)
    assert paper is not None
    version = version or paper["version"]
    shown = f"{name}v{version}"
    updated = paper["updated"] if version == paper["version"] else paper["published"]
    parts = [
        f"<id>http://arxiv.org/abs/{shown}</id>",
        f"<title>{escape(paper['title'])}</title>",
        f"<updated>{updated}T10:00:00Z</updated>",
        f'<link href="https://arxiv.org/abs/{shown}" rel="alternate" type="text/html"/>',
        f'<link href="https://arxiv.org/pdf/{shown}" rel="related" type="application/pdf" title="pdf"/>',
        "<summary>  What this paper says,\n  in two lines.</summary>",
        *(f'<category term="{code}" scheme="http://arxiv.org/schemas/atom"/>' for code in paper["categories"]),
        f"<published>{paper['published']}T09:00:00Z</published>" if published else "",
        f"<arxiv:comment>{escape(paper['comment'])}</arxiv:comment>" if paper.get("comment") else "",
        f"<arxiv:journal_ref>{escape(paper['journal_ref'])}</arxiv:journal_ref>" if paper.get("journal_ref") else "",
        f"<arxiv:doi>{paper['doi']}</arxiv:doi>" if paper["doi"] else "",
        f'<arxiv:primary_category term="{paper["categories"][0]}"/>',
        *(f"<author><name>{escape(author)}</name></author>" for author in paper["authors"]),
    ]
    return "  <entry>\n    " + "\n    ".join(filter(None, parts)) + "\n  </entry>\n"


def error_entry(message: str) -> str:
    """Give the entry with which arXiv reports an error."""
    return (
        "  <entry>\n    <id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id>\n"
        "    <title>Error</title>\n    <updated>2026-04-12T22:59:06Z</updated>\n"
        f"    <summary>{escape(message)}</summary>\n"
        "    <author><name>arXiv api core</name></author>\n  </entry>\n"
    )


def snapshot_line(name: str) -> bytes:
    """Give the line of a paper in arXiv's public snapshot."""
    paper = paper_of(name)
    assert paper is not None
    created = ["Mon, 1 Jan 2001 10:00:00 GMT"] * (paper["version"] - 1) + ["Fri, 2 Feb 2001 10:00:00 GMT"]
    line = {
        "id": name,
        "submitter": None,
        "authors": ", ".join(paper["authors"]),
        "title": paper["title"],
        "comments": paper.get("comment"),
        "journal-ref": paper.get("journal_ref"),
        "doi": paper["doi"] or None,
        "report-no": None,
        "categories": " ".join(paper["categories"]),
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": "  What this paper says,\nin two lines.\n",
        "versions": [{"version": f"v{n}", "created": date} for n, date in enumerate(created, 1)],
        "update_date": paper["updated"],
        "authors_parsed": [[a.rpartition(" ")[2], a.rpartition(" ")[0], ""] for a in paper["authors"]],
    }
    return json.dumps(line).encode() + b"\n"


def doi_answer(name: str) -> bytes:
    """Give DataCite's answer about the DOI of a paper."""
    paper = paper_of(name)
    assert paper is not None
    attributes = {
        "doi": f"10.48550/arxiv.{name}",
        "identifiers": [{"identifier": name, "identifierType": "arXiv"}],
        "creators": [
            {
                "name": f"{author.rpartition(' ')[2]}, {author.rpartition(' ')[0]}",
                "nameType": "Personal",
                "givenName": author.rpartition(" ")[0],
                "familyName": author.rpartition(" ")[2],
                "affiliation": [],
            }
            for author in paper["authors"]
        ],
        "titles": [{"title": paper["title"]}],
        "publisher": "arXiv",
        "publicationYear": int(paper["published"][:4]),
        "subjects": [
            *({"subject": f"Some Name ({code})", "subjectScheme": "arXiv"} for code in paper["categories"]),
            {"subject": "FOS: Computer and information sciences", "subjectScheme": "FOS"},
        ],
        "dates": [
            {
                "date": f"{paper['published']}T09:00:00Z",
                "dateType": "Submitted",
                "dateInformation": "v1",
            },
            {
                "date": f"{paper['updated']}T10:00:00Z",
                "dateType": "Submitted",
                "dateInformation": f"v{paper['version']}",
            },
            {"date": "2026-01-01T00:00:00Z", "dateType": "Updated", "dateInformation": "v1"},
            {"date": paper["published"][:4], "dateType": "Issued"},
        ],
        "relatedIdentifiers": [
            {
                "relationType": "IsVersionOf",
                "relatedIdentifier": paper["doi"],
                "relatedIdentifierType": "DOI",
            }
        ]
        if paper["doi"]
        else [],
        "descriptions": [
            {"description": "What this paper says.", "descriptionType": "Abstract"},
            *([{"description": paper["comment"], "descriptionType": "Other"}] if paper.get("comment") else []),
        ],
        "rightsList": [{"rights": "CC BY 4.0", "rightsUri": "https://creativecommons.org/licenses/by/4.0/"}],
    }
    return json.dumps({"data": {"id": attributes["doi"], "type": "dois", "attributes": attributes}}).encode()
