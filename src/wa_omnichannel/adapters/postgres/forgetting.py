"""Forgetting people: their rows, the words of their events, and the old versions of both in the tables' files.

The write-ahead log and backups of the server keep what they have until the server or its owner drops them.
"""

from __future__ import annotations

from wa_omnichannel._storage.forgetting import FOUND, REWRITE, about, emptied, removals
from wa_omnichannel._storage.rows import KINDS
from wa_omnichannel.adapters.postgres.database import Database
from wa_omnichannel.ports import Forgetting

_PLACE = "strpos"


def forget(database: Database, forgetting: Forgetting) -> int:
    """Remove every trace of people from a schema; others may go on working meanwhile, but wait at the end.

    Returns:
        The number of rows that were removed and events that were emptied.

    Raises:
        StoreUnavailable: The database cannot be reached; repeat it.
    """
    connection = database.connection()
    with database.translated(), connection.transaction():
        count = _rows(database, forgetting) + _events(database, forgetting)
    for table in sorted({kind.table for kind in KINDS.values()} | {"event"}):
        database.do(f"VACUUM (FULL) {{}}{table}")
    return count


def _rows(database: Database, forgetting: Forgetting) -> int:
    """Remove the rows, and return how many."""
    statements = removals(forgetting, _PLACE)
    return sum(len(database.ask(f"{sql} RETURNING 1", parameters)) for sql, parameters in statements)


def _events(database: Database, forgetting: Forgetting) -> int:
    """Empty the events, and return how many."""
    conditions = about(forgetting, _PLACE)
    found = [row for condition, value in conditions for row in database.ask(FOUND + condition, (value,))]
    for row in found:
        database.ask(f"{REWRITE} RETURNING position", emptied(row, forgetting))
    return len(found)
