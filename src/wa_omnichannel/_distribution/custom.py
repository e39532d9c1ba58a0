"""Custom assignment: rules of one's own that say who may get an item and in which order they come.

* **ASG-12** the first rule that finds at least one agent stops the search, its order picks the best of them; no
  agent: the next rule (progressive relaxation); none at all: the item stays in the queue.
* **ASG-13** tests look at presence, capacity, skills, calendar and attributes, against fixed or dynamic values.
* **ASG-14** several rulesets: selection criteria choose one, otherwise the default.
* **CAP-7** only what is written applies: presence, skills and units of the workstream do not. Profiles always do.

Source: Microsoft Learn, "Configure assignment methods and rules for queues".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

import attrs

from wa_omnichannel import skills
from wa_omnichannel.conditions import Attributes, Condition, Value
from wa_omnichannel.conditions.values import normal
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.overflow import OpeningHours
from wa_omnichannel.skills import Ratings, SkillBook
from wa_omnichannel.workforce import Agent, Presence

NEVER = datetime.min.replace(tzinfo=UTC)
"""Before any assignment: whoever never had work comes first."""


@attrs.frozen
class FromItem:
    """A dynamic value: an attribute of the item; ``demand`` is the units it consumes."""

    attribute: str


ALLOWED_PRESENCES = FromItem("allowed_presences")
"""The dynamic value of the presences that the workstream allows."""

Operand: TypeAlias = Value | FromItem
"""What a test compares with."""


@attrs.frozen
class Context:
    """What custom rules know besides the agent."""

    queue: str
    attributes: Attributes
    demand: int
    required: Ratings
    """Required skills that are not deactivated."""
    allowed: frozenset[Presence]
    book: SkillBook
    shifts: Mapping[str, OpeningHours]
    now: datetime

    def value(self, operand: Operand) -> object:
        """Return what *operand* stands for."""
        if not isinstance(operand, FromItem):
            return operand
        own = {"demand": self.demand, "allowed_presences": frozenset(presence.value for presence in self.allowed)}
        return own.get(operand.attribute, self.attributes.get(operand.attribute))


def _ratio(have: object) -> float:
    return float(have) if isinstance(have, int | float) else float("nan")


def _same(have: object, want: object) -> bool:
    if isinstance(want, frozenset):
        return have in want
    if have is None or want is None:
        return False
    if isinstance(have, str) is not isinstance(want, str):
        have, want = str(have), str(want)
    return bool(normal(have) == normal(want))


_COMPARE: Mapping[str, Callable[[object, object], bool]] = {
    "equals": _same,
    "not_equals": lambda have, want: not _same(have, want),
    "contains_data": lambda have, _: have not in (None, ""),
    "does_not_contain_data": lambda have, _: have in (None, ""),
    "less": lambda have, want: _ratio(have) < _ratio(want),
    "at_most": lambda have, want: _ratio(have) <= _ratio(want),
    "greater": lambda have, want: _ratio(have) > _ratio(want),
    "at_least": lambda have, want: _ratio(have) >= _ratio(want),
}


def _profile(agent: Agent, name: str) -> int | None:
    return agent.profiles[name].free if name in agent.profiles else None


_SUBJECTS: Mapping[str, Callable[[Agent, str], object]] = {
    "presence": lambda agent, _: agent.presence.value,
    "capacity": lambda agent, _: agent.free,
    "profile": _profile,
    "attribute": lambda agent, name: agent.attributes.get(name),
}


def _of_type(context: Context, type_: str) -> Ratings:
    return context.book.considered(context.required, type_ or None)


def _working(agent: Agent, context: Context) -> bool:
    shift = context.shifts.get(agent.id)
    return shift is not None and shift.is_open(context.now)


_SPECIAL: Mapping[str, Callable[[Agent, AgentTest, Context], bool]] = {
    "exact_match": lambda agent, test, context: not skills.missing(_of_type(context, test.name), agent.skills),
    "has_skill": lambda agent, test, context: context.value(test.value) in context.book.considered(agent.skills),
    "is_working": lambda agent, _, context: _working(agent, context),
}

_ALLOWED = {"skills": ("exact_match", "has_skill"), "calendar": ("is_working",)}


def _check_subject(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    known = (*_SUBJECTS, *_ALLOWED)
    if value not in known:
        raise InvalidValue(attribute.name, value, f"Use one of: {', '.join(known)}.")


def _check_operator(test: AgentTest, attribute: attrs.Attribute[str], value: str) -> None:
    known = _ALLOWED.get(test.subject, tuple(_COMPARE))
    if value not in known:
        raise InvalidValue(attribute.name, value, f"For {test.subject} use one of: {', '.join(known)}.")


@attrs.frozen
class AgentTest:
    """One test of an agent (ASG-13)."""

    subject: str = attrs.field(validator=_check_subject)
    """``presence``, ``capacity``, ``profile``, ``attribute``, ``skills`` or ``calendar``."""
    operator: str = attrs.field(validator=_check_operator)
    value: Operand = ""
    name: str = ""
    """Which profile or attribute; for skills the type, empty for all."""

    __test__ = False  # not a test class for pytest

    def holds(self, agent: Agent, context: Context) -> bool:
        """Tell whether *agent* passes the test."""
        special = _SPECIAL.get(self.operator)
        if special is not None:
            return special(agent, self, context)
        have = _SUBJECTS[self.subject](agent, self.name)
        return _COMPARE[self.operator](have, context.value(self.value))


def turn(agent: Agent, queue: str) -> tuple[datetime, datetime, str]:
    """Return the sort key of round robin: whoever got work from the queue, or joined it, longest ago."""
    return (agent.turns.get(queue, NEVER), agent.last_assigned_at or NEVER, agent.id)


def _attribute(agent: Agent, order: Order) -> tuple[int, float, str]:
    value = agent.attributes.get(order.name)
    number = _ratio(value) if isinstance(value, int | float) else 0.0
    return (value is None, -number if order.descending else number, value if isinstance(value, str) else "")


_ORDERS: Mapping[str, Callable[[Agent, Order, Context], object]] = {
    "round_robin": lambda agent, _, context: turn(agent, context.queue),
    "capacity": lambda agent, _, __: -agent.free,
    "profile_capacity": lambda agent, order, _: -(_profile(agent, order.name) or 0),
    "nearest": lambda agent, order, c: skills.nearest(_of_type(c, order.name), agent.skills, c.book),
    "most_proficient": lambda agent, order, c: skills.most(_of_type(c, order.name), agent.skills, c.book),
    "skill_count": lambda agent, order, c: skills.count(_of_type(c, order.name), agent.skills),
    "attribute": lambda agent, order, _: _attribute(agent, order),
}


def _check_order(_: object, attribute: attrs.Attribute[str], value: str) -> None:
    if value not in _ORDERS:
        raise InvalidValue(attribute.name, value, f"Use one of: {', '.join(_ORDERS)}.")


@attrs.frozen
class Order:
    """One order of agents: the best comes first (ASG-13, SKL-5)."""

    by: str = attrs.field(validator=_check_order)
    name: str = ""
    """Which profile or attribute; for skills the type, empty for all."""
    descending: bool = False
    """For a numeric attribute: the largest first."""


@attrs.frozen
class AssignmentRule:
    """Who may get an item, and in which order they come."""

    name: str
    tests: tuple[AgentTest, ...] = ()
    order_by: tuple[Order, ...] = ()
    """Ties go in turn (round robin)."""

    def finds(self, agents: Iterable[Agent], context: Context) -> list[Agent]:
        """Return the agents who pass every test."""
        return [agent for agent in agents if all(test.holds(agent, context) for test in self.tests)]

    def key(self, agent: Agent, context: Context) -> tuple[object, ...]:
        """Return the sort key of *agent*; the smallest is the best."""
        keys = (_ORDERS[order.by](agent, order, context) for order in self.order_by)
        return (*keys, turn(agent, context.queue))


@attrs.frozen
class Selection:
    """When the condition holds for an item, this ruleset applies (ASG-14)."""

    when: Condition
    ruleset: str


def _check_rulesets(chosen: CustomAssignment, attribute: attrs.Attribute[_Rulesets], value: _Rulesets) -> None:
    named = {chosen.default, *(selection.ruleset for selection in chosen.selections)}
    unknown = sorted(named - {*value, ""})
    if unknown:
        raise InvalidValue(attribute.name, ", ".join(unknown), "Define this ruleset, or do not select it.")


_Rulesets: TypeAlias = Mapping[str, Sequence[AssignmentRule]]
_NO_RULES: _Rulesets = {}


@attrs.frozen
class CustomAssignment:
    """The custom rules of a queue."""

    selections: tuple[Selection, ...] = ()
    """Looked at in order; the first that holds chooses the ruleset."""
    default: str = ""
    """The ruleset when no selection holds."""
    rulesets: Mapping[str, Sequence[AssignmentRule]] = attrs.field(default=_NO_RULES, validator=_check_rulesets)
    """Rules by name of the ruleset; they are tried in order."""

    def ruleset(self, attributes: Attributes) -> str:
        """Return the name of the ruleset for an item with these *attributes* (ASG-14)."""
        chosen = (selection.ruleset for selection in self.selections if selection.when.holds(attributes))
        return next(chosen, self.default)

    @property
    def uses_calendar(self) -> bool:
        """Whether time alone can make somebody eligible."""
        rules = (rule for rules in self.rulesets.values() for rule in rules)
        return any(test.subject == "calendar" for rule in rules for test in rule.tests)

    @property
    def reads(self) -> frozenset[str]:
        """The attributes of items that dynamic values stand for."""
        tests = (test for rules in self.rulesets.values() for rule in rules for test in rule.tests)
        return frozenset(test.value.attribute for test in tests if isinstance(test.value, FromItem))

    def tiers(self, agents: Sequence[Agent], context: Context) -> tuple[str, AssignmentRule, list[Agent]] | None:
        """Return ruleset, first rule that finds somebody, and whom; None if no rule finds anybody (ASG-12)."""
        name = self.ruleset(context.attributes)
        for rule in self.rulesets.get(name, ()):
            found = rule.finds(agents, context)
            if found:
                return name, rule, found
        return None
