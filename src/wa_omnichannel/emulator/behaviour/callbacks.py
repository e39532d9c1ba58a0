"""Status callbacks of outbound messages."""

from __future__ import annotations

from functools import partial

from wa_omnichannel.emulator.behaviour.webhooks import Target, post_webhook
from wa_omnichannel.emulator.state.addresses import whatsapp
from wa_omnichannel.emulator.state.records import MessageRecord
from wa_omnichannel.emulator.state.world import World

API_VERSION = "2010-04-01"
HOLD = 0.3  # real seconds after which a callback held back comes although no other followed


async def notify(world: World, record: MessageRecord) -> None:
    """Post the present status of a message to its callback URL, if it has one, faults applied."""
    if not record.status_callback:
        return
    fault = world.faults.take_callback(record.status, record.ordinal)
    number = world.senders.get(record.from_)
    own = number is not None and record.status_callback == number.status_url
    target = Target(url=record.status_callback, method=number.status_method if own and number else "POST")
    post = partial(post_webhook, world, "status", target, status_params(world, record), copies=fault.copies)
    if fault.held:
        world.hold(record.sid, post)
        world.scheduler.submit(f"{record.sid} held", HOLD, partial(_release, world, record.sid))
    elif fault.delay:
        world.scheduler.submit(f"{record.sid} {record.status}, late", fault.delay, post)
    else:
        await post()
        await _release(world, record.sid)


async def _release(world: World, sid: str) -> None:
    for post in world.take_held(sid):
        await post()


def status_params(world: World, record: MessageRecord) -> dict[str, str]:
    """Return the form of a status callback."""
    return {
        "MessageSid": record.sid,
        "MessageStatus": record.status,
        "SmsSid": record.sid,
        "SmsStatus": record.status,
        "AccountSid": world.options.account_sid,
        "From": record.from_,
        "To": record.to,
        "ApiVersion": API_VERSION,
        "ChannelPrefix": "whatsapp",
        "ChannelInstallSid": _install_sid(world, record),
        **_optional(world, record),
    }


def _install_sid(world: World, record: MessageRecord) -> str:
    number = world.senders.get(record.from_)
    return number.install_sid if number else ""


def _optional(world: World, record: MessageRecord) -> dict[str, str]:
    profile = world.people.get(record.to)
    candidates = {
        "EventType": "READ" if record.status == "read" else None,
        "ErrorCode": str(record.error_code) if record.error_code else None,
        "ErrorMessage": record.error_message,
        "ChannelStatusMessage": record.error_message,
        "MessagingServiceSid": record.messaging_service_sid,
        "ExternalUserId": whatsapp(profile.user_id) if profile and profile.user_id else None,
    }
    return {name: value for name, value in candidates.items() if value}
