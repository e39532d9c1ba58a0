"""What the emulator remembers, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from wa_omnichannel.emulator.state.addresses import whatsapp


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
    send_at: datetime | None = None
    ordinal: int = 0

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
    """A WhatsApp sender of the account: the URLs it calls and what the Senders API tells of it."""

    phone: str
    inbound_url: str | None = None
    status_url: str | None = None
    install_sid: str = ""
    inbound_method: str = "POST"
    fallback_url: str | None = None
    fallback_method: str = "POST"
    status_method: str = "POST"
    status: str = "ONLINE"
    quality_rating: str = "HIGH"
    messaging_limit: str = "1K Customers/24hr"
    offline_reasons: tuple[Mapping[str, str], ...] = ()
    profile: Mapping[str, object] = attrs.field(factory=dict[str, object])
    configuration: Mapping[str, object] = attrs.field(factory=dict[str, object])

    @property
    def address(self) -> str:
        """The channel address, ``whatsapp:`` and the phone number."""
        return whatsapp(self.phone)


@attrs.frozen(kw_only=True)
class Service:
    """A Messaging Service: its senders' channel addresses and its settings by their names in the API.

    With ``opt_out`` it keeps STOP and START words itself, which Twilio calls Advanced Opt-Out.
    """

    sid: str
    senders: tuple[str, ...]
    settings: Mapping[str, object]
    created_at: datetime
    updated_at: datetime
    opt_out: bool = False


@attrs.frozen(kw_only=True)
class Profile:
    """A person on WhatsApp; ``phone`` or ``user_id`` may be missing, not both."""

    phone: str | None
    name: str
    user_id: str | None = None
    shares_phone: bool = True


@attrs.frozen(kw_only=True)
class RequestRecord:
    """A REST request the emulator received; of repeated fields ``query`` and ``form`` keep the first.

    ``body`` is the text of a JSON request; ``authorized`` tells whether it carried credentials, right or wrong.
    """

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    at: datetime
    body: str = ""
    authorized: bool = False


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
    """A webhook the emulator made: ``kind`` is ``inbound``, ``status``, ``fallback`` or ``debugger``."""

    kind: str
    url: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    status_code: int | None
    attempts: int
    at: datetime


@attrs.frozen(kw_only=True)
class Alert:
    """An entry of the Debugger: what went wrong with what; ``level`` is ``error``, ``warning`` or ``notice``."""

    sid: str
    code: int
    level: str
    text: str
    resource_sid: str
    url: str
    at: datetime
