"""From a decision to the changes of one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import cycle
from typing import Any, cast
from zlib import crc32

from wa_omnichannel._flows.requests import Request
from wa_omnichannel._frozen import evolve
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import (
    Ask,
    AskBot,
    Assign,
    Conversation,
    Count,
    Decision,
    Deliver,
    Effect,
    Enqueue,
    Fetch,
    Post,
    Reconcile,
    Record,
    ReportTemplate,
    StartTimer,
    State,
    Status,
    StopTimer,
    Thread,
    WatchWindow,
    item_of,
)
from wa_omnichannel.customers import shown_name
from wa_omnichannel.ports import (
    Answered,
    Changes,
    Drop,
    Entry,
    Key,
    Listing,
    NewEvent,
    Put,
    Rows,
    agent_key,
    contact_key,
    conversation_key,
    entry_key,
    message_key,
    reach_key,
    tally_keys,
    thread_key,
    waiting_key,
)
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent


def version(rows: Rows, key: Key) -> int:
    """Return the version of a row, 0 if it is not there."""
    stored = rows.get(key)
    return stored.version if stored is not None else 0


def thread_lane(number: Address, contact: str) -> str:
    """Return the lane of a thread's sends: one at a time, in order."""
    return f"thread:{number}:{contact}"


_NOTHING = Changes()


def changes_of(
    rules: Rules,
    rows: Rows,
    before: State,
    decision: Decision,
    now: datetime,
    *,
    request: Request | None = None,
    more: Changes = _NOTHING,
) -> Changes:
    """Return everything that *decision* changes, guarded by the versions in *rows*.

    Args:
        rules: The compiled settings.
        rows: The rows that were loaded.
        before: The state the decision was made on.
        decision: What was decided.
        now: The current instant.
        request: The request that is answered, to record together with its result.
        more: Further changes for the same commit, for example the end of an agenda entry or the unique id of a webhook.
    """
    after = decision.state
    events = tuple(_events(before, decision, now))
    if events:
        thread = evolve(after.thread, events=after.thread.events + len(events))
        after = State(after.contact, thread, after.agent, after.message, other=after.other)
    puts = [*_row_puts(rows, before, after), *_projections(rules, before, after, now)]
    drops: list[Drop] = list(more.drops)
    for effect in decision.effects:
        _apply(effect, rules, rows, after.thread, now, puts, drops)
    if before.thread.live is not None and _waits(before) and not _waits(after):
        drops.append(Drop(waiting_key(before.thread.live.id)))
    puts += more.puts
    answer = Answered(request.asked, _result(after)) if request is not None else None
    once = request.once if request is not None else more.once
    relied = _relied_on(rows, before, decision)
    return Changes(tuple(puts), tuple(drops), relied, events, once, answer)


def _relied_on(rows: Rows, before: State, decision: Decision) -> tuple[tuple[Key, int], ...]:
    """Let a message leave only if the consent is still the one that was asked; other threads may change it."""
    key = contact_key(before.contact.id)
    leaves = any(isinstance(effect, Deliver | Post | Enqueue) for effect in decision.effects)
    return ((key, rows[key].version),) if leaves and key in rows and decision.state.contact is before.contact else ()


def _result(after: State) -> object:
    """Return what a repeated request gets back: the message it made, or the conversation as it became."""
    return after.message if after.message is not None else after.thread.conversation


def together(parts: Iterable[Changes]) -> Changes:
    """Make one commit of several; where two write the same row, the later one knows what the earlier one did."""
    made = tuple(parts)
    puts = {put.key: put for part in made for put in part.puts}
    drops = tuple(drop for part in made for drop in part.drops)
    relied = tuple(relied for part in made for relied in part.relies_on)
    events = tuple(event for part in made for event in part.events)
    return Changes(tuple(puts.values()), drops, relied, events)


def _events(before: State, decision: Decision, now: datetime) -> Iterator[NewEvent]:
    after = decision.state
    thread = after.thread
    agents: list[str | None] = [agent.id for agent in _changed_agents(before, after)]
    conversation = thread.conversation.id if thread.conversation is not None else None
    n = thread.events
    told = cycle(agents or [None])
    for effect in decision.effects:
        if isinstance(effect, Record):
            n += 1
            agent = next(told)
            named = effect.facts.get("conversation")
            about = str(named) if named is not None else conversation
            yield NewEvent(thread.number, thread.contact, n, about, effect.kind, now, effect.facts, effect.trace, agent)


def _changed_agents(before: State, after: State) -> tuple[Agent, ...]:
    known = (before.agent, before.other)
    now = (agent for agent in (after.agent, after.other) if agent is not None)
    return tuple(agent for agent in now if not any(agent is one for one in known))


def _row_puts(rows: Rows, before: State, after: State) -> Iterator[Put]:
    """Write the rows that changed, each against the version it was read with."""
    thread = after.thread
    if after.contact is not before.contact or not version(rows, contact_key(after.contact.id)):
        key = contact_key(after.contact.id)
        yield Put(key, after.contact, version(rows, key))
    if thread is not before.thread:
        key = thread_key(thread.number, thread.contact)
        yield Put(key, thread, version(rows, key))
    for agent in _changed_agents(before, after):
        key = agent_key(agent.id)
        yield Put(key, agent, version(rows, key))
    if after.message is not None and after.message is not before.message:
        key = message_key(after.message.id)
        yield Put(key, after.message, version(rows, key))


def _waits(state: State) -> bool:
    live = state.thread.live
    return live is not None and live.status is Status.OPEN


