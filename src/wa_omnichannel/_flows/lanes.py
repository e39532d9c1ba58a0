"""Lanes: who may work on a row of agenda entries, and until when (in store time)."""

from __future__ import annotations

from datetime import timedelta

from wa_omnichannel._flows.changes import version
from wa_omnichannel._flows.loading import row, until_agreed
from wa_omnichannel._flows.steps import Flow, StoreNow, commit, load, new_ids
from wa_omnichannel.ports import LEASE, Changes, Drop, Lane, Put, lane_key


def claim(lane: str, lease: timedelta = LEASE) -> Flow[Put]:
    """Return how to take the lane for a while."""
    key = lane_key(lane)
    known = version((yield from load(key)), key)
    (holder,) = yield from new_ids(1)
    until = (yield StoreNow()) + lease
    return Put(key, Lane(until, holder), known)


def take(lane: str, lease: timedelta) -> Flow[Put | None]:
    """Take the lane for a while, in a commit of its own; None if somebody else has it."""

    def attempt() -> Flow[Put | None]:
        holder = row((yield from load(lane_key(lane))), lane_key(lane), Lane)
        if holder is not None and holder.until > (yield StoreNow()):
            return None
        claimed = yield from claim(lane, lease)
        yield from commit(Changes(puts=(claimed,)))
        return claimed

    return (yield from until_agreed(attempt))


def give_back(claimed: Put) -> Flow[tuple[Drop, ...]]:
    """Return how to give a lane back, unless somebody else has it by now."""
    rows = yield from load(claimed.key)
    lane = row(rows, claimed.key, Lane)
    return (Drop(claimed.key, version(rows, claimed.key)),) if lane == claimed.value else ()
