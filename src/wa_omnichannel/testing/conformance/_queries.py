"""The agenda and its lanes, lists, and the record of what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import attrs

from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.conversation import Contact, Status
from wa_omnichannel.ports import (
    Agents,
    Changes,
    ClosedBefore,
    Contacts,
    Conversations,
    CountWaiting,
    Drop,
    DueEntries,
    EventsAfter,
    KnownSids,
    Lane,
    LastPosition,
    MessageBySid,
    MessagesOf,
    NextDue,
    Put,
    Quarantined,
    Reached,
    Timeline,
    Touched,
    TouchedAfter,
    WaitingItems,
    agent_key,
    contact_key,
    conversation_key,
    entry_key,
    lane_key,
    message_key,
    quarantine_key,
    reach_key,
    waiting_key,
)
from wa_omnichannel.testing.conformance._samples import (
    AT,
    ELSEWHERE,
    NUMBER,
    OTHER_NUMBER,
    entry,
    event,
    held,
    later,
    listing,
    message,
    put_entry,
)
from wa_omnichannel.testing.conformance._steps import Steps, attempt, commit, expect, load, pause, select, together
from wa_omnichannel.workforce import Agent


def due(at: datetime = AT, *, limit: int = 100, lane: str | None = None, lease_now: datetime = AT) -> Steps[list[str]]:
    """Return the ids of the entries that are due."""
    found = yield from select(DueEntries(at, lease_now, limit, lane))
    return [stored.value.id for stored in found]


def entries_come_when_they_are_due() -> Steps[None]:
    """Entries are due from their instant on, the earliest first, no more than the limit."""
    yield from commit(
        Changes((put_entry("c", due=later(3)), put_entry("a", due=later(1)), put_entry("b", due=later(2))))
    )
    expect("what is due before", (yield from due(later(0.999999))), [])
    expect("what is due at the instant", (yield from due(later(1))), ["a"])
    expect("what is due later", (yield from due(later(10))), ["a", "b", "c"])
    expect("what is due, two at most", (yield from due(later(10), limit=2)), ["a", "b"])


def people_go_before_bulk() -> Steps[None]:
    """Bulk that is due lets others go first, but takes its turn as if it were due a minute later: it never starves."""
    bulk = Put(entry_key("bulk"), attrs.evolve(entry("bulk", due=later(1)), bulk=True))
    quoted = Put(entry_key("quoted"), attrs.evolve(entry("quoted", due=later(2)), subject='"bulk":true'))
    puts = (put_entry("late", due=later(61)), bulk, put_entry("soon", due=later(60.9)), quoted)
    yield from commit(Changes(puts))
    expect("what is due first", (yield from due(later(1))), ["bulk"])
    expect("what is due with people waiting", (yield from due(later(99), limit=3)), ["quoted", "soon", "late"])
    expect("one lane", (yield from due(later(1), lane="bulk")), ["bulk"])
    yield from commit(Changes((put_entry("later", due=later(61.1)),), (Drop(entry_key("late")),)))
    expect("what is due in the end", (yield from due(later(99))), ["quoted", "soon", "bulk", "later"])
    expect("the next instant", (yield from select(NextDue())), later(1))


def entries_come_with_their_version() -> Steps[None]:
    """An entry comes whole, with the version that a drop can name."""
    yield from commit(Changes((put_entry("a", due=ELSEWHERE),)))
    (stored,) = yield from select(DueEntries(ELSEWHERE, AT))
    expect("the entry", stored, (yield from load(entry_key("a")))[entry_key("a")])
    yield from commit(Changes((put_entry("a"),), ()))
    yield from commit(Changes(drops=(Drop(entry_key("a"), stored.version),)))
    expect("what is due, after a drop of an older version", (yield from due()), ["a"])


def only_the_first_of_a_lane_is_due() -> Steps[None]:
    """Only the first entry of a lane is due, in the order they were put in; it holds up later ones until it is gone."""
    yield from commit(Changes((put_entry("z", "L", later(9)), put_entry("y", "L", later(1)))))
    yield from commit(Changes((put_entry("x", "L", later(0)), put_entry("free", due=later(2)))))
    expect("what is due while the first must wait", (yield from due(later(5))), ["free"])
    expect("what is due then", (yield from due(later(9))), ["free", "z"])
    yield from commit(Changes(drops=(Drop(entry_key("z")),)))
    expect("what is due once the first is gone", (yield from due(later(9))), ["y", "free"])


def entries_keep_their_place() -> Steps[None]:
    """An entry that is put again keeps its place in the lane, with its new instant."""
    yield from commit(Changes((put_entry("a", "L"), put_entry("b", "L"))))
    yield from commit(Changes((put_entry("a", "L", later(5)),)))
    expect("what is due now", (yield from due()), [])
    expect("what is due later", (yield from due(later(5))), ["a"])


def leased_lanes_are_skipped() -> Steps[None]:
    """A lane with a lease is left out until the lease ends, in store time, or the lane's row is dropped."""
    lease = Put(lane_key("L"), Lane(later(30)))
    yield from commit(Changes((put_entry("a", "L"), put_entry("b"), lease)))
    expect("what is due during the lease", (yield from due(later(99), lease_now=later(29.999999))), ["b"])
    expect("the same, asked for the lane", (yield from due(later(99), lane="L")), [])
    expect("what is due at its end", (yield from due(lease_now=later(30))), ["a", "b"])
    yield from commit(Changes(drops=(Drop(lane_key("L")),)))
    expect("what is due once it is given back", (yield from due()), ["a", "b"])


