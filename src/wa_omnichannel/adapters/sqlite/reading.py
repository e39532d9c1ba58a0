"""Reading: rows by key, and the answers to every query."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

from wa_omnichannel._storage.codec import decode
from wa_omnichannel._storage.queries import Answers, answer, touched
from wa_omnichannel._storage.rows import (
    EVENT_COLUMNS,
    KINDS,
    from_microseconds,
    happening,
    kind_of,
    microseconds,
)
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.conversation import Message
from wa_omnichannel.ports import (
    Agents,
    Conversations,
    CountWaiting,
    DueEntries,
    Entry,
    EventsAfter,
    Happening,
    Key,
    KnownSids,
    LastPosition,
    Listing,
    MessageBySid,
    MessagesOf,
    NextDue,
    Query,
    Rows,
    Stored,
    Timeline,
    Touched,
    TouchedAfter,
    WaitingItems,
)
from wa_omnichannel.workforce import Agent

T = TypeVar("T")

_AT_ONCE = 50
"""How many rows one statement looks up at most."""


@lru_cache(maxsize=512)
def _lookup(kinds: tuple[str, ...]) -> str:
    """Return one statement for rows of several kinds, so that all come from one moment."""
    return " UNION ALL ".join(
        f"SELECT {place}, version, value FROM {name} WHERE {' AND '.join(f'{part} = ?' for part in KINDS[name].key)}"  # noqa: S608 - names from KINDS alone
        for place, name in enumerate(kinds)
    )


def load(db: sqlite3.Connection, keys: Sequence[Key]) -> Rows:
    """Return the rows that are there, all from one moment."""
    for key in keys:
        kind_of(key)
    if len(keys) <= _AT_ONCE:
        return _found(db, keys) if keys else {}
    db.execute("BEGIN")
    try:
        rest = iter(keys)
        parts = iter(lambda: tuple(islice(rest, _AT_ONCE)), ())
        return {key: stored for part in parts for key, stored in _found(db, part).items()}
    finally:
        db.execute("COMMIT")


def _found(db: sqlite3.Connection, keys: Sequence[Key]) -> dict[Key, Stored[Any]]:
    parameters = [part for key in keys for part in key[1:]]
    rows = db.execute(_lookup(tuple(key[0] for key in keys)), parameters)
    return {keys[place]: Stored(decode(KINDS[keys[place][0]].holds, text), version) for place, version, text in rows}


def select(db: sqlite3.Connection, query: Query[T]) -> T:
    """Return the answer to *query*.

    Raises:
        InvalidValue: It is a question that stores do not know.
    """
    return answer(_ANSWERS, db, query)


def _stored(kind: Any, rows: Iterable[Any]) -> tuple[Stored[Any], ...]:
    return tuple(Stored(decode(kind, text), version) for version, text in rows)


def _values(kind: Any, rows: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(decode(kind, text) for (text,) in rows)


_FIRST_OF_LANE = "NOT EXISTS (SELECT 1 FROM agenda AS b WHERE b.lane = a.lane AND b.position < a.position)"
_LANE_FREE = "NOT EXISTS (SELECT 1 FROM lane WHERE id = a.lane AND until > ?)"
_DUE = (
    f"SELECT version, value FROM agenda AS a WHERE due <= ? AND {_LANE_FREE} AND {_FIRST_OF_LANE}"  # noqa: S608
    " ORDER BY due, position LIMIT ?"
)
_DUE_IN_LANE = (
    "SELECT version, value FROM (SELECT * FROM agenda WHERE lane = ? ORDER BY position LIMIT 1) AS a"  # noqa: S608
    f" WHERE due <= ? AND {_LANE_FREE} LIMIT ?"
)
_NEXT_DUE = f"SELECT due FROM agenda AS a WHERE {_FIRST_OF_LANE} ORDER BY due LIMIT 1"  # noqa: S608
_EVENTS = f"SELECT position, {', '.join(EVENT_COLUMNS)} FROM event WHERE "  # noqa: S608


def _due_entries(db: sqlite3.Connection, query: DueEntries) -> tuple[Stored[Entry], ...]:
    moments = (microseconds(query.now), microseconds(query.lease_now), query.limit)
    if query.lane is None:
        return _stored(Entry, db.execute(_DUE, moments))
    return _stored(Entry, db.execute(_DUE_IN_LANE, (query.lane, *moments)))


def _next_due(db: sqlite3.Connection, _: NextDue) -> datetime | None:
    row = db.execute(_NEXT_DUE).fetchone()
    return from_microseconds(row[0]) if row else None


def _waiting(db: sqlite3.Connection, query: WaitingItems) -> tuple[WaitingItem, ...]:
    queues = query.queues
    condition = "" if queues is None else f"WHERE queue IN ({', '.join('?' * len(queues))}) "
    sql = f"SELECT value FROM waiting {condition}ORDER BY since, conversation LIMIT ?"  # noqa: S608
    return _values(WaitingItem, db.execute(sql, (*(queues or ()), query.limit)))


def _agents(db: sqlite3.Connection, _: Agents) -> tuple[Stored[Agent], ...]:
    return _stored(Agent, db.execute("SELECT version, value FROM agent ORDER BY id"))


def _conversations(db: sqlite3.Connection, query: Conversations) -> tuple[Listing, ...]:
    status = query.status.value if query.status is not None else None
    filters = {"status": status, "queue": query.queue, "agent": query.agent, "number": query.number}
    where = {f"{name} = ?": value for name, value in filters.items() if value is not None}
    condition = f"WHERE {' AND '.join(where)} " if where else ""
    sql = f"SELECT value FROM conversation {condition}ORDER BY changed DESC, id LIMIT ?"  # noqa: S608
    return _values(Listing, db.execute(sql, (*where.values(), query.limit)))


def _messages_of(db: sqlite3.Connection, query: MessagesOf) -> tuple[Message, ...]:
    condition, parameters = _concerned(query)
    sql = f"SELECT value FROM message WHERE {condition} ORDER BY at, position"  # noqa: S608
    return _values(Message, db.execute(sql, parameters))


def _concerned(query: MessagesOf | Timeline) -> tuple[str, tuple[str, ...]]:
    """Return the condition for a thread or a conversation, and its parameters."""
    if query.conversation is not None:
        return "conversation = ?", (query.conversation,)
    return "number = ? AND contact = ?", (query.number, query.contact)


def _message_by_sid(db: sqlite3.Connection, query: MessageBySid) -> str | None:
    row = db.execute("SELECT id FROM message WHERE sid = ? LIMIT 1", (query.sid,)).fetchone()
    return row[0] if row else None


def _known_sids(db: sqlite3.Connection, query: KnownSids) -> frozenset[str]:
    return frozenset(sid for sid in query.sids if _message_by_sid(db, MessageBySid(sid)) is not None)


def _timeline(db: sqlite3.Connection, query: Timeline) -> tuple[Happening, ...]:
    condition, parameters = _concerned(query)
    return tuple(map(happening, db.execute(f"{_EVENTS}{condition} ORDER BY position", parameters)))


def _events_after(db: sqlite3.Connection, query: EventsAfter) -> tuple[Happening, ...]:
    sql = f"{_EVENTS}position > ? ORDER BY position LIMIT ?"
    return tuple(map(happening, db.execute(sql, (query.position, query.limit))))


def _last_position(db: sqlite3.Connection, _: LastPosition) -> int:
    (position,) = db.execute("SELECT max(position) FROM event").fetchone()
    return position or 0


def _touched_after(db: sqlite3.Connection, query: TouchedAfter) -> Touched:
    sql = "SELECT position, conversation, agent FROM event WHERE position > ? ORDER BY position LIMIT ?"
    return touched(query, db.execute(sql, (query.position, query.limit)).fetchall())


def _count_waiting(db: sqlite3.Connection, query: CountWaiting) -> dict[str, int]:
    sql = "SELECT count(*) FROM (SELECT 1 FROM waiting WHERE queue = ? LIMIT ?)"
    return {queue: db.execute(sql, (queue, upto)).fetchone()[0] for queue, upto in query.queues.items()}


_ANSWERS: Answers[sqlite3.Connection] = {
    DueEntries: _due_entries,
    NextDue: _next_due,
    WaitingItems: _waiting,
    Agents: _agents,
    Conversations: _conversations,
    MessagesOf: _messages_of,
    MessageBySid: _message_by_sid,
    KnownSids: _known_sids,
    Timeline: _timeline,
    EventsAfter: _events_after,
    LastPosition: _last_position,
    TouchedAfter: _touched_after,
    CountWaiting: _count_waiting,
}
