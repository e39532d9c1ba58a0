"""What a thread remembers of its automated messages: closed periods that were announced, and other bots.

* A customer is told once in each closed period that nobody is there, however often they begin a conversation.
* Two machines that answer each other would go on for ever. A **volley** is an inbound message within seconds of an
  automated one; after a few in a row the system says nothing more until a person takes part, or it was quiet for long.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs

from wa_omnichannel.explain import Check
from wa_omnichannel.hours import OperatingHours, Status

QUICK = timedelta(seconds=10)
"""An answer within this time may be a machine's."""

VOLLEYS = 5
"""So many quick answers in a row are a machine's."""

CALM = timedelta(hours=1)
"""After so long without any message a machine is given another chance."""


@attrs.frozen
class Memory:
    """What one thread remembers."""

    told: str = ""
    """The closed period that the customer was told about."""
    said_at: datetime | None = None
    """When the system last said something by itself."""
    volleys: int = 0
    """Quick answers in a row."""
    volley_at: datetime | None = None
    """When the last of them came."""


NOTHING = Memory()
"""The memory of a thread in which the system has not spoken."""


def heard(memory: Memory, at: datetime) -> Memory:
    """Return the memory after the customer wrote: a quick answer counts, a slow one ends the volleys."""
    if memory.said_at is None or at < memory.said_at:
        return memory
    if at - memory.said_at <= QUICK:
        return attrs.evolve(memory, volleys=memory.volleys + 1, volley_at=at, said_at=None)
    if memory.volleys >= VOLLEYS and not _calm(memory, at):
        return memory
    return attrs.evolve(memory, volleys=0, volley_at=None, said_at=None)


def said(memory: Memory, now: datetime) -> Memory:
    """Return the memory after the system spoke by itself."""
    return attrs.evolve(memory, said_at=now)


def person_spoke(memory: Memory) -> Memory:
    """Return the memory after an agent wrote: the volleys are over."""
    return memory if not memory.volleys else attrs.evolve(memory, volleys=0, volley_at=None)


def may_speak(memory: Memory, now: datetime) -> Check:
    """Tell whether the system may speak by itself, or seems to be talking with another machine."""
    facts = {"volleys": memory.volleys, "limit": VOLLEYS}
    if memory.volleys < VOLLEYS or _calm(memory, now):
        return Check("WA-LOOP", True, "no_loop", facts)
    return Check("WA-LOOP", False, "talking_with_a_machine", facts)


def _calm(memory: Memory, now: datetime) -> bool:
    return memory.volley_at is None or now - memory.volley_at >= CALM


def closed_period(hours: OperatingHours | None, now: datetime) -> tuple[str, bool] | None:
    """Return the name of the closed period at *now*, and whether it is a holiday; None while it is open."""
    situation = hours.situation(now) if hours is not None else None
    if hours is None or situation is None or situation.status is Status.OPEN:
        return None
    until = situation.until.isoformat() if situation.until is not None else "-"
    return f"{hours.name} {until}", situation.status is Status.HOLIDAY
