"""What all integrations share: raw HTTP parts to a neutral request, and errors to a status."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from wa_omnichannel.errors import WaOmnichannelError
from wa_omnichannel.webhooks import MAX_BODY, WebhookRequest, WebhookResponse

_log = logging.getLogger("wa_omnichannel")

METHODS = frozenset({"GET", "POST", "PUT"})
"""Methods the provider may use for webhooks."""

NOT_ALLOWED = WebhookResponse(405, b"Webhooks are sent with POST, PUT or GET.")
"""Answer to any other method."""

TOO_LARGE = WebhookResponse(413, f"A webhook has at most {MAX_BODY} bytes.".encode())
"""Answer to a body beyond :data:`~wa_omnichannel.webhooks.MAX_BODY`."""


def request_of(
    method: str, path: str, query: bytes, headers: Iterable[tuple[bytes, bytes]], body: bytes
) -> WebhookRequest:
    """Return the neutral request for the raw parts of an HTTP request."""
    named = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers)
    return WebhookRequest(body, named, path or "/", query.decode("latin-1"), method)


def failure(error: WaOmnichannelError) -> WebhookResponse:
    """Return the answer when a webhook could not be taken: the provider should try again."""
    _log.error("webhook not taken: %s", error.code)
    return WebhookResponse(503, b"Not taken; try again.")
