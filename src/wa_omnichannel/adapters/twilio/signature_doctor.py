"""Why does a signature not fit? Tries what usually goes wrong between the provider and an application.

The doctor changes one thing after the other (scheme, host, path, query, body, key) and says which change would
make the signature fit. It has many tries, so it is for a person who looks for a fault, never for the requests
themselves: nothing that it finds makes a request genuine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import TypeAlias
from urllib.parse import quote, unquote, urlsplit

import attrs

from wa_omnichannel._urls import below, without_user
from wa_omnichannel.adapters.twilio.signature import (
    SETTINGS,
    SIGNATURE,
    Mismatch,
    SignatureCheck,
    SigningKey,
    form_of,
)
from wa_omnichannel.errors import MalformedWebhook
from wa_omnichannel.explain import Facts, sentence
from wa_omnichannel.webhooks import WebhookRequest

MOST_CHANGES = 3
"""Most things that are changed at once."""

Variant: TypeAlias = tuple[str, str]
"""What was changed, as a code (blank for nothing), and the part of the request after it."""


@attrs.frozen
class Advice:
    """One thing that would make the signature fit, or that is wrong in any case."""

    code: str
    facts: Facts

    def sentence(self, language: str = "en") -> str:
        """Return it as a sentence."""
        return sentence(self.code, self.facts, language)


@attrs.frozen
class Diagnosis:
    """What the doctor found."""

    reason: Mismatch | None
    """Why the request does not count as genuine; None if it does."""
    advice: tuple[Advice, ...]

    def explain(self, language: str = "en") -> str:
        """Return it as text, one sentence per line."""
        return "\n".join(each.sentence(language) for each in self.advice)


def diagnose(check: SignatureCheck, request: WebhookRequest, other_urls: Iterable[str] = ()) -> Diagnosis:
    """Say why *request* does not pass *check*, and what would make it pass.

    Args:
        check: The configured check.
        request: The request as it arrived.
        other_urls: Further addresses under which the provider may know the application.

    >>> check = SignatureCheck("https://example.com/wa", ["12345"])
    >>> print(diagnose(check, WebhookRequest(b"")).explain())
    There is no X-Twilio-Signature header: the provider did not send this, or a proxy drops the header.
    """
    try:
        form = form_of(request)
    except MalformedWebhook as error:
        return Diagnosis(Mismatch.WRONG, (Advice("signature_form", {"problem": error.problem.rstrip(".")}),))
    signed = b"" if request.method == "GET" else form.signed
    reason = check.mismatch(request, signed, form.values)
    if reason is None:
        return Diagnosis(None, (Advice("signature_fits", {"url": without_user(check.public_url)}),))
    if reason in _PLAIN:
        return Diagnosis(reason, (Advice(_PLAIN[reason], {"settings": request.header(SETTINGS) or ""}),))
    found = _nearest(_Patient(check, request, signed, tuple(other_urls)), reason)
    return Diagnosis(reason, found or tuple(_otherwise(check, form.values)))


_PLAIN = {Mismatch.MISSING: "signature_missing", Mismatch.BODY_CHANGED: "signature_body_changed"}


@attrs.frozen
class _Patient:
    """A request with everything that is tried on it."""

    check: SignatureCheck
    request: WebhookRequest
    signed: bytes
    other_urls: Sequence[str]

    def variants(self) -> Iterator[list[Variant]]:
        """Yield, for each part of the request, what it may have been."""
        mount = urlsplit(self.check.public_url)
        path = below(self.request.path, mount.path)
        yield _distinct(mount.scheme, {"signature_scheme": ["http", "https"]})
        yield _distinct(mount.netloc, self._hosts())
        yield _distinct(mount.path + path, {"signature_path": self._paths(mount.path, path)})
        yield _distinct(self.request.query, {"signature_query": _queries(self.request.query)})

    def _hosts(self) -> Mapping[str, Iterable[str]]:
        told = [self.request.header(name) for name in ("host", "x-forwarded-host", "x-original-host")]
        return {
            "signature_host": [host for host in told if host and _is_host(host)],
            "signature_other_url": [urlsplit(url).netloc for url in self.other_urls],
        }

    def _paths(self, mount: str, path: str) -> Iterator[str]:
        prefix = self.request.header("x-forwarded-prefix") or ""
        folders = [mount, "", prefix, *(urlsplit(url).path for url in self.other_urls)]
        for folder in folders:
            whole = folder.rstrip("/") + path
            yield from (whole, whole.rstrip("/"), whole.rstrip("/") + "/", quote(whole), unquote(whole))

    def bodies(self) -> list[tuple[str, bytes]]:
        """Return the parameters as they may have been signed."""
        lines = self.signed.replace(b"\r\n", b"\n")
        tried = [("signature_lines", lines.replace(b"\n", b"\r\n")), ("signature_lines", lines)]
        return [("", self.signed), *tried, ("signature_body_unsigned", b"")]


def _is_host(text: str) -> bool:
    """Tell whether a header's value can stand in an address."""
    try:
        return urlsplit(f"https://{text}").netloc == text
    except ValueError:
        return False


