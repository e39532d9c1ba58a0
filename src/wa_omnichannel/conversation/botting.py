"""A bot has the conversation first: it answers, escalates to people, or ends (BOT-1 to BOT-4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from wa_omnichannel._frozen import evolve
from wa_omnichannel.bots import Failure, Reply, check_reply
from wa_omnichannel.conversation import lifecycle
from wa_omnichannel.conversation.events import (
    AskBot,
    Assign,
    BotAnswered,
    Decision,
    Effect,
    Event,
    Received,
    Record,
    RerouteRequested,
    StartTimer,
)
from wa_omnichannel.conversation.model import TRANSITIONS, Conversation, State, Status, Step
from wa_omnichannel.conversation.queueing import reroute_requested
from wa_omnichannel.conversation.speaking import Utterance, say
from wa_omnichannel.explain import Facts, Trace
from wa_omnichannel.rules import Rules


def engaged(rules: Rules, before: State, event: Event, decision: Decision, now: datetime) -> Decision:
    """Give a conversation that just began to the bot of its workstream, and each message to the bot that has it.

    Only push workstreams have bots (WS-3b); nobody is assigned before the bot escalates.
    """
    live = decision.state.thread.live
    if not isinstance(event, Received) or decision.refusal is not None or live is None:
        return decision
    known = before.thread.live
    if known is None or known.id != live.id:
        decision = _begun(rules, decision, live, now)
    live = decision.state.thread.live
    if live is None or live.bot is None:
        return decision
    return evolve(decision, effects=(*decision.effects, AskBot(event.message_id, live.id)))


def _begun(rules: Rules, decision: Decision, live: Conversation, now: datetime) -> Decision:
    workstream, bot = rules.workstream_named(live.workstream), rules.life.of(live.workstream).bot
    if workstream is None or not rules.has_bot(workstream) or live.bots or live.status is not Status.OPEN:
        return decision
    status = TRANSITIONS[live.status, Step.ASSIGNED]
    taken = evolve(live, status=status, bot=bot, bots=(*live.bots, bot), changed_at=now)
    effects = tuple(effect for effect in decision.effects if not isinstance(effect, Assign | StartTimer))
    record = Record("bot_engaged", {"bot": bot, "conversation": live.id})
    return evolve(decision, state=_with(decision.state, taken), effects=(*effects, record))


def _with(state: State, conversation: Conversation) -> State:
    return evolve(state, thread=evolve(state.thread, conversation=conversation))


def bot_answered(rules: Rules, state: State, event: BotAnswered, now: datetime) -> Decision:
    """Carry out what the bot answered; an answer that comes when it no longer has the conversation does nothing."""
    live = state.thread.live
    if live is None or live.id != event.conversation or live.bot != event.bot:
        return Decision(state)
    outcome = event.outcome
    if isinstance(outcome, Failure):
        why: Facts = {"reason": outcome.reason, "bot": event.bot, "details": outcome.details}
        return _escalated(rules, state, live, Record("bot_escalated", why), now)
    check = check_reply(outcome)
    if not check.met:
        why = {"reason": check.code, "bot": event.bot, **check.facts}
        return _escalated(rules, state, live, Record("bot_escalated", why, (check,)), now)
    told = evolve(live, attributes={**live.attributes, **outcome.context})
    return _replied(rules, _with(state, told), event, outcome, (check,), now)


def _replied(rules: Rules, state: State, event: BotAnswered, reply: Reply, trace: Trace, now: datetime) -> Decision:
    live = lifecycle.known(state)
    facts: Facts = {"bot": event.bot, "messages": len(reply.messages), "context": tuple(reply.context)}
    effects: list[Effect] = [Record("bot_answered", facts, trace), *_said(rules, state, event, reply, now)]
    if reply.escalate is not None:
        reason = {"reason": "bot_escalated", "bot": event.bot, "summary": reply.escalate.summary}
        then = _escalated(rules, state, live, Record("bot_escalated", reason), now)
    elif reply.end:
        then = lifecycle.step(state, Step.CLOSED, "bot", now)
    else:
        then = Decision(state)
    return evolve(then, effects=(*effects, *then.effects), trace=trace)


def _said(rules: Rules, state: State, event: BotAnswered, reply: Reply, now: datetime) -> Iterator[Effect]:
    """Yield the messages; their ids follow from the customer's message, so each is said once."""
    for place, content in enumerate(reply.messages):
        wish = Utterance(f"{event.message}.{place}", content, "bot", author=event.bot)
        yield from say(rules, state, event.conversation, wish, now)


def _escalated(rules: Rules, state: State, live: Conversation, record: Record, now: datetime) -> Decision:
    """Classify and route once more with what the bot found out; it never gets it again (BOT-2, BOT-4)."""
    free = _with(state, evolve(live, bot=None))
    routed = reroute_requested(rules, free, RerouteRequested(first=True), now)
    return evolve(routed, effects=(record, *routed.effects))