def one_lane_can_be_asked_for() -> Steps[None]:
    """Asked for one lane, a store answers with the first entry of that lane if it is due."""
    yield from commit(Changes((put_entry("a", "K"), put_entry("b", "L", later(1)), put_entry("c", "L"))))
    expect("what is due in the lane", (yield from due(lane="L")), [])
    expect("what is due in it later", (yield from due(later(1), lane="L")), ["b"])
    expect("what is due in an unknown lane", (yield from due(lane="M")), [])


def the_next_instant_is_known() -> Steps[None]:
    """NextDue is the earliest instant of an entry that no other holds up, due or not; None on an empty agenda."""
    expect("on an empty agenda", (yield from select(NextDue())), None)
    yield from commit(
        Changes((put_entry("a", "L", later(9)), put_entry("b", "L", later(1)), put_entry("c", due=later(20))))
    )
    expect("with entries", (yield from select(NextDue())), later(9))
    yield from commit(Changes(drops=(Drop(entry_key("a")),)))
    expect("once the first is gone", (yield from select(NextDue())), later(1))


def one_worker_claims_a_lane() -> Steps[None]:
    """Of workers that claim a lane at the same time exactly one gets it."""
    yield from commit(Changes((put_entry("a", "L"),)))
    outcomes = yield from together([_claim(n) for n in range(6)])
    expect("the number of workers that got the lane", sum(outcomes), 1)


def _claim(worker: int) -> Steps[bool]:
    claim = Put(lane_key("L"), Lane(later(30 + worker)), 0)
    return (yield from attempt(Changes((claim, Put(entry_key("a"), entry("a", "L", later(5))))))) is None


def the_longest_waiting_come_first() -> Steps[None]:
    """Waiting conversations come in the order of their instant, no more than the limit, until they are dropped."""
    items = [WaitingItem("sales", later(3 - n), NUMBER, "c1", f"v{n}") for n in range(3)]
    yield from commit(Changes(tuple(Put(waiting_key(item.conversation), item) for item in items)))
    expect("who waits", (yield from select(WaitingItems())), tuple(reversed(items)))
    expect("who waits longest", (yield from select(WaitingItems(1))), (items[2],))
    yield from commit(Changes(drops=(Drop(waiting_key("v2")),)))
    expect("who waits then", (yield from select(WaitingItems())), (items[1], items[0]))


def the_quarantine_comes_in_order() -> Steps[None]:
    """Webhooks in quarantine come in the order of their ids, no more than the limit, until they are dropped."""
    waiting = [held(f"IN{3 - n}") for n in range(3)]
    yield from commit(Changes(tuple(Put(quarantine_key(each.id), each) for each in waiting)))
    expect("what is held", (yield from select(Quarantined())), tuple(reversed(waiting)))
    expect("what is held longest", (yield from select(Quarantined(1))), (waiting[2],))
    yield from commit(Changes(drops=(Drop(quarantine_key("IN1")),)))
    expect("what is held then", (yield from select(Quarantined())), (waiting[1], waiting[0]))


