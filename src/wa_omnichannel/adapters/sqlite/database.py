"""The database file: recognised before anything is written to it, brought up to date, opened."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

from wa_omnichannel._storage.migrations import Migration, migrations
from wa_omnichannel.errors import ConfigurationError, InvalidValue, SchemaMismatch, StoreUnavailable, WaOmnichannelError

APPLICATION = 0x57414F43
"""Marks our files (``application_id``): the letters WAOC."""

PATIENCE = 5.0
"""Seconds to wait while another process writes."""

MIGRATIONS = migrations("wa_omnichannel.adapters.sqlite.migrations")

FAILURES = (sqlite3.Error, UnicodeEncodeError, OverflowError)
"""What sqlite3 raises: its own errors, and what happens when a parameter is bound."""

_Problem = Callable[[str], WaOmnichannelError]

_PROBLEMS: Mapping[int, tuple[_Problem, str]] = {
    sqlite3.SQLITE_BUSY: (StoreUnavailable, "is locked by another process; it stayed so for {patience:g} seconds"),
    sqlite3.SQLITE_LOCKED: (StoreUnavailable, "is locked"),
    sqlite3.SQLITE_FULL: (StoreUnavailable, "cannot grow: the disk is full"),
    sqlite3.SQLITE_IOERR: (StoreUnavailable, "cannot be read or written: input/output error"),
    sqlite3.SQLITE_READONLY: (
        ConfigurationError,
        "is read-only; give this process the right to write it and its folder",
    ),
    sqlite3.SQLITE_PERM: (ConfigurationError, "may not be opened by this process"),
    sqlite3.SQLITE_AUTH: (ConfigurationError, "may not be opened by this process"),
    sqlite3.SQLITE_CANTOPEN: (
        ConfigurationError,
        "cannot be opened; the folder must exist, and both must be writable for this process",
    ),
    sqlite3.SQLITE_NOTADB: (SchemaMismatch, "is not a SQLite database. Nothing was changed; choose another path"),
    sqlite3.SQLITE_CORRUPT: (SchemaMismatch, "is damaged. Nothing was repaired; restore a backup"),
}
"""What SQLite's primary result codes mean for who uses the store."""


@contextlib.contextmanager
def translated(path: Path) -> Generator[None]:
    """Turn what sqlite3 raises into the library's errors.

    Raises:
        StoreUnavailable: It may work later.
        ConfigurationError: The path or its permissions are wrong.
        SchemaMismatch: The file is not ours, or damaged.
        InvalidValue: Something cannot be bound to a statement.
    """
    try:
        yield
    except FAILURES as error:
        raise problem(path, error) from error


def problem(path: Path, error: Exception) -> WaOmnichannelError:
    """Return the library's error for one of :data:`FAILURES`."""
    if not isinstance(error, sqlite3.Error):
        return InvalidValue("key", type(error).__name__, "Use Unicode text, and numbers below 2**63.")
    code = getattr(error, "sqlite_errorcode", None)
    kind, text = _PROBLEMS.get((code or 0) & 0xFF, (StoreUnavailable, "failed"))
    return kind(f"The database {path} {text.format(patience=PATIENCE)} ({error}).")


def connect(path: Path) -> sqlite3.Connection:
    """Open a database that :func:`prepare` has seen, for use by one thread at a time."""
    with translated(path):
        db = sqlite3.connect(
            path, timeout=PATIENCE, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA cache_size = -16000")
        db.execute("PRAGMA wal_autocheckpoint = 4000")
        return db


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Open a database for queries only."""
    db = connect(path)
    db.execute("PRAGMA query_only = ON")
    return db


def prepare(path: Path) -> sqlite3.Connection:
    """Open a database for writing; create it if it is not there, and bring its schema up to date.

    A file that is not ours is left exactly as it is.

    Raises:
        ConfigurationError: It cannot be opened or written at this path.
        SchemaMismatch: It is not ours, is damaged, or was written by a newer release.
        StoreUnavailable: It is locked, or the disk is full.
    """
    if str(path) in (":memory:", ".") or path.is_dir():
        raise ConfigurationError(f"{path} is not the path of a file. To keep nothing, use MemoryStore.")
    db = connect(path)
    try:
        with translated(path):
            _migrate(db, path)
            if _write_ahead(db) != "wal":
                raise ConfigurationError(f"{path} is on a file system without a write-ahead log; use a local disk.")
    except BaseException:
        db.close()
        raise
    return db


def recognise(db: sqlite3.Connection, path: Path) -> int:
    """Return the version of the schema, 0 for an empty file.

    Raises:
        SchemaMismatch: It is not ours, or newer than this release.
    """
    (application,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION and (tables or version or application):
        raise SchemaMismatch(f"{path} is the database of another program. Nothing was changed; choose another path.")
    if version > MIGRATIONS[-1].number:
        raise SchemaMismatch(
            f"{path} has schema {version}; this release of wa-omnichannel knows {MIGRATIONS[-1].number}."
            " Nothing was changed; install the release that wrote it, or restore a backup."
        )
    return int(version)


def _write_ahead(db: sqlite3.Connection) -> str:
    """Switch to the write-ahead log and return the mode; SQLite itself does not wait here for other processes."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return str(db.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    """Carry out the migrations that are missing, all in one transaction; a file that is not ours stays as it is."""
    if recognise(db, path) == MIGRATIONS[-1].number:
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        version = recognise(db, path)  # another process may have been faster
        for migration in MIGRATIONS[version:]:
            _carry_out(db, migration)
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _carry_out(db: sqlite3.Connection, migration: Migration) -> None:
    for statement in migration.statements():
        db.execute(statement)
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {migration.number}")
