"""The stores that databases share: threads write for everybody, many commits per transaction; reads go beside it.

An :class:`Engine` says how one kind of database opens, writes a batch and reads; the rest is here, in both colours.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator, Sequence
from functools import partial
from queue import LifoQueue
from typing import Any, Generic, Protocol, Self, TypeAlias, TypeVar

from wa_omnichannel._storage.batching import Batches, Ticket
from wa_omnichannel.errors import StoreUnavailable, WaOmnichannelError
from wa_omnichannel.ports import Changes, Key, Query, Rows

T = TypeVar("T")
Order = TypeVar("Order")
"""The changes of one commit, checked and encoded."""

READERS = 4
"""How many reads of a blocking store run at the same time."""

ASYNC_READERS = 2
"""How many threads read for tasks, so that a long list does not hold up short look-ups."""


class Writer(Protocol[Order]):
    """The one connection that writes."""

    def write(self, tickets: list[Ticket[Order]]) -> None:
        """Write a batch in one transaction; every ticket gets its own outcome. Must not raise."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Reader(Protocol):
    """A connection that reads, for one thread at a time."""

    def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        ...

    def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Engine(Protocol[Order]):
    """One kind of database."""

    def order(self, changes: Changes) -> Order:
        """Check and encode *changes*; done by who asks, so that the writing thread only writes.

        Raises:
            InvalidValue: A key or a value is not one that stores keep.
        """
        ...

    def writer(self) -> Writer[Order]:
        """Open the database, create or upgrade what must be, and return what writes; raises what opening can."""
        ...

    def reader(self) -> Reader:
        """Open a connection that reads."""
        ...


Ask: TypeAlias = Callable[[Reader], Any]


class _Writing(Generic[Order]):
    """The one connection that writes, and the thread that uses it for everybody who waits."""

    def __init__(self, engine: Engine[Order]) -> None:
        self._order = engine.order
        self.writer = engine.writer()
        self._busy = threading.Lock()
        self._crowded = False
        self._batches: Batches[Order] = Batches("wa-omnichannel-writer", [self._write])

    def _write(self, tickets: list[Ticket[Order]]) -> None:
        with self._busy:
            self.writer.write(tickets)
        self._crowded = len(tickets) > 1

    def submit(self, changes: Changes, loop: Any = None) -> Ticket[Order]:
        """Line up changes for the thread."""
        return self._batches.submit(Ticket(self._order(changes), loop))

    def commit(self, changes: Changes) -> None:
        """Write changes at once if nobody else does; otherwise let the thread do it, together with others'."""
        ticket = Ticket(self._order(changes))
        if self._crowded or not self._busy.acquire(blocking=False):
            self._batches.submit(ticket).wait()
            return
        try:
            self._batches.check_open()
            self.writer.write([ticket])
        finally:
            self._busy.release()
        ticket.outcome()

    def alone(self, work: Callable[[Any], T]) -> T:
        """Do something with the connection while nobody else writes."""
        with self._busy:
            return work(self.writer)

    def close(self) -> None:
        """Finish what waits, and close the connection."""
        self._batches.close()
        with self._busy:
            self.writer.close()


class _Reading:
    """Some connections, and the threads that read with them for tasks."""

    def __init__(self, engine: Engine[Any]) -> None:
        self._readers = [engine.reader() for _ in range(ASYNC_READERS)]
        self._batches: Batches[Ask] = Batches("wa-omnichannel-reader", [partial(_answer, it) for it in self._readers])

    def submit(self, ask: Ask, loop: Any) -> Ticket[Ask]:
        return self._batches.submit(Ticket(ask, loop))

    def close(self) -> None:
        self._batches.close()
        for reader in self._readers:
            reader.close()


def _answer(reader: Reader, tickets: list[Ticket[Ask]]) -> None:
    for ticket in tickets:
        try:
            ticket.result = ticket.request(reader)
        except WaOmnichannelError as error:
            ticket.error = error


