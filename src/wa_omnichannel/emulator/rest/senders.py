"""The Senders API: senders, their webhooks, quality and limits. Writes are JSON and take effect a little later."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import attrs

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Answer, Call, Document, not_found
from wa_omnichannel.emulator.rest.paging import new_style, page_of
from wa_omnichannel.emulator.state.addresses import CHANNEL, is_phone
from wa_omnichannel.emulator.state.records import Number
from wa_omnichannel.emulator.state.world import World

PATH = "/v2/Channels/Senders"

# Names of the webhook block and of the attributes they set.
_WEBHOOK: Mapping[str, str] = {
    "callback_url": "inbound_url",
    "callback_method": "inbound_method",
    "fallback_url": "fallback_url",
    "fallback_method": "fallback_method",
    "status_callback_url": "status_url",
    "status_callback_method": "status_method",
}
_METHODS = frozenset({"POST", "PUT"})


def sender_json(world: World, number: Number) -> dict[str, object]:
    """Return the sender resource."""
    return {
        "compliance": None,
        "configuration": {"waba_id": "1", **number.configuration},
        "display_name_status": "APPROVED",
        "friendly_name": None,
        "offline_reasons": [dict(each) for each in number.offline_reasons],
        "pending_display_name": None,
        "pending_display_name_status": None,
        "pending_display_name_status_date": None,
        "profile": {"name": "Local sender", **number.profile},
        "properties": {"quality_rating": number.quality_rating, "messaging_limit": number.messaging_limit},
        "sender_id": number.address,
        "sid": number.install_sid,
        "status": number.status,
        "url": f"{world.base_url}{PATH}/{number.install_sid}",
        "webhook": {name: getattr(number, attribute) for name, attribute in _WEBHOOK.items()},
    }


def list_senders(world: World, call: Call) -> Answer:
    """List the senders of a channel (``Channel=whatsapp``)."""
    if call.argument("Channel") != "whatsapp":
        raise RestError(20422, "Channel must be whatsapp")
    page = page_of(world.senders.all, call, lambda number: number.install_sid)
    return Answer(payload=new_style(world.base_url + PATH, "senders", page, call, partial(sender_json, world)))


def create_sender(world: World, call: Call) -> Answer:
    """Register a sender; it is online a little later."""
    document = call.document()
    address = str(document.get("sender_id") or "")
    if not address.startswith(CHANNEL) or not is_phone(address.removeprefix(CHANNEL)):
        raise RestError(20422, "sender_id must be whatsapp: and a phone number")
    if world.senders.get(address) is not None:
        raise RestError(20409, f"{address} is a sender already")
    drafted = _changed(Number(phone=address.removeprefix(CHANNEL), status="CREATING"), document)
    if not drafted.profile.get("name"):
        raise RestError(20422, "profile.name is required")
    return _later(world, world.senders.put(drafted))


def fetch_sender(world: World, call: Call) -> Answer:
    """Return one sender."""
    return Answer(payload=sender_json(world, _sender(world, call)))


def update_sender(world: World, call: Call) -> Answer:
    """Change blocks of a sender; blocks left out stay as they are."""
    changed = _changed(_sender(world, call), call.document())
    return _later(world, world.senders.put(attrs.evolve(changed, status="ONLINE:UPDATING")))


def delete_sender(world: World, call: Call) -> Answer:
    """Remove a sender."""
    world.senders.remove(_sender(world, call))
    return Answer(status=204)


def _later(world: World, number: Number) -> Answer:
    world.scheduler.submit(number.install_sid, world.options.delay, partial(_go_online, world, number.address))
    return Answer(status=202, payload=sender_json(world, number))


async def _go_online(world: World, address: str) -> None:
    number = world.senders.get(address)
    if number is not None:
        world.senders.put(attrs.evolve(number, status="ONLINE"))


def _sender(world: World, call: Call) -> Number:
    number = world.senders.by_sid(call.params["sender"])
    if number is None:
        raise not_found(call)
    return number


def _changed(number: Number, document: Document) -> Number:
    webhook = _block(document, "webhook")
    for name, value in webhook.items():
        _check_webhook(name, value)
    changes: dict[str, Any] = {_WEBHOOK[name]: value for name, value in webhook.items()}
    profile = {**number.profile, **_block(document, "profile")}
    configuration = {**number.configuration, **_block(document, "configuration")}
    return attrs.evolve(number, profile=profile, configuration=configuration, **changes)


def _check_webhook(name: str, value: object) -> None:
    if name not in _WEBHOOK:
        raise RestError(20422, f"webhook has no {name!r}")
    is_method = name.endswith("_method")
    if is_method and value not in _METHODS:
        raise RestError(20422, f"webhook.{name} must be POST or PUT")
    if not is_method and value is not None and not isinstance(value, str):
        raise RestError(20422, f"webhook.{name} must be a URL")


def _block(document: Document, name: str) -> dict[str, object]:
    block = document.get(name)
    if block is None:
        return {}
    if not isinstance(block, dict):
        raise RestError(20422, f"{name} must be an object")
    return cast("dict[str, object]", block)
