"""How a conversation comes to a queue, what happens while it waits there, and how it leaves for another one.

* **OVF-1**, **OVF-2**, **OVF-4** before it enters: is the queue open, and is there room? Once per conversation.
* **OVF-7** while it waits: has it waited too long? Every move starts the wait again, so chains are possible.
* **OVF-11** in the fallback queue, after an error or without a match, overflow is ignored.
* **CLS-8** routing again adds skills and profiles. **HRS-5** a transfer needs a queue that is open.
* **QUE-6** in a queue without members it waits, with an alarm; under the profile ``dynamics`` it is closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from wa_omnichannel import routing
from wa_omnichannel._frozen import EMPTY, evolve
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import AssignmentRules, WaitingItem
from wa_omnichannel.conditions import Value
from wa_omnichannel.conversation.events import (
    AgentLost,
    Assign,
    ContextGiven,
    Decision,
    Effect,
    QueueFoundEmpty,
    Record,
    RerouteRequested,
    StartTimer,
    TransferRequested,
    refusal,
    set_free,
)
from wa_omnichannel.conversation.model import TRANSITIONS, Conversation, State, Status, Step
from wa_omnichannel.errors import Refused
from wa_omnichannel.explain import Check, Trace
from wa_omnichannel.overflow import Action, Arrival, Arriving, Overflow, before_queue, in_queue, overflows_at
from wa_omnichannel.routing import Classification, Routing, Surroundings, Workstream
from wa_omnichannel.rules import Rules
from wa_omnichannel.skills import Requirement

OVERFLOW_TIMER = "overflow"
"""Name of the timer that asks whether a conversation has waited too long."""

_NOTHING_SEEN: Mapping[str, Value] = EMPTY

Placed: TypeAlias = tuple[Conversation, tuple[Effect, ...]]
"""A conversation in its new place, and what is to be done about it."""


def item_of(number: Address, contact: str, conversation: Conversation, rules: AssignmentRules) -> WaitingItem:
    """Return what assignment sees of a conversation that waits: of its attributes only those that are asked for."""
    known = conversation.attributes
    seen = {name: known[name] for name in rules.reads if name in known} if rules.reads else _NOTHING_SEEN
    return WaitingItem(
        conversation.queue,
        conversation.last_customer_at,
        number,
        contact,
        conversation.id,
        conversation.demand,
        conversation.workstream,
        conversation.needs,
        seen,
        conversation.previous,
        conversation.preferred,
        conversation.declines,
        conversation.alarmed == conversation.queue,
        rules.reads,
    )


def admit(
    rules: Rules, workstream: Workstream, conversation: Conversation, found: Routing, open_items: Mapping[str, int]
) -> Placed:
    """Bring a conversation to the queue it was routed to, or wherever the queue's overflow sends it (OVF-1)."""
    came = _routed(workstream, conversation, found)
    if rules.has_bot(workstream) and not came.bots:  # overflow counts once the bot escalates (BOT-7)
        return came, (
            Record("routed", {"queue": came.queue, "rules": rules.version}, found.trace),
            *_waits(rules, came),
        )
    queue, now = rules.queue(came.queue), came.in_queue_since
    item = Arriving(came.arrival)
    verdict = before_queue(_overflow(rules, came), queue.hours, open_items.get(queue.name, 0), now, item)
    trace = (*found.trace, *(verdict.trace if verdict.handling is not None else ()))
    record = Record("routed", {"queue": came.queue, "rules": rules.version}, trace)
    if not verdict.overflows or verdict.handling is None:
        return came, (record, *_waits(rules, came))
    if verdict.handling.action is Action.END:
        return _ended(came, now, (record,))
    moved, effects = move(rules, came, verdict.handling.queue or came.queue, Arrival.OVERFLOW, now)
    return moved, (record, _moved(came, moved, "overflow"), *effects)


def _routed(workstream: Workstream, conversation: Conversation, found: Routing) -> Conversation:
    candidate, known = found.route.candidate, found.classification
    own = (workstream.profile,) if workstream.profile else ()
    return evolve(
        conversation,
        queue=found.queue,
        route=candidate.rule if candidate else "",
        arrival=Arrival.ROUTED if candidate else Arrival.FALLBACK,
        attributes=found.attributes,
        needs=Requirement.of(known.skills, (*own, *known.profiles)),
    )


