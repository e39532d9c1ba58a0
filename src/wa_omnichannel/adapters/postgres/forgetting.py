"""Forgetting people: their rows, the words of their events, and the old versions of both in the tables' files.

The write-ahead log and backups of the server keep what they have until the server or its owner drops them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
from wa_omnichannel.adapters.postgres.database import Database
from wa_omnichannel.ports import Forgetting

_EVENTS = f"SELECT position, {', '.join(EVENT_COLUMNS)} FROM {{}}event WHERE "  # noqa: S608 - names are ours
_REWRITE = (
    f"UPDATE {{}}event SET {', '.join(f'{name} = ?' for name in EVENT_COLUMNS)}"  # noqa: S608 - names are ours
    " WHERE position = ? RETURNING position"
)
_LANES = "DELETE FROM {}lane WHERE id LIKE ? RETURNING id"


def forget(database: Database, forgetting: Forgetting) -> int:
    """Remove every trace of people from a schema; others may go on working meanwhile, but wait at the end.

    Returns:
        The number of rows that were removed and events that were emptied.

    Raises:
        StoreUnavailable: The database cannot be reached; repeat it.
    """
    connection = database.connection()
    with database.translated(), connection.transaction():
        count = sum(_rows(database, forgetting)) + _events(database, forgetting)
    for table in sorted({kind.table for kind in KINDS.values()} | {"event"}):
        database.do(f"VACUUM (FULL) {{}}{table}")
    return count


def _rows(database: Database, forgetting: Forgetting) -> Iterator[int]:
    """Remove the rows, and yield how many."""
    for name in PERSONAL:
        sql = f"DELETE FROM {{}}{KINDS[name].table} WHERE strpos(value, ?) > 0 RETURNING 1"  # noqa: S608
        yield from (len(database.ask(sql, (mentions(each),))) for each in mentioned(name, forgetting))
    held = "DELETE FROM {}plain WHERE sort = ? AND strpos(value, ?) > 0 RETURNING 1"
    for address in forgetting.addresses:
        yield len(database.ask(held, ("outreach_item", mentions(address))))
        yield len(database.ask(held, (HELD, digits(address))))
    for contact in forgetting.contacts:
        for name, column in KEYED.items():
            sql = f"DELETE FROM {{}}{KINDS[name].table} WHERE {column} = ? RETURNING 1"  # noqa: S608 - names are ours
            yield len(database.ask(sql, (contact,)))
        yield len(database.ask(_LANES, (f"thread:%:{contact}",)))


def _events(database: Database, forgetting: Forgetting) -> int:
    """Empty the events, and return how many."""
    found = [*_about(database, "contact = ?", forgetting.contacts)]
    found += _about(database, "conversation = ?", forgetting.closed)
    found += _about(database, "contact = '' AND strpos(value, ?) > 0", map(digits, forgetting.addresses))
    for row in found:
        database.ask(_REWRITE, (*event_row(forgetting.emptied(happening(row).event)), row[0]))
    return len(found)


def _about(database: Database, condition: str, values: Iterable[str]) -> Iterator[Columns]:
    return (row for value in values for row in database.ask(_EVENTS + condition, (value,)))
