"""Who we are to a server: from the environment, `netrc` or a prompt, never from an argument, and never shown.

Answers to the challenges of RFC 7617 (Basic), RFC 7616 (Digest) and RFC 6750 (Bearer).
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests.utils

from kg.errors import UsageError

__all__ = ["Ask", "Authorizer", "Credentials", "found", "origin"]

Ask = Callable[[str], "Credentials | None"]
"""Asks a person for the credentials of a host; None when they have none."""

_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}


@dataclass(frozen=True, slots=True)
class Credentials:
    """A name with a password, or a token; neither secret shows when it is printed."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def origin(url: str) -> str:
    """What credentials belong to: scheme, host and port (RFC 6454)."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443}.get(parts.scheme, 80)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def found(url: str, environment: Mapping[str, str] = os.environ) -> Credentials | None:
    """The credentials for a server: `KG_TOKEN`, else `KG_USER` with `KG_PASSWORD`, else what `netrc` has for the host.

    Raises:
        UsageError: the URL itself holds a password, which every user of the machine could read.
    """
    if urlsplit(url).password is not None or urlsplit(url).username is not None:
        raise UsageError(
            "no names or passwords in a URL: set KG_USER and KG_PASSWORD, or KG_TOKEN, or write them into ~/.netrc"
        )
    if token := environment.get("KG_TOKEN"):
        return Credentials(token=token)
    if (user := environment.get("KG_USER")) is not None and "KG_PASSWORD" in environment:
        return Credentials(user, environment["KG_PASSWORD"])
    pair = requests.utils.get_netrc_auth(url)
    return Credentials(*pair) if pair else None


class Authorizer(requests.auth.AuthBase):
    """Puts credentials on requests to one origin once it has said how it wants them; a token goes at once."""

    def __init__(self, home: str, credentials: Credentials | None) -> None:
        """Keep `credentials` for the origin of the URL `home` alone."""
        self.home = home
        self._home = origin(home)
        self.credentials: Credentials | None = None
        self._scheme = ""
        self.identify(credentials)
        self._challenge: Mapping[str, str] = {}
        self._count = 0

    def identify(self, credentials: Credentials | None) -> None:
        """Take other credentials."""
        self.credentials = credentials
        self._scheme = "bearer" if credentials and credentials.token else ""

    def masked(self, text: str) -> str:
        """A text without the secrets, should a server repeat them."""
        if self.credentials is None:
            return text
        pair = base64.b64encode(f"{self.credentials.user}:{self.credentials.password}".encode()).decode("ascii")
        for secret in (self.credentials.token, self.credentials.password, pair):
            text = text.replace(secret, "***") if secret else text
        return text

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header, if there is anything to say and it is for this server."""
        request.headers.pop("Authorization", None)
        if self.credentials is None or origin(request.url or "") != self._home:
            return request
        if self._scheme == "bearer":
            request.headers["Authorization"] = f"Bearer {self.credentials.token}"
        elif self._scheme == "basic":
            pair = f"{self.credentials.user}:{self.credentials.password}".encode()
            request.headers["Authorization"] = "Basic " + base64.b64encode(pair).decode("ascii")
        elif self._scheme == "digest":
            request.headers["Authorization"] = self._digest(request.method or "", request.path_url)
        return request

    def accept(self, url: str, challenges: str) -> bool:
        """Take in the `WWW-Authenticate` of a 401; whether a further try can succeed."""
        if self.credentials is None or origin(url) != self._home:
            return False
        schemes = _challenges(challenges)
        usable = [name for name in ("digest", "basic", "bearer") if name in schemes and self._has(name, schemes)]
        if not usable:
            return False
        tried, self._scheme = self._scheme, usable[0]
        self._challenge = schemes[self._scheme]
        self._count = 0
        if tried == self._scheme == "digest":  # a nonce gets old: that is no refusal of the password
            return True
        return tried != self._scheme

    def _has(self, scheme: str, schemes: Mapping[str, Mapping[str, str]]) -> bool:
        assert self.credentials is not None  # noqa: S101 - for the type checker
        if scheme == "bearer":
            return bool(self.credentials.token)
        known = scheme != "digest" or _algorithm(schemes["digest"])[0] in _HASHES
        return known and not self.credentials.token

    def _digest(self, method: str, target: str) -> str:
        """The header of RFC 7616, section 3.4."""
        assert self.credentials is not None  # noqa: S101 - for the type checker
        said = self._challenge
        name, session = _algorithm(said)

        def digest(*parts: str) -> str:
            return hashlib.new(_HASHES[name], ":".join(parts).encode()).hexdigest()

        realm, nonce, cnonce = said.get("realm", ""), said.get("nonce", ""), secrets.token_hex(8)
        self._count += 1
        count = f"{self._count:08x}"
        secret = digest(self.credentials.user, realm, self.credentials.password)
        if session:
            secret = digest(secret, nonce, cnonce)
        asked = digest(method, target)
        fields = {"username": self.credentials.user, "realm": realm, "nonce": nonce, "uri": target}
        extra = [f"algorithm={said['algorithm']}"] if "algorithm" in said else []
        if "auth" in [quality.strip() for quality in said.get("qop", "").split(",")]:
            fields["response"] = digest(secret, nonce, count, cnonce, "auth", asked)
            fields["cnonce"] = cnonce
            extra += ["qop=auth", f"nc={count}"]
        else:
            fields["response"] = digest(secret, nonce, asked)
        if "opaque" in said:
            fields["opaque"] = said["opaque"]
        return "Digest " + ", ".join([f'{key}="{_quoted(value)}"' for key, value in fields.items()] + extra)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _algorithm(challenge: Mapping[str, str]) -> tuple[str, bool]:
    name = challenge.get("algorithm", "MD5").upper()
    return name.removesuffix("-SESS"), name.endswith("-SESS")


def _challenges(header: str) -> dict[str, dict[str, str]]:
    """The challenges of a `WWW-Authenticate`, by scheme in lower case (RFC 9110, section 11.6.1)."""
    schemes: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for item in requests.utils.parse_list_header(header):  # type: ignore[no-untyped-call]
        name, equals, value = item.partition("=")
        scheme, blank, key = name.strip().partition(" ")
        if blank or not equals:
            current = {}
            if scheme.lower() not in schemes:  # the first of its kind is what the server likes best
                schemes[scheme.lower()] = current
            name = key
        if equals and name.strip():
            current[name.strip().lower()] = requests.utils.unquote_header_value(value.strip())
    return schemes
