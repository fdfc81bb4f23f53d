"""RDF from the web or a file, for FROM clauses that may fetch."""

import urllib.error
import urllib.request

from kg.errors import NetworkError

__all__ = ["fetch"]

_MOST = 100_000_000  # bytes
_SECONDS = 30
_ACCEPT = "text/turtle, application/n-triples, application/rdf+xml;q=0.9, application/ld+json;q=0.8, */*;q=0.1"


def fetch(iri: str) -> tuple[bytes, str]:
    """Read what an http, https or file IRI leads to.

    Returns:
        The bytes and their media type without parameters.

    Raises:
        NetworkError: it cannot be read, or is larger than 100 MB.

    """
    if not iri.startswith(("http://", "https://", "file:")):
        raise NetworkError(f"<{iri}> cannot be fetched: neither http, https nor file")
    request = urllib.request.Request(iri, headers={"Accept": _ACCEPT, "User-Agent": "fm-kg"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 -- the scheme is checked
            body: bytes = answer.read(_MOST + 1)
            media_type: str = answer.headers.get_content_type()
    except (OSError, ValueError) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise NetworkError(f"<{iri}> cannot be fetched: {reason}") from error
    if len(body) > _MOST:
        raise NetworkError(f"<{iri}> is larger than {_MOST // 1_000_000} MB")
    return body, media_type
