"""Assignment: one worker at a time has the lane of the pool, and an index that it keeps from cycle to cycle.

The index (:class:`~wa_omnichannel.assignment.Pool`) is a cache. It is built from the rows once, at a position of the
event log; before each cycle it takes over the rows that later events are about, whoever wrote them. What it proposes
is decided again on the rows as they are, and committed against their versions: a proposal that does not hold any
more does nothing but refresh the index. If anything goes wrong the index is dropped and built anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice

import attrs

from wa_omnichannel._flows.catalogs import voiced
from wa_omnichannel._flows.changes import assign_entry, changes_of, together
from wa_omnichannel._flows.lanes import give_back, take
from wa_omnichannel._flows.loading import begun, load_thread, row, until_agreed
from wa_omnichannel._flows.steps import Flow, Remember, Reuse, commit, load, now, select
from wa_omnichannel.assignment import AssignmentRules, Pairing, Pool, WaitingItem, choose_agent
from wa_omnichannel.conversation import AgentAssigned, Decision, QueueFoundEmpty, State, Status, decide, item_of
from wa_omnichannel.errors import ConcurrentUpdate, NotFound
from wa_omnichannel.ports import (
    Agents,
    Changes,
    Drop,
    Entry,
    Key,
    LastPosition,
    Listing,
    Put,
    Rows,
    Stored,
    TouchedAfter,
    WaitingItems,
    agent_key,
    contact_key,
    conversation_key,
    entry_key,
    thread_key,
    waiting_key,
)
from wa_omnichannel.routing import empty_queue
from wa_omnichannel.rules import Rules
from wa_omnichannel.workforce import Agent

BATCH = 100
"""How many assignments are committed together at most."""

BATCHES = 10
"""Batches in a row, before other entries of the agenda get their turn."""

PATIENCE = 3
"""How often a proposal for one conversation may fail in a cycle."""

LEASE = timedelta(seconds=5)
"""How long the lane of a pool stays with a worker that says nothing more; longer than a batch ever takes."""

FAR_BEHIND = 100_000
"""Events after which it is quicker to build the index anew than to follow them."""

CALENDAR_STEP = timedelta(minutes=1)
"""How often agents' working hours are looked at, where custom rules ask for them."""

_EVERYTHING = 2**62
_AT_ONCE = 1000


@attrs.define
class Desk:
    """The index of a pool in this process, and how far it has followed the events."""

    rules: AssignmentRules
    pool: Pool
    position: int

    def take_over(self, keys: Iterable[Key], rows: Rows) -> list[WaitingItem]:
        """Take over the rows of *keys*, or that they are gone; return what waits now and did not before."""
        fresh: list[WaitingItem] = []
        for key in keys:
            value = rows[key].value if key in rows else None
            if isinstance(value, Agent):
                self.pool.put_agent(value)
            elif not isinstance(value, WaitingItem):
                self.pool.drop_item(key[1])
            elif (known := self.pool.item(key[1])) != value:
                self.pool.put_item(value)
                fresh += [value] if known is None or known.queue != value.queue else []
        return fresh


def assign(rules: Rules, stored: Stored[Entry]) -> Flow[bool]:
    """Run one assignment cycle over the pool, and forget the trigger unless it was pulled again meanwhile."""
    entry = stored.value
    claimed = yield from take(entry.lane, LEASE)
    if claimed is None:
        return False
    rules = yield from voiced(rules)
    desk, fresh = yield from _desk(rules, entry.lane)
    at = yield from now()
    fresh += yield from _follow(rules, desk)
    yield from _look_for_empty_queues(rules, desk, fresh, at)
    finished = yield from _distribute(rules, desk, at)
    yield Remember(entry.lane, desk)
    free = yield from give_back(claimed)
    key = entry_key(entry.id)
    if finished:
        done = together((_look_again(rules, desk, entry, at), Changes(drops=(Drop(key, stored.version), *free))))
    else:
        done = Changes((Put(key, entry),), free)  # other work gets its turn in between
    yield from commit(done)
    return True


