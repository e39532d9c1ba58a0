"""Durable commits of an inbound message: SqliteStore against the same statements written raw, and the codec.

One commit is what a message of a known customer writes: the de-duplication id, the thread against its version,
the message, its conversation's listing and place in the queue, an agenda entry, three events. The raw cases bind
ready-made parameters and encode nothing. All stores are files with WAL and synchronous=FULL; ratios are of
medians of one run. Run: python benchmarks/bench_storage.py [folder]
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lab import measure, report

from wa_omnichannel._storage.codec import decode, encode
from wa_omnichannel._storage.rows import event_row, microseconds
from wa_omnichannel.adapters.sqlite import AsyncSqliteStore, SqliteStore
from wa_omnichannel.adapters.sqlite.database import connect
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import WaitingItem
from wa_omnichannel.conversation import Conversation, Direction, Message, Status, Thread
from wa_omnichannel.explain import Check
from wa_omnichannel.messages import DeliveryStatus, Text
from wa_omnichannel.ports import (
    Changes,
    Entry,
    Listing,
    NewEvent,
    Put,
    conversation_key,
    entry_key,
    message_key,
    thread_key,
    waiting_key,
)
from wa_omnichannel.session import Window

NUMBER = Address("+14155550100")
AT = datetime(2026, 1, 1, 10, tzinfo=UTC)
PRODUCERS = 64
GROUP = 100
"""Commits per transaction in the raw case for many producers."""

_serial = itertools.count()


def message(n: int, customer: int) -> Message:
    return Message(
        f"{n:032x}",
        NUMBER,
        f"c{customer:031x}",
        f"v{customer:031x}",
        Direction.IN,
        Text("Hola, necesito una copia de mi factura, por favor."),
        AT,
        "customer",
        DeliveryStatus.RECEIVED,
        f"SM{n:032x}",
    )


def changes(customer: int) -> Changes:
    """Return the changes of one inbound message of a customer."""
    said = message(next(_serial), customer)
    contact, name = said.contact, str(said.conversation)
    known = Conversation(name, Status.OPEN, "main", "sales", AT, AT, AT, attributes={"first_message": "Hola"})
    thread = Thread(NUMBER, contact, Address(f"+34600{customer:06d}"), Window(AT), known, 3)
    trace = (Check("CLS-2", True, "classified", {"ruleset": "vip", "name": "gold", "sets": ("priority",)}),)
    facts = {"message": said.id, "text": "Hola, necesito una copia de mi factura"}
    kinds = ("message_received", "window_opened", "routed")
    return Changes(
        (
            Put(thread_key(NUMBER, contact), thread),
            Put(message_key(said.id), said, 0),
            Put(conversation_key(name), Listing(known, NUMBER, contact, "Ana")),
            Put(waiting_key(name), WaitingItem("sales", AT, NUMBER, contact, name)),
            Put(entry_key("assign:sales"), Entry("assign:sales", "assign:default", "assign", AT, "sales")),
        ),
        events=tuple(NewEvent(NUMBER, contact, n, name, kind, AT, facts, trace) for n, kind in enumerate(kinds)),
        once=f"in:{said.sid}",
    )


class Raw:
    """The same statements by hand."""

    def __init__(self, path: Path) -> None:
        with SqliteStore(path):  # creates the tables
            pass
        self.db = connect(path)  # with the settings of SqliteStore

    def parameters(self, customer: int) -> dict[str, object]:
        """Return what one commit binds, ready-made."""
        given = changes(customer)
        values = {put.key[0]: encode(type(put.value), put.value) for put in given.puts}
        said = message(next(_serial), customer)
        return {
            "once": f"in:{said.sid}",
            "message": said,
            "values": values,
            "events": [event_row(event) for event in given.events],
        }

    def write(self, given: dict[str, object]) -> None:
        """Carry out the statements of one commit."""
        db, said, values = self.db, given["message"], given["values"]
        assert isinstance(said, Message)
        assert isinstance(values, dict)
        at = microseconds(AT)
        db.execute("INSERT INTO done VALUES (?, 1, 'null') ON CONFLICT DO NOTHING", (given["once"],))
        db.execute(
            "INSERT INTO thread VALUES (?, ?, 1, ?) ON CONFLICT DO UPDATE SET version = version + 1,"
            " value = excluded.value",
            (said.number, said.contact, values["thread"]),
        )
        db.execute(
            "INSERT INTO message (id, number, contact, conversation, at, sid, version, value)"
            " VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING",
            (said.id, said.number, said.contact, said.conversation, at, said.sid, values["message"]),
        )
        db.execute(
            "INSERT INTO conversation VALUES (?, 'open', 'sales', NULL, ?, ?, 1, ?) ON CONFLICT DO UPDATE"
            " SET version = version + 1, value = excluded.value",
            (said.conversation, said.number, at, values["conversation"]),
        )
        db.execute(
            "INSERT INTO waiting VALUES (?, 'sales', ?, 1, ?) ON CONFLICT DO UPDATE SET since = excluded.since,"
            " version = version + 1, value = excluded.value",
            (said.conversation, at, values["waiting"]),
        )
        db.execute(
            "INSERT INTO agenda (id, lane, due, version, value) VALUES ('assign:sales', 'assign:default', ?, 1, ?)"
            " ON CONFLICT (id) DO UPDATE SET due = excluded.due, version = version + 1, value = excluded.value",
            (at, values["agenda"]),
        )
        db.executemany(
            "INSERT INTO event (number, contact, n, conversation, kind, at, value, agent)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            given["events"],
        )

    def run(self, n: int, group: int) -> float:
        """Write *n* commits, *group* in each transaction; return the seconds that took."""
        ready = [self.parameters(turn % PRODUCERS) for turn in range(n)]
        began = time.perf_counter()
        for start in range(0, n, group):
            self.db.execute("BEGIN IMMEDIATE")
            for given in ready[start : start + group]:
                self.write(given)
            self.db.execute("COMMIT")
        return time.perf_counter() - began


def one_producer(store: SqliteStore, n: int) -> float:
    ready = [changes(turn % PRODUCERS) for turn in range(n)]
    began = time.perf_counter()
    for each in ready:
        store.commit(each)
    return time.perf_counter() - began


def many_threads(store: SqliteStore, n: int) -> float:
    ready = [changes(turn % PRODUCERS) for turn in range(n)]

    def produce(mine: list[Changes]) -> None:
        for each in mine:
            store.commit(each)

    threads = [threading.Thread(target=produce, args=(ready[part::PRODUCERS],)) for part in range(PRODUCERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began


async def many_tasks(store: AsyncSqliteStore, n: int) -> float:
    ready = [changes(turn % PRODUCERS) for turn in range(n)]

    async def produce(mine: list[Changes]) -> None:
        for each in mine:
            await store.commit(each)

    began = time.perf_counter()
    await asyncio.gather(*(produce(ready[part::PRODUCERS]) for part in range(PRODUCERS)))
    return time.perf_counter() - began


def commits(folder: Path, n: int = 1280, rounds: int = 7) -> None:
    """Compare commits; the cases take turns, each on a file of its own."""
    raw_one, raw_many = Raw(folder / "raw1.sqlite"), Raw(folder / "raw2.sqlite")
    with (
        SqliteStore(folder / "one.sqlite") as one,
        SqliteStore(folder / "many.sqlite") as many,
        asyncio.Runner() as runner,
    ):
        tasks = AsyncSqliteStore(folder / "tasks.sqlite")
        runner.run(tasks.open())
        cases = {
            "raw, 1 per transaction": lambda: raw_one.run(n, 1),
            "SqliteStore, 1 producer": lambda: one_producer(one, n),
            f"raw, {GROUP} per transaction": lambda: raw_many.run(n, GROUP),
            f"SqliteStore, {PRODUCERS} threads": lambda: many_threads(many, n),
            f"AsyncSqliteStore, {PRODUCERS} tasks": lambda: runner.run(many_tasks(tasks, n)),
        }
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for turn in range(rounds + 1):
            for name, case in cases.items():
                seconds = case()
                if turn:
                    taken[name].append(seconds / n)
        runner.run(tasks.close())
    medians = {name: sorted(times)[len(times) // 2] for name, times in taken.items()}
    names = list(medians)
    single, group = medians[names[0]], medians[names[2]]
    print("Durable commits, wall time per commit")
    for name, floor in zip(names, (single, single, group, group, group), strict=True):
        print(f"  {name:<32} {medians[name] * 1e6:9.1f} us  throughput {floor / medians[name]:6.2f} x raw")


def codec(n: int = 20_000) -> None:
    """Compare the codec with json on the same dictionary."""
    row = message(1, 1)
    text = encode(Message, row)
    plain = json.loads(text)

    def ours(times: int) -> None:
        for _ in range(times):
            decode(Message, encode(Message, row))

    def floor(times: int) -> None:
        for _ in range(times):
            json.loads(json.dumps(plain))

    report(
        "Encode and decode a Message, CPU time",
        measure({"json, same dict": floor, "codec": ours}, n),
        "json, same dict",
    )


def main(arguments: Iterator[str]) -> None:
    where = next(arguments, None)
    with tempfile.TemporaryDirectory(dir=where) as folder:
        commits(Path(folder))
    codec()


if __name__ == "__main__":
    main(iter(sys.argv[1:]))
