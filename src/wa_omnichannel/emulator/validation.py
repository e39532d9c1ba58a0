"""What Twilio checks before it takes a message in."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

from wa_omnichannel.emulator.addresses import CHANNEL, is_whatsapp_address, new_sid
from wa_omnichannel.emulator.calls import Call
from wa_omnichannel.emulator.problems import RestError
from wa_omnichannel.emulator.records import MessageRecord, StatusChange
from wa_omnichannel.emulator.world import World

MAX_BODY = 1600
MAX_VALIDITY = 36000
_SUBSTANCE = ("Body", "MediaUrl", "ContentSid", "PersistentAction")


def draft_message(world: World, call: Call) -> MessageRecord:
    """Return the message a send asks for.

    Raises:
        RestError: If Twilio would refuse the request.
    """
    for code, is_wrong in _RULES:
        if is_wrong(world, call):
            raise RestError(code, _detail(code, call))
    service = call.field("MessagingServiceSid")
    body = _body(world, call)
    return MessageRecord(
        sid=new_sid("MM" if call.has("MediaUrl") else "SM"),
        direction="outbound-api",
        from_=call.field("From") or _sender_of(world, service),
        to=call.field("To"),
        history=(StatusChange("accepted" if service else "queued", world.clock.now()),),
        body=body,
        rendered_body=body,
        media_url=call.field("MediaUrl") or None,
        content_sid=call.field("ContentSid") or None,
        content_variables=parse_variables(call.field("ContentVariables")) or {},
        persistent_action=call.field("PersistentAction") or None,
        messaging_service_sid=service or None,
        status_callback=call.field("StatusCallback") or _status_url(world, call, service),
        validity_period=int(call.field("ValidityPeriod") or MAX_VALIDITY),
    )


def parse_variables(text: str) -> dict[str, str] | None:
    """Return the variables in JSON text (none if blank), or ``None`` if it is no object of strings."""
    try:
        value: object = json.loads(text or "{}")
    except ValueError:
        return None
    if not isinstance(value, dict):
        return None
    items = cast("dict[object, object]", value).items()
    strings = {key: each for key, each in items if isinstance(key, str) and isinstance(each, str)}
    return strings if len(strings) == len(items) else None


def _body(world: World, call: Call) -> str:
    template = world.template(call.field("ContentSid"))
    variables = parse_variables(call.field("ContentVariables")) or {}
    return template.render(variables) if template else call.field("Body")


def _sender_of(world: World, service: str) -> str:
    return (world.service(service) or ("",))[0]


def _status_url(world: World, call: Call, service: str) -> str | None:
    number = world.number(call.field("From") or _sender_of(world, service))
    return number.status_url if number else None


def _detail(code: int, call: Call) -> str:
    details = {
        20001: f"ValidityPeriod must be 1 to {MAX_VALIDITY} s; the emulator does not schedule (SendAt)",
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
    return bool(call.field("From")) and world.number(call.field("From")) is None


def _is_unknown_service(world: World, call: Call) -> bool:
    service = call.field("MessagingServiceSid")
    return bool(service) and not world.service(service)


def _is_unknown_content(world: World, call: Call) -> bool:
    content = call.field("ContentSid")
    return bool(content) and world.template(content) is None


def _has_bad_callback(_world: World, call: Call) -> bool:
    url = urlsplit(call.field("StatusCallback"))
    host = url.hostname or ""
    return call.has("StatusCallback") and (url.scheme not in {"http", "https"} or not host or "_" in host)


def _has_bad_validity(_world: World, call: Call) -> bool:
    seconds = call.field("ValidityPeriod") or str(MAX_VALIDITY)
    return not seconds.isdecimal() or not 1 <= int(seconds) <= MAX_VALIDITY


Rule = Callable[[World, Call], bool]

# The order is the order of the answers: the first rule broken is the one reported.
_RULES: tuple[tuple[int, Rule], ...] = (
    (21604, lambda _, call: not call.field("To")),
    (21211, lambda _, call: not is_whatsapp_address(call.field("To"))),
    (21603, _has_no_sender),
    (21606, _is_no_channel),
    (63007, _is_unknown_sender),
    (21701, _is_unknown_service),
    (21602, lambda _, call: not any(call.field(name) for name in _SUBSTANCE)),
    (21617, lambda _, call: len(call.field("Body")) > MAX_BODY),
    (21623, lambda _, call: len(call.fields("MediaUrl")) > 1),
    (21656, lambda _, call: parse_variables(call.field("ContentVariables")) is None),
    (20404, _is_unknown_content),
    (21609, _has_bad_callback),
    (20001, _has_bad_validity),
    (20001, lambda _, call: call.has("SendAt") or call.has("ScheduleType")),  # not emulated
)
