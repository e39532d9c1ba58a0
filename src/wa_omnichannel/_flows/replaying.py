"""Looking into the quarantine, and taking a webhook out of it as if it arrived now, at its own instant."""

from __future__ import annotations

from wa_omnichannel._flows.loading import row
from wa_omnichannel._flows.receiving import take
from wa_omnichannel._flows.steps import Flow, Read, commit, load, select
from wa_omnichannel.errors import AlreadyDone, NotFound
from wa_omnichannel.messages import Incoming
from wa_omnichannel.ports import Changes, Drop, Quarantined, quarantine_key
from wa_omnichannel.rules import Rules
from wa_omnichannel.webhooks import Held


def quarantined(limit: int) -> Flow[tuple[Held, ...]]:
    """Return what is in quarantine, the oldest first."""
    return (yield from select(Quarantined(limit)))


def replay(rules: Rules, name: str) -> Flow[str]:
    """Take a webhook again; one that can be taken now leaves the quarantine. Tells what it came to.

    Raises:
        NotFound: It is not in quarantine.
        WebhookError: It still cannot be read.
    """
    key = quarantine_key(name)
    held = row((yield from load(key)), key, Held)
    if held is None:
        raise NotFound("webhook in quarantine", name)
    try:
        kind = yield from take(rules, (yield from _incoming(held)), held.at)
    except AlreadyDone:
        kind = "duplicate"
    if kind != "held":
        yield from commit(Changes(drops=(Drop(key),)))
    return kind


def _incoming(held: Held) -> Flow[Incoming]:
    if held.request is not None:
        incoming: Incoming = yield Read(held.request.request(held.at))
        return incoming
    if held.inbound is None:
        raise NotFound("content of the webhook", held.id)
    return held.inbound
