"""Did the provider send this? Checks ``X-Twilio-Signature`` over the raw request (Twilio, "Webhooks security").

Signed is the URL as the provider called it, then every distinct parameter and value in sorted order:
HMAC-SHA-1 with the account's auth token, or, if the request says so, HMAC-SHA-256 with a shared key. The
URL comes from configuration, never from headers; it is tried with and without the port and the user
name in it, because the provider does both. A JSON body is covered by its hash in the query instead.

An address that a trusted proxy told (:attr:`.WebhookRequest.origin`) is tried after the configured one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias, cast
from urllib.parse import urlsplit

import attrs

from wa_omnichannel._urls import below
from wa_omnichannel.adapters.twilio.forms import Form, parse
from wa_omnichannel.adapters.twilio.macs import Mac
from wa_omnichannel.adapters.twilio.secret import Secret
from wa_omnichannel.addresses import parse as parse_address
from wa_omnichannel.addresses import wire
from wa_omnichannel.errors import MalformedWebhook, SignatureMismatch
from wa_omnichannel.webhooks import WebhookRequest

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
BODY_HASH = "bodySHA256"

_HASHES = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_NOTHING: Mapping[str, str] = {}
_DEFAULT_PORTS = {"http": "80", "https": "443"}


def _numbers(given: Iterable[str]) -> frozenset[str]:
    return frozenset(wire(parse_address(number, "numbers")) for number in given)


@attrs.frozen
class SigningKey:
    """One secret that webhooks are signed with. While secrets are exchanged, several are valid at once."""

    secret: Secret = attrs.field(converter=Secret)
    """The auth token of an account, or the secret of a shared key."""
    id: str = ""
    """What reports call it."""
    account_sid: str = ""
    """The account or sub-account whose it is; its webhooks are tried with it first."""
    numbers: frozenset[str] = attrs.field(default=frozenset(), converter=_numbers)
    """Business numbers it belongs to, if several tenants share the account: tried with it before all others."""


Macs: TypeAlias = tuple[tuple[Mac, SigningKey], ...]
"""Begun signatures, each with the key that it is made with."""


class Mismatch(Enum):
    """Why a request does not count as the provider's."""

    MISSING = "There is no X-Twilio-Signature header."
    WRONG = "The signature does not fit."
    UNKNOWN_ALGORITHM = "The signature uses an unknown algorithm."
    UNKNOWN_KEY = "The signature uses a shared key that is not configured."
    BODY_CHANGED = "The body does not have the hash that was signed."


