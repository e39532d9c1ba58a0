"""A process that commits in a loop and says so; the crash test kills it.

Usage: committing_child.py FILE NAME [count]. Each commit writes two rows, an entry, an event and a unique id.
"""

import sys
from datetime import UTC, datetime
from itertools import count

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.conversation import Contact, Thread
from wa_omnichannel.errors import ConcurrentUpdate
from wa_omnichannel.ports import Changes, Entry, NewEvent, Put, contact_key, entry_key, thread_key

NUMBER = Address("+14155550100")
AT = datetime(2026, 1, 1, tzinfo=UTC)


def changes(name: str, n: int) -> Changes:
    contact = f"{name}{n}"
    return Changes(
        (
            Put(contact_key(contact), Contact(contact, name="x" * 200), 0),
            Put(thread_key(NUMBER, contact), Thread(NUMBER, contact, NUMBER), 0),
            Put(entry_key(contact), Entry(contact, contact, "timer", AT, contact)),
        ),
        events=(NewEvent(NUMBER, contact, n, None, "received", AT, {"n": n}),),
        once=contact,
    )


def commit_for_ever(store: SqliteStore, name: str) -> None:
    for n in count():
        store.commit(changes(name, n))
        sys.stdout.write(f"{n}\n")
        sys.stdout.flush()


def add_up(store: SqliteStore, times: int) -> None:
    """Add one to a row that other processes add to as well."""
    key = thread_key(NUMBER, "shared")
    while times:
        stored = store.load([key]).get(key)
        events = stored.value.events if stored is not None else 0  # type: ignore[attr-defined]
        more = Thread(NUMBER, "shared", NUMBER, events=events + 1)
        try:
            store.commit(Changes((Put(key, more, stored.version if stored is not None else 0),)))
            times -= 1
        except ConcurrentUpdate:
            continue


if __name__ == "__main__":
    with SqliteStore(sys.argv[1]) as opened:
        if len(sys.argv) > 3:
            add_up(opened, int(sys.argv[3]))
        else:
            commit_for_ever(opened, sys.argv[2])
