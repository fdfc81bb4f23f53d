"""DataCite's REST API, which knows arXiv's papers by their DOI, for days on which arXiv refuses.

arXiv registers `10.48550/arXiv.ID` for every paper (https://info.arxiv.org/help/doi.html) with a part of what
it knows: the latest version only, no journal reference, and a day or two late. Its records name it as source.
The format is described in https://support.datacite.org/docs/api-get-doi.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

import requests

from kg.enrichment.client import Outcome
from kg.enrichment.ids import ArxivId, normalize_id
from kg.enrichment.records import Author, Record, is_withdrawn, moment, pdf_url_of
from kg.enrichment.tex import tidy
from kg.enrichment.transport import (
    Clock,
    DoubtfulError,
    FaultError,
    Manners,
    PoliteAdapter,
    RefusedError,
    RejectedError,
    UnreachableError,
    fault_of,
    polite_session,
)
from kg.errors import UsageError

__all__ = ["API_URL", "DELAY", "DataCiteClient", "DoiError", "parse_doi"]

API_URL = "https://api.datacite.org/dois"
DELAY = 1.0
"""Seconds between requests: a fifth of what is allowed to those who do not say who they are."""

_GIVE_UP_AFTER = 6
_CODE = re.compile(r"\(([a-z-]+(?:\.[A-Za-z-]+)?)\)$", re.ASCII)
_VERSION = re.compile(r"v(\d{1,4})", re.ASCII)


class DoiError(ValueError):
    """The bytes are no answer about a paper of arXiv; the message is one sentence."""


def parse_doi(body: bytes, *, source_url: str, retrieved: datetime) -> Record:
    """Read the answer about one DOI.

    Args:
        body: JSON, in UTF-8.
        source_url: the address that gave it; goes into the record.
        retrieved: when, UTC; goes into the record.

    Raises:
        DoiError: not JSON, not about a paper of arXiv, or without a title.
    """
    try:
        read = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DoiError(f"not JSON: {error}") from error
    data = _dict(_dict(read).get("data"))
    said = _dict(data.get("attributes"))
    try:
        identifier = normalize_id(_string(said.get("doi")) or _string(data.get("id")))
    except ValueError as error:
        raise DoiError(f"an answer about no paper of arXiv: {error}") from error
    title = next(filter(None, (tidy(_string(titled.get("title"))) for titled in _dicts(said.get("titles")))), "")
    if not title:
        raise DoiError("an answer without a title")
    abstract, comment = _described(said, "Abstract"), _described(said, "Other")
    submitted = _submissions(said)
    version = max(submitted, default=0)
    codes = (_CODE.search(_string(subject.get("subject"))) for subject in _dicts(said.get("subjects")))
    rights = (_string(right.get("rightsUri")) for right in _dicts(said.get("rightsList")))
    return Record(
        arxiv_id=identifier.base,
        version=version,
        title=title,
        abstract=abstract,
        authors=tuple(filter(lambda author: author.name, map(_author, _dicts(said.get("creators"))))),
        published=submitted.get(1) or _issued(said),
        updated=submitted.get(version),
        categories=tuple(dict.fromkeys(code[1] for code in codes if code)),
        comment=comment,
        doi=_journal_doi(said),
        licence=next(filter(None, rights), ""),
        pdf_url=pdf_url_of(identifier.base, version),
        withdrawn=is_withdrawn(comment, abstract),
        source="datacite",
        source_url=source_url,
        retrieved=retrieved,
    )


class DataCiteClient:
    """Asks DataCite for papers of arXiv, one at a time.

    Attributes:
        api_url: the address that is asked.
        pending: requests that are still to be made.
    """

    def __init__(
        self,
        *,
        api_url: str = API_URL,
        manners: Manners | None = None,
        clock: Clock | None = None,
        notice: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Make the client; nothing is asked yet.

        Args:
            api_url: address of the DOIs, without a slash at the end.
            manners: pace, timeouts, patience, and whom to write to.
            clock: replaced in tests.
            notice: told in one sentence when a longer wait begins.

        Raises:
            UsageError: the address is not http(s).
        """
        if not api_url.startswith(("https://", "http://")):
            raise UsageError(f"DataCite's address {api_url!r} is no http(s) address")
        self.api_url = api_url.rstrip("/")
        self.pending = 0
        self._clock = clock or Clock()
        self._adapter = PoliteAdapter(manners or Manners(delay=DELAY), self._check, clock=self._clock, notice=notice)
        self._session = polite_session(self._adapter)
        self._asked = ""
        self._records: list[Record] = []  # what `_check` read, for `_ask`

    @property
    def requests(self) -> int:
        """How many requests went out so far."""
        return self._adapter.requests

    def close(self) -> None:
        """Close the connection."""
        self._session.close()

    def fetch_batches(self, ids: Iterable[str]) -> Iterator[list[Outcome]]:
        """Give the outcome of each distinct id as soon as it is known, one to a list.

        When DataCite refuses, or answers nothing believable many times in a row, the ids that are left fail.
        """
        failures = 0
        given_up = ""
        wanted = list(dict.fromkeys(ids))
        for position, text in enumerate(wanted, 1):
            self.pending = 0 if given_up else len(wanted) - position
            try:
                identifier = normalize_id(text)
            except ValueError as error:
                yield [Outcome(text, "failed", str(error))]
                continue
            if given_up:
                yield [Outcome(str(identifier), "failed", given_up)]
                continue
            try:
                outcome = self._ask(identifier)
                failures = 0
            except FaultError as fault:
                failures += 1
                if isinstance(fault, (RefusedError, UnreachableError)) or failures >= _GIVE_UP_AFTER:
                    given_up = f"DataCite was given up: {fault}"
                outcome = Outcome(str(identifier), "failed", given_up or f"DataCite: {fault}")
            yield [outcome]

    def _ask(self, identifier: ArxivId) -> Outcome:
        self._records.clear()
        self._asked = f"{self.api_url}/10.48550/arXiv.{identifier.base}"
        try:
            response = self._session.get(self._asked, headers={"Accept": "application/vnd.api+json"})
        except requests.RequestException as error:
            raise fault_of(error) from error
        except RejectedError as fault:
            if fault.status != requests.codes.not_found:
                raise
            return Outcome(str(identifier), "missing", "DataCite does not know it")
        record = self._records[-1]
        if record.arxiv_id != identifier.base:
            raise DoubtfulError(f"it answers about {record.arxiv_id} instead")
        if identifier.version and record.version != identifier.version:
            return Outcome(str(identifier), "failed", f"DataCite knows version {record.version} only")
        if record.withdrawn:
            why = record.comment or "its abstract says so"
            return Outcome(str(identifier), "withdrawn", why, record, response.content)
        return Outcome(str(identifier), "found", "", record, response.content)

    def _check(self, body: bytes) -> None:
        try:
            record = parse_doi(body, source_url=self._asked, retrieved=self._clock.now())
        except DoiError as error:
            raise DoubtfulError(str(error), status=200) from error
        self._records.append(record)


