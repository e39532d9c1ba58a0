"""The people who answer: presence, capacity, skills, queue membership.

* **CAP-1** a conversation consumes units, an agent has a number of them.
* **CAP-6** a pick or a supervisor may push capacity below zero; automation never does.
* **CAP-9** a bot's capacity is never reduced.
* **WS-13** only agents in an allowed presence get work.
* **NOT-5** a missed offer may make an agent inactive, a rejected one *do not disturb*.

Presence follows capacity unless the agent says otherwise: nothing in use is *available*, something is
*busy*, everything is *do not disturb*. *Available* and *busy* set by hand last until the next conversation
is accepted or closed; *away*, *do not disturb* and *offline* until they are changed by hand.
Sources: Microsoft Learn, "Manage presence", "Create and manage users".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeAlias

import attrs

from wa_omnichannel import capacity as profiles_
from wa_omnichannel.capacity import Allowances
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.skills import Ratings

AgentValue: TypeAlias = str | int | float | bool
"""What an attribute of an agent may hold."""

_NO_RATINGS: Ratings = {}
_NO_ALLOWANCES: Allowances = {}
_NO_TURNS: Mapping[str, datetime] = {}
_NO_ATTRIBUTES: Mapping[str, AgentValue] = {}

RETURN_TIME = timedelta(minutes=2, seconds=30)
"""How long after a lost connection the presence from before is restored."""


class Presence(Enum):
    """Base presences (custom ones map to one of them)."""

    AVAILABLE = "available"
    BUSY = "busy"
    DO_NOT_DISTURB = "do_not_disturb"
    AWAY = "away"
    OFFLINE = "offline"
    INACTIVE = "inactive"
    """Set by the system after a missed offer; nobody can choose it."""


LASTING = frozenset({Presence.DO_NOT_DISTURB, Presence.AWAY, Presence.OFFLINE})
"""Presences that stay until they are changed by hand, once set by hand."""


def _check_base(_: object, attribute: attrs.Attribute[Presence], value: Presence) -> None:
    if value is Presence.INACTIVE:
        raise InvalidValue(attribute.name, value.value, "Only the system sets inactive; choose another base presence.")


@attrs.frozen
class CustomPresence:
    """A presence with a name of its own, for example *lunch*; it counts as its base."""

    name: str
    base: Presence = attrs.field(validator=_check_base)


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
    skills: Ratings = _NO_RATINGS
    """Rating by skill (SKL-1)."""
    profiles: Allowances = _NO_ALLOWANCES
    """What the agent has of each capacity profile (CAP-2)."""
    last_released_at: datetime | None = None
    """When capacity last came back; never is the least active (ASG-10)."""
    turns: Mapping[str, datetime] = _NO_TURNS
    """Per queue, when the agent joined it or last got work from it: the order of round robin."""
    attributes: Mapping[str, AgentValue] = _NO_ATTRIBUTES
    """Own facts, for custom assignment rules."""
    bot: bool = False
    """Whether it is a machine, whose capacity is never reduced (CAP-9)."""
    presence_name: str = ""
    """Name of the custom presence, if it is one."""
    presence_by_hand: bool = False
    """Whether the presence was chosen, not computed."""
    lost_at: datetime | None = None
    """When the connection was lost, while it is."""
    lost_presence: Presence | None = None
    """The presence before the connection was lost."""
    sessions: int = 0
    """Open sessions: conversations that are active or in wrap-up with them (NOT-6)."""

    @property
    def free(self) -> int:
        """Units left; negative after a pick beyond the limit (CAP-6)."""
        return self.capacity - self.used


def take(agent: Agent, units: int, now: datetime, *, profiles: Iterable[str] = (), queue: str | None = None) -> Agent:
    """Return *agent* after a conversation of *units* was given to them at *now*.

    Args:
        agent: Who gets it.
        units: Units it consumes (CAP-1); a bot's are not reduced (CAP-9).
        now: When; it becomes the time of last assignment.
        profiles: Capacity profiles it consumes, one item of each (CAP-4).
        queue: Where it came from, for the turns of round robin.
    """
    turns = agent.turns if queue is None else {**agent.turns, queue: now}
    taken = attrs.evolve(agent, last_assigned_at=now, turns=turns)
    if agent.bot:
        return taken
    return attrs.evolve(taken, used=agent.used + units, profiles=profiles_.consume(agent.profiles, profiles))


def release(agent: Agent, units: int, now: datetime | None = None, *, profiles: Iterable[str] = ()) -> Agent:
    """Return *agent* after a conversation of *units* was taken off them, at *now* if it is known (CAP-8)."""
    freed = attrs.evolve(agent, last_released_at=now or agent.last_released_at)
    if agent.bot:
        return freed
    return attrs.evolve(freed, used=agent.used - units, profiles=profiles_.give_back(agent.profiles, profiles))


def join(agent: Agent, queue: str, now: datetime) -> Agent:
    """Return *agent* as a member of *queue*; in its round robin they come after everybody who joined before."""
    if queue in agent.queues:
        return agent
    return attrs.evolve(agent, queues=agent.queues | {queue}, turns={**agent.turns, queue: now})


def leave(agent: Agent, queue: str) -> Agent:
    """Return *agent* who is no longer a member of *queue*."""
    turns = {name: at for name, at in agent.turns.items() if name != queue}
    return attrs.evolve(agent, queues=agent.queues - {queue}, turns=turns)


def set_capacity(agent: Agent, units: int) -> Agent:
    """Return *agent* with another number of units; conversations they have are not moved (CAP-5)."""
    return attrs.evolve(agent, capacity=units)


def end_shift(agent: Agent) -> Agent:
    """Return *agent* after their shift: profiles that count per day start again (CAP-3)."""
    return attrs.evolve(agent, profiles=profiles_.end_of_day(agent.profiles))


def presence_from_capacity(agent: Agent) -> Presence:
    """Return the presence that follows from the capacity in use.

    A blocking profile decides alone; otherwise units and all profiles must be used up for *do not disturb*.

    >>> presence_from_capacity(Agent("ana", "Ana", capacity=2, used=1)).value
    'busy'
    """
    allowances = agent.profiles.values()
    left = [allowance.free for allowance in allowances]
    if agent.capacity or not left:
        left.append(agent.free)
    if profiles_.blocking(agent.profiles) or max(left) <= 0:
        return Presence.DO_NOT_DISTURB
    used = agent.used > 0 or any(allowance.used for allowance in allowances)
    return Presence.BUSY if used else Presence.AVAILABLE


def set_presence(agent: Agent, presence: Presence | CustomPresence) -> Agent:
    """Return *agent* with a *presence* chosen by themselves or a supervisor.

    Raises:
        InvalidValue: *presence* is inactive, which only the system sets.
    """
    chosen = presence if isinstance(presence, CustomPresence) else CustomPresence("", presence)
    return _present(agent, chosen.base, chosen.name, by_hand=True)


def settle_presence(agent: Agent) -> Agent:
    """Return *agent* with the presence that fits after a conversation was accepted or closed.

    >>> settle_presence(Agent("ana", "Ana", presence=Presence.AVAILABLE, capacity=1, used=1)).presence.value
    'do_not_disturb'
    """
    stays = agent.presence in LASTING and agent.presence_by_hand
    if stays or agent.presence in (Presence.INACTIVE, Presence.OFFLINE):
        return agent
    return _present(agent, presence_from_capacity(agent))


def sign_in(agent: Agent, default: Presence = Presence.AVAILABLE) -> Agent:
    """Return *agent* after signing in: away and offline are kept, otherwise capacity decides."""
    kept = default in (Presence.AWAY, Presence.OFFLINE)
    return _present(agent, default, by_hand=True) if kept else _present(agent, presence_from_capacity(agent))


@attrs.frozen
class OfferRules:
    """What a missed or a rejected offer does to an agent (NOT-5)."""

    missed_makes_inactive: bool = True
    rejected_makes_busy: bool = False
    """Whether a rejection sets *do not disturb*."""


def missed(agent: Agent, rules: OfferRules) -> Agent:
    """Return *agent* after an offer timed out: inactive, if the setting is on, until somebody resets it (NOT-5)."""
    return _present(agent, Presence.INACTIVE) if rules.missed_makes_inactive else agent


def rejected(agent: Agent, rules: OfferRules) -> Agent:
    """Return *agent* after they rejected an offer: *do not disturb*, if the setting is on (NOT-5)."""
    return _present(agent, Presence.DO_NOT_DISTURB, by_hand=True) if rules.rejected_makes_busy else agent


def disconnected(agent: Agent, now: datetime) -> Agent:
    """Return *agent* after the connection was lost at *now*: offline at once."""
    if agent.lost_at is not None or agent.presence is Presence.OFFLINE:
        return agent
    return attrs.evolve(agent, lost_at=now, lost_presence=agent.presence, presence=Presence.OFFLINE)


def reconnected(agent: Agent, now: datetime) -> Agent:
    """Return *agent* back at *now*: the presence from before within 2.5 minutes, otherwise by capacity."""
    if agent.lost_at is None or agent.lost_presence is None:
        return agent
    if now - agent.lost_at <= RETURN_TIME:
        return attrs.evolve(agent, presence=agent.lost_presence, lost_at=None, lost_presence=None)
    return _present(agent, presence_from_capacity(agent))


def _present(agent: Agent, presence: Presence, name: str = "", *, by_hand: bool = False) -> Agent:
    return attrs.evolve(
        agent, presence=presence, presence_name=name, presence_by_hand=by_hand, lost_at=None, lost_presence=None
    )
