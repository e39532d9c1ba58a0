"""What all integrations share: raw HTTP parts to a neutral request, and errors to a status."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from wa_omnichannel.errors import LinkExpired, NotFound, WaOmnichannelError
from wa_omnichannel.ports import SharedFile
from wa_omnichannel.webhooks import WebhookRequest, WebhookResponse

_log = logging.getLogger("wa_omnichannel")

METHODS = frozenset({"GET", "POST", "PUT"})
"""Methods the provider may use for webhooks."""

NOT_ALLOWED = WebhookResponse(405, b"Webhooks are sent with POST, PUT or GET.")
"""Answer to any other method."""


def too_large(limit: int) -> WebhookResponse:
    """Return the answer to a body of more than *limit* bytes."""
    return WebhookResponse(413, f"A webhook has at most {limit} bytes.".encode())


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


FILE_METHODS = frozenset({"GET", "HEAD"})
"""Methods with which the provider fetches files."""


def file_headers(file: SharedFile) -> tuple[tuple[str, str], ...]:
    """Return the headers of a file that the provider fetches; the same for HEAD and GET.

    A browser that comes across the link shows the file as what it is, and runs nothing in it.
    """
    return (
        ("content-type", file.content_type),
        ("content-length", str(file.size)),
        ("content-disposition", f'inline; filename="{file.name}"'),
        ("cache-control", "private, no-store"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
    )


def no_file(error: NotFound) -> WebhookResponse:
    """Return the answer to a link that leads nowhere, or not any more."""
    if isinstance(error, LinkExpired):
        return WebhookResponse(410, b"This link is too old.")
    return WebhookResponse(404, b"There is no such file.")
