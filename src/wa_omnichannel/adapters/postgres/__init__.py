"""A store in a PostgreSQL schema of its own: for many processes and machines.

Needs the extra ``postgres``. Nothing relies on the state of a session, so pooling proxies may stand in between.
"""

from __future__ import annotations

from wa_omnichannel.adapters.postgres.store import AsyncPostgresStore, PostgresStore

__all__ = ["AsyncPostgresStore", "PostgresStore"]
