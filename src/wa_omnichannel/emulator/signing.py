"""Headers of a webhook, signed with Twilio's own SDK so that no fault of ours can cancel itself out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Protocol, cast

from twilio.request_validator import (  # type: ignore[import-untyped, unused-ignore]
    RequestValidator,
)

USER_AGENT = "TwilioProxy/1.1"


class _Signer(Protocol):
    """The part of the SDK's untyped validator that is used."""

    def compute_signature(self, uri: str, params: Mapping[str, str]) -> str: ...


def signature(auth_token: str, url: str, params: Mapping[str, str]) -> str:
    """Return the ``X-Twilio-Signature`` of a form posted to ``url``."""
    signer = cast("_Signer", RequestValidator(auth_token))
    return signer.compute_signature(url, params)


def webhook_headers(auth_token: str, url: str, params: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of one webhook; repeats of it must reuse them, for the token stays the same."""
    return {
        "User-Agent": USER_AGENT,
        "Accept": "*/*",
        "X-Twilio-Signature": signature(auth_token, url, params),
        "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
    }
