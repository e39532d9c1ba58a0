"""Whole lives of conversations on SQLite, against the same statements raw; and what idle timers cost a tick.

A life: a new customer writes, work is distributed, an agent accepts, answers, ends and closes. The raw case carries out
every statement that the façade sent to SQLite, in order, with its parameters and transactions, and fetches every row.
Run: python benchmarks/bench_life.py [conversations]
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from wa_omnichannel import Agent, Number, Omnichannel, Presence, Queue, Rules, Text, Workstream
from wa_omnichannel.adapters.sqlite import SqliteStore, database
from wa_omnichannel.addresses import Address
from wa_omnichannel.machine import FixedClock
from wa_omnichannel.messages import Inbound
from wa_omnichannel.ports import Changes, Entry, Put, entry_key
from wa_omnichannel.testing.fakes import RecordingTransport

NUMBER = Address("+14155550100")
RULES = Rules([Number(NUMBER, "Shop", "main")], [Workstream("main", "all")], [Queue("all")])
BEGAN = datetime(2026, 1, 1, 10, tzinfo=UTC)
TIMERS = (1_000, 100_000)
DUE = 10
BATCH = 1_000
SLICE = 100

_noted: list[tuple[int, str, Any, bool]] = []


class Noting(sqlite3.Connection):
    """A connection that notes every statement."""

    def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
        """Note it, then do it."""
        _noted.append((id(self), sql, parameters, False))
        return super().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Any) -> sqlite3.Cursor:
        """Note them, then do it."""
        rows = list(parameters)
        _noted.append((id(self), sql, rows, True))
        return super().executemany(sql, rows)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return CPU and elapsed seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def channel(store: SqliteStore) -> tuple[Omnichannel, RecordingTransport, FixedClock]:
    clock = FixedClock(BEGAN)
    provider = RecordingTransport(clock)
    desk = Omnichannel(RULES, store=store, transport=provider, clock=clock)
    desk.put_agent(Agent("ana", "Ana", frozenset({"all"}), Presence.AVAILABLE, 5))
    return desk, provider, clock


def live(desk: Omnichannel, provider: RecordingTransport, clock: FixedClock, serials: Sequence[int]) -> None:
    """Let each customer be served from the first word to the end."""
    for n in serials:
        clock.advance(timedelta(seconds=2))
        inbound = Inbound(f"IN{n}", NUMBER, (Address(f"+34{600_000_000 + n}"),), Text("Hola, mi factura"))
        desk.receive(provider.webhook(inbound, clock.now()))
        desk.tick()
        one = desk.conversations(agent="ana", limit=1)[0].conversation.id
        desk.accept(one, "ana")
        desk.reply(one, Text("Se la envío."), agent="ana")
        desk.end(one, agent="ana")
        desk.close(one, agent="ana")


def replay(opened: Mapping[int, sqlite3.Connection]) -> None:
    for where, sql, parameters, many in _noted:
        db = opened[where]
        (db.executemany if many else db.execute)(sql, parameters).fetchall()


def lives(folder: Path, count: int) -> None:
    """Take turns, a hundred lives each, so that both meet the same machine; noting costs the facade a little."""
    plain = sqlite3.connect
    sqlite3.connect = lambda *a, **k: plain(*a, **{**k, "factory": Noting})
    ours: list[tuple[float, float]] = []
    raws: list[tuple[float, float]] = []
    opened: dict[int, sqlite3.Connection] = {}
    with SqliteStore(folder / "facade.sqlite") as store:
        sqlite3.connect = plain
        with SqliteStore(folder / "raw.sqlite"):
            pass
        _noted.clear()
        desk, provider, clock = channel(store)
        for first in range(0, count, SLICE):
            ours.append(timed(partial(live, desk, provider, clock, range(first, first + SLICE))))
            for where in {told[0] for told in _noted}:
                opened.setdefault(where, database.connect(folder / "raw.sqlite"))
            raws.append(timed(lambda: replay(opened)))
            _noted.clear()
    for db in opened.values():
        db.close()
    for n, what in enumerate(("CPU", "elapsed")):
        facade, raw = (sum(each[n] for each in taken) for taken in (ours, raws))
        median = statistics.median(theirs[n] / own[n] for own, theirs in zip(ours, raws, strict=True))
        print(f"{count} lives, {what}: facade {facade:.1f} s, raw {raw:.1f} s; median of the slices {median:.2f} x")


def ticks(folder: Path) -> None:
    """Compare a tick of ten due timers beside few idle ones with one beside many."""
    taken = {}
    for armed in TIMERS:
        with SqliteStore(folder / f"timers{armed}.sqlite") as store:
            desk, _, clock = channel(store)
            for first in range(0, armed, BATCH):
                entries = [timer(n, BEGAN + timedelta(days=30)) for n in range(first, first + BATCH)]
                store.commit(Changes(tuple(Put(entry_key(entry.id), entry) for entry in entries)))
            times = []
            desk.tick()
            for turn in range(7):
                due = [timer(armed + turn * DUE + n, clock.now()) for n in range(DUE)]
                store.commit(Changes(tuple(Put(entry_key(entry.id), entry) for entry in due)))
                times.append(timed(desk.tick)[1])
            taken[armed] = sorted(times)[len(times) // 2]
            print(f"tick with {DUE} due of {armed} armed: {taken[armed] * 1e3:.2f} ms")
    few, many = (taken[armed] for armed in TIMERS)
    print(f"ratio {many / few:.2f}")


def timer(n: int, due: datetime) -> Entry:
    """Return the timer of a conversation that is gone by then; what is compared is finding it."""
    key = f"auto_close:v{n}"
    return Entry(key, key, "timer", due, f"v{n}", NUMBER, f"c{n}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        lives(Path(place), int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
        ticks(Path(place))
