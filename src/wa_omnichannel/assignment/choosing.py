"""Which agent gets an item: affinity, preferred agents, then the queue's method.

* **WS-15a** an item that goes back to its agent gets there whatever their capacity and presence (strict).
* **PREF-2** a preferred agent who is a member and present gets it; capacity, skills and rules are skipped.
* **Highest capacity**: most free capacity, then whoever was assigned longest ago. **Round robin**: in turn, per
  queue. **Least active**: longest since capacity came back (ASG-10). **Closest match** replaces the method's
  order by closeness (SKL-3). **Custom**: see :mod:`wa_omnichannel._distribution.custom`.
* **ASG-15** whoever declined the item comes after all others.

This is the plain form: it looks at everything. :class:`~wa_omnichannel.assignment.Pool` does the same fast.
Source: Microsoft Learn, "Assignment methods in unified routing", "Configure routing to preferred agents".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from wa_omnichannel import skills, workforce
from wa_omnichannel._distribution.custom import NEVER, Context, turn
from wa_omnichannel._distribution.policies import Affinity, Method, Mode, Unavailable
from wa_omnichannel.assignment.eligibility import exclusion, reachable
from wa_omnichannel.assignment.model import PREFERRED, AssignmentRules, Pairing, WaitingItem
from wa_omnichannel.assignment.ordering import goes_back, rank
from wa_omnichannel.explain import Facts
from wa_omnichannel.skills import Matching
from wa_omnichannel.workforce import Agent

TICK = timedelta(microseconds=1)
"""Distance between two assignments, so that no two agents were assigned at the same instant."""

_Key: TypeAlias = Callable[[Agent, WaitingItem, AssignmentRules], tuple[object, ...]]


@attrs.frozen
class Choice:
    """The agent for an item, and why."""

    agent: str
    rule: str
    code: str
    facts: Facts

    def pairing(self, item: WaitingItem, at: datetime) -> Pairing:
        """Return the pairing of *item* at the instant *at*."""
        return Pairing(item, self.agent, at, self.rule, self.code, self.facts)


def available(agent: Agent, item: WaitingItem) -> tuple[int, ...]:
    """Return what *agent* has left for *item*: of its profiles in order, then units if it consumes any."""
    rooms = tuple(agent.profiles[name].free for name in item.needs.profiles)
    return (*rooms, agent.free) if item.demand or not rooms else rooms


def _highest(agent: Agent, item: WaitingItem, _: AssignmentRules) -> tuple[object, ...]:
    left = tuple(-max(room, 0) for room in available(agent, item))
    return (left, agent.last_assigned_at or NEVER, agent.id)


def _in_turn(agent: Agent, item: WaitingItem, _: AssignmentRules) -> tuple[object, ...]:
    return turn(agent, item.queue)


def _least_active(agent: Agent, _: WaitingItem, __: AssignmentRules) -> tuple[object, ...]:
    return (agent.last_released_at or NEVER, agent.last_assigned_at or NEVER, agent.id)


def _closest(agent: Agent, item: WaitingItem, rules: AssignmentRules) -> tuple[object, ...]:
    return (skills.closeness(rules.required(item), agent.skills, rules.skills), agent.id)


_METHODS: Mapping[Method, tuple[str, str, _Key]] = {
    Method.HIGHEST_CAPACITY: ("ASG-HIGHEST", "assigned_highest_capacity", _highest),
    Method.ROUND_ROBIN: ("ASG-ROUND-ROBIN", "assigned_in_turn", _in_turn),
    Method.LEAST_ACTIVE: ("ASG-10", "assigned_least_active", _least_active),
}
CLOSEST: tuple[str, str, _Key] = ("SKL-3", "assigned_closest", _closest)


def method_of(item: WaitingItem, rules: AssignmentRules) -> tuple[str, str, _Key]:
    """Return rule, code and sort key of the way agents for *item* are chosen, unless custom rules do it."""
    if rules.works(item.workstream).matching is Matching.CLOSEST and item.needs.skills:
        return CLOSEST
    return _METHODS[rules.policy(item.queue).method]


def choose_agent(
    item: WaitingItem, agents: Mapping[str, Agent], rules: AssignmentRules, now: datetime
) -> Choice | None:
    """Return the agent for *item* and why, or None if it stays in the queue.

    Args:
        item: What waits.
        agents: Everybody, by id.
        rules: Queues, methods, presences.
        now: The current instant; only calendars ask for it.
    """
    personal = personal_choice(item, agents, rules, now)
    if personal is not None or stays(item, rules):
        return personal
    able = [agent for agent in agents.values() if exclusion(item, agent, rules) is None]
    return best_of(able, item, rules, now)


def personal_choice(
    item: WaitingItem, agents: Mapping[str, Agent], rules: AssignmentRules, now: datetime
) -> Choice | None:
    """Return the previous or a preferred agent of *item*, if one of them gets it (WS-15, PREF-2)."""
    return _previous(item, agents, rules, now) or _preferred(item, agents, rules)


def _previous(item: WaitingItem, agents: Mapping[str, Agent], rules: AssignmentRules, now: datetime) -> Choice | None:
    agent = agents.get(item.previous or "")
    if agent is None or not goes_back(item, rules):
        return None
    facts = {"agent": agent.name, "free": agent.free, "presence": agent.presence.value}
    if rules.works(item.workstream).affinity is Affinity.STRICT:
        return Choice(agent.id, "WS-15a", "assigned_to_previous", facts)
    able = exclusion(item, agent, rules) is None and best_of([agent], item, rules, now) is not None
    return Choice(agent.id, "WS-15", "assigned_to_previous_able", facts) if able else None


def _preferred(item: WaitingItem, agents: Mapping[str, Agent], rules: AssignmentRules) -> Choice | None:
    for place, name in enumerate(item.preferred[:PREFERRED], 1):
        agent = agents.get(name)
        if agent is not None and reachable(item, agent, rules):
            facts = {"agent": agent.name, "free": agent.free, "place": place}
            return Choice(agent.id, "PREF-2", "assigned_preferred", facts)
    return None


def stays(item: WaitingItem, rules: AssignmentRules) -> bool:
    """Tell whether *item* waits for its preferred agents and nobody else (PREF-3)."""
    return bool(item.preferred) and rules.works(item.workstream).unavailable is Unavailable.WAIT


def best_of(able: Sequence[Agent], item: WaitingItem, rules: AssignmentRules, now: datetime) -> Choice | None:
    """Return the best of the agents who may get *item*, by the queue's method (ASG table)."""
    if rules.policy(item.queue).method is Method.CUSTOM:
        return _custom(able, item, rules, now)
    if not able:
        return None
    rule, code, key = method_of(item, rules)
    best = min(able, key=lambda agent: (item.declines.get(agent.id, 0), *key(agent, item, rules)))
    return Choice(best.id, rule, code, {"agent": best.name, "free": best.free})


