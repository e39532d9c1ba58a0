"""Connections: opened when needed, replaced when lost, and the errors of PostgreSQL in the library's words."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import attrs

from wa_omnichannel.errors import (
    ConfigurationError,
    InvalidValue,
    MissingExtra,
    SchemaMismatch,
    StoreUnavailable,
    WaOmnichannelError,
)

try:
    import psycopg
    from psycopg import conninfo
except ImportError as missing:
    raise MissingExtra.of("psycopg", "postgres") from missing

T = TypeVar("T")

PAUSE = 0.05
"""Seconds before a lost connection is tried again, doubled each time."""

LONGEST_PAUSE = 1.0
"""Most seconds between two tries."""

_SETTINGS: Mapping[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "wa-omnichannel",
}
"""Used where the address does not say otherwise: a server that is gone is noticed within seconds."""


@attrs.frozen
class Place:
    """Where the rows are."""

    dsn: str = attrs.field(repr=False)
    """Address of the database, with or without password."""
    schema: str
    patience: float = 10.0
    """Seconds during which a lost connection is tried again before an error is raised."""
    prepare: bool = False
    """Whether statements are prepared; not all pooling proxies bear it."""

    def __str__(self) -> str:
        """Return the address without secrets."""
        known = conninfo.conninfo_to_dict(self.dsn)
        shown = " ".join(f"{name}={known[name]}" for name in ("host", "port", "dbname", "user") if known.get(name))
        return f"{shown or 'default server'}, schema {self.schema}"

    @property
    def prefix(self) -> str:
        """What stands before the name of a table."""
        return f"{quoted(self.schema)}."


def quoted(name: str) -> str:
    """Return a name as SQL wants it.

    >>> print(quoted('my shop'))
    "my shop"
    """
    return '"' + name.replace('"', '""') + '"'


def checked(place: Place) -> Place:
    """Return *place* if its address can be read.

    Raises:
        ConfigurationError: It cannot; says why, without showing it.
        InvalidValue: The name of the schema is empty or too long.
    """
    try:
        conninfo.conninfo_to_dict(place.dsn)
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(
            "The address of the PostgreSQL database cannot be read."
            " Write postgresql://user:password@host:5432/database, with special characters percent-encoded."
        ) from error
    if not 0 < len(place.schema.encode()) < 64 or "\0" in place.schema:
        raise InvalidValue("schema", place.schema, "Use a name of 1 to 63 bytes.")
    return place


_Problem = Callable[[str], WaOmnichannelError]

_PROBLEMS: Mapping[str, tuple[_Problem, str]] = {
    "08": (StoreUnavailable, "cannot be reached"),
    "25": (StoreUnavailable, "is not the server that may be written, or isolates transactions in another way"),
    "28": (ConfigurationError, "does not let this user in; look at user, password and pg_hba.conf"),
    "3D": (ConfigurationError, "is not there; create it, or look at the address"),
    "3F": (SchemaMismatch, "has no such schema; run: wa-omnichannel db upgrade"),
    "42501": (ConfigurationError, "does not permit this to its user"),
    "42": (SchemaMismatch, "does not have the tables of this release; run: wa-omnichannel db check"),
    "53": (StoreUnavailable, "has no resources left: disk, memory or connections"),
    "XX": (SchemaMismatch, "is damaged. Nothing was repaired; look at the server's log and restore a backup"),
}
"""What PostgreSQL's codes, or their classes, mean for who uses the store."""

_WORDS: Mapping[str, str] = {
    "authentication failed": "28",
    "no pg_hba.conf entry": "28",
    "no password supplied": "28",
    "does not exist": "3D",
}
"""Signs of a wrong address: while it connects, the driver has no code, only the server's words."""


def problem(place: Place, error: psycopg.Error) -> WaOmnichannelError:
    """Return the library's error for one of the driver."""
    lost = "08" if isinstance(error, psycopg.OperationalError) else ""
    code = error.sqlstate or next((code for word, code in _WORDS.items() if word in str(error)), lost)
    if isinstance(error, psycopg.DataError):
        return InvalidValue("value", type(error).__name__, "Use text without NUL, and numbers below 2**63.")
    known = _PROBLEMS.get(code) or _PROBLEMS.get(code[:2])
    kind, text = known or (StoreUnavailable, "failed")
    said = " ".join(str(error).split())
    return kind(f"The database ({place}) {text} ({said}).")


@lru_cache(maxsize=2048)
def _spoken(sql: str, prefix: str) -> bytes:
    return sql.replace("?", "%s").replace("{}", prefix.replace("%", "%%")).encode()


class Database:
    """One connection, for one thread at a time; opened when it is first needed, and again when it is lost."""

    def __init__(self, place: Place) -> None:
        """Name the database; nothing is opened yet."""
        self._place = place
        self._connection: psycopg.Connection[Any] | None = None

    def connection(self) -> psycopg.Connection[Any]:
        """Return the open connection, a new one if it was lost.

        Raises:
            ConfigurationError: The address, the user or the password is wrong.
            StoreUnavailable: Nobody answers.
        """
        if self._connection is None or self._connection.closed:
            with self.translated():
                self._connection = psycopg.connect(_complete(self._place.dsn), autocommit=True)
                self._connection.prepare_threshold = 3 if self._place.prepare else None
        return self._connection

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return the rows that a statement finds."""
        with self.translated():
            spoken = _spoken(sql, self._place.prefix)
            return self.connection().execute(spoken, parameters).fetchall()

    def do(self, sql: str) -> None:
        """Carry out a statement that finds nothing."""
        with self.translated():
            self.connection().execute(_spoken(sql, self._place.prefix))

    def insist(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Return what a statement finds that may be carried out twice; ask again while the database is away."""
        return self.persist(lambda: self.ask(sql, parameters))

    def persist(self, work: Callable[[], T]) -> T:
        """Do *work*, again and again while the database is away, until :attr:`Place.patience` ends.

        Raises:
            StoreUnavailable: It stayed away.
        """
        end = time.monotonic() + self._place.patience
        for pause in _pauses():
            try:
                return work()
            except StoreUnavailable:
                self.close()
                if time.monotonic() + pause > end:
                    raise
            time.sleep(pause)
        raise AssertionError("unreachable")

    @contextlib.contextmanager
    def moment(self) -> Generator[None]:
        """Let all statements inside see the same moment."""
        connection = self.connection()
        with self.translated():
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield
            finally:
                if not connection.closed:
                    connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def translated(self) -> Generator[None]:
        """Turn what the driver raises into the library's errors."""
        try:
            yield
        except psycopg.Error as error:
            raise problem(self._place, error) from error

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _complete(dsn: str) -> str:
    """Return an address with our settings where it has none of its own."""
    return conninfo.make_conninfo("", **{**_SETTINGS, **conninfo.conninfo_to_dict(dsn)})


def _pauses() -> Iterator[float]:
    pause = PAUSE
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)
