"""Who may get an item, and why not: the same checks decide, explain and count.

The checks of automatic assignment, in this order: push (WS-3), too many decliners (ASG-16), membership of the
queue, declines of this agent (ASG-15), presence (WS-13), skills (SKL-2), blocking and exhausted profiles (CAP-2,
CAP-4), units (CAP-1). A queue with custom rules leaves out presence, skills and units (CAP-7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

import attrs

from wa_omnichannel import capacity, skills
from wa_omnichannel._distribution.policies import Method, Mode
from wa_omnichannel.assignment.model import AssignmentRules, WaitingItem
from wa_omnichannel.explain import Check, Facts, Trace
from wa_omnichannel.workforce import Agent

Looked: TypeAlias = tuple[bool, Facts]
"""Whether a check is met, and what it compared."""
_Test: TypeAlias = Callable[[WaitingItem, Agent, AssignmentRules], Looked]


def _push(item: WaitingItem, _: Agent, rules: AssignmentRules) -> Looked:
    mode = rules.works(item.workstream).mode
    return mode is Mode.PUSH, {"workstream": item.workstream, "mode": mode.value}


def _decliners(item: WaitingItem, _: Agent, rules: AssignmentRules) -> Looked:
    declined = len(item.declines)
    return declined < rules.decliner_limit, {"agents": declined, "limit": rules.decliner_limit}


def _member(item: WaitingItem, agent: Agent, _: AssignmentRules) -> Looked:
    return item.queue in agent.queues, {"queue": item.queue}


def _declines(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> Looked:
    times = item.declines.get(agent.id, 0)
    return times < rules.decline_limit, {"times": times, "limit": rules.decline_limit}


def _presence(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> Looked:
    allowed = rules.allowed(item.workstream)
    names = tuple(sorted(presence.value for presence in allowed))
    return agent.presence in allowed, {"presence": agent.presence.value, "allowed": names}


def _skills(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> Looked:
    required = rules.demanded(item)
    lacking = skills.missing(required, agent.skills)
    wanted = tuple(f"{name} {required[name]} ({agent.skills.get(name, '-')})" for name in lacking)
    return not lacking, {"missing": wanted}


def _blocking(_: WaitingItem, agent: Agent, __: AssignmentRules) -> Looked:
    full = capacity.blocking(agent.profiles)
    return not full, {"profiles": full}


def _profiles(item: WaitingItem, agent: Agent, _: AssignmentRules) -> Looked:
    full = capacity.exhausted(agent.profiles, item.needs.profiles)
    return not full, {"profiles": full}


def _units(item: WaitingItem, agent: Agent, _: AssignmentRules) -> Looked:
    return not item.demand or agent.free >= item.demand, {"free": agent.free, "demand": item.demand}


@attrs.frozen
class _Rule:
    rule: str
    reason: str
    """Code of the reason when it is not met."""
    test: _Test
    custom: bool = True
    """Whether it also holds where custom rules decide (CAP-7)."""

    def check(self, item: WaitingItem, agent: Agent, rules: AssignmentRules) -> Check:
        met, facts = self.test(item, agent, rules)
        code = f"agent_{self.reason}_ok" if met else f"agent_{self.reason}"
        return Check(self.rule, met, code, {"agent": agent.name, **facts})


_RULES = (
    _Rule("WS-3", "pick_only", _push),
    _Rule("ASG-16", "too_many_declined", _decliners),
    _Rule("QUE-1", "not_a_member", _member),
    _Rule("ASG-15", "declined_too_often", _declines),
    _Rule("WS-13", "presence", _presence, custom=False),
    _Rule("SKL-2", "skills", _skills, custom=False),
    _Rule("CAP-2", "blocked", _blocking),
    _Rule("CAP-4", "no_profile_room", _profiles),
    _Rule("CAP-1", "no_capacity", _units, custom=False),
)


def _applying(item: WaitingItem, rules: AssignmentRules) -> Iterator[_Rule]:
    custom = rules.policy(item.queue).method is Method.CUSTOM
    return (rule for rule in _RULES if rule.custom or not custom)


def exclusion(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> str | None:
    """Return why *agent* cannot get *item* automatically, or None if they can."""
    failed = (rule.reason for rule in _applying(item, rules) if not rule.test(item, agent, rules)[0])
    return next(failed, None)


def examine(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> Trace:
    """Return every check of *agent* for *item*, met or not (DIAG-1)."""
    return tuple(rule.check(item, agent, rules) for rule in _applying(item, rules))


def exclusions(item: WaitingItem, agents: Iterable[Agent], rules: AssignmentRules) -> Mapping[str, int]:
    """Count why nobody gets *item*: how many agents are excluded for which reason."""
    reasons = (exclusion(item, agent, rules) for agent in agents)
    return Counter(reason for reason in reasons if reason is not None)


def reachable(item: WaitingItem, agent: Agent, rules: AssignmentRules) -> bool:
    """Tell whether *agent* may get *item* as a preferred agent: member and present (PREF-2)."""
    found = (_push, _decliners, _member, _declines, _presence)
    return all(test(item, agent, rules)[0] for test in found)