def _distinct(configured: str, others: Mapping[str, Iterable[str]]) -> list[Variant]:
    """Return the configured part first, then the others without those that are the same."""
    found = {configured: ""}
    for code, values in others.items():
        for value in values:
            found.setdefault(value, code)
    return [(code, value) for value, code in found.items()]


def _queries(query: str) -> Iterator[str]:
    yield from ("", unquote(query), query.replace("+", "%20"), query.replace("%20", "+"))
    yield "&".join(sorted(query.split("&")))


def _nearest(patient: _Patient, reason: Mismatch) -> tuple[Advice, ...]:
    """Return the fewest changes that make the signature fit; nothing if none do."""
    for parts in sorted(product(*patient.variants()), key=_changes):
        if _changes(parts) > MOST_CHANGES:
            break
        (_, scheme), (_, host), (_, path), (_, query) = parts
        url = f"{scheme}://{host}{path}"
        for code, signed in patient.bodies():
            key = _fitting(patient, url, query, signed)
            if key is not None:
                codes = [*(each for each, _ in parts), code, _KEYS.get(reason, "")]
                shown = {"scheme": scheme, "host": host, "path": path, "query": query, "key": key.id}
                facts = {**shown, "configured": without_user(patient.check.public_url)}
                return tuple(Advice(each, facts) for each in codes if each)
    return ()


_KEYS = {Mismatch.UNKNOWN_KEY: "signature_key", Mismatch.UNKNOWN_ALGORITHM: "signature_key"}


def _changes(parts: Sequence[Variant]) -> int:
    return sum(bool(code) for code, _ in parts)


def _fitting(patient: _Patient, url: str, query: str, signed: bytes) -> SigningKey | None:
    """Return the key with which the provider would have signed this, whatever the settings header says."""
    try:
        check = SignatureCheck(url, (*patient.check.keys, *patient.check.shared_keys))
    except ValueError:  # a path of the request that makes no address
        return None
    given = (SIGNATURE, patient.request.header(SIGNATURE) or "")
    for algorithm in ("HMAC_SHA1", "HMAC_SHA256"):
        headers = (given, (SETTINGS, f"algorithm={algorithm}"))
        found = check.match(WebhookRequest(b"", headers, "", query), signed)
        if isinstance(found, SigningKey):
            return found
    return None


def _otherwise(check: SignatureCheck, values: Mapping[str, str]) -> Iterator[Advice]:
    """Yield what remains if no change of the address helps: the secret, or the body."""
    sids = {key.account_sid for key in check.keys if key.account_sid}
    account = values.get("AccountSid", "")
    if sids and account and account not in sids:
        yield Advice("signature_other_account", {"account": account, "configured": ", ".join(sorted(sids))})
    yield Advice("signature_secret_or_body", {"configured": without_user(check.public_url)})
