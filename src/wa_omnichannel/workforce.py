"""The people who answer: presence, capacity in units, queue membership.

* **CAP-1** a conversation consumes units, an agent has a number of them.
* **CAP-6** a pick or a supervisor may push capacity below zero; automation never does.
* **WS-13** only agents in an allowed presence get work.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum

import attrs


class Presence(Enum):
    """Base presences (custom ones map to one of them)."""

    AVAILABLE = "available"
    BUSY = "busy"
    DO_NOT_DISTURB = "do_not_disturb"
    AWAY = "away"
    OFFLINE = "offline"


@attrs.frozen
class Agent:
    """One agent, with the capacity in use right now."""

    id: str
    name: str
    queues: frozenset[str] = frozenset()
    presence: Presence = Presence.OFFLINE
    capacity: int = 1
    """Units the agent has (CAP-1)."""
    used: int = 0
    """Units taken by conversations."""
    last_assigned_at: datetime | None = None

    @property
    def free(self) -> int:
        """Units left; negative after a pick beyond the limit (CAP-6)."""
        return self.capacity - self.used


def take(agent: Agent, units: int, now: datetime) -> Agent:
    """Return *agent* after a conversation of *units* was given to them at *now*."""
    return attrs.evolve(agent, used=agent.used + units, last_assigned_at=now)


def release(agent: Agent, units: int) -> Agent:
    """Return *agent* after a conversation of *units* was taken off them (CAP-8)."""
    return attrs.evolve(agent, used=agent.used - units)
