"""Time and identifiers: the machine's own, and movable ones for demonstrations and tests."""

from __future__ import annotations

import hmac
import os
import threading
import time
from datetime import UTC, datetime, timedelta

from wa_omnichannel.errors import InvalidValue


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """Return the current instant."""
        return datetime.now(UTC)


class OffsetClock:
    """A clock that runs like the machine's but can be moved forwards, for demonstrations and tests."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """Return the current instant plus everything it was moved by."""
        return datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        """Move the clock forwards."""
        self._offset += by


class FixedClock:
    """A clock that stands still until it is set, for tests."""

    def __init__(self, at: datetime) -> None:
        self._now = at

    def now(self) -> datetime:
        """Return the instant it was set to."""
        return self._now

    def set(self, at: datetime) -> None:
        """Set the clock to an instant."""
        self._now = at

    def advance(self, by: timedelta) -> None:
        """Move the clock."""
        self._now += by


class RandomIds:
    """Identifiers that sort by time and never repeat: 12 digits of milliseconds, 20 of chance, hexadecimal."""

    def new(self) -> str:
        """Return a new identifier of 32 characters."""
        return f"{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"


class CountingIds:
    """Identifiers 1, 2, 3, … with a prefix, for tests and narration."""

    def __init__(self, prefix: str = "id") -> None:
        self._prefix = prefix
        self._count = 0
        self._lock = threading.Lock()

    def new(self) -> str:
        """Return the next identifier."""
        with self._lock:
            self._count += 1
            return f"{self._prefix}{self._count}"


class KeyedHashes:
    """Pseudonyms: HMAC-SHA-256 with a key; see :class:`~wa_omnichannel.ports.Pseudonyms`.

    Keep the key as long as opt-outs of erased people must hold, and apart from the database.

    >>> KeyedHashes("0123456789abcdef").of("+34600000001")[:8]
    '5b03518e'
    """

    def __init__(self, key: str) -> None:
        """Use a secret *key* of at least 16 characters.

        Raises:
            InvalidValue: It is shorter.
        """
        if len(key) < 16:
            raise InvalidValue("key", "…", "Use at least 16 characters, for example secrets.token_hex(16).")
        self._key = key.encode()

    def of(self, address: str) -> str:
        """Return the keyed hash of *address*."""
        return hmac.digest(self._key, address.encode(), "sha256").hex()
