"""After an outage: messages whose webhook was never taken are looked up at the provider and received late."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from wa_omnichannel._flows.receiving import take
from wa_omnichannel._flows.steps import Flow, now, recall, select
from wa_omnichannel.errors import AlreadyDone, InvalidValue
from wa_omnichannel.instants import in_utc
from wa_omnichannel.ports import HistoryQuery, KnownSids
from wa_omnichannel.rules import Rules

AT_MOST = timedelta(days=1)
"""The longest stretch that is asked for at once; a longer one is split, so that no list becomes too long."""


@attrs.frozen
class CaughtUp:
    """What was found in the provider's list."""

    listed: int = 0
    """Messages of customers in that time."""
    recovered: int = 0
    """Those that we did not have; they are on their timelines now."""


def catch_up(rules: Rules, since: datetime, until: datetime | None) -> Flow[CaughtUp]:
    """Receive what customers sent between two instants and what no webhook brought us, the oldest first.

    Each message is received as of the instant at which the provider got it, so its window ends when it would
    have ended without the outage (SES-2). What we have already changes nothing, so stretches may overlap.

    Raises:
        InvalidValue: An instant is naive, or the stretch ends before it begins.
        TransportError: The provider could not be asked; what was received until then stays.
    """
    start, end = in_utc(since, "since"), in_utc(until or (yield from now()), "until")
    if end < start:
        raise InvalidValue("since", start.isoformat(), f"Use an instant before {end.isoformat()}.")
    done = CaughtUp()
    while True:
        stop = min(start + AT_MOST, end)
        for number in rules.numbers:
            done = yield from _stretch(rules, HistoryQuery(number.number, start, stop), done)
        if stop == end:
            return done
        start = stop


def _stretch(rules: Rules, query: HistoryQuery, done: CaughtUp) -> Flow[CaughtUp]:
    found = yield from recall(query)
    known = yield from select(KnownSids(tuple(past.inbound.sid for past in found)))
    recovered = 0
    for past in found:
        if past.inbound.sid in known:
            continue
        try:
            yield from take(rules, past.inbound, past.at, recovered=True)
        except AlreadyDone:
            continue
        recovered += 1
    return CaughtUp(done.listed + len(found), done.recovered + recovered)
