"""Headers of a webhook, signed with Twilio's own SDK so that no fault of ours can cancel itself out.

Two schemes exist: HMAC-SHA1 with the account's token, and HMAC-SHA-256 with a shared key, which a header names. The
body of a JSON webhook is not part of the signature; its hash stands in the URL as ``bodySHA256``.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol, cast
from urllib.parse import urlsplit

from twilio.request_validator import (  # type: ignore[import-untyped, unused-ignore]
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
)

from wa_omnichannel.emulator.state.options import Options

USER_AGENT = "TwilioProxy/1.1"
IDEMPOTENCY_HEADER = "I-Twilio-Idempotency-Token"


class _Signer(Protocol):
    """The part of the SDK's untyped validator that is used."""

    def compute_signature(self, uri: str, params: Mapping[str, str], algorithm: str) -> str: ...


@lru_cache
def _signer(secret: str) -> _Signer:
    return cast("_Signer", RequestValidator(secret))


def webhook_headers(options: Options, url: str, params: Mapping[str, str], content_type: str) -> dict[str, str]:
    """Return the headers of one webhook; repeats of it must reuse them, for the token stays the same."""
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Content-Type": content_type}
    key = options.shared_key
    if key is None:
        headers[str(SIGNATURE_HEADER)] = _signer(options.auth_token).compute_signature(url, params, HMAC_SHA1)
    else:
        headers[str(SIGNATURE_HEADER)] = _signer(key.secret).compute_signature(url, params, HMAC_SHA256)
        headers[str(SIGNATURE_SETTINGS_HEADER)] = f"key={key.id},algorithm={HMAC_SHA256}"
    headers[IDEMPOTENCY_HEADER] = str(uuid.uuid4())
    return headers


def with_body_hash(url: str, body: bytes) -> str:
    """Return the URL of a JSON webhook: the same with ``bodySHA256`` in its query."""
    separator = "&" if urlsplit(url).query else "?"
    return f"{url}{separator}bodySHA256={hashlib.sha256(body).hexdigest()}"
