"""Reading with SQL: rows by key, and the answers to every query. The same texts serve every SQL store.

In the texts, ``{}`` stands before the name of a table and ``?`` for a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol, TypeVar

from wa_omnichannel._storage.codec import decode, decode_all
from wa_omnichannel._storage.queries import Answers, answer, touched
from wa_omnichannel._storage.rows import (
    EVENT_COLUMNS,
    KINDS,
    from_microseconds,
    happening,
    kind_of,
    microseconds,
    place_of,
)
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.conversation import Contact, Message, Status
from wa_omnichannel.ports import (
    BEHIND,
    Agents,
    ClosedBefore,
    Contacts,
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
    Quarantined,
    Query,
    Reached,
    Rows,
    Stored,
    Timeline,
    Touched,
    TouchedAfter,
    WaitingItems,
)
from wa_omnichannel.webhooks import Held
from wa_omnichannel.workforce import Agent

T = TypeVar("T")

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_AT_ONCE = 50
"""How many rows one statement looks up at most."""


class Database(Protocol):
    """A connection of some SQL dialect that reads."""

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> Iterable[Any]:
        """Return the rows that a statement finds; see the module's text for how it is written."""
        ...

    def moment(self) -> AbstractContextManager[object]:
        """Let all statements inside see the same moment."""
        ...


@lru_cache(maxsize=512)
def _lookup(kinds: tuple[str, ...]) -> str:
    """Return one statement for rows of several kinds, so that all come from one moment."""
    wheres = (" AND ".join(f"{part} = ?" for part in KINDS[name].place) for name in kinds)
    return " UNION ALL ".join(
        f"SELECT {place}, version, value FROM {{}}{KINDS[name].table} WHERE {where}"  # noqa: S608 - names from KINDS alone
        for place, (name, where) in enumerate(zip(kinds, wheres, strict=True))
    )


def load(db: Database, keys: Sequence[Key]) -> Rows:
    """Return the rows that are there, all from one moment."""
    for key in keys:
        kind_of(key)
    if len(keys) <= _AT_ONCE:
        return _found(db, keys) if keys else {}
    with db.moment():
        return {key: stored for part in _parts(keys, _AT_ONCE) for key, stored in _found(db, part).items()}


def _parts(whole: Sequence[T], size: int) -> Iterator[tuple[T, ...]]:
    rest = iter(whole)
    return iter(lambda: tuple(islice(rest, size)), ())


def _found(db: Database, keys: Sequence[Key]) -> dict[Key, Stored[Any]]:
    parameters = [part for key in keys for part in place_of(key)]
    rows = db.ask(_lookup(tuple(key[0] for key in keys)), parameters)
    return {keys[place]: Stored(decode(KINDS[keys[place][0]].holds, text), version) for place, version, text in rows}


def select(db: Database, query: Query[T]) -> T:
    """Return the answer to *query*.

    Raises:
        InvalidValue: It is a question that stores do not know.
    """
    return answer(_ANSWERS, db, query)


def _stored(kind: Any, rows: Iterable[Any]) -> tuple[Stored[Any], ...]:
    return tuple(Stored(decode(kind, text), version) for version, text in rows)


def _values(kind: Any, rows: Iterable[Any]) -> tuple[Any, ...]:
    return decode_all(kind, (text for (text,) in rows))


_FIRST_OF_LANE = "NOT EXISTS (SELECT 1 FROM {}agenda AS b WHERE b.lane = a.lane AND b.position < a.position)"
_LANE_FREE = "NOT EXISTS (SELECT 1 FROM {}lane WHERE id = a.lane AND until > ?)"
_BEHIND = BEHIND // timedelta(microseconds=1)
_TURN = f"""(due + CASE WHEN replace(value, '"bulk":true', '') = value THEN 0 ELSE {_BEHIND} END)"""
"""``turn_of`` in every dialect, as the index has it; quotes inside a text are escaped, so this is the field."""
_DUE = (
    f"SELECT version, value FROM {{}}agenda AS a WHERE {_TURN} <= ? AND due <= ? AND {_LANE_FREE} AND {_FIRST_OF_LANE}"  # noqa: S608
    f" ORDER BY {_TURN}, position LIMIT ?"
)
_DUE_IN_LANE = (
    "SELECT version, value FROM (SELECT * FROM {}agenda WHERE lane = ? ORDER BY position LIMIT 1) AS a"  # noqa: S608
    f" WHERE due <= ? AND {_LANE_FREE} LIMIT ?"
)
_NEXT_DUE = f"SELECT due FROM {{}}agenda AS a WHERE {_FIRST_OF_LANE} ORDER BY due LIMIT 1"  # noqa: S608
_EVENTS = f"SELECT position, {', '.join(EVENT_COLUMNS)} FROM {{}}event WHERE "  # noqa: S608


def _due_entries(db: Database, query: DueEntries) -> tuple[Stored[Entry], ...]:
    moments = (microseconds(query.now), microseconds(query.lease_now), query.limit)
    if query.lane is None:
        return _stored(Entry, db.ask(_DUE, (moments[0] + _BEHIND, *moments)))
    return _stored(Entry, db.ask(_DUE_IN_LANE, (query.lane, *moments)))


