"""Stores in memory: the reference for every other store, and quick enough for tests and simulations.

Nothing is kept when the process ends. What goes in and what comes out are copies, so a row cannot be
changed from outside. A value of another type than its row's is refused; unlike in a database, its fields
are not all looked at.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, count, islice, repeat
from operator import attrgetter
from typing import Any, TypeVar, cast

import attrs

from wa_omnichannel._storage.codec import detached, encode
from wa_omnichannel._storage.queries import Answers, answer, touched
from wa_omnichannel._storage.rows import KINDS, PERSONAL, kind_of, mentioned, mentions, settled
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.conversation import Contact, Message, Status
from wa_omnichannel.errors import AlreadyDone, ConcurrentUpdate
from wa_omnichannel.outbound import Item
from wa_omnichannel.ports import (
    EXAMINED,
    Agents,
    Changes,
    ClosedBefore,
    Contacts,
    Conversations,
    CountWaiting,
    DeadLetter,
    DeadLetters,
    DueEntries,
    Entry,
    EventsAfter,
    Everything,
    Forgetting,
    Happening,
    Key,
    KnownSids,
    Lane,
    LastPosition,
    Listing,
    MessageBySid,
    MessagesOf,
    NewEvent,
    NextDue,
    Quarantined,
    Query,
    Reached,
    Rows,
    Snapshot,
    Stored,
    Timeline,
    Touched,
    TouchedAfter,
    WaitingItems,
    done_key,
    lane_key,
    turn_of,
)
from wa_omnichannel.webhooks import Held

T = TypeVar("T")


class _Tables:
    """Rows by key, one table for each kind, in the order in which they were put in."""

    def __init__(self) -> None:
        self.kinds: dict[str, dict[Key, Stored[Any]]] = {name: {} for name in KINDS}
        self.events: list[Happening] = []

    def get(self, key: Key) -> Stored[Any] | None:
        return self.kinds[key[0]].get(key)

    def version(self, key: Key) -> int:
        stored = self.get(key)
        return stored.version if stored is not None else 0

    def values(self, kind: str) -> Iterator[Any]:
        return (stored.value for stored in self.kinds[kind].values())

    def forget(self, forgetting: Forgetting) -> int:
        count = sum(self._drop_rows(name, mentioned(name, forgetting)) for name in PERSONAL)
        waits = {mentions(each) for each in forgetting.addresses}
        count += self._drop("outreach_item", lambda _, value: any(each in encode(Item, value) for each in waits))
        count += self._drop("lane", lambda key, _: key[1].rpartition(":")[2] in forgetting.contacts)
        for place, known in enumerate(self.events):
            event = known.event
            text = encode(NewEvent, event)
            outside = not event.contact and any(each.removeprefix("+") in text for each in forgetting.addresses)
            if event.contact in forgetting.contacts or event.conversation in forgetting.closed or outside:
                self.events[place] = Happening(known.position, forgetting.emptied(event))
                count += 1
        return count

    def _drop_rows(self, name: str, ids: tuple[str, ...]) -> int:
        wanted = [mentions(each) for each in ids]
        holds = KINDS[name].holds
        return self._drop(name, lambda _, value: any(each in encode(holds, value) for each in wanted))

    def _drop(self, name: str, goes: Callable[[Key, Any], bool]) -> int:
        gone = [key for key, stored in self.kinds[name].items() if goes(key, stored.value)]
        for key in gone:
            del self.kinds[name][key]
        return len(gone)


class MemoryStore:
    """Keeps rows in memory, for threads of one process.

    >>> from wa_omnichannel.ports import Put, contact_key
    >>> from wa_omnichannel.conversation import Contact
    >>> store = MemoryStore()
    >>> store.commit(Changes(puts=(Put(contact_key("c1"), Contact("c1"), 0),)))
    >>> store.load([contact_key("c1")])[contact_key("c1")].value.id
    'c1'
    """

    def __init__(self) -> None:
        self._tables = _Tables()
        self._versions = count(1)
        self._lock = threading.Lock()

    def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        tables = [(key, self._tables.kinds[kind_of(key).name]) for key in keys]
        with self._lock:
            found = {key: table[key] for key, table in tables if key in table}
        return {key: _copy(KINDS[key[0]].holds, stored) for key, stored in found.items()}

    def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing.

        Raises:
            AlreadyDone: *changes.once* was committed before; carries the first result.
            ConcurrentUpdate: A row does not have the expected version.
            InvalidValue: A key or a value is not one that stores keep.
        """
        changes = settled(changes)
        puts = [(put.key, detached(KINDS[put.key[0]].holds, put.value)) for put in changes.puts]
        if changes.once is not None:
            puts.append((done_key(changes.once), detached(object, changes.result)))
        events = [detached(NewEvent, event) for event in changes.events]
        with self._lock:
            self._check(changes)
            self._write(changes, puts, events)

    def _check(self, changes: Changes) -> None:
        """Find out whether everything can be written, before anything is."""
        tables = self._tables
        known = tables.get(done_key(changes.once)) if changes.once is not None else None
        if known is not None:
            raise AlreadyDone(changes.once or "", detached(object, known.value))
        for key, expected in (*changes.relies_on, *((put.key, put.expected) for put in changes.puts)):
            if expected is not None and tables.version(key) != expected:
                raise ConcurrentUpdate("/".join(key))

    def _write(self, changes: Changes, puts: Iterable[tuple[Key, Any]], events: Iterable[NewEvent]) -> None:
        tables = self._tables
        for drop in changes.drops:
            if drop.version is None or drop.version == tables.version(drop.key):
                tables.kinds[drop.key[0]].pop(drop.key, None)
        for key, value in puts:
            tables.kinds[key[0]][key] = Stored(value, next(self._versions))
        for position, event in enumerate(events, len(tables.events) + 1):
            tables.events.append(Happening(position, event))

    def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace of people; see :class:`~wa_omnichannel.ports.Forgetful`."""
        with self._lock:
            return self._tables.forget(forgetting)

    def select(self, query: Query[T]) -> T:
        """Return the answer to *query*.

        Raises:
            InvalidValue: It is a question that stores do not know.
        """
        with self._lock:
            found = answer(_ANSWERS, self._tables, query)
        return cast("T", _out(found))


class AsyncMemoryStore:
    """:class:`MemoryStore` for coroutines."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        """Use *store*, or a new one."""
        self._store = store or MemoryStore()

    async def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        return self._store.load(keys)

    async def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing; raises as :meth:`MemoryStore.commit` does."""
        self._store.commit(changes)

    async def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace of people."""
        return self._store.forget(forgetting)

    async def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        return self._store.select(query)


def _copy(kind: Any, stored: Stored[Any]) -> Stored[Any]:
    value = detached(kind, stored.value)
    return stored if value is stored.value else Stored(value, stored.version)


def _out(found: Any) -> Any:
    """Return copies of what a query found."""
    kind = found.__class__
    if kind is tuple:
        return tuple(map(_out, found))
    if kind is Stored:
        return _copy(found.value.__class__, found)
    return detached(kind, found) if attrs.has(kind) and kind is not Snapshot else found


def _heads(tables: _Tables) -> list[Stored[Entry]]:
    """Return the first entry of each lane."""
    first: dict[str, Stored[Entry]] = {}
    for stored in tables.kinds["agenda"].values():
        first.setdefault(stored.value.lane, stored)
    return list(first.values())


def _due_entries(tables: _Tables, query: DueEntries) -> tuple[Stored[Entry], ...]:
    def free(lane: str) -> bool:
        lease: Stored[Lane] | None = tables.get(lane_key(lane))
        return lease is None or lease.value.until <= query.lease_now

    due = (
        head
        for head in sorted(_heads(tables), key=lambda head: turn_of(head.value))
        if head.value.due <= query.now and query.lane in (None, head.value.lane) and free(head.value.lane)
    )
    return tuple(islice(due, query.limit))


def _dead_letters(tables: _Tables, query: DeadLetters) -> tuple[DeadLetter, ...]:
    found = sorted(tables.values("dead"), key=lambda letter: letter.entry.id)
    return tuple(found[: query.limit])


def _everything(tables: _Tables, _: Everything) -> Snapshot:
    events: dict[tuple[str, str], tuple[int, int]] = {}
    for known in tables.events:
        key = known.event.number, known.event.contact
        count, last = events.get(key, (0, 0))
        events[key] = count + 1, max(last, known.event.n)
    return Snapshot({name: _whole(tables, name) for name in EXAMINED}, events)


def _whole(tables: _Tables, name: str) -> dict[Key, object]:
    """Return copies of all rows of a kind, by the rest of their keys."""
    kind = KINDS[name]
    rows = tables.kinds[name].items()
    return {tuple(_rest(key, len(kind.key))): detached(kind.holds, stored.value) for key, stored in rows}


def _rest(key: Key, parts: int) -> Iterator[str]:
    """Yield the parts of a key behind its kind; those that were left out are empty."""
    return islice(chain(key[1:], repeat("")), parts)


def _next_due(tables: _Tables, _: NextDue) -> datetime | None:
    return min((head.value.due for head in _heads(tables)), default=None)


def _quarantined(tables: _Tables, query: Quarantined) -> tuple[Held, ...]:
    return tuple(sorted(tables.values("quarantine"), key=lambda held: held.id)[: query.limit])


def _waiting(tables: _Tables, query: WaitingItems) -> tuple[WaitingItem, ...]:
    wanted = (item for item in tables.values("waiting") if query.queues is None or item.queue in query.queues)
    items = sorted(wanted, key=lambda item: (item.since, item.conversation))
    return tuple(items[: query.limit])


def _agents(tables: _Tables, _: Agents) -> tuple[Stored[Any], ...]:
    return tuple(stored for _, stored in sorted(tables.kinds["agent"].items()))


def _conversations(tables: _Tables, query: Conversations) -> tuple[Listing, ...]:
    def wanted(listing: Listing) -> bool:
        known = listing.conversation
        return (
            query.status in (None, known.status)
            and query.queue in (None, known.queue)
            and query.agent in (None, known.agent)
            and query.number in (None, listing.number)
        )

    found = sorted(filter(wanted, tables.values("conversation")), key=lambda listing: listing.conversation.id)
    found.sort(key=lambda listing: listing.conversation.changed_at, reverse=True)
    return tuple(found[: query.limit])


def _closed_before(tables: _Tables, query: ClosedBefore) -> tuple[Listing, ...]:
    found = [
        (listing.conversation.changed_at, listing.conversation.id, listing)
        for listing in tables.values("conversation")
        if listing.conversation.status is Status.CLOSED and listing.conversation.changed_at < query.before
    ]
    behind = [each for each in sorted(found, key=lambda it: it[:2]) if query.after is None or each[:2] > query.after]
    return tuple(listing for *_, listing in behind[: query.limit])


def _messages_of(tables: _Tables, query: MessagesOf) -> tuple[Message, ...]:
    found = (message for message in tables.values("message") if _concerns(message, query))
    return tuple(sorted(found, key=lambda message: message.at))


def _concerns(row: Message | NewEvent, query: MessagesOf | Timeline) -> bool:
    if query.conversation is not None:
        return row.conversation == query.conversation
    return (row.number, row.contact) == (query.number, query.contact)


def _message_by_sid(tables: _Tables, query: MessageBySid) -> str | None:
    return next((message.id for message in tables.values("message") if message.sid == query.sid), None)


def _reached(tables: _Tables, query: Reached) -> int:
    return sum(key[1] == query.pool and row.value > query.since for key, row in tables.kinds["reach"].items())


def _contacts(tables: _Tables, query: Contacts) -> tuple[Contact, ...]:
    found = sorted((contact for contact in tables.values("contact") if contact.id > query.after), key=attrgetter("id"))
    return tuple(found[: max(query.limit, 0)])


def _known_sids(tables: _Tables, query: KnownSids) -> frozenset[str]:
    return frozenset(query.sids) & {message.sid for message in tables.values("message")}


def _timeline(tables: _Tables, query: Timeline) -> tuple[Happening, ...]:
    return tuple(happening for happening in tables.events if _concerns(happening.event, query))


def _events_after(tables: _Tables, query: EventsAfter) -> tuple[Happening, ...]:
    start = max(query.position, 0)
    return tuple(tables.events[start : start + query.limit])


def _last_position(tables: _Tables, _: LastPosition) -> int:
    return len(tables.events)


def _touched_after(tables: _Tables, query: TouchedAfter) -> Touched:
    start = max(query.position, 0)
    found = tables.events[start : start + query.limit]
    return touched(query, [(known.position, known.event.conversation, known.event.agent) for known in found])


def _count_waiting(tables: _Tables, query: CountWaiting) -> dict[str, int]:
    counted = Counter(item.queue for item in tables.values("waiting"))
    return {queue: min(counted[queue], upto) for queue, upto in query.queues.items()}


_ANSWERS: Answers[_Tables] = {
    DueEntries: _due_entries,
    DeadLetters: _dead_letters,
    Everything: _everything,
    NextDue: _next_due,
    WaitingItems: _waiting,
    Quarantined: _quarantined,
    Agents: _agents,
    Conversations: _conversations,
    ClosedBefore: _closed_before,
    MessagesOf: _messages_of,
    MessageBySid: _message_by_sid,
    Reached: _reached,
    Contacts: _contacts,
    KnownSids: _known_sids,
    Timeline: _timeline,
    EventsAfter: _events_after,
    LastPosition: _last_position,
    TouchedAfter: _touched_after,
    CountWaiting: _count_waiting,
}
