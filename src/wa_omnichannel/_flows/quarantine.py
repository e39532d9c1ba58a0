"""Quarantine: what the provider sent and nobody can be given is kept whole, shown, and can be replayed."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from wa_omnichannel._flows.steps import Flow, commit
from wa_omnichannel.addresses import Address
from wa_omnichannel.errors import AlreadyDone, MalformedWebhook, Refused
from wa_omnichannel.messages import Inbound
from wa_omnichannel.ports import Changes, NewEvent, Put, quarantine_key
from wa_omnichannel.webhooks import Held, HeldRequest, WebhookRequest


def hold_message(inbound: Inbound, refusal: Refused, at: datetime) -> Flow[None]:
    """Keep a message for a number that is not known, switched off or without a workstream."""
    yield from _hold(inbound.sid, Held(_name(at, inbound.sid), at, refusal.reason, inbound), inbound.number)


def hold_request(request: WebhookRequest, error: MalformedWebhook, at: datetime) -> Flow[None]:
    """Keep a webhook that the provider did send, but that this release cannot read."""
    name = sha256(b"\n".join((request.path.encode(), request.query.encode(), request.body))).hexdigest()[:32]
    held = Held(_name(at, name), at, error.code, request=HeldRequest.of(request), problem=error.problem)
    yield from _hold(name, held, Address(""))


def _name(at: datetime, name: str) -> str:
    """Return an id that sorts by the instant."""
    return f"{at:%Y%m%dT%H%M%S%f}-{name}"


def _hold(once: str, held: Held, number: Address) -> Flow[None]:
    """Put it into the quarantine and say so on the event stream; one that is sent again is there already."""
    facts = {"reason": held.reason, "held": held.id}
    event = NewEvent(number, "", 0, None, "webhook_held", held.at, facts)
    try:
        yield from commit(Changes((Put(quarantine_key(held.id), held),), events=(event,), once=f"held:{once}"))
    except AlreadyDone:
        return