class SignatureCheck:
    """Checks the signatures of webhooks, of one account or of several.

    >>> from wa_omnichannel.webhooks import WebhookRequest
    >>> check = SignatureCheck("https://example.com", ["12345"])
    >>> check.mismatch(WebhookRequest(b""), b"")
    <Mismatch.MISSING: 'There is no X-Twilio-Signature header.'>
    """

    def __init__(
        self,
        public_url: str,
        tokens: Iterable[str | Secret | SigningKey],
        shared_keys: Mapping[str, str | Secret] | None = None,
    ) -> None:
        """Check against these secrets.

        Args:
            public_url: Address of the mount point as the provider calls it, without a slash at the end. An
                application that is not mounted shows its whole path; what is in the address is taken off it.
            tokens: Auth tokens, all valid at once. One whose account and numbers are known is tried first for
                these; in the end every one is tried.
            shared_keys: Secrets of shared keys by their id.
        """
        self.public_url = public_url
        self.keys = tuple(_key(token, place) for place, token in enumerate(tokens, 1))
        self.shared_keys = tuple(SigningKey(secret, name) for name, secret in (shared_keys or {}).items())
        self._path = urlsplit(public_url).path
        self._bases = _bases(public_url)
        self._macs_by_algorithm = {name: self._macs(self.keys, name) for name in _HASHES}
        self._macs_by_tenant = {name: self._by_tenant(name) for name in _HASHES}
        self._macs_by_key = {(name, key.id): self._macs([key], name) for name in _HASHES for key in self.shared_keys}

    def _macs(self, keys: Iterable[SigningKey], algorithm: str) -> Macs:
        """Return the begun signatures: each secret with each spelling of the URL."""
        kind = _HASHES[algorithm]
        return tuple((_begun(key, base, kind), key) for base in self._bases for key in keys)

    def _by_tenant(self, algorithm: str) -> Mapping[tuple[str, str], Macs]:
        """Return the begun signatures by account and number, and by account alone."""
        found: dict[tuple[str, str], list[SigningKey]] = {}
        if len({(key.account_sid, key.numbers) for key in self.keys}) < 2:
            return {}
        for key in self.keys:
            for number in (*key.numbers, ""):
                if key.account_sid:
                    found.setdefault((key.account_sid, number), []).append(key)
        return {tenant: self._macs(keys, algorithm) for tenant, keys in found.items()}

    def values(self, request: WebhookRequest) -> dict[str, str]:
        """Return the form of a genuine request.

        Raises:
            SignatureMismatch: It is not genuine.
            MalformedWebhook: The form cannot be read.
        """
        form = form_of(request)
        found = self.match(request, b"" if request.method == "GET" else form.signed, form.values)
        if isinstance(found, Mismatch):
            raise SignatureMismatch(found.value, self._hint(found), found.name.lower())
        return form.values if BODY_HASH not in request.query else _document(request.body)

    def unchecked(self, request: WebhookRequest) -> dict[str, str]:
        """Return the form of a request whoever sent it; only while signatures are reported but not enforced.

        Raises:
            MalformedWebhook: The form cannot be read.
        """
        return _document(request.body) if BODY_HASH in request.query else form_of(request).values

    def mismatch(self, request: WebhookRequest, signed: bytes, values: Mapping[str, str] = _NOTHING) -> Mismatch | None:
        """Return why *request* is not genuine, or None if it is; see :meth:`match`."""
        found = self.match(request, signed, values)
        return found if isinstance(found, Mismatch) else None

    def match(
        self, request: WebhookRequest, signed: bytes, values: Mapping[str, str] = _NOTHING
    ) -> SigningKey | Mismatch:
        """Return the key that *request* is signed with, or why it is not genuine.

        Args:
            request: The request.
            signed: The parameters as they are signed (:attr:`.forms.Form.signed`); empty for GET and JSON.
            values: The form. Its ``AccountSid`` and ``To`` say whose keys are tried first; nothing else in it counts.
        """
        given, settings = _signature_headers(request.headers)
        query = request.query
        if not given:
            return Mismatch.MISSING
        if query and BODY_HASH in query and not _has_its_hash(request):
            return Mismatch.BODY_CHANGED
        groups = self._groups("HMAC_SHA1", values) if settings is None else self._chosen(settings, values)
        if isinstance(groups, Mismatch):
            return groups
        path = below(request.path, self._path)
        text = encoded(f"{path}?{query}" if query else path) + signed
        wanted = encoded(given)
        if request.origin:
            groups = (*groups, *(self._told(group, request.origin) for group in groups))
        for group in groups:
            for begun, key in group:
                if hmac.compare_digest(b2a_base64(begun.end(text), newline=False), wanted):
                    return key
        return Mismatch.WRONG

    def _groups(self, algorithm: str, values: Mapping[str, str]) -> tuple[Macs, ...]:
        """Return the begun signatures in the order in which they are tried."""
        tenants, everybody = self._macs_by_tenant[algorithm], self._macs_by_algorithm[algorithm]
        if not tenants:
            return (everybody,)
        account = values.get("AccountSid", "")
        return tenants.get((account, values.get("To", "")), ()), tenants.get((account, ""), ()), everybody

    def _chosen(self, settings: str, values: Mapping[str, str]) -> tuple[Macs, ...] | Mismatch:
        """Return the secrets that the settings header names."""
        named = {
            name.strip(): value.strip() for name, _, value in (part.partition("=") for part in settings.split(","))
        }
        algorithm = (named.get("algorithm") or "HMAC_SHA1").upper()
        if algorithm not in _HASHES:
            return Mismatch.UNKNOWN_ALGORITHM
        if not named.get("key"):
            return self._groups(algorithm, values)
        found = self._macs_by_key.get((algorithm, named["key"]))
        return Mismatch.UNKNOWN_KEY if found is None else (found,)

    @staticmethod
    def _told(macs: Macs, origin: str) -> Macs:
        """Return the same keys begun at the address that a trusted proxy told."""
        keys = dict.fromkeys((key, str(begun.inner.name)) for begun, key in macs)
        return tuple((_begun(key, base, kind), key) for base in _bases(origin) for key, kind in keys)

    def _hint(self, reason: Mismatch) -> str:
        if reason is Mismatch.WRONG:
            return (
                f"Checked against {_shown(self.public_url)}: public_url must be what the provider calls (scheme, host, "
                "path), the token that of the account, and the body unchanged by any proxy."
            )
        return _HINTS[reason]


