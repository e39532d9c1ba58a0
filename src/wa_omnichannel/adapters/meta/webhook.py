"""From a verified body to its meaning: any number of messages, statuses and notices, in their order.

One body may hold many things (Meta, "Webhooks", 2026: up to 1,000 updates, at most 3 MB). One that cannot
be read does not hide the others: it becomes a notice, which is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from wa_omnichannel import addresses
from wa_omnichannel._net.calls import json_object
from wa_omnichannel.adapters.meta.account import MetaAccount
from wa_omnichannel.adapters.meta.contents import content_of
from wa_omnichannel.adapters.meta.shapes import Json, child, children, code, compact, first, text
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import InvalidValue, MalformedWebhook
from wa_omnichannel.messages import Inbound, Incoming, Notice, StatusReport, Unsupported

MAX_BODY = 3 * 1024 * 1024
"""Largest body in bytes."""

UNREADABLE = "unreadable"
"""Kind of the notice about an entry that cannot be read."""

_WA_ID = re.compile(r"\+?([1-9][0-9]{3,14})", re.ASCII)
_NOT_SAID = frozenset({"system", "request_welcome"})
"""Types of entries that stand among the messages but are none of the customer's."""

_INTERPRETED = frozenset({
    "id", "from", "from_user_id", "timestamp", "type", "text", "image", "audio", "voice", "video", "document",
    "sticker", "location", "button", "interactive", "reaction", "context", "referral", "errors",
})  # fmt: skip
_REFERRAL = {
    "body": "body",
    "headline": "headline",
    "source_id": "source_id",
    "source_type": "source_type",
    "source_url": "source_url",
    "media_type": "media_content_type",
    "ctwa_clid": "click_id",
}
"""What we call the fields of the advertisement that led to a message; the names are the same for every transport."""
_REFERRAL_FILES = ("image_url", "video_url")


def read(body: bytes, account: MetaAccount) -> tuple[Incoming, ...]:
    """Return what a verified body means; what it says twice is there once.

    Raises:
        MalformedWebhook: It is no webhook of a WhatsApp account.

    >>> read(b'{"object": "whatsapp_business_account", "entry": []}', MetaAccount.of("t", {}))
    ()
    """
    payload = json_object(body)
    if payload.get("object") != "whatsapp_business_account":
        raise MalformedWebhook("It is no webhook of a WhatsApp account.", "Subscribe the app to WhatsApp only.")
    found = (
        item for entry in children(payload, "entry") for change in children(entry, "changes")
        for item in _change(change, account)
    )  # fmt: skip
    return tuple({_identity(item): item for item in found}.values())


def _identity(item: Incoming) -> tuple[object, ...]:
    if isinstance(item, StatusReport):
        return type(item), item.sid, item.status, item.error_code
    return type(item), item.sid if isinstance(item, Inbound) else item.id


def _change(change: Json, account: MetaAccount) -> Iterator[Incoming]:
    field, value = text(change, "field"), child(change, "value")
    if field != "messages":
        yield _notice(field or UNREADABLE, change)
        return
    number = _number(child(value, "metadata"), account)
    contacts = children(value, "contacts")
    for message in children(value, "messages"):
        yield _message(message, number, contacts, account.base_url)
    for status in children(value, "statuses"):
        yield _status(status)
    for error in children(value, "errors"):
        yield _notice("account_error", error)


def _notice(kind: str, data: Json) -> Notice:
    written = compact(data)
    return Notice(hashlib.sha256(f"{kind}\n{written}".encode(errors="replace")).hexdigest(), kind, written)


def _number(metadata: Json, account: MetaAccount) -> Address | None:
    """Return the business number; one that is not configured is read from its display form."""
    known = account.number_of(text(metadata, "phone_number_id"))
    if known is not None:
        return known
    return _phone("".join(filter(str.isdigit, text(metadata, "display_phone_number"))))


def _phone(digits: str) -> Address | None:
    found = _WA_ID.fullmatch(digits)
    return Address("+" + found[1]) if found else None


def _message(message: Json, number: Address | None, contacts: list[Json], files: str) -> Incoming:
    kind, sid = text(message, "type"), text(message, "id")
    if kind in _NOT_SAID or text(message, "group_id"):
        return _notice("group_message" if text(message, "group_id") else kind, message)
    contact = _contact_of(message, contacts)
    people, at = _people(message, contact), _instant(text(message, "timestamp"))
    if number is None or not people or not sid or at is None:
        return _notice(UNREADABLE, message)
    content = content_of(message, files)
    context, referral = child(message, "context"), child(message, "referral")
    extra = {name: _shown(value) for name, value in message.items() if name not in _INTERPRETED}
    if isinstance(content, Unsupported) and kind in message:
        extra[kind] = _shown(message[kind])
    profile = child(contact, "profile")
    extra |= {name: text(profile, name) for name in ("username",) if text(profile, name)}
    return Inbound(
        sid,
        number,
        people,
        content,
        text(profile, "name"),
        text(child(message, "reaction"), "message_id") or text(context, "id") or None,
        bool(context.get("forwarded") or context.get("frequently_forwarded")),
        _referral(referral),
        extra,
        at,
    )


def _shown(value: object) -> str:
    return text({"": value}, "") or compact(value)


def _referral(found: Json) -> dict[str, str]:
    named = {ours: text(found, theirs) for theirs, ours in _REFERRAL.items() if text(found, theirs)}
    url = next((text(found, name) for name in _REFERRAL_FILES if text(found, name)), "")
    return named | ({"media_url": url} if url else {})


def _contact_of(message: Json, contacts: list[Json]) -> Json:
    """Return the contact that wrote a message; a body may hold several."""
    ids = {text(message, "from"), text(message, "from_user_id")} - {""}
    for contact in contacts:
        if ids & {text(contact, "wa_id"), text(contact, "user_id")}:
            return contact
    return {}


def _people(message: Json, contact: Json) -> tuple[Address, ...]:
    """Return every address of the sender: the phone first, if it is shown, because answers go there."""
    phone = _phone(text(message, "from")) or _phone(text(contact, "wa_id"))
    known = {phone: None} if phone is not None else {}
    for user_id in (text(message, "from_user_id"), text(contact, "user_id")):
        if user_id:
            try:
                known[addresses.parse(user_id)] = None
            except InvalidValue:
                continue
    return tuple(known)


def _instant(seconds: str) -> datetime | None:
    """Return the instant of a timestamp, which is in whole seconds."""
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)


def _status(status: Json) -> Incoming:
    """Return the report about one of our messages; our own id comes back in it."""
    sid, word = text(status, "id"), text(status, "status")
    if not sid or not word:
        return _notice(UNREADABLE, status)
    error = first(status, "errors")
    details = text(child(error, "error_data"), "details") or text(error, "title") or text(error, "message")
    extra = {name: _shown(status[name]) for name in ("timestamp", "pricing", "conversation") if name in status}
    return StatusReport(sid, word, text(status, "biz_opaque_callback_data") or None, code(error), details, extra)
