"""The stores: one thread writes for everybody, many commits per transaction; reads go beside it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from queue import LifoQueue
from typing import Any, TypeAlias, TypeVar

from wa_omnichannel._storage.batching import Batches, Ticket
from wa_omnichannel.adapters.sqlite import reading
from wa_omnichannel.adapters.sqlite.database import connect_for_reading, prepare, translated
from wa_omnichannel.adapters.sqlite.writing import Order, Writer, order_of
from wa_omnichannel.errors import StoreUnavailable, WaOmnichannelError
from wa_omnichannel.ports import Changes, Key, Query, Rows

T = TypeVar("T")
Ask: TypeAlias = Callable[[sqlite3.Connection], Any]

READERS = 4
"""How many reads of a :class:`SqliteStore` run at the same time."""


class _Writing:
    """The one connection that writes, and the thread that uses it for everybody who waits."""

    def __init__(self, path: Path) -> None:
        self._db = prepare(path)
        self._writer = Writer(self._db, path)
        self._busy = threading.Lock()
        self._crowded = False
        self._batches: Batches[Order] = Batches("wa-omnichannel-writer", [self._write])

    def _write(self, tickets: list[Ticket[Order]]) -> None:
        with self._busy:
            self._writer.write(tickets)
        self._crowded = len(tickets) > 1

    def submit(self, changes: Changes, loop: Any = None) -> Ticket[Order]:
        """Line up changes for the thread."""
        return self._batches.submit(Ticket(order_of(changes), loop))

    def commit(self, changes: Changes) -> None:
        """Write changes at once if nobody else does; otherwise let the thread do it, together with others'."""
        ticket = Ticket(order_of(changes))
        if self._crowded or not self._busy.acquire(blocking=False):
            self._batches.submit(ticket).wait()
            return
        try:
            self._batches.check_open()
            self._writer.write([ticket])
        finally:
            self._busy.release()
        ticket.outcome()

    def close(self) -> None:
        """Finish what waits, and close the connection."""
        self._batches.close()
        with self._busy:
            self._db.close()


class SqliteStore:
    """Keeps rows in a SQLite file.

    Use it as a context manager, or call :meth:`open` and :meth:`close`. Any number of threads may use it; open
    it after forking, never before.

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
        self._path = Path(path)
        self._writing: _Writing | None = None
        self._readers: LifoQueue[sqlite3.Connection | None] = LifoQueue()
        for _ in range(READERS):
            self._readers.put(None)

    def open(self) -> SqliteStore:
        """Open the file; create it if it is not there, and bring its schema up to date.

        Raises:
            ConfigurationError: It cannot be opened or written at this path.
            SchemaMismatch: It is not ours, is damaged, or was written by a newer release. It is left as it is.
            StoreUnavailable: It is locked, or the disk is full.
        """
        if self._writing is None:
            self._writing = _Writing(self._path)
        return self

    def close(self) -> None:
        """Finish what waits to be committed, and close the file."""
        if self._writing is not None:
            self._writing.close()
            self._writing = None
            for db in [self._readers.get() for _ in range(READERS)]:  # waits for reads that go on
                if db is not None:
                    db.close()
                self._readers.put(None)

    def __enter__(self) -> SqliteStore:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextlib.contextmanager
    def _reader(self) -> Generator[sqlite3.Connection]:
        """Lend a connection for reading; opened when it is first needed."""
        db = self._readers.get()
        try:
            _opened(self._writing)
            with translated(self._path):
                db = db or connect_for_reading(self._path)
                yield db
        finally:
            self._readers.put(db)

    def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        with self._reader() as db:
            return reading.load(db, keys)

    def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing; on return it is on the disk.

        Raises:
            AlreadyDone: *changes.once* was committed before; carries the first result.
            ConcurrentUpdate: A row does not have the expected version.
            InvalidValue: A key or a value is not one that stores keep.
            StoreUnavailable: The file is locked or the disk is full, or the store is not open.
        """
        _opened(self._writing).commit(changes)

    def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        with self._reader() as db:
            return reading.select(db, query)


class AsyncSqliteStore:
    """:class:`SqliteStore` for coroutines on asyncio.

    A commit costs one hop to the writing thread and a read one hop to a reading thread, whatever the number of
    statements; tasks that wait at the same time share hops and transactions. A commit whose task is cancelled
    is carried out whole all the same, or not at all if it was not lined up yet.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Name the file; nothing is opened yet."""
        self._path = Path(path)
        self._writing: _Writing | None = None
        self._reading: _Reading | None = None

    async def open(self) -> AsyncSqliteStore:
        """Open the file; raises as :meth:`SqliteStore.open` does."""
        from asyncio import to_thread

        if self._writing is None:
            self._writing = await to_thread(_Writing, self._path)
            try:
                self._reading = await to_thread(_Reading, self._path)
            except BaseException:
                await self.close()
                raise
        return self

    async def close(self) -> None:
        """Finish what waits to be committed, and close the file."""
        from asyncio import to_thread

        for part in (self._reading, self._writing):
            if part is not None:
                await to_thread(part.close)
        self._reading = self._writing = None

    async def __aenter__(self) -> AsyncSqliteStore:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        return await self._ask(partial(reading.load, keys=tuple(keys)))  # type: ignore[no-any-return]

    async def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing; raises as :meth:`SqliteStore.commit` does."""
        from asyncio import get_running_loop

        await _opened(self._writing).submit(changes, get_running_loop()).arrive()

    async def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        return await self._ask(partial(reading.select, query=query))  # type: ignore[no-any-return]

    async def _ask(self, ask: Ask) -> Any:
        from asyncio import get_running_loop

        return await _opened(self._reading).submit(ask, get_running_loop()).arrive()


class _Reading:
    """Two connections and the threads that read with them, so that a long list does not hold up short look-ups."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connections = [connect_for_reading(path) for _ in range(2)]
        workers = [partial(self._answer, db) for db in self._connections]
        self._batches: Batches[Ask] = Batches("wa-omnichannel-reader", workers)

    def submit(self, ask: Ask, loop: Any) -> Ticket[Ask]:
        return self._batches.submit(Ticket(ask, loop))

    def _answer(self, db: sqlite3.Connection, tickets: list[Ticket[Ask]]) -> None:
        for ticket in tickets:
            try:
                with translated(self._path):
                    ticket.result = ticket.request(db)
            except WaOmnichannelError as error:
                ticket.error = error

    def close(self) -> None:
        self._batches.close()
        for db in self._connections:
            db.close()


def _opened(part: T | None) -> T:
    if part is None:
        raise StoreUnavailable("The store is not open. Use it in a with statement, or call open() first.")
    return part
