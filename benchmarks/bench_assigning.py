"""Assignment through the façade on SQLite: 100,000 waiting conversations, 1,000 agents, several processes.

Run: python benchmarks/bench_assigning.py [items] [processes]
"""

from __future__ import annotations

import gc
import multiprocessing
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wa_omnichannel.adapters.sqlite import SqliteStore
from wa_omnichannel.addresses import Address
from wa_omnichannel.assignment import Pool
from wa_omnichannel.conversation import Contact, Conversation, Status, Thread, item_of
from wa_omnichannel.omnichannel import Omnichannel
from wa_omnichannel.ports import (
    Changes,
    Entry,
    Listing,
    Put,
    WaitingItems,
    agent_key,
    contact_key,
    conversation_key,
    entry_key,
    thread_key,
    waiting_key,
)
from wa_omnichannel.routing import Queue, Workstream
from wa_omnichannel.rules import Number, Rules
from wa_omnichannel.session import Window
from wa_omnichannel.skills import Requirement
from wa_omnichannel.workforce import Agent, Presence

NUMBER = Address("+14155550100")
AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
QUEUES = tuple(f"q{n}" for n in range(20))
RULES = Rules([Number(NUMBER, "Shop", "main")], [Workstream("main", "q0")], [Queue(name) for name in QUEUES])
ROUNDS = 5


def conversation(n: int) -> Conversation:
    since = AT + timedelta(seconds=n)
    skills = Requirement.of({"es": 1 + n % 3} if n % 2 else {})
    return Conversation(
        f"v{n}", Status.OPEN, "main", QUEUES[n % 20], since, since, since, attributes={"n": n}, needs=skills
    )


def rows(n: int) -> tuple[Put, ...]:
    known, contact = conversation(n), f"c{n}"
    return (
        Put(contact_key(contact), Contact(contact, (Address(f"+346{n:08d}"),)), 0),
        Put(thread_key(NUMBER, contact), Thread(NUMBER, contact, Address(f"+346{n:08d}"), Window(AT), known, 3), 0),
        Put(conversation_key(known.id), Listing(known, NUMBER, contact), 0),
        Put(waiting_key(known.id), item_of(NUMBER, contact, known, RULES.assignment), 0),
    )


def fill(path: Path, items: int, agents: int, free: int) -> None:
    """Write so many waiting conversations, and agents with so many free units each."""
    with SqliteStore(path) as store:
        for first in range(0, items, 1000):
            puts = [put for n in range(first, min(first + 1000, items)) for put in rows(n)]
            store.commit(Changes(tuple(puts)))
        staff = (
            Agent(f"a{n}", f"A{n}", frozenset(QUEUES[n % 20 : n % 20 + 4]), Presence.AVAILABLE, free, skills={"es": 3})
            for n in range(agents)
        )
        store.commit(Changes(tuple(Put(agent_key(agent.id), agent, 0) for agent in staff)))


def trigger(store: SqliteStore) -> None:
    entry = Entry("assign:default", "assign:default", "assign", AT, "q0")
    store.commit(Changes((Put(entry_key(entry.id), entry),)))


def desk(store: SqliteStore) -> Omnichannel:
    return Omnichannel(RULES, store=store, transport=None)


def cycle_cost(folder: Path, items: int) -> float:
    """Return the median time of a cycle in which one agent has one unit more, once the index is there."""
    path = folder / f"cycle{items}.db"
    fill(path, items, 1000, 0)
    taken = []
    with SqliteStore(path) as store:
        channel = desk(store)
        trigger(store)
        channel.tick()
        for n in range(60):
            known = next(agent for agent in channel.agents() if agent.id == f"a{n}")
            channel.put_agent(Agent(known.id, known.name, known.queues, Presence.AVAILABLE, 1, skills=known.skills))
            began = time.perf_counter()
            channel.tick()
            taken.append(time.perf_counter() - began)
            assert next(agent for agent in channel.agents() if agent.id == f"a{n}").used == 1
    return statistics.median(taken)


def restart(folder: Path, items: int) -> None:
    path = folder / "restart.db"
    fill(path, items, 1000, 3)
    parts: dict[str, list[float]] = {"read": [], "build": []}
    with SqliteStore(path) as store:
        staff = desk(store).agents()
        for _ in range(ROUNDS):
            gc.collect()
            began = time.process_time()
            found = store.select(WaitingItems(2**62))
            read = time.process_time()
            pool = Pool(RULES.assignment, staff, found)
            parts["build"].append(time.process_time() - read)
            parts["read"].append(read - began)
        one = [(pairing.item.conversation, pairing.agent) for pairing in pool.assign(AT)]
        again = Pool(RULES.assignment, staff, found)
        assert one == [(pairing.item.conversation, pairing.agent) for pairing in again.assign(AT)]
        assert len(one) == 3000
    read, build = (statistics.median(parts[name]) for name in ("read", "build"))
    print(f"restart with {items:,} items: rows read in {read:.2f} s of CPU, index built in {build:.2f} s")


