"""Schemas of their own on one PostgreSQL server."""

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


@contextmanager
def store(dsn: str) -> Iterator[PostgresStore]:
    """Give an open store with an empty schema."""
    with schema(dsn) as name, PostgresStore(dsn, schema=name) as opened:
        yield opened


@asynccontextmanager
async def astore(dsn: str) -> AsyncIterator[AsyncPostgresStore]:
    """Do the same for coroutines."""
    with schema(dsn) as name:
        async with AsyncPostgresStore(dsn, schema=name) as opened:
            yield opened
