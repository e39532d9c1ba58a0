"""What Twilio checks before it takes a message in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Call
from wa_omnichannel.emulator.rest.dates import read_date
from wa_omnichannel.emulator.state.addresses import CHANNEL, is_whatsapp_address
from wa_omnichannel.emulator.state.records import MessageRecord, Service, StatusChange
from wa_omnichannel.emulator.state.world import World

MAX_BODY = 1600
MAX_KEY = 16
MAX_VALIDITY = 36000
SCHEDULE_MIN = timedelta(seconds=300)
SCHEDULE_MAX = timedelta(days=35)
_SUBSTANCE = ("Body", "MediaUrl", "ContentSid", "PersistentAction")


def draft_message(world: World, call: Call) -> MessageRecord:
    """Return the message a send asks for.

    Raises:
        RestError: If Twilio would refuse the request.
    """
    for code, is_wrong in _RULES:
        if is_wrong(world, call):
            raise RestError(code, _detail(code, call))
    service = world.senders.service(call.field("MessagingServiceSid"))
    body = _body(world, call)
    send_at = read_date(call.field("SendAt")) if call.field("SendAt") else None
    first = "scheduled" if send_at else "accepted" if service else "queued"
    sender = call.field("From") or (world.senders.choose(service, call.field("To")) if service else "")
    return MessageRecord(
        sid=world.sids.new("MM" if call.has("MediaUrl") else "SM"),
        direction="outbound-api",
        from_=sender,
        to=call.field("To"),
        history=(StatusChange(first, world.clock.now()),),
        body=body,
        rendered_body=body,
        media_url=call.field("MediaUrl") or None,
        content_sid=call.field("ContentSid") or None,
        content_variables=parse_variables(call.field("ContentVariables")) or {},
        persistent_action=call.field("PersistentAction") or None,
        messaging_service_sid=service.sid if service else None,
        status_callback=call.field("StatusCallback") or _status_url(world, sender, service),
        validity_period=int(call.field("ValidityPeriod") or MAX_VALIDITY),
        send_at=send_at,
    )


def parse_variables(text: str) -> dict[str, str] | None:
    """Return the variables in JSON text (none if blank), or ``None`` if it is no object of strings."""
    try:
        value: object = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    items = cast("dict[object, object]", value).items()
    strings = {key: each for key, each in items if isinstance(key, str) and isinstance(each, str)}
    return strings if len(strings) == len(items) else None


def is_validity(text: str) -> bool:
    """Tell whether ``text`` is a number of seconds that a message may be valid for."""
    return text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= MAX_VALIDITY


def _body(world: World, call: Call) -> str:
    template = world.template(call.field("ContentSid"))
    variables = parse_variables(call.field("ContentVariables")) or {}
    return template.render(variables) if template else call.field("Body")


def _status_url(world: World, sender: str, service: Service | None) -> str | None:
    number = world.senders.get(sender)
    own = number.status_url if number else None
    return (str(service.settings["status_callback"] or "") or own) if service else own


def _detail(code: int, call: Call) -> str:
    details = {
        20001: f"ValidityPeriod must be 1 to {MAX_VALIDITY} s",
        20404: f"The requested resource /Content/{call.field('ContentSid')} was not found",
        21211: f"The 'To' number {call.field('To')} is not a valid phone number.",
        21606: f"The 'From' number {call.field('From')} is not a WhatsApp address of this account.",
    }
    return details.get(code, "")


def _has_no_sender(_world: World, call: Call) -> bool:
    return not call.field("From") and not call.field("MessagingServiceSid")


def _is_no_channel(_world: World, call: Call) -> bool:
    return bool(call.field("From")) and not call.field("From").startswith(CHANNEL)


def _is_unknown_sender(world: World, call: Call) -> bool:
    sender = call.field("From")
    return bool(sender) and not world.senders.is_online(sender)


def _is_unknown_service(world: World, call: Call) -> bool:
    service = call.field("MessagingServiceSid")
    return bool(service) and world.senders.service(service) is None


def _has_no_pool(world: World, call: Call) -> bool:
    service = world.senders.service(call.field("MessagingServiceSid"))
    return service is not None and not service.senders and not call.field("From")


def _has_no_free_sender(world: World, call: Call) -> bool:
    service = world.senders.service(call.field("MessagingServiceSid"))
    return service is not None and not call.field("From") and not any(map(world.senders.is_online, service.senders))


def _is_opted_out(world: World, call: Call) -> bool:
    sender = call.field("From")
    service = world.senders.service_of(sender) if sender else None
    known = call.field("MessagingServiceSid") or (service.sid if service else "")
    return bool(known) and world.people.is_opted_out(known, call.field("To"))


def _has_bad_media(_world: World, call: Call) -> bool:
    return any(not _is_web_address(url) for url in call.fields("MediaUrl"))


def _is_web_address(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in {"http", "https"} and bool(url.hostname) and (url.port or 1) > 0
    except ValueError:
        return False


def _has_bad_variables(_world: World, call: Call) -> bool:
    variables = parse_variables(call.field("ContentVariables"))
    return variables is None or any(not _is_fit(key, value) for key, value in variables.items())


def _is_fit(key: str, value: str) -> bool:
    """Tell whether WhatsApp takes a variable: no empty value, line break, tab or more than four spaces in a row."""
    short = 0 < len(key) <= MAX_KEY and len(value) <= MAX_BODY
    return short and bool(value) and not any(each in value for each in ("\n", "\r", "\t", " " * 5))


def _has_bad_time(world: World, call: Call) -> bool:
    text = call.field("SendAt")
    if not text:
        return False
    ahead = read_date(text) - world.clock.now()
    return not SCHEDULE_MIN < ahead <= SCHEDULE_MAX


def _is_unknown_content(world: World, call: Call) -> bool:
    content = call.field("ContentSid")
    return bool(content) and world.template(content) is None


def _has_bad_callback(_world: World, call: Call) -> bool:
    text = call.field("StatusCallback")
    return call.has("StatusCallback") and (not _is_web_address(text) or "_" in (urlsplit(text).hostname or ""))


def _has_bad_validity(_world: World, call: Call) -> bool:
    return not is_validity(call.field("ValidityPeriod") or str(MAX_VALIDITY))


Rule = Callable[[World, Call], bool]

# The order is the order of the answers: the first rule broken is the one reported.
_RULES: tuple[tuple[int, Rule], ...] = (
    (21604, lambda _, call: not call.field("To")),
    (21211, lambda _, call: not is_whatsapp_address(call.field("To"))),
    (21603, _has_no_sender),
    (21606, _is_no_channel),
    (63007, _is_unknown_sender),
    (63031, lambda _, call: call.field("From") == call.field("To")),
    (21701, _is_unknown_service),
    (21704, _has_no_pool),
    (21703, _has_no_free_sender),
    (21602, lambda _, call: not any(call.field(name) for name in _SUBSTANCE)),
    (21617, lambda _, call: len(call.field("Body")) > MAX_BODY),
    (21623, lambda _, call: len(call.fields("MediaUrl")) > 1),
    (21620, _has_bad_media),
    (21654, lambda _, call: bool(call.field("ContentVariables")) and not call.field("ContentSid")),
    (21656, _has_bad_variables),
    (20404, _is_unknown_content),
    (21609, _has_bad_callback),
    (20001, _has_bad_validity),
    (35126, lambda _, call: call.field("ScheduleType") not in {"", "fixed"}),
    (35111, lambda _, call: bool(call.field("ScheduleType")) and not call.field("SendAt")),
    (35126, lambda _, call: bool(call.field("SendAt")) and not call.field("ScheduleType")),
    (35118, lambda _, call: bool(call.field("SendAt")) and not call.field("MessagingServiceSid")),
    (35114, _has_bad_time),
    (21610, _is_opted_out),
)
