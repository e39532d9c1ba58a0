"""The kinds of rows: what each holds, how it is named, and the columns that queries need beside the text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs

from wa_omnichannel._storage.codec import decode, encode
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.consent import Consent
from wa_omnichannel.conversation import Contact, Message, Thread
from wa_omnichannel.editions import Edition
from wa_omnichannel.errors import InvalidValue
from wa_omnichannel.explain import Facts, Trace
from wa_omnichannel.instants import aware
from wa_omnichannel.outbound import Item, Outreach
from wa_omnichannel.pacing import Pace
from wa_omnichannel.ports import (
    Changes,
    DeadLetter,
    Drop,
    Entry,
    Forgetting,
    Happening,
    Key,
    Lane,
    Listing,
    NewEvent,
    Put,
    done_key,
)
from wa_omnichannel.secret import Sealed
from wa_omnichannel.templates.catalog import Catalog
from wa_omnichannel.webhooks import Held
from wa_omnichannel.workforce import Agent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Columns = tuple[object, ...]


def microseconds(instant: datetime) -> int:
    """Return an instant as microseconds since 1970, which sort as instants do.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    return (instant - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """Return the instant of :func:`microseconds`, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


def _nothing(_: Any) -> Columns:
    return ()


@attrs.frozen
class Kind:
    """One kind of rows."""

    name: str
    """First part of the key, and name of the table unless it has none of its own."""
    holds: Any
    """Type of the value."""
    key: tuple[str, ...] = ("id",)
    """Names of the other parts of the key."""
    columns: tuple[str, ...] = ()
    """What is kept beside the text because queries need it; instants as microseconds."""
    values: Callable[[Any], Columns] = _nothing
    """Takes the columns out of a value."""
    steady: bool = False
    """Whether the columns rarely change when the value does."""
    plain: bool = False
    """Whether it is kept in the table of all plain rows: it is only ever found by its key, of at most two more parts,
    so a new one needs no change of the schema."""

    @property
    def table(self) -> str:
        """Name of its table."""
        return "plain" if self.plain else self.name

    @property
    def place(self) -> tuple[str, ...]:
        """Names of the columns that make up the key in its table; their values are those of :func:`place_of`."""
        return PLAIN if self.plain else self.key


def _message(message: Message) -> Columns:
    return (message.number, message.contact, message.conversation, microseconds(message.at), message.sid)


def _listing(listing: Listing) -> Columns:
    known = listing.conversation
    return (known.status.value, known.queue, known.agent, listing.number, microseconds(known.changed_at))


def _waiting(item: WaitingItem) -> Columns:
    return (item.queue, microseconds(item.since))


def _entry(entry: Entry) -> Columns:
    return (entry.lane, microseconds(entry.due))


def _lane(lane: Lane) -> Columns:
    return (microseconds(lane.until),)


def place_of(key: Key) -> Key:
    """Return what finds a row in its table: its key without the kind, or, if it is plain, the kind and two parts."""
    return (*key, "")[:3] if KINDS[key[0]].plain else key[1:]


PLAIN = ("sort", "first", "second")
"""Names of the parts of a key in the table of all plain rows."""

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("contact", Contact),
        Kind("alias", str, ("pool", "address")),
        Kind("thread", Thread, ("number", "contact")),
        Kind("agent", Agent),
        Kind("message", Message, ("id",), ("number", "contact", "conversation", "at", "sid"), _message, steady=True),
        Kind(
            "conversation", Listing, ("id",), ("status", "queue", "agent", "number", "changed"), _listing, steady=True
        ),
        Kind("waiting", WaitingItem, ("conversation",), ("queue", "since"), _waiting),
        Kind("agenda", Entry, ("id",), ("lane", "due"), _entry),
        Kind("dead", DeadLetter, ("id",), plain=True),
        Kind("lane", Lane, ("id",), ("until",), _lane),
        Kind("template_catalog", Catalog, ("pool",), plain=True),
        Kind("template_stamp", str, ("pool",), plain=True),
        Kind("settings", int, ("pool",), plain=True),
        Kind("edition", Edition, ("pool", "number"), plain=True),
        Kind("secret", Sealed, ("name",), plain=True),
        Kind("quarantine", Held, ("id",), plain=True),
        Kind("forgotten", Consent, ("pseudonym",), plain=True),
        Kind("outreach", Outreach, ("contact",), plain=True),
        Kind("outreach_item", Item, plain=True),
        Kind("pace", Pace, ("number", "contact"), plain=True),
        Kind("reach", datetime, ("pool", "contact"), ("at",), lambda at: (microseconds(at),)),
        Kind("tally", int, ("number", "month"), plain=True),
        Kind("done", object),
    )
}
"""Every kind of rows by name."""


def kind_of(key: Key) -> Kind:
    """Return the kind of the row that *key* names.

    Raises:
        InvalidValue: There is no such kind, or the key has too many or too few parts.
    """
    kind = KINDS.get(key[0]) if key else None
    if kind is None or len(key) != len(kind.key) + 1:
        raise InvalidValue("key", str(key), f"Make keys with the functions of ports; kinds are {', '.join(KINDS)}.")
    return kind


def settled(changes: Changes) -> Changes:
    """Return what of *changes* is carried out: one put for each key, and no drop of a row that is written.

    Raises:
        InvalidValue: A key or a value is not one that stores keep.
    """
    puts = _final_puts(changes)
    for put in puts.values():
        _check(kind_of(put.key), put.value)
    for key in (*(drop.key for drop in changes.drops), *(key for key, _ in changes.relies_on)):
        kind_of(key)
    drops = _final_drops(changes, puts)
    if len(puts) == len(changes.puts) and len(drops) == len(changes.drops):
        return changes
    return Changes(tuple(puts.values()), drops, changes.relies_on, changes.events, changes.once, changes.result)


def _check(kind: Kind, value: object) -> None:
    if not isinstance(value, kind.holds):
        fix = f"A {kind.name} row holds a {kind.holds.__name__}."
        raise InvalidValue("value", type(value).__name__, fix)


def _final_puts(changes: Changes) -> dict[Key, Put]:
    """Return what is written in the end: of several puts of one key the last, with the guard of any."""
    puts: dict[Key, Put] = {put.key: put for put in changes.puts}
    if len(puts) == len(changes.puts):
        return puts
    puts.clear()
    for put in changes.puts:
        known = puts.get(put.key)
        guarded = known is not None and known.expected is not None and put.expected is None
        puts[put.key] = attrs.evolve(put, expected=known.expected) if known is not None and guarded else put
    return puts


def _final_drops(changes: Changes, puts: Mapping[Key, Put]) -> tuple[Drop, ...]:
    """Return the drops that are carried out: those whose row the same commit does not write."""
    done = done_key(changes.once) if changes.once is not None else None
    return tuple(drop for drop in changes.drops if drop.key not in puts and drop.key != done)


PERSONAL = ("contact", "alias", "thread", "message", "conversation", "waiting", "agenda", "dead", "outreach", "done")
"""Kinds of rows that may be about a customer, whom their text mentions."""

KEYED = {"pace": "second", "reach": "contact"}
"""Kinds of rows whose key names a customer, and the column that does."""

HELD = "quarantine"
"""Webhooks that nobody could be given: whole, so an address stands there in any spelling."""

IMPERSONAL = frozenset(
    {"agent", "template_catalog", "template_stamp", "settings", "edition", "secret", "forgotten", "tally"}
)
"""Kinds of rows that hold nothing about a customer; ``forgotten`` is found by a keyed hash only."""


def digits(address: str) -> str:
    """Return what every spelling of an address holds."""
    return address.removeprefix("+")


_OF_CONVERSATIONS = frozenset({"message", "conversation", "agenda", "dead", "done"})


def mentioned(kind: str, forgetting: Forgetting) -> tuple[str, ...]:
    """Return the ids whose mention makes a row of *kind* go."""
    results = forgetting.conversations if kind == "done" else ()
    closed = forgetting.closed if kind in _OF_CONVERSATIONS else ()
    return (*forgetting.contacts, *results, *closed)


def mentions(id: str) -> str:  # noqa: A002 - it is one
    """Return how the text of a row mentions an id."""
    return encode(str, id)


@attrs.frozen
class _Details:
    """What an event holds beside its columns."""

    facts: Facts
    trace: Trace = ()


EVENT_COLUMNS = ("number", "contact", "n", "conversation", "kind", "at", "value", "agent")
"""Columns of an event after its position."""


def event_row(event: NewEvent) -> Columns:
    """Return the columns of an event.

    Raises:
        InvalidValue: Its instant has no time zone.
    """
    aware(event.at, "at")
    details = encode(_Details, _Details(event.facts, event.trace))
    at = microseconds(event.at)
    return (event.number, event.contact, event.n, event.conversation, event.kind, at, details, event.agent)


def happening(row: Any) -> Happening:
    """Return the event of a row: its position, then its columns."""
    position, number, contact, n, conversation, kind, at, text, agent = row
    details = decode(_Details, text)
    instant = from_microseconds(at)
    event = NewEvent(Address(number), contact, n, conversation, kind, instant, details.facts, details.trace, agent)
    return Happening(position, event)
