"""The typing indicator, in both versions; it marks the message it answers as read."""

from __future__ import annotations

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Answer, Call
from wa_omnichannel.emulator.state.world import World


def type_v2(world: World, call: Call) -> Answer:
    """Show that the business types (form: ``channel=whatsapp``, ``messageId``)."""
    _show(world, call.field("channel"), call.field("messageId"))
    return Answer(payload={"success": True})


def type_v3(world: World, call: Call) -> Answer:
    """Show that the business types (JSON: ``channel`` ``WHATSAPP``, ``messageId``)."""
    document = call.document()
    _show(world, str(document.get("channel") or "").lower(), str(document.get("messageId") or ""))
    return Answer(payload={"success": True})


def _show(world: World, channel: str, sid: str) -> None:
    if channel != "whatsapp":
        raise RestError(20422, "channel must be whatsapp")
    try:
        message = world.messages.get(sid)
    except KeyError:
        raise RestError(20404, f"There is no message {sid!r}") from None
    if message.direction != "inbound":
        raise RestError(20422, "messageId must be a message of the customer")
    world.messages.move(sid, "read")
    world.note_typing(message.to, message.from_)
