"""Writing: the changes of one commit as statements, and many commits in one transaction."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from wa_omnichannel._storage.batching import Ticket
from wa_omnichannel._storage.codec import decode, encode
from wa_omnichannel._storage.rows import (
    EVENT_COLUMNS,
    KINDS,
    Columns,
    Kind,
    event_row,
    place_of,
    settled,
)
from wa_omnichannel.adapters.sqlite.database import FAILURES, problem, translated
from wa_omnichannel.errors import AlreadyDone, ConcurrentUpdate, StoreError, WaOmnichannelError
from wa_omnichannel.ports import Changes, Key, Put, done_key


@attrs.frozen
class _Statements:
    """The statements of one table. Names come from :data:`KINDS` alone, values are always bound."""

    insert: str
    """Writes a row unless it is there."""
    upsert: str
    update: str
    """Writes a row that has a version."""
    value: str
    """Writes a row whose columns stay the same; touches no index."""
    value_of_version: str
    version: str
    delete: str
    delete_version: str


def _compose(kind: Kind) -> _Statements:
    table, columns = kind.table, kind.columns
    names = ", ".join((*kind.place, *columns, "version", "value"))
    marks = ", ".join("?" * (len(kind.place) + len(columns) + 2))
    insert = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT"  # noqa: S608 - see the class
    where = " WHERE " + " AND ".join(f"{name} = ?" for name in kind.place)
    same = "".join(f" AND {name} IS ?" for name in columns)
    later = "version = version + 1, value = "
    excluded = "".join(f"{name} = excluded.{name}, " for name in columns)
    assigned = "".join(f"{name} = ?, " for name in columns)
    value = f"UPDATE {table} SET {later}?{where}{same}"  # noqa: S608
    return _Statements(
        f"{insert} DO NOTHING",
        f"{insert} ({', '.join(kind.place)}) DO UPDATE SET {excluded}{later}excluded.value",
        f"UPDATE {table} SET {assigned}{later}?{where} AND version = ?",  # noqa: S608
        value,
        f"{value} AND version = ?",
        f"SELECT version FROM {table}{where}",  # noqa: S608
        f"DELETE FROM {table}{where}",  # noqa: S608
        f"DELETE FROM {table}{where} AND version = ?",  # noqa: S608
    )


_STATEMENTS: Mapping[str, _Statements] = {name: _compose(kind) for name, kind in KINDS.items()}
_INSERT_EVENT = f"INSERT INTO event ({', '.join(EVENT_COLUMNS)}) VALUES ({', '.join('?' * len(EVENT_COLUMNS))})"  # noqa: S608
_RESULT = "SELECT value FROM done WHERE id = ?"


@attrs.define
class _Write:
    """One row to write, ready to be bound."""

    statements: _Statements
    key: Key
    """What finds it in its table."""
    columns: Columns
    value: str
    expected: int | None
    steady: bool
    name: str
    """The whole key as text, for errors."""


@attrs.define
class Order:
    """The changes of one commit, ready to be bound."""

    once: str | None
    result: str
    relies_on: tuple[tuple[Key, int], ...]
    drops: tuple[tuple[Key, int | None], ...]
    writes: tuple[_Write, ...]
    events: tuple[Columns, ...]


def order_of(changes: Changes) -> Order:
    """Check and encode *changes*; done by who asks, so that the writing thread only writes.

    Raises:
        InvalidValue: A key or a value is not one that stores keep.
    """
    changes = settled(changes)
    return Order(
        changes.once,
        encode(object, changes.result) if changes.once is not None else "",
        changes.relies_on,
        tuple((drop.key, drop.version) for drop in changes.drops),
        tuple(_write_of(put) for put in changes.puts),
        tuple(event_row(event) for event in changes.events),
    )


def _write_of(put: Put) -> _Write:
    name = put.key[0]
    kind = KINDS[name]
    text = encode(kind.holds, put.value)
    columns = kind.values(put.value)
    return _Write(_STATEMENTS[name], place_of(put.key), columns, text, put.expected, kind.steady, "/".join(put.key))


def _carry_out(db: sqlite3.Connection, order: Order) -> None:
    """Write one order inside a transaction; on an error the caller takes everything back."""
    stale = next((key for key, version in order.relies_on if _version(db, key) != version), None)
    if order.once is not None:
        _record(db, order.once, order.result)
    if stale is not None:
        raise ConcurrentUpdate("/".join(stale))
    for key, only in order.drops:
        statements = _STATEMENTS[key[0]]
        if only is None:
            db.execute(statements.delete, place_of(key))
        else:
            db.execute(statements.delete_version, (*place_of(key), only))
    for write in order.writes:
        _write(db, write)
    if order.events:
        db.executemany(_INSERT_EVENT, order.events)


def _record(db: sqlite3.Connection, once: str, result: str) -> None:
    kind, key = done_key(once)
    if not db.execute(_STATEMENTS[kind].insert, (key, _first_version(), result)).rowcount:
        (first,) = db.execute(_RESULT, (key,)).fetchone()
        raise AlreadyDone(once, decode(object, first))


def _version(db: sqlite3.Connection, key: Key) -> int:
    row = db.execute(_STATEMENTS[key[0]].version, place_of(key)).fetchone()
    return row[0] if row else 0


def _first_version() -> int:
    """Return a version for a new row: by chance, so that a row that comes back never has one it had before."""
    return random.getrandbits(52) + 1


def _write(db: sqlite3.Connection, write: _Write) -> None:
    sql, key, columns, value = write.statements, write.key, write.columns, write.value
    if write.expected is None:
        done = write.steady and db.execute(sql.value, (value, *key, *columns)).rowcount
        done = done or db.execute(sql.upsert, (*key, *columns, _first_version(), value)).rowcount
    elif write.expected == 0:
        done = db.execute(sql.insert, (*key, *columns, _first_version(), value)).rowcount
    else:
        done = write.steady and db.execute(sql.value_of_version, (value, *key, *columns, write.expected)).rowcount
        done = done or db.execute(sql.update, (*columns, value, *key, write.expected)).rowcount
    if not done:
        raise ConcurrentUpdate(write.name)


class _TakeBack(Exception):
    """An order of a batch was refused after it had written something."""


class Writer:
    """Writes batches of orders, each batch in one transaction."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        """Write to *db*, which nobody else uses."""
        self.db = db
        self.path = path
        self.close = db.close

    def write(self, tickets: list[Ticket[Order]]) -> None:
        """Write a batch; every ticket gets its own outcome.

        The batch is tried without savepoints first, because refusals are rare and savepoints are not free; if
        an order is refused, the batch is begun again with one savepoint for each. If the whole transaction
        fails, every order of it has failed.
        """
        try:
            with translated(self.path):
                try:
                    self._transaction(tickets, self._hopeful)
                except _TakeBack:
                    self._transaction(tickets, self._careful)
        except WaOmnichannelError as error:
            for ticket in tickets:
                ticket.error = error

    def _transaction(self, tickets: list[Ticket[Order]], attempt: Callable[[Order], WaOmnichannelError | None]) -> None:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            for ticket in tickets:
                ticket.error = attempt(ticket.request)
            self.db.execute("COMMIT")
        finally:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")

    def _hopeful(self, order: Order) -> WaOmnichannelError | None:
        """Write one order; give up the batch if something must be taken back."""
        try:
            _carry_out(self.db, order)
        except AlreadyDone as done:
            return done  # found out before anything was written
        except (ConcurrentUpdate, *FAILURES) as error:
            raise _TakeBack from error
        return None

    def _careful(self, order: Order) -> WaOmnichannelError | None:
        """Write one order or nothing of it; return why not."""
        self.db.execute("SAVEPOINT one")
        try:
            _carry_out(self.db, order)
        except StoreError as refusal:
            self.db.execute("ROLLBACK TO one")
            return refusal
        except FAILURES as error:
            if not self.db.in_transaction:  # SQLite took back the whole transaction
                raise
            self.db.execute("ROLLBACK TO one")
            return problem(self.path, error)
        finally:
            if self.db.in_transaction:
                self.db.execute("RELEASE one")
        return None