def _projections(rules: Rules, before: State, after: State, now: datetime) -> Iterator[Put]:
    """Write what lists and assignment read; the thread's version guards it."""
    thread, known = after.thread, before.thread.conversation
    name = _name(after)
    conversation = thread.conversation
    if before.thread.live is not None and (conversation is None or conversation.id != before.thread.live.id):
        yield closed_listing(before.thread.live, thread, name, now)
    if conversation is not None and conversation is known and name != _name(before):
        yield _listing(conversation, thread, name)
    if conversation is None or conversation is known:
        return
    yield _listing(conversation, thread, name)
    if conversation.status is Status.OPEN:
        yield Put(waiting_key(conversation.id), item_of(thread.number, thread.contact, conversation, rules.assignment))


def _name(state: State) -> str:
    return shown_name(state.contact.link, state.contact.name, state.thread.reply_to)


def closed_listing(conversation: Conversation, thread: Thread, name: str, now: datetime) -> Put:
    """Show a conversation of *thread* as closed; the thread itself goes on without it."""
    return _listing(evolve(conversation, status=Status.CLOSED, changed_at=now), thread, name)


def _listing(conversation: Conversation, thread: Thread, name: str) -> Put:
    return Put(conversation_key(conversation.id), Listing(conversation, thread.number, thread.contact, name))


def _apply(
    effect: Effect, rules: Rules, rows: Rows, thread: Thread, now: datetime, puts: list[Put], drops: list[Drop]
) -> None:
    """Turn an effect into agenda entries; records became events, a post is the flow's own business."""
    if isinstance(effect, StopTimer):
        drops.append(Drop(entry_key(f"{effect.timer}:{effect.conversation}")))
        return
    if isinstance(effect, Count):
        puts += _counts(effect, rules, rows, thread, now)
        return
    if isinstance(effect, Enqueue):
        puts.append(Put(message_key(effect.message.id), effect.message, 0))
        return
    make = _ENTRIES.get(type(effect))
    if make is not None:
        entry = make(effect, rules, thread, now)
        puts.append(Put(entry_key(entry.id), entry))


def _counts(effect: Count, rules: Rules, rows: Rows, thread: Thread, now: datetime) -> Iterator[Put]:
    """Count a message: the customer in a row of their own, service messages in one of a few rows."""
    if effect.first:
        yield Put(reach_key(rules.pool, thread.contact), now)
    if effect.reply:
        keys = tally_keys(thread.number, now)
        key = keys[crc32(thread.contact.encode()) % len(keys)]
        known = rows.get(key)
        yield Put(key, (cast("int", known.value) if known is not None else 0) + 1, version(rows, key))


def _deliver(effect: Deliver | Reconcile, _: Rules, thread: Thread, now: datetime) -> Entry:
    entry = send_entry(thread, effect.message, effect.due or now)
    return evolve(entry, bulk=True) if isinstance(effect, Deliver) and effect.bulk else entry


def send_entry(thread: Thread, message: str, due: datetime) -> Entry:
    """Return the agenda entry of a message; it stays until the message is sent, refused or given up."""
    lane = thread_lane(thread.number, thread.contact)
    return Entry(f"send:{message}", lane, "send", due, message, thread.number, thread.contact)


def _assign(effect: Assign, rules: Rules, _: Thread, now: datetime) -> Entry:
    return assign_entry(rules, effect.queue, now)


def assign_entry(rules: Rules, queue: str, due: datetime) -> Entry:
    """Return the agenda entry of an assignment cycle: one for the pool, however many queues ask for it."""
    name = f"assign:{rules.pool}"
    return Entry(name, name, "assign", due, queue)


def _ask(effect: Ask, _: Rules, thread: Thread, now: datetime) -> Entry:
    key = f"survey:{effect.conversation}"
    return Entry(key, key, "survey", now, effect.conversation, thread.number, thread.contact, bulk=True)


def _ask_bot(effect: AskBot, _: Rules, thread: Thread, now: datetime) -> Entry:
    lane = f"bot:{effect.conversation}"
    return Entry(f"bot:{effect.message}", lane, "bot", now, effect.message, thread.number, thread.contact)


def _fetch(effect: Fetch, _: Rules, thread: Thread, now: datetime) -> Entry:
    lane = f"media:{effect.message}"
    return Entry(f"fetch:{effect.message}", lane, "fetch", now, effect.message, thread.number, thread.contact)


def _timer(effect: StartTimer, _: Rules, thread: Thread, __: datetime) -> Entry:
    key = f"{effect.timer}:{effect.conversation}"
    return Entry(key, key, "timer", effect.due, effect.conversation, thread.number, thread.contact)


def _watch(effect: WatchWindow, _: Rules, thread: Thread, __: datetime) -> Entry:
    key = f"window:{thread.number}:{thread.contact}"
    return Entry(key, key, "window", effect.due, thread.contact, thread.number, thread.contact)


def _report(effect: ReportTemplate, rules: Rules, _: Thread, now: datetime) -> Entry:
    subject = f"{effect.language}:{effect.code}:{effect.template}"
    return Entry(f"template:{subject}", f"template:{rules.pool}", "template", now, subject, bulk=True)


_ENTRIES: dict[type[Effect], Callable[[Any, Rules, Thread, datetime], Entry]] = {
    Deliver: _deliver,
    Reconcile: _deliver,
    Ask: _ask,
    AskBot: _ask_bot,
    Assign: _assign,
    Fetch: _fetch,
    StartTimer: _timer,
    WatchWindow: _watch,
    ReportTemplate: _report,
}
