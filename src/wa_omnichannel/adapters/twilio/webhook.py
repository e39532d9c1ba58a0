"""From a verified form to its meaning: a customer's message or the status of one of ours.

The kinds are told apart in the order of :data:`KINDS`, which matches what really arrives. Blank parameters
count as absent, and whatever is not interpreted is kept in ``extra``, so that nothing is lost when the
provider adds parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from wa_omnichannel import addresses
from wa_omnichannel.adapters.twilio.error_codes import advice
from wa_omnichannel.adapters.twilio.forms import parse
from wa_omnichannel.adapters.twilio.signature import encoded
from wa_omnichannel.addresses import PREFIX, Address
from wa_omnichannel.errors import InvalidValue, MalformedWebhook
from wa_omnichannel.messages import (
    ButtonReply,
    Content,
    FlowReply,
    Inbound,
    Incoming,
    ListReply,
    Location,
    Media,
    StatusReport,
    Text,
    Unsupported,
    summary,
)

Values: TypeAlias = Mapping[str, str]

MESSAGE_ID = "m"
"""Query parameter of the status URL that carries our own message id."""

_UNKNOWN_TYPE = "application/octet-stream"
_INBOUND_STATUSES = frozenset({"", "received", "receiving"})
_SIDS = ("MessageSid", "SmsMessageSid", "SmsSid")
_ALWAYS_USED = frozenset({*_SIDS, "From", "To", "ProfileName", "Forwarded", "OriginalRepliedMessageSid"})


def _with_envelope(names: set[str]) -> frozenset[str]:
    return _ALWAYS_USED | names


@attrs.frozen
class Kind:
    """One kind of inbound message."""

    signs: tuple[str, ...]
    """It may be this kind if one of these parameters has a value."""
    read: Callable[[Values], Content | None]
    """Makes the content; None if it is not this kind after all."""
    used: frozenset[str] = attrs.field(converter=_with_envelope)
    """The parameters that are in the content or in the message around it."""


def _flow(form: Values) -> Content | None:
    return FlowReply(form["FlowData"])


def _interaction(form: Values) -> Content | None:
    return FlowReply(form["InteractiveData"])


def _button(form: Values) -> Content | None:
    return ButtonReply(form.get("ButtonText") or form.get("Body", ""), form.get("ButtonPayload", ""))


def _list(form: Values) -> Content | None:
    title = form.get("ListTitle") or form.get("Body", "")
    return ListReply(form["ListId"], title, form.get("ListDescription", ""))


def _location(form: Values) -> Content | None:
    try:
        latitude, longitude = float(form["Latitude"]), float(form.get("Longitude", ""))
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return Location(latitude, longitude, form.get("Label", ""), form.get("Address", ""))


def _media(form: Values) -> Content | None:
    return Media(form["MediaUrl0"], form.get("MediaContentType0") or _UNKNOWN_TYPE, form.get("Body", ""))


def _text(form: Values) -> Content | None:
    return Text(form["Body"])


KINDS = (
    Kind(("FlowData",), _flow, {"FlowData"}),
    Kind(("InteractiveData",), _interaction, {"InteractiveData"}),
    Kind(("ButtonPayload", "ButtonText"), _button, {"ButtonPayload", "ButtonText"}),
    Kind(("ListId",), _list, {"ListId", "ListTitle", "ListDescription"}),
    Kind(("Latitude",), _location, {"Latitude", "Longitude", "Label", "Address"}),
    Kind(("MediaUrl0",), _media, {"MediaUrl0", "MediaContentType0", "Body"}),
    Kind(("Body",), _text, {"Body"}),
)
"""Every kind of message, in the order in which they are told apart."""

REFERRAL = {
    "ReferralBody": "body",
    "ReferralHeadline": "headline",
    "ReferralSourceId": "source_id",
    "ReferralSourceType": "source_type",
    "ReferralSourceUrl": "source_url",
    "ReferralMediaId": "media_id",
    "ReferralMediaContentType": "media_content_type",
    "ReferralMediaUrl": "media_url",
    "ReferralCtwaClid": "click_id",
}
"""Parameters of the advertisement that led to a message, and what we call them."""

_SAYS_NOTHING = {
    "FrequentlyForwarded": ("false",),
    "NumMedia": ("0", "1"),
    "NumSegments": ("1",),
    "ReferralNumMedia": ("0",),
    "SmsStatus": ("received",),
}
_STATUS_USES = frozenset({*_SIDS, "MessageStatus", "SmsStatus", "ErrorCode", "ErrorMessage"})


def read(form: Values, query: str = "") -> Incoming:
    """Return what a verified form means.

    Args:
        form: Values by name.
        query: Raw query of the request; the status URL carries our message id in it.

    Raises:
        MalformedWebhook: It is no message webhook, or not one of WhatsApp.

    >>> form = {"MessageSid": "SM1", "From": "whatsapp:+34600000001", "To": "whatsapp:+14155550100", "Body": "Hi"}
    >>> read(form).content
    Text(body='Hi')
    >>> read({"MessageSid": "SM1", "MessageStatus": "sent"}, "m=42").message_id
    '42'
    """
    sid = next((form[name] for name in _SIDS if form.get(name)), "")
    if not sid:
        raise MalformedWebhook("There is no MessageSid.", "Only message and status webhooks are taken here.")
    status = form.get("MessageStatus") or form.get("SmsStatus", "")
    if form.get("MessageStatus") or status not in _INBOUND_STATUSES:
        return _report(form, sid, status, query)
    return _inbound(form, sid)


def _report(form: Values, sid: str, status: str, query: str) -> StatusReport:
    code = _number(form.get("ErrorCode", ""))
    uses = _STATUS_USES if code is not None else _STATUS_USES - {"ErrorCode"}
    return StatusReport(
        sid,
        status,
        _message_id(query),
        code,
        form.get("ErrorMessage") or form.get("ChannelStatusMessage", ""),
        {name: value for name, value in form.items() if value and name not in uses},
        code is not None and advice(code).retryable,
    )


def _number(text: str) -> int | None:
    """Return an error code; anything that is not a plain number is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _message_id(query: str) -> str | None:
    return parse(encoded(query)).values.get(MESSAGE_ID) or None if query else None