def context_of(item: WaitingItem, rules: AssignmentRules, now: datetime) -> Context:
    """Return what custom rules know of *item*."""
    required = dict(rules.skills.considered(item.needs.ratings))
    allowed = rules.allowed(item.workstream)
    return Context(item.queue, item.attributes, item.demand, required, allowed, rules.skills, rules.shifts, now)


def _custom(able: Sequence[Agent], item: WaitingItem, rules: AssignmentRules, now: datetime) -> Choice | None:
    context = context_of(item, rules, now)
    found = rules.policy(item.queue).custom.tiers(able, context)
    if found is None:
        return None
    ruleset, rule, agents = found
    best = min(agents, key=lambda agent: (item.declines.get(agent.id, 0), rule.key(agent, context)))
    facts = {"agent": best.name, "free": best.free, "ruleset": ruleset, "name": rule.name}
    return Choice(best.id, "ASG-12", "assigned_by_custom_rule", facts)


def given(agent: Agent, pairing: Pairing) -> Agent:
    """Return *agent* after *pairing* took effect: units, profiles and turn."""
    item = pairing.item
    return workforce.take(agent, item.demand, pairing.at, profiles=item.needs.profiles, queue=item.queue)


def choose(
    items: Iterable[WaitingItem], agents: Iterable[Agent], rules: AssignmentRules, now: datetime
) -> tuple[Pairing, ...]:
    """Pair waiting items with agents, never beyond anybody's capacity unless a rule says so.

    Only WS-15a and PREF-2 go beyond a capacity, and then the pairing names the rule. An item that nobody can take
    holds up nobody behind it, except in a cycle with a block (ASG-2).

    Args:
        items: Conversations that wait.
        agents: Everybody who could get one.
        rules: Queues, methods, presences.
        now: The current instant. The assignments happen at it, or a microsecond apart where there are several.

    >>> from wa_omnichannel.addresses import Address
    >>> from wa_omnichannel.workforce import Presence
    >>> ana = Agent("ana", "Ana", frozenset({"q"}), Presence.AVAILABLE)
    >>> item = WaitingItem("q", NEVER, Address("+14155550100"), "c1", "conv1")
    >>> [p.agent for p in choose([item], [ana], AssignmentRules({}), NEVER)]
    ['ana']
    """
    known = {agent.id: agent for agent in agents}
    last = max((agent.last_assigned_at or NEVER for agent in known.values()), default=NEVER)
    pushed = (item for item in items if rules.works(item.workstream).mode is Mode.PUSH)
    pairings: list[Pairing] = []
    for item in sorted(pushed, key=lambda item: rank(item, rules, now))[: rules.block]:
        choice = choose_agent(item, known, rules, now)
        if choice is not None:
            last = after(last, now)
            pairings.append(choice.pairing(item, last))
            known[choice.agent] = given(known[choice.agent], pairings[-1])
    return tuple(pairings)


def after(last: datetime, now: datetime) -> datetime:
    """Return the instant of the next assignment: *now*, or just after the *last* one."""
    return now if now > last else last + TICK
