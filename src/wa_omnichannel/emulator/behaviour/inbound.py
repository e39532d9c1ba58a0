"""What a customer sends: the message record, its webhook and the replies in the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta

import attrs

from wa_omnichannel.emulator.behaviour.callbacks import API_VERSION
from wa_omnichannel.emulator.behaviour.lifecycle import begin
from wa_omnichannel.emulator.behaviour.media import kind_of
from wa_omnichannel.emulator.behaviour.twiml import Reply, TwimlError, is_twiml, parse_replies
from wa_omnichannel.emulator.behaviour.webhooks import Target, post_webhook, raise_alert
from wa_omnichannel.emulator.behaviour.words import opt_out_type, sandbox_answer
from wa_omnichannel.emulator.state.addresses import whatsapp
from wa_omnichannel.emulator.state.people import visible_address
from wa_omnichannel.emulator.state.records import (
    Delivery,
    MediaItem,
    MessageRecord,
    Number,
    Profile,
    StatusChange,
)
from wa_omnichannel.emulator.state.world import World

# At most so many replies between two addresses in this time: Twilio's guard against loops.
REPLY_SPAN = timedelta(seconds=30)
MAX_REPLIES_IN_SPAN = 15

_CONTEXT_KEYS = ("ProfileName", "WaId", "Forwarded", "FrequentlyForwarded", "ButtonText", "ButtonPayload")


async def receive(
    world: World,
    number: Number,
    profile: Profile,
    params: Mapping[str, str],
    media: tuple[str, bytes] | None = None,
) -> Delivery:
    """Take a customer's message in, open the window and post the webhook.

    ``params`` overrides any parameter of the webhook; ``media`` is a content type and the bytes.
    """
    record = _record(world, number, profile, params, media)
    form = {**_base_params(world, record, profile), **_media_params(world, record), **params}
    form.setdefault("ChannelMetadata", _channel_metadata(form))
    body = form["Body"]
    record = world.messages.add(attrs.evolve(record, body=body, rendered_body=body))
    world.people.open_window(number.address, profile, record.created_at)
    answer = sandbox_answer(world, number, profile, body, record.created_at)
    if answer is not None:
        begin(world, _reply_record(world, number, record, Reply(body=answer)), own=True)
        return Delivery(None, "", record.sid, 0, "the sandbox took the message")
    service = world.senders.service_of(number.address)
    kind = opt_out_type(world, service, profile, body)
    form |= {"OptOutType": kind} if kind else {}
    form |= {"MessagingServiceSid": service.sid} if service else {}
    return await _post(world, number, record, form)


def _record(
    world: World,
    number: Number,
    profile: Profile,
    params: Mapping[str, str],
    media: tuple[str, bytes] | None,
) -> MessageRecord:
    now = world.clock.now()
    items = (MediaItem(world.sids.new("ME"), media[0], media[1], now),) if media else ()
    return MessageRecord(
        sid=params.get("MessageSid") or world.sids.new("MM" if media else "SM"),
        direction="inbound",
        from_=params.get("From") or visible_address(profile),
        to=number.address,
        history=(StatusChange("received", now),),
        media=items,
    )


def _base_params(world: World, record: MessageRecord, profile: Profile) -> dict[str, str]:
    return {
        "MessageSid": record.sid,
        "SmsMessageSid": record.sid,
        "SmsSid": record.sid,
        "AccountSid": world.options.account_sid,
        "From": record.from_,
        "To": record.to,
        "Body": "",
        "NumMedia": str(len(record.media)),
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": API_VERSION,
        "ReferralNumMedia": "0",
        "MessageType": "text",
        **_person_params(profile),
    }


def _person_params(profile: Profile) -> dict[str, str]:
    phone = profile.phone if profile.shares_phone else None
    candidates = {
        "ProfileName": profile.name,
        "WaId": phone.removeprefix("+") if phone else None,
        "ExternalUserId": whatsapp(profile.user_id) if profile.user_id else None,
    }
    return {name: value for name, value in candidates.items() if value is not None}


def _media_params(world: World, record: MessageRecord) -> dict[str, str]:
    if not record.media:
        return {}
    item = record.media[0]
    path = f"/2010-04-01/Accounts/{world.options.account_sid}/Messages/{record.sid}/Media/{item.sid}"
    return {
        "MediaUrl0": world.base_url + path,
        "MediaContentType0": item.content_type,
        "MessageType": kind_of(item.content_type),
    }


def _channel_metadata(form: Mapping[str, str]) -> str:
    context = {name: form[name] for name in _CONTEXT_KEYS if name in form}
    return json.dumps({"type": "whatsapp", "data": {"context": context}}, ensure_ascii=False)


async def _post(world: World, number: Number, record: MessageRecord, form: Mapping[str, str]) -> Delivery:
    target = _target(world, number)
    if target is None:
        return Delivery(None, "", record.sid, 0, f"{number.phone} has no inbound URL")
    fault = world.faults.take_callback("received", record.ordinal)
    delivery = await post_webhook(world, "inbound", target, form, copies=fault.copies)
    if not is_twiml(delivery.content_type):
        return delivery
    try:
        replies = parse_replies(delivery.body)
    except TwimlError as failure:
        raise_alert(world, failure.code, "error", record.sid, target.url)
        return attrs.evolve(delivery, error=str(failure))
    for reply in replies:
        _answer(world, number, record, reply)
    return delivery


def _target(world: World, number: Number) -> Target | None:
    """Return whom an inbound message is told: the service's URL, unless it defers to the number's own."""
    service = world.senders.service_of(number.address)
    settings: Mapping[str, object] = service.settings if service else {}
    if settings and settings["inbound_request_url"] and not settings["use_inbound_webhook_on_number"]:
        return Target(
            url=str(settings["inbound_request_url"]),
            method=str(settings["inbound_method"]),
            fallback_url=str(settings["fallback_url"] or "") or None,
            fallback_method=str(settings["fallback_method"]),
        )
    if not number.inbound_url:
        return None
    return Target(
        url=number.inbound_url,
        method=number.inbound_method,
        fallback_url=number.fallback_url,
        fallback_method=number.fallback_method,
    )


def _answer(world: World, number: Number, record: MessageRecord, reply: Reply) -> None:
    """Send a reply, unless the two addresses seem caught in a loop (14107)."""
    pair = f"replies {record.to} {record.from_}"
    if world.usage.allows(pair, world.clock.now(), REPLY_SPAN, MAX_REPLIES_IN_SPAN):
        begin(world, _reply_record(world, number, record, reply))
    else:
        raise_alert(world, 14107, "error", record.sid)


def _reply_record(world: World, number: Number, asked: MessageRecord, reply: Reply) -> MessageRecord:
    return MessageRecord(
        sid=world.sids.new("MM" if reply.media_url else "SM"),
        direction="outbound-reply",
        from_=asked.to,
        to=asked.from_,
        history=(StatusChange("queued", world.clock.now()),),
        body=reply.body,
        rendered_body=reply.body,
        media_url=reply.media_url,
        status_callback=reply.action or number.status_url,
    )
