"""What people decide: picking, supervisors, declines, preferred agents, transfers.

* **WS-3** an agent picks from the open items of a pick workstream, or of a push one if that is switched on (WS-3a).
* **CAP-6** a pick or a supervisor may push capacity below zero; the trace says so. **ASG-17** a supervisor's
  assignment ignores presence and capacity.
* **ASG-15** a rejection and a timeout are both declines.
* **PREF-1** at most three preferred agents count, the best rated first, then the one named first. **PREF-5** whoever
  helped the customer recently may count as preferred.
* **SKL-8** a transfer to an agent lists by skill match but does not enforce it.

Sources: Microsoft Learn, "Assignment methods in unified routing", "Configure routing to preferred agents".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from wa_omnichannel import capacity, skills
from wa_omnichannel._distribution.policies import Mode
from wa_omnichannel.assignment.model import PREFERRED, AssignmentRules, WaitingItem
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.workforce import Agent, Presence

NOT_LISTED = frozenset({Presence.DO_NOT_DISTURB, Presence.AWAY, Presence.OFFLINE, Presence.INACTIVE})
"""Presences in which an agent is not shown as the target of a transfer."""


@attrs.frozen
class Manual:
    """Whether a person may give or take an item, and why."""

    refusal: Refused | None
    check: Check


def pick(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> Manual:
    """Decide whether *agent* may pick *item*; capacity, skills and presence do not matter (CAP-6).

    The refusal has the reason ``pick_not_allowed`` (WS-3a) or ``not_in_queue``.
    """
    policy = rules.works(item.workstream)
    if policy.mode is Mode.PUSH and not policy.pick_from_push:
        check = Check("WS-3a", False, "pick_not_allowed", {"workstream": item.workstream})
        return _refused(check, Remedy("ask_supervisor", sufficient=True), Remedy("allow_picking", facts=check.facts))
    if item.queue not in agent.queues:
        check = Check("WS-3", False, "not_in_queue", {"agent": agent.name, "queue": item.queue})
        return _refused(check, Remedy("join_queue", sufficient=True, facts=check.facts), Remedy("ask_supervisor"))
    return Manual(None, picked(item, agent))


def picked(item: WaitingItem, agent: Agent) -> Check:
    """Return how the trace tells that *agent* took *item*; beyond their capacity it names CAP-6."""
    facts = {"agent": agent.name, "free": agent.free, "demand": item.demand}
    units = not item.demand or agent.free >= item.demand
    fits = units and not capacity.exhausted(agent.profiles, item.needs.profiles)
    if agent.bot or fits:
        return Check("WS-3", True, "picked", facts)
    return Check("CAP-6", True, "picked_beyond_capacity", facts)


def _refused(check: Check, *remedies: Remedy) -> Manual:
    return Manual(Refused(check.code, check.facts, (check,), remedies), check)


def pickable(items: Iterable[WaitingItem], agent: Agent, rules: AssignmentRules) -> tuple[WaitingItem, ...]:
    """Return the open items that *agent* may pick, in the order given (WS-3)."""
    return tuple(item for item in items if pick(item, agent, rules).refusal is None)


def assign(item: WaitingItem, agent: Agent) -> Manual:
    """Return a supervisor's assignment of *item* to *agent*; presence and capacity are ignored (ASG-17, CAP-6)."""
    facts = {
        "agent": agent.name,
        "free": agent.free,
        "presence": agent.presence.value,
        "conversation": item.conversation,
    }
    return Manual(None, Check("ASG-17", True, "assigned_by_supervisor", facts))


def assignable(item: WaitingItem, agents: Iterable[Agent], rules: AssignmentRules) -> tuple[Agent, ...]:
    """Return the agents whom a supervisor is shown for *item*: those in an allowed presence, by name (WS-13)."""
    allowed = rules.allowed(item.workstream)
    return tuple(sorted((agent for agent in agents if agent.presence in allowed), key=lambda agent: agent.name))


def transferable(item: WaitingItem, agents: Iterable[Agent], rules: AssignmentRules) -> tuple[Agent, ...]:
    """Return the agents whom *item* may be transferred to, the closest to its skills first (SKL-8)."""
    required = rules.required(item)
    listed = (agent for agent in agents if agent.presence not in NOT_LISTED)
    return tuple(sorted(listed, key=lambda agent: (skills.closeness(required, agent.skills, rules.skills), agent.id)))


def decline(item: WaitingItem, agent: str) -> WaitingItem:
    """Return *item* after *agent* rejected it or let the offer time out (ASG-15).

    >>> from wa_omnichannel.addresses import Address
    >>> item = WaitingItem("q", datetime.max, Address("+14155550100"), "c1", "conv1")
    >>> decline(decline(item, "ana"), "ana").declines
    {'ana': 2}
    """
    return attrs.evolve(item, declines={**item.declines, agent: item.declines.get(agent, 0) + 1})


@attrs.frozen
class Preference:
    """A contact prefers an agent."""

    agent: str
    rating: int
    """The smaller, the more preferred."""
    created_at: datetime


def preferred(preferences: Iterable[Preference]) -> tuple[str, ...]:
    """Return the preferred agents of a contact, at most three, the best first (PREF-1)."""
    by_rating = sorted(preferences, key=lambda preference: (preference.rating, preference.created_at))
    return tuple(preference.agent for preference in by_rating)[:PREFERRED]


@attrs.frozen
class Engagement:
    """An agent talked with the customer."""

    agent: str
    at: datetime


def recent_experts(engagements: Iterable[Engagement], now: datetime, within: timedelta) -> tuple[str, ...]:
    """Return who helped the customer in the last time, the latest first; to be used as preferred agents (PREF-5)."""
    recent = (engagement for engagement in engagements if now - engagement.at <= within)
    latest = sorted(recent, key=lambda engagement: engagement.at, reverse=True)
    return tuple(dict.fromkeys(engagement.agent for engagement in latest))[:PREFERRED]
