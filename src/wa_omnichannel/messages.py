"""What is said: content of messages, their delivery status, and what a send came to.

Delivery status is a lattice: callbacks arrive late, twice and in any order, so a status is *joined* with
the one known so far and only ever goes up (Twilio, "Outbound message status"). A message that was seen by
the customer was delivered, whatever a later callback says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

import attrs

from wa_omnichannel.addresses import Address

MAX_TEXT = 1600
"""Longest text of one message in characters (Twilio error 21617)."""

_NOTHING: Mapping[str, str] = {}


class MediaKind(Enum):
    """What a file is to WhatsApp."""

    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    STICKER = "sticker"
    CONTACT = "contact"


_SPECIAL_KINDS = {
    "text/vcard": MediaKind.CONTACT,
    "text/x-vcard": MediaKind.CONTACT,
    "image/webp": MediaKind.STICKER,
}


def media_kind(content_type: str) -> MediaKind:
    """Return what a file of *content_type* is to WhatsApp.

    >>> media_kind("audio/ogg; codecs=opus")
    <MediaKind.AUDIO: 'audio'>
    """
    bare = content_type.partition(";")[0].strip().lower()
    special = _SPECIAL_KINDS.get(bare)
    if special is not None:
        return special
    family = bare.partition("/")[0]
    return MediaKind(family) if family in ("image", "audio", "video") else MediaKind.DOCUMENT


@attrs.frozen
class Text:
    """Plain text."""

    body: str


@attrs.frozen
class Media:
    """One file with an optional caption. WhatsApp carries one file per message."""

    url: str
    """Where the file can be fetched: the provider's URL for inbound files, a public one for outbound."""
    content_type: str
    """Declared type, for example ``image/jpeg``."""
    caption: str = ""
    name: str = ""
    size: int | None = None
    """Size in bytes, once known."""
    blob: str | None = None
    """Key in the blob store, once fetched."""

    @property
    def kind(self) -> MediaKind:
        """What the file is to WhatsApp."""
        return media_kind(self.content_type)


@attrs.frozen
class Location:
    """A place on the map, in degrees."""

    latitude: float
    longitude: float
    label: str = ""
    address: str = ""


@attrs.frozen
class ButtonReply:
    """The customer tapped a button."""

    text: str
    payload: str = ""
    """The identifier of the button."""


@attrs.frozen
class ListReply:
    """The customer picked an item of a list."""

    id: str
    title: str
    description: str = ""


@attrs.frozen
class FlowReply:
    """The customer sent a WhatsApp Flow form."""

    data: str
    """The answer as the JSON text that arrived."""


@attrs.frozen
class TemplateMessage:
    """A message made from a template: its name, optionally a language, and the values of its variables."""

    name: str
    variables: Mapping[str, str] = _NOTHING
    language: str | None = None
    """Wanted language; without it the contact's and then the number's language decide."""
    content_sid: str | None = None
    """Filled in by the decision: the approved translation that is sent."""


@attrs.frozen
class Unsupported:
    """A kind of message that we do not know. It counts as a customer message and is kept."""

    reason: str
    kind: str = ""
    """What the provider called it, if it said so."""


Content: TypeAlias = Text | Media | Location | ButtonReply | ListReply | FlowReply | TemplateMessage | Unsupported
"""Everything that can be said in one message."""

SENDABLE = (Text, Media, Location, TemplateMessage)
"""Kinds of content that can be sent; the others only arrive."""


def summary(content: Content) -> str:
    """Return *content* in a few words, for lists and narration.

    >>> summary(Media("https://example.com/a.pdf", "application/pdf", name="a.pdf"))
    '[document a.pdf]'
    """
    match content:
        case Text(body):
            return body
        case Media():
            return f"[{content.kind.value} {content.name}]".replace(" ]", "]") + (
                content.caption and f" {content.caption}"
            )
        case Location():
            return f"[location {content.label or f'{content.latitude}, {content.longitude}'}]"
        case ButtonReply(text):
            return text
        case ListReply():
            return content.title
        case FlowReply():
            return "[form]"
        case TemplateMessage(name):
            return f"[template {name}]"
        case Unsupported(reason):
            return f"[unsupported: {reason}]"


@attrs.frozen
class Inbound:
    """One message of a customer, as a transport read it."""

    sid: str
    """The provider's identifier; the same webhook repeated has the same one."""
    number: Address
    """The business number it was sent to."""
    addresses: tuple[Address, ...]
    """Every address of the customer in this webhook; the first is where to answer."""
    content: Content
    profile_name: str = ""
    """Display name that the customer chose; never trusted."""
    quoted_sid: str | None = None
    """The message that this one answers, if the customer quoted one."""
    forwarded: bool = False
    referral: Mapping[str, str] = _NOTHING
    """The advertisement that led here, if any."""
    extra: Mapping[str, str] = _NOTHING
    """Parameters of the provider that we do not interpret; kept."""
    at: datetime | None = None
    """When WhatsApp took it, if the provider says so; aware."""


