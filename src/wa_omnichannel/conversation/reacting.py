"""What follows from any decision: automated messages, and the timers of the conversation.

Whatever happened, this runs over its outcome, so no way through the life of a conversation can forget it.
"""

from __future__ import annotations

from datetime import datetime

from wa_omnichannel._frozen import evolve
from wa_omnichannel.automation import heard, person_spoke
from wa_omnichannel.conversation.botting import engaged
from wa_omnichannel.conversation.events import (
    ContactsMerged,
    Decision,
    Effect,
    Event,
    Received,
    Record,
    SendRequested,
    TimerFired,
)
from wa_omnichannel.conversation.inquiring import asked
from wa_omnichannel.conversation.model import Conversation, State, Thread
from wa_omnichannel.conversation.offers import counted, offered, still_full
from wa_omnichannel.conversation.speaking import spoken
from wa_omnichannel.conversation.timers import rearmed
from wa_omnichannel.rules import Rules


def reacted(rules: Rules, before: State, event: Event, decision: Decision, now: datetime) -> Decision:
    """Return *decision* with everything that follows from it."""
    decision = engaged(rules, before, event, decision, now)
    merged = isinstance(event, ContactsMerged)
    if merged or decision.state.thread.live is not before.thread.live:
        lives = _lives(before.thread, event)
        handed = decision if merged else offered(rules, lives, decision, now)  # a merge hands nothing to anybody
        decision = still_full(rules, counted(rules, lives, handed))
    if not decision.effects and decision.state is before and not isinstance(event, TimerFired):
        return decision
    state = _noted(before, event, decision, now)
    records = tuple(effect for effect in decision.effects if isinstance(effect, Record))
    state, said = spoken(rules, before, state, records, now)
    surveys = tuple(asked(rules, before, state, records))
    timers: tuple[Effect, ...] = ()
    if merged or state.thread.live is not before.thread.live or isinstance(event, TimerFired):
        fired = event if isinstance(event, TimerFired) else None
        timers = tuple(rearmed(rules, _lives(before.thread, event), state.thread.live, fired))
    more = (*said, *surveys, *timers)
    if not more and state is decision.state:
        return decision
    return Decision(state, (*decision.effects, *more), decision.refusal, decision.trace)


def _lives(thread: Thread, event: Event) -> tuple[Conversation, ...]:
    """Return the live conversations there were before the event."""
    other = event.thread.live if isinstance(event, ContactsMerged) else None
    return tuple(live for live in (thread.live, other) if live is not None)


def _noted(before: State, event: Event, decision: Decision, now: datetime) -> State:
    """Note whose turn it is, and whether the other side answers like a machine."""
    state = decision.state
    if isinstance(event, Received) and decision.refusal is None:
        return _with(state, _customer_wrote(state.thread, event.at))
    if isinstance(event, SendRequested) and event.conversation is not None and decision.refusal is None:
        return _with(state, _we_wrote(state.thread, now, by_person=event.agent is not None))
    unchanged = state.thread.live is before.thread.live or isinstance(event, ContactsMerged)  # nobody takes anything
    return state if unchanged else _served(state)


def _with(state: State, thread: Thread) -> State:
    return state if thread is state.thread else evolve(state, thread=thread)


def _served(state: State) -> State:
    """Note that a person took the conversation; a bot does not count."""
    live, agent = state.thread.live, state.agent
    if live is None or live.served or live.accepted_at is None or agent is None or agent.bot:
        return state
    return evolve(state, thread=evolve(state.thread, conversation=evolve(live, served=True)))


def _customer_wrote(thread: Thread, at: datetime) -> Thread:
    """It is the agent's turn; every timeout rule may act again."""
    memory, live = heard(thread.memory, at), thread.live
    if live is not None and (live.answered_at is not None or live.fired):
        thread = evolve(thread, conversation=evolve(live, answered_at=None, fired=()))
    return thread if memory is thread.memory else evolve(thread, remembered=memory)


def _we_wrote(thread: Thread, now: datetime, *, by_person: bool) -> Thread:
    """It is the customer's turn, whether an agent or the application answered; every timeout rule may act again."""
    memory, live = person_spoke(thread.memory) if by_person else thread.memory, thread.live
    if live is not None:
        thread = evolve(thread, conversation=evolve(live, answered_at=now, fired=()))
    return thread if memory is thread.memory else evolve(thread, remembered=memory)
