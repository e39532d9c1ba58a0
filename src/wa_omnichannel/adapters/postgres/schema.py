"""The schema: recognised before anything is written to it, created, brought up to date."""

from __future__ import annotations

from wa_omnichannel._storage.migrations import migrations
from wa_omnichannel.adapters.postgres.database import Database, Place, quoted
from wa_omnichannel.errors import SchemaMismatch

MIGRATIONS = migrations("wa_omnichannel.adapters.postgres.migrations")

LOCK = 0x57414F43
"""First half of the keys of our advisory locks: the letters WAOC."""

_TABLE = "wa_omnichannel_migration"
"""Its presence tells that a schema is ours."""

_NOTE = b"INSERT INTO wa_omnichannel_migration (number, name) VALUES (%s, %s)"


def recognise(database: Database, place: Place) -> int:
    """Return the version of the schema, 0 if there is none or it is empty.

    Raises:
        SchemaMismatch: It is not ours, or newer than this release.
    """
    relations = {
        name
        for (name,) in database.ask(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ?",
            (place.schema,),
        )
    }
    if _TABLE not in relations:
        if relations:
            raise SchemaMismatch(
                f"The schema {place.schema} belongs to another program ({place}). Nothing was changed; choose another."
            )
        return 0
    ((version,),) = database.ask(f"SELECT max(number) FROM {{}}{_TABLE}")  # noqa: S608 - a constant
    if version > MIGRATIONS[-1].number:
        raise SchemaMismatch(
            f"The database ({place}) has schema {version}; this release of wa-omnichannel knows"
            f" {MIGRATIONS[-1].number}. Nothing was changed; install the release that wrote it, or restore a backup."
        )
    return int(version)


def prepare(database: Database, place: Place) -> None:
    """Make sure that this release can work on the schema; create it if there is none.

    The schema of the release before this one is used as it is, so that old and new processes run side by side
    while a service is replaced; :func:`upgrade` comes afterwards.

    Raises:
        SchemaMismatch: It is not ours, newer than this release, or too old.
        ConfigurationError: The user may not create it.
        StoreUnavailable: The database cannot be reached.
    """
    version = recognise(database, place)
    if not version:
        upgrade(database, place)
    elif version < MIGRATIONS[-1].number - 1:
        raise SchemaMismatch(
            f"The database ({place}) has schema {version}; this release of wa-omnichannel needs"
            f" {MIGRATIONS[-1].number - 1} or {MIGRATIONS[-1].number}. Run: wa-omnichannel db upgrade"
        )


def upgrade(database: Database, place: Place) -> int:
    """Carry out the migrations that are missing, all in one transaction, and return the version it had before.

    Any number of processes may do so at the same time. A schema that is not ours stays as it is.

    Raises:
        SchemaMismatch: It is not ours, or newer than this release.
        ConfigurationError: The user may not change it.
    """
    connection = database.connection()
    with database.translated(), connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", (LOCK,))
        before = recognise(database, place)
        if not database.ask("SELECT 1 FROM pg_namespace WHERE nspname = ?", (place.schema,)):
            connection.execute(f"CREATE SCHEMA {quoted(place.schema)}".encode())
        connection.execute(f"SET LOCAL search_path TO {quoted(place.schema)}, pg_temp".encode())
        for migration in MIGRATIONS[before:]:
            connection.execute(migration.text.encode())
            connection.execute(_NOTE, (migration.number, migration.name))
    return before
