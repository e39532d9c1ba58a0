"""The settings of routing: queues, workstreams, their variables and rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Protocol
from zoneinfo import ZoneInfo

import attrs

from wa_omnichannel._distribution.policies import Mode, QueuePolicy, WorkPolicy
from wa_omnichannel.capacity import WrapUpBlocking
from wa_omnichannel.conditions import ALWAYS, Condition, RuleIndex, Value
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.hours import OperatingHours, zone_named
from wa_omnichannel.overflow import NO_OVERFLOW, Overflow
from wa_omnichannel.skills import Ratings

_NO_VALUES: Mapping[str, Value] = {}
_NO_RATINGS: Ratings = {}

WHOLE = 100
"""What the percentages of an allocation sum to (R2Q-6)."""


class QueueType(Enum):
    """What a queue and a workstream are for; work stays inside its type (WS-1, QUE-1)."""

    MESSAGING = "messaging"
    RECORD = "record"
    VOICE = "voice"


class Direction(Enum):
    """Who begins the conversations of a workstream."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    DIRECT_INBOUND = "direct_inbound"
    DIRECT_OUTBOUND = "direct_outbound"


class VariableType(Enum):
    """What a context variable holds."""

    TEXT = "text"
    NUMBER = "number"


@attrs.frozen
class Queue:
    """A queue of conversations (QUE-1 to QUE-7)."""

    name: str
    priority: int = 100
    """Smaller is served first across the queues of an agent (QUE-2)."""
    type: QueueType = QueueType.MESSAGING
    hours: OperatingHours | None = None
    """None is open round the clock (QUE-3)."""
    default: bool = False
    """Made by the system: everybody is a member (QUE-5)."""
    service_level: timedelta | None = None
    """Within which time conversations shall be answered (QUE-7)."""
    short_abandoned: timedelta | None = None
    """Conversations abandoned sooner do not count (QUE-7)."""
    policy: QueuePolicy = QueuePolicy()
    """In which order items are served, and how agents are chosen (ASG-4, ASG table)."""
    overflow: Overflow = NO_OVERFLOW
    """What happens to items that find it closed or full, or wait too long (OVF-1 to OVF-11)."""


def _check_variable_name(_: object, attribute: attrs.Attribute[str], name: str) -> None:
    if not 1 <= len(name) <= 100:
        raise InvalidValue(attribute.name, name[:100], "The name of a context variable has 1 to 100 characters.")


@attrs.frozen
class ContextVariable:
    """A fact that a survey, a bot or the API attaches to a conversation (WA-CONTEXT); its case counts."""

    name: str = attrs.field(validator=_check_variable_name)
    type: VariableType = VariableType.TEXT


@attrs.frozen
class ClassificationRule:
    """When the condition holds, this comes out (CLS-1, CLS-6)."""

    name: str
    when: Condition = ALWAYS
    sets: Mapping[str, Value] = _NO_VALUES
    """Attributes, visible to later rulesets (CLS-3)."""
    skills: Ratings = _NO_RATINGS
    """Skills to attach, with the rating they need on the skill's own scale (CLS-7)."""
    profiles: tuple[str, ...] = ()
    """Capacity profiles to attach (CAP-4)."""
    priority: int | None = None
    """Sets the attribute ``priority``."""
    language: str | None = None
    """Sets the attribute ``language``."""

    @property
    def outputs(self) -> Mapping[str, Value]:
        """Every attribute that the rule sets."""
        named = {"priority": self.priority, "language": self.language}
        return {**self.sets, **{name: value for name, value in named.items() if value is not None}}


def _indexed(rules: Iterable[ClassificationRule | RouteRule]) -> RuleIndex:
    return RuleIndex.of(rule.when for rule in rules)


def _index_of_ruleset(ruleset: Ruleset) -> RuleIndex:
    return _indexed(ruleset.rules)