def _inbound(form: Values, sid: str) -> Inbound:
    sender, recipient = form.get("From", ""), form.get("To", "")
    if not (sender.startswith(PREFIX) or recipient.startswith(PREFIX)):
        raise MalformedWebhook(
            "The message did not come through WhatsApp.", "Its addresses have no whatsapp: prefix; SMS is not taken."
        )
    content, used = _content(form)
    extra: dict[str, str] = {}
    referral: dict[str, str] = {}
    for name, value in [item for item in form.items() if item[1] and item[0] not in used]:
        if name in REFERRAL:
            referral[REFERRAL[name]] = value
        elif value not in _SAYS_NOTHING.get(name, ()):
            extra[name] = value
    if "Body" in extra and extra["Body"] == summary(content):
        del extra["Body"]
    return Inbound(
        sid,
        _address(recipient, "To"),
        _people(form, sender, extra),
        content,
        form.get("ProfileName", ""),
        form.get("OriginalRepliedMessageSid") or None,
        form.get("Forwarded") == "true" or form.get("FrequentlyForwarded") == "true",
        referral,
        extra,
    )


def _content(form: Values) -> tuple[Content, frozenset[str]]:
    """Return the content, and the names of the parameters that it is used for."""
    for kind in KINDS:
        for sign in kind.signs:
            if form.get(sign):
                content = kind.read(form)
                if content is not None:
                    return content, kind.used
    return Unsupported("unknown kind", form.get("MessageType", "")), _ALWAYS_USED


def _address(text: str, field: str) -> Address:
    try:
        return addresses.parse(text, field)
    except InvalidValue:
        raise MalformedWebhook(f"The parameter {field} is no WhatsApp address.") from None


def _people(form: Values, sender: str, extra: dict[str, str]) -> tuple[Address, ...]:
    """Return every address of the sender; one that cannot be read stays in *extra* and loses nobody."""
    known = {_address(sender, "From"): None}
    for name in ("WaId", "ExternalUserId"):
        text = form.get(name)
        if text:
            try:
                known[addresses.parse(text, name)] = None
            except InvalidValue:
                continue
            del extra[name]
    return tuple(known)
