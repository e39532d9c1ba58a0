"""Who gets the conversation: prioritised items, eligible agents, highest capacity first.

* **ASG-3** the oldest item goes first; on WhatsApp that is the one with the oldest last interaction.
* **QUE-2** among queues the smaller priority number is served first.
* **Highest capacity** most free units first; a tie goes to whoever was assigned longest ago (ASG table).

Source: Microsoft Learn, "Assignment methods in unified routing".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import attrs

from wa_omnichannel.addresses import Address
from wa_omnichannel.explain import Check
from wa_omnichannel.routing import Queue
from wa_omnichannel.workforce import Agent, Presence

_NEVER = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class WaitingItem:
    """A conversation that waits in a queue."""

    queue: str
    since: datetime
    """Last interaction of the customer; the order inside the queue (ASG-3)."""
    number: Address
    contact: str
    conversation: str
    demand: int = 1


@attrs.frozen
class AssignmentRules:
    """What the settings say about distributing work."""

    queues: Mapping[str, Queue]
    presences: frozenset[Presence] = frozenset({Presence.AVAILABLE, Presence.BUSY})
    """Presences in which agents get work (WS-13)."""


@attrs.frozen
class Pairing:
    """An item and the agent it goes to, and why."""

    item: WaitingItem
    agent: str
    check: Check


def order(item: WaitingItem, queues: Mapping[str, Queue]) -> tuple[int, datetime, str]:
    """Return the sort key of a waiting item: priority of the queue, age, id (QUE-2, ASG-3)."""
    queue = queues.get(item.queue)
    return (queue.priority if queue else 0, item.since, item.conversation)


def exclusion(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> str | None:
    """Return why *agent* cannot get *item* automatically, or None if they can."""
    if item.queue not in agent.queues:
        return "not_a_member"
    if agent.presence not in rules.presences:
        return "presence"
    return "no_capacity" if agent.free < item.demand else None


def choose(
    items: Iterable[WaitingItem], agents: Iterable[Agent], rules: AssignmentRules, now: datetime
) -> tuple[Pairing, ...]:
    """Pair waiting items with agents, never beyond anybody's capacity (CAP-1).

    Args:
        items: Conversations that wait.
        agents: Everybody who could get one.
        rules: Queues and allowed presences.
        now: The current instant; it becomes the agents' time of last assignment.

    >>> ana = Agent("ana", "Ana", frozenset({"q"}), Presence.AVAILABLE)
    >>> item = WaitingItem("q", _NEVER, Address("+14155550100"), "c1", "conv1")
    >>> [p.agent for p in choose([item], [ana], AssignmentRules({}), _NEVER)]
    ['ana']
    """
    free = {agent.id: agent for agent in agents}
    pairings: list[Pairing] = []
    for item in sorted(items, key=lambda item: order(item, rules.queues)):
        eligible = [agent for agent in free.values() if exclusion(item, agent, rules) is None]
        if not eligible:
            continue
        best = min(eligible, key=_highest_capacity)
        free[best.id] = attrs.evolve(best, used=best.used + item.demand, last_assigned_at=now)
        facts = {"agent": best.name, "free": best.free, "eligible": len(eligible), "queue": item.queue}
        pairings.append(Pairing(item, best.id, Check("ASG-HIGHEST", True, "assigned_highest_capacity", facts)))
    return tuple(pairings)


def _highest_capacity(agent: Agent) -> tuple[int, datetime, str]:
    return (-agent.free, agent.last_assigned_at or _NEVER, agent.id)


def exclusions(item: WaitingItem, agents: Iterable[Agent], rules: AssignmentRules) -> Mapping[str, int]:
    """Count why nobody gets *item*: how many agents are excluded for which reason."""
    reasons = (exclusion(item, agent, rules) for agent in agents)
    return Counter(reason for reason in reasons if reason is not None)
