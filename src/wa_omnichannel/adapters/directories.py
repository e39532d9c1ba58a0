"""Directories of customers: in memory, in a CSV file, in a database, behind an HTTP service.

Each answers within its own time limit. For coroutines wrap one in :class:`AsyncDirectory`.
"""

from __future__ import annotations

import asyncio
import csv
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote
from urllib.request import Request, urlopen

import attrs

from wa_omnichannel._urls import checked_url
from wa_omnichannel.customers import Customer
from wa_omnichannel.errors import InvalidValue, MissingExtra, TransportUnavailable
from wa_omnichannel.ports import Directory
from wa_omnichannel.secret import Secret

PATIENCE = 2.0
"""Longest time in seconds that a service may take."""

_KNOWN = ("id", "first_name", "last_name", "active", "language", "preferred", "phone")
_NO = frozenset({"", "0", "false", "no", "off"})


def customer_of(record: Mapping[str, Any]) -> Customer:
    """Return the customer in a flat record; fields without a meaning of their own become attributes.

    >>> customer_of({"id": 7, "first_name": "Ana", "active": "yes", "preferred": "lucia, ben", "tier": "gold"})
    Customer(id='7', first_name='Ana', last_name='', active=True, attributes={'tier': 'gold'}, language=None, \
preferred=('lucia', 'ben'))
    """
    preferred = record.get("preferred") or ()
    names = preferred.split(",") if isinstance(preferred, str) else preferred
    return Customer(
        str(record["id"]),
        str(record.get("first_name") or ""),
        str(record.get("last_name") or ""),
        str(record.get("active", True)).strip().lower() not in _NO,
        {name: value for name, value in record.items() if name not in _KNOWN and value not in (None, "")},
        record.get("language") or None,
        tuple(str(name).strip() for name in names),
    )


class MemoryDirectory:
    """Customers in memory, by address.

    >>> ana = Customer("1", "Ana")
    >>> MemoryDirectory([(ana, ["+34600000001"])]).find(["+34600000001"])[0].name
    'Ana'
    """

    def __init__(self, entries: Iterable[tuple[Customer, Iterable[str]]] = ()) -> None:
        """Know these customers and their addresses."""
        self._entries = [(customer, frozenset(addresses)) for customer, addresses in entries]

    def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        """Return every record that has one of *addresses*."""
        return [customer for customer, known in self._entries if not known.isdisjoint(addresses)]

    def get(self, customer: str) -> Customer | None:
        """Return the record with this id, or None."""
        return next((known for known, _ in self._entries if known.id == customer), None)


class CsvDirectory:
    """Customers in a CSV file with the columns ``id`` and ``phone``, read again when it changes.

    Further columns: ``first_name``, ``last_name``, ``active``, ``language``, ``preferred``; all others are attributes.
    """

    def __init__(self, path: Path) -> None:
        """Read the file at *path* when it is asked for."""
        self._path = path
        self._read: tuple[float, MemoryDirectory] | None = None

    def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        """Return every record that has one of *addresses*."""
        return self._current().find(addresses)

    def get(self, customer: str) -> Customer | None:
        """Return the record with this id, or None."""
        return self._current().get(customer)

    def _current(self) -> MemoryDirectory:
        changed = self._path.stat().st_mtime
        if self._read is None or self._read[0] != changed:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            made = MemoryDirectory((customer_of(row), [row["phone"]]) for row in rows)
            self._read = (changed, made)
        return self._read[1]


class Connection(Protocol):
    """The part of a DB-API connection that is used."""

    def cursor(self) -> Any:
        """Return a cursor."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


@attrs.frozen
class SqlDirectory:
    """Customers in a database that has a DB-API driver, found by statements of one's own.

    Each statement has one parameter, in the style of the driver, and returns the columns of :func:`customer_of`.
    Set the driver's own time limit in *connect*.
    """

    connect: Callable[[], Connection]
    by_phone: str
    """For example ``SELECT id, first_name, active FROM customer WHERE mobile = ?``."""
    by_id: str

    def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        """Return every record that has one of *addresses*."""
        return [customer for address in addresses for customer in self._ask(self.by_phone, address)]

    def get(self, customer: str) -> Customer | None:
        """Return the record with this id, or None."""
        return next(iter(self._ask(self.by_id, customer)), None)

    def _ask(self, statement: str, value: str) -> Sequence[Customer]:
        with closing(self.connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(statement, (value,))
            names = [column[0] for column in cursor.description]
            return [customer_of(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def connect(url: str) -> Connection:
    """Open the database at *url* for reading: ``sqlite:///path`` or ``postgresql://…`` (extra ``postgres``).

    Raises:
        InvalidValue: It is another kind of address; never shows it, because it may hold a password.
        MissingExtra: The extra is not installed.
    """
    if url.startswith("sqlite:///"):
        where = quote(url.removeprefix("sqlite:///"))
        return sqlite3.connect(f"file:{where}?mode=ro", uri=True, timeout=PATIENCE)
    if not url.startswith(("postgresql://", "postgres://")):
        raise InvalidValue("database", "…", "Use sqlite:///path or postgresql://…")
    try:
        import psycopg
    except ImportError:
        raise MissingExtra.of("psycopg", "postgres") from None
    limit = int(PATIENCE * 1000)
    options = f"-c statement_timeout={limit} -c default_transaction_read_only=on"
    return psycopg.connect(url, connect_timeout=int(PATIENCE), options=options)


class HttpDirectory:
    """Customers behind an HTTP service that answers with JSON: a list of records, or one record or null.

    ``GET {url}?phone=%2B34600000001`` finds, ``GET {url}/{id}`` fetches.
    """

    def __init__(self, url: str, token: Secret | None = None, patience: float = PATIENCE) -> None:
        """Ask the service at *url*.

        Args:
            url: Its address.
            token: Sent as a bearer token.
            patience: Seconds it may take.

        Raises:
            InvalidValue: It is no address.
        """
        self._url = checked_url(url, "url")
        self._token, self._patience = token, patience

    def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        """Return every record that has one of *addresses*."""
        found = (self._get(f"?phone={quote(address, safe='')}") for address in addresses)
        return [customer_of(record) for records in found for record in records or ()]

    def get(self, customer: str) -> Customer | None:
        """Return the record with this id, or None."""
        record = self._get(f"/{quote(customer, safe='')}")
        return customer_of(record) if record else None

    def _get(self, rest: str) -> Any:
        request = Request(self._url + rest, headers={"Accept": "application/json"})  # noqa: S310 - checked_url
        if self._token is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self._token.reveal()}")
        try:
            with urlopen(request, timeout=self._patience) as answer:  # noqa: S310 - checked_url
                return json.load(answer)
        except (OSError, ValueError) as error:
            raise TransportUnavailable(f"The directory did not answer ({type(error).__name__}).") from None


class AsyncDirectory:
    """A directory for coroutines: asks a blocking one in a thread."""

    def __init__(self, directory: Directory) -> None:
        """Ask *directory*."""
        self._directory = directory

    async def find(self, addresses: Sequence[str]) -> Sequence[Customer]:
        """Return every record that has one of *addresses*."""
        return await asyncio.to_thread(self._directory.find, addresses)

    async def get(self, customer: str) -> Customer | None:
        """Return the record with this id, or None."""
        return await asyncio.to_thread(self._directory.get, customer)
