"""What the system says by itself: each automated message is a send like any other, in the commit of its occasion.

The id of such a message follows from the place of its occasion on the timeline, so it is said once, whatever crashes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import attrs

from wa_omnichannel import sending
from wa_omnichannel.attachments import Party
from wa_omnichannel.automation import (
    AUTHOR,
    CLOSED_HOURS,
    Fallback,
    Memory,
    Named,
    Receiver,
    Trigger,
    closed_period,
    fill,
    may_speak,
    receiver,
    said,
)
from wa_omnichannel.conversation.events import Deliver, Effect, Enqueue, Record
from wa_omnichannel.conversation.model import Conversation, Direction, Message, State
from wa_omnichannel.conversation.situations import situation
from wa_omnichannel.errors import NeedsTemplate, Refused
from wa_omnichannel.explain import Trace
from wa_omnichannel.messages import FAILURES, Content, DeliveryStatus, Text, Unsupported, summary
from wa_omnichannel.rules import Rules


@attrs.frozen
class Utterance:
    """Something the system wants to say to the customer."""

    id: str
    """Id of the message that it becomes."""
    content: Content
    occasion: str
    """Why: a trigger, a timeout rule, a survey, a bot."""
    named: Named = Named()
    """What the slugs of the fallback stand for."""
    author: str = AUTHOR
    fallback: Fallback | None = None
    """What is sent where free text may not be."""


def named(state: State, conversation: Conversation) -> Named:
    """Return what the slugs of a message in *conversation* stand for (AM-3)."""
    agent = state.agent
    known = agent is not None and conversation.agent in (None, agent.id)
    return Named(agent.name if agent is not None and known else "", conversation.queue, conversation.attributes)


def say(rules: Rules, state: State, conversation: str, wish: Utterance, now: datetime) -> tuple[Effect, ...]:
    """Accept what the system wants to say for delivery, or put on the timeline why not (SES-11, SUR-11)."""
    thread = state.thread
    verdict = _allowed(rules, state, wish, now)
    about = {"occasion": wish.occasion, "conversation": conversation}
    if isinstance(verdict, Refused):
        withheld = Record("automated_message_withheld", {**about, "reason": verdict.reason}, verdict.trace)
        return (withheld,)
    message = Message(
        wish.id,
        thread.number,
        thread.contact,
        conversation,
        Direction.OUT,
        verdict.content,
        now,
        wish.author,
        DeliveryStatus.PENDING,
        party=Party.AGENTS,
    )
    facts = {"message": wish.id, "by": wish.author, "text": summary(verdict.content)[:250], **about}
    return (Record("message_accepted", facts, verdict.trace), Enqueue(message), Deliver(message.id))


def _allowed(rules: Rules, state: State, wish: Utterance, now: datetime) -> sending.Verdict:
    policy = rules.send_policy(state.thread.number)
    if policy is None:
        return Refused("number_unknown", {"number": state.thread.number})
    known = situation(state, Party.AGENTS)
    verdict = sending.decide(policy, known, wish.content, now)
    if isinstance(verdict, NeedsTemplate) and wish.fallback is not None:
        return sending.decide(policy, known, wish.fallback.content(wish.named), now)
    return verdict


@attrs.frozen
class Occasion:
    """An entry of the timeline about which the system may say something."""

    rules: Rules
    before: State
    after: State
    record: Record
    now: datetime

    @property
    def by_agent(self) -> bool:
        """Whether the agent who has the conversation did it."""
        agent = self.after.agent
        return agent is not None and self.record.facts.get("by") == agent.id


Find = Callable[[Occasion], Trigger | None]


def _opened(occasion: Occasion) -> Trigger | None:
    """Greet, or say that nobody is there: once in each closed period (AM-10); what ended at once is not greeted."""
    closed = _closed_period(occasion.rules, occasion.after, occasion.now)
    if closed is None:
        return Trigger.GREETING if occasion.after.thread.live is not None else None
    period, holiday = closed
    if occasion.after.thread.memory.told == period:
        return None
    return Trigger.HOLIDAY if holiday else Trigger.OUT_OF_HOURS


def _closed_period(rules: Rules, state: State, now: datetime) -> tuple[str, bool] | None:
    begun = state.thread.conversation
    queue = rules.assignment.queues.get(begun.queue) if begun is not None else None
    return closed_period(queue.hours, now) if queue is not None else None


def _received(occasion: Occasion) -> Trigger | None:
    message = occasion.after.message
    unsupported = message is not None and isinstance(message.content, Unsupported)
    return Trigger.UNSUPPORTED_MESSAGE if unsupported else None


def _ended(occasion: Occasion) -> Trigger | None:
    return Trigger.AGENT_ENDED if occasion.by_agent else None


_CLOSED_BY = {"overflow": Trigger.OVERFLOW_ENDED, "empty_queue": Trigger.AGENT_NOT_ASSIGNED}


def _closed(occasion: Occasion) -> Trigger | None:
    by = str(occasion.record.facts.get("by"))
    return Trigger.SESSION_ENDED if occasion.by_agent else _CLOSED_BY.get(by)


def _refused(occasion: Occasion) -> Trigger | None:
    late = str(occasion.record.facts.get("reason", "")).startswith("window_")
    return Trigger.OUTSIDE_WINDOW if late else None


def _failed(occasion: Occasion) -> Trigger | None:
    """Tell once that a message did not arrive, however often the provider says so."""
    before, after = occasion.before.message, occasion.after.message
    if after is None or after.status not in FAILURES or after.author == AUTHOR:
        return None
    return Trigger.MESSAGE_FAILED if before is None or before.status is not after.status else None


def _always(trigger: Trigger) -> Find:
    return lambda _: trigger


TRIGGERS: Mapping[str, Find] = {
    "conversation_opened": _opened,
    "message_received": _received,
    "assigned": _always(Trigger.AGENT_ASSIGNED),
    "accepted": _always(Trigger.AGENT_JOINED),
    "picked": _always(Trigger.AGENT_JOINED),
    "agent_disconnected": _always(Trigger.AGENT_DISCONNECTED),
    "conversation_ended": _ended,
    "conversation_closed": _closed,
    "send_refused": _refused,
    "message_failed": _failed,
    "message_status": _failed,
}
"""Which trigger an entry of the timeline pulls, by its kind."""


def spoken(
    rules: Rules, before: State, state: State, records: tuple[Record, ...], now: datetime
) -> tuple[State, tuple[Effect, ...]]:
    """Return what the system says about what just happened.

    Args:
        rules: The compiled settings.
        before: The rows before it happened.
        state: The rows after.
        records: What was put on the timeline.
        now: The current instant.
    """
    conversation = state.thread.conversation
    if rules.life.messages is None or conversation is None:
        return state, ()
    if not rules.life.of(conversation.workstream).automated_messages:
        return state, ()
    effects: list[Effect] = []
    for place, record in enumerate(records, before.thread.events + 1):
        find = TRIGGERS.get(record.kind)
        trigger = find(Occasion(rules, before, state, record, now)) if find is not None else None
        if trigger is not None:
            state, more = _pulled(rules, state, conversation, trigger, place, now)
            effects += more
    return state, tuple(effects)


def _pulled(
    rules: Rules, state: State, conversation: Conversation, trigger: Trigger, place: int, now: datetime
) -> tuple[State, tuple[Effect, ...]]:
    """Say what belongs to *trigger*: to the customer, or to the agent on the timeline alone."""
    number, messages = rules.number(state.thread.number), rules.life.messages
    if number is None or messages is None:
        return state, ()
    found = messages.resolve(number.number, trigger, number.language)
    if not found.text:
        return state, ()
    values = named(state, conversation)
    if receiver(trigger) is Receiver.AGENT:
        return state, (Record("agent_told", {"occasion": trigger.value, "text": fill(found.text, values)}),)
    check = may_speak(state.thread.memory, now)
    if not check.met:
        return state, (_looping(trigger, (check,)),)
    text = Text(fill(found.text, values))
    wish = Utterance(f"{conversation.id}.{place}", text, trigger.value, values, fallback=found.fallback)
    effects = say(rules, state, conversation.id, wish, now)
    memory = _told(rules, state, trigger, now)
    if any(isinstance(effect, Enqueue) for effect in effects):
        memory = said(memory, now)
    if memory == state.thread.memory:
        return state, effects
    return attrs.evolve(state, thread=attrs.evolve(state.thread, remembered=memory)), effects


def _looping(trigger: Trigger, trace: Trace) -> Record:
    return Record("automated_message_withheld", {"occasion": trigger.value, "reason": trace[-1].code}, trace)


def _told(rules: Rules, state: State, trigger: Trigger, now: datetime) -> Memory:
    """Remember the closed period that the customer is told about."""
    closed = _closed_period(rules, state, now) if trigger in CLOSED_HOURS else None
    memory = state.thread.memory
    return memory if closed is None else attrs.evolve(memory, told=closed[0])