def _next_due(db: Database, _: NextDue) -> datetime | None:
    due = _first(db.ask(_NEXT_DUE))
    return from_microseconds(due) if due is not None else None


def _quarantined(db: Database, query: Quarantined) -> tuple[Held, ...]:
    return _values(
        Held, db.ask("SELECT value FROM {}plain WHERE sort = 'quarantine' ORDER BY first LIMIT ?", (query.limit,))
    )


def _waiting(db: Database, query: WaitingItems) -> tuple[WaitingItem, ...]:
    queues = query.queues
    condition = "" if queues is None else f"WHERE queue IN ({_marks(queues)}) "
    sql = f"SELECT value FROM {{}}waiting {condition}ORDER BY since, conversation LIMIT ?"  # noqa: S608
    return _values(WaitingItem, db.ask(sql, (*(queues or ()), query.limit))) if queues != () else ()


def _agents(db: Database, _: Agents) -> tuple[Stored[Agent], ...]:
    return _stored(Agent, db.ask("SELECT version, value FROM {}agent ORDER BY id"))


def _conversations(db: Database, query: Conversations) -> tuple[Listing, ...]:
    status = query.status.value if query.status is not None else None
    filters = {"status": status, "queue": query.queue, "agent": query.agent, "number": query.number}
    where = {f"{name} = ?": value for name, value in filters.items() if value is not None}
    condition = f"WHERE {' AND '.join(where)} " if where else ""
    sql = f"SELECT value FROM {{}}conversation {condition}ORDER BY changed DESC, id LIMIT ?"  # noqa: S608
    return _values(Listing, db.ask(sql, (*where.values(), query.limit)))


def _closed_before(db: Database, query: ClosedBefore) -> tuple[Listing, ...]:
    since, name = query.after or (_BEGINNING, "")
    at = microseconds(since)
    sql = (
        "SELECT value FROM {}conversation WHERE status = ? AND changed < ?"
        " AND (changed > ? OR (changed = ? AND id > ?)) ORDER BY changed, id LIMIT ?"
    )
    parameters = (Status.CLOSED.value, microseconds(query.before), at, at, name, query.limit)
    return _values(Listing, db.ask(sql, parameters))


def _messages_of(db: Database, query: MessagesOf) -> tuple[Message, ...]:
    condition, parameters = _concerned(query)
    sql = f"SELECT value FROM {{}}message WHERE {condition} ORDER BY at, position"  # noqa: S608
    return _values(Message, db.ask(sql, parameters))


def _concerned(query: MessagesOf | Timeline) -> tuple[str, tuple[str, ...]]:
    """Return the condition for a thread or a conversation, and its parameters."""
    if query.conversation is not None:
        return "conversation = ?", (query.conversation,)
    return "number = ? AND contact = ?", (query.number, query.contact)


def _message_by_sid(db: Database, query: MessageBySid) -> str | None:
    return _first(db.ask("SELECT id FROM {}message WHERE sid = ? LIMIT 1", (query.sid,)))  # type: ignore[no-any-return]


def _first(rows: Iterable[Any]) -> Any:
    """Return the first column of the first row, None if there is none."""
    return next((value for (value,) in rows), None)


def _reached(db: Database, query: Reached) -> int:
    sql = "SELECT count(*) FROM {}reach WHERE pool = ? AND at > ?"
    return int(_first(db.ask(sql, (query.pool, microseconds(query.since)))))


def _contacts(db: Database, query: Contacts) -> tuple[Contact, ...]:
    sql = "SELECT value FROM {}contact WHERE id > ? ORDER BY id LIMIT ?"
    return _values(Contact, db.ask(sql, (query.after, query.limit)))


def _known_sids(db: Database, query: KnownSids) -> frozenset[str]:
    return frozenset(
        sid
        for part in _parts(query.sids, _AT_ONCE)
        for (sid,) in db.ask(f"SELECT sid FROM {{}}message WHERE sid IN ({_marks(part)})", part)  # noqa: S608
    )


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


def _timeline(db: Database, query: Timeline) -> tuple[Happening, ...]:
    condition, parameters = _concerned(query)
    return tuple(map(happening, db.ask(f"{_EVENTS}{condition} ORDER BY position", parameters)))


def _events_after(db: Database, query: EventsAfter) -> tuple[Happening, ...]:
    sql = f"{_EVENTS}position > ? ORDER BY position LIMIT ?"
    return tuple(map(happening, db.ask(sql, (query.position, query.limit))))


def _last_position(db: Database, _: LastPosition) -> int:
    return _first(db.ask("SELECT max(position) FROM {}event")) or 0


def _touched_after(db: Database, query: TouchedAfter) -> Touched:
    sql = "SELECT position, conversation, agent FROM {}event WHERE position > ? ORDER BY position LIMIT ?"
    return touched(query, tuple(db.ask(sql, (query.position, query.limit))))


def _count_waiting(db: Database, query: CountWaiting) -> dict[str, int]:
    sql = "SELECT count(*) FROM (SELECT 1 FROM {}waiting WHERE queue = ? LIMIT ?) AS a"
    return {queue: _first(db.ask(sql, (queue, upto))) for queue, upto in query.queues.items()}


_ANSWERS: Answers[Database] = {
    DueEntries: _due_entries,
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
