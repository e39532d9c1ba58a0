"""The values of assignment: what waits, what the settings say, who gets what."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

import attrs

from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment.custom import CustomAssignment
from wa_omnichannel.conditions import ALWAYS, Attributes, Condition, Value
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Check, Facts
from wa_omnichannel.overflow import OpeningHours
from wa_omnichannel.routing import Mode, Queue
from wa_omnichannel.skills import NO_BOOK, NO_NEEDS, Matching, Requirement, SkillBook
from wa_omnichannel.workforce import Presence

_NO_ATTRIBUTES: Mapping[str, Value] = {}
_NO_DECLINES: Mapping[str, int] = {}

PREFERRED = 3
"""How many preferred agents of a contact count (PREF-1)."""


class Affinity(Enum):
    """What a customer who returns to a waiting conversation means for the agent who had it (WS-15)."""

    STRICT = "strict"
    """The same agent gets it, irrespective of capacity and presence (WS-15a)."""
    PREFER = "prefer"
    """The same agent gets it if they may get work, otherwise anybody."""
    IGNORE = "ignore"
    """It is distributed like any other."""


class Unavailable(Enum):
    """What happens when no preferred agent is there (PREF-3)."""

    NEXT_BEST = "next_best"
    WAIT = "wait"
    """It stays in the queue; advised where customers write rather than wait."""


class Method(Enum):
    """How the queue chooses among eligible agents."""

    HIGHEST_CAPACITY = "highest_capacity"
    ROUND_ROBIN = "round_robin"
    LEAST_ACTIVE = "least_active"
    CUSTOM = "custom"


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


@attrs.frozen
class WorkPolicy:
    """How a workstream distributes its items."""

    mode: Mode = Mode.PUSH
    presences: frozenset[Presence] | None = None
    """Presences in which agents get work (WS-13); None: those of the whole channel."""
    matching: Matching = Matching.EXACT
    """How required skills count (WS-14)."""
    affinity: Affinity = Affinity.STRICT
    unavailable: Unavailable = Unavailable.NEXT_BEST
    """What happens when no preferred agent is there (PREF-3)."""
    pick_from_push: bool = False
    """Whether agents may also pick items that are pushed (WS-3a)."""


@attrs.frozen
class Bucket:
    """A prioritisation rule: the items that match it go before those of later rules (ASG-4)."""

    name: str
    when: Condition = ALWAYS
    order_by: str = ""
    """Attribute that orders items inside the bucket; empty: the oldest first."""
    descending: bool = False
    after: timedelta = timedelta(0)
    """The rule matches only items that have waited this long, so nothing needs to starve."""


def _check_points(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if not 0 <= value <= HIGHEST_SCORE:
        raise InvalidValue(attribute.name, str(value), f"Use 0 to {HIGHEST_SCORE}.")


def _check_every(_: object, attribute: attrs.Attribute[timedelta], value: timedelta) -> None:
    if value < timedelta(seconds=30):
        raise InvalidValue(attribute.name, str(value), "Use 30 seconds or more.")


HIGHEST_SCORE = 10_000


@attrs.frozen
class Scoring:
    """Dynamic prioritisation: a score that grows while an item waits; the highest goes first (ASG-6)."""

    points: int = attrs.field(default=0, validator=_check_points)
    """Added for every interval of waiting."""
    every: timedelta = attrs.field(default=timedelta(seconds=30), validator=_check_every)
    attribute: str = "score"
    """Attribute with the score at the start, from 0 to 10,000; a transfer may raise it."""

    def base(self, attributes: Attributes) -> int:
        """Return the score that an item starts with."""
        value = attributes.get(self.attribute, 0)
        return int(min(max(0, value), HIGHEST_SCORE)) if isinstance(value, int | float) else 0

    def score(self, base: int, since: datetime, now: datetime) -> int:
        """Return the score of an item at *now*."""
        return min(base + self.points * max(0, (now - since) // self.every), HIGHEST_SCORE)


def _check_scoring(policy: QueuePolicy, attribute: attrs.Attribute[Scoring | None], value: Scoring | None) -> None:
    if value is not None and policy.buckets:
        fix = "A queue has prioritisation rules or a score, not both (ASG-6)."
        raise InvalidValue(attribute.name, "with buckets", fix)


@attrs.frozen
class QueuePolicy:
    """How a queue orders its items and chooses agents."""

    method: Method = Method.HIGHEST_CAPACITY
    buckets: tuple[Bucket, ...] = ()
    scoring: Scoring | None = attrs.field(default=None, validator=_check_scoring)
    custom: CustomAssignment = CustomAssignment()
    """The rules of :attr:`Method.CUSTOM`."""

    @property
    def first_in_first_out(self) -> bool:
        """Whether the oldest item simply goes first (ASG-3)."""
        return not self.buckets and self.scoring is None


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
