"""What must hold in every store, whatever happened: looked for in all rows of one moment.

Each of these follows from commits that write everything or nothing. What is found was planted by hand, by another
program, by a damaged disk, or by a fault of this library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import attrs

from wa_omnichannel._flows.steps import Flow, StoreNow, now, select
from wa_omnichannel.conversation import Contact, Direction, Message, Status, Thread
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import DeliveryStatus
from wa_omnichannel.pacing import Pace
from wa_omnichannel.ports import LEASE, DeadLetter, Entry, Everything, Lane, Listing, Snapshot
from wa_omnichannel.workforce import Agent

_DAY = timedelta(days=1)
_LONGEST_HALT = 2 * _DAY
_UNDER_WAY = frozenset({DeliveryStatus.PENDING, DeliveryStatus.SENDING})


@attrs.frozen
class Moment:
    """The rows, and both times at which they were read."""

    rows: Snapshot
    now: datetime
    store_now: datetime


def broken(moment: Moment) -> tuple[Check, ...]:
    """Return what does not hold, one check each; a sound store has none.

    Args:
        moment: All rows, read at one moment.
    """
    return tuple(check for look in _LOOKS for check in look(moment))


def invariants() -> Flow[tuple[Check, ...]]:
    """Read the whole store and return what does not hold."""
    at = yield from now()
    store_now: datetime = yield StoreNow()
    return broken(Moment((yield from select(Everything())), at, store_now))


def _wrong(code: str, **facts: object) -> Check:
    return Check("STORE", False, code, facts)


def _agents(moment: Moment) -> Iterator[Check]:
    """Compare the capacity in use with the live conversations that use it."""
    used: Counter[str] = Counter()
    for thread in moment.rows.of("thread", Thread).values():
        live = thread.live
        if live is not None and live.consumes and live.agent is not None:
            used[live.agent] += live.demand
    for agent in moment.rows.of("agent", Agent).values():
        if agent.used != used[agent.id]:
            yield _wrong("store_capacity_wrong", agent=agent.id, used=agent.used, expected=used[agent.id])


def _waiting(moment: Moment) -> Iterator[Check]:
    """Compare waiting items with open conversations that nobody has."""
    items = {key[0] for key in moment.rows.kinds["waiting"]}
    open_ones = {
        thread.live.id
        for thread in moment.rows.of("thread", Thread).values()
        if thread.live is not None and thread.live.status is Status.OPEN
    }
    for conversation in sorted(items - open_ones):
        yield _wrong("store_waits_for_nothing", conversation=conversation)
    for conversation in sorted(open_ones - items):
        yield _wrong("store_never_assigned", conversation=conversation)


def _live_twice(moment: Moment) -> Iterator[Check]:
    live = Counter(thread.live.id for thread in moment.rows.of("thread", Thread).values() if thread.live is not None)
    for conversation, count in live.items():
        if count > 1:
            yield _wrong("store_live_twice", conversation=conversation, threads=count)


def _contacts(moment: Moment) -> Iterator[Check]:
    """Look for addresses and threads of nobody, and for people who were merged but still have a conversation."""
    contacts = moment.rows.of("contact", Contact)
    for key, contact in moment.rows.of("alias", str).items():
        if (contact,) not in contacts:
            yield _wrong("store_alias_of_nobody", pool=key[0], contact=contact)
    for key, known in contacts.items():
        if known.merged_into is not None and (known.merged_into,) not in contacts:
            yield _wrong("store_merged_into_nobody", contact=key[0], into=known.merged_into)
    for (_, contact), thread in moment.rows.of("thread", Thread).items():
        owner = contacts.get((contact,))
        if owner is None:
            yield _wrong("store_thread_of_nobody", contact=contact)
        elif owner.merged_into is not None and thread.live is not None:
            yield _wrong("store_merged_but_live", contact=contact, conversation=thread.live.id)


def _agenda(moment: Moment) -> Iterator[Check]:
    """Look for timers of what is over, sends of no message, and messages that nobody will send."""
    threads, messages = moment.rows.of("thread", Thread), moment.rows.of("message", Message)
    entries = moment.rows.of("agenda", Entry)
    for entry in entries.values():
        thread = threads.get((entry.number, _now(moment, entry.contact)))
        live = thread.live if thread is not None else None
        if entry.kind == "timer" and (live is None or live.id != entry.subject):
            yield _wrong("store_timer_of_nothing", conversation=entry.subject)
        if entry.kind == "send" and (entry.subject,) not in messages:
            yield _wrong("store_sends_nothing", message=entry.subject)
    letters = moment.rows.of("dead", DeadLetter).values()
    planned = {e.subject for e in (*entries.values(), *(letter.entry for letter in letters)) if e.kind == "send"}
    for message in messages.values():
        if message.direction is Direction.OUT and message.status in _UNDER_WAY and message.id not in planned:
            yield _wrong("store_never_sent", message=message.id, status=message.status.value)


def _now(moment: Moment, contact: str) -> str:
    """Return the contact that *contact* turned out to be; what was planned before a merge keeps the old id."""
    contacts, seen = moment.rows.of("contact", Contact), {contact}
    known = contacts.get((contact,))
    while known is not None and known.merged_into is not None and known.merged_into not in seen:
        contact = known.merged_into
        seen.add(contact)
        known = contacts.get((contact,))
    return contact


def _events(moment: Moment) -> Iterator[Check]:
    """Compare how many events a thread says it has with those that are there, numbered without a gap."""
    for (number, contact), thread in moment.rows.of("thread", Thread).items():
        count, last = moment.rows.events.get((number, contact), (0, 0))
        if not count == last == thread.events:
            yield _wrong("store_events_missing", contact=contact, there=count, last=last, expected=thread.events)


def _listings(moment: Moment) -> Iterator[Check]:
    """Compare lists with the threads that they show."""
    listings = moment.rows.of("conversation", Listing)
    shown = set[str]()
    for thread in moment.rows.of("thread", Thread).values():
        known = thread.conversation
        if known is None:
            continue
        shown.add(known.id)
        listing = listings.get((known.id,))
        if listing is None or (thread.live is not None and listing.conversation != known):
            yield _wrong("store_list_differs", conversation=known.id)
    for listing in listings.values():
        if listing.conversation.status is not Status.CLOSED and listing.conversation.id not in shown:
            yield _wrong("store_list_differs", conversation=listing.conversation.id)


def _times(moment: Moment) -> Iterator[Check]:
    """Look for instants that nobody will live to see: leases, halts and windows from a wrong clock."""
    for (lane,), held in moment.rows.of("lane", Lane).items():
        if held.until > moment.store_now + 2 * LEASE:
            yield _wrong("store_lane_held", kind=lane.partition(":")[0], until=held.until)
    for pace in moment.rows.of("pace", Pace).values():
        latest = max((at for at in (pace.next, pace.halted_until) if at is not None), default=moment.now)
        if latest > moment.now + _LONGEST_HALT:
            yield _wrong("store_halted_for_ever", until=latest)
    for (_, contact), thread in moment.rows.of("thread", Thread).items():
        last = thread.window.last_inbound_at
        if last is not None and last > moment.now + _DAY:
            yield _wrong("store_window_from_the_future", contact=contact, at=last)


_LOOKS: tuple[Callable[[Moment], Iterator[Check]], ...] = (
    _agents,
    _waiting,
    _live_twice,
    _contacts,
    _agenda,
    _events,
    _listings,
    _times,
)
