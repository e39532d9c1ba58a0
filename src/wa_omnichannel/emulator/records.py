"""What the emulator remembers, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs


@attrs.frozen
class StatusChange:
    """One status a message took, and when (emulator time)."""

    status: str
    at: datetime


@attrs.frozen
class MediaItem:
    """One file of a message: its ``ME`` sid, its content type and its bytes."""

    sid: str
    content_type: str
    data: bytes = attrs.field(repr=False)
    created_at: datetime


@attrs.frozen(kw_only=True)
class MessageRecord:
    """A message of the emulated account, inbound or outbound.

    ``body`` is what the REST API reports; ``rendered_body`` is the text the customer's phone shows.
    ``history`` lists every status from the first; ``deleted`` hides the record from the REST API only.
    """

    sid: str
    direction: str
    from_: str
    to: str
    history: tuple[StatusChange, ...]
    body: str = ""
    rendered_body: str = ""
    media_url: str | None = None
    media: tuple[MediaItem, ...] = ()
    content_sid: str | None = None
    content_variables: Mapping[str, str] = attrs.field(factory=dict[str, str])
    persistent_action: str | None = None
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    validity_period: int | None = None
    error_code: int | None = None
    error_message: str | None = None
    deleted: bool = False

    @property
    def status(self) -> str:
        """The latest status."""
        return self.history[-1].status

    @property
    def statuses(self) -> tuple[str, ...]:
        """Every status so far, oldest first."""
        return tuple(change.status for change in self.history)

    @property
    def created_at(self) -> datetime:
        """When the message was taken in."""
        return self.history[0].at

    @property
    def updated_at(self) -> datetime:
        """When the status last changed."""
        return self.history[-1].at

    @property
    def sent_at(self) -> datetime | None:
        """When WhatsApp took the message over, or ``None`` while it has not."""
        return next((change.at for change in self.history if change.status in {"sent", "received"}), None)

    @property
    def media_bytes(self) -> bytes | None:
        """The content of the file, or ``None`` without one."""
        return self.media[0].data if self.media else None


@attrs.frozen(kw_only=True)
class Number:
    """A WhatsApp sender of the account and the URLs it calls."""

    phone: str
    inbound_url: str | None = None
    status_url: str | None = None
    install_sid: str = ""


@attrs.frozen(kw_only=True)
class Profile:
    """A person on WhatsApp; ``phone`` or ``user_id`` may be missing, not both."""

    phone: str | None
    name: str
    user_id: str | None = None
    shares_phone: bool = True


@attrs.frozen(kw_only=True)
class RequestRecord:
    """A REST request the emulator received; of repeated form fields ``form`` keeps the first."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    at: datetime


@attrs.frozen
class Delivery:
    """How a webhook fared.

    ``status_code`` is ``None`` when no answer came; ``error`` then says why. ``attempts`` counts HTTP
    requests. ``sid`` is the message the webhook told of.
    """

    status_code: int | None
    body: str
    sid: str
    attempts: int
    error: str = ""
    content_type: str = ""


@attrs.frozen(kw_only=True)
class WebhookRecord:
    """A webhook the emulator made: ``kind`` is ``inbound`` or ``status``."""

    kind: str
    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    status_code: int | None
    attempts: int
    at: datetime
