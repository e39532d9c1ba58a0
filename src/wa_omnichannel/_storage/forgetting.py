"""What forgetting people comes to in SQL, the same in each dialect: rows that go, events that lose their words."""

from __future__ import annotations

from collections.abc import Iterator

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
from wa_omnichannel.ports import Forgetting

FOUND = f"SELECT position, {', '.join(EVENT_COLUMNS)} FROM {{}}event WHERE "  # noqa: S608 - names are ours
"""Begins the search for events; a condition of :func:`about` ends it. ``{}`` is the schema, if there is one."""

REWRITE = f"UPDATE {{}}event SET {', '.join(f'{name} = ?' for name in EVENT_COLUMNS)} WHERE position = ?"  # noqa: S608
"""Writes an event anew; the parameters are those of :func:`emptied`."""


def removals(forgetting: Forgetting, place: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the statements that remove rows, each with its parameters.

    Args:
        forgetting: Whom to forget.
        place: The dialect's function that tells where a text stands in another one.
    """
    holds = f"{place}(value, ?) > 0"
    for name in PERSONAL:
        yield from ((_delete(name, holds), (mentions(each),)) for each in mentioned(name, forgetting))
    for address in forgetting.addresses:
        yield _delete("outreach_item", holds), (mentions(address),)
        yield _delete(HELD, holds), (digits(address),)
    for contact in forgetting.contacts:
        yield from ((_delete(name, f"{column} = ?"), (contact,)) for name, column in KEYED.items())
        yield _delete("lane", "id LIKE ?"), (f"thread:%:{contact}",)


def _delete(name: str, condition: str) -> str:
    """Return what removes rows of one kind; those of others that share its table stay."""
    kind = KINDS[name]
    among = f"sort = '{name}' AND " if kind.plain else ""
    return f"DELETE FROM {{}}{kind.table} WHERE {among}{condition}"  # noqa: S608 - names are ours


def about(forgetting: Forgetting, place: str) -> Iterator[tuple[str, str]]:
    """Yield the conditions under which events are about those people, each with its parameter."""
    yield from (("contact = ?", contact) for contact in forgetting.contacts)
    yield from (("conversation = ?", conversation) for conversation in forgetting.closed)
    outside = f"contact = '' AND {place}(value, ?) > 0"
    yield from ((outside, digits(address)) for address in forgetting.addresses)


def emptied(row: Columns, forgetting: Forgetting) -> Columns:
    """Return the parameters of :data:`REWRITE` for an event that was found: without its words."""
    return (*event_row(forgetting.emptied(happening(row).event)), row[0])
