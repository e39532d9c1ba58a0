"""Offers: a conversation that was given to an agent who has not accepted it yet (NOT-1, NOT-2, NOT-6).

Like the timers, an offer follows from the state: whoever has an active conversation and has not accepted it is being
offered it, until the countdown is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wa_omnichannel._frozen import evolve
from wa_omnichannel.automation import AutoAssign
from wa_omnichannel.conversation.events import Decision, Record
from wa_omnichannel.conversation.model import Conversation, Status
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent, Presence

_HELD = frozenset({Status.ACTIVE, Status.WRAP_UP})
_WORKING = frozenset({Presence.AVAILABLE, Presence.BUSY})


def countdown(rules: Rules, conversation: Conversation) -> timedelta:
    """Return how long an agent may think about it: the workstream's time, or else the channel's (NOT-1, WS-17)."""
    workstream = rules.workstream_named(conversation.workstream)
    return (workstream.screen_pop if workstream is not None else None) or rules.life.offers.countdown


def offered(rules: Rules, lives: tuple[Conversation, ...], decision: Decision, now: datetime) -> Decision:
    """Start the countdown of a conversation that was just given to an agent, or end one that is over.

    Args:
        rules: The compiled settings.
        lives: The live conversations before.
        decision: What was decided.
        now: The current instant.
    """
    live = decision.state.thread.live
    if live is None:
        return decision
    if not is_offer(live):
        return decision if live.offered_until is None else _with(decision, evolve(live, offered_until=None))
    if any(known.id == live.id and known.agent == live.agent for known in lives):
        return decision
    if rules.life.offers.auto_assign is not AutoAssign.AT_ONCE:
        return _with(decision, evolve(live, offered_until=now + countdown(rules, live)))
    accepted = _with(decision, evolve(live, accepted_at=now))
    record = Record("accepted", {"agent": live.agent or "-", "by": "auto_assign"})
    return evolve(accepted, effects=(*accepted.effects, record))


def is_offer(live: Conversation) -> bool:
    """Tell whether the conversation waits for its agent to accept it."""
    return live.status is Status.ACTIVE and live.agent is not None and live.accepted_at is None


def _with(decision: Decision, conversation: Conversation) -> Decision:
    thread = evolve(decision.state.thread, conversation=conversation)
    return evolve(decision, state=evolve(decision.state, thread=thread))


def counted(rules: Rules, lives: tuple[Conversation, ...], decision: Decision) -> Decision:
    """Count the open sessions of the agent; who has as many as they may is *do not disturb* (NOT-6).

    Args:
        rules: The compiled settings.
        lives: The live conversations before.
        decision: What was decided.
    """
    agent, live = decision.state.agent, decision.state.thread.live
    if agent is None:
        return decision
    had = sum(_holds(agent, conversation) for conversation in lives)
    has = int(live is not None and _holds(agent, live))
    if had == has:
        return decision
    busy = evolve(agent, sessions=max(0, agent.sessions + has - had))
    full = has > had and busy.sessions >= rules.life.offers.max_sessions and not busy.bot
    if not full:
        return evolve(decision, state=evolve(decision.state, agent=busy))
    record = Record("maximum_sessions_reached", {"agent": agent.id, "sessions": busy.sessions})
    alone = evolve(busy, presence=Presence.DO_NOT_DISTURB, presence_name="", presence_by_hand=False)
    state = evolve(decision.state, agent=alone)
    return evolve(decision, state=state, effects=(*decision.effects, record))


def _holds(agent: Agent, conversation: Conversation) -> bool:
    return conversation.agent == agent.id and conversation.status in _HELD


def still_full(rules: Rules, decision: Decision) -> Decision:
    """Keep an agent who has as many sessions as they may from getting more when they accept one (NOT-6)."""
    agent = decision.state.agent
    if agent is None or agent.sessions < rules.life.offers.max_sessions or agent.presence not in _WORKING:
        return decision
    alone = evolve(agent, presence=Presence.DO_NOT_DISTURB)
    return evolve(decision, state=evolve(decision.state, agent=alone))
