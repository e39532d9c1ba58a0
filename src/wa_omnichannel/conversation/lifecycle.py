"""From assignment to closing: who has the conversation, and what it costs them."""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel import assignment
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.conversation.events import (
    AcceptRequested,
    AgentAssigned,
    CloseRequested,
    Decision,
    DeclineRequested,
    EndRequested,
    ParkRequested,
    PickRequested,
    Record,
    SupervisorAssigned,
    refusal,
    set_free,
)
from wa_omnichannel.conversation.model import TRANSITIONS, Conversation, State, Status, Step
from wa_omnichannel.conversation.paperwork import GIVE_ONE, lacking
from wa_omnichannel.conversation.queueing import item_of, not_now, not_yours
from wa_omnichannel.explain import Check, Remedy
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent, missed, rejected, settle_presence, take


def waiting_item(state: State, live: Conversation, rules: Rules) -> WaitingItem:
    """Return what the rules of assignment see of the conversation."""
    return item_of(state.thread.number, state.thread.contact, live, rules.assignment)


def agent_assigned(_: Rules, state: State, event: AgentAssigned, now: datetime) -> Decision:
    """Give an open conversation to the agent; capacity is in use from here on (LIF-1)."""
    return _hand_over(state, Step.ASSIGNED, Record("assigned", {}, event.trace), now, event.at or now)


def supervisor_assigned(rules: Rules, state: State, event: SupervisorAssigned, now: datetime) -> Decision:
    """Give an open conversation to the agent, whatever their presence and capacity (ASG-17, CAP-6)."""
    live, agent = state.thread.live, state.agent
    if live is None or agent is None:
        return not_now(state, Step.ASSIGNED, live)
    check = assignment.assign(waiting_item(state, live, rules), agent).check
    return _hand_over(state, Step.ASSIGNED, Record("assigned", {"by": event.by}, (check,)), now, now)


def pick_requested(rules: Rules, state: State, _: PickRequested, now: datetime) -> Decision:
    """Let the agent choose an open conversation (WS-3), or take one back that waits for its customer."""
    live, agent = state.thread.live, state.agent
    if live is None or agent is None:
        return refusal(state, "conversation_closed")
    if live.status is not Status.OPEN:
        mine = live.status is Status.WAITING and live.previous == agent.id
        return _picks(rules, state, live, agent, now) if mine else _taken(state, live, agent)
    manual = assignment.pick(waiting_item(state, live, rules), agent, rules.assignment)
    if manual.refusal is not None:
        return Decision(state, refusal=manual.refusal, trace=manual.refusal.trace)
    return _picks(rules, state, live, agent, now)


def _picks(rules: Rules, state: State, live: Conversation, agent: Agent, now: datetime) -> Decision:
    check = assignment.picked(waiting_item(state, live, rules), agent)
    return _hand_over(state, Step.PICKED, Record("picked", {}, (check,)), now, now)


def _taken(state: State, live: Conversation, agent: Agent) -> Decision:
    return not_now(state, Step.PICKED, live) if live.agent == agent.id else not_yours(state, live, agent.id)


def accept_requested(rules: Rules, state: State, __: AcceptRequested, now: datetime) -> Decision:
    """Let the agent take their assignment; an open conversation they pick, if they may (WS-3a, CAP-6)."""
    live, agent = state.thread.live, state.agent
    if live is None or agent is None:
        return refusal(state, "conversation_closed")
    if live.status is Status.ACTIVE and live.agent == agent.id:
        if live.accepted_at is not None:
            return Decision(state)
        accepted = attrs.evolve(live, accepted_at=now)
        thread = attrs.evolve(state.thread, conversation=accepted)
        record = Record("accepted", {"agent": agent.id})
        return Decision(attrs.evolve(state, thread=thread, agent=settle_presence(agent)), (record,))
    return pick_requested(rules, state, PickRequested(), now)


def _hand_over(state: State, step: Step, record: Record, now: datetime, at: datetime) -> Decision:
    """Move the conversation to the agent, if it is in a state that allows it; *at* counts for whose turn is next."""
    live, agent = state.thread.live, state.agent
    status = TRANSITIONS.get((live.status if live else None, step))
    if live is None or agent is None or status is None:
        return not_now(state, step, live)
    accepted = now if step is Step.PICKED else None
    taken = attrs.evolve(
        live, status=status, agent=agent.id, changed_at=now, accepted_at=accepted, previous=None, freed=False
    )
    busy = take(agent, live.demand, at, profiles=live.needs.profiles, queue=live.queue)
    busy = busy if accepted is None else settle_presence(busy)
    facts = {"agent": agent.id, "free": busy.free, **record.facts}
    return Decision(
        attrs.evolve(state, thread=attrs.evolve(state.thread, conversation=taken), agent=busy),
        (attrs.evolve(record, facts=facts),),
        trace=record.trace,
    )