def work(path: str, left: int, begin: object) -> None:
    """Tick as a worker does, often, until nobody can be assigned any more."""
    with SqliteStore(path) as store:
        channel = desk(store)
        begin.wait()  # type: ignore[attr-defined]
        while count(path, "open") > left:
            if not channel.tick().done:
                time.sleep(0.05)


def count(path: str, status: str) -> int:
    with sqlite3.connect(path) as db:
        (found,) = db.execute("SELECT count(*) FROM conversation WHERE status = ?", (status,)).fetchone()
    return int(found)


_LIST = (
    "UPDATE conversation SET status = ?, queue = ?, agent = ?, number = ?, changed = ?, version = version + 1,"
    " value = ? WHERE id = ?"
)
_TELL = "INSERT INTO event (number, contact, n, conversation, kind, at, value, agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def raw_statements(path: Path) -> list[tuple[str, tuple[object, ...]]]:
    """Return what the assignments wrote, as statements with their values, in the order of the events."""
    made: list[tuple[str, tuple[object, ...]]] = []
    with sqlite3.connect(path) as db:
        events = db.execute(
            "SELECT number, contact, n, conversation, kind, at, value, agent FROM event WHERE kind = 'assigned'"
        ).fetchall()
        for event in events:
            number, contact, conversation_, agent = event[0], event[1], event[3], event[7]
            thread = db.execute("SELECT value FROM thread WHERE contact = ?", (contact,)).fetchone()[0]
            listing = db.execute("SELECT * FROM conversation WHERE id = ?", (conversation_,)).fetchone()
            staff = db.execute("SELECT value FROM agent WHERE id = ?", (agent,)).fetchone()[0]
            made += [
                ("SELECT version, value FROM contact WHERE id = ?", (contact,)),
                ("SELECT version, value FROM thread WHERE number = ? AND contact = ?", (number, contact)),
                ("SELECT version, value FROM agent WHERE id = ?", (agent,)),
                ("DELETE FROM waiting WHERE conversation = ?", (conversation_,)),
                (
                    "UPDATE thread SET version = version + 1, value = ? WHERE number = ? AND contact = ?",
                    (thread, number, contact),
                ),
                ("UPDATE agent SET version = version + 1, value = ? WHERE id = ?", (staff, agent)),
                (_LIST, (*listing[1:6], listing[7], conversation_)),
                (_TELL, event),
            ]
    return made


def write_raw(path: str, part: list[tuple[str, tuple[object, ...]]], begin: object) -> None:
    db = sqlite3.connect(path, timeout=60, isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    begin.wait()  # type: ignore[attr-defined]
    for first in range(0, len(part), 800):
        db.execute("BEGIN IMMEDIATE")
        for sql, values in part[first : first + 800]:
            db.execute(sql, values).fetchall()
        db.execute("COMMIT")
    db.close()


def timed(target: object, arguments: list[tuple[object, ...]]) -> float:
    context = multiprocessing.get_context("fork")
    begin = context.Barrier(len(arguments) + 1)
    crew = [context.Process(target=target, args=(*given, begin)) for given in arguments]  # type: ignore[arg-type]
    for each in crew:
        each.start()
    begin.wait()
    began = time.perf_counter()
    for each in crew:
        each.join()
        assert each.exitcode == 0
    return time.perf_counter() - began


def throughput(folder: Path, items: int, processes: int) -> None:
    ratios, speeds = [], []
    fill(folder / "filled.db", items, 1000, 5)
    for turn in range(ROUNDS):
        ours, raw = (Path(shutil.copy(folder / "filled.db", folder / f"{name}{turn}.db")) for name in ("ours", "raw"))
        with SqliteStore(ours) as store:
            trigger(store)
        first = timed(work, [(str(ours), items - 5000)] * processes)
        made = count(str(ours), "active")
        assert made == 5000, made
        statements = raw_statements(ours)
        size = len(statements) // 8 // processes * 8
        parts = [statements[n * size : (n + 1) * size] for n in range(processes)]
        second = timed(write_raw, [(str(raw), part) for part in parts]) * len(statements) / (size * processes)
        speeds.append(made / first)
        ratios.append(second / first)
    print(
        f"{items:,} waiting, 1,000 agents, {processes} processes: {statistics.median(speeds):,.0f} assignments/s"
        f" (index built on the way), {statistics.median(ratios):.2f}x the same statements raw (asked 0.5x);"
        f" all: {', '.join(f'{ratio:.2f}' for ratio in ratios)}"
    )


def main() -> None:
    items = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        restart(folder, items)
        few, many = cycle_cost(folder, items // 100), cycle_cost(folder, items)
        print(
            f"one cycle, one agent free: {few * 1e3:.2f} ms at {items // 100:,} waiting, {many * 1e3:.2f} ms at"
            f" {items:,}: {many / few:.2f}x (asked 2x)"
        )
        throughput(folder, items, processes)


if __name__ == "__main__":
    main()
