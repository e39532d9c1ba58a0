"""Did the provider send this? Checks ``X-Twilio-Signature`` over the raw request (Twilio, "Webhooks security").

Signed is the URL as the provider called it, then every distinct parameter and value in sorted order:
HMAC-SHA-1 with the account's auth token, or, if the request says so, HMAC-SHA-256 with a shared key. The
URL comes from configuration, never from headers; it is tried with and without the port and the user
name in it, because the provider does both. A JSON body is covered by its hash in the query instead.
"""

from __future__ import annotations

import hashlib
import hmac
from binascii import b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TypeAlias
from urllib.parse import urlsplit

from wa_omnichannel._net.secret import Secret
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.errors import SignatureMismatch
from wa_omnichannel.webhooks import WebhookRequest

SIGNATURE = "x-twilio-signature"
SETTINGS = "x-twilio-webhooks-signature-settings"
BODY_HASH = "bodySHA256"

_HASHES = {"HMAC_SHA1": "sha1", "HMAC_SHA256": "sha256"}
_DEFAULT_PORTS = {"http": "80", "https": "443"}

Macs: TypeAlias = tuple[hmac.HMAC, ...]


class Mismatch(Enum):
    """Why a request does not count as the provider's."""

    MISSING = "There is no X-Twilio-Signature header."
    WRONG = "The signature does not fit."
    UNKNOWN_ALGORITHM = "The signature uses an unknown algorithm."
    UNKNOWN_KEY = "The signature uses a shared key that is not configured."
    BODY_CHANGED = "The body does not have the hash that was signed."


class SignatureCheck:
    """Checks the signatures of one account's webhooks.

    >>> from wa_omnichannel.webhooks import WebhookRequest
    >>> check = SignatureCheck("https://example.com", ["12345"])
    >>> check.mismatch(WebhookRequest(b""), b"")
    <Mismatch.MISSING: 'There is no X-Twilio-Signature header.'>
    """

    def __init__(
        self, public_url: str, tokens: Iterable[str | Secret], shared_keys: Mapping[str, str | Secret] | None = None
    ) -> None:
        """Check against these secrets.

        Args:
            public_url: Address of the mount point as the provider calls it, without a slash at the end. An
                application that is not mounted shows its whole path; what is in the address is taken off it.
            tokens: Auth tokens, all valid at once.
            shared_keys: Secrets of shared keys by their id.
        """
        self._bases = tuple(dict.fromkeys(base.encode() for base in _spellings(public_url)))
        self._path = urlsplit(public_url).path
        self._shown = public_url.rpartition("@")[2].removeprefix("https://").removeprefix("http://")
        secrets = [Secret(token) for token in tokens]
        keys = {key: Secret(text) for key, text in (shared_keys or {}).items()}
        self._default = self._macs(secrets, "sha1")
        self._macs_by_token = {name: self._macs(secrets, kind) for name, kind in _HASHES.items()}
        self._macs_by_key = {
            (name, key): self._macs([secret], kind) for name, kind in _HASHES.items() for key, secret in keys.items()
        }

    def _macs(self, secrets: Iterable[Secret], kind: str) -> Macs:
        """Return the begun signatures: each secret with each spelling of the URL."""
        return tuple(hmac.new(each.reveal().encode(), base, kind) for base in self._bases for each in secrets)

    def values(self, request: WebhookRequest) -> dict[str, str]:
        """Return the form of a genuine request.

        Raises:
            SignatureMismatch: It is not genuine.
            MalformedWebhook: The form cannot be read.
        """
        if BODY_HASH in request.query:
            reason = self._hashed(request)
            form = parse(b"")
        elif request.method == "GET":
            form = parse(encoded(request.query))
            reason = self.mismatch(request, b"")
        else:
            form = parse(request.body)
            reason = self.mismatch(request, form.signed)
        if reason is not None:
            raise SignatureMismatch(reason.value, self._hint(reason))
        return form.values

    def mismatch(self, request: WebhookRequest, signed: bytes) -> Mismatch | None:
        """Return why *request* is not genuine, or None if it is.

        Args:
            request: The request.
            signed: The parameters as they are signed (:attr:`.forms.Form.signed`); empty for GET and JSON.
        """
        given = request.header(SIGNATURE)
        if not given:
            return Mismatch.MISSING
        settings = request.header(SETTINGS)
        macs = self._default if settings is None else self._chosen(settings)
        if isinstance(macs, Mismatch):
            return macs
        path = request.path.removeprefix(self._path)
        target = f"{path}?{request.query}" if request.query else path
        text = encoded(target) + signed
        wanted = encoded(given)
        for begun in macs:
            mac = begun.copy()
            mac.update(text)
            if hmac.compare_digest(b2a_base64(mac.digest(), newline=False), wanted):
                return None
        return Mismatch.WRONG

    def _chosen(self, settings: str) -> Macs | Mismatch:
        """Return the secrets that the settings header names."""
        named = {
            name.strip(): value.strip() for name, _, value in (part.partition("=") for part in settings.split(","))
        }
        algorithm = (named.get("algorithm") or "HMAC_SHA1").upper()
        if algorithm not in _HASHES:
            return Mismatch.UNKNOWN_ALGORITHM
        if not named.get("key"):
            return self._macs_by_token[algorithm]
        return self._macs_by_key.get((algorithm, named["key"]), Mismatch.UNKNOWN_KEY)

    def _hashed(self, request: WebhookRequest) -> Mismatch | None:
        """Check a body that is covered by its hash in the query."""
        given = parse(encoded(request.query)).values.get(BODY_HASH, "")
        actual = hashlib.sha256(request.body).hexdigest()
        if not hmac.compare_digest(actual.encode(), encoded(given.lower())):
            return Mismatch.BODY_CHANGED
        return self.mismatch(request, b"")

    def _hint(self, reason: Mismatch) -> str:
        if reason is Mismatch.WRONG:
            return (
                f"Checked against {self._shown}: public_url must be what the provider calls (scheme, host, path), "
                "the token that of the account, and the body unchanged by any proxy."
            )
        return _HINTS[reason]


_HINTS = {
    Mismatch.MISSING: "Either the provider did not send this, or a proxy drops the header.",
    Mismatch.UNKNOWN_ALGORITHM: "Known are HMAC_SHA1 and HMAC_SHA256.",
    Mismatch.UNKNOWN_KEY: "Add it to shared_keys under its id.",
    Mismatch.BODY_CHANGED: "Something between the provider and here rewrites the body.",
}


def encoded(text: str) -> bytes:
    """Return header or URL text as the bytes it came in; frameworks decode them as Latin-1."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


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