def agents_come_by_id() -> Steps[None]:
    """All agents come by id, with their versions."""
    yield from commit(Changes(tuple(Put(agent_key(name), Agent(name, name.title())) for name in ("b", "c", "a"))))
    found = yield from select(Agents())
    rows = yield from load(*(agent_key(name) for name in "abc"))
    expect("the agents", found, tuple(rows[agent_key(name)] for name in "abc"))


def conversations_can_be_filtered() -> Steps[None]:
    """Conversations come the latest change first, those that pass every filter, no more than the limit."""
    listings = [
        listing("v1", at=later(1), status=Status.OPEN, queue="sales", agent=None),
        listing("v2", at=later(3), status=Status.ACTIVE, queue="sales", agent="ana"),
        listing("v3", OTHER_NUMBER, later(2), status=Status.CLOSED, queue="bills", agent="ana"),
        listing("v4", at=later(2), status=Status.CLOSED, queue="sales", agent="eva"),
    ]
    yield from commit(Changes(tuple(Put(conversation_key(row.conversation.id), row) for row in listings)))
    wanted: tuple[tuple[Conversations, list[str]], ...] = (
        (Conversations(), ["v2", "v3", "v4", "v1"]),
        (Conversations(limit=1), ["v2"]),
        (Conversations(status=Status.CLOSED), ["v3", "v4"]),
        (Conversations(queue="sales"), ["v2", "v4", "v1"]),
        (Conversations(agent="ana"), ["v2", "v3"]),
        (Conversations(number=OTHER_NUMBER), ["v3"]),
        (Conversations(Status.CLOSED, "sales", "eva", NUMBER), ["v4"]),
        (Conversations(Status.OPEN, "bills"), []),
    )
    for query, names in wanted:
        expect(f"{query}", [found.conversation.id for found in (yield from select(query))], names)
    expect("the first listing whole", (yield from select(Conversations(limit=1))), (listings[1],))


def lists_follow_changes() -> Steps[None]:
    """A listing that is put again is found under what it became, and no longer under what it was."""
    yield from commit(Changes((Put(conversation_key("v1"), listing("v1", status=Status.OPEN)),)))
    closed = listing("v1", at=later(1), status=Status.CLOSED, agent="eva")
    yield from commit(Changes((Put(conversation_key("v1"), closed),)))
    expect("the open ones", (yield from select(Conversations(Status.OPEN))), ())
    expect("those of the new agent", (yield from select(Conversations(agent="eva"))), (closed,))


def messages_come_in_order() -> Steps[None]:
    """Messages of a thread come the oldest first, those of one instant as they came in."""
    first, second = message("z", at=later(1)), message("a", at=later(1))
    oldest = message("m", at=AT)
    foreign = (attrs.evolve(message("x"), contact="c2"), attrs.evolve(message("y"), number=OTHER_NUMBER))
    for row in (first, second, oldest, *foreign):
        yield from commit(Changes((Put(message_key(row.id), row),)))
    expect("the messages", (yield from select(MessagesOf(NUMBER, "c1"))), (oldest, first, second))
    expect("those of nobody", (yield from select(MessagesOf(NUMBER, "c3"))), ())


def conversations_have_their_messages() -> Steps[None]:
    """Asked for a conversation, a store answers with its messages, whichever thread they were written in."""
    here, elsewhere = message("a", at=later(1)), attrs.evolve(message("b"), contact="c2")
    others = (attrs.evolve(message("c"), conversation="v2"), attrs.evolve(message("d"), conversation=None))
    yield from commit(Changes(tuple(Put(message_key(row.id), row) for row in (here, elsewhere, *others))))
    expect("the messages", (yield from select(MessagesOf(NUMBER, "c1", "v1"))), (elsewhere, here))


