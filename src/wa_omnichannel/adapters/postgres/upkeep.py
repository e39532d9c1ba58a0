"""Looking after a schema: which version it has, bringing it up to date, checking that it is whole."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from wa_omnichannel._storage.rows import KINDS
from wa_omnichannel.adapters.postgres.database import Database, Place
from wa_omnichannel.adapters.postgres.schema import MIGRATIONS, recognise, upgrade

_DURABLE = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_write", "remote_apply")}
"""Settings of the server without which a commit that was acknowledged can be lost."""


class PostgresUpkeep:
    """Upkeep of one schema; only :meth:`upgrade` writes."""

    newest = MIGRATIONS[-1].number
    """The schema of this release."""

    def __init__(self, place: Place) -> None:
        """Name the schema; nothing is opened yet."""
        self._place = place

    def version(self) -> int:
        """Return the version of the schema, 0 if there is none or it is empty.

        Raises:
            SchemaMismatch: It is not ours, or was written by a newer release.
            ConfigurationError: The address is wrong, or the user has not the rights.
            StoreUnavailable: Nobody answers.
        """
        with self._connected() as database:
            return recognise(database, self._place)

    def upgrade(self) -> int:
        """Bring the schema up to date and return the version it had; raises as :meth:`version` does."""
        with self._connected() as database:
            return upgrade(database, self._place)

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong: tables that are not there, settings of the server that can lose commits."""
        if not self.version():
            return (f"There is no store in {self._place}.",)
        with self._connected() as database:
            return (*self._missing(database), *_risks(database))

    def _missing(self, database: Database) -> list[str]:
        tables = (*(kind.table for kind in KINDS.values()), "event", "writer")
        found = database.ask("SELECT tablename FROM pg_tables WHERE schemaname = ?", (self._place.schema,))
        missing = sorted(set(tables) - {name for (name,) in found})
        return [f"The table {name} is not there; restore a backup." for name in missing]

    @contextlib.contextmanager
    def _connected(self) -> Generator[Database]:
        database = Database(self._place)
        try:
            yield database
        finally:
            database.close()


def _risks(database: Database) -> list[str]:
    found = ((name, database.ask("SELECT current_setting(?)", (name,))[0][0]) for name in _DURABLE)
    return [
        f"The server's {name} is {value}: what was committed can be lost when it crashes."
        for name, value in found
        if value not in _DURABLE[name]
    ]
