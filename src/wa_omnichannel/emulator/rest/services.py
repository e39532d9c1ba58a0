"""Messaging Services and the senders in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import attrs

from wa_omnichannel.emulator.behaviour.problems import RestError
from wa_omnichannel.emulator.rest.calls import Answer, Call, flag, not_found
from wa_omnichannel.emulator.rest.dates import iso8601
from wa_omnichannel.emulator.rest.paging import new_style, page_of
from wa_omnichannel.emulator.rest.validation import MAX_VALIDITY, is_validity
from wa_omnichannel.emulator.state.records import Number, Service
from wa_omnichannel.emulator.state.senders import SERVICE_DEFAULTS
from wa_omnichannel.emulator.state.world import World

PATH = "/v1/Services"


def service_json(world: World, service: Service) -> dict[str, object]:
    """Return the service resource."""
    url = f"{world.base_url}{PATH}/{service.sid}"
    return {
        **service.settings,
        "account_sid": world.options.account_sid,
        "date_created": iso8601(service.created_at),
        "date_updated": iso8601(service.updated_at),
        "links": {"channel_senders": f"{url}/ChannelSenders"},
        "sid": service.sid,
        "url": url,
    }


def list_services(world: World, call: Call) -> Answer:
    """List the services."""
    page = page_of(world.senders.services, call, lambda service: service.sid)
    return Answer(payload=new_style(world.base_url + PATH, "services", page, call, partial(service_json, world)))


def create_service(world: World, call: Call) -> Answer:
    """Create a service; ``FriendlyName`` is required."""
    if not call.field("FriendlyName"):
        raise RestError(20001, "FriendlyName is required")
    return Answer(status=201, payload=service_json(world, world.senders.add_service(settings=_settings(call))))


def fetch_service(world: World, call: Call) -> Answer:
    """Return one service."""
    return Answer(payload=service_json(world, _service(world, call)))


def update_service(world: World, call: Call) -> Answer:
    """Change settings of a service."""
    changed = world.senders.change_service(_service(world, call), **_settings(call))
    return Answer(payload=service_json(world, changed))


def delete_service(world: World, call: Call) -> Answer:
    """Delete a service."""
    world.senders.remove_service(_service(world, call))
    return Answer(status=204)


def _service(world: World, call: Call) -> Service:
    service = world.senders.service(call.params["service"])
    if service is None:
        raise not_found(call)
    return service


def _text(text: str) -> object:
    return text or None


def _method(text: str) -> object:
    if text not in {"GET", "POST"}:
        raise RestError(20001, f"{text!r} is neither GET nor POST")
    return text


def _seconds(text: str) -> object:
    if not is_validity(text):
        raise RestError(20001, f"ValidityPeriod must be 1 to {MAX_VALIDITY} s")
    return int(text)


def _reader(name: str) -> Callable[[str], object]:
    """Return how the form field of a setting is read."""
    default = SERVICE_DEFAULTS[name]
    if isinstance(default, bool):
        return flag
    if name.endswith("_method"):
        return _method
    return _seconds if isinstance(default, int) else _text


def _form_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


READERS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    _form_name(name): (name, _reader(name)) for name in SERVICE_DEFAULTS if name != "us_app_to_person_registered"
}


def _settings(call: Call) -> dict[str, object]:
    given = {field: call.field(field) for field in READERS if call.has(field)}
    return {READERS[field][0]: READERS[field][1](text) for field, text in given.items()}


# --- the senders of a service


def channel_sender_json(world: World, service: Service, number: Number) -> dict[str, object]:
    """Return the resource of a sender in a service."""
    created = iso8601(service.updated_at)
    return {
        "account_sid": world.options.account_sid,
        "country_code": "US",
        "date_created": created,
        "date_updated": created,
        "messaging_service_sid": service.sid,
        "sender": number.address,
        "sender_type": "WhatsApp",
        "sid": number.install_sid,
        "url": f"{world.base_url}{PATH}/{service.sid}/ChannelSenders/{number.install_sid}",
    }


def list_channel_senders(world: World, call: Call) -> Answer:
    """List the senders of a service."""
    service = _service(world, call)
    numbers = [number for each in service.senders if (number := world.senders.get(each)) is not None]
    page = page_of(numbers, call, lambda number: number.install_sid)
    url = f"{world.base_url}{PATH}/{service.sid}/ChannelSenders"
    render = partial(channel_sender_json, world, service)
    return Answer(payload=new_style(url, "senders", page, call, render))


def create_channel_sender(world: World, call: Call) -> Answer:
    """Put a sender (``Sid``) into a service."""
    service, number = _service(world, call), world.senders.by_sid(call.field("Sid"))
    if number is None:
        raise RestError(20404, f"There is no sender {call.field('Sid')!r}")
    if number.address in service.senders:
        raise RestError(20409, f"{number.address} is in this service already")
    changed = world.senders.put_service(attrs.evolve(service, senders=(*service.senders, number.address)))
    return Answer(status=201, payload=channel_sender_json(world, changed, number))


def fetch_channel_sender(world: World, call: Call) -> Answer:
    """Return one sender of a service."""
    service, number = _member(world, call)
    return Answer(payload=channel_sender_json(world, service, number))


def delete_channel_sender(world: World, call: Call) -> Answer:
    """Take a sender out of a service."""
    service, number = _member(world, call)
    rest = tuple(each for each in service.senders if each != number.address)
    world.senders.put_service(attrs.evolve(service, senders=rest))
    return Answer(status=204)


def _member(world: World, call: Call) -> tuple[Service, Number]:
    service, number = _service(world, call), world.senders.by_sid(call.params["sender"])
    if number is None or number.address not in service.senders:
        raise not_found(call)
    return service, number
