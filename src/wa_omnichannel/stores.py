"""One address for every store: ``sqlite:///path``, ``postgresql://user@host/database`` or ``memory:``.

An address of PostgreSQL may end with ``?schema=NAME`` and further settings of the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import attrs

from wa_omnichannel._urls import without_user
from wa_omnichannel.errors import ConfigurationError, InvalidValue
from wa_omnichannel.ports import AsyncStore, Store


class Upkeep(Protocol):
    """Looks after one database."""

    @property
    def newest(self) -> int:
        """The schema of this release."""
        ...

    def version(self) -> int:
        """Return the version of the schema, 0 if nothing is there; writes nothing."""
        ...

    def upgrade(self) -> int:
        """Bring the schema up to date and return the version it had."""
        ...

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with it, one sentence each; writes nothing."""
        ...


@attrs.frozen
class _Family:
    """How the addresses of one kind of database are read."""

    store: Callable[[str], AbstractContextManager[Store]]
    coroutine: Callable[[str], AbstractAsyncContextManager[AsyncStore]]
    upkeep: Callable[[str], Upkeep]


def open_store(url: str) -> AbstractContextManager[Store]:
    """Return the blocking store at *url*, as a context manager that opens and closes it.

    Raises:
        InvalidValue: It is not the address of a store.
        ConfigurationError: The address cannot be read.
        MissingExtra: The extra for this kind of store is not installed.

    >>> with open_store("memory:") as store:
    ...     dict(store.load([]))
    {}
    """
    return _family(url).store(url)


def aopen_store(url: str) -> AbstractAsyncContextManager[AsyncStore]:
    """Do what :func:`open_store` does, for coroutines."""
    return _family(url).coroutine(url)


def upkeep(url: str) -> Upkeep:
    """Return what looks after the database at *url*; raises as :func:`open_store` does, also for ``memory:``."""
    return _family(url).upkeep(url)


def _family(url: str) -> _Family:
    family = _FAMILIES.get(url.partition(":")[0])
    if family is None:
        raise InvalidValue("store", without_user(url), "Write sqlite:///path, postgresql://… or memory:")
    return family


def _path(url: str) -> Path:
    """Return the path in an address: three slashes and a relative one, or four and an absolute one."""
    head, _, path = url.partition("sqlite:///")
    if head or not path:
        raise InvalidValue("store", url, "Write sqlite:///relative/path or sqlite:////absolute/path.")
    return Path(unquote(path))


def _memory(_: str) -> AbstractContextManager[Store]:
    from wa_omnichannel.adapters.memory import MemoryStore

    return nullcontext(MemoryStore())


def _amemory(_: str) -> AbstractAsyncContextManager[AsyncStore]:
    from wa_omnichannel.adapters.memory import AsyncMemoryStore

    return nullcontext(AsyncMemoryStore())


def _no_upkeep(_: str) -> Upkeep:
    raise ConfigurationError("A store in memory has no schema: nothing is kept when the process ends.")


def _sqlite(url: str) -> AbstractContextManager[Store]:
    from wa_omnichannel.adapters.sqlite import SqliteStore

    return SqliteStore(_path(url))


def _asqlite(url: str) -> AbstractAsyncContextManager[AsyncStore]:
    from wa_omnichannel.adapters.sqlite import AsyncSqliteStore

    return AsyncSqliteStore(_path(url))


def _sqlite_upkeep(url: str) -> Upkeep:
    from wa_omnichannel.adapters.sqlite.upkeep import SqliteUpkeep

    return SqliteUpkeep(_path(url))


_OURS: Mapping[str, Callable[[str], Any]] = {
    "schema": str,
    "patience": float,
    "prepare": lambda text: {"true": True, "false": False}[text],
}
"""Settings in the address that are the store's, not the driver's."""


def _split(url: str) -> tuple[str, dict[str, Any]]:
    """Take the store's own settings out of an address of PostgreSQL."""
    try:
        parts = urlsplit(url)
        given = parse_qsl(parts.query, keep_blank_values=True)
        ours = {name: _OURS[name](text) for name, text in given if name in _OURS}
    except (ValueError, KeyError) as error:
        fix = "Write postgresql://user@host:5432/database?schema=NAME&patience=SECONDS&prepare=true."
        raise InvalidValue("store", without_user(url), fix) from error
    return urlunsplit(parts._replace(query=urlencode([pair for pair in given if pair[0] not in _OURS]))), ours


def _postgres(url: str) -> AbstractContextManager[Store]:
    from wa_omnichannel.adapters.postgres import PostgresStore

    dsn, settings = _split(url)
    return PostgresStore(dsn, **settings)


def _apostgres(url: str) -> AbstractAsyncContextManager[AsyncStore]:
    from wa_omnichannel.adapters.postgres import AsyncPostgresStore

    dsn, settings = _split(url)
    return AsyncPostgresStore(dsn, **settings)


def _postgres_upkeep(url: str) -> Upkeep:
    from wa_omnichannel.adapters.postgres import PostgresStore

    dsn, settings = _split(url)
    return PostgresStore(dsn, **settings).upkeep


_POSTGRES = _Family(_postgres, _apostgres, _postgres_upkeep)
_FAMILIES: Mapping[str, _Family] = {
    "memory": _Family(_memory, _amemory, _no_upkeep),
    "sqlite": _Family(_sqlite, _asqlite, _sqlite_upkeep),
    "postgresql": _POSTGRES,
    "postgres": _POSTGRES,
}
