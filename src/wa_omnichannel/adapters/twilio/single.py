"""Single messages at the provider beside plain sending: schedule, cancel, look up, redact, delete, typing.

Each function returns a question for :class:`~wa_omnichannel.adapters.twilio.api.TwilioApi` or its twin::

    transport.api.run(single.cancel(sid))

Source: Twilio, "Messages resource", "Message Scheduling", "Typing Indicators" (2026).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import attrs

from wa_omnichannel.adapters.twilio.answers import NOT_SENDABLE
from wa_omnichannel.adapters.twilio.calls import ACCOUNT, PAGE, Call, Json, Question, ask, pages
from wa_omnichannel.adapters.twilio.outgoing import fields_of
from wa_omnichannel.addresses import Address, parse_sid, wire
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.instants import aware, in_utc
from wa_omnichannel.messages import DeliveryStatus, Outgoing, provider_status

SOONEST, LATEST = timedelta(seconds=300), timedelta(days=35)
"""How far ahead a message can be scheduled."""

_API, _MESSAGING = "api", "messaging"
_MESSAGES = f"{ACCOUNT}/Messages.json"


@attrs.frozen
class MessageRecord:
    """One message as the provider keeps it."""

    sid: str
    status: DeliveryStatus
    word: str
    """The provider's own word for the status."""
    sender: str
    to: str
    body: str
    created_at: datetime
    outbound: bool
    media: int = 0
    """How many files it has."""
    error_code: int | None = None
    error_message: str = ""


def schedule(
    outgoing: Outgoing, at: datetime, now: datetime, *, service: str, status_url: str
) -> Question[MessageRecord]:
    """Hand in a message that the provider sends at *at*. WhatsApp needs a template for it, in practice.

    Args:
        outgoing: The message.
        at: When it is sent; aware, in any time zone: it is written in UTC.
        now: The current instant.
        service: The Messaging Service (``MG…``) that sends it; the provider schedules only with one.
        status_url: Where its callbacks go.

    Raises:
        InvalidValue: The instant is naive, too near or too far, or the content cannot be sent.
        OutcomeUnknown: The answer was lost: look into :func:`messages` before you schedule it again.
    """
    at = in_utc(at, "at")
    if not SOONEST < at - aware(now, "now") <= LATEST:
        raise InvalidValue(
            "at", at.isoformat(), "Messages are scheduled more than 5 minutes and at most 35 days ahead."
        )
    fields = fields_of(outgoing, status_url, parse_sid(service, "MG", "service"))
    if fields is None:
        raise InvalidValue("outgoing", type(outgoing.content).__name__, NOT_SENDABLE.advice)
    instant = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    form = {wire_name(name): value for name, value in fields.items()}
    form |= {"ScheduleType": "fixed", "SendAt": instant}
    return _record((yield from ask(Call("POST", _API, _MESSAGES, form=form))))


def wire_name(name: str) -> str:
    """Return the provider's name of a field that the SDK calls *name*.

    >>> wire_name("from_"), wire_name("content_sid")
    ('From', 'ContentSid')
    """
    return "".join(part.capitalize() for part in name.split("_"))


def fetch(sid: str) -> Question[MessageRecord]:
    """Return one message."""
    return _record((yield from ask(Call("GET", _API, _message(sid)))))


def messages(
    *,
    sender: Address | None = None,
    to: Address | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Question[tuple[MessageRecord, ...]]:
    """List messages, the latest first, all pages; filters that are None let everything through.

    Args:
        sender: Sent from this address.
        to: Sent to this address.
        since: Sent at this instant or later; aware.
        until: Sent at this instant or earlier; aware.
    """
    query = {
        "From": sender and wire(sender),
        "To": to and wire(to),
        "DateSent>": _instant(since, "since"),
        "DateSent<": _instant(until, "until"),
        "PageSize": PAGE,
    }
    found = yield from pages(Call("GET", _API, _MESSAGES, query), "messages")
    return tuple(_record(each) for each in found)


def cancel(sid: str) -> Question[MessageRecord]:
    """Cancel a message that is still scheduled or queued; refused once it is on its way."""
    return _record((yield from ask(Call("POST", _API, _message(sid), form={"Status": "canceled"}))))


def redact(sid: str) -> Question[MessageRecord]:
    """Take the text out of the provider's record; what the customer received stays."""
    return _record((yield from ask(Call("POST", _API, _message(sid), form={"Body": ""}))))


def delete(sid: str) -> Question[None]:
    """Delete the provider's record of a message. Too early it is refused (error 20009): wait a minute."""
    yield from ask(Call("DELETE", _API, _message(sid)))


def media_of(sid: str) -> Question[tuple[str, ...]]:
    """Return the SIDs of the files that the provider keeps of a message."""
    found = yield from pages(Call("GET", _API, _message(sid, "/Media")), "media_list")
    return tuple(each["sid"] for each in found)


def delete_media(sid: str, media: str) -> Question[None]:
    """Delete one file of a message at the provider; copies in its network may linger."""
    yield from ask(Call("DELETE", _API, _message(sid, f"/Media/{parse_sid(media, 'ME', 'media')}")))


def typing(inbound_sid: str) -> Question[None]:
    """Show the customer that somebody is typing, and **mark their message as read**, which cannot be had apart.

    It ends with the answer, or after 25 s; repeat it before (20 s) while somebody is still typing.

    Args:
        inbound_sid: The customer's message that is being answered.
    """
    form = {"channel": "whatsapp", "messageId": _message_sid(inbound_sid)}
    yield from ask(Call("POST", _MESSAGING, "/v2/Indicators/Typing.json", form=form))


def _message(sid: str, below: str = "") -> str:
    return f"{ACCOUNT}/Messages/{_message_sid(sid)}{below}.json"


def _message_sid(sid: str) -> str:
    """Return *sid*, which begins with SM, or with MM for a message with a file."""
    return parse_sid(sid, "MM" if sid.startswith("MM") else "SM", "sid")


def _instant(at: datetime | None, field: str) -> str | None:
    return None if at is None else in_utc(at, field).strftime("%Y-%m-%dT%H:%M:%SZ")


def _record(told: Json) -> MessageRecord:
    word = str(told["status"])
    return MessageRecord(
        told["sid"],
        provider_status(word) or DeliveryStatus.UNKNOWN,
        word,
        told.get("from") or "",
        told.get("to") or "",
        told.get("body") or "",
        parsedate_to_datetime(told["date_created"]).astimezone(UTC),
        str(told["direction"]).startswith("outbound"),
        int(told.get("num_media") or 0),
        told.get("error_code"),
        told.get("error_message") or "",
    )


PARAMETERS: Mapping[str, str] = {
    "To": "the customer",
    "From": "the business number; with a service it selects one of its senders",
    "MessagingServiceSid": "the service, if one is configured",
    "Body": "text, or the caption of an image, or the name of a place",
    "MediaUrl": "one file",
    "ContentSid": "the approved translation",
    "ContentVariables": "a JSON object of strings",
    "StatusCallback": "the status URL with our message id",
    "ValidityPeriod": "never longer than what is left of the window",
    "PersistentAction": "a place",
    "ScheduleType": "fixed, for a scheduled message",
    "SendAt": "in UTC",
}
"""Every parameter of the Messages resource that WhatsApp uses and that is written here, and what it carries."""
