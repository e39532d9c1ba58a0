"""Durable commits of an inbound message on PostgreSQL: our stores against asyncpg with the same statements.

The commit is that of bench_storage.py. The raw case is asyncpg with 16 clients, one transaction for each commit,
prepared statements, parameters ready-made; the row that all messages share comes last, so that it is locked as
short as can be. The server runs with its own settings (fsync on). Cases take turns; ratios are of medians of one
run. Run: python benchmarks/bench_postgres.py [dsn]
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
import time
from typing import Any

import asyncpg
from bench_storage import AT, PRODUCERS, changes, many_tasks, many_threads, message, one_producer

from wa_omnichannel._storage.codec import encode
from wa_omnichannel._storage.rows import event_row, microseconds
from wa_omnichannel.adapters.postgres import AsyncPostgresStore, PostgresStore
from wa_omnichannel.testing.postgres_server import PostgresServer

CLIENTS = 16
SCHEMA = "bench"

DONE = "INSERT INTO done VALUES ($1, nextval('version'), 'null') ON CONFLICT DO NOTHING"
THREAD = (
    "INSERT INTO thread AS t VALUES ($1, $2, nextval('version'), $3) ON CONFLICT (number, contact)"
    " DO UPDATE SET version = excluded.version, value = excluded.value"
)
MESSAGE = (
    "INSERT INTO message (id, number, contact, conversation, at, sid, version, value)"
    " VALUES ($1, $2, $3, $4, $5, $6, nextval('version'), $7) ON CONFLICT DO NOTHING"
)
CONVERSATION = (
    "INSERT INTO conversation VALUES ($1, 'open', 'sales', NULL, $2, $3, nextval('version'), $4) ON CONFLICT (id)"
    " DO UPDATE SET changed = excluded.changed, version = excluded.version, value = excluded.value"
)
WAITING = (
    "INSERT INTO waiting VALUES ($1, 'sales', $2, nextval('version'), $3) ON CONFLICT (conversation)"
    " DO UPDATE SET since = excluded.since, version = excluded.version, value = excluded.value"
)
EVENT = "INSERT INTO event (number, contact, n, conversation, kind, at, value) VALUES ($1, $2, $3, $4, $5, $6, $7)"
AGENDA = (
    "INSERT INTO agenda (id, lane, due, version, value)"
    " VALUES ('assign:sales', 'assign:default', $1, nextval('version'), $2) ON CONFLICT (id)"
    " DO UPDATE SET due = excluded.due, version = excluded.version, value = excluded.value"
)
_customers = itertools.count()


def statements() -> list[tuple[str, Any]]:
    """Return the statements of one commit with their parameters."""
    customer = next(_customers) % PRODUCERS
    given = changes(customer)
    rows = {put.key[0]: encode(type(put.value), put.value) for put in given.puts}
    said = message(int(given.puts[1].key[1], 16), customer)
    at = microseconds(AT)
    return [
        (DONE, (given.once,)),
        (THREAD, (said.number, said.contact, rows["thread"])),
        (
            MESSAGE,
            (said.id, said.number, said.contact, said.conversation, at, said.sid, rows["message"]),
        ),
        (CONVERSATION, (said.conversation, said.number, at, rows["conversation"])),
        (WAITING, (said.conversation, at, rows["waiting"])),
        (EVENT, [event_row(event) for event in given.events]),
        (AGENDA, (at, rows["agenda"])),
    ]


async def raw(pool: asyncpg.Pool, n: int) -> float:
    """Commit one by one, with all clients of the pool."""
    ready = [statements() for _ in range(n)]

    async def client(mine: list[list[tuple[str, Any]]]) -> None:
        async with pool.acquire() as connection:
            for commit in mine:
                async with connection.transaction():
                    for sql, parameters in commit:
                        if isinstance(parameters, list):
                            await connection.executemany(sql, parameters)
                        else:
                            await connection.execute(sql, *parameters)

    clients = pool.get_max_size()
    began = time.perf_counter()
    await asyncio.gather(*(client(ready[part::clients]) for part in range(clients)))
    return time.perf_counter() - began


def compare(dsn: str, n: int = 1280, rounds: int = 7) -> None:
    """Let the cases take turns, and print medians."""
    with PostgresStore(dsn, schema=SCHEMA) as store, asyncio.Runner() as runner:
        tasks = AsyncPostgresStore(dsn, schema=SCHEMA)
        runner.run(tasks.open())
        settings = {"search_path": SCHEMA}
        many = runner.run(_pool(dsn, CLIENTS, settings))
        single = runner.run(_pool(dsn, 1, settings))
        cases = {
            "asyncpg, 1 client": (lambda k: runner.run(raw(single, k)), n // 4),
            "PostgresStore, 1 producer": (lambda k: one_producer(store, k), n // 4),  # type: ignore[arg-type]
            f"asyncpg, {CLIENTS} clients": (lambda k: runner.run(raw(many, k)), n),
            f"PostgresStore, {PRODUCERS} threads": (lambda k: many_threads(store, k), n),  # type: ignore[arg-type]
            f"AsyncPostgresStore, {PRODUCERS} tasks": (lambda k: runner.run(many_tasks(tasks, k)), n),  # type: ignore[arg-type]
        }
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for turn in range(rounds + 1):
            for name, (case, size) in cases.items():
                seconds = case(size) / size
                if turn:
                    taken[name].append(seconds)
        runner.run(tasks.close())
        for pool in (many, single):
            runner.run(pool.close())
    medians = {name: sorted(times)[len(times) // 2] for name, times in taken.items()}
    names = list(medians)
    print("Durable commits on PostgreSQL, wall time per commit")
    for name, floor in zip(names, (names[0], names[0], names[2], names[2], names[2]), strict=True):
        ratio = medians[floor] / medians[name]
        print(f"  {name:<32} {medians[name] * 1e6:9.1f} us  throughput {ratio:6.2f} x {floor}")


async def _pool(dsn: str, clients: int, settings: dict[str, str]) -> asyncpg.Pool:
    return await asyncpg.create_pool(dsn, min_size=clients, max_size=clients, server_settings=settings)


def main(arguments: list[str]) -> None:
    with contextlib.ExitStack() as stack:
        dsn = arguments[0] if arguments else stack.enter_context(PostgresServer({})).dsn
        compare(dsn)


if __name__ == "__main__":
    main(sys.argv[1:])
