"""A store in one SQLite file: the default for one machine, with nothing to install.

Write-ahead log, ``synchronous=FULL``: what was committed survives a crash of the process and of the machine.
Threads, tasks and processes may share one file.
"""

from __future__ import annotations

from wa_omnichannel.adapters.sqlite.store import AsyncSqliteStore, SqliteStore

__all__ = ["AsyncSqliteStore", "SqliteStore"]