def _distribute(rules: Rules, desk: Desk, at: datetime) -> Flow[bool]:
    """Commit what the index proposes, batch by batch; tells whether nothing is left to propose.

    What does not hold on the rows is looked at again. If that happens to a conversation again and again, it waits for
    the next cycle, so that nothing goes round in circles.
    """
    losses: Counter[str] = Counter()
    for _ in range(BATCHES):
        pairings = desk.pool.assign(at, BATCH)
        if not pairings:
            break
        lost = yield from _give_all(rules, pairings, at)
        losses.update(pairing.item.conversation for pairing in lost)
        keys = [key for pairing in lost for key in _own_rows(pairing, losses)]
        if keys:
            desk.take_over(keys, (yield from load(*keys)))
    else:
        return False
    keys = [waiting_key(conversation) for conversation, times in losses.items() if times >= PATIENCE]
    desk.take_over(keys, (yield from load(*keys)))
    return True


def _look_again(rules: Rules, desk: Desk, entry: Entry, at: datetime) -> Changes:
    """Ask for another cycle where time alone may make somebody eligible (ASG-13)."""
    calendars = any(policy.custom.uses_calendar for policy in rules.assignment.policies.values())
    if not calendars or not len(desk.pool):
        return Changes()
    again = assign_entry(rules, entry.subject, at + CALENDAR_STEP)
    return Changes(puts=(Put(entry_key(again.id), again),))


def _desk(rules: Rules, lane: str) -> Flow[tuple[Desk, list[WaitingItem]]]:
    """Return the index, the one from before or a new one, and what is new in it."""
    desk: Desk | None = yield Reuse(lane)
    last = yield from select(LastPosition())
    if desk is not None and desk.rules == rules.assignment and last - desk.position <= FAR_BEHIND:
        return desk, []
    agents = yield from select(Agents())
    items = yield from select(WaitingItems(_EVERYTHING))
    pool = Pool(rules.assignment, [stored.value for stored in agents], items)
    for item in (yield from _asked_again(rules, items)):
        pool.put_item(item)
    return Desk(rules.assignment, pool, last), [item for item in items if not item.alarmed]


def _asked_again(rules: Rules, items: Sequence[WaitingItem]) -> Flow[list[WaitingItem]]:
    """Return the items that were written when other attributes were asked for, as they would be written now."""
    wanted = frozenset(rules.assignment.reads)
    stale = iter([item for item in items if not wanted.issubset(item.asked)])
    found: list[WaitingItem] = []
    while part := list(islice(stale, _AT_ONCE)):
        rows = yield from load(*(conversation_key(item.conversation) for item in part))
        listings = (row(rows, conversation_key(item.conversation), Listing) for item in part)
        pairs = zip(part, listings, strict=True)
        found += [_renewed(item, listing, rules) for item, listing in pairs if listing is not None]
    return found


def _renewed(item: WaitingItem, listing: Listing, rules: Rules) -> WaitingItem:
    known, reads = listing.conversation.attributes, rules.assignment.reads
    return attrs.evolve(item, attributes={name: known[name] for name in reads if name in known}, asked=reads)


def _follow(rules: Rules, desk: Desk) -> Flow[list[WaitingItem]]:
    """Take over what changed since the last cycle, whoever changed it; return what is new in its queue."""
    fresh: list[WaitingItem] = []
    more = True
    while more:
        touched = yield from select(TouchedAfter(desk.position, _AT_ONCE))
        keys = [*map(waiting_key, touched.conversations), *map(agent_key, touched.agents)]
        if keys:
            fresh += desk.take_over(keys, (yield from load(*keys)))
        desk.position, more = touched.position, touched.more
    return fresh


def _look_for_empty_queues(rules: Rules, desk: Desk, fresh: Sequence[WaitingItem], at: datetime) -> Flow[None]:
    """Raise an alarm for what came to a queue without members, or close it (QUE-6)."""
    checks = {
        queue: empty_queue(rules.queue(queue), desk.pool.has_members(queue), closes=rules.empty_queue_closes)
        for queue in {item.queue for item in fresh}
    }
    for item in fresh:
        check = checks[item.queue]
        if check is not None:
            event = QueueFoundEmpty(check)
            yield from until_agreed(lambda item=item, event=event: _tell(rules, item, event, at))  # type: ignore[misc]


