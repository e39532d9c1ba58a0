"""How workstreams and queues distribute their items: the values that the settings hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

import attrs

from wa_omnichannel._distribution.custom import CustomAssignment
from wa_omnichannel.conditions import ALWAYS, Attributes, Condition, leaves
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.skills import Matching
from wa_omnichannel.workforce import Presence


class Mode(Enum):
    """How work reaches agents; fixed once the workstream is made (WS-3)."""

    PUSH = "push"
    """The system chooses an agent."""
    PICK = "pick"
    """Agents choose from the open items."""


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
    skill_control: bool = False
    """Whether agents may change the skills that a conversation needs (SKL-9)."""


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

    @property
    def reads(self) -> frozenset[str]:
        """The attributes of items that it looks at, so that what waits need not carry the others."""
        conditions = (*(bucket.when for bucket in self.buckets), *(chosen.when for chosen in self.custom.selections))
        tested = (test.attribute for condition in conditions for test in leaves(condition))
        ordered = (bucket.order_by for bucket in self.buckets if bucket.order_by)
        scored = () if self.scoring is None else (self.scoring.attribute,)
        return frozenset((*tested, *ordered, *scored, *self.custom.reads))
