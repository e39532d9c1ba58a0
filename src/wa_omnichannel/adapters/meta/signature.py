"""Did Meta send this? ``X-Hub-Signature-256`` over the raw body, and the question with which a webhook is set up.

Source: Meta, "Getting started with webhooks" (2026): HMAC-SHA-256 with the app's secret, in hexadecimal,
behind ``sha256=``. A GET request asks whether the address is ours, and wants its challenge back.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from urllib.parse import parse_qs

from wa_omnichannel._net.secret import Secret
from wa_omnichannel.errors import InvalidValue, MalformedWebhook, SignatureMismatch
from wa_omnichannel.webhooks import WebhookRequest, WebhookResponse

SIGNATURE = "x-hub-signature-256"

_PREFIX = "sha256="
_CHALLENGE = re.compile(r"[A-Za-z0-9_.\-]{1,256}", re.ASCII)


class MetaSignatures:
    """The secrets of one app: those that sign, and the word that proves who sets the webhook up."""

    def __init__(self, app_secrets: Iterable[str | Secret], verify_token: str | Secret) -> None:
        """Check against these secrets, all valid at once.

        Raises:
            InvalidValue: There is no secret, or an empty one.
        """
        self._secrets = [Secret(each) for each in app_secrets]
        self._verify_token = Secret(verify_token)
        if not self._secrets or not all(self._secrets):
            raise InvalidValue("app_secret", "", "Copy it from the basic settings of the app.")

    def check(self, request: WebhookRequest) -> None:
        """Let only genuine requests pass.

        Raises:
            SignatureMismatch: Meta did not send this, or something changed it.
        """
        given = request.header(SIGNATURE) or ""
        if not given.startswith(_PREFIX):
            raise SignatureMismatch("There is no X-Hub-Signature-256 header.", "Does a proxy take it off?")
        found = given.removeprefix(_PREFIX).encode()
        wanted = [hmac.digest(each.reveal().encode(), request.body, "sha256").hex().encode() for each in self._secrets]
        if not any(hmac.compare_digest(found, each) for each in wanted):
            raise SignatureMismatch("The signature does not fit.", "Check the app secret; the body must be untouched.")

    def challenge(self, request: WebhookRequest) -> WebhookResponse:
        """Answer the question whether this address is ours.

        Raises:
            SignatureMismatch: It was not asked with our verify token.
            MalformedWebhook: There is nothing to answer with.
        """
        asked = {name: values[0] for name, values in parse_qs(request.query).items()}
        token = asked.get("hub.verify_token", "").encode()
        known = self._verify_token.reveal().encode()
        if asked.get("hub.mode") != "subscribe" or not known or not hmac.compare_digest(token, known):
            raise SignatureMismatch("The verify token does not fit.", "Enter the same one in the app's webhooks page.")
        challenge = asked.get("hub.challenge", "")
        if not _CHALLENGE.fullmatch(challenge):
            raise MalformedWebhook("There is no challenge that could be given back.")
        return WebhookResponse(200, challenge.encode())