@attrs.frozen
class Ruleset:
    """Rules of which the first that matches wins (CLS-2)."""

    name: str
    rules: tuple[ClassificationRule, ...]
    index: RuleIndex = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_index_of_ruleset, takes_self=True)
    )
    """The conditions of the rules, compiled."""

    def with_rule(self, position: int, rule: ClassificationRule) -> Ruleset:
        """Return the ruleset with another rule at *position*; the others are not compiled again.

        >>> Ruleset("r", (ClassificationRule("a"),)).with_rule(0, ClassificationRule("b")).rules[0].name
        'b'
        """
        made = object.__new__(Ruleset)
        rules = (*self.rules[:position], rule, *self.rules[position + 1 :])
        index = self.index.replace(position, rule.when)
        for name, value in {"name": self.name, "rules": rules, "index": index}.items():
            object.__setattr__(made, name, value)
        return made


def _check_confidence(_: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not 0 <= value <= 1:
        raise InvalidValue(attribute.name, str(value), "Use a number from 0 to 1.")


@attrs.frozen
class Prediction:
    """What a classifier believes about an item."""

    name: str
    """The attribute, or the skill."""
    value: Value
    """Value of the attribute, or the rating that the skill needs."""
    confidence: float = attrs.field(validator=_check_confidence)
    """From 0 (a guess) to 1 (certain)."""
    is_skill: bool = False


class Classifier(Protocol):
    """Predicts intents or skills from text (an adapter)."""

    def predict(self, text: str) -> Sequence[Prediction]:
        """Return what is believed about *text*; nothing if it has no opinion."""
        ...


@attrs.frozen
class ModelRuleset:
    """A place in the order of rulesets at which a classifier is asked (CLS-6).

    What it believes fills only what no rule has set, and later rules overrule it.
    """

    name: str
    classifier: Classifier = attrs.field(eq=False)
    inputs: tuple[str, ...] = ("first_message",)
    """Attributes whose texts are joined to be classified."""
    minimum: float = attrs.field(default=0.5, validator=_check_confidence)
    """Least confidence at which a prediction counts."""


@attrs.frozen
class Share:
    """A queue's part of an allocation."""

    queue: str
    percent: int


def _check_shares(rule: RouteRule, attribute: attrs.Attribute[tuple[Share, ...]], shares: tuple[Share, ...]) -> None:
    if bool(rule.queue) == bool(shares):
        raise InvalidValue("queue", rule.queue, f"Rule {rule.name!r}: name one queue, or shares of several.")
    if shares and (sum(share.percent for share in shares) != WHOLE or min(share.percent for share in shares) < 1):
        total = " + ".join(str(share.percent) for share in shares)
        raise InvalidValue(attribute.name, total, f"Rule {rule.name!r}: percentages from 1 must sum to {WHOLE}.")
    if len({share.queue for share in shares}) < len(shares):
        raise InvalidValue(attribute.name, rule.name, f"Rule {rule.name!r}: name each queue once.")


@attrs.frozen
class RouteRule:
    """When the condition holds, the queue is a candidate (R2Q-2).

    Raises:
        InvalidValue: It has no queue, or percentages that do not sum to 100 (R2Q-6).
    """

    name: str
    queue: str = ""
    when: Condition = ALWAYS
    shares: tuple[Share, ...] = attrs.field(default=(), validator=_check_shares)
    """Several queues, of which one is drawn for each conversation (R2Q-6)."""
    overflow: Overflow | None = None
    """Replaces what the queue says about overflow, for items that came by this rule (R2Q-8)."""

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that the rule may lead to."""
        return (self.queue,) if self.queue else tuple(share.queue for share in self.shares)


def _index_of_routes(workstream: Workstream) -> RuleIndex:
    return _indexed(workstream.routes)


def _check_variables(
    _: object, attribute: attrs.Attribute[tuple[ContextVariable, ...]], variables: tuple[ContextVariable, ...]
) -> None:
    names = [variable.name for variable in variables]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValue(attribute.name, name, "Each context variable has a name of its own; its case counts.")


def _check_screen_pop(_: object, attribute: attrs.Attribute[timedelta | None], value: timedelta | None) -> None:
    step = timedelta(seconds=30)
    if value is not None and (value % step or not step <= value <= 10 * step):
        raise InvalidValue(attribute.name, str(value), "Use 30 seconds to 5 minutes in steps of 30 seconds (WS-17).")


def _zone(name: str | ZoneInfo | None) -> ZoneInfo | None:
    return None if name is None else zone_named(name)


def _check_policy(workstream: Workstream, attribute: attrs.Attribute[WorkPolicy], value: WorkPolicy) -> None:
    if value.mode is not workstream.mode and value.mode is not Mode.PUSH:
        raise InvalidValue(attribute.name, value.mode.value, "Set the mode of the workstream; the policy follows it.")


def _check_positive(_: object, attribute: attrs.Attribute[timedelta | None], value: timedelta | None) -> None:
    if value is not None and value <= timedelta(0):
        raise InvalidValue(attribute.name, str(value), "Use a duration of more than zero, or none.")


@attrs.frozen
class Workstream:
    """How conversations of a set of numbers are classified, routed and distributed (WS-1 to WS-17)."""

    name: str
    fallback_queue: str
    """Takes what no rule routes, and what could not be classified (WS-4, QUE-4)."""
    rulesets: tuple[Ruleset | ModelRuleset, ...] = ()
    routes: tuple[RouteRule, ...] = ()
    demand: int = 1
    """Units of capacity that one conversation consumes (CAP-1); 0 where a profile counts instead (WS-11)."""
    consent_required: bool = False
    """Whether templates that nobody asked for need the customer's opt-in."""
    fallback_template: str = ""
    """The template that goes out by itself instead of a message outside the window; empty for none."""
    profile: str = ""
    """Capacity profile that every conversation consumes (WS-11)."""
    type: QueueType = QueueType.MESSAGING
    """Its queues are of the same type (WS-1)."""
    channel: str = "whatsapp"
    """The one channel of the workstream (WS-2)."""
    direction: Direction = Direction.INBOUND
    mode: Mode = Mode.PUSH
    """Fixed once the workstream is made (WS-3)."""
    variables: tuple[ContextVariable, ...] = attrs.field(default=(), validator=_check_variables)
    zone: ZoneInfo | None = attrs.field(default=None, converter=_zone)
    """Where rules read date, time, hour and weekday; None is UTC."""
    auto_close_after: timedelta | None = attrs.field(default=None, validator=_check_positive)
    """How long a waiting conversation may be idle before it is closed (WS-10)."""
    screen_pop: timedelta | None = attrs.field(default=None, validator=_check_screen_pop)
    """How long an offer is shown; None: the notification's own time (WS-17)."""
    policy: WorkPolicy = attrs.field(default=WorkPolicy(), validator=_check_policy)
    """Presences, skill matching, affinity and preferred agents (WS-13 to WS-15, PREF-3); its mode is that above."""
    wrap_up: WrapUpBlocking = WrapUpBlocking()
    """How long wrap-up keeps capacity (WS-12)."""
    undocumented: Mapping[str, Value] = _NO_VALUES
    """Columns of Dynamics that no page explains: kept and reported, without effect (WS-16)."""
    index: RuleIndex = attrs.field(
        init=False, eq=False, repr=False, default=attrs.Factory(_index_of_routes, takes_self=True)
    )
    """The conditions of the routes, compiled."""

    def overflow_at(self, queue: Queue, rule: str) -> Overflow:
        """Return what counts about overflow at *queue* for an item that came by the route *rule* (R2Q-8)."""
        own = (route.overflow for route in self.routes if route.name == rule and route.overflow is not None)
        return next(own, queue.overflow)
