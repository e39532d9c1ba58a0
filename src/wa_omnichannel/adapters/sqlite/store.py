"""The stores: the shared ones over a SQLite engine."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Generator, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import attrs

from wa_omnichannel._storage import reading
from wa_omnichannel._storage.stores import AsyncDatabaseStore, DatabaseStore
from wa_omnichannel.adapters.sqlite.database import connect_for_reading, prepare, translated
from wa_omnichannel.adapters.sqlite.forgetting import forget
from wa_omnichannel.adapters.sqlite.writing import Order, Writer, order_of
from wa_omnichannel.ports import Changes, Forgetting, Key, Query, Rows

T = TypeVar("T")


@lru_cache(maxsize=1024)
def _bare(sql: str) -> str:
    return sql.replace("{}", "")


class Reader:
    """A connection that reads."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        """Read from *db*, which nobody else uses."""
        self._path = path
        self._db = db
        self.close = db.close

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> Iterable[Any]:
        """Return the rows that a statement finds."""
        return self._db.execute(_bare(sql), parameters)

    @contextlib.contextmanager
    def moment(self) -> Generator[None]:
        """Let all statements inside see the same moment."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        with translated(self._path):
            return reading.load(self, keys)

    def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        with translated(self._path):
            return reading.select(self, query)


@attrs.frozen
class SqliteEngine:
    """How a SQLite file is opened, written and read."""

    path: Path

    def order(self, changes: Changes) -> Order:
        """Check and encode *changes*."""
        return order_of(changes)

    def writer(self) -> Writer:
        """Open the file; create it if it is not there, and bring its schema up to date."""
        return Writer(prepare(self.path), self.path)

    def reader(self) -> Reader:
        """Open a connection that reads."""
        return Reader(connect_for_reading(self.path), self.path)


class SqliteStore(DatabaseStore[Order]):
    """Keeps rows in a SQLite file, for blocking code.

    Opening it creates the file if it is not there, and brings its schema up to date.

    >>> import tempfile
    >>> from wa_omnichannel.conversation import Contact
    >>> from wa_omnichannel.ports import Put, contact_key
    >>> with tempfile.TemporaryDirectory() as folder, SqliteStore(f"{folder}/wa.sqlite") as store:
    ...     store.commit(Changes(puts=(Put(contact_key("c1"), Contact("c1"), 0),)))
    ...     store.load([contact_key("c1")])[contact_key("c1")].value.id
    'c1'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Name the file; nothing is opened yet."""
        super().__init__(SqliteEngine(Path(path)))

    def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace of people, also from the write-ahead log and from free pages; may be repeated.

        The whole file is written anew, which takes its time and needs as much room again.

        Raises:
            StoreUnavailable: Somebody reads, so that old pages had to stay; repeat it.
        """
        return self._alone(lambda writer: forget(writer.db, writer.path, forgetting))


class AsyncSqliteStore(AsyncDatabaseStore[Order]):
    """:class:`SqliteStore` for coroutines on asyncio."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Name the file; nothing is opened yet."""
        super().__init__(SqliteEngine(Path(path)))

    async def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace of people; see :meth:`SqliteStore.forget`."""
        return await self._alone(lambda writer: forget(writer.db, writer.path, forgetting))