def messages_are_found_by_sid() -> Steps[None]:
    """A message is found by the provider's id, from the moment it is known."""
    yield from commit(Changes((Put(message_key("m1"), message("m1")),)))
    expect("before it is known", (yield from select(MessageBySid("SM1"))), None)
    version = (yield from load(message_key("m1")))[message_key("m1")].version
    known = attrs.evolve(message("m1"), sid="SM1")
    yield from commit(Changes((Put(message_key("m1"), known, version),)))
    expect("once it is known", (yield from select(MessageBySid("SM1"))), "m1")
    expect("the known ones of several", (yield from select(KnownSids(("SM0", "SM1", "SM2")))), frozenset({"SM1"}))
    expect("the number of known ones of none", len((yield from select(KnownSids(())))), 0)


def customers_written_to_are_counted() -> Steps[None]:
    """Customers of a pool who were written to first after an instant are counted once each, by their latest row."""
    rows = (("p", "c1", AT), ("p", "c2", later(1)), ("p", "c3", later(2)), ("q", "c4", later(9)))
    for pool, contact, at in (*rows, ("p", "c2", later(3))):
        yield from commit(Changes((Put(reach_key(pool, contact), at),)))
    for since, expected in ((later(-1), 3), (AT, 2), (later(2), 1), (later(3), 0)):
        expect(f"those after {since}", (yield from select(Reached("p", since))), expected)


def contacts_come_by_id() -> Steps[None]:
    """Contacts come by id, those after one, no more than the limit."""
    known = tuple(Contact(name) for name in ("b", "c", "a"))
    yield from commit(Changes(tuple(Put(contact_key(contact.id), contact) for contact in known)))
    for after, limit, expected in (("", 9, ["a", "b", "c"]), ("a", 1, ["b"]), ("c", 9, []), ("", 0, [])):
        found = yield from select(Contacts(after, limit))
        expect(f"{limit} after {after!r}", [contact.id for contact in found], expected)


def events_come_in_order() -> Steps[None]:
    """Events come whole and in the order they were appended; positions only grow, across commits and threads."""
    given = [event(n, contact=f"c{n % 2}") for n in range(1, 6)]
    yield from commit(Changes(events=tuple(given[:3])))
    yield from commit(Changes(events=tuple(given[3:])))
    found = yield from select(EventsAfter())
    expect("the events", [happening.event for happening in found], given)
    positions = [happening.position for happening in found]
    expect("the positions", positions, sorted(set(positions)))
    expect("whether they begin above 0", positions[0] > 0, True)
    expect("those after the second, two at most", (yield from select(EventsAfter(positions[1], 2))), found[2:4])
    expect("those after the last", (yield from select(EventsAfter(positions[-1]))), ())


def timelines_are_told_apart() -> Steps[None]:
    """A timeline has the events of one thread, or of one conversation in any thread, in order."""
    given = [event(1, None), event(2, "v1"), event(3, "v1", "c2"), event(4, "v2"), event(5, "v1")]
    yield from commit(Changes(events=tuple(given)))
    whole = yield from select(Timeline(NUMBER, "c1"))
    expect("the thread", _numbers(whole), [1, 2, 4, 5])
    expect("one conversation", _numbers((yield from select(Timeline(NUMBER, "c1", "v1")))), [2, 3, 5])
    expect("nobody", _numbers((yield from select(Timeline(OTHER_NUMBER, "c1")))), [])
    expect("positions, as in the whole store", whole[0], (yield from select(EventsAfter()))[0])


def _numbers(happenings: Iterable[Any]) -> list[int]:
    return [happening.event.n for happening in happenings]