def _overflow(rules: Rules, conversation: Conversation) -> Overflow:
    workstream, queue = rules.workstream_named(conversation.workstream), rules.queue(conversation.queue)
    return workstream.overflow_at(queue, conversation.route) if workstream and conversation.route else queue.overflow


def move(rules: Rules, conversation: Conversation, queue: str, arrival: Arrival, now: datetime) -> Placed:
    """Put a conversation that is open into another queue, where its wait begins anew (OVF-7)."""
    moved = evolve(conversation, queue=queue, route="", arrival=arrival, entered_at=now, previous=None)
    return moved, _waits(rules, moved)


def back(rules: Rules, conversation: Conversation, now: datetime) -> Placed:
    """Let a conversation wait in its queue again."""
    again = evolve(conversation, entered_at=now)
    return again, _waits(rules, again)


def _waits(rules: Rules, conversation: Conversation) -> tuple[Effect, ...]:
    """Distribute it, and ask again when it has waited too long."""
    timer = _wait_timer(rules, conversation)
    return (Assign(conversation.queue), *((timer,) if timer else ()))


def _wait_timer(rules: Rules, conversation: Conversation) -> StartTimer | None:
    if conversation.arrival is Arrival.FALLBACK:
        return None
    due = overflows_at(_overflow(rules, conversation), conversation.in_queue_since)
    return StartTimer(OVERFLOW_TIMER, conversation.id, due) if due is not None else None


def _ended(conversation: Conversation, now: datetime, effects: tuple[Effect, ...], trace: Trace = ()) -> Placed:
    """Close a conversation that nobody has, because of overflow."""
    closed = evolve(conversation, status=Status.CLOSED, changed_at=now)
    return closed, (*effects, Record("conversation_closed", {"conversation": closed.id, "by": "overflow"}, trace))


def _moved(before: Conversation, after: Conversation, by: str, trace: Trace = ()) -> Record:
    return Record("transferred", {"from": before.queue, "queue": after.queue, "by": by}, trace)


def waited(rules: Rules, state: State, live: Conversation, now: datetime) -> Decision:
    """Look whether an open conversation has waited too long, and move or end it (OVF-7)."""
    if live.status is not Status.OPEN:
        return Decision(state)
    verdict = in_queue(_overflow(rules, live), live.in_queue_since, now, live.arrival)
    if verdict.handling is None:
        timer = _wait_timer(rules, live)
        return Decision(state, (timer,) if timer else (), trace=verdict.trace)
    if verdict.handling.action is Action.END:
        return _placed(state, _ended(live, now, (), verdict.trace), verdict.trace)
    moved, effects = move(rules, live, verdict.handling.queue or live.queue, Arrival.OVERFLOW, now)
    return _placed(state, (moved, (_moved(live, moved, "overflow", verdict.trace), *effects)), verdict.trace)


def _placed(state: State, placed: Placed, trace: Trace = ()) -> Decision:
    conversation, effects = placed
    thread = evolve(state.thread, conversation=conversation)
    return Decision(evolve(state, thread=thread), effects, trace=trace)


def not_yours(state: State, live: Conversation, agent: str | None) -> Decision:
    """Refuse what only the holder of a conversation may ask for."""
    check = Check("WA-HOLDER", False, "not_your_conversation", {"agent": agent, "holder": live.agent or "-"})
    return refusal(state, check.code, check.facts, (check,))


def not_now(state: State, step: Step, live: Conversation | None) -> Decision:
    """Refuse a step that the state of the conversation does not allow."""
    facts = {"step": step.value, "status": live.status.value if live else "closed"}
    return refusal(state, "not_possible_now", facts)


def reopened(state: State, step: Step, now: datetime) -> tuple[State, tuple[Assign, ...]] | None:
    """Take the conversation off its agent, if it has one; None if the state does not allow it."""
    live = state.thread.live
    if live is None or live.status is Status.OPEN:
        return (state, ()) if live else None
    status = TRANSITIONS.get((live.status, step))
    if status is None:
        return None
    agent, again = set_free(state.agent, live, now)
    free = evolve(
        live, status=status, changed_at=now, agent=None, accepted_at=None, consultants=(), joined=(), handed_by=""
    )
    thread = evolve(state.thread, conversation=free)
    return evolve(state, thread=thread, agent=agent), again