class DeliveryStatus(Enum):
    """How far an outbound message got. Order of definition is the order of the lattice."""

    PENDING = "pending"
    """Accepted by us, waits for its turn."""
    SENDING = "sending"
    """Being handed to the provider."""
    UNKNOWN = "unknown"
    """The provider's answer was lost; it may or may not have been sent."""
    REFUSED = "refused"
    """A rule said no when its turn came, so it was not handed to the provider. Whatever the provider reports outranks
    it: the lost answer of an earlier attempt may have been a yes."""
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    DISPATCHED = "dispatched"
    """The provider is handing it to WhatsApp (the provider's ``sending``)."""
    SENT = "sent"
    """WhatsApp has it. It stays here if the customer is offline or has blocked the number."""
    CANCELED = "canceled"
    FAILED = "failed"
    UNDELIVERED = "undelivered"
    DELIVERED = "delivered"
    READ = "read"
    RECEIVED = "received"
    """Inbound messages only."""


RANK: Mapping[DeliveryStatus, int] = {status: rank for rank, status in enumerate(DeliveryStatus)}
"""Rank of each status; a join keeps the higher one."""

FAILURES = frozenset({DeliveryStatus.CANCELED, DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED})
"""Statuses that say the customer did not get it."""

ARRIVED = frozenset({DeliveryStatus.DELIVERED, DeliveryStatus.READ})
"""Statuses that say the customer got it."""

_PROVIDER_STATUS = {
    status.value: status
    for status in DeliveryStatus
    if status not in (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.UNKNOWN, DeliveryStatus.REFUSED)
} | {"sending": DeliveryStatus.DISPATCHED}


def provider_status(text: str) -> DeliveryStatus | None:
    """Return the status that the provider calls *text*, or None for one we do not know.

    >>> provider_status("delivered")
    <DeliveryStatus.DELIVERED: 'delivered'>
    >>> provider_status("in_orbit") is None
    True
    """
    return _PROVIDER_STATUS.get(text.lower())


def join(known: DeliveryStatus, reported: DeliveryStatus) -> DeliveryStatus:
    """Return what is known after *reported* arrives: the higher of the two.

    Commutative, associative and idempotent, so the order and number of callbacks do not matter.

    >>> join(DeliveryStatus.READ, DeliveryStatus.DELIVERED)
    <DeliveryStatus.READ: 'read'>
    >>> join(DeliveryStatus.UNDELIVERED, DeliveryStatus.DELIVERED)
    <DeliveryStatus.DELIVERED: 'delivered'>
    """
    return known if RANK[known] >= RANK[reported] else reported


@attrs.frozen
class StatusReport:
    """One status callback, as a transport read it."""

    sid: str
    status: str
    """The provider's word, kept even if we do not know it."""
    message_id: str | None = None
    """Our own id, which travels in the callback URL, so that an early callback finds its message."""
    error_code: int | None = None
    error_message: str = ""
    extra: Mapping[str, str] = _NOTHING
    retryable: bool = False
    """Whether the same message may pass later, after a failure."""


@attrs.frozen
class Notice:
    """Something else that a provider tells: an error of the account, a template's new state, what cannot be read.

    It changes nothing by itself, and is kept as an event of its own.
    """

    id: str
    """The same notice has the same one."""
    kind: str
    data: str
    """What arrived, as text."""


Incoming: TypeAlias = Inbound | StatusReport | Notice
"""What a webhook, or one part of it, can mean."""


@attrs.frozen
class Outgoing:
    """One message for a transport to send."""

    message_id: str
    sender: Address
    to: Address
    content: Content
    validity: timedelta | None = None
    """How long the provider may hold it; never more than what is left of the window."""


@attrs.frozen
class Accepted:
    """The provider has the message."""

    sid: str
    status: DeliveryStatus


@attrs.frozen
class Rejected:
    """The provider refused the message; it was not sent."""

    code: int
    message: str
    retryable: bool = False
    """Whether the same message may pass later."""
    advice: str = ""
    sid: str | None = None
    """The provider's identifier, if it gave the refused message one."""


TOO_MANY_REQUESTS = "too_many_requests"
"""The provider turns everything away for the moment."""


@attrs.frozen
class NotSent:
    """The message did not reach the provider, or was turned away before processing; safe to repeat."""

    reason: str
    """A short code; :data:`TOO_MANY_REQUESTS` stops the whole number for a while."""
    retry_after: timedelta | None = None


@attrs.frozen
class Ambiguous:
    """The answer was lost after the request was written: it may have been sent. Never repeated blindly."""

    reason: str


Outcome: TypeAlias = Accepted | Rejected | NotSent | Ambiguous
"""What came of handing a message to the provider."""


@attrs.frozen
class Sighting:
    """A message that the provider's list shows; used to find out about a lost answer."""

    sid: str
    status: DeliveryStatus
    body: str
    content_sid: str | None
    created_at: datetime
    media: bool = False