def changes_can_be_followed() -> Steps[None]:
    """Whose rows may have changed can be told from a position on, each once, as far as the limit; so can the end."""
    expect("the end of nothing", (yield from select(LastPosition())), 0)
    expect("nothing", (yield from select(TouchedAfter(0))), Touched(0))
    given = [event(1, "v1"), event(2, "v2"), event(3, "v1"), event(4, None)]
    yield from commit(Changes(events=tuple(attrs.evolve(each, agent=_agent(each.n)) for each in given)))
    positions = [happening.position for happening in (yield from select(EventsAfter()))]
    expect("the end", (yield from select(LastPosition())), positions[-1])
    found = yield from select(TouchedAfter(0))
    expect("everything", found, Touched(positions[-1], ("v1", "v2"), ("ana", "ben")))
    expect(
        "the first two", (yield from select(TouchedAfter(0, 2))), Touched(positions[1], ("v1", "v2"), ("ana",), True)
    )
    last = yield from select(TouchedAfter(positions[2]))
    expect("after the third", last, Touched(positions[3], (), ("ben",)))
    expect("the agent of an event", (yield from select(EventsAfter()))[3].event.agent, "ben")


def _agent(n: int) -> str | None:
    return {2: "ana", 3: "ana", 4: "ben"}.get(n)


def the_waiting_are_counted() -> Steps[None]:
    """Waiting conversations are counted by queue, no further than anybody wants to know."""
    names = {"a": "sales", "b": "sales", "c": "sales", "d": "help"}
    yield from commit(
        Changes(tuple(Put(waiting_key(v), WaitingItem(queue, AT, NUMBER, "c1", v)) for v, queue in names.items()))
    )
    counted = yield from select(CountWaiting({"sales": 9, "help": 9, "none": 9}))
    expect("all of them", dict(counted), {"sales": 3, "help": 1, "none": 0})
    expect("up to two", dict((yield from select(CountWaiting({"sales": 2})))), {"sales": 2})
    found = yield from select(WaitingItems(9, ("help", "none")))
    expect("those of some queues", [item.conversation for item in found], ["d"])


def readers_miss_no_event() -> Steps[None]:
    """Somebody who follows the events while others commit sees every one of them, in order, once."""
    writers = [_append(range(n, 40, 4)) for n in range(4)]
    seen, *_ = yield from together([_follow(40), *writers])
    expect("the events seen", sorted(seen), list(range(40)))


def _append(numbers: Iterable[int]) -> Steps[list[int]]:
    for n in numbers:
        yield from commit(Changes(events=(event(n),)))
    return []


_TURNS = 2000


def _follow(wanted: int) -> Steps[list[int]]:
    seen: list[int] = []
    position = 0
    for _ in range(_TURNS):
        for happening in (yield from select(EventsAfter(position))):
            position = happening.position
            seen.append(happening.event.n)
        if len(seen) >= wanted:
            break
        yield from pause()
    return seen


def closed_conversations_come_by_age() -> Steps[None]:
    """Conversations that were closed before an instant come the oldest change first, page by page."""
    closed = (("v1", 1), ("v3", 3), ("v2", 2), ("v4", 2), ("v5", 4))
    listings = [listing(name, at=later(at), status=Status.CLOSED) for name, at in closed]
    listings.append(listing("live", at=later(1), status=Status.OPEN))
    yield from commit(Changes(tuple(Put(conversation_key(row.conversation.id), row) for row in listings)))
    pages: tuple[tuple[tuple[datetime, str] | None, list[str]], ...] = (
        (None, ["v1", "v2"]),
        ((later(2), "v2"), ["v4", "v3"]),
        ((later(3), "v3"), []),
    )
    for after, names in pages:
        found = yield from select(ClosedBefore(later(4), after, 2))
        expect(f"behind {after}", [each.conversation.id for each in found], names)


CHECKS = (
    entries_come_when_they_are_due,
    people_go_before_bulk,
    entries_come_with_their_version,
    only_the_first_of_a_lane_is_due,
    entries_keep_their_place,
    leased_lanes_are_skipped,
    one_lane_can_be_asked_for,
    the_next_instant_is_known,
    one_worker_claims_a_lane,
    the_longest_waiting_come_first,
    the_quarantine_comes_in_order,
    agents_come_by_id,
    conversations_can_be_filtered,
    closed_conversations_come_by_age,
    lists_follow_changes,
    messages_come_in_order,
    conversations_have_their_messages,
    messages_are_found_by_sid,
    customers_written_to_are_counted,
    contacts_come_by_id,
    events_come_in_order,
    timelines_are_told_apart,
    changes_can_be_followed,
    the_waiting_are_counted,
    readers_miss_no_event,
)
