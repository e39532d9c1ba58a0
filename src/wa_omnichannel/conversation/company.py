"""Several people at one conversation: advice, transfers from agent to agent, supervisors (ACT-1 to ACT-3, §9.8).

* **ACT-1** only the agent who holds a conversation asks for advice, and lets a consultant write to the customer.
* **ACT-2** a transfer to an agent needs its switch; the receiver must accept, and may reject or let it time out.
* **ACT-3** the settings may narrow whom agents see to the members of the conversation's queue.
* **§9.8** supervisors look in, join, transfer and close by force; each has a switch.

Source: Microsoft Learn, "Consult with an agent or supervisor", "Transfer conversations", "Monitor conversations".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import attrs

from wa_omnichannel.assignment import NOT_LISTED, transferable
from wa_omnichannel.automation import MOST_CONSULTANTS
from wa_omnichannel.conversation import lifecycle
from wa_omnichannel.conversation.events import (
    ConsultantAdded,
    ConsultEnded,
    ConsultRequested,
    Decision,
    ForceClosed,
    HandOverRequested,
    MonitorRequested,
    Record,
    refusal,
    set_free,
)
from wa_omnichannel.conversation.lifecycle import switched_off, waiting_item
from wa_omnichannel.conversation.model import Conversation, State, Status, Step
from wa_omnichannel.conversation.queueing import not_now, not_yours
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent, take

_MONITORED = frozenset({Status.ACTIVE, Status.WRAP_UP})
_MOVABLE = frozenset({Status.ACTIVE, Status.WAITING})


def targets(rules: Rules, state: State, agents: Iterable[Agent]) -> tuple[Agent, ...]:
    """Return the agents to whom the conversation may be transferred, or who may be consulted, the closest first.

    Args:
        rules: The compiled settings.
        state: The rows of the thread.
        agents: Everybody.
    """
    live = state.thread.live
    if live is None:
        return ()
    listed = transferable(waiting_item(state, live, rules), agents, rules.assignment)
    return tuple(agent for agent in listed if _seen(rules, live, agent).met)


def _seen(rules: Rules, live: Conversation, agent: Agent) -> Check:
    """Tell whether the conversation's agent sees *agent* in the list (ACT-2, ACT-3)."""
    facts = {"agent": agent.name, "presence": agent.presence.value, "queue": live.queue}
    if agent.bot or agent.id == live.agent:
        return Check("ACT-2", False, "target_not_a_colleague", facts)
    if agent.presence in NOT_LISTED:
        return Check("ACT-2", False, "target_not_there", facts)
    if rules.life.transfers.same_queue and live.queue not in agent.queues:
        return Check("ACT-3", False, "target_of_another_queue", facts)
    return Check("ACT-2", True, "target_listed", facts)


def _shown(rules: Rules, live: Conversation, agent: Agent) -> Check:
    """Tell whether a supervisor sees *agent* in the list: of the same queue, in an allowed presence (§9.8)."""
    facts = {"agent": agent.name, "presence": agent.presence.value, "queue": live.queue}
    if agent.bot or agent.id == live.agent:
        return Check("ACT-2", False, "target_not_a_colleague", facts)
    if live.queue not in agent.queues:
        return Check("ACT-3", False, "target_of_another_queue", facts)
    there = agent.presence in rules.assignment.allowed(live.workstream)
    return Check("ACT-2", there, "target_listed" if there else "target_not_there", facts)


def _no(state: State, check: Check, *remedies: Remedy) -> Decision:
    return refusal(state, check.code, check.facts, (check,), remedies)


def hand_over_requested(rules: Rules, state: State, event: HandOverRequested, now: datetime) -> Decision:
    """Offer the conversation to another agent; the one who had it leaves (ACT-2).

    If a supervisor does it, who had it stays as a consultant until the other one accepts (§9.8).
    """
    live, target = state.thread.live, state.other
    if live is None or target is None or live.status not in _MOVABLE:
        return not_now(state, Step.RELEASED, live)
    if event.agent is not None and (live.status is Status.WAITING or live.agent != event.agent):
        return not_yours(state, live, event.agent)
    if event.agent is None and not rules.life.supervision.transfer:
        return switched_off(state, "transfer")
    if event.agent is not None and not rules.life.transfers.to_agents:
        check = Check("ACT-2", False, "transfers_to_agents_off", {"agent": event.agent})
        return _no(state, check, Remedy("transfer_to_a_queue", sufficient=True))
    check = _seen(rules, live, target) if event.agent is not None else _shown(rules, live, target)
    if not check.met:
        return _no(state, check, Remedy("transfer_to_a_queue"))
    return _handed_over(state, live, target, event, check, now)


