"""What a customer sends: the message record, its webhook and the replies in the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping

import attrs

from wa_omnichannel.emulator.addresses import new_sid, whatsapp
from wa_omnichannel.emulator.callbacks import API_VERSION
from wa_omnichannel.emulator.lifecycle import begin
from wa_omnichannel.emulator.media import kind_of
from wa_omnichannel.emulator.records import (
    Delivery,
    MediaItem,
    MessageRecord,
    Number,
    Profile,
    StatusChange,
)
from wa_omnichannel.emulator.twiml import Reply, is_twiml, parse_replies
from wa_omnichannel.emulator.webhooks import post_webhook
from wa_omnichannel.emulator.world import World, visible_address

_CONTEXT_KEYS = ("ProfileName", "WaId", "Forwarded", "FrequentlyForwarded", "ButtonText", "ButtonPayload")


def receive(
    world: World,
    number: Number,
    profile: Profile,
    params: Mapping[str, str],
    media: tuple[str, bytes] | None = None,
) -> Delivery:
    """Take a customer's message in, open the window and post the webhook from the calling thread.

    ``params`` overrides any parameter of the webhook; ``media`` is a content type and the bytes.
    """
    record = _record(world, number, profile, params, media)
    form = {**_base_params(world, record, profile), **_media_params(world, record), **params}
    form.setdefault("ChannelMetadata", _channel_metadata(form))
    world.add_message(attrs.evolve(record, body=form["Body"], rendered_body=form["Body"]))
    world.open_window(whatsapp(number.phone), profile, record.created_at)
    return _post(world, number, record, form)


def _record(
    world: World,
    number: Number,
    profile: Profile,
    params: Mapping[str, str],
    media: tuple[str, bytes] | None,
) -> MessageRecord:
    now = world.clock.now()
    items = (MediaItem(new_sid("ME"), media[0], media[1], now),) if media else ()
    return MessageRecord(
        sid=params.get("MessageSid") or new_sid("MM" if media else "SM"),
        direction="inbound",
        from_=params.get("From") or visible_address(profile),
        to=whatsapp(number.phone),
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


def _post(world: World, number: Number, record: MessageRecord, form: Mapping[str, str]) -> Delivery:
    if not number.inbound_url:
        return Delivery(None, "", record.sid, 0, f"{number.phone} has no inbound URL")
    fault = world.faults.take_callback("received")
    delivery = post_webhook(world, "inbound", number.inbound_url, form, copies=fault.copies)
    if not is_twiml(delivery.content_type):
        return delivery
    try:
        replies = parse_replies(delivery.body)
    except ValueError as failure:
        return attrs.evolve(delivery, error=str(failure))
    for reply in replies:
        begin(world, _reply_record(world, number, record, reply))
    return delivery


def _reply_record(world: World, number: Number, asked: MessageRecord, reply: Reply) -> MessageRecord:
    return MessageRecord(
        sid=new_sid("MM" if reply.media_url else "SM"),
        direction="outbound-reply",
        from_=asked.to,
        to=asked.from_,
        history=(StatusChange("queued", world.clock.now()),),
        body=reply.body,
        rendered_body=reply.body,
        media_url=reply.media_url,
        status_callback=reply.action or number.status_url,
    )
