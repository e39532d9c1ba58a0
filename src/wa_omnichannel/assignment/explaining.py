"""Why an item went where it went, and why nobody gets it (DIAG-1): the same checks that decide, in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from wa_omnichannel import skills
from wa_omnichannel._distribution.policies import Method
from wa_omnichannel.assignment.choosing import Choice, choose_agent, context_of, stays
from wa_omnichannel.assignment.eligibility import examine
from wa_omnichannel.assignment.model import AssignmentRules, WaitingItem
from wa_omnichannel.assignment.ordering import rank
from wa_omnichannel.explain import Check, Trace
from wa_omnichannel.routing import Diagnosis
from wa_omnichannel.workforce import Agent


@attrs.frozen
class AgentRow:
    """One agent in the table of an item: every check, met or not."""

    agent: str
    checks: Trace

    @property
    def eligible(self) -> bool:
        """Whether the agent may get the item automatically."""
        return all(check.met for check in self.checks)


@attrs.frozen
class Report:
    """What there is to say about one waiting item."""

    choice: Choice | None
    """Who would get it now."""
    rows: tuple[AgentRow, ...]
    """Every agent and every check (DIAG-1)."""
    reasons: Trace
    """Why it waits, the most lasting reason first."""

    def explain(self, language: str = "en") -> str:
        """Return the reasons as text, one per line."""
        return "\n".join(check.sentence(language) for check in self.reasons)


@attrs.frozen
class Explanation:
    """What there is to say about one conversation: how it came to its queue, and who has it or why nobody does."""

    routing: Trace
    """Why it went to its queue, the last time it was routed or moved."""
    assignment: Trace
    """Why its agent got it; nothing while nobody has it."""
    waiting: Report | None
    """Who could get it and why they do not; None unless it waits."""
    rules: Diagnosis
    """Every rule with the values it compares, evaluated on what is known of the conversation now (DIAG-1)."""

    def explain(self, language: str = "en") -> str:
        """Return the answer as text, one sentence per line."""
        checks = (*self.routing, *self.assignment, *(self.waiting.reasons if self.waiting else ()))
        return "\n".join(check.sentence(language) for check in checks)

    def table(self, language: str = "en") -> str:
        """Return every rule and, while it waits, every agent with every check (DIAG-1)."""
        rows = self.waiting.rows if self.waiting else ()
        agents = (check.sentence(language) for row in rows for check in row.checks)
        return "\n".join((self.rules.table(language), *agents))


def report(
    item: WaitingItem,
    items: Iterable[WaitingItem],
    agents: Sequence[Agent],
    rules: AssignmentRules,
    now: datetime,
) -> Report:
    """Return the full explanation of a waiting *item*: who would get it, per agent why or why not.

    Args:
        item: What somebody asks about.
        items: Everything that waits, to tell how many are served before it.
        agents: Everybody.
        rules: Queues, methods, presences.
        now: The current instant.
    """
    choice = choose_agent(item, {agent.id: agent for agent in agents}, rules, now)
    rows = tuple(AgentRow(agent.id, _checks(item, agent, rules, now)) for agent in agents)
    reasons = _first_in_line(item, items, choice, rules, now) if choice else why_waiting(item, agents, rules, now)
    return Report(choice, rows, reasons)


def _checks(item: WaitingItem, agent: Agent, rules: AssignmentRules, now: datetime) -> Trace:
    checks = examine(item, agent, rules)
    if stays(item, rules) and agent.id not in item.preferred:
        facts = {"agent": agent.name, "preferred": item.preferred}
        return (*checks, Check("PREF-3", False, "agent_not_preferred", facts))
    policy = rules.policy(item.queue)
    if policy.method is not Method.CUSTOM:
        return checks
    found = policy.custom.tiers([agent], context_of(item, rules, now))
    facts = {"agent": agent.name, "ruleset": policy.custom.ruleset(item.attributes)}
    if found is None:
        return (*checks, Check("ASG-12", False, "agent_custom", facts))
    return (*checks, Check("ASG-12", True, "agent_custom_ok", {**facts, "name": found[1].name}))


def _first_in_line(
    item: WaitingItem, items: Iterable[WaitingItem], choice: Choice, rules: AssignmentRules, now: datetime
) -> Trace:
    own = rank(item, rules, now)
    ahead = sum(rank(other, rules, now) < own for other in items)
    return (Check(choice.rule, True, "somebody_can", {"agent": choice.facts["agent"], "ahead": ahead}),)


def why_waiting(item: WaitingItem, agents: Iterable[Agent], rules: AssignmentRules, now: datetime) -> Trace:
    """Return why nobody gets *item*: first what no change of presence or load will cure, then the rest by count."""
    members = [agent for agent in agents if item.queue in agent.queues]
    if not members:
        return (Check("QUE-6", False, "nobody_there", {"queue": item.queue}),)
    lasting = tuple(_lasting(item, members, rules))
    failed = (next((check for check in _checks(item, agent, rules, now) if not check.met), None) for agent in members)
    counted = Counter((check.code.removeprefix("agent_"), check.rule) for check in failed if check is not None)
    reasons = (
        Check(rule, False, f"nobody_{reason}", {"agents": number}) for (reason, rule), number in sorted(counted.items())
    )
    return (*lasting, Check("DIAG-1", False, "nobody_now", {"members": len(members), "queue": item.queue}), *reasons)


def _lasting(item: WaitingItem, members: Sequence[Agent], rules: AssignmentRules) -> Iterable[Check]:
    """Yield what only other settings would cure: skills, profiles or units that no member has."""
    if rules.policy(item.queue).method is not Method.CUSTOM:
        yield from _skills_nobody_has(item, members, rules)
        if item.demand and all(agent.capacity < item.demand for agent in members):
            yield Check("CAP-1", False, "nobody_has_units", {"queue": item.queue, "demand": item.demand})
    for profile in item.needs.profiles:
        if all(profile not in agent.profiles for agent in members):
            yield Check("CAP-4", False, "nobody_has_profile", {"queue": item.queue, "profile": profile})


def _skills_nobody_has(item: WaitingItem, members: Sequence[Agent], rules: AssignmentRules) -> Iterable[Check]:
    required = rules.demanded(item)
    alone = [name for name in required if all(agent.skills.get(name, 0) < required[name] for agent in members)]
    for name in alone:
        facts = {"queue": item.queue, "skill": name, "rating": required[name]}
        yield Check("SKL-2", False, "nobody_has_skill", facts)
    if not alone and all(skills.missing(required, agent.skills) for agent in members):
        wanted = tuple(f"{name} {rating}" for name, rating in required.items())
        yield Check("SKL-2", False, "nobody_has_skills", {"queue": item.queue, "skills": wanted})


@attrs.frozen
class Gaps:
    """What a dry run over items and agents finds missing."""

    queues: tuple[str, ...]
    """Queues with waiting items and without a member (QUE-6)."""
    items: tuple[tuple[str, Trace], ...]
    """Items that no change of presence or load will bring to anybody, and why: conversation and reasons."""


def gaps(items: Iterable[WaitingItem], agents: Sequence[Agent], rules: AssignmentRules) -> Gaps:
    """Return the queues nobody can serve and the items that need a skill, profile or size nobody has.

    Items of the same kind are looked at once, so a dry run over many is cheap.
    """
    members: dict[str, list[Agent]] = {}
    for agent in agents:
        for queue in agent.queues:
            members.setdefault(queue, []).append(agent)
    known: dict[tuple[object, ...], Trace] = {}
    found: list[tuple[str, Trace]] = []
    empty: dict[str, None] = {}
    for item in items:
        if item.queue not in members:
            empty[item.queue] = None
            continue
        kind = (item.queue, item.workstream, item.needs, item.demand)
        if kind not in known:
            known[kind] = tuple(_lasting(item, members[item.queue], rules))
        if known[kind]:
            found.append((item.conversation, known[kind]))
    return Gaps(tuple(sorted(empty)), tuple(found))