def _handed_over(
    state: State, live: Conversation, target: Agent, event: HandOverRequested, check: Check, now: datetime
) -> Decision:
    leaver, again = set_free(state.agent, live, now)
    stays = (live.agent,) if event.agent is None and live.agent is not None else ()
    offered = attrs.evolve(
        live,
        status=Status.ACTIVE,
        agent=target.id,
        changed_at=now,
        accepted_at=None,
        previous=None,
        freed=False,
        consultants=stays,
        joined=stays,
        handed_by=live.agent or event.by,
    )
    busy = take(target, live.demand, now, profiles=live.needs.profiles, queue=live.queue)
    thread = attrs.evolve(state.thread, conversation=offered)
    by = event.agent or event.by
    left = Record("handed_over", {"from": live.agent or "-", "to": target.id, "by": by}, (check,))
    given = Record("assigned", {"agent": target.id, "free": busy.free, "by": by})
    after = attrs.evolve(state, thread=thread, agent=busy, other=leaver)
    return Decision(after, (left, given, *again), trace=(check,))


def consult_requested(rules: Rules, state: State, event: ConsultRequested, now: datetime) -> Decision:
    """Let another agent read along and give advice in notes, which the customer never sees (ACT-1, ACT-6)."""
    live, asked = state.thread.live, state.other
    if live is None or asked is None or live.status is not Status.ACTIVE:
        return not_now(state, Step.ASSIGNED, live)
    if live.agent != event.agent:
        return not_yours(state, live, event.agent)
    check = _seen(rules, live, asked)
    if not check.met:
        return _no(state, check)
    if asked.id in live.consultants:
        return Decision(state)
    facts = {"count": len(live.consultants) + 1, "limit": MOST_CONSULTANTS}
    if facts["count"] > MOST_CONSULTANTS:
        return _no(state, Check("ACT-1", False, "too_many_consultants", facts))
    advised = attrs.evolve(live, consultants=(*live.consultants, asked.id), changed_at=now)
    record = Record("consult_started", {"by": event.agent, "consultant": asked.id}, (check,))
    return Decision(_with(state, advised), (record,), trace=(check,))


def consult_ended(_: Rules, state: State, event: ConsultEnded, __: datetime) -> Decision:
    """Let a consultant, or a supervisor who joined, leave."""
    live = state.thread.live
    if live is None or event.who not in (*live.consultants, *live.joined):
        return _not_consulted(state, event.who)
    if event.by not in (event.who, live.agent):
        return not_yours(state, live, event.by)
    gone = attrs.evolve(
        live,
        consultants=tuple(who for who in live.consultants if who != event.who),
        joined=tuple(who for who in live.joined if who != event.who),
    )
    return Decision(_with(state, gone), (Record("consult_ended", {"consultant": event.who, "by": event.by}),))


def consultant_added(_: Rules, state: State, event: ConsultantAdded, __: datetime) -> Decision:
    """Let a consultant write to the customer as well (ACT-1)."""
    live = state.thread.live
    if live is not None and live.agent != event.agent:
        return not_yours(state, live, event.agent)
    if live is None or event.who not in live.consultants:
        return _not_consulted(state, event.who)
    return _joined(state, live, event.who, event.agent)


def _joined(state: State, live: Conversation, who: str, by: str) -> Decision:
    if who in live.joined:
        return Decision(state)
    record = Record("agent_joined_customer_conversation", {"agent": who, "by": by})
    return Decision(_with(state, attrs.evolve(live, joined=(*live.joined, who))), (record,))


def _not_consulted(state: State, who: str) -> Decision:
    return _no(state, Check("ACT-1", False, "not_consulted", {"agent": who}))


def monitor_requested(rules: Rules, state: State, event: MonitorRequested, now: datetime) -> Decision:
    """Note that a supervisor looks into an active conversation that is not their own, and let them join (§9.8)."""
    live = state.thread.live
    if not rules.life.supervision.monitor:
        return switched_off(state, "monitor")
    if live is None or live.status not in _MONITORED:
        return not_now(state, Step.ASSIGNED, live)
    if live.agent == event.by:
        return _no(state, Check("WA-SUPERVISION", False, "own_conversation", {"agent": event.by}))
    watched = attrs.evolve(live, changed_at=now)
    joined = _joined(_with(state, watched), watched, event.by, event.by) if event.join else Decision(state)
    record = Record("monitored", {"by": event.by})
    after = joined.state if event.join else _with(state, watched)
    return Decision(after, (record, *joined.effects))


def force_closed(rules: Rules, state: State, event: ForceClosed, now: datetime) -> Decision:
    """Close the conversation whatever its state, and tell those who take part (§9.8)."""
    if not rules.life.supervision.force_close:
        return switched_off(state, "force_close")
    live = state.thread.live
    closed = lifecycle.step(state, Step.CLOSED, event.by, now)
    if live is None or closed.refusal is not None:
        return closed
    told = tuple(dict.fromkeys(who for who in (live.agent, *live.consultants, *live.joined) if who is not None))
    return attrs.evolve(closed, effects=(Record("force_closed", {"by": event.by, "told": told}), *closed.effects))


def _with(state: State, conversation: Conversation) -> State:
    return attrs.evolve(state, thread=attrs.evolve(state.thread, conversation=conversation))