def decline_requested(rules: Rules, state: State, event: DeclineRequested, now: datetime) -> Decision:
    """Put the conversation back into its queue; others get it first, and in the end only others (ASG-15, NOT-5)."""
    live, agent = state.thread.live, state.agent
    if live is None or agent is None or live.agent != agent.id:
        return not_yours(state, live, agent.id if agent else "-") if live else refusal(state, "conversation_closed")
    if live.status is not Status.ACTIVE or live.accepted_at is not None:
        facts = {"agent": agent.name}
        check = Check("ASG-15", False, "already_accepted", facts)
        return refusal(state, check.code, facts, (check,), (Remedy("transfer_instead"), Remedy("end_instead")))
    if not event.missed and not rules.life.offers.may_reject:
        check = Check("NOT-2", False, "reject_switched_off", {"agent": agent.name})
        return refusal(state, check.code, check.facts, (check,))
    item = assignment.decline(waiting_item(state, live, rules), agent.id)
    free, again = set_free(agent, live, now)
    after = missed(free or agent, rules.offers) if event.missed else rejected(free or agent, rules.offers)
    open_ = attrs.evolve(live, status=Status.OPEN, agent=None, changed_at=now, declines=item.declines)
    told: dict[str, object] = {"agent": agent.id, "times": item.declines[agent.id], "limit": rules.decline_limit}
    record = Record("offer_missed" if event.missed else "declined", told)
    thread = attrs.evolve(state.thread, conversation=open_)
    return Decision(attrs.evolve(state, thread=thread, agent=after), (record, *again))


def park_requested(rules: Rules, state: State, event: ParkRequested, now: datetime) -> Decision:
    """Leave the conversation for the customer to go on with; it costs nobody anything meanwhile (LIF-2)."""
    live = state.thread.live
    status = TRANSITIONS.get((live.status if live else None, Step.PARKED))
    if live is None or status is None:
        return not_now(state, Step.PARKED, live)
    if event.agent not in (None, live.agent):
        return not_yours(state, live, event.agent)
    agent, again = set_free(state.agent, live, now)
    waits = attrs.evolve(
        live, status=status, changed_at=now, agent=None, accepted_at=None, previous=live.agent, freed=False
    )
    record = Record("parked", {"agent": live.agent or "-"})
    after = attrs.evolve(state, thread=attrs.evolve(state.thread, conversation=waits), agent=agent)
    return Decision(after, (record, *again))


def end_requested(rules: Rules, state: State, event: EndRequested, now: datetime) -> Decision:
    """End the conversation; it stays in wrap-up until the agent or the time limit closes it (§9.1, WS-12)."""
    live = state.thread.live
    if live is not None and event.agent not in (None, live.agent):
        return not_yours(state, live, event.agent)
    if live is None:
        return step(state, Step.ENDED, "application", now)
    workstream = rules.workstream_named(live.workstream)
    ended = step(state, Step.ENDED, event.agent or "application", now)
    at_once = workstream is not None and workstream.wrap_up.until(now) == now
    return released(ended, now) if at_once else ended


def released(decision: Decision, now: datetime) -> Decision:
    """Give the capacity of a conversation in wrap-up back before it is closed (WS-12)."""
    state, live = decision.state, decision.state.thread.live
    if decision.refusal is not None or live is None or live.status is not Status.WRAP_UP or live.freed:
        return decision
    agent, again = set_free(state.agent, live, now)
    thread = attrs.evolve(state.thread, conversation=attrs.evolve(live, freed=True))
    return attrs.evolve(
        decision, state=attrs.evolve(state, thread=thread, agent=agent), effects=(*decision.effects, *again)
    )


def close_requested(rules: Rules, state: State, event: CloseRequested, now: datetime) -> Decision:
    """Close the conversation for good."""
    live = state.thread.live
    if live is not None and event.agent not in (None, live.agent):
        return not_yours(state, live, event.agent)
    lacks = lacking(rules, live, event.agent) if live is not None else None
    if lacks is not None:
        return refusal(state, lacks.code, lacks.facts, (lacks,), (GIVE_ONE,))
    return step(state, Step.CLOSED, event.agent or "application", now)


def block_over(state: State, now: datetime) -> Decision:
    """Give capacity back that wrap-up kept for a time (WS-12)."""
    record = Record("capacity_released", {"agent": known(state).agent or "-"})
    return released(Decision(state, (record,)), now)


def step(state: State, step: Step, by: str, now: datetime) -> Decision:
    """Move the conversation along the table, and give capacity back when it is closed (LIF-2)."""
    live = state.thread.live
    status = TRANSITIONS.get((live.status if live else None, step))
    if live is None or status is None:
        return not_now(state, step, live)
    thread = attrs.evolve(state.thread, conversation=attrs.evolve(live, status=status, changed_at=now))
    after = attrs.evolve(state, thread=thread)
    if status is not Status.CLOSED:
        return Decision(after, (Record("conversation_ended", {"conversation": live.id, "by": by}),))
    record = Record("conversation_closed", {"conversation": live.id, "by": by})
    agent, again = set_free(state.agent, live, now)
    return Decision(attrs.evolve(after, agent=agent), (record, *again))


def known(state: State) -> Conversation:
    """Return the live conversation of a thread that has one."""
    live = state.thread.live
    if live is None:
        raise LookupError("the thread has no live conversation")
    return live
