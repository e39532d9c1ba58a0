"""From assignment to closing: who has the conversation, and what it costs them."""

from __future__ import annotations

from datetime import datetime

import attrs

from wa_omnichannel.conversation.events import (
    AcceptRequested,
    AgentAssigned,
    CloseRequested,
    Decision,
    Effect,
    EndRequested,
    ParkRequested,
    Record,
    StartTimer,
    StopTimer,
    TimerFired,
    refusal,
    set_free,
)
from wa_omnichannel.conversation.model import TRANSITIONS, Conversation, State, Status, Step
from wa_omnichannel.conversation.receiving import WRAP_UP_TIMER
from wa_omnichannel.explain import Check
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import take


def agent_assigned(_: Rules, state: State, event: AgentAssigned, now: datetime) -> Decision:
    """Give an open conversation to the agent; capacity is in use from here on (LIF-1)."""
    return _hand_over(state, Step.ASSIGNED, Record("assigned", {}, event.trace), now)


def accept_requested(_: Rules, state: State, __: AcceptRequested, now: datetime) -> Decision:
    """Let the agent take their assignment, or pick an open conversation, even beyond capacity (CAP-6)."""
    live, agent = state.thread.live, state.agent
    if live is None or agent is None:
        return refusal(state, "conversation_closed")
    if live.status is Status.ACTIVE and live.agent == agent.id:
        if live.accepted_at is not None:
            return Decision(state)
        accepted = attrs.evolve(live, accepted_at=now)
        thread = attrs.evolve(state.thread, conversation=accepted)
        record = Record("accepted", {"agent": agent.id})
        return Decision(attrs.evolve(state, thread=thread), (record,))
    if live.agent not in (None, agent.id):
        return _not_yours(state, live, agent.id)
    return _hand_over(state, Step.PICKED, Record("picked"), now)


def _not_yours(state: State, live: Conversation, agent: str | None) -> Decision:
    check = Check("WA-HOLDER", False, "not_your_conversation", {"agent": agent, "holder": live.agent or "-"})
    return refusal(state, check.code, check.facts, (check,))


def _hand_over(state: State, step: Step, record: Record, now: datetime) -> Decision:
    """Move the conversation to the agent, if it is in a state that allows it."""
    live, agent = state.thread.live, state.agent
    status = TRANSITIONS.get((live.status if live else None, step))
    if live is None or agent is None or status is None:
        return refusal(state, "not_possible_now", {"step": step.value, "status": live.status.value if live else "-"})
    accepted = now if step is Step.PICKED else None
    taken = attrs.evolve(live, status=status, agent=agent.id, changed_at=now, accepted_at=accepted)
    busy = take(agent, live.demand, now)
    facts = {"agent": agent.id, "free": busy.free}
    return Decision(
        attrs.evolve(state, thread=attrs.evolve(state.thread, conversation=taken), agent=busy),
        (attrs.evolve(record, facts=facts),),
        trace=record.trace,
    )


def park_requested(_: Rules, state: State, event: ParkRequested, now: datetime) -> Decision:
    """Leave the conversation for the customer to go on with; it costs nobody anything meanwhile (LIF-2)."""
    live = state.thread.live
    status = TRANSITIONS.get((live.status if live else None, Step.PARKED))
    if live is None or status is None:
        return refusal(state, "not_possible_now", {"step": "parked", "status": live.status.value if live else "-"})
    agent, again = set_free(state.agent, live)
    waits = attrs.evolve(live, status=status, changed_at=now, agent=None, accepted_at=None)
    after = attrs.evolve(state, thread=attrs.evolve(state.thread, conversation=waits), agent=agent)
    return Decision(after, (Record("parked", {"agent": live.agent or "-"}), *again))


def end_requested(rules: Rules, state: State, event: EndRequested, now: datetime) -> Decision:
    """End the conversation; it stays in wrap-up until the agent or the time limit closes it (§9.1)."""
    live = state.thread.live
    if live is not None and event.agent not in (None, live.agent):
        return _not_yours(state, live, event.agent)
    timer = (StartTimer(WRAP_UP_TIMER, live.id, now + rules.wrap_up),) if live else ()
    return step(state, Step.ENDED, event.agent or "application", now, timer)


def close_requested(_: Rules, state: State, event: CloseRequested, now: datetime) -> Decision:
    """Close the conversation for good."""
    live = state.thread.live
    if live is not None and event.agent not in (None, live.agent):
        return _not_yours(state, live, event.agent)
    return step(state, Step.CLOSED, event.agent or "application", now, ())


def timer_fired(_: Rules, state: State, event: TimerFired, now: datetime) -> Decision:
    """Close a conversation whose time in wrap-up is over; a timer of an older conversation does nothing."""
    live = state.thread.live
    if live is None or live.id != event.conversation or live.status is not Status.WRAP_UP:
        return Decision(state)
    return step(state, Step.EXPIRED, "time_limit", now, ())


def step(state: State, step: Step, by: str, now: datetime, more: tuple[Effect, ...]) -> Decision:
    """Move the conversation along the table, and give capacity back when it is closed (LIF-2)."""
    live = state.thread.live
    status = TRANSITIONS.get((live.status if live else None, step))
    if live is None or status is None:
        return refusal(
            state, "not_possible_now", {"step": step.value, "status": live.status.value if live else "closed"}
        )
    thread = attrs.evolve(state.thread, conversation=attrs.evolve(live, status=status, changed_at=now))
    after = attrs.evolve(state, thread=thread)
    if status is not Status.CLOSED:
        return Decision(after, (Record("conversation_ended", {"conversation": live.id, "by": by}), *more))
    record = Record("conversation_closed", {"conversation": live.id, "by": by})
    agent, again = set_free(state.agent, live)
    return Decision(attrs.evolve(after, agent=agent), (record, StopTimer(WRAP_UP_TIMER, live.id), *again))


def known(state: State) -> Conversation:
    """Return the live conversation of a thread that has one."""
    live = state.thread.live
    if live is None:
        raise LookupError("the thread has no live conversation")
    return live
