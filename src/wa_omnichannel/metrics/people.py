"""Capacity and presence of agents (§10)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from wa_omnichannel.metrics.arithmetic import ZERO
from wa_omnichannel.metrics.log import Logged, text
from wa_omnichannel.workforce import Agent

PRESENCE_KINDS = frozenset({"presence_changed", "agent_connected", "agent_disconnected"})
"""Events that say which presence an agent has from then on."""


def capacity(agents: Iterable[Agent]) -> Mapping[str, int]:
    """Return the units of capacity: ``total``, ``used`` and ``available`` (never below zero for an agent)."""
    known = list(agents)
    return {
        "total": sum(each.capacity for each in known),
        "used": sum(each.used for each in known),
        "available": sum(max(0, each.free) for each in known),
    }


def presence_times(events: Iterable[Logged], until: datetime) -> Mapping[str, Mapping[str, timedelta]]:
    """Return how long each agent had each presence, up to the instant *until*.

    Args:
        events: Events in order; those of :data:`PRESENCE_KINDS` name ``agent`` and ``presence``.
        until: The end of the stretch; what is going on lasts until then.
    """
    since: dict[str, tuple[str, datetime]] = {}
    spent: dict[str, dict[str, timedelta]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for event in events:
        if event.kind in PRESENCE_KINDS and event.at <= until:
            agent = text(event, "agent")
            _add(spent, agent, since.get(agent), event.at)
            since[agent] = (text(event, "presence"), event.at)
    for agent, known in since.items():
        _add(spent, agent, known, until)
    return {agent: dict(times) for agent, times in spent.items()}


def _add(spent: dict[str, dict[str, timedelta]], agent: str, known: tuple[str, datetime] | None, at: datetime) -> None:
    if known is not None:
        presence, began = known
        spent[agent][presence] += at - began