_HINTS = {
    Mismatch.MISSING: "Either the provider did not send this, or a proxy drops the header.",
    Mismatch.UNKNOWN_ALGORITHM: "Known are HMAC_SHA1 and HMAC_SHA256.",
    Mismatch.UNKNOWN_KEY: "Add it to shared_keys under its id.",
    Mismatch.BODY_CHANGED: "Something between the provider and here rewrites the body.",
}


def form_of(request: WebhookRequest) -> Form:
    """Return the parameters of a request as they are signed: its query for GET, none if its hash covers the body.

    Raises:
        MalformedWebhook: They cannot be read.
    """
    if BODY_HASH in request.query:
        return parse(b"")
    return parse(encoded(request.query) if request.method == "GET" else request.body)


def _signature_headers(headers: Iterable[tuple[str, str]]) -> tuple[str | None, str | None]:
    """Return the first value of both headers that signatures need."""
    given = settings = None
    for name, value in headers:
        if name == SIGNATURE:
            given = value if given is None else given
        elif name == SETTINGS:
            settings = value if settings is None else settings
    return given, settings


def _document(body: bytes) -> dict[str, str]:
    """Return the members of a JSON body as texts, as a form would have them; what is nested stays JSON."""
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise MalformedWebhook("The body is no JSON object.")
    members = cast("dict[str, object]", found)
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in members.items()}


def _key(token: str | Secret | SigningKey, place: int) -> SigningKey:
    return token if isinstance(token, SigningKey) else SigningKey(token, f"auth token {place}")


def _begun(key: SigningKey, base: bytes, kind: str) -> Mac:
    return Mac.begin(key.secret.reveal().encode(), base, kind)


def _has_its_hash(request: WebhookRequest) -> bool:
    """Tell whether a body is the one whose hash is in the query."""
    given = parse(encoded(request.query)).values.get(BODY_HASH, "")
    actual = hashlib.sha256(request.body).hexdigest()
    return hmac.compare_digest(actual.encode(), encoded(given.lower()))


def _shown(url: str) -> str:
    return url.rpartition("@")[2].removeprefix("https://").removeprefix("http://")


def encoded(text: str) -> bytes:
    """Return header or URL text as the bytes it came in; frameworks decode them as Latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _bases(url: str) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(base.encode() for base in _spellings(url)))


def _spellings(url: str) -> Iterator[str]:
    """Yield *url* as configured, then with and without its port, then the same without user and password."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    bare, colon, port = host.rpartition(":")
    has_port = bool(colon) and port.isdecimal()
    hosts = (host, bare) if has_port else (host, f"{host}:{_DEFAULT_PORTS[parts.scheme]}")
    for prefix in dict.fromkeys((user + at, "")):
        for name in hosts:
            yield parts._replace(netloc=prefix + name).geturl()
