"""The neutral request and response that every integration translates to and from."""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel.messages import Incoming

MAX_BODY = 64 * 1024
"""Largest accepted webhook body in bytes; a message webhook of the provider stays far below."""


@attrs.frozen
class WebhookRequest:
    """One HTTP request, as raw as the framework can hand it over."""

    body: bytes
    """The raw body; the signature is computed over it."""
    headers: tuple[tuple[str, str], ...] = ()
    """Header names in lower case, and their values."""
    path: str = "/"
    """Path below the mount point, for example ``/inbound``."""
    query: str = ""
    """Raw query string without the question mark."""
    method: str = "POST"
    received_at: datetime | None = None
    """When the request reached the edge, if an application queued it; otherwise it is stamped on arrival."""

    origin: str = ""
    """Public address of the mount point as a trusted proxy told it; empty if none did. Never from other headers."""

    def header(self, name: str) -> str | None:
        """Return the first value of the header *name* (in lower case), or None.

        >>> WebhookRequest(b"", (("x-a", "1"),)).header("x-a")
        '1'
        """
        for key, value in self.headers:
            if key == name:
                return value
        return None


@attrs.frozen
class WebhookResponse:
    """One HTTP response."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


EMPTY_TWIML = WebhookResponse(200, b"<Response/>", "text/xml; charset=utf-8")
"""The answer that tells the provider: taken, nothing to say now."""


@attrs.frozen
class Batch:
    """What a webhook means for a provider that puts several things into one, or wants an answer of its own."""

    items: tuple[Incoming, ...]
    """In the order in which they happened; each is committed alone."""
    answer: WebhookResponse
    """What to answer once all of them are in the store."""


def batch_of(read: Incoming | Batch) -> Batch:
    """Return what a transport read as a batch; a single thing is answered with :data:`EMPTY_TWIML`."""
    return read if isinstance(read, Batch) else Batch((read,), EMPTY_TWIML)