def transfer_requested(rules: Rules, state: State, event: TransferRequested, now: datetime) -> Decision:
    """Move the conversation to a queue that is open (HRS-5, WS-1); its own takes it back at any time."""
    live = state.thread.live
    taken_off = reopened(state, Step.RELEASED, now)
    if live is None or taken_off is None:
        return not_now(state, Step.RELEASED, live)
    if event.agent not in (None, live.agent):
        return not_yours(state, live, event.agent)
    workstream = rules.workstream_named(live.workstream)
    kind = workstream.type if workstream else rules.queue(live.queue).type
    no = routing.may_transfer(rules.queue(event.queue), kind, now) if event.queue != live.queue else None
    if no is not None:
        return Decision(state, refusal=no, trace=no.trace)
    free, again = taken_off
    arrival = Arrival.TRANSFER if event.agent else Arrival.SUPERVISOR
    open_ = evolve(free.thread.live or live, handed_by=live.agent or event.agent or "")
    moved, effects = move(rules, open_, event.queue, arrival, now)
    return _placed(free, (moved, (_moved(live, moved, event.agent or event.by or "application"), *again, *effects)))


def reroute_requested(rules: Rules, state: State, event: RerouteRequested, now: datetime) -> Decision:
    """Classify and route the conversation again; overflow was checked when it came (CLS-8, OVF-1)."""
    live = state.thread.live
    workstream = rules.workstream_named(live.workstream) if live else None
    taken_off = reopened(state, Step.RELEASED, now)
    if live is None or workstream is None or taken_off is None:
        return not_now(state, Step.RELEASED, live)
    free, again = taken_off
    known = Classification(skills=live.needs.ratings, profiles=live.needs.profiles)
    around = Surroundings(rules.assignment.queues, now)
    found = routing.run(workstream, live.attributes, live.id, around, known)
    if event.first:
        entered = evolve(free.thread.live or live, entered_at=now)
        came, effects = admit(rules, workstream, entered, found, {})
        return _placed(free, (came, (*again, *effects)), found.trace)
    came = evolve(_routed(workstream, free.thread.live or live, found), entered_at=now)
    record = Record("rerouted", {"from": live.queue, "queue": came.queue, "rules": rules.version}, found.trace)
    return _placed(free, (came, (record, *again, *_waits(rules, came))), found.trace)


def context_given(rules: Rules, state: State, event: ContextGiven, _: datetime) -> Decision:
    """Keep values of context variables, for rules and messages to come (WA-CONTEXT)."""
    live = state.thread.live
    workstream = rules.workstream_named(live.workstream) if live else None
    if live is None or workstream is None:
        return refusal(state, "conversation_closed")
    known = routing.set_variables(workstream, live.attributes, event.values)
    if isinstance(known, Refused):
        return Decision(state, refusal=known, trace=known.trace)
    record = Record("context_set", {"names": tuple(event.values), "by": event.by})
    return _placed(state, (evolve(live, attributes=known), (record,)))


def queue_found_empty(rules: Rules, state: State, event: QueueFoundEmpty, now: datetime) -> Decision:
    """Raise an alarm for a conversation that nobody can get, once per queue, or close it (QUE-6)."""
    live, trace = state.thread.live, (event.check,)
    if live is None or live.status is not Status.OPEN or live.alarmed == live.queue:
        return Decision(state)
    record = Record("queue_without_members", {"queue": live.queue}, trace)
    if not rules.empty_queue_closes:
        return _placed(state, (evolve(live, alarmed=live.queue), (record,)), trace)
    closed = evolve(live, status=Status.CLOSED, changed_at=now)
    ended = Record("conversation_closed", {"conversation": live.id, "by": "empty_queue"}, trace)
    return _placed(state, (closed, (record, ended)), trace)


def agent_lost(rules: Rules, state: State, event: AgentLost, now: datetime) -> Decision:
    """Take an active conversation off an agent who is gone: it goes back to its queue (§9.1, §9.4)."""
    live = state.thread.live
    if live is None or live.agent != event.agent or live.status is not Status.ACTIVE:
        return Decision(state)
    taken_off = reopened(state, Step.RELEASED, now)
    if taken_off is None:
        return Decision(state)
    free, again = taken_off
    kind = "agent_disconnected" if live.accepted_at is not None else "offer_rerouted"
    waits, effects = back(rules, free.thread.live or live, now)
    return _placed(free, (waits, (Record(kind, {"agent": event.agent}), *again, *effects)))
