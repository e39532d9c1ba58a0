"""Forgetting people: their rows, the words of their events, and what SQLite keeps of both beside its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from wa_omnichannel._storage.rows import (
    EVENT_COLUMNS,
    HELD,
    KEYED,
    KINDS,
    PERSONAL,
    Columns,
    digits,
    event_row,
    happening,
    mentioned,
    mentions,
)
from wa_omnichannel.adapters.sqlite.database import translated
from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.ports import Forgetting

_EVENTS = f"SELECT position, {', '.join(EVENT_COLUMNS)} FROM event WHERE "  # noqa: S608 - names are ours
_REWRITE = f"UPDATE event SET {', '.join(f'{name} = ?' for name in EVENT_COLUMNS)} WHERE position = ?"  # noqa: S608


def forget(db: sqlite3.Connection, path: Path, forgetting: Forgetting) -> int:
    """Remove every trace of people from a database that nobody else writes to.

    Returns:
        The number of rows that were removed and events that were emptied.

    Raises:
        StoreUnavailable: The database is locked, or somebody reads, so that old pages had to stay.
    """
    with translated(path):
        db.execute("BEGIN IMMEDIATE")
        try:
            count = sum(_rows(db, forgetting)) + _events(db, forgetting)
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
        db.execute("VACUUM")
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise StoreUnavailable(f"Somebody reads {path}, so old pages had to stay; repeat it.")
    return count


def _rows(db: sqlite3.Connection, forgetting: Forgetting) -> Iterator[int]:
    """Remove the rows, and yield how many."""
    for name in PERSONAL:
        sql = f"DELETE FROM {KINDS[name].table} WHERE instr(value, ?) > 0"  # noqa: S608
        yield from (db.execute(sql, (mentions(each),)).rowcount for each in mentioned(name, forgetting))
    for address in forgetting.addresses:
        sql = "DELETE FROM plain WHERE sort = 'outreach_item' AND instr(value, ?) > 0"
        yield db.execute(sql, (mentions(address),)).rowcount
        held = "DELETE FROM plain WHERE sort = ? AND instr(value, ?) > 0"
        yield db.execute(held, (HELD, digits(address))).rowcount
    for contact in forgetting.contacts:
        for name, column in KEYED.items():
            sql = f"DELETE FROM {KINDS[name].table} WHERE {column} = ?"  # noqa: S608 - names are ours
            yield db.execute(sql, (contact,)).rowcount
        yield db.execute("DELETE FROM lane WHERE id LIKE ?", (f"thread:%:{contact}",)).rowcount


def _events(db: sqlite3.Connection, forgetting: Forgetting) -> int:
    """Empty the events, and return how many."""
    found = [*_about(db, "contact = ?", forgetting.contacts), *_about(db, "conversation = ?", forgetting.closed)]
    found += _about(db, "contact = '' AND instr(value, ?) > 0", map(digits, forgetting.addresses))
    db.executemany(_REWRITE, [(*event_row(forgetting.emptied(happening(row).event)), row[0]) for row in found])
    return len(found)


def _about(db: sqlite3.Connection, condition: str, values: Iterable[str]) -> Iterator[Columns]:
    return (row for value in values for row in db.execute(_EVENTS + condition, (value,)).fetchall())
