"""The values of assignment: what waits, what the settings say, who gets what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import attrs

from wa_omnichannel._distribution.policies import QueuePolicy, WorkPolicy
from wa_omnichannel.addresses import Address
from wa_omnichannel.conditions import Attributes, Value
from wa_omnichannel.explain import Check, Facts
from wa_omnichannel.overflow import OpeningHours
from wa_omnichannel.routing import Queue
from wa_omnichannel.skills import NO_BOOK, NO_NEEDS, Matching, Requirement, SkillBook
from wa_omnichannel.workforce import Presence

_NO_ATTRIBUTES: Mapping[str, Value] = {}
_NO_DECLINES: Mapping[str, int] = {}

PREFERRED = 3
"""How many preferred agents of a contact count (PREF-1)."""


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
    """Units it consumes (CAP-1); 0 where profiles count instead."""
    workstream: str = ""
    needs: Requirement = NO_NEEDS
    """Required skills and capacity profiles."""
    attributes: Attributes = _NO_ATTRIBUTES
    """What prioritisation and custom rules may look at."""
    previous: str | None = None
    """The agent who had the conversation when it went to waiting (WS-15)."""
    preferred: tuple[str, ...] = ()
    """Preferred agents of the contact, the best first (PREF-1)."""
    declines: Mapping[str, int] = _NO_DECLINES
    """How often each agent rejected it or let it time out (ASG-15)."""
    alarmed: bool = False
    """Whether it is known that nobody serves its queue (QUE-6)."""
    asked: tuple[str, ...] = ()
    """Names of the attributes that the settings looked at when it was written; others are left out."""


_NO_POLICIES: Mapping[str, QueuePolicy] = {}
_NO_WORK: Mapping[str, WorkPolicy] = {}
_NO_SHIFTS: Mapping[str, OpeningHours] = {}
_PLAIN_QUEUE = QueuePolicy()
_PLAIN_WORK = WorkPolicy()


@attrs.frozen
class AssignmentRules:
    """What the settings say about distributing work."""

    queues: Mapping[str, Queue]
    presences: frozenset[Presence] = frozenset({Presence.AVAILABLE, Presence.BUSY})
    """Presences in which agents get work, unless the workstream says otherwise (WS-13)."""
    policies: Mapping[str, QueuePolicy] = _NO_POLICIES
    """By queue; one that is not here takes the oldest item and gives it to the highest capacity."""
    work: Mapping[str, WorkPolicy] = _NO_WORK
    """By workstream; one that is not here pushes, matches exactly and keeps the same agent."""
    skills: SkillBook = NO_BOOK
    shifts: Mapping[str, OpeningHours] = _NO_SHIFTS
    """Working hours by agent; only custom rules ask for them (ASG-11)."""
    decline_limit: int = 3
    """Declines after which an agent is not offered the item again (ASG-15)."""
    decliner_limit: int = 100
    """Agents whose declines take an item out of automatic assignment for good (ASG-16)."""
    block: int | None = None
    """How many items at the head one cycle looks at; None: all. Dynamics: 100 (ASG-2)."""

    reads: tuple[str, ...] = attrs.field(init=False, eq=False, repr=False)
    """The attributes of items that any queue looks at, in order."""

    def __attrs_post_init__(self) -> None:
        names = (name for policy in self.policies.values() for name in policy.reads)
        object.__setattr__(self, "reads", tuple(sorted(set(names))))

    def policy(self, queue: str) -> QueuePolicy:
        """Return how *queue* orders its items and chooses agents."""
        return self.policies.get(queue, _PLAIN_QUEUE)

    def works(self, workstream: str) -> WorkPolicy:
        """Return how *workstream* distributes its items."""
        return self.work.get(workstream, _PLAIN_WORK)

    def allowed(self, workstream: str) -> frozenset[Presence]:
        """Return the presences in which agents get work of *workstream* (WS-13)."""
        own = self.works(workstream).presences
        return self.presences if own is None else own

    def required(self, item: WaitingItem) -> dict[str, int]:
        """Return the skills that count for *item*: none of them deactivated (SKL-1), none at all for *none*."""
        if not item.needs.skills or self.works(item.workstream).matching is Matching.NONE:
            return {}
        return dict(self.skills.considered(item.needs.ratings))

    def demanded(self, item: WaitingItem) -> dict[str, int]:
        """Return the skills without which nobody gets *item*: only exact match demands any (SKL-2)."""
        return self.required(item) if self.works(item.workstream).matching is Matching.EXACT else {}


DYNAMICS_BLOCK = 100
"""The block of the settings profile ``dynamics`` (ASG-2)."""


@attrs.frozen
class Pairing:
    """An item and the agent it goes to, and why."""

    item: WaitingItem
    agent: str
    at: datetime
    """The agent's time of last assignment; later than any other, so that turns are never disputed."""
    rule: str
    """Identifier of the rule that chose the agent."""
    code: str
    facts: Facts

    @property
    def check(self) -> Check:
        """The choice as a check for the trace."""
        return Check(self.rule, True, self.code, {**self.facts, "queue": self.item.queue})
