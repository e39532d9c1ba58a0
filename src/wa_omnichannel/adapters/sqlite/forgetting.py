"""Forgetting people: their rows, the words of their events, and what SQLite keeps of both beside its tables."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from wa_omnichannel._storage.forgetting import FOUND, REWRITE, about, emptied, removals
from wa_omnichannel.adapters.sqlite.database import translated
from wa_omnichannel.errors import StoreUnavailable
from wa_omnichannel.ports import Forgetting

_PLACE = "instr"
_SCHEMA = ""


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
            count = _rows(db, forgetting) + _events(db, forgetting)
            db.execute("COMMIT")
        finally:
            if db.in_transaction:
                db.execute("ROLLBACK")
        db.execute("VACUUM")
        busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise StoreUnavailable(f"Somebody reads {path}, so old pages had to stay; repeat it.")
    return count


def _rows(db: sqlite3.Connection, forgetting: Forgetting) -> int:
    """Remove the rows, and return how many."""
    statements = removals(forgetting, _PLACE)
    return sum(db.execute(sql.format(_SCHEMA), parameters).rowcount for sql, parameters in statements)


def _events(db: sqlite3.Connection, forgetting: Forgetting) -> int:
    """Empty the events, and return how many."""
    conditions, find = about(forgetting, _PLACE), FOUND.format(_SCHEMA)
    found = [row for condition, value in conditions for row in db.execute(find + condition, (value,)).fetchall()]
    db.executemany(REWRITE.format(_SCHEMA), [emptied(row, forgetting) for row in found])
    return len(found)