def _tell(rules: Rules, item: WaitingItem, event: QueueFoundEmpty, at: datetime) -> Flow[None]:
    loaded = yield from load_thread(item.number, item.contact)
    live = loaded.state.thread.live
    if live is None or live.id != item.conversation or live.queue != item.queue:
        return
    decision = decide(rules, loaded.state, event, at)
    if decision.effects:
        yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at))


def _own_rows(pairing: Pairing, losses: Counter[str]) -> tuple[Key, ...]:
    """Return the rows to look at again: the agent's, and the conversation's unless it was lost too often."""
    item = pairing.item.conversation
    return (agent_key(pairing.agent), *((waiting_key(item),) if losses[item] < PATIENCE else ()))


def _give_all(rules: Rules, pairings: Sequence[Pairing], at: datetime) -> Flow[list[Pairing]]:
    """Commit the pairings together, or one by one if somebody else was faster; return those that do not hold."""
    keys = [key for pairing in pairings for key in _rows_of(pairing)]
    rows = yield from load(*dict.fromkeys(keys))
    staff: dict[str, Agent | None] = {}
    parts: list[Changes] = []
    lost: list[Pairing] = []
    for pairing in pairings:
        before = _state(rows, pairing, staff)
        decision = _decided(rules, before, pairing, at)
        if decision is None:
            lost.append(pairing)
            continue
        staff[pairing.agent] = decision.state.agent
        parts.append(changes_of(rules, rows, before, decision, at))
    try:
        if parts:
            yield from commit(together(parts))
    except ConcurrentUpdate:
        lost = yield from _give_singly(rules, pairings, at)
    return lost


def _rows_of(pairing: Pairing) -> tuple[Key, Key, Key]:
    item = pairing.item
    return contact_key(item.contact), thread_key(item.number, item.contact), agent_key(pairing.agent)


def _state(rows: Rows, pairing: Pairing, staff: Mapping[str, Agent | None]) -> State:
    """Return what a pairing is decided on: the rows, and the agent as earlier pairings left them."""
    item = pairing.item
    state = begun(rows, item.number, item.contact, (item.number,))
    agent = staff.get(pairing.agent) or row(rows, agent_key(pairing.agent), Agent)
    return attrs.evolve(state, agent=agent)


def _decided(rules: Rules, state: State, pairing: Pairing, at: datetime) -> Decision | None:
    """Decide on a pairing as things are now; None if the agent would not get the conversation any more.

    The rules are those of the proposal, so capacity and presence count exactly where they did there: not for
    WS-15a, PREF-2 and the custom rules of ASG-12; and the trace names the rule.
    """
    live, agent = state.thread.live, state.agent
    if live is None or agent is None or live.id != pairing.item.conversation or live.status is not Status.OPEN:
        return None
    item = item_of(state.thread.number, state.thread.contact, live, rules.assignment)
    choice = choose_agent(item, {agent.id: agent}, rules.assignment, at)
    if choice is None:
        return None
    check = choice.pairing(item, pairing.at).check
    decision = decide(rules, state, AgentAssigned((check,), pairing.at), at)
    return decision if decision.refusal is None else None


def _give_singly(rules: Rules, pairings: Sequence[Pairing], at: datetime) -> Flow[list[Pairing]]:
    lost: list[Pairing] = []
    for pairing in pairings:
        given = yield from until_agreed(lambda pairing=pairing: _give(rules, pairing, at))  # type: ignore[misc]
        lost += [] if given else [pairing]
    return lost


def _give(rules: Rules, pairing: Pairing, at: datetime) -> Flow[bool]:
    """Give one conversation to its agent, if both are still there for it."""
    try:
        loaded = yield from load_thread(pairing.item.number, pairing.item.contact, agent=pairing.agent)
    except NotFound:
        return False
    decision = _decided(rules, loaded.state, pairing, at)
    if decision is not None:
        yield from commit(changes_of(rules, loaded.rows, loaded.state, decision, at))
    return decision is not None
