"""Schemas of their own on one PostgreSQL server."""

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg

from wa_omnichannel.adapters.postgres import AsyncPostgresStore, PostgresStore


@contextmanager
def schema(dsn: str) -> Iterator[str]:
    """Give the name of a schema that is not there, and remove it afterwards."""
    name = f"t_{uuid.uuid4().hex}"
    try:
        yield name
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET client_min_messages = error")
            connection.execute(f'DROP SCHEMA IF EXISTS "{name}" CASCADE'.encode())


SHARED = f"t_shared_{os.getpid()}"
"""A schema that tests use one after the other, because making one takes longer than most tests."""


def empty(dsn: str) -> str:
    """Return the name of the shared schema, without rows."""
    PostgresStore(dsn, schema=SHARED).upkeep.upgrade()
    with psycopg.connect(dsn, autocommit=True) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SHARED,)).fetchall()
        doomed = [f"DELETE FROM {SHARED}.{table}" for (table,) in tables if table != "wa_omnichannel_migration"]
        again = f"ALTER TABLE {SHARED}.event ALTER COLUMN position RESTART"
        connection.execute(";".join([*doomed, again]).encode())
    return SHARED


@contextmanager
def store(dsn: str) -> Iterator[PostgresStore]:
    """Give an open store without rows."""
    with PostgresStore(dsn, schema=empty(dsn)) as opened:
        yield opened


@asynccontextmanager
async def astore(dsn: str) -> AsyncIterator[AsyncPostgresStore]:
    """Do the same for coroutines."""
    async with AsyncPostgresStore(dsn, schema=empty(dsn)) as opened:
        yield opened
