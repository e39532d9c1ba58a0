"""Status callbacks of outbound messages."""

from __future__ import annotations

from functools import partial

from wa_omnichannel.emulator.records import MessageRecord
from wa_omnichannel.emulator.webhooks import post_webhook
from wa_omnichannel.emulator.world import World

API_VERSION = "2010-04-01"


def notify(world: World, record: MessageRecord) -> None:
    """Post the present status of a message to its callback URL, if it has one, faults applied."""
    if not record.status_callback:
        return
    fault = world.faults.take_callback(record.status)
    post = partial(
        post_webhook,
        world,
        "status",
        record.status_callback,
        status_params(world, record),
        copies=fault.copies,
    )
    if fault.delay:
        world.scheduler.submit(f"{record.sid} {record.status}, late", fault.delay, post)
    else:
        post()


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
    number = world.number(record.from_)
    return number.install_sid if number else ""


def _optional(world: World, record: MessageRecord) -> dict[str, str]:
    profile = world.profile(record.to)
    candidates = {
        "EventType": "READ" if record.status == "read" else None,
        "ErrorCode": str(record.error_code) if record.error_code else None,
        "ErrorMessage": record.error_message,
        "ChannelStatusMessage": record.error_message,
        "MessagingServiceSid": record.messaging_service_sid,
        "ExternalUserId": f"whatsapp:{profile.user_id}" if profile and profile.user_id else None,
    }
    return {name: value for name, value in candidates.items() if value}