def _author(creator: dict[str, Any]) -> Author:
    given, family = _string(creator.get("givenName")), _string(creator.get("familyName"))
    name = f"{given} {family}" if given and family else _string(creator.get("name"))
    if ", " in name and not (given and family):
        last, _, first = name.partition(", ")
        name = f"{first} {last}"
    affiliations = creator.get("affiliation")
    stated = affiliations if isinstance(affiliations, list) else []
    names = (_string(each) or _string(_dict(each).get("name")) for each in stated)
    return Author(tidy(name), tuple(filter(None, map(tidy, names))))


def _described(said: dict[str, Any], kind: str) -> str:
    for description in _dicts(said.get("descriptions")):
        if description.get("descriptionType") == kind:
            return tidy(_string(description.get("description")))
    return ""


def _submissions(said: dict[str, Any]) -> dict[int, datetime]:
    """Give when each version was submitted; `Updated` dates are those of the metadata."""
    found: dict[int, datetime] = {}
    for dated in _dicts(said.get("dates")):
        number = _VERSION.fullmatch(_string(dated.get("dateInformation")))
        when = moment(_string(dated.get("date")))
        if dated.get("dateType") == "Submitted" and number and when:
            found[int(number[1])] = when
    return found


def _issued(said: dict[str, Any]) -> datetime | None:
    year = said.get("publicationYear")
    return moment(str(year)) if isinstance(year, int) else None


def _journal_doi(said: dict[str, Any]) -> str:
    for related in _dicts(said.get("relatedIdentifiers")):
        if related.get("relatedIdentifierType") == "DOI" and related.get("relationType") == "IsVersionOf":
            return _string(related.get("relatedIdentifier"))
    return ""


def _string(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [member for member in value if isinstance(member, dict)] if isinstance(value, list) else []
