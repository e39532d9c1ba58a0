"""The neutral request and response that every integration translates to and from."""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel.messages import Inbound, Incoming

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


_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


@attrs.frozen
class HeldRequest:
    """A request as the store keeps it; without headers that carry credentials."""

    body: str
    """The raw body, one character for each byte."""
    headers: tuple[tuple[str, str], ...] = ()
    path: str = "/"
    query: str = ""
    method: str = "POST"

    @classmethod
    def of(cls, request: WebhookRequest) -> HeldRequest:
        """Return *request* in this form."""
        headers = tuple(header for header in request.headers if header[0] not in _SECRET_HEADERS)
        return cls(request.body.decode("latin-1"), headers, request.path, request.query, request.method)

    def request(self, received_at: datetime) -> WebhookRequest:
        r"""Return the request again, byte for byte.

        >>> from datetime import UTC
        >>> HeldRequest.of(WebhookRequest(b"\xff=1")).request(datetime(2026, 1, 1, tzinfo=UTC)).body
        b'\xff=1'
        """
        return WebhookRequest(
            self.body.encode("latin-1"), self.headers, self.path, self.query, self.method, received_at
        )


@attrs.frozen
class Held:
    """A webhook in quarantine: it is the provider's, but nobody can be given it."""

    id: str
    """Begins with the instant, so that those that arrived first come first."""
    at: datetime
    """When it arrived; a replay counts from then."""
    reason: str
    """Why: ``number_unknown``, ``number_off``, ``number_unassigned`` or ``malformed_webhook``."""
    inbound: Inbound | None = None
    """The message, if it could be read."""
    request: HeldRequest | None = None
    """The request, if it could not."""
    problem: str = ""
    """What could not be read."""


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