class DatabaseStore(Generic[Order]):
    """A store for blocking code.

    Use it as a context manager, or call :meth:`open` and :meth:`close`. Any number of threads may use it; open
    it after forking, never before.
    """

    def __init__(self, engine: Engine[Order]) -> None:
        """Name the database; nothing is opened yet."""
        self._engine = engine
        self._writing: _Writing[Order] | None = None
        self._readers: LifoQueue[Reader | None] = LifoQueue()
        for _ in range(READERS):
            self._readers.put(None)

    def open(self) -> Self:
        """Open the database; create it or bring it up to date where that is ours to do.

        Raises:
            ConfigurationError: It cannot be opened or written as it was named.
            SchemaMismatch: It is not ours, is damaged, or was written by a newer release. It is left as it is.
            StoreUnavailable: It cannot be reached now, is locked, or the disk is full.
        """
        if self._writing is None:
            self._writing = _Writing(self._engine)
        return self

    def close(self) -> None:
        """Finish what waits to be committed, and close the database."""
        if self._writing is not None:
            self._writing.close()
            self._writing = None
            for reader in [self._readers.get() for _ in range(READERS)]:  # waits for reads that go on
                if reader is not None:
                    reader.close()
                self._readers.put(None)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()

    def _alone(self, work: Callable[[Any], T]) -> T:
        """Do something with the writer while nobody else writes."""
        return _opened(self._writing).alone(work)

    @contextlib.contextmanager
    def _reader(self) -> Generator[Reader]:
        """Lend a connection for reading; opened when it is first needed."""
        reader = self._readers.get()
        try:
            _opened(self._writing)
            reader = reader or self._engine.reader()
            yield reader
        finally:
            self._readers.put(reader)

    def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        with self._reader() as reader:
            return reader.load(keys)

    def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing; on return it is on the disk.

        Raises:
            AlreadyDone: *changes.once* was committed before; carries the first result.
            ConcurrentUpdate: A row does not have the expected version.
            InvalidValue: A key or a value is not one that stores keep.
            StoreUnavailable: The database cannot be reached or written, or the store is not open.
        """
        _opened(self._writing).commit(changes)

    def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        with self._reader() as reader:
            return reader.select(query)


class AsyncDatabaseStore(Generic[Order]):
    """A store for coroutines on asyncio.

    A commit costs one hop to the writing thread and a read one hop to a reading thread, whatever the number of
    statements; tasks that wait at the same time share hops and transactions. A commit whose task is cancelled
    is carried out whole all the same, or not at all if it was not lined up yet.
    """

    def __init__(self, engine: Engine[Order]) -> None:
        """Name the database; nothing is opened yet."""
        self._engine = engine
        self._writing: _Writing[Order] | None = None
        self._reading: _Reading | None = None

    async def open(self) -> Self:
        """Open the database; raises as :meth:`DatabaseStore.open` does."""
        from asyncio import to_thread

        if self._writing is None:
            self._writing = await to_thread(_Writing, self._engine)
            try:
                self._reading = await to_thread(_Reading, self._engine)
            except BaseException:
                await self.close()
                raise
        return self

    async def close(self) -> None:
        """Finish what waits to be committed, and close the database."""
        from asyncio import to_thread

        for part in (self._reading, self._writing):
            if part is not None:
                await to_thread(part.close)
        self._reading = self._writing = None

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        wanted = tuple(keys)
        return await self._ask(lambda reader: reader.load(wanted))  # type: ignore[no-any-return]

    async def commit(self, changes: Changes) -> None:
        """Write all of *changes* or nothing; raises as :meth:`DatabaseStore.commit` does."""
        from asyncio import get_running_loop

        await _opened(self._writing).submit(changes, get_running_loop()).arrive()

    async def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        return await self._ask(lambda reader: reader.select(query))  # type: ignore[no-any-return]

    async def _alone(self, work: Callable[[Any], T]) -> T:
        """Do something with the writer while nobody else writes."""
        from asyncio import to_thread

        return await to_thread(_opened(self._writing).alone, work)

    async def _ask(self, ask: Ask) -> Any:
        from asyncio import get_running_loop

        return await _opened(self._reading).submit(ask, get_running_loop()).arrive()


def _opened(part: T | None) -> T:
    if part is None:
        raise StoreUnavailable("The store is not open. Use it in a with statement, or call open() first.")
    return part
