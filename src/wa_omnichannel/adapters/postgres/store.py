"""The stores: the shared ones over a PostgreSQL engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs

from wa_omnichannel._storage import reading
from wa_omnichannel._storage.stores import AsyncDatabaseStore, DatabaseStore
from wa_omnichannel.adapters.postgres.database import Database, Place, checked
from wa_omnichannel.adapters.postgres.forgetting import forget
from wa_omnichannel.adapters.postgres.listening import Listener
from wa_omnichannel.adapters.postgres.schema import prepare
from wa_omnichannel.adapters.postgres.upkeep import PostgresUpkeep
from wa_omnichannel.adapters.postgres.writing import Order, Writer, order_of
from wa_omnichannel.ports import Changes, Forgetting, Key, Query, Rows

T = TypeVar("T")

SCHEMA = "wa_omnichannel"
"""Name of the schema where no other is given."""


class Reader:
    """A connection that reads; a question is asked again while the database is away."""

    def __init__(self, database: Database) -> None:
        """Read from *database*, which nobody else uses."""
        self._database = database
        self.close = database.close

    def load(self, keys: Sequence[Key]) -> Rows:
        """Return the rows that are there, all from one moment."""
        return self._database.persist(lambda: reading.load(self._database, keys))

    def select(self, query: Query[T]) -> T:
        """Return the answer to *query*."""
        return self._database.persist(lambda: reading.select(self._database, query))


@attrs.frozen
class PostgresEngine:
    """How a schema is opened, written and read."""

    place: Place

    def order(self, changes: Changes) -> Order:
        """Check and encode *changes*."""
        return order_of(changes)

    def writer(self) -> Writer:
        """Connect; create the schema if it is not there."""
        database = Database(self.place)
        try:
            prepare(database, self.place)
            database.ask("DELETE FROM {}writer WHERE at < now() - INTERVAL '1 day' RETURNING id")
        except BaseException:
            database.close()
            raise
        return Writer(database)

    def reader(self) -> Reader:
        """Return a connection that reads; it is opened with the first question."""
        return Reader(Database(self.place))


class PostgresStore(DatabaseStore[Order]):
    """Keeps rows in a PostgreSQL schema, for blocking code.

    Opening it creates the schema if it is not there; a schema of the release before this one is used as it is.
    Commits of one process share statements. A connection that is lost is replaced and the question asked again;
    a commit whose answer was lost is never carried out twice.
    """

    def __init__(self, dsn: str, *, schema: str = SCHEMA, patience: float = 10.0, prepare: bool = False) -> None:
        """Name the database; nothing is opened yet.

        Args:
            dsn: Its address: ``postgresql://user:password@host:5432/database``, or libpq's ``name=value`` form.
            schema: The schema that holds the tables, and nothing else.
            patience: Seconds during which a lost connection is tried again before StoreUnavailable is raised.
            prepare: Prepare statements, which is quicker; not all pooling proxies bear it.

        Raises:
            ConfigurationError: The address cannot be read.
            MissingExtra: The extra ``postgres`` is not installed.
        """
        self._place = checked(Place(dsn, schema, patience, prepare))
        super().__init__(PostgresEngine(self._place))

    @property
    def upkeep(self) -> PostgresUpkeep:
        """What looks after the schema."""
        return PostgresUpkeep(self._place)

    def listening(self, wake: Callable[[], object]) -> Listener:
        """Return a context manager that calls *wake*, in a thread of its own, when there is new work."""
        return Listener(self._place, wake)

    def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace of people, also old versions of rows in the files of the tables; may be repeated.

        The tables are written anew. The server's write-ahead log and backups are not touched.
        """
        return self._alone(lambda writer: forget(writer.database, forgetting))


class AsyncPostgresStore(AsyncDatabaseStore[Order]):
    """:class:`PostgresStore` for coroutines on asyncio."""

    def __init__(self, dsn: str, *, schema: str = SCHEMA, patience: float = 10.0, prepare: bool = False) -> None:
        """Name the database; the arguments are those of :class:`PostgresStore`."""
        self._place = checked(Place(dsn, schema, patience, prepare))
        super().__init__(PostgresEngine(self._place))

    def listening(self, wake: Callable[[], object]) -> Listener:
        """Return a context manager that calls *wake*, in a thread of its own, when there is new work."""
        return Listener(self._place, wake)

    async def forget(self, forgetting: Forgetting) -> int:
        """Remove every trace of people, also old versions of rows in the files of the tables; may be repeated.

        The tables are written anew. The server's write-ahead log and backups are not touched.
        """
        return await self._alone(lambda writer: forget(writer.database, forgetting))
